//! How long a frame takes: 200 by 60 cells, 2,000 units under way, everything on the map moving.
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

#[path = "../tests/screen/ground.rs"]
mod ground;
#[path = "../tests/screen/stage.rs"]
#[expect(dead_code, reason = "the tests stage more than a bench needs")]
mod stage;

use std::time::{Duration, Instant};

use dashboard::{Lang, draw};
use protocol::{Kind, Moment, Severity, Span};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use stage::{Stage9, screen, setting};

/// Units under way.
const UNITS: u32 = 2_000;

/// Frames that are measured.
const FRAMES: usize = 600;

fn main() {
    let mut stage = Stage9::new(protocol::Mode::Exercise);
    let mut incidents = Vec::new();
    for number in 1..=60 {
        let at = usize::try_from(number).unwrap_or_default() % 9;
        let incident = stage.incident(at, number, Severity::ALL[at % 4]);
        incidents.push((incident, stage.need(incident, 1_000 + number, 40)));
    }
    stage.weather();
    for number in 0..UNITS {
        let at = usize::try_from(number).unwrap_or_default();
        let unit = stage.unit(at % 9, number, Kind::FireRescue);
        stage.commit(
            at % 9,
            unit,
            incidents[at % incidents.len()],
            10_000 + number,
        );
    }
    let heard = Instant::now();
    let mut view = screen(&stage, setting(Lang::Zh));
    let entries = stage.envelopes.len();
    println!("{entries} envelopes heard in {:?}", heard.elapsed());
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let backend = TestBackend::new(width, height);
        let Ok(mut terminal) = Terminal::new(backend);
        let mut taken: Vec<Duration> = Vec::with_capacity(FRAMES);
        for step in 0..FRAMES {
            let passed = u64::try_from(step).unwrap_or_default();
            view.tick(Moment(1_000_000) + Span::millis(passed * 100));
            let begun = Instant::now();
            let Ok(_) = terminal.draw(|frame| draw(frame, &view));
            taken.push(begun.elapsed());
        }
        taken.sort_unstable();
        let (p50, p95) = (taken[FRAMES / 2], taken[FRAMES * 95 / 100]);
        println!("{width}x{height}, {UNITS} units: p50 {p50:?}, p95 {p95:?}");
    }
}
