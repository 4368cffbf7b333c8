//! The wire line and the edge: what is signed is read back, what is tampered with is refused.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use protocol::{
    Body, Decoder, Direct, Draft, DutyNote, Envelope, Frame, Hash, Head, Incarnation, LogKey,
    Member, Mode, Moment, Network, Point, Presence, Refusal, Role, Roster, RosterChange, Said,
    Signer, Span, Speaker, Suite, Topic, Wall, Want,
};

struct Bench {
    network: Network,
    roster: Roster,
    office: Signer,
}

fn bench(suite: Suite) -> Bench {
    let root = Signer::new("region".parse().unwrap(), suite, [1; 32]);
    let office = Signer::new("990100".parse().unwrap(), suite, [2; 32]);
    let network = Network {
        id: "drill-1".parse().unwrap(),
        mode: Mode::Exercise,
        region: root.party(),
        root: root.public(),
        suite,
    };
    let mut roster = Roster::new(&network);
    roster.apply(&RosterChange::Admit(Box::new(Member {
        party: office.party(),
        role: Role::City,
        area: protocol::AreaCode(990_100),
        office: office.party(),
        circle: String::new(),
        unit: None,
        name_zh: "东港".into(),
        name_en: "Eastport".into(),
        key: office.public(),
    })));
    Bench {
        network,
        roster,
        office,
    }
}

fn note(text: &str) -> Body {
    Body::DutyNote(DutyNote {
        incident: None,
        by: "值班员".into(),
        text: text.into(),
        at: Moment(1),
    })
}

fn seal(bench: &Bench, signer: &Signer, text: &str) -> std::sync::Arc<Envelope> {
    let draft = Draft {
        net: bench.network.id,
        mode: bench.network.mode,
        log: LogKey {
            author: "990100".parse().unwrap(),
            incarnation: Incarnation { epoch: 1, nonce: 7 },
        },
        seq: 1,
        prev: Hash::default(),
        hlc: 0,
        sent: Wall(0),
        request: None,
    };
    Envelope::seal(&draft, note(text), signer)
}

fn append(bench: &Bench, envelope: &std::sync::Arc<Envelope>) -> Frame {
    let header = envelope.header();
    let head = Head {
        log: header.log,
        seq: header.seq,
        hash: envelope.hash(),
    };
    Frame::append(
        bench.network.id,
        head,
        vec![std::sync::Arc::clone(envelope)],
    )
}

#[test]
fn what_an_office_appends_is_read_back_as_it_was_meant_under_every_suite() {
    for suite in [Suite::Ed25519, Suite::Virtual] {
        let bench = bench(suite);
        let sent = seal(&bench, &bench.office, "水位上涨\tquickly\n");
        let frame = append(&bench, &sent);
        let mut decoder = Decoder::new(bench.network.clone());
        let topic = frame.topic().on(bench.network.id);
        let heard = decoder
            .frame(&topic, frame.text().as_bytes(), &bench.roster)
            .unwrap();
        let Said::Append { head, batch } = heard.get().said() else {
            unreachable!()
        };
        assert_eq!(head.seq, 1);
        assert_eq!(batch.refused, []);
        assert_eq!(batch.envelopes[0].header(), sent.header());
        assert_eq!(batch.envelopes[0].content(), sent.content());
        assert_eq!(batch.envelopes[0].hash(), sent.hash());
        assert_eq!(heard.get().digest(), frame.digest());
    }
}

#[test]
fn one_changed_byte_of_header_body_or_signature_is_refused() {
    let bench = bench(Suite::Ed25519);
    let line = seal(&bench, &bench.office, "open").line().to_owned();
    let mut decoder = Decoder::new(bench.network.clone());
    for (from, to, code) in [
        ("\"seq\":1", "\"seq\":2", "R02"),
        ("\"text\":\"open\"", "\"text\":\"shut\"", "R07"),
        ("drill-1", "drill-2", "R01"),
        ("\"mode\":\"exercise\"", "\"mode\":\"actual\"", "R01"),
    ] {
        let tampered = line.replace(from, to);
        assert_ne!(tampered, line);
        let refusal = decoder.envelope(&tampered, &bench.roster).unwrap_err();
        assert_eq!(refusal.code(), code, "{refusal}");
    }
}

