//! A joint drill whose offices are on machines of their own: cables are pulled out and put back while
//! towns ask each other for units, and in the end nobody has lost a word or promised a unit twice.

mod ground;
mod machines;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use protocol::{CommandReply, Machine, Outcome, PartyId, RequestId};
use serde_json::{Value, json};

use crate::kills::checker;
use crate::kills::ledger::Answer;
use crate::kills::operators::Saying;
use crate::kills::papers::Papers;
use crate::kills::record::Record;
use crate::lent::lent;
use crate::run::{Folder, PATIENCE, Running, liandong, output, text};
use crate::towns::{TOWNS, Town, equip, long_day};
use ground::Ground;

/// The offices that take part from elsewhere; the first town is where the drill is directed.
const GUESTS: [Town; 2] = [TOWNS[1], TOWNS[2]];

/// A joint drill that runs. Its processes end before the ground is taken away.
struct Joint {
    drill: Running,
    guests: Vec<Running>,
    run: PathBuf,
    papers: Papers,
    record: Record,
    /// Units that were seen to be lent.
    units: usize,
    /// What was seen, in lines.
    seen: Vec<String>,
    ground: Ground,
}

impl Joint {
    fn start(folder: &Path, mut ground: Ground) -> Self {
        let run = folder.join("run");
        let mut drill = liandong();
        drill.arg("drill").arg(long_day(folder));
        drill.arg("--out").arg(&run);
        drill.args(["--headless", "--seed", "7", "--speed", "60"]);
        equip(&mut drill, folder);
        for guest in GUESTS {
            drill.args(["--guest", guest.office().as_str()]);
        }
        ground.open_door(&mut drill);
        let mut drill = Running::start(&mut ground.here(drill));
        drill.wait_for("running");
        let guests = (0..GUESTS.len()).map(|number| {
            let invitation = invitation(&run, GUESTS[number].office());
            Running::start(&mut ground.guest(number, &invitation))
        });
        let guests = guests.collect();
        let mut joint = Self {
            drill,
            guests,
            papers: Papers::read(&run),
            run,
            record: Record::default(),
            units: 0,
            seen: Vec::new(),
            ground,
        };
        joint.all_guests("has come");
        joint
    }

    /// Waits until the drill has said this of every guest since it was last asked.
    fn all_guests(&mut self, what: &str) {
        let mut missing: BTreeSet<PartyId> = GUESTS.map(Town::office).into();
        while !missing.is_empty() {
            let line = self.drill.wait_for(what);
            missing.retain(|office| !line.contains(office.as_str()));
        }
    }

    /// An operator takes a call at a town, until it is recorded.
    fn call(&mut self, town: Town) -> RequestId {
        let saying = Saying::Call(town.call);
        let order = self.record.ledger.attempt(town.office(), saying);
        let (request, began) = (order.request, Instant::now());
        let mut command = liandong();
        command.args(["command", "--office", town.office().as_str(), "--run"]);
        command.arg(&self.run).args(["--request", request.as_str()]);
        command.args(["report", "--event", "building-fire", "--need", town.call]);
        command.args(["--place", request.as_str()]);
        let mut command = self.ground.here(command);
        loop {
            let answer = output(&mut command);
            if answer.status.success() {
                self.record.ledger.hear(&reply(request, &text(&answer)));
                let answer = self.record.ledger.answer(request);
                assert!(matches!(answer, Answer::Recorded(..)), "{answer:?}");
                return request;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{} records no call within {} s: {}",
                town.office(),
                PATIENCE.as_secs(),
                text(&answer)
            );
        }
    }

    /// Waits until all these journals have a unit of another office for each of these calls.
    fn helped(&mut self, after: &str, calls: &[RequestId], journals: &[PathBuf]) {
        let began = Instant::now();
        loop {
            let lent = lent(journals, self.papers.network.id, calls);
            let without = lent.iter().filter(|(_, units)| units.is_empty());
            let without: Vec<&str> = without.map(|(call, _)| call.as_str()).collect();
            if without.is_empty() {
                let units = lent.values().map(BTreeSet::len).sum::<usize>();
                let (all, took) = (journals.len(), began.elapsed().as_secs_f64());
                self.units += units;
                self.seen.push(format!(
                    "  {after}: {units} units lent, in {all} journals after {took:.1} s"
                ));
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{after}: no unit of another office for {} stands in all of {} journals within {} s",
                without.join(", "),
                journals.len(),
                PATIENCE.as_secs()
            );
            // The drill speaks every five seconds, and lends while it does.
            self.drill.wait_for("running");
        }
    }

    /// The journals of everybody but these guests.
    fn journals_without(&self, off: &[Town]) -> Vec<PathBuf> {
        let here = self.papers.journals().into_iter();
        let here = here.map(|(_, journal)| journal);
        let off: Vec<PartyId> = off.iter().map(|town| town.office()).collect();
        let guests = GUESTS.map(Town::office).into_iter();
        let guests = guests.filter(|office| !off.contains(office));
        here.chain(guests.map(|office| guest_journal(&self.run, office)))
            .collect()
    }

