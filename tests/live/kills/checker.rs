//! The checker: reads every journal and holds it against what was attempted and answered.
//!
//! After bus.md, section 18: what counts is what is durable in each journal, never an acknowledgement of
//! the bus. An entry that stood on one disk alone when that disk forgot it was recorded and held by
//! nobody else; it is counted by itself, since nothing can bring it back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use journal::Journal;
use picture::{Picture, VoidEntry};
use protocol::{
    Body, Decoder, Envelope, Hash, LogKey, Moment, PartyId, ReportKind, RequestId, Roster, Wall,
};
use simulator::Judge;

use super::ledger::{Answer, PREFIX};
use super::papers::{Papers, enrol};
use super::record::{Misdated, Record};
use crate::run::PATIENCE;

/// An entry's place.
type Place = (LogKey, u64);

/// What one journal holds.
struct Holding {
    places: BTreeMap<Place, Hash>,
    /// The wall clock of its author when each was written.
    sent: BTreeMap<Place, Wall>,
    /// Where each request stands.
    requests: BTreeMap<RequestId, Vec<Place>>,
    /// Of those places, such as a later life passed over: they count nothing.
    passed_over: BTreeSet<Place>,
    picture: Hash,
    violations: Vec<String>,
    double_commits: u64,
    aid_commits: u64,
}

/// What became of what was attempted, for one office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Commands sent to it.
    pub(crate) attempted: usize,
    /// Commands that it said to have recorded.
    pub(crate) recorded: usize,
    /// Commands of all offices that its journal holds.
    pub(crate) held: usize,
    /// Of those, such as were recorded and missing here when the office came back.
    pub(crate) recovered: usize,
    /// Commands of any office that were recorded and are not in its journal.
    pub(crate) lost: usize,
}

/// The account of a storm.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub(crate) rows: BTreeMap<PartyId, Row>,
    /// What must not be, in words.
    pub(crate) faults: Vec<String>,
    /// Commands without an answer that stand in the journals.
    pub(crate) appeared: usize,
    /// Commands that stood on one disk alone when it forgot them.
    pub(crate) disk_alone: usize,
    pub(crate) entries: usize,
    /// Units and stocks that were promised, by any office.
    pub(crate) commits: u64,
    pub(crate) double_commits: u64,
    /// Clocks that were far off, and entries' times show it: by how many seconds each was.
    pub(crate) clocks_far_off: BTreeSet<i64>,
}

/// Reads all journals, which no office has open any more.
pub(crate) fn check(papers: &Papers, record: &Record) -> Account {
    let holdings: BTreeMap<PartyId, Holding> = papers
        .journals()
        .into_iter()
        .map(|(office, _)| (office, hold(papers, office)))
        .collect();
    let mut account = Account::default();
    for (office, holding) in &holdings {
        account.entries = account.entries.max(holding.places.len());
        account.commits = account.commits.max(holding.aid_commits);
        account.double_commits += holding.double_commits;
        let wrong = holding.violations.iter();
        account
            .faults
            .extend(wrong.map(|it| format!("{office}: {it}")));
    }
    account.compare(&holdings);
    account.expect_only(record, &holdings);
    account.count(record, &holdings);
    account.date(record, &holdings);
    account
}

