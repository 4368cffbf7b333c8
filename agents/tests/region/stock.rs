//! Snapshots: an office takes stock of its log, and who comes late begins with what it came to.

use agents::StockTerms;

use protocol::{
    Action, Body, Direct, Frame, Head, LogKey, OperatorCommand, Outcome, Span, Speaker, StatePart,
    Topic, Wall, pack,
};

use crate::bus::Region;
use crate::cast::{
    FIRST, PROVINCE, SECOND, Setting, THIRD, WATCHER, network, operator, party, revoking, signer,
};
use crate::outlived::note;
use crate::people::{self, request};

/// Small numbers, so that a short run takes stock often.
fn often() -> Setting {
    Setting {
        stock: StockTerms {
            every: 50,
            gap: 80,
            ..StockTerms::default()
        },
        ..Setting::default()
    }
}

/// Everybody but the watcher serves, and the first office has written several hundred entries.
fn busy() -> Region {
    busy_under(often())
}

fn busy_under(setting: Setting) -> Region {
    let mut region = Region::dark(setting, 3);
    for office in [FIRST, SECOND, THIRD, PROVINCE] {
        region.boot(Region::index(office));
    }
    region.run(Span::seconds(5));
    calls(&mut region, "early", 100);
    region
}

fn calls(region: &mut Region, name: &str, count: u32) {
    for number in 0..count {
        region.call(FIRST, &format!("{name}-{number}"), 1);
        region.run(Span::millis(50));
    }
}

fn log_of(region: &Region, office: &str, author: &str) -> (LogKey, u64, u64) {
    let author = party(author);
    let known = &region.office(office).picture().authors()[&author];
    let (incarnation, log) = known.lineage.logs().iter().next_back().unwrap();
    let incarnation = *incarnation;
    let log_key = LogKey {
        author,
        incarnation,
    };
    (log_key, log.base(), log.prefix)
}

fn on_disk_from(region: &Region, office: &str, (log, from): (LogKey, u64)) -> u64 {
    let disk = region.machines[Region::index(office)].disk().iter();
    let headers = disk.map(|entry| entry.header());
    headers.filter(|it| it.log == log && it.seq >= from).count() as u64
}

#[test]
fn an_office_takes_stock_of_its_log_and_everybody_comes_to_the_same() {
    let mut region = busy();
    region.run(Span::seconds(5));
    assert!(region.all_are_equal());
    let snapshots = region.machines[Region::index(SECOND)].disk().iter();
    let of_first = snapshots.filter(|entry| {
        entry.header().log.author == party(FIRST) && matches!(entry.body(), Some(Body::Snapshot(_)))
    });
    assert!(of_first.count() >= 4);
    for office in [FIRST, SECOND, THIRD] {
        let known = &region.office(office).picture().authors()[&party(FIRST)];
        assert_eq!(known.state.void_count, 0, "{office}");
        assert!(known.stock().is_some(), "{office}");
    }
}

#[test]
fn a_late_joiner_begins_with_a_snapshot_and_comes_to_the_same() {
    let mut region = busy();
    region.boot(Region::index(WATCHER));
    region.run(Span::seconds(70));
    let (log, base, prefix) = log_of(&region, WATCHER, FIRST);
    assert!(base > 150, "it begins at {base}");
    assert_eq!(prefix, log_of(&region, FIRST, FIRST).2);
    assert_eq!(
        on_disk_from(&region, WATCHER, (log, base)),
        prefix - base + 1
    );
    assert!(on_disk_from(&region, WATCHER, (log, 1)) < prefix / 2);
    assert!(region.all_are_equal());
    // What follows is read like any other entry.
    calls(&mut region, "later", 30);
    region.run(Span::seconds(5));
    assert!(region.all_are_equal());
}

#[test]
fn who_began_with_a_snapshot_begins_with_it_again_after_a_reboot() {
    let mut region = busy();
    let watcher = Region::index(WATCHER);
    region.boot(watcher);
    region.run(Span::seconds(70));
    let (_, base, _) = log_of(&region, WATCHER, FIRST);
    region.crash(watcher);
    calls(&mut region, "meanwhile", 10);
    let wants = region.said_of(WATCHER, |body| matches!(body, Direct::Want(_)));
    region.boot(watcher);
    region.run(Span::seconds(70));
    assert_eq!(log_of(&region, WATCHER, FIRST).1, base, "the same snapshot");
    assert!(region.all_are_equal());
    let asked = region.said_of(WATCHER, |body| matches!(body, Direct::Want(_))) - wants;
    assert!(
        asked < 10,
        "only what was missed is asked for, in {asked} wants"
    );
}

#[test]
fn who_boots_from_snapshots_still_holds_what_came_before_its_key_was_revoked() {
    let mut region = busy();
    let watcher = Region::index(WATCHER);
    region.boot(watcher);
    region.run(Span::seconds(70));
    let last = revoking(FIRST);
    let head = Head {
        log: last.header().log,
        seq: last.header().seq,
        hash: last.hash(),
    };
    let frame = Frame::append(network().id, head, vec![last]);
    region.send(watcher, frame.topic(), frame.text());
    region.run(Span::seconds(10));
    let before = log_of(&region, WATCHER, FIRST);
    assert!(before.1 > 0, "it began with a snapshot");
    region.crash(watcher);
    region.boot(watcher);
    assert_eq!(log_of(&region, WATCHER, FIRST), before);
    let known = region.office(WATCHER).picture();
    assert!(known.state(party(FIRST)).unwrap().folded > 100);
}

