//! Real processes die at drawn moments, and nothing that was recorded is lost, nothing promised twice.

pub(crate) mod checker;
mod disk;
mod faults;
pub(crate) mod ledger;
#[expect(
    dead_code,
    reason = "a storm's director is on the bus whenever the offices are"
)]
pub(crate) mod operators;
pub(crate) mod papers;
mod planted;
pub(crate) mod record;
mod region;
mod storm;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::run::{Folder, liandong, output, text};
use faults::MIX;
use papers::Papers;
use record::{Forgotten, Record};
use storm::Storm;

/// Kills of an ordinary run: enough to meet every kind of fault, which a storm goes on for if it must.
const KILLS: usize = 20;

/// What a run draws from, unless `LIANDONG_KILLS_SEED` says another seed.
const SEED: u64 = 7;

/// A number from the environment, for longer runs and to repeat one.
fn said(name: &str) -> Option<u64> {
    let said = std::env::var(name).ok()?;
    Some(
        said.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {said}")),
    )
}

#[test]
fn offices_and_buses_killed_at_any_moment_lose_nothing_and_promise_nothing_twice() {
    let kills = said("LIANDONG_KILLS").map_or(KILLS, |kills| usize::try_from(kills).unwrap());
    let seed = said("LIANDONG_KILLS_SEED").unwrap_or(SEED);
    let again = format!(
        "again: LIANDONG_KILLS={kills} LIANDONG_KILLS_SEED={seed} cargo test --test live kills"
    );
    let folder = Folder::new("kills");
    let mut storm = Storm::start(folder.path(), seed);
    storm.rage(kills);
    storm.heal();
    let (papers, record) = storm.settle();
    let account = checker::check(&papers, &record);
    let table = account.table(&record);
    // Past the harness, which keeps to itself what a passing test prints: the figures are the point.
    writeln!(std::io::stdout(), "{table}").unwrap();
    let faults = account.faults.join("\n");
    assert!(faults.is_empty(), "{faults}\n{table}\n{again}");
    assert_eq!(account.double_commits, 0, "{table}\n{again}");
    assert!(account.commits > 0, "nothing was promised\n{table}");
    for (fault, _) in MIX {
        assert!(record.count(fault) > 0, "no {fault:?}\n{table}");
    }
    assert!(record.forgotten_entries() > 0, "no disk forgot\n{table}");
    let far_off = storm::FAR.into();
    assert_eq!(account.clocks_far_off, far_off, "no wrong clock\n{table}");
    the_run_says_the_same(&folder.path().join("run"), &again);
    what_is_planted_is_found(&papers, &record);
}

/// The journals verify, and the drill found nothing wrong itself.
fn the_run_says_the_same(run: &Path, again: &str) {
    let verified = output(
        liandong()
            .args(["journal", "verify"])
            .arg(run.join("journals")),
    );
    let said = text(&verified);
    assert!(said.contains("5 journals, all sound"), "{said}\n{again}");
    let outcome = std::fs::read_to_string(run.join("outcome.json")).unwrap();
    let outcome: Value = serde_json::from_str(&outcome).unwrap();
    let right = [
        ("converged", json!(true)),
        ("violations", json!(0)),
        ("lost", json!(0)),
    ];
    for (what, right) in right {
        assert_eq!(outcome[what], right, "{what}: {outcome}\n{again}");
    }
}

/// A checker that finds nothing must be able to.
fn what_is_planted_is_found(papers: &Papers, record: &Record) {
    let finds = |record: &Record, words: &str| {
        let found = checker::check(papers, record).faults;
        assert!(found.iter().any(|it| it.contains(words)), "{words}");
    };
    let mut boasted = record.clone();
    let (office, log, seq) = boasted.ledger.pretend_recorded();
    finds(&boasted, "has lost kills-");
    // That a disk forgot it excuses nobody, if another held it then.
    let held = BTreeMap::from([(log, seq)]);
    boasted.forgotten.push(Forgotten {
        office,
        before: held.clone(),
        after: BTreeMap::new(),
        elsewhere: vec![BTreeMap::new(), held],
    });
    finds(&boasted, "has lost kills-");
    boasted.forgotten.last_mut().unwrap().elsewhere.pop();
    assert_eq!(checker::check(papers, &boasted).faults, [""; 0]);
    let mut right = record.clone();
    right.misdated[0].by_s = 0;
    finds(&right, "bears no time that is 0 s wrong");
    let mut forgot = record.clone();
    forgot.ledger.forget_one_recorded();
    finds(&forgot, "which nobody asked for there");
    let unit = planted::promise_twice(papers);
    finds(record, &format!(" of {unit} is void for its own office"));
    assert!(checker::check(papers, record).double_commits > 0, "{unit}");
    planted::pass_over(papers);
    finds(record, " has passed over kills-");
    let (office, journal) = papers.journals().pop().unwrap();
    disk::shorten(&journal, papers.network.id);
    finds(record, &format!("the journal of {office} lacks entry"));
}
