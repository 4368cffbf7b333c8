//! A bundle from a stick: whole it is read back, damaged it says how, and no damage makes an entry.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use protocol::{
    AreaCode, BUNDLE, Body, BundleError, BundleHeader, BundleLine, BundleReader, BundleWriter,
    Closing, Decoder, Draft, DutyNote, Envelope, Hash, Incarnation, LineError, LogKey, Member,
    Mode, Moment, Network, PartyId, Refusal, Role, Roster, RosterChange, Signer, Stretch, Suite,
    Wall, limit,
};

const ENTRIES: u64 = 5;

fn signer(name: &str) -> Signer {
    let secret = Hash::of(name.as_bytes()).0;
    Signer::new(name.parse().unwrap(), Suite::Ed25519, secret)
}

fn network() -> Network {
    Network {
        id: "drill-1".parse().unwrap(),
        mode: Mode::Exercise,
        region: "region".parse().unwrap(),
        root: signer("region").public(),
        suite: Suite::Ed25519,
    }
}

fn roster() -> Roster {
    let mut roster = Roster::new(&network());
    let offices = [
        ("990100", "990100"),
        ("op-990100", "990100"),
        ("990200", "990200"),
    ];
    for (party, office) in offices {
        roster.apply(&RosterChange::Admit(Box::new(Member {
            party: party.parse().unwrap(),
            role: [Role::Operator, Role::City][usize::from(party == office)],
            area: AreaCode(990_000),
            office: office.parse().unwrap(),
            circle: String::new(),
            unit: None,
            name_zh: String::new(),
            name_en: String::new(),
            key: signer(party).public(),
        })));
    }
    roster
}

fn log() -> LogKey {
    LogKey {
        author: "990100".parse().unwrap(),
        incarnation: Incarnation { epoch: 1, nonce: 7 },
    }
}

fn entries() -> Vec<Arc<Envelope>> {
    let mut prev = Hash::default();
    let mut write = |seq| {
        let draft = Draft {
            net: network().id,
            mode: network().mode,
            log: log(),
            seq,
            prev,
            hlc: seq << 16,
            sent: Wall(seq),
            request: None,
        };
        let note = DutyNote {
            incident: None,
            by: "值班员".into(),
            text: format!("潮位 {seq}"),
            at: Moment(seq),
        };
        let envelope = Envelope::seal(&draft, Body::DutyNote(note), &signer("990100"));
        prev = envelope.hash();
        envelope
    };
    (1..=ENTRIES).map(&mut write).collect()
}

fn header() -> BundleHeader {
    BundleHeader {
        format: BUNDLE.to_owned(),
        mark: "【演练】".to_owned(),
        net: network().id,
        mode: network().mode,
        office: "990100".parse().unwrap(),
        written: Wall(1_000),
        since: None,
        entries: ENTRIES,
        stretches: vec![Stretch {
            log: log(),
            from: 1,
            to: ENTRIES,
        }],
    }
}

/// The lines of a bundle that this party closes.
fn lines(by: Option<&str>) -> Vec<String> {
    let (mut writer, first) = BundleWriter::begin(&header());
    let mut lines = vec![first];
    for envelope in entries() {
        writer.entry(&envelope);
        lines.push(envelope.line().to_owned());
    }
    lines.push(writer.end(by.map(signer).as_ref()));
    lines
}

fn bytes(lines: &[String]) -> Vec<u8> {
    lines
        .iter()
        .flat_map(|line| [line.as_bytes(), b"\n"].concat())
        .collect()
}

/// What a reader made of a file.
#[derive(Debug)]
struct Read {
    entries: Vec<Arc<Envelope>>,
    refused: Vec<&'static str>,
    closing: Closing,
}

fn read(file: &[u8]) -> Result<Read, BundleError> {
    let (network, roster) = (network(), roster());
    let mut parts = file.split_inclusive(|byte| *byte == b'\n');
    let bare = |line: &[u8]| line.strip_suffix(b"\n").map(<[u8]>::to_vec);
    let first = parts.next().unwrap_or_default();
    let mut reader = BundleReader::open(&bare(first).unwrap_or_default(), &network)?;
    let mut decoder = Decoder::new(network.clone());
    let (mut entries, mut refused) = (Vec::new(), Vec::new());
    for part in parts {
        let whole = bare(part);
        let line = match &whole {
            Some(line) => reader.line(line).map(Some),
            None => Ok(reader.last_line(part)),
        };
        match line {
            Ok(Some(BundleLine::Entry(line))) => match decoder.envelope(line, &roster) {
                Ok(envelope) => entries.push(envelope),
                Err(refusal) => refused.push(refusal.code()),
            },
            Ok(Some(BundleLine::Closing) | None) => {}
            Err(_) => refused.push("R07"),
        }
    }
    let closing = reader.close(&roster, &network);
    Ok(Read {
        entries,
        refused,
        closing,
    })
}

