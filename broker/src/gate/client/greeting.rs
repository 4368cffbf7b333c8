//! How a client is greeted: its CONNECT, and the answer to one that does not come in.

use std::pin::Pin;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use super::{Appetite, End, next};
use crate::codec::packet::{Connect, LEVEL, Packet, Will};
use crate::codec::write;
use crate::gate::hub::Hub;
use crate::gate::keeper::{Denial, LOGIN, Who};
use crate::gate::rates::Charge;
use crate::gate::unpoisoned;
use crate::limit;

/// What a CONNACK says (MQTT 3.1.1, 3.2.2.3).
pub(super) const ACCEPTED: u8 = 0;
const UNACCEPTABLE_LEVEL: u8 = 1;
const IDENTIFIER_REJECTED: u8 = 2;
const UNAVAILABLE: u8 = 3;
pub(super) const BAD_LOGIN: u8 = 4;
const NOT_AUTHORISED: u8 = 5;

/// Bytes of a client id. The standard asks for 23 at least; ours have about 40.
const CLIENT_BYTES: usize = 128;

/// Bytes of a CONNECT, with its will: nobody is known before it is read. That of an office has a few hundred.
pub(in crate::gate) const CONNECT_BYTES: usize = 16 * 1024;

/// Bytes of a user's name: those of a party's are fewer.
const USER_BYTES: usize = 128;

/// Bytes of a password, which may wait for its turn: more than anybody types or draws.
const PASSWORD_BYTES: usize = 1_024;

/// How a CONNECT is read.
const GREETING: Appetite = Appetite {
    packet_bytes: CONNECT_BYTES,
    bytes: UNKNOWN_BYTES,
};

/// Bytes that are read at a time of who is not let in yet, and of what it says before.
const UNKNOWN_BYTES: usize = 2 * 1024;

/// The names of clients that gave none begin so, with a character that no client id may have: whatever
/// name a client chooses, it is none of these.
const NAMELESS: &str = "\u{1}nameless-";

/// Reads a CONNECT and judges its form.
pub(super) async fn greet<S>(stream: &mut S, buffer: &mut BytesMut) -> Result<Connect, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Packet::Connect(connect) = next(stream, buffer, GREETING).await? else {
        return Err(End::Misplaced("packet before CONNECT"));
    };
    // What it took to read that is given back while it is looked who this is.
    *buffer = BytesMut::from(&buffer[..]);
    let mut connect = *connect;
    if connect.level != LEVEL {
        return Err(refuse(stream, UNACCEPTABLE_LEVEL).await);
    }
    let client = &connect.client;
    if client.is_empty() && connect.clean {
        connect.client = nameless();
    } else if client.is_empty() || client.len() > CLIENT_BYTES || client.contains(char::is_control)
    {
        return Err(refuse(stream, IDENTIFIER_REJECTED).await);
    }
    let is_long = |said: Option<usize>, most: usize| said.is_some_and(|bytes| bytes > most);
    let user = connect.user.as_ref().map(String::len);
    let password = connect.password.as_ref().map(Vec::len);
    if is_long(user, USER_BYTES) || is_long(password, PASSWORD_BYTES) {
        return Err(refuse(stream, BAD_LOGIN).await);
    }
    Ok(connect)
}

/// A will takes of its party's rates when it is left: whoever comes and goes has one told each time. Ends
/// without a place for who owes more than a login may take.
pub(super) async fn charge_will(
    will: Option<&Will>,
    who: Who,
    (hub, gone): (&Hub, Pin<&mut impl Future<Output = ()>>),
) -> Result<(), Denial> {
    let Some(will) = will else {
        return Ok(());
    };
    let charge = Charge {
        messages: 1,
        bytes: will.message.bytes().len(),
    };
    let rest = unpoisoned(&hub.guard.rates(who)).rest_after(charge);
    if rest > LOGIN {
        return Err(Denial::Flooding);
    }
    tokio::select! {
        () = sleep(rest) => Ok(()),
        () = gone => Err(Denial::Gone),
    }
}

/// Answers a client that does not come in.
pub(super) async fn deny<S>(stream: &mut S, denial: Denial) -> End
where
    S: AsyncWrite + Unpin,
{
    let code = match denial {
        Denial::Password | Denial::Nameless => BAD_LOGIN,
        Denial::Busy | Denial::Flooding | Denial::Gone | Denial::Full | Denial::Overtaken => {
            UNAVAILABLE
        }
        Denial::ClientId(_) => IDENTIFIER_REJECTED,
        Denial::Names { .. } | Denial::Stranger(_) | Denial::Will => NOT_AUTHORISED,
    };
    refuse(stream, code).await;
    denial.into()
}

/// A name for a client that has none, as it is given to no other.
fn nameless() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static LAST: AtomicU64 = AtomicU64::new(0);
    format!("{NAMELESS}{}", LAST.fetch_add(1, Ordering::Relaxed))
}

async fn refuse<S>(stream: &mut S, code: u8) -> End
where
    S: AsyncWrite + Unpin,
{
    let mut answer = BytesMut::new();
    write::connack(&mut answer, false, code);
    // It is refused whether or not it hears so.
    let _ = timeout(limit::HANDSHAKE, stream.write_all(&answer)).await;
    let _ = timeout(limit::HANDSHAKE, stream.shutdown()).await;
    End::Refused(code)
}

/// Ends when the other side does. What it says before it is let in waits in the buffer, as much of it as
/// is read at a time.
pub(super) async fn hung_up<R>(reader: &mut R, buffer: &mut BytesMut)
where
    R: AsyncRead + Unpin,
{
    while buffer.len() < UNKNOWN_BYTES {
        buffer.reserve(UNKNOWN_BYTES - buffer.len());
        if matches!(reader.read_buf(buffer).await, Ok(0) | Err(_)) {
            return;
        }
    }
    // Nobody looks further: the login has a deadline.
    std::future::pending::<()>().await;
}
