//! Any bytes as a frame: dissected and explained without a panic, and every field lies in the frame.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockscope_core::wire::{dissect, dissect_ipv4, field, tcp_options};

fuzz_target!(|input: (u16, u16, &[u8])| {
    let (link_type, more, bytes) = input;
    let _ = dissect(bytes);
    let _ = dissect_ipv4(bytes);
    let _ = tcp_options(bytes);
    let _ = field::explain(bytes);
    let _ = field::explain_captured(link_type, bytes, bytes.len() + usize::from(more));
});
