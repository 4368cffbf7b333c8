//! The way through rumqttd: every message goes in by one link and comes out by the same, in order.
//!
//! One link for all clients and one topic for all messages, so that nothing that a client chose
//! reaches code that it could break: rumqttd sees no client id, no filter and no topic from outside.
//! What went in is kept here until it has come out, and rumqttd is given no more of it at a time than it
//! keeps. A router that dies or loses a message costs time and no message: the next one is given all that
//! is outstanding, in the same order.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rumqttd::local::{LinkBuilder, LinkError, LinkRx, LinkTx};
use rumqttd::{Notification, Router as Rumqttd, RouterConfig};

use super::unpoisoned;
use crate::codec::packet::Message;

/// The topic and filter of everything inside.
const INSIDE: &str = "gate";

/// Segments of rumqttd's log, which it keeps full: what a gate holds in memory for it.
const SEGMENT_BYTES: usize = 4 * 1024 * 1024;
const SEGMENTS: usize = 4;

/// Bytes that rumqttd is given before they have come out: less than the segments that it keeps at least,
/// so that it never drops what has not come out. Publishers wait beyond; wills, for which nobody can wait,
/// do so here.
pub(super) const OUTSTANDING_BYTES: usize = 8 * 1024 * 1024;

/// Messages that rumqttd hands out at a time.
const PACKETS: u64 = 200;

/// Messages that are handed on at a time.
const PORTION: usize = 256;

/// How long the router may be silent with something outstanding before it is taken for stuck.
const SILENCE: Duration = Duration::from_secs(5);

/// How often a router that says nothing is looked at.
const ROUND: Duration = Duration::from_millis(500);

/// Who is to be told that a message has been handed on.
#[derive(Debug)]
pub(super) struct Origin {
    /// The session.
    pub(super) session: u64,
    /// The connection of the session; an acknowledgement means nothing to a later one.
    pub(super) connection: u64,
    /// The packet id, 0 without acknowledgement.
    pub(super) id: u16,
}

/// A message on its way through.
#[derive(Debug)]
pub(super) struct Carried {
    pub(super) message: Arc<Message>,
    pub(super) origin: Option<Origin>,
}

/// The gate's side of the way in.
#[derive(Debug, Default)]
pub(super) struct Router {
    feed: Mutex<Feed>,
    rebuilds: AtomicU64,
}

#[derive(Default)]
struct Feed {
    link: Option<LinkTx>,
    outstanding: VecDeque<Carried>,
    /// How many of these rumqttd has been given, from the oldest on, and their bytes.
    given: usize,
    given_bytes: usize,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{} outstanding", self.outstanding.len())
    }
}

impl Feed {
    /// Gives rumqttd what waits, in order, as far as there is room for it.
    fn give(&mut self) {
        let Some(link) = &mut self.link else {
            return;
        };
        while let Some(next) = self.outstanding.get(self.given) {
            let bytes = next.message.bytes();
            if self.given > 0 && self.given_bytes + bytes.len() > OUTSTANDING_BYTES {
                return;
            }
            self.given += 1;
            self.given_bytes += bytes.len();
            // A full queue means that the router has been told to look already; a dead router is
            // noticed at its outlet, and the next is given what is outstanding.
            let _ = link.try_publish(INSIDE, bytes.clone());
        }
    }

    /// Takes the oldest, if it is what came out, and gives what has room then.
    fn take(&mut self, bytes: &[u8]) -> Option<Carried> {
        // It may have lost one: whoever comes next is given all of them again.
        let is_it = |oldest: &&Carried| oldest.message.bytes().as_ptr() == bytes.as_ptr();
        self.outstanding.front().filter(is_it)?;
        let oldest = self.outstanding.pop_front()?;
        self.given -= 1;
        self.given_bytes -= bytes.len();
        self.give();
        Some(oldest)
    }
}

/// The gate's side of the way out, and what keeps a router alive.
pub(super) struct Outlet {
    router: Arc<Router>,
    receive: LinkRx,
    /// When something last came out, or nothing was outstanding.
    well: Instant,
    /// What was seen of its death, to be told when what came out before is handed on.
    dead: Option<String>,
}

/// What came of waiting.
pub(super) enum Came {
    /// Messages, in the order in which they went in.
    Messages(Vec<Carried>),
    /// Nothing for now.
    Nothing,
    /// The router is dead: build it anew.
    Dead(String),
}

impl Router {
    /// Sends a message on its way.
    pub(super) fn submit(&self, carried: Carried) {
        let mut feed = unpoisoned(&self.feed);
        feed.outstanding.push_back(carried);
        feed.give();
    }

    /// Has the outlet look up from its waiting: something without bytes comes out, which no message is.
    pub(super) fn wake(&self) {
        if let Some(link) = &mut unpoisoned(&self.feed).link {
            let _ = link.try_publish(INSIDE, bytes::Bytes::new());
        }
    }

    /// How often the router was built anew.
    pub(super) fn rebuilds(&self) -> u64 {
        self.rebuilds.load(Ordering::Relaxed)
    }

    /// Starts a router, and gives it what is outstanding, from the oldest on.
    pub(super) fn start(self: &Arc<Self>) -> io::Result<Outlet> {
        let config = RouterConfig {
            max_connections: 16,
            max_outgoing_packet_count: PACKETS,
            max_segment_size: SEGMENT_BYTES,
            max_segment_count: SEGMENTS,
            ..RouterConfig::default()
        };
        let requests = Rumqttd::new(0, config).spawn();
        let (mut send, receive, _) = LinkBuilder::new(INSIDE, requests).build().map_err(broken)?;
        send.subscribe(INSIDE).map_err(broken)?;
        let mut feed = unpoisoned(&self.feed);
        feed.link = Some(send);
        (feed.given, feed.given_bytes) = (0, 0);
        feed.give();
        drop(feed);
        Ok(Outlet {
            router: Arc::clone(self),
            receive,
            well: Instant::now(),
            dead: None,
        })
    }
}

