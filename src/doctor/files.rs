//! Whether the gate of an office may have as many files open as it has room for connections.

use std::path::Path;

use broker::Files;

use crate::finding::Finding;

/// What is too few for the gate of these settings. A service has limits of its own, which its unit says.
pub(super) fn too_few(settings: &Path, files: Files) -> Option<Finding> {
    files.are_few().then(|| {
        let what = format!(
            "a process here may have {} files open, so that its gate has room for {} connections",
            files.count(),
            files.connections()
        );
        let remedy = "write LimitNOFILE=65536 in the [Service] part of its unit of systemd, or raise \
                      `ulimit -Hn` for the user that it runs as";
        Finding::new("few-files", settings, what, remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_files_are_named_with_what_the_unit_of_the_service_has_to_say() {
        let found = too_few(Path::new("office.toml"), Files::of(1_024)).unwrap();
        assert_eq!(found.code, "few-files");
        assert!(found.what.contains("1024 files"), "{}", found.what);
        assert!(found.remedy.contains("LimitNOFILE="), "{}", found.remedy);
        assert_eq!(too_few(Path::new("office.toml"), Files::of(65_536)), None);
    }
}
