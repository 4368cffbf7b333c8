//! Two machines under one name: one of them stops, and nobody else can stop either.

use std::sync::Arc;

use agents::Phase;
use protocol::{
    Action, Body, Direct, Draft, DutyNote, Envelope, Frame, Head, Incarnation, Kind, Machine,
    OperatorCommand, Outcome, Said, Seal, Span, Topic,
};

use crate::bus::Region;
use crate::cast::{
    FIRST, GROUND, SECOND, Setting, chain, network, operator, party, signer, unit_id,
};
use crate::logs::append;
use crate::outlived::note;
use crate::people::request;

fn phase(region: &Region, index: usize) -> &Phase {
    region.machines[index].office.as_ref().unwrap().phase()
}

#[test]
fn a_booting_office_that_hears_a_live_twin_goes_read_only() {
    let mut region = Region::up(Setting::default());
    let twin = region.boot_twin(FIRST);
    region.run(Span::seconds(10));
    let phase = region.machines[twin]
        .office
        .as_ref()
        .unwrap()
        .phase()
        .clone();
    assert!(matches!(phase, Phase::ReadOnly { .. }), "{phase:?}");
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    assert_eq!(
        region.alarms_of("twin"),
        2,
        "each machine tells its people once"
    );
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(1));
    assert_eq!(region.count(FIRST, "incident"), 1);
    let entries = region.machines[twin].disk().len();
    assert!(entries > 10, "it keeps the logs all the same: {entries}");
    region.is_sound();
}

/// A second machine of the first office that came up behind a cut, and serves: it and the first.
pub(crate) fn twin_behind_a_cut() -> (Region, usize, usize) {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let twin = region.machines.len();
    region.machines.push(region.machines[first].twin());
    region.cut(&[twin], &[0, 1, 2, 3, 4]);
    region.forget_retained();
    region.boot(twin);
    region.run(Span::seconds(40));
    (region, first, twin)
}

#[test]
fn two_machines_that_serve_behind_a_cut_end_with_one_that_writes() {
    let (mut region, first, twin) = twin_behind_a_cut();
    let serves = |region: &Region, index: usize| {
        *region.machines[index].office.as_ref().unwrap().phase() == Phase::Serving
    };
    assert!(serves(&region, first) && serves(&region, twin));
    region.heal();
    region.run(Span::minutes(3));
    assert!(
        !serves(&region, first) && serves(&region, twin),
        "the greater life stays"
    );
    assert!(region.alarms_of("twin") >= 1);
}

#[test]
fn an_old_machine_revived_is_fenced_by_the_terminal() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let first = Region::index(FIRST);
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(30));
    let unit = unit_id(FIRST, Kind::FireRescue, 1);
    let old = region
        .said
        .iter()
        .rev()
        .find_map(|(.., frame)| match frame.said() {
            Said::Direct {
                body: Direct::Order(order),
                ..
            } => Some(order.clone()),
            _ => None,
        });
    let old = old.unwrap();
    region.crash(first);
    region.boot(first);
    region.run_until("home", |region| region.count(FIRST, "returned") == 1);
    region.call(FIRST, "call-2", 1);
    region.run(Span::minutes(3));
    let (fence, served) = {
        let crew = &region.crews[&unit];
        (crew.fence, crew.served.clone())
    };
    // The order of the first life comes again, as its machine would send it.
    let frame = region.speak(FIRST, Topic::Order(party(FIRST)), Direct::Order(old));
    region.said.clear();
    let bus = region.buses.of(first)[0];
    region.publish((first, bus), &Arc::new(frame));
    region.run(Span::seconds(5));
    let crew = &region.crews[&unit];
    assert_eq!((crew.fence, &crew.served), (fence, &served));
    assert_eq!(fence.unwrap().incarnation.epoch, 2);
}

