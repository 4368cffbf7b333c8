//! What came of a command, in words.

use protocol::{Outcome, Remark};

use super::{Tone, View};
use crate::lang::Lang;
use crate::width::clean;
use crate::wording as say;

impl View {
    pub(super) fn outcome(&self, what: &str, outcome: &Outcome) -> (String, Tone) {
        match outcome {
            Outcome::Done {
                about,
                held_by,
                remark,
                ..
            } => {
                let peers: Vec<String> = held_by
                    .iter()
                    .map(|peer| self.ground.short(self.lang(), *peer))
                    .collect();
                let mut text = format!("{what}: {} {}", self.word(say::DONE), clean(about));
                if !peers.is_empty() {
                    let held = self.word(say::HELD_BY);
                    text = format!("{text} ({held} {})", peers.join(" "));
                }
                if let Some(remark) = remark {
                    text = format!("{text}; {}", self.remark(remark));
                }
                (text, Tone::Plain)
            }
            Outcome::Already { remark } => {
                let text = format!("{what}: {}", self.remark(remark));
                (text, Tone::Plain)
            }
            Outcome::Clock { .. } => {
                let text = format!("{what}: {}", self.word(say::CLOCK_DONE));
                (text, Tone::Plain)
            }
            Outcome::Refused { reason } => {
                let text = format!("{what}: {}: {}", self.word(say::REFUSED), clean(reason));
                (text, Tone::Attention)
            }
            Outcome::Proposals { proposals, .. } => {
                (format!("{what}: {}", proposals.len()), Tone::Plain)
            }
            Outcome::Needs { needs, .. } => (format!("{what}: {}", needs.len()), Tone::Plain),
            Outcome::Resources { resources, .. } => {
                (format!("{what}: {}", resources.len()), Tone::Plain)
            }
        }
    }

    fn remark(&self, remark: &Remark) -> String {
        clean(match self.lang() {
            Lang::Zh => &remark.zh,
            Lang::En => &remark.en,
        })
    }
}
