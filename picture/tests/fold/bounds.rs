//! What an author that went bad can fill, and what its neighbours' claims come to.

use picture::{Admission, LogStatus, Picture};
use protocol::{Incarnation, LogKey, limit};

use crate::bodies::note;
use crate::cast::{FIRST, SECOND, Scribe, party, picture};

/// A life of the first author that follows none, with so many entries behind its seal.
fn life(epoch: u32, notes: u32) -> Scribe {
    let incarnation = Incarnation { epoch, nonce: 7 };
    let mut scribe = Scribe::begin(FIRST, incarnation, None);
    for number in 0..notes {
        scribe.write(note(number));
    }
    scribe
}

fn log(picture: &Picture, log: LogKey) -> &LogStatus {
    picture.log(log).unwrap()
}

fn end_of(scribe: &Scribe) -> u64 {
    scribe.entries.len() as u64
}

fn waiting(picture: &Picture) -> usize {
    let logs = picture.authors()[&party(FIRST)].lineage.logs();
    logs.values().map(LogStatus::parked).sum()
}

#[test]
fn entries_that_wait_in_many_lives_have_one_bound_and_what_gives_way_is_asked_for_again() {
    let mut picture = picture();
    let each = u32::try_from(limit::PARKED_ENVELOPES).unwrap();
    let lives: Vec<Scribe> = (1..=4).map(|epoch| life(epoch, each)).collect();
    for scribe in &lives {
        for entry in &scribe.entries[1..] {
            picture.admit(entry);
        }
    }
    assert_eq!(waiting(&picture), limit::PARKED_OF_AUTHOR);
    let each = limit::PARKED_OF_AUTHOR / lives.len();
    for scribe in &lives {
        let known = log(&picture, scribe.log);
        assert!(known.parked().abs_diff(each) <= 1, "every life has a share");
        let asked = known.wanted().map(|(from, to)| to - from + 1).sum::<u64>();
        assert_eq!(asked + known.parked() as u64, scribe.entries.len() as u64);
    }
    // All of it comes again when it is asked for, whatever gave way.
    for scribe in &lives {
        for entry in &scribe.entries {
            picture.admit(entry);
        }
        assert_eq!(log(&picture, scribe.log).prefix, end_of(scribe));
    }
}

#[test]
fn a_member_that_signs_life_upon_life_is_kept_up_to_a_bound_and_its_true_life_goes_on() {
    let mut picture = picture();
    let mut honest = life(1, 3);
    for entry in &honest.entries {
        picture.admit(entry);
    }
    for epoch in 2..1_000 {
        // Its beginning is missing, so that it might yet come to count.
        picture.admit(&life(epoch, 1).entries[1]);
    }
    let logs = |picture: &Picture| picture.authors()[&party(FIRST)].lineage.logs().len();
    assert_eq!(logs(&picture), limit::LIVES_ASIDE + 1);
    honest.write(note(9));
    let last = honest.entries.last().unwrap();
    assert!(matches!(picture.admit(last), Admission::Admitted { .. }));
    // A life that follows one that counts has a place among whatever others.
    let next = honest.next_life(honest.entries.len());
    picture.admit(&next.entries[0]);
    assert_eq!(
        picture.incarnation(party(FIRST)),
        Some(next.log.incarnation)
    );
}

#[test]
fn what_a_holder_claims_is_missing_until_its_last_word_is_another() {
    let mut picture = picture();
    let scribe = life(1, 3);
    picture.admit(&scribe.entries[0]);
    let holder = party(SECOND);
    assert!(picture.claimed(holder, scribe.log, 4));
    assert_eq!(log(&picture, scribe.log).gap(), Some((2, 4)));
    assert!(picture.claimed(holder, scribe.log, 2));
    assert_eq!(log(&picture, scribe.log).gap(), Some((2, 2)));
    picture.withdrawn_but(holder, &[]);
    assert_eq!(log(&picture, scribe.log).gap(), None);
    picture.claimed(holder, scribe.log, 4);
    picture.withdrawn(holder, scribe.log);
    assert_eq!(log(&picture, scribe.log).gap(), None);
}

#[test]
fn a_claim_that_is_repeated_and_never_made_good_is_no_gap_and_is_asked_for_all_the_same() {
    let mut picture = picture();
    let mut scribe = life(1, 3);
    for entry in &scribe.entries {
        picture.admit(entry);
    }
    let (liar, end) = (party(SECOND), 5_000);
    for round in 0..=10 {
        assert_eq!(log(&picture, scribe.log).doubtful().count(), 0, "{round}");
        picture.claimed(liar, scribe.log, end);
        // A log that goes on by itself vouches for nothing.
        scribe.write(note(round));
        picture.admit(scribe.entries.last().unwrap());
    }
    let known = log(&picture, scribe.log);
    assert_eq!(known.doubtful().collect::<Vec<_>>(), [(liar, end)]);
    assert_eq!((known.missing(), known.gap()), (0, None));
    assert_eq!(known.wanted().last(), Some((end_of(&scribe) + 1, end)));
    // What another holds as well is missing.
    picture.claimed(party(FIRST), scribe.log, end_of(&scribe) + 2);
    assert_eq!(log(&picture, scribe.log).missing(), 2);
}

#[test]
fn what_is_claimed_and_comes_slowly_is_not_doubted() {
    let mut picture = picture();
    let scribe = life(1, 400);
    picture.admit(&scribe.entries[0]);
    for part in scribe.entries[1..].chunks(12) {
        for _ in 0..3 {
            picture.claimed(party(SECOND), scribe.log, end_of(&scribe));
            assert_eq!(log(&picture, scribe.log).doubtful().count(), 0);
        }
        for entry in part {
            picture.admit(entry);
        }
    }
    assert_eq!(log(&picture, scribe.log).wanted().count(), 0);
}

#[test]
fn who_invents_lives_takes_no_room_from_what_others_tell_and_seals_say() {
    let mut picture = picture();
    let author = party(FIRST);
    let life = |nonce: u64| LogKey {
        author,
        incarnation: Incarnation { epoch: 9, nonce },
    };
    let invented = (1..=200).filter(|nonce| picture.claimed(party(SECOND), life(*nonce), 5));
    assert_eq!(invented.count(), 8);
    assert!(
        picture.claimed(author, life(1_000), 5),
        "another tells of it"
    );
    // What its bearer tells of no more is forgotten.
    picture.withdrawn_but(party(SECOND), &[]);
    let lives = picture.authors()[&author].lineage.logs();
    assert_eq!(
        lives.keys().map(|life| life.nonce).collect::<Vec<_>>(),
        [1_000]
    );
}
