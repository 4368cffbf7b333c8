//! Answers: what was asked is done once, and said to be done when it is on the disk.

use std::collections::{BTreeMap, VecDeque};

use protocol::{
    Action, Body, Call, CommandReply, Direct, Envelope, Gist, Incarnation, LogKey, Machine,
    OperatorCommand, Outcome, PartyId, Remark, RequestId, Span, Topic, limit, sanitise,
};

use crate::boot::Phase;
use crate::door::Ticket;
use crate::flagging::advised;
use crate::office::{Office, Turn};

/// How long an answer to a call system or an operator means anything, link time.
const REPLY_LIFE: Span = Span::minutes(5);

/// Answers of this life that are remembered with what was asked. The log says of a request which entry
/// answers it, and of what it asked only the gist.
const REMEMBERED: usize = 4_096;

/// Why an office that listens, watches or stands back does nothing.
pub(crate) const NOT_SERVING: &str = "this office is not serving; try again when it is";

/// What came of a report or a command: the entry that says so, and what it is about.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) ticket: Ticket,
    pub(crate) seq: u64,
    pub(crate) about: String,
    /// What the operator should know beside it.
    pub(crate) remark: Option<Remark>,
}

/// Why nothing was written.
#[derive(Debug, Clone)]
pub(crate) enum Undone {
    /// It cannot be done; why, and what to do.
    Refused(String),
    /// It stands so already.
    Already(Remark),
}

impl From<String> for Undone {
    fn from(reason: String) -> Self {
        Self::Refused(reason)
    }
}

impl From<&str> for Undone {
    fn from(reason: &str) -> Self {
        Self::Refused(reason.to_owned())
    }
}

impl From<Remark> for Undone {
    fn from(reason: Remark) -> Self {
        Self::Refused(reason.to_string())
    }
}

/// A sentence in both languages.
pub(crate) fn remark(zh: String, en: String) -> Remark {
    Remark { zh, en }
}

/// Who asks, under which id, and the gist of it: what a repeat says again, whenever it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    to: PartyId,
    request: RequestId,
    gist: String,
}

impl Question {
    /// A question of an operator.
    pub(crate) fn of_command(to: PartyId, command: &OperatorCommand) -> Self {
        let gist = match &command.action {
            Action::Report(call) => gist_of_call(call),
            Action::UnitStatus { unit, state, .. } => format!("{unit} {state}"),
            Action::Stock(count) => format!("{} {}", count.resource, count.on_hand),
            other => serde_json::to_string(other).unwrap_or_default(),
        };
        Self {
            to,
            request: command.request,
            gist,
        }
    }

    /// A call that a call system passes on.
    pub(crate) fn of_call(to: PartyId, call: &Call) -> Self {
        Self {
            to,
            request: call.request,
            gist: gist_of_call(call),
        }
    }

    /// What is written for it bears this.
    pub(crate) fn named(&self) -> (RequestId, Gist) {
        (self.request, Gist::of(&self.gist))
    }

    /// News of what was told before: nobody tells two things under one id there.
    pub(crate) fn of_news(to: PartyId, request: RequestId) -> Self {
        let gist = String::new();
        Self { to, request, gist }
    }
}

/// As its incident's report has it, so that both can be compared.
fn gist_of_call(call: &Call) -> String {
    let (event, place) = (&call.event, &call.place);
    gist_of_incident(
        &sanitise(event, limit::EVENT_CHARS),
        &sanitise(place, limit::TEXT_CHARS),
    )
}

fn gist_of_incident(event: &str, place: &str) -> String {
    format!("{event} {place}")
}

/// What is known of a request that came before.
enum Before {
    /// It asked the same: where that was recorded.
    Same(LogKey, Recorded),
    /// It asked something else: about what, or where that was recorded.
    Other(String),
    /// It was recorded, and what it asked is not known any more.
    Forgotten(LogKey, u64),
}

/// What was answered in this life.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    known: BTreeMap<RequestId, (String, LogKey, Recorded)>,
    order: VecDeque<RequestId>,
}

