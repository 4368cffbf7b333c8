//! A scene: one incident as it truly is, what it takes, and who was told of it.

use protocol::{
    Call, Counts, Form, IncidentReport, Kind, Moment, PartyId, RequestId, Requirement, SceneReport,
    Span, Trend,
};

use super::Due;
use crate::scenario::PlannedIncident;

/// One incident of the world.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) plan: PlannedIncident,
    /// What it takes, the later needs included once they arise.
    pub(crate) slots: Vec<Slot>,
    /// Offices that are called, the office of the ground first.
    pub(crate) told: Vec<Told>,
    /// Crews that are there.
    pub(crate) present: Vec<u32>,
    pub(crate) begun: bool,
    /// When the first unit came.
    pub(crate) reached: Option<Moment>,
    pub(crate) served: Option<Moment>,
    /// Letters about it so far: part of their ids.
    pub(crate) letters: u32,
}

/// One kind of work at a scene.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    pub(crate) duration: Span,
    wanted: u32,
    taken: u32,
    done: u32,
}

/// An office that is called about a scene.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) office: PartyId,
    pub(crate) called: bool,
    /// When its log said first that it opened the incident.
    pub(crate) opened: Option<Moment>,
    /// The time of its latest report on it.
    pub(crate) reported_at: Moment,
}

/// News from a scene to an office, repeated until the office has reported since.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) scene: u32,
    pub(crate) told: usize,
    pub(crate) report: SceneReport,
}

impl Scene {
    pub(crate) fn new(plan: PlannedIncident) -> Self {
        let offices = std::iter::once(plan.office).chain(plan.also_told.iter().map(|(o, _)| *o));
        let told = offices.map(Told::new).collect();
        let mut scene = Self {
            slots: Vec::new(),
            told,
            present: Vec::new(),
            begun: false,
            reached: None,
            served: None,
            letters: 0,
            plan,
        };
        let requires = scene.plan.requires.clone();
        scene.open_slots(&requires);
        scene
    }

    /// The scene that a call tells of; `None` if it does not say where.
    pub(crate) fn of_call(office: PartyId, call: &Call) -> Option<Self> {
        Some(Self::new(PlannedIncident {
            call: call.request,
            office,
            also_told: Vec::new(),
            area: call.area,
            point: call.point?,
            place: call.place.clone(),
            event: call.event.clone(),
            category: call.category,
            severity: call.severity,
            occurred_at: call.occurred_at,
            received_at: call.received_at,
            source: call.source.clone(),
            summary: call.summary.clone(),
            counts: call.counts,
            requires: call.requires.clone(),
            news: Vec::new(),
        }))
    }

    /// The place of an office among those that are called; it joins them if it is not there yet.
    pub(crate) fn desk(&mut self, office: PartyId) -> u8 {
        let known = self.told.iter().position(|told| told.office == office);
        let place = known.unwrap_or_else(|| {
            self.told.push(Told::new(office));
            self.told.len() - 1
        });
        u8::try_from(place).expect("a region has fewer than 256 offices")
    }

    /// When somebody calls and when there is news, as known beforehand.
    pub(crate) fn beginnings(&self, number: u32) -> Vec<(Moment, Due)> {
        let also = self.plan.also_told.iter().map(|(_, after)| *after);
        let delays = std::iter::once(Span::ZERO).chain(also);
        let calls = (0..)
            .zip(delays)
            .map(|(told, after)| (self.plan.received_at + after, Due::Call(number, told, 0)));
        let news = (0..)
            .zip(&self.plan.news)
            .map(|(n, news)| (news.at, Due::News(number, n)));
        calls.chain(news).collect()
    }

    /// More work. Stocks and capacities are not carried by crews, so they open nothing here.
    pub(crate) fn open_slots(&mut self, requires: &[Requirement]) {
        let crewed = requires
            .iter()
            .filter(|need| need.kind.form() == Form::Unit && need.quantity > 0);
        self.slots.extend(crewed.map(|need| Slot {
            kind: need.kind,
            duration: need.duration,
            wanted: need.quantity,
            taken: 0,
            done: 0,
        }));
    }

    /// Takes up work of one's kind, of the first of these kinds that is open; `None` if there is none.
    pub(crate) fn take_slot(&mut self, kinds: impl Iterator<Item = Kind>) -> Option<usize> {
        for kind in kinds {
            let open = |slot: &Slot| slot.kind == kind && slot.taken < slot.wanted;
            if let Some(place) = self.slots.iter().position(open) {
                self.slots[place].taken += 1;
                return Some(place);
            }
        }
        None
    }

    /// Whether there is work of this kind that nobody has taken up.
    pub(crate) fn has_open(&self, kind: Kind) -> bool {
        let open = |slot: &Slot| slot.kind == kind && slot.taken < slot.wanted;
        self.slots.iter().any(open)
    }

    /// Leaves work undone.
    pub(crate) fn leave_slot(&mut self, place: usize) {
        self.slots[place].taken -= 1;
    }

    /// One unit's work is done. True if that was the last of all.
    pub(crate) fn finish(&mut self, place: Option<usize>, now: Moment) -> bool {
        if let Some(place) = place {
            self.slots[place].done += 1;
        }
        let complete = self.slots.iter().all(|slot| slot.done >= slot.wanted);
        let last = complete && self.served.is_none();
        if last {
            self.served = Some(now);
        }
        last
    }

    /// What an office's log says about the incident.
    pub(crate) fn learn(&mut self, now: Moment, office: PartyId, report: &IncidentReport) {
        if let Some(told) = self.told.iter_mut().find(|told| told.office == office) {
            told.opened.get_or_insert(now);
            told.reported_at = told.reported_at.max(report.reported_at);
        }
    }

    /// When the office of the ground opened the incident.
    pub(crate) fn opened_at(&self) -> Option<Moment> {
        self.told.first().and_then(|told| told.opened)
    }

    /// News in the words of the scene, under an id of its own.
    pub(crate) fn report(&mut self, now: Moment, trend: Trend, summary: &str) -> SceneReport {
        self.letters += 1;
        SceneReport {
            request: letter_id(self.plan.call, self.letters),
            call: self.plan.call,
            at: now,
            trend,
            counts: Counts::default(),
            requires: Vec::new(),
            summary: summary.to_owned(),
            done: false,
        }
    }
}

impl Told {
    fn new(office: PartyId) -> Self {
        Self {
            office,
            called: false,
            opened: None,
            reported_at: Moment(0),
        }
    }
}

/// The id of the nth letter about a call.
fn letter_id(call: RequestId, number: u32) -> RequestId {
    let plain = format!("{call}.{number}").parse();
    plain.unwrap_or_else(|_| {
        let digest = protocol::Hash::of(call.as_str().as_bytes()).to_string();
        let short = format!("{}.{number}", &digest[..24]);
        short.parse().expect("24 digits, a dot and a number are 35")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_with_the_longest_id_still_gets_letters() {
        let call: RequestId = "c".repeat(40).parse().unwrap();
        assert_ne!(letter_id(call, 1), letter_id(call, 2));
    }
}
