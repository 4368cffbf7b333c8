//! The thread that owns an office's journal: it gathers what came in until the first of it must be
//! on the disk, and commits all of it at once.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use agents::{Extent, Origin, Range, Stored, Ticket};
use journal::{Base, Journal, JournalError, Opened, Queue};
use picture::StateAt;
use protocol::{Envelope, LogKey, NetId, PartyId, limit};
use tokio::sync::mpsc as told;

use crate::failure::{Code, Failure};

/// Envelopes that one commit gathers at most: bounds the wait of the first of them.
const GROUP: usize = 512;

/// Bytes that one load reads at most: what the answer to one want may carry.
const LOAD_BYTES: usize = 8 * limit::BATCH_BYTES;

/// For one part of its time in which a disk commits what others wrote, it rests so many parts: entries
/// that come meanwhile go with the next commit. A disk that commits in two milliseconds has what others
/// wrote within twenty; one that is busy has it a little later.
const REST: u32 = 9;

/// How long a mark waits for company: nobody waits for it.
const MARK_WAIT: Duration = Duration::from_secs(1);

enum Order {
    /// With how long it may wait for others at most.
    Append(Ticket, Arc<Envelope>, Duration),
    Keep(Ticket, StateAt),
    Mark(StateAt),
    Load(Ticket, Range),
}

/// What the scribe reports.
#[derive(Debug)]
pub(crate) enum Report {
    /// Everything appended up to this ticket is on the disk.
    Durable(Ticket),
    /// What was asked for.
    Loaded(Ticket, Vec<Arc<Envelope>>),
    /// The disk refuses; nothing more is durable.
    Failed(JournalError),
}

/// A handle to the thread. Dropping it ends the thread after what it has been handed.
#[derive(Debug)]
pub(crate) struct Scribe {
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Scribe {
    /// Starts the thread on an open journal.
    pub(crate) fn start(journal: Journal) -> (Self, told::UnboundedReceiver<Report>) {
        let (orders, taken) = mpsc::channel();
        let (tell, reports) = told::unbounded_channel();
        let thread = std::thread::spawn(move || write(journal, &taken, &tell));
        (
            Self {
                orders: Some(orders),
                thread: Some(thread),
            },
            reports,
        )
    }

    /// Hands over an envelope, which may wait so long at most for others that one commit serves too.
    pub(crate) fn append(&self, ticket: Ticket, envelope: Arc<Envelope>, patience: Duration) {
        self.order(Order::Append(ticket, envelope, patience));
    }

    /// Hands over a snapshot that its author's log begins with here.
    pub(crate) fn keep(&self, ticket: Ticket, at: StateAt) {
        self.order(Order::Keep(ticket, at));
    }

    /// Hands over the state at a snapshot that was handed over before.
    pub(crate) fn mark(&self, at: StateAt) {
        self.order(Order::Mark(at));
    }

    /// Asks for entries.
    pub(crate) fn load(&self, ticket: Ticket, range: Range) {
        self.order(Order::Load(ticket, range));
    }

    /// Commits what was handed over and closes the journal.
    pub(crate) fn close(mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was printed when it happened; there is nothing left to close.
            drop(thread.join());
        }
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // The thread ends early only after it has reported a failure, which stops the office.
            drop(orders.send(order));
        }
    }
}

/// What the thread has in hand.
#[derive(Default)]
struct Desk {
    queue: Queue,
    /// When the first entry that waits must be committed.
    due: Option<Instant>,
    /// How long the last commit took.
    commit: Duration,
    loads: Vec<(Ticket, Range)>,
}

/// Whether more orders may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    Closed,
}

impl Desk {
    /// Waits until something must be done, taking what comes meanwhile.
    fn gather(&mut self, orders: &mpsc::Receiver<Order>) -> Door {
        while self.queue.len() < GROUP {
            let wait = self
                .due
                .map(|due| due.saturating_duration_since(Instant::now()));
            let order = match wait {
                None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(wait) => orders.recv_timeout(wait),
            };
            match order {
                Ok(order) => self.take(order),
                Err(RecvTimeoutError::Timeout) => return Door::Open,
                Err(RecvTimeoutError::Disconnected) => return Door::Closed,
            }
        }
        Door::Open
    }