impl Outlet {
    /// Waits for messages, for a moment.
    pub(super) fn wait(&mut self) -> Came {
        if let Some(reason) = self.dead.take() {
            return Came::Dead(reason);
        }
        let deadline = Instant::now() + ROUND;
        match self.receive.recv_deadline(deadline) {
            Ok(Some(first)) => self.gather(first),
            Ok(None) => Came::Nothing,
            Err(LinkError::RecvTimeout(_)) if Instant::now() >= deadline => self.look(),
            Err(error) => Came::Dead(error.to_string()),
        }
    }

    /// Builds the router anew.
    pub(super) fn rebuild(&mut self) -> io::Result<()> {
        unpoisoned(&self.router.feed).link = None;
        *self = self.router.start()?;
        self.router.rebuilds.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Takes what the router handed out at once.
    fn gather(&mut self, first: Notification) -> Came {
        let mut came = Vec::new();
        let mut next = Some(first);
        while let Some(notification) = next {
            match notification {
                Notification::Forward(forward)
                    if !self.take(&forward.publish.payload, &mut came) =>
                {
                    self.dead = Some("it handed out what nobody gave it".to_owned());
                    break;
                }
                // It hands out no more until it is asked to.
                Notification::Unschedule if self.receive.ready().is_err() => {
                    self.dead = Some("it does not listen".to_owned());
                    break;
                }
                _ => {}
            }
            if came.len() >= PORTION {
                break;
            }
            // What is there already comes without waiting; the past is no deadline to wait for.
            next = self.receive.recv_deadline(Instant::now()).ok().flatten();
        }
        self.well = Instant::now();
        Came::Messages(came)
    }

    /// Takes the oldest that is outstanding, if it is what came out.
    fn take(&mut self, bytes: &[u8], came: &mut Vec<Carried>) -> bool {
        if bytes.is_empty() {
            return true;
        }
        let taken = unpoisoned(&self.router.feed).take(bytes);
        let is_it = taken.is_some();
        came.extend(taken);
        is_it
    }

    fn look(&mut self) -> Came {
        if unpoisoned(&self.router.feed).outstanding.is_empty() {
            self.well = Instant::now();
        }
        if self.well.elapsed() > SILENCE {
            return Came::Dead(format!("it was silent for {SILENCE:?}"));
        }
        Came::Nothing
    }
}

fn broken(error: LinkError) -> io::Error {
    io::Error::other(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::packet::Qos;

    impl Router {
        /// Kills rumqttd as anybody could from outside before the gate stood there (bus.md, K1).
        fn kill(&self) {
            let mut feed = unpoisoned(&self.feed);
            let link = feed.link.as_mut().expect("a router runs");
            link.publish("应急", "")
                .expect("it lives until it reads this");
        }

        fn put(&self, payload: &[u8]) {
            let message = Message::new("town", payload, Qos::AtLeastOnce, false);
            self.submit(Carried {
                message: Arc::new(message.unwrap()),
                origin: None,
            });
        }
    }

    /// The numbers with which so many payloads begin, as they come out.
    fn let_out(outlet: &mut Outlet, count: usize) -> Vec<u32> {
        let number = |it: Carried| {
            let (number, _) = it.message.payload().split_first_chunk().unwrap();
            u32::from_be_bytes(*number)
        };
        let mut came = Vec::new();
        while came.len() < count {
            match outlet.wait() {
                Came::Messages(messages) => came.extend(messages.into_iter().map(number)),
                Came::Nothing => {}
                Came::Dead(_) => {
                    let times = outlet.router.rebuilds();
                    assert!(times < 3, "built anew {times} times, and dead again");
                    outlet.rebuild().unwrap();
                }
            }
        }
        came
    }

    #[test]
    fn what_was_under_way_when_the_router_died_comes_out_of_the_next_one_in_order() {
        let router = Arc::new(Router::default());
        let mut outlet = router.start().unwrap();
        for number in 0..5_000_u32 {
            if number == 512 {
                router.kill();
            }
            router.put(&number.to_be_bytes());
        }
        let came = let_out(&mut outlet, 5_000);
        assert!(came.into_iter().eq(0..5_000));
        assert_eq!(router.rebuilds(), 1);
    }

    #[test]
    fn wills_of_a_crowd_that_goes_at_once_come_out_in_order_and_end_no_router() {
        let router = Arc::new(Router::default());
        let mut outlet = router.start().unwrap();
        // Six times what rumqttd may be given at a time.
        let burst = |numbers: std::ops::Range<u32>| {
            for number in numbers {
                let mut payload = number.to_be_bytes().to_vec();
                payload.resize(60_000, 0);
                router.put(&payload);
            }
        };
        burst(0..800);
        assert!(let_out(&mut outlet, 800).into_iter().eq(0..800));
        assert_eq!(router.rebuilds(), 0);
        router.kill();
        burst(800..1_600);
        assert!(let_out(&mut outlet, 800).into_iter().eq(800..1_600));
        assert_eq!(
            router.rebuilds(),
            1,
            "the next one is not given all at once"
        );
    }
}
