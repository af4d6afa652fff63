//! Any bytes as HTTP: the answer does not depend on the cut, a prefix of what is right is never wrong, every range lies in
//! the input and the ranges of the messages follow each other. It does not say what is right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockscope_core::http::report::{Options, Report, StartReport, report};
use sockscope_core::http::{Leniency, Role};
use sockscope_core::stream::Split;

fn parsed(bytes: &[u8], role: Role, leniency: Leniency, split: Split) -> Report {
    report(bytes, &Options { role: Some(role), leniency, split, ..Options::default() })
}

fuzz_target!(|input: &[u8]| {
    let Some((&[how, seed, which], bytes)) = input.split_first_chunk::<3>() else { return };
    let role = if how & 1 == 0 { Role::Request } else { Role::Response };
    let mut leniency = Leniency::default();
    if how & 2 != 0 {
        leniency.turn_on(Leniency::NAMES[usize::from(which) % Leniency::NAMES.len()]);
    }
    if how & 4 != 0 {
        leniency = Leniency::ALL;
    }
    let whole = parsed(bytes, role, leniency, Split::All);
    for split in [Split::Bytes, Split::Random(u64::from(seed))] {
        assert_eq!(parsed(bytes, role, leniency, split), whole);
    }
    let mut end = 0;
    for message in &whole.messages {
        assert!(message.range.0 >= end && message.range.1 <= whole.length, "{:?}", message.range);
        end = message.range.1;
        for field in message.fields.iter().chain(&message.trailers) {
            assert!(message.range.0 <= field.name.range.0 && field.value.range.1 <= whole.length);
        }
        if let StartReport::Request { method, .. } = &message.start {
            assert_eq!(method.text.as_bytes(), &bytes[method.range.0 as usize..method.range.1 as usize]);
        }
    }
    if let Some(error) = &whole.error {
        assert!(error.at <= whole.length, "{error}");
    }
    // What came before the place of an error is right so far.
    let before = whole.error.map_or(bytes.len(), |error| error.at as usize).min(bytes.len());
    let cut = before * usize::from(seed) / 256;
    assert_eq!(parsed(&bytes[..cut], role, leniency, Split::All).error, None);
});
