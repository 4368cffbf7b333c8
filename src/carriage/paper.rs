//! `paper`: one office's picture from its journal, as a file to be printed on A4.

use protocol::Civil;
use report::{Ground, Paper, PaperOrder};

use super::home::Home;
use super::{language, name_of, shelf};
use crate::cli::{Lang, PaperArgs};
use crate::failure::{Code, Failure};
use crate::files;
use crate::print;

/// The verb.
pub(crate) fn paper(args: &PaperArgs) -> Result<(), Failure> {
    let home = Home::of(&args.home)?;
    let network = &home.network;
    let held = shelf::read(&home.journal, network.id)?;
    let region = home.region()?;
    let order = PaperOrder {
        network: network.clone(),
        office: home.office,
        offset_min: home.offset_min,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let paper = Paper::of(order, (held.states, held.entries), &Ground::from(&*region))
        .map_err(|error| Failure::new(Code::Data, error))?;
    let lang = language(args.lang);
    let file = args.output.clone();
    let file = file.unwrap_or_else(|| home.beside(&format!("paper-{}.html", home.office)));
    files::write(&file, &paper.to_html(lang.into()))?;
    let name = name_of(&home.roster, home.office, lang);
    let at = Civil::at(paper.as_of(), home.offset_min).rfc3339();
    let file = file.display();
    let line = match lang {
        Lang::Zh => format!("{name}态势，截至 {at}，已写入 {file}；用浏览器按 A4 打印"),
        Lang::En => {
            format!("the picture of {name} as of {at} is in {file}; print it on A4 from a browser")
        }
    };
    print::line(network.mode.marked(&line))
}
