//! Entries that no honest office writes: each is refused, kept as void or shown with its code, and the
//! true ones beside it count.

use std::sync::Arc;

use protocol::{
    Body, Draft, DutyNote, Envelope, Frame, Hash, Head, Incarnation, LogKey, Moment, Predecessor,
    Seal, Signer, Span, Suite, Topic, Wall, limit,
};

use crate::bus::Region;
use crate::cast::{
    FIRST, PROVINCE, SECOND, Setting, THIRD, chain, network, party, revoking, signer,
};
use crate::logs::append;

fn note(text: &str) -> Body {
    Body::DutyNote(DutyNote {
        incident: None,
        by: "desk".into(),
        text: text.into(),
        at: Moment(1),
    })
}

fn log() -> LogKey {
    LogKey {
        author: party(PROVINCE),
        incarnation: Incarnation { epoch: 1, nonce: 5 },
    }
}

/// A region whose province has not written yet, and then writes what it is given.
fn without_province() -> Region {
    let mut region = Region::dark(Setting::default(), 3);
    for office in [FIRST, SECOND, THIRD] {
        region.boot(Region::index(office));
    }
    region.run(Span::minutes(2));
    region
}

fn province(bodies: &[&str]) -> Vec<Arc<Envelope>> {
    let seal = Body::Seal(Seal { predecessor: None });
    let notes = bodies.iter().map(|text| note(text));
    chain(
        PROVINCE,
        log().incarnation,
        std::iter::once(seal).chain(notes).collect(),
    )
}

/// An entry of the province's log at its beginning, by whoever signs it.
fn entry(by: &Signer, (hlc, sent): (u64, Wall)) -> Arc<Envelope> {
    let draft = Draft {
        net: network().id,
        mode: network().mode,
        log: log(),
        seq: 1,
        prev: Hash::default(),
        hlc,
        sent,
        request: None,
    };
    Envelope::seal(&draft, note("x"), by)
}

fn held(region: &Region, office: &str) -> u64 {
    let version = region.office(office).picture().version();
    version.get(&log()).map_or(0, |(seq, _)| *seq)
}

fn refused(region: &Region, code: &str) -> u64 {
    let counts = region.office(FIRST).hearing().refused();
    counts.get(code).copied().unwrap_or_default()
}

#[test]
fn a_forged_author_is_refused_with_r02_and_the_log_goes_on() {
    let mut region = without_province();
    let before = region.own(FIRST).len();
    let forger = Signer::new(party(PROVINCE), Suite::Virtual, Hash::of(b"x").0);
    append(&mut region, FIRST, &[entry(&forger, (1, Wall(1)))]);
    assert_eq!((refused(&region, "R02"), held(&region, FIRST)), (1, 0));
    append(&mut region, FIRST, &province(&["true"]));
    region.run(Span::seconds(2));
    assert_eq!(held(&region, FIRST), 2);
    assert_eq!(region.own(FIRST).len(), before);
}

#[test]
fn who_gives_reason_for_alarms_without_end_takes_none_from_what_is_told_of_others() {
    let mut region = without_province();
    let seal = || vec![Body::Seal(Seal { predecessor: None })];
    let orphan = |author, epoch| chain(author, Incarnation { epoch, nonce: 5 }, seal());
    append(&mut region, FIRST, &orphan(PROVINCE, 500));
    for epoch in 1..100 {
        append(&mut region, FIRST, &orphan(PROVINCE, epoch));
    }
    let told = region.alarms_of("R03");
    assert!(told <= 64, "{told}");
    append(&mut region, FIRST, &orphan(SECOND, 0));
    assert_eq!(region.alarms_of("R03"), told + 1);
    assert_eq!(refused(&region, "R03"), 100, "each is counted");
}

#[test]
fn a_revoked_key_s_new_entries_are_refused_with_one_alarm_and_its_old_ones_stay() {
    let mut region = without_province();
    let entries = province(&["old", "new", "newer"]);
    append(&mut region, FIRST, &entries[..2]);
    region.run(Span::seconds(2));
    append(&mut region, FIRST, &[revoking(PROVINCE)]);
    append(&mut region, FIRST, &entries[2..]);
    append(&mut region, FIRST, &entries[3..]);
    region.run(Span::seconds(2));
    assert_eq!(held(&region, FIRST), 2, "what stood before stays");
    assert!(refused(&region, "R02") >= 2);
    assert_eq!(region.alarms_of("R02"), 1, "{:?}", region.alarms);
}

