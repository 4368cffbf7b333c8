//! Why a planner would send this resource and no other: the facts, and the same in both languages.

use serde::{Deserialize, Serialize};

use crate::command::Remark;
use crate::id::{NeedId, PartyId, ResourceId};
use crate::quantity::Deciseconds;
use crate::text::sanitise;
use crate::words::{Form, Kind, UnitState};

/// Characters of a road's name that are shown.
const ROAD_CHARS: usize = 40;

/// Why a unit, or so much of a stock, is proposed for a need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// Readiness and road time together.
    pub eta: Deciseconds,
    /// The roads that it takes and that have a name, in order: the first few.
    pub roads: Vec<String>,
    /// What is needed.
    pub wanted: Kind,
    /// What it is; another kind than the wanted one if it does that work besides.
    pub kind: Kind,
    /// What stays at home.
    pub leaves: Cover,
    /// What would be sent in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextBest>,
    /// Units that are nearer and do not go, the nearest first: the first few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nearer: Vec<Nearer>,
}

/// How much of a kind stays free at home, once all that is proposed up to here has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// So many.
    pub left: u32,
    /// The home floor.
    pub floor: u32,
}

/// The second best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextBest {
    /// Which.
    pub resource: ResourceId,
    /// When it would be there.
    pub eta: Deciseconds,
    /// How much more harm that is, in weighted minutes, of a stock for all that is proposed of it; below
    /// nothing if the plan as a whole asks for the farther one.
    pub costs_min: i64,
}

/// A unit that is nearer and does not go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearer {
    /// Which.
    pub resource: ResourceId,
    /// When it would be there.
    pub eta: Deciseconds,
    /// Why it does not go.
    #[serde(flatten)]
    pub because: Because,
}

/// Why a nearer unit does not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Because {
    /// It is not free.
    Busy {
        /// What it does.
        state: UnitState,
    },
    /// It is a stock of which nothing is free.
    Spent,
    /// Nothing was heard of it since its office booted.
    Unsure,
    /// Its owner's home floor keeps it.
    KeptHome {
        /// Its owner.
        owner: PartyId,
    },
    /// People declined to send it there.
    Declined,
    /// It is to stand by for a storm, and is of that city itself or of one that the storm comes as near to.
    AsNear,
    /// The wind is too strong there for what it does.
    Wind,
    /// Its crew has been out for its shift and is to be relieved at home.
    Weary,
    /// It helps more at another need.
    Elsewhere {
        /// Which.
        need: NeedId,
    },
    /// It is another office's, and the own city comes first.
    OwnFirst {
        /// Its owner.
        owner: PartyId,
    },
    /// It is another office's, which was asked and has not answered.
    Unanswered {
        /// Its owner.
        owner: PartyId,
    },
    /// The plan as a whole costs less without it.
    Dearer,
}

impl Because {
    fn told(self) -> Remark {
        let (zh, en) = match self {
            Self::Busy { state } => {
                let state = state.label();
                (state.zh.to_owned(), format!("is {}", state.en))
            }
            Self::Spent => ("已无余量".to_owned(), "has nothing left".to_owned()),
            Self::Unsure => (
                "本节点启动后尚无其消息".to_owned(),
                "was not heard of since this office booted".to_owned(),
            ),
            Self::KeptHome { owner } => (
                format!("为 {owner} 自保底线所留"),
                format!("is kept by the home floor of {owner}"),
            ),
            Self::Declined => (
                "值班员已决定不派".to_owned(),
                "was declined for it by people".to_owned(),
            ),
            Self::AsNear => (
                "属本市或同处台风圈内的城市，不作前置".to_owned(),
                "is of the city itself or of one that the storm comes as near to".to_owned(),
            ),
            Self::Wind => (
                "当地风力过大，不能作业".to_owned(),
                "cannot work in the wind there".to_owned(),
            ),
            Self::Weary => (
                "当班时限已到，待归建换班".to_owned(),
                "has been out for its shift and is to be relieved at home".to_owned(),
            ),
            Self::Elsewhere { need } => (
                format!("用于 {need} 更有益"),
                format!("helps more at {need}"),
            ),
            Self::OwnFirst { owner } => (
                format!("属 {owner}，本市优先"),
                format!("is of {owner}, and the own city comes first"),
            ),
            Self::Unanswered { owner } => (
                format!("属 {owner}，已请求而未见答复"),
                format!("is of {owner}, which was asked and has not answered"),
            ),
            Self::Dearer => (
                "就全局而言不用它更有益".to_owned(),
                "is left, for the plan as a whole costs less so".to_owned(),
            ),
        };
        Remark { zh, en }
    }
}

impl Why {
    /// In words.
    pub fn told(&self) -> Remark {
        let parts = [
            self.way(),
            self.capability(),
            self.cover(),
            self.second(),
            self.nearest(),
        ];
        let zh: Vec<&str> = parts.iter().map(|part| part.zh.as_str()).collect();
        let en: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
        Remark {
            zh: zh.join("；"),
            en: en.join("; "),
        }
    }

