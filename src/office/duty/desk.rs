//! What goes on around an office on duty while it runs.
//!
//! SIGHUP rereads the roster file and hands its news on, and the files of certificates, revocations and
//! passwords, with the names of the last two; which other settings changed is told and waits for a restart.
//! What the office learns of the roster goes to its gate and into the roster file, by which its next start
//! and its operators' shells go.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use broker::{BrokerEvent, Embedded};
use protocol::{AccessList, Envelope, KeyId, Network, Roster, Wall};
use tokio::signal::unix::Signal;
use tokio::sync::{mpsc, watch};

use super::Say;
use crate::finding::Finding;
use crate::keys::KeyFile;
use crate::live::shell::{Ask, Handle};
use crate::live::time::wall_us;
use crate::office::gate::GatePlan;
use crate::office::sheet::Sheet;
use crate::stop::Stop;

/// How often it is looked whether the office's own key has come to its end.
const KEY_LOOK: Duration = Duration::from_secs(60);

/// The office's own bus while it runs.
pub(super) struct Bus {
    pub(super) running: Embedded,
    pub(super) plan: GatePlan,
    pub(super) events: mpsc::Receiver<BrokerEvent>,
}

/// What goes on around the office.
pub(super) struct Desk {
    pub(super) handle: Handle,
    pub(super) sheet: Sheet,
    pub(super) network: Network,
    /// The key that the office signs with.
    pub(super) own: KeyId,
    pub(super) shown: watch::Receiver<Roster>,
    /// What the office holds of the roster's log.
    pub(super) known: Vec<Arc<Envelope>>,
    pub(super) learned: mpsc::UnboundedReceiver<Arc<Envelope>>,
    /// Why the office ends, if it is for its key.
    pub(super) worthless: Arc<OnceLock<String>>,
}

impl Bus {
    /// Has it judge clients by what the settings name by now; the keys of which that was taken.
    fn renew(&mut self, sheet: &Sheet) -> Result<Vec<&'static str>, Finding> {
        let planned = sheet.gate().map_err(|mut all| all.swap_remove(0))?;
        let Some(planned) = planned else {
            // It goes on as it is until a restart.
            return self.plan.renew(&self.running).map(|()| Vec::new());
        };
        let plan = self.plan.judging_by(&planned);
        plan.renew(&self.running)?;
        self.plan = plan;
        Ok(self.plan.judges_as(&planned))
    }
}

impl Desk {
    pub(super) async fn watch(
        mut self,
        stop: Stop,
        mut hang_up: Signal,
        mut bus: Option<Bus>,
    ) -> Infallible {
        let say = Say(self.network.mode);
        let mut told = stop.told();
        let mut look = tokio::time::interval(KEY_LOOK);
        self.keep_roster();
        loop {
            tokio::select! {
                // An ended channel is a stop as well: nobody is left to give the signal.
                _ = told.wait_for(|stop| *stop) => break,
                _ = hang_up.recv() => {
                    match self.reread(bus.as_mut()) {
                        Ok(line) => say.line(&line),
                        Err(finding) => say.line(&format!("nothing is changed: {finding}")),
                    }
                    self.tell_refused(say);
                }
                Some(entry) = self.learned.recv() => {
                    self.known.push(entry);
                    while let Ok(entry) = self.learned.try_recv() {
                        self.known.push(entry);
                    }
                    self.keep_roster();
                }
                Ok(()) = self.shown.changed() => {
                    let roster = self.shown.borrow_and_update().clone();
                    if let Some(bus) = &bus {
                        bus.running.admit(AccessList::new(self.network.clone(), roster));
                    }
                    if self.is_worthless() {
                        break;
                    }
                }
                _ = look.tick() => if self.is_worthless() {
                    break;
                },
                event = happens(bus.as_mut()) => say.line(&event),
            }
        }
        self.handle.ask(Ask::End);
        // The bus stays until the office has said its last on it.
        std::future::pending().await
    }

