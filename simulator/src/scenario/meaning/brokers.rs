//! Whose brokers a scenario has, and which lines lie between them.

use std::collections::BTreeSet;

use protocol::PartyId;

use super::Reader;
use crate::scenario::brokers::{Brokers, apart};
use crate::scenario::file::ScenarioFile;
use crate::scenario::page::At;

impl Reader<'_, '_> {
    pub(super) fn brokers(&mut self, file: &ScenarioFile) -> Brokers {
        let Some(table) = file.network.as_ref().map(|table| &table.value) else {
            self.no_broker_of_its_own(file);
            return Brokers::One;
        };
        let word = table.brokers.as_ref();
        let brokers = word.and_then(|word| self.word("brokers", word, &Brokers::WORDS));
        let brokers = brokers.unwrap_or_default();
        if brokers == Brokers::One {
            self.no_broker_of_its_own(file);
        }
        match (&table.lines, brokers) {
            (Some(lines), Brokers::Each { .. }) => Brokers::Each {
                lines: self.lines(lines),
            },
            (Some(lines), Brokers::One) => {
                let reason = "lines lie between the brokers of offices, and there is one for all";
                let remedy = "add brokers = \"each\", or take the lines out";
                self.page.fault(&lines.span, reason, remedy);
                Brokers::One
            }
            (None, brokers) => brokers,
        }
    }

    /// No single office's broker can fail where there is one for all.
    fn no_broker_of_its_own(&mut self, file: &ScenarioFile) {
        let faults = file.faults.iter().flat_map(|list| &list.value);
        for fault in faults {
            let kind = fault.kind.as_ref().map(|kind| kind.value.as_str());
            if let (Some("broker-crash"), Some(office)) = (kind, &fault.office) {
                let reason = "there is one broker for all, and none is this office's own";
                let remedy = "add brokers = \"each\" to [network], or take the office out";
                self.page.fault(&office.span, reason, remedy);
            }
        }
    }

    fn lines(&mut self, written: &At<Vec<Vec<At<PartyId>>>>) -> BTreeSet<(PartyId, PartyId)> {
        let mut lines = BTreeSet::new();
        for line in &written.value {
            match line.as_slice() {
                [one, other] if one.value == other.value => {
                    let reason = format!("the line from \"{}\" leads to itself", one.value);
                    self.page.fault(&other.span, reason, "name another office");
                }
                [one, other] => {
                    if let (Some(one), Some(other)) = (self.office(one), self.office(other)) {
                        lines.insert((one.min(other), one.max(other)));
                    }
                }
                _ => {
                    let reason = format!("a line has two ends, and this has {}", line.len());
                    let span = line.first().map_or(&written.span, |end| &end.span);
                    self.page
                        .fault(span, reason, "write [\"440100\", \"440600\"]");
                }
            }
        }
        let offices: Vec<PartyId> = self.region.offices().iter().map(|it| it.party).collect();
        let apart = apart(&offices, &lines);
        if !apart.is_empty() && self.page.is_clean() {
            let names: Vec<&str> = apart.iter().map(PartyId::as_str).collect();
            let reason = format!("no chain of lines joins {} to the others", names.join(", "));
            let remedy = "add a line to each, or leave lines out for neighbours";
            self.page.fault(&written.span, reason, remedy);
        }
        lines
    }
}
