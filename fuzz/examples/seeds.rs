//! Writes the beginnings of the corpus from what the house ships: `cargo run --example seeds` in `fuzz`.
//!
//! Handmade edge cases and what fuzzing found stand in the corpus beside them and are left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::Journal;
use picture::Picture;
use protocol::{
    BUNDLE, Body, BundleHeader, BundleWriter, Envelope, Record, Span, Stretch, Suite, Wall,
};
use region::{Pack, Region, TemplateLanguage, inventory_template};
use simulator::{Cast, Recording, Scenario, SimulateOptions, simulate};

type Done = Result<(), Box<dyn Error>>;

/// Entries of a log in one seed.
const IN_A_LOG: usize = 40;

/// Bytes of a seed that is cut from a run.
const SEED_BYTES: usize = 6 * 1024;

fn main() -> Done {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let out = Out(house.join("fuzz/corpus"));
    let run = Run::of(&fs::read_to_string(
        house.join("scenarios/small/lossy.toml"),
    )?)?;
    lines(&out, &run)?;
    frames(&out, &run)?;
    logs(&out, &run)?;
    directs(&out, &run)?;
    states(&out, &run)?;
    journals(&out, &run)?;
    bundles(&out, &run)?;
    recordings(&out, &run)?;
    packs(&out)?;
    for (name, language) in [
        ("english", TemplateLanguage::English),
        ("chinese", TemplateLanguage::Chinese),
    ] {
        out.put("inventory", name, inventory_template(language).as_bytes())?;
    }
    for name in ["quiet-day", "lossy", "chaos-6h"] {
        let text = fs::read(house.join(format!("scenarios/small/{name}.toml")))?;
        out.put("scenario", name, &text)?;
    }
    for entry in fs::read_dir(house.join("simulator/tests/broken"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            out.put("scenario", &format!("broken-{name}"), &fs::read(&path)?)?;
        }
    }
    Ok(())
}

/// The folder of the corpus.
struct Out(PathBuf);

impl Out {
    fn put(&self, target: &str, name: &str, bytes: &[u8]) -> Done {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("seed-{name}")), bytes)?;
        Ok(())
    }
}

/// What a drill over a bad network said.
struct Run {
    cast: Cast,
    lines: Vec<String>,
    /// Topic and text of each frame.
    frames: Vec<(String, String)>,
    entries: Vec<Arc<Envelope>>,
}

impl Run {
    fn of(text: &str) -> Result<Self, Box<dyn Error>> {
        let (scenario, region) = Scenario::parse("lossy.toml", text, &|_| None)?;
        let options = SimulateOptions {
            seed: Some(1),
            suite: Suite::Ed25519,
            until: Some(scenario.start + Span::minutes(150)),
            recording: Recording::On,
            ..SimulateOptions::default()
        };
        let mut lines = Vec::new();
        simulate(&scenario, &region, &options, |progress| {
            lines.extend(progress.lines)
        });
        let cast = Cast::of_seed(&region, 1, Suite::Ed25519, scenario.start);
        let mut frames = Vec::new();
        for line in &lines {
            if let Ok(Record::Frame { topic, text, .. }) = serde_json::from_str(line) {
                frames.push((topic, text));
            }
        }
        let mut seen = BTreeSet::new();
        let mut entries = Vec::new();
        for (_, text) in frames.iter().filter(|(topic, _)| topic.starts_with("log/")) {
            for line in text.lines().skip(1) {
                let envelope = Envelope::read(line)?;
                if seen.insert((envelope.header().log, envelope.header().seq)) {
                    entries.push(Arc::new(envelope));
                }
            }
        }
        Ok(Self {
            cast,
            lines,
            frames,
            entries,
        })
    }

    /// The shortest entry of each kind.
    fn kinds(&self) -> BTreeMap<&'static str, &Arc<Envelope>> {
        let mut kinds: BTreeMap<&str, &Arc<Envelope>> = BTreeMap::new();
        for envelope in self.cast.roster_log.iter().chain(&self.entries) {
            let kind = envelope.body().map_or("unreadable", Body::kind);
            let known = kinds.entry(kind).or_insert(envelope);
            if envelope.line().len() < known.line().len() {
                *known = envelope;
            }
        }
        kinds
    }
}

fn lines(out: &Out, run: &Run) -> Done {
    for (kind, envelope) in run.kinds() {
        out.put("line", kind, envelope.line().as_bytes())?;
    }
    let bare = run.entries[0].withhold();
    out.put("line", "withheld", bare.line().as_bytes())
}

