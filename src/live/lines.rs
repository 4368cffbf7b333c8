//! The lines of one office under the faults of a free-running drill: what passes, what waits, what
//! is lost.
//!
//! Every way is spoiled at one end alone. A way out that is bad towards everybody is spoiled at its
//! sender: MQTT would send a lost publish again, so a loss here comes before the bus, as if the
//! message had never been handed over, and nobody at all hears it. Any other way is spoiled at its
//! receiver, after the bus. The ground and the room speak to their own office without a regional
//! line: no fault touches calls, orders, commands, answers, what came on a stick, and the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::{Frame, Moment, PartyId, Said, Topic, Verified};
use serde::Serialize;
use simulator::{NetworkProfile, Stream, Way};

/// What the faults that run make of an office's lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineFaults {
    /// It reaches nobody and hears nobody.
    pub(crate) isolated: bool,
    /// Whom it does not hear.
    pub(crate) deaf_to: BTreeSet<PartyId>,
    /// What its way out to everybody is like.
    pub(crate) out: Option<NetworkProfile>,
    /// What its ways in are like, by sender.
    pub(crate) from: BTreeMap<PartyId, NetworkProfile>,
}

/// A frame on its way.
#[derive(Clone, Debug)]
pub(crate) enum Parcel {
    /// To the bus.
    Out(Arc<Frame>),
    /// From the bus to the office.
    In(Verified<Frame>),
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
    In(PartyId),
}

/// The lines of one office.
#[derive(Debug)]
pub(crate) struct Lines {
    us: PartyId,
    seed: u64,
    faults: LineFaults,
    ways: BTreeMap<End, Way>,
    /// What waits, by the drill time at which it is due and in the order of its coming.
    waiting: BTreeMap<(Moment, u64), (End, Parcel)>,
    taken: u64,
    spoiled: Spoiled,
}

impl Lines {
    /// Lines without a fault; the seed is the drill's.
    pub(crate) fn new(us: PartyId, seed: u64) -> Self {
        Self {
            us,
            seed,
            faults: LineFaults::default(),
            ways: BTreeMap::new(),
            waiting: BTreeMap::new(),
            taken: 0,
            spoiled: Spoiled::default(),
        }
    }

    /// Whether the office reaches nobody and hears nobody.
    pub(crate) fn is_isolated(&self) -> bool {
        self.faults.isolated
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
            End::In(sender) => self.faults.from.get(&sender),
        }
    }

    fn is_cut(&self, parcel: &Parcel) -> bool {
        match self.end(parcel) {
            Some(End::In(sender)) => self.faults.isolated || self.faults.deaf_to.contains(&sender),
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
            Parcel::Out(frame) => {
                let local = matches!(frame.topic(), Topic::Order(_) | Topic::Reply(_));
                (!local).then_some(End::Out)
            }
            Parcel::In(frame) => {
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
                (!local && sender != self.us && !self.is_by_hand(frame.topic(), sender))
                    .then_some(End::In(sender))
            }
        }
    }
}

