//! A raw MQTT 3.1.1 client: sends any bytes, reads what the broker answers, keeps no promises itself.
//!
//! It never sleeps. What arrives while something else is awaited is kept, in order, for whoever asks next.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;
use tokio::runtime::Builder;

pub(crate) mod line;
pub(crate) use line::Line;

pub(crate) mod packet;
pub(crate) use packet::{Connect, Publication, Qos};
pub(crate) use packet::{
    disconnect, ping, puback, pubcomp, pubrec, pubrel, subscribe, unsubscribe,
};

mod reply;
pub(crate) use reply::Reply;

/// How long a broker may take to answer: a bound on failure, far above a loaded machine's delays.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long a write may be held up by a broker that reads slowly or not at all.
const WRITE_PATIENCE: Duration = Duration::from_secs(20);

/// Bytes that are read at a time.
const READ_BYTES: usize = 16 * 1024;

/// Why a client heard nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The broker ended the connection.
    Closed,
    /// Nothing arrived in time.
    Silent,
}

/// A socket to an address.
pub(crate) fn dial(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).expect("a broker listens at its address");
    stream.set_nodelay(true).expect("the connection is open");
    stream
        .set_write_timeout(Some(WRITE_PATIENCE))
        .expect("the patience is not zero");
    // What is written over TLS waits for a handshake, which is read.
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("the patience is not zero");
    stream
}

/// A socket to an address, from another address of this machine: to a broker it is somebody else.
pub(crate) fn dial_from(source: Ipv4Addr, addr: SocketAddr) -> std::io::Result<TcpStream> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind((source, 0).into())?;
        let stream = socket.connect(addr).await?.into_std()?;
        stream.set_nonblocking(false)?;
        Ok(stream)
    })
}

/// A connection to a broker.
#[derive(Debug)]
pub(crate) struct Client {
    stream: Line,
    unread: Vec<u8>,
    kept: VecDeque<Reply>,
    last_id: u16,
}

impl Client {
    /// Opens a TCP connection and says nothing.
    pub(crate) fn open(addr: SocketAddr) -> Self {
        Self::over(Line::Plain(dial(addr)))
    }

    /// Says nothing over a line that is open.
    pub(crate) fn over(stream: Line) -> Self {
        Self {
            stream,
            unread: Vec::new(),
            kept: VecDeque::new(),
            last_id: 1_000,
        }
    }

    /// Opens a connection, sends a CONNECT and gives what came first in answer.
    pub(crate) fn greet(addr: SocketAddr, connect: &Connect) -> (Self, Reply) {
        Self::open(addr).greeting(connect)
    }

    /// Sends a CONNECT and gives what came first in answer.
    pub(crate) fn greeting(mut self, connect: &Connect) -> (Self, Reply) {
        self.send(&connect.bytes());
        let reply = self.reply();
        (self, reply)
    }

    /// Opens a session that must be accepted; whether one was present does not matter.
    #[track_caller]
    pub(crate) fn connect(addr: SocketAddr, connect: &Connect) -> Self {
        let (client, reply) = Self::greet(addr, connect);
        assert!(
            matches!(reply, Reply::ConnAck { code: 0, .. }),
            "{connect:?} is answered by {reply:?}, not by an accepting CONNACK"
        );
        client
    }

