//! The operators of all offices at one desk: sends their commands, hands on the answers.

use std::sync::mpsc;
use std::thread::JoinHandle;

use broker::{Link, LinkConfig, LinkEvent, Post};
use protocol::{
    Action, COMMAND_LIFE, Call, Category, ClockCommand, CommandReply, Counts, Decoder, Direct,
    DrillClock, Frame, Moment, OperatorCommand, PartyId, RequestId, Requirement, Role, Said,
    Severity, Speaker, Topic, Wall,
};
use tokio::sync::mpsc as orders;

use super::papers::Papers;

/// What an operator says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saying {
    /// An entry of the duty log.
    Note,
    /// A call, with what it takes.
    Call(&'static str),
    /// That this machine is to serve, which stands back for one that is no more.
    TakeOver(u64),
}

/// A command to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) office: PartyId,
    pub(crate) request: RequestId,
    pub(crate) saying: Saying,
}

/// What the desk is to send.
#[derive(Clone, Copy, Debug)]
enum Word {
    /// A command to an office.
    Office(Order),
    /// A question to the director.
    Director(RequestId),
}

/// The desk. It ends when it is dropped.
pub(crate) struct Operators {
    orders: Option<orders::UnboundedSender<Word>>,
    thread: Option<JoinHandle<()>>,
}

impl Operators {
    /// Opens the desk on a bus; answers come on the channel.
    pub(crate) fn start(
        papers: &Papers,
        offices: &[PartyId],
        bus: &str,
    ) -> (Self, mpsc::Receiver<CommandReply>) {
        let (orders, ordered) = orders::unbounded_channel();
        let (tell, replies) = mpsc::channel();
        let (papers, offices, bus) = (papers.clone(), offices.to_vec(), bus.to_owned());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_all().build().unwrap();
            runtime.block_on(serve((&papers, &offices, &bus), ordered, &tell));
        });
        let operators = Self {
            orders: Some(orders),
            thread: Some(thread),
        };
        (operators, replies)
    }

    /// Sends a command.
    pub(crate) fn send(&self, order: Order) {
        self.say(Word::Office(order));
    }

    /// Asks the director to let the drill go on, which it does: its answer says that it is on the bus.
    pub(crate) fn ask_director(&self, request: RequestId) {
        self.say(Word::Director(request));
    }

    fn say(&self, word: Word) {
        self.orders.as_ref().unwrap().send(word).unwrap();
    }
}

impl Drop for Operators {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

struct Desk {
    papers: Papers,
    link: Link,
    speakers: Vec<(PartyId, Speaker)>,
    clock: Option<DrillClock>,
}

async fn serve(
    (papers, offices, bus): (&Papers, &[PartyId], &str),
    mut ordered: orders::UnboundedReceiver<Word>,
    tell: &mpsc::Sender<CommandReply>,
) {
    let (net, mode) = (papers.network.id, papers.network.mode);
    let boot = u64::from(std::process::id());
    let speaker = |office: &PartyId| Speaker::new(net, mode, papers.operator(*office), boot);
    let config = LinkConfig {
        filters: vec![Topic::filter(net, "reply"), Topic::Clock.on(net)],
        ..LinkConfig::new(bus.parse().unwrap(), format!("operators-{boot}"))
    };
    let (link, mut events) = Link::open(config).unwrap();
    let mut decoder = Decoder::new(papers.network.clone());
    let mut desk = Desk {
        papers: papers.clone(),
        link,
        speakers: offices.iter().map(|it| (*it, speaker(it))).collect(),
        clock: None,
    };
    loop {
        tokio::select! {
            event = events.recv() => {
                let Some(LinkEvent::Message { topic, payload, .. }) = event else { continue };
                let frame = decoder.frame(&topic, &payload, &papers.roster);
                match frame.as_ref().map(|frame| frame.get().said()) {
                    Ok(Said::Direct { body: Direct::Clock(clock), .. }) => {
                        desk.clock = Some(clock.clone());
                    }
                    Ok(Said::Direct { body: Direct::Reply(reply), .. }) => {
                        // The storm may be over.
                        drop(tell.send(reply.clone()));
                    }
                    _ => {}
                }
            }
            // Before the clock is heard no command has a time; who orders waits for the drill to run.
            word = ordered.recv(), if desk.clock.is_some() => match word {
                Some(Word::Office(order)) => desk.command(order),
                Some(Word::Director(request)) => desk.ask_director(request),
                None => return,
            },
        }
    }
}

impl Desk {
    fn command(&mut self, order: Order) {
        let action = self.action(order, self.now());
        self.say(order.office, (order.office, order.request), action);
    }

    fn ask_director(&mut self, request: RequestId) {
        let mut members = self.papers.roster.members();
        let director = members.find(|member| member.role == Role::Director);
        let director = director.expect("a drill has a director").party;
        drop(members);
        let (office, _) = self.speakers[0];
        let action = Action::Clock(ClockCommand::Resume);
        self.say(office, (director, request), action);
    }

    fn now(&self) -> Moment {
        self.clock.as_ref().map_or(Moment(0), |clock| clock.now)
    }

    /// The operator of an office commands somebody.
    fn say(&mut self, office: PartyId, (whom, request): (PartyId, RequestId), action: Action) {
        let command = OperatorCommand {
            request,
            by: "值班员".to_owned(),
            action,
            asked_at: None,
        };
        let times = (Wall::at(self.now()), COMMAND_LIFE);
        let speakers = self.speakers.iter_mut();
        let (_, speaker) = { speakers }.find(|(it, _)| *it == office).unwrap();
        let net = self.papers.network.id;
        let body = Direct::Command(command);
        let frame = Frame::direct(speaker, net, Topic::Command(whom), body, times);
        self.link.publish(Post::frame(net, &frame)).unwrap();
    }

    fn action(&self, order: Order, now: Moment) -> Action {
        let text = order.request.to_string();
        match order.saying {
            Saying::Note => Action::Note {
                incident: None,
                text,
                at: None,
            },
            Saying::TakeOver(machine) => Action::TakeOver { machine },
            Saying::Call(requires) => Action::Report(Box::new(Call {
                request: order.request,
                event: "building-fire".to_owned(),
                category: Category::Accident,
                severity: Severity::Serious,
                occurred_at: now,
                received_at: now,
                place: text.clone(),
                area: self.papers.roster.member(order.office).unwrap().area,
                point: None,
                source: "电话".to_owned(),
                summary: text,
                counts: Counts::default(),
                requires: Requirement::list(requires).unwrap(),
            })),
        }
    }
}
