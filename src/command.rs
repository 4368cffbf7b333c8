//! The verb `command`: an operator's action from the shell, signed, sent, answered.

use std::io::Write;
use std::time::Duration;

use broker::{BusUrl, Link, LinkConfig, LinkEvent, Post};
use clap::Subcommand;
use protocol::{
    Action, AreaCode, Audience, Body, Call, Category, Civil, ClockState, CommandReply, Counts,
    DeclineReason, Decoder, Direct, DrillClock, Envelope, FollowUp, Frame, Kind, LogKey, Moment,
    NeedId, OfferId, OperatorCommand, Outcome, PartyId, ReportKind, RequestId, Requirement,
    ResourceId, Roster, Said, Severity, Span, Speaker, StockCount, Topic, UnitState, Wall,
};
use tokio::sync::mpsc;

use crate::cli::CommandArgs;
use crate::failure::{Code, Failure};
use crate::keys;
use crate::live::stage::{Directions, random};

/// How long a command means anything to an office that hears it late, link time.
const LIFE: Span = Span::minutes(2);

/// How long the shell waits for the bus when it ends.
const GOODBYE: Duration = Duration::from_secs(2);

/// What an operator does.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ActionArgs {
    /// 接报: take a call. Only place, kind and time are required; the time is now if left out.
    Report {
        /// Where, in words.
        #[arg(long)]
        place: String,
        /// What happened, as a code such as fire, flood or structural-collapse.
        #[arg(long)]
        event: String,
        /// natural, accident, health or social.
        #[arg(long, default_value = "accident", value_parser = word(Category::from_code, Category::ALL, Category::code))]
        category: Category,
        /// critical, serious, moderate or minor.
        #[arg(long, default_value = "serious", value_parser = word(Severity::from_code, Severity::ALL, Severity::code))]
        severity: Severity,
        /// When it happened: 14:05 of the drill's day.
        #[arg(long)]
        at: Option<String>,
        /// Longitude and latitude in WGS 84: 113.29,22.21.
        #[arg(long, value_parser = point)]
        point: Option<protocol::Point>,
        /// District or city, six digits; the office's own if left out.
        #[arg(long)]
        area: Option<u32>,
        /// What was said, at most 160 characters.
        #[arg(long, default_value = "")]
        summary: String,
        /// Who says so.
        #[arg(long, default_value = "电话")]
        source: String,
        /// What it takes: pump=2. May be repeated; the desk decides if left out.
        #[arg(long, value_parser = need)]
        need: Vec<Requirement>,
    },
    /// 续报, 终报, 更正: the next report of a chain.
    FollowUp {
        /// The incident.
        incident: protocol::IncidentId,
        /// What is new.
        summary: String,
        /// follow-up, final or correction.
        #[arg(long, default_value = "follow-up", value_parser = word(ReportKind::from_code, ReportKind::ALL, ReportKind::code))]
        kind: ReportKind,
    },
    /// 代报: a unit's state as phoned in.
    Unit {
        /// The unit.
        unit: ResourceId,
        /// Its state, such as en-route-out, staged, working or available.
        #[arg(value_parser = word(UnitState::from_code, UnitState::ALL, UnitState::code))]
        state: UnitState,
        /// Who phoned, as a post.
        #[arg(long)]
        caller: String,
        /// When they phoned: 14:05 of the drill's day; now if left out.
        #[arg(long)]
        called: Option<String>,
    },
    /// A stock or capacity, counted or corrected.
    Stock {
        /// The stock.
        resource: ResourceId,
        /// How much is there.
        on_hand: u32,
        /// Why it changed.
        #[arg(long, default_value = "清点")]
        reason: String,
    },
    /// 已接收: another author's entry was read.
    Acknowledge {
        /// The log, as 440400/1-9f86d081884c7d65.
        log: LogKey,
        /// The entry.
        seq: u64,
    },
    /// A1: ask for aid.
    Request {
        /// For which incident.
        incident: protocol::IncidentId,
        /// What and how many: pump=2.
        #[arg(value_parser = need)]
        need: Requirement,
        /// own, circle or region.
        #[arg(long, default_value = "region", value_parser = word(Audience::from_code, Audience::ALL, Audience::code))]
        audience: Audience,
    },
    /// A2: end a need.
    Withdraw {
        /// The need.
        need: NeedId,
    },
    /// A3: hold a resource for a need.
    Offer {
        /// The need.
        need: NeedId,
        /// The resource.
        resource: ResourceId,
        /// How much of it.
        #[arg(long, default_value_t = 1)]
        quantity: u32,
    },
    /// A4: lend nothing.
    Decline {
        /// The need.
        need: NeedId,
        /// keep-home, none, busy, unreachable or by-operator.
        #[arg(long, default_value = "by-operator", value_parser = word(DeclineReason::from_code, DeclineReason::ALL, DeclineReason::code))]
        reason: DeclineReason,
    },
    /// A5: accept an offer.
    Accept {
        /// The offer.
        offer: OfferId,
    },
    /// A6: send a unit of one's own to a need of one's own.
    Dispatch {
        /// The need.
        need: NeedId,
        /// The unit.
        resource: ResourceId,
    },
    /// A10 解除任务: a committed unit may go.
    Release {
        /// The commitment.
        aid: protocol::AidId,
    },
    /// A11 抽回: take a unit back.
    Recall {
        /// The commitment.
        aid: protocol::AidId,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// An entry of the duty log.
    Note {
        /// What it says.
        text: String,
    },
    /// What the planner proposes now.
    Proposals,
}

