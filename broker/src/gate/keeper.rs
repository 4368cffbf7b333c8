//! Who comes in, and what each may do: the access list at work.

use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::{AccessList, PartyId, Wall};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::guard::Visit;
use crate::codec::packet::{Connect, Message};
use crate::config::{Access, Passwords};

/// Passwords that are looked at side by side, of addresses from which nobody came in by one lately: each
/// takes 19 MiB and a core for some tens of milliseconds. Whoever guesses has no more of the machine than that.
const LOOKS_AT_STRANGERS: usize = 1;

/// And of addresses from which somebody came in: however many strangers guess, these do not wait for them.
const LOOKS_AT_KNOWN: usize = 1;

/// Of the gate's places one in so many is for connections that wait for a password to be looked at, of
/// addresses from which nobody came in by one lately: half of them, so that whoever shows a certificate
/// finds one however many guess.
const STRANGERS_IN: usize = 2;

/// How long a password may wait to be looked at: for others of its address, for the delay of wrong ones,
/// and for those of other addresses.
pub(super) const LOGIN: Duration = Duration::from_secs(10);

/// How the topics begin below which the gate says how it is.
const OF_THE_GATE: &str = "$SYS/";

/// Decides who comes in.
#[derive(Debug)]
pub(super) struct Keeper {
    access: RwLock<Access>,
    looks_at_strangers: Arc<Semaphore>,
    looks_at_known: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
}

/// Who a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// A process of this machine, of which nothing is asked; or anybody, where anybody comes in.
    Own,
    /// A party of the network.
    Party(PartyId),
}

/// Why a client does not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Denial {
    /// Neither certificate nor password.
    #[error("it showed neither a certificate nor a password")]
    Nameless,
    /// The password is wrong, or there is none.
    #[error("its password is wrong")]
    Password,
    /// Others have their passwords looked at, and it is not its turn in time.
    #[error("too many passwords wait to be looked at")]
    Busy,
    /// Nobody waits for what becomes of its password.
    #[error("it hung up before it was let in")]
    Gone,
    /// Its certificate and the name that it gives are two parties'.
    #[error("its certificate is of {certified}, and it calls itself another")]
    Names {
        /// Whose certificate it is.
        certified: PartyId,
    },
    /// It does not belong, or not any more.
    #[error("{0} is not in the roster, or its key was revoked or has ended")]
    Stranger(PartyId),
    /// The client id is not the party's.
    #[error("the client id does not begin with {0}")]
    ClientId(PartyId),
    /// It leaves more wills than its party may publish.
    #[error("its party publishes more than it may")]
    Flooding,
    /// All sessions that it may have are there, or all that anybody may.
    #[error("there is no room for another session of it")]
    Full,
    /// What lets in has changed since it came to the door. It may come again.
    #[error("certificates or passwords were read anew while it came in")]
    Overtaken,
    /// The will is not its to write.
    #[error("its will is not its to write")]
    Will,
}

impl Keeper {
    /// Of a gate with so many places.
    pub(super) fn new(access: Access, places: usize) -> Self {
        Self {
            access: RwLock::new(access),
            looks_at_strangers: Arc::new(Semaphore::new(LOOKS_AT_STRANGERS)),
            looks_at_known: Arc::new(Semaphore::new(LOOKS_AT_KNOWN)),
            strangers: Arc::new(Semaphore::new(places / STRANGERS_IN)),
        }
    }

    /// The roster has changed. Says nothing where anybody may come in.
    pub(super) fn admit(&self, list: AccessList) {
        if let Access::Listed { list: known, .. } = &mut *self.access_mut() {
            *known = Arc::new(list);
        }
    }

    /// Passwords have changed, or not: `true` if they have. Nobody has any where anybody may come in.
    pub(super) fn renew(&self, passwords: Passwords) -> bool {
        match &mut *self.access_mut() {
            Access::Listed {
                passwords: known, ..
            } if *known != passwords => {
                *known = passwords;
                true
            }
            Access::Listed { .. } | Access::Anyone { .. } => false,
        }
    }

    /// Whether the key of somebody who belongs ended between two looks at the clock.
    pub(super) fn has_end_between(&self, before: Wall, now: Wall) -> bool {
        self.list()
            .is_some_and(|list| list.has_end_between(before, now))
    }

    /// Says who a client is, from what it showed and said, unless it is gone before that is known.
    pub(super) async fn identify(
        &self,
        connect: &Connect,
        (certified, visit): (Option<PartyId>, &Arc<Visit>),
        gone: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Who, Denial> {
        let (list, passwords) = match &*self.access() {
            Access::Anyone { .. } => return Ok(Who::Own),
            Access::Listed { list, passwords } => (Arc::clone(list), passwords.clone()),
        };
        let named = connect.user.as_deref().map(str::parse::<PartyId>);
        let party = match (certified, named, &connect.password) {
            (Some(certified), Some(named), _) if named != Ok(certified) => {
                return Err(Denial::Names { certified });
            }
            // Whoever shows two things is whoever both of them say.
            (Some(certified), _, Some(password)) if passwords.has(certified) => {
                let shown = (Some(certified), password.as_ref());
                self.look(&passwords, shown, (visit, gone)).await?
            }
            (Some(certified), ..) => certified,
            (None, Some(named), Some(password)) => {
                let shown = (named.ok(), password.as_ref());
                self.look(&passwords, shown, (visit, gone)).await?
            }
            (None, ..) => return Err(Denial::Nameless),
        };
        if !list.admits(party, wall()) {
            return Err(Denial::Stranger(party));
        }
        let of_party = connect.client.strip_prefix(party.as_str());
        if !of_party.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')) {
            return Err(Denial::ClientId(party));
        }
        Ok(Who::Party(party))
    }

