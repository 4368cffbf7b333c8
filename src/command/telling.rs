//! An office's answer in the shell.

use std::iter;

use protocol::{
    AidListing, ClockState, CommandReply, LogKey, Mode, Moment, NeedListing, Outcome, PartyId,
    Proposal, Remark, ResourceListing, limit, sanitise,
};

use crate::failure::{Code, Failure};
use crate::print;

/// Prints an answer, every line marked unless the network is actual; a refusal ends the command.
pub(super) fn tell(reply: &CommandReply, mode: Mode) -> Result<(), Failure> {
    let lines = match &reply.outcome {
        Outcome::Done {
            log,
            seq,
            about,
            held_by,
            remark,
        } => {
            let remark = remark
                .as_ref()
                .map(|remark| format!("note: {}", clean(remark)));
            let done = done((*log, *seq), about, held_by);
            [Some(done), remark].into_iter().flatten().collect()
        }
        Outcome::Already { remark } => vec![format!("nothing to do: {}", clean(remark))],
        Outcome::Clock {
            state,
            speed_permille,
        } => vec![clock(*state, *speed_permille)],
        Outcome::Refused { reason } => {
            let reason = sanitise(reason, limit::LINE_BYTES);
            return Err(Failure::new(Code::Data, format!("refused: {reason}")));
        }
        Outcome::Proposals { proposals, more } => listed(
            proposals.iter().flat_map(proposal_lines).collect(),
            *more,
            "nothing to propose",
        ),
        Outcome::Needs { needs, more, now } => {
            let lines = needs.iter().flat_map(|need| need_lines(need, *now));
            listed(lines.collect(), *more, "no need is open")
        }
        Outcome::Resources {
            resources,
            more,
            now,
        } => {
            let lines = resources.iter().map(|it| resource(it, *now));
            listed(lines.collect(), *more, "this office has no resources")
        }
    };
    for line in lines {
        print::line(mode.marked(&line))?;
    }
    Ok(())
}

fn clean(remark: &Remark) -> String {
    sanitise(&remark.to_string(), limit::TEXT_CHARS)
}

fn done((log, seq): (LogKey, u64), about: &str, held_by: &[PartyId]) -> String {
    let about = sanitise(about, limit::TEXT_CHARS);
    let peers: Vec<&str> = held_by.iter().map(PartyId::as_str).collect();
    let held = match peers.as_slice() {
        [] => "held by 0 peers so far".to_owned(),
        [one] => format!("held by 1 peer so far: {one}"),
        many => format!("held by {} peers so far: {}", many.len(), many.join(", ")),
    };
    format!("done: {about} (recorded as entry {seq} of {log}; {held})")
}

fn clock(state: ClockState, speed_permille: u64) -> String {
    let (times, permille) = (speed_permille / 1_000, speed_permille % 1_000);
    let state = match state {
        ClockState::Initialised => "has not begun",
        ClockState::Started => "runs",
        ClockState::Paused => "stands",
        ClockState::Stopped => "has ended",
    };
    format!("done: the drill clock {state}, speed x{times}.{permille:03}")
}

fn proposal_lines(it: &Proposal) -> Vec<String> {
    let minutes = it.eta.map(|eta| format!("  {} min", eta.0.div_ceil(600)));
    let (id, step) = (it.id, it.step.told());
    let minutes = minutes.unwrap_or_default();
    let mut lines = vec![format!("{id}{minutes}  {}", clean(&step))];
    if let Some(why) = &it.why {
        let Remark { zh, en } = why.told();
        let reasons = [zh, en].map(|text| format!("  {}", sanitise(&text, limit::LINE_BYTES)));
        lines.extend(reasons);
    }
    lines
}

