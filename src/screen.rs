//! The dashboard beside a live drill: one more holder of the logs, with the director's keys.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use broker::{LinkConfig, LinkEvent, Post};
use dashboard::{
    Departure, Desk, Exit, Ground, Request, Road, Seat, Session, Setting, Signed, Source, Standing,
    Term, View,
};
use protocol::{COMMAND_LIFE, Direct, Frame, Speaker, Topic, Wall};
use region::{BackgroundKind, Detail, Region};
use tokio::sync::{mpsc, watch};

use crate::cli::Lang;
use crate::failure::{Code, Failure};
use crate::live::shell::{Ask, Handle, Heard, Shell, Surroundings};
use crate::live::stage::{Stage, boot_seed, random};
use crate::live::time::{Clocks, wall_us};
use crate::live::wires::{Plug, Wires};

/// How long the screen's link waits for the bus when it ends.
const GOODBYE: Duration = Duration::from_secs(2);

/// A dashboard that is up.
pub(crate) struct Screen {
    thread: JoinHandle<Result<Exit, dashboard::TerminalError>>,
    tell: std_mpsc::Sender<dashboard::Heard>,
    left: watch::Receiver<bool>,
    /// Whether it shows the end of its drill and waits to be left.
    stands: bool,
    handle: Handle,
    shell: tokio::task::JoinHandle<Result<(), Failure>>,
}

/// Takes the terminal and joins the drill as an observer that may command.
pub(crate) fn open(
    stage: &Arc<Stage>,
    clocks: Clocks,
    lang: Option<Lang>,
) -> Result<Screen, Failure> {
    let mut session = Session::enter()
        .map_err(|error| Failure::new(Code::Config, format!("{error}; or pass --headless")))?;
    let (tap, mut tapped) = mpsc::unbounded_channel();
    let around = Surroundings {
        plugs: stage.buses.all(),
        decoder: Arc::clone(&stage.decoder),
        clocks,
        seed: stage.drill.seed(),
        hops: None,
        reach: None,
        tap: Some(tap),
        roster: None,
        learned: None,
        door: None,
        journal_pages: None,
    };
    let watch_party = stage.drill.cast().observer.member.party;
    let office = stage.drill.observer();
    let first = &stage.drill.cast().roster_log;
    let file = stage.journal(watch_party);
    let (handle, shell) = Shell::start(office, (&file, first), around, boot_seed()?)?;
    let shell = tokio::spawn(shell.run());
    let (tell, told) = std_mpsc::channel();
    let forward = tell.clone();
    tokio::spawn(async move {
        while let Some(heard) = tapped.recv().await {
            let heard = match heard {
                Heard::Frame(frame) => dashboard::Heard::Frame(Arc::clone(frame.get())),
                Heard::Envelope(envelope) => dashboard::Heard::Envelope(envelope),
                Heard::Link(bus, true) => dashboard::Heard::Link(bus, dashboard::LinkState::Up),
                Heard::Link(bus, false) => dashboard::Heard::Link(bus, dashboard::LinkState::Down),
                Heard::Refused(refusal) => dashboard::Heard::Refused(refusal),
            };
            if forward.send(heard).is_err() {
                return;
            }
        }
    });
    let (ask, asked) = mpsc::unbounded_channel();
    tokio::spawn(send_commands(Arc::clone(stage), asked, tell.clone()));
    let (leave, left) = watch::channel(false);
    let mut view = view(stage, &session, lang)?;
    for envelope in first {
        view.apply(envelope);
    }
    let named = std::thread::Builder::new().name("dashboard".to_owned());
    let spawned = named.spawn(move || {
        let inbox = || told.try_iter().collect();
        let outbox = |request| drop(ask.send(request));
        let exit = dashboard::run(&mut session, &mut view, inbox, outbox);
        drop(session);
        let _ = leave.send(true);
        exit
    });
    let thread = spawned.map_err(|error| {
        Failure::new(Code::TryLater, format!("no thread for the screen: {error}"))
    })?;
    Ok(Screen {
        thread,
        tell,
        left,
        stands: false,
        handle,
        shell,
    })
}

