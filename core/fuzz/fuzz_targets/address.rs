//! Any text as an address or a subnet: what was taken is written and taken again; no prefix leads astray.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockscope_core::address::{Subnet, inet_aton, inet_ntoa, special};

fuzz_target!(|input: (String, u8)| {
    let (text, prefix) = input;
    if let Ok(address) = inet_aton(&text) {
        let written = inet_ntoa(&address.octets()).expect("four bytes are an address");
        assert_eq!(inet_aton(&written), Ok(address));
        let _ = special(address);
        if let Some(subnet) = Subnet::new(address, prefix) {
            assert!(subnet.contains(address) && subnet.contains(subnet.network()));
            let _ = (subnet.mask(), subnet.broadcast(), subnet.hosts(), subnet.host_count());
            assert!(subnet.split(prefix.saturating_add(1)).take(4).all(|part| subnet.contains(part.network())));
        }
    }
    let _ = text.parse::<Subnet>();
});
