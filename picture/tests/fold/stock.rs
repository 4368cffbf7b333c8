//! Snapshots of a dishonest author: what it may sign and nobody takes.

use std::sync::Arc;

use picture::StateAt;
use protocol::{Body, Envelope, Hash, Kind, Over, Snapshot};
use serde_json::Value;

use crate::bodies::{
    aid_id, commit, incident, need_id, note, report, request, resource, resource_id,
};
use crate::cast::{FIRST, Holder, SECOND, Scribe, party, picture};

/// The second office has bound a pump of its own to a need of the first.
fn lent() -> (Holder, Scribe, Scribe) {
    let (mut first, mut second) = (Scribe::first_life(FIRST), Scribe::first_life(SECOND));
    first.write(incident(report(FIRST, 1)));
    first.write(Body::AidRequest(request(FIRST, 1, 1)));
    let pump = resource_id(SECOND, "pump", 1);
    second.write(Body::Resource(resource(pump, Kind::Pump, 1)));
    let bound = commit(aid_id(SECOND, 1), pump, need_id(FIRST, 1), 1);
    second.write(Body::AidCommit(Arc::new(bound)));
    let mut holder = Holder::informed();
    for envelope in first.entries.iter().chain(&second.entries) {
        holder.hear(envelope);
    }
    (holder, first, second)
}

fn live_for_the_need(holder: &Holder) -> usize {
    holder.picture.aids_for(need_id(FIRST, 1)).count()
}

#[test]
fn a_snapshot_makes_nobody_forget_what_others_promised() {
    let (mut holder, mut first, _) = lent();
    assert_eq!(live_for_the_need(&holder), 1);
    let entry = (1, first.entries.len() as u64 + 1);
    let state = holder.picture.state(party(FIRST)).unwrap();
    let honest = state.snapshot(party(FIRST), Over::default(), entry);
    let forgets = Over {
        aids: vec![aid_id(SECOND, 1)],
        ..Over::default()
    };
    let snapshot = Snapshot {
        state: honest.unwrap().state,
        over: forgets,
    };
    let written = first.write(Body::Snapshot(snapshot));
    assert_eq!(holder.verdict(&written), Some("R09"));
    assert_eq!(live_for_the_need(&holder), 1);
}

#[test]
fn what_is_over_is_named_once_each_and_in_order() {
    let (mut holder, mut first, _) = lent();
    first.write(incident(report(FIRST, 2)));
    let last = first.entries.last().unwrap();
    holder.hear(last);
    let over = Over {
        declined: vec![need_id(SECOND, 2), need_id(SECOND, 1)],
        ..Over::default()
    };
    let snapshot = Snapshot {
        state: Hash::default(),
        over,
    };
    let written = first.write(Body::Snapshot(snapshot));
    assert_eq!(holder.verdict(&written), Some("R11"));
    let told = &holder.picture.state(party(FIRST)).unwrap().voids;
    assert!(
        told[0].reason.contains("out of order"),
        "{}",
        told[0].reason
    );
}

/// A text that the first office signs as its state at its next entry, and that entry.
fn signed(
    holder: &Holder,
    first: &mut Scribe,
    change: impl Fn(&mut Value),
) -> (Arc<Envelope>, String) {
    let seq = first.entries.len() as u64 + 1;
    let mut state = holder.picture.state(party(FIRST)).unwrap().clone();
    state.folded += 1;
    state.last_snapshot.entry = (1, seq);
    state.last_snapshot.folded = state.folded;
    let mut value: Value = serde_json::from_str(&state.text()).unwrap();
    change(&mut value);
    // A map of values is sorted; what is not changed is written as the state writes it.
    let text = if serde_json::from_str::<Value>(&state.text()).unwrap() == value {
        state.text()
    } else {
        in_order_of(&state.text(), &value)
    };
    let snapshot = Snapshot {
        state: Hash::of(text.as_bytes()),
        over: Over::default(),
    };
    (first.write(Body::Snapshot(snapshot)), text)
}

/// The changed state as the state itself would be written.
fn in_order_of(text: &str, value: &Value) -> String {
    let state: picture::AuthorState = serde_json::from_value(value.clone()).unwrap();
    assert_ne!(state.text(), text);
    state.text()
}

