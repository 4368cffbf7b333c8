//! From nothing to a working region: three offices from `init`, each a process with a bus of its own.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::run::{Folder, PATIENCE, Running, liandong, output, text};

const OFFICES: [&str; 3] = ["990100", "990200", "990300"];

#[test]
fn three_offices_from_init_share_a_report_and_refuse_a_revoked_operator() {
    let folder = Folder::new("duty");
    let trial = folder.path().join("trial");
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let again = output(liandong().arg("init").arg(&trial));
    assert_eq!(again.status.code(), Some(77), "{}", text(&again));

    let mut offices = OFFICES.map(|office| start(&trial, office));
    for office in &mut offices {
        office.wait_for("is on duty");
    }
    let call = [
        "report", "--place", "码头", "--event", "flood", "--need", "pump=2",
    ];
    let taken = command(&trial, OFFICES[0], &call);
    assert!(taken.status.success(), "{}", text(&taken));
    let told = text(&taken);
    assert!(told.starts_with("【测试】done: 990100-1-1"), "{told}");
    let needs = text(&command(&trial, OFFICES[0], &["needs"]));
    let need = needs.split_whitespace().nth(1).unwrap();
    let asked = command(
        &trial,
        OFFICES[0],
        &["update", need, "--audience", "region"],
    );
    assert!(asked.status.success(), "{}", text(&asked));
    for other in &OFFICES[1..] {
        until(&trial, other, &["needs"], |seen| {
            text(seen).contains("码头")
        });
    }

    let healthy = output(liandong().arg("doctor").arg(&trial));
    assert!(healthy.status.success(), "{}", text(&healthy));

    let [first, second, third] = offices;
    ends(third);
    revoke_at(&trial, &["op-990200", "op-990300"], OFFICES[0]);
    first.signal("HUP");
    // It came to the second over the bus, and the third was away.
    let refused = |seen: &Output| seen.status.code() == Some(77);
    until(&trial, OFFICES[1], &["note", "x"], refused);
    assert!(!refused(&command(&trial, OFFICES[0], &["note", "x"])));
    let mut third = start(&trial, OFFICES[2]);
    third.wait_for("is on duty");
    until(&trial, OFFICES[2], &["note", "x"], refused);
    for office in [first, second, third] {
        ends(office);
    }
    // Who learned of it on the bus has it in its roster file as well.
    let doctor = output(liandong().arg("doctor").arg(&trial).arg("--offline"));
    assert!(!text(&doctor).contains("roster-old"), "{}", text(&doctor));
    for office in OFFICES {
        let kept = std::fs::read(trial.join(office).join("roster.log")).unwrap();
        let signed = std::fs::read(trial.join("region-offline/roster.log")).unwrap();
        assert_eq!(kept, signed, "office {office}");
    }
    verifies_itself(&trial, folder.path());
}

/// The journals that `init` made are verified, signatures and all, or it is said that they are not.
fn verifies_itself(trial: &Path, folder: &Path) {
    let verify = |args: &[&Path]| output(liandong().args(["journal", "verify"]).args(args));
    for office in OFFICES {
        let sound = verify(&[&trial.join(office).join("journal")]);
        assert!(sound.status.success(), "{}", text(&sound));
        assert!(text(&sound).contains("signatures hold"), "{}", text(&sound));
    }
    let bare = folder.join("bare.journal");
    std::fs::copy(trial.join("990100/journal/990100.journal"), &bare).unwrap();
    let half = verify(&[&bare]);
    assert_eq!(half.status.code(), Some(78), "{}", text(&half));
    let told = text(&half);
    assert!(
        told.contains("signatures not checked") && !told.contains("sound"),
        "{told}"
    );
    let config = trial.join("990100/office.toml");
    for asked in [&[][..], &[bare.as_path()]] {
        let sound = verify(&[&[Path::new("--config"), &config], asked].concat());
        assert!(sound.status.success(), "{}", text(&sound));
        assert!(text(&sound).contains("signatures hold"), "{}", text(&sound));
    }
}

