//! Who may keep a log, and what becomes of an entry that comes early, twice or in another's place.

use std::sync::Arc;

use picture::{Admission, Picture};
use protocol::{Body, Hash, Incarnation, LogKey, RosterChange, Signer, Suite, limit};

use crate::bodies::note;
use crate::cast::{
    FIRST, MEMBERS, REGION, SECOND, Scribe, member, network, party, picture, roster,
};

fn refused(admission: &Admission) -> Option<&'static str> {
    match admission {
        Admission::Refused(reason) => Some(reason),
        _ => None,
    }
}

#[test]
fn who_is_not_in_the_roster_or_has_a_role_without_a_log_is_refused() {
    let mut knows_nobody = Picture::new(network());
    let stranger = Scribe::first_life(FIRST);
    let outcome = knows_nobody.admit(&stranger.entries[0]);
    assert_eq!(refused(&outcome), Some("the author is not in the roster"));
    for name in ["watcher", "van-1"] {
        let scribe = Scribe::first_life(name);
        let outcome = picture().admit(&scribe.entries[0]);
        assert_eq!(refused(&outcome), Some("a party of this role keeps no log"));
    }
}

#[test]
fn a_key_that_was_never_admitted_or_is_revoked_is_refused() {
    let mut picture = picture();
    let secret = Hash::of(b"stolen").0;
    let other = Signer::new(party(FIRST), Suite::Virtual, secret);
    let mut scribe = Scribe::first_life(FIRST);
    picture.admit(&scribe.entries[0]);
    let forged = scribe.clone().with_key(other).draft(note(1));
    let outcome = picture.admit(&forged);
    assert_eq!(refused(&outcome), Some("the key is not in the roster"));
    let mut region = roster();
    let revoke = region.write(Body::RosterChange(RosterChange::Revoke {
        party: party(FIRST),
        key: crate::cast::signer(FIRST).key(),
    }));
    picture.admit(&revoke);
    let outcome = picture.admit(&scribe.write(note(1)));
    assert_eq!(refused(&outcome), Some("the key is revoked"));
    let version = picture.version();
    assert_eq!(version[&scribe.log].0, 1, "what was admitted before stays");
}

#[test]
fn of_a_key_that_ends_the_entries_up_to_its_end_are_taken_whenever_they_come() {
    let mut scribe = Scribe::first_life(FIRST);
    // A scribe's clock shows the number of the entry.
    let entries = [scribe.write(note(2)), scribe.write(note(3))];
    let mut region = roster();
    let expire = region.write(Body::RosterChange(RosterChange::Expire {
        party: party(FIRST),
        key: crate::cast::signer(FIRST).key(),
        after: protocol::Wall(2),
    }));
    let mut late = picture();
    late.admit(&expire);
    late.admit(&scribe.entries[0]);
    assert_eq!(refused(&late.admit(&entries[0])), None);
    let outcome = late.admit(&entries[1]);
    let why = "the key had expired when this was signed";
    assert_eq!(refused(&outcome), Some(why));
    // Whoever heard the entries first holds the same.
    let mut early = picture();
    early.admit(&scribe.entries[0]);
    early.admit(&entries[0]);
    early.admit(&expire);
    assert_eq!(refused(&early.admit(&entries[1])), Some(why));
    assert_eq!(early.hash(), late.hash());
}

#[test]
fn a_new_key_is_taken_from_the_entry_that_admits_it() {
    let mut picture = picture();
    let fresh = Signer::new(party(FIRST), Suite::Virtual, Hash::of(b"fresh").0);
    let mut region = roster();
    let mut again = member(MEMBERS[0]);
    again.key = fresh.public();
    let admit = region.write(Body::RosterChange(RosterChange::Admit(Box::new(again))));
    let mut scribe = Scribe::first_life(FIRST);
    picture.admit(&scribe.entries[0]);
    scribe = scribe.with_key(fresh);
    let entry = scribe.write(note(1));
    assert!(refused(&picture.admit(&entry)).is_some());
    picture.admit(&admit);
    assert!(matches!(picture.admit(&entry), Admission::Admitted { .. }));
}

#[test]
fn an_entry_of_the_roster_in_another_s_log_changes_nothing() {
    let mut picture = picture();
    let mut scribe = Scribe::first_life(SECOND);
    picture.admit(&scribe.entries[0]);
    let revision = picture.roster().revision();
    let coup = scribe.write(Body::RosterChange(RosterChange::Revoke {
        party: party(FIRST),
        key: crate::cast::signer(FIRST).key(),
    }));
    picture.admit(&coup);
    assert_eq!(picture.roster().revision(), revision);
}