/// The text with one character replaced by a digit, once for each character.
fn alterations(text: &str) -> impl Iterator<Item = String> {
    text.char_indices().map(|(at, old)| {
        let digit = if old == '1' { '2' } else { '1' };
        format!("{}{digit}{}", &text[..at], &text[at + old.len_utf8()..])
    })
}

#[test]
fn a_line_that_was_verified_is_verified_anew_if_any_byte_of_it_changed() {
    for suite in [Suite::Ed25519, Suite::Virtual] {
        let bench = bench(suite);
        let line = seal(&bench, &bench.office, "open").line().to_owned();
        let mut decoder = Decoder::new(bench.network.clone());
        let first = decoder.envelope(&line, &bench.roster).unwrap();
        for altered in alterations(&line) {
            let refused = decoder.envelope(&altered, &bench.roster).is_err();
            assert!(refused, "{altered}");
        }
        let again = decoder.envelope(&line, &bench.roster).unwrap();
        assert!(std::sync::Arc::ptr_eq(&first, &again));
    }
}

#[test]
fn a_frame_that_was_verified_is_verified_anew_if_its_bytes_or_its_topic_changed() {
    let bench = bench(Suite::Ed25519);
    let (net, party) = (bench.network.id, bench.office.party());
    let mut speaker = Speaker::new(net, bench.network.mode, bench.office.clone(), 7);
    let want = Direct::Want(Want {
        log: LogKey {
            author: party,
            incarnation: Incarnation::default(),
        },
        from: 1,
        to: 1,
        state: None,
    });
    let times = (Wall(0), Span::minutes(1));
    let frame = Frame::direct(&mut speaker, net, Topic::Want(party), want, times);
    let (topic, text) = (frame.topic().on(net), frame.text());
    let mut decoder = Decoder::new(bench.network.clone());
    let mut hear = |topic: &str, text: &str| {
        let heard = decoder.frame(topic, text.as_bytes(), &bench.roster);
        heard.map(|frame| std::sync::Arc::clone(frame.get()))
    };
    let first = hear(&topic, text).unwrap();
    assert_eq!(first.digest(), frame.digest());
    for altered in alterations(text) {
        assert!(hear(&topic, &altered).is_err(), "{altered}");
    }
    let elsewhere = Topic::Want("990200".parse().unwrap()).on(net);
    let refusal = hear(&elsewhere, text).unwrap_err();
    assert!(matches!(refusal, Refusal::Topic { .. }), "{refusal}");
    assert!(std::sync::Arc::ptr_eq(&first, &hear(&topic, text).unwrap()));
}

#[test]
fn a_forger_with_a_key_of_its_own_is_unknown_and_a_wrong_suite_is_refused() {
    let bench = bench(Suite::Ed25519);
    let mut decoder = Decoder::new(bench.network.clone());
    let forger = Signer::new("990100".parse().unwrap(), Suite::Ed25519, [9; 32]);
    let claim = seal(&bench, &forger, "commit");
    let refusal = decoder.envelope(claim.line(), &bench.roster).unwrap_err();
    assert!(matches!(refusal, Refusal::UnknownKey { .. }), "{refusal}");
    let cheap = Signer::new("990100".parse().unwrap(), Suite::Virtual, [2; 32]);
    let refusal = decoder
        .envelope(seal(&bench, &cheap, "x").line(), &bench.roster)
        .unwrap_err();
    assert!(matches!(refusal, Refusal::Suite { .. }), "{refusal}");
}

#[test]
fn a_bad_line_in_a_batch_does_not_hold_up_the_good_ones() {
    let bench = bench(Suite::Ed25519);
    let good = seal(&bench, &bench.office, "good");
    let frame = append(&bench, &good);
    let text = format!("{}\nnot a line", frame.text());
    let mut decoder = Decoder::new(bench.network.clone());
    let topic = frame.topic().on(bench.network.id);
    let heard = decoder
        .frame(&topic, text.as_bytes(), &bench.roster)
        .unwrap();
    let Said::Append { batch, .. } = heard.get().said() else {
        unreachable!()
    };
    assert_eq!((batch.envelopes.len(), batch.refused.len()), (1, 1));
}

