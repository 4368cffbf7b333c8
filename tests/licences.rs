//! Every dependency may be used under a licence that Apache-2.0 work can carry.
//!
//! Reads what cargo knows of the locked dependencies: of every platform if all are at hand, else of
//! this one, which were fetched to build the tests. Texts of licences are not compared.

use std::process::Command;

use serde_json::Value;

/// Licences that ask for no more than notice, or for nothing.
const ALLOWED: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What cargo says of one package.
struct Package {
    name: String,
    /// An SPDX expression, if it gives one.
    licence: Option<String>,
}

#[test]
fn every_dependency_may_be_used_under_an_allowed_licence() {
    let packages = packages(&cargo_metadata());
    assert!(
        packages.len() > 10,
        "cargo named only {} packages",
        packages.len()
    );
    let refused: Vec<String> = packages.iter().filter_map(refusal).collect();
    assert!(
        refused.is_empty(),
        "{} dependencies without an allowed licence; replace them or argue for ALLOWED in tests/licences.rs:\n  {}\n",
        refused.len(),
        refused.join("\n  ")
    );
}

#[test]
fn one_allowed_alternative_is_enough_and_one_forbidden_part_is_too_much() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "(MIT OR GPL-2.0) AND ISC",
    ] {
        assert!(satisfied(good), "{good}");
    }
    assert!(satisfied("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only"));
    for bad in [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "MIT AND (GPL-2.0 OR AGPL-3.0)",
    ] {
        assert!(!satisfied(bad), "{bad}");
    }
    for bad in [
        "GPL-2.0 WITH Classpath-exception-2.0",
        "",
        "(MIT",
        "MIT OR",
        "MIT ISC",
        ")",
    ] {
        assert!(!satisfied(bad), "{bad:?}");
    }
}

#[test]
fn and_binds_closer_than_or() {
    assert!(satisfied("MIT OR ISC AND GPL-3.0-only"));
    assert!(!satisfied("GPL-3.0-only OR ISC AND GPL-3.0-only"));
}

#[test]
fn a_package_without_a_licence_is_named() {
    let silent = Package {
        name: "a 1.0.0".to_owned(),
        licence: None,
    };
    assert_eq!(
        refusal(&silent).as_deref(),
        Some("a 1.0.0: states no licence")
    );
    let text = r#"{"packages":[{"name":"a","version":"1.0.0","license":"X","source":"registry"},
        {"name":"ours","version":"0.1.0","license":null,"source":null}]}"#;
    let read = packages(&serde_json::from_str(text).unwrap());
    assert_eq!(read.len(), 1, "our own crates are not judged");
    assert_eq!(refusal(&read[0]).as_deref(), Some("a 1.0.0: X"));
}

fn refusal(package: &Package) -> Option<String> {
    match &package.licence {
        None => Some(format!("{}: states no licence", package.name)),
        Some(licence) => (!satisfied(licence)).then(|| format!("{}: {licence}", package.name)),
    }
}

fn packages(metadata: &Value) -> Vec<Package> {
    let all = metadata["packages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    all.iter()
        .filter(|package| !package["source"].is_null())
        .map(|package| Package {
            name: format!("{} {}", text(package, "name"), text(package, "version")),
            licence: package["license"].as_str().map(str::to_owned),
        })
        .collect()
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or("?")
}

/// What cargo says of all platforms' dependencies, or of this one's if others were not fetched.
fn cargo_metadata() -> Value {
    let all = run(
        env!("CARGO"),
        &["metadata", "--format-version", "1", "--locked", "--offline"],
    );
    let output = all.or_else(|_| {
        let about = run("rustc", &["-vV"])?;
        let host = about
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap_or_default();
        let asked = [
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
        ];
        run(env!("CARGO"), &[&asked[..], &[host]].concat())
    });
    let output = output.expect("cargo built this test from the same lock");
    serde_json::from_str(&output).expect("cargo metadata writes JSON")
}

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(said(&output.stdout))
    } else {
        Err(said(&output.stderr))
    }
}

/// Whether an SPDX expression can be met with allowed licences alone; a `/` is an old `OR`.
fn satisfied(expression: &str) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    either(&mut rest) == Some(true) && rest.is_empty()
}

fn either(rest: &mut &[&str]) -> Option<bool> {
    let mut met = both(rest)?;
    while let Some(after) = rest.strip_prefix(&["OR"]) {
        *rest = after;
        met |= both(rest)?;
    }
    Some(met)
}

fn both(rest: &mut &[&str]) -> Option<bool> {
    let mut met = one(rest)?;
    while let Some(after) = rest.strip_prefix(&["AND"]) {
        *rest = after;
        met &= one(rest)?;
    }
    Some(met)
}

fn one(rest: &mut &[&str]) -> Option<bool> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    if *first == "(" {
        let met = either(rest)?;
        *rest = rest.strip_prefix(&[")"])?;
        return Some(met);
    }
    let mut licence = (*first).to_owned();
    if let ["WITH", exception, after @ ..] = rest {
        licence = format!("{licence} WITH {exception}");
        *rest = after;
    }
    Some(ALLOWED.contains(&licence.as_str()))
}