#[test]
fn an_office_stands_back_for_nobody_whose_key_was_revoked() {
    let mut region = Region::up(Setting::default());
    append(&mut region, FIRST, &[revoking(FIRST)]);
    let stolen = Incarnation {
        epoch: 50,
        nonce: 3,
    };
    let seal = Body::Seal(Seal { predecessor: None });
    append(&mut region, FIRST, &chain(FIRST, stolen, vec![seal]));
    assert_eq!(region.office(FIRST).phase(), &agents::Phase::Serving);
    assert_eq!(region.alarms_of("twin"), 0, "{:?}", region.alarms);
}

#[test]
fn an_entry_of_a_lower_epoch_is_kept_counts_nothing_and_raises_r03_once() {
    let mut region = without_province();
    let entries = province(&["old", "beyond the seal", "further"]);
    append(&mut region, FIRST, &entries[..2]);
    let predecessor = Predecessor {
        log: log(),
        seq: 2,
        head: entries[1].hash(),
    };
    let seal = Body::Seal(Seal {
        predecessor: Some(predecessor),
    });
    let life = Incarnation { epoch: 2, nonce: 9 };
    append(&mut region, FIRST, &chain(PROVINCE, life, vec![seal]));
    region.run(Span::seconds(2));
    let before = region.alarms_of("R03");
    append(&mut region, FIRST, &entries[2..]);
    append(&mut region, FIRST, &entries[2..]);
    region.run(Span::seconds(2));
    assert_eq!(region.alarms_of("R03"), before + 1, "{:?}", region.alarms);
    let state = region.office(FIRST).picture().state(party(PROVINCE));
    assert_eq!(state.unwrap().notes.len(), 1, "beyond the seal is no fact");
    let disk = region.machines[Region::index(FIRST)].disk().iter();
    let kept = disk.filter(|entry| entry.header().log == log()).count();
    assert_eq!(kept, 4, "it is kept all the same");
}

#[test]
fn an_entry_behind_a_gap_waits_raises_nothing_and_counts_when_the_gap_is_filled() {
    let mut region = without_province();
    let entries = province(&["one", "two", "three"]);
    let alarms = region.alarms.len();
    append(&mut region, FIRST, &entries[2..]);
    region.run(Span::seconds(2));
    assert_eq!(held(&region, FIRST), 0);
    append(&mut region, FIRST, &entries[..2]);
    region.run(Span::seconds(2));
    assert_eq!(held(&region, FIRST), 4);
    assert_eq!(region.alarms.len(), alarms, "{:?}", region.alarms);
}

#[test]
fn an_entry_from_a_far_future_is_taken_and_moves_no_clock_here() {
    let mut region = without_province();
    let century = Wall(4_102_444_800_000);
    let ahead = (u64::MAX, century);
    append(&mut region, FIRST, &[entry(&signer(PROVINCE), ahead)]);
    region.run(Span::seconds(2));
    assert_eq!(held(&region, FIRST), 1);
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(2));
    let own = region.own(FIRST);
    let last = own.last().unwrap().header();
    assert!(
        last.sent < century && last.hlc < century.0 << 16,
        "{last:?}"
    );
    assert!(own.is_sorted_by_key(|entry| entry.header().hlc));
}

#[test]
fn an_oversized_and_a_deeply_nested_body_are_refused_with_r07_and_the_entry_before_them_is_taken() {
    let mut region = without_province();
    let entries = province(&["true"]);
    let last = entries[1].header();
    let head = Head {
        log: last.log,
        seq: last.seq,
        hash: entries[1].hash(),
    };
    let frame = Frame::append(network().id, head, entries.clone());
    let signature = "00".repeat(64);
    let long = "x".repeat(limit::LINE_BYTES);
    let depth = limit::BODY_DEPTH + 1;
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let text = format!(
        "{}\n{{}}\t\"{long}\"\t{signature}\n{{}}\t{deep}\t{signature}",
        frame.text()
    );
    let topic = Topic::Log(party(PROVINCE)).on(network().id);
    region.hear(Region::index(FIRST), &topic, text.as_bytes());
    region.run(Span::seconds(2));
    assert_eq!((refused(&region, "R07"), held(&region, FIRST)), (2, 2));
    assert!(held(&region, SECOND) <= 2);
}
