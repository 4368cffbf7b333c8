//! A drill over somebody else's bus: operators speak before, during and after each fault, every office
//! has to answer, and what the journals hold is judged.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use protocol::{CommandReply, PartyId};
use serde_json::{Value, json};

use crate::kills::checker;
use crate::kills::ledger::Answer;
use crate::kills::operators::{Operators, Saying};
use crate::kills::papers::Papers;
use crate::kills::record::Record;
use crate::run::{PATIENCE, QUIET_DAY, Running, liandong, output, text};

/// The offices of the drill that have an operator.
const OFFICES: [&str; 3] = ["990100", "990200", "990300"];

/// How long an operator waits for an answer before the next word.
const ANSWER: Duration = Duration::from_millis(250);

/// What a town takes crews of its neighbours for.
const CALL: &str = "fire-rescue=6x30m";

/// A drill that runs.
pub(crate) struct Trial {
    run: std::path::PathBuf,
    drill: Running,
    papers: Papers,
    operators: Operators,
    replies: Receiver<CommandReply>,
    record: Record,
    /// How long it took after each fault until every office had recorded another word.
    spans: Vec<(&'static str, Duration)>,
}

impl Trial {
    /// Starts a drill over a bus and waits until it runs.
    pub(crate) fn start(folder: &Path, bus: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let run = folder.join("run");
        let quiet = std::fs::read_to_string(QUIET_DAY).unwrap();
        assert!(quiet.contains("duration = \"6h\""));
        let scenario = folder.join("scenario.toml");
        let long = quiet.replace("duration = \"6h\"", "duration = \"48h\"");
        std::fs::write(&scenario, long).unwrap();
        let mut drill = liandong();
        drill.arg("drill").arg(scenario).arg("--out").arg(&run);
        drill.args(["--headless", "--seed", "7", "--speed", "60"]);
        let mut drill = Running::start(drill.args(["--bus", bus]));
        drill.wait_for("running");
        let papers = Papers::read(&run);
        let offices = OFFICES.map(|it| it.parse().unwrap());
        let (operators, replies) = Operators::start(&papers, &offices, bus);
        let mut trial = Self {
            run,
            drill,
            papers,
            operators,
            replies,
            record: Record::default(),
            spans: Vec::new(),
        };
        trial.all_answer("begun");
        trial
    }

    /// Operators speak until every office has recorded a word that was said after this.
    pub(crate) fn all_answer(&mut self, after: &'static str) {
        let began = Instant::now();
        for office in OFFICES.map(|it| it.parse::<PartyId>().unwrap()) {
            let call = self.record.ledger.attempt(office, Saying::Call(CALL));
            self.operators.send(call);
            loop {
                assert!(began.elapsed() < PATIENCE, "{after}: {office} is silent");
                let order = self.record.ledger.attempt(office, Saying::Note);
                self.operators.send(order);
                self.listen();
                if matches!(
                    self.record.ledger.answer(order.request),
                    Answer::Recorded(..)
                ) {
                    break;
                }
            }
        }
        // A call that nobody answered is made again under its number, and is taken once all the same.
        while let Some(order) = self.record.ledger.unanswered(0) {
            assert!(
                began.elapsed() < PATIENCE,
                "{after}: {order:?} is not answered"
            );
            self.operators.send(order);
            self.listen();
        }
        self.spans.push((after, began.elapsed()));
    }

    fn listen(&mut self) {
        let until = Instant::now() + ANSWER;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(reply) = self.replies.recv_timeout(left) else {
                return;
            };
            self.record.ledger.hear(&reply);
        }
    }

    /// Waits for as many of the lines that the drill says every five seconds.
    pub(crate) fn go_on(&mut self, lines: usize) {
        for _ in 0..lines {
            self.drill.wait_for("running");
        }
    }

    /// Ends the drill: nothing is lost, nothing stands twice, all journals are equal.
    pub(crate) fn end(mut self, name: &str, again: &str) {
        // Whoever directs may have been the last to find another node; offices hear of the end from it.
        let began = Instant::now();
        while self.drill.wait_for("running").contains("the bus is gone") {
            assert!(began.elapsed() < PATIENCE, "the director finds no node");
        }
        let Self {
            run,
            drill,
            papers,
            operators,
            record,
            spans,
            ..
        } = self;
        drop(operators);
        drill.signal("TERM");
        let (status, said) = drill.end();
        assert_eq!(status.code(), Some(143), "{said}\n{again}");
        assert!(!said.contains("denies"), "{said}\n{again}");
        let account = checker::check(&papers, &record);
        let table = account.table(&record);
        let outcome = std::fs::read_to_string(run.join("outcome.json")).unwrap();
        let outcome: Value = serde_json::from_str(&outcome).unwrap();
        let spans = spans.iter();
        let spans = spans.map(|(after, span)| format!("{after} {:.1} s", span.as_secs_f64()));
        let spans = spans.collect::<Vec<_>>().join(", ");
        // Past the harness, which keeps to itself what a passing test prints: the figures are the point.
        drop(writeln!(
            std::io::stdout(),
            "{name}: every office had recorded another word after: {spans}\n{}\n{table}",
            outcome["refused"]
        ));
        let faults = account.faults.join("\n");
        assert!(faults.is_empty(), "{faults}\n{table}\n{said}\n{again}");
        assert_eq!(account.double_commits, 0, "{table}\n{again}");
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

/// A checker that finds nothing must be able to.
fn what_is_planted_is_found(papers: &Papers, mut record: Record) {
    record.ledger.forget_one_recorded();
    let found = checker::check(papers, &record).faults;
    let words = "which nobody asked for there";
    assert!(found.iter().any(|it| it.contains(words)), "{found:?}");
}
