//! Whatever the cut, the messages are the same; every error has its place.

use super::*;
use crate::stream::Split;
use proptest::prelude::*;

/// Every codec that puts real boundaries in, for messages that all of them can carry.
fn codecs() -> Vec<Codec> {
    let words = [
        "fixed:16:pad=0x2e",
        "delimiter:0x7c",
        "delimiter:0x7c:escape=0x5c",
        "line",
        "line:crlf",
        "length:u8",
        "length:u16:little",
        "length:u32",
        "length:u64:little",
        "length:u32:offset=3:adjustment=-4",
        "varint",
        "netstring",
        "tlv",
        "tlv:type=u16:length=u32:little",
        "chunked",
    ];
    words.iter().map(|word| parse(word).unwrap()).collect()
}

/// What a decoder finds in `stream` when it arrives in the given cuts.
fn decode(codec: &Codec, stream: &[u8], cuts: impl IntoIterator<Item = usize>, limit: usize) -> Vec<String> {
    let mut decoder = Decoder::new(codec.clone(), limit);
    let mut found = Vec::new();
    let mut rest = stream;
    let mut cuts = cuts.into_iter();
    while !rest.is_empty() {
        let cut = cuts.next().unwrap_or(rest.len()).clamp(1, rest.len());
        let result = decoder.feed(&rest[..cut], |one| found.push(format!("{one:?}")));
        rest = &rest[cut..];
        if let Err(malformed) = result {
            found.push(format!("dead: {malformed:?}"));
            assert_eq!(decoder.feed(b"more", |_| panic!("a dead decoder finds nothing")), Err(malformed));
            return found;
        }
    }
    found.push(format!("{:?}", decoder.finish()));
    found
}

fn payloads(codec: &Codec, stream: &[u8], cut: usize) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new(codec.clone(), 1 << 16);
    let mut messages = Vec::new();
    for chunk in stream.chunks(cut) {
        decoder
            .feed(chunk, |found| match found {
                Found::Message(message) => messages.push(message.payload.to_vec()),
                Found::Damage(malformed) => panic!("{malformed}"),
            })
            .unwrap();
    }
    decoder.finish().unwrap();
    messages
}

fn encode_all(codec: &Codec, messages: &[&[u8]]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        encode(codec, index, None, message, &mut stream).unwrap();
    }
    finish(codec, &mut stream);
    stream
}

#[test]
fn every_codec_gives_back_what_it_was_given_at_every_cut() {
    let messages: [&[u8]; 4] = [b"0123456789abcdef", b"msg1", b"a", b"hello, world\x00\xff"];
    for codec in codecs() {
        let stream = encode_all(&codec, &messages);
        let whole = payloads(&codec, &stream, stream.len());
        if !matches!(codec, Codec::Fixed { .. }) {
            assert_eq!(whole, messages, "{codec:?}");
        }
        for cut in 1..=stream.len() {
            assert_eq!(payloads(&codec, &stream, cut), whole, "{codec:?} cut every {cut} bytes");
        }
    }
}

#[test]
fn the_naive_reader_takes_each_chunk_for_a_message() {
    assert_eq!(payloads(&Codec::Naive, b"msg0msg1", 8), [b"msg0msg1".to_vec()]);
    assert_eq!(payloads(&Codec::Naive, b"msg0msg1", 4), [b"msg0".to_vec(), b"msg1".to_vec()]);
}

#[test]
fn an_escaped_delimiter_does_not_end_a_message() {
    let codec = parse("delimiter:|:escape=0x5c").unwrap();
    let stream = encode_all(&codec, &[b"a|b\\c"]);
    assert_eq!(stream, b"a\\|b\\\\c|");
    assert_eq!(payloads(&codec, &stream, 1), [b"a|b\\c".to_vec()]);
}

#[test]
fn a_needless_escape_is_damage_and_the_next_message_is_found() {
    let codec = parse("delimiter:|:escape=0x5c").unwrap();
    let found = decode(&codec, b"a\\x|ok|", [], 64);
    assert!(found[0].contains("NeedlessEscape") && found[0].contains("at: 1"), "{found:?}");
    assert!(found[1].contains("[111, 107]"), "{found:?}");
}

