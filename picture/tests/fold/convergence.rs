//! Equal sets of envelopes give equal pictures, whatever the order of arrival (I13, R6, J11).

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::Config;

use protocol::{Body, DutyNote, Envelope, LogKey, Moment};

use crate::bodies;
use crate::cast::{FIRST, Holder, Scribe, party};
use crate::invariants;
use crate::story::{Step, Story};

/// Numbers that look drawn; the same for the same seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

pub(crate) fn scripts() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..4_u8, 0..26_u8, any::<u16>(), any::<u16>()), 20..140)
}

pub(crate) fn few(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Delivers in a random order, some twice, some not at all.
fn scramble(entries: &[Arc<Envelope>], dice: &mut Dice) -> Holder {
    let mut holder = Holder::new();
    let mut bag: Vec<&Arc<Envelope>> = entries.iter().collect();
    while !bag.is_empty() {
        // Near the front, so that most logs grow while they are heard.
        let at = dice.below(bag.len().min(24));
        let envelope = bag.remove(at);
        if dice.below(5) > 0 {
            holder.hear(envelope);
        }
        if dice.below(6) == 0 {
            bag.push(envelope);
        }
    }
    holder
}

/// What repair brings in the end: every entry once more, the newest lives first.
pub(crate) fn repair(holder: &mut Holder, entries: &[Arc<Envelope>]) {
    for _ in 0..2 {
        let mut lives: Vec<LogKey> = entries.iter().map(|entry| entry.header().log).collect();
        lives.sort_by_key(|log| std::cmp::Reverse((log.incarnation, log.author)));
        lives.dedup();
        for life in lives {
            for envelope in entries.iter().filter(|entry| entry.header().log == life) {
                holder.hear(envelope);
            }
        }
    }
}

/// A holder that hears exactly what another holds, in the order of writing.
pub(crate) fn retell(holder: &Holder, entries: &[Arc<Envelope>]) -> Holder {
    let version = holder.picture.version();
    let mut told = Holder::new();
    for envelope in entries {
        let header = envelope.header();
        if version
            .get(&header.log)
            .is_some_and(|held| header.seq <= held.0)
        {
            told.hear(envelope);
        }
    }
    told
}

proptest! {
    #![proptest_config(few(48))]

    #[test]
    fn whatever_the_order_of_arrival_all_pictures_end_equal(
        script in scripts(),
        seeds in prop::array::uniform3(any::<u64>()),
    ) {
        let story = Story::play(&script, |_| {});
        for seed in seeds {
            let mut holder = scramble(&story.entries, &mut Dice(seed));
            invariants::all(&holder.picture);
            // Halfway, with losses: equal versions already mean equal pictures.
            let told = retell(&holder, &story.entries);
            prop_assert_eq!(told.picture.version(), holder.picture.version());
            prop_assert_eq!(told.picture.hash(), holder.picture.hash());
            repair(&mut holder, &story.entries);
            prop_assert_eq!(holder.picture.version(), story.witness.picture.version());
            prop_assert_eq!(holder.picture.hash(), story.witness.picture.hash());
        }
    }

    #[test]
    fn the_invariants_hold_after_every_entry(script in scripts()) {
        Story::play(&script, |witness| invariants::all(&witness.picture));
    }
}

#[test]
fn the_stories_try_every_part_of_the_fold_and_break_it_too() {
    let mut dice = Dice(11);
    let mut stood: BTreeMap<&str, u32> = BTreeMap::new();
    let mut void: BTreeMap<&str, u32> = BTreeMap::new();
    let mut refolds = 0;
    for _ in 0..30 {
        let mut number = |limit| u16::try_from(dice.below(limit)).unwrap();
        let step = |_| {
            let (who, what) = (number(4), number(26));
            let [who, what] = [who, what].map(|it| u8::try_from(it).unwrap());
            (who, what, number(60_000), number(60_000))
        };
        let script: Vec<Step> = (0..140).map(step).collect();
        let story = Story::play(&script, |_| {});
        refolds += story.witness.refolds;
        let mut reader = Holder::new();
        for envelope in &story.entries {
            for entry in reader.hear(envelope) {
                let kind = entry.envelope.body().map_or("", Body::kind);
                *stood.entry(kind).or_default() += u32::from(entry.void.is_none());
                if let Some(broken) = entry.void {
                    *void.entry(broken.code()).or_default() += 1;
                }
            }
        }
    }
    for kind in [
        "seal",
        "incident",
        "resource",
        "unit-status",
        "stock-status",
        "aid-request",
        "aid-request-update",
        "aid-withdraw",
        "aid-offer",
        "aid-offer-end",
        "aid-accept",
        "aid-pass",
        "aid-commit",
        "recall",
        "return-ordered",
        "returned",
        "warning",
        "warning-lift",
        "road-status",
        "lead",
    ] {
        assert!(
            stood.get(kind).is_some_and(|count| *count > 2),
            "{kind}: {stood:?}"
        );
    }
    for code in ["R10", "R11", "R12", "R13", "R16", "R17"] {
        assert!(void.contains_key(code), "{code}: {void:?}");
    }
    assert!(refolds > 2, "{refolds}");
}

fn note(text: &str) -> Body {
    Body::DutyNote(DutyNote {
        incident: None,
        by: "desk".into(),
        text: text.into(),
        at: Moment(1),
    })
}

/// A first life of five entries and a second that seals it after three, so that two are orphaned.
fn forgetful() -> (Scribe, Scribe) {
    let mut first = Scribe::first_life(FIRST);
    first.write(bodies::incident(bodies::report(FIRST, 1)));
    first.write(note("kept"));
    first.write(note("forgotten"));
    first.write(bodies::incident(bodies::report(FIRST, 2)));
    let mut second = first.next_life(3);
    second.write(note("after"));
    (first, second)
}

#[test]
fn a_seal_below_what_was_read_makes_the_fold_begin_again() {
    let (first, second) = forgetful();
    let mut late = Holder::informed();
    for envelope in first.entries.iter().chain(&second.entries) {
        late.hear(envelope);
    }
    assert_eq!(late.refolds, 1);
    let mut early = Holder::informed();
    for envelope in second.entries.iter().chain(&first.entries) {
        early.hear(envelope);
    }
    assert_eq!(early.refolds, 0);
    assert_eq!(late.picture.hash(), early.picture.hash());
    assert_eq!(late.picture.version(), early.picture.version());
    let state = late.picture.state(party(FIRST)).unwrap();
    assert_eq!(state.incidents.len(), 1, "the second incident is orphaned");
    let notes: Vec<&str> = state.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["kept", "after"]);
}

