//! Answers: what was asked is done once, and said to be done when it is on the disk.

use std::collections::{BTreeMap, VecDeque};

use protocol::{Body, CommandReply, Direct, LogKey, Outcome, PartyId, RequestId, Span, Topic};

use crate::door::Ticket;
use crate::office::{Office, Turn};

/// How long an answer to a call system or an operator means anything, link time.
const REPLY_LIFE: Span = Span::minutes(5);

/// Answers of this life that are remembered. Most requests are recorded in the log as well; this is
/// for those whose entry has no room for them, such as a note.
const REMEMBERED: usize = 4_096;

/// Why an office that listens, watches or stands back does nothing.
pub(crate) const NOT_SERVING: &str = "this office is not serving; try again when it is";

/// What came of a report or a command: the entry that says so, and what it is about.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) ticket: Ticket,
    pub(crate) seq: u64,
    pub(crate) about: String,
}

/// What was answered in this life.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    known: BTreeMap<RequestId, (LogKey, Recorded)>,
    order: VecDeque<RequestId>,
}

impl Answered {
    fn remember(&mut self, request: RequestId, log: LogKey, recorded: Recorded) {
        if self.known.insert(request, (log, recorded)).is_none() {
            self.order.push_back(request);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

impl Office {
    /// Writes an entry if it would stand; says why if it would be void.
    pub(crate) fn write_checked(
        &mut self,
        turn: &mut Turn,
        body: Body,
    ) -> Result<(Ticket, u64), String> {
        if let Some(own) = self.own() {
            own.trial(self.party(), &body)
                .map_err(|void| format!("{} ({})", void, void.code()))?;
        }
        self.write(turn, body).ok_or_else(|| NOT_SERVING.to_owned())
    }

    /// Answers a call system or an operator: done once durable, refused at once.
    pub(crate) fn answer(
        &mut self,
        turn: &mut Turn,
        to: PartyId,
        request: RequestId,
        outcome: Result<Recorded, String>,
    ) {
        match outcome {
            Ok(recorded) => {
                let Some(log) = self.pen.as_ref().map(crate::pen::Pen::log) else {
                    return;
                };
                let answered = &mut self.agenda.answered;
                answered.remember(request, log, recorded.clone());
                self.say_done(turn, (to, request), log, recorded);
            }
            Err(reason) => {
                if !self.answered_again(turn, to, request) {
                    let refused = Outcome::Refused { reason };
                    let reply = Direct::Reply(CommandReply {
                        request,
                        outcome: refused,
                    });
                    self.say(turn, Topic::Reply(to), reply, REPLY_LIFE);
                }
            }
        }
    }

    /// Whether a request was acted upon before: then it is answered again, not done again.
    pub(crate) fn answered_again(
        &mut self,
        turn: &mut Turn,
        to: PartyId,
        request: RequestId,
    ) -> bool {
        let remembered = self.agenda.answered.known.get(&request).cloned();
        let Some((log, recorded)) = remembered.or_else(|| self.recorded_before(request)) else {
            return false;
        };
        self.say_done(turn, (to, request), log, recorded);
        true
    }

    /// What the log says of a request.
    fn recorded_before(&self, request: RequestId) -> Option<(LogKey, Recorded)> {
        let (epoch, seq) = *self.own()?.requests.get(&request)?;
        let author = self.party();
        let lives = self.picture.authors().get(&author)?.lineage.logs();
        let incarnation = *lives.keys().find(|life| life.epoch == epoch)?;
        let about = self.agenda.calls.get(&request);
        let recorded = Recorded {
            ticket: Ticket(self.keeping.tickets),
            seq,
            about: about.map(ToString::to_string).unwrap_or_default(),
        };
        let log = LogKey {
            author,
            incarnation,
        };
        Some((log, recorded))
    }

    /// Says that it is done, once the entry that says so is on the disk.
    fn say_done(
        &mut self,
        turn: &mut Turn,
        (to, request): (PartyId, RequestId),
        log: LogKey,
        recorded: Recorded,
    ) {
        let durable = self.keeping.durable().get(&log);
        let is_durable = durable.is_some_and(|(held, _)| *held >= recorded.seq);
        let outcome = Outcome::Done {
            log,
            seq: recorded.seq,
            about: recorded.about,
            held_by: self.keeping.held_by(log, recorded.seq),
        };
        let reply = Direct::Reply(CommandReply { request, outcome });
        let frame = self.spoken(turn, Topic::Reply(to), reply, REPLY_LIFE);
        if is_durable {
            self.publish(turn, &frame);
        } else {
            self.agenda.after.push((recorded.ticket, frame));
        }
    }
}