#[test]
fn an_entry_that_comes_early_waits_and_one_that_comes_twice_is_nothing_new() {
    let mut picture = picture();
    let mut scribe = Scribe::first_life(FIRST);
    for number in 0..3 {
        scribe.write(note(number));
    }
    let [seal, one, two, three] = [0, 1, 2, 3].map(|at| &scribe.entries[at]);
    assert!(matches!(picture.admit(two), Admission::Parked));
    assert!(matches!(picture.admit(two), Admission::Duplicate));
    assert!(matches!(picture.admit(three), Admission::Parked));
    let log = |picture: &Picture| {
        let lineage = &picture.authors()[&party(FIRST)].lineage;
        let log = &lineage.logs()[&scribe.log.incarnation];
        (log.prefix, log.parked(), log.gap(), log.missing())
    };
    assert_eq!(log(&picture), (0, 2, Some((1, 2)), 2));
    assert!(matches!(picture.admit(seal), Admission::Admitted { .. }));
    let Admission::Admitted { folded, stored, .. } = picture.admit(one) else {
        unreachable!("it follows the seal")
    };
    assert_eq!(
        (folded.len(), stored.len()),
        (3, 3),
        "those that waited come along"
    );
    assert_eq!(log(&picture), (4, 0, None, 0));
}

#[test]
fn every_range_that_is_missing_is_known() {
    let mut picture = picture();
    let mut scribe = Scribe::first_life(FIRST);
    for number in 0..9 {
        scribe.write(note(number));
    }
    for at in [0, 2, 5, 6] {
        picture.admit(&scribe.entries[at]);
    }
    picture.heard_of(scribe.log, 10);
    let lineage = &picture.authors()[&party(FIRST)].lineage;
    let gaps: Vec<_> = lineage.logs()[&scribe.log.incarnation].gaps().collect();
    assert_eq!(gaps, [(2, 2), (4, 5), (8, 10)]);
}

#[test]
fn more_than_the_limit_does_not_wait_and_is_asked_for_again() {
    let mut picture = picture();
    let mut scribe = Scribe::first_life(FIRST);
    let many = u32::try_from(limit::PARKED_ENVELOPES).unwrap() + 10;
    for number in 0..many {
        scribe.write(note(number));
    }
    // The second is missing.
    for entry in std::iter::once(&scribe.entries[0]).chain(&scribe.entries[2..]) {
        picture.admit(entry);
    }
    let log = |picture: &Picture| {
        let lineage = &picture.authors()[&party(FIRST)].lineage;
        let log = &lineage.logs()[&scribe.log.incarnation];
        (log.parked(), log.gap())
    };
    assert_eq!(log(&picture), (limit::PARKED_ENVELOPES, Some((2, 2))));
    picture.admit(&scribe.entries[1]);
    let last = u64::from(many) + 1;
    let kept = limit::PARKED_ENVELOPES as u64 + 2;
    assert_eq!(log(&picture), (0, Some((kept + 1, last))));
    for entry in &scribe.entries {
        picture.admit(entry);
    }
    assert_eq!(log(&picture), (0, None));
    assert_eq!(picture.version()[&scribe.log].0, last);
}

#[test]
fn two_entries_of_one_number_are_evidence_once_and_the_first_stands() {
    let mut picture = picture();
    let mut scribe = Scribe::first_life(FIRST);
    let mut forger = scribe.clone();
    let (honest, other) = (scribe.write(note(1)), forger.write(note(2)));
    for entry in &scribe.entries {
        picture.admit(entry);
    }
    let hash = picture.hash();
    assert!(matches!(picture.admit(&other), Admission::Equivocates));
    assert!(
        matches!(picture.admit(&other), Admission::Duplicate),
        "kept once"
    );
    assert_eq!(picture.hash(), hash);
    // What builds upon the forged entry leads nowhere.
    let onward = forger.write(note(3));
    assert!(matches!(picture.admit(&onward), Admission::Equivocates));
    let log = &picture.authors()[&party(FIRST)].lineage.logs()[&scribe.log.incarnation];
    assert!(log.equivocates);
    assert_eq!(log.hash_at(2), Some(honest.hash()));
    let next = scribe.write(note(4));
    assert!(matches!(picture.admit(&next), Admission::Admitted { .. }));
}

#[test]
fn a_forged_entry_that_waits_does_not_keep_the_true_one_out() {
    let mut picture = picture();
    let mut scribe = Scribe::first_life(FIRST);
    let mut forger = scribe.clone();
    for number in 0..3 {
        scribe.write(note(number));
        forger.write(note(number + 10));
    }
    picture.admit(&scribe.entries[0]);
    picture.admit(&forger.entries[3]);
    picture.admit(&scribe.entries[3]);
    picture.admit(&scribe.entries[1]);
    picture.admit(&scribe.entries[2]);
    let log = &picture.authors()[&party(FIRST)].lineage.logs()[&scribe.log.incarnation];
    assert_eq!(
        (log.prefix, log.gap()),
        (3, Some((4, 4))),
        "asked for again"
    );
    picture.admit(&scribe.entries[3]);
    assert_eq!(picture.version()[&scribe.log].1, scribe.entries[3].hash());
}

