//! A drill over somebody else's bus: operators speak and towns help each other before, during and after
//! each fault, and what the journals hold is judged.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use protocol::{CommandReply, PartyId, RequestId};
use serde_json::{Value, json};

use crate::kills::checker::{self, Account};
use crate::kills::ledger::Answer;
use crate::kills::operators::{Operators, Saying};
use crate::kills::papers::Papers;
use crate::kills::record::Record;
use crate::lent::lent;
use crate::run::{PATIENCE, Running, liandong, output, text};
use crate::towns::{TOWNS, Town, equip, long_day};

/// How long an operator waits for an answer before the next word.
const ANSWER: Duration = Duration::from_millis(250);

/// A drill that runs.
pub(crate) struct Trial {
    run: PathBuf,
    drill: Running,
    papers: Papers,
    operators: Operators,
    replies: Receiver<CommandReply>,
    record: Record,
    stages: Vec<Stage>,
}

/// What was seen after something had happened.
struct Stage {
    after: &'static str,
    /// How long it took until every office had recorded another word.
    words: Duration,
    /// How long until units of other offices for a new call of each town stood in every journal.
    lent: Duration,
    /// How many units.
    units: usize,
}

impl Trial {
    /// Starts a drill over a bus and waits until it runs and towns have helped each other.
    pub(crate) fn start(folder: &Path, bus: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let run = folder.join("run");
        let mut drill = liandong();
        drill.arg("drill").arg(long_day(folder));
        drill.arg("--out").arg(&run);
        drill.args(["--headless", "--seed", "7", "--speed", "60"]);
        equip(&mut drill, folder);
        let mut drill = Running::start(drill.env("LIANDONG_BUS", bus));
        drill.wait_for("running");
        let papers = Papers::read(&run);
        let offices = TOWNS.map(Town::office);
        let (operators, replies) = Operators::start(&papers, &offices, bus);
        let mut trial = Self {
            run,
            drill,
            papers,
            operators,
            replies,
            record: Record::default(),
            stages: Vec::new(),
        };
        trial.goes_on_after("begun");
        trial
    }

    /// Operators call and speak until every office has recorded a word that was said after this, and
    /// every journal has units of another office for what each town called for after this.
    pub(crate) fn goes_on_after(&mut self, after: &'static str) {
        let began = Instant::now();
        let calls = TOWNS.map(|town| {
            let call = self.call(town.office(), town.call);
            self.is_heard(town.office(), (after, began));
            call
        });
        self.all_is_answered((after, began));
        let words = began.elapsed();
        let units = self.all_hold_units(&calls, (after, began));
        self.stages.push(Stage {
            after,
            words,
            lent: began.elapsed(),
            units,
        });
    }

    /// Calls for help in every town, whether anybody can hear it or not.
    pub(crate) fn call_in_vain(&mut self) {
        for town in TOWNS {
            self.call(town.office(), town.call);
        }
    }

    /// Waits until the drill says something that contains these words.
    pub(crate) fn says(&mut self, words: &str) {
        self.drill.wait_for(words);
    }

    /// Waits until something holds.
    pub(crate) fn waits_until(&mut self, what: &str, holds: impl Fn() -> bool) {
        let began = Instant::now();
        while !holds() {
            let patience = PATIENCE.as_secs();
            assert!(
                began.elapsed() < PATIENCE,
                "not within {patience} s: {what}"
            );
            self.listen();
        }
    }

    fn call(&mut self, office: PartyId, takes: &'static str) -> RequestId {
        let call = self.record.ledger.attempt(office, Saying::Call(takes));
        self.operators.send(call);
        call.request
    }

    /// Waits until an office has recorded a word that is said now.
    fn is_heard(&mut self, office: PartyId, (after, began): (&str, Instant)) {
        loop {
            let order = self.record.ledger.next_word(office);
            self.operators.send(order);
            self.listen();
            if let Answer::Recorded(..) = self.record.ledger.answer(order.request) {
                return;
            }
            let waited = began.elapsed();
            assert!(
                waited < PATIENCE,
                "{after}: {office} has recorded no word within {} s",
                PATIENCE.as_secs()
            );
        }
    }

    /// A call that nobody answered is made again under its number, and is taken once all the same.
    fn all_is_answered(&mut self, (after, began): (&str, Instant)) {
        while let Some(order) = self.record.ledger.unanswered(0) {
            assert!(
                began.elapsed() < PATIENCE,
                "{after}: {order:?} is not answered within {} s",
                PATIENCE.as_secs()
            );
            self.operators.send(order);
            self.listen();
        }
    }

