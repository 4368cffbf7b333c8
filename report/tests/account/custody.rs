//! Who holds what, as a synthetic recording tells it.

use protocol::{Body, DutyNote, Frame, Hash, Head, Mode, Role};
use report::{Critical, Language, Report};

use super::stage::{Stage, minute};
use super::storm::{self, OFFICES};
use crate::{case, told};

/// Zhuhai reports an incident (its second entry) and says more; two hold it, one of them not all.
fn held() -> Stage {
    let mut stage = Stage::new(Mode::Exercise, "台风演练", &OFFICES);
    storm::opened(&mut stage, &case(1, "440400", 10));
    let own = |stage: &Stage| {
        let own = stage.envelopes.iter();
        own.filter(|it| it.header().log.author.as_str() == "440400")
            .count() as u64
    };
    let told = own(&stage);
    for note in 0..3 {
        let note = Body::DutyNote(DutyNote {
            incident: None,
            by: "值班员".into(),
            text: format!("{note}"),
            at: minute(20 + note),
        });
        stage.say("440400", minute(20), note);
    }
    let all = own(&stage);
    for at in [30, 35, 40] {
        stage.digest("440400", minute(at), &[("440400", all)]);
        stage.digest("442000", minute(at), &[("440400", all)]);
        stage.digest("440300", minute(at), &[("440400", told)]);
    }
    stage
}

fn zhuhai(report: &Report) -> report::LogCustody {
    let logs = report.custody.logs.iter();
    let mut own = logs.filter(|it| it.log.author.as_str() == "440400");
    *own.next().unwrap()
}

#[test]
fn a_log_tells_in_how_many_journals_it_is_and_how_many_peers_hold_its_end() {
    let mut stage = held();
    stage.end(minute(60));
    let report = told(&stage);
    assert_eq!(report.custody.holders, 3);
    let log = zhuhai(&report);
    assert_eq!((log.recorded_in, log.least_held_by, log.fresh), (3, 1, 0));
    let first = &report.custody.critical[0];
    assert_eq!(first.kind, Critical::FirstReport);
    assert_eq!((first.entries, first.least, first.most), (1, 2, 2));
    assert!(report.custody.alone.is_empty());
}

#[test]
fn what_a_holder_lacks_is_told_in_the_words_in_which_it_is_always_told() {
    let mut stage = held();
    stage.end(minute(60));
    let report = told(&stage);
    let gaps = report.custody.gaps.iter();
    let gap: Vec<_> = gaps
        .filter(|it| it.log.author.as_str() == "440400")
        .collect();
    assert_eq!(gap.len(), 1, "{gap:?}");
    assert_eq!(gap[0].holder.as_str(), "440300");
    assert_eq!(gap[0].told.en, "3 messages missing from Zhuhai since 06:11");
    assert_eq!(gap[0].told.zh, "缺珠海市 3 条消息，自 06:11 起");
    let page = report.to_html(Language::Chinese);
    assert!(page.contains("缺珠海市 3 条消息，自 06:11 起"));
}

#[test]
fn what_was_written_after_the_last_word_of_most_is_not_judged() {
    let mut stage = held();
    storm::opened(&mut stage, &case(2, "440400", 50));
    stage.end(minute(60));
    let report = told(&stage);
    let log = zhuhai(&report);
    assert!(log.fresh > 0);
    assert_eq!(log.least_held_by, 1);
    assert_eq!(report.custody.critical[0].entries, 1);
}

#[test]
fn an_entry_that_first_came_out_of_other_hands_is_counted_for_them() {
    let mut stage = held();
    let note = Body::DutyNote(DutyNote {
        incident: None,
        by: "值班员".into(),
        text: "由中山转".into(),
        at: minute(45),
    });
    let envelope = stage.seal("440400", note);
    stage.hand("442000", minute(46), &envelope);
    stage.hand("440300", minute(47), &envelope);
    stage.publish(minute(48), &envelope);
    stage.end(minute(60));
    let handed = told(&stage).custody.handed;
    assert_eq!(handed.len(), 1);
    assert_eq!((handed[0].by.as_str(), handed[0].entries), ("442000", 1));
    assert!(!handed[0].carried);
}

#[test]
fn who_spoke_less_than_three_times_is_not_judged() {
    let mut stage = Stage::new(Mode::Exercise, "台风演练", &OFFICES);
    storm::opened(&mut stage, &case(1, "440400", 10));
    for at in [30, 31] {
        stage.digest("442000", minute(at), &[]);
    }
    stage.end(minute(60));
    let report = told(&stage);
    assert_eq!(report.custody.judged_until, None);
    assert!(report.custody.gaps.is_empty() && report.custody.alone.is_empty());
    let page = report.to_html(Language::English);
    assert!(page.contains("nothing is judged"));
}

#[test]
fn what_a_holder_said_before_is_not_believed_when_it_is_said_again() {
    let mut stage = held();
    let kept = stage.lines.iter().rev();
    let kept = kept.filter(|line| line.contains("digest/442000")).take(1);
    let kept: Vec<String> = kept.cloned().collect();
    for at in [45, 50, 55] {
        // Its disk was lost.
        stage.digest("442000", minute(at), &[]);
    }
    stage.lines.extend(kept.clone());
    assert_eq!(kept.len(), 1);
    stage.end(minute(60));
    let report = told(&stage);
    let log = zhuhai(&report);
    assert_eq!((log.recorded_in, log.least_held_by), (2, 0));
}

#[test]
fn what_a_crew_s_terminal_says_to_hold_is_no_journal_and_makes_no_entry_missing() {
    let van = ("440400-van", Role::Terminal, "车", "Van");
    let offices: Vec<_> = OFFICES.iter().copied().chain([van]).collect();
    let mut stage = Stage::new(Mode::Exercise, "台风演练", &offices[..]);
    storm::opened(&mut stage, &case(1, "440400", 10));
    stage.digest(van.0, minute(30), &[("440400", 5_000_000_000)]);
    stage.end(minute(60));
    let report = told(&stage);
    assert_eq!(report.custody.holders, 0);
    assert_eq!(report.delivery.missing(), 0);
}

#[test]
fn a_head_that_nobody_signed_makes_no_entry_missing() {
    let mut stage = held();
    let log = stage.envelopes.last().unwrap().header().log;
    for seq in [5_000_000_000, u64::MAX] {
        let hash = Hash::default();
        let frame = Frame::append(stage.network.id, Head { log, seq, hash }, Vec::new());
        stage.frame(minute(41), &frame.topic().to_string(), frame.text());
    }
    stage.end(minute(60));
    let report = told(&stage);
    assert_eq!(report.delivery.missing(), 0);
    let page = report.to_html(Language::English);
    assert!(!page.contains("are known to exist"));
}

#[test]
fn a_record_without_digests_claims_nothing() {
    let mut stage = Stage::new(Mode::Exercise, "台风演练", &OFFICES);
    storm::opened(&mut stage, &case(1, "440400", 10));
    stage.end(minute(60));
    let report = told(&stage);
    assert_eq!(report.custody.holders, 0);
    let page = report.to_html(Language::English);
    assert!(page.contains("no word of what is on whose disk"));
}
