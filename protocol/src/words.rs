//! Closed lists of words: each with the code that travels and the term that people read.
//!
//! The Chinese term is canonical, the English a gloss (glossary of the design papers).

/// A term in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// The canonical Chinese term.
    pub zh: &'static str,
    /// Its English gloss.
    pub en: &'static str,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $code:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $(
                $(#[$item_doc])*
                #[doc = concat!($zh, ", ", $en, ".")]
                #[serde(rename = $code)]
                $item,
            )+
        }

        impl $name {
            /// Every word of the list, in its order.
            pub const ALL: &'static [Self] = &[$(Self::$item),+];

            /// The word as it travels and as files write it.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$item => $code),+ }
            }

            /// The word as people read it.
            pub const fn label(self) -> $crate::Label {
                match self { $(Self::$item => $crate::Label { zh: $zh, en: $en }),+ }
            }

            /// The word for a code or for its Chinese or English term; `None` if the list has no such word.
            pub fn from_code(text: &str) -> Option<Self> {
                let text = text.trim();
                Self::ALL.iter().copied().find(|word| {
                    word.code() == text || word.label().zh == text || word.label().en.eq_ignore_ascii_case(text)
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a network is for. A message of one mode is never accepted on a network of another.
    Mode {
        Actual = "actual", "实战", "actual";
        Exercise = "exercise", "演练", "exercise";
        Test = "test", "测试", "test";
    }
}

/// What begins every line of a drill.
pub const EXERCISE_MARK: &str = "【演练】";

impl Mode {
    /// What begins every line that is not about an actual event.
    pub const fn mark(self) -> Option<&'static str> {
        match self {
            Self::Actual => None,
            Self::Exercise => Some(EXERCISE_MARK),
            Self::Test => Some("【测试】"),
        }
    }

    /// A line as it may be copied: with what begins every line that is not about an actual event.
    pub fn marked(self, line: &str) -> String {
        format!("{}{line}", self.mark().unwrap_or_default())
    }
}

words! {
    /// The four kinds of emergency events (Emergency Response Law of 2024, art. 2).
    Category {
        Natural = "natural", "自然灾害", "natural disaster";
        Accident = "accident", "事故灾难", "accident disaster";
        Health = "health", "公共卫生事件", "public health event";
        Social = "social", "社会安全事件", "social safety event";
    }
}

words! {
    /// Why a message on a bus was taken by nobody.
    RefusedKind {
        ExpiredKey = "expired-key", "密钥已到期", "expired key";
        Foreign = "foreign", "非本网络", "foreign";
        Malformed = "malformed", "格式错误", "malformed";
        Misplaced = "misplaced", "主题不符", "misplaced";
        Oversized = "oversized", "超长", "oversized";
        Replayed = "replayed", "重放", "replayed";
        RevokedKey = "revoked-key", "密钥已吊销", "revoked key";
        UnknownKey = "unknown-key", "密钥未知", "unknown key";
        Unsigned = "unsigned", "未签名", "unsigned";
        WronglySigned = "wrongly-signed", "签名不符", "wrongly signed";
    }
}

words! {
    /// Event level by consequence (art. 3): the first of three axes that are never collapsed.
    /// The gravest orders first.
    Level {
        One = "I", "Ⅰ级 特别重大", "I particularly serious";
        Two = "II", "Ⅱ级 重大", "II serious";
        Three = "III", "Ⅲ级 较大", "III relatively serious";
        Four = "IV", "Ⅳ级 一般", "IV ordinary";
        Undecided = "undecided", "未定级", "undecided";
    }
}

words! {
    /// Warning colour by likelihood (art. 63): the second axis.
    Colour {
        Red = "red", "红色", "red";
        Orange = "orange", "橙色", "orange";
        Yellow = "yellow", "黄色", "yellow";
        Blue = "blue", "蓝色", "blue";
    }
}

words! {
    /// Response level by activation (art. 71): the third axis.
    ResponseLevel {
        One = "1", "一级响应", "level 1 response";
        Two = "2", "二级响应", "level 2 response";
        Three = "3", "三级响应", "level 3 response";
        Four = "4", "四级响应", "level 4 response";
    }
}

words! {
    /// How urgent a call is to the desk that takes it. Dispatch goes by it; it is no event level.
    Severity {
        Critical = "critical", "危急", "critical";
        Serious = "serious", "紧急", "serious";
        Moderate = "moderate", "较急", "moderate";
        Minor = "minor", "一般", "minor";
    }
}

words! {
    /// How certain and how far an incident is.
    Stage {
        Suspected = "suspected", "疑似", "suspected";
        Confirmed = "confirmed", "确认", "confirmed";
        Controlled = "controlled", "受控", "controlled";
        Closed = "closed", "结束", "closed";
        Withdrawn = "withdrawn", "撤销", "withdrawn";
    }
}

words! {
    /// Which report of its chain this is.
    ReportKind {
        First = "first", "首报", "first report";
        FollowUp = "follow-up", "续报", "follow-up report";
        Final = "final", "终报", "final report";
        Correction = "correction", "更正", "correction";
    }
}

words! {
    /// Where things are heading.
    Trend {
        Worsening = "worsening", "恶化", "worsening";
        Stable = "stable", "稳定", "stable";
        Improving = "improving", "好转", "improving";
    }
}

words! {
    /// The datum of a coordinate. GCJ-02 is refused unless converted first.
    Datum {
        Wgs84 = "wgs84", "WGS 84", "WGS 84";
        Cgcs2000 = "cgcs2000", "CGCS2000", "CGCS2000";
        Gcj02 = "gcj02", "GCJ-02", "GCJ-02";
    }
}

words! {
    /// Whether a resource is counted as one thing, as an amount, or as room.
    Form {
        Unit = "unit", "队伍装备", "unit";
        Stock = "stock", "物资", "stock";
        Capacity = "capacity", "容量", "capacity";
    }
}

words! {
    /// Kinds of resources. Which kinds a region owns is data; the words are shared by all.
    Kind {
        FireRescue = "fire-rescue", "消防救援队", "fire and rescue";
        Ladder = "ladder", "举高消防车", "ladder truck";
        WaterRescue = "water-rescue", "水域救援", "water rescue";
        HeavyChemical = "heavy-chemical", "重型化工编队", "heavy chemical group";
        Collapse = "collapse", "建筑坍塌救援", "collapse rescue";
        ForestFire = "forest-fire", "森林消防", "forest fire crew";
        Pump = "pump", "排涝车", "drainage pump";
        WaterSupply = "water-supply", "远程供水", "remote water supply";
        Medical = "medical", "医疗队", "medical team";
        Ambulance = "ambulance", "急救车", "ambulance";
        Engineering = "engineering", "工程抢险", "engineering team";
        Power = "power", "电力抢修", "power repair";
        Telecom = "telecom", "通信保障", "telecom support";
        Monitoring = "monitoring", "环境监测", "environment monitoring";
        StopLeak = "stop-leak", "危化堵漏", "hazmat stop-leak";
        Uav = "uav", "无人机", "drone";
        Helicopter = "helicopter", "直升机", "helicopter";
        Ship = "ship", "海上救助船", "rescue ship";
        Boat = "boat", "冲锋舟", "rescue boat";
        Experts = "experts", "专家组", "expert group";
        Foam = "foam", "泡沫液", "foam concentrate";
        Sandbag = "sandbag", "沙袋", "sandbags";
        Tent = "tent", "帐篷", "tents";
        Generator = "generator", "发电机", "generators";
        Lifejacket = "lifejacket", "救生衣", "life jackets";
        Bed = "bed", "床位", "hospital beds";
        Shelter = "shelter", "应急避难场所", "shelter places";
    }
}

impl Kind {
    /// Whether this kind is counted as one thing, as an amount, or as room.
    pub const fn form(self) -> Form {
        match self {
            Self::Foam | Self::Sandbag | Self::Tent | Self::Generator | Self::Lifejacket => {
                Form::Stock
            }
            Self::Bed | Self::Shelter => Form::Capacity,
            _ => Form::Unit,
        }
    }
}

words! {
    /// Where a unit is in its life (domain.md, section 4).
    UnitState {
        OutOfService = "out-of-service", "停用", "out of service";
        Available = "available", "待命", "available";
        AwaitingAuthority = "awaiting-authority", "等待授权", "awaiting authority";
        Held = "held", "预留", "held";
        Committed = "committed", "已调派", "committed";
        Mobilising = "mobilising", "集结", "mobilising";
        EnRouteOut = "en-route-out", "在途", "en route";
        Staged = "staged", "到场", "on scene";
        Working = "working", "作业中", "working";
        Released = "released", "解除任务", "released";
        Recalled = "recalled", "抽回", "recalled";
        EnRouteHome = "en-route-home", "归建途中", "returning";
        Rehab = "rehab", "休整", "rehabilitation";
        Lost = "lost", "失去", "lost";
        Damaged = "damaged", "损坏", "damaged";
    }
}

words! {
    /// What a party of the roster is and so may write.
    Role {
        Region = "region", "区域", "region";
        City = "city", "市应急办", "city office";
        Province = "province", "省应急厅", "province";
        District = "district", "区县", "district";
        Met = "met", "气象", "meteorology";
        Grid = "grid", "电网", "power grid";
        Maritime = "maritime", "海事", "maritime";
        Observer = "observer", "观察员", "observer";
        Operator = "operator", "值班员", "operator";
        Terminal = "terminal", "车载终端", "terminal";
        Director = "director", "导调", "exercise director";
    }
}

words! {
    /// Which unit an office sends where (dispatch.md).
    Planning {
        OwnFirst = "own-first", "本市优先", "own city first";
        Nearest = "nearest", "全域就近", "nearest of the region";
        Batch = "batch", "全域统筹", "best for the region";
        LookAhead = "look-ahead", "全域统筹并预见", "best for the region, units soon free included";
        Replan = "replan", "全域统筹、预见并改派", "the same, and units on the road turned";
    }
}

words! {
    /// Who is asked for aid, in widening rings.
    Audience {
        Own = "own", "本市", "own city";
        Circle = "circle", "本圈", "circle";
        Region = "region", "全区域", "region";
    }
}

words! {
    /// Why an office lends nothing (A4).
    DeclineReason {
        KeepHome = "keep-home", "自保底线", "home floor";
        None = "none", "无此资源", "no such resource";
        Busy = "busy", "在途或作业", "all busy";
        Unreachable = "unreachable", "道路不可达", "no road there";
        Weather = "weather", "风力过大", "too windy";
        ByOperator = "by-operator", "值班员决定", "operator's decision";
    }
}

words! {
    /// Why an accepted offer was not committed (A6').
    RefusalReason {
        HoldExpired = "hold-expired", "预留超时", "hold expired";
        Withdrawn = "withdrawn", "已撤回", "withdrawn";
        AlreadyCommitted = "already-committed", "已另行调派", "already committed";
        Overridden = "overridden", "人工改派", "overridden";
    }
}

words! {
    /// What a road is like, as told by an author who would know.
    RoadState {
        Open = "open", "畅通", "open";
        Slow = "slow", "缓行", "slow";
        Closed = "closed", "封闭", "closed";
    }
}

words! {
    /// How an automatic planner may act.
    Autonomy {
        Advise = "advise", "建议", "advise";
        Act = "act", "自动执行", "act";
    }
}

words! {
    /// Sensitivity of a message; a package takes the strictest of its contents.
    Sensitivity {
        Public = "public", "公开", "public";
        Internal = "internal", "内部", "internal";
        WorkSecret = "work-secret", "工作秘密", "work secret";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_by_its_code_and_by_its_terms() {
        assert_eq!(Kind::from_code("pump"), Some(Kind::Pump));
        assert_eq!(Kind::from_code("排涝车"), Some(Kind::Pump));
        assert_eq!(Kind::from_code("Drainage Pump"), Some(Kind::Pump));
        assert_eq!(Kind::from_code("boats"), None);
    }

    #[test]
    fn the_gravest_level_orders_first() {
        assert!(Level::One < Level::Four);
        assert!(Severity::Critical < Severity::Minor);
    }
}
