//! What parties are called: by the roster, else by the ground, else by their id.

use std::collections::BTreeMap;

use picture::Picture;
use protocol::PartyId;

use crate::bilingual::Bilingual;
use crate::ground::Ground;

/// Names of every party that the account mentions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(BTreeMap<PartyId, Bilingual>);

impl Names {
    pub(crate) fn of(picture: &Picture, ground: &Ground) -> Self {
        let mut names = BTreeMap::new();
        for city in &ground.cities {
            names.insert(city.office, city.name.clone());
        }
        for member in picture.roster().authors() {
            let name = Bilingual::outside(&member.name_zh, &member.name_en);
            if !name.zh.is_empty() {
                names.insert(member.party, name);
            }
        }
        let roster = Bilingual::new("区域名册", "the region's roster");
        names.entry(picture.network().region).or_insert(roster);
        Self(names)
    }

    /// The name of a party; its id if nobody named it.
    pub(crate) fn name(&self, party: PartyId) -> Bilingual {
        self.0
            .get(&party)
            .cloned()
            .unwrap_or_else(|| Bilingual::same(party.as_str()))
    }

    pub(crate) fn into_inner(self) -> BTreeMap<PartyId, Bilingual> {
        self.0
    }
}
