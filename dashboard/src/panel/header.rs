//! The first two lines, the tabs of the small screen and the hints of the last line.

use protocol::{ClockState, Label, ResponseLevel};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::clock::date_and_time;
use crate::colours::{FOCUS, SELECTION};
use crate::desk::Desk;
use crate::keys::{BINDINGS, Hint, Place};
use crate::pane::Pane;
use crate::view::{Banner, Layer, Tone, View};
use crate::width::{clean, cut, fit, width};
use crate::wording as say;

/// ```text
///  【演练·虚构】EXERCISE, FICTIONAL 珠江三角洲 台风     09-16 14:32:07 x4 [>] 节点 12/13
///  台风红色预警(珠)  一级响应(深)                                        拒收 3  作废 2
/// ```
pub(crate) fn draw_header(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let colours = view.colours();
    let right = clock_words(view);
    let (banner, style) = banner(view);
    let name = view.lang().term(&view.ground.name);
    let seat = match &view.setting.desk {
        Desk::Observer => view.word(say::OBSERVER).to_owned(),
        Desk::Operator(signed) => clean(&signed.post),
    };
    let left = format!(" {} {} {seat}", clean(name), clean(view.title()));
    let room = usize::from(area.width).saturating_sub(width(&right) + width(&banner) + 2);
    let first = Line::from(vec![
        Span::raw(" "),
        Span::styled(banner, style),
        Span::styled(fit(&left, room), colours.text()),
        Span::styled(right, colours.text()),
    ]);
    let second = second_line(view, usize::from(area.width));
    frame.render_widget(Paragraph::new(vec![first, second]), area);
}

/// The mode, told apart by words and brackets before any colour.
fn banner(view: &View) -> (String, Style) {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let (label, style): (Label, Style) = match view.banner() {
        Banner::Drill => (say::DRILL, bold),
        Banner::Live => (say::LIVE, bold.add_modifier(Modifier::REVERSED)),
        Banner::Test => (say::TESTING, bold),
        Banner::Replay => (say::REPLAY, bold.add_modifier(Modifier::UNDERLINED)),
    };
    let text = view.word(label).replace('·', view.glyphs().dot());
    (text, style)
}

fn clock_words(view: &View) -> String {
    let (fresh, all) = view.nodes();
    let nodes = format!("{} {fresh}/{all} ", view.word(say::NODES));
    let Some(clock) = &view.clock else {
        return format!("{} {nodes}", view.word(say::CONNECTING));
    };
    let state = match clock.state() {
        _ if view.is_over() => say::OVER,
        ClockState::Started => say::RUNNING,
        ClockState::Paused => say::PAUSED,
        ClockState::Initialised => say::NOT_BEGUN,
        ClockState::Stopped => say::OVER,
    };
    let time = date_and_time(view.now(), view.ground.offset_min);
    format!("{time} {} {} {nodes}", clock.speed(), view.word(state))
}

/// Warnings and responses in force, or what just came of a command; on the right what was refused.
fn second_line(view: &View, cells: usize) -> Line<'static> {
    let colours = view.colours();
    let refused: u64 = view.freshness.refusals().values().sum();
    let authors = view.picture.authors().values();
    let void: u64 = authors.map(|author| author.state.void_count).sum();
    let mut right = String::new();
    for (count, label) in [(refused, say::REFUSED_COUNT), (void, say::VOID_COUNT)] {
        if count > 0 {
            right = format!("{right}{} {count} ", view.word(label));
        }
    }
    let room = cells.saturating_sub(width(&right));
    let mut spans = Vec::new();
    if view.is_over() {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        spans.push(Span::styled(
            format!(" {} ", view.word(say::DRILL_OVER)),
            bold,
        ));
    }
    if let Some(pending) = view.pending.first().filter(|it| view.is_unanswered(it)) {
        let text = format!(" {}: {}", pending.what, view.word(say::UNANSWERED));
        spans.push(Span::styled(text, colours.attention()));
    } else if let Some(note) = view.standing_note() {
        let style = match note.tone {
            Tone::Plain => colours.text(),
            Tone::Attention => colours.attention(),
        };
        spans.push(Span::styled(format!(" {}", note.text), style));
    } else if view.freshness.is_cut_off() {
        let text = format!(" {} {}", view.word(say::BUS), view.word(say::CUT));
        spans.push(Span::styled(text, colours.lost()));
    } else {
        spans.extend(in_force(view));
    }
    let mut line = Vec::new();
    let mut used = 0;
    for span in spans {
        let text = cut(&span.content, room.saturating_sub(used));
        used += width(&text);
        line.push(Span::styled(text, span.style));
    }
    line.push(Span::raw(" ".repeat(room.saturating_sub(used))));
    line.push(Span::styled(right, colours.attention()));
    Line::from(line)
}

