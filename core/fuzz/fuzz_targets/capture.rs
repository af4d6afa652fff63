//! Any bytes as a capture file: the same records whatever the cut, never more than are there, and a whole report of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockscope_core::packets::report;
use sockscope_core::stream::Split;
use sockscope_core::wire::capture::Reader;

fn read(bytes: &[u8], split: Split) -> Vec<String> {
    let mut reader = Reader::new();
    let mut said = Vec::new();
    let mut take = |reader: &mut Reader| loop {
        match reader.poll() {
            Ok(Some(record)) => said.push(format!("{record:?}")),
            Ok(None) => return true,
            Err(error) => {
                said.push(format!("{error:?}"));
                return false;
            }
        }
    };
    for piece in split.pieces(bytes) {
        reader.push(piece);
        if !take(&mut reader) {
            return said;
        }
    }
    reader.finish();
    take(&mut reader);
    said
}

fuzz_target!(|bytes: &[u8]| {
    let whole = read(bytes, Split::All);
    assert!(whole.len() <= bytes.len() + 1);
    assert_eq!(read(bytes, Split::Bytes), whole);
    let _ = report::report(bytes, report::Options::default());
});
