//! A client of nobody's library: it writes MQTT by hand, as an enemy or an old device would.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::station::PATIENCE;

/// A connection that says what it is told to say.
pub(crate) struct Stranger {
    stream: TcpStream,
}

impl Stranger {
    /// Connects and sends a CONNECT with a client id; says whether it was accepted.
    pub(crate) fn connect(addr: SocketAddr, client_id: &str) -> (Self, bool) {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut body = b"\x00\x04MQTT\x04\x02\x00\x3c".to_vec();
        body.extend(text(client_id));
        stream.write_all(&packet(0x10, &body)).unwrap();
        let mut answer = [0; 4];
        let accepted = stream.read_exact(&mut answer).is_ok() && answer == [0x20, 2, 0, 0];
        (Self { stream }, accepted)
    }

    /// Publishes without acknowledgement.
    pub(crate) fn publish(&mut self, topic: &str, payload: &str) {
        let mut body = text(topic);
        body.extend(payload.as_bytes());
        self.stream.write_all(&packet(0x30, &body)).unwrap();
    }
}

/// A packet; its length goes seven bits at a time, the lowest first.
fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![kind];
    let mut length = body.len();
    while length >= 128 {
        packet.push(u8::try_from(length % 128).unwrap() | 0x80);
        length /= 128;
    }
    packet.push(u8::try_from(length).unwrap());
    packet.extend(body);
    packet
}

/// A text with its length.
fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}
