//! The terminal: taken over whole and given back whole, whatever happens in between.

use std::io::{self, IsTerminal as _, Write as _, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use crossterm::cursor::{MoveTo, Show, position};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange, Event,
};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{event, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::draw::draw;
use crate::glyphs::Glyphs;
use crate::view::{Redraw, View};

/// Whether this process holds the terminal, so that giving it back twice does nothing the second time.
static HELD: AtomicBool = AtomicBool::new(false);

/// The thread that draws.
static SCREEN: Mutex<Option<ThreadId>> = Mutex::new(None);

/// What other threads panicked with while the screen was up: said when it is given back.
static LATER: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Sets the panic hook once in a process.
static HOOK: Once = Once::new();

/// Why there is no screen.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Standard output is a file or a pipe.
    #[error("standard output is no terminal; run without a screen, or in a terminal")]
    NoTerminal,
    /// The terminal refused.
    #[error("the terminal cannot be used: {0}")]
    Refused(#[from] io::Error),
}

/// The terminal while the screen is up. Dropping it gives the terminal back.
pub struct Session {
    terminal: Terminal<CrosstermBackend<io::Stdout>>,
    glyphs: Glyphs,
}

impl Session {
    /// Takes the terminal: alternate screen, raw keys, pastes in one piece. Finds out which signs
    /// it can be trusted with. A panic of the thread that draws gives it back before its message is
    /// written; one of another thread, which others may survive, waits until the screen is left.
    pub fn enter() -> Result<Self, TerminalError> {
        if !stdout().is_terminal() {
            return Err(TerminalError::NoTerminal);
        }
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                let drawing = *open(&SCREEN);
                let another = drawing.is_some_and(|it| it != thread::current().id());
                if another && HELD.load(Ordering::SeqCst) {
                    open(&LATER).push(panic.to_string());
                } else {
                    restore();
                    before(panic);
                }
            }));
        });
        HELD.store(true, Ordering::SeqCst);
        let entered = Self::take();
        if entered.is_err() {
            restore();
        }
        Ok(entered?)
    }

    fn take() -> io::Result<Self> {
        enable_raw_mode()?;
        execute!(
            stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            EnableFocusChange,
            SetTitle("liandong")
        )?;
        let glyphs = probe();
        let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        terminal.clear()?;
        Ok(Self { terminal, glyphs })
    }

    /// The signs that this terminal can be trusted with.
    pub fn glyphs(&self) -> Glyphs {
        self.glyphs
    }

    /// Brings the screen up to date, in one piece for terminals that know how.
    pub(crate) fn show(&mut self, view: &View, redraw: Redraw) -> io::Result<()> {
        if redraw == Redraw::Nothing {
            return Ok(());
        }
        queue!(stdout(), BeginSynchronizedUpdate)?;
        if redraw == Redraw::Everything {
            self.terminal.clear()?;
        }
        self.terminal.draw(|frame| draw(frame, view))?;
        execute!(stdout(), EndSynchronizedUpdate)
    }
}

/// What a mutex guards. Each is written whole, so a panic leaves nothing half done in it.
fn open<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on this thread draws.
pub(crate) fn draw_here() {
    *open(&SCREEN) = Some(thread::current().id());
}

impl Drop for Session {
    fn drop(&mut self) {
        restore();
    }
}

/// Waits for an event of the keyboard or the terminal, at most so long.
pub(crate) fn next_event(wait: Duration) -> io::Result<Option<Event>> {
    if event::poll(wait)? {
        event::read().map(Some)
    } else {
        Ok(None)
    }
}

/// Gives the terminal back, if it was taken. May be called from anywhere and more than once: from
/// a thread that waits for signals, say.
pub fn restore() {
    if HELD.swap(false, Ordering::SeqCst) {
        // Nobody is left to be told if this fails.
        let _ = execute!(
            stdout(),
            EndSynchronizedUpdate,
            DisableFocusChange,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
        let _ = stdout().flush();
        for panic in open(&LATER).drain(..) {
            let _ = writeln!(io::stderr(), "while the screen was up: {panic}");
        }
    }
}

/// Prints one line of a box and asks where the cursor went: a terminal that draws it two cells
/// wide would break every frame, so it gets ASCII. One that does not answer is trusted.
fn probe() -> Glyphs {
    let printed = execute!(stdout(), Clear(ClearType::All), MoveTo(0, 0), Print("│"));
    match printed.and_then(|()| position()) {
        Ok((column, _)) if column > 1 => Glyphs::Ascii,
        _ => Glyphs::Full,
    }
}