/// Reads a journal: its chains by opening it, its signatures, its fold.
fn hold(papers: &Papers, office: PartyId) -> Holding {
    let network = &papers.network;
    let (_journal, opened) = Journal::open(&papers.journal(office), network.id).unwrap();
    let mut decoder = Decoder::new(network.clone());
    let mut roster = Roster::new(network);
    let mut judge = Judge::new(network.clone());
    let mut holding = Holding {
        places: BTreeMap::new(),
        sent: BTreeMap::new(),
        requests: BTreeMap::new(),
        passed_over: BTreeSet::new(),
        picture: Hash::default(),
        violations: Vec::new(),
        double_commits: 0,
        aid_commits: 0,
    };
    for envelope in &opened.envelopes {
        let header = envelope.header();
        let place = (header.log, header.seq);
        holding.sent.insert(place, header.sent);
        if let Err(refusal) = decoder.envelope(envelope.line(), &roster) {
            let what = format!("entry {} of {}: {refusal}", header.seq, header.log);
            holding.violations.push(what);
        }
        if header.log.author == network.region {
            enrol(&mut roster, envelope);
        }
        if holding.places.insert(place, envelope.hash()).is_some() {
            let what = format!("two entries of {} are numbered {}", header.log, header.seq);
            holding.violations.push(what);
        }
        if let Some(request) = request_of(envelope) {
            holding.requests.entry(request).or_default().push(place);
        }
        judge.admit(Moment(0), envelope);
    }
    judge.inspect(Moment(0));
    let violated = judge.violations().iter();
    let violated = violated.map(|it| format!("{} {}", it.invariant, it.text));
    holding.violations.extend(violated);
    let (void, twice) = void_commits(judge.picture(), &opened.envelopes);
    holding.violations.extend(void);
    let authors = judge.picture().authors();
    let places = holding.requests.values().flatten();
    let is_passed_over = |(log, seq): &&Place| {
        let author = authors.get(&log.author);
        author.is_some_and(|it| it.lineage.is_orphan(log.incarnation, *seq))
    };
    holding.passed_over = places.filter(is_passed_over).copied().collect();
    holding.double_commits = judge.tally().double_commits + twice;
    holding.aid_commits = judge.tally().aid_commits;
    holding.picture = judge.picture().hash();
    holding
}

/// Commitments that stand in the log of the office that made them and count nothing there, in words, and
/// how many of them no step of their unit led to. Whoever folds them passes them over and sees each unit
/// bound once; their office had sent its crew for them all the same.
fn void_commits(picture: &Picture, envelopes: &[Arc<Envelope>]) -> (Vec<String>, u64) {
    let authors = picture.authors().values();
    let voids: BTreeMap<Place, &VoidEntry> = authors
        .flat_map(|author| &author.state.voids)
        .map(|void| ((void.log, void.seq), void))
        .collect();
    let (mut found, mut twice) = (Vec::new(), 0);
    for envelope in envelopes {
        let header = envelope.header();
        let Some(void) = voids.get(&(header.log, header.seq)) else {
            continue;
        };
        if let Some(Body::AidCommit(commit)) = envelope.body() {
            let (aid, unit, why) = (commit.aid, commit.resource, &void.reason);
            found.push(format!("{aid} of {unit} is void for its own office: {why}"));
            twice += u64::from(void.code == "R11");
        }
    }
    (found, twice)
}

/// The request of the storm that an entry carries out.
pub(crate) fn request_of(envelope: &Arc<Envelope>) -> Option<RequestId> {
    match envelope.body()? {
        Body::DutyNote(note) if note.text.starts_with(PREFIX) => note.text.parse().ok(),
        Body::Incident(report) if report.kind == ReportKind::First => report
            .request
            .filter(|request| request.as_str().starts_with(PREFIX)),
        _ => None,
    }
}

impl Account {
    /// Every journal holds the same, and what an author wrote, and knows the same.
    fn compare(&mut self, holdings: &BTreeMap<PartyId, Holding>) {
        let mut all: BTreeMap<Place, Hash> = BTreeMap::new();
        for (office, holding) in holdings {
            for (place, hash) in &holding.places {
                if all
                    .insert(*place, *hash)
                    .is_some_and(|other| other != *hash)
                {
                    let what = format!("entry {} of {} differs at {office}", place.1, place.0);
                    self.faults.push(what);
                }
            }
        }
        for (office, holding) in holdings {
            let lacking = all
                .keys()
                .filter(|place| !holding.places.contains_key(place));
            for (log, seq) in lacking {
                let what = format!("the journal of {office} lacks entry {seq} of {log}");
                self.faults.push(what);
            }
        }
        let pictures: BTreeSet<Hash> = holdings.values().map(|it| it.picture).collect();
        if pictures.len() != 1 {
            self.faults
                .push(format!("{} pictures differ", pictures.len()));
        }
    }

    /// Nothing stands in a journal that nobody asked for, at the wrong office, or twice.
    fn expect_only(&mut self, record: &Record, holdings: &BTreeMap<PartyId, Holding>) {
        for (office, holding) in holdings {
            for (request, places) in &holding.requests {
                let attempt = record.ledger.attempted(*request);
                let right = attempt.map(|attempt| attempt.order.office);
                if places.iter().any(|(log, _)| Some(log.author) != right) {
                    let what = format!("{office} holds {request}, which nobody asked for there");
                    self.faults.push(what);
                }
                if places.len() > 1 {
                    let what = format!("{office} holds {request} {} times", places.len());
                    self.faults.push(what);
                }
            }
        }
    }

