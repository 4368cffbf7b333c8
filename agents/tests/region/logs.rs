//! Every log whole: gaps asked for and filled, by the author or by whoever holds it.

use std::sync::Arc;

use agents::{Input, LinkChange};
use protocol::{
    Body, Direct, DutyNote, Envelope, Frame, Head, Incarnation, LogKey, Moment, Predecessor, Said,
    Seal, Span, Topic,
};

use crate::bus::Region;
use crate::cast::{FIRST, PROVINCE, SECOND, Setting, THIRD, WATCHER, chain, network, party};

/// How far an office holds a log.
pub(crate) fn held(region: &Region, office: &str, author: &str) -> u64 {
    let version = region.office(office).picture().version();
    let logs = version
        .iter()
        .filter(|(log, _)| log.author == party(author));
    logs.map(|(_, (seq, _))| *seq).max().unwrap_or(0)
}

fn wants(region: &Region, office: &str) -> usize {
    region.said_of(office, |body| matches!(body, Direct::Want(_)))
}

#[test]
fn a_gap_is_asked_for_and_filled() {
    let mut region = Region::up(Setting::default());
    region.weather.loss = 100;
    let call = crate::people::call(FIRST, "call-1", 1, region.now);
    region.weather.loss = 0;
    let report = protocol::FieldReport::Call(Box::new(call));
    region.report(crate::cast::GROUND, FIRST, report);
    region.run(Span::millis(21));
    region.weather.loss = 100;
    region.run(Span::millis(100));
    region.weather.loss = 0;
    assert!(held(&region, SECOND, FIRST) < held(&region, FIRST, FIRST));
    let before = wants(&region, SECOND);
    // The next entry shows the gap.
    region.call(FIRST, "call-2", 1);
    region.run(Span::seconds(3));
    assert_eq!(held(&region, SECOND, FIRST), held(&region, FIRST, FIRST));
    assert_eq!(wants(&region, SECOND), before + 1, "asked once");
    assert!(region.all_are_equal());
}

#[test]
fn the_holes_of_a_bad_line_are_filled_together() {
    let mut region = Region::up(Setting::default());
    for number in 0..60 {
        region.weather.loss = 0;
        region.call(FIRST, &format!("call-{number}"), 1);
        region.weather.loss = 70;
        region.run(Span::millis(30));
    }
    region.weather.loss = 0;
    region.call(FIRST, "call-last", 1);
    let holes = || {
        let known = &region.office(SECOND).picture().authors()[&party(FIRST)];
        let logs = known.lineage.logs().values();
        logs.flat_map(picture::LogStatus::gaps).count()
    };
    assert!(holes() > 10, "{} holes", holes());
    region.run(Span::seconds(4));
    assert_eq!(held(&region, SECOND, FIRST), held(&region, FIRST, FIRST));
}

#[test]
fn what_was_asked_for_in_vain_while_a_line_was_cut_is_asked_for_soon_after() {
    let mut region = Region::up(Setting::default());
    let (first, others) = (Region::indexes(&[FIRST]), Region::others(&[FIRST]));
    region.cut(&first, &others);
    region.call(FIRST, "call-1", 1);
    region.run(Span::millis(200));
    region.heal();
    region.call(FIRST, "call-2", 1);
    region.run(Span::millis(200));
    // The gap is known; nobody but the author could fill it, and it is away for ten minutes.
    region.cut(&first, &others);
    region.run(Span::minutes(10));
    region.heal();
    region.call(FIRST, "call-3", 1);
    region.run(Span::seconds(2));
    assert_eq!(held(&region, SECOND, FIRST), held(&region, FIRST, FIRST));
}

#[test]
fn a_loss_that_nothing_follows_shows_in_the_next_digest() {
    let mut region = Region::up(Setting::default());
    region.cut(&Region::indexes(&[FIRST]), &Region::others(&[FIRST]));
    region.call(FIRST, "call-1", 1);
    region.run(Span::millis(200));
    region.heal();
    assert!(!region.all_are_equal());
    region.run(Span::seconds(70));
    assert!(region.all_are_equal());
}

#[test]
fn who_was_away_is_told_what_it_lacks_as_soon_as_it_says_what_it_has() {
    let mut region = Region::up(Setting::default());
    region.run(Span::minutes(3));
    let said = |region: &Region| region.said_of(FIRST, |body| matches!(body, Direct::Digest(_)));
    let before = said(&region);
    region.run_until("a digest of the first", |region| said(region) > before);
    // It will not say again for a minute what it holds.
    let third = Region::index(THIRD);
    region.cut(&[third], &Region::others(&[THIRD]));
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(4));
    region.heal();
    region.tell(third, Input::Link("bus-0".parse().unwrap(), LinkChange::Up));
    region.run(Span::seconds(4));
    assert!(held(&region, THIRD, FIRST) < held(&region, FIRST, FIRST));
    region.run(Span::seconds(3));
    assert_eq!(held(&region, THIRD, FIRST), held(&region, FIRST, FIRST));
    assert_eq!(said(&region), before + 1);
}

