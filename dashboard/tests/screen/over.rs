//! When the drill is over: the screen stands until the operator leaves, and takes nothing more.

use crossterm::event::KeyCode;
use dashboard::{Departure, Heard, Lang, LinkState, Setting};
use protocol::{ClockState, Moment};

use super::dump::text;
use super::keyboard::{interrupt, press, type_in};
use super::stage::{busy, clock, screen, setting};

fn conducting() -> Setting {
    Setting {
        departure: Departure::EndsDrill,
        ..setting(Lang::Zh)
    }
}

#[test]
fn a_form_that_is_half_filled_stays_when_the_drill_ends_and_is_not_sent() {
    let mut view = screen(&busy(), conducting());
    press(&mut view, KeyCode::Char('N'));
    type_in(&mut view, "白蕉镇");
    view.hear(Heard::Over);
    assert!(!view.is_leaving());
    type_in(&mut view, "三号闸q");
    let shown = text(&view, 80, 24);
    assert!(shown.contains("白蕉镇三号闸q"), "{shown}");
    assert!(
        shown.contains("演练结束") && shown.contains("[x]已结束"),
        "{shown}"
    );
    press(&mut view, KeyCode::Enter);
    assert_eq!(press(&mut view, KeyCode::Enter), None);
    let shown = text(&view, 80, 24);
    assert!(
        shown.contains("不再受理") && shown.contains("白蕉镇三号闸q"),
        "{shown}"
    );
    for _ in 0..2 {
        press(&mut view, KeyCode::Esc);
    }
    press(&mut view, KeyCode::Char('q'));
    assert!(view.is_leaving(), "there is nothing left to end");
}

#[test]
fn a_screen_whose_drill_is_over_stands_as_it_was_and_takes_no_report() {
    let mut view = screen(&busy(), setting(Lang::En));
    view.hear(Heard::Over);
    let before = text(&view, 120, 40);
    assert!(before.contains("DRILL OVER"), "{before}");
    view.hear(Heard::Link("hub".parse().unwrap(), LinkState::Down));
    view.tick(Moment(600_000_000));
    assert_eq!(text(&view, 120, 40), before);
    assert_eq!(press(&mut view, KeyCode::Char('p')), None);
    press(&mut view, KeyCode::Char('N'));
    let shown = text(&view, 120, 40);
    assert!(
        shown.contains("nothing is taken") && !shown.contains("New report"),
        "{shown}"
    );
    interrupt(&mut view);
    assert!(view.is_leaving());
}

#[test]
fn a_clock_that_has_stopped_says_that_the_drill_is_over() {
    let mut view = screen(&busy(), conducting());
    view.hear(Heard::Clock(clock(ClockState::Stopped)));
    assert!(text(&view, 80, 24).contains("演练结束"));
    view.hear(Heard::Stop);
    assert!(view.is_leaving());
}
