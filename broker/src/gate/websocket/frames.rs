//! The frames of a client as they come over the wire, and how quickly those may come that carry little.
//!
//! A frame costs the gate as much as some hundred bytes, and those who send it seven. Frames are counted
//! here, where those of a message in many parts are seen too.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::gate::client::CONNECT_BYTES;
use crate::gate::rates::{Rate, Resting};

/// Bytes of a frame below which it is small.
const SMALL_BYTES: usize = 64;

/// Small frames of a client in a second, and at once: more than anybody types, and few enough that a
/// thousand strangers keep nobody busy. What is more is read more slowly, and nothing of it is lost.
const SMALL_PER_S: u32 = 200;
const SMALL_BURST_S: u32 = 1;

/// Bytes told to a client for which it may send a small frame besides: it acknowledges what it is told, and
/// that takes a frame or two of each message.
const TOLD_FOR_SMALL: usize = 16;

/// Bytes told to a client that count for that at a time: of some thousands of messages.
const TOLD_BYTES: usize = 1024 * 1024;

/// Bytes that are read in frames of who is not let in yet: a CONNECT, in however many. The rest waits in the
/// system, for a message of WebSocket is kept until it is whole.
const UNKNOWN_BYTES: usize = 2 * CONNECT_BYTES;

/// Whether a client is let in, from where that is known.
#[derive(Clone, Debug, Default)]
pub(in crate::gate) struct LettingIn(Arc<(AtomicBool, AtomicWaker)>);

impl LettingIn {
    /// It is let in.
    pub(in crate::gate) fn done(&self) {
        self.0.0.store(true, Ordering::Release);
        self.0.1.wake();
    }

    fn is_done(&self) -> bool {
        self.0.0.load(Ordering::Acquire)
    }

    /// Waits until it is.
    fn poll(&self, context: &Context<'_>) -> Poll<()> {
        if self.is_done() {
            return Poll::Ready(());
        }
        self.0.1.register(context.waker());
        // It may have been between the two.
        if self.is_done() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// What a client was told and has not answered with small frames yet, in bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(Arc<AtomicUsize>);

/// A stream of frames, which is read no more quickly than it may come.
pub(super) struct Paced<S> {
    stream: S,
    /// `None` until hands are shaken: what comes before is no frame.
    heads: Option<Heads>,
    told: Told,
    rate: Rate,
    rest: Option<Pin<Box<Sleep>>>,
    resting: Resting,
    letting_in: LettingIn,
    /// Bytes in frames that were read before that.
    unknown: usize,
}

/// Finds where frames begin.
#[derive(Debug, Default)]
struct Heads {
    /// What has come of the next header.
    head: Vec<u8>,
    /// How much is still to come of the payload before it.
    payload: usize,
}

impl Told {
    pub(super) fn add(&self, bytes: usize) {
        let more = |told: usize| Some((told + bytes).min(TOLD_BYTES));
        // It is always more.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// Whether a small frame is an answer to what was told.
    fn is_answered(&self) -> bool {
        let less = |told: usize| told.checked_sub(TOLD_FOR_SMALL);
        let taken = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        taken.is_ok()
    }
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            heads: None,
            told: Told::default(),
            rate: Rate::new(SMALL_PER_S, SMALL_BURST_S, Instant::now().into_std()),
            rest: None,
            resting: Resting::default(),
            letting_in: LettingIn::default(),
            unknown: 0,
        }
    }

    /// Where it is told when it rests.
    pub(super) fn resting(&self) -> Resting {
        self.resting.clone()
    }

    /// Where it is to be told that the client is let in.
    pub(super) fn letting_in(&self) -> LettingIn {
        self.letting_in.clone()
    }

    /// From now on frames come.
    pub(super) fn begin(&mut self) -> Told {
        self.heads = Some(Heads::default());
        self.told.clone()
    }

    /// How long it has to rest after these bytes.
    fn rest_after(&mut self, bytes: &[u8]) -> Duration {
        let Some(heads) = &mut self.heads else {
            return Duration::ZERO;
        };
        let small = heads.small_in(bytes);
        let unasked = (0..small).filter(|_| !self.told.is_answered()).count();
        self.rate.owe(unasked, Instant::now().into_std())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(rest) = &mut self.rest {
            ready!(rest.as_mut().poll(context));
            self.rest = None;
        }
        if self.unknown >= UNKNOWN_BYTES {
            ready!(self.letting_in.poll(context));
            self.unknown = 0;
        }
        let before = to.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, to))?;
        if self.heads.is_some() && !self.letting_in.is_done() {
            self.unknown += to.filled().len() - before;
        }
        let rest = self.rest_after(&to.filled()[before..]);
        if !rest.is_zero() {
            self.resting.begin(rest);
            self.rest = Some(Box::pin(sleep(rest)));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Heads {
    /// How many of the frames whose header ends in these bytes are small.
    fn small_in(&mut self, mut bytes: &[u8]) -> usize {
        let mut small = 0;
        loop {
            let skipped = self.payload.min(bytes.len());
            self.payload -= skipped;
            bytes = &bytes[skipped..];
            let Some((byte, rest)) = bytes.split_first() else {
                return small;
            };
            bytes = rest;
            self.head.push(*byte);
            if let Some(length) = length(&self.head) {
                self.head.clear();
                self.payload = length;
                small += usize::from(length < SMALL_BYTES);
            }
        }
    }
}

/// The length of the payload that a header says, if it is whole (RFC 6455, 5.2).
fn length(head: &[u8]) -> Option<usize> {
    let [_, second, rest @ ..] = head else {
        return None;
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let short = usize::from(second & 0x7f);
    let wide = match short {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    if rest.len() < wide + mask {
        return None;
    }
    let number = |sum: usize, byte: &u8| (sum << 8) | usize::from(*byte);
    Some(match wide {
        0 => short,
        _ => rest[..wide].iter().fold(0, number),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame of so many bytes.
    fn frame(length: u16) -> Vec<u8> {
        let mut frame = vec![0x82];
        match u8::try_from(length) {
            Ok(short) if short < 126 => frame.push(0x80 | short),
            _ => {
                frame.push(0xfe);
                frame.extend(length.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(vec![0x82; usize::from(length)]);
        frame
    }

    #[test]
    fn frames_are_found_however_their_bytes_come() {
        let all: Vec<u8> = [0, 1, 63, 64, 125, 126, 1_000, 2].map(frame).concat();
        for portion in [1, 3, 7, 64, 5_000] {
            let mut heads = Heads::default();
            let small = all.chunks(portion).map(|part| heads.small_in(part));
            assert_eq!(small.sum::<usize>(), 4, "{portion} at a time");
        }
    }

    #[test]
    fn small_frames_that_answer_what_was_told_are_free_and_others_wait() {
        let mut paced = Paced::new(());
        let told = paced.begin();
        let small = |count: usize| frame(4).repeat(count);
        told.add(1_000 * TOLD_FOR_SMALL);
        assert!(paced.rest_after(&small(1_100)).is_zero());
        assert!(paced.rest_after(&small(300)) > Duration::from_millis(900));
        let mut paced = Paced::new(());
        paced.begin();
        assert!(paced.rest_after(&frame(64).repeat(10_000)).is_zero());
    }
}
