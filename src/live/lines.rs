//! The lines of one office under the faults of a free-running drill: what passes, what waits, what
//! is lost.
//!
//! Every way is spoiled at one end alone. Over one broker for all, a way out that is bad towards
//! everybody is spoiled at its sender: MQTT would send a lost publish again, so a loss here comes before
//! the bus, as if the message had never been handed over, and nobody at all hears it. Any other way is
//! spoiled at its receiver, after the bus. Where each office has a broker, the ways are those between an
//! office and the others' brokers, and the office spoils both, out and in. The ground and the room speak to their own office without a regional
//! line: no fault touches calls, orders, commands, answers, what came on a stick, and the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::{BusId, Frame, Moment, PartyId, Said, Topic, Verified};
use serde::Serialize;
use simulator::{NetworkProfile, Stream, Way};

use crate::live::wires::Plug;

/// What the faults that run make of an office's lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineFaults {
    /// It reaches nobody and hears nobody.
    pub(crate) isolated: bool,
    /// Whom it does not hear.
    pub(crate) deaf_to: BTreeSet<PartyId>,
    /// What its way out to everybody is like.
    pub(crate) out: Option<NetworkProfile>,
    /// What its ways in are like, by sender or by the broker's host.
    pub(crate) from: BTreeMap<PartyId, NetworkProfile>,
    /// Whose brokers it does not reach.
    pub(crate) mute_to: BTreeSet<PartyId>,
    /// What its ways out are like, by the broker's host.
    pub(crate) to: BTreeMap<PartyId, NetworkProfile>,
}

/// A frame on its way.
#[derive(Clone, Debug)]
pub(crate) enum Parcel {
    /// To a bus.
    Out(BusId, Arc<Frame>),
    /// From a bus to the office.
    In(BusId, Verified<Frame>),
}

/// What faults did to frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Spoiled {
    /// Frames that a bad way lost; what a cut keeps back is not counted.
    pub(crate) lost: u64,
    /// Frames that came late.
    pub(crate) delayed: u64,
    /// Frames that came twice.
    pub(crate) repeated: u64,
}

/// The end of a way that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Out,
    To(PartyId),
    In(PartyId),
}

/// The lines of one office.
#[derive(Debug)]
pub(crate) struct Lines {
    us: PartyId,
    seed: u64,
    /// On whose machines the brokers are, where they are somebody's.
    hosts: BTreeMap<BusId, PartyId>,
    faults: LineFaults,
    ways: BTreeMap<End, Way>,
    /// What waits, by the drill time at which it is due and in the order of its coming.
    waiting: BTreeMap<(Moment, u64), (End, Parcel)>,
    taken: u64,
    spoiled: Spoiled,
}

impl Lines {
    /// Lines to these buses without a fault; the seed is the drill's.
    pub(crate) fn new(us: PartyId, seed: u64, plugs: &[Plug]) -> Self {
        let hosts = plugs.iter().filter_map(|plug| Some((plug.id, plug.host?)));
        Self {
            us,
            seed,
            hosts: hosts.collect(),
            faults: LineFaults::default(),
            ways: BTreeMap::new(),
            waiting: BTreeMap::new(),
            taken: 0,
            spoiled: Spoiled::default(),
        }
    }

    /// Whether the office is cut from a bus: it neither reaches nor hears its broker, or anybody there
    /// if that is nobody's.
    pub(crate) fn is_cut_from(&self, bus: BusId) -> bool {
        match self.hosts.get(&bus) {
            None => self.faults.isolated,
            Some(host) => self.faults.deaf_to.contains(host) && self.faults.mute_to.contains(host),
        }
    }

    /// What faults did so far.
    pub(crate) fn spoiled(&self) -> Spoiled {
        self.spoiled
    }

    /// Other faults from now on. What waits on a way that is well again is due at once.
    pub(crate) fn suffer(&mut self, faults: LineFaults) {
        self.faults = faults;
        let waiting = std::mem::take(&mut self.waiting);
        for ((due, order), (end, parcel)) in waiting {
            let due = if self.profile(end).is_some() {
                due
            } else {
                Moment(0)
            };
            self.waiting.insert((due, order), (end, parcel));
        }
    }