    /// What was written under a clock that was far off bears its time.
    fn date(&mut self, record: &Record, holdings: &BTreeMap<PartyId, Holding>) {
        for Misdated { place, by_s, heard } in &record.misdated {
            let mut sent = holdings.values().filter_map(|it| it.sent.get(place));
            let right = heard.0.saturating_add_signed(by_s * 1_000);
            let is_near = |sent: &Wall| u128::from(sent.0.abs_diff(right)) < PATIENCE.as_millis();
            if sent.next().is_some_and(is_near) {
                self.clocks_far_off.insert(*by_s);
            } else {
                let (log, seq) = place;
                let what = format!("entry {seq} of {log} bears no time that is {by_s} s wrong");
                self.faults.push(what);
            }
        }
    }

    fn count(&mut self, record: &Record, holdings: &BTreeMap<PartyId, Holding>) {
        let on_disk_alone = |place: &Place| {
            let (log, seq) = place;
            record.forgotten.iter().any(|it| {
                let within = |heads: &BTreeMap<LogKey, u64>| heads.get(log) >= Some(seq);
                it.office == log.author
                    && within(&it.before)
                    && !within(&it.after)
                    && !it.elsewhere.iter().any(within)
            })
        };
        let held = |place: &Place| {
            let mut all = holdings.values();
            all.any(|it| it.places.contains_key(place) && !it.passed_over.contains(place))
        };
        for attempt in record.ledger.attempts() {
            let row = self.rows.entry(attempt.order.office).or_default();
            row.attempted += 1;
            let request = attempt.order.request;
            let Answer::Recorded(log, seq) = attempt.answer else {
                let stands = holdings
                    .values()
                    .any(|it| it.requests.contains_key(&request));
                self.appeared += usize::from(stands);
                continue;
            };
            row.recorded += 1;
            let place = (log, seq);
            if !held(&place) && on_disk_alone(&place) {
                self.disk_alone += 1;
                continue;
            }
            for (office, holding) in holdings {
                let stands = holding.requests.get(&request);
                let fate = if !stands.is_some_and(|it| it.contains(&place)) {
                    "has lost"
                } else if holding.passed_over.contains(&place) {
                    "has passed over"
                } else {
                    continue;
                };
                self.rows.entry(*office).or_default().lost += 1;
                let what = format!("{office} {fate} {request}, entry {seq} of {log}");
                self.faults.push(what);
            }
        }
        for (office, holding) in holdings {
            let row = self.rows.entry(*office).or_default();
            row.held = holding.requests.len();
            let missed = record.missed.get(office).into_iter().flatten();
            row.recovered = missed.filter(|it| holding.places.contains_key(it)).count();
        }
    }

    /// The account in lines.
    pub(crate) fn table(&self, record: &Record) -> String {
        let mut lines = vec![format!(
            "{:8} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "office", "attempted", "recorded", "held", "recovered", "lost"
        )];
        lines.extend(self.rows.iter().map(|(office, row)| {
            let Row {
                attempted,
                recorded,
                held,
                recovered,
                lost,
            } = row;
            format!("{office:8} {attempted:>9} {recorded:>9} {held:>9} {recovered:>9} {lost:>9}")
        }));
        let faults = record
            .faults
            .iter()
            .map(|(kind, count)| format!("{kind:?} {count}"));
        lines.push(faults.collect::<Vec<_>>().join(", "));
        let recorded: usize = self.rows.values().map(|row| row.recorded).sum();
        let lost: usize = self.rows.values().map(|row| row.lost).sum();
        lines.push(format!(
            "{} kills, {} journals damaged, {} starts with a wrong clock, {} of them far off and seen; {recorded} commands recorded, {} unanswered and there, {} on a disk alone that forgot them, lost {lost}; {} entries, {} of them forgotten by a disk at some time; {} commitments of aid, double {}",
            record.kills(),
            record.moved_away,
            record.wrong_clocks,
            self.clocks_far_off.len(),
            self.appeared,
            self.disk_alone,
            self.entries,
            record.forgotten_entries(),
            self.commits,
            self.double_commits,
        ));
        lines.join("\n")
    }
}
