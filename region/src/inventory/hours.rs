//! How long a crew takes to roll, and how long it may be out, as an inventory says it.

use protocol::Span;

use crate::fault::Faults;
use crate::table::Row;

/// The longest time from order to wheels rolling: a day.
const READINESS_S_MAX: u64 = 86_400;

/// The longest shift: a week.
const SHIFT_H_MAX: u64 = 168;

pub(super) fn read_readiness(row: Row<'_>, faults: &mut Faults) -> Option<Span> {
    let seconds: u64 = row.value("readiness_s", "a whole number of seconds", faults)?;
    if seconds > READINESS_S_MAX {
        let reason = format!("readiness_s {seconds} is more than {READINESS_S_MAX}, a day");
        faults.add(row.at("readiness_s"), reason, "write seconds");
        return None;
    }
    Some(Span::seconds(seconds))
}

/// How long a crew may be out at a stretch.
pub(super) fn read_shift(row: Row<'_>, faults: &mut Faults) -> Option<Span> {
    let hours: u64 = row.value("shift_h", "a whole number of hours", faults)?;
    if !(1..=SHIFT_H_MAX).contains(&hours) {
        let reason = format!("shift_h {hours} is out of range; 1 to {SHIFT_H_MAX} are allowed");
        faults.add(
            row.at("shift_h"),
            reason,
            "write hours, or leave it empty for no limit",
        );
        return None;
    }
    Some(Span::hours(hours))
}

#[cfg(test)]
mod tests {
    use crate::{Region, read_inventory};
    use protocol::Span;

    #[test]
    fn a_shift_is_hours_and_no_limit_where_nothing_is_said() {
        let region = Region::built_in("trio").unwrap();
        let read = |said: &str| {
            let text = format!(
                "resource,kind,name,home,lat,lon,shift_h\n\
                 990100-a,pump,Pump,990100-s01,10.6,150.6,{said}\n"
            );
            let read = read_inventory(&region, "990100".parse().unwrap(), "it.csv", &text);
            read.map(|inventory| inventory[0].shift)
        };
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("12"), Ok(Some(Span::hours(12))));
        for wrong in ["0", "200", "half"] {
            let fault = read(wrong).unwrap_err()[0].to_string();
            assert!(
                fault.contains("shift_h") || fault.contains("hours"),
                "{fault}"
            );
        }
    }
}
