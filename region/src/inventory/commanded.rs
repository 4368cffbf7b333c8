//! Who commands a resource, as an inventory says it.

use protocol::{CommandAuthority, known_words};

use crate::fault::Faults;
use crate::table::Row;

pub(super) fn read_authority(row: Row<'_>, faults: &mut Faults) -> Option<CommandAuthority> {
    let text = row.text("command_authority");
    let authority = CommandAuthority::from_code(text);
    if authority.is_none() {
        let chinese = !text.is_ascii();
        let words = CommandAuthority::ALL.iter().map(|word| {
            if chinese {
                word.label().zh
            } else {
                word.code()
            }
        });
        let reason = format!("unknown command authority \"{text}\"");
        let remedy = known_words(text, words);
        faults.add(row.at("command_authority"), reason, remedy);
    }
    authority
}

#[cfg(test)]
mod tests {
    use crate::{Region, read_inventory};
    use protocol::CommandAuthority;

    #[test]
    fn an_authority_is_read_in_both_languages_and_is_the_city_s_bureau_if_nothing_is_said() {
        let region = Region::built_in("trio").unwrap();
        let read = |said: &str| {
            let text = format!(
                "resource,kind,name,home,lat,lon,command_authority\n\
                 990100-a,pump,Pump,990100-s01,10.6,150.6,{said}\n"
            );
            let read = read_inventory(&region, "990100".parse().unwrap(), "it.csv", &text);
            read.map(|inventory| inventory[0].command_authority)
        };
        assert_eq!(read(""), Ok(CommandAuthority::CityBureau));
        let flood = Ok(CommandAuthority::FloodHeadquarters);
        assert_eq!(read("flood-headquarters"), flood);
        assert_eq!(read("三防指挥部"), flood);
        let fault = read("flood").unwrap_err()[0].to_string();
        assert!(
            fault.contains("unknown command authority \"flood\""),
            "{fault}"
        );
    }
}
