//! Answers: what was asked is done once, and said to be done when it is on the disk.

use protocol::{Body, CommandReply, Direct, Outcome, PartyId, RequestId, Span, Topic};

use crate::door::Ticket;
use crate::office::{Office, Turn};

/// How long an answer to a call system or an operator means anything, link time.
const REPLY_LIFE: Span = Span::minutes(5);

/// What came of a report or a command: the entry that says so, and what it is about.
pub(crate) struct Recorded {
    pub(crate) ticket: Ticket,
    pub(crate) seq: u64,
    pub(crate) about: String,
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
        self.write(turn, body)
            .ok_or_else(|| "this office is not serving".to_owned())
    }

    /// Answers a call system or an operator: done once durable, refused at once.
    pub(crate) fn answer(
        &mut self,
        turn: &mut Turn,
        to: PartyId,
        request: RequestId,
        outcome: Result<Recorded, String>,
    ) {
        let (after, outcome) = match outcome {
            Ok(recorded) => {
                let Some(log) = self.pen.as_ref().map(crate::pen::Pen::log) else {
                    return;
                };
                let held_by = self.keeping.held_by(log, recorded.seq);
                let done = Outcome::Done {
                    log,
                    seq: recorded.seq,
                    about: recorded.about,
                    held_by,
                };
                (Some(recorded.ticket), done)
            }
            Err(reason) => (
                None,
                self.known_outcome(request)
                    .unwrap_or(Outcome::Refused { reason }),
            ),
        };
        let reply = Direct::Reply(CommandReply { request, outcome });
        let frame = self.spoken(turn, Topic::Reply(to), reply, REPLY_LIFE);
        match after {
            Some(ticket) => self.agenda.after.push((ticket, frame)),
            None => self.publish(turn, &frame),
        }
    }

    /// What came of a request that was acted upon before: it is answered again, not done again.
    pub(crate) fn known_outcome(&self, request: RequestId) -> Option<Outcome> {
        let (epoch, seq) = *self.own()?.requests.get(&request)?;
        let known = self.picture.authors().get(&self.party())?;
        let incarnation = *known
            .lineage
            .logs()
            .keys()
            .find(|incarnation| incarnation.epoch == epoch)?;
        let log = protocol::LogKey {
            author: self.party(),
            incarnation,
        };
        let about = self
            .agenda
            .calls
            .get(&request)
            .map(ToString::to_string)
            .unwrap_or_default();
        Some(Outcome::Done {
            log,
            seq,
            about,
            held_by: self.keeping.held_by(log, seq),
        })
    }
}