#[test]
fn a_direct_message_published_on_another_topic_is_refused() {
    let bench = bench(Suite::Ed25519);
    let mut speaker = Speaker::new(
        bench.network.id,
        bench.network.mode,
        bench.office.clone(),
        7,
    );
    let presence = Direct::Presence(Presence {
        incarnation: Incarnation::default(),
        online: true,
        answers: None,
    });
    let topic = Topic::Presence(bench.office.party());
    let times = (Wall(0), Span::minutes(1));
    let frame = Frame::direct(&mut speaker, bench.network.id, topic, presence, times);
    let mut decoder = Decoder::new(bench.network.clone());
    let net = bench.network.id;
    let heard = decoder.frame(&topic.on(net), frame.text().as_bytes(), &bench.roster);
    assert!(heard.is_ok());
    let elsewhere = Topic::Presence("990200".parse().unwrap()).on(net);
    let refusal = decoder
        .frame(&elsewhere, frame.text().as_bytes(), &bench.roster)
        .unwrap_err();
    assert!(matches!(refusal, Refusal::Topic { .. }), "{refusal}");
}

#[test]
fn what_a_key_signed_in_a_drill_is_refused_by_an_actual_network_that_admitted_the_same_key() {
    let drill = bench(Suite::Ed25519);
    let member = drill.roster.member(drill.office.party()).unwrap().clone();
    let line = seal(&drill, &drill.office, "commit").line().to_owned();
    let (net, topic) = (drill.network.id, Topic::Presence(drill.office.party()));
    let mut speaker = Speaker::new(net, drill.network.mode, drill.office.clone(), 7);
    let presence = Direct::Presence(Presence {
        incarnation: Incarnation::default(),
        online: true,
        answers: None,
    });
    let spoken = Frame::direct(
        &mut speaker,
        net,
        topic,
        presence,
        (Wall(0), Span::minutes(1)),
    );
    // Another name or another purpose is enough, each alone.
    for (id, mode) in [("drill-1", Mode::Actual), ("actual-1", Mode::Exercise)] {
        let actual = Network {
            id: id.parse().unwrap(),
            mode,
            ..drill.network.clone()
        };
        let mut roster = Roster::new(&actual);
        roster.apply(&RosterChange::Admit(Box::new(member.clone())));
        let mut decoder = Decoder::new(actual.clone());
        assert_eq!(decoder.envelope(&line, &roster).unwrap_err().code(), "R01");
        let place = topic.on(actual.id);
        let heard = decoder.frame(&place, spoken.text().as_bytes(), &roster);
        assert_eq!(heard.unwrap_err().code(), "R01");
    }
}

#[test]
fn a_direct_message_of_a_key_that_had_ended_is_refused() {
    let mut bench = bench(Suite::Ed25519);
    let (party, key) = (bench.office.party(), bench.office.key());
    let after = Wall(1_000);
    bench
        .roster
        .apply(&RosterChange::Expire { party, key, after });
    let (net, topic) = (bench.network.id, Topic::Presence(party));
    let mut speaker = Speaker::new(net, bench.network.mode, bench.office.clone(), 7);
    let mut decoder = Decoder::new(bench.network.clone());
    let mut heard = |sent| {
        let presence = Direct::Presence(Presence {
            incarnation: Incarnation::default(),
            online: true,
            answers: None,
        });
        let frame = Frame::direct(&mut speaker, net, topic, presence, (sent, Span::minutes(1)));
        decoder.frame(&topic.on(net), frame.text().as_bytes(), &bench.roster)
    };
    assert!(heard(after).is_ok());
    let refusal = heard(Wall(1_001)).unwrap_err();
    assert!(matches!(refusal, Refusal::ExpiredKey { .. }), "{refusal}");
}

