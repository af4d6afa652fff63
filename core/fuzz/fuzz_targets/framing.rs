//! Any bytes under any codec: the answer does not depend on the cut but for the naive reader, nothing is found twice or
//! outside the stream, and what was framed is found again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockscope_core::framing::{Codec, encode, finish, parse, report};
use sockscope_core::stream::Split;

const CODECS: [&str; 14] = [
    "fixed:1", "fixed:7", "delimiter", "line", "length", "length:u8", "length:u16:little", "length:u64", "varint", "netstring",
    "tlv", "chunked", "naive", "length:u32:little:adjustment=-4",
];

fuzz_target!(|input: (u8, u8, String, Vec<u8>)| {
    let (which, seed, word, bytes) = input;
    let _ = parse(&word);
    let Ok(codec) = parse(CODECS[usize::from(which) % CODECS.len()]) else { return };
    let limit = 64 + usize::from(seed) * 16;
    let whole = report(&codec, &bytes, Split::All, limit);
    let mut end = 0;
    for message in &whole.messages {
        assert!(message.frame.0 >= end && message.frame.1 <= whole.length, "{:?}", message.frame);
        assert!(message.payload.len() <= limit || codec == Codec::Naive);
        end = message.frame.1;
    }
    if codec != Codec::Naive {
        for split in [Split::Bytes, Split::Random(u64::from(seed))] {
            assert_eq!(report(&codec, &bytes, split, limit), whole, "{codec:?}");
        }
    }
    let mut stream = Vec::new();
    if !bytes.is_empty() && bytes.len() <= limit && encode(&codec, 0, None, &bytes, &mut stream).is_ok() {
        finish(&codec, &mut stream);
        let found = report(&codec, &stream, Split::Random(u64::from(seed)), limit.max(bytes.len()));
        let payload: Vec<u8> = found.messages.iter().flat_map(|message| message.payload.to_vec()).collect();
        assert!(payload.starts_with(&bytes), "{codec:?} {payload:?}");
    }
});