    /// Sends bytes. An error shows in the next reply, which is then [`Reply::Closed`].
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes));
    }

    /// What the broker says next, within [`PATIENCE`].
    pub(crate) fn reply(&mut self) -> Reply {
        self.reply_within(PATIENCE)
    }

    /// What the broker says next, within a time.
    pub(crate) fn reply_within(&mut self, patience: Duration) -> Reply {
        match self.kept.pop_front() {
            Some(reply) => reply,
            None => self.read(Instant::now() + patience),
        }
    }

    /// The first reply of a kind, within [`PATIENCE`] of the one before it; others are kept.
    ///
    /// [`Reply::Closed`] or [`Reply::Silence`] if it does not come.
    pub(crate) fn await_reply(&mut self, is_wanted: impl Fn(&Reply) -> bool) -> Reply {
        self.await_reply_within(PATIENCE, is_wanted)
    }

    /// The first reply of a kind, within a time of the one before it; others are kept.
    pub(crate) fn await_reply_within(
        &mut self,
        patience: Duration,
        is_wanted: impl Fn(&Reply) -> bool,
    ) -> Reply {
        if let Some(at) = self.kept.iter().position(&is_wanted) {
            return self.kept.remove(at).expect("it was found there");
        }
        loop {
            let reply = self.read(Instant::now() + patience);
            if is_wanted(&reply) || matches!(reply, Reply::Closed | Reply::Silence) {
                return reply;
            }
            self.kept.push_back(reply);
        }
    }

    /// Whether the broker ends the connection within a time; whatever it says before is dropped.
    pub(crate) fn is_closed_within(&mut self, patience: Duration) -> bool {
        self.kept.clear();
        let deadline = Instant::now() + patience;
        loop {
            match self.read(deadline) {
                Reply::Closed => return true,
                Reply::Silence => return false,
                _ => {}
            }
        }
    }

    /// Asks and waits for a PINGRESP; [`Reply::PingResp`] if it came.
    pub(crate) fn ping(&mut self) -> Reply {
        self.send(&ping());
        self.await_reply(|reply| *reply == Reply::PingResp)
    }

    /// Subscribes to one filter and gives the answer: a SUBACK of one code if all is well.
    pub(crate) fn subscribe(&mut self, filter: &str, qos: u8) -> Reply {
        let id = self.fresh_id();
        self.send(&subscribe(id, filter, qos));
        self.await_reply(|reply| matches!(reply, Reply::SubAck { id: of, .. } if *of == id))
    }

    /// Subscribes to a filter that the broker must grant.
    #[track_caller]
    pub(crate) fn subscribed(&mut self, filter: &str, qos: u8) {
        let reply = self.subscribe(filter, qos);
        let is_granted = matches!(&reply, Reply::SubAck { codes, .. } if codes[..] != [0x80]);
        assert!(is_granted, "SUBSCRIBE to {filter} is answered by {reply:?}");
    }

    /// Unsubscribes and gives the answer: an UNSUBACK if all is well.
    pub(crate) fn unsubscribe(&mut self, filter: &str) -> Reply {
        let id = self.fresh_id();
        self.send(&unsubscribe(id, filter));
        self.await_reply(|reply| *reply == Reply::UnsubAck(id))
    }

    /// Publishes with QoS 1, waits for the PUBACK.
    #[track_caller]
    pub(crate) fn publish(&mut self, topic: &str, payload: &str) {
        let publication = Publication::new(topic, payload);
        self.publish_this(publication);
    }

    /// Publishes with QoS 1 and retained, waits for the PUBACK.
    #[track_caller]
    pub(crate) fn publish_retained(&mut self, topic: &str, payload: &str) {
        let publication = Publication::new(topic, payload).retained();
        self.publish_this(publication);
    }

    #[track_caller]
    fn publish_this(&mut self, publication: Publication) {
        let id = self.fresh_id();
        let publication = publication.qos(Qos::AtLeastOnce(id));
        self.send(&publication.bytes());
        let reply = self.await_reply(|reply| *reply == Reply::PubAck(id));
        assert!(
            reply == Reply::PubAck(id),
            "PUBLISH to {} is answered by {reply:?}, not by a PUBACK",
            publication.topic
        );
    }

    /// Writes packets at full speed and reads PUBACKs meanwhile; how many came.
    pub(crate) fn flood(&mut self, packets: &[u8], acknowledgements: usize) -> usize {
        let mut writer = self
            .stream
            .socket()
            .try_clone()
            .expect("a socket can be cloned");
        std::thread::scope(|scope| {
            // The reader sees it if the broker has gone.
            scope.spawn(move || drop(writer.write_all(packets)));
            let is_ack = |reply: &Reply| matches!(reply, Reply::PubAck(_));
            let acks = (0..acknowledgements).take_while(|_| is_ack(&self.await_reply(is_ack)));
            acks.count()
        })
    }

    /// The next publication, acknowledged.
    pub(crate) fn hear(&mut self) -> Result<Publication, Ended> {
        self.hear_within(PATIENCE)
    }

    /// The next publication within a time, acknowledged.
    pub(crate) fn hear_within(&mut self, patience: Duration) -> Result<Publication, Ended> {
        let heard = self.hear_unacknowledged_within(patience)?;
        match heard.qos {
            Qos::AtMostOnce => {}
            Qos::AtLeastOnce(id) => self.send(&puback(id)),
            Qos::ExactlyOnce(id) => {
                self.send(&pubrec(id));
                self.await_reply(|reply| *reply == Reply::PubRel(id));
                self.send(&pubcomp(id));
            }
        }
        Ok(heard)
    }

    /// The next publication, of which the broker is told nothing.
    pub(crate) fn hear_unacknowledged(&mut self) -> Result<Publication, Ended> {
        self.hear_unacknowledged_within(PATIENCE)
    }

    fn hear_unacknowledged_within(&mut self, patience: Duration) -> Result<Publication, Ended> {
        let is_publish = |reply: &Reply| matches!(reply, Reply::Publish(_));
        match self.await_reply_within(patience, is_publish) {
            Reply::Publish(publication) => Ok(publication),
            Reply::Closed => Err(Ended::Closed),
            _ => Err(Ended::Silent),
        }
    }

    /// The payloads heard and acknowledged until one says so; it is not among them.
    pub(crate) fn hear_until(&mut self, last: &str) -> Result<Vec<String>, Ended> {
        let mut payloads = Vec::new();
        loop {
            let payload = self.hear()?.text();
            if payload == last {
                return Ok(payloads);
            }
            payloads.push(payload);
        }
    }

    /// Says DISCONNECT and waits until the broker has ended the connection, so that it knows.
    pub(crate) fn leave(mut self) {
        self.send(&disconnect());
        self.is_closed_within(PATIENCE);
    }

    /// Ends the connection without a word, as the network does.
    pub(crate) fn vanish(self) {
        // It may have ended by itself.
        drop(self.stream.socket().shutdown(Shutdown::Both));
    }

    /// Says that nothing more will be sent; what the broker says can still be read.
    pub(crate) fn finish(&mut self) {
        drop(self.stream.socket().shutdown(Shutdown::Write));
    }

    fn fresh_id(&mut self) -> u16 {
        self.last_id += 1;
        self.last_id
    }

    fn read(&mut self, deadline: Instant) -> Reply {
        let mut bytes = vec![0; READ_BYTES];
        loop {
            if let Some(reply) = reply::parse(&mut self.unread) {
                return reply;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Reply::Silence;
            }
            self.stream
                .socket()
                .set_read_timeout(Some(left))
                .expect("the time left is not zero");
            match self.stream.read(&mut bytes) {
                Ok(0) => return Reply::Closed,
                Ok(count) => self.unread.extend_from_slice(&bytes[..count]),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return Reply::Silence,
                    ErrorKind::Interrupted => {}
                    _ => return Reply::Closed,
                },
            }
        }
    }
}