#[test]
fn a_line_that_is_too_long_is_damage_and_the_next_line_is_found() {
    let codec = parse("line").unwrap();
    for cut in 1..20 {
        let found = decode(&codec, b"0123456789abc\nok\n", std::iter::repeat(cut), 8);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("NoBoundary { limit: 8 }") && found[0].contains("at: 8"), "{found:?}");
        assert!(found[1].contains("[111, 107]"), "{found:?}");
    }
}

#[test]
fn a_length_over_the_limit_is_fatal_and_names_both_numbers() {
    let codec = parse("length:u32").unwrap();
    let found = decode(&codec, b"\xff\xff\xff\xff", [], 1000);
    assert!(found[0].contains("LengthExceedsLimit { declared: 4294967295, limit: 1000 }"), "{found:?}");
}

#[test]
fn a_length_that_counts_itself_cannot_be_less_than_itself() {
    let codec = parse("length:u32:adjustment=-4").unwrap();
    let found = decode(&codec, b"\x00\x00\x00\x03", [], 1000);
    assert!(found[0].contains("LengthTooSmall { declared: 3 }"), "{found:?}");
}

#[test]
fn the_end_inside_a_message_says_what_is_there_and_what_is_needed() {
    let mut decoder = Decoder::new(parse("length:u32").unwrap(), 1000);
    decoder.feed(b"\x00\x00\x00\x05hel", |_| ()).unwrap();
    assert_eq!(decoder.finish(), Err(Truncated { at: 0, have: 7, need: Some(9) }));
    let mut decoder = Decoder::new(parse("line").unwrap(), 1000);
    decoder.feed(b"ok\nhel", |_| ()).unwrap();
    assert_eq!(decoder.finish(), Err(Truncated { at: 3, have: 3, need: None }));
}

#[test]
fn netstrings_are_strict() {
    for (bytes, code) in [
        (&b"05:hello,"[..], "leading_zero"),
        (b"5:hello;", "no_comma"),
        (b"x:", "not_a_digit"),
        (b":,", "not_a_digit"),
        (b"99999:", "length_exceeds_limit"),
        (b"18446744073709551615:", "length_exceeds_limit"),
        (b"18446744073709551616:", "length_overflows"),
        (b"99999999999999999999999:", "length_overflows"),
    ] {
        let mut decoder = Decoder::new(Codec::Netstring, 1000);
        assert_eq!(decoder.feed(bytes, |_| ()).unwrap_err().kind.code(), code, "{bytes:?}");
    }
}

#[test]
fn chunked_takes_extensions_and_trailers_and_nothing_after_the_end() {
    let stream = b"5;name=\"x\"\r\nhello\r\n0\r\nExpires: never\r\n\r\n";
    assert_eq!(payloads(&Codec::Chunked, stream, 1), [b"hello".to_vec()]);
    let mut decoder = Decoder::new(Codec::Chunked, 1000);
    assert_eq!(decoder.feed(b"0\r\n\r\nX", |_| ()).unwrap_err().kind.code(), "after_end");
    for (bytes, code) in [
        (&b"5\nhello"[..], "not_a_hex_digit"),
        (b"5\r\nhelloX", "no_line_end"),
        (b"g\r\n", "not_a_hex_digit"),
        (b"-1\r\n", "not_a_hex_digit"),
        (b"0x5\r\n", "not_a_hex_digit"),
        (b"ffffffffffffffff\r\n", "length_exceeds_limit"),
        (b"11111111111111111\r\n", "length_overflows"),
    ] {
        let mut decoder = Decoder::new(Codec::Chunked, 1000);
        assert_eq!(decoder.feed(bytes, |_| ()).unwrap_err().kind.code(), code, "{bytes:?}");
    }
}

#[test]
fn zeros_in_front_of_a_chunk_s_length_say_nothing_but_a_line_has_an_end() {
    let stream = b"000000000000000000005\r\nhello\r\n000000000000000000\r\n\r\n";
    assert_eq!(payloads(&Codec::Chunked, stream, 1), [b"hello".to_vec()]);
    let mut decoder = Decoder::new(Codec::Chunked, 1000);
    let error = decoder.feed(&[b'0'; 5000], |_| ()).unwrap_err();
    assert_eq!(error.kind.code(), "no_boundary");
}

