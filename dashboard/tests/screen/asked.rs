//! Keys: what they change on the screen, what they ask of others, and what they may not.

use crossterm::event::{Event, KeyCode};
use dashboard::{Departure, Desk, Heard, Lang, Request, Setting, Source};
use protocol::{
    Action, AreaCode, ClockCommand, ClockState, CommandReply, Machine, Mode, Outcome, Role,
};

use super::dump::text;
use super::keyboard::{interrupt, press, type_in};
use super::stage::{NOON, Stage9, busy, city, log, party, screen, setting};

fn observer(lang: Lang) -> Setting {
    Setting {
        desk: Desk::Observer,
        ..setting(lang)
    }
}

#[test]
fn a_report_is_typed_looked_over_sent_and_shown_once_answered() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    press(&mut view, KeyCode::Char('N'));
    type_in(&mut view, "白蕉镇");
    view.on(&Event::Paste("堤\u{1b}[2J段\n".into()));
    for _ in 0..4 {
        press(&mut view, KeyCode::Tab);
    }
    type_in(&mut view, "quit? no: 水位上涨");
    press(&mut view, KeyCode::Tab);
    type_in(&mut view, "排涝车=2");
    assert_eq!(press(&mut view, KeyCode::Enter), None);
    let preview = text(&view, 80, 24);
    assert!(
        preview.contains("排涝车 x2") && preview.contains("核对"),
        "{preview}"
    );
    let Some(Request::Command(office, command)) = press(&mut view, KeyCode::Enter) else {
        unreachable!("the preview sends on Enter")
    };
    assert_eq!(office, city(2));
    assert_eq!(command.by, "值班员");
    let Action::Report(call) = &command.action else {
        unreachable!()
    };
    assert_eq!(call.place, "白蕉镇堤[2J段");
    assert_eq!((call.event.as_str(), call.requires.len()), ("dyke", 1));
    assert_eq!(call.occurred_at, NOON);
    assert_eq!(call.request, command.request);
    let waiting = text(&view, 120, 40);
    assert!(waiting.contains("已发送，待回执"), "{waiting}");
    assert!(
        waiting.contains("事件队列 6"),
        "nothing shows before the office said so"
    );
    let outcome = Outcome::Done {
        log: log(city(2)),
        seq: 9,
        about: "990300-1-7".into(),
        held_by: vec![city(0)],
        remark: None,
    };
    view.hear(Heard::Reply(CommandReply {
        request: command.request,
        outcome,
        machine: Machine::Serving,
    }));
    let answered = text(&view, 120, 40);
    assert!(
        answered.contains("已记录 990300-1-7 (已存于 东)"),
        "{answered}"
    );
}

#[test]
fn the_refusal_of_a_machine_that_does_not_serve_is_shown_and_is_not_the_last_word() {
    let mut view = screen(&busy(), setting(Lang::En));
    press(&mut view, KeyCode::Char('N'));
    type_in(&mut view, "pier");
    press(&mut view, KeyCode::Enter);
    let Some(Request::Command(office, command)) = press(&mut view, KeyCode::Enter) else {
        unreachable!("the preview sends on Enter")
    };
    let hear = |view: &mut dashboard::View, machine, outcome| {
        let request = command.request;
        view.hear(Heard::Reply(CommandReply {
            request,
            outcome,
            machine,
        }));
        text(view, 120, 40)
    };
    let reason = "this one is read-only".to_owned();
    let refused = hear(&mut view, Machine::Idle, Outcome::Refused { reason });
    assert!(refused.contains("this one is read-only"), "{refused}");
    let done = Outcome::Done {
        log: log(office),
        seq: 9,
        about: "990300-1-7".into(),
        held_by: Vec::new(),
        remark: None,
    };
    let shown = hear(&mut view, Machine::Serving, done);
    assert!(shown.contains("990300-1-7"), "{shown}");
}