#[test]
fn what_lies_beyond_a_seal_is_kept_shown_and_void_for_authority() {
    let (first, second) = forgetful();
    let mut holder = Holder::informed();
    for envelope in second.entries.iter().chain(&first.entries) {
        holder.hear(envelope);
    }
    let lineage = &holder.picture.authors()[&party(FIRST)].lineage;
    assert_eq!(lineage.orphans(party(FIRST)), [(first.log, 2)]);
    assert!(lineage.is_orphan(first.log.incarnation, 4));
    assert!(!lineage.is_orphan(first.log.incarnation, 3));
    assert_eq!(lineage.in_force(), Some(second.log.incarnation));
    assert_eq!(lineage.logs()[&first.log.incarnation].prefix, 5, "kept");
}

#[test]
fn a_life_whose_predecessor_is_unknown_waits_for_it() {
    let (first, second) = forgetful();
    let mut holder = Holder::informed();
    for envelope in &second.entries {
        assert_eq!(holder.hear(envelope).len(), 0);
    }
    assert_eq!(holder.picture.incarnation(party(FIRST)), None);
    for envelope in &first.entries[..3] {
        holder.hear(envelope);
    }
    assert_eq!(
        holder.picture.incarnation(party(FIRST)),
        Some(second.log.incarnation)
    );
    assert_eq!(holder.picture.state(party(FIRST)).unwrap().notes.len(), 2);
}

#[test]
fn entries_that_come_while_the_store_is_read_again_are_not_lost() {
    let (first, mut second) = forgetful();
    let mut holder = Holder::informed();
    for envelope in first.entries.iter().chain(&second.entries) {
        holder.hear(envelope);
    }
    let expected = {
        let late = second.write(note("late"));
        holder.hear(&late);
        holder.picture.hash()
    };
    let mut picture = crate::cast::picture();
    for envelope in first.entries.iter().chain(&second.entries[..1]) {
        picture.admit(envelope);
    }
    // The store is being read; two more entries come meanwhile.
    for envelope in &second.entries[1..] {
        picture.admit(envelope);
    }
    picture.recollect(party(FIRST), first.entries.clone());
    picture.recollect(party(FIRST), second.entries[..1].to_vec());
    picture.refold(party(FIRST));
    assert_eq!(picture.hash(), expected);
}
