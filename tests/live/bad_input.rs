//! Bad input gets a clear refusal and the exit code that says which kind it is.

use std::net::TcpListener;

use crate::run::{Folder, liandong, output, quiet_day, text};

#[test]
fn every_shipped_scenario_and_region_is_without_fault() {
    let checked = output(liandong().args([
        "check",
        "scenarios/small/quiet-day.toml",
        "scenarios/small/lossy.toml",
        "scenarios/prd/first-look.toml",
        "scenarios/prd/typhoon-mangkhut.toml",
        "region/prd",
        "region/trio",
    ]));
    assert!(checked.status.success(), "{}", text(&checked));
    assert_eq!(text(&checked), "");
}

#[test]
fn a_scenario_with_a_wrong_key_is_told_line_and_remedy() {
    let folder = Folder::new("wrong-key");
    std::fs::create_dir_all(folder.path()).unwrap();
    let file = folder.path().join("wrong.toml");
    let right = std::fs::read_to_string("scenarios/small/quiet-day.toml").unwrap();
    std::fs::write(&file, right.replace("duration", "durration")).unwrap();
    let checked = output(liandong().arg("check").arg(&file));
    let said = text(&checked);
    assert_eq!(checked.status.code(), Some(65), "{said}");
    assert!(
        said.contains("wrong.toml:") && said.contains("durration"),
        "{said}"
    );
    assert!(said.contains("did you mean \"duration\""), "{said}");
}

#[test]
fn a_missing_file_a_port_in_use_and_a_foreign_scheme_have_their_exit_codes() {
    let missing = output(liandong().args(["simulate", "scenarios/none.toml"]));
    assert_eq!(missing.status.code(), Some(66), "{}", text(&missing));
    let folder = Folder::new("port");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused = output(quiet_day(folder.path()).args(["--port", &port]));
    assert_eq!(refused.status.code(), Some(69), "{}", text(&refused));
    assert!(
        text(&refused).contains(&format!("port {port} is in use")),
        "{}",
        text(&refused)
    );
    assert!(
        !folder.path().exists(),
        "the same command may be given again"
    );
    let folder = Folder::new("scheme");
    let refused = output(quiet_day(folder.path()).args(["--bus", "http://127.0.0.1:1"]));
    assert_eq!(refused.status.code(), Some(78), "{}", text(&refused));
    let usage = output(liandong().args(["drill"]));
    assert_eq!(usage.status.code(), Some(2), "{}", text(&usage));
}

#[test]
fn what_is_no_text_no_file_or_not_there_is_told_its_remedy_and_never_to_try_later() {
    let folder = Folder::new("not-text");
    std::fs::create_dir_all(folder.path()).unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let gbk = b"\xb1\xe0\xba\xc5,\xc0\xe0\xb1\xf0\n";
    std::fs::write(path("gbk.toml"), gbk).unwrap();
    std::fs::write(path("gbk.csv"), gbk).unwrap();
    let (toml, csv, here) = (path("gbk.toml"), path("gbk.csv"), path(""));
    let none = path("none.toml");
    let quiet = "scenarios/small/quiet-day.toml";
    let cases: [(&[&str], i32, &str); 8] = [
        (&["simulate", &toml], 65, "save the file as UTF-8"),
        (&["drill", &toml], 65, "save the file as UTF-8"),
        (&["check", &toml], 65, "save the file as UTF-8"),
        (&["check", &csv], 65, "save the file as UTF-8"),
        (&["simulate", &here], 66, "name a file"),
        (&["simulate", &none], 66, "check the path"),
        (&["journal", "verify", &none], 66, "check the path"),
        (
            &["drill", quiet, "--headless", "--out", &toml],
            77,
            "name another path",
        ),
    ];
    for (args, code, remedy) in cases {
        let refused = output(liandong().args(args));
        let said = text(&refused);
        assert_eq!(refused.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(remedy), "{args:?}: {said}");
    }
}

