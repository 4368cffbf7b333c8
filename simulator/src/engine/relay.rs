//! A relay that lies: it has the frames of an office in its hands and no key.

use protocol::{Frame, Head, PartyId, Said, Topic, Verified};

use super::Engine;
use super::wiring::{Hearers, Place};
use crate::scenario::Lie;
use crate::stream::{Chance, Draws, Stream};

/// How many frames a relay keeps to say again.
const KEPT: usize = 64;

/// How likely it lies when it carries a frame (model).
const LIES: Chance = Chance(300_000);

/// The lies that are told now, and what they are made of.
#[derive(Debug)]
pub(super) struct Relay {
    draws: Draws,
    /// The office and the lie of each fault that lasts, by the fault's number.
    lies: Vec<(usize, PartyId, Lie)>,
    carried: Kept,
    /// What crews, call systems and operators said.
    spoken: Kept,
}

/// Frames that are kept to be said again.
#[derive(Debug, Default)]
struct Kept(Vec<Verified<Frame>>);

impl Kept {
    /// Perhaps gives back a frame that was kept before, and keeps this one, in the place of one drawn if
    /// there are many.
    fn swap(&mut self, draws: &mut Draws, frame: &Verified<Frame>) -> Option<Verified<Frame>> {
        let says = draws.happens(LIES) && !self.0.is_empty();
        let again = says.then(|| self.0[draws.place(self.0.len())].clone());
        if self.0.len() < KEPT {
            self.0.push(frame.clone());
        } else {
            self.0[draws.place(KEPT)] = frame.clone();
        }
        again
    }
}

impl Relay {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            draws: Stream::Faults.draws(seed, "relay"),
            lies: Vec::new(),
            carried: Kept::default(),
            spoken: Kept::default(),
        }
    }

    pub(super) fn begin(&mut self, fault: usize, office: PartyId, lie: Lie) {
        self.lies.push((fault, office, lie));
    }

    pub(super) fn end(&mut self, fault: usize) {
        self.lies.retain(|(number, ..)| *number != fault);
    }

    pub(super) fn heal(&mut self) {
        self.lies.clear();
    }

    fn tells(&self, office: PartyId, lie: Lie) -> bool {
        self.lies
            .iter()
            .any(|(_, of, known)| (*of, *known) == (office, lie))
    }

    /// Where to change a frame, if it is changed.
    fn forges(&mut self) -> Option<u64> {
        let forges = self.draws.happens(LIES);
        forges.then(|| self.draws.below(u64::MAX))
    }
}

impl Engine {
    /// Whether a relay keeps a frame of an office to itself.
    pub(super) fn is_withheld(&self, number: u16, frame: &Verified<Frame>) -> bool {
        let office = self.desks[usize::from(number)].party;
        matches!(frame.get().topic(), Topic::Log(_)) && self.relay.tells(office, Lie::Withhold)
    }

    /// What a relay says besides when it carries a frame of an office: old frames again, and forged
    /// ones, which the receivers' edge is to refuse.
    pub(super) fn lie_about(&mut self, number: u16, place: Place, frame: &Verified<Frame>) {
        let office = self.desks[usize::from(number)].party;
        let mut said: Vec<Verified<Frame>> = Vec::new();
        if self.relay.tells(office, Lie::Replay) {
            let Relay { draws, carried, .. } = &mut self.relay;
            said.extend(carried.swap(draws, frame));
        }
        if self.relay.tells(office, Lie::Forge)
            && let Some(forged) = self.relay.forges()
        {
            said.extend(self.stripped(frame));
            said.extend(self.spoilt(frame, forged));
            said.extend(self.misnamed(frame, forged));
            said.extend(self.beheaded(frame, forged));
        }
        for frame in said {
            self.deliver_to(Hearers::AllBut(number), (number, place), &frame);
        }
    }

    /// What a relay says to an office besides when it carries a crew's or an operator's word to it: one
    /// of days ago, perhaps, of which the office has no memory.
    pub(super) fn repeated_to(&mut self, frame: &Verified<Frame>) -> Option<Verified<Frame>> {
        let (Topic::Field(office) | Topic::Command(office)) = frame.get().topic() else {
            return None;
        };
        if !self.relay.tells(office, Lie::Replay) {
            return None;
        }
        let Relay { draws, spoken, .. } = &mut self.relay;
        let again = spoken.swap(draws, frame)?;
        (again.get().topic() == frame.get().topic()).then_some(again)
    }

    /// Genuine entries without their bodies, which their signatures do not cover.
    fn stripped(&mut self, frame: &Verified<Frame>) -> Option<Verified<Frame>> {
        let Said::Append { batch, .. } = frame.get().said() else {
            return None;
        };
        let (head, _) = frame.get().text().split_once('\n')?;
        let bare = batch.envelopes.iter().map(|it| it.withhold());
        let text = bare.fold(head.to_owned(), |text, it| text + "\n" + it.line());
        let topic = frame.get().topic().on(self.setup.network.id);
        self.decoder
            .frame(&topic, text.as_bytes(), &self.setup.roster)
            .ok()
    }

    /// Genuine entries under a head that invents more: nobody signs a head.
    fn beheaded(&mut self, frame: &Verified<Frame>, place: u64) -> Option<Verified<Frame>> {
        let Said::Append { head, .. } = frame.get().said() else {
            return None;
        };
        let (_, entries) = frame.get().text().split_once('\n')?;
        let seq = head.seq.saturating_add(1 + place % 1_000);
        let forged = serde_json::to_string(&Head { seq, ..*head }).ok()?;
        let text = format!("{forged}\n{entries}");
        let topic = frame.get().topic().on(self.setup.network.id);
        self.decoder
            .frame(&topic, text.as_bytes(), &self.setup.roster)
            .ok()
    }

    /// A frame said under the name of another office: what its signature makes of that.
    fn misnamed(&mut self, frame: &Verified<Frame>, place: u64) -> Option<Verified<Frame>> {
        let count = self.desks.len() as u64;
        let other = usize::try_from(place % count.max(1)).unwrap_or(0);
        let other = self.desks[other].party;
        let topic = match frame.get().topic() {
            Topic::Log(_) => Topic::Log(other),
            Topic::Digest(_) => Topic::Digest(other),
            Topic::Presence(_) => Topic::Presence(other),
            _ => return None,
        };
        if topic == frame.get().topic() {
            return None;
        }
        let full = topic.on(self.setup.network.id);
        let bytes = frame.get().text().as_bytes();
        self.decoder.frame(&full, bytes, &self.setup.roster).ok()
    }
}