    /// Takes a frame at a drill time and gives it back if it passes at once.
    pub(crate) fn take(&mut self, at: Moment, parcel: Parcel) -> Option<Parcel> {
        if self.is_cut(&parcel) {
            return None;
        }
        let Some(end) = self.end(&parcel) else {
            return Some(parcel);
        };
        let Some(profile) = self.profile(end).copied() else {
            return Some(parcel);
        };
        let (us, seed) = (self.us, self.seed);
        let way = self.ways.entry(end).or_insert_with(|| {
            let name = match end {
                End::Out => format!("{us}>*"),
                End::To(host) => format!("{us}>{host}"),
                End::In(sender) => format!("{sender}>{us}"),
            };
            let draws = |name: &str| Stream::Network.draws(seed, name);
            Way::new(draws(&name), draws(&format!("{name} spoils")))
        });
        let arrivals = way.carry(&profile, at, parcel.bytes());
        let Some(first) = arrivals.first else {
            self.spoiled.lost += 1;
            return None;
        };
        self.spoiled.delayed += u64::from(first > at);
        if let Some(second) = arrivals.second {
            self.spoiled.repeated += 1;
            self.wait(second, end, parcel.clone());
        }
        self.wait(first, end, parcel);
        None
    }

    /// What has waited long enough, in its order, without what a cut keeps back by now.
    pub(crate) fn due(&mut self, now: Moment) -> Vec<Parcel> {
        let later = self.waiting.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut self.waiting, later);
        due.into_values()
            .map(|(_, parcel)| parcel)
            .filter(|parcel| !self.is_cut(parcel))
            .collect()
    }

    /// When the next frame is due, drill time.
    pub(crate) fn next(&self) -> Option<Moment> {
        self.waiting.keys().next().map(|(due, _)| *due)
    }

    fn wait(&mut self, due: Moment, end: End, parcel: Parcel) {
        self.taken += 1;
        self.waiting.insert((due, self.taken), (end, parcel));
    }

    fn profile(&self, end: End) -> Option<&NetworkProfile> {
        match end {
            End::Out => self.faults.out.as_ref(),
            End::To(host) => self.faults.to.get(&host),
            End::In(sender) => self.faults.from.get(&sender),
        }
    }

    fn is_cut(&self, parcel: &Parcel) -> bool {
        match self.end(parcel) {
            Some(End::In(sender)) => {
                let isolated = self.faults.isolated && self.hosts.is_empty();
                isolated || self.faults.deaf_to.contains(&sender)
            }
            Some(End::To(host)) => self.faults.mute_to.contains(&host),
            Some(End::Out) => self.faults.isolated,
            None => false,
        }
    }

    /// Whether a frame brings what came on a stick: the office's own operator hands it over.
    fn is_by_hand(&self, topic: Topic, sender: PartyId) -> bool {
        let room = sender.as_str().strip_prefix("op-");
        matches!(topic, Topic::Fill(_)) && room == Some(self.us.as_str())
    }

    /// Which way a frame takes; `None` if no fault touches it.
    fn end(&self, parcel: &Parcel) -> Option<End> {
        match parcel {
            Parcel::Out(bus, frame) => {
                let local = matches!(frame.topic(), Topic::Order(_) | Topic::Reply(_));
                let end = match self.hosts.get(bus) {
                    None => Some(End::Out),
                    Some(host) => (*host != self.us).then_some(End::To(*host)),
                };
                end.filter(|_| !local)
            }
            Parcel::In(bus, frame) => {
                let frame = frame.get();
                let local = matches!(
                    frame.topic(),
                    Topic::Field(_) | Topic::Command(_) | Topic::Clock | Topic::Step(_)
                );
                let sender = match frame.said() {
                    Said::Append { head, .. } => head.log.author,
                    Said::Direct { from, .. } => *from,
                    // Offices do not read the views of others.
                    Said::View => return None,
                };
                if local || self.is_by_hand(frame.topic(), sender) {
                    return None;
                }
                let end = self.hosts.get(bus).copied().unwrap_or(sender);
                (end != self.us).then_some(End::In(end))
            }
        }
    }
}

impl Parcel {
    fn bytes(&self) -> usize {
        match self {
            Self::Out(_, frame) => frame.text().len(),
            Self::In(_, frame) => frame.get().text().len(),
        }
    }
}

impl Spoiled {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            delayed: self.delayed + other.delayed,
            repeated: self.repeated + other.repeated,
        }
    }
}

#[cfg(test)]
mod tests;