/// The shortest frame of each kind of topic and message.
fn frames(out: &Out, run: &Run) -> Done {
    let mut kinds: BTreeMap<String, String> = BTreeMap::new();
    for (topic, text) in &run.frames {
        let kind = topic.split('/').next().unwrap_or_default();
        let frame = format!("liandong/1/{}/{topic}\n{text}", run.cast.network.id);
        let several = if text.lines().count() > 2 {
            "-several"
        } else {
            ""
        };
        let known = kinds
            .entry(format!("{kind}{several}"))
            .or_insert_with(|| frame.clone());
        if frame.len() < known.len() {
            *known = frame;
        }
    }
    for (kind, frame) in kinds {
        out.put("frame", &kind, frame.as_bytes())?;
    }
    let view = format!("liandong/1/{}/view/990100/units\n{{}}", run.cast.network.id);
    out.put("frame", "view", view.as_bytes())
}

/// What a run said, under the life in which the corpus is written.
fn renamed(run: &Run, text: &str) -> String {
    let lives: BTreeSet<String> = run
        .entries
        .iter()
        .map(|entry| entry.header().log.incarnation.to_string())
        .collect();
    let ours = liandong_fuzz::cast::incarnation().to_string();
    lives
        .iter()
        .fold(text.to_owned(), |text, life| text.replace(life, &ours))
}

/// An entry as the corpora of logs write it.
fn said(entry: &Arc<Envelope>) -> String {
    let author = entry.header().log.author;
    let body = entry.body().map(Body::to_json).unwrap_or_default();
    format!("{author} {body}\n")
}

fn logs(out: &Out, run: &Run) -> Done {
    for (kind, envelope) in run.kinds() {
        out.put("log", kind, renamed(run, &said(envelope)).as_bytes())?;
    }
    let is_inventory = |entry: &&Arc<Envelope>| {
        matches!(entry.body(), Some(Body::Resource(_) | Body::HomeFloor(_)))
    };
    let lively: Vec<&Arc<Envelope>> = run.entries.iter().filter(|it| !is_inventory(it)).collect();
    for (number, part) in lively.chunks(IN_A_LOG).take(6).enumerate() {
        let used: BTreeSet<_> = part.iter().map(|it| it.header().log.author).collect();
        let units = run.entries.iter().filter(is_inventory);
        let units = units
            .filter(|it| used.contains(&it.header().log.author))
            .take(12);
        let text: String = units.chain(part.iter().copied()).map(said).collect();
        out.put(
            "log",
            &format!("course-{number}"),
            renamed(run, &text).as_bytes(),
        )?;
    }
    let roster: String = run
        .cast
        .roster_log
        .iter()
        .filter_map(|it| Some(it.body()?.to_json() + "\n"))
        .collect();
    out.put("roster", "everybody", roster.as_bytes())
}

fn directs(out: &Out, run: &Run) -> Done {
    let mut kinds: BTreeMap<String, String> = BTreeMap::new();
    let mut course = String::new();
    for (topic, text) in run
        .frames
        .iter()
        .filter(|(topic, _)| !topic.starts_with("log/"))
    {
        let first = text.lines().next().unwrap_or_default();
        let Some((header, rest)) = first.split_once('\t') else {
            continue;
        };
        let header: serde_json::Value = serde_json::from_str(header)?;
        let body = rest.split('\t').next().unwrap_or_default();
        let Some(from) = header["from"].as_str() else {
            continue;
        };
        let line = renamed(run, &format!("{topic} {from} {body}\n"));
        let value: serde_json::Value = serde_json::from_str(body)?;
        let report = value["report"]["type"].as_str().unwrap_or_default();
        let kind = value["type"].as_str().unwrap_or_default();
        let name = format!("{kind}-{report}");
        if topic.ends_with("/990100") && kind == "field" && course.len() < SEED_BYTES {
            course.push_str(&line);
        }
        let mine = topic.ends_with("/990100") || kind == "digest" || kind == "presence";
        if mine {
            kinds.entry(name).or_insert(line);
        }
    }
    for (kind, line) in kinds {
        out.put("direct", kind.trim_end_matches('-'), line.as_bytes())?;
    }
    out.put("direct", "course", course.as_bytes())
}

