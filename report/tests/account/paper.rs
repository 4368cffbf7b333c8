//! One office's picture on paper, from the entries of its journal.

use picture::StateAt;
use protocol::{LogKey, Mode, Span};
use report::{Bilingual, Event, Language, Paper, PaperOrder, ReportError, from_envelopes};

use super::stage::{Stage, minute, party};
use super::storm::{self, OFFICES};
use crate::{case, ground};

/// Zhuhai has an open incident and two units, one of them lent to by Zhongshan and done.
fn stage(mode: Mode) -> Stage {
    let mut stage = Stage::new(mode, "台风演练", &OFFICES);
    storm::fleet(&mut stage, "440400", 2);
    storm::fleet(&mut stage, "442000", 2);
    storm::staged(&mut stage);
    storm::opened(&mut stage, &case(1, "440400", 10));
    storm::helped(
        &mut stage,
        &case(2, "440400", 20),
        "442000",
        1,
        Span::minutes(24),
    );
    storm::opened(&mut stage, &case(3, "440300", 30));
    stage
}

fn paper(stage: &Stage) -> Result<Paper, ReportError> {
    paper_from(stage, Vec::new())
}

fn paper_from(stage: &Stage, states: Vec<StateAt>) -> Result<Paper, ReportError> {
    let order = PaperOrder {
        network: stage.network.clone(),
        office: party("440400"),
        offset_min: 480,
        version: "0.1.0".into(),
    };
    Paper::of(order, (states, stage.envelopes.clone()), &ground())
}

#[test]
fn a_picture_on_paper_says_what_is_open_who_there_is_and_how_old_it_is() {
    let paper = paper(&stage(Mode::Exercise)).unwrap();
    assert!(paper.as_of() > minute(20));
    let page = paper.to_html(Language::Chinese);
    for words in [
        "size:A4",
        "本单位在处事件",
        "其他单位在处事件",
        "人民路",
        "440400-1-1",
        "440300-1-3",
        "本单位队伍",
        "各市队伍",
        "生效预警",
        "各单位数据新旧",
        "没有缺少的消息",
        "签发/审核",
        "--known 14:07",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let own = page.find("440400-1-1").unwrap();
    let others = page.find("440300-1-3").unwrap();
    assert!(own < others, "an office works on its own incidents");
}

#[test]
fn a_drills_paper_says_so_at_the_head_and_foot_of_every_page_and_an_actual_one_does_not() {
    let page = |mode| {
        let paper = paper(&stage(mode)).unwrap();
        paper.to_html(Language::Both)
    };
    let drill = page(Mode::Exercise);
    assert_eq!(drill.matches("演练·虚构 EXERCISE · FICTIONAL").count(), 2);
    assert!(drill.contains("<thead><tr><td><div class=\"running\">"));
    assert!(drill.contains("<tfoot><tr><td><div class=\"running\">"));
    let actual = page(Mode::Actual);
    assert!(!actual.contains("演练"), "an actual event is no drill");
}

#[test]
fn what_a_seal_says_and_the_journal_lacks_is_told_in_the_words_for_gaps() {
    let mut stage = stage(Mode::Exercise);
    storm::opened(&mut stage, &case(4, "440300", 40));
    stage.reborn("440300", minute(50));
    let lost = |entry: &std::sync::Arc<protocol::Envelope>| {
        let header = entry.header();
        header.log.author == party("440300") && header.log.incarnation.epoch == 1 && header.seq >= 2
    };
    stage.envelopes.retain(|entry| !lost(entry));
    let page = paper(&stage).unwrap().to_html(Language::English);
    assert!(
        page.contains("1 message missing from Shenzhen"),
        "no gap is told"
    );
}

#[test]
fn a_page_for_print_loads_nothing_and_a_journal_without_entries_gives_none() {
    let page = paper(&stage(Mode::Exercise)).unwrap();
    let page = page.to_html(Language::English);
    for outside in ["http://", "https://", "src=", "<script", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let mut empty = stage(Mode::Exercise);
    empty.envelopes.clear();
    assert!(matches!(paper(&empty), Err(ReportError::NoEntry { .. })));
}

#[test]
fn a_gap_on_paper_begins_after_the_last_entry_before_it_and_not_after_what_came_later() {
    let mut stage = stage(Mode::Exercise);
    storm::opened(&mut stage, &case(4, "440300", 40));
    stage.reborn("440300", minute(50));
    storm::opened(&mut stage, &case(5, "440300", 55));
    let lost = |entry: &std::sync::Arc<protocol::Envelope>| {
        let header = entry.header();
        header.log.author == party("440300") && header.log.incarnation.epoch == 1 && header.seq >= 2
    };
    stage.envelopes.retain(|entry| !lost(entry));
    let page = paper(&stage).unwrap().to_html(Language::English);
    let told = page.split("message missing from Shenzhen").nth(1).unwrap();
    let told = &told[..told.len().min(40)];
    let at = |minutes| protocol::Civil::at(minute(minutes), 480).clock();
    let late: Vec<String> = (50..60).map(at).collect();
    assert!(!late.iter().any(|it| told.contains(it)), "{told}");
}

/// What is left in Zhuhai's journal, which was away while Shenzhen went on and took stock: Shenzhen's entries
/// up to this one, and those from its snapshot on.
fn away(stage: &mut Stage, kept: u64) -> StateAt {
    storm::opened(stage, &case(4, "440300", 40));
    let at = stage.takes_stock("440300", minute(45));
    storm::opened(stage, &case(5, "440300", 55));
    let (log, seq) = (at.entry.header().log, at.entry.header().seq);
    let lost = kept + 1..seq;
    let is_lost = |it: (LogKey, u64)| it.0 == log && lost.contains(&it.1);
    assert!(lost.start < lost.end);
    stage
        .envelopes
        .retain(|it| !is_lost((it.header().log, it.header().seq)));
    at
}

#[test]
fn a_picture_on_paper_of_an_office_that_took_a_snapshot_in_the_midst_of_a_life_is_that_of_after_it()
{
    let mut stage = stage(Mode::Exercise);
    let at = away(&mut stage, 2);
    let page = paper_from(&stage, vec![at])
        .unwrap()
        .to_html(Language::Chinese);
    for words in ["440300-1-3", "440300-1-4", "440300-1-5", "没有缺少的消息"] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn a_report_from_journals_goes_on_from_a_snapshot_in_the_midst_of_a_life() {
    let mut stage = stage(Mode::Actual);
    let event = Event {
        title: Bilingual::new("台风", "Typhoon"),
        region: "prd".into(),
        network: stage.network.clone(),
        offset_min: 480,
        period: None,
        version: "0.1.0".into(),
    };
    let at = away(&mut stage, 2);
    let report = from_envelopes(&event, (vec![at], stage.envelopes), &ground()).unwrap();
    assert_eq!(report.figures.incidents, 5);
    assert_eq!(report.delivery.missing(), 0);
}
