//! An operator's action as it is typed: verbs, their options, and how their words are read.

use clap::Subcommand;
use protocol::{
    Audience, AuthorityAnswer, Category, DeclineReason, LogKey, NeedId, OfferId, ProposalId,
    ReportKind, Requirement, ResourceId, Severity, UnitState, known_words,
};

use super::when::When;

/// What an operator does.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ActionArgs {
    /// 接报: take a call. Only place, kind and time are required; the time is now if left out.
    Report {
        /// Where, in words.
        #[arg(long)]
        place: String,
        /// What happened, as a code such as fire, flood or structural-collapse.
        #[arg(long)]
        event: String,
        /// natural, accident, health or social.
        #[arg(long, default_value = "accident", value_parser = word(Category::from_code, Category::ALL, Category::code))]
        category: Category,
        /// critical, serious, moderate or minor.
        #[arg(long, default_value = "serious", value_parser = word(Severity::from_code, Severity::ALL, Severity::code))]
        severity: Severity,
        /// When it happened: 14:05 of the drill's day, or 2018-09-16T14:05:00+08:00; when the call came
        /// if left out.
        #[arg(long)]
        at: Option<When>,
        /// When the call came, if it is entered afterwards; now if left out.
        #[arg(long)]
        known: Option<When>,
        /// Longitude and latitude in WGS 84: 113.29,22.21.
        #[arg(long, value_parser = point)]
        point: Option<protocol::Point>,
        /// District or city, six digits; the office's own if left out.
        #[arg(long)]
        area: Option<u32>,
        /// What was said, at most 160 characters.
        #[arg(long, default_value = "")]
        summary: String,
        /// Who says so.
        #[arg(long, default_value = "电话")]
        source: String,
        /// What it takes: pump=2, 排涝车=2 or pump=2x90m. May be repeated; the desk decides if left out.
        #[arg(long)]
        need: Vec<Requirement>,
    },
    /// 续报, 终报, 更正: the next report of a chain.
    FollowUp {
        /// The incident.
        incident: protocol::IncidentId,
        /// What is new.
        summary: String,
        /// follow-up, final or correction.
        #[arg(long, default_value = "follow-up", value_parser = word(ReportKind::from_code, ReportKind::ALL, ReportKind::code))]
        kind: ReportKind,
        /// When it was so, if it is entered afterwards; now if left out.
        #[arg(long)]
        at: Option<When>,
    },
    /// 代报: a unit's state as phoned in.
    Unit {
        /// The unit.
        unit: ResourceId,
        /// Its state, such as en-route-out, staged, working or available.
        #[arg(value_parser = word(UnitState::from_code, UnitState::ALL, UnitState::code))]
        state: UnitState,
        /// Who phoned, as a post.
        #[arg(long)]
        caller: String,
        /// When they phoned: 14:05 of the drill's day, or with its date; now if left out.
        #[arg(long)]
        called: Option<When>,
    },
    /// A stock or capacity, counted or corrected.
    Stock {
        /// The stock.
        resource: ResourceId,
        /// How much is there.
        on_hand: u32,
        /// Why it changed.
        #[arg(long, default_value = "清点")]
        reason: String,
        /// When it was counted, if it is entered afterwards; now if left out.
        #[arg(long)]
        counted: Option<When>,
    },
    /// 已接收: another author's entry was read.
    Acknowledge {
        /// The log, as 440400/1-9f86d081884c7d65.
        log: LogKey,
        /// The entry.
        seq: u64,
    },
    /// A1: ask for aid.
    Request {
        /// For which incident.
        incident: protocol::IncidentId,
        /// What and how many: pump=2, 排涝车=2 or pump=2x90m.
        need: Requirement,
        /// 前置: units are to come before anything happens, and stand by there until they are needed.
        #[arg(long)]
        stand_by: bool,
        /// own, circle or region.
        #[arg(long, default_value = "region", value_parser = word(Audience::from_code, Audience::ALL, Audience::code))]
        audience: Audience,
    },
    /// A2: change a need: another amount in all, or a wider ring.
    Update {
        /// The need.
        need: NeedId,
        /// How many in all, those that were committed included; as before if left out.
        #[arg(long, required_unless_present = "audience")]
        quantity: Option<u32>,
        /// own, circle or region; a ring only widens; as before if left out.
        #[arg(long, required_unless_present = "quantity", value_parser = word(Audience::from_code, Audience::ALL, Audience::code))]
        audience: Option<Audience>,
    },
    /// A2: end a need.
    Withdraw {
        /// The need.
        need: NeedId,
    },
    /// A3: hold a resource for a need.
    Offer {
        /// The need.
        need: NeedId,
        /// The resource.
        resource: ResourceId,
        /// How much of it.
        #[arg(long, default_value_t = 1)]
        quantity: u32,
    },
    /// A4: lend nothing.
    Decline {
        /// The need.
        need: NeedId,
        /// keep-home, none, busy, unreachable or by-operator.
        #[arg(long, default_value = "by-operator", value_parser = word(DeclineReason::from_code, DeclineReason::ALL, DeclineReason::code))]
        reason: DeclineReason,
    },
    /// A5: accept an offer.
    Accept {
        /// The offer.
        offer: OfferId,
    },
    /// A6: send a unit of one's own to a need of one's own.
    Dispatch {
        /// The need.
        need: NeedId,
        /// The unit.
        resource: ResourceId,
    },
    /// A9 延长: ask for a unit to stay longer, or, as its owner, answer that.
    #[command(group = clap::ArgGroup::new("how-long").required(true))]
    Extend {
        /// The commitment.
        aid: protocol::AidId,
        /// How long from now, drill time: 90m or 2h30m.
        #[arg(long = "for", group = "how-long", value_name = "SPAN")]
        longer: Option<protocol::Span>,
        /// As its owner: no longer than was planned.
        #[arg(long, group = "how-long")]
        refuse: bool,
    },
    /// A10 解除任务: a committed unit may go.
    Release {
        /// The commitment.
        aid: protocol::AidId,
    },
    /// A11 抽回: take a unit back.
    Recall {
        /// The commitment.
        aid: protocol::AidId,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// An entry of the duty log.
    Note {
        /// What it says.
        text: String,
        /// The incident that it belongs to, if any.
        #[arg(long)]
        incident: Option<protocol::IncidentId>,
        /// When it was, if it is entered afterwards; now if left out.
        #[arg(long)]
        at: Option<When>,
    },
    /// 接管: of two machines under one name, make this one serve; stop the other first.
    TakeOver {
        /// Which machine: sixteen digits, as its alarm tells.
        #[arg(long, value_parser = machine)]
        machine: u64,
    },
    /// What the planner proposes now.
    Proposals {
        /// For this incident alone.
        #[arg(long)]
        incident: Option<protocol::IncidentId>,
    },
    /// 采纳, 改用, 不采纳: decide about a proposal.
    #[command(group = clap::ArgGroup::new("decision").required(true))]
    Decide {
        /// Which: eight digits, as `proposals` lists them.
        proposal: ProposalId,
        /// Do it as proposed.
        #[arg(long, group = "decision")]
        accept: bool,
        /// Send this resource in place of the proposed one.
        #[arg(long, group = "decision", value_name = "RESOURCE")]
        instead: Option<ResourceId>,
        /// Do not do it, and say why; it is not proposed again.
        #[arg(long, group = "decision", value_name = "REASON")]
        decline: Option<String>,
    },
    /// 授权: enter what the authority of a unit that awaits it answered.
    Authority {
        /// The unit.
        unit: ResourceId,
        /// granted, refused or withdrawn (asked no longer).
        #[arg(value_parser = word(AuthorityAnswer::from_code, AuthorityAnswer::ALL, AuthorityAnswer::code))]
        answer: AuthorityAnswer,
        /// The post that answered.
        #[arg(long)]
        post: String,
    },
    /// Needs that have not ended, with their offers and commitments.
    Needs,
    /// The office's own units, stocks and capacities.
    Resources,
}

