//! The verb `scenario cards`: control cards 导调卡 and evaluators' forms 评估表 of a drill, for A4.

mod wording;

use std::path::PathBuf;

use protocol::PartyId;
use region::Region;
use report::{Aim, Bilingual, Card, Cards, ExpectedAction};
use simulator::Scenario;
use simulator::scenario::{Cue, Expected, Inject};

use crate::cli::{CardsArgs, Lang};
use crate::failure::Failure;
use crate::files;
use crate::print;

/// Writes the cards and forms, and says where they are.
pub(crate) fn cards(args: &CardsArgs) -> Result<(), Failure> {
    let (scenario, region) = files::scenario(&args.scenario)?;
    let cards = of(&scenario, &region);
    let language = args.lang.unwrap_or(Lang::Zh).into();
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from("."));
    let pages = [
        ("control-cards.html", cards.to_html(language)),
        ("evaluation.html", cards.forms_html(language)),
        ("evaluation.csv", cards.forms_csv()),
    ];
    for (name, text) in pages {
        let path = folder.join(name);
        files::write(&path, &text)?;
        print::line(path.display())?;
    }
    Ok(())
}

fn of(scenario: &Scenario, region: &Region) -> Cards {
    let receivers = scenario.injects.iter().flat_map(|it| it.to.iter().copied());
    let mut parties: Vec<PartyId> = receivers.collect();
    parties.sort_unstable();
    parties.dedup();
    let name = |party: PartyId| {
        let office = region.office(party)?;
        Some((party, Bilingual::new(&*office.name.zh, &*office.name.en)))
    };
    Cards {
        title: Bilingual::outside(&scenario.title_zh, &scenario.title_en),
        scenario: scenario.id.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        offset_min: scenario.offset_min,
        aims: scenario
            .objectives
            .iter()
            .map(|it| Aim {
                id: it.id.clone(),
                title: it.title.clone(),
                measured: it
                    .measured
                    .as_ref()
                    .map(|it| wording::measured(it, &scenario.scale)),
            })
            .collect(),
        scale: scenario.scale.clone(),
        cards: scenario
            .injects
            .iter()
            .map(|it| card(it, scenario))
            .collect(),
        names: parties.into_iter().filter_map(name).collect(),
    }
}

fn card(inject: &Inject, scenario: &Scenario) -> Card {
    let cue = match &inject.cue {
        Cue::Time => None,
        Cue::Sign { sign } => {
            let sign = wording::sign(sign, scenario);
            Some(Bilingual::new(
                format!("此后一旦：{}", sign.zh),
                format!("from then on as soon as: {}", sign.en),
            ))
        }
        Cue::Inject { number, delay } => Some(Bilingual::new(
            format!("最早；在 {number} 给出 {delay} 后"),
            format!("at the earliest; {delay} after {number} was given"),
        )),
    };
    let spared = inject.unless.as_ref().map(|sign| {
        let sign = wording::sign(sign, scenario);
        Bilingual::new(
            format!("备用，届时已见则不给：{}", sign.zh),
            format!("contingency, left out if by then: {}", sign.en),
        )
    });
    let expected = |it: &Expected| ExpectedAction {
        within: it.within,
        action: it.action.clone(),
        seen: it.seen.as_ref().map(|sign| wording::sign(sign, scenario)),
    };
    Card {
        number: inject.number.clone(),
        title: inject.title.clone(),
        at: inject.at,
        when: cue.into_iter().chain(spared).collect(),
        channel: wording::channel(inject.channel),
        to: inject.to.clone(),
        gives: wording::gives(&inject.gives),
        expected: inject.expected.as_ref().map(expected),
        objective: inject.objective.clone(),
    }
}
