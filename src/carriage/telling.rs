//! What an export or import came to, for people in their language and for machines.

use std::collections::BTreeMap;
use std::io::Write;

use protocol::{Civil, Closing, Mode, Moment, Wall, hex};
use serde_json::{Value, json};

use super::export::Exported;
use super::home::Home;
use super::import::{Imported, Into};
use super::judge::{Gap, Verdict, Word};
use super::{language, name_of};
use crate::cli::{Lang, LogExport, LogImport, Output};
use crate::failure::Failure;
use crate::print;

/// Bytes of a picture's digest that people compare by telephone.
const SPOKEN: usize = 8;

/// Tells what was written.
pub(super) fn exported(args: &LogExport, exported: &Exported, home: &Home) -> Result<(), Failure> {
    let offset_min = home.offset_min;
    let (header, file) = (&exported.header, args.file.display().to_string());
    let mut authors: Vec<_> = header.stretches.iter().map(|it| it.log.author).collect();
    authors.dedup();
    if args.output == Output::Json {
        return print_json(&json!({
            "mark": header.mark,
            "file": file,
            "network": header.net,
            "office": header.office,
            "since": header.since.map(|since| date(since, offset_min)),
            "entries": header.entries,
            "authors": authors,
            "stretches": header.stretches,
            "bytes": exported.bytes,
            "signed_by": exported.signed,
        }));
    }
    let lang = language(args.lang);
    let (entries, bytes, count) = (header.entries, exported.bytes, authors.len());
    let name = name_of(&home.roster, home.office, lang);
    let since = header.since.map(|since| date(since, offset_min));
    let lines = match lang {
        Lang::Zh => [
            format!(
                "已将{name}日志库中{}的 {entries} 条消息（{count} 个作者，含名册）写入 {file}（{bytes} 字节）",
                since.map_or_else(String::new, |since| format!(" {since} 以来"))
            ),
            match exported.signed {
                Some(party) => format!("封装由 {party} 签名"),
                None => "封装未签名（手头没有可用的本单位或其值班员的密钥）；每条消息仍带作者签名"
                    .to_owned(),
            },
        ],
        Lang::En => [
            format!(
                "wrote {entries} entries of {}{} from the journal of {name}, roster included, to {file} \
                 ({bytes} bytes)",
                counted(count as u64, "author"),
                since.map_or_else(String::new, |since| format!(" since {since}"))
            ),
            match exported.signed {
                Some(party) => format!("the bundle is signed by {party}"),
                None => {
                    "the bundle is not signed: no key of the office or its operator is at hand; \
                         each entry has its author's signature all the same"
                        .to_owned()
                }
            },
        ],
    };
    print(header.mode, &lines)
}

/// Tells what was taken in, and what was not.
pub(super) fn imported(args: &LogImport, imported: &Imported, home: &Home) -> Result<(), Failure> {
    let file = args.file.display();
    let mode = imported.header.mode;
    for (line, code, why) in &imported.told {
        let why = protocol::sanitise(why, 400);
        // A closed standard error is no reason to keep the summary back.
        drop(writeln!(
            std::io::stderr(),
            "{}",
            mode.marked(&format!("{file}:{line}: {code}: {why}"))
        ));
    }
    let verdict = imported.judge.verdict();
    let gaps = imported.judge.gaps();
    match args.output {
        Output::Json => print_json(&as_json((args, home), imported, (&verdict, &gaps))),
        Output::Text => {
            let lines = as_text((args, home), imported, (&verdict, &gaps));
            print(mode, &lines)
        }
    }
}

