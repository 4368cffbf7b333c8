//! A drill as it is meant: who, where, when, what happens, what fails, and what people are given.
//!
//! `scenario/file.rs` is the drill as written; [`Scenario::parse`] turns one into the other and
//! lists every fault of the text at once. Past that edge nobody checks again. All times here are
//! moments of drill time, all references are resolved, all quantities carry their unit.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    AreaCode, Autonomy, Call, Category, Counts, FieldReport, Hash, Kind, Moment, PartyId, Point,
    RequestId, Requirement, RoadId, Severity, Span, Trend,
};
use serde::Serialize;

use crate::hazard::Hazard;
use crate::stream::{Chance, Spread};

/// A drill as meant, read from one file and the files that it names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scenario {
    /// Names the drill in recordings and reports.
    pub id: String,
    /// Its Chinese title, which begins 演练·虚构.
    pub title_zh: String,
    /// Its English title.
    pub title_en: String,
    /// The region pack: `prd`, `trio`, or a path.
    pub region: String,
    /// Drill time at which it begins.
    pub start: Moment,
    /// Minutes east of UTC of the clocks in the drill.
    pub offset_min: i16,
    /// How long it lasts.
    pub duration: Span,
    /// The seed, if none is given on the command line.
    pub seed: u64,
    /// Year and month whose road network is used; `None` is today's, with every road of the pack.
    pub roads_as_of: Option<(u16, u8)>,
    /// Named windows, in order of time.
    pub phases: Vec<Phase>,
    /// Hazards with their effects.
    pub hazards: Vec<Hazard>,
    /// Incidents that are written one by one.
    pub incidents: Vec<WrittenIncident>,
    /// Sources of incidents at random.
    pub streams: Vec<IncidentStream>,
    /// What the exercise controllers give, in order of time.
    pub injects: Vec<Inject>,
    /// What fails in the coordination system, in order of time.
    pub faults: FaultPlan,
    /// What every link is like while no fault touches it.
    pub network: NetworkProfile,
    /// How the offices decide.
    pub offices: OfficePlan,
    /// How crews behave.
    pub crews: CrewPlan,
    /// How large the demo fleet is.
    pub fleet: FleetPlan,
    /// What is to be exercised, by the ids that injects name.
    pub objectives: Vec<Objective>,
    /// Real figures that the drill rests on, each with its date and source.
    pub sources: Vec<String>,
    /// What is assumed (model), so that nobody takes it for a fact.
    pub assumptions: Vec<String>,
    /// Digest of the text and of every file that it names, as they were read.
    pub digest: Hash,
}

/// A named window of the drill; it lasts until the next one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// What other parts of the scenario call it.
    pub id: String,
    /// What the screen says.
    pub title: String,
    /// When it begins.
    pub at: Moment,
}

/// What links are like. All of it is drawn for each frame from [`crate::Stream::Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkProfile {
    /// How long a frame travels.
    pub latency: Spread,
    /// How likely a frame is lost.
    pub loss: Chance,
    /// How likely a frame arrives a second time.
    pub duplicate: Chance,
    /// How likely a frame is held back so that later ones overtake it.
    pub reorder: Chance,
    /// How much longer a frame travels that is held back.
    pub reorder_by: Span,
    /// Bits that the link carries in a second; `None` if the link is never the bottleneck.
    pub bits_per_s: Option<u64>,
}

impl Default for NetworkProfile {
    /// A wired government extranet inside one province (model): 20 ms, nothing lost.
    fn default() -> Self {
        Self {
            latency: Spread::Lognormal {
                median: Span::millis(20),
                p90: Span::millis(60),
            },
            loss: Chance::NEVER,
            duplicate: Chance::NEVER,
            reorder: Chance::NEVER,
            reorder_by: Span::seconds(2),
            bits_per_s: None,
        }
    }
}

/// Everything that fails, in order of its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FaultPlan {
    /// The faults.
    pub faults: Vec<PlannedFault>,
}