/// A region in which the third office lacks what the first has written since it was cut off, and now the
/// first is cut off.
pub(crate) fn author_cut_off() -> Region {
    let mut region = Region::up(Setting::default());
    let third = Region::indexes(&[THIRD]);
    region.cut(&third, &Region::others(&[THIRD]));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    region.heal();
    region.cut(&Region::indexes(&[FIRST]), &Region::others(&[FIRST]));
    region
}

#[test]
fn a_log_is_had_from_a_third_holder_when_its_author_is_cut_off() {
    let mut region = author_cut_off();
    region.run(Span::minutes(3));
    assert!(held(&region, THIRD, FIRST) > 5, "the others had it");
    assert_eq!(held(&region, THIRD, FIRST), held(&region, SECOND, FIRST));
}

#[test]
fn a_late_joiner_gets_a_long_log_in_ranges() {
    let mut region = Region::dark(Setting::default(), 3);
    for office in [FIRST, SECOND, THIRD, PROVINCE] {
        region.boot(Region::index(office));
    }
    region.run(Span::seconds(5));
    for number in 0..200 {
        region.call(FIRST, &format!("call-{number}"), 1);
        region.run(Span::millis(50));
    }
    region.boot(Region::index(WATCHER));
    region.run(Span::seconds(70));
    assert_eq!(held(&region, WATCHER, FIRST), held(&region, FIRST, FIRST));
    assert!(held(&region, WATCHER, FIRST) > 600);
    assert!(region.all_are_equal());
}

#[test]
fn nobody_asks_forever_without_a_pause_for_what_nobody_has() {
    let mut region = Region::up(Setting::default());
    let before = wants(&region, FIRST);
    let log = LogKey {
        author: party(SECOND),
        incarnation: Incarnation {
            epoch: 1,
            nonce: 77,
        },
    };
    let digest = protocol::Digest {
        plan: None,
        boots: Vec::new(),
        incarnation: Incarnation { epoch: 1, nonce: 1 },
        logs: vec![protocol::Prefix {
            log,
            seq: 1_000,
            head: protocol::Hash::of(b"no").mark(),
        }],
        drill: region.now,
    };
    let frame = region.speak(
        WATCHER,
        Topic::Digest(party(WATCHER)),
        Direct::Digest(digest),
    );
    let topic = Topic::Digest(party(WATCHER)).on(network().id);
    region.hear(Region::index(FIRST), &topic, frame.text().as_bytes());
    region.run(Span::minutes(10));
    let asked = wants(&region, FIRST) - before;
    assert!((2..=20).contains(&asked), "{asked} wants in ten minutes");
}

fn note(number: u32) -> Body {
    Body::DutyNote(DutyNote {
        incident: None,
        by: "desk".into(),
        text: format!("note {number}"),
        at: Moment(1),
    })
}

pub(crate) fn append(region: &mut Region, to: &str, entries: &[Arc<Envelope>]) {
    let last = entries.last().unwrap();
    let head = Head {
        log: last.header().log,
        seq: last.header().seq,
        hash: last.hash(),
    };
    let frame = Frame::append(network().id, head, entries.to_vec());
    let topic = frame.topic().on(network().id);
    region.hear(Region::index(to), &topic, frame.text().as_bytes());
}

