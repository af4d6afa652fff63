//! Captures dissected by us and by Wireshark: the same packets, numbers and streams. And captures that nobody would write:
//! whatever the bytes and the cut, nothing panics and nothing is lost. Without `tshark` the comparison says so.

mod captures;

use captures::{File, captured, run};
use proptest::collection::vec;
use proptest::prelude::*;
use sockscope_core::packets::follow::Followed;
use sockscope_core::packets::report::{Options, Report, Reporter};
use sockscope_core::packets::{Content, Note, Packet, report};
use sockscope_core::wire::capture::write::{self, Described, Resolution, Written};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// What tshark prints about a capture, or `None` where it is not installed.
fn tshark(capture: &[u8], arguments: &[&str]) -> Option<String> {
    let checks = ["tcp.check_checksum:TRUE", "ip.check_checksum:TRUE", "udp.check_checksum:TRUE"];
    let mut command = Command::new("tshark");
    command.args(["-n", "-r", "-"]).args(checks.iter().flat_map(|check| ["-o", check])).args(arguments);
    let mut child = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("SKIPPED: tshark cannot be started ({error}), so nothing was compared with Wireshark");
            return None;
        }
    };
    let (mut pipe, input) = (child.stdin.take().expect("it is piped"), capture.to_vec());
    let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it only writes");
    Some(String::from_utf8(output.stdout).expect("tshark prints UTF-8"))
}

fn ours(capture: &[u8]) -> Report {
    report(capture, Options { count: usize::MAX, ..Options::default() })
}

const FIELDS: [&str; 17] = [
    "frame.number",
    "frame.len",
    "frame.cap_len",
    "ip.src",
    "ip.dst",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq",
    "tcp.ack",
    "tcp.len",
    "tcp.flags",
    "tcp.window_size",
    "tcp.checksum.status",
    "udp.srcport",
    "udp.length",
    "tcp.stream",
    "frame.time_epoch",
];

/// One row as tshark's fields show it, made of our packet. `streams` counts conversations of TCP as Wireshark does.
fn row(packet: &Packet, streams: &mut BTreeMap<u32, usize>) -> Vec<String> {
    let port = |end: Option<sockscope_core::packets::End>| match end {
        Some(sockscope_core::packets::End::Port(end)) => (end.ip().to_string(), end.port().to_string()),
        Some(sockscope_core::packets::End::Host(address)) => (address.to_string(), String::new()),
        _ => (String::new(), String::new()),
    };
    let (source, destination) = (port(packet.source), port(packet.destination));
    let mut row = vec![String::new(); FIELDS.len()];
    row[0] = packet.number.to_string();
    row[1] = packet.original_length.to_string();
    row[2] = packet.length.to_string();
    (row[3], row[4]) = (source.0, destination.0);
    row[16] = packet.seconds().unwrap_or_default();
    match &packet.content {
        Content::Tcp(segment) => {
            (row[5], row[6]) = (source.1, destination.1);
            row[7] = segment.relative_sequence.to_string();
            row[8] = segment.relative_acknowledgement.unwrap_or(0).to_string();
            row[9] = segment.length.to_string();
            let c = segment.control;
            let bits = [c.cwr, c.ece, c.urg, c.ack, c.psh, c.rst, c.syn, c.fin];
            row[10] = format!("0x{:04x}", bits.iter().fold(0, |all, bit| all << 1 | u32::from(*bit)));
            row[11] = segment.window.to_string();
            let wrong = packet.notes.iter().any(|note| matches!(note, Note::Checksum { .. }));
            // 0 is bad, 1 good, 2 not checked: bytes are missing.
            row[12] = if packet.length < packet.original_length {
                "2"
            } else if wrong {
                "0"
            } else {
                "1"
            }
            .to_owned();
            let next = streams.len();
            let stream = packet.stream.expect("every segment has a conversation");
            row[15] = streams.entry(stream).or_insert(next).to_string();
        }
        Content::Udp(datagram) => {
            row[13] = source.1;
            row[14] = (datagram.length + 8).to_string();
        }
        _ => {}
    }
    row
}