impl Answered {
    fn remember(&mut self, question: Question, log: LogKey, recorded: Recorded) {
        let request = question.request;
        let known = (question.gist, log, recorded);
        if self.known.insert(request, known).is_none() {
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
        question: Question,
        outcome: Result<Recorded, Undone>,
    ) {
        match outcome {
            Ok(recorded) => {
                let Some(log) = self.pen.as_ref().map(crate::pen::Pen::log) else {
                    return;
                };
                let recorded = advised(turn, recorded);
                let answered = &mut self.agenda.answered;
                let (to, request) = (question.to, question.request);
                answered.remember(question, log, recorded.clone());
                self.say_done(turn, (to, request), log, recorded);
            }
            Err(undone) => {
                if !self.answered_again(turn, &question) {
                    self.say_undone(turn, &question, undone);
                }
            }
        }
    }

    /// An answer, with what this machine is to the office: of two under one name both hear a command, and
    /// what counts is the word of the one that serves.
    pub(crate) fn replied(&self, request: RequestId, outcome: Outcome) -> Direct {
        let machine = match self.phase {
            Phase::Serving => Machine::Serving,
            _ => Machine::Idle,
        };
        Direct::Reply(CommandReply {
            request,
            outcome,
            machine,
        })
    }

    fn say_undone(&mut self, turn: &mut Turn, question: &Question, undone: Undone) {
        // That it stands so already is known from this office's own log: once that is on the disk it stands.
        let (outcome, rests_on) = match undone {
            Undone::Refused(reason) => (Outcome::Refused { reason }, None),
            Undone::Already(remark) => {
                (Outcome::Already { remark }, self.keeping.last_own_pending())
            }
        };
        let reply = self.replied(question.request, outcome);
        let frame = self.spoken(turn, Topic::Reply(question.to), reply, REPLY_LIFE);
        match rests_on {
            Some(ticket) => self.agenda.after.push((ticket, frame)),
            None => self.publish(turn, &frame),
        }
    }

    /// Whether a request was acted upon before: then it is answered again, not done again. Something
    /// else under the same id is refused, for it would be lost.
    pub(crate) fn answered_again(&mut self, turn: &mut Turn, question: &Question) -> bool {
        let request = question.request;
        match self.before(question) {
            None => return false,
            Some(Before::Same(log, recorded)) => {
                self.say_done(turn, (question.to, request), log, recorded);
            }
            Some(Before::Other(what)) => {
                let reason = format!(
                    "request {request} was something else before ({what}); give this one an id of its own"
                );
                self.say_undone(turn, question, reason.into());
            }
            Some(Before::Forgotten(log, seq)) => {
                let used = remark(
                    format!(
                        "编号 {request} 此前已用过，记在 {log} 第 {seq} 条，当时要求什么已无从比对；此次未再执行。\
                         若是另一件事，请换一个编号"
                    ),
                    format!(
                        "request {request} was used before, for entry {seq} of {log}; what it asked then is not \
                         known here any more, and nothing was done now. If this is something else, give it an \
                         id of its own"
                    ),
                );
                self.say_undone(turn, question, Undone::Already(used));
            }
        }
        true
    }

    fn before(&self, question: &Question) -> Option<Before> {
        let answered = self.agenda.answered.known.get(&question.request);
        let answered = answered.filter(|(_, log, it)| self.still_counts(*log, it.seq));
        if let Some((gist, log, recorded)) = answered {
            return Some(if *gist == question.gist {
                Before::Same(*log, recorded.clone())
            } else {
                Before::Other(recorded.about.clone())
            });
        }
        let (log, recorded) = self.recorded_before(question.request)?;
        Some(match self.asked_the_same(question, log, recorded.seq) {
            Some(true) => Before::Same(log, recorded),
            Some(false) => Before::Other(format!("entry {} of {log}", recorded.seq)),
            None => Before::Forgotten(log, recorded.seq),
        })
    }

    /// Whether what an entry was written for asked the same; `None` if that is not known.
    fn asked_the_same(&self, question: &Question, log: LogKey, seq: u64) -> Option<bool> {
        if question.gist.is_empty() {
            return Some(true);
        }
        let entry = (log.incarnation, seq);
        if let Some(known) = self.agenda.gists.get(&entry) {
            return Some(*known == question.named().1);
        }
        // A call system's has none, and its incident says what was told.
        let incident = self.agenda.calls.get(&question.request)?;
        let report = &self.picture.incident(*incident)?.report;
        Some(gist_of_incident(&report.event, &report.place) == question.gist)
    }

    /// Notes what an entry of this office's was written for, so that it is known over a boot.
    pub(crate) fn note_gist(&mut self, envelope: &Envelope) {
        let header = envelope.header();
        if header.log.author == self.party()
            && let Some(gist) = header.gist
        {
            let entry = (header.log.incarnation, header.seq);
            self.agenda.gists.insert(entry, gist);
        }
    }

    /// Whether an entry of this office's counts, as far as is known here. Of one that another machine's
    /// life may have passed over, and of one that a copy of this machine may have written otherwise,
    /// nobody here can tell.
    fn still_counts(&self, log: LogKey, seq: u64) -> bool {
        let Some(known) = self.picture.authors().get(&log.author) else {
            return false;
        };
        let is_told = match self.phase {
            Phase::ReadOnly { other } => {
                other.nonce != self.boot_nonce
                    && known.lineage.in_force() >= Some(other)
                    && !self.keeping.is_rereading(log.author)
            }
            _ => true,
        };
        is_told && !known.lineage.is_orphan(log.incarnation, seq)
    }

    /// What the log says of a request.
    fn recorded_before(&self, request: RequestId) -> Option<(LogKey, Recorded)> {
        let (epoch, seq) = *self.own()?.requests.get(&request)?;
        let author = self.party();
        // A second machine may have had a life of the same epoch; what is read is of the one that counts.
        let lineage = &self.picture.authors().get(&author)?.lineage;
        let of = |incarnation: Incarnation| LogKey {
            author,
            incarnation,
        };
        let counts =
            |life: &&Incarnation| life.epoch == epoch && self.still_counts(of(**life), seq);
        let log = of(*lineage.logs().keys().find(counts)?);
        let about = self.agenda.calls.get(&request);
        let recorded = Recorded {
            ticket: Ticket(self.keeping.tickets),
            seq,
            about: about.map(ToString::to_string).unwrap_or_default(),
            remark: None,
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
            held_by: self.held_by(log, recorded.seq),
            remark: recorded.remark,
        };
        let reply = self.replied(request, outcome);
        let frame = self.spoken(turn, Topic::Reply(to), reply, REPLY_LIFE);
        if is_durable {
            self.publish(turn, &frame);
        } else {
            self.agenda.after.push((recorded.ticket, frame));
        }
    }
}