#[test]
fn a_report_goes_to_the_city_of_the_chosen_incident_and_only_to_who_takes_calls() {
    let offices = ["990000", "990000-met", "990100", "990300", "990500"];
    let mut setting = setting(Lang::En);
    if let Desk::Operator(signed) = &mut setting.desk {
        signed.offices = offices.map(party).to_vec();
    }
    let with_province = |mut stage: Stage9| {
        stage.join(party("990000"), Role::Province, AreaCode(990_000));
        stage
    };
    let quiet = with_province(Stage9::new(Mode::Exercise));
    let mut view = screen(&quiet, setting.clone());
    press(&mut view, KeyCode::Char('N'));
    let shown = text(&view, 80, 24);
    assert!(shown.contains("< Eastport >"), "{shown}");

    let mut view = screen(&with_province(busy()), setting);
    press(&mut view, KeyCode::Char('N'));
    press(&mut view, KeyCode::BackTab);
    for office in ["Southbay", "Midchester", "990000", "Eastport", "Southbay"] {
        let shown = text(&view, 80, 24);
        assert!(
            shown.contains(&format!("< {office} >")),
            "{office}:\n{shown}"
        );
        press(&mut view, KeyCode::Right);
    }
}

#[test]
fn a_report_without_its_required_fields_is_not_sent() {
    let mut view = screen(&busy(), setting(Lang::En));
    press(&mut view, KeyCode::Char('N'));
    assert_eq!(press(&mut view, KeyCode::Enter), None);
    assert_eq!(press(&mut view, KeyCode::Enter), None);
    let shown = text(&view, 80, 24);
    assert!(shown.contains("Place*: required"), "{shown}");
}

#[test]
fn needs_are_written_as_in_the_shell_and_the_screen_says_how() {
    for (needs, words) in [
        ("pump 2", "write kind=quantity, as pump=2"),
        ("spaceship=2", "nothing of that kind"),
        ("pump=99999", "1 to 10000"),
        ("pump=2x90m, medical=1", "Enter sends this"),
    ] {
        let mut view = screen(&busy(), setting(Lang::En));
        press(&mut view, KeyCode::Char('N'));
        type_in(&mut view, "Dyke Road");
        press(&mut view, KeyCode::BackTab);
        press(&mut view, KeyCode::BackTab);
        type_in(&mut view, needs);
        press(&mut view, KeyCode::Enter);
        let shown = text(&view, 80, 24);
        assert!(shown.contains(words), "{needs}:\n{shown}");
    }
}

#[test]
fn an_observer_and_a_replay_change_nothing_and_are_told_why() {
    let mut view = screen(&busy(), observer(Lang::Zh));
    for key in ['N', 'p', ']'] {
        assert_eq!(press(&mut view, KeyCode::Char(key)), None);
    }
    assert!(text(&view, 80, 24).contains("非导调席"));
    let mut replay = screen(
        &busy(),
        Setting {
            source: Source::Recording,
            ..setting(Lang::Zh)
        },
    );
    assert_eq!(press(&mut replay, KeyCode::Char('N')), None);
    assert!(text(&replay, 80, 24).contains("回放中不能操作"));
    assert_eq!(
        press(&mut replay, KeyCode::Char('p')),
        Some(Request::Playback(ClockCommand::Pause))
    );
}

#[test]
fn the_director_pauses_resumes_and_changes_the_speed() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    let mut asked = |key| match press(&mut view, KeyCode::Char(key)) {
        Some(Request::Command(to, command)) => (to, command.action),
        other => unreachable!("{other:?}"),
    };
    let director = party("director");
    assert_eq!(asked('p'), (director, Action::Clock(ClockCommand::Pause)));
    assert_eq!(
        asked(']'),
        (
            director,
            Action::Clock(ClockCommand::Speed { permille: 5_000 })
        )
    );
    assert_eq!(
        asked('['),
        (
            director,
            Action::Clock(ClockCommand::Speed { permille: 4_000 })
        )
    );
}

#[test]
fn a_clock_command_that_was_done_is_told_as_done() {
    for (lang, done) in [(Lang::Zh, "x5: 已执行"), (Lang::En, "x5: done")] {
        let mut view = screen(&busy(), setting(lang));
        let Some(Request::Command(_, command)) = press(&mut view, KeyCode::Char(']')) else {
            unreachable!("the director may steer the clock")
        };
        view.hear(Heard::Reply(CommandReply {
            request: command.request,
            outcome: Outcome::Clock {
                state: ClockState::Started,
                speed_permille: 5_000,
            },
            machine: Machine::Serving,
        }));
        let shown = text(&view, 120, 40);
        assert_eq!(
            shown.matches(done).count(),
            2,
            "note and timeline:\n{shown}"
        );
        assert!(!shown.contains("refused") && !shown.contains("未受理"));
    }
}

