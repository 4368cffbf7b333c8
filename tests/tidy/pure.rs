//! What clippy's lists cannot say of pure crates: whole modules of std, and every float function
//! whose last digit differs between machines.

use super::code::{code_of, find_word, is_name, line_of};

/// Modules of std that reach outside the program.
const OUTSIDE: [&str; 5] = ["env", "fs", "net", "process", "thread"];

/// Methods of f32 and f64 that promise no exact result; `sqrt` and `mul_add` do.
const INEXACT: [&str; 26] = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "exp",
    "exp2", "exp_m1", "hypot", "ln", "ln_1p", "log", "log10", "log2", "powf", "powi", "sin",
    "sin_cos", "sinh", "tan", "tanh",
];

/// Uses of the outside and of inexact functions in a pure crate's code, its tests left out.
pub(crate) fn reaching_out(path: &str, text: &str) -> Vec<String> {
    let code = code_of(text);
    let end = code.rfind("#[cfg(test)]").unwrap_or(code.len());
    let code = &code[..end];
    let outside = find_word(code, "std").into_iter().flat_map(|at| {
        let names = names_below(&code[at + 3..]).into_iter();
        names
            .filter(|name| OUTSIDE.contains(name))
            .map(move |name| (at, format!("std::{name}")))
    });
    let inexact = INEXACT.iter().flat_map(|name| {
        let calls = find_word(code, name)
            .into_iter()
            .filter(|at| is_inexact(code, *at, name));
        calls.map(move |at| (at, format!("{name} of a float")))
    });
    outside
        .map(|(at, what)| {
            format!(
                "{path}:{}: {what}; a pure crate is told, leave it to src",
                line_of(code, at)
            )
        })
        .chain(inexact.map(|(at, what)| {
            format!(
                "{path}:{}: {what}; it differs between machines, call libm",
                line_of(code, at)
            )
        }))
        .collect()
}

/// The module named after `std`, or the modules of a braced import.
fn names_below(rest: &str) -> Vec<&str> {
    let Some(rest) = rest.strip_prefix("::") else {
        return Vec::new();
    };
    let end = if rest.starts_with('{') {
        rest.find(';')
    } else {
        rest.bytes().position(|byte| !is_name(byte))
    };
    rest[..end.unwrap_or(rest.len())]
        .split(|sign: char| !sign.is_alphanumeric() && sign != '_')
        .collect()
}

/// Whether this name is called as a method, or as a function of a float type.
fn is_inexact(code: &str, at: usize, name: &str) -> bool {
    let before = &code[..at];
    let called = code[at + name.len()..].starts_with('(');
    let method = before.ends_with('.');
    let of_float = ["f64::", "f32::"].iter().any(|owner| {
        let start = before.strip_suffix(owner).map(str::as_bytes);
        start.is_some_and(|start| !start.last().copied().is_some_and(is_name))
    });
    // A `log` of ours is a list of envelopes and has methods of that name.
    (method && called && name != "log") || of_float
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_that_reach_outside_are_seen_in_every_spelling() {
        for text in [
            "use std::net::UdpSocket;",
            "use std::{fmt, fs};",
            "std::thread::scope(f)",
            "use std::env;",
        ] {
            assert_eq!(reaching_out("a.rs", text).len(), 1, "{text}");
        }
        let fine = "use std::{fmt, ops::Range}; // std::fs\nmod thread; use crate::net::A;";
        assert_eq!(reaching_out("a.rs", fine), [""; 0]);
    }

    #[test]
    fn inexact_functions_of_floats_are_seen_and_those_of_libm_are_not() {
        for text in [
            "x.atan2(y)",
            "f32::log(x, y)",
            "map(f64::ln)",
            "(a\n).hypot(b)",
        ] {
            assert_eq!(reaching_out("a.rs", text).len(), 1, "{text}");
        }
        for text in [
            "libm::atan2(x, y)",
            "x.sqrt()",
            "self.log(a)",
            "fn exp() {}",
            "x.login()",
        ] {
            assert_eq!(reaching_out("a.rs", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn tests_of_a_pure_crate_may_read_files() {
        let text = "fn f() {}\n#[cfg(test)]\nmod tests { use std::fs; }";
        assert_eq!(reaching_out("a.rs", text), [""; 0]);
    }
}