impl Screen {
    /// True once the operator has left or the drill is to stop; the terminal is given back at once.
    pub(crate) fn or_stopped(&self, mut stop: watch::Receiver<bool>) -> watch::Receiver<bool> {
        let (tell, told) = watch::channel(false);
        let (mut left, screen) = (self.left.clone(), self.tell.clone());
        tokio::spawn(async move {
            tokio::select! {
                _ = left.wait_for(|left| *left) => {}
                _ = stop.wait_for(|stop| *stop) => {
                    // The screen may have been left in the same moment.
                    drop(screen.send(dashboard::Heard::Stop));
                }
            }
            let _ = tell.send(true);
            std::future::pending::<()>().await;
        });
        told
    }

    /// The drill is over: the screen stands as it is now until the operator leaves it.
    ///
    /// Not without a terminal to type at: nobody could leave it, and the drill would never end.
    pub(crate) fn stand(&mut self) {
        self.stands = std::io::stdin().is_terminal();
        if self.stands {
            // A screen that was left already hears nothing more.
            drop(self.tell.send(dashboard::Heard::Over));
        }
    }

    /// Whether it shows the end of its drill and waits to be left.
    pub(crate) fn stands(&self) -> bool {
        self.stands
    }

    /// Waits until the operator has left or a signal has closed the screen.
    pub(crate) async fn left(&self) {
        let mut left = self.left.clone();
        // The thread of the screen tells it however it ends; one that is gone was left.
        let _ = left.wait_for(|left| *left).await;
    }

    /// Leaves the screen and gives the terminal back.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        // A screen that was left already hears nothing more.
        drop(self.tell.send(dashboard::Heard::Stop));
        let thread = self.thread;
        let exit = tokio::task::spawn_blocking(move || thread.join())
            .await
            .map_err(Failure::bug)?;
        self.handle.ask(Ask::End);
        self.shell.await.map_err(Failure::bug)??;
        match exit {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Failure::new(Code::Config, error)),
            Err(_) => Err(Failure::bug("the screen panicked; its message is above")),
        }
    }
}

/// Signs what the screen asks for and sends it; answers come back to the screen as frames.
async fn send_commands(
    stage: Arc<Stage>,
    mut asked: mpsc::UnboundedReceiver<Request>,
    screen: std_mpsc::Sender<dashboard::Heard>,
) -> Result<(), Failure> {
    let cast = stage.drill.cast();
    let (net, mode) = (cast.network.id, cast.network.mode);
    let boot = u64::from_be_bytes(random()?);
    let director = cast.director.signer.clone();
    let reply = Topic::Reply(director.party()).on(net);
    let config = |plug: &Plug| LinkConfig {
        filters: vec![reply.clone()],
        seed: boot,
        ..LinkConfig::new(plug.url.clone(), format!("screen-{boot:016x}"))
    };
    let mut wires = Wires::open(&stage.buses.all(), config)?.each_once();
    let mut speaker = Speaker::new(net, mode, director, boot);
    loop {
        tokio::select! {
            request = asked.recv() => match request {
                Some(Request::Command(to, command)) => {
                    let times = (Wall(wall_us() / 1_000), COMMAND_LIFE);
                    let body = Direct::Command(*command);
                    let frame = Frame::direct(&mut speaker, net, Topic::Command(to), body, times);
                    let own = stage.buses.own(to).map(|bus| wires.publish(bus, Post::frame(net, &frame)));
                    if let Some(Err(error)) = own {
                        tracing::warn!(%error, "the command was not sent");
                    }
                }
                Some(Request::Playback(_)) => {}
                None => break,
            },
            event = wires.recv() => match event {
                Some((_, LinkEvent::Message { topic, payload, .. })) => {
                    let verified = {
                        let mut decoder = stage.decoder.lock().expect("no decoding panics");
                        decoder.frame(&topic, &payload, &cast.roster)
                    };
                    if let Ok(frame) = verified
                        && screen.send(dashboard::Heard::Frame(Arc::clone(frame.get()))).is_err()
                    {
                        break;
                    }
                }
                Some(_) => {}
                None => break,
            },
        }
    }
    // Answers that come now have no screen to be shown on.
    wires.close(GOODBYE).await;
    Ok(())
}