#[test]
fn an_office_that_joins_a_region_later_is_admitted_and_hears_what_the_others_need() {
    let folder = Folder::new("joining");
    let trial = folder.path().join("trial");
    let init = |more: &[&str]| output(liandong().arg("init").arg(&trial).args(more));
    let made = init(&["--offices", "990100,990200"]);
    assert!(made.status.success(), "{}", text(&made));
    let first = start(&trial, OFFICES[0]);
    let offline = trial.join("region-offline");
    let into = ["--into", offline.to_str().unwrap(), "--offices", "990300"];
    let joined = init(&into);
    assert!(joined.status.success(), "{}", text(&joined));
    assert!(
        text(&joined).contains("they know 2 others"),
        "{}",
        text(&joined)
    );
    let again = init(&into);
    assert_eq!(again.status.code(), Some(65), "{}", text(&again));
    let sound = output(
        liandong()
            .arg("doctor")
            .arg(trial.join("990300"))
            .arg("--offline"),
    );
    assert!(sound.status.success(), "{}", text(&sound));

    let mut first = first;
    first.wait_for("is on duty");
    hand_roster(&offline, &trial, OFFICES[0]);
    first.signal("HUP");
    first.wait_for("roster.log anew, ");
    let mut third = start(&trial, OFFICES[2]);
    third.wait_for("is on duty");
    let call = [
        "report", "--place", "码头", "--event", "flood", "--need", "pump=2",
    ];
    assert!(command(&trial, OFFICES[0], &call).status.success());
    let needs = text(&command(&trial, OFFICES[0], &["needs"]));
    let need = needs.split_whitespace().nth(1).unwrap();
    let asked = ["update", need, "--audience", "region"];
    assert!(command(&trial, OFFICES[0], &asked).status.success());
    until(&trial, OFFICES[2], &["needs"], |seen| {
        text(seen).contains("码头")
    });
    ends(first);
    ends(third);
}

fn hand_roster(offline: &Path, trial: &Path, office: &str) {
    let roster = trial.join(office).join("roster.log");
    std::fs::copy(offline.join("roster.log"), roster).unwrap();
}

/// Revokes these parties where the region's key lies, and hands the roster to one office alone.
fn revoke_at(trial: &Path, parties: &[&str], office: &str) {
    let offline = trial.join("region-offline");
    for party in parties {
        let done = output(
            liandong()
                .args(["keys", "revoke", party, "--region"])
                .arg(&offline),
        );
        assert!(done.status.success(), "{}", text(&done));
    }
    let shown = output(
        liandong()
            .args(["keys", "show"])
            .arg(offline.join("roster.log")),
    );
    assert_eq!(
        text(&shown).matches("revoked").count(),
        parties.len(),
        "{}",
        text(&shown)
    );
    hand_roster(&offline, trial, office);
}

fn start(trial: &Path, office: &str) -> Running {
    let config = trial.join(office).join("office.toml");
    Running::start(liandong().args(["office", "--config"]).arg(config))
}

fn ends(office: Running) {
    office.signal("TERM");
    let (status, said) = office.end();
    assert_eq!(status.code(), Some(143), "{said}");
}

fn command(trial: &Path, office: &str, action: &[&str]) -> Output {
    output(&mut asking(trial, office, action))
}

fn asking(trial: &Path, office: &str, action: &[&str]) -> Command {
    let mut command = liandong();
    command.args(["command", "--wait-s", "5", "--config"]);
    command
        .arg(trial.join(office).join("operator.toml"))
        .args(action);
    command
}

/// Asks an office until it answers as is expected: what one office wrote reaches the others when it does.
fn until(trial: &Path, office: &str, action: &[&str], expected: impl Fn(&Output) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = command(trial, office, action);
        if expected(&seen) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "office {office}: {}",
            text(&seen)
        );
    }
}

