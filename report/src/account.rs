//! The report itself: plain data, complete, in the order in which a page tells it.

use std::collections::BTreeMap;

use protocol::{Hash, Mode, Moment, PartyId, RecordingHeader, Span, Suite};
use serde::Serialize;

use crate::aid::AidAccount;
use crate::bilingual::{Bilingual, Language, clean};
use crate::course::Course;
use crate::custody::CustodyAccount;
use crate::delivery::Delivery;
use crate::distribution::Distribution;
use crate::evaluation::Evaluation;
use crate::evidence::{Event, Evidence, Reading};
use crate::ground::Ground;
use crate::names::Names;
use crate::page;
use crate::response::{Basis, Response};
use crate::scene::Scene;
use crate::sheet;
use crate::timeline::{self, Entry};
use crate::usage::{self, Usage};

/// The name of the format that [`Report::to_json`] writes.
const FORMAT: &str = "liandong-report/1";

/// What happened.
///
/// Moments and spans are microseconds; moments count from the Unix epoch of the drill's calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// `liandong-report/1`.
    pub format: &'static str,
    /// What begins every line that is copied out of it; `None` for an actual event.
    pub mark: Option<&'static str>,
    /// Which run.
    pub run: Run,
    /// How much of the record could be read.
    pub reading: Reading,
    /// The figures of the first lines.
    pub figures: Figures,
    /// Parties by their id.
    pub names: BTreeMap<PartyId, Bilingual>,
    /// Phases, injects, faults.
    pub course: Course,
    /// How well objectives were reached, and what was seen of what was expected.
    pub evaluation: Evaluation,
    /// What the map shows.
    pub scene: Scene,
    /// Response times.
    pub response: Response,
    /// Mutual aid.
    pub aid: AidAccount,
    /// Utilisation of units.
    pub usage: Vec<Usage>,
    /// What was said on the bus and what became of it.
    pub delivery: Delivery,
    /// Who holds what, as far as holders said.
    pub custody: CustodyAccount,
    /// Whose data the report shows, a line each.
    pub attribution: Vec<String>,
    /// Every line of the timeline.
    pub timeline: Vec<Entry>,
    #[serde(skip)]
    pub(crate) ground: Ground,
}

/// Which run or event the report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its title.
    pub title: Bilingual,
    /// What its network is for.
    pub mode: Mode,
    /// Its network.
    pub network: String,
    /// The scenario's id; `None` for an event.
    pub scenario: Option<String>,
    /// The region pack's id.
    pub region: String,
    /// The seed; `None` for an event.
    pub seed: Option<u64>,
    /// The version of the program.
    pub version: String,
    /// Digest of the scenario.
    pub scenario_digest: Option<Hash>,
    /// Digest of the run's decisions, if the record holds its end.
    pub digest: Option<Hash>,
    /// First moment that the report is about.
    pub from: Moment,
    /// Last moment of the record: every figure is as of it.
    pub to: Moment,
    /// Offset from UTC in minutes.
    pub offset_min: i16,
    /// How its network signs: that of virtual time tells it from a live drill.
    #[serde(skip)]
    pub(crate) suite: Suite,
}

/// The figures of the first lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Incidents: of a drill those that truly began.
    pub incidents: u64,
    /// Incidents that offices opened in a drill and its scenario does not know: entered by hand.
    pub by_hand: u64,
    /// Incidents whose work is done.
    pub served: u64,
    /// Incidents whose work is not done by the end of the record.
    pub unserved: u64,
    /// Incidents that no unit reached by the end of the record.
    pub unreached: u64,
    /// Needs that were asked of others.
    pub aid_asked: u64,
    /// Commitments to another city's incidents.
    pub aid_committed: u64,
    /// Units that were bound twice at one time: must be 0.
    pub double_commits: u64,
    /// Times to the first unit.
    pub response: Option<Distribution>,
}

