//! Operator commands: signed by an operator of this office, done once, answered from the disk.

use std::sync::Arc;

use protocol::{
    Acknowledge, Action, Body, Call, DutyNote, FollowUp, IncidentId, IncidentReport, Lead, Level,
    LogKey, Moment, NeedEnd, OperatorCommand, Outcome, PartyId, ReportKind, Requirement,
    ResourceId, Role, Span, Stage, StatusSource, StockCount, Topic, UnitState, UnitStatus, limit,
    sanitise,
};

use crate::afterwards::{self, Clocks};
use crate::answer::{Question, Recorded, Undone, remark};
use crate::boot::Phase;
use crate::desk::level_of;
use crate::keeping::DISK_BEHIND;
use crate::office::{Office, Turn};

impl Office {
    /// A command from the shell, a screen or a console.
    pub(crate) fn command(&mut self, turn: &mut Turn, from: PartyId, command: &OperatorCommand) {
        let us = self.party();
        let allowed = self.picture.roster().member(from).is_some_and(|member| {
            member.role == Role::Director || (member.role == Role::Operator && member.office == us)
        });
        // Of all machines under this name it concerns the one that it names; the others say nothing.
        let machine = match command.action {
            Action::TakeOver { machine } => Some(machine),
            _ => None,
        };
        if machine.is_some_and(|machine| machine != self.boot_nonce) {
            return;
        }
        let refusal = if !allowed {
            Some(format!(
                "\"{from}\" is no operator of \"{us}\"; send it to your own office"
            ))
        } else if self.phase != Phase::Serving && machine.is_none() {
            Some(self.not_serving(turn.now.link))
        } else {
            None
        };
        if let Some(reason) = refusal {
            let question = Question::of_command(from, command);
            self.answer(turn, question, Err(reason.into()));
            return;
        }
        let question = Question::of_command(from, command);
        if self.answered_again(turn, &question) {
            return;
        }
        if let Some(outcome) = self.look_around(turn, &command.action) {
            self.reply(turn, from, command, outcome);
            return;
        }
        if self.keeping.is_full() {
            self.answer(turn, question, Err(DISK_BEHIND.into()));
            return;
        }
        turn.request = Some(question.named());
        turn.post = Some(sanitise(&command.by, limit::POST_CHARS));
        let done = self.act(turn, command);
        (turn.request, turn.post) = (None, None);
        self.answer(turn, question, done);
    }

    fn reply(&mut self, turn: &mut Turn, to: PartyId, command: &OperatorCommand, outcome: Outcome) {
        let reply = self.replied(command.request, outcome);
        self.say(turn, Topic::Reply(to), reply, Span::minutes(5));
    }

    fn act(&mut self, turn: &mut Turn, command: &OperatorCommand) -> Result<Recorded, Undone> {
        is_said("who decides", &command.by, limit::POST_CHARS)?;
        let by = sanitise(&command.by, limit::POST_CHARS);
        let clocks = clocks(turn, command);
        match &command.action {
            Action::Report(call) => {
                is_well_said(call)?;
                self.is_placed(call)?;
                let mut call = afterwards::came(clocks, (**call).clone())?;
                call.request = command.request;
                self.call(turn, &call)
            }
            Action::FollowUp(next) => Ok(self.follow_up(turn, command, next)?),
            Action::UnitStatus {
                unit,
                state,
                caller,
                called_at,
            } => {
                is_said("who phoned", caller, limit::POST_CHARS)?;
                let as_of = afterwards::said(clocks, "the call", *called_at)?;
                let source = StatusSource::Proxy {
                    caller: sanitise(caller, limit::POST_CHARS),
                    called_at: as_of,
                    dispatcher: by,
                    request: command.request,
                };
                let recorded = self.unit_by_proxy(turn, *unit, (*state, as_of), source)?;
                self.heard_by_phone(*unit, *called_at);
                let remark = self.still_in_doubt(*unit);
                Ok(Recorded { remark, ..recorded })
            }
            Action::Stock(count) => Ok(self.count_by_hand(turn, command, count.clone())?),
            Action::Acknowledge { log, seq } => self.acknowledge(turn, *log, *seq, by),
            Action::Note { incident, text, at } => {
                let at = afterwards::said(clocks, "the note", *at)?;
                Ok(self.note(turn, *incident, (text, at), by)?)
            }
            Action::Warning(order) => {
                let written = self.warn(turn, order)?;
                let otherwise = "nothing to change: the warning stands as asked";
                Ok(done(written, "warning", otherwise)?)
            }
            Action::Response(order) => {
                let written = self.respond(turn, order)?;
                let otherwise = "nothing to change: the response stands as asked";
                Ok(done(written, "response", otherwise)?)
            }
            Action::Lead {
                incident,
                lead,
                act,
            } => {
                let at = turn.now.drill;
                let said = Lead {
                    incident: *incident,
                    lead: *lead,
                    act: *act,
                    at,
                };
                let written = self.write_checked(turn, Body::Lead(said))?;
                Ok(recorded(written, &lead))
            }
            Action::TakeOver { .. } => self.take_over(turn),
            Action::Clock(_) => Err("the clock belongs to the exercise director".into()),
            _ => self.aid_action(turn, command, by),
        }
    }