#[test]
fn the_language_is_switched_while_the_screen_runs() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    press(&mut view, KeyCode::F(2));
    assert!(text(&view, 80, 24).contains("Incidents"));
    press(&mut view, KeyCode::F(2));
    assert!(text(&view, 80, 24).contains("事件队列"));
}

#[test]
fn the_language_is_switched_in_a_form_its_preview_and_a_question_and_nothing_is_lost() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    press(&mut view, KeyCode::Char('N'));
    type_in(&mut view, "Dyke L");
    press(&mut view, KeyCode::F(2));
    let shown = text(&view, 80, 24);
    assert!(
        shown.contains("New report") && shown.contains("Dyke L"),
        "{shown}"
    );
    press(&mut view, KeyCode::Enter);
    press(&mut view, KeyCode::F(2));
    let shown = text(&view, 80, 24);
    assert!(shown.contains("核对后按回车发送"), "{shown}");
    interrupt(&mut view);
    press(&mut view, KeyCode::F(2));
    let shown = text(&view, 80, 24);
    assert!(shown.contains("The drill goes on"), "{shown}");
}

#[test]
fn quitting_is_asked_and_escape_never_quits() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    press(&mut view, KeyCode::Esc);
    press(&mut view, KeyCode::Char('q'));
    assert!(text(&view, 80, 24).contains("退出界面"));
    press(&mut view, KeyCode::Char('n'));
    assert!(!view.is_leaving());
    press(&mut view, KeyCode::Char('q'));
    press(&mut view, KeyCode::Char('y'));
    assert!(view.is_leaving());
}

#[test]
fn the_question_says_whether_leaving_ends_the_drill() {
    for (departure, zh, en) in [
        (
            Departure::EndsDrill,
            "结束演练？将写出报告",
            "End the drill?",
        ),
        (
            Departure::LeavesDrill,
            "退出界面？演练照常进行",
            "The drill goes on",
        ),
    ] {
        for (lang, words) in [(Lang::Zh, zh), (Lang::En, en)] {
            let setting = Setting {
                departure,
                ..setting(lang)
            };
            let mut view = screen(&busy(), setting);
            press(&mut view, KeyCode::Char('q'));
            let shown = text(&view, 80, 24);
            assert!(shown.contains(words), "{words}:\n{shown}");
        }
    }
}

#[test]
fn ctrl_c_asks_from_anywhere_and_a_second_one_leaves() {
    let opened = [
        &[][..],
        &[KeyCode::Char('?')],
        &[KeyCode::Enter],
        &[KeyCode::Char('N')],
        &[KeyCode::Char('N'), KeyCode::Char('x'), KeyCode::Enter],
    ];
    for keys in opened {
        let mut view = screen(&busy(), setting(Lang::Zh));
        for key in keys {
            press(&mut view, *key);
        }
        assert_eq!(interrupt(&mut view), None);
        assert!(text(&view, 80, 24).contains("退出界面"), "{keys:?}");
        assert!(!view.is_leaving());
        interrupt(&mut view);
        assert!(view.is_leaving(), "{keys:?}");
    }
}

#[test]
fn a_form_is_still_there_when_the_operator_stays() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    press(&mut view, KeyCode::Char('N'));
    type_in(&mut view, "白蕉镇");
    interrupt(&mut view);
    press(&mut view, KeyCode::Char('n'));
    let shown = text(&view, 80, 24);
    assert!(
        shown.contains("白蕉镇") && shown.contains("地点*"),
        "{shown}"
    );
}

#[test]
fn an_incident_opens_with_its_reports_its_needs_and_who_commits_what() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    press(&mut view, KeyCode::Enter);
    let shown = text(&view, 120, 40);
    for word in [
        "事件详情 990300-1-1",
        "#0 首报",
        "管涌",
        "排涝车 2/3",
        "缺 1",
        "990100-u-1",
    ] {
        assert!(shown.contains(word), "{word}:\n{shown}");
    }
}
