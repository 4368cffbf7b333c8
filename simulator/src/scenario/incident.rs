//! Incidents: written one by one, drawn from streams, and as they will happen.

use protocol::{
    AreaCode, Call, Category, Counts, Form, Kind, Moment, PartyId, Point, RequestId, Requirement,
    Severity, Span, Trend,
};
use serde::Serialize;

use super::Window;
use crate::hazard::Wind;
use crate::stream::{Chance, Spread};

/// An incident that the scenario writes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrittenIncident {
    /// What the scenario calls it; its call id is made of it.
    pub id: String,
    /// What is planned. The place is drawn at [`Scenario::incidents`](super::Scenario::incidents) if none is written.
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
    /// Factors by wind over land at the district, each from its wind upwards, in order.
    pub by_wind: Vec<(Wind, f64)>,
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
            .filter(|need| need.kind.form() == Form::Unit)
            .map(|need| need.quantity)
            .sum()
    }
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