fn check(lines: &[String], entries: u64, refused: &[&str], closing: &Closing) {
    let read = read(&bytes(lines)).unwrap();
    assert_eq!(read.entries.len() as u64, entries, "{read:?}");
    assert_eq!(read.refused, refused, "{read:?}");
    assert_eq!(&read.closing, closing);
}

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

#[test]
fn a_bundle_reads_back_whole_with_the_name_of_who_closed_it() {
    for by in ["990100", "op-990100"] {
        check(&lines(Some(by)), ENTRIES, &[], &Closing::Signed(party(by)));
    }
    check(&lines(None), ENTRIES, &[], &Closing::Unsigned);
    let first = &lines(None)[0];
    assert!(first.starts_with("{\"format\":\"liandong-bundle/1\",\"mark\":\"【演练】\""));
}

#[test]
fn a_bundle_cut_short_gives_what_stands_before_the_cut_and_counts_the_rest() {
    let lines = lines(Some("990100"));
    for kept in 0..=ENTRIES {
        let missing = ENTRIES - kept;
        let kept_lines = &lines[..=usize::try_from(kept).unwrap()];
        check(kept_lines, kept, &[], &Closing::Cut { missing });
    }
    let whole = bytes(&lines);
    let read = read(&whole[..whole.len() - lines[6].len() - 40]).unwrap();
    assert_eq!(read.entries.len() as u64, ENTRIES - 1);
    assert_eq!(read.closing, Closing::Cut { missing: 1 });
    assert!(read.refused.is_empty(), "{read:?}");
}

#[test]
fn a_bundle_without_its_last_line_break_is_whole() {
    let whole = bytes(&lines(Some("990100")));
    let read = read(&whole[..whole.len() - 1]).unwrap();
    assert_eq!(read.closing, Closing::Signed(party("990100")));
}

#[test]
fn a_line_that_is_gone_added_or_exchanged_is_told() {
    let mut gone = lines(Some("990100"));
    gone.remove(3);
    check(&gone, ENTRIES - 1, &[], &Closing::Altered { missing: 1 });
    let mut twice = lines(Some("990100"));
    twice.insert(3, twice[3].clone());
    check(&twice, ENTRIES + 1, &[], &Closing::Altered { missing: 0 });
    let mut turned = lines(Some("990100"));
    turned.swap(2, 3);
    check(&turned, ENTRIES, &[], &Closing::Altered { missing: 0 });
    let mut beyond = lines(Some("990100"));
    beyond.push(beyond[3].clone());
    check(&beyond, ENTRIES + 1, &[], &Closing::Altered { missing: 0 });
    // A closing line has no body, and its signature covers none.
    let mut body = lines(Some("990100"));
    body[6] = body[6].replace("\t-\t", "\t+\t");
    check(&body, ENTRIES, &["R07"], &Closing::Cut { missing: 0 });
}

#[test]
fn an_oversized_nested_or_garbled_line_is_refused_and_holds_up_no_other() {
    let altered = Closing::Altered { missing: 0 };
    let mut torn = bytes(&lines(Some("990100")));
    torn.push(0);
    assert_eq!(read(&torn).unwrap().closing, altered);
    let with = |line: String| {
        let mut lines = lines(Some("990100"));
        lines[3] = line;
        lines
    };
    let signature = "00".repeat(64);
    let nested = limit::BODY_DEPTH + 1;
    let (open, close) = ("[".repeat(nested), "]".repeat(nested));
    for line in [
        "x".repeat(limit::LINE_BYTES + 1),
        format!("{{}}\t{open}{close}\t{signature}"),
        "garbage".to_owned(),
        String::new(),
    ] {
        check(&with(line), ENTRIES - 1, &["R07"], &altered);
    }
    let mut reader = BundleReader::open(lines(None)[0].as_bytes(), &network()).unwrap();
    let told = reader.line(&vec![b'x'; limit::LINE_BYTES + 1]).unwrap_err();
    assert!(matches!(told, LineError::TooLong { .. }), "{told:?}");
    assert_eq!(reader.line(b"\xff"), Err(LineError::Shape));
}

#[test]
fn a_forged_author_is_refused_by_its_signature() {
    let mut lines = lines(Some("990100"));
    lines[2] = lines[2].replace("990100/1-", "990200/1-");
    check(
        &lines,
        ENTRIES - 1,
        &["R02"],
        &Closing::Altered { missing: 0 },
    );
}