#[test]
fn a_state_is_taken_as_its_author_writes_it() {
    let (holder, mut first, _) = lent();
    let (entry, text) = signed(&holder, &mut first, |_| ());
    let at = StateAt::read(entry, &text).expect("an honest author's state is taken");
    assert_eq!(at.text(), text);
    assert!(picture().begin_at(at).is_some());
}

#[test]
fn a_text_that_would_be_written_again_as_another_is_no_state() {
    let (holder, mut first, _) = lent();
    let (_, text) = signed(&holder, &mut first, |_| ());
    first.entries.pop();
    let spaced = text.replacen(':', ": ", 1);
    let snapshot = Snapshot {
        state: Hash::of(spaced.as_bytes()),
        over: Over::default(),
    };
    let entry = first.write(Body::Snapshot(snapshot));
    // Taken, it would stand in a journal under a hash that is not its own, and end the next boot.
    assert!(StateAt::read(entry, &spaced).is_none());
}

#[test]
fn a_state_that_no_entries_lead_to_is_not_taken() {
    type Change = fn(&mut Value);
    let wrong: [(&str, Change); 4] = [
        ("more entries than can be counted on", |state| {
            state["folded"] = u64::MAX.into();
            state["last_snapshot"]["folded"] = u64::MAX.into();
        }),
        ("somebody else's incident", |state| {
            let told = state.to_string().replace("990100-1-1", "990200-1-1");
            *state = serde_json::from_str(&told).unwrap();
        }),
        ("more void entries than entries", |state| {
            state["void_count"] = 99.into();
        }),
        ("a stock that gives more than it has", |state| {
            let sand = resource(resource_id(FIRST, "sandbag", 1), Kind::Sandbag, 5);
            let committed = serde_json::json!({"990100-1-1": u32::MAX, "990100-1-2": u32::MAX});
            state["holdings"][sand.resource.to_string()] = serde_json::json!({
                "resource": sand,
                "standing": {"stock": {"on_hand": 5, "held": {}, "committed": committed}},
                "as_of": 1,
                "fence": null,
            });
        }),
    ];
    for (name, change) in wrong {
        let (holder, mut first, _) = lent();
        let (entry, text) = signed(&holder, &mut first, change);
        assert!(StateAt::read(entry, &text).is_none(), "{name}");
    }
}

#[test]
fn a_snapshot_of_a_life_that_was_passed_over_is_not_taken() {
    let (holder, mut first, _) = lent();
    let (entry, text) = signed(&holder, &mut first, |_| ());
    // The machine came back from an image of before its last two entries.
    let next = first.next_life(first.entries.len() - 2);
    let mut late = picture();
    late.admit(&next.entries[0]);
    let at = StateAt::read(entry, &text).unwrap();
    assert!(late.begin_at(at).is_none());
}

/// An author that signs two histories would have a journal given one behind the other.
#[test]
fn a_snapshot_that_does_not_follow_the_entry_before_it_that_is_here_is_not_taken() {
    let (at, second) = taken();
    let before = second.entries.len() - 2;
    let mut other = second.clone();
    other.entries.truncate(before);
    let (mut here, mut there) = (Holder::informed(), Holder::informed());
    for envelope in &second.entries[..before] {
        here.hear(envelope);
        there.hear(envelope);
    }
    // The same as the author wrote it: it follows. And another at its last number: it does not.
    here.hear(&second.entries[before]);
    there.hear(&other.write(note(99)));
    assert!(there.picture.begin_at(at.clone()).is_none());
    assert!(here.picture.begin_at(at).is_some());
}

#[test]
fn who_reads_on_from_a_snapshot_still_knows_what_it_stood_for_after_reading_again() {
    let ((at, _), (_, first, _)) = (taken(), lent());
    let mut late = Holder::informed();
    for envelope in &first.entries {
        late.hear(envelope);
    }
    late.picture.begin_at(at).unwrap();
    assert_eq!(live_for_the_need(&late), 1);
    late.picture.refold(party(SECOND));
    assert_eq!(live_for_the_need(&late), 1);
}

/// A snapshot that the second office has written, and all that it had written then.
fn taken() -> (StateAt, Scribe) {
    let (_, _, mut second) = lent();
    let mut author = Holder::informed();
    for envelope in &second.entries {
        author.hear(envelope);
    }
    let entry = (1, second.entries.len() as u64 + 1);
    let state = author.picture.state(party(SECOND)).unwrap();
    let snapshot = state.snapshot(party(SECOND), Over::default(), entry);
    let written = second.write(Body::Snapshot(snapshot.unwrap()));
    author.hear(&written);
    let known = &author.picture.authors()[&party(SECOND)];
    (known.stock().unwrap().clone(), second)
}