#[test]
fn an_entry_that_comes_without_its_body_is_refused_and_the_whole_one_is_taken_after_it() {
    let bench = bench(Suite::Ed25519);
    let mut decoder = Decoder::new(bench.network.clone());
    let full = seal(&bench, &bench.office, "secret");
    let bare = full.withhold();
    assert_eq!(Envelope::read(bare.line()).unwrap().hash(), full.hash());
    let refusal = decoder.envelope(bare.line(), &bench.roster).unwrap_err();
    assert!(matches!(refusal, Refusal::Bodyless { .. }), "{refusal}");
    decoder.envelope(full.line(), &bench.roster).unwrap();
}

#[test]
fn bytes_that_are_no_text_too_many_or_too_deep_are_refused_and_end_nothing() {
    let bench = bench(Suite::Ed25519);
    let mut decoder = Decoder::new(bench.network.clone());
    let topic = "liandong/1/drill-1/field/990100";
    for payload in [
        vec![0xff; 10],
        vec![b'a'; 300_000],
        b"{}\t{}\t".to_vec(),
        Vec::new(),
    ] {
        assert_eq!(
            decoder
                .frame(topic, &payload, &bench.roster)
                .unwrap_err()
                .code(),
            "R07"
        );
    }
    let deep = format!(
        "{{}}\t{}{}\t{}",
        "[".repeat(99),
        "]".repeat(99),
        "00".repeat(64)
    );
    assert_eq!(
        decoder
            .frame(topic, deep.as_bytes(), &bench.roster)
            .unwrap_err()
            .code(),
        "R07"
    );
}

#[test]
fn an_entry_without_a_number_that_an_entry_can_have_is_refused() {
    let bench = bench(Suite::Ed25519);
    let line = seal(&bench, &bench.office, "open").line().to_owned();
    let mut decoder = Decoder::new(bench.network.clone());
    assert!(decoder.envelope(&line, &bench.roster).is_ok());
    for number in ["0", "9223372036854775808"] {
        let wrong = line.replace("\"seq\":1,", &format!("\"seq\":{number},"));
        assert_ne!(wrong, line);
        let refusal = decoder.envelope(&wrong, &bench.roster).unwrap_err();
        assert_eq!(refusal.code(), "R07");
        assert!(refusal.to_string().contains("numbered"), "{refusal}");
    }
}

#[test]
fn what_is_refused_is_told_in_words_that_steer_no_terminal() {
    let bench = bench(Suite::Ed25519);
    let line = seal(&bench, &bench.office, "open").line().to_owned();
    let mut decoder = Decoder::new(bench.network.clone());
    for (from, to) in [
        ("\"exercise\"", "\"\\u001b[2J\\u202e\""),
        ("\"990100/", "\"\\u001b[2J990100/"),
        ("\"drill-1\"", "\"\\u202e\""),
        ("\"v\":1", "\"v\":1,\"must\":[\"\\u001b[2J\"]"),
    ] {
        let hostile = line.replace(from, to);
        assert_ne!(hostile, line);
        let refusal = decoder.envelope(&hostile, &bench.roster).unwrap_err();
        assert_eq!(refusal.code(), "R07", "{refusal:?}");
        let words = refusal.to_string();
        assert!(!words.chars().any(protocol::is_hostile), "{words:?}");
    }
}

#[test]
fn a_point_off_the_earth_is_known_for_what_it_is() {
    assert!(Point::degrees(113.5, 22.3).is_on_earth());
    assert!(!Point(0, 91_000_000).is_on_earth());
}

#[test]
fn a_line_of_a_log_that_is_too_long_is_told_as_such() {
    let bench = bench(Suite::Ed25519);
    let mut decoder = Decoder::new(bench.network.clone());
    let topic = "liandong/1/drill-1/log/990100";
    let refusal = decoder.frame(topic, &vec![b'a'; 100_000], &bench.roster);
    let refusal = refusal.unwrap_err().to_string();
    assert!(refusal.contains("100000"), "{refusal}");
}
