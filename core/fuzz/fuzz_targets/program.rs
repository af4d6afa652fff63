//! Any text as a program: compiled, or refused with a place inside the text. Nothing runs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockscope_core::program::compile;

fuzz_target!(|text: &str| {
    if let Err(refusals) = compile(text) {
        assert!(!refusals.is_empty());
    }
});