/// Compares every packet and every stream of a capture.
fn compare(name: &str, capture: &[u8]) -> Option<()> {
    let mut arguments = vec!["-T", "fields", "-E", "occurrence=f"];
    FIELDS.iter().for_each(|field| arguments.extend(["-e", field]));
    let theirs = tshark(capture, &arguments)?;
    let theirs: Vec<Vec<&str>> = theirs.lines().map(|line| line.split('\t').collect()).collect();
    let (report, mut streams) = (ours(capture), BTreeMap::new());
    assert_eq!(report.packets.len(), theirs.len(), "{name}: packets");
    for (packet, theirs) in report.packets.iter().zip(theirs) {
        let mut row = row(packet, &mut streams);
        if matches!(packet.content, Content::Icmp(_) | Content::Fragment(_) | Content::Bytes | Content::Arp(_)) {
            // Wireshark shows the fields of the packet that a message quotes, too.
            row.truncate(3);
        }
        assert_eq!(row[..], theirs[..row.len()], "{name}: packet {} {:?}", packet.number, packet.notes);
    }
    for (ours, theirs) in &streams {
        follow(name, capture, *ours, *theirs);
    }
    Some(())
}

/// Compares the bytes of one stream, where nothing is missing: Wireshark writes sentences into gaps.
fn follow(name: &str, capture: &[u8], ours: u32, theirs: usize) {
    let followed = followed(capture, ours);
    if followed.halves.iter().any(|half| half.runs.len() > 1 || half.gaps.iter().any(|gap| gap.missing > 0)) {
        return;
    }
    let wanted = format!("follow,tcp,raw,{theirs}");
    let text = tshark(capture, &["-q", "-z", &wanted]).expect("it was there before");
    let mut bytes = [Vec::new(), Vec::new()];
    for line in text.lines() {
        let (half, digits) = match line.strip_prefix('\t') {
            Some(digits) => (1, digits),
            None => (0, line),
        };
        if !digits.is_empty() && digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            bytes[half]
                .extend((0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()));
        }
    }
    // Wireshark names the end first that spoke first.
    let first = text.lines().find_map(|line| line.strip_prefix("Node 0: ")).expect("it names both ends").trim();
    if first != followed.ends[0].to_string() {
        bytes.swap(0, 1);
    }
    for (half, theirs) in followed.halves.iter().zip(&bytes) {
        let ours: Vec<u8> = half.runs.iter().flat_map(|run| run.data.to_vec()).collect();
        assert!(
            ours == *theirs,
            "{name}: stream {}: {} bytes, {} of theirs",
            followed.stream,
            ours.len(),
            theirs.len()
        );
    }
}

fn followed(capture: &[u8], stream: u32) -> Followed {
    let options = Options { stream: Some(stream), ..Options::default() };
    report(capture, options).outcome.followed.expect("the conversation is there")
}

#[test]
fn wireshark_reads_the_same_numbers_and_streams_in_runs_with_loss_and_reordering() {
    let links = [
        ("a good link", "delay = \"10ms\""),
        ("a lossy link", "delay = \"10ms\"\nloss = 0.05"),
        ("a link that reorders", "delay = \"10ms\"\nreorder = 0.2\nrate = \"10Mbit\""),
        ("everything", "delay = \"10ms\"\nloss = 0.03\nreorder = 0.1\nduplicate = 0.05\nmtu = 600"),
    ];
    for (name, link) in links {
        let capture = run(link, 1);
        if compare(name, &capture).is_none() {
            return;
        }
        let report = ours(&capture);
        assert!(report.packets.len() > 50, "{name}: {} packets", report.packets.len());
        let segments =
            followed(&capture, report.outcome.streams.iter().find(|it| it.begun && it.packets > 20).unwrap().number);
        assert_eq!(segments.halves[0].bytes, (0..40).map(|i| i * 97 + 1).sum::<u64>(), "{name}");
    }
}

/// The frames of a run.
fn frames() -> Vec<Vec<u8>> {
    static FRAMES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let report = ours(&run("delay = \"10ms\"\nloss = 0.02", 5));
        report.packets.iter().map(|packet| packet.data.to_vec()).collect()
    });
    FRAMES.clone()
}

#[test]
fn wireshark_reads_the_same_in_pcap_files_of_both_orders_and_resolutions() {
    let frames = frames();
    for (big, magic) in [(false, 0xa1b2_c3d4), (true, 0xa1b2_c3d4), (false, 0xa1b2_3c4d), (true, 0xa1b2_3c4d)] {
        let mut file = File { bytes: Vec::new(), big };
        file.put32(magic);
        file.put16(2);
        file.put16(4);
        file.bytes.extend([0; 8]);
        file.put32(65_535);
        file.put32(1);
        for (number, frame) in frames.iter().enumerate() {
            for word in [1_700_000_000, number as u32 * 1_000, frame.len() as u32, frame.len() as u32] {
                file.put32(word);
            }
            file.bytes.extend(frame);
        }
        if compare("pcap", &file.bytes).is_none() {
            return;
        }
        // Cut short: the whole packets are the same.
        file.bytes.truncate(file.bytes.len() - 3);
        compare("pcap, cut short", &file.bytes);
        assert!(ours(&file.bytes).outcome.incomplete.is_some());
    }
}

