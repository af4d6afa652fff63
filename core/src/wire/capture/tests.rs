//! Capture files: every format, every byte order, every cut, every mistake with its place.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// Writes numbers in one order.
struct Writer {
    bytes: Vec<u8>,
    order: Order,
}

impl Writer {
    fn new(order: Order) -> Self {
        Writer { bytes: Vec::new(), order }
    }

    fn put16(mut self, value: u16) -> Self {
        let bytes = if self.order == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.bytes.extend(bytes);
        self
    }

    fn put32(mut self, value: u32) -> Self {
        let bytes = if self.order == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.bytes.extend(bytes);
        self
    }

    fn put(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    fn padded(self, bytes: &[u8]) -> Self {
        let zeros = bytes.len().next_multiple_of(4) - bytes.len();
        self.put(bytes).put(&[0; 3][..zeros])
    }

    fn block(self, kind: u32, body: impl FnOnce(Writer) -> Writer) -> Self {
        let inner = body(Writer::new(self.order)).bytes;
        let length = inner.len() as u32 + 12;
        self.put32(kind).put32(length).put(&inner).put32(length)
    }

    fn section(self) -> Self {
        self.block(0x0a0d_0d0a, |w| w.put32(0x1a2b_3c4d).put16(1).put16(0).put(&[0xff; 8]))
    }

    /// An Ethernet interface with a resolution and a name.
    fn interface(self, resolution: u8) -> Self {
        self.block(1, |w| {
            w.put16(1).put16(0).put32(0).put16(9).put16(1).padded(&[resolution]).put16(2).put16(4).put(b"eth0").put32(0)
        })
    }

    fn packet(self, interface: u32, units: u64, data: &[u8]) -> Self {
        let length = data.len() as u32;
        self.block(6, |w| {
            w.put32(interface).put32((units >> 32) as u32).put32(units as u32).put32(length).put32(length).padded(data)
        })
    }

    fn pcap(order: Order, magic: u32, packets: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let header = Writer::new(order).put32(magic).put16(2).put16(4).put(&[0; 8]).put32(65_535).put32(1);
        let with = packets.iter().fold(header, |w, (seconds, fraction, data)| {
            w.put32(*seconds).put32(*fraction).put32(data.len() as u32).put32(1_000).put(data)
        });
        with.bytes
    }
}

/// Reads a file that comes in pieces of these lengths, and then the rest.
fn read(file: &[u8], mut pieces: impl Iterator<Item = usize>) -> (Vec<Record>, Option<CaptureError>) {
    let (mut reader, mut rest, mut records) = (Reader::new(), file, Vec::new());
    loop {
        let (piece, behind) = rest.split_at(pieces.next().unwrap_or(rest.len()).min(rest.len()));
        reader.push(piece);
        rest = behind;
        if rest.is_empty() {
            reader.finish();
        }
        loop {
            match reader.poll() {
                Ok(Some(record)) => records.push(record),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(reader.poll(), Err(error), "an error stays");
                    return (records, Some(error));
                }
            }
        }
        if rest.is_empty() {
            return (records, None);
        }
    }
}

fn whole(file: &[u8]) -> (Vec<Record>, Option<CaptureError>) {
    read(file, std::iter::empty())
}

fn summary(records: &[Record]) -> Vec<(u64, Option<u64>, &[u8])> {
    records.iter().map(|record| (record.number, record.nanos, &record.data[..])).collect()
}

#[test]
fn pcap_is_read_in_both_orders_and_both_resolutions() {
    for order in [Order::Little, Order::Big] {
        for (magic, unit) in [(0xa1b2_c3d4, 1_000), (0xa1b2_3c4d, 1)] {
            let file = Writer::pcap(order, magic, &[(7, 9, b"abc"), (8, 0, b"")]);
            let (records, error) = whole(&file);
            assert_eq!(error, None);
            assert_eq!(
                summary(&records),
                [(1, Some(7_000_000_000 + 9 * unit), &b"abc"[..]), (2, Some(8_000_000_000), b"")]
            );
            assert_eq!((records[0].original_length, records[0].interface.link_type), (1_000, ETHERNET));
            assert_eq!((records[0].at, records[1].at), (24, 43));
        }
    }
}

fn two_sections() -> Vec<u8> {
    let first =
        Writer::new(Order::Little).section().interface(6).interface(9).packet(0, 5, b"one").packet(1, 5, b"two!");
    let statistics = first.block(5, |w| w.put(&[0; 12]));
    let second = Writer::new(Order::Big).section().interface(0x80 | 10).packet(0, 1024, b"three");
    statistics.put(&second.bytes).bytes
}

#[test]
fn pcapng_is_read_with_several_sections_orders_and_interfaces() {
    let (records, error) = whole(&two_sections());
    assert_eq!(error, None);
    let expected: [(u64, Option<u64>, &[u8]); 3] =
        [(1, Some(5_000), b"one"), (2, Some(5), b"two!"), (3, Some(1_000_000_000), b"three")];
    assert_eq!(summary(&records), expected);
    assert_eq!(records[0].interface.name.as_deref(), Some("eth0"));
}

#[test]
fn the_older_packet_blocks_are_read() {
    let file = Writer::new(Order::Little)
        .section()
        .block(1, |w| w.put16(1).put16(0).put32(4))
        .block(3, |w| w.put32(6).put(b"cut "))
        .block(2, |w| w.put16(0).put16(9).put32(0).put32(77).put32(2).put32(2).padded(b"ok"));
    let (records, error) = whole(&file.bytes);
    assert_eq!(error, None);
    assert_eq!(summary(&records), [(1, None, &b"cut "[..]), (2, Some(77_000), b"ok")]);
    assert_eq!(records[0].original_length, 6);
}