#[test]
fn the_template_passes_the_check_for_the_region_that_it_is_written_for() {
    let folder = Folder::new("template");
    std::fs::create_dir_all(folder.path()).unwrap();
    let file = folder.path().join("t.csv");
    let check = |args: &[&str]| {
        let checked = output(liandong().arg("check").args(args).arg(&file));
        (checked.status.code(), text(&checked))
    };
    for lang in ["zh", "en"] {
        let template = output(liandong().args(["template", "--lang", lang]));
        std::fs::write(&file, template.stdout).unwrap();
        let (code, said) = check(&["--region", "trio"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("as the inventory of 990100"), "{said}");
        let (code, said) = check(&["--region", "trio", "--office", "990100"]);
        assert_eq!((code, said.as_str()), (Some(0), ""));
        let (code, said) = check(&["--region", "trio", "--office", "990200"]);
        assert_eq!(code, Some(65), "{said}");
        let (code, said) = check(&["--region", "trio", "--office", "440400"]);
        assert_eq!(code, Some(78), "{said}");
        assert!(said.contains("known are 990100, 990200"), "{said}");
        let (code, said) = check(&[]);
        assert_eq!(code, Some(65), "{said}");
        assert!(said.contains("another --region"), "{said}");
    }
}

#[test]
fn a_bus_that_does_not_answer_is_waited_for_aloud_and_not_for_long() {
    let folder = Folder::new("no-bus");
    let refused = output(quiet_day(folder.path()).args(["--bus", "mqtt://127.0.0.1:1"]));
    let said = text(&refused);
    assert_eq!(refused.status.code(), Some(69), "{said}");
    assert!(said.contains("waiting for a bus to answer"), "{said}");
    assert!(said.contains("within 20 s; start it"), "{said}");
    assert!(
        !folder.path().exists(),
        "the same command may be given again"
    );
    assert!(!said.contains('\u{1b}'), "no colours in a pipe: {said}");
}

#[test]
fn a_reader_that_has_gone_is_no_failure_of_the_command() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let printed = liandong()
        .args(["schema", "field"])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(printed.status.code(), Some(0), "{}", text(&printed));
    assert_eq!(text(&printed), "");
}

#[test]
fn the_schema_of_field_messages_is_json_and_names_every_kind_of_unit() {
    let printed = output(liandong().args(["schema", "field"]));
    assert!(printed.status.success());
    let schema: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    let kinds = &schema["$defs"]["requirement"]["properties"]["kind"]["enum"];
    assert!(
        kinds.as_array().unwrap().iter().any(|kind| kind == "pump"),
        "{kinds}"
    );
}

#[test]
fn the_settings_of_an_office_are_checked_and_all_their_faults_told_with_their_lines() {
    let folder = Folder::new("check-office");
    let trial = folder.path().join("trial");
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let (office, operator) = (
        trial.join("990100/office.toml"),
        trial.join("990100/operator.toml"),
    );
    let sound = output(liandong().arg("check").args([&office, &operator]));
    assert!(sound.status.success(), "{}", text(&sound));
    assert_eq!(text(&sound), "");
    let written = std::fs::read_to_string(&office).unwrap();
    let faulty = written
        .replace("aid_window_s = 30", "aid_window_s = 0\naid_widnow_s = 30")
        .replace("mqtts://127.0.0.1", "ws://127.0.0.1")
        .replace("region = \"trio\"", "region = \"nowhere\"");
    std::fs::write(&office, &faulty).unwrap();
    let line = |words: &str| 1 + faulty.lines().position(|it| it.contains(words)).unwrap();
    let checked = output(liandong().arg("check").arg(&office));
    let said = text(&checked);
    assert_eq!(checked.status.code(), Some(65), "{said}");
    let place = office.display();
    for (words, what) in [
        ("aid_widnow_s", "unknown field"),
        ("aid_window_s = 0", "1 to 3600"),
        ("listen = ", "comes in without WebSocket"),
        ("url = ", "links speak mqtt://"),
        ("region = ", "nowhere"),
    ] {
        let at = format!("{place}:{}: ", line(words));
        let told = said.lines().find(|it| it.starts_with(&at));
        assert!(
            told.is_some_and(|it| it.contains(what)),
            "{at}{what}: {said}"
        );
    }
    assert_eq!(said.matches("links speak mqtt://").count(), 2, "{said}");
}

#[test]
fn a_folder_that_is_no_region_and_an_office_named_twice_are_told_by_name() {
    let folder = Folder::new("no-region");
    std::fs::create_dir_all(folder.path()).unwrap();
    let here = folder.path().display().to_string();
    let checked = output(liandong().args(["check", &here]));
    let said = text(&checked);
    assert_eq!(checked.status.code(), Some(65), "{said}");
    assert!(said.contains(&format!("{here}/region.json")), "{said}");
    let file = folder.path().join("t.csv");
    let template = output(liandong().args(["template", "--lang", "en"]));
    std::fs::write(&file, template.stdout).unwrap();
    let named = format!("990100={}", file.display());
    let twice = output(
        liandong()
            .args(["simulate", "scenarios/small/quiet-day.toml"])
            .args(["--inventory", &named, "--inventory", &named]),
    );
    let said = text(&twice);
    assert_eq!(twice.status.code(), Some(78), "{said}");
    assert!(said.contains("names 990100 twice"), "{said}");
}