    fn take(&mut self, order: Order) {
        let now = Instant::now();
        let due = match order {
            Order::Append(ticket, envelope, patience) => {
                self.queue.push(journal::Ticket(ticket.0), envelope);
                now + patience.min(self.commit * REST)
            }
            Order::Keep(ticket, at) => {
                self.queue
                    .push_base(journal::Ticket(ticket.0), base_of(&at));
                now
            }
            Order::Mark(at) => {
                self.queue.push_mark(base_of(&at));
                now + MARK_WAIT
            }
            Order::Load(ticket, range) => {
                self.loads.push((ticket, range));
                now
            }
        };
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    /// Commits all that waits, then reads what was asked for.
    fn work(&mut self, journal: &mut Journal) -> Result<Vec<Report>, JournalError> {
        self.due = None;
        let began = Instant::now();
        let durable = self.queue.flush(journal)?;
        if durable.is_some() {
            self.commit = began.elapsed();
        }
        let durable = durable.map(|ticket| Report::Durable(Ticket(ticket.0)));
        let loads = std::mem::take(&mut self.loads);
        let loaded = loads
            .into_iter()
            .map(|(ticket, range)| load(journal, ticket, range));
        Ok(durable.into_iter().chain(loaded).collect())
    }
}

/// A snapshot with its state as a journal keeps it; a state is long, and so is writing it out.
pub(crate) fn base_of(at: &StateAt) -> Base {
    Base {
        entry: Arc::clone(&at.entry),
        state: at.text(),
    }
}

/// Opens a journal for a boot, and reads of it what an office takes there.
///
/// States stand in it to spare a boot the entries before them. One that this build would write otherwise
/// spares nothing, and the entries are read instead, if they are there.
pub(crate) fn open(file: &Path, net: NetId) -> Result<(Journal, Stored), Failure> {
    let (journal, opened) = Journal::resume(file, net)?;
    let unread = match stored(&journal, opened) {
        Ok(stored) => return Ok((journal, stored)),
        Err(unread) => unread,
    };
    // The lock of this process goes with it.
    drop(journal);
    let (journal, mut opened) = Journal::open(file, net)?;
    let begun = |author: PartyId| {
        let mut logs = journal.logs().iter();
        logs.any(|(log, held)| log.author == author && held.begins() > 1)
    };
    opened
        .bases
        .retain(|base| begun(base.entry.header().log.author));
    let stored = stored(&journal, opened).map_err(|_| unread)?;
    tracing::warn!(
        "the journal's states are of another build; its entries are read from the first"
    );
    Ok((journal, stored))
}

/// The same for a boot before which these entries of one log enter the journal, as far as it does not
/// hold them.
pub(crate) fn open_with(
    file: &Path,
    net: NetId,
    first: &[Arc<Envelope>],
) -> Result<(Journal, Stored), Failure> {
    let (mut journal, stored) = open(file, net)?;
    let log = first.first().map(|envelope| envelope.header().log);
    let held = log.and_then(|log| Some(journal.logs().get(&log)?.head(log).seq));
    let news = first
        .iter()
        .filter(|it| Some(it.header().seq) > held)
        .map(Arc::clone);
    let news: Vec<Arc<Envelope>> = news.collect();
    if news.is_empty() {
        return Ok((journal, stored));
    }
    journal.append_all(news)?;
    // The lock of this process goes with it.
    drop(journal);
    open(file, net)
}

/// What a journal holds, as an office takes it at boot.
fn stored(journal: &Journal, opened: Opened) -> Result<Stored, Failure> {
    let logs = journal.logs().iter();
    let extent = |(log, held): (&LogKey, &journal::Log)| Extent {
        first: held.begins(),
        head: held.head(*log),
    };
    Ok(Stored {
        origin: match opened.origin {
            journal::Origin::Founded => Origin::Founded,
            journal::Origin::Unknown => Origin::Unknown,
        },
        logs: logs.map(extent).collect(),
        snapshots: snapshots(opened.bases)?,
        envelopes: opened.envelopes,
    })
}

/// The states that logs begin with in a journal.
fn snapshots(bases: Vec<Base>) -> Result<Vec<StateAt>, Failure> {
    let read = |base: Base| {
        let log = base.entry.header().log;
        StateAt::read(base.entry, &base.state).ok_or_else(|| {
            Failure::new(Code::Data, format!(
                "the journal's state of {log} is not the one that its snapshot names; restore the \
                 journal from a backup, or begin with an empty one and let the peers refill it"
            ))
        })
    };
    bases.into_iter().map(read).collect()
}

fn write(
    mut journal: Journal,
    orders: &mpsc::Receiver<Order>,
    tell: &told::UnboundedSender<Report>,
) {
    let mut desk = Desk::default();
    let mut door = Door::Open;
    while door == Door::Open {
        door = desk.gather(orders);
        let reports = desk.work(&mut journal);
        let reports = reports.unwrap_or_else(|error| vec![Report::Failed(error)]);
        for report in reports {
            let failed = matches!(report, Report::Failed(_));
            if tell.send(report).is_err() || failed {
                return;
            }
        }
    }
}

/// Entries of a range: all if all that there are were asked for, else as many as one answer holds.
pub(crate) fn within(journal: &Journal, range: Range) -> Result<Vec<Arc<Envelope>>, JournalError> {
    let bytes = if is_whole(range) {
        usize::MAX
    } else {
        LOAD_BYTES
    };
    journal.load(range.log, range.from, range.to, bytes)
}

/// What a peer asked for and cannot be read is not given: others hold it, and an office that ended for it
/// would end again at every question. What the office itself begins again with must be whole.
fn load(journal: &Journal, ticket: Ticket, range: Range) -> Report {
    match within(journal, range) {
        Ok(envelopes) => Report::Loaded(ticket, envelopes),
        Err(error @ JournalError::Damaged { .. }) if !is_whole(range) => {
            tracing::error!(%error, "entries that a peer asked for cannot be read; run liandong journal verify");
            Report::Loaded(ticket, Vec::new())
        }
        Err(error) => Report::Failed(error),
    }
}

const fn is_whole(range: Range) -> bool {
    range.from == 1 && range.to == u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Moment, Suite};
    use region::Region;
    use simulator::Cast;

