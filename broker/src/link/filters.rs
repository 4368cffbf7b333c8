//! What a link subscribes, what of it the bus granted, and when the rest is asked for again.
//!
//! Pure. A denial need not be meant: a NATS cluster that elects a leader denies everything for some
//! seconds, and whoever took that for an answer would hear nothing more. So a denied filter is asked
//! for again and again, and a bus of several hosts has [`ELECTION`] to make up its mind before the
//! reader is told. A lone broker holds no elections: its denial is told at once.

use std::time::{Duration, Instant};

use rumqttc::SubscribeReasonCode;

use crate::limit::ACKNOWLEDGEMENT;

/// How long a cluster may deny a filter before it is told: clusters of three elected within 11 s.
const ELECTION: Duration = Duration::from_secs(20);

/// The first pause before a denied filter is asked for again; it doubles.
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause: a right that an administrator gives is used about that soon, and a broker that
/// notes each denial is not flooded.
const LONGEST: Duration = Duration::from_secs(60);

pub(super) struct Filters {
    all: Vec<String>,
    patience: Duration,
    /// Those not granted in this session.
    open: Vec<Open>,
    stage: Stage,
    pause: Duration,
    /// Since when something has been denied, over however many sessions.
    denied_since: Option<Instant>,
}

struct Open {
    filter: String,
    /// Whether the reader knows that it is denied.
    told: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// To be asked for at this time.
    Due(Instant),
    /// Asked for, and not answered since.
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
            open: Vec::new(),
            stage: Stage::Granted,
            pause: FIRST,
            denied_since: None,
        }
    }

    /// A new session, which knows of none.
    pub(super) fn begin(&mut self, now: Instant) {
        let open = self.all.iter().map(|filter| Open {
            filter: filter.clone(),
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

    /// The filters to subscribe now, if any are due; one request at a time.
    pub(super) fn ask(&mut self, now: Instant) -> Option<Vec<String>> {
        match self.stage {
            Stage::Due(at) if at <= now => {
                self.stage = Stage::Asked(now);
                Some(self.open.iter().map(|it| it.filter.clone()).collect())
            }
            _ => None,
        }
    }

    /// The answer to what was asked last.
    pub(super) fn answered(&mut self, codes: &[SubscribeReasonCode], now: Instant) -> Answer {
        let (before, mut codes) = (self.open.len(), codes.iter());
        self.open
            .retain(|_| codes.next() == Some(&SubscribeReasonCode::Failure));
        if self.open.is_empty() {
            self.stage = Stage::Granted;
            self.denied_since = None;
            return Answer {
                denied: Vec::new(),
                up: true,
            };
        }
        self.stage = Stage::Due(now + self.pause);
        self.pause = (self.pause * 2).min(LONGEST);
        let since = *self.denied_since.get_or_insert(now);
        if now.duration_since(since) < self.patience {
            return Answer::default();
        }
        let news = self.open.iter_mut().filter(|it| !it.told);
        let news = news.map(|it| {
            it.told = true;
            it.filter.clone()
        });
        let denied: Vec<String> = news.collect();
        Answer {
            up: !denied.is_empty() || self.open.len() < before,
            denied,
        }
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
        let now = Instant::now();
        let mut filters = Filters::new(vec!["a".to_owned(), "b".to_owned()], hosts);
        filters.begin(now);
        assert_eq!(filters.ask(now).unwrap(), ["a", "b"]);
        assert_eq!(filters.ask(now), None, "one request at a time");
        (filters, now)
    }

    #[test]
    fn a_lone_broker_s_denial_is_told_at_once_and_asked_again() {
        let (mut filters, now) = filters(1);
        let answer = filters.answered(&[YES, NO], now);
        assert_eq!((answer.denied, answer.up), (vec!["b".to_owned()], true));
        assert_eq!(filters.ask(now), None);
        assert_eq!(filters.ask(now + FIRST).unwrap(), ["b"]);
        let again = filters.answered(&[NO], now + FIRST);
        assert_eq!(again, Answer::default(), "told once");
        assert_eq!(filters.ask(now + FIRST * 2), None, "the pause doubles");
        assert!(filters.ask(now + FIRST * 3).is_some());
        assert!(filters.answered(&[YES], now + FIRST * 3).up);
        assert_eq!(filters.ask(now + LONGEST), None);
    }

    #[test]
    fn a_cluster_has_the_time_of_an_election_before_it_is_believed() {
        let (mut filters, begun) = filters(3);
        assert_eq!(filters.answered(&[NO, NO], begun), Answer::default());
        let asked = begun + FIRST;
        assert_eq!(filters.ask(asked).unwrap(), ["a", "b"]);
        let elected = filters.answered(&[YES, YES], asked);
        assert_eq!((elected.denied.len(), elected.up), (0, true));
        filters.begin(asked);
        filters.ask(asked);
        assert_eq!(filters.answered(&[YES, NO], asked), Answer::default());
        filters.begin(asked + ELECTION);
        filters.ask(asked + ELECTION);
        let meant = filters.answered(&[YES, NO], asked + ELECTION);
        assert_eq!((meant.denied, meant.up), (vec!["b".to_owned()], true));
    }

    #[test]
    fn an_answer_that_does_not_come_is_overdue() {
        let (mut filters, now) = filters(1);
        let late = now + ACKNOWLEDGEMENT + Duration::from_millis(1);
        assert!(!filters.overdue(now + ACKNOWLEDGEMENT) && filters.overdue(late));
        filters.end();
        assert!(!filters.overdue(late));
    }
}