#[test]
fn a_life_that_was_passed_over_takes_no_snapshot_away() {
    let (at, second) = taken();
    let mut late = Holder::informed();
    late.picture.begin_at(at).unwrap();
    let (goes_on, passed_over) = (
        second.life_behind(9, second.entries.len()),
        second.life_behind(5, 1),
    );
    late.hear(&goes_on.entries[0]);
    late.hear(&passed_over.entries[0]);
    let known = &late.picture.authors()[&party(SECOND)];
    assert_eq!(known.begins(), Some(second.log.incarnation));
    assert_eq!(known.lineage.in_force(), Some(goes_on.log.incarnation));
    // One that passes over what goes on from the snapshot does.
    let greatest = second.life_behind(11, 1);
    late.picture.enter(&greatest.entries[0]);
    assert_eq!(late.picture.authors()[&party(SECOND)].begins(), None);
}

#[test]
fn what_waited_behind_a_snapshot_is_there_when_it_comes_and_goes_to_no_disk_again() {
    let (at, mut second) = taken();
    let base = second.entries.len() as u64;
    let pump = resource_id(SECOND, "pump", 2);
    second.write(Body::Resource(resource(pump, Kind::Pump, 1)));
    let next = second.next_life(second.entries.len());
    let mut late = Holder::informed();
    // All of the first life is here but not read, for its life in force waits for nothing of it.
    for entry in &second.entries {
        late.picture.enter(entry);
    }
    assert!(late.picture.begin_at(at).unwrap().is_empty());
    let log = late.picture.log(second.log).unwrap();
    assert_eq!((log.base(), log.prefix), (base, base + 1));
    late.hear(&next.entries[0]);
    let state = late.picture.state(party(SECOND)).unwrap();
    assert!(state.holdings.contains_key(&pump));
}

/// What a journal holds, read in the order of its logs with the states that stand in it.
fn read(entries: &[Arc<Envelope>], at: &StateAt) -> (Holder, bool) {
    let (mut late, mut bridged) = (Holder::informed(), false);
    for entry in entries {
        if entry.hash() == at.entry.hash() && late.picture.bridge(at) {
            bridged = true;
        } else {
            late.hear(entry);
        }
    }
    (late, bridged)
}

#[test]
fn a_state_stands_for_what_a_journal_lacks_before_it_wherever_that_was() {
    let (_, lives) = taken();
    let mut next = lives.next_life(lives.entries.len());
    let mut whole = Holder::informed();
    for entry in lives.entries.iter().chain(&next.entries) {
        whole.hear(entry);
    }
    let state = whole.picture.state(party(SECOND)).unwrap();
    let snapshot = state.snapshot(party(SECOND), Over::default(), (2, 2));
    let written = next.write(Body::Snapshot(snapshot.unwrap()));
    whole.hear(&written);
    let at = whole.picture.authors()[&party(SECOND)].stock().unwrap();
    let at = at.clone();
    let pump = resource_id(SECOND, "pump", 3);
    let pump = next.write(Body::Resource(resource(pump, Kind::Pump, 1)));
    whole.hear(&pump);
    let (first, second) = (&lives.entries, &next.entries);
    for (place, held, needed) in [
        ("nothing", [&first[..], &second[..]].concat(), false),
        ("the beginning", second[1..].to_vec(), true),
        (
            "the midst of a life",
            [&first[..2], &second[1..]].concat(),
            true,
        ),
        // Each log that is here has no hole.
        (
            "the end of an earlier life",
            [&first[..2], &second[..]].concat(),
            true,
        ),
    ] {
        let (late, bridged) = read(&held, &at);
        assert_eq!(bridged, needed, "{place} is missing");
        let known = &late.picture.authors()[&party(SECOND)];
        let missing = known
            .lineage
            .logs()
            .values()
            .map(picture::LogStatus::missing);
        assert_eq!(missing.sum::<u64>(), 0, "{place} is missing");
        let state = late.picture.state(party(SECOND)).unwrap();
        assert_eq!(
            state.text(),
            whole.picture.state(party(SECOND)).unwrap().text()
        );
    }
}
