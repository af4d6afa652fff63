//! What becomes of messages when something is done to their stream, codec by codec.

use super::*;
use crate::framing::parse;

fn question(words: &[&str], messages: &[&[u8]], deed: Option<Deed>, reads: &[usize]) -> Question {
    Question {
        messages: messages.iter().map(|message| message.to_vec()).collect(),
        codecs: words.iter().map(|word| parse(word).unwrap()).collect(),
        deeds: deed.into_iter().collect(),
        reads: reads.to_vec(),
        limit: 1024,
        work: 1 << 20,
    }
}

fn one(word: &str, messages: &[&[u8]], deed: Option<Deed>) -> Column {
    compare(&question(&[word], messages, deed, &[])).columns.remove(0)
}

fn tried(column: &Column) -> Trials {
    column.trials.expect("there is work for trials")
}

fn outcomes(column: &Column) -> String {
    let letter = |fate: &Fate| match (fate.outcome, fate.how) {
        (Outcome::Survived, _) => 's',
        (_, Some(How::Altered)) => 'a',
        (_, Some(How::Merged)) => 'm',
        (_, Some(How::Split)) => 'x',
        (Outcome::Lost, _) if fate.noticed => 'L',
        (Outcome::Lost, _) => 'l',
        (Outcome::Refused, _) => 'r',
        (Outcome::Damaged, None) => '?',
    };
    column.fates.iter().map(letter).collect()
}

const THREE: [&[u8]; 3] = [b"msg0", b"msg1", b"msg2"];
const FRAMED: [&str; 9] =
    ["fixed:4", "delimiter:0x7c", "line", "length:u8", "length:u32", "varint", "netstring", "tlv", "chunked"];

fn framing(message: usize, byte: u64) -> Place {
    Place::Message { message, part: PartOf::Framing, byte }
}

fn payload(message: usize, byte: u64) -> Place {
    Place::Message { message, part: PartOf::Payload, byte }
}

#[test]
fn no_cut_breaks_a_codec_and_every_cut_inside_a_message_breaks_the_naive_reader() {
    for column in compare(&question(&FRAMED, &THREE, None, &[])).columns {
        assert_eq!(outcomes(&column), "sss");
        assert_eq!((tried(&column).cuts.broken, tried(&column).joins.broken), (0, 0), "{:?}", column.sent.codec);
        assert_eq!(tried(&column).cuts.tried, column.sent.length - 1);
    }
    let naive = one("naive", &THREE, None);
    assert_eq!(outcomes(&naive), "sss", "each frame in a read of its own: the desk");
    assert_eq!((tried(&naive).cuts.broken, tried(&naive).cuts.first), (9, Some(1)), "all but the two boundaries");
    assert_eq!((tried(&naive).joins.broken, tried(&naive).joins.first), (2, Some(4)));
}

#[test]
fn reads_that_hold_two_messages_merge_them_for_the_naive_reader_only() {
    let columns = compare(&question(&["naive", "netstring"], &THREE, None, &[8])).columns;
    assert_eq!(outcomes(&columns[0]), "mms");
    assert_eq!(outcomes(&columns[1]), "sss");
    let cut = Some(Deed::Cut { at: payload(1, 2) });
    let naive = one("naive", &THREE, cut);
    assert_eq!((outcomes(&naive).as_str(), naive.recovery), ("sxs", Recovery::Found { at: 8, message: 2 }));
}

#[test]
fn a_wrong_payload_byte_is_noticed_by_nobody_and_harms_one_message() {
    let deed = Some(Deed::Corrupt { at: payload(1, 1), xor: 1 });
    for column in compare(&question(&FRAMED, &THREE, deed, &[])).columns {
        assert_eq!(outcomes(&column), "sas", "{:?}", column.sent.codec);
        assert_eq!(column.tally.silent, 1);
    }
}

#[test]
fn a_wrong_framing_byte_does_what_the_codec_lets_it_do() {
    let deed = |byte| Some(Deed::Corrupt { at: framing(0, byte), xor: 1 });
    let merged = one("delimiter:0x7c", &THREE, deed(0));
    assert_eq!((outcomes(&merged).as_str(), merged.tally.silent), ("mms", 2));
    assert_eq!(merged.recovery, Recovery::Found { at: 10, message: 2 });
    // The comma turns into a hyphen: noticed, and the end of it all.
    let comma = one("netstring", &THREE, deed(2));
    assert_eq!((outcomes(&comma).as_str(), comma.recovery), ("LLL", Recovery::GaveUp));
    // A length of 5 instead of 4: the next length is read from the wrong place.
    let length = one("length:u8", &THREE, deed(0));
    assert_eq!(outcomes(&length), "mmL");
    assert!(length.received.incomplete.is_some() || length.received.error.is_some());
    assert_eq!(one("naive", &THREE, deed(0)).done, [None], "there is no framing to corrupt");
}