#[test]
fn times_have_the_offset_of_their_interface_and_may_be_impossible() {
    let interface = |resolution: u8, offset: i64| {
        Writer::new(Order::Little).section().block(1, |w| {
            let w = w.put16(1).put16(0).put32(0).put16(9).put16(1).padded(&[resolution]);
            w.put16(14).put16(8).put(&offset.to_le_bytes())
        })
    };
    let time = |writer: Writer, units| whole(&writer.packet(0, units, b"x").bytes).0[0].nanos;
    assert_eq!(time(interface(3, 100), 2_500), Some(102_500_000_000));
    assert_eq!(time(interface(12, 0), 7_000), Some(7));
    assert_eq!(time(interface(6, -1), 5), None, "before 1970");
    assert_eq!(time(interface(127, 0), 5), None, "a unit too small to be written");
    assert_eq!(time(interface(0, i64::MAX), u64::MAX), None);
}

#[test]
fn comments_are_kept() {
    let file = Writer::new(Order::Little).section().interface(6).block(6, |w| {
        let w = w.put32(0).put32(0).put32(1).put32(1).put32(1).padded(b"x");
        w.put16(1).put16(5).padded(b"hello").put16(1).put16(2).padded(&[0xff, b'!']).put32(0)
    });
    assert_eq!(whole(&file.bytes).0[0].comments, ["hello", "\u{fffd}!"]);
}

fn error(file: &[u8]) -> String {
    whole(file).1.expect("the file is broken").to_string()
}

#[test]
fn broken_files_are_refused_in_their_place() {
    let start = || Writer::new(Order::Little).section();
    assert_eq!(error(b"GIF89a"), "byte 0: this begins neither a pcap nor a pcapng file: 0x47494638");
    assert_eq!(error(b"\xd4\xc3"), "byte 0: the file is cut short: 4 bytes needed, 2 there");
    assert_eq!(
        error(&Writer::new(Order::Little).put32(0xa1b2_c3d4).put16(3).put(&[0; 18]).bytes),
        "byte 4: version 3 of the format is not known"
    );
    let huge = Writer::pcap(Order::Little, 0xa1b2_c3d4, &[]);
    let huge = [&huge[..], &[0; 8], &[0xff; 8]].concat();
    assert_eq!(error(&huge), "byte 24: a length of 4294967311 bytes, more than 16777216");
    assert_eq!(error(&start().packet(0, 0, b"x").bytes), "byte 28: interface 0 of a section that has described 0");
    assert_eq!(error(&start().put32(5).put32(13).put(&[0; 8]).bytes), "byte 28: a block of 13 bytes cannot be");
    assert_eq!(error(&start().put32(5).put32(16).put(&[0; 8]).bytes), "byte 28: a block of 16 bytes cannot be");
    assert_eq!(error(&start().block(1, |w| w.put32(1)).bytes), "byte 28: a block of 16 bytes cannot be");
    assert_eq!(
        error(&start().put32(5).put32(0xffff_fff0).put(&[0; 8]).bytes),
        "byte 28: a length of 4294967280 bytes, more than 16777216"
    );
    let long = start().interface(6).block(6, |w| w.put(&[0; 12]).put32(9).put32(9).put(&[0; 8]));
    assert_eq!(error(&long.bytes), "byte 68: 9 bytes of packet in a block that has room for 8");
    let order = Writer::new(Order::Little).block(0x0a0d_0d0a, |w| w.put32(0x1234_5678).put(&[0; 12]));
    assert_eq!(error(&order.bytes), "byte 0: this begins neither a pcap nor a pcapng file: 0x78563412");
}

#[test]
fn a_file_cut_anywhere_gives_its_whole_packets_and_then_the_error() {
    for file in [two_sections(), Writer::pcap(Order::Big, 0xa1b2_c3d4, &[(1, 2, b"abc"), (3, 4, b"defg")])] {
        let (all, _) = whole(&file);
        for cut in 0..file.len() {
            let (records, error) = whole(&file[..cut]);
            assert_eq!(records[..], all[..records.len()]);
            if let Some(error) = error {
                assert!(matches!(error.kind, CaptureErrorKind::Truncated { .. }), "{cut}: {error}");
            }
        }
    }
}

proptest! {
    #[test]
    fn however_a_file_comes_it_reads_the_same(pieces in vec(0..9usize, 0..200)) {
        let file = two_sections();
        prop_assert_eq!(read(&file, pieces.into_iter()), whole(&file));
        prop_assert_eq!(read(&file, std::iter::repeat_n(1, file.len())), whole(&file));
    }

    #[test]
    fn no_bytes_make_it_panic(
        mut file in vec(any::<u8>(), 0..120),
        start in 0..4usize,
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        good: bool,
    ) {
        if good {
            file = two_sections();
            for (place, value) in changes {
                *place.get_mut(&mut file) = value;
            }
        } else if file.len() > 12 {
            let magics = [0x0a0d_0d0au32, 0xa1b2_c3d4, 0x4d3c_b2a1, 0];
            file[..4].copy_from_slice(&magics[start].to_be_bytes());
            file[8..12].copy_from_slice(&0x1a2b_3c4du32.to_be_bytes());
        }
        let (whole_records, whole_error) = whole(&file);
        let (records, error) = read(&file, std::iter::repeat_n(1, file.len()));
        prop_assert_eq!((records, error), (whole_records, whole_error));
    }
}

#[test]
fn a_file_without_a_single_byte_is_cut_short() {
    let (records, error) = whole(b"");
    assert!(records.is_empty());
    assert_eq!(error, Some(CaptureError { at: 0, kind: CaptureErrorKind::Truncated { need: 4, have: 0 } }));
}