impl Run {
    pub(crate) fn of_recording(header: &RecordingHeader, to: Moment, digest: Option<Hash>) -> Self {
        Self {
            title: Bilingual::outside(&header.title_zh, &header.title_en),
            mode: header.network.mode,
            network: header.network.id.to_string(),
            scenario: Some(clean(&header.scenario)),
            region: clean(&header.region),
            seed: Some(header.seed),
            version: clean(&header.version),
            scenario_digest: Some(header.scenario_digest),
            digest,
            from: header.start,
            to,
            offset_min: header.offset_min,
            suite: header.network.suite,
        }
    }

    pub(crate) fn of_event(event: &Event, (from, to): (Moment, Moment)) -> Self {
        Self {
            title: Bilingual::outside(&event.title.zh, &event.title.en),
            mode: event.network.mode,
            network: event.network.id.to_string(),
            scenario: None,
            region: clean(&event.region),
            seed: None,
            version: clean(&event.version),
            scenario_digest: None,
            digest: None,
            from,
            to,
            offset_min: event.offset_min,
            suite: event.network.suite,
        }
    }

    /// How long it lasted.
    pub fn period(&self) -> Span {
        self.to.since(self.from)
    }
}

impl Report {
    pub(crate) fn of(evidence: &Evidence, ground: &Ground) -> Self {
        let names = Names::of(&evidence.picture, ground);
        let response = Response::of(evidence);
        let aid = AidAccount::of(evidence);
        Self {
            format: FORMAT,
            mark: evidence.run.mode.mark(),
            run: evidence.run.clone(),
            reading: evidence.reading.clone(),
            figures: Figures::of(evidence, &response, &aid),
            course: Course::of(evidence, &response.cases, &names),
            evaluation: Evaluation::of(evidence),
            scene: Scene::of(evidence, &response.cases, ground),
            usage: usage::of(evidence),
            delivery: Delivery::of(evidence),
            custody: CustodyAccount::of(evidence, &names),
            attribution: ground.attribution.iter().map(|line| clean(line)).collect(),
            timeline: timeline::of(evidence, &names),
            names: names.into_parties(),
            response,
            aid,
            ground: ground.clone(),
        }
    }

    /// The whole account for programs: one JSON object.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a report is plain data with textual keys")
    }

    /// The account as one page that loads nothing: styles, drawings and script are inside.
    pub fn to_html(&self, language: Language) -> String {
        page::of(self, language)
    }

    /// Every incident with its response, a row each; comma-separated, with a byte order mark so
    /// that spreadsheets read the Chinese.
    pub fn response_csv(&self) -> String {
        sheet::responses(self)
    }

    /// The aid ledger, a row each.
    pub fn aid_csv(&self) -> String {
        sheet::ledger(self)
    }

    /// The timeline, a row each: also the lines that the page leaves out.
    pub fn timeline_csv(&self) -> String {
        sheet::timeline(self)
    }

    /// The name of a party; its id if nobody named it.
    pub(crate) fn name(&self, party: PartyId) -> Bilingual {
        let named = self.names.get(&party).cloned();
        named.unwrap_or_else(|| Bilingual::same(party.as_str()))
    }
}

impl Figures {
    fn of(evidence: &Evidence, response: &Response, aid: &AidAccount) -> Self {
        let whole = response.group(None, None);
        let count = |count: Option<usize>| count.unwrap_or(0) as u64;
        let incidents = count(whole.map(|group| group.incidents));
        let served = count(whole.map(|group| group.served));
        Self {
            incidents,
            by_hand: response.by_hand(evidence),
            served,
            unserved: incidents - served,
            unreached: incidents - count(whole.map(|group| group.reached)),
            aid_asked: aid.asked,
            aid_committed: aid.lent,
            double_commits: aid.double_commits.len() as u64,
            response: whole.and_then(|group| group.times),
        }
    }
}

impl Basis {
    /// In words, for a caption.
    pub fn label(self) -> Bilingual {
        match self {
            Self::Truth => Bilingual::new(
                "接报至首支队伍到场，按推演真实情况",
                "from the call to the first unit at the scene, as it truly was in the drill",
            ),
            Self::Recorded => Bilingual::new(
                "接报时间至首个到场记录，按各单位日志",
                "from the time received to the first recorded arrival, by the offices' logs",
            ),
        }
    }
}
