//! Plain clients of a bus: one publishes some bytes with QoS 1, all others hear them. Nothing is signed,
//! checked or kept.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use broker::{BusUrl, Link, LinkConfig, LinkEvent, Post};
use tokio::sync::mpsc;

use super::hall::LOOK;
use crate::failure::{Code, Failure};
use crate::live::stage::random;

/// Where they publish.
const FILTER: &str = "bench/+";

/// How long a bus may take to take what is said at the end.
const GOODBYE: Duration = Duration::from_secs(2);

/// The clients.
pub(super) struct Plain {
    links: Vec<Link>,
    heard: mpsc::UnboundedReceiver<(u32, Instant)>,
    sent: BTreeMap<u32, Instant>,
}

impl Plain {
    /// Connects so many clients and waits until each has subscribed.
    pub(super) async fn open(clients: usize, bus: &BusUrl) -> Result<Self, Failure> {
        let (tell, heard) = mpsc::unbounded_channel();
        let (up, mut ups) = mpsc::unbounded_channel();
        let boot = u64::from_be_bytes(random()?);
        let mut links = Vec::with_capacity(clients);
        for client in 0..clients {
            let config = LinkConfig {
                filters: vec![FILTER.to_owned()],
                ..LinkConfig::new(bus.clone(), format!("plain-{boot:016x}-{client}"))
            };
            let (link, mut events) = Link::open(config)?;
            links.push(link);
            let (tell, up) = (tell.clone(), up.clone());
            let own = format!("bench/{client}");
            tokio::spawn(async move {
                while let Some(event) = events.recv().await {
                    match event {
                        LinkEvent::Up => _ = up.send(()),
                        LinkEvent::Message { topic, payload, .. } if topic != own => {
                            let number = payload.first_chunk().map(|it| u32::from_be_bytes(*it));
                            if let Some(number) = number {
                                let _ = tell.send((number, Instant::now()));
                            }
                        }
                        _ => {}
                    }
                }
            });
        }
        for _ in 0..clients {
            ups.recv().await;
        }
        Ok(Self {
            links,
            heard,
            sent: BTreeMap::new(),
        })
    }

    /// Publishes so many bytes under a number, each time from the next client.
    pub(super) fn publish(&mut self, number: u32, bytes: usize) -> Result<(), Failure> {
        let client = number as usize % self.links.len();
        let mut payload = number.to_be_bytes().to_vec();
        payload.resize(bytes, b'n');
        self.sent.insert(number, Instant::now());
        let post = Post::new(format!("bench/{client}"), payload);
        self.links[client].publish(post).map_err(Failure::bug)
    }

    /// How long each took until the last of the others had it.
    pub(super) async fn arrivals(mut self, patience: Duration) -> Result<Vec<Duration>, Failure> {
        let others = self.links.len() - 1;
        let mut last: BTreeMap<u32, (usize, Duration)> = BTreeMap::new();
        let deadline = tokio::time::Instant::now() + patience;
        while last.len() < self.sent.len() || last.values().any(|(count, _)| *count < others) {
            while let Ok((number, at)) = self.heard.try_recv() {
                let Some(sent) = self.sent.get(&number) else {
                    continue;
                };
                let took = at.saturating_duration_since(*sent);
                let (count, longest) = last.entry(number).or_default();
                *count += 1;
                *longest = took.max(*longest);
            }
            if tokio::time::Instant::now() > deadline {
                let what = format!("not everything came everywhere within {patience:?}");
                return Err(Failure::new(Code::TryLater, what));
            }
            tokio::time::sleep(LOOK).await;
        }
        for link in self.links {
            // All that was published has come.
            let _ = link.close(GOODBYE).await;
        }
        Ok(last.into_values().map(|(_, took)| took).collect())
    }
}
