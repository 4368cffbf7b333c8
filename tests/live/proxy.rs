//! A TCP proxy on loopback that spoils what it carries between a client and a bus, under a test's hand.
//!
//! Each connection has a thread a direction. A stream that loses bytes is no TCP, so what a way that is
//! cut keeps back is carried once it heals; only [`Line::Corrupt`] hands on what nobody sent.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::draws::Draws;

/// Bytes that are carried at a time, so that a slow line is slow evenly.
const BYTES: usize = 4 * 1024;

/// One chunk in so many is changed by a line that corrupts: often enough to meet every kind of packet,
/// rarely enough that sessions begin.
const CORRUPT_ONE_IN: u64 = 12;

/// A direction through the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the client to the bus.
    Up,
    /// From the bus to the client.
    Down,
}

/// What the line is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// It carries at once.
    Sound,
    /// It carries everything this much later.
    Late(Duration),
    /// It carries this many bytes a second.
    Slow(u32),
    /// One way stands still, and the other does not.
    Mute(Way),
    /// Both ways stand still, and nobody is told: connections stay open.
    HalfOpen,
    /// It changes a byte now and then.
    Corrupt,
    /// Connections end, and new ones end at once.
    Cut,
}

/// A running proxy. Its connections end when it is dropped.
pub(crate) struct Proxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    control: Mutex<Control>,
    changed: Condvar,
}

struct Control {
    to: SocketAddr,
    line: Line,
    /// Connections that were made before so many cuts have ended.
    cuts: u64,
    open: bool,
    draws: Draws,
    streams: Vec<TcpStream>,
    /// How often a line that was not sound met bytes or a client.
    spoiled: u64,
    /// What it carried to its clients, if that is listened to.
    overheard: Option<Vec<u8>>,
}

impl Proxy {
    /// Listens on a port that the system chooses; what it corrupts comes from the seed.
    pub(crate) fn start(to: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let control = Control {
            to,
            line: Line::Sound,
            cuts: 0,
            open: true,
            draws: Draws::new(seed),
            streams: Vec::new(),
            spoiled: 0,
            overheard: None,
        };
        let shared = Arc::new(Shared {
            control: Mutex::new(control),
            changed: Condvar::new(),
        });
        let ours = Arc::clone(&shared);
        let listening = std::thread::spawn(move || listen(&listener, &ours));
        Self {
            addr,
            shared,
            listening: Some(listening),
        }
    }

    /// How a client reaches the bus through it.
    pub(crate) fn url(&self) -> String {
        format!("mqtt://{}", self.addr)
    }

    /// Keeps what it carries to its clients from now on.
    pub(crate) fn listen_in(&self) {
        self.shared.control().overheard = Some(Vec::new());
    }

    /// What was carried to clients while it was listened to.
    pub(crate) fn overheard(&self) -> Vec<u8> {
        let control = self.shared.control();
        control.overheard.clone().unwrap_or_default()
    }

    /// The bus is elsewhere from now on.
    pub(crate) fn lead_to(&self, to: SocketAddr) {
        self.shared.control().to = to;
    }

    /// How often a line that was not sound held up or changed bytes, or turned a client away.
    pub(crate) fn spoiled(&self) -> u64 {
        self.shared.control().spoiled
    }

    /// Makes the line such.
    pub(crate) fn suffer(&self, line: Line) {
        if line == Line::Cut {
            self.blink();
        }
        self.shared.control().line = line;
        self.shared.changed.notify_all();
    }

    /// Ends every connection once; new ones are taken.
    pub(crate) fn blink(&self) {
        let mut control = self.shared.control();
        control.cuts += 1;
        for stream in control.streams.drain(..) {
            // It may have ended by itself.
            drop(stream.shutdown(Shutdown::Both));
        }
        self.shared.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.control().open = false;
        self.blink();
        // The listener looks up when somebody comes.
        drop(TcpStream::connect(self.addr));
        if let Some(listening) = self.listening.take() {
            drop(listening.join());
        }
    }
}

impl Shared {
    fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap()
    }

    /// Waits as long as the line makes bytes wait; whether the connection still stands.
    fn hold(&self, way: Way, cuts: u64, bytes: usize) -> bool {
        let stands = |control: &Control| control.open && control.cuts == cuts;
        let is_still = |line: Line| line == Line::HalfOpen || line == Line::Mute(way);
        let mut control = self.control();
        control.spoiled += u64::from(is_still(control.line));
        let mut control = self
            .changed
            .wait_while(control, |it| stands(it) && is_still(it.line))
            .unwrap();
        let pause = match control.line {
            Line::Late(by) => by,
            Line::Slow(rate) => Duration::from_secs(bytes as u64) / rate,
            _ => Duration::ZERO,
        };
        control.spoiled += u64::from(!pause.is_zero());
        let line = control.line;
        let unchanged = |it: &mut Control| stands(it) && it.line == line;
        let (control, _) = self
            .changed
            .wait_timeout_while(control, pause, unchanged)
            .unwrap();
        stands(&control)
    }

    fn spoil(&self, bytes: &mut [u8]) {
        let mut control = self.control();
        if control.line == Line::Corrupt && control.draws.one_in(CORRUPT_ONE_IN) {
            let at = control.draws.below(bytes.len());
            bytes[at] ^= 1 << control.draws.below(8);
            control.spoiled += 1;
        }
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if !shared.control().open {
            return;
        }
        // A client that is off again, or a bus that is down: the client sees its connection end.
        drop(client.and_then(|client| join(client, shared)));
    }
}