#[test]
fn what_a_stranger_claims_of_an_office_s_life_does_not_stop_it() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let log = protocol::LogKey {
        author: party(FIRST),
        incarnation: Incarnation {
            epoch: u32::MAX,
            nonce: 9,
        },
    };
    // In a signed digest of somebody else, and in the unsigned head of an append.
    let digest = protocol::Digest {
        plan: None,
        boots: Vec::new(),
        incarnation: Incarnation { epoch: 1, nonce: 1 },
        logs: vec![protocol::Prefix {
            log,
            seq: 5,
            head: protocol::Hash::of(b"no").mark(),
        }],
        drill: region.now,
    };
    let frame = region.speak(GROUND, Topic::Digest(party(GROUND)), Direct::Digest(digest));
    let topic = Topic::Digest(party(GROUND));
    let bus = region.buses.of(first)[0];
    region.buses.keep(bus, topic, frame.text());
    region.send(first, topic, frame.text());
    let head = Head {
        log,
        seq: 9,
        hash: protocol::Hash::of(b"no"),
    };
    let head = serde_json::to_string(&head).unwrap();
    let topic = Topic::Log(party(FIRST)).on(network().id);
    region.hear(first, &topic, head.as_bytes());
    region.run(Span::minutes(2));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    assert_eq!(region.alarms_of("twin"), 0);
    // Nor do its next boots take up an epoch after which there is no other, though the digest is kept
    // and comes to each of them.
    for epoch in [2, 3] {
        region.crash(first);
        region.boot(first);
        region.run(Span::minutes(2));
        assert_eq!(region.office(FIRST).incarnation().epoch, epoch);
        assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    }
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    let seen = region.office(SECOND).picture().needs().count();
    assert_eq!(seen, 1, "what it writes counts");
}

#[test]
fn an_entry_of_a_greater_life_signed_with_the_office_s_key_stops_it() {
    let mut region = Region::up(Setting::default());
    let life = Incarnation { epoch: 7, nonce: 1 };
    let entries = chain(FIRST, life, vec![Body::Seal(Seal { predecessor: None })]);
    let head = Head {
        log: entries[0].header().log,
        seq: 1,
        hash: entries[0].hash(),
    };
    let frame = Frame::append(network().id, head, entries);
    let topic = Topic::Log(party(FIRST)).on(network().id);
    region.hear(Region::index(FIRST), &topic, frame.text().as_bytes());
    let phase = region.office(FIRST).phase().clone();
    assert_eq!(phase, Phase::ReadOnly { other: life });
    assert_eq!(region.alarms_of("twin"), 1);
}

/// What a copy of the first office's machine, made while it ran, writes next, and after it.
pub(crate) fn of_a_copy(region: &Region, ahead: u64) -> Vec<Arc<Envelope>> {
    let own = region.own(FIRST);
    let last = own.last().unwrap();
    let mut written: Vec<Arc<Envelope>> = Vec::new();
    for number in 1..=ahead {
        let draft = Draft {
            net: network().id,
            mode: network().mode,
            log: last.header().log,
            seq: last.header().seq + number,
            prev: written
                .last()
                .map_or_else(|| last.hash(), |before| before.hash()),
            hlc: last.header().hlc + number,
            sent: last.header().sent,
            request: None,
        };
        let note = Body::DutyNote(DutyNote {
            incident: None,
            by: "copy".into(),
            text: format!("note {number}"),
            at: region.now,
        });
        written.push(Envelope::seal(&draft, note, &signer(FIRST)));
    }
    written
}

/// Whether the first office stands back, and has alarmed once.
fn has_stood_back(region: &Region) {
    let phase = phase(region, Region::index(FIRST));
    assert!(matches!(phase, Phase::ReadOnly { .. }), "{phase:?}");
    assert_eq!(region.alarms_of("twin"), 1, "{:?}", region.alarms);
}

#[test]
fn a_machine_whose_copy_goes_on_with_its_life_stands_back_at_the_first_word_of_it() {
    let mut region = Region::up(Setting::default());
    let copied = of_a_copy(&region, 1);
    append(&mut region, FIRST, &copied);
    region.run(Span::seconds(1));
    has_stood_back(&region);
    // Both answer to one number, so that neither takes over before one is started anew.
    let machine = region.office(FIRST).incarnation().nonce;
    let refused = region.act(FIRST, "t-1", Action::TakeOver { machine });
    let Outcome::Refused { reason } = refused else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("start the other anew"), "{reason}");
    region.crash(Region::index(FIRST));
    region.boot(Region::index(FIRST));
    region.run(Span::minutes(3));
    assert_eq!(phase(&region, Region::index(FIRST)), &Phase::Serving);
    assert!(region.all_are_equal());
}

#[test]
fn a_machine_that_wrote_beside_its_copy_stands_back_when_it_hears_of_it() {
    let mut region = Region::up(Setting::default());
    let copied = of_a_copy(&region, 1);
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    append(&mut region, FIRST, &copied);
    region.run(Span::seconds(1));
    has_stood_back(&region);
}

#[test]
fn the_word_that_a_broker_kept_of_a_sealed_life_is_no_twin() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let kept = region.said.iter().rev().find_map(|(_, from, frame)| {
        let is_presence = matches!(frame.topic(), Topic::Presence(_));
        (*from == party(FIRST) && is_presence).then(|| Arc::clone(frame))
    });
    let kept = kept.unwrap();
    region.crash(first);
    region.boot(first);
    region.run(Span::seconds(10));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    // Another bus comes up, and its broker hands out what it kept.
    let topic = kept.topic().on(network().id);
    region.hear(first, &topic, kept.text().as_bytes());
    region.run(Span::seconds(5));
    assert_eq!(region.alarms_of("twin"), 0);
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
}