/// What an office had come to in the middle of its log and at the end, and what all wrote next.
fn states(out: &Out, run: &Run) -> Done {
    for (office, name, part) in [("990200", "early", 4), ("990300", "late", 1)] {
        let office = office.parse()?;
        let places = 0..run.entries.len();
        let own = { places }.filter(|place| run.entries[*place].header().log.author == office);
        let own: Vec<usize> = own.collect();
        let (read, next) = run.entries.split_at(own[own.len() / part - 1] + 1);
        let mut picture = Picture::new(run.cast.network.clone());
        for entry in run.cast.roster_log.iter().chain(read) {
            picture.admit(entry);
        }
        let known = picture.state(office).ok_or("the office has written")?;
        let mut state = known.clone();
        state.folded += 1;
        state.last_snapshot.entry = (liandong_fuzz::cast::incarnation().epoch, state.folded);
        state.last_snapshot.folded = state.folded;
        let text = format!("{office} {}\n", state.text());
        let next: String = next.iter().take(IN_A_LOG).map(said).collect();
        out.put("state", name, renamed(run, &(text + &next)).as_bytes())?;
    }
    Ok(())
}

fn journals(out: &Out, run: &Run) -> Done {
    let folder = std::env::temp_dir().join(format!("liandong-seeds-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    for (name, count) in [("empty", 0), ("few", 3), ("more", 12)] {
        let path = folder.join(name);
        let (mut journal, _) = Journal::open(&path, run.cast.network.id)?;
        let own = run
            .entries
            .iter()
            .filter(|it| it.header().log.author.as_str() == "990100");
        journal.append_all(own.take(count).cloned())?;
        drop(journal);
        out.put("journal", name, &fs::read(&path)?)?;
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

fn bundles(out: &Out, run: &Run) -> Done {
    let own = run
        .entries
        .iter()
        .filter(|it| it.header().log.author.as_str() == "990100");
    let entries: Vec<&Arc<Envelope>> = own.take(6).collect();
    let office = entries[0].header().log.author;
    let header = BundleHeader {
        format: BUNDLE.to_owned(),
        mark: "【演练】".to_owned(),
        net: run.cast.network.id,
        mode: run.cast.network.mode,
        office,
        written: Wall(1),
        since: None,
        entries: entries.len() as u64,
        stretches: vec![Stretch {
            log: entries[0].header().log,
            from: 1,
            to: entries.len() as u64,
        }],
    };
    let signer = run.cast.offices.get(&office).map(|player| &player.signer);
    for (name, signer) in [("signed", signer), ("unsigned", None)] {
        let (mut writer, mut text) = BundleWriter::begin(&header);
        for entry in &entries {
            writer.entry(entry);
            text = format!("{text}\n{}", entry.line());
        }
        let text = format!("{text}\n{}\n", writer.end(signer));
        out.put("bundle", name, text.as_bytes())?;
        out.put(
            "bundle",
            &format!("{name}-cut"),
            &text.as_bytes()[..text.len() / 2],
        )?;
        out.put(
            "bundle",
            &format!("{name}-altered"),
            text.replacen("fire", "wire", 1).as_bytes(),
        )?;
        out.put(
            "bundle",
            &format!("{name}-torn"),
            &text.as_bytes()[..text.len() - 40],
        )?;
    }
    Ok(())
}

fn recordings(out: &Out, run: &Run) -> Done {
    let short = || {
        run.lines[1..]
            .iter()
            .filter(|line| line.len() < SEED_BYTES / 2)
    };
    let mut kept = run.lines[..1].to_vec();
    // A line without which nobody could tell whose frames are believed.
    kept.extend(
        run.lines[1..]
            .iter()
            .find(|line| line.contains("\"log/region\""))
            .cloned(),
    );
    kept.extend(
        short()
            .filter(|line| line.contains("\"truth\""))
            .take(8)
            .cloned(),
    );
    out.put("recording", "truth", kept.join("\n").as_bytes())?;
    kept.extend(
        short()
            .filter(|line| line.contains("\"log/990"))
            .take(12)
            .cloned(),
    );
    kept.push("{\"type\":\"refused\",\"at\":1782864000000000,\"counts\":{\"R02\":3}}".to_owned());
    kept.extend(run.lines.last().cloned());
    out.put("recording", "course", kept.join("\n").as_bytes())
}

fn packs(out: &Out) -> Done {
    let pack = Pack::built_in("trio").ok_or("the binary has the smallest region")?;
    Region::load(&pack).map_err(|_| "it can be read")?;
    let names = [
        "region.json",
        "cities.geojson",
        "districts.geojson",
        "backdrop.geojson",
        "coast.geojson",
        "rivers.geojson",
        "places.csv",
        "facilities.csv",
        "roads_nodes.csv",
        "roads_edges.csv",
    ];
    for name in names {
        let text = pack.text(name).ok_or(name)?;
        out.put("region", name, format!("#>>> {name}\n{text}").as_bytes())?;
    }
    Ok(())
}