/// The verb.
pub(crate) fn command(args: &CommandArgs) -> Result<(), Failure> {
    let directions = Directions::read(&args.run)?;
    let operator = format!("op-{}", args.office)
        .parse()
        .map_err(Failure::bug)?;
    let key = keys::operator_key(&args.run, args.office);
    let signer = keys::read(&key, operator, directions.network.suite)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Code::TryLater, error))?;
    runtime.block_on(async {
        let boot = u64::from_be_bytes(random()?);
        let net = directions.network.id;
        let network = &directions.network;
        let speaker = Speaker::new(net, network.mode, signer, boot);
        let config = LinkConfig {
            filters: vec![Topic::Reply(operator).on(net), Topic::Clock.on(net)],
            seed: boot,
            ..LinkConfig::new(directions.bus.parse::<BusUrl>()?, format!("op-{boot:016x}"))
        };
        let (link, events) = Link::open(config)?;
        let roster = roster_of(&directions)?;
        let decoder = Decoder::new(network.clone());
        let mut desk = Desk {
            link,
            events,
            speaker,
            roster,
            decoder,
            clock: None,
            directions,
        };
        let reply = desk.ask(args).await;
        // The answer is here; what is left to acknowledge is of no use any more.
        let _ = desk.link.close(GOODBYE).await;
        tell(&reply?)
    })
}

struct Desk {
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
    speaker: Speaker,
    roster: Roster,
    decoder: Decoder,
    clock: Option<DrillClock>,
    directions: Directions,
}

