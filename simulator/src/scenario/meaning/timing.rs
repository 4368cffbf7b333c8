//! When injects are given, with chains of injects followed to their beginning.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Moment, Span};

use super::Reader;
use crate::scenario::file::InjectTable;
use crate::scenario::page::{At, shown};

/// When an inject is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timed {
    /// When, or the first moment at which it may be.
    pub(super) at: Moment,
    /// Whether it follows one of which nobody knows beforehand when it is given, or whether.
    pub(super) hangs: bool,
}

impl Reader<'_, '_> {
    /// When each inject is given, by its number.
    pub(super) fn timing<'t>(&mut self, tables: &[&'t InjectTable]) -> BTreeMap<&'t str, Timed> {
        let moments = self.moments(tables);
        let hanging = hanging(tables);
        let timed = moments.into_iter().map(|(number, at)| {
            let hangs = hanging.contains(number);
            (number, Timed { at, hangs })
        });
        timed.collect()
    }

    /// When each inject is given. Those that hang on others are placed as soon as those are; what is
    /// left in the end hangs on itself.
    fn moments<'t>(&mut self, tables: &[&'t InjectTable]) -> BTreeMap<&'t str, Moment> {
        let mut moments = BTreeMap::new();
        let mut open = Vec::new();
        let numbers: Vec<&str> = tables
            .iter()
            .filter_map(|table| Some(table.number.as_ref()?.value.as_str()))
            .collect();
        for table in tables {
            let Some(number) = &table.number else {
                continue;
            };
            match (&table.at, &table.after) {
                (None, None) if table.when.is_some() => {
                    moments.insert(number.value.as_str(), self.drill.from);
                }
                (None, Some(after)) if table.when.is_some() => {
                    let remedy = "leave out one of them; with when, at says the first moment";
                    let reason = format!(
                        "inject \"{}\" has both when and after",
                        shown(&number.value)
                    );
                    self.page.fault(&after.span, reason, remedy);
                }
                (Some(at), None) => {
                    let at = self.moment(at);
                    moments.extend(at.map(|at| (number.value.as_str(), at)));
                }
                (None, Some(after)) => {
                    let (Some(inject), Some(delay)) = (&after.value.inject, &after.value.delay)
                    else {
                        continue;
                    };
                    if numbers.contains(&inject.value.as_str()) {
                        open.push((number.value.as_str(), inject, delay));
                    } else {
                        self.page.unknown(
                            &inject.span,
                            "inject",
                            &inject.value,
                            numbers.iter().copied(),
                        );
                    }
                }
                _ => {
                    let reason = format!(
                        "inject \"{}\" needs one of at, after and when",
                        shown(&number.value)
                    );
                    self.page.fault(
                        &table.span,
                        reason,
                        "write at = \"1h\", after = { inject = \"…\", delay = \"10m\" } or when = { … }",
                    );
                }
            }
        }
        self.follow(open, &mut moments);
        moments
    }

    fn follow<'t>(
        &mut self,
        mut open: Vec<(&'t str, &'t At<String>, &'t At<Span>)>,
        moments: &mut BTreeMap<&'t str, Moment>,
    ) {
        loop {
            let before = open.len();
            open.retain(|(number, inject, delay)| {
                let Some(first) = moments.get(inject.value.as_str()).copied() else {
                    return true;
                };
                let whole = At {
                    value: first.since(self.drill.from) + delay.value,
                    span: delay.span.clone(),
                };
                let at = self.moment(&whole).unwrap_or(self.drill.until);
                moments.insert(number, at);
                false
            });
            if open.len() == before {
                break;
            }
        }
        for (number, inject, _) in &open {
            // Another may hang on the circle, or on one whose time is wrong.
            let after = |number: &str| open.iter().find(|(other, ..)| *other == number);
            let chain = std::iter::successors(after(number), |(_, inject, _)| after(&inject.value));
            let mut chain = chain.skip(1).take(open.len());
            if chain.any(|(other, ..)| other == number) {
                let reason = format!(
                    "inject \"{number}\" waits for \"{}\", which waits for it",
                    inject.value
                );
                self.page.fault(
                    &inject.span,
                    reason,
                    "give one of the circle a time with at",
                );
            }
        }
    }
}

/// The injects that follow one that waits for a sign or may be spared, over others or at once.
fn hanging<'t>(tables: &[&'t InjectTable]) -> BTreeSet<&'t str> {
    let number = |table: &&'t InjectTable| Some(table.number.as_ref()?.value.as_str());
    let open = |table: &&&InjectTable| table.when.is_some() || table.unless.is_some();
    let mut open: BTreeSet<&str> = tables.iter().filter(open).filter_map(number).collect();
    let mut hanging = BTreeSet::new();
    loop {
        let follows = |table: &&'t InjectTable| {
            let before = table.after.as_ref()?.value.inject.as_ref()?;
            open.contains(before.value.as_str())
                .then(|| number(table))?
        };
        let found: BTreeSet<&str> = tables.iter().filter_map(follows).collect();
        if found.is_subset(&hanging) {
            return hanging;
        }
        open.extend(&found);
        hanging.extend(found);
    }
}
