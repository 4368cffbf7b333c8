//! The form of a new report, and its preview before anything is sent.

use protocol::Call;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::{Row, boxed, list};
use crate::clock::time_of_day;
use crate::colours::FOCUS;
use crate::form::{Field, Form, Step};
use crate::popup::popup;
use crate::view::View;
use crate::width::{cut, width, wrap};
use crate::wording as say;

/// Cells of the column of names.
const NAME_CELLS: usize = 10;

/// ```text
/// ┌ 接报 ────────────────────────────────┐
/// │至         珠海市                     │
/// │地点*      斗门区井岸镇_              │
/// │类别*      < 堤防险情 >               │
/// │时间*      14:05        演练时间      │
/// │紧急度     < 紧急 >                   │
/// │摘要                                  │
/// │需求       排涝车=2                   │
/// │                                      │
/// │必填                                  │
/// └──────────────────────────────────────┘
/// ```
pub(crate) fn draw_form(frame: &mut Frame<'_>, view: &View, area: Rect, form: &Form) {
    let title = view.word(say::FORM_TITLE);
    let inner = popup(frame, area, (72, 14), boxed(view, title));
    match &form.step {
        Step::Preview(call) => draw_preview(frame, view, inner, (form, call)),
        Step::Filling(fault) => {
            let mut lines: Vec<Line<'_>> = Field::ALL
                .iter()
                .map(|field| line(view, form, *field))
                .collect();
            lines.push(Line::default());
            lines.push(match fault {
                Some((field, why)) => Line::styled(
                    format!("{}: {}", view.word(field.label()), view.word(*why)),
                    view.colours().attention(),
                ),
                None => Line::styled(hint(view, form), view.colours().dim()),
            });
            lines.push(Line::styled(
                view.word(say::FORM_KEYS),
                view.colours().dim(),
            ));
            list(frame, view, inner, (lines, 0));
            put_cursor(frame, inner, form);
        }
    }
}

fn hint(view: &View, form: &Form) -> &'static str {
    view.word(match form.at {
        Field::Needs => say::NEEDS_HINT,
        Field::Time => say::TIME_HINT,
        Field::Office | Field::Severity => say::CHOICE_HINT,
        Field::Event if !form.events.is_empty() => say::CHOICE_HINT,
        Field::Place | Field::Event => say::REQUIRED,
        Field::Summary => say::FIELD_SUMMARY,
    })
}

fn line(view: &View, form: &Form, field: Field) -> Line<'static> {
    let chosen = |text: &str| format!("< {text} >");
    let text = match field {
        Field::Office => chosen(&view.ground.name(view.lang(), form.to())),
        Field::Place => form.place.text(),
        Field::Event if form.events.is_empty() => form.event_typed.text(),
        Field::Event => chosen(&view.ground.event(view.lang(), &form.event_code())),
        Field::Time => form.time.text(),
        Field::Severity => chosen(view.word(form.severity().label())),
        Field::Summary => form.summary.text(),
        Field::Needs => form.needs.text(),
    };
    let style = if field == form.at {
        FOCUS
    } else {
        view.colours().text()
    };
    Row::new()
        .left(view.word(field.label()), NAME_CELLS, style)
        .rest(&text, style)
        .line()
}

fn put_cursor(frame: &mut Frame<'_>, inner: Rect, form: &Form) {
    let line = match form.at {
        Field::Place => &form.place,
        Field::Event if form.events.is_empty() => &form.event_typed,
        Field::Time => &form.time,
        Field::Summary => &form.summary,
        Field::Needs => &form.needs,
        Field::Office | Field::Event | Field::Severity => return,
    };
    let right = u16::try_from(NAME_CELLS + 1 + line.cursor()).unwrap_or(u16::MAX);
    let down = u16::try_from(form.at as usize).unwrap_or(u16::MAX);
    let last = inner.right().saturating_sub(1);
    frame.set_cursor_position(Position {
        x: inner.x.saturating_add(right).min(last),
        y: inner
            .y
            .saturating_add(down)
            .min(inner.bottom().saturating_sub(1)),
    });
}

/// What would be sent, in full, before it is.
fn draw_preview(frame: &mut Frame<'_>, view: &View, inner: Rect, (form, call): (&Form, &Call)) {
    let needs: Vec<String> = call
        .requires
        .iter()
        .map(|need| format!("{} x{}", view.word(need.kind.label()), need.quantity))
        .collect();
    let rows = [
        (say::TO_OFFICE, view.ground.name(view.lang(), form.to())),
        (say::FIELD_PLACE, call.place.clone()),
        (
            say::FIELD_EVENT,
            view.ground.event(view.lang(), &call.event),
        ),
        (
            say::FIELD_TIME,
            time_of_day(call.occurred_at, view.ground.offset_min),
        ),
        (
            say::FIELD_SEVERITY,
            view.word(call.severity.label()).to_owned(),
        ),
        (say::FIELD_SUMMARY, call.summary.clone()),
        (say::FIELD_NEEDS, needs.join(", ")),
    ];
    let room = usize::from(inner.width)
        .saturating_sub(NAME_CELLS + 2)
        .max(4);
    let mut lines: Vec<Line<'_>> = rows
        .into_iter()
        .map(|(label, text)| {
            let name = view.word(label).trim_end_matches('*');
            let brief = if width(&text) > room {
                cut(&wrap(&text, room).join(" "), room)
            } else {
                text
            };
            Row::new()
                .left(name, NAME_CELLS, view.colours().dim())
                .rest(&brief, view.colours().text())
                .line()
        })
        .collect();
    lines.push(Line::default());
    lines.push(Line::styled(view.word(say::PREVIEW), FOCUS));
    list(frame, view, inner, (lines, 0));
}
