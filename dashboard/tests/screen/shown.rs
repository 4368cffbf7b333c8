//! Frames: what stands in them at every size, in both languages, with and without colour.

use std::sync::Arc;

use crossterm::event::KeyCode;
use dashboard::{Colours, Glyphs, Heard, Lang, LinkState, Setting, Source, Term, View};
use protocol::{
    Body, ClockState, Digest, Hash, Incarnation, Mode, Moment, PlanMark, Prefix, Presence,
    Severity, Span,
};
use ratatui::style::Color;

use super::dump::{frame, rows, text};
use super::ground::ground;
use super::keyboard::{press, type_in};
use super::stage::{NOON, Stage9, busy, city, clock, log, report, screen, setting};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

#[test]
fn every_row_is_as_wide_as_the_terminal_whatever_is_shown() {
    let stage = busy();
    for lang in [Lang::Zh, Lang::En] {
        for glyphs in [Glyphs::Full, Glyphs::Blocks, Glyphs::Ascii] {
            let mut view = screen(
                &stage,
                Setting {
                    glyphs,
                    ..setting(lang)
                },
            );
            for (width, height) in SIZES {
                for keys in ["", "1", "2", "3", "4", "5", "6", "z", "?"] {
                    type_in(&mut view, keys);
                    rows(&frame(&view, width, height));
                }
                press(&mut view, KeyCode::Esc);
                press(&mut view, KeyCode::Esc);
                press(&mut view, KeyCode::Char('1'));
                press(&mut view, KeyCode::Enter);
                rows(&frame(&view, width, height));
                press(&mut view, KeyCode::Esc);
                press(&mut view, KeyCode::Char('N'));
                rows(&frame(&view, width, height));
                press(&mut view, KeyCode::Esc);
            }
        }
    }
}

#[test]
fn no_size_of_the_terminal_breaks_the_screen() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    for layer in ["", "?", "N"] {
        type_in(&mut view, layer);
        for width in (1..260).step_by(13) {
            for height in (1..90).step_by(7) {
                rows(&frame(&view, width, height));
            }
        }
        press(&mut view, KeyCode::Esc);
    }
}

#[test]
fn at_every_size_and_in_both_languages_the_screen_says_what_it_is() {
    for (lang, words) in [
        (
            Lang::Zh,
            [
                "演练·虚构",
                "事件队列",
                "堤防险情",
                "2/3",
                "不作定位和划界依据",
                "台风红色预警",
                "节点",
                "切窗",
            ],
        ),
        (
            Lang::En,
            [
                "EXERCISE, FICTIONAL",
                "Incidents",
                "dyke in danger",
                "2/3",
                "no map approval number",
                "typhoon red warning",
                "nodes",
                "pane",
            ],
        ),
    ] {
        let view = screen(&busy(), setting(lang));
        for (width, height) in SIZES {
            let text = text(&view, width, height);
            for word in words {
                assert!(text.contains(word), "{word} at {width}x{height}:\n{text}");
            }
        }
    }
}

#[test]
fn a_large_screen_shows_every_pane_with_its_number() {
    let view = screen(&busy(), setting(Lang::Zh));
    for (width, height) in &SIZES[1..] {
        let text = text(&view, *width, *height);
        for title in [
            "[1] 事件队列 6",
            "[2] 资源 演示数据",
            "[3] 时间线",
            "[4] 链路 10/10",
            "[5] 态势图",
            "[6] 增援 1/2",
        ] {
            assert!(text.contains(title), "{title}:\n{text}");
        }
        assert!(text.contains("东⇨南 排涝车 x1 在途"), "{text}");
        assert!(text.contains("大湾桥"), "{text}");
        assert!(text.contains("台风山竹 42米/秒"), "{text}");
    }
}

#[test]
fn a_terminal_that_is_too_small_is_told_so_and_recovers() {
    let view = screen(&busy(), setting(Lang::Zh));
    let small = text(&view, 79, 24);
    assert!(
        small.contains("80x24") && small.contains("79x24"),
        "{small}"
    );
    assert!(!small.contains("事件队列"));
    assert!(text(&view, 80, 24).contains("事件队列"));
}

#[test]
fn without_colour_nothing_is_coloured_and_everything_is_still_told() {
    let setting = Setting {
        colours: Colours::None,
        ..setting(Lang::Zh)
    };
    let view = screen(&busy(), setting);
    for (width, height) in SIZES {
        let buffer = frame(&view, width, height);
        for cell in buffer.content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
        }
        let text = rows(&buffer).join("\n");
        for word in ["危急", "紧急", "Ⅱ", "红色预警"] {
            assert!(text.contains(word), "{word}");
        }
    }
}

#[test]
fn drill_live_test_and_replay_differ_by_words_alone() {
    let mut seen = Vec::new();
    for (mode, source) in [
        (Mode::Exercise, Source::Bus),
        (Mode::Actual, Source::Bus),
        (Mode::Test, Source::Bus),
        (Mode::Exercise, Source::Recording),
    ] {
        let stage = Stage9::new(mode);
        let view = screen(
            &stage,
            Setting {
                source,
                colours: Colours::None,
                ..setting(Lang::En)
            },
        );
        let first = text(&view, 80, 24).lines().next().unwrap().to_owned();
        let banner = first.split("Nine").next().unwrap().to_owned();
        assert!(!seen.contains(&banner), "{banner}");
        seen.push(banner);
    }
}