#[test]
fn an_end_after_the_end_no_job_and_a_misspelt_kind_are_told_what_was_meant() {
    let quiet = "scenarios/small/quiet-day.toml";
    let report = [
        "report", "--place", "x", "--event", "fire", "--need", "pum=2",
    ];
    let report = [&["command", "--office", "990100"], &report[..]].concat();
    let cases: [(&[&str], i32, &str); 4] = [
        (
            &["simulate", quiet, "--until", "9d"],
            78,
            "lies after the end of",
        ),
        (
            &["drill", quiet, "--headless", "--until", "9d"],
            78,
            "which lasts",
        ),
        (
            &["simulate", quiet, "--seeds", "1..2", "--jobs", "0"],
            2,
            "write 1 or more",
        ),
        (&report, 2, "did you mean \"pump\"?"),
    ];
    for (args, code, words) in cases {
        let refused = output(liandong().args(args));
        let said = text(&refused);
        assert_eq!(refused.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(words), "{args:?}: {said}");
    }
}

#[test]
fn a_time_that_is_none_is_told_how_times_are_written() {
    let drill = ["drill", "scenarios/small/quiet-day.toml", "--until", "90"];
    let report = ["report", "--place", "x", "--event", "fire"];
    let report = [
        &["command", "--office", "990100"],
        &report[..],
        &["--at", "25:00"],
    ]
    .concat();
    for (args, shapes) in [(&drill[..], "90s, 30m, 6h or 1h30m"), (&report, "14:05:30")] {
        let refused = output(liandong().args(args));
        let said = text(&refused);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains(shapes), "{said}");
    }
}

#[test]
fn guests_are_invited_to_no_address_that_nobody_can_dial() {
    let folder = Folder::new("dial");
    let mut drill = quiet_day(folder.path());
    drill.args(["--guest", "990200", "--guests-listen"]);
    let refused = output(drill.args(["mqtts://0.0.0.0:0", "--cert", "c", "--key", "k"]));
    assert_eq!(refused.status.code(), Some(78), "{}", text(&refused));
    let said = text(&refused);
    assert!(said.contains("pass --guests-dial HOST:PORT"), "{said}");
}

#[test]
fn a_password_among_the_arguments_is_refused_and_not_repeated() {
    let folder = Folder::new("argument");
    let bus = "mqtt://u:geheim@127.0.0.1:1";
    let wrong = ["--until", "99h", "--bus", bus];
    let refused = output(quiet_day(folder.path()).args(wrong));
    assert_eq!(refused.status.code(), Some(77));
    let told = text(&refused);
    assert!(told.contains("put the address into LIANDONG_BUS"), "{told}");
    assert!(!told.contains("geheim"), "{told}");
    let mut quiet = quiet_day(folder.path());
    quiet.env("LIANDONG_BUS", bus).args(["--until", "99h"]);
    assert!(!text(&output(&mut quiet)).contains("among the arguments"));
}

#[test]
fn a_file_without_end_is_refused_before_it_takes_the_memory() {
    let folder = Folder::new("endless");
    std::fs::create_dir_all(folder.path()).unwrap();
    let endless = |name: &str| {
        let path = folder.path().join(name);
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        path.display().to_string()
    };
    let (toml, csv) = (endless("endless.toml"), endless("endless.csv"));
    let pack = folder.path().join("pack");
    std::fs::create_dir(&pack).unwrap();
    std::os::unix::fs::symlink("/dev/zero", pack.join("region.json")).unwrap();
    let (settings, key) = (endless("office.toml"), endless("op-990100.pub"));
    for asked in [
        &["check", "/dev/zero"][..],
        &["check", &toml],
        &["check", "--region", "trio", &csv],
        &["check", &settings],
        &["check", pack.to_str().unwrap()],
        &["simulate", &toml],
        &["office", "--config", &settings],
        &["command", "--config", &settings, "needs"],
        &["keys", "show", &key],
        &["report", "/dev/zero"],
        &["bench", "assignment", "/dev/zero"],
    ] {
        let mut bounded = std::process::Command::new("sh");
        bounded.args(["-c", r#"ulimit -v 8000000; exec "$0" "$@""#]);
        let refused = output(bounded.arg(liandong().get_program()).args(asked));
        assert_eq!(
            refused.status.code(),
            Some(65),
            "{asked:?}: {}",
            text(&refused)
        );
        let told = text(&refused);
        assert!(
            told.contains("more than the") || asked[0] == "report",
            "{asked:?}: {told}"
        );
    }
}