#[test]
fn what_an_office_on_duty_refuses_is_told_at_the_first_and_counted_to_the_end() {
    let folder = Folder::new("duty-refuses");
    let trial = folder.path().join("trial");
    let mut init = liandong();
    let made = output(init.args(["init", "--offices", "990100"]).arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let mut office = start(&trial, "990100");
    office.wait_for("is on duty");
    let own = trial.join("990100");
    let said = std::fs::read_to_string(own.join("operator.toml")).unwrap();
    let address = said.split("mqtts://").nth(1).unwrap();
    let (host, port) = address.split('"').next().unwrap().split_once(':').unwrap();
    let network = std::fs::read_to_string(own.join("network.toml")).unwrap();
    let net = network.split("id = \"").nth(1).unwrap();
    let topic = format!(
        "liandong/1/{}/command/990100",
        net.split('"').next().unwrap()
    );
    // Its gate lets the operator in, and what it says there is signed by nobody.
    for _ in 0..4 {
        let mut publish = Command::new("mosquitto_pub");
        publish.args(["-h", host, "-p", port, "-t", &topic, "-q", "1"]);
        publish.args(["-i", "op-990100-x", "-m", r#"{"from":"op-990100"}"#]);
        for (option, file) in [
            ("--cafile", "ca.pem"),
            ("--cert", "operator.tls.pem"),
            ("--key", "operator.tls.key"),
        ] {
            publish.arg(option).arg(own.join(file));
        }
        let published = output(&mut publish);
        assert!(published.status.success(), "{}", text(&published));
    }
    office.wait_for("count=1");
    office.wait_for("count=2");
    office.wait_for("count=4");
    office.signal("HUP");
    let told = office.wait_for("refused so far");
    assert!(told.contains("R07 4 of nobody named"), "{told}");
    office.signal("TERM");
    let (status, said) = office.end();
    assert_eq!(status.code(), Some(143), "{said}");
    assert_eq!(said.matches("R07 4 of nobody named").count(), 2, "{said}");
}

#[test]
fn an_office_whose_own_key_is_rotated_ends_and_says_how_it_goes_on() {
    let folder = Folder::new("duty-rotated");
    let trial = folder.path().join("trial");
    let mut init = liandong();
    init.args(["init", "--offices", "990100,990200"]);
    let made = output(init.arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let old_roster = std::fs::read(trial.join("990200/roster.log")).unwrap();
    let (mut first, mut second) = (start(&trial, OFFICES[0]), start(&trial, OFFICES[1]));
    first.wait_for("is on duty");
    second.wait_for("is on duty");

    let offline = trial.join("region-offline");
    let mut fresh = liandong();
    fresh.args([
        "keys", "make", "990200", "--role", "city", "--area", "990200",
    ]);
    fresh.args(["--circle", "north-bay"]);
    fresh.arg("--network").arg(offline.join("network.toml"));
    let made = output(fresh.arg("--out").arg(folder.path()));
    assert!(made.status.success(), "{}", text(&made));
    let mut rotate = liandong();
    // At once, and not in a day: it learns of its end when it is there.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = protocol::Moment(0) + protocol::Span::seconds(now.as_secs());
    let now = protocol::Civil::at(now, 480).rfc3339();
    rotate.args(["keys", "rotate", "--until", &now, "--region"]);
    rotate.arg(&offline);
    let rotated = output(rotate.arg(folder.path().join("990200.pub")));
    assert!(rotated.status.success(), "{}", text(&rotated));
    let told = text(&rotated);
    assert!(told.contains("and start 990200 again"), "{told}");

    // The roster goes to the first office alone; the second hears of its own end from there.
    hand_roster(&offline, &trial, OFFICES[0]);
    first.signal("HUP");
    let (status, said) = second.end();
    assert_eq!(status.code(), Some(77), "{said}");
    assert!(
        said.contains("has expired; nobody believes what it says"),
        "{said}"
    );
    // What it learned holds after a restart, even where its roster file is old again.
    std::fs::write(trial.join("990200/roster.log"), old_roster).unwrap();
    let mut again = liandong();
    again.args(["office", "--config"]);
    let refused = output(again.arg(trial.join("990200/office.toml")));
    assert_eq!(refused.status.code(), Some(78), "{}", text(&refused));
    assert!(text(&refused).contains("has expired"), "{}", text(&refused));

    hand_roster(&offline, &trial, OFFICES[1]);
    std::fs::copy(
        folder.path().join("990200.key"),
        trial.join("990200/office.key"),
    )
    .unwrap();
    let mut second = start(&trial, OFFICES[1]);
    second.wait_for("is on duty");
    ends(first);
    ends(second);
}