/// Joins a client with the bus.
fn join(client: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    let (to, line, cuts) = {
        let mut control = shared.control();
        control.spoiled += u64::from(control.line == Line::Cut);
        (control.to, control.line, control.cuts)
    };
    if line == Line::Cut {
        return client.shutdown(Shutdown::Both);
    }
    let bus = TcpStream::connect(to)?;
    client.set_nodelay(true)?;
    bus.set_nodelay(true)?;
    {
        let mut control = shared.control();
        control
            .streams
            .extend([client.try_clone()?, bus.try_clone()?]);
    }
    let up = (client.try_clone()?, bus.try_clone()?);
    for (way, (from, to)) in [(Way::Up, up), (Way::Down, (bus, client))] {
        let shared = Arc::clone(shared);
        std::thread::spawn(move || carry((&from, &to), &shared, (way, cuts)));
    }
    Ok(())
}

/// Carries one way until either end is gone; then the connection ends.
fn carry((from, to): (&TcpStream, &TcpStream), shared: &Shared, (way, cuts): (Way, u64)) {
    let mut bytes = [0; BYTES];
    let (mut reader, mut writer) = (from, to);
    while let Ok(read @ 1..) = reader.read(&mut bytes) {
        let bytes = &mut bytes[..read];
        shared.spoil(bytes);
        if way == Way::Down
            && let Some(overheard) = &mut shared.control().overheard
        {
            overheard.extend_from_slice(bytes);
        }
        if !shared.hold(way, cuts, read) || writer.write_all(bytes).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        // The other direction may have ended it.
        drop(stream.shutdown(Shutdown::Both));
    }
}

/// A server that gives back what it gets, and a proxy before it.
#[cfg(test)]
fn echo() -> Proxy {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = server.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = server.accept() {
            std::thread::spawn(move || io::copy(&mut &stream, &mut &stream));
        }
    });
    Proxy::start(to, 7)
}

#[cfg(test)]
fn client(proxy: &Proxy) -> TcpStream {
    let client = TcpStream::connect(proxy.addr).unwrap();
    client.set_read_timeout(Some(crate::run::PATIENCE)).unwrap();
    client
}

#[cfg(test)]
fn told_back(mut client: &TcpStream, said: &[u8]) -> io::Result<Vec<u8>> {
    client.write_all(said)?;
    let mut back = vec![0; said.len()];
    client.read_exact(&mut back)?;
    Ok(back)
}

#[test]
fn a_line_that_is_cut_ends_its_connections_and_takes_none_until_it_heals() {
    let proxy = echo();
    let before = client(&proxy);
    assert_eq!(told_back(&before, b"one").unwrap(), b"one");
    proxy.suffer(Line::Cut);
    assert!(told_back(&before, b"two").is_err());
    assert_eq!(proxy.spoiled(), 0, "nobody has come since");
    assert!(told_back(&client(&proxy), b"three").is_err());
    assert_eq!(proxy.spoiled(), 1);
    proxy.suffer(Line::Sound);
    assert_eq!(told_back(&client(&proxy), b"four").unwrap(), b"four");
}

#[test]
fn a_way_that_stands_still_keeps_what_was_said_until_it_heals() {
    let proxy = echo();
    for line in [Line::Mute(Way::Up), Line::Mute(Way::Down), Line::HalfOpen] {
        let mut client = client(&proxy);
        proxy.suffer(line);
        client.write_all(b"held").unwrap();
        let short = Some(Duration::from_millis(50));
        client.set_read_timeout(short).unwrap();
        let mut back = [0; 4];
        assert!(client.read_exact(&mut back).is_err(), "{line:?}");
        client.set_read_timeout(Some(crate::run::PATIENCE)).unwrap();
        proxy.suffer(Line::Sound);
        client.read_exact(&mut back).unwrap();
        assert_eq!(&back, b"held", "{line:?}");
    }
}

#[test]
fn a_late_line_is_late_and_a_line_that_corrupts_keeps_the_count_of_bytes() {
    let proxy = echo();
    let client = client(&proxy);
    let by = Duration::from_millis(40);
    proxy.suffer(Line::Late(by));
    let began = Instant::now();
    assert_eq!(proxy.spoiled(), 0);
    assert_eq!(told_back(&client, b"late").unwrap(), b"late");
    assert!(began.elapsed() >= by * 2);
    assert_eq!(proxy.spoiled(), 2, "there and back");
    proxy.suffer(Line::Slow(1_000));
    let began = Instant::now();
    assert_eq!(told_back(&client, &[7; 50]).unwrap(), [7; 50]);
    assert!(began.elapsed() >= Duration::from_millis(100));
    proxy.suffer(Line::Corrupt);
    let said = [0; 16];
    let back = (0..100).map(|_| told_back(&client, &said).unwrap());
    let changed = back.filter(|back| *back != said).count();
    assert!((1..100).contains(&changed), "{changed}");
}
