//! What the encoder takes, the parser gives back: method, target, fields, content, trailers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockscope_core::http::report::{Options, StartReport, report};
use sockscope_core::http::{Encoder, RequestHead, Role, Version};

fuzz_target!(|parts: (String, String, Vec<(String, String)>, Vec<u8>, Vec<(String, String)>)| {
    let (method, target, mut fields, content, trailers) = parts;
    let decides = ["host", "content-length", "transfer-encoding", "connection", "upgrade"];
    let decided = |name: &str| decides.iter().any(|known| name.eq_ignore_ascii_case(known));
    fields.retain(|(name, _)| !decided(name));
    if method == "CONNECT" || trailers.iter().any(|(name, _)| decided(name)) {
        return;
    }
    fields.push(("Host".to_owned(), "x".to_owned()));
    fields.push(("Transfer-Encoding".to_owned(), "chunked".to_owned()));
    let head = RequestHead { method: method.clone(), target: target.clone(), version: Version::Http11, fields };
    let mut bytes = Vec::new();
    if head.write(&mut bytes).is_err() {
        return;
    }
    content.chunks(7).for_each(|piece| Encoder::Chunked.data(piece, &mut bytes));
    if Encoder::Chunked.finish(&trailers, &mut bytes).is_err() {
        return;
    }
    let found = report(&bytes, &Options { role: Some(Role::Request), ..Options::default() });
    assert_eq!(found.error, None, "{}", bytes.escape_ascii());
    let message = &found.messages[0];
    assert!(message.complete && found.messages.len() == 1);
    let StartReport::Request { method: found_method, target: found_target, .. } = &message.start else { panic!() };
    assert_eq!((&found_method.text, &found_target.whole.text), (&method, &target));
    assert_eq!(&message.content[..], content);
    for (found, given) in [(&message.fields, &head.fields), (&message.trailers, &trailers)] {
        assert_eq!(found.len(), given.len());
        for (found, (name, value)) in found.iter().zip(given) {
            assert_eq!((found.name.text.as_str(), found.value.text.as_str()), (name.as_str(), value.trim_matches([' ', '\t'])));
        }
    }
});
