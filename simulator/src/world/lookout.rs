//! A lookout for one sign: what was heard so far, and when it was there.

use std::collections::BTreeMap;

use protocol::{About, IncidentId, LogKey, Moment, PartyId, RequestId, Saying};

use super::evaluation::AidTimes;
use super::scene::Scene;
use crate::scenario::Sign;

/// Looks for one sign.
#[derive(Debug)]
pub(super) struct Lookout {
    sign: Sign,
    /// What each who is to say it has said so, and what about.
    heard: BTreeMap<PartyId, BTreeMap<(LogKey, u64), Option<About>>>,
    /// When it was seen. Once seen it stays so.
    pub(super) met: Option<Moment>,
}

impl Lookout {
    pub(super) fn new(sign: Sign) -> Self {
        Self {
            sign,
            heard: BTreeMap::new(),
            met: None,
        }
    }

    /// An office says something; whether that may count here.
    pub(super) fn hears(
        &mut self,
        author: PartyId,
        entry: (LogKey, u64),
        (saying, about): (Saying, Option<About>),
    ) -> bool {
        let Sign::Said { what, by, .. } = &self.sign else {
            return false;
        };
        let fits = *what == saying && by.contains(&author) && self.met.is_none();
        if fits {
            self.heard.entry(author).or_default().insert(entry, about);
        }
        fits
    }

    /// Notes when the sign is there for the first time.
    pub(super) fn look(&mut self, now: Moment, view: &View<'_>) {
        if self.met.is_none() && self.sees(view) {
            self.met = Some(now);
        }
    }

    /// Whether the sign tells of how things stand, and not of what has happened once.
    pub(super) fn is_of_a_state(&self) -> bool {
        matches!(self.sign, Sign::Waiting { .. })
    }

    /// Whether the sign is there now.
    pub(super) fn sees(&self, view: &View<'_>) -> bool {
        match &self.sign {
            Sign::Said {
                by, times, about, ..
            } => {
                // The need of an offer may be heard after the offer, so what it is for is asked anew.
                let counts = |it: &&Option<About>| {
                    about.is_none() || it.and_then(|it| view.call(it)) == *about
                };
                let often = |office| {
                    let heard = self.heard.get(office);
                    heard.map_or(0, |heard| heard.values().filter(counts).count())
                };
                by.iter().all(|office| often(office) >= *times as usize)
            }
            Sign::Reached { call } => view.scene(call).is_some_and(|it| it.reached.is_some()),
            Sign::Served { call } => view.scene(call).is_some_and(|it| it.served.is_some()),
            Sign::Waiting { at_least, which } => {
                let waits = |scene: &&Scene| {
                    let plan = &scene.plan;
                    scene.begun && scene.served.is_none() && which.holds(plan.severity, plan.area)
                };
                view.scenes.iter().filter(waits).count() >= *at_least as usize
            }
            Sign::Expected { inject } => view.observed.contains(inject),
        }
    }
}

/// What lookouts see of the world.
pub(super) struct View<'a> {
    pub(super) scenes: &'a [Scene],
    pub(super) by_call: &'a BTreeMap<RequestId, u32>,
    pub(super) by_incident: &'a BTreeMap<IncidentId, u32>,
    pub(super) needs: &'a AidTimes,
    /// The injects after which the expected was seen.
    pub(super) observed: Vec<String>,
}

impl View<'_> {
    fn scene(&self, call: &RequestId) -> Option<&Scene> {
        self.by_call.get(call).map(|n| &self.scenes[*n as usize])
    }

    /// The call of the incident that something is about; `None` if the ground knows none.
    fn call(&self, about: About) -> Option<RequestId> {
        let incident = match about {
            About::Incident(incident) => incident,
            About::Need(need) => self.needs.incident_of(need)?,
        };
        let scene = self.by_incident.get(&incident)?;
        Some(self.scenes[*scene as usize].plan.call)
    }
}
