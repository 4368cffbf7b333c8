//! A client's connection in a load: what it says is gathered while what was said before is written.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Notify;

use crate::wire::{Connect, subscribe};

/// How much is read at a time, at least.
const READ_BYTES: usize = 64 * 1024;

/// Bytes that wait to be written before a publisher waits for them.
const AHEAD_BYTES: usize = 128 * 1024;

/// Types of packets, as they stand in the upper half of the first byte.
const PUBLISH: u8 = 3;
const PUBACK: u8 = 4;

/// What a broker says that a load looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    /// A message, with its packet id if it is to be acknowledged.
    Publish { id: Option<u16>, payload: &'a [u8] },
    /// It has a message.
    PubAck(u16),
    /// Anything else.
    Other,
}

/// The way out, shared by all that say something.
#[derive(Debug, Default)]
pub(crate) struct Out {
    bytes: RefCell<Vec<u8>>,
    more: Notify,
    drained: Notify,
    pub(crate) ended: Cell<bool>,
}

impl Out {
    /// Says something soon.
    pub(crate) fn say(&self, packet: &[u8]) {
        self.bytes.borrow_mut().extend_from_slice(packet);
        self.more.notify_one();
    }

    /// Waits while too much is unsaid.
    pub(crate) async fn room(&self) {
        while self.bytes.borrow().len() > AHEAD_BYTES && !self.ended.get() {
            self.drained.notified().await;
        }
    }

    async fn write(self: Rc<Self>, mut to: OwnedWriteHalf) {
        let mut writing = Vec::new();
        loop {
            writing.clear();
            std::mem::swap(&mut writing, &mut *self.bytes.borrow_mut());
            self.drained.notify_one();
            if writing.is_empty() {
                self.more.notified().await;
            } else if to.write_all(&writing).await.is_err() {
                self.ended.set(true);
                self.drained.notify_one();
                return;
            }
        }
    }
}

/// A connection that was let in.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) out: Rc<Out>,
    reader: OwnedReadHalf,
    unread: BytesMut,
}

impl Stream {
    /// Connects, and subscribes if there is a filter. On the thread of a `LocalSet`.
    pub(crate) async fn open(
        addr: SocketAddr,
        hello: &Connect,
        filter: Option<(&str, u8)>,
    ) -> io::Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        let out = Rc::new(Out::default());
        tokio::task::spawn_local(Rc::clone(&out).write(writer));
        let mut opened = Self {
            out,
            reader,
            unread: BytesMut::new(),
        };
        opened.out.say(&hello.bytes());
        opened.answer().await?;
        if let Some((filter, qos)) = filter {
            opened.out.say(&subscribe(1, filter, qos));
            opened.answer().await?;
        }
        Ok(opened)
    }

    /// Waits for one packet, which answers.
    async fn answer(&mut self) -> io::Result<()> {
        while frame(&self.unread).is_none() {
            self.more().await?;
        }
        self.hear(|_| ());
        Ok(())
    }

    /// Waits until more has come.
    pub(crate) async fn more(&mut self) -> io::Result<()> {
        self.unread.reserve(READ_BYTES);
        match self.reader.read_buf(&mut self.unread).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Hears all that has come.
    pub(crate) fn hear(&mut self, mut each: impl FnMut(Said<'_>)) {
        while let Some((head, length)) = frame(&self.unread) {
            each(said(self.unread[0], &self.unread[head..head + length]));
            self.unread.advance(head + length);
        }
    }
}

/// The bytes before the body of a whole packet, and those of the body.
fn frame(unread: &[u8]) -> Option<(usize, usize)> {
    let mut length = 0;
    for place in 0..4 {
        let byte = *unread.get(1 + place)?;
        length |= usize::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            let head = 2 + place;
            return (unread.len() >= head + length).then_some((head, length));
        }
    }
    None
}

fn said(first: u8, body: &[u8]) -> Said<'_> {
    match first >> 4 {
        PUBLISH => {
            let topic = 2 + usize::from(u16::from_be_bytes([body[0], body[1]]));
            let rest = &body[topic..];
            match first >> 1 & 3 {
                0 => Said::Publish {
                    id: None,
                    payload: rest,
                },
                _ => Said::Publish {
                    id: Some(u16::from_be_bytes([rest[0], rest[1]])),
                    payload: &rest[2..],
                },
            }
        }
        PUBACK => Said::PubAck(u16::from_be_bytes([body[0], body[1]])),
        _ => Said::Other,
    }
}
