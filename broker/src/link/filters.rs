//! What a link subscribes, what of it the bus granted, and when the rest is asked for again.
//!
//! Pure. A denial need not be meant: a NATS cluster that elects leaders denies everything for some
//! seconds, under load for a minute, and whoever took that for an answer would hear nothing more. So a
//! denied filter is asked for again and again. A bus of several hosts has [`ELECTION`] to make up its
//! mind before the reader is told, and any bus that once granted a filter has [`RETRACTION`]. A lone
//! broker that never did holds no elections: its denial is told at once.
//!
//! Each filter is asked for in a packet of its own. A bus that waits for its leaders answers each only
//! when its own patience is over, and one packet with all of them would have to wait for the sum.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rumqttc::SubscribeReasonCode;

use crate::limit::ACKNOWLEDGEMENT;

/// How long a cluster may deny a filter before it is told: clusters of three elected within 11 s.
const ELECTION: Duration = Duration::from_secs(20);

/// How long a bus may deny a filter that it granted before: five times as long as any cluster took that
/// had lost its leader on a machine with much else to do. A right that was taken away is told as late.
const RETRACTION: Duration = Duration::from_secs(5 * 60);

/// The first pause before a denied filter is asked for again; it doubles.
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause for a filter that the bus granted before: it is deaf for no longer than that once
/// it could be granted again.
const LONGEST_AGAIN: Duration = Duration::from_secs(4);

/// The longest pause: a right that an administrator gives is used about that soon, and a broker that
/// notes each denial is not flooded.
const LONGEST: Duration = Duration::from_secs(60);

pub(super) struct Filters {
    all: Vec<String>,
    patience: Duration,
    /// Those that were granted in any session.
    known: BTreeSet<String>,
    /// Those not granted in this session.
    open: Vec<Open>,
    stage: Stage,
    pause: Duration,
    /// Since when something has been denied, over however many sessions.
    denied_since: Option<Instant>,
    /// Whether anything was granted since the last time that all were asked for.
    progress: bool,
}

struct Open {
    filter: String,
    asked: Asked,
    /// Whether the reader knows that it is denied.
    told: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Not, or not since it was denied.
    No,
    /// It is on its way to the bus.
    Soon,
    /// In the packet of this number.
    In(u16),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// To be asked for at this time.
    Due(Instant),
    /// Asked for, and the last answer, if any, was then.
    Asked(Instant),
    /// Nothing is open.
    Granted,
}

/// What an answer of the bus means for the reader.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// Filters to be told as denied.
    pub(super) denied: Vec<String>,
    /// Whether all filters are granted now, or known to be denied.
    pub(super) up: bool,
}

impl Filters {
    /// None is asked for yet.
    pub(super) fn new(all: Vec<String>, hosts: usize) -> Self {
        Self {
            all,
            patience: if hosts > 1 { ELECTION } else { Duration::ZERO },
            known: BTreeSet::new(),
            open: Vec::new(),
            stage: Stage::Granted,
            pause: FIRST,
            denied_since: None,
            progress: false,
        }
    }

    /// A new session, which knows of none.
    pub(super) fn begin(&mut self, now: Instant) {
        let open = self.all.iter().map(|filter| Open {
            filter: filter.clone(),
            asked: Asked::No,
            told: false,
        });
        self.open = open.collect();
        self.pause = FIRST;
        self.stage = if self.open.is_empty() {
            Stage::Granted
        } else {
            Stage::Due(now)
        };
    }

    /// The session is over; nothing is asked for until the next begins.
    pub(super) fn end(&mut self) {
        self.stage = Stage::Granted;
    }

    /// The filters to subscribe now, if any are due, each in a packet of its own; none while the bus
    /// owes an answer.
    pub(super) fn ask(&mut self, now: Instant) -> Vec<String> {
        match self.stage {
            Stage::Due(at) if at <= now => {
                self.stage = Stage::Asked(now);
                self.progress = false;
                let asked = self.open.iter_mut().map(|it| {
                    it.asked = Asked::Soon;
                    it.filter.clone()
                });
                asked.collect()
            }
            _ => Vec::new(),
        }
    }

    /// A request was written: they are written in the order in which they were asked for.
    pub(super) fn written(&mut self, packet: u16) {
        if let Some(it) = self.open.iter_mut().find(|it| it.asked == Asked::Soon) {
            it.asked = Asked::In(packet);
        }
    }

    /// The answer to a request.
    pub(super) fn answered(
        &mut self,
        packet: u16,
        codes: &[SubscribeReasonCode],
        now: Instant,
    ) -> Answer {
        let asked = Asked::In(packet);
        let Some(at) = self.open.iter().position(|it| it.asked == asked) else {
            return Answer::default();
        };
        if codes.first() == Some(&SubscribeReasonCode::Failure) {
            self.open[at].asked = Asked::No;
        } else {
            self.known.insert(self.open.remove(at).filter);
            self.progress = true;
        }
        self.stage = Stage::Asked(now);
        if self.open.iter().all(|it| it.asked == Asked::No) {
            self.conclude(now)
        } else {
            Answer::default()
        }
    }