    /// A network and the entries of its roster.
    fn entries() -> (NetId, Vec<Arc<Envelope>>) {
        let region = Region::built_in("trio").unwrap();
        let cast = Cast::of_seed(&region, 1, Suite::Virtual, Moment(1_000_000));
        (cast.network.id, cast.roster_log.clone())
    }

    /// A base whose state nobody can read.
    fn unread(entry: &Arc<Envelope>) -> Base {
        Base {
            entry: Arc::clone(entry),
            state: "{}".to_owned(),
        }
    }

    #[test]
    fn a_state_of_another_build_costs_a_boot_time_and_no_entries() {
        let file = std::env::temp_dir().join(format!("scribe-{}.journal", std::process::id()));
        let (net, entries) = entries();
        let (mut journal, _) = Journal::open(&file, net).unwrap();
        let mut queue = Queue::default();
        for (ticket, entry) in (1..).zip(&entries) {
            queue.push(journal::Ticket(ticket), Arc::clone(entry));
        }
        queue.push_mark(unread(&entries[3]));
        queue.flush(&mut journal).unwrap();
        drop(journal);
        let (journal, stored) = open(&file, net).unwrap();
        assert!(stored.snapshots.is_empty());
        assert_eq!(stored.envelopes.len(), entries.len());
        drop(journal);
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_log_that_begins_with_a_state_of_another_build_is_refused_with_what_to_do() {
        let file = std::env::temp_dir().join(format!("scribe-{}-gap.journal", std::process::id()));
        let (net, entries) = entries();
        let (mut journal, _) = Journal::open(&file, net).unwrap();
        journal.begin_at(&unread(&entries[3])).unwrap();
        drop(journal);
        let Err(refused) = open(&file, net) else {
            panic!("a log without a beginning was taken");
        };
        assert!(refused.to_string().contains("restore"), "{refused}");
        std::fs::remove_file(&file).unwrap();
    }
}