impl Desk {
    async fn ask(&mut self, args: &CommandArgs) -> Result<CommandReply, Failure> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(args.wait_s);
        let mut asked: Option<RequestId> = None;
        loop {
            let event = tokio::time::timeout_at(deadline, self.events.recv()).await;
            match event {
                Ok(Some(LinkEvent::Message { topic, payload, .. })) => {
                    if let Some(reply) = self.heard(&topic, &payload, asked) {
                        return Ok(reply);
                    }
                    if asked.is_none() && self.clock.is_some() {
                        asked = Some(self.send(args)?);
                    }
                }
                Ok(Some(LinkEvent::Denied { filter })) => {
                    let what = format!("the bus denies filter {filter}");
                    return Err(Failure::new(Code::NoPermission, what));
                }
                Ok(Some(LinkEvent::Up | LinkEvent::Down { .. })) => {}
                Ok(None) => return Err(Failure::bug("the link ended by itself")),
                Err(_) => return Err(self.silence(args, asked)),
            }
        }
    }

    fn silence(&self, args: &CommandArgs, asked: Option<RequestId>) -> Failure {
        let (office, wait, bus) = (args.office, args.wait_s, &self.directions.bus);
        match asked {
            None => Failure::new(
                Code::Unavailable,
                format!("no drill clock on {bus} within {wait} s; is the drill running?"),
            ),
            Some(request) => Failure::new(
                Code::TryLater,
                format!(
                    "office {office} did not answer within {wait} s; ask again with --request {request}, it will not be done twice"
                ),
            ),
        }
    }

    fn heard(
        &mut self,
        topic: &str,
        payload: &[u8],
        asked: Option<RequestId>,
    ) -> Option<CommandReply> {
        let frame = self.decoder.frame(topic, payload, &self.roster).ok()?;
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

    fn send(&mut self, args: &CommandArgs) -> Result<RequestId, Failure> {
        let request = match args.request {
            Some(request) => request,
            None => format!("cli-{:016x}", u64::from_be_bytes(random()?))
                .parse()
                .map_err(Failure::bug)?,
        };
        let now = self.clock.as_ref().map_or(Moment(0), |clock| clock.now);
        let action = self.action(args, request, now)?;
        let command = OperatorCommand {
            request,
            by: args.by.clone(),
            action,
        };
        let (net, topic) = (self.directions.network.id, Topic::Command(args.office));
        let times = (Wall::at(now), LIFE);
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
        Ok(request)
    }

    fn action(
        &self,
        args: &CommandArgs,
        request: RequestId,
        now: Moment,
    ) -> Result<Action, Failure> {
        let at = |text: &Option<String>| self.time(now, text.as_deref());
        Ok(match args.action.clone() {
            ActionArgs::Report {
                place,
                event,
                category,
                severity,
                at: when,
                point,
                area,
                summary,
                source,
                need,
            } => {
                let summary = if summary.is_empty() {
                    format!("{place} {event}")
                } else {
                    summary
                };
                Action::Report(Box::new(Call {
                    request,
                    event,
                    category,
                    severity,
                    occurred_at: at(&when)?,
                    received_at: now,
                    place,
                    area: area.map_or_else(|| self.own_area(args.office), AreaCode),
                    point,
                    source,
                    summary,
                    counts: Counts::default(),
                    requires: need,
                }))
            }
            ActionArgs::FollowUp {
                incident,
                summary,
                kind,
            } => Action::FollowUp(FollowUp {
                incident,
                kind,
                stage: None,
                level: None,
                severity: None,
                counts: None,
                summary,
            }),
            ActionArgs::Unit {
                unit,
                state,
                caller,
                called,
            } => Action::UnitStatus {
                unit,
                state,
                caller,
                called_at: at(&called)?,
            },
            ActionArgs::Stock {
                resource,
                on_hand,
                reason,
            } => Action::Stock(StockCount {
                request,
                resource,
                on_hand,
                at: now,
                reason,
            }),
            ActionArgs::Acknowledge { log, seq } => Action::Acknowledge { log, seq },
            ActionArgs::Request {
                incident,
                need,
                audience,
            } => Action::Request {
                incident,
                kind: need.kind,
                quantity: need.quantity,
                audience,
                duration: need.duration,
            },
            ActionArgs::Withdraw { need } => Action::WithdrawNeed { need },
            ActionArgs::Offer {
                need,
                resource,
                quantity,
            } => Action::Offer {
                need,
                resource,
                quantity,
            },
            ActionArgs::Decline { need, reason } => Action::Decline { need, reason },
            ActionArgs::Accept { offer } => Action::Accept { offer },
            ActionArgs::Dispatch { need, resource } => Action::Dispatch {
                need,
                resource,
                override_by: None,
            },
            ActionArgs::Release { aid } => Action::Release { aid },
            ActionArgs::Recall { aid, reason } => Action::Recall { aid, reason },
            ActionArgs::Note { text } => Action::Note {
                incident: None,
                text,
            },
            ActionArgs::Proposals => Action::Proposals,
        })
    }

    fn own_area(&self, office: PartyId) -> AreaCode {
        self.roster
            .member(office)
            .map_or(AreaCode(0), |member| member.area)
    }

    /// A time of the drill's day, or now.
    fn time(&self, now: Moment, text: Option<&str>) -> Result<Moment, Failure> {
        let Some(text) = text else { return Ok(now) };
        let wrong = || {
            Failure::new(
                Code::Data,
                format!("\"{text}\" is no time; write it as 14:05"),
            )
        };
        let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
        let day = Civil::at(now, self.directions.offset_min);
        let civil = Civil {
            hour: hour
                .parse()
                .ok()
                .filter(|hour| *hour < 24)
                .ok_or_else(wrong)?,
            minute: minute
                .parse()
                .ok()
                .filter(|minute| *minute < 60)
                .ok_or_else(wrong)?,
            second: 0,
            ..day
        };
        civil.moment().ok_or_else(wrong)
    }
}