fn view(stage: &Stage, session: &Session, lang: Option<Lang>) -> Result<View, Failure> {
    let (cast, scenario) = (stage.drill.cast(), stage.drill.scenario());
    let signed = Signed {
        operator: cast.director.member.party,
        post: "导调".to_owned(),
        offices: cast.offices.keys().copied().collect(),
        director: Some(cast.director.member.party),
        boot: u32::from_be_bytes(random()?),
    };
    let setting = Setting {
        lang: match lang {
            Some(Lang::Zh) => dashboard::Lang::Zh,
            Some(Lang::En) => dashboard::Lang::En,
            None => dashboard::Lang::of_locales(|name| std::env::var(name).ok()),
        },
        colours: dashboard::Colours::of_environment(std::env::var("NO_COLOR").ok().as_deref()),
        glyphs: session.glyphs(),
        desk: Desk::Operator(signed),
        title: Some(Term {
            zh: scenario.title_zh.clone(),
            en: scenario.title_en.clone(),
        }),
        // The screen is part of the process that conducts the drill.
        departure: Departure::EndsDrill,
        source: Source::Bus,
    };
    Ok(View::new(
        cast.network.clone(),
        ground(&stage.region),
        setting,
    ))
}

fn term(name: &region::Name) -> Term {
    Term {
        zh: name.zh.clone(),
        en: name.en.clone(),
    }
}

/// The ground as the screen needs it.
fn ground(region: &Region) -> Ground {
    let frame = region.frame();
    let seat = |office: &region::Office| Seat {
        party: office.party,
        name: term(&office.name),
        short: term(&office.short),
        point: office.seat,
        area: office.area,
        standing: if office.is_city() {
            Standing::City
        } else {
            Standing::Author
        },
    };
    let cities = region
        .cities()
        .map(|office| (office.area, term(&office.name)));
    let districts = region
        .districts()
        .map(|district| (district.code, term(&district.name)));
    let coast = region
        .background()
        .iter()
        .filter(|it| it.kind == BackgroundKind::Coast);
    Ground {
        name: term(region.name()),
        frame: (
            protocol::Point(frame.west, frame.south),
            protocol::Point(frame.east, frame.north),
        ),
        outlines: region
            .outline(Detail::Coarse)
            .iter()
            .flat_map(|outline| outline.rings.clone())
            .collect(),
        coast: coast.flat_map(|it| it.lines.clone()).collect(),
        offices: region.offices().iter().map(seat).collect(),
        areas: cities.chain(districts).collect(),
        roads: roads(region),
        events: BTreeMap::new(),
        disclaimer: term(region.disclaimer()),
        offset_min: region.timezone_minutes(),
    }
}

/// Crossings with their names and courses.
fn roads(region: &Region) -> BTreeMap<protocol::RoadId, Road> {
    let roads = region.roads();
    let course = |crossing: &region::Crossing| {
        let edges = roads.edges_of(crossing.slug).unwrap_or_default();
        edges
            .into_iter()
            .flat_map(|edge| {
                let edge = roads.edge(edge);
                [roads.node(edge.from).point, roads.node(edge.to).point]
            })
            .collect()
    };
    region
        .crossings()
        .iter()
        .map(|it| {
            (
                it.slug,
                Road {
                    name: term(&it.name),
                    line: course(it),
                },
            )
        })
        .collect()
}
