//! A lookout for one sign: what was heard so far, and when it was there.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{LogKey, Moment, PartyId, RequestId, Saying};

use super::scene::Scene;
use crate::scenario::Sign;

/// Looks for one sign.
#[derive(Debug)]
pub(super) struct Lookout {
    sign: Sign,
    /// The entries that count, of each who is to say it.
    heard: BTreeMap<PartyId, BTreeSet<(LogKey, u64)>>,
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

    /// An office says something about an incident, or about none that the ground knows; whether that
    /// counts here.
    pub(super) fn hears(
        &mut self,
        author: PartyId,
        entry: (LogKey, u64),
        (saying, call): (Saying, Option<RequestId>),
    ) -> bool {
        let Sign::Said {
            what, by, about, ..
        } = &self.sign
        else {
            return false;
        };
        let fits = *what == saying && by.contains(&author) && (about.is_none() || *about == call);
        fits && self.met.is_none() && self.heard.entry(author).or_default().insert(entry)
    }

    /// Whether the sign is there now; `observed` are the injects after which the expected was seen.
    pub(super) fn sees(
        &self,
        scenes: &[Scene],
        by_call: &BTreeMap<RequestId, u32>,
        observed: &[String],
    ) -> bool {
        let scene = |call: &RequestId| by_call.get(call).map(|n| &scenes[*n as usize]);
        match &self.sign {
            Sign::Said { by, times, .. } => {
                let often = |office| self.heard.get(office).map_or(0, BTreeSet::len);
                by.iter().all(|office| often(office) >= *times as usize)
            }
            Sign::Reached { call } => scene(call).is_some_and(|it| it.reached.is_some()),
            Sign::Served { call } => scene(call).is_some_and(|it| it.served.is_some()),
            Sign::Waiting { at_least, which } => {
                let waits = |scene: &&Scene| {
                    let plan = &scene.plan;
                    scene.begun && scene.served.is_none() && which.holds(plan.severity, plan.area)
                };
                scenes.iter().filter(waits).count() >= *at_least as usize
            }
            Sign::Expected { inject } => observed.contains(inject),
        }
    }
}