#[test]
fn a_lost_byte_shifts_fixed_sizes_for_ever_and_lines_for_one_message() {
    let deed = Some(Deed::Drop { at: payload(0, 1), length: 1 });
    let fixed = one("fixed:4", &THREE, deed.clone());
    assert_eq!(outcomes(&fixed), "mxm", "every message holds bytes of its neighbour");
    assert_eq!(fixed.recovery, Recovery::Never);
    let line = one("line", &THREE, deed);
    assert_eq!((outcomes(&line).as_str(), line.recovery), ("ass", Recovery::Found { at: 4, message: 1 }));
}

#[test]
fn bytes_that_were_put_in_may_make_a_message_that_nobody_sent() {
    let column = one("line", &THREE, Some(Deed::Insert { at: Place::Stream(5), bytes: Data::from(&b"evil\n"[..]) }));
    assert_eq!((outcomes(&column).as_str(), &column.invented[..]), ("sss", &[1][..]));
    let split = one("line", &THREE, Some(Deed::Insert { at: Place::Stream(2), bytes: Data::from(&b"\n"[..]) }));
    assert_eq!(outcomes(&split), "xss");
}

#[test]
fn an_end_inside_a_frame_is_noticed_and_one_between_frames_only_by_chunks() {
    for word in FRAMED {
        let ends = tried(&one(word, &THREE, None)).ends;
        assert_eq!(ends.inside, 0, "{word}");
        assert_eq!(ends.between, if word == "chunked" { 0 } else { 2 }, "{word}");
    }
    let naive = tried(&one("naive", &THREE, None)).ends;
    assert_eq!((naive.inside, naive.between, naive.first), (9, 2, Some(1)));
    let cut_off = one("netstring", &THREE, Some(Deed::End { at: payload(1, 2) }));
    assert_eq!(outcomes(&cut_off), "sLL");
}

#[test]
fn one_wrong_bit_at_every_place_tells_the_codecs_apart() {
    let flips = |word| tried(&one(word, &THREE, None)).flips;
    assert_eq!(flips("fixed:4").worst, 1);
    assert_eq!((flips("line").worst, flips("line").fatal), (2, 0));
    assert_eq!(flips("length:u32").worst, 3);
    assert!(flips("length:u32").fatal > 0);
    assert!(flips("netstring").silent < flips("netstring").tried, "a wrong comma is noticed");
}

#[test]
fn what_a_codec_cannot_carry_is_refused_and_costs_are_told_by_role() {
    let messages: [&[u8]; 3] = [b"a|b", b"line\nend", &[b'x'; 300]];
    let columns = compare(&question(&["delimiter:0x7c", "line", "length:u8", "fixed:8"], &messages, None, &[])).columns;
    let refused: Vec<Vec<&str>> =
        columns.iter().map(|column| column.sent.refused.iter().map(|error| error.code()).collect()).collect();
    assert_eq!(refused, [vec!["delimiter_inside"], vec!["line_end_inside"], vec!["too_long"], vec!["too_long"]]);
    assert_eq!(outcomes(&columns[0]), "rss");
    assert_eq!(columns[3].spent, [Spent { role: Role::Padding, bytes: 5 }]);
    let escaped = one("delimiter:0x7c:escape=0x5c", &[b"a|b"], None);
    let spent = [Spent { role: Role::Escape, bytes: 1 }, Spent { role: Role::End, bytes: 1 }];
    assert_eq!((escaped.spent, escaped.percent), (spent.to_vec(), Some(66.7)));
}