/// Warnings by the word of their colour, responses by their level: two axes, never one.
fn in_force(view: &View) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut warnings: Vec<_> = view.picture.warnings(view.now()).collect();
    warnings.sort_by_key(|state| state.warning.colour);
    for state in warnings {
        let warning = &state.warning;
        let hazard = view.ground.event(view.lang(), &warning.hazard);
        let areas: Vec<String> = warning
            .areas
            .iter()
            .take(3)
            .map(|area| view.ground.area(view.lang(), *area))
            .collect();
        let colour = view.word(warning.colour.label());
        let words = [hazard.as_str(), colour, view.word(say::WARNED)];
        let words = words.join(if view.word(say::WARNED).is_ascii() {
            " "
        } else {
            ""
        });
        let text = format!(" {words} ({}) ", areas.join(" "));
        spans.push(Span::styled(text, view.colours().warning(warning.colour)));
    }
    let mut responses: Vec<(ResponseLevel, String)> = Vec::new();
    for (party, author) in view.picture.authors() {
        for response in author.state.responses.values() {
            if let Some(level) = response.level {
                responses.push((level, view.ground.short(view.lang(), *party)));
            }
        }
    }
    responses.sort();
    for (level, office) in responses {
        let text = format!(" {}({office}) ", view.word(level.label()));
        spans.push(Span::styled(text, view.colours().text()));
    }
    spans
}

/// ```text
///  1事件队列 2资源 3时间线 4链路 5态势图 6增援
/// ```
pub(crate) fn draw_tabs(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let mut spans = vec![Span::raw(" ")];
    for pane in Pane::ALL {
        let text = format!("{}{}", pane.number(), view.word(pane.label()));
        let style = if pane == view.focus {
            FOCUS.patch(SELECTION)
        } else {
            view.colours().dim()
        };
        spans.push(Span::styled(text, style));
        spans.push(Span::raw(" "));
    }
    frame.render_widget(Line::from(spans), area);
}

/// The keys worth knowing, from the one table, as many as fit.
pub(crate) fn draw_hints(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let text = if matches!(view.layer, Layer::Form(_)) {
        view.word(say::FORM_KEYS).to_owned()
    } else {
        hints(view, usize::from(area.width).saturating_sub(2))
    };
    let line = Line::styled(format!(" {text}"), view.colours().dim());
    frame.render_widget(line, area);
}

/// Where not all hints fit, those give way that may, then those in the middle; the last, which is
/// the way out, stays.
fn hints(view: &View, cells: usize) -> String {
    let mut shown: Vec<(Hint, String)> = BINDINGS
        .iter()
        .filter(|binding| binding.hint != Hint::HelpAlone && binding.place == Place::Screen)
        .filter_map(|binding| {
            let key = binding.keys.first()?.name();
            Some((binding.hint, format!("{key} {}", view.word(binding.label))))
        })
        .collect();
    loop {
        let texts: Vec<&str> = shown.iter().map(|(_, text)| text.as_str()).collect();
        let text = texts.join("  ");
        if width(&text) <= cells || shown.len() < 2 {
            return text;
        }
        let spare = shown.iter().rposition(|(hint, _)| *hint == Hint::IfRoom);
        shown.remove(spare.unwrap_or((shown.len() - 1) / 2));
    }
}
