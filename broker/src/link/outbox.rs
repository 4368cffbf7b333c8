//! The outbox of a link: what waits to be sent and what was sent and waits for its acknowledgement.
//!
//! Pure: it holds posts and packet ids and knows no socket. Everything is kept until the bus has
//! acknowledged it, because rumqttc forgets what it holds whenever a new session begins.

use std::collections::VecDeque;
use std::time::Instant;

use crate::limit::WINDOW;
use crate::post::Post;

/// How much an outbox holds while the bus is away or slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxLimits {
    /// Messages.
    pub messages: usize,
    /// Bytes of their payloads.
    pub bytes: usize,
}

impl Default for OutboxLimits {
    /// 8,192 messages and 32 MiB: at the rates of a drill some seconds, in real operation hours.
    fn default() -> Self {
        Self {
            messages: 8_192,
            bytes: 32 * 1024 * 1024,
        }
    }
}

/// The outbox is full of messages that may not be dropped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

#[derive(Debug)]
pub(crate) struct Outbox {
    limits: OutboxLimits,
    waiting: VecDeque<Post>,
    waiting_bytes: usize,
    handed: VecDeque<Handed>,
}

/// A post that was handed to the library and has no acknowledgement yet.
#[derive(Debug)]
struct Handed {
    post: Post,
    at: Instant,
    /// Known once the packet is written.
    packet: Option<u16>,
}

impl Outbox {
    pub(crate) fn new(limits: OutboxLimits) -> Self {
        Self {
            limits,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            handed: VecDeque::new(),
        }
    }

    /// Takes a post at the end; says how many older ones had to go for it.
    pub(crate) fn push(&mut self, post: Post) -> Result<u64, Full> {
        let mut dropped = 0;
        while !self.has_room(&post) {
            let Some(oldest) = self.waiting.iter().position(|post| !post.urgent) else {
                return Err(Full);
            };
            let gone = self.waiting.remove(oldest).expect("the position was found");
            self.waiting_bytes -= gone.payload.len();
            dropped += 1;
        }
        self.waiting_bytes += post.payload.len();
        self.waiting.push_back(post);
        Ok(dropped)
    }

    fn has_room(&self, post: &Post) -> bool {
        self.waiting.len() < self.limits.messages
            && self.waiting_bytes + post.payload.len() <= self.limits.bytes
    }

    /// The post to send now, if the window is open.
    pub(crate) fn next(&self) -> Option<&Post> {
        if self.handed.len() < WINDOW {
            self.waiting.front()
        } else {
            None
        }
    }

    /// What [`Outbox::next`] showed is in the library's hands.
    pub(crate) fn hand_over(&mut self, at: Instant) {
        let post = self.waiting.pop_front().expect("next showed it");
        self.waiting_bytes -= post.payload.len();
        self.handed.push_back(Handed {
            post,
            at,
            packet: None,
        });
    }

    /// The library wrote a publish: they are written in the order in which they were handed over.
    pub(crate) fn written(&mut self, packet: u16) {
        if let Some(handed) = self.handed.iter_mut().find(|it| it.packet.is_none()) {
            handed.packet = Some(packet);
        }
    }

    /// The bus acknowledged a packet; whether it was one of ours.
    pub(crate) fn acknowledged(&mut self, packet: u16) -> bool {
        let at = self
            .handed
            .iter()
            .position(|handed| handed.packet == Some(packet));
        at.and_then(|at| self.handed.remove(at)).is_some()
    }

    /// The session is gone: what was not acknowledged goes back to the front, in its order.
    pub(crate) fn take_back(&mut self) {
        while let Some(handed) = self.handed.pop_back() {
            self.waiting_bytes += handed.post.payload.len();
            self.waiting.push_front(handed.post);
        }
    }

    /// Since when the oldest message waits for its acknowledgement.
    pub(crate) fn unacknowledged_since(&self) -> Option<Instant> {
        self.handed.front().map(|handed| handed.at)
    }

    /// Messages that the bus has not acknowledged, sent or not.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len() + self.handed.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(messages: usize, bytes: usize) -> Outbox {
        Outbox::new(OutboxLimits { messages, bytes })
    }

    fn topics(outbox: &Outbox) -> Vec<&str> {
        outbox.waiting.iter().map(|post| &*post.topic).collect()
    }

    #[test]
    fn an_overflow_drops_the_oldest_that_is_not_urgent() {
        let mut outbox = outbox(3, 1_000);
        outbox.push(Post::new("order", "1").urgent()).unwrap();
        outbox.push(Post::new("log1", "2")).unwrap();
        outbox.push(Post::new("log2", "3")).unwrap();
        assert_eq!(outbox.push(Post::new("log3", "4")), Ok(1));
        assert_eq!(topics(&outbox), ["order", "log2", "log3"]);
    }

    #[test]
    fn bytes_count_as_well_and_a_box_of_urgent_posts_refuses() {
        let mut outbox = outbox(9, 10);
        outbox.push(Post::new("a", "1234")).unwrap();
        outbox.push(Post::new("b", "1234")).unwrap();
        assert_eq!(outbox.push(Post::new("c", "1234567890").urgent()), Ok(2));
        assert_eq!(topics(&outbox), ["c"]);
        assert_eq!(outbox.push(Post::new("d", "1")), Err(Full));
        assert_eq!(outbox.push(Post::new("e", "1").urgent()), Err(Full));
    }

    #[test]
    fn what_is_not_acknowledged_is_sent_again_in_order() {
        let mut outbox = outbox(9, 100);
        for topic in ["a", "b", "c", "d"] {
            outbox.push(Post::new(topic, "x")).unwrap();
        }
        for _ in 0..3 {
            outbox.hand_over(Instant::now());
        }
        for packet in 1..=3 {
            outbox.written(packet);
        }
        assert!(outbox.acknowledged(2));
        assert!(!outbox.acknowledged(2));
        outbox.take_back();
        assert_eq!(topics(&outbox), ["a", "c", "d"]);
        assert_eq!((outbox.waiting_bytes, outbox.len()), (3, 3));
    }

    #[test]
    fn the_window_closes_until_an_acknowledgement_comes() {
        let mut outbox = outbox(1_000, 1_000);
        for _ in 0..=WINDOW {
            outbox.push(Post::new("a", "x")).unwrap();
        }
        while outbox.next().is_some() {
            outbox.hand_over(Instant::now());
        }
        assert_eq!(outbox.handed.len(), WINDOW);
        outbox.written(1);
        assert!(outbox.acknowledged(1));
        assert!(outbox.next().is_some());
    }
}