    fn way(&self) -> Remark {
        let minutes = minutes(self.eta);
        let roads = self.roads.iter().map(|road| sanitise(road, ROAD_CHARS));
        let roads: Vec<String> = roads.collect();
        if roads.is_empty() {
            return Remark {
                zh: format!("约 {minutes} 分钟到场"),
                en: format!("there in about {minutes} min"),
            };
        }
        Remark {
            zh: format!("经{}，约 {minutes} 分钟到场", roads.join("、")),
            en: format!("by {}, there in about {minutes} min", roads.join(", ")),
        }
    }

    fn capability(&self) -> Remark {
        let (kind, wanted) = (self.kind.label(), self.wanted.label());
        if self.kind == self.wanted {
            return Remark {
                zh: format!("专业对口（{}）", kind.zh),
                en: format!("of the kind that is asked ({})", kind.en),
            };
        }
        Remark {
            zh: format!("{}，可兼作{}", kind.zh, wanted.zh),
            en: format!("{}, which does the work of {} besides", kind.en, wanted.en),
        }
    }

    fn cover(&self) -> Remark {
        let Cover { left, floor } = self.leaves;
        let kind = self.kind.label();
        Remark {
            zh: format!("派出后本地尚余{} {left}，自保底线 {floor}", kind.zh),
            en: format!("leaves {left} {} at home, home floor {floor}", kind.en),
        }
    }

    fn second(&self) -> Remark {
        let Some(next) = self.next else {
            return Remark {
                zh: "别无可派".to_owned(),
                en: "nothing else could go".to_owned(),
            };
        };
        let (other, minutes, costs) = (next.resource, minutes(next.eta), next.costs_min);
        Remark {
            zh: format!("次优 {other} 约 {minutes} 分钟，加权危害 {costs:+} 分钟"),
            en: format!(
                "next best is {other}, there in about {minutes} min, {costs:+} weighted min of harm"
            ),
        }
    }

    fn nearest(&self) -> Remark {
        if self.nearer.is_empty() {
            let what = match self.wanted.form() {
                Form::Unit => "unit",
                Form::Stock | Form::Capacity => "stock",
            };
            return Remark {
                zh: "已是最近".to_owned(),
                en: format!("no {what} is nearer"),
            };
        }
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for it in &self.nearer {
            let (unit, minutes, because) = (it.resource, minutes(it.eta), it.because.told());
            zh.push(format!("{unit}（约 {minutes} 分钟）{}", because.zh));
            en.push(format!("{unit} (about {minutes} min) {}", because.en));
        }
        Remark {
            zh: format!("更近而未派：{}", zh.join("，")),
            en: format!("nearer, but not sent: {}", en.join(", ")),
        }
    }
}

/// Minutes as people say them: begun ones count.
fn minutes(time: Deciseconds) -> u32 {
    time.0.div_ceil(600)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why() -> Why {
        Why {
            eta: Deciseconds(4_801),
            roads: vec!["珠海大道".into(), "S272".into()],
            wanted: Kind::FireRescue,
            kind: Kind::FireRescue,
            leaves: Cover { left: 2, floor: 1 },
            next: Some(NextBest {
                resource: "440400-fire-rescue-2".parse().unwrap(),
                eta: Deciseconds(9_000),
                costs_min: 28,
            }),
            nearer: vec![Nearer {
                resource: "440600-fire-rescue-1".parse().unwrap(),
                eta: Deciseconds(3_000),
                because: Because::KeptHome {
                    owner: "440600".parse().unwrap(),
                },
            }],
        }
    }

    #[test]
    fn a_reason_says_way_capability_cover_second_and_nearest_in_both_languages() {
        let Remark { zh, en } = why().told();
        assert_eq!(
            zh,
            "经珠海大道、S272，约 9 分钟到场；专业对口（消防救援队）；派出后本地尚余消防救援队 2，\
             自保底线 1；次优 440400-fire-rescue-2 约 15 分钟，加权危害 +28 分钟；\
             更近而未派：440600-fire-rescue-1（约 5 分钟）为 440600 自保底线所留"
        );
        assert_eq!(
            en,
            "by 珠海大道, S272, there in about 9 min; of the kind that is asked (fire and rescue); \
             leaves 2 fire and rescue at home, home floor 1; next best is 440400-fire-rescue-2, \
             there in about 15 min, +28 weighted min of harm; nearer, but not sent: \
             440600-fire-rescue-1 (about 5 min) is kept by the home floor of 440600"
        );
    }

    #[test]
    fn a_reason_reads_back_as_it_was_written() {
        let json = serde_json::to_string(&why()).unwrap();
        assert_eq!(serde_json::from_str::<Why>(&json).unwrap(), why());
    }

    #[test]
    fn a_road_s_name_steers_no_terminal() {
        let hostile = Why {
            roads: vec!["G1\u{1b}[2J".into()],
            ..why()
        };
        assert!(!hostile.told().en.contains('\u{1b}'));
    }
}