fn listed(mut lines: Vec<String>, more: u32, none: &str) -> Vec<String> {
    if lines.is_empty() {
        lines.push(none.to_owned());
    }
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

fn need_lines(it: &NeedListing, now: Moment) -> Vec<String> {
    let mut lines = vec![format!(
        "need {}  {} x{}{}, {} open  {}  asked {} ago of {}  {}",
        it.need,
        it.kind,
        it.quantity,
        if it.stands_by { " to stand by" } else { "" },
        it.open,
        it.severity,
        age(now, it.asked_at),
        it.audience,
        sanitise(&it.place, limit::TEXT_CHARS)
    )];
    lines.extend(it.offers.iter().map(|offer| {
        let minutes = offer.eta.0.div_ceil(600);
        let left = age(offer.hold_until, now);
        let (id, resource, quantity) = (offer.offer, offer.resource, offer.quantity);
        format!("  offer {id}  {resource} x{quantity}  {minutes} min  holds for {left}")
    }));
    lines.extend(it.aids.iter().map(|aid| aid_line(aid, now)));
    lines
}

fn aid_line(aid: &AidListing, now: Moment) -> String {
    let there = match aid.arrived_at {
        Some(at) => format!("arrived {} ago", age(now, at)),
        None => "not there yet".to_owned(),
    };
    let stays = [
        aid.asked_until
            .map(|until| format!("asked to stay {}", ahead(now, until))),
        aid.until
            .map(|until| format!("agreed to stay {}", ahead(now, until))),
        aid.refused
            .then(|| "its owner agrees to no longer".to_owned()),
    ];
    let told: Vec<String> = iter::once(there)
        .chain(stays.into_iter().flatten())
        .collect();
    let told = told.join("  ");
    format!(
        "  aid {}  {} x{}  {told}",
        aid.aid, aid.resource, aid.quantity
    )
}

fn resource(it: &ResourceListing, now: Moment) -> String {
    let state = it
        .state
        .map_or_else(|| format!("{} free", it.free), |state| state.to_string());
    let aid = it.aid.map(|aid| format!("  aid {aid}")).unwrap_or_default();
    // What was never heard of since the office began stands as its inventory said.
    let heard = if it.as_of == Moment::default() {
        "as listed".to_owned()
    } else {
        format!("heard {} ago", age(now, it.as_of))
    };
    format!("{}  {}  {state}{aid}  {heard}", it.resource, it.kind)
}

/// How long a time lies ahead.
fn ahead(now: Moment, until: Moment) -> String {
    if until <= now {
        return "until now".to_owned();
    }
    format!("{} more", age(until, now))
}

/// How long ago, to the second below a minute, to the minute above.
fn age(now: Moment, then: Moment) -> String {
    let seconds = now.since(then).0 / 1_000_000;
    let minutes = seconds / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_says_how_long_it_was_asked_to_stay_and_what_its_owner_agreed_to() {
        let minutes = |minutes: u64| Moment(minutes * 60_000_000);
        let told = |asked_until, until, refused| {
            let aid = AidListing {
                aid: "440100-1-1".parse().unwrap(),
                resource: "440100-pump-1".parse().unwrap(),
                quantity: 1,
                arrived_at: None,
                asked_until,
                until,
                refused,
            };
            aid_line(&aid, minutes(10))
        };
        let plain = "  aid 440100-1-1  440100-pump-1 x1  not there yet";
        assert_eq!(told(None, None, false), plain);
        assert_eq!(
            told(Some(minutes(130)), Some(minutes(70)), false),
            format!("{plain}  asked to stay 2 h 00 min more  agreed to stay 1 h 00 min more")
        );
        assert_eq!(
            told(Some(minutes(5)), None, true),
            format!("{plain}  asked to stay until now  its owner agrees to no longer")
        );
    }

    #[test]
    fn an_age_is_said_in_seconds_minutes_or_hours() {
        let age = |seconds: u64| age(Moment(seconds * 1_000_000), Moment(0));
        assert_eq!([age(0), age(59)], ["0 s", "59 s"]);
        assert_eq!([age(60), age(3_599)], ["1 min", "59 min"]);
        assert_eq!([age(3_600), age(7_320)], ["1 h 00 min", "2 h 02 min"]);
    }
}