#[test]
fn a_lost_disk_is_made_good_by_a_snapshot_of_its_own_log() {
    let mut region = busy();
    // Long enough for everybody to have said what it holds.
    region.run(Span::seconds(70));
    let first = Region::index(FIRST);
    let before = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    let numbers = before.numbers.clone();
    region.crash(first);
    region.lose_disk(first);
    region.run(Span::seconds(10));
    region.boot(first);
    region.run(Span::seconds(90));
    let own = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    for (epoch, number) in numbers {
        assert!(own.numbers[&epoch] >= number, "no number is given twice");
    }
    region.call(FIRST, "after", 1);
    region.run(Span::minutes(10));
    assert!(region.all_are_equal());
    region.is_sound();
}

#[test]
fn a_state_that_is_not_the_one_signed_is_dropped_and_others_are_asked() {
    let mut region = busy();
    region.run(Span::seconds(70));
    let known = &region.office(SECOND).picture().authors()[&party(FIRST)];
    let at = known.stock().unwrap().clone();
    let header = at.entry.header();
    // The author does not answer, so that the next holder is asked second.
    region.crash(Region::index(FIRST));
    let watcher = Region::index(WATCHER);
    region.boot(watcher);
    let asks = |body: &Direct| matches!(body, Direct::Want(want) if want.state.is_some() && want.log.author == party(FIRST));
    while region.said_of(WATCHER, asks) < 2 {
        region.run(Span::millis(5));
    }
    // Who was asked then answers with half of the state, as if it were all.
    let part = StatePart {
        log: header.log,
        seq: header.seq,
        part: 0,
        parts: 1,
        text: pack(&at.text().chars().take(60_000).collect::<String>()),
    };
    let net = network();
    let mut liar = Speaker::new(net.id, net.mode, signer(PROVINCE), 77);
    let frame = Frame::state(
        &mut liar,
        net.id,
        party(WATCHER),
        (part, &at.entry),
        Wall::default(),
    );
    region.send(watcher, frame.topic(), frame.text());
    region.run(Span::minutes(5));
    let alarmed = region.alarms.iter().any(|(to, alarm)| {
        *to == party(WATCHER) && alarm.code == "R04" && alarm.text.contains("not the one")
    });
    assert!(alarmed);
    assert!(
        log_of(&region, WATCHER, FIRST).1 > 0,
        "a true one was taken"
    );
    region.boot(Region::index(FIRST));
    region.run(Span::minutes(5));
    assert!(region.all_are_equal());
}

#[test]
fn a_call_that_comes_again_two_snapshots_later_is_told_to_be_recorded_and_not_refused() {
    let few = StockTerms {
        requests: 8,
        ..often().stock
    };
    let mut region = busy_under(Setting {
        stock: few,
        ..often()
    });
    let first = Region::index(FIRST);
    let call = Action::Report(Box::new(people::call(FIRST, "r-1", 1, region.now)));
    region.done(FIRST, "r-1", call.clone());
    calls(&mut region, "late", 100);
    region.crash(first);
    region.boot(first);
    region.run(Span::seconds(10));
    let opened = region.count(FIRST, "incident");
    let again = region.act(FIRST, "r-1", call);
    assert!(matches!(again, Outcome::Already { .. }), "{again:?}");
    assert_eq!(region.count(FIRST, "incident"), opened);
}

#[test]
fn a_command_that_was_done_is_not_done_again_two_snapshots_and_a_boot_later() {
    let mut region = Region::up(Setting {
        stock: StockTerms {
            every: 32,
            ..StockTerms::default()
        },
        ..Setting::default()
    });
    let first = Region::index(FIRST);
    let command = OperatorCommand {
        request: request("n-1"),
        by: "duty officer".into(),
        action: note("the dam holds"),
        asked_at: None,
    };
    let topic = Topic::Command(party(FIRST));
    // Somebody on the bus has heard the frame, and says the same bytes again.
    let frame = region.speak(&operator(FIRST), topic, Direct::Command(command));
    region.send(first, topic, frame.text());
    region.run(Span::seconds(1));
    assert_eq!(region.count(FIRST, "duty-note"), 1);
    for number in 0..100 {
        region.done(FIRST, &format!("m-{number}"), note("and so on"));
    }
    region.crash(first);
    region.boot(first);
    region.run(Span::seconds(10));
    let before = region.count(FIRST, "duty-note");
    region.send(first, topic, frame.text());
    region.run(Span::seconds(5));
    assert_eq!(
        region.count(FIRST, "duty-note"),
        before,
        "it is done a second time"
    );
}

#[test]
fn what_a_command_asked_that_a_snapshot_stands_for_is_told_to_be_used_and_not_to_be_done() {
    let mut region = busy();
    let first = Region::index(FIRST);
    region.done(FIRST, "n-1", note("the dam holds"));
    calls(&mut region, "late", 60);
    region.run(Span::seconds(70));
    region.crash(first);
    region.lose_disk(first);
    region.run(Span::seconds(10));
    region.boot(first);
    region.run(Span::seconds(90));
    for text in ["the dam holds", "it does not"] {
        let told = region.already(FIRST, "n-1", note(text));
        assert!(told.contains("was used before, for entry"), "{told}");
    }
}