impl Parcel {
    fn bytes(&self) -> usize {
        match self {
            Self::Out(frame) => frame.text().len(),
            Self::In(frame) => frame.get().text().len(),
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
mod tests {
    use protocol::{
        AreaCode, Decoder, Direct, Fill, Hash, Head, Incarnation, LogKey, Member, Mode, NetId,
        Network, Role, Roster, RosterChange, Signer, Span, Speaker, Suite, Wall,
    };
    use simulator::{Chance, Spread};

    use super::*;

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    fn log() -> LogKey {
        LogKey {
            author: party("990100"),
            incarnation: Incarnation { epoch: 1, nonce: 7 },
        }
    }

    fn signer(name: &str) -> Signer {
        Signer::new(party(name), Suite::Virtual, Hash::of(name.as_bytes()).0)
    }

    fn out(topic: Topic) -> Parcel {
        let net: NetId = "drill-1".parse().unwrap();
        let log = log();
        let hash = Hash([0; 32]);
        let frame = match topic {
            Topic::Log(_) => Frame::append(net, Head { log, seq: 1, hash }, Vec::new()),
            other => Frame::view(net, other, "{}"),
        };
        Parcel::Out(Arc::new(frame))
    }

    fn entry() -> Parcel {
        out(Topic::Log(party("990100")))
    }

    fn slow() -> NetworkProfile {
        NetworkProfile {
            latency: Spread::Fixed {
                time: Span::seconds(2),
            },
            ..NetworkProfile::default()
        }
    }

    fn lines(out: NetworkProfile) -> Lines {
        let mut lines = Lines::new(party("990100"), 7);
        lines.suffer(LineFaults {
            out: Some(out),
            ..LineFaults::default()
        });
        lines
    }

    #[test]
    fn without_a_fault_everything_passes_at_once() {
        let mut lines = Lines::new(party("990100"), 7);
        assert!(lines.take(Moment(1), entry()).is_some());
        assert_eq!((lines.next(), lines.spoiled()), (None, Spoiled::default()));
    }

    #[test]
    fn a_slow_way_holds_a_frame_until_it_is_due() {
        let mut lines = lines(slow());
        assert!(lines.take(Moment(1), entry()).is_none());
        let due = Moment(1) + Span::seconds(2);
        assert_eq!(lines.next(), Some(due));
        assert_eq!(lines.due(Moment(due.0 - 1)).len(), 0);
        assert_eq!(lines.due(due).len(), 1);
        assert_eq!(lines.spoiled().delayed, 1);
    }

    #[test]
    fn what_waits_is_due_at_once_when_its_way_is_well_again() {
        let mut lines = lines(slow());
        lines.take(Moment(9), entry());
        lines.suffer(LineFaults::default());
        assert_eq!(lines.due(Moment(9)).len(), 1);
        assert!(lines.take(Moment(9), entry()).is_some());
    }

    #[test]
    fn a_lost_frame_is_counted_and_never_comes() {
        let mut lines = lines(NetworkProfile {
            loss: Chance::ALWAYS,
            ..slow()
        });
        assert!(lines.take(Moment(1), entry()).is_none());
        assert_eq!((lines.next(), lines.spoiled().lost), (None, 1));
    }

    /// A fill that this operator hands to the office.
    fn by_hand(operator: &str) -> Parcel {
        let network = Network {
            id: "drill-1".parse().unwrap(),
            mode: Mode::Test,
            region: party("990000"),
            root: signer("990000").public(),
            suite: Suite::Virtual,
        };
        let mut roster = Roster::new(&network);
        roster.apply(&RosterChange::Admit(Box::new(Member {
            party: party(operator),
            role: Role::Operator,
            area: AreaCode(990_100),
            office: party("990100"),
            circle: String::new(),
            name_zh: String::new(),
            name_en: String::new(),
            key: signer(operator).public(),
        })));
        let mut speaker = Speaker::new(network.id, network.mode, signer(operator), 1);
        let fill = Direct::Fill(Fill {
            log: log(),
            from: 1,
            count: 0,
        });
        let topic = Topic::Fill(party("990100"));
        let times = (Wall::default(), Span::minutes(1));
        let frame = Frame::direct(&mut speaker, network.id, topic, fill, times);
        let mut decoder = Decoder::new(network.clone());
        let topic = topic.on(network.id);
        let frame = decoder.frame(&topic, frame.text().as_bytes(), &roster);
        Parcel::In(frame.unwrap())
    }

    #[test]
    fn no_fault_touches_what_an_office_s_own_operator_hands_over() {
        let mut lines = lines(slow());
        lines.suffer(LineFaults {
            isolated: true,
            ..LineFaults::default()
        });
        assert!(lines.take(Moment(1), by_hand("op-990200")).is_none());
        assert!(lines.take(Moment(1), by_hand("op-990100")).is_some());
    }

    #[test]
    fn no_fault_touches_what_an_office_says_to_its_own_ground() {
        let mut lines = lines(slow());
        lines.suffer(LineFaults {
            isolated: true,
            ..LineFaults::default()
        });
        assert!(lines.take(Moment(1), entry()).is_none());
        let order = out(Topic::Order(party("990100")));
        assert!(lines.take(Moment(1), order).is_some());
    }
}
