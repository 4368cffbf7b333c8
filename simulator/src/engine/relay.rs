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
    carried: Vec<Verified<Frame>>,
    /// What crews, call systems and operators said.
    spoken: Vec<Verified<Frame>>,
}

impl Relay {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            draws: Stream::Faults.draws(seed, "relay"),
            lies: Vec::new(),
            carried: Vec::new(),
            spoken: Vec::new(),
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

    /// Keeps a frame to say it again, in the place of one drawn if it has many.
    fn keep(&mut self, frame: &Verified<Frame>) {
        if self.carried.len() < KEPT {
            self.carried.push(frame.clone());
        } else {
            let place = self.draws.place(KEPT);
            self.carried[place] = frame.clone();
        }
    }

    fn again(&mut self) -> Option<Verified<Frame>> {
        if !self.draws.happens(LIES) || self.carried.is_empty() {
            return None;
        }
        let place = self.draws.place(self.carried.len());
        Some(self.carried[place].clone())
    }

    /// Keeps what was said to an office, and gives back something that was said before.
    fn said_again(&mut self, frame: &Verified<Frame>) -> Option<Verified<Frame>> {
        let again = (self.draws.happens(LIES) && !self.spoken.is_empty()).then(|| {
            let place = self.draws.place(self.spoken.len());
            self.spoken[place].clone()
        });
        if self.spoken.len() < KEPT {
            self.spoken.push(frame.clone());
        } else {
            let place = self.draws.place(KEPT);
            self.spoken[place] = frame.clone();
        }
        again
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
            said.extend(self.relay.again());
            self.relay.keep(frame);
        }
        if self.relay.tells(office, Lie::Forge)
            && let Some(forged) = self.relay.forges()
        {
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
        let tells = self.relay.tells(office, Lie::Replay);
        let again = tells.then(|| self.relay.said_again(frame)).flatten()?;
        (again.get().topic() == frame.get().topic()).then_some(again)
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
