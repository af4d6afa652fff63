//! Any text as a scenario file: refused with places inside the text, or taken, written and taken again. Nothing runs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockscope_core::scenario;

fuzz_target!(|text: &str| {
    match scenario::from_toml(text) {
        Ok(scenario) => {
            let _ = scenario.to_json();
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            let lines = text.lines().count().max(1) as u32 + 1;
            assert!(problems.iter().all(|problem| problem.line.is_none_or(|line| line >= 1 && line <= lines)), "{problems:?}");
        }
    }
});
