//! The comparison of codecs, with what is known of each.

use super::*;

fn sent() -> Vec<Vec<u8>> {
    ["hello", "a;b", "", "last one"].map(|it| it.as_bytes().to_vec()).to_vec()
}

fn run(word: &str, arrival: &Arrival) -> (Stream, Outcome) {
    let sent = sent();
    let codec = codec(word, 8).unwrap();
    let stream = stream(&codec, &sent, arrival);
    let outcome = read(&codec, &stream, &sent);
    (stream, outcome)
}

#[test]
fn whole_streams_arrive_whole_in_reads_of_any_size() {
    for (name, word) in CODECS.into_iter().filter(|(name, _)| !["naive", "chunked"].contains(name)) {
        for read_size in [0, 1, 2, 3, 7, 100] {
            for cut in [None, Some(0), Some(3), Some(9)] {
                let (_, outcome) = run(word, &Arrival { read_size, cut, ..Arrival::default() });
                assert_eq!(outcome.verdict, Verdict::Good, "{name} in reads of {read_size}, cut {cut:?}: {outcome:?}");
            }
        }
    }
}

#[test]
fn every_byte_of_a_frame_is_payload_or_framing_and_the_payload_is_in_order() {
    for (name, word) in CODECS {
        let (stream, _) = run(word, &Arrival::default());
        for (index, message) in sent().iter().enumerate() {
            let payload: Vec<u8> = stream
                .bytes
                .iter()
                .filter(|byte| byte.message == Some(index) && matches!(byte.part, Part::Payload(_)))
                .map(|byte| byte.value)
                .collect();
            let refused = name == "chunked" && message.is_empty();
            assert!(payload == *message || refused, "{name}, message {index}: {payload:?}");
        }
        assert_eq!(stream.written - stream.overhead, 16, "{name}");
    }
}

#[test]
fn the_naive_reader_takes_each_read_for_a_message() {
    let (_, glued) = run("naive", &Arrival::default());
    assert_eq!((glued.received.len(), glued.wrong(), glued.verdict), (1, 1, Verdict::Unnoticed));
    let (_, split) = run("naive", &Arrival { read_size: 5, ..Arrival::default() });
    assert_eq!(split.received[0].sent, Some(0), "the first message happens to have five bytes");
    assert_eq!(split.verdict, Verdict::Unnoticed);
}

#[test]
fn a_wrong_byte_of_payload_is_noticed_by_nobody_and_hurts_one_message() {
    let damage = Some(Damage { message: 0, part: Part::Payload(1), how: How::Low });
    for (name, word) in CODECS.into_iter().filter(|(name, _)| !["naive", "chunked"].contains(name)) {
        let (stream, outcome) = run(word, &Arrival { damage, ..Arrival::default() });
        assert_eq!(stream.bytes.iter().filter(|byte| byte.damaged).count(), 1, "{name}");
        assert_eq!((outcome.lost.as_slice(), outcome.wrong()), (&[0][..], 1), "{name}: {outcome:?}");
        assert_eq!((outcome.again, outcome.verdict), (Some(1), Verdict::Unnoticed), "{name}");
    }
}

#[test]
fn a_wrong_length_loses_everything_behind_it_but_a_netstring_notices() {
    let damage = Some(Damage { message: 0, part: Part::Framing(1), how: How::Low });
    let (_, length) = run("length:u16", &Arrival { damage, ..Arrival::default() });
    assert_eq!(length.verdict, Verdict::Unnoticed);
    assert!(length.again.is_none() && length.lost.len() >= 3, "{length:?}");
    let damage = Some(Damage { message: 0, part: Part::Framing(0), how: How::Low });
    let (_, netstring) = run("netstring", &Arrival { damage, ..Arrival::default() });
    assert_eq!(netstring.verdict, Verdict::Noticed);
    assert!(netstring.error.is_some() && netstring.received.is_empty());
}

#[test]
fn a_missing_byte_shifts_fixed_sizes_for_ever_and_lines_only_once() {
    let damage = Some(Damage { message: 0, part: Part::Payload(2), how: How::Missing });
    let (_, fixed) = run("fixed:8", &Arrival { damage, ..Arrival::default() });
    assert!(fixed.lost.len() == 4 && fixed.incomplete.is_some(), "{fixed:?}");
    let (_, line) = run("line", &Arrival { damage, ..Arrival::default() });
    assert_eq!((line.lost.as_slice(), line.again), (&[0][..], Some(1)));
}

#[test]
fn a_stream_that_ends_early_leaves_the_reader_waiting() {
    let (stream, outcome) = run("length:u16", &Arrival { cut: Some(3), ends: true, ..Arrival::default() });
    assert_eq!(stream.bytes.len(), 5);
    assert_eq!((outcome.verdict, outcome.incomplete.unwrap().need), (Verdict::Waits, Some(7)));
    let (_, naive) = run("naive", &Arrival { cut: Some(3), ends: true, ..Arrival::default() });
    assert_eq!(naive.verdict, Verdict::Unnoticed);
}

#[test]
fn what_a_codec_cannot_carry_is_said_with_its_reason() {
    let messages = vec![b"two\nlines".to_vec(), b"fine".to_vec()];
    let line = codec("line", 9).unwrap();
    let stream = stream(&line, &messages, &Arrival::default());
    assert_eq!(stream.refused.len(), 1);
    let outcome = read(&line, &stream, &messages);
    assert_eq!((outcome.lost.as_slice(), outcome.verdict), (&[0][..], Verdict::Noticed));
}

#[test]
fn damage_stands_in_an_address_and_is_read_back() {
    for how in How::ALL {
        for part in [Part::Payload(3), Part::Framing(0)] {
            let damage = Damage { message: 12, part, how };
            assert_eq!(Damage::read(&damage.write()), Some(damage));
        }
    }
    assert_eq!(Damage::read("x.p.1.low"), None);
}

#[test]
fn lines_are_messages_and_a_mistake_names_its_line() {
    assert_eq!(messages("a\n\\x00\r\n").unwrap(), [b"a".to_vec(), vec![0], vec![]]);
    assert_eq!(messages("a\nb\\q").unwrap_err().0, 1);
}