#[test]
fn logs_that_somebody_only_speaks_of_are_noted_up_to_a_bound() {
    let mut picture = picture();
    for epoch in 1..=200 {
        let incarnation = Incarnation { epoch, nonce: 1 };
        let author = party(SECOND);
        picture.heard_of(
            LogKey {
                author,
                incarnation,
            },
            5,
        );
    }
    let logs = picture.authors()[&party(SECOND)].lineage.logs();
    assert_eq!(logs.len(), 64);
    // A life that shows itself is known all the same.
    let incarnation = Incarnation {
        epoch: 500,
        nonce: 1,
    };
    let scribe = Scribe::begin(SECOND, incarnation, None);
    picture.admit(&scribe.entries[0]);
    assert_eq!(picture.incarnation(party(SECOND)), Some(incarnation));
    let nobody = party("990999");
    picture.heard_of(
        LogKey {
            author: nobody,
            incarnation,
        },
        5,
    );
    assert!(!picture.authors().contains_key(&nobody));
}

#[test]
fn of_two_first_lives_the_greater_incarnation_is_in_force() {
    let mut picture = picture();
    let lives = [(1, 9), (1, 12), (1, 10)].map(|(epoch, nonce)| {
        let mut scribe = Scribe::begin(FIRST, Incarnation { epoch, nonce }, None);
        scribe.write(note(u32::try_from(nonce).unwrap()));
        scribe
    });
    let mut entries: Vec<_> = lives.iter().flat_map(|life| &life.entries).collect();
    let mut orphans = 0;
    for entry in entries.drain(..) {
        match picture.admit(entry) {
            Admission::Admitted { orphan, .. } => orphans += usize::from(orphan),
            Admission::Refold { .. } => {
                picture.recollect(party(FIRST), lives[0].entries.clone());
                picture.refold(party(FIRST));
            }
            other => unreachable!("{other:?}"),
        }
    }
    assert_eq!(orphans, 2, "the third life was never in force");
    assert_eq!(
        picture.incarnation(party(FIRST)),
        Some(lives[1].log.incarnation)
    );
    let notes = &picture.state(party(FIRST)).unwrap().notes;
    let texts: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(texts, ["note 12"]);
}

#[test]
fn what_a_life_writes_while_the_logs_are_fetched_again_is_read_when_they_are_here() {
    let mut picture = picture();
    let mut first = Scribe::first_life(FIRST);
    first.write(note(1));
    first.write(note(2));
    for entry in &first.entries {
        picture.admit(entry);
    }
    // A machine with an older image of the disk begins a life: more was read than it follows.
    let passed = first.life_behind(5, 2);
    let outcome = picture.admit(&passed.entries[0]);
    assert!(matches!(outcome, Admission::Refold { .. }), "{outcome:?}");

    // Before the store has answered, a life comes that follows all that was read.
    let mut third = first.life_behind(9, 3);
    third.write(note(3));
    for entry in &third.entries {
        let outcome = picture.admit(entry);
        assert!(matches!(outcome, Admission::Refold { .. }), "{outcome:?}");
    }
    for life in [&first, &passed] {
        picture.recollect(party(FIRST), life.entries.clone());
    }
    picture.refold(party(FIRST));
    let notes = &picture.state(party(FIRST)).unwrap().notes;
    let texts: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(texts, ["note 1", "note 2", "note 3"]);
    assert!(picture.authors()[&party(FIRST)].lineage.is_read());
}

#[test]
fn a_seal_that_names_a_later_life_as_its_predecessor_leads_nowhere() {
    let mut picture = picture();
    let later = Scribe::begin(FIRST, Incarnation { epoch: 9, nonce: 1 }, None);
    let loop_back = later.next_life(1);
    let mut twisted = Scribe::begin(
        FIRST,
        Incarnation { epoch: 3, nonce: 1 },
        Some(protocol::Predecessor {
            log: loop_back.log,
            seq: 1,
            head: loop_back.entries[0].hash(),
        }),
    );
    twisted.write(note(1));
    for entry in &twisted.entries {
        picture.admit(entry);
    }
    assert_eq!(picture.incarnation(party(FIRST)), None);
    assert!(
        picture
            .state(party(FIRST))
            .is_some_and(|state| state.folded == 0)
    );
}

#[test]
fn the_region_s_log_read_again_gives_the_same_roster() {
    let mut picture = picture();
    let expected = picture.roster().clone();
    let entries: Vec<Arc<_>> = roster().entries;
    picture.recollect(party(REGION), entries);
    picture.refold(party(REGION));
    assert_eq!(picture.roster(), &expected);
    let force = picture.incarnation(party(REGION));
    assert_eq!(force, Some(Incarnation { epoch: 1, nonce: 7 }));
}
