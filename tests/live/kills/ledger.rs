//! What was attempted and what was said of it: the one side of the account, the journals are the other.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{CommandReply, LogKey, Outcome, PartyId, RequestId};

use super::operators::{Order, Saying};

/// What every request of a storm begins with.
pub(crate) const PREFIX: &str = "kills-";

/// Something that an operator asked for.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) order: Order,
    pub(crate) answer: Answer,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nothing: it may stand somewhere or not.
    None,
    /// Recorded on the disk of the office, in this place.
    Recorded(LogKey, u64),
    /// Not done.
    Refused,
}

/// Everything that was attempted, by request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    attempts: BTreeMap<RequestId, Attempt>,
    /// Calls without an answer, which operators send again under the same id.
    open: BTreeSet<RequestId>,
    /// Machines that stand back for another under their name, as they said when they were asked last.
    standing_back: BTreeMap<PartyId, u64>,
}

impl Ledger {
    /// A new request.
    pub(crate) fn attempt(&mut self, office: PartyId, saying: Saying) -> Order {
        let request = format!("{PREFIX}{}", self.attempts.len() + 1);
        let request = request.parse().unwrap();
        let order = Order {
            office,
            request,
            saying,
        };
        let answer = Answer::None;
        self.attempts.insert(request, Attempt { order, answer });
        if matches!(saying, Saying::Call(_)) {
            self.open.insert(request);
        }
        order
    }

    /// What its operator says to have an office record something: a note, or to a machine that stands back
    /// for one that is no more, that it is to serve.
    pub(crate) fn next_word(&mut self, office: PartyId) -> Order {
        let machine = self.standing_back.remove(&office);
        self.attempt(office, machine.map_or(Saying::Note, Saying::TakeOver))
    }

    /// Hears an answer.
    pub(crate) fn hear(&mut self, reply: &CommandReply) {
        let Some(attempt) = self.attempts.get_mut(&reply.request) else {
            return;
        };
        let office = attempt.order.office;
        if let Outcome::Refused { reason } = &reply.outcome
            && let Some((_, what_helps)) = reason.split_once("this one is read-only")
            && let Some((_, machine)) = what_helps.split_once("take-over --machine ")
        {
            let machine = u64::from_str_radix(machine, 16).unwrap();
            self.standing_back.insert(office, machine);
        } else {
            self.standing_back.remove(&office);
        }
        match &reply.outcome {
            Outcome::Done { log, seq, .. } => {
                attempt.answer = Answer::Recorded(*log, *seq);
                self.open.remove(&reply.request);
            }
            // It stands somewhere, and nobody says any more where.
            Outcome::Already { .. } => {
                self.open.remove(&reply.request);
            }
            // A call is tried until an office takes it; a note is not.
            Outcome::Refused { .. } if attempt.answer == Answer::None => {
                attempt.answer = match attempt.order.saying {
                    Saying::Note | Saying::TakeOver(_) => Answer::Refused,
                    Saying::Call(_) => Answer::None,
                };
            }
            _ => {}
        }
    }

    /// A call that was not answered yet, to be sent again.
    pub(crate) fn unanswered(&self, number: usize) -> Option<Order> {
        let open = self.open.iter().nth(number % self.open.len().max(1))?;
        Some(self.attempts[open].order)
    }

    /// What was answered to a request.
    pub(crate) fn answer(&self, request: RequestId) -> Answer {
        self.attempts[&request].answer
    }

    /// A request, if somebody ever made it.
    pub(crate) fn attempted(&self, request: RequestId) -> Option<&Attempt> {
        self.attempts.get(&request)
    }

    /// Everything that was attempted.
    pub(crate) fn attempts(&self) -> impl DoubleEndedIterator<Item = &Attempt> {
        self.attempts.values()
    }

    /// Everything that was recorded, with its place.
    pub(crate) fn recorded(&self) -> impl DoubleEndedIterator<Item = (PartyId, LogKey, u64)> {
        self.attempts().filter_map(|it| match it.answer {
            Answer::Recorded(log, seq) => Some((it.order.office, log, seq)),
            Answer::None | Answer::Refused => None,
        })
    }

    /// Plants a fault: an office said to have recorded what it never did; gives where.
    pub(crate) fn pretend_recorded(&mut self) -> (PartyId, LogKey, u64) {
        let place = self.recorded().next_back();
        let (office, log, seq) = place.expect("something was recorded");
        let unheard = self.attempts.values_mut();
        let unheard = { unheard }.find(|it| it.answer == Answer::None);
        let unheard = unheard.expect("an office was killed before it answered");
        let seq = seq + 1_000_000;
        unheard.answer = Answer::Recorded(log, seq);
        (office, log, seq)
    }

    /// Plants a fault: somebody else asked for what was recorded.
    pub(crate) fn forget_one_recorded(&mut self) {
        let is_recorded = |it: &Attempt| matches!(it.answer, Answer::Recorded(..));
        let recorded = self.attempts.values().find(|it| is_recorded(it));
        let request = recorded.expect("something was recorded").order.request;
        self.attempts.remove(&request);
    }
}