/// One fault of the coordination system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedFault {
    /// What it is called; unique in the scenario.
    pub id: String,
    /// When it begins.
    pub from: Moment,
    /// When it is over.
    pub until: Moment,
    /// What fails.
    pub what: FaultKind,
}

/// What fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FaultKind {
    /// Nothing passes on these links. Isolating an office is this, towards everybody.
    LinkCut {
        /// The links.
        links: Links,
    },
    /// These links are worse than [`Scenario::network`], whose place the profile takes.
    LinkDegrade {
        /// The links.
        links: Links,
        /// What they are like meanwhile.
        profile: NetworkProfile,
    },
    /// An office's process dies and boots again at the end of the fault.
    OfficeCrash {
        /// The office.
        office: PartyId,
        /// What its disk holds when it boots.
        disk: Disk,
    },
}

/// What an office finds on its disk after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disk {
    /// Everything that was durable.
    Keep,
    /// Nothing: a new disk.
    Lost,
}

/// A set of directed links between parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Links {
    /// One end.
    pub from: BTreeSet<PartyId>,
    /// The other end.
    pub to: BTreeSet<PartyId>,
    /// Whether frames from `to` to `from` are touched as well.
    pub ways: Ways,
}

/// In which direction a fault acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ways {
    /// In both.
    Both,
    /// Only on frames that go from the first list to the second.
    OneWay,
}

impl Links {
    /// Whether a frame from one party to the other is touched. A party is never cut from itself.
    pub fn touch(&self, from: PartyId, to: PartyId) -> bool {
        let there = self.from.contains(&from) && self.to.contains(&to);
        let back = self.ways == Ways::Both && self.from.contains(&to) && self.to.contains(&from);
        from != to && (there || back)
    }
}

/// How offices decide: what holds for all, and where one differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OfficePlan {
    /// For every office that is not listed.
    pub default: OfficePolicy,
    /// For these offices.
    pub offices: BTreeMap<PartyId, OfficePolicy>,
}

impl OfficePlan {
    /// How this office decides.
    pub fn policy(&self, office: PartyId) -> &OfficePolicy {
        self.offices.get(&office).unwrap_or(&self.default)
    }
}

/// How one office decides. What is `None` is left to the office's own default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfficePolicy {
    /// Whether its planner acts or only advises.
    pub autonomy: Autonomy,
    /// The planner's policy by its name.
    pub policy: Option<String>,
    /// How long it holds what it offers.
    pub hold: Option<Span>,
    /// How long it waits for offers before it takes the best.
    pub aid_window: Option<Span>,
    /// How long its own units may take to an incident before it asks others.
    pub ask_after: Option<Span>,
}

impl Default for OfficePolicy {
    fn default() -> Self {
        Self {
            autonomy: Autonomy::Act,
            policy: None,
            hold: None,
            aid_window: None,
            ask_after: None,
        }
    }
}

/// How crews behave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrewPlan {
    /// From the order to wheels rolling.
    pub turnout: Spread,
    /// The same for kinds that differ.
    pub turnout_of: BTreeMap<Kind, Spread>,
    /// From coming home to being available again.
    pub rehab: Spread,
    /// True work time at a scene as a percentage of what was expected: the spread of the factor
    /// is drawn with its typical time standing for 100 %.
    pub work: Spread,
}

impl CrewPlan {
    /// How long a crew of this kind takes to roll.
    pub fn turnout(&self, kind: Kind) -> Spread {
        self.turnout_of.get(&kind).copied().unwrap_or(self.turnout)
    }
}

impl Default for CrewPlan {
    /// NFPA 1710 (2020) gives 60 s turnout for medical and 80 s for fire calls at the 90th
    /// percentile; crews rarely reach it, hence 75 s and 140 s (model). Rehab and the spread of
    /// work are (model).
    fn default() -> Self {
        Self {
            turnout: Spread::Lognormal {
                median: Span::seconds(75),
                p90: Span::seconds(140),
            },
            turnout_of: BTreeMap::new(),
            rehab: Spread::Triangular {
                min: Span::minutes(5),
                mode: Span::minutes(10),
                max: Span::minutes(30),
            },
            work: Spread::Lognormal {
                median: Span::seconds(100),
                p90: Span::seconds(150),
            },
        }
    }
}