/// A parser for a closed list of words.
fn word<T: Copy + Send + Sync + 'static>(
    from_code: fn(&str) -> Option<T>,
    all: &'static [T],
    code: fn(T) -> &'static str,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| from_code(text).ok_or_else(|| known_words(text, all.iter().map(|word| code(*word))))
}

fn machine(text: &str) -> Result<u64, String> {
    let is_hex = text.len() == 16 && text.bytes().all(|it| it.is_ascii_hexdigit());
    let number = u64::from_str_radix(text, 16).ok().filter(|_| is_hex);
    number.ok_or_else(|| {
        format!("\"{text}\" names no machine; write the sixteen digits that its alarm tells")
    })
}

fn point(text: &str) -> Result<protocol::Point, String> {
    let wrong = || format!("\"{text}\" is no point; write longitude,latitude as 113.29,22.21");
    let (longitude, latitude) = text.split_once(',').ok_or_else(wrong)?;
    let (longitude, latitude): (f64, f64) = (
        longitude.trim().parse().map_err(|_| wrong())?,
        latitude.trim().parse().map_err(|_| wrong())?,
    );
    // Asked this way round, what is no number is not on the earth either.
    if longitude.abs() <= 180.0 && latitude.abs() <= 90.0 {
        return Ok(protocol::Point::degrees(longitude, latitude));
    }
    Err(format!(
        "{text} is not on the earth; write longitude,latitude as 113.29,22.21"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_is_told_the_one_that_was_meant() {
        let read = word(Severity::from_code, Severity::ALL, Severity::code);
        let told = read("seriuos").unwrap_err();
        assert!(
            told.starts_with("did you mean \"serious\"? known are"),
            "{told}"
        );
        assert!(read("grave").unwrap_err().starts_with("known are"));
    }

    #[test]
    fn a_machine_is_named_by_all_its_digits() {
        assert_eq!(machine("00000000000000ff"), Ok(255));
        for wrong in ["ff", "+0000000000000ff", "00000000000000fg", ""] {
            assert!(machine(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_point_has_longitude_first_and_lies_on_the_earth() {
        assert_eq!(
            point("113.29,22.21"),
            Ok(protocol::Point(113_290_000, 22_210_000))
        );
        for wrong in [
            "22.21",
            "213.0,22.0",
            "nan,nan",
            "113.29,inf",
            "22.21,113.29",
        ] {
            assert!(point(wrong).is_err(), "{wrong}");
        }
    }
}
