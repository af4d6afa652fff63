//! What the page asks of core: its own arrivals, addresses and places. What core answers is tested there.

use super::*;
use sockscope_core::framing::compare::Verdict;

fn sent() -> Vec<Vec<u8>> {
    ["hello", "a;b", "", "last one"].map(|it| it.as_bytes().to_vec()).to_vec()
}

fn run(word: &str, arrival: &Arrival) -> Stream {
    stream(&codec(word, 8).unwrap(), &sent(), arrival).unwrap()
}

#[test]
fn whole_streams_arrive_whole_in_reads_of_any_size() {
    for (name, word) in CODECS.into_iter().filter(|(name, _)| !["naive", "chunked"].contains(name)) {
        for read_size in [0, 1, 2, 3, 7, 100] {
            for cut in [None, Some(0), Some(3), Some(9), Some(16)] {
                let stream = run(word, &Arrival { read_size, cut, ..Arrival::default() });
                assert_eq!(stream.column.verdict, Verdict::Right, "{name} in reads of {read_size}, cut {cut:?}");
                assert_eq!(stream.cut.is_some(), cut.is_some(), "{name}");
            }
        }
    }
}

#[test]
fn the_naive_reader_takes_each_read_for_a_message() {
    let glued = run("naive", &Arrival::default()).column;
    assert_eq!((glued.received.messages.len(), glued.is(0), glued.verdict), (1, None, Verdict::Unnoticed));
    let split = run("naive", &Arrival { read_size: 5, ..Arrival::default() }).column;
    assert_eq!(split.is(0), Some(0), "the first message happens to have five bytes");
    assert_eq!(split.verdict, Verdict::Unnoticed);
}

#[test]
fn a_damaged_byte_is_the_same_in_every_codec_that_has_it() {
    let damage = Some(Damage { message: 1, part: PartOf::Framing, at: 1, how: How::High });
    for (name, word) in CODECS {
        let stream = run(word, &Arrival { damage, ..Arrival::default() });
        assert_eq!(stream.undamaged, name == "naive", "{name}");
        let bytes: Vec<_> = stream.column.bytes().collect();
        let damaged = stream.damaged.map(|at| (bytes[at].message, bytes[at].changed));
        assert_eq!(damaged, (name != "naive").then_some((Some(1), true)), "{name}");
    }
    let missing = Some(Damage { message: 0, part: PartOf::Payload, at: 2, how: How::Missing });
    let stream = run("line", &Arrival { damage: missing, ..Arrival::default() });
    assert_eq!((stream.damaged, stream.column.stream().len()), (Some(2), 19), "the byte behind it shows the place");
}

#[test]
fn a_cut_and_damage_go_together_and_an_end_leaves_the_reader_waiting() {
    let damage = Some(Damage { message: 0, part: PartOf::Payload, at: 0, how: How::Missing });
    let both = run("length:u16", &Arrival { cut: Some(3), damage, ..Arrival::default() });
    assert_eq!((both.damaged, both.cut), (Some(2), Some(4)));
    let ended = run("length:u16", &Arrival { cut: Some(3), ends: true, ..Arrival::default() }).column;
    assert_eq!((ended.stream().len(), ended.verdict), (5, Verdict::Waiting));
    assert_eq!(ended.received.incomplete.unwrap().need, Some(7));
}

#[test]
fn a_byte_that_is_pointed_at_has_its_place_and_the_payload_up_to_it() {
    let stream = run("netstring", &Arrival::default());
    // 5:hello,3:a;b,0:,8:last one,
    let of = |at| (stream.place(at), stream.payload_behind(&sent(), at));
    let payload = |message, byte| Some(Place::Message { message, part: PartOf::Payload, byte });
    let framing = |message, byte| Some(Place::Message { message, part: PartOf::Framing, byte });
    assert_eq!(of(0), (framing(0, 0), 0));
    assert_eq!(of(4), (payload(0, 2), 3));
    assert_eq!(of(8), (framing(1, 0), 5));
    assert_eq!(of(12), (payload(1, 2), 8));
    assert_eq!(of(16), (framing(2, 2), 8));
    assert_eq!(stream.place(1000), None);
}

#[test]
fn damage_stands_in_an_address_and_is_read_back() {
    for how in How::ALL {
        for part in [PartOf::Payload, PartOf::Framing] {
            let damage = Damage { message: 12, part, at: 3, how };
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