/// How large the demo fleet is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FleetPlan {
    /// Units as a percentage of what the demo fleet gives each office.
    pub scale_percent: u32,
    /// The same for offices that differ.
    pub scale_of: BTreeMap<PartyId, u32>,
}

impl FleetPlan {
    /// The percentage for this office.
    pub fn scale(&self, office: PartyId) -> u32 {
        self.scale_of
            .get(&office)
            .copied()
            .unwrap_or(self.scale_percent)
    }
}

impl Default for FleetPlan {
    fn default() -> Self {
        Self {
            scale_percent: 100,
            scale_of: BTreeMap::new(),
        }
    }
}

/// What the drill is to exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Objective {
    /// What injects call it.
    pub id: String,
    /// In words.
    pub title: String,
}

/// What the exercise controllers give at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inject {
    /// Its number in the control card 导调卡.
    pub number: String,
    /// In a few words.
    pub title: String,
    /// When it is given. Chains of injects are resolved.
    pub at: Moment,
    /// How it reaches people.
    pub channel: Channel,
    /// Who is given it.
    pub to: Vec<PartyId>,
    /// What is given.
    pub gives: Given,
    /// What a good office does then, in words.
    pub expected: Option<Expected>,
    /// The objective that it serves.
    pub objective: Option<String>,
}

/// How an inject reaches people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// As a field report of a system: `field/{office}`.
    Field,
    /// As an operator's command at the office's desk.
    Operator,
    /// As a message on the bus from an author; delivered to the author as a field report.
    Bus,
}

/// What an inject gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "gives", rename_all = "kebab-case")]
pub enum Given {
    /// A field report: a call, a warning, a response, a road's or a hazard's state.
    Report {
        /// The report, the same to everybody in `to`.
        report: FieldReport,
    },
    /// An entry of the duty log, at the operator's desk.
    Note {
        /// What it says.
        text: String,
    },
    /// An operator asks for aid for the incident of a call (A1).
    AidRequest {
        /// The call that opened the incident.
        call: RequestId,
        /// What is asked.
        requirement: Requirement,
        /// Who is asked.
        audience: protocol::Audience,
    },
}

/// What is expected after an inject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// By when.
    pub by: Moment,
    /// What an evaluator should see.
    pub action: String,
}

/// An incident that the scenario writes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrittenIncident {
    /// What the scenario calls it; its call id is made of it.
    pub id: String,
    /// What is planned. The place is drawn at [`Scenario::incidents`] if none is written.
    pub plan: PlannedIncident,
    /// True if the file gives no point, so that one is drawn in the area.
    pub place_at_random: bool,
}

/// A source of incidents at random: a Poisson process in each district, thinned by phase and wind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IncidentStream {
    /// Its name; part of its call ids and of its random streams.
    pub id: String,
    /// The event code of its incidents.
    pub event: String,
    /// Which of the four kinds of the law.
    pub category: Category,
    /// Incidents a day for each 100,000 people, before multipliers.
    pub rate_per_100k_per_day: f64,
    /// Only these cities or districts; empty for the whole region.
    pub areas: Vec<AreaCode>,
    /// Factors in time.
    pub by_phase: Vec<(Window, f64)>,
    /// Factors by wind at the district, each from its threshold in decimetres a second upwards.
    pub by_wind: Vec<(u32, f64)>,
    /// How grave, as weights.
    pub severity: Vec<(Severity, u64)>,
    /// What each takes.
    pub needs: Vec<StreamNeed>,
    /// What is said; one is drawn. `{place}` stands for the district.
    pub texts: Vec<String>,
    /// How likely it grows and asks for more after a while.
    pub worsens: Chance,
    /// No more than this over the whole drill: beyond it the latest ones are left out.
    pub max: usize,
}

