//! What an outside review found: each fails as the code stands.

use agents::Phase;
use protocol::{Body, Direct, DutyNote, Outcome, Span, Topic};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, network, party};
use crate::outlived::{counts, note, says};

#[test]
fn who_holds_what_a_copy_wrote_further_on_holds_none_of_what_this_machine_wrote() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let last = region
        .own(FIRST)
        .last()
        .map(|it| (it.header().log, it.header().seq))
        .unwrap();
    let copied = crate::twins::of_a_copy(&region, 3);
    let head = protocol::Head {
        log: last.0,
        seq: last.1 + 3,
        hash: copied[2].hash(),
    };
    let frame = protocol::Frame::append(network().id, head, copied);
    let topic = Topic::Log(party(FIRST)).on(network().id);
    // The second office hears the copy first, and this machine does not.
    region.hear(Region::index(SECOND), &topic, frame.text().as_bytes());
    region.mute(Region::index(SECOND));
    region.run(Span::seconds(2));
    let done = says(&mut region, first, "n-1", note("the dam holds"));
    assert!(matches!(done, Some(Outcome::Done { .. })), "{done:?}");
    region.run(Span::seconds(1));
    // It says what it holds, and so does nobody else that heard the copy.
    region.heal();
    region.run(Span::seconds(70));
    let holders = region.office(FIRST).held_by(last.0, last.1 + 1);
    let second = region.machines[Region::index(SECOND)].disk().iter();
    let theirs = second
        .filter(|it| (it.header().log, it.header().seq) == (last.0, last.1 + 1))
        .filter_map(|it| match it.body() {
            Some(Body::DutyNote(DutyNote { text, .. })) => Some(text.clone()),
            _ => None,
        });
    let theirs: Vec<String> = theirs.collect();
    assert!(
        !holders.contains(&party(SECOND)),
        "held by {holders:?}; what {SECOND} has under that number first: {theirs:?}; phase {:?}",
        region.office(FIRST).phase()
    );
}

#[test]
fn what_one_peer_holds_comes_back_though_another_that_lags_is_heard_first() {
    let mut region = Region::up(Setting::default());
    let (first, second) = (Region::index(FIRST), Region::index(SECOND));
    // The first two are cut off from the rest, together.
    region.cut(&[first, second], &[2, 3, 4]);
    let done = says(&mut region, first, "n-1", note("the dam holds"));
    assert!(matches!(done, Some(Outcome::Done { .. })), "{done:?}");
    region.run(Span::seconds(90));
    let done = says(&mut region, first, "n-1", note("the dam holds"));
    let Some(Outcome::Done {
        log, seq, held_by, ..
    }) = done
    else {
        panic!("{done:?}");
    };
    assert_eq!(held_by, [party(SECOND)]);
    // The machine burns, and with it a broker that kept what was said. All lines are whole from now on,
    // and everybody else is up all the time. The second office has just said what it holds.
    let said = region.said_of(SECOND, |body| matches!(body, Direct::Digest(_)));
    region.run_until("a digest of the second", |region| {
        region.said_of(SECOND, |body| matches!(body, Direct::Digest(_))) > said
    });
    region.run(Span::seconds(1));
    region.crash(first);
    region.lose_disk(first);
    region.forget_retained();
    region.heal();
    region.boot(first);
    region.run(Span::minutes(20));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    assert!(
        counts(&region, (log, seq)),
        "entry {seq} of {log} was acknowledged as held by {held_by:?}, and counts nothing any more"
    );
}

/// The first office is restored from an image that lacks the last note, which all peers hold, and its
/// broker has lost what it kept. All lines are whole and everybody is up.
#[test]
fn an_image_does_not_make_void_what_all_peers_hold_because_nobody_spoke_for_two_seconds() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let image = region.machines[first].disk().len();
    let done = says(&mut region, first, "n-1", note("the dam holds"));
    assert!(matches!(done, Some(Outcome::Done { .. })), "{done:?}");
    region.run(Span::seconds(90));
    let done = says(&mut region, first, "n-1", note("the dam holds"));
    let Some(Outcome::Done {
        log, seq, held_by, ..
    }) = done
    else {
        panic!("{done:?}");
    };
    assert_eq!(held_by.len(), 3, "{held_by:?}");
    region.run(Span::seconds(10));
    region.crash(first);
    region.machines[first].restore(image);
    region.forget_retained();
    region.boot(first);
    region.run(Span::minutes(20));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    assert!(
        counts(&region, (log, seq)),
        "entry {seq} of {log} was acknowledged as held by {held_by:?}, and counts nothing any more"
    );
}
