//! What a client's bytes go through: plain TCP, TLS, or the frames of WebSocket over either.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;

use tokio_rustls::rustls::{ClientConnection, StreamOwned};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

/// TLS over a socket.
pub(crate) type Private = StreamOwned<ClientConnection, TcpStream>;

/// An open line to a broker.
pub(crate) enum Line {
    /// TCP.
    Plain(TcpStream),
    /// TLS.
    Private(Box<Private>),
    /// WebSocket.
    Frames(Box<Frames<TcpStream>>),
    /// WebSocket over TLS.
    PrivateFrames(Box<Frames<Private>>),
}

/// A WebSocket read as bytes.
pub(crate) struct Frames<S> {
    socket: WebSocket<S>,
    unread: Vec<u8>,
}

impl<S: Read + Write> Frames<S> {
    /// Shakes hands for MQTT over a stream to this address.
    pub(crate) fn over(url: &str, stream: S) -> Self {
        let mut request = url.into_client_request().expect("an address of a test");
        let name = HeaderValue::from_static("mqtt");
        request.headers_mut().insert("Sec-WebSocket-Protocol", name);
        let (socket, response) = client(request, stream).expect("frames are spoken there");
        assert_eq!(response.headers()["Sec-WebSocket-Protocol"], "mqtt");
        Self {
            socket,
            unread: Vec::new(),
        }
    }

    /// Sends a ping of WebSocket and reads nothing.
    pub(crate) fn ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.socket.send(Message::Ping(payload.to_vec().into()))
    }

    /// Sends a message without bytes.
    pub(crate) fn say_nothing(&mut self) -> Result<(), Error> {
        self.socket.send(Message::Binary(Vec::new().into()))
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.unread.is_empty() {
            match self.socket.read() {
                Ok(Message::Binary(bytes)) => self.unread.extend_from_slice(&bytes),
                Ok(Message::Close(_)) | Err(Error::ConnectionClosed) => return Ok(0),
                Ok(_) => {}
                Err(Error::Io(error)) => return Err(error),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        let count = self.unread.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.unread[..count]);
        self.unread.drain(..count);
        Ok(count)
    }

    /// Each byte in a frame of its own: their bounds mean nothing.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            let frame = Message::Binary(vec![*byte].into());
            self.socket.write(frame).map_err(io::Error::other)?;
        }
        self.socket.flush().map_err(io::Error::other)?;
        Ok(bytes.len())
    }
}

impl Line {
    /// The socket below.
    pub(crate) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Private(line) => line.get_ref(),
            Self::Frames(frames) => frames.socket.get_ref(),
            Self::PrivateFrames(frames) => frames.socket.get_ref().get_ref(),
        }
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Private(line) => line.read(buffer),
            Self::Frames(frames) => frames.read(buffer),
            Self::PrivateFrames(frames) => frames.read(buffer),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Private(line) => line.write(bytes),
            Self::Frames(frames) => frames.write(bytes),
            Self::PrivateFrames(frames) => frames.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Private(line) => line.flush(),
            Self::Frames(_) | Self::PrivateFrames(_) => Ok(()),
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({:?})", self.socket())
    }
}
