//! The life of one connection: its CONNECT in time, then reading and writing side by side.
//!
//! A client's silence is measured on what it sends alone, so that neither a frozen peer nor one that
//! only listens outlives its keepalive, whatever is told to it meanwhile.

mod greeting;
pub(super) use greeting::CONNECT_BYTES;
use greeting::{ACCEPTED, charge_will, deny, greet, hung_up};

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::time::{Instant as Moment, sleep, timeout};

use super::guard::Visit;
use super::hall::Stay;
use super::hub::{Hub, Offence, Pass, Seat};
use super::keeper::{Denial, Who};
use super::rates::{Charge, Resting};
use super::table::Edition;
use super::tls::Shown;
use super::websocket::LettingIn;
use super::{Asking, unpoisoned};
use crate::codec::packet::{Connect, Packet};
use crate::codec::refusal::Refusal;
use crate::codec::{read, write};
use crate::limit;

/// How long a client may take to take what was written to it. Longer than any keepalive of ours; one
/// that asked for none is bound by it.
pub(super) const WRITING: Duration = Duration::from_secs(60);

/// How much is read at a time.
const READ_BYTES: usize = 16 * 1024;

/// How a client is read.
#[derive(Clone, Copy, Debug)]
struct Appetite {
    /// Bytes of its largest packet.
    packet_bytes: usize,
    /// Bytes that are read at a time.
    bytes: usize,
}

