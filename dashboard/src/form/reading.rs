//! From what was typed to a call, or to the first field that is wrong and why.

use protocol::{Call, Category, Civil, Counts, Kind, Label, Moment, Requirement, Span, limit};

use super::{Field, Form};
use crate::ground::Ground;
use crate::wording as say;

/// How long work is expected to take where the caller cannot say; the desk corrects it later.
const WORK: Span = Span::hours(2);

/// A time further ahead of now than this is meant to be yesterday's.
const HALF_A_DAY: Span = Span::hours(12);

impl Form {
    pub(crate) fn read(
        &self,
        ground: &Ground,
        now: Moment,
        post: &str,
    ) -> Result<Call, (Field, Label)> {
        let place = self.place.text().trim().to_owned();
        if place.is_empty() {
            return Err((Field::Place, say::REQUIRED));
        }
        let event = self.event_code();
        if event.is_empty() {
            return Err((Field::Event, say::REQUIRED));
        }
        let occurred_at =
            time(&self.time.text(), now, ground.offset_min).ok_or((Field::Time, say::BAD_TIME))?;
        let summary = self.summary.text().trim().to_owned();
        if summary.chars().count() > limit::SUMMARY_CHARS {
            return Err((Field::Summary, say::TOO_LONG));
        }
        let requires = needs(&self.needs.text()).ok_or((Field::Needs, say::BAD_NEED))?;
        let seat = ground.seat(self.to());
        let category = ground.events.get(&event).map(|event| event.category);
        Ok(Call {
            request: self.request,
            category: category.unwrap_or(Category::Accident),
            event,
            severity: self.severity(),
            occurred_at,
            received_at: now,
            place,
            area: seat.map(|seat| seat.area).unwrap_or_default(),
            point: None,
            source: post.to_owned(),
            summary,
            counts: Counts::default(),
            requires,
        })
    }
}

/// `14:05` or `14:05:30` of today, or of yesterday if that would lie far ahead of now.
fn time(text: &str, now: Moment, offset_min: i16) -> Option<Moment> {
    let mut parts = text.trim().split([':', '：']);
    let hour: u8 = parts.next()?.trim().parse().ok()?;
    let minute: u8 = parts.next()?.trim().parse().ok()?;
    let second: u8 = parts
        .next()
        .map_or(Some(0), |part| part.trim().parse().ok())?;
    if hour > 23 || minute > 59 || second > 59 || parts.next().is_some() {
        return None;
    }
    let today = Civil {
        hour,
        minute,
        second,
        ..Civil::at(now, offset_min)
    };
    let meant = today.moment()?;
    if meant.since(now) > HALF_A_DAY {
        return Some(meant - Span::hours(24));
    }
    (meant <= now).then_some(meant)
}

/// `排涝车 2、医疗队` and the like: a kind by its code or term, and how many, one if nothing is said.
fn needs(text: &str) -> Option<Vec<Requirement>> {
    text.split([',', '，', '、', ';', '；'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(need)
        .collect()
}

fn need(part: &str) -> Option<Requirement> {
    let kind_end = part.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (kind, quantity) = part.split_at(kind_end);
    let kind = kind.trim_end_matches(['x', '×', ' ']);
    let quantity = if quantity.is_empty() {
        1
    } else {
        quantity.parse().ok().filter(|quantity| *quantity > 0)?
    };
    Some(Requirement {
        kind: Kind::from_code(kind)?,
        quantity,
        duration: WORK,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Moment = Moment(1_537_070_400_000_000);
    const EAST_EIGHT: i16 = 480;

    #[test]
    fn a_time_is_todays_or_yesterdays_and_never_ahead() {
        assert_eq!(
            time("11:30", NOON, EAST_EIGHT),
            Some(NOON - Span::minutes(30))
        );
        assert_eq!(
            time("11：30", NOON, EAST_EIGHT),
            Some(NOON - Span::minutes(30))
        );
        assert_eq!(time("12:01", NOON, EAST_EIGHT), None);
        let midnight = NOON + Span::hours(12);
        assert_eq!(
            time("23:50", midnight, EAST_EIGHT),
            Some(midnight - Span::minutes(10))
        );
        for wrong in ["", "noon", "24:00", "12", "1:2:3:4"] {
            assert_eq!(time(wrong, NOON, EAST_EIGHT), None, "{wrong}");
        }
    }

    #[test]
    fn needs_are_read_in_both_languages() {
        let read = needs("排涝车 2、medical team，ambulance x3").unwrap();
        let brief: Vec<(Kind, u32)> = read.iter().map(|need| (need.kind, need.quantity)).collect();
        assert_eq!(
            brief,
            [(Kind::Pump, 2), (Kind::Medical, 1), (Kind::Ambulance, 3)]
        );
        assert_eq!(needs("").unwrap(), []);
        assert!(needs("飞船 2").is_none());
        assert!(needs("排涝车 0").is_none());
    }
}
