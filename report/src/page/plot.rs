//! Small plots of response times: how many cases took how long.

use std::fmt::Write;

use maud::{Markup, html};
use protocol::{Severity, Span};

use super::speech::{colour, dash};
use crate::distribution::Distribution;

/// Size of a plot, and the part of it that holds the curve.
const WIDTH: f64 = 250.0;
const HEIGHT: f64 = 132.0;
const LEFT: f64 = 30.0;
const FLOOR: f64 = 110.0;
const TOP: f64 = 8.0;

/// Columns of a histogram; the last holds all that took longer.
const COLUMNS: usize = 24;

/// Points of a curve; more cannot be told apart at this size.
const POINTS: usize = 120;

/// A round end of the time axis, so that nearly all cases lie on it.
pub(super) fn reach(times: &Distribution) -> Span {
    let wanted = Span(times.p90.0.saturating_mul(2)).min(times.max);
    let round = [
        5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1_440,
    ];
    let round = round.map(Span::minutes);
    round
        .into_iter()
        .find(|end| *end >= wanted)
        .unwrap_or(Span::minutes(2_880))
}

/// A histogram of times.
pub(super) fn histogram(times: &[Span], reach: Span, severity: Severity) -> Markup {
    let mut columns = [0_u32; COLUMNS + 1];
    for time in times {
        let column = time.0.saturating_mul(COLUMNS as u64) / reach.0;
        columns[usize::try_from(column).unwrap_or(COLUMNS).min(COLUMNS)] += 1;
    }
    let most = columns.iter().copied().max().unwrap_or(0).max(1);
    let step = (WIDTH - LEFT) / 25.0;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label="histogram" {
            (axes(reach, &most.to_string(), WIDTH - step))
            @for (place, count) in columns.iter().enumerate().filter(|(_, count)| **count > 0) {
                @let x = LEFT + step * f64::from(u32::try_from(place).unwrap_or(0));
                @let tall = (FLOOR - TOP) * f64::from(*count) / f64::from(most);
                rect x=(format!("{x:.1}")) y=(format!("{:.1}", FLOOR - tall)) height=(format!("{tall:.1}"))
                    width=(format!("{:.1}", step - 1.0)) fill=(colour(severity)) { title { (count) } }
            }
        }
    }
}

/// A curve of a plot: which times, and of which severity; `None` for all, drawn broad and grey.
pub(super) struct Curve {
    pub(super) severity: Option<Severity>,
    pub(super) times: Vec<Span>,
}

/// Cumulative curves: which part of the cases was reached within which time.
pub(super) fn cumulative(curves: &[Curve], reach: Span) -> Markup {
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label="cumulative distribution" {
            (axes(reach, "100%", WIDTH))
            @let half = f64::midpoint(FLOOR, TOP);
            line x1=(LEFT) x2=(WIDTH) y1=(half) y2=(half) stroke="#e3e7eb" {}
            text x=(LEFT - 3.0) y=(half + 3.5) font-size="9.5" text-anchor="end" { "50%" }
            @for curve in curves.iter().filter(|curve| !curve.times.is_empty()) {
                @let path = steps(&curve.times, reach);
                @match curve.severity {
                    None => { path d=(path) fill="none" stroke="#c4cad0" stroke-width="4" {} }
                    Some(severity) => {
                        path d=(path) fill="none" stroke=(colour(severity)) stroke-width="1.8"
                            stroke-dasharray=(dash(severity)) {}
                    }
                }
            }
        }
    }
}

/// Path data of a cumulative curve, in steps.
fn steps(times: &[Span], reach: Span) -> String {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let count = sorted.len();
    let every = count.div_ceil(POINTS).max(1);
    let mut path = format!("M{LEFT:.1} {FLOOR:.1}");
    let mut last = FLOOR;
    for (place, time) in sorted.iter().enumerate() {
        if *time > reach {
            break;
        }
        if (place + 1) % every != 0 && place + 1 != count {
            continue;
        }
        let x = LEFT + (WIDTH - LEFT) * time.as_seconds() / reach.as_seconds();
        last = FLOOR - (FLOOR - TOP) * small(place + 1) / small(count);
        write!(path, "H{x:.1}V{last:.1}").expect("a string takes whatever is written");
    }
    write!(path, "H{WIDTH:.1}").expect("a string takes whatever is written");
    debug_assert!(last <= FLOOR, "a cumulative curve rises");
    path
}

fn small(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The floor with three times on it, and the top's figure.
fn axes(reach: Span, top: &str, end: f64) -> Markup {
    let minutes = reach.whole_seconds() / 60;
    html! {
        line x1=(LEFT) x2=(WIDTH) y1=(FLOOR) y2=(FLOOR) stroke="#59636e" {}
        text x=(LEFT - 3.0) y=(TOP + 6.0) font-size="9.5" text-anchor="end" { (top) }
        text x=(LEFT - 3.0) y=(FLOOR) font-size="9.5" text-anchor="end" { "0" }
        text x=(LEFT) y=(FLOOR + 13.0) font-size="9.5" { "0" }
        text x=(f64::midpoint(LEFT, end)) y=(FLOOR + 13.0) font-size="9.5" text-anchor="middle" {
            (minutes / 2) @if minutes % 2 == 1 { ".5" }
        }
        text x=(format!("{end:.1}")) y=(FLOOR + 13.0) font-size="9.5" text-anchor="end" { (minutes) " min" }
    }
}
