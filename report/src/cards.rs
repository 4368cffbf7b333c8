//! 导调卡 and 评估表: what exercise controllers give and evaluators look for, on paper before a drill.
//!
//! They are for the exercise staff alone: what is on them is what participants must not know.

use protocol::{Moment, PartyId};

use crate::bilingual::{Bilingual, Language};
use crate::page;
use crate::sheet;

/// A drill's cards and forms.
#[derive(Clone, Debug)]
pub struct Cards {
    /// The drill's title.
    pub title: Bilingual,
    /// The scenario's id.
    pub scenario: String,
    /// The version of the program.
    pub version: String,
    /// Offset from UTC in minutes.
    pub offset_min: i16,
    /// What the drill is to exercise.
    pub aims: Vec<Aim>,
    /// The grades, best first.
    pub scale: Vec<String>,
    /// What is given, in the order in which it may come.
    pub cards: Vec<Card>,
    /// Who is given something, with their names.
    pub names: Vec<(PartyId, Bilingual)>,
}

/// Something that a drill is to exercise.
#[derive(Clone, Debug)]
pub struct Aim {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How it is measured and graded; `None` if people judge it.
    pub measured: Option<Bilingual>,
}

/// One inject.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// When it is given, or the first moment at which it may be.
    pub at: Moment,
    /// What it waits for, and what would spare it.
    pub when: Vec<Bilingual>,
    /// How it reaches people.
    pub channel: Bilingual,
    /// Who is given it.
    pub to: Vec<PartyId>,
    /// What is given.
    pub gives: Bilingual,
    /// What a good office does then.
    pub expected: Option<Expected>,
    /// The objective that it serves.
    pub objective: Option<String>,
}

/// What a good office does after an inject.
#[derive(Clone, Debug)]
pub struct Expected {
    /// How soon.
    pub within: protocol::Span,
    /// What an evaluator should see.
    pub action: String,
    /// By what the drill itself sees it; `None` if people judge.
    pub seen: Option<Bilingual>,
}

impl Cards {
    /// The control cards, two on a page of A4.
    pub fn to_html(&self, language: Language) -> String {
        page::cards::controllers(self, language)
    }

    /// The evaluators' forms, a page for each office.
    pub fn forms_html(&self, language: Language) -> String {
        page::cards::evaluators(self, language)
    }

    /// The evaluators' forms as a table to be filled in, a row for each expected action of each office and
    /// for each objective.
    pub fn forms_csv(&self) -> String {
        sheet::forms(self)
    }

    /// A moment as a card shows it.
    pub(crate) fn clock(&self, at: Moment) -> String {
        sheet::day_and_time(at, self.offset_min)
    }

    /// The name of a party; its id if nobody named it.
    pub(crate) fn name(&self, party: PartyId) -> Bilingual {
        let known = self.names.iter().find(|(id, _)| *id == party);
        known.map_or_else(|| Bilingual::same(party.as_str()), |(_, name)| name.clone())
    }

    /// The cards of an office after which something is expected.
    pub(crate) fn expected_of(&self, office: PartyId) -> impl Iterator<Item = (&Card, &Expected)> {
        let cards = self
            .cards
            .iter()
            .filter(move |card| card.to.contains(&office));
        cards.filter_map(|card| Some((card, card.expected.as_ref()?)))
    }
}
