//! Folds that several pictures of one process have in common.
//!
//! Equal entries give equal states (I13), so holders of the same log who live in one process need not
//! fold it each alone: whoever reads an entry first folds it, and the others take the state that came
//! of it. Holders stand at different entries for moments, so a log has a state for every place where
//! one stands and a few to spare.
//!
//! What a picture says does not depend on whether it shares: the tests of the fold hold both to that.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use protocol::{Content, Envelope, Hash, PartyId};

use crate::author::AuthorState;
use crate::void::Void;

/// How many states of one author are kept that nobody holds: each saves a copy when holders part.
const SPARE: usize = 2;

/// The folds that pictures share: give each of them a clone.
#[derive(Clone, Debug, Default)]
pub struct SharedFolds(Arc<Mutex<BTreeMap<PartyId, SharedShelf>>>);

/// One author's shelf, as the pictures hold it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedShelf(Arc<Mutex<Shelf>>);

/// The states of one author at the entries where holders stand.
#[derive(Debug, Default)]
struct Shelf {
    /// Every entry that was folded, by its hash, in the order of folding.
    hashes: Vec<Hash>,
    /// Those of them that are void, by their number from 0.
    voids: BTreeMap<u64, Void>,
    /// How many of them some state has read.
    judged: u64,
    /// The latest entries, from the first that a spare state must still read.
    later: VecDeque<Arc<Envelope>>,
    /// The states, each after as many entries as it says.
    states: Vec<Arc<AuthorState>>,
    /// What a holder has in hand while its own state is written to.
    blank: Arc<AuthorState>,
}

impl SharedFolds {
    pub(crate) fn of(&self, author: PartyId) -> SharedShelf {
        lock(&self.0).entry(author).or_default().clone()
    }
}

impl SharedShelf {
    /// The state before the first entry.
    pub(crate) fn begin(&self) -> Arc<AuthorState> {
        lock(&self.0).begin()
    }

    /// Reads the next entries: the state becomes the one that follows them. Returns those that are
    /// void, by their place among them.
    ///
    /// `None` if others read something else at this place, or if an entry's content was withheld from
    /// this holder: from here on it must fold alone.
    pub(crate) fn read(
        &self,
        author: PartyId,
        state: &mut Arc<AuthorState>,
        entries: &[Arc<Envelope>],
    ) -> Option<Vec<(usize, Void)>> {
        lock(&self.0).read(author, state, entries)
    }
}

impl Shelf {
    fn begin(&mut self) -> Arc<AuthorState> {
        if let Some(known) = self.states.iter().find(|state| state.folded == 0) {
            return Arc::clone(known);
        }
        let state = Arc::new(AuthorState::default());
        self.states.push(Arc::clone(&state));
        state
    }

    fn read(
        &mut self,
        author: PartyId,
        state: &mut Arc<AuthorState>,
        entries: &[Arc<Envelope>],
    ) -> Option<Vec<(usize, Void)>> {
        let from = state.folded;
        let numbers = from..from + entries.len() as u64;
        for (number, entry) in numbers.clone().zip(entries) {
            self.enter(number, entry)?;
        }
        let next = self.states.iter().find(|it| it.folded == numbers.end);
        if let Some(next) = next {
            *state = Arc::clone(next);
        } else {
            let place = self.place_for(state);
            // Let go of it, so that it can be written to if nobody else holds it.
            *state = Arc::clone(&self.blank);
            self.bring(place, author, (from, entries));
            *state = Arc::clone(&self.states[place]);
        }
        let voids = self.voids.range(numbers);
        let placed = voids.map(|(number, void)| (index(*number - from), void.clone()));
        Some(placed.collect())
    }

    /// The number of the first entry that is still here.
    fn first(&self) -> u64 {
        (self.hashes.len() - self.later.len()) as u64
    }

    /// Notes an entry by its number; `None` if another one has it.
    fn enter(&mut self, number: u64, entry: &Arc<Envelope>) -> Option<()> {
        if matches!(entry.content(), Content::Withheld) {
            return None;
        }
        if let Some(known) = self.hashes.get(index(number)) {
            return (*known == entry.hash()).then_some(());
        }
        self.hashes.push(entry.hash());
        self.later.push_back(Arc::clone(entry));
        self.forget();
        Some(())
    }

    /// Lets go of states that nobody holds but for a few, and of entries that none of those has yet to
    /// read.
    fn forget(&mut self) {
        let mut spare: Vec<u64> = self.spare().map(|(_, state)| state.folded).collect();
        spare.sort_unstable();
        let least = spare.len().checked_sub(SPARE).map_or(0, |it| spare[it]);
        let least = least.max(self.first());
        self.states
            .retain(|state| Arc::strong_count(state) > 1 || state.folded >= least);
        let first = self.first();
        let read = self.states.iter().map(|state| state.folded);
        let least = read.filter(|read| *read >= first).min();
        let least = least.unwrap_or(self.hashes.len() as u64);
        self.later.drain(..index(least - first));
    }

    /// States that nobody holds.
    fn spare(&self) -> impl Iterator<Item = (usize, &Arc<AuthorState>)> {
        let states = self.states.iter().enumerate();
        states.filter(|(_, state)| Arc::strong_count(state) == 1)
    }

    /// The state to write the next one into: this one if nobody else holds it, else the latest that
    /// nobody holds, else a copy.
    fn place_for(&mut self, state: &Arc<AuthorState>) -> usize {
        let own = self.states.iter().position(|it| Arc::ptr_eq(it, state));
        if let Some(place) = own.filter(|_| Arc::strong_count(state) == 2) {
            return place;
        }
        let reach = self.first()..=state.folded;
        let spare = self.spare().filter(|(_, it)| reach.contains(&it.folded));
        if let Some((place, _)) = spare.max_by_key(|(_, it)| it.folded) {
            return place;
        }
        self.states.push(Arc::new(AuthorState::clone(state)));
        self.states.len() - 1
    }

    /// Brings a state forward through what it has not read, and through these entries.
    fn bring(&mut self, place: usize, author: PartyId, (from, entries): (u64, &[Arc<Envelope>])) {
        let first = self.first();
        let state = Arc::make_mut(&mut self.states[place]);
        let behind = index(from.saturating_sub(first.max(state.folded)));
        let before = index(state.folded.saturating_sub(first));
        let earlier = self.later.range(before..before + behind);
        for entry in earlier.chain(entries) {
            let number = state.folded;
            if number < self.judged && !self.voids.contains_key(&number) {
                state.fold_proven(author, entry);
            } else if let Some(void) = state.fold(author, entry) {
                self.voids.insert(number, void);
            }
        }
        self.judged = self.judged.max(state.folded);
    }
}

/// A number of an entry as a place in memory, where all of them are.
fn index(number: u64) -> usize {
    usize::try_from(number).expect("entries that are in memory can be counted there")
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared
        .lock()
        .expect("a fold does not panic, so nobody left a state half read")
}