/// How one is read that was let in.
const LET_IN: Appetite = Appetite {
    packet_bytes: limit::PACKET_BYTES,
    bytes: READ_BYTES,
};

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    /// The client said goodbye.
    #[error("it said goodbye")]
    Goodbye,
    /// The other side closed.
    #[error("the connection was closed")]
    Closed,
    /// Somebody else has its name, or its session was ended.
    #[error("its session is another connection's, or ended")]
    Replaced,
    /// It said nothing for one and a half times its keepalive.
    #[error("it was silent for {0:?}")]
    Silent(Duration),
    /// It took too long to say who it is, or to take what was told to it.
    #[error("it took longer than {0:?}")]
    Slow(Duration),
    /// It was answered with a refusal.
    #[error("it was refused with code {0}")]
    Refused(u8),
    /// It does not come in.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// What it sent is no packet.
    #[error(transparent)]
    Malformed(#[from] Refusal),
    /// A packet that has no place there.
    #[error("a {0} has no place there")]
    Misplaced(&'static str),
    /// What it may not do.
    #[error(transparent)]
    Offence(#[from] Offence),
    /// The system says so.
    #[error(transparent)]
    Broken(#[from] io::Error),
}

impl End {
    /// Whether the client did what no client may.
    fn is_its_fault(&self) -> bool {
        matches!(
            self,
            Self::Refused(_)
                | Self::Denied(_)
                | Self::Malformed(_)
                | Self::Misplaced(_)
                | Self::Offence(_)
        )
    }
}

/// Who is on the other side of a connection, before it says so.
#[derive(Debug)]
pub(super) struct Peer<'a> {
    pub(super) address: SocketAddr,
    pub(super) asking: Asking,
    /// By what it is judged.
    pub(super) edition: Edition,
    /// What the certificate says that it showed.
    pub(super) shown: Option<Shown>,
    pub(super) visit: &'a Arc<Visit>,
    /// That it has not been let in yet.
    pub(super) stay: &'a Stay,
    /// When it rests, where it is read through something that has it rest.
    pub(super) resting: Resting,
    /// Where it is told that it is let in.
    pub(super) letting_in: LettingIn,
}

/// Serves one connection until it ends.
pub(super) async fn serve<S>(stream: S, peer: Peer<'_>, hub: &Hub)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let end = live(stream, &peer, hub).await;
    if end.is_its_fault() {
        hub.tally.refused();
        if let Some(untold) = hub.telling.one_more(Instant::now()) {
            tracing::warn!(peer = %peer.address, %end, untold, "a client was cut off");
        }
    } else {
        tracing::debug!(peer = %peer.address, %end, "a client left");
    }
}

async fn live<S>(mut stream: S, peer: &Peer<'_>, hub: &Hub) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = BytesMut::new();
    let connect = match timeout(limit::HANDSHAKE, greet(&mut stream, &mut buffer)).await {
        Ok(Ok(connect)) => connect,
        Ok(Err(end)) => return end,
        Err(_) => return End::Slow(limit::HANDSHAKE),
    };
    let keepalive = connect.keepalive;
    let entered = {
        let gone = pin!(hung_up(&mut stream, &mut buffer));
        enter(connect, peer, (hub, gone)).await
    };
    let seat = match entered {
        Ok(seat) => seat,
        Err(Denial::Gone) => return End::Closed,
        Err(denial) => return deny(&mut stream, denial).await,
    };
    peer.visit.let_in();
    peer.letting_in.done();
    unpoisoned(&seat.outbox).answer(seat.connection, |to| {
        write::connack(to, seat.present, ACCEPTED);
    });
    let (mut reader, mut writer) = split(stream);
    let listening = async {
        tokio::select! {
            end = listen((&mut reader, &mut buffer), (&seat, keepalive), &peer.resting, hub) => end,
            // What was heard is still told.
            () = hub.closed() => std::future::pending().await,
        }
    };
    let end = tokio::select! {
        end = listening => end,
        end = tell(&mut writer, &seat) => end,
        () = seat.bells.off.notified() => End::Replaced,
    };
    hub.leave(&seat, matches!(end, End::Goodbye));
    end
}

/// Finds out who a client is and seats it.
async fn enter(
    connect: Connect,
    peer: &Peer<'_>,
    (hub, mut gone): (&Hub, Pin<&mut impl Future<Output = ()>>),
) -> Result<Seat, Denial> {
    let who = match peer.asking {
        Asking::Nothing => Who::Own,
        Asking::AsTold => {
            let shown = (peer.shown.map(|it| it.party), peer.visit);
            let identify = hub.keeper.identify(&connect, shown, gone.as_mut());
            identify.await?
        }
    };
    charge_will(connect.will.as_ref(), who, (hub, gone)).await?;
    // Whoever is to make room is served no further from where it waits. It must not be seated by then, for
    // nobody would clear its place; from here on nobody makes it go.
    if !peer.stay.end() {
        return Err(Denial::Gone);
    }
    let pass = Pass {
        who,
        edition: peer.edition,
        until: peer.shown.map(|it| it.until),
    };
    hub.enter(connect, pass)
}

/// The next packet.
async fn next<R>(reader: &mut R, buffer: &mut BytesMut, appetite: Appetite) -> Result<Packet, End>
where
    R: AsyncRead + Unpin,
{
    loop {
        if let Some(packet) = read::read(buffer, appetite.packet_bytes)? {
            return Ok(packet);
        }
        buffer.reserve(appetite.bytes);
        if reader.read_buf(buffer).await? == 0 {
            return Err(End::Closed);
        }
    }
}

/// The next packet, unless the client is silent for too long: since it was heard last, or its last rest ended.
async fn heard(
    packet: impl Future<Output = Result<Packet, End>>,
    (patience, resting): (Duration, &Resting),
) -> Result<Packet, End> {
    let mut packet = pin!(packet);
    let mut since = Moment::now();
    loop {
        let now = Moment::now();
        let left = patience.saturating_add(since.saturating_duration_since(now));
        let left = left.saturating_sub(now.saturating_duration_since(since));
        if let Ok(packet) = timeout(left, packet.as_mut()).await {
            return packet;
        }
        match resting.end() {
            Some(end) if end > since => since = end,
            _ => return Err(End::Silent(patience)),
        }
    }
}

/// Reads what the client sends until the connection is to end.
async fn listen<R>(
    (reader, buffer): (&mut R, &mut BytesMut),
    (seat, keepalive): (&Seat, u16),
    resting: &Resting,
    hub: &Hub,
) -> End
where
    R: AsyncRead + Unpin,
{
    // One and a half times, MQTT 3.1.1, 3.1.2.10; none for ever.
    let patience = match keepalive {
        0 => Duration::MAX,
        seconds => Duration::from_millis(u64::from(seconds) * 1_500),
    };
    let rates = hub.guard.rates(seat.who);
    loop {
        let packet = match heard(next(reader, buffer, LET_IN), (patience, resting)).await {
            Ok(packet) => packet,
            Err(end) => return end,
        };
        let rest = match hear(packet, seat, hub).await {
            Ok(charge) => unpoisoned(&rates).rest_after(charge),
            Err(end) => return end,
        };
        if !rest.is_zero() {
            // It is read more slowly, and nothing of what it said is lost.
            sleep(rest).await;
        }
        // It is to take its answers before it is given more. Meanwhile nobody hears whether it is alive, so
        // that it may take no longer than it may say nothing.
        let bound = patience.min(WRITING);
        let taken = async {
            while unpoisoned(&seat.outbox).is_unheard() {
                seat.taken.notified().await;
            }
        };
        if timeout(bound, taken).await.is_err() {
            return End::Slow(bound);
        }
        if buffer.is_empty() && buffer.capacity() > 2 * READ_BYTES {
            // A client that sent much once does not hold the room for ever.
            *buffer = BytesMut::new();
        }
    }
}

/// Does what a packet asks for; says what that takes of the party's rates.
async fn hear(packet: Packet, seat: &Seat, hub: &Hub) -> Result<Charge, End> {
    let connection = seat.connection;
    let outbox = || unpoisoned(&seat.outbox);
    Ok(match packet {
        Packet::Connect(_) => return Err(End::Misplaced("second CONNECT")),
        Packet::Publish { message, id, .. } => {
            let bytes = message.bytes().len();
            hub.publish(seat, message, id).await?;
            Charge { messages: 1, bytes }
        }
        Packet::PubAck(id) => Charge::unless(outbox().acknowledged(id)),
        Packet::PubRec(id) => Charge::unless(outbox().arrived(connection, id)),
        Packet::PubRel(id) => Charge::unless(outbox().release(connection, id)),
        Packet::PubComp(id) => Charge::unless(outbox().completed(id)),
        Packet::Subscribe { id, filters } => hub.subscribe(seat, id, filters)?,
        Packet::Unsubscribe { id, filters } => hub.unsubscribe(seat, id, &filters),
        Packet::PingReq => {
            outbox().answer(connection, write::pingresp);
            Charge::unless(false)
        }
        Packet::Disconnect => return Err(End::Goodbye),
    })
}

/// Writes what the client is to be told until the connection is to end.
async fn tell<W>(writer: &mut W, seat: &Seat) -> End
where
    W: AsyncWrite + Unpin,
{
    let mut portion = BytesMut::new();
    loop {
        portion.clear();
        if !unpoisoned(&seat.outbox).take(seat.connection, &mut portion) {
            return End::Replaced;
        }
        seat.taken.notify_one();
        if portion.is_empty() {
            portion = BytesMut::new();
            seat.bells.news.notified().await;
            continue;
        }
        // TLS takes what is written into a buffer, and says only when that is flushed whether it was taken.
        let written = async {
            writer.write_all(&portion).await?;
            writer.flush().await
        };
        match timeout(WRITING, written).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.into(),
            Err(_) => return End::Slow(WRITING),
        }
    }
}

#[cfg(test)]
mod tests;
