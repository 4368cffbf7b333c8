//! The verb `command`: an operator's action from the shell, signed, sent, answered.

mod action;
mod meaning;
mod telling;
mod way;
mod when;

use std::time::Duration;

use broker::{Cause, Link, LinkConfig, LinkEvent, Post};
use protocol::{
    AreaCode, COMMAND_LIFE, ClockState, CommandReply, Decoder, Direct, DrillClock, Frame, Moment,
    OperatorCommand, Outcome, PartyId, RequestId, Said, Speaker, Topic, Wall,
};
use tokio::sync::mpsc;

use crate::cli::{Asked, CommandArgs};
use crate::failure::{Code, Failure};
use crate::live::stage::random;
use crate::live::time::wall_us;
pub(crate) use action::ActionArgs;
use telling::tell;
use way::{Time, Way};
use when::When;

/// How long it is waited until it is asked again who holds the entry by now: peers tell in their digests.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// How long another machine under the office's name is waited for once one that does not serve has refused: it
/// has to flush its disk, and its answer may have a bus more to cross.
const OTHER_MACHINE: Duration = Duration::from_secs(3);

/// How long the shell waits for the bus when it ends.
const GOODBYE: Duration = Duration::from_secs(2);

/// The verb.
pub(crate) fn command(args: &CommandArgs) -> Result<(), Failure> {
    let way = match args.asked()? {
        Asked::OnDuty(config) => Way::on_duty(config, args.bus.as_deref())?,
        Asked::OfDrill(run, office) => Way::of_a_drill(run, office, args.bus.as_deref())?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Code::TryLater, error))?;
    runtime.block_on(async {
        let boot = u64::from_be_bytes(random()?);
        let (net, mode) = (way.network.id, way.network.mode);
        let operator = way.signer.party();
        let config = LinkConfig {
            filters: vec![Topic::Reply(operator).on(net), Topic::Clock.on(net)],
            seed: boot,
            // A gate that knows its clients takes none by another name than its own.
            ..LinkConfig::new(way.bus.clone(), format!("{operator}-{boot:016x}"))
        };
        let (link, events) = Link::open(config)?;
        let mut desk = Desk {
            link,
            events,
            speaker: Speaker::new(net, mode, way.signer.clone(), boot),
            decoder: Decoder::new(way.network.clone()),
            clock: None,
            way,
            asked: None,
            so_far: None,
        };
        let reply = desk.ask(args).await;
        // The answer is here; what is left to acknowledge is of no use any more.
        let _ = desk.link.close(GOODBYE).await;
        let reply = reply?;
        tell(&reply, mode)?;
        if is_held_by_fewer(&reply, args.held) {
            let (held, wait) = (args.held, args.wait_s());
            let what = format!(
                "it is recorded, and fewer than {held} peers have said within {wait} s that they hold it; ask \
                 on with --request {}",
                reply.request
            );
            return Err(Failure::new(Code::TryLater, what));
        }
        Ok(())
    })
}

struct Desk {
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
    speaker: Speaker,
    decoder: Decoder,
    clock: Option<DrillClock>,
    way: Way,
    /// What was asked.
    asked: Option<OperatorCommand>,
    /// What was answered, if more may come of it: fewer peers hold it so far than are waited for, or it is
    /// the refusal of a machine that does not serve.
    so_far: Option<CommandReply>,
}

