//! What `.ci/sabotage` makes of a hunt, with a cargo that builds nothing and a hunt that only ends.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A bug that changes a line of the tree, and says that this catches it.
fn plant(bugs: &Path, name: &str, by: &str) {
    let lines: Vec<&str> = include_str!("../LICENSE").lines().take(4).collect();
    let [first, rest @ ..] = lines.as_slice() else {
        unreachable!("a licence has lines")
    };
    let rest = rest.join("\n ");
    let patch = format!(
        "A word is spelt otherwise; {by} it.\n\n--- a/LICENSE\n+++ b/LICENSE\n@@ -1,4 +1,4 @@\n-{first}\n+Otherwise\n {rest}\n"
    );
    fs::write(bugs.join(format!("{name}.patch")), patch).unwrap();
}

/// A cargo that builds a hunt which is clean in a tree without a bug and ends with this code in another.
fn cargo(folder: &Path, code: u8) -> PathBuf {
    let cargo = folder.join(format!("cargo-{code}"));
    let hunt = format!("if grep -qx Otherwise LICENSE; then exit {code}; fi; echo clean");
    let text = format!(
        "#!/usr/bin/env bash\nset -e\nhunt=$CARGO_TARGET_DIR/release/examples/hunt\n\
         mkdir -p \"$(dirname \"$hunt\")\"\n\
         printf '%s\\n' '#!/usr/bin/env bash' '{hunt}' >\"$hunt\"\nchmod +x \"$hunt\"\n"
    );
    fs::write(&cargo, text).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    cargo
}

#[test]
fn a_hunt_that_panics_catches_only_a_bug_that_says_so() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sabotage");
    drop(fs::remove_dir_all(&folder));
    let (bugs, work) = (folder.join("bugs"), folder.join("work"));
    fs::create_dir_all(&bugs).unwrap();
    fs::create_dir_all(&work).unwrap();
    plant(&bugs, "broken", "I2 catches");
    plant(&bugs, "asserted", "a panic catches");
    let verdict = |bug: &str, code: u8| {
        let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/sabotage"))
            .arg(bug)
            .env("CARGO", cargo(&folder, code))
            .env("SABOTAGE_BUGS", &bugs)
            .env("SABOTAGE_WORK", &work)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let row = said.lines().find(|line| line.starts_with(bug));
        let found = row.and_then(|row| row.split_whitespace().nth(1));
        let found = found.unwrap_or_else(|| panic!("{said}\n{output:?}", output = output.stderr));
        (found.to_owned(), output.status.success())
    };
    let told = |word: &str, well: bool| (word.to_owned(), well);
    assert_eq!(verdict("broken", 3), told("caught", true));
    assert_eq!(verdict("broken", 0), told("MISSED", false));
    assert_eq!(verdict("broken", 101), told("PANICKED", false));
    assert_eq!(verdict("asserted", 101), told("caught", true));
}