#[test]
fn wireshark_reads_the_same_in_sections_interfaces_simple_and_snapped_packets() {
    let frames = frames();
    let mut file = File { bytes: Vec::new(), big: false };
    let mut frames = frames.iter().enumerate();
    for big in [false, true] {
        file.section(big);
        file.interface(1, 0, 6);
        file.interface(1, 0, 9);
        for (number, frame) in frames.by_ref().take(30) {
            let units = 1_700_000_000_000_000 + number as u64;
            match number % 4 {
                0 => file.packet(1, units * 1_000 + 7, frame, frame.len()),
                // Only the first bytes were kept.
                1 => file.packet(0, units, &frame[..frame.len().min(60)], frame.len()),
                _ => file.packet(0, units, frame, frame.len()),
            }
        }
        // A block that nobody knows, and one without a time.
        file.block(0x0bad_0bad, |file| file.bytes.extend([1, 2, 3]));
    }
    if compare("sections", &file.bytes).is_none() {
        return;
    }
    let mut simple = File { bytes: Vec::new(), big: false };
    simple.section(false);
    simple.interface(1, 96, 6);
    for frame in frames.map(|(_, frame)| frame).take(20) {
        simple.block(3, |file| {
            file.put32(frame.len() as u32);
            file.bytes.extend(&frame[..frame.len().min(96)]);
        });
    }
    let theirs = tshark(&simple.bytes, &["-T", "fields", "-e", "tcp.seq", "-e", "frame.cap_len"]).unwrap();
    let mine = ours(&simple.bytes);
    assert_eq!(theirs.lines().count(), mine.packets.len());
    for (line, packet) in theirs.lines().zip(&mine.packets) {
        let Content::Tcp(segment) = &packet.content else { continue };
        assert_eq!(line, format!("{}\t{}", segment.relative_sequence, packet.length));
    }
}

/// The IP packets of a run behind the header of another link type.
fn relinked(link_type: u16, header: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    write::section(&mut file, &[]);
    let described = Described { link_type, snap_length: 0, name: "", description: "", resolution: Resolution::Nanos };
    write::interface(&mut file, &described);
    for (number, frame) in frames().iter().filter(|frame| frame[12..14] == [8, 0]).enumerate() {
        let data = [header, &frame[14..]].concat();
        let units = 1_700_000_000_000_000_000 + number as u64;
        write::packet(
            &mut file,
            &Written { units, data: &data, original_length: data.len() as u32, ..Written::default() },
        );
    }
    file
}

#[test]
fn wireshark_reads_the_same_behind_other_link_headers() {
    let cooked = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0];
    let cooked_2 = [8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
    let tagged = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0x20, 7, 8, 0];
    let links: [(&str, u16, &[u8]); 6] = [
        ("cooked", 113, &cooked),
        ("cooked, second version", 276, &cooked_2),
        ("raw", 101, &[]),
        ("loopback of BSD", 0, &[2, 0, 0, 0]),
        ("loopback of OpenBSD", 108, &[0, 0, 0, 2]),
        ("VLAN", 1, &tagged),
    ];
    for (name, link_type, header) in links {
        if compare(name, &relinked(link_type, header)).is_none() {
            return;
        }
    }
    let unknown = ours(&relinked(195, b""));
    assert!(unknown.packets.iter().all(|packet| packet.summary().key == "link_type" && packet.notes.is_empty()));
}

