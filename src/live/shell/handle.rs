//! How a running office is asked: what it holds, what its lines are to bear, to end.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{Envelope, Hash, LogKey, PartyId};
use tokio::sync::{mpsc, oneshot};

use crate::live::lines::{LineFaults, Spoiled};

/// What may be asked of a running shell.
pub(crate) enum Ask {
    /// What it holds.
    Account(oneshot::Sender<Account>),
    /// What that comes to: the digest of its picture, which is dear.
    Hash(oneshot::Sender<Hash>),
    /// What it refused so far, in words.
    Refused(oneshot::Sender<Option<String>>),
    /// Bear these faults of its lines from now on.
    Suffer(LineFaults),
    /// Take these entries of one log, which came by hand, and hand them on.
    Learn(Vec<Arc<Envelope>>),
    /// End in order.
    End,
    /// End as a crash does: nothing more is written or said.
    Crash,
}

/// What an office holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) holds: BTreeMap<LogKey, (u64, Hash)>,
    /// Whether the director's clock says that the drill has ended.
    pub(crate) drill_over: bool,
    pub(crate) spoiled: Spoiled,
    /// Whether it has come to life: it serves, or keeps watch.
    pub(crate) serves: bool,
    /// Whether a bus has ever let it in.
    pub(crate) has_met: bool,
}

/// A handle to a running office.
#[derive(Clone)]
pub(crate) struct Handle {
    pub(crate) party: PartyId,
    pub(super) asks: mpsc::UnboundedSender<Ask>,
}

impl Handle {
    /// Asks something; an office that has ended does not answer.
    pub(crate) fn ask(&self, ask: Ask) {
        drop(self.asks.send(ask));
    }

    /// What it holds; `None` if it has ended.
    pub(crate) async fn account(&self) -> Option<Account> {
        self.answer(Ask::Account).await
    }

    /// The digest of its picture; `None` if it has ended.
    pub(crate) async fn hash(&self) -> Option<Hash> {
        self.answer(Ask::Hash).await
    }

    /// What it refused so far, in words; `None` if nothing, or if it has ended.
    pub(crate) async fn refused(&self) -> Option<String> {
        self.answer(Ask::Refused).await.flatten()
    }

    async fn answer<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.ask(ask(answer));
        answered.await.ok()
    }
}