#[test]
fn a_type_that_has_no_room_is_refused_and_not_cut() {
    let tlv = parse("tlv").unwrap();
    let mut stream = Vec::new();
    assert_eq!(encode(&tlv, 0, Some(255), b"a", &mut stream), Ok(()));
    let refused = encode(&tlv, 1, Some(300), b"a", &mut stream);
    assert_eq!(refused, Err(EncodeError::TagTooLarge { index: 1, tag: 300, limit: 255 }));
    assert_eq!(stream, [255, 0, 1, b'a'], "nothing is written for what is refused");
    assert_eq!(encode(&parse("tlv:type=u16").unwrap(), 0, Some(300), b"", &mut stream), Ok(()));
}

#[test]
fn no_option_of_a_codec_is_passed_over_in_silence() {
    for word in [
        "length:u8:u16",
        "length:big:little",
        "length:offset=1:offset=2",
        "fixed:4:5",
        "fixed:4:size=5",
        "delimiter:a:byte=b",
        "line:lf:crlf",
        "tlv:type=u8:type=u16",
    ] {
        assert_eq!(parse(word).unwrap_err().code(), "codec_repeated", "{word}");
    }
    for word in ["delimiter:", "delimiter:ab", "delimiter:256", "delimiter:例", "fixed:4:pad=xx"] {
        assert_eq!(parse(word).unwrap_err().code(), "codec_byte", "{word}");
    }
}

#[test]
fn a_varint_has_at_most_64_bits() {
    let mut decoder = Decoder::new(Codec::Varint, 1000);
    let eleven = [0x80; 9].into_iter().chain([0x02]).collect::<Vec<u8>>();
    assert_eq!(decoder.feed(&eleven, |_| ()).unwrap_err().kind, Kind::VarintTooLong);
}

#[test]
fn a_varint_has_one_form_only() {
    for (bytes, at) in [(&b"\x80\x00"[..], 1), (b"\x81\x80\x00", 2)] {
        let mut decoder = Decoder::new(Codec::Varint, 1000);
        let malformed = decoder.feed(bytes, |_| ()).unwrap_err();
        assert_eq!((malformed.at, malformed.kind), (at, Kind::VarintOverlong));
    }
    assert_eq!(payloads(&Codec::Varint, b"\x00\x01x", 1), [b"".to_vec(), b"x".to_vec()]);
}

#[test]
fn errors_in_json_have_code_place_numbers_and_sentence() {
    let kind = Kind::LengthExceedsLimit { declared: 9, limit: 5 };
    let json = serde_json::to_value(Malformed { at: 3, kind, recovered: false }).unwrap();
    assert_eq!(
        json,
        serde_json::json!({ "code": "length_exceeds_limit", "at": 3, "declared": 9, "limit": 5, "recovered": false,
            "message": "a length of 9 bytes exceeds the limit of 5" })
    );
    let json = serde_json::to_value(EncodeError::DelimiterInside { index: 2, at: 7 }).unwrap();
    assert_eq!((&json["code"], &json["index"], &json["at"]), (&"delimiter_inside".into(), &2.into(), &7.into()));
    assert!(json["message"].as_str().unwrap().contains("message 3"), "{json}");
}

#[test]
fn encoding_refuses_what_would_not_come_back() {
    let mut stream = Vec::new();
    let refused = |word: &str, message: &[u8], stream: &mut Vec<u8>| {
        encode(&parse(word).unwrap(), 7, None, message, stream).unwrap_err()
    };
    assert_eq!(refused("delimiter:|", b"a|b", &mut stream), EncodeError::DelimiterInside { index: 7, at: 1 });
    assert_eq!(refused("line", b"a\nb", &mut stream), EncodeError::LineEndInside { index: 7, at: 1 });
    assert_eq!(refused("line", b"a\r", &mut stream), EncodeError::LineEndInside { index: 7, at: 1 });
    assert_eq!(
        refused("length:u8", &[0; 256], &mut stream),
        EncodeError::TooLong { index: 7, length: 256, limit: 255 }
    );
    assert_eq!(refused("fixed:2", b"abc", &mut stream), EncodeError::TooLong { index: 7, length: 3, limit: 2 });
    assert_eq!(refused("chunked", b"", &mut stream), EncodeError::Empty { index: 7 });
    assert!(stream.is_empty());
}