#[test]
fn a_life_that_seals_below_what_was_read_is_folded_again_with_what_no_disk_holds_yet() {
    let mut region = Region::dark(Setting::default(), 7);
    for office in [FIRST, SECOND] {
        region.boot(Region::index(office));
    }
    region.run(Span::seconds(5));
    let one = Incarnation { epoch: 1, nonce: 5 };
    let two = Incarnation { epoch: 2, nonce: 5 };
    let author = PROVINCE;
    let seal = |predecessor| Body::Seal(Seal { predecessor });
    let first = chain(author, one, vec![seal(None), note(1), note(2), note(3)]);
    let before = Predecessor {
        log: first[0].header().log,
        seq: 2,
        head: first[1].hash(),
    };
    let second = chain(author, two, vec![seal(Some(before)), note(4)]);
    // All at once: nothing of it is on the disk when the fold begins again.
    append(&mut region, FIRST, &first);
    append(&mut region, FIRST, &second);
    region.run(Span::seconds(1));
    append(&mut region, SECOND, &second);
    append(&mut region, SECOND, &first);
    region.run(Span::seconds(5));
    let notes = |office| {
        let state = region
            .office(office)
            .picture()
            .state(party(PROVINCE))
            .unwrap();
        let texts = state.notes.iter().map(|note| note.text.clone());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(notes(FIRST), ["note 1", "note 4"]);
    assert_eq!(notes(SECOND), notes(FIRST));
    let hashes = [FIRST, SECOND].map(|office| region.office(office).picture().hash());
    assert_eq!(hashes[0], hashes[1]);
    assert_eq!(
        region.alarms_of("R03"),
        2,
        "each says so once: {:?}",
        region.alarms
    );
    // And so it is after a reboot, which reads the same from the disk.
    region.crash(Region::index(FIRST));
    region.boot(Region::index(FIRST));
    let state = region
        .office(FIRST)
        .picture()
        .state(party(PROVINCE))
        .unwrap();
    assert_eq!(state.notes.len(), 2);
}

#[test]
fn an_entry_that_follows_nothing_on_the_disk_is_told_and_not_put_there() {
    let mut region = Region::up(Setting::default());
    region.crash(Region::index(PROVINCE));
    let life = Incarnation { epoch: 1, nonce: 5 };
    let seal = || Body::Seal(Seal { predecessor: None });
    let honest = chain(PROVINCE, life, vec![seal(), note(1), note(2)]);
    let forked = chain(PROVINCE, life, vec![seal(), note(9), note(8)]);
    append(&mut region, FIRST, &honest[..2]);
    append(&mut region, FIRST, &forked[2..]);
    append(&mut region, FIRST, &honest[2..]);
    region.run(Span::seconds(2));
    assert!(region.alarms_of("R04") > 0, "{:?}", region.alarms);
    let log = honest[0].header().log;
    let disk = region.machines[Region::index(FIRST)].disk().iter();
    let kept: Vec<_> = disk.filter(|it| it.header().log == log).collect();
    assert!(
        kept.iter()
            .map(|it| it.hash())
            .eq(honest.iter().map(|it| it.hash()))
    );
}

#[test]
fn two_entries_of_one_number_are_kept_once_shown_and_do_not_spoil_the_log() {
    let mut region = Region::up(Setting::default());
    region.crash(Region::index(PROVINCE));
    let life = Incarnation { epoch: 1, nonce: 5 };
    let seal = || Body::Seal(Seal { predecessor: None });
    let honest = chain(PROVINCE, life, vec![seal(), note(1), note(2)]);
    let forked = chain(PROVINCE, life, vec![seal(), note(9), note(8)]);
    append(&mut region, FIRST, &honest[..2]);
    for _ in 0..20 {
        append(&mut region, FIRST, &forked);
    }
    append(&mut region, FIRST, &honest);
    region.run(Span::seconds(2));
    assert!(
        (1..=2).contains(&region.alarms_of("R04")),
        "{:?}",
        region.alarms
    );
    let office = region.office(FIRST);
    let log = honest[0].header().log;
    assert_eq!(office.keeping().durable()[&log], (3, honest[2].hash()));
    let disk = region.machines[Region::index(FIRST)].disk().iter();
    let kept = disk.filter(|entry| entry.header().log == log).count();
    assert!((4..=5).contains(&kept), "{kept} entries");
    region.crash(Region::index(FIRST));
    region.boot(Region::index(FIRST));
    region.run(Span::seconds(5));
    let office = region.office(FIRST);
    assert_eq!(office.keeping().durable()[&log], (3, honest[2].hash()));
    assert_eq!(office.picture().version()[&log], (3, honest[2].hash()));
    // The evidence has outlived the boot, and is not kept a second time.
    assert!(office.picture().log(log).unwrap().equivocates);
    for _ in 0..20 {
        append(&mut region, FIRST, &forked);
    }
    region.run(Span::seconds(2));
    let disk = region.machines[Region::index(FIRST)].disk().iter();
    let again = disk.filter(|entry| entry.header().log == log);
    let mut hashes: Vec<_> = again.map(|entry| entry.hash()).collect();
    let all = hashes.len();
    hashes.sort_unstable();
    hashes.dedup();
    assert!(all == hashes.len() && all <= 5, "{all} entries");
}

#[test]
fn nothing_is_advertised_before_it_is_durable() {
    let mut region = Region::up(Setting::default());
    for number in 0..30 {
        region.call(FIRST, &format!("call-{number}"), 1);
        region.run(Span::seconds(3));
    }
    // The bus has looked at appends, orders and answers; digests are looked at here.
    let mut digests = 0;
    for (at, from, frame) in &region.said {
        let Said::Direct {
            body: Direct::Digest(digest),
            ..
        } = frame.said()
        else {
            continue;
        };
        digests += 1;
        let index = region
            .machines
            .iter()
            .position(|it| it.party == *from)
            .unwrap();
        for protocol::Prefix { log, seq, .. } in &digest.logs {
            assert!(
                region.machines[index].holds(*log, *seq),
                "{log} #{seq} at {at:?}"
            );
        }
    }
    assert!(digests > 5);
}
