//! The doctor knows a journal of elsewhere, and a key that counts no more by the roster.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{made, named, set};
use crate::run::{Folder, Running, liandong, output, text};

#[test]
fn a_journal_that_another_office_began_is_named() {
    let folder = Folder::new("doctor-journal");
    let trial = made(&folder, "trial");
    let mut office = Running::start(
        liandong()
            .args(["office", "--config"])
            .arg(trial.join("990200/office.toml")),
    );
    office.wait_for("is on duty");
    office.signal("TERM");
    drop(office.end());
    assert_eq!(named(&trial, &["--offline"]), set(&[]));
    fs::copy(
        trial.join("990200/journal/990200.journal"),
        trial.join("990100/journal/990100.journal"),
    )
    .unwrap();
    assert_eq!(named(&trial, &["--offline"]), set(&["journal-office"]));
    // Nor does the office write in it.
    let refused = output(
        liandong()
            .args(["office", "--config"])
            .arg(trial.join("990100/office.toml")),
    );
    let told = text(&refused);
    assert_eq!(refused.status.code(), Some(65), "{told}");
    assert!(
        told.contains("is the journal of office \"990200\""),
        "{told}"
    );
}

#[test]
fn a_key_that_counts_no_more_and_a_journal_of_elsewhere_are_named() {
    let folder = Folder::new("doctor-roster");
    let trial = made(&folder, "trial");
    let offline = trial.join("region-offline");
    for end in [
        &["revoke", "990100"][..],
        &["expire", "990200", "--at", "2020-01-01T00:00:00+08:00"],
        &["expire", "990300", "--at", &in_a_week()],
    ] {
        let done = output(
            liandong()
                .arg("keys")
                .args(end)
                .arg("--region")
                .arg(&offline),
        );
        assert!(done.status.success(), "{}", text(&done));
    }
    for office in ["990100", "990200", "990300"] {
        fs::copy(
            offline.join("roster.log"),
            trial.join(office).join("roster.log"),
        )
        .unwrap();
    }
    let elsewhere = made(&folder, "elsewhere");
    let mut office = Running::start(
        liandong()
            .args(["office", "--config"])
            .arg(elsewhere.join("990100/office.toml")),
    );
    office.wait_for("is on duty");
    office.signal("TERM");
    drop(office.end());
    let journal = |region: &Path, office: &str| {
        region
            .join("990100/journal")
            .join(format!("{office}.journal"))
    };
    fs::copy(journal(&elsewhere, "990100"), journal(&trial, "990100")).unwrap();
    fs::copy(journal(&elsewhere, "990100"), journal(&trial, "990200")).unwrap();
    let expected = [
        "journal-network",
        "journal-office",
        "kept-out",
        "key-ends-soon",
        "key-expired",
        "key-revoked",
    ];
    let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
    assert_eq!(named(&trial, &["--offline"]), expected);
    // An office whose key counts no more does not start.
    let refused = output(
        liandong()
            .args(["office", "--config"])
            .arg(trial.join("990100/office.toml")),
    );
    assert_eq!(refused.status.code(), Some(78), "{}", text(&refused));
    assert!(text(&refused).contains("is revoked"), "{}", text(&refused));
}

pub(super) fn in_a_week() -> String {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let at = since + Duration::from_secs(7 * 86_400);
    let moment = protocol::Moment(u64::try_from(at.as_micros()).unwrap());
    protocol::Civil::at(moment, 480).rfc3339()
}

#[test]
fn a_journal_that_is_gone_and_a_roster_that_lacks_what_lies_beside_it_are_named() {
    let folder = Folder::new("doctor-gone");
    let trial = made(&folder, "trial");
    fs::remove_dir_all(trial.join("990100/journal")).unwrap();
    fs::create_dir(trial.join("990100/journal")).unwrap();
    assert_eq!(named(&trial, &["--offline"]), set(&["journal-missing"]));
    let offline = trial.join("region-offline");
    let mut revoke = liandong();
    revoke.args(["keys", "revoke", "op-990200", "--region"]);
    let revoked = output(revoke.arg(&offline));
    assert!(revoked.status.success(), "{}", text(&revoked));
    let newest = offline.join("roster.log");
    fs::copy(&newest, trial.join("990100/roster.log")).unwrap();
    let found = text(&output(
        liandong().args(["doctor", "--offline"]).arg(&trial),
    ));
    for office in ["990200", "990300"] {
        let file = trial.join(office).join("roster.log").display().to_string();
        let line = found
            .lines()
            .find(|it| it.starts_with("roster-old") && it.contains(&file));
        let line = line.unwrap_or_else(|| panic!("{office} is not named:\n{found}"));
        assert!(
            line.contains("copy ") && line.contains("of the same log"),
            "{line}"
        );
    }
    let first = trial.join("990100/roster.log").display().to_string();
    assert!(!found.contains(&format!("roster-old  {first}")), "{found}");
}
