//! Who waits for a password to be looked at, and for how long.

use std::future::{pending, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;

use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use super::*;
use crate::config::Limits;
use crate::gate::guard::Guard;

/// Places of a gate.
const PLACES: usize = 1_000;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl Keeper {
    /// Whether no more passwords of strangers may be looked at for now.
    pub(in crate::gate) fn looks_at_strangers(&self) -> bool {
        self.looks_at_strangers.available_permits() == 0
    }
}

fn keeper() -> Keeper {
    let everybody = Access::Anyone {
        withheld: Vec::new(),
    };
    Keeper::new(everybody, PLACES)
}

/// Its clock goes on by itself when all wait.
fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// What becomes of a password that is nobody's, and how long that takes.
fn guess(
    keeper: &Keeper,
    visit: &Arc<Visit>,
    gone: impl Future<Output = ()>,
) -> (Result<PartyId, Denial>, Duration) {
    runtime().block_on(async {
        let began = Instant::now();
        let (none, gone) = (Passwords::default(), pin!(gone));
        let outcome = keeper.look(&none, (None, b"sesame"), (visit, gone));
        (outcome.await, began.elapsed())
    })
}

#[test]
fn a_password_whose_turn_does_not_come_in_time_is_not_waited_for() {
    let (keeper, guard) = (keeper(), Guard::unheard(Limits::OWN));
    let visit = guard.enter(HERE).unwrap();
    let _other = keeper.looks_at_strangers.try_acquire().unwrap();
    let (outcome, waited) = guess(&keeper, &visit, pending());
    assert_eq!(outcome, Err(Denial::Busy));
    assert!(waited >= LOGIN && waited < LOGIN * 2, "{waited:?}");
}

#[test]
fn who_hangs_up_waits_neither_for_its_turn_nor_for_the_answer() {
    let (keeper, guard) = (keeper(), Guard::unheard(Limits::OWN));
    let visit = guard.enter(HERE).unwrap();
    let other = keeper.looks_at_strangers.try_acquire().unwrap();
    let (outcome, waited) = guess(&keeper, &visit, ready(()));
    assert_eq!((outcome, waited), (Err(Denial::Gone), Duration::ZERO));
    drop(other);
    for _ in 0..3 {
        visit.wrong_password();
    }
    let soon = Duration::from_secs(2);
    let (outcome, waited) = guess(&keeper, &visit, async { sleep(soon).await });
    assert_eq!(outcome, Err(Denial::Password));
    assert!(waited < soon + Duration::from_millis(100), "{waited:?}");
    assert!(!visit.rest().is_zero(), "the next waits all the same");
}

#[test]
fn strangers_that_wait_leave_half_of_the_places_to_others() {
    let (keeper, guard) = (keeper(), Guard::unheard(Limits::OWN));
    let visit = guard.enter(HERE).unwrap();
    let all = u32::try_from(PLACES / 2).unwrap();
    let _others = keeper.strangers.try_acquire_many(all).unwrap();
    let (refused, waited) = guess(&keeper, &visit, pending());
    assert_eq!((refused, waited), (Err(Denial::Busy), Duration::ZERO));
    visit.right_password();
    let (looked_at, _) = guess(&keeper, &visit, pending());
    assert_eq!(looked_at, Err(Denial::Password));
}