    /// All that was asked for is answered.
    fn conclude(&mut self, now: Instant) -> Answer {
        if self.open.is_empty() {
            self.stage = Stage::Granted;
            self.denied_since = None;
            return Answer {
                denied: Vec::new(),
                up: true,
            };
        }
        let (known, patience) = (&self.known, self.patience);
        let again = self.open.iter().any(|it| known.contains(&it.filter));
        self.stage = Stage::Due(now + self.pause);
        let longest = if again { LONGEST_AGAIN } else { LONGEST };
        self.pause = (self.pause * 2).min(longest);
        let since = *self.denied_since.get_or_insert(now);
        let is_meant = |it: &Open| {
            let granted = known.contains(&it.filter);
            now.duration_since(since) >= if granted { RETRACTION } else { patience }
        };
        let news = self.open.iter_mut().filter(|it| !it.told && is_meant(it));
        let news = news.map(|it| {
            it.told = true;
            it.filter.clone()
        });
        let denied: Vec<String> = news.collect();
        let waits = self.open.iter().any(|it| !it.told);
        Answer {
            up: !waits && (self.progress || !denied.is_empty()),
            denied,
        }
    }

    /// Whether this session has granted any.
    pub(super) fn some_are_granted(&self) -> bool {
        self.open.len() < self.all.len()
    }

    /// Whether the bus owes an answer.
    pub(super) fn are_asked(&self) -> bool {
        matches!(self.stage, Stage::Asked(_))
    }

    /// Whether the bus owes an answer for too long.
    pub(super) fn overdue(&self, now: Instant) -> bool {
        matches!(self.stage, Stage::Asked(at) if now.duration_since(at) > ACKNOWLEDGEMENT)
    }
}

#[cfg(test)]
mod tests {
    use rumqttc::QoS;

    use super::*;

    const YES: SubscribeReasonCode = SubscribeReasonCode::Success(QoS::AtLeastOnce);
    const NO: SubscribeReasonCode = SubscribeReasonCode::Failure;

    fn filters(hosts: usize) -> (Filters, Instant) {
        let mut filters = Filters::new(vec!["a".to_owned(), "b".to_owned()], hosts);
        let now = Instant::now();
        filters.begin(now);
        (filters, now)
    }

    /// Asks for what is due, which are so many, and gives an answer for each.
    fn round(filters: &mut Filters, now: Instant, codes: &[SubscribeReasonCode]) -> Answer {
        assert_eq!(filters.ask(now).len(), codes.len());
        assert_eq!(filters.ask(now), [""; 0], "one round at a time");
        let packets = (7..).take(codes.len());
        for packet in packets.clone() {
            filters.written(packet);
        }
        let mut last = Answer::default();
        for (packet, code) in packets.zip(codes) {
            assert!(filters.are_asked());
            last = filters.answered(packet, &[*code], now);
        }
        last
    }

    #[test]
    fn a_lone_broker_s_denial_is_told_at_once_and_asked_again() {
        let (mut filters, now) = filters(1);
        let answer = round(&mut filters, now, &[YES, NO]);
        assert_eq!((answer.denied, answer.up), (vec!["b".to_owned()], true));
        assert_eq!(filters.ask(now), [""; 0]);
        let again = round(&mut filters, now + FIRST, &[NO]);
        assert_eq!(again, Answer::default(), "told once");
        assert_eq!(filters.ask(now + FIRST * 2), [""; 0], "the pause doubles");
        assert!(round(&mut filters, now + FIRST * 3, &[YES]).up);
        assert_eq!(filters.ask(now + LONGEST), [""; 0]);
    }

    #[test]
    fn a_cluster_has_the_time_of_an_election_before_it_is_believed() {
        let (mut filters, begun) = filters(3);
        assert_eq!(round(&mut filters, begun, &[NO, NO]), Answer::default());
        filters.begin(begun + ELECTION);
        let meant = round(&mut filters, begun + ELECTION, &[YES, NO]);
        assert_eq!((meant.denied, meant.up), (vec!["b".to_owned()], true));
    }

    #[test]
    fn a_bus_that_granted_a_filter_before_is_not_believed_when_it_denies_it_for_minutes() {
        let (mut filters, begun) = filters(3);
        assert!(round(&mut filters, begun, &[YES, YES]).up);
        filters.begin(begun);
        assert_eq!(round(&mut filters, begun, &[NO, NO]), Answer::default());
        let mut now = begun;
        for _ in 0..9 {
            now += LONGEST_AGAIN;
            assert_eq!(round(&mut filters, now, &[NO, NO]), Answer::default());
        }
        let half = round(&mut filters, now + LONGEST_AGAIN, &[YES, NO]);
        assert_eq!(half, Answer::default(), "it does not hear all yet");
        let meant = round(&mut filters, begun + RETRACTION, &[NO]);
        assert_eq!((meant.denied, meant.up), (vec!["b".to_owned()], true));
    }

    #[test]
    fn an_answer_that_does_not_come_is_overdue_and_each_that_comes_gives_time() {
        let (mut filters, now) = filters(1);
        let late = now + ACKNOWLEDGEMENT + Duration::from_millis(1);
        assert_eq!(filters.ask(now), ["a", "b"]);
        assert!(!filters.overdue(now + ACKNOWLEDGEMENT) && filters.overdue(late));
        filters.written(7);
        filters.written(8);
        assert_eq!(filters.answered(9, &[YES], late), Answer::default());
        filters.answered(8, &[YES], late);
        assert!(!filters.overdue(late));
        filters.end();
        assert!(!filters.overdue(late + ACKNOWLEDGEMENT * 2));
    }
}
