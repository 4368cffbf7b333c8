//! `paper`: one office's picture from its journal, as a file to be printed on A4.

use std::io::Write;

use protocol::Civil;
use report::{Ground, Language, Paper, PaperOrder};

use super::{directions_for, journal_of, language, name_of, shelf};
use crate::cli::{Lang, PaperArgs};
use crate::failure::{Code, Failure};
use crate::files;

/// The verb.
pub(crate) fn paper(args: &PaperArgs) -> Result<(), Failure> {
    let (directions, roster_log) = directions_for(&args.run, args.office)?;
    let roster = directions.roster_after(&roster_log);
    let network = &directions.network;
    let held = shelf::read(&journal_of(&args.run, args.office), network.id)?;
    let region = files::region(&directions.region, &args.run)?;
    let order = PaperOrder {
        network: network.clone(),
        office: args.office,
        offset_min: directions.offset_min,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let paper = Paper::of(order, (held.states, held.entries), &Ground::from(&*region))
        .map_err(|error| Failure::new(Code::Data, error))?;
    let lang = language(args.lang);
    let file = args.output.clone();
    let file = file.unwrap_or_else(|| args.run.join(format!("paper-{}.html", args.office)));
    let shown = match lang {
        Lang::Zh => Language::Chinese,
        Lang::En => Language::English,
    };
    files::write(&file, &paper.to_html(shown))?;
    let name = name_of(&roster, args.office, lang);
    let at = Civil::at(paper.as_of(), directions.offset_min).rfc3339();
    let file = file.display();
    let line = match lang {
        Lang::Zh => format!("{name}态势，截至 {at}，已写入 {file}；用浏览器按 A4 打印"),
        Lang::En => {
            format!("the picture of {name} as of {at} is in {file}; print it on A4 from a browser")
        }
    };
    writeln!(std::io::stdout(), "{}", network.mode.marked(&line)).map_err(Failure::bug)
}