#[test]
fn a_closing_line_of_a_stranger_or_a_revoked_key_is_not_believed() {
    let stranger = read(&bytes(&lines(Some("990200")))).unwrap();
    assert!(
        matches!(
            stranger.closing,
            Closing::Disowned(Refusal::UnknownKey { .. })
        ),
        "{stranger:?}"
    );
    let signed = lines(Some("990100"));
    let mut reader = BundleReader::open(signed[0].as_bytes(), &network()).unwrap();
    for line in &signed[1..] {
        reader.line(line.as_bytes()).unwrap();
    }
    let mut roster = roster();
    roster.apply(&RosterChange::Revoke {
        party: party("990100"),
        key: signer("990100").key(),
    });
    let closing = reader.close(&roster, &network());
    assert!(
        matches!(closing, Closing::Disowned(Refusal::RevokedKey { .. })),
        "{closing:?}"
    );
    let mut forged = signed;
    let last = forged.last_mut().unwrap();
    let digit = if last.ends_with('0') { "1" } else { "0" };
    last.replace_range(last.len() - 1.., digit);
    let forged = read(&bytes(&forged)).unwrap();
    assert!(
        matches!(forged.closing, Closing::Disowned(Refusal::Signature { .. })),
        "{forged:?}"
    );
}

#[test]
fn a_bundle_of_another_network_mode_or_version_is_refused_whole() {
    let refused = |change: &dyn Fn(&mut BundleHeader)| {
        let mut header = header();
        change(&mut header);
        let (_, line) = BundleWriter::begin(&header);
        let error = BundleReader::open(line.as_bytes(), &network()).unwrap_err();
        (error.code(), error.to_string())
    };
    let net = refused(&|header| header.net = "drill-2".parse().unwrap());
    assert_eq!(net.0, "R01");
    assert!(net.1.contains("\"drill-2\""), "{}", net.1);
    assert_eq!(refused(&|header| header.mode = Mode::Actual).0, "R01");
    let version = refused(&|header| header.format = "liandong-bundle/2".to_owned());
    assert_eq!(version.0, "R07");
    assert!(version.1.contains("this version reads"), "{}", version.1);
    assert_eq!(
        refused(&|header| header.stretches[0].to = u64::MAX).0,
        "R07"
    );
    assert_eq!(refused(&|header| header.stretches[0].from = 0).0, "R07");
    for other in [
        "",
        "{}",
        "{\"format\":7}",
        "SQLite format 3\0",
        "\u{feff}{}",
    ] {
        let error = BundleReader::open(other.as_bytes(), &network()).unwrap_err();
        assert_eq!(error.code(), "R07", "{other}");
    }
}

/// A bundle, made once: signing is what takes time.
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| bytes(&lines(Some("990100"))));

/// Every entry that is read was signed by its author as it stands, and a file that was touched is
/// never taken for whole.
fn nothing_is_made_up(file: &[u8]) {
    let written = entries();
    let Ok(read) = read(file) else {
        return;
    };
    for entry in &read.entries {
        let same = |it: &&Arc<Envelope>| it.hash() == entry.hash() && it.body() == entry.body();
        assert!(
            written.iter().any(|it| same(&it)),
            "made up: {}",
            entry.line()
        );
    }
    if matches!(read.closing, Closing::Signed(_)) {
        let bare = |file: &[u8]| {
            file.strip_suffix(b"\n")
                .unwrap_or(file)
                .to_ascii_lowercase()
        };
        // The digits of a signature mean the same in either case, and the last line break nothing.
        let touched = String::from_utf8_lossy(file);
        assert!(bare(file) == bare(&WHOLE), "taken for whole: {touched}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_changed_byte_makes_an_entry_that_its_author_did_not_sign(
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut file = WHOLE.clone();
        let place = place.index(file.len());
        file[place] = byte;
        nothing_is_made_up(&file);
    }

    #[test]
    fn no_cut_and_no_inserted_bytes_make_an_entry(
        place in any::<prop::sample::Index>(),
        cut in 0..200_usize,
        inserted in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut file = WHOLE.clone();
        let place = place.index(file.len());
        let end = (place + cut).min(file.len());
        file.splice(place..end, inserted);
        nothing_is_made_up(&file);
    }

    #[test]
    fn no_bytes_at_all_end_in_a_panic(file in prop::collection::vec(any::<u8>(), 0..400)) {
        nothing_is_made_up(&[WHOLE.as_slice(), &file].concat());
        nothing_is_made_up(&file);
    }
}
