//! Which orders a crew's terminal obeys while it is bound (R3, J3, J6).

use super::*;

/// Whom an order made the terminal obey.
fn obeyed(outputs: &[WorldOutput]) -> Vec<u32> {
    let obeyed = outputs.iter().filter_map(|output| match output {
        WorldOutput::Obeyed(obeyed) => Some(obeyed.aid.number),
        _ => None,
    });
    obeyed.collect()
}

/// An order that turns the crew away from a commitment.
fn turn(from: u32) -> Task {
    let Task::Go { incident, to } = go() else {
        unreachable!("it goes there")
    };
    Task::Turn {
        incident,
        to,
        from: vec![aid_id(from)],
    }
}

fn serves(ground: &Ground) -> Option<AidId> {
    ground.world.unit(unit()).unwrap().1
}

#[test]
fn a_terminal_that_is_bound_obeys_no_other_commitment_and_at_work_none_at_all() {
    let mut ground = ground();
    ground.pass(Span::minutes(2));
    assert_eq!(obeyed(&ground.order(5, 1, go())), [1]);
    let refused = [
        (6, go()),
        (6, Task::Home),
        (6, turn(3)),
        (5, turn(1)),
        (4, turn(1)),
    ];
    for (command, task) in refused {
        let outputs = ground.order(command, 2, task.clone());
        assert!(obeyed(&outputs).is_empty(), "{command} {task:?}");
        assert_eq!(serves(&ground), Some(aid_id(1)), "{command} {task:?}");
    }
    assert_eq!(obeyed(&ground.order(6, 2, turn(1))), [2], "on its way");
    assert_eq!(serves(&ground), Some(aid_id(2)));
    // Until it has just begun to work: whoever is done may be turned.
    for _ in 0..120 {
        if ground.state() != UnitState::Working {
            ground.pass(Span::minutes(1));
        }
    }
    assert_eq!(ground.state(), UnitState::Working);
    for task in [turn(2), go()] {
        assert!(obeyed(&ground.order(7, 3, task)).is_empty());
        assert_eq!(serves(&ground), Some(aid_id(2)));
    }
    assert_eq!(obeyed(&ground.order(8, 2, Task::Home)), [2]);
}
