//! Who commands a unit, and what that authority answered when its office asked.
//!
//! An office records what people ordered. Of what it plans with, much obeys another authority: a fire
//! crew its detachment, an ambulance the health commission. Such a unit is asked for before it is
//! promised, and the answer is entered by whoever heard it.

use serde::{Deserialize, Serialize};

use crate::id::{NeedId, ResourceId};
use crate::quantity::Moment;
use crate::words::words;

words! {
    /// Who commands a unit.
    CommandAuthority {
        CityBureau = "city-bureau", "市应急管理局", "city bureau";
        FireDetachment = "fire-detachment", "消防救援支队", "fire detachment";
        FireBrigade = "fire-brigade", "消防救援总队", "fire brigade";
        FloodHeadquarters = "flood-headquarters", "三防指挥部", "flood headquarters";
        HealthCommission = "health-commission", "卫生健康委员会", "health commission";
        EnterpriseAgreement = "enterprise-agreement", "企业协议", "enterprise agreement";
    }
}

words! {
    /// What an authority answered.
    AuthorityAnswer {
        Granted = "granted", "同意", "granted";
        Refused = "refused", "不同意", "refused";
        Withdrawn = "withdrawn", "不再请求", "asked no longer";
    }
}

impl Default for CommandAuthority {
    /// What an office orders itself, as all that earlier inventories hold.
    fn default() -> Self {
        Self::CityBureau
    }
}

impl CommandAuthority {
    /// Whether an office orders such a unit itself.
    pub fn is_own(&self) -> bool {
        *self == Self::CityBureau
    }
}

/// Who ordered something that people order: stated wherever the planner does not act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The post that decided.
    pub by: String,
    /// Who commands the unit.
    pub command_authority: CommandAuthority,
    /// The post that granted it, if that is another's to grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_by: Option<String>,
}

/// 等待授权: an office asks the authority of a unit for it; the unit waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityAsked {
    /// The unit.
    pub unit: ResourceId,
    /// The need that it is to serve: dispatched to it if that is the office's own, offered otherwise.
    pub need: NeedId,
    /// Who is asked.
    pub command_authority: CommandAuthority,
    /// The post that asked.
    pub by: String,
    /// When, drill time.
    pub at: Moment,
}

/// The answer, as it was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityAnswered {
    /// The unit.
    pub unit: ResourceId,
    /// The need that it was asked for.
    pub need: NeedId,
    /// What was answered.
    pub answer: AuthorityAnswer,
    /// The post that answered.
    pub post: String,
    /// The post that entered it.
    pub by: String,
    /// When, drill time.
    pub at: Moment,
}