/// The roster as the run's directions give it.
fn roster_of(directions: &Directions) -> Result<Roster, Failure> {
    let mut roster = Roster::new(&directions.network);
    let mut decoder = Decoder::new(directions.network.clone());
    for line in &directions.roster {
        let bare = Roster::new(&directions.network);
        let envelope: std::sync::Arc<Envelope> = decoder
            .envelope(line, &bare)
            .map_err(|error| Failure::new(Code::Data, format!("the run's roster: {error}")))?;
        if let Some(Body::RosterChange(change)) = envelope.body() {
            roster.apply(change);
        }
    }
    Ok(roster)
}

fn tell(reply: &CommandReply) -> Result<(), Failure> {
    let text = match &reply.outcome {
        Outcome::Done {
            log,
            seq,
            about,
            held_by,
        } => {
            format!(
                "done: {about} (recorded as entry {seq} of {log}; held by {} peers so far)",
                held_by.len()
            )
        }
        Outcome::Refused { reason } => {
            return Err(Failure::new(Code::Data, format!("refused: {reason}")));
        }
        Outcome::Proposals { proposals } if proposals.is_empty() => "nothing to propose".to_owned(),
        Outcome::Proposals { proposals } => {
            let line = |it: &protocol::Proposal| {
                format!(
                    "{}  {}  {} min  {} / {}",
                    it.need,
                    it.resource,
                    it.eta.0.div_ceil(600),
                    it.reason_zh,
                    it.reason_en
                )
            };
            proposals.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    };
    writeln!(std::io::stdout(), "{text}").map_err(Failure::bug)
}

/// A parser for a closed list of words.
fn word<T: Copy + Send + Sync + 'static>(
    from_code: fn(&str) -> Option<T>,
    all: &'static [T],
    code: fn(T) -> &'static str,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        from_code(text).ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|word| code(*word)).collect();
            format!("known are {}", known.join(", "))
        })
    }
}

/// Reads `pump=2` or `pump=2x90m`.
fn need(text: &str) -> Result<Requirement, String> {
    let wrong = || format!("\"{text}\" is no need; write it as pump=2 or pump=2x90m");
    let (kind, rest) = text.split_once('=').ok_or_else(wrong)?;
    let kind = Kind::from_code(kind).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        format!("no kind \"{kind}\"; known are {}", known.join(", "))
    })?;
    let (quantity, duration) = rest.split_once('x').unwrap_or((rest, "60m"));
    Ok(Requirement {
        kind,
        quantity: quantity
            .parse()
            .ok()
            .filter(|count| *count > 0)
            .ok_or_else(wrong)?,
        duration: crate::cli::span(duration)?,
    })
}

fn point(text: &str) -> Result<protocol::Point, String> {
    let wrong = || format!("\"{text}\" is no point; write longitude,latitude as 113.29,22.21");
    let (longitude, latitude) = text.split_once(',').ok_or_else(wrong)?;
    let (longitude, latitude): (f64, f64) = (
        longitude.trim().parse().map_err(|_| wrong())?,
        latitude.trim().parse().map_err(|_| wrong())?,
    );
    if longitude.abs() > 180.0 || latitude.abs() > 90.0 {
        return Err(format!("{text} is not on the earth"));
    }
    Ok(protocol::Point::degrees(longitude, latitude))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_kind_quantity_and_perhaps_duration() {
        let pump = need("pump=2x90m").unwrap();
        assert_eq!(
            (pump.kind, pump.quantity, pump.duration),
            (Kind::Pump, 2, Span::minutes(90))
        );
        assert_eq!(need("排涝车=1").unwrap().kind, Kind::Pump);
        assert!(need("pump").is_err() && need("pump=0").is_err() && need("boots=1").is_err());
    }

    #[test]
    fn a_point_has_longitude_first_and_lies_on_the_earth() {
        assert_eq!(
            point("113.29,22.21"),
            Ok(protocol::Point(113_290_000, 22_210_000))
        );
        assert!(point("22.21").is_err() && point("213.0,22.0").is_err());
    }
}