    fn count_by_hand(
        &mut self,
        turn: &mut Turn,
        command: &OperatorCommand,
        mut count: StockCount,
    ) -> Result<Recorded, String> {
        is_said("why the count changed", &count.reason, limit::TEXT_CHARS)?;
        count.request = command.request;
        let known = self.own().and_then(|own| own.holdings.get(&count.resource));
        let known = known.map(|holding| holding.as_of);
        let count = afterwards::counted(clocks(turn, command), known, count)?;
        self.count(turn, &count)
    }

    fn follow_up(
        &mut self,
        turn: &mut Turn,
        command: &OperatorCommand,
        next: &FollowUp,
    ) -> Result<Recorded, String> {
        is_short("the summary", &next.summary, limit::SUMMARY_CHARS)?;
        let latest = self
            .own()
            .and_then(|own| own.incidents.get(&next.incident))
            .ok_or_else(|| format!("{} is no incident of this office", next.incident))?
            .report
            .clone();
        let as_of = afterwards::news(clocks(turn, command), &latest, next.at)?;
        let counts = next.counts.unwrap_or(latest.counts);
        let graded = level_of(&counts, latest.loss_cny);
        let (level, level_reason) = match (&next.level, &latest.level_reason) {
            (Some(said), _) => said.clone(),
            (None, Some(reason)) => (latest.level, Some(reason.clone())),
            (None, None) if latest.level == Level::Undecided => (latest.level, None),
            (None, None) => (graded, None),
        };
        let is_final = next.kind == ReportKind::Final;
        let report = IncidentReport {
            report_no: latest.report_no + 1,
            kind: next.kind,
            stage: next.stage.unwrap_or(if is_final {
                Stage::Closed
            } else {
                latest.stage
            }),
            level,
            level_reason,
            severity: next.severity.unwrap_or(latest.severity),
            counts,
            summary: sanitise(&next.summary, limit::SUMMARY_CHARS),
            reported_at: turn.now.drill,
            as_of,
            signed_off_by: Some(sanitise(&command.by, limit::POST_CHARS)),
            request: Some(command.request),
            ..IncidentReport::clone(&latest)
        };
        let written = self.write_checked(turn, Body::Incident(Arc::new(report)))?;
        if is_final {
            self.end_needs(turn, next.incident, NeedEnd::Served);
        }
        Ok(recorded(written, &next.incident))
    }

    fn unit_by_proxy(
        &mut self,
        turn: &mut Turn,
        unit: ResourceId,
        (state, as_of): (UnitState, Moment),
        source: StatusSource,
    ) -> Result<Recorded, String> {
        let holding = self
            .own()
            .and_then(|own| own.holdings.get(&unit))
            .ok_or_else(|| format!("{unit} is no unit of this office"))?;
        // What was phoned in before the last that was heard says nothing about now. What a clock that ran
        // ahead once wrote bars nothing: nobody could enter the unit until that time had come.
        if as_of < holding.as_of && holding.as_of <= turn.now.drill {
            let late = holding.as_of.since(as_of);
            let now = holding.unit().map(|unit| unit.state);
            let now = now.map_or_else(String::new, |state| state.to_string());
            return Err(remark(
                format!("{unit} 在该来电之后 {late} 另有状态（{now}），以后者为准；更晚的来电请填其时间"),
                format!(
                    "{unit} was heard of {late} after that call ({now}), and the later word stands; \
                     if the call was later, say when as 14:05:30"
                ),
            )
            .to_string());
        }
        let aid = holding.unit().and_then(|unit| unit.aid);
        if state == UnitState::Available
            && let Some(aid) = aid
        {
            let home = protocol::Returned {
                aid,
                quantity: 1,
                consumed: 0,
                at: as_of,
            };
            let written = self.write_checked(turn, Body::Returned(home))?;
            self.agenda.freed.insert(unit);
            return Ok(recorded(written, &unit));
        }
        let status = UnitStatus {
            unit,
            state,
            as_of,
            aid: aid.filter(|_| picture::is_deployed(state)),
            point: None,
            eta: None,
            work_done: false,
            source,
        };
        let written = self.write_checked(turn, Body::UnitStatus(status))?;
        Ok(recorded(written, &unit))
    }

