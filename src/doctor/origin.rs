//! Whether the origins that a gate names are what browsers say of the pages that they show.
//!
//! The gate compares them letter by letter: one that is written otherwise lets no page in.

use crate::finding::Finding;
use crate::office::Sheet;

/// The port that a browser leaves out, by scheme.
const USUAL_PORTS: [(&str, &str); 2] = [("http", "80"), ("https", "443")];

/// What a browser says that tells no page's origin.
const NO_PAGE: [&str; 2] = ["null", "file://"];

/// Origins that are no browser's words.
pub(super) fn never_said(sheet: &Sheet) -> Vec<Finding> {
    let settings = sheet.settings.path();
    let told = sheet.origins().into_iter().filter_map(|(origin, line)| {
        let is_said = NO_PAGE.contains(&origin) || is_of_a_page(origin);
        (!is_said).then(|| {
            let origin = protocol::sanitise(origin, 60);
            let what = format!("no browser calls a page's origin \"{origin}\", so that it lets none in");
            let remedy = "write scheme and name in small letters, with a port that is not the scheme's usual one \
                          and nothing behind it, as https://screens.example or http://10.0.0.5:8080";
            Finding::new("origin", settings, what, remedy).at(Some(line))
        })
    });
    told.collect()
}

/// A scheme, a name, and a port unless it is the usual one (RFC 6454, section 6.2).
fn is_of_a_page(origin: &str) -> bool {
    let Some((scheme, place)) = origin.split_once("://") else {
        return false;
    };
    let is_scheme = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "+-.".contains(it);
    let is_name =
        |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "-._[]:".contains(it);
    let (name, port) = match place.rsplit_once(':') {
        // The colons of an address of IPv6 stand between brackets.
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (place, None),
    };
    let is_port = port.is_none_or(|port| {
        let number = port.parse::<u16>().map(|it| it.to_string());
        number.as_deref() == Ok(port) && !USUAL_PORTS.contains(&(scheme, port))
    });
    !scheme.is_empty()
        && scheme.chars().all(is_scheme)
        && !name.is_empty()
        && name.chars().all(is_name)
        && is_port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_name_and_an_unusual_port() {
        for said in [
            "https://screens.example",
            "http://10.0.0.5:8080",
            "https://[fd00::5]:8443",
            "http://[::1]",
            "chrome-extension://abcdefghijklmnop",
        ] {
            assert!(is_of_a_page(said), "{said}");
        }
        for never in [
            "",
            "*",
            "screens.example",
            "https://",
            "https://screens.example/",
            "https://Screens.example",
            "HTTPS://screens.example",
            "https://screens.example:443",
            "http://screens.example:080",
            "https://*.example",
            "https://屏幕.example",
        ] {
            assert!(!is_of_a_page(never), "{never}");
        }
    }
}