    fn tell_refused(&self, say: Say) {
        let handle = self.handle.clone();
        tokio::spawn(async move {
            if let Some(refused) = handle.refused().await {
                say.line(&refused);
            }
        });
    }

    /// Whether the office's own key counts no more, and if so, why it ends.
    fn is_worthless(&self) -> bool {
        let roster = self.shown.borrow();
        let (office, key) = (self.sheet.office(), self.own);
        let standing = roster.standing(office, key);
        let what = match standing {
            Some(standing) if standing.is_revoked() => "is revoked",
            Some(standing) if !standing.counts_at(Wall(wall_us() / 1_000)) => "has expired",
            _ => return false,
        };
        let place = self.sheet.key_place();
        let remedy = match self.key_that_counts(&roster) {
            Some(new) => format!("start it again, and it signs with key {new} of {place}"),
            None => format!(
                "put a key into {place} that the region admitted (`liandong keys make`, `keys rotate`), then \
                 start it again"
            ),
        };
        let why = format!(
            "key {key}, with which office {office} signs, {what}; nobody believes what it says, so it ends: \
             {remedy}"
        );
        self.worthless.get_or_init(|| why);
        true
    }

    /// The key where the office's lies, if it is another one that counts now.
    fn key_that_counts(&self, roster: &Roster) -> Option<KeyId> {
        let place = self.sheet.key_place();
        let file = KeyFile::read(&place).ok()?;
        let key = file.public().id();
        let standing = roster.standing(self.sheet.office(), key)?;
        (key != self.own && standing.counts_at(Wall(wall_us() / 1_000))).then_some(key)
    }

    /// Writes to the roster file what follows it of what the office holds.
    fn keep_roster(&self) {
        let Ok(mut file) = self.sheet.roster(&self.network) else {
            // It is being replaced, or was damaged; whoever starts the office next is told.
            return;
        };
        if !file.learn(&self.known) {
            return;
        }
        if let Err(failure) = file.keep() {
            tracing::warn!(
                "the roster file stays behind the journal, and so do operators' shells: {failure}"
            );
        }
    }

    /// Reads settings, roster, certificates and passwords again, and hands the office what is new of the
    /// roster. All or nothing: a fault anywhere leaves everything as it was.
    fn reread(&self, bus: Option<&mut Bus>) -> Result<String, Finding> {
        let sheet = Sheet::read(self.sheet.settings.path())?;
        let network = sheet.network()?;
        if network != self.network || sheet.office() != self.sheet.office() {
            let what = "names another office or network than the one that runs";
            let remedy = "stop the office and start it again, if that is meant";
            return Err(sheet.settings.finding("restart", None, what, remedy));
        }
        let roster = sheet.roster(&network)?;
        let entries = roster.log().len();
        let mut waiting = sheet.settings.differs_in(&self.sheet.settings);
        waiting.remove("roster");
        let mut and = "";
        if let Some(bus) = bus {
            for taken in bus.renew(&sheet)? {
                waiting.remove(taken);
            }
            and = "; certificates, revocations and passwords too";
        }
        self.handle.ask(Ask::Learn(roster.log().to_vec()));
        let waiting: Vec<String> = waiting.into_iter().collect();
        let rest = if waiting.is_empty() {
            String::new()
        } else {
            format!(
                "; changed, and not taken before a restart: {}",
                waiting.join(", ")
            )
        };
        let waits = match self.key_that_counts(roster.roster()) {
            Some(key) => format!(
                "; key {key} lies in {} and is signed with from a restart on",
                sheet.key_place()
            ),
            None => String::new(),
        };
        let path = sheet.roster_path();
        Ok(format!(
            "read {} anew, {entries} entries{and}{waits}{rest}",
            path.display()
        ))
    }
}

/// What happens to the bus next, in words; nothing ever if there is none.
async fn happens(bus: Option<&mut Bus>) -> String {
    match bus {
        Some(bus) => match bus.events.recv().await {
            Some(event) => crate::bus::happened(&event),
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