#[test]
fn a_place_that_a_stream_does_not_have_is_no_deed() {
    for at in [Place::Stream(1000), Place::Stream(15), payload(7, 0), payload(0, 4), framing(7, 0)] {
        assert_eq!(one("line", &THREE, Some(Deed::Corrupt { at, xor: 1 })).done, [None], "{at:?}");
    }
    let last = one("line", &THREE, Some(Deed::Corrupt { at: framing(0, 9), xor: 1 })).done[0].unwrap();
    assert_eq!((last.range, last.role), (Range(4, 5), Some(Role::End)), "shorter framing is met at its last byte");
    let behind = one("netstring", &THREE, Some(Deed::Cut { at: payload(0, 4) })).done[0].unwrap();
    assert_eq!((behind.range, behind.role), (Range(6, 6), Some(Role::End)), "a place between two bytes");
}

#[test]
fn a_type_is_a_part_of_its_message() {
    let column = one("tlv", &THREE, Some(Deed::Corrupt { at: framing(1, 0), xor: 1 }));
    assert_eq!(column.done[0].unwrap().role, Some(Role::Type));
    assert_eq!((outcomes(&column).as_str(), column.tally.silent, column.verdict), ("sas", 1, Verdict::Unnoticed));
    assert_eq!((column.is(0), column.is(1), column.is(2)), (Some(0), None, Some(2)));
    assert_eq!(tried(&column).flips.harmless, 0, "no bit of it may turn over");
}

#[test]
fn every_byte_that_arrives_is_known_to_have_been_sent_or_not() {
    let deeds = vec![
        Deed::Insert { at: Place::Stream(0), bytes: Data::from(&b"?"[..]) },
        Deed::Drop { at: payload(0, 1), length: 2 },
        Deed::Corrupt { at: payload(1, 0), xor: 1 },
        Deed::Cut { at: payload(1, 1) },
        Deed::End { at: payload(2, 2) },
    ];
    let column = compare(&Question { deeds, ..question(&["line"], &THREE, None, &[5]) }).columns.remove(0);
    assert_eq!(column.stream(), b"?m0\nlsg1\nms");
    let sent = |at, start, end| Run { range: Range(start, end), sent: Some(at), changed: false };
    let wrong = |sent, start, end| Run { range: Range(start, end), sent, changed: true };
    let runs = [wrong(None, 0, 1), sent(0, 1, 2), sent(3, 2, 4), wrong(Some(5), 4, 5), sent(6, 5, 11)];
    assert_eq!(column.runs, runs);
    assert_eq!(column.reads, [Range(0, 5), Range(5, 10), Range(10, 11)], "the cut is where a read ends anyway");
    let bytes: Vec<Byte> = column.bytes().collect();
    let of = |message, role| bytes.iter().filter(|byte| (byte.message, byte.role) == (message, role)).count();
    assert_eq!((of(None, None), of(Some(0), Some(Role::Payload)), of(Some(1), Some(Role::End))), (1, 2, 1));
    assert_eq!(bytes.iter().position(|byte| byte.changed && byte.sent.is_some()), Some(4));
    let places: Vec<u64> = column.done.iter().map(|done| done.unwrap().at).collect();
    assert_eq!(places, [0, 2, 4, 5, 11]);
    for (at, place) in [(0, payload(0, 0)), (4, framing(0, 0)), (7, payload(1, 2)), (15, Place::Stream(15))] {
        assert_eq!(Place::of(at, &column.sent), place);
    }
}

#[test]
fn what_the_reader_notices_has_its_code_and_the_place_of_the_byte() {
    let seen = |word, deed| {
        let column = one(word, &THREE, Some(deed));
        let noticed = column.noticed.map(|it| (it.code, it.at, it.message, it.role));
        (column.verdict, noticed)
    };
    let comma = seen("netstring", Deed::Corrupt { at: framing(0, 2), xor: 1 });
    assert_eq!(comma, (Verdict::Noticed, Some(("no_comma", 6, Some(0), Some(Role::End)))));
    let ended = seen("netstring", Deed::End { at: payload(1, 2) });
    assert_eq!(ended, (Verdict::Waiting, Some(("truncated", 7, Some(1), Some(Role::Length)))));
    assert_eq!(seen("line", Deed::Corrupt { at: payload(0, 0), xor: 1 }), (Verdict::Unnoticed, None));
    assert_eq!(seen("naive", Deed::Cut { at: payload(0, 1) }), (Verdict::Unnoticed, None));
    assert_eq!(seen("line", Deed::Cut { at: payload(0, 1) }), (Verdict::Right, None));
    assert_eq!(one("line", &[b"a\nb", b"c"], None).verdict, Verdict::Noticed, "the sender is told");
    // The last chunk belongs to no message.
    let tail = one("chunked", &THREE, Some(Deed::Corrupt { at: Place::Stream(27), xor: 1 }));
    assert_eq!(tail.noticed.map(|it| (it.message, it.role)), Some((None, Some(Role::End))));
}