fn as_json(
    (args, home): (&LogImport, &Home),
    imported: &Imported,
    (verdict, gaps): (&Verdict, &[Gap]),
) -> Value {
    let (header, offset_min) = (&imported.header, home.offset_min);
    let roster = imported.judge.roster();
    let (closing, missing, signed) = match &imported.closing {
        Closing::Signed(party) => ("signed", 0, Some(*party)),
        Closing::Unsigned => ("unsigned", 0, None),
        Closing::Cut { missing } => ("cut", *missing, None),
        Closing::Altered { missing } => ("altered", *missing, None),
        Closing::Disowned(_) => ("disowned", 0, None),
    };
    let gaps: Vec<Value> = gaps
        .iter()
        .map(|gap| {
            json!({
                "office": gap.log.author,
                "name_zh": name_of(roster, gap.log.author, Lang::Zh),
                "name_en": name_of(roster, gap.log.author, Lang::En),
                "log": gap.log,
                "missing": gap.missing,
                "from": gap.from,
                "to": gap.to,
                "since": gap.since.map(|since| date(since, offset_min)),
                "by": match gap.word { Word::Signed => "signed", Word::Claimed => "claimed" },
            })
        })
        .collect();
    json!({
        "mark": header.mode.mark().unwrap_or_default(),
        "file": args.file.display().to_string(),
        "network": header.net,
        "from": header.office,
        "written": date(header.written, offset_min),
        "into": home.office,
        "by": match imported.into { Into::Office => "office", Into::Journal => "journal" },
        "closing": closing,
        "signed_by": signed,
        "lines_promised": header.entries,
        "lines_missing": missing,
        "new": verdict.new,
        "held": verdict.held,
        "void": verdict.void,
        "orphans": verdict.orphans,
        "waiting": verdict.waiting,
        "evidence": verdict.evidence,
        "refused": imported.refused,
        "gaps": gaps,
        "picture": imported.judge.picture(),
    })
}

fn as_text(
    (args, home): (&LogImport, &Home),
    imported: &Imported,
    (verdict, gaps): (&Verdict, &[Gap]),
) -> Vec<String> {
    let (lang, offset_min) = (language(args.lang), home.offset_min);
    let roster = imported.judge.roster();
    let mut lines = vec![
        origin((args, home), imported, lang),
        counts(verdict, &imported.refused, lang),
    ];
    let told = gaps.iter().map(|gap| {
        let name = name_of(roster, gap.log.author, lang);
        missing(gap, &name, lang, offset_min)
    });
    lines.extend(told);
    if gaps.is_empty() {
        lines.push(match lang {
            Lang::Zh => "没有缺少的消息".to_owned(),
            Lang::En => "no messages are missing".to_owned(),
        });
    }
    let picture = hex(&imported.judge.picture().0[..SPOKEN]);
    lines.push(match lang {
        Lang::Zh => format!("态势校验码 {picture}（与对方一致即所知相同）"),
        Lang::En => format!("picture {picture}: an office with the same knows the same"),
    });
    lines
}

fn origin((args, home): (&LogImport, &Home), imported: &Imported, lang: Lang) -> String {
    let header = &imported.header;
    let (file, roster) = (args.file.display(), imported.judge.roster());
    let from = name_of(roster, header.office, lang);
    let into = name_of(roster, home.office, lang);
    let written = date(header.written, home.offset_min);
    match lang {
        Lang::Zh => {
            let whole = match &imported.closing {
                Closing::Signed(party) => format!("完整，由 {party} 签名"),
                Closing::Unsigned => "完整，未签名".to_owned(),
                Closing::Cut { missing: 0 } => "被截断，只缺结尾行".to_owned(),
                Closing::Cut { missing } => {
                    format!("被截断，据首行所称（无人签名）缺 {missing} 行")
                }
                Closing::Altered { missing: 0 } => "有改动".to_owned(),
                Closing::Altered { missing } => {
                    format!("有改动，据结尾行所称（不可信）缺 {missing} 行")
                }
                Closing::Disowned(_) => "签名不可信".to_owned(),
            };
            let by = match imported.into {
                Into::Office => "交给正在运行的席位并已落盘",
                Into::Journal => "写入日志库",
            };
            format!("{file}：{from}于 {written} 导出（{whole}），{by}：{into}")
        }
        Lang::En => {
            let whole = match &imported.closing {
                Closing::Signed(party) => format!("whole, signed by {party}"),
                Closing::Unsigned => "whole, not signed".to_owned(),
                Closing::Cut { missing: 0 } => {
                    "cut short, only its closing line is gone".to_owned()
                }
                Closing::Cut { missing } => {
                    let missing = counted(*missing, "line");
                    format!("cut short, {missing} missing by its first line, which nobody signed")
                }
                Closing::Altered { missing: 0 } => "altered".to_owned(),
                Closing::Altered { missing } => {
                    let missing = counted(*missing, "line");
                    format!("altered, {missing} missing by its closing line, which is not believed")
                }
                Closing::Disowned(_) => "its signature is not believed".to_owned(),
            };
            let by = match imported.into {
                Into::Office => "recorded by the running office",
                Into::Journal => "recorded in the journal",
            };
            format!("{file}: exported by {from} at {written} ({whole}); {by} of {into}")
        }
    }
}

