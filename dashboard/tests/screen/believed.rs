//! What anybody can say again or make up moves no age and makes nobody hold anything.

use std::sync::Arc;

use crossterm::event::KeyCode;
use dashboard::{Lang, View};
use protocol::{
    AreaCode, Body, Decoder, Digest, Direct, DutyNote, Envelope, Frame, Hash, Head, Incarnation,
    Mode, Moment, PartyId, Prefix, Presence, Role, Roster, Signer, Span, Speaker, Suite, Topic,
    Wall,
};

use super::dump::text;
use super::keyboard::press;
use super::stage::{NOON, Stage9, busy, city, log, party, screen, setting};

/// Somebody who signs, booted with this nonce.
fn speaker(stage: &Stage9, who: PartyId, boot: u64) -> Speaker {
    let signer = Signer::new(who, Suite::Virtual, [2; 32]);
    Speaker::new(stage.network.id, Mode::Exercise, signer, boot)
}

/// A digest that says to hold the second city's log up to an entry.
fn digest(by: &mut Speaker, stage: &Stage9, seq: u64) -> Frame {
    let mut entries = stage
        .envelopes
        .iter()
        .map(|entry| (entry.header(), entry.hash()));
    let last = entries.find(|(it, _)| (it.log, it.seq) == (log(city(2)), seq));
    let held = Prefix {
        log: log(city(2)),
        seq,
        head: last.map(|(_, hash)| hash).unwrap_or_default().mark(),
    };
    let digest = Digest {
        plan: None,
        boots: Vec::new(),
        incarnation: Incarnation { epoch: 1, nonce: 7 },
        logs: (seq > 0).then_some(held).into_iter().collect(),
        drill: NOON,
    };
    let topic = Topic::Digest(by.party());
    let times = (Wall(0), Span::minutes(5));
    Frame::direct(by, stage.network.id, topic, Direct::Digest(digest), times)
}

/// The first city says that it is there, in answer to a boot or of itself, or leaves its will.
fn presence(by: &mut Speaker, stage: &Stage9, (online, answers): (bool, Option<u64>)) -> Frame {
    let presence = Presence {
        incarnation: Incarnation { epoch: 1, nonce: 7 },
        online,
        answers,
    };
    let topic = Topic::Presence(by.party());
    let times = (Wall(0), Span::minutes(5));
    let body = Direct::Presence(presence);
    Frame::direct(by, stage.network.id, topic, body, times)
}

/// An append on a city's topic under a head that nobody signed, as a stranger may publish it.
fn append(stage: &Stage9, head: Head, entries: Vec<Arc<Envelope>>) -> Frame {
    let made = Frame::append(stage.network.id, head, entries);
    let topic = Topic::Log(head.log.author).on(stage.network.id);
    let mut decoder = Decoder::new(stage.network.clone());
    let roster = Roster::new(&stage.network);
    let frame = decoder.frame(&topic, made.text().as_bytes(), &roster);
    let frame = frame.expect("it is read as it was made");
    Frame::clone(frame.get())
}

/// The screen of a stage that nobody has spoken on for half an hour.
fn silent(stage: &Stage9) -> View {
    let mut view = screen(stage, setting(Lang::En));
    view.tick(Moment(1_000_000) + Span::minutes(30));
    assert_fresh(&view, 0);
    view
}

fn assert_fresh(view: &View, offices: usize) {
    let shown = text(view, 200, 60);
    let first = shown.lines().next().unwrap_or_default();
    assert!(first.contains(&format!("nodes {offices}/10")), "{first}");
}

#[test]
fn a_head_that_nobody_signed_makes_no_city_fresh() {
    let stage = busy();
    let mut view = silent(&stage);
    let head = Head {
        log: log(city(3)),
        seq: 999,
        hash: Hash::default(),
    };
    view.hear_frame(&append(&stage, head, Vec::new()));
    assert_fresh(&view, 0);
}