    /// Waits until every journal has a unit of another office for each of these calls; how many it has.
    fn all_hold_units(&mut self, calls: &[RequestId], (after, began): (&str, Instant)) -> usize {
        let journals = self.papers.journals().into_iter();
        let journals: Vec<PathBuf> = journals.map(|(_, journal)| journal).collect();
        loop {
            let lent = lent(&journals, self.papers.network.id, calls);
            let without = lent.iter().filter(|(_, units)| units.is_empty());
            let without: Vec<&str> = without.map(|(call, _)| call.as_str()).collect();
            if without.is_empty() {
                return lent.values().map(std::collections::BTreeSet::len).sum();
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{after}: no unit of another office for {} stands in all of {} journals within {} s",
                without.join(", "),
                journals.len(),
                PATIENCE.as_secs()
            );
            self.listen();
        }
    }

    /// Hears what is answered, for as long as an operator waits.
    fn listen(&mut self) -> Vec<RequestId> {
        let until = Instant::now() + ANSWER;
        let mut answered = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(reply) = self.replies.recv_timeout(left) else {
                return answered;
            };
            self.record.ledger.hear(&reply);
            answered.push(reply.request);
        }
    }

    /// Whoever directs may be the last to find another node, and offices hear of the end from it.
    fn director_answers(&mut self) {
        let began = Instant::now();
        let request = "is-the-director-there".parse().unwrap();
        loop {
            self.operators.ask_director(request);
            if self.listen().contains(&request) {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "at the end: the director answers nobody within {} s",
                PATIENCE.as_secs()
            );
        }
    }

    /// Ends the drill: nothing is lost, nothing stands twice, all journals are equal.
    pub(crate) fn end(mut self, name: &str, again: &str) {
        self.director_answers();
        let Self {
            run,
            drill,
            papers,
            operators,
            record,
            stages,
            ..
        } = self;
        drop(operators);
        drill.signal("TERM");
        let (status, said) = drill.end();
        assert_eq!(status.code(), Some(143), "{said}\n{again}");
        assert!(!said.contains("denies"), "{said}\n{again}");
        let account = checker::check(&papers, &record);
        let outcome = std::fs::read_to_string(run.join("outcome.json")).unwrap();
        let outcome: Value = serde_json::from_str(&outcome).unwrap();
        let table = table(name, &stages, &account, &record, &outcome);
        // Past the harness, which keeps to itself what a passing test prints: the figures are the point.
        drop(writeln!(std::io::stdout(), "{table}"));
        let faults = account.faults.join("\n");
        assert!(faults.is_empty(), "{faults}\n{table}\n{said}\n{again}");
        assert_eq!(account.double_commits, 0, "{table}\n{again}");
        let seen: usize = stages.iter().map(|stage| stage.units).sum();
        let seen = u64::try_from(seen).unwrap();
        assert!(seen > 0 && account.commits >= seen, "{table}\n{again}");
        let right = BTreeMap::from([
            ("converged", json!(true)),
            ("violations", json!(0)),
            ("lost", json!(0)),
        ]);
        for (what, right) in right {
            assert_eq!(outcome[what], right, "{what}: {outcome}\n{said}\n{again}");
        }
        let verified = output(
            liandong()
                .args(["journal", "verify"])
                .arg(run.join("journals")),
        );
        let verified = text(&verified);
        assert!(
            verified.contains("5 journals, all sound"),
            "{verified}\n{again}"
        );
        what_is_planted_is_found(&papers, record);
    }
}

/// What was seen, in lines.
fn table(
    name: &str,
    stages: &[Stage],
    account: &Account,
    record: &Record,
    outcome: &Value,
) -> String {
    let stages = stages.iter().map(|stage| {
        let Stage { after, units, .. } = stage;
        let (words, lent) = (stage.words.as_secs_f64(), stage.lent.as_secs_f64());
        format!("  {after}: words in {words:.1} s, {units} units lent in {lent:.1} s")
    });
    let stages = stages.collect::<Vec<_>>().join("\n");
    let table = account.table(record);
    format!(
        "{name}\n{stages}\n  refused {}\n{table}",
        outcome["refused"]
    )
}

/// A checker that finds nothing must be able to.
fn what_is_planted_is_found(papers: &Papers, mut record: Record) {
    record.ledger.forget_one_recorded();
    let found = checker::check(papers, &record).faults;
    let words = "which nobody asked for there";
    assert!(found.iter().any(|it| it.contains(words)), "{found:?}");
}