#[test]
fn an_operator_s_command_makes_the_named_machine_serve_and_the_other_stand_back() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let first = Region::index(FIRST);
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(30));
    let twin = region.boot_twin(FIRST);
    region.run(Span::seconds(10));
    assert!(matches!(phase(&region, twin), Phase::ReadOnly { .. }));
    let machine = region.told_machine();
    let about = region.done(FIRST, "r-1", Action::TakeOver { machine });
    assert!(about.starts_with("2-"), "{about}");
    region.run(Span::seconds(10));
    assert_eq!(*phase(&region, twin), Phase::Serving);
    assert!(matches!(phase(&region, first), Phase::ReadOnly { .. }));
    // Said again it is not done again, and the other machine says nothing to it.
    let again = region.done(FIRST, "r-1", Action::TakeOver { machine });
    assert_eq!(again, about);
    let already = region.already(FIRST, "r-2", Action::TakeOver { machine });
    assert!(already.contains("serves already"), "{already}");
    // The open work of the one before goes on, and no crew has two masters.
    let unit = unit_id(FIRST, Kind::FireRescue, 1);
    region.run_until("home", |region| {
        region.crews[&unit].aid.is_none() && region.count(FIRST, "returned") == 1
    });
    region.call(FIRST, "call-2", 1);
    region.run_until("out", |region| region.crews[&unit].aid.is_some());
    assert_eq!(region.crews[&unit].fence.unwrap().incarnation.epoch, 2);
    let silent = region.replies.len();
    let stranger = OperatorCommand {
        request: request("r-3"),
        by: "duty officer".into(),
        action: Action::TakeOver { machine: 1 },
        asked_at: None,
    };
    region.command(&operator(FIRST), FIRST, stranger);
    region.run(Span::seconds(5));
    assert_eq!(region.replies.len(), silent, "nobody is called so");
    region.is_sound();
}

#[test]
fn nobody_but_the_office_s_own_operator_decides_which_machine_serves() {
    let mut region = Region::up(Setting::default());
    let twin = region.boot_twin(FIRST);
    region.run(Span::seconds(10));
    let command = OperatorCommand {
        request: request("r-1"),
        by: "duty officer".into(),
        action: Action::TakeOver {
            machine: region.told_machine(),
        },
        asked_at: None,
    };
    region.command(&operator(SECOND), FIRST, command);
    region.run(Span::seconds(5));
    assert!(matches!(phase(&region, twin), Phase::ReadOnly { .. }));
    assert_eq!(*phase(&region, Region::index(FIRST)), Phase::Serving);
}

#[test]
fn an_operator_is_not_told_first_that_what_the_other_machine_does_is_refused() {
    let mut region = Region::up(Setting::default());
    region.boot_twin(FIRST);
    region.run(Span::seconds(10));
    let before = region.replies.len();
    // The shell takes the first answer of a machine that serves, and waits a while for it.
    region.act(FIRST, "n-1", note("the dam holds"));
    let said: Vec<&Outcome> = region.replies[before..]
        .iter()
        .filter(|it| it.machine == Machine::Serving)
        .map(|it| &it.outcome)
        .collect();
    assert_eq!(region.count(FIRST, "duty-note"), 1, "it is done");
    assert!(matches!(said[..], [Outcome::Done { .. }]), "{said:?}");
}

#[test]
fn who_holds_what_a_copy_wrote_further_on_holds_none_of_what_this_machine_wrote() {
    let mut region = Region::up(Setting::default());
    let second = Region::index(SECOND);
    let last = region.own(FIRST).pop().unwrap();
    let (log, seq) = (last.header().log, last.header().seq);
    let copied = of_a_copy(&region, 3);
    let last_word = Head {
        log,
        seq: seq + 3,
        hash: copied[2].hash(),
    };
    let frame = Frame::append(network().id, last_word, copied);
    // The second office hears the copy first, and this machine does not.
    let topic = Topic::Log(party(FIRST)).on(network().id);
    region.hear(second, &topic, frame.text().as_bytes());
    region.mute(second);
    region.run(Span::seconds(2));
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(1));
    region.heal();
    region.run(Span::seconds(70));
    let held = region.office(FIRST).held_by(log, seq + 1);
    assert!(!held.contains(&party(SECOND)), "{held:?}");
}