#[test]
fn a_codec_is_written_as_the_word_that_names_it() {
    for word in [
        "naive",
        "fixed:8",
        "fixed:8:pad=0x20",
        "line:crlf",
        "delimiter:0x7c",
        "delimiter:0x7c:escape=0x5c",
        "length:u16:little:offset=2:adjustment=-4",
        "tlv",
        "tlv:type=u16:length=u32:little",
        "chunked",
    ] {
        assert_eq!(parse(word).unwrap().to_string(), word);
    }
}

#[test]
fn a_word_that_names_no_codec_is_refused_with_its_reason() {
    assert!(matches!(parse("json"), Err(CodecError::Unknown { .. })));
    assert!(matches!(parse("varint:u8"), Err(CodecError::Option { .. })));
    assert!(matches!(parse("fixed"), Err(CodecError::SizeMissing)));
    assert!(matches!(parse("fixed:0"), Err(CodecError::Number { min: 1, .. })));
    assert!(matches!(parse("delimiter:|:escape=|"), Err(CodecError::SameByte { byte: b'|' })));
}

proptest! {
    #[test]
    fn any_messages_survive_any_cut(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..12),
        cuts in prop::collection::vec(1_usize..20, 0..200),
    ) {
        for codec in codecs() {
            let mut stream = Vec::new();
            let mut carried = Vec::new();
            for (index, message) in messages.iter().enumerate() {
                if encode(&codec, index, None, message, &mut stream).is_ok() {
                    carried.push(message.clone());
                }
            }
            finish(&codec, &mut stream);
            let mut decoder = Decoder::new(codec.clone(), 1 << 16);
            let (mut rest, mut cut, mut back) = (&stream[..], cuts.iter(), Vec::new());
            while !rest.is_empty() {
                let (chunk, tail) = rest.split_at((*cut.next().unwrap_or(&7)).min(rest.len()));
                rest = tail;
                decoder.feed(chunk, |found| if let Found::Message(message) = found { back.push(message.payload.to_vec()) }).unwrap();
            }
            decoder.finish().unwrap();
            if let Codec::Fixed { size, pad } = codec {
                carried.iter_mut().for_each(|message| message.resize(size, pad));
            }
            prop_assert_eq!(back, carried, "{:?}", codec);
        }
    }

    #[test]
    fn any_bytes_give_the_same_answer_at_any_cut(
        bytes in prop::collection::vec(prop::sample::select(b"\x00\x01\x05ab|\\\r\n0159:,;f\xff".to_vec()), 0..80),
        cuts in prop::collection::vec(1_usize..9, 0..80),
    ) {
        for codec in codecs() {
            let whole = decode(&codec, &bytes, [], 24);
            prop_assert_eq!(&whole, &decode(&codec, &bytes, cuts.iter().copied(), 24), "{:?} {:?}", codec, bytes);
            prop_assert_eq!(&whole, &decode(&codec, &bytes, std::iter::repeat(1), 24), "{:?} {:?}", codec, bytes);
        }
    }
}

#[test]
fn a_wrong_byte_behind_a_chunk_is_found_as_soon_as_it_is_there() {
    let codec = parse("chunked").unwrap();
    for stream in [&b"3\r\nabcX"[..], b"3\r\nabcX\n", b"3\r\nabc\rX"] {
        let whole = report(&codec, stream, Split::All, 100);
        assert!(matches!(whole.error, Some(Malformed { kind: Kind::NoLineEnd { byte: b'X' }, .. })), "{whole:?}");
        assert_eq!(report(&codec, stream, Split::Bytes, 100), whole);
    }
    for stream in [&b"3\r\nabc"[..], b"3\r\nabc\r"] {
        let whole = report(&codec, stream, Split::All, 100);
        assert_eq!(whole.incomplete, Some(Truncated { at: 0, have: stream.len() as u64, need: Some(8) }));
        assert_eq!(report(&codec, stream, Split::Bytes, 100), whole);
    }
}