impl Desk {
    async fn ask(&mut self, args: &CommandArgs) -> Result<CommandReply, Failure> {
        let peers = self.way.roster.members().filter(|it| it.role.is_author());
        let peers = peers.count().saturating_sub(1);
        if args.held > peers {
            let what = format!("--held {}: this office has {peers} peers", args.held);
            return Err(Failure::new(Code::Config, what));
        }
        let deadline = tokio::time::Instant::now() + Duration::from_secs(args.wait_s());
        let mut until = deadline;
        loop {
            let event = tokio::time::timeout_at(until, self.events.recv()).await;
            match event {
                Ok(Some(LinkEvent::Message { topic, payload, .. })) => {
                    if let Some(reply) = self.heard(&topic, &payload) {
                        let Some(more) = waits_on(&reply, args.held) else {
                            return Ok(reply);
                        };
                        if !reply.is_of_idle() || self.so_far.is_none() {
                            self.so_far = Some(reply);
                            until = deadline.min(tokio::time::Instant::now() + more);
                        }
                    }
                    if self.asked.is_none() && self.clock.is_some() {
                        self.send(args)?;
                    }
                }
                Ok(Some(LinkEvent::Up)) if self.asked.is_none() && self.way.time == Time::Wall => {
                    self.send(args)?;
                }
                Err(_)
                    if until < deadline
                        && !self.so_far.as_ref().is_some_and(CommandReply::is_of_idle) =>
                {
                    self.send(args)?;
                    until = deadline;
                }
                Ok(Some(LinkEvent::Denied { filter })) => {
                    let what = format!("the bus denies filter {filter}");
                    return Err(Failure::new(Code::NoPermission, what));
                }
                Ok(Some(LinkEvent::Down {
                    reason,
                    cause: Cause::Refusal,
                })) => {
                    let what = format!("{}: {reason}", self.way.shown_bus);
                    return Err(Failure::new(Code::NoPermission, what));
                }
                Ok(Some(LinkEvent::Up | LinkEvent::Down { .. } | LinkEvent::Oversized { .. })) => {}
                Ok(None) => return Err(Failure::bug("the link ended by itself")),
                Err(_) => return self.so_far.take().ok_or_else(|| self.silence(args)),
            }
        }
    }

    fn silence(&self, args: &CommandArgs) -> Failure {
        let asked = self.asked.as_ref().map(|command| command.request);
        let (office, wait) = (self.way.office, args.wait_s());
        let bus = &self.way.shown_bus;
        match asked {
            None if self.way.time == Time::Wall => Failure::new(
                Code::Unavailable,
                format!("{bus} did not answer within {wait} s; is office {office} on duty?"),
            ),
            None => Failure::new(
                Code::Unavailable,
                format!("no drill clock on {bus} within {wait} s; is the drill running?"),
            ),
            Some(request) => Failure::new(
                Code::TryLater,
                unanswered(office, (wait, request), &args.action),
            ),
        }
    }

    fn heard(&mut self, topic: &str, payload: &[u8]) -> Option<CommandReply> {
        let asked = self.asked.as_ref().map(|command| command.request);
        let frame = self.decoder.frame(topic, payload, &self.way.roster).ok()?;
        match frame.get().said() {
            Said::Direct {
                body: Direct::Clock(clock),
                ..
            } => {
                self.clock = Some(clock.clone());
                None
            }
            Said::Direct {
                body: Direct::Reply(reply),
                ..
            } if Some(reply.request) == asked => Some(reply.clone()),
            _ => None,
        }
    }

    /// Sends what was asked, or says it again: then it is answered again, not done again.
    fn send(&mut self, args: &CommandArgs) -> Result<(), Failure> {
        let now = match self.way.time {
            Time::Wall => Moment(wall_us()),
            Time::Directed => self.clock.as_ref().map_or(Moment(0), |clock| clock.now),
        };
        let command = match self.asked.clone() {
            Some(command) => command,
            None => self.command(args, now)?,
        };
        self.asked = Some(command.clone());
        let (net, topic) = (self.way.network.id, Topic::Command(self.way.office));
        let times = (Wall::at(now), COMMAND_LIFE);
        let frame = Frame::direct(
            &mut self.speaker,
            net,
            topic,
            Direct::Command(command),
            times,
        );
        self.link
            .publish(Post::frame(net, &frame))
            .map_err(|error| Failure::new(Code::Unavailable, error))?;
        if self
            .clock
            .as_ref()
            .is_some_and(|clock| clock.state == ClockState::Stopped)
        {
            return Err(Failure::new(Code::TryLater, "the drill has ended"));
        }
        Ok(())
    }