    /// Whose password it is. Those of one address are looked at one after the other, and a wrong one holds
    /// up the next ever longer. Who hangs up waits no more, for its turn or for the answer; but what is
    /// being looked at counts, though this ends meanwhile.
    async fn look(
        &self,
        passwords: &Passwords,
        (named, password): (Option<PartyId>, &[u8]),
        (visit, mut gone): (&Arc<Visit>, Pin<&mut impl Future<Output = ()>>),
    ) -> Result<PartyId, Denial> {
        let (looks, place) = if visit.is_known() {
            (&self.looks_at_known, None)
        } else {
            let place = Arc::clone(&self.strangers).try_acquire_owned();
            let place = place.map_err(|_| Denial::Busy)?;
            (&self.looks_at_strangers, Some(place))
        };
        let its_turn = async {
            let turn = visit.turn().lock_owned().await;
            sleep(visit.rest()).await;
            let look = Arc::clone(looks).acquire_owned().await;
            (turn, look.expect("the semaphore is never closed"))
        };
        let turn = tokio::select! {
            biased;
            () = gone.as_mut() => return Err(Denial::Gone),
            held = timeout(LOGIN, its_turn) => held.map_err(|_| Denial::Busy)?,
        };
        let shown = (named, password.to_vec());
        let delay = match judged(passwords.clone(), shown, (visit, (turn, place))).await {
            Ok(party) => return Ok(party),
            Err(delay) => delay,
        };
        tokio::select! {
            () = sleep(delay) => {}
            () = gone => {}
        }
        Err(Denial::Password)
    }

    /// Whether a client may write a message: where it goes, whose it says it is, and whether it is to stay
    /// there. How the gate is, the gate alone says.
    pub(super) fn may_write(&self, who: Who, message: &Message) -> bool {
        let topic = message.topic();
        let Who::Party(party) = who else {
            return !topic.starts_with(OF_THE_GATE);
        };
        self.list().is_some_and(|list| {
            let may_stay = !message.retain() || list.retains(topic);
            may_stay && list.takes(party, topic, message.payload())
        })
    }

    /// Whether a client may read what a filter stands for. Everybody may read how the gate is.
    pub(super) fn may_read(&self, who: Who, filter: &str) -> bool {
        match who {
            Who::Party(party) => {
                filter.starts_with(OF_THE_GATE)
                    || self.list().is_some_and(|list| list.may_read(party, filter))
            }
            Who::Own => match &*self.access() {
                Access::Anyone { withheld } => !withheld.iter().any(|it| it == filter),
                Access::Listed { .. } => true,
            },
        }
    }

    /// Whether those who publish to a client are held back while it is behind with its reading. Offices are
    /// waited for, so that whoever floods them costs none its session. Anybody else who reads slowly costs
    /// its own alone: an observer holds up no office.
    pub(super) fn is_waited_for(&self, who: Who) -> bool {
        match who {
            Who::Own => true,
            Who::Party(party) => self.list().is_some_and(|list| list.keeps_a_log(party)),
        }
    }

    /// Whether a client still belongs.
    pub(super) fn admits(&self, who: Who) -> bool {
        match who {
            Who::Own => true,
            Who::Party(party) => self.list().is_some_and(|list| list.admits(party, wall())),
        }
    }

    fn list(&self) -> Option<Arc<AccessList>> {
        match &*self.access() {
            Access::Listed { list, .. } => Some(Arc::clone(list)),
            Access::Anyone { .. } => None,
        }
    }

    fn access(&self) -> RwLockReadGuard<'_, Access> {
        let access = self.access.read();
        access.unwrap_or_else(PoisonError::into_inner)
    }

    fn access_mut(&self) -> RwLockWriteGuard<'_, Access> {
        let access = self.access.write();
        access.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says whose password it is, off the threads that serve everybody, or how long the answer to a wrong one
/// waits.
///
/// It goes on though nobody waits for it any more, for nothing ends it under way: so it counts where it
/// ends, and holds until then what it takes. Else whoever hangs up or makes room for another would have
/// the next one looked at beside it, and guess for nothing.
async fn judged(
    passwords: Passwords,
    (named, password): (Option<PartyId>, Vec<u8>),
    (visit, held): (&Arc<Visit>, impl Send + 'static),
) -> Result<PartyId, Duration> {
    let guest = Arc::clone(visit);
    let look = tokio::task::spawn_blocking(move || {
        let party = named.filter(|party| passwords.admit(*party, &password));
        if party.is_some() {
            guest.right_password();
        }
        let judged = party.ok_or_else(|| guest.wrong_password());
        drop(held);
        judged
    });
    look.await.unwrap_or_else(|_| Err(visit.wrong_password()))
}

/// What the clock of this machine says. One that is ahead shuts out whose key ends; what was signed
/// before its end is believed all the same, whoever carries it.
pub(super) fn wall() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = since.map_or(0, |since| since.as_millis());
    Wall(u64::try_from(ms).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
