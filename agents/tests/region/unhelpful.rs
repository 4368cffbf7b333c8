//! Holders that answer without helping: with what is here already, with another branch, unasked.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    Body, Digest, Direct, DutyNote, Envelope, Frame, Incarnation, LogKey, Mode, Moment, Prefix,
    Seal, Span, Speaker, Topic, Wall,
};

use crate::bus::Region;
use crate::cast::{
    FIRST, PROVINCE, SECOND, Setting, THIRD, WATCHER, chain, network, party, signer,
};
use crate::logs::{append, author_cut_off};

/// The same region as where a third holder helps, and the log that the third office lacks the end of.
fn lacking() -> (Region, LogKey) {
    let region = author_cut_off();
    let log = region.own(FIRST)[0].header().log;
    assert!(prefix(&region, THIRD, log) < prefix(&region, SECOND, log));
    (region, log)
}

fn prefix(region: &Region, office: &str, log: LogKey) -> u64 {
    let known = region.office(office).picture().log(log);
    known.map_or(0, |log| log.prefix)
}

fn first_of(region: &Region, log: LogKey) -> Arc<Envelope> {
    let disk = region.machines[Region::index(THIRD)].disk().iter();
    let mut of = disk.filter(|it| it.header().log == log);
    Arc::clone(of.find(|it| it.header().seq == 1).unwrap())
}

/// Wants of the third office since so many frames, by whom they ask.
fn wants(region: &Region, since: usize) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for (_, from, frame) in &region.said[since..] {
        if *from == party(THIRD) && matches!(frame.topic(), Topic::Want(_)) {
            *asked.entry(frame.topic().to_string()).or_default() += 1;
        }
    }
    asked
}

fn fill(region: &mut Region, by: &mut Speaker, envelope: &Arc<Envelope>) {
    let at = Wall::at(region.now);
    let batch = vec![Arc::clone(envelope)];
    let frame = Frame::fill(by, network().id, party(THIRD), batch, at).unwrap();
    let topic = Topic::Fill(party(THIRD)).on(network().id);
    region.hear(Region::index(THIRD), &topic, frame.text().as_bytes());
}

#[test]
fn a_holder_that_answers_with_what_is_here_already_is_not_asked_for_ever() {
    let (mut region, log) = lacking();
    region.crash(Region::index(PROVINCE));
    let (seq, known) = (prefix(&region, SECOND, log), first_of(&region, log));
    let head = region.office(SECOND).picture().log(log).unwrap();
    let head = head.hash_at(seq).unwrap().mark();
    // It stands before the second office in the order in which holders are asked.
    let mut liar = Speaker::new(network().id, Mode::Exercise, signer(PROVINCE), 99);
    let mut seen = region.said.len();
    for round in 0..600 {
        if round % 300 == 0 {
            let digest = Digest {
                incarnation: Incarnation {
                    epoch: 1,
                    nonce: 99,
                },
                logs: vec![Prefix { log, seq, head }],
                drill: region.now,
                plan: None,
                boots: Vec::new(),
            };
            let topic = Topic::Digest(party(PROVINCE));
            let times = (Wall::at(region.now), Span::minutes(5));
            let digest = Direct::Digest(digest);
            let frame = Frame::direct(&mut liar, network().id, topic, digest, times);
            let topic = topic.on(network().id);
            region.hear(Region::index(THIRD), &topic, frame.text().as_bytes());
        }
        region.run(Span::millis(200));
        let asked = wants(&region, seen);
        seen = region.said.len();
        let of_the_liar = asked.get(&Topic::Want(party(PROVINCE)).to_string());
        for _ in 0..of_the_liar.copied().unwrap_or(0) {
            fill(&mut region, &mut liar, &known);
        }
    }
    assert_eq!(prefix(&region, THIRD, log), seq);
}

#[test]
fn an_honest_holder_of_another_branch_keeps_nobody_from_asking_on() {
    let mut region = Region::up(Setting::default());
    region.crash(Region::index(FIRST));
    region.crash(Region::index(WATCHER));
    let all = Region::indexes(&[PROVINCE, SECOND, THIRD, WATCHER]);
    region.cut(&all, &all);
    let life = Incarnation { epoch: 9, nonce: 9 };
    let note = |text: String| {
        Body::DutyNote(DutyNote {
            incident: None,
            by: "desk".into(),
            text,
            at: Moment(1),
        })
    };
    let bodies = |branch: &str| {
        let mut bodies = vec![Body::Seal(Seal { predecessor: None })];
        bodies.extend((2..5).map(|number| note(format!("both {number}"))));
        bodies.extend((5..9).map(|number| note(format!("{branch} {number}"))));
        bodies
    };
    let (one, other) = (
        chain(FIRST, life, bodies("one")),
        chain(FIRST, life, bodies("other")),
    );
    append(&mut region, THIRD, &one[..5]);
    append(&mut region, SECOND, &one);
    append(&mut region, PROVINCE, &other);
    region.run(Span::seconds(5));
    region.heal();
    let seen = region.said.len();
    region.run(Span::minutes(10));
    let log = LogKey {
        author: party(FIRST),
        incarnation: life,
    };
    assert_eq!(prefix(&region, THIRD, log), 8);
    let asked: usize = wants(&region, seen).values().sum();
    assert!(asked < 50, "{asked} wants in ten minutes");
}

#[test]
fn fills_that_nobody_asked_for_put_off_no_want() {
    let (mut region, log) = lacking();
    let (seq, known) = (prefix(&region, SECOND, log), first_of(&region, log));
    let mut stranger = Speaker::new(network().id, Mode::Exercise, signer(WATCHER), 99);
    for _ in 0..400 {
        region.run(Span::millis(300));
        fill(&mut region, &mut stranger, &known);
    }
    assert_eq!(prefix(&region, THIRD, log), seq);
}