/// The ones' complement sum of 16-bit words, in the plainest way there is.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |low| u32::from(*low)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[test]
fn wireshark_reads_the_same_over_ipv6_with_and_without_extension_headers() {
    for extension in [&[][..], &[6, 0, 1, 4, 0, 0, 0, 0]] {
        let mut file = Vec::new();
        write::section(&mut file, &[]);
        let described =
            Described { link_type: 101, snap_length: 0, name: "", description: "", resolution: Resolution::Nanos };
        write::interface(&mut file, &described);
        for (number, frame) in frames().iter().filter(|frame| frame[12..14] == [8, 0] && frame[23] == 6).enumerate() {
            let mut segment = frame[34..].to_vec();
            let address = |last: u8| [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
            let addresses = [address(frame[29]), address(frame[33])].concat();
            // Every fifth one wrong.
            segment[16..18].fill(0);
            let length = (segment.len() as u32).to_be_bytes();
            let sum = checksum(&[&addresses[..], &length, &[0, 0, 0, 6], &segment].concat());
            segment[16..18].copy_from_slice(&sum.wrapping_add(u16::from(number % 5 == 4)).to_be_bytes());
            let payload = ((extension.len() + segment.len()) as u16).to_be_bytes();
            let next = if extension.is_empty() { 6 } else { 0 };
            let header = [0x60, 0, 0, 0, payload[0], payload[1], next, 64];
            let data = [&header[..], &addresses, extension, &segment].concat();
            let units = 1_700_000_000_000_000_000 + number as u64;
            let original_length = data.len() as u32;
            write::packet(&mut file, &Written { units, data: &data, original_length, ..Written::default() });
        }
        let names = ["ipv6.src", "tcp.seq", "tcp.ack", "tcp.len", "tcp.checksum.status"];
        let arguments: Vec<&str> =
            ["-T", "fields"].into_iter().chain(names.iter().flat_map(|name| ["-e", name])).collect();
        let Some(theirs) = tshark(&file, &arguments) else { return };
        let report = ours(&file);
        assert_eq!((theirs.lines().count(), report.outcome.streams.len()), (report.packets.len(), 1));
        for (theirs, packet) in theirs.lines().zip(&report.packets) {
            let row = row(packet, &mut BTreeMap::new());
            assert_eq!(theirs, [&row[3], &row[7], &row[8], &row[9], &row[12]].map(String::as_str).join("\t"));
        }
        assert!(report.outcome.totals.wrong_checksums > 0);
    }
}

#[test]
fn numbers_that_wrap_ports_used_again_and_streams_joined_late_are_as_wireshark_has_them() {
    // Every number of the run moved so that the data wraps past zero; the run twice, with other initial numbers; and the
    // run without its handshake.
    let moved = |offset: u32, skip: usize, file: &mut Vec<u8>, start: u64| {
        let tcp = frames().into_iter().filter(|frame| frame[12..14] == [8, 0] && frame[23] == 6);
        let first = tcp.clone().next().map(|frame| u32::from_be_bytes(frame[38..42].try_into().unwrap())).unwrap();
        for (number, mut frame) in tcp.enumerate().skip(skip) {
            let from_client = frame[36..38] == 8888u16.to_be_bytes();
            let at = if from_client { 38 } else { 42 };
            let value = u32::from_be_bytes(frame[at..at + 4].try_into().unwrap());
            frame[at..at + 4].copy_from_slice(&value.wrapping_sub(first).wrapping_add(offset).to_be_bytes());
            let units = start + number as u64 * 1_000_000;
            let written = Written { units, data: &frame, original_length: frame.len() as u32, ..Written::default() };
            write::packet(file, &written);
        }
    };
    let mut file = Vec::new();
    write::section(&mut file, &[]);
    let described =
        Described { link_type: 1, snap_length: 0, name: "", description: "", resolution: Resolution::Nanos };
    write::interface(&mut file, &described);
    let mut late = file.clone();
    moved(u32::MAX - 20_000, 0, &mut file, 1_700_000_000_000_000_000);
    moved(7_000, 0, &mut file, 1_700_000_100_000_000_000);
    if compare("wrapped, and again", &file).is_none() {
        return;
    }
    let report = ours(&file);
    assert_eq!(report.outcome.streams.len(), 2);
    assert!(report.outcome.totals.wrong_checksums > 0, "the numbers were changed behind the checksums' back");
    moved(u32::MAX - 20_000, 3, &mut late, 1_700_000_000_000_000_000);
    compare("joined late", &late);
    assert!(!ours(&late).outcome.streams[0].begun);
}

#[test]
fn requests_and_responses_are_told_apart_with_the_packets_that_carried_them() {
    let scenario = r#"
[link]
mtu = 200
[[host]]
name = "server"
program = '''
from socket import *
s = socket(AF_INET, SOCK_STREAM)
s.bind(('', 80))
s.listen(1)
c, peer = s.accept()
c.recv(4096)
c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n')
c.recv(4096)
c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n' + b'x' * 300)
c.close()
'''
[[host]]
name = "client"
program = '''
from socket import *
import time
s = socket(AF_INET, SOCK_STREAM)
s.connect(('server', 80))
s.sendall(b'HEAD / HTTP/1.1\r\nHost: server\r\n\r\n')
s.recv(4096)
s.sendall(b'GET / HTTP/1.1\r\nHost: server\r\n\r\n')
while s.recv(4096):
    pass
s.close()
'''
"#;
    let capture = captured(scenario);
    let number = ours(&capture).outcome.streams[0].number;
    let decoded = followed(&capture, number).decoded.expect("it looks like HTTP");
    assert_eq!(decoded.protocol, "http");
    let json = serde_json::to_value(&decoded).unwrap();
    let (requests, responses) = (&json["halves"][0][0], &json["halves"][1][0]);
    assert_eq!(requests["http"]["messages"].as_array().unwrap().len(), 2);
    let messages = responses["http"]["messages"].as_array().unwrap();
    assert_eq!(messages[0]["content_length"], 0, "the answer to HEAD has no content: {responses:#}");
    assert_eq!(messages[1]["content_length"], 300);
    assert!(responses["packets"][1].as_array().unwrap().len() > 1, "it took several segments");
}

/// A report of a file that comes in pieces of these lengths, and then the rest.
fn in_pieces(file: &[u8], mut pieces: impl Iterator<Item = usize>) -> String {
    let options = Options { count: usize::MAX, stream: Some(1), ..Options::default() };
    let (mut reporter, mut rest, mut packets) = (Reporter::new(options), file, Vec::new());
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(pieces.next().unwrap_or(rest.len()).clamp(1, rest.len()));
        reporter.push(piece, |packet| packets.push(packet.clone()));
        rest = behind;
    }
    let outcome = reporter.finish(|packet| packets.push(packet.clone()));
    format!("{packets:?}\n{}", serde_json::to_string(&outcome).unwrap())
}

