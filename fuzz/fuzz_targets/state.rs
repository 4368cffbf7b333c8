//! Feeds `state` with what libFuzzer makes up.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = liandong_fuzz::state(bytes);
});