/// How many entries came to what; what did not happen is not told, but for the first two.
fn counts(verdict: &Verdict, refused: &BTreeMap<&'static str, u64>, lang: Lang) -> String {
    let (void, void_by) = by_code(&verdict.void);
    let (refused, refused_by) = by_code(refused);
    let (new, held) = (verdict.new, verdict.held);
    let first = match lang {
        Lang::Zh => format!("新增 {new} 条，已有 {held} 条"),
        Lang::En => format!("{new} new, {held} already held"),
    };
    let rest = [
        (
            void,
            format!("无效{void_by}"),
            format!("of the new ones void{void_by}"),
        ),
        (
            verdict.orphans,
            "属失效任期: R03".to_owned(),
            "of the new ones of a life that is not in force: R03".to_owned(),
        ),
        (
            verdict.waiting,
            "等待前序: R06".to_owned(),
            "waiting for earlier ones: R06".to_owned(),
        ),
        (
            refused,
            format!("拒收{refused_by}"),
            format!("refused{refused_by}"),
        ),
        (
            verdict.evidence,
            "留作证据".to_owned(),
            "of the refused kept as evidence".to_owned(),
        ),
    ];
    let told = rest.into_iter().filter(|(count, ..)| *count > 0);
    let told = told.map(|(count, zh, en)| match lang {
        Lang::Zh => format!("；{zh}，{count} 条"),
        Lang::En => format!("; {count} {en}"),
    });
    std::iter::once(first).chain(told).collect()
}

/// "3 messages missing from Zhuhai since 14:05", and which they are.
fn missing(gap: &Gap, name: &str, lang: Lang, offset_min: i16) -> String {
    let Gap { log, from, to, .. } = gap;
    let since = gap.since.map(|since| civil(since, offset_min).clock());
    let told = protocol::missing_from((name, name), gap.missing, since.as_deref());
    let claimed = |words: &'static str| match gap.word {
        Word::Signed => "",
        Word::Claimed => words,
    };
    match lang {
        Lang::Zh => {
            let claimed = claimed("据首行所称（无人签名）：");
            let place = if from == to {
                format!("第 {from} 条")
            } else {
                format!("第 {from} 至 {to} 条之间")
            };
            format!("{claimed}{}（{log} {place}）", told.zh)
        }
        Lang::En => {
            let claimed = claimed("by the first line of the bundle, which nobody signed: ");
            let place = if from == to {
                format!("entry {from}")
            } else {
                format!("between entries {from} and {to}")
            };
            format!("{claimed}{} ({log}, {place})", told.en)
        }
    }
}

/// "1 message", "2 messages".
fn counted(count: u64, what: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {what}{many}")
}

/// How many in all, and ": R02 1, R07 3".
fn by_code<C: std::fmt::Display>(counts: &BTreeMap<C, u64>) -> (u64, String) {
    let parts = counts.iter().map(|(code, count)| format!("{code} {count}"));
    let parts: Vec<String> = parts.collect();
    (counts.values().sum(), format!(": {}", parts.join(", ")))
}

fn civil(wall: Wall, offset_min: i16) -> Civil {
    // A clock beyond the year 10000 is somebody's invention; it is shown as the last that is one.
    const LAST: u64 = 253_402_300_799_000;
    Civil::at(Moment(wall.0.min(LAST) * 1_000), offset_min)
}

fn date(wall: Wall, offset_min: i16) -> String {
    civil(wall, offset_min).rfc3339()
}

fn print(mode: Mode, lines: &[String]) -> Result<(), Failure> {
    for line in lines {
        print::line(mode.marked(line))?;
    }
    Ok(())
}

fn print_json(value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::bug)?;
    print::line(text)
}