#[test]
fn deeds_and_places_survive_json() {
    for (text, deed) in [
        (r#"{"deed":"cut","at":3}"#, Deed::Cut { at: Place::Stream(3) }),
        (r#"{"deed":"corrupt","at":{"message":1,"part":"framing"}}"#, Deed::Corrupt { at: framing(1, 0), xor: 1 }),
        (
            r#"{"deed":"insert","at":0,"bytes":{"base64":"Cg=="}}"#,
            Deed::Insert { at: Place::Stream(0), bytes: Data::from(&b"\n"[..]) },
        ),
    ] {
        let read: Deed = serde_json::from_str(text).unwrap();
        assert_eq!(read, deed);
        assert_eq!(serde_json::from_str::<Deed>(&serde_json::to_string(&deed).unwrap()).unwrap(), deed);
    }
    assert!(serde_json::from_str::<Deed>(r#"{"deed":"cut","at":3,"xor":1}"#).is_err());
}

#[test]
fn a_place_is_one_word_on_the_command_line() {
    for (word, place) in [("17", Place::Stream(17)), ("1.framing.2", framing(1, 2)), ("0.payload.3", payload(0, 3))] {
        assert_eq!(word.parse(), Ok(place));
    }
    for word in ["", "-1", "1.framing", "1.tail.2", "a.payload.0", "1.payload.2.3"] {
        assert_eq!(word.parse::<Place>(), Err(NoPlace), "{word}");
    }
}

#[test]
fn a_question_has_limits_and_usual_codecs() {
    let over = |question: Question| question.checked().map_err(|error| (error.what, error.limit)).unwrap_err();
    let few = question(&[], &THREE, None, &[]);
    assert_eq!(few.clone().checked().unwrap().codecs, usual(4));
    assert_eq!(over(Question { messages: vec![vec![]; 257], ..few.clone() }), (Much::Messages, 256));
    assert_eq!(over(Question { messages: vec![vec![0; 9000]; 2], ..few.clone() }), (Much::Bytes, 16384));
    assert_eq!(over(Question { codecs: vec![Codec::Naive; 33], ..few.clone() }), (Much::Codecs, 32));
    let cut = Deed::Cut { at: Place::Stream(0) };
    assert_eq!(over(Question { deeds: vec![cut; 33], ..few.clone() }), (Much::Deeds, 32));
    let insert = Deed::Insert { at: Place::Stream(0), bytes: Data::from(vec![0; 9000]) };
    assert_eq!(over(Question { deeds: vec![insert; 2], ..few }), (Much::Inserted, 16384));
}

proptest::proptest! {
    #[test]
    fn every_message_has_one_fate_whatever_is_done(
        messages in proptest::collection::vec(proptest::collection::vec(proptest::prelude::any::<u8>(), 0..12), 0..6),
        at in 0_u64..60,
        length in 0_u64..9,
        what in 0_usize..5,
        reads in proptest::collection::vec(0_usize..9, 0..4),
    ) {
        let at = Place::Stream(at);
        let deed = [
            Deed::Cut { at },
            Deed::End { at },
            Deed::Corrupt { at, xor: 1 << (length % 8) },
            Deed::Drop { at, length },
            Deed::Insert { at, bytes: Data::from(vec![b'|'; length as usize]) },
        ][what].clone();
        let question = Question { codecs: usual(8), messages, deeds: vec![deed], reads, limit: 64, work: 2000 };
        for column in compare(&question).columns {
            proptest::prop_assert_eq!(column.fates.len(), question.messages.len());
            let Tally { survived, damaged, lost, refused, .. } = column.tally;
            proptest::prop_assert_eq!((survived + damaged + lost + refused) as usize, question.messages.len());
            proptest::prop_assert_eq!(refused as usize, column.sent.refused.len());
            let read: u64 = column.reads.iter().map(|read| read.len()).sum();
            proptest::prop_assert_eq!(read, column.stream().len() as u64);
            let bytes: Vec<u8> = column.bytes().map(|byte| byte.value).collect();
            proptest::prop_assert_eq!(&bytes[..], column.stream());
        }
    }
}