    /// Everybody calls, and everybody is helped.
    fn goes_on(&mut self, after: &str) {
        let calls = TOWNS.map(|town| self.call(town));
        self.helped(after, &calls, &self.journals_without(&[]));
    }

    /// A guest is cut off: the others help each other, and who asks for the guest's units waits.
    fn without_a_guest(&mut self) {
        let [lost, left] = GUESTS;
        self.ground.cut(0);
        self.drill
            .wait_for(&format!("guest {} has left", lost.office()));
        let in_vain = self.call(TOWNS[0]);
        let helped = self.call(left);
        self.helped(
            "a guest's line was cut",
            &[helped],
            &self.journals_without(&[lost]),
        );
        self.ground.heal(0);
        self.drill
            .wait_for(&format!("guest {} has come", lost.office()));
        self.helped(
            "it was whole again",
            &[in_vain, helped],
            &self.journals_without(&[]),
        );
    }

    /// Everybody is cut from everybody.
    fn without_a_director(&mut self) {
        self.ground.cut_director();
        self.all_guests("has left");
        let in_vain = self.call(TOWNS[0]);
        self.ground.heal_director();
        self.all_guests("has come");
        self.helped(
            "the director's line was cut and whole again",
            &[in_vain],
            &self.journals_without(&[]),
        );
    }

    /// Ends the drill, then the guests, and judges what all of them hold.
    fn end(self, again: &str) {
        let Self {
            drill,
            guests,
            run,
            papers,
            mut record,
            units,
            seen,
            ground,
        } = self;
        drill.signal("TERM");
        // It waits until the guests, who are there, say that they hold what all others hold.
        let (status, said) = drill.end();
        assert_eq!(status.code(), Some(143), "{said}\n{again}");
        for (guest, town) in guests.into_iter().zip(GUESTS) {
            guest.signal("TERM");
            let (status, said) = guest.end();
            assert_eq!(status.code(), Some(143), "{said}\n{again}");
            let to = papers.journal(town.office());
            fs::copy(guest_journal(&run, town.office()), to).unwrap();
        }
        let account = checker::check(&papers, &record);
        let seen = seen.join("\n");
        let table = format!("{seen}\n{}", account.table(&record));
        drop(writeln!(
            std::io::stdout(),
            "a joint drill {}\n{table}",
            ground.in_words()
        ));
        let faults = account.faults.join("\n");
        assert!(faults.is_empty(), "{faults}\n{table}\n{said}\n{again}");
        assert_eq!(account.double_commits, 0, "{table}\n{again}");
        let units = u64::try_from(units).unwrap();
        assert!(units > 0 && account.commits >= units, "{table}\n{again}");
        let outcome = fs::read_to_string(run.join("outcome.json")).unwrap();
        let outcome: Value = serde_json::from_str(&outcome).unwrap();
        let right = [
            ("converged", json!(true)),
            ("violations", json!(0)),
            ("lost", json!(0)),
        ];
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
        // A checker that finds nothing must be able to.
        record.ledger.forget_one_recorded();
        let planted = checker::check(&papers, &record).faults;
        let words = "which nobody asked for there";
        assert!(planted.iter().any(|it| it.contains(words)), "{planted:?}");
    }
}

fn invitation(run: &Path, guest: PartyId) -> PathBuf {
    run.join("guests").join(guest.as_str())
}

fn guest_journal(run: &Path, guest: PartyId) -> PathBuf {
    let journals = invitation(run, guest).join("journals");
    journals.join(format!("{guest}.journal"))
}

/// The answer that the shell printed.
fn reply(request: RequestId, said: &str) -> CommandReply {
    let (_, place) = said.split_once("recorded as entry ").expect(said);
    let (seq, log) = place.split_once(" of ").expect(said);
    let (log, _) = log.split_once(';').expect(said);
    CommandReply {
        request,
        outcome: Outcome::Done {
            log: log.parse().unwrap(),
            seq: seq.parse().unwrap(),
            about: String::new(),
            held_by: Vec::new(),
            remark: None,
        },
        machine: Machine::Serving,
    }
}

fn drill_over(folder: &Path, ground: Ground, again: &str) {
    let mut joint = Joint::start(folder, ground);
    joint.goes_on("begun");
    joint.without_a_guest();
    joint.without_a_director();
    joint.goes_on("everybody was there again");
    joint.end(again);
}

#[test]
fn a_joint_drill_across_machines_whose_cables_are_pulled_out_loses_nothing_and_lends_nothing_twice()
{
    let folder = Folder::new("joint");
    fs::create_dir_all(folder.path()).unwrap();
    let ground = Ground::best(folder.path(), "joint");
    let again = "again: cargo test --test live joint::a_joint_drill_across_machines";
    drill_over(folder.path(), ground, again);
}

#[test]
fn a_joint_drill_over_lines_that_stand_still_loses_nothing_and_lends_nothing_twice() {
    let folder = Folder::new("joint-lines");
    fs::create_dir_all(folder.path()).unwrap();
    let again = "again: cargo test --test live joint::a_joint_drill_over_lines";
    drill_over(folder.path(), Ground::Proxies(Vec::new()), again);
}