/// A window of drill time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Its first moment.
    pub from: Moment,
    /// The first moment after it.
    pub until: Moment,
}

impl Window {
    /// Whether the moment lies in it.
    pub fn holds(&self, at: Moment) -> bool {
        self.from <= at && at < self.until
    }
}

/// What an incident of a stream takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamNeed {
    /// What.
    pub kind: Kind,
    /// The least quantity.
    pub least: u32,
    /// The greatest quantity; drawn evenly between the two.
    pub most: u32,
    /// How long the work takes.
    pub work: Spread,
    /// How likely an incident takes this at all.
    pub chance: Chance,
    /// Only for incidents at least this grave.
    pub from_severity: Severity,
}

/// An incident that will happen, with everything that will be told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedIncident {
    /// The call that tells of it; unique in the run.
    pub call: RequestId,
    /// Whose ground it is on, and who is called first.
    pub office: PartyId,
    /// Others who are called about the same event, each with its delay after `received_at`.
    pub also_told: Vec<(PartyId, Span)>,
    /// The district, or the city where there are no districts.
    pub area: AreaCode,
    /// Where.
    pub point: Point,
    /// Where, in words.
    pub place: String,
    /// What happened, as an event code.
    pub event: String,
    /// Which of the four kinds of the law.
    pub category: Category,
    /// How grave.
    pub severity: Severity,
    /// When it happens.
    pub occurred_at: Moment,
    /// When the call comes.
    pub received_at: Moment,
    /// Who says so: a call, a sensor.
    pub source: String,
    /// What is said, in Chinese; begins 【演练】.
    pub summary: String,
    /// People harmed as first told.
    pub counts: Counts,
    /// What it takes, and how long the work really lasts once that is there.
    pub requires: Vec<Requirement>,
    /// What is told later, in order of time.
    pub news: Vec<PlannedNews>,
}

/// News of an incident after its first call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedNews {
    /// When. News of an incident whose work is done by then is not told.
    pub at: Moment,
    /// Where things are heading.
    pub trend: Trend,
    /// People harmed as of then; may be fewer than before.
    pub counts: Counts,
    /// What it takes on top.
    pub requires: Vec<Requirement>,
    /// What is said.
    pub summary: String,
}

impl PlannedIncident {
    /// The call as an office hears it.
    pub fn as_call(&self) -> Call {
        Call {
            request: self.call,
            event: self.event.clone(),
            category: self.category,
            severity: self.severity,
            occurred_at: self.occurred_at,
            received_at: self.received_at,
            place: self.place.clone(),
            area: self.area,
            point: Some(self.point),
            source: self.source.clone(),
            summary: self.summary.clone(),
            counts: self.counts,
            requires: self.requires.clone(),
        }
    }

    /// Units that it takes in all, the later ones included.
    pub fn units(&self) -> u32 {
        let later = self.news.iter().flat_map(|news| &news.requires);
        self.requires
            .iter()
            .chain(later)
            .map(|need| need.quantity)
            .sum()
    }
}

/// What hazards do to the world and what is told of it, computed before the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// What field reports authors are given, in order of time.
    pub reports: Vec<PlannedReport>,
    /// How travel truly changes, in order of time.
    pub travel: Vec<TravelChange>,
}

/// A field report for one author at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedReport {
    /// When.
    pub at: Moment,
    /// Who is told.
    pub to: PartyId,
    /// What.
    pub report: FieldReport,
}

/// A true change of what roads are like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TravelChange {
    /// When.
    pub at: Moment,
    /// Which roads.
    pub roads: Ground,
    /// Travel time as a percentage of the free one; `None` closes the roads. 100 is free.
    pub percent: Option<u16>,
}

/// Which roads a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// A crossing, by the region pack's slug.
    Crossing(RoadId),
    /// Every road of a city or district.
    Area(AreaCode),
}
