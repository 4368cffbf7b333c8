//! What a machine wrote that another one's life has passed over, and what it says of it afterwards.

use agents::Phase;
use protocol::{Action, Direct, LogKey, OperatorCommand, Outcome, Span, Topic};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, operator, party};
use crate::people::request;
use crate::twins::twin_behind_a_cut;

pub(crate) fn note(text: &str) -> Action {
    Action::Note {
        incident: None,
        text: text.into(),
        at: None,
    }
}

/// An operator says something that reaches one machine alone.
fn says(region: &mut Region, machine: usize, name: &str, action: Action) -> Option<Outcome> {
    let command = OperatorCommand {
        request: request(name),
        by: "duty officer".into(),
        action,
        asked_at: None,
    };
    let topic = Topic::Command(party(FIRST));
    let frame = region.speak(&operator(FIRST), topic, Direct::Command(command));
    let before = region.replies.len();
    region.send(machine, topic, frame.text());
    region.run(Span::seconds(1));
    let said = region.replies[before..].iter();
    said.rev()
        .find(|reply| reply.request == request(name))
        .map(|reply| reply.outcome.clone())
}

/// Whether an entry that an answer names counts in the picture of the second office.
pub(crate) fn counts(region: &Region, (log, seq): (LogKey, u64)) -> bool {
    let known = &region.office(SECOND).picture().authors()[&log.author];
    !known.lineage.is_orphan(log.incarnation, seq)
}

/// Two machines served as the first office behind a cut; the first has acknowledged a note and stands
/// back by now.
fn outlived() -> (Region, usize, usize) {
    let (mut region, first, twin) = twin_behind_a_cut();
    let done = says(&mut region, first, "n-1", note("the dam holds"));
    assert!(matches!(done, Some(Outcome::Done { .. })), "{done:?}");
    region.heal();
    region.run(Span::minutes(3));
    let phase = region.machines[first].office.as_ref().unwrap().phase();
    assert!(matches!(phase, Phase::ReadOnly { .. }), "{phase:?}");
    (region, first, twin)
}

#[test]
fn a_machine_that_stands_back_does_not_say_again_that_what_counts_nothing_is_done() {
    let (mut region, first, _) = outlived();
    let again = says(&mut region, first, "n-1", note("the dam holds"));
    if let Some(Outcome::Done {
        log, seq, held_by, ..
    }) = again
    {
        assert!(
            counts(&region, (log, seq)),
            "said to be done, held by {held_by:?}: entry {seq} of {log}, an orphan"
        );
    }
}

#[test]
fn a_command_whose_entry_was_passed_over_is_done_when_it_comes_again_after_a_take_over() {
    let (mut region, first, twin) = outlived();
    region.crash(twin);
    let machine = region.machines[first]
        .office
        .as_ref()
        .unwrap()
        .incarnation()
        .nonce;
    let taken = says(&mut region, first, "t-1", Action::TakeOver { machine });
    assert!(matches!(taken, Some(Outcome::Done { .. })), "{taken:?}");
    region.run(Span::seconds(10));
    let again = says(&mut region, first, "n-1", note("the dam holds"));
    region.run(Span::seconds(10));
    let Some(Outcome::Done {
        log, seq, held_by, ..
    }) = again
    else {
        panic!("{again:?}");
    };
    let notes = &region
        .office(SECOND)
        .picture()
        .state(party(FIRST))
        .unwrap()
        .notes;
    assert!(
        counts(&region, (log, seq)) && notes.iter().any(|it| it.text == "the dam holds"),
        "said to be done, held by {held_by:?}: entry {seq} of {log}, which counts nothing; notes {notes:?}"
    );
}
