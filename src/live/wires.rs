//! Links to several buses, as one.

use std::collections::{BTreeSet, VecDeque};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use broker::{BusUrl, Link, LinkConfig, LinkEvent, Post};
use protocol::{BusId, Hash, PartyId};
use tokio::sync::mpsc;

use crate::failure::Failure;

/// Messages that are remembered where each is to be heard once: those of some seconds.
const HEARD: usize = 4_096;

/// A bus, as somebody joins it.
#[derive(Clone, Debug)]
pub(crate) struct Plug {
    /// Its name.
    pub(crate) id: BusId,
    /// Where it is.
    pub(crate) url: BusUrl,
    /// Whose machine its broker is on; `None` if it is nobody's.
    pub(crate) host: Option<PartyId>,
}

/// Links to several buses.
pub(crate) struct Wires {
    all: Vec<Wire>,
    /// Which of them is looked at first, so that none waits for another for ever.
    first: usize,
    /// What was heard lately, where each message counts once.
    heard: Option<Heard>,
}

struct Wire {
    bus: BusId,
    link: Link,
    events: Option<mpsc::Receiver<LinkEvent>>,
}

#[derive(Default)]
struct Heard {
    known: BTreeSet<Hash>,
    order: VecDeque<Hash>,
}

impl Wires {
    /// Links to all of these buses; each is configured by what `config` makes of it.
    pub(crate) fn open(
        plugs: &[Plug],
        config: impl Fn(&Plug) -> LinkConfig,
    ) -> Result<Self, Failure> {
        let mut wires = Vec::with_capacity(plugs.len());
        for plug in plugs {
            let (link, events) = Link::open(config(plug))?;
            wires.push(Wire {
                bus: plug.id,
                link,
                events: Some(events),
            });
        }
        Ok(Self {
            all: wires,
            first: 0,
            heard: None,
        })
    }

    /// The same for somebody who wants to hear each message once, however many buses bring it.
    pub(crate) fn each_once(mut self) -> Self {
        self.heard = (self.all.len() > 1).then(Heard::default);
        self
    }

    /// What happens next on any of them; `None` when all have ended.
    pub(crate) async fn recv(&mut self) -> Option<(BusId, LinkEvent)> {
        loop {
            let (bus, event) = self.next().await?;
            if self.is_news(&event) {
                return Some((bus, event));
            }
        }
    }

    async fn next(&mut self) -> Option<(BusId, LinkEvent)> {
        let (wires, first) = (&mut self.all, &mut self.first);
        poll_fn(|context| {
            let count = wires.len();
            let mut open = false;
            for step in 0..count {
                let place = (*first + step) % count;
                let wire = &mut wires[place];
                let Some(events) = &mut wire.events else {
                    continue;
                };
                match events.poll_recv(context) {
                    Poll::Ready(Some(event)) => {
                        *first = place + 1;
                        return Poll::Ready(Some((wire.bus, event)));
                    }
                    Poll::Ready(None) => wire.events = None,
                    Poll::Pending => open = true,
                }
            }
            if open {
                Poll::Pending
            } else {
                Poll::Ready(None)
            }
        })
        .await
    }

    fn is_news(&mut self, event: &LinkEvent) -> bool {
        let (Some(heard), LinkEvent::Message { topic, payload, .. }) = (&mut self.heard, event)
        else {
            return true;
        };
        let message = [topic.as_bytes(), b"\n", payload].concat();
        let hash = Hash::of(&message);
        let is_news = heard.known.insert(hash);
        if is_news {
            heard.order.push_back(hash);
        }
        if heard.order.len() > HEARD
            && let Some(oldest) = heard.order.pop_front()
        {
            heard.known.remove(&oldest);
        }
        is_news
    }

    /// Publishes on one of them.
    pub(crate) fn publish(&self, bus: BusId, post: Post) -> Result<(), broker::PublishError> {
        let wire = self.all.iter().find(|wire| wire.bus == bus);
        wire.map_or(Ok(()), |wire| wire.link.publish(post))
    }

    /// Publishes on all of them; the last error, if any did not take it.
    pub(crate) fn publish_everywhere(&self, post: &Post) -> Result<(), broker::PublishError> {
        let mut outcome = Ok(());
        for wire in &self.all {
            if let Err(error) = wire.link.publish(post.clone()) {
                outcome = Err(error);
            }
        }
        outcome
    }

    /// Says goodbye to all of them, with patience for what is not acknowledged.
    pub(crate) async fn close(self, patience: Duration) {
        let mut open = tokio::task::JoinSet::new();
        for wire in self.all {
            // What a bus does not take within the patience, nobody waits for.
            open.spawn(async move { wire.link.close(patience).await });
        }
        while open.join_next().await.is_some() {}
    }

    /// Cuts all of them as a crash would.
    pub(crate) fn cut(&self) {
        for wire in &self.all {
            wire.link.cut();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use broker::Embedded;

    use super::*;

    fn plug(id: &str, broker: &Embedded) -> Plug {
        Plug {
            id: id.parse().unwrap(),
            url: broker.url(),
            host: None,
        }
    }

    /// Waits until all wires are up.
    async fn up(wires: &mut Wires) {
        let mut missing = wires.all.len();
        while missing > 0 {
            let (_, event) = wires.recv().await.unwrap();
            missing -= usize::from(event == LinkEvent::Up);
        }
    }

    async fn message(wires: &mut Wires) -> (BusId, String) {
        loop {
            if let (bus, LinkEvent::Message { topic, .. }) = wires.recv().await.unwrap() {
                return (bus, topic);
            }
        }
    }

    #[tokio::test]
    async fn what_two_buses_bring_is_heard_on_both_or_once() {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (one, _events) = Embedded::start(any).unwrap();
        let (other, _more) = Embedded::start(any).unwrap();
        let plugs = [plug("one", &one), plug("other", &other)];
        let open = |name: &'static str| {
            let config = move |plug: &Plug| LinkConfig {
                filters: vec!["t/+".to_owned()],
                ..LinkConfig::new(plug.url.clone(), name)
            };
            Wires::open(&plugs, config).unwrap()
        };
        let (mut both, mut single) = (open("both"), open("single").each_once());
        up(&mut both).await;
        up(&mut single).await;
        for (number, bus) in [("1", "one"), ("1", "other"), ("2", "other")] {
            let post = Post::new(format!("t/{number}"), number.as_bytes().to_vec());
            both.publish(bus.parse().unwrap(), post).unwrap();
            let (by, topic) = message(&mut both).await;
            assert_eq!(
                (by.to_string(), topic),
                (bus.to_owned(), format!("t/{number}"))
            );
        }
        assert_eq!(message(&mut single).await.1, "t/1");
        assert_eq!(message(&mut single).await.1, "t/2");
        both.close(Duration::from_secs(2)).await;
        single.close(Duration::from_secs(2)).await;
    }
}
