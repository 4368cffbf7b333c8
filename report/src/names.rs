//! What parties and roads are called: by the roster, else by the ground, else by their id.

use std::collections::{BTreeMap, BTreeSet};

use picture::Picture;
use protocol::{PartyId, RoadId};

use crate::bilingual::{Bilingual, clean};
use crate::ground::Ground;

/// Names of all that the account mentions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    parties: BTreeMap<PartyId, Bilingual>,
    /// Everybody who writes a log of a city, a service or the province.
    authors: BTreeSet<PartyId>,
    /// Crossings; other roads have no name.
    roads: BTreeMap<RoadId, Bilingual>,
    /// Posts as the roster names them: the English by the Chinese.
    posts: BTreeMap<String, String>,
}

impl Names {
    pub(crate) fn of(picture: &Picture, ground: &Ground) -> Self {
        let (mut names, mut authors) = (BTreeMap::new(), BTreeSet::new());
        for city in &ground.cities {
            names.insert(city.office, city.name.clone());
        }
        for member in picture.roster().authors() {
            let name = Bilingual::outside(&member.name_zh, &member.name_en);
            authors.insert(member.party);
            if !name.zh.is_empty() {
                names.insert(member.party, name);
            }
        }
        let roster = Bilingual::new("区域名册", "the region's roster");
        names.entry(picture.network().region).or_insert(roster);
        let roads = ground.crossings.iter();
        let posts = picture.roster().members();
        Self {
            parties: names,
            authors,
            roads: roads.map(|road| (road.road, road.name.clone())).collect(),
            posts: posts
                .filter(|member| !member.name_en.is_empty())
                .map(|member| (clean(&member.name_zh), clean(&member.name_en)))
                .collect(),
        }
    }

    /// The name of a party; its id if nobody named it.
    pub(crate) fn name(&self, party: PartyId) -> Bilingual {
        self.parties
            .get(&party)
            .cloned()
            .unwrap_or_else(|| Bilingual::same(party.as_str()))
    }

    /// Everybody whom the roster lets write a log.
    pub(crate) fn authors(&self) -> &BTreeSet<PartyId> {
        &self.authors
    }

    /// The name of a road; `None` for one that is no crossing.
    pub(crate) fn road(&self, road: RoadId) -> Option<&Bilingual> {
        self.roads.get(&road)
    }

    /// A post as an entry names it, in Chinese; in English too if the roster has such a post.
    pub(crate) fn post(&self, post: &str) -> Bilingual {
        let zh = clean(post);
        let en = self.posts.get(&zh).unwrap_or(&zh).clone();
        Bilingual::new(zh, en)
    }

    /// The names of parties alone.
    pub(crate) fn into_parties(self) -> BTreeMap<PartyId, Bilingual> {
        self.parties
    }
}
