//! The thread that owns an office's journal: it gathers what came in and commits it at once.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;

use agents::{Range, Ticket};
use journal::{Journal, JournalError, Queue};
use protocol::{Envelope, limit};
use tokio::sync::mpsc as told;

/// Envelopes that one commit gathers at most: bounds the wait of the first of them.
const GROUP: usize = 512;

/// Bytes that one load reads at most: what the answer to one want may carry.
const LOAD_BYTES: usize = 8 * limit::BATCH_BYTES;

enum Order {
    Append(Ticket, Arc<Envelope>),
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

    /// Hands over an envelope.
    pub(crate) fn append(&self, ticket: Ticket, envelope: Arc<Envelope>) {
        self.order(Order::Append(ticket, envelope));
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

fn write(
    mut journal: Journal,
    orders: &mpsc::Receiver<Order>,
    tell: &told::UnboundedSender<Report>,
) {
    let mut queue = Queue::default();
    while let Ok(first) = orders.recv() {
        let mut loads = Vec::new();
        let mut next = Some(first);
        while let Some(order) = next {
            match order {
                Order::Append(ticket, envelope) => queue.push(journal::Ticket(ticket.0), envelope),
                Order::Load(ticket, range) => loads.push((ticket, range)),
            }
            next = if queue.len() < GROUP {
                orders.try_recv().ok()
            } else {
                None
            };
        }
        let reports = match queue.flush(&mut journal) {
            Ok(highest) => highest.map(|ticket| Report::Durable(Ticket(ticket.0))),
            Err(error) => {
                drop(tell.send(Report::Failed(error)));
                return;
            }
        };
        let loaded = loads
            .into_iter()
            .map(|(ticket, range)| load(&journal, ticket, range));
        for report in reports.into_iter().chain(loaded) {
            if tell.send(report).is_err() {
                return;
            }
        }
    }
}

fn load(journal: &Journal, ticket: Ticket, range: Range) -> Report {
    let whole = range.from == 1 && range.to == u64::MAX;
    let bytes = if whole { usize::MAX } else { LOAD_BYTES };
    match journal.load(range.log, range.from, range.to, bytes) {
        Ok(envelopes) => Report::Loaded(ticket, envelopes),
        Err(error) => Report::Failed(error),
    }
}
