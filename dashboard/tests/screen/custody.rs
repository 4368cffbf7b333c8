//! Two answers, shown: who else holds an entry, over whom it came, what was done upon it.

use std::sync::Arc;

use crossterm::event::KeyCode;
use dashboard::{Heard, Lang, View};
use protocol::{
    AreaCode, Body, Digest, Frame, Incarnation, LogKey, Mode, Moment, PartyId, Prefix, Role,
    Severity, Signer, Span, Speaker, Suite, Wall,
};

use super::dump::text;
use super::keyboard::press;
use super::stage::{NOON, Stage9, busy, city, log, party, report, screen, setting};

/// A holder says how far it has a log.
fn holds(view: &mut View, holder: PartyId, log: LogKey, seq: u64) {
    let known = view.picture().log(log);
    let head = known.and_then(|known| known.hash_at(seq));
    let digest = Digest {
        plan: None,
        boots: Vec::new(),
        incarnation: Incarnation { epoch: 1, nonce: 7 },
        logs: vec![Prefix {
            log,
            seq,
            head: head.unwrap_or_default().mark(),
        }],
        drill: NOON,
    };
    view.hear_digest(holder, (1, 1), &digest);
}

/// A frame out of somebody's hands that brings the stage's last entry.
fn handed(stage: &Stage9, by: PartyId) -> Frame {
    let signer = Signer::new(by, Suite::Virtual, [2; 32]);
    let mut speaker = Speaker::new(stage.network.id, Mode::Exercise, signer, 1);
    let last = stage.envelopes.last().into_iter().map(Arc::clone).collect();
    Frame::fill(&mut speaker, stage.network.id, city(0), last, Wall(0))
        .expect("the stage has an entry")
}

/// An incident so grave that it stands first, at the end of the stage.
fn gravest(stage: &mut Stage9) {
    let incident = protocol::IncidentId {
        author: city(2),
        epoch: 1,
        number: 77,
    };
    let gravest = report(incident, Severity::Critical, NOON - Span::hours(2));
    stage.write(city(2), Body::Incident(Arc::new(gravest)));
}

#[test]
fn an_incident_says_who_else_holds_its_last_report_and_what_came_of_it() {
    for (lang, words) in [
        (
            Lang::Zh,
            [
                "本席已收  已存于 2/9: 东 西",
                "来自 作者的日志主题",
                "据此  需求 1  调派 2",
                "存 1/9",
            ],
        ),
        (
            Lang::En,
            [
                "received here  held by 2/9: EP WH",
                "came by its author's topic",
                "acted upon:  Needs 1  commits 2",
                "held 1/9",
            ],
        ),
    ] {
        let mut view = screen(&busy(), setting(lang));
        // The report is the fifth entry of its author, behind four units; the need is the seventh.
        holds(&mut view, city(0), log(city(2)), 5);
        holds(&mut view, city(1), log(city(2)), 9);
        press(&mut view, KeyCode::Enter);
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            let shown = text(&view, width, height);
            for word in words {
                assert!(shown.contains(word), "{word} at {width}x{height}:\n{shown}");
            }
        }
    }
}

#[test]
fn an_entry_that_nobody_else_holds_says_so() {
    let mut view = screen(&busy(), setting(Lang::En));
    holds(&mut view, city(0), log(city(2)), 4);
    press(&mut view, KeyCode::Enter);
    let shown = text(&view, 80, 24);
    assert!(shown.contains("held by 0/9"), "{shown}");
}

#[test]
fn an_entry_out_of_other_hands_names_them() {
    let mut stage = busy();
    gravest(&mut stage);
    let stick = party("op-990400");
    stage.join(stick, Role::Operator, AreaCode(990_400));
    let last = stage.envelopes.len() - 2;
    let (entry, admitted) = (Arc::clone(&stage.envelopes[last]), stage.envelopes.pop());
    stage.envelopes.pop();
    for (by, words) in [(city(1), "Westhill"), (stick, "memory stick, imported by")] {
        let mut view = screen(&stage, setting(Lang::En));
        view.hear(Heard::Envelope(admitted.clone().unwrap()));
        stage.envelopes.push(Arc::clone(&entry));
        view.hear_frame(&handed(&stage, by));
        stage.envelopes.pop();
        // What comes again on its own topic was here already.
        view.hear(Heard::Envelope(Arc::clone(&entry)));
        press(&mut view, KeyCode::Enter);
        let shown = text(&view, 80, 24);
        assert!(shown.contains(&format!("came by {words}")), "{shown}");
    }
}

#[test]
fn a_gap_is_told_in_the_words_in_which_it_is_always_told() {
    for (lang, words) in [
        (Lang::Zh, "缺河口市 3 条消息，自 14:00 起"),
        (Lang::En, "3 messages missing from Rivermouth since 14:00"),
    ] {
        let mut view = screen(&busy(), setting(lang));
        holds(&mut view, city(6), log(city(5)), 7);
        press(&mut view, KeyCode::Char('4'));
        let shown = text(&view, 80, 24);
        assert!(shown.contains(words), "{words}:\n{shown}");
        // Where a pane is narrow, the sentence goes on in the next row.
        let first: String = words.chars().take(9).collect();
        for (width, height) in [(120, 40), (200, 60)] {
            let shown = text(&view, width, height);
            assert!(shown.contains(&first), "{first}:\n{shown}");
        }
        view.tick(Moment(1_000_000) + Span::hours(1));
        assert!(text(&view, 80, 24).contains(words));
    }
}