#[test]
fn an_old_entry_said_again_makes_no_city_fresh_and_a_new_one_does() {
    let mut stage = busy();
    let mut view = silent(&stage);
    let mut said = stage.envelopes.iter().rev();
    let old = said.find(|entry| entry.header().log.author == city(3));
    let old = Arc::clone(old.unwrap());
    let head = |entry: &Envelope| Head {
        log: entry.header().log,
        seq: entry.header().seq,
        hash: entry.hash(),
    };
    view.apply(&old);
    assert_fresh(&view, 0);
    let note = |text: &str| {
        Body::DutyNote(DutyNote {
            incident: None,
            by: "值班员".into(),
            text: text.into(),
            at: NOON,
        })
    };
    stage.write(city(3), note("missing here"));
    let waits = stage.write(city(3), note("waits for the one before"));
    let frame = Frame::append(stage.network.id, head(&waits), vec![Arc::clone(&waits)]);
    view.hear_frame(&frame);
    assert_fresh(&view, 1);
    view.tick(Moment(1_000_000) + Span::hours(2));
    view.hear_frame(&frame);
    assert_fresh(&view, 0);
}

#[test]
fn an_old_answer_or_digest_said_again_makes_no_city_fresh() {
    let stage = busy();
    let mut view = silent(&stage);
    let mut by = speaker(&stage, city(1), 1);
    let answer = presence(&mut by, &stage, (true, Some(5)));
    let digest = digest(&mut by, &stage, 1);
    for (frame, hours) in [(answer, 2), (digest, 4)] {
        view.hear_frame(&frame);
        assert_fresh(&view, 1);
        view.tick(Moment(1_000_000) + Span::hours(hours));
        view.hear_frame(&frame);
        assert_fresh(&view, 0);
    }
}

#[test]
fn an_old_presence_said_again_brings_no_lost_office_back() {
    let stage = busy();
    let mut view = silent(&stage);
    let mut by = speaker(&stage, city(1), 1);
    // A will is signed before anything is said.
    let will = presence(&mut by, &stage, (false, None));
    let there = presence(&mut by, &stage, (true, None));
    let answer = presence(&mut by, &stage, (true, Some(5)));
    view.hear_frame(&there);
    view.hear_frame(&answer);
    assert_fresh(&view, 1);
    view.hear_frame(&will);
    assert_fresh(&view, 0);
    for old in [&there, &answer] {
        view.hear_frame(old);
        assert_fresh(&view, 0);
    }
    view.hear_frame(&presence(&mut by, &stage, (true, None)));
    assert_fresh(&view, 1);
    // The broker says the same will when it loses the office again.
    view.hear_frame(&will);
    assert_fresh(&view, 0);
}

#[test]
fn an_old_will_said_again_takes_no_office_away_that_has_started_since() {
    let stage = busy();
    let mut view = silent(&stage);
    let (mut before, mut after) = (speaker(&stage, city(1), 1), speaker(&stage, city(1), 2));
    let will = presence(&mut before, &stage, (false, None));
    view.hear_frame(&presence(&mut before, &stage, (true, Some(5))));
    view.hear_frame(&will);
    assert_fresh(&view, 0);
    view.hear_frame(&presence(&mut after, &stage, (true, Some(5))));
    view.hear_frame(&will);
    assert_fresh(&view, 1);
}

#[test]
fn an_old_digest_said_again_makes_a_lost_disk_hold_nothing() {
    let stage = busy();
    let mut view = screen(&stage, setting(Lang::En));
    let (mut before, mut after) = (speaker(&stage, city(1), 1), speaker(&stage, city(1), 2));
    let old = digest(&mut before, &stage, 9);
    view.hear_frame(&old);
    press(&mut view, KeyCode::Enter);
    assert!(text(&view, 200, 60).contains("held by 1/9: WH"));
    // Its machine came back with an empty disk.
    view.hear_frame(&digest(&mut after, &stage, 0));
    assert!(text(&view, 200, 60).contains("held by 0/9"));
    view.hear_frame(&old);
    assert!(text(&view, 200, 60).contains("held by 0/9"));
}

#[test]
fn what_who_keeps_no_logs_says_to_hold_is_held_by_nobody_and_missing_nowhere() {
    let mut stage = busy();
    let van = party("990200-van");
    stage.join(van, Role::Terminal, AreaCode(990_200));
    let mut view = screen(&stage, setting(Lang::En));
    let before = text(&view, 200, 60);
    view.hear_frame(&digest(&mut speaker(&stage, van, 1), &stage, 5_000_000_000));
    assert_eq!(text(&view, 200, 60), before);
}