#[test]
fn hostile_text_from_outside_reaches_no_terminal() {
    let mut stage = busy();
    let incident = protocol::IncidentId {
        author: city(3),
        epoch: 1,
        number: 99,
    };
    let mut hostile = report(incident, Severity::Critical, NOON - Span::minutes(1));
    hostile.place = "\u{1b}[2J\u{202e}堤\u{200b}围\u{7}\u{fe0f}e\u{301}\r\n".repeat(20);
    hostile.summary = "\u{1b}]0;owned\u{7}".into();
    hostile.event = "\u{1b}[31mdyke".into();
    stage.write(city(3), Body::Incident(Arc::new(hostile)));
    let mut view = screen(&stage, setting(Lang::Zh));
    press(&mut view, KeyCode::Enter);
    for (width, height) in SIZES {
        let text = text(&view, width, height);
        let steers = |c: char| c != '\n' && protocol::is_hostile(c);
        assert!(!text.contains(steers), "{text:?}");
    }
}

#[test]
fn the_clock_runs_on_between_words_of_the_director() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    view.tick(Moment(1_000_000) + Span::seconds(15));
    assert!(
        text(&view, 80, 24).contains("14:01:00 x4"),
        "60 drill seconds in 15"
    );
    let mut paused = clock(ClockState::Paused);
    paused.revision = 2;
    view.hear(Heard::Clock(paused));
    view.tick(Moment(1_000_000) + Span::seconds(99));
    assert!(text(&view, 80, 24).contains("14:00:00 x4 [=]"));
}

#[test]
fn the_title_is_in_the_language_of_the_screen() {
    let title = Some(Term::new("山竹推演", "Mangkhut tabletop"));
    let known = Setting {
        title,
        ..setting(Lang::En)
    };
    let mut view = screen(&busy(), known);
    let shown = text(&view, 120, 40);
    assert!(shown.contains("Mangkhut tabletop"), "{shown}");
    press(&mut view, KeyCode::F(2));
    assert!(text(&view, 120, 40).contains("山竹推演"));
    let unknown = screen(&busy(), setting(Lang::En));
    assert!(text(&unknown, 120, 40).contains("台风桌面推演"));
}

#[test]
fn the_last_line_always_names_the_way_out() {
    for (lang, help, quit) in [
        (Lang::Zh, "? 帮助", "q 退出"),
        (Lang::En, "? help", "q quit"),
    ] {
        let view = screen(&busy(), setting(lang));
        for width in 80..130 {
            let shown = text(&view, width, 24);
            let last = shown.lines().last().unwrap();
            assert!(
                last.contains(help) && last.trim_end().ends_with(quit),
                "{last}"
            );
        }
    }
}

#[test]
fn links_say_that_they_age_in_real_time_unless_the_drill_does_too() {
    for (lang, words) in [(Lang::Zh, "历时为实时"), (Lang::En, "ages in real time")] {
        let mut view = screen(&busy(), setting(lang));
        press(&mut view, KeyCode::Char('4'));
        for (width, height) in SIZES {
            let shown = text(&view, width, height);
            assert!(shown.contains(words), "{width}x{height}:\n{shown}");
        }
        let mut real = clock(ClockState::Started);
        (real.speed_permille, real.revision) = (1_000, 2);
        view.hear(Heard::Clock(real));
        for (width, height) in SIZES {
            assert!(!text(&view, width, height).contains(words));
        }
    }
}

#[test]
fn what_is_missing_and_since_when_is_said() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    let digest = Digest {
        plan: None,
        boots: Vec::new(),
        incarnation: Incarnation { epoch: 1, nonce: 7 },
        logs: vec![Prefix {
            log: log(city(5)),
            seq: 7,
            head: Hash::default().mark(),
        }],
        drill: NOON,
    };
    view.hear_digest(city(6), (1, 1), &digest);
    let shown = text(&view, 200, 60);
    assert!(shown.contains("缺3"), "{shown}");
    assert!(shown.contains("缺河口市 3 条消息，自 14:00 起"), "{shown}");
}

#[test]
fn an_office_that_falls_silent_or_is_lost_ages_visibly() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    view.tick(Moment(1_000_000) + Span::minutes(4));
    let shown = text(&view, 120, 40);
    assert!(
        shown.contains("节点 0/10") && shown.contains("4m?"),
        "{shown}"
    );
    let presence = Presence {
        incarnation: Incarnation { epoch: 1, nonce: 7 },
        online: false,
        answers: None,
    };
    view.hear_presence(city(0), (1, 1), &presence);
    view.hear_link("hub".parse().unwrap(), LinkState::Down);
    let shown = text(&view, 120, 40);
    assert!(
        shown.contains("东 失去联系") && shown.contains("总线 hub 断链"),
        "{shown}"
    );
}

#[test]
fn a_screen_that_has_heard_nothing_says_that_it_is_connecting() {
    let stage = Stage9::new(Mode::Exercise);
    let view = View::new(stage.network, ground(), setting(Lang::Zh));
    for (width, height) in SIZES {
        let shown = text(&view, width, height);
        assert!(
            shown.contains("连接中") && shown.contains("演练"),
            "{shown}"
        );
    }
}

#[test]
fn who_plans_otherwise_than_most_is_named_among_the_links() {
    let mut view = screen(&busy(), setting(Lang::Zh));
    press(&mut view, KeyCode::Char('4'));
    let mut say = |at: usize, plan: &[u8]| {
        let digest = Digest {
            incarnation: Incarnation { epoch: 1, nonce: 7 },
            logs: Vec::new(),
            drill: NOON,
            plan: Some(PlanMark::new(NOON, Hash::of(plan))),
            boots: Vec::new(),
        };
        view.hear_digest(city(at), (1, 1), &digest);
        text(&view, 200, 60)
    };
    assert!(
        !say(0, b"one").contains("方案一致"),
        "one alone is not compared"
    );
    let shown = say(1, b"one");
    assert!(shown.contains("方案一致 14:00 2/2"), "{shown}");
    let shown = say(2, b"another");
    assert!(shown.contains("方案一致 14:00 2/3 另案 南"), "{shown}");
}
