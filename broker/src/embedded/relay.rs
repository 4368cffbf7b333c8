//! Between clients and rumqttd: carries bytes at once, both ways.
//!
//! rumqttd never sets `TCP_NODELAY`, so a small packet waits until the one before it is
//! acknowledged, and a client that has nothing to say acknowledges after 40 ms. A relay that
//! acknowledges at once on rumqttd's side and holds nothing back on the clients' takes the wait
//! away. The gate that comes later does the same, and looks at what it carries.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// Bytes that are carried at a time.
const BYTES: usize = 64 * 1024;

/// How long the relay rests when the system gives it no connection: too many are open.
const REST: Duration = Duration::from_millis(100);

/// Takes clients and connects each of them to rumqttd, for as long as the runtime lives.
pub(super) async fn relay(listener: TcpListener, inner: SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                tokio::spawn(carry(client, inner));
            }
            Err(error) => {
                tracing::warn!(%error, "the embedded bus takes no client for a moment");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Carries until either side ends; then both end.
async fn carry(client: TcpStream, inner: SocketAddr) -> io::Result<()> {
    let inside = TcpStream::connect(inner).await?;
    client.set_nodelay(true)?;
    inside.set_nodelay(true)?;
    tokio::select! {
        ended = copy(&client, &inside) => ended,
        ended = copy(&inside, &client) => ended,
    }
}

async fn copy(from: &TcpStream, to: &TcpStream) -> io::Result<()> {
    let mut bytes = vec![0; BYTES];
    loop {
        from.readable().await?;
        let read = match from.try_read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        };
        acknowledge(from)?;
        let mut left = &bytes[..read];
        while !left.is_empty() {
            to.writable().await?;
            match to.try_write(left) {
                Ok(written) => left = &left[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Acknowledges now what was read; the system forgets the wish with the next packet.
#[cfg(target_os = "linux")]
fn acknowledge(stream: &TcpStream) -> io::Result<()> {
    stream.set_quickack(true)
}

#[cfg(not(target_os = "linux"))]
fn acknowledge(_stream: &TcpStream) -> io::Result<()> {
    Ok(())
}
