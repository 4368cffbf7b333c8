//! MQTT inside WebSocket (MQTT 3.1.1, section 6): binary frames, whose bounds mean nothing.

mod frames;
pub(super) use frames::LettingIn;
use frames::{Paced, Told};

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex,
    split,
};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::handshake::server::{
    Callback, ErrorResponse, Request, Response,
};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

use super::client::WRITING;
use super::rates::Resting;
use crate::limit;

/// The subprotocol's name (MQTT 3.1.1, 6.0.0-3 and 6.0.0-4).
const SUBPROTOCOL: &str = "mqtt";

/// Bytes under way between the frames and whoever reads them.
const BETWEEN: usize = 64 * 1024;

/// Bytes of one frame to the client.
const FRAME_BYTES: usize = 32 * 1024;

/// Bytes that are read at a time: so many small frames come before a client has to rest.
const READ_BYTES: usize = 16 * 1024;

/// Bytes that wait to be written to a client: a frame, and answers to its pings. tungstenite has no bound
/// of its own, and who pings and reads nothing could fill the memory.
const UNWRITTEN_BYTES: usize = 4 * FRAME_BYTES;

/// Pings, pongs and empty messages of a client within [`PINGS_WITHIN`]: a hundred times what keeps a line open, and few
/// enough that nobody is kept busy with what carries nothing.
const PINGS: u32 = 100;
const PINGS_WITHIN: Duration = Duration::from_secs(10);

/// What lies between the frames of a client and the bytes in them.
pub(super) struct Pump<S> {
    frames: WebSocketStream<Paced<S>>,
    bytes: DuplexStream,
    told: Told,
    resting: Resting,
    letting_in: LettingIn,
}

/// Shakes hands, but with no page that is from elsewhere than from these origins: whoever opens a page
/// in a browser would lend it his place on the network. The bytes that are answered flow while the pump
/// runs.
pub(super) async fn open<S>(stream: S, origins: &[String]) -> Result<(DuplexStream, Pump<S>), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let limits = WebSocketConfig::default()
        .max_message_size(Some(limit::PACKET_BYTES))
        .max_frame_size(Some(limit::PACKET_BYTES))
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(FRAME_BYTES)
        .max_write_buffer_size(UNWRITTEN_BYTES);
    let judge = Judge { origins };
    let paced = Paced::new(stream);
    let mut frames = accept_hdr_async_with_config(paced, judge, Some(limits)).await?;
    // What came before is the request and nothing else, or hands would not have been shaken.
    let told = frames.get_mut().begin();
    let resting = frames.get_ref().resting();
    let letting_in = frames.get_ref().letting_in();
    let (ours, bytes) = duplex(BETWEEN);
    let pump = Pump {
        frames,
        bytes,
        told,
        resting,
        letting_in,
    };
    Ok((ours, pump))
}

/// Judges what a client asks for before frames are spoken.
struct Judge<'a> {
    origins: &'a [String],
}

impl Callback for Judge<'_> {
    fn on_request(
        self,
        request: &Request,
        mut response: Response,
    ) -> Result<Response, ErrorResponse> {
        let headers = request.headers();
        let mut from = headers.get_all(header::ORIGIN).iter();
        if !from.all(|from| {
            self.origins
                .iter()
                .any(|it| it.as_bytes() == from.as_bytes())
        }) {
            let what = "pages of this origin are not let in; name it in the gate's origins";
            return Err(refusal(StatusCode::FORBIDDEN, what));
        }
        let asked = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
        let mut asked = asked.filter_map(|value| value.to_str().ok());
        if !asked.any(|list| list.split(',').any(|one| one.trim() == SUBPROTOCOL)) {
            let what = "ask for the subprotocol mqtt";
            return Err(refusal(StatusCode::BAD_REQUEST, what));
        }
        let name = HeaderValue::from_static(SUBPROTOCOL);
        response
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_PROTOCOL, name);
        Ok(response)
    }
}

fn refusal(status: StatusCode, what: &str) -> ErrorResponse {
    let mut refusal = ErrorResponse::new(Some(what.to_owned()));
    *refusal.status_mut() = status;
    refusal
}

impl<S> Pump<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// Where it is told when the client rests, because its frames come more quickly than they may.
    pub(super) fn resting(&self) -> Resting {
        self.resting.clone()
    }

    /// Where it is to be told that the client is let in: until then little is read of it.
    pub(super) fn letting_in(&self) -> LettingIn {
        self.letting_in.clone()
    }

    /// Carries bytes both ways until either end is closed.
    pub(super) async fn run(self) {
        let (to_client, from_client) = self.frames.split();
        let (from_gate, to_gate) = split(self.bytes);
        // How it ended is seen where the bytes end.
        tokio::select! {
            _ = inward(from_client, to_gate) => {}
            _ = outward(from_gate, to_client, &self.told) => {}
        }
    }
}

async fn inward<S>(
    mut frames: SplitStream<WebSocketStream<Paced<S>>>,
    mut bytes: WriteHalf<DuplexStream>,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut pings, mut since) = (0_u32, Instant::now());
    while let Some(frame) = frames.next().await {
        match frame.map_err(io::Error::other)? {
            Message::Binary(payload) if !payload.is_empty() => bytes.write_all(&payload).await?,
            // A peer that sends text ends the connection (MQTT 3.1.1, 6.0.0-1).
            Message::Text(_) | Message::Close(_) => break,
            // An empty message carries as much as a ping.
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
                if since.elapsed() >= PINGS_WITHIN {
                    (pings, since) = (0, Instant::now());
                }
                pings += 1;
                if pings > PINGS {
                    break;
                }
            }
        }
    }
    Ok(())
}

async fn outward<S>(
    mut bytes: ReadHalf<DuplexStream>,
    mut frames: SplitSink<WebSocketStream<Paced<S>>, Message>,
    told: &Told,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let mut portion = BytesMut::with_capacity(FRAME_BYTES);
        let count = bytes.read_buf(&mut portion).await?;
        let end = count == 0;
        told.add(count);
        let frame = if end {
            Message::Close(None)
        } else {
            Message::Binary(portion.freeze())
        };
        let sent = timeout(WRITING, frames.send(frame)).await;
        sent.map_err(io::Error::other)?.map_err(io::Error::other)?;
        if end {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests;
