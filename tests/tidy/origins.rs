//! Data of others is shipped with its origin: NOTICE names each file.

use std::path::Path;

/// Endings of files that hold data; what is ours alone is written in TOML or JSON.
const DATA: [&str; 3] = ["csv", "geojson", "xml"];

/// Data files that the notice does not name.
pub(crate) fn unnamed(files: &[String], notice: &str) -> Vec<String> {
    let data = files.iter().filter(|file| {
        let ending = Path::new(file)
            .extension()
            .and_then(|ending| ending.to_str());
        ending.is_some_and(|ending| DATA.contains(&ending))
    });
    let named: Vec<&str> = notice.split([' ', ',', '\n']).collect();
    data.filter(|file| !named.contains(&file.as_str()))
        .map(|file| {
            format!("NOTICE: does not name {file}; say whence it is and under which licence")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_file_without_an_origin_is_seen() {
        let files = ["coast.geojson", "east_coast.geojson", "region.json"].map(str::to_owned);
        let found = unnamed(
            &files,
            "east_coast.geojson, rivers.geojson\n    Natural Earth.",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("does not name coast.geojson"),
            "{found:?}"
        );
    }
}
