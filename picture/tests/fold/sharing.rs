//! Pictures that share their folds say what each would say alone.

use std::sync::Arc;

use picture::SharedFolds;
use proptest::prelude::*;
use protocol::{Body, Envelope, Hash, Over, Snapshot};

use crate::bodies;
use crate::cast::{FIRST, Holder, Scribe, party, roster};
use crate::convergence::{Dice, few, repair, retell, scripts};
use crate::story::Story;

/// Three holders who hear the same story at the same time, each in an order of its own, in runs of a
/// few entries, some twice and some not at all.
fn hear_together(entries: &[Arc<Envelope>], dice: &mut Dice) -> Vec<Holder> {
    let folds = SharedFolds::default();
    let mut holders: Vec<(Holder, Vec<Arc<Envelope>>)> = (0..3)
        .map(|_| (Holder::sharing(&folds), entries.to_vec()))
        .collect();
    while holders.iter().any(|(_, bag)| !bag.is_empty()) {
        let (holder, bag) = &mut holders[dice.below(3)];
        if bag.is_empty() {
            continue;
        }
        let from = dice.below(bag.len().min(12));
        let to = bag.len().min(from + 1 + dice.below(4));
        let run: Vec<Arc<Envelope>> = bag.drain(from..to).collect();
        if dice.below(6) > 0 {
            holder.hear_run(&run);
        }
        if dice.below(6) == 0 {
            bag.extend(run);
        }
    }
    holders.into_iter().map(|(holder, _)| holder).collect()
}

proptest! {
    #![proptest_config(few(24))]

    #[test]
    fn holders_who_share_say_what_one_says_who_does_not(script in scripts(), seed in any::<u64>()) {
        let story = Story::play(&script, |_| {});
        let mut holders = hear_together(&story.entries, &mut Dice(seed));
        for holder in &mut holders {
            let alone = retell(holder, &story.entries);
            prop_assert_eq!(alone.picture.version(), holder.picture.version());
            prop_assert_eq!(alone.picture.hash(), holder.picture.hash());
            repair(holder, &story.entries);
            prop_assert_eq!(holder.picture.hash(), story.witness.picture.hash());
        }
    }

    #[test]
    fn what_is_void_is_void_for_every_holder(script in scripts()) {
        let story = Story::play(&script, |_| {});
        let folds = SharedFolds::default();
        let voids = |mut holder: Holder| -> Vec<String> {
            let folded = holder.hear_run(&story.entries).into_iter();
            folded.map(|it| format!("{:?} {:?}", it.void, it.needs)).collect()
        };
        let alone = voids(Holder::new());
        prop_assert_eq!(&voids(Holder::sharing(&folds)), &alone);
        prop_assert_eq!(&voids(Holder::sharing(&folds)), &alone);
    }
}

#[test]
fn a_holder_from_whom_content_is_withheld_parts_from_the_others() {
    let mut scribe = Scribe::first_life(FIRST);
    scribe.write(bodies::incident(bodies::report(FIRST, 1)));
    let folds = SharedFolds::default();
    let hear = |entries: &[Arc<Envelope>]| {
        let mut holder = Holder::sharing(&folds);
        for envelope in roster().entries.iter().chain(entries) {
            holder.hear(envelope);
        }
        let state = holder.picture.state(party(FIRST)).unwrap();
        (state.folded, state.incidents.len())
    };
    let withheld = [Arc::clone(&scribe.entries[0]), scribe.entries[1].withhold()];
    assert_eq!(hear(&scribe.entries), (2, 1));
    assert_eq!(hear(&withheld), (2, 0));
    assert_eq!(hear(&scribe.entries), (2, 1));
}

/// An author's log with a snapshot that says what its state is, and one that does not.
fn with_snapshots() -> Scribe {
    let mut scribe = Scribe::first_life(FIRST);
    let mut alone = Holder::informed();
    for number in 1..4 {
        scribe.write(bodies::incident(bodies::report(FIRST, number)));
    }
    for entry in &scribe.entries {
        alone.hear(entry);
    }
    let entry = (1, scribe.entries.len() as u64 + 1);
    let state = alone.picture.state(party(FIRST)).unwrap();
    let honest = state.snapshot(party(FIRST), Over::default(), entry);
    scribe.write(Body::Snapshot(honest.unwrap()));
    scribe.write(bodies::incident(bodies::report(FIRST, 4)));
    let lie = Snapshot {
        state: Hash::default(),
        over: Over::default(),
    };
    scribe.write(Body::Snapshot(lie));
    scribe.write(bodies::incident(bodies::report(FIRST, 5)));
    scribe
}

#[test]
fn a_snapshot_that_one_holder_proved_stands_for_all_and_a_lie_for_none() {
    let log = with_snapshots();
    let mut alone = Holder::informed();
    for entry in &log.entries {
        alone.hear(entry);
    }
    let expected = alone.picture.state(party(FIRST)).unwrap();
    assert_eq!(
        (expected.void_count, expected.last_snapshot.entry),
        (1, (1, 5))
    );
    let folds = SharedFolds::default();
    let mut holders: Vec<Holder> = (0..4).map(|_| Holder::sharing(&folds)).collect();
    for holder in &mut holders {
        for entry in &roster().entries {
            holder.hear(entry);
        }
    }
    // Each begins when the one before it is three entries ahead, so that states of all ages are led on.
    for step in 0..log.entries.len() + 9 {
        for (number, holder) in holders.iter_mut().enumerate() {
            if let Some(entry) = step
                .checked_sub(number * 3)
                .and_then(|at| log.entries.get(at))
            {
                holder.hear(entry);
            }
        }
    }
    for holder in &holders {
        assert_eq!(holder.picture.state(party(FIRST)).unwrap(), expected);
    }
}
