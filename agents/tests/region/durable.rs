//! Nothing leaves an office before it is on its disk: looked at whenever something is published.

use std::sync::Arc;

use protocol::{
    Action, Body, Direct, DutyNote, Envelope, Frame, Incarnation, Moment, Outcome, Said, Seal,
    Span, Task, limit,
};

use crate::bus::Region;
use crate::cast::{FIRST, PROVINCE, Setting, chain};
use crate::logs::append;

impl Region {
    /// R5, I15: nothing is published or ordered before it is durable.
    pub(crate) fn is_durable_first(&self, from: usize, frame: &Frame) {
        let machine = &self.machines[from];
        match frame.said() {
            Said::Append { batch, .. } => {
                for envelope in &batch.envelopes {
                    let header = envelope.header();
                    let held = machine.holds(header.log, header.seq);
                    assert!(held, "{} #{} was not durable", header.log, header.seq);
                }
            }
            Said::Direct {
                body: Direct::Order(order),
                ..
            } if matches!(order.task, Task::Go { .. }) => {
                let known = machine.disk().iter().filter_map(|entry| entry.body());
                let mut bodies = known.map(Body::to_json);
                let aid = order.aid.to_string();
                let held = bodies.any(|body| body.contains(&aid));
                assert!(held, "an order of {aid} went out before it was durable");
            }
            Said::Direct {
                body: Direct::Reply(reply),
                ..
            } => {
                if let Outcome::Done { log, seq, .. } = &reply.outcome {
                    let held = machine.holds(*log, *seq);
                    assert!(held, "{} was answered before it was durable", reply.request);
                }
            }
            Said::Direct { .. } | Said::View => {}
        }
    }
}

/// Entries of the province, more than an office takes that are not on its disk.
pub(crate) fn more_than_a_disk_takes() -> Vec<Arc<Envelope>> {
    let life = Incarnation { epoch: 9, nonce: 9 };
    let note = |_| {
        Body::DutyNote(DutyNote {
            incident: None,
            by: "desk".into(),
            text: "字".repeat(limit::TEXT_CHARS),
            at: Moment(1),
        })
    };
    let mut bodies = vec![Body::Seal(Seal { predecessor: None })];
    bodies.extend((0..5_800).map(note));
    chain(PROVINCE, life, bodies)
}

#[test]
fn an_office_whose_disk_hangs_takes_no_more_than_it_has_room_for_and_says_so() {
    let mut region = Region::up(Setting::default());
    region.crash(Region::index(PROVINCE));
    region.sync = Span::hours(10);
    let all = more_than_a_disk_takes();
    for batch in all.chunks(30) {
        append(&mut region, FIRST, batch);
    }
    let log = all[0].header().log;
    let office = region.office(FIRST);
    let taken = office.picture().log(log).map_or(0, |log| log.prefix);
    assert!(taken < all.len() as u64, "all {taken} were taken");
    let bytes = office.keeping().pending_bytes();
    assert!(
        bytes < limit::UNDURABLE_BYTES + limit::PAYLOAD_BYTES,
        "{bytes}"
    );
    assert!(office.hearing().refused()["disk"] > 0);
    assert_eq!(region.alarms_of("disk-behind"), 1);
    let note = Action::Note {
        incident: None,
        text: "more".into(),
        at: None,
    };
    let Outcome::Refused { reason } = region.act(FIRST, "n-1", note) else {
        panic!("a note was taken");
    };
    assert!(reason.contains("look whether the disk hangs"), "{reason}");
    // Who serves in its name it hears all the same, and the orders that wait are not its to give any more.
    let life = Incarnation {
        epoch: 50,
        nonce: 3,
    };
    let later = chain(FIRST, life, vec![Body::Seal(Seal { predecessor: None })]);
    append(&mut region, FIRST, &later);
    assert!(matches!(
        region.office(FIRST).phase(),
        agents::Phase::ReadOnly { .. }
    ));
    // The disk has caught up: what was not taken is taken when it comes again.
    region.run(Span::hours(11));
    let next = all.iter().find(|it| it.header().seq == taken + 1).unwrap();
    append(&mut region, FIRST, std::slice::from_ref(next));
    let office = region.office(FIRST);
    assert_eq!(office.picture().log(log).unwrap().prefix, taken + 1);
    let mut told = region.alarms.iter().map(|(_, alarm)| &alarm.text);
    assert!(told.any(|text| text.contains("the disk has caught up")));
}