    fn acknowledge(
        &mut self,
        turn: &mut Turn,
        log: LogKey,
        seq: u64,
        by: String,
    ) -> Result<Recorded, Undone> {
        let held = self.keeping.durable().get(&log).map_or(0, |held| held.0);
        if seq == 0 || seq > held {
            let why = format!("this office holds {log} up to {held}; entry {seq} is not here");
            return Err(why.into());
        }
        if log.author == self.party() {
            let why = format!("{log} is this office's own log; it acknowledges what others wrote");
            return Err(why.into());
        }
        let before = self.own().and_then(|own| own.acknowledged.get(&log));
        if before.is_some_and(|known| known.contains(&seq)) {
            return Err(Undone::Already(remark(
                format!("{log} 第 {seq} 条此前已签收"),
                format!("entry {seq} of {log} was acknowledged already"),
            )));
        }
        let at = turn.now.drill;
        let read = Acknowledge {
            author: log.author,
            log,
            seq,
            by,
            at,
        };
        let written = self.write_checked(turn, Body::Acknowledge(read))?;
        Ok(recorded(written, &format!("{log} #{seq}")))
    }

    fn note(
        &mut self,
        turn: &mut Turn,
        incident: Option<IncidentId>,
        (text, at): (&str, Moment),
        by: String,
    ) -> Result<Recorded, String> {
        is_said("the note", text, limit::TEXT_CHARS)?;
        let text = sanitise(text, limit::TEXT_CHARS);
        let note = DutyNote {
            incident,
            by,
            text,
            at,
        };
        let written = self.write_checked(turn, Body::DutyNote(note))?;
        Ok(recorded(written, &"note"))
    }
}

fn clocks(turn: &Turn, command: &OperatorCommand) -> Clocks {
    Clocks {
        ours: turn.now.drill,
        theirs: command.asked_at,
    }
}

fn is_well_said(call: &Call) -> Result<(), String> {
    is_said("the place", &call.place, limit::TEXT_CHARS)?;
    is_said("the kind of event", &call.event, limit::EVENT_CHARS)?;
    is_short("the summary", &call.summary, limit::SUMMARY_CHARS)?;
    is_short("the source", &call.source, limit::TEXT_CHARS)?;
    call.requires.iter().try_for_each(is_askable)
}

/// Whether a need asks for an amount that somebody could mean.
pub(crate) fn is_askable(need: &Requirement) -> Result<(), String> {
    need.check().map_err(|fault| fault.to_string())
}

/// A text that must be there. People see at once what is refused; what was cut they would not miss
/// until it mattered.
pub(crate) fn is_said(what: &str, text: &str, limit: usize) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("{what} is missing; say it"));
    }
    is_short(what, text, limit)
}

fn is_short(what: &str, text: &str, limit: usize) -> Result<(), String> {
    let found = text.chars().count();
    if found > limit {
        return Err(format!(
            "{what} has {found} characters; at most {limit} are kept, so say it shorter"
        ));
    }
    Ok(())
}

pub(crate) fn recorded(written: (crate::door::Ticket, u64), about: &impl ToString) -> Recorded {
    Recorded {
        ticket: written.0,
        seq: written.1,
        about: about.to_string(),
        remark: None,
    }
}

pub(crate) fn done(
    written: Option<(crate::door::Ticket, u64)>,
    about: &str,
    otherwise: &str,
) -> Result<Recorded, String> {
    let (ticket, seq) = written.ok_or_else(|| otherwise.to_owned())?;
    Ok(Recorded {
        ticket,
        seq,
        about: about.to_owned(),
        remark: None,
    })
}