    fn command(&self, args: &CommandArgs, now: Moment) -> Result<OperatorCommand, Failure> {
        let request = match args.request {
            Some(request) => request,
            None => format!("cli-{:016x}", u64::from_be_bytes(random()?))
                .parse()
                .map_err(Failure::bug)?,
        };
        Ok(OperatorCommand {
            request,
            by: args.by.clone(),
            action: self.action(args, request, now)?,
            asked_at: Some(now),
        })
    }

    fn own_area(&self) -> AreaCode {
        let office = self.way.roster.member(self.way.office);
        office.map_or(AreaCode(0), |member| member.area)
    }

    /// A time that was said; `None` if none was.
    fn time(&self, now: Moment, said: Option<When>) -> Result<Option<Moment>, Failure> {
        let offset_min = self.way.offset_min;
        said.map(|said| said.of(now, offset_min)).transpose()
    }
}

/// How long it is waited what more comes of an answer; `None` if it is the last word.
fn waits_on(reply: &CommandReply, held: usize) -> Option<Duration> {
    if reply.is_of_idle() {
        Some(OTHER_MACHINE)
    } else {
        is_held_by_fewer(reply, held).then_some(ASK_AGAIN)
    }
}

/// Whether it is recorded and fewer peers hold it so far.
fn is_held_by_fewer(reply: &CommandReply, peers: usize) -> bool {
    matches!(&reply.outcome, Outcome::Done { held_by, .. } if held_by.len() < peers)
}

/// That an office did not answer, and what helps. A machine that an operator did not name keeps silent, so
/// that whoever names a wrong one hears nobody, however often they ask.
fn unanswered(office: PartyId, (wait_s, request): (u64, RequestId), action: &ActionArgs) -> String {
    match action {
        ActionArgs::TakeOver { machine } => format!(
            "no machine {machine:016x} of office {office} answered within {wait_s} s; the number of the \
             machine that is to serve stands in its alarm, or in its refusal of any other command, and is \
             a new one after each start: look it up, and see that the machine runs and has its bus"
        ),
        _ => format!(
            "office {office} did not answer within {wait_s} s; ask again with --request {request}, it will \
             not be done twice"
        ),
    }
}

#[cfg(test)]
mod tests {
    use protocol::Machine;

    use super::*;

    #[test]
    fn it_is_waited_for_peers_only_where_something_was_recorded() {
        let reply = |outcome| CommandReply {
            request: "r-1".parse().unwrap(),
            outcome,
            machine: Machine::Serving,
        };
        let log = "990100/1-0000000000000007".parse().unwrap();
        let done = reply(Outcome::Done {
            log,
            seq: 3,
            about: "note".to_owned(),
            held_by: vec!["990200".parse().unwrap()],
            remark: None,
        });
        assert!(is_held_by_fewer(&done, 2));
        assert!(!is_held_by_fewer(&done, 1));
        let reason = "no".to_owned();
        assert!(!is_held_by_fewer(&reply(Outcome::Refused { reason }), 2));
    }

    #[test]
    fn the_refusal_of_a_machine_that_does_not_serve_is_not_the_last_word() {
        let refused = |machine| CommandReply {
            request: "r-1".parse().unwrap(),
            outcome: Outcome::Refused {
                reason: "no".to_owned(),
            },
            machine,
        };
        assert_eq!(waits_on(&refused(Machine::Idle), 0), Some(OTHER_MACHINE));
        assert_eq!(waits_on(&refused(Machine::Serving), 0), None);
    }

    #[test]
    fn who_names_a_machine_that_does_not_answer_is_told_where_the_right_number_stands() {
        let office = "990100".parse().unwrap();
        let asked = (10, "cli-1".parse().unwrap());
        let told = unanswered(office, asked, &ActionArgs::TakeOver { machine: 7 });
        assert!(
            told.contains("no machine 0000000000000007 of office 990100 answered"),
            "{told}"
        );
        assert!(told.contains("alarm") && told.contains("refusal"), "{told}");
        assert!(!told.contains("--request"), "{told}");
        let other = unanswered(office, asked, &ActionArgs::Proposals { incident: None });
        assert!(other.contains("ask again with --request cli-1"), "{other}");
    }
}