fn mixed() -> Vec<u8> {
    static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| run("delay = \"10ms\"\nloss = 0.03\nmtu = 600", 9));
    FILE.clone()
}

#[test]
fn every_byte_of_a_file_belongs_to_a_packet_or_to_a_block() {
    let file = mixed();
    let report = ours(&file);
    assert_eq!(report.outcome.length, file.len() as u64);
    for pair in report.packets.windows(2) {
        let length = u32::from_le_bytes(file[pair[0].at as usize + 4..][..4].try_into().unwrap());
        assert_eq!(pair[0].at + u64::from(length), pair[1].at, "one block stands behind the other");
        let data = &file[pair[0].at as usize + 28..][..pair[0].length as usize];
        assert_eq!(data, &pair[0].data[..]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_the_cut_the_report_is_the_same(lengths in vec(1usize..3_000, 0..60)) {
        let file = mixed();
        prop_assert_eq!(in_pieces(&file, lengths.into_iter()), in_pieces(&file, std::iter::empty()));
    }

    #[test]
    fn no_change_of_a_capture_makes_it_panic(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut file = mixed();
        for (place, value) in changes {
            *place.get_mut(&mut file) = value;
        }
        file.truncate(cut.index(file.len() + 1));
        let whole = in_pieces(&file, std::iter::empty());
        prop_assert_eq!(in_pieces(&file, std::iter::repeat(777)), whole);
        for number in 1..6 {
            report(&file, Options { packet: Some(number), ..Options::default() });
        }
    }

    #[test]
    fn no_frame_makes_it_panic(frames in vec(vec(any::<u8>(), 0..90), 1..20), link in 0usize..8, cut in 0u32..40) {
        let link_type = [1, 113, 276, 0, 108, 101, 228, 229][link];
        let mut file = Vec::new();
        write::section(&mut file, &[]);
        let described =
            Described { link_type, snap_length: 0, name: "", description: "", resolution: Resolution::Micros };
        write::interface(&mut file, &described);
        for mut frame in frames {
            // So that some of them are something.
            let ip = [14, 16, 20, 4, 4, 0, 0, 0][link];
            if frame.len() > ip + 10 {
                let six = frame[ip] & 1 == 1;
                if ip >= 14 {
                    let at = if link == 2 { 0 } else { ip - 2 };
                    frame[at..at + 2].copy_from_slice(if six { &[0x86, 0xdd] } else { &[8, 0] });
                }
                frame[ip] = if six { 0x60 } else { 0x45 };
                let protocol = ip + if six { 6 } else { 9 };
                frame[protocol] = [1, 6, 17, 58, 0, 44][usize::from(frame[protocol]) % 6];
            }
            let original_length = frame.len() as u32 + cut;
            write::packet(&mut file, &Written { data: &frame, original_length, ..Written::default() });
        }
        let whole = in_pieces(&file, std::iter::empty());
        prop_assert_eq!(in_pieces(&file, std::iter::repeat(13)), whole);
        report(&file, Options { packet: Some(1), ..Options::default() });
    }
}
