//! Our frames and our pcapng files as Wireshark reads them. Where `tshark` is not installed, this tests nothing and says so.

use sockscope_core::link::{Cause, Class, Config, Counted, Link, ScriptedDrop, Verdict};
use sockscope_core::scenario::Text;
use sockscope_core::stream::Data;
use sockscope_core::time::{Duration, Instant};
use sockscope_core::trace::{Engine, Event, Evidence, Header, HostHeader, Observer, Observes, Sighting, Trace, pcapng};
use sockscope_core::wire::capture::{Reader, Record};
use sockscope_core::wire::{
    self, Arp, Control, Datagram, Frame, Icmp, Ipv4, MacAddress, Packet, Segment, TcpOptions, Transport,
};
use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

/// What a program of Wireshark writes when it reads a capture, or `None` where it is not installed.
fn wireshark(program: &str, capture: &[u8], arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("SKIPPED: {program} cannot be started ({error}), so nothing was compared with Wireshark");
            return None;
        }
    };
    child.stdin.take().expect("it is piped").write_all(capture).expect("it reads the capture");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

/// What tshark prints about a capture.
fn tshark(capture: &[u8], arguments: &[&str]) -> Option<String> {
    let checks = ["tcp.check_checksum:TRUE", "ip.check_checksum:TRUE", "udp.check_checksum:TRUE"];
    let checks = checks.iter().flat_map(|check| ["-o", check]);
    let arguments: Vec<&str> = ["-n", "-r", "-"].into_iter().chain(checks).chain(arguments.iter().copied()).collect();
    let output = wireshark("tshark", capture, &arguments)?;
    Some(String::from_utf8(output).expect("tshark prints UTF-8"))
}

/// All packets of a capture.
fn read(capture: &[u8]) -> Vec<Record> {
    let mut reader = Reader::new();
    reader.push(capture);
    reader.finish();
    std::iter::from_fn(|| reader.poll().expect("the capture is whole")).collect()
}

/// A run written by hand: hosts, a link, and a trace of what was sent over it.
struct Run {
    link: Link<u32>,
    observer: Observer,
    events: Vec<Event>,
    frames: u32,
    now: Instant,
}

impl Run {
    fn new(config: Config) -> Self {
        let names = ["client".into(), "server".into()];
        let link = Link::new(config, &names, 1);
        Run { link, observer: Observer::new(names, Evidence::Simulated), events: vec![], frames: 0, now: Instant::ZERO }
    }

    fn send(&mut self, from: usize, payload: Packet) {
        self.now += Duration::from_micros(1_500);
        let macs = [MacAddress([2, 0, 0, 0, 0, 1]), MacAddress([2, 0, 0, 0, 0, 2])];
        let frame = Frame { source: macs[from], destination: macs[1 - from], payload };
        self.frames += 1;
        let number = self.frames;
        let sent = self.link.send(self.now, from, 1 - from, number, frame.length(), Class::of(&frame));
        let sighting = Sighting {
            frame: number,
            from,
            to: Some(1 - from),
            contents: (&frame).into(),
            verdict: sent.verdict,
            queued: sent.queued,
            duplicate_of: None,
            purpose: None,
        };
        self.events.extend(self.observer.sent(self.now, sighting));
        if let Some(at) = sent.duplicate {
            self.frames += 1;
            let copy = Sighting {
                frame: self.frames,
                verdict: Verdict::Deliver { at },
                duplicate_of: Some(number),
                ..sighting
            };
            self.events.extend(self.observer.sent(self.now, copy));
        }
    }

    fn packet(&mut self, from: usize, payload: Transport) {
        let (source, destination) = if from == 0 { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        let packet = Ipv4 {
            source,
            destination,
            ttl: 64,
            tos: 0,
            identification: self.frames as u16,
            dont_fragment: false,
            more_fragments: false,
            fragment_offset: 0,
            payload,
        };
        for piece in wire::fragment(&packet, 1_500) {
            self.send(from, Packet::Ipv4(piece));
        }
    }

    fn segment(&mut self, from: usize, bits: &str, sequence: u32, acknowledgement: u32, payload: &[u8]) {
        let syn = bits.contains('S');
        let control = Control {
            syn,
            ack: bits.contains('A'),
            fin: bits.contains('F'),
            psh: !payload.is_empty(),
            ..Control::default()
        };
        let options = TcpOptions {
            mss: syn.then_some(1460),
            window_scale: syn.then_some(7),
            sack_permitted: syn,
            sack: if bits.contains('X') { vec![(1_101, 1_105)] } else { Vec::new() },
            timestamps: Some((self.now.as_micros() as u32, 1)),
        };
        let ports = [40_000, 8_888];
        self.packet(
            from,
            Transport::Tcp(Segment {
                source_port: ports[from],
                destination_port: ports[1 - from],
                sequence,
                acknowledgement,
                control,
                window: 500,
                urgent: 0,
                options,
                payload: Data::from(payload),
            }),
        );
    }

    fn datagram(&mut self, from: usize, payload: &[u8]) {
        let payload = Data::from(payload);
        self.packet(from, Transport::Udp(Datagram { source_port: 5_000, destination_port: 6_000, payload }));
    }

    fn trace(self) -> Trace {
        let host = |name: &str, address| HostHeader { name: name.into(), address, prefix: 24, program: String::new() };
        Trace {
            header: Header {
                version: 1,
                title: Text { en: "Two hosts".into(), zh: "两台主机".into() },
                engine: Engine::Model,
                observes: Observes { segments: true, states: true, timers: true, buffers: true },
                limitation: None,
                seed: 1,
                hosts: vec![host("client", CLIENT), host("server", SERVER)],
                scenario: serde_json::Value::Null,
            },
            events: self.events,
            hosts: Default::default(),
            expectations: Vec::new(),
        }
    }
}

/// A bit of everything: ARP, a TCP connection with a lost segment and every option, UDP in one piece and in three, ICMP.
fn everything() -> Trace {
    let drop = vec![ScriptedDrop { from: "client".into(), counted: Counted::Data, nth: 2 }];
    let mut run = Run::new(Config { drop, ..Config::default() });
    let mac = MacAddress([2, 0, 0, 0, 0, 1]);
    let arp = Arp { reply: false, sender_mac: mac, sender: CLIENT, target_mac: MacAddress::default(), target: SERVER };
    run.send(0, Packet::Arp(arp));
    run.segment(0, "S", 1_000, 0, b"");
    run.segment(1, "SA", 5_000, 1_001, b"");
    run.segment(0, "A", 1_001, 5_001, b"");
    run.segment(0, "A", 1_001, 5_001, &[b'x'; 100]);
    run.segment(0, "A", 1_101, 5_001, b"lost");
    run.segment(0, "A", 1_105, 5_001, b"odd");
    run.segment(1, "AX", 5_001, 1_101, b"");
    run.segment(0, "A", 1_101, 5_001, b"lost");
    run.segment(1, "A", 5_001, 1_108, b"answer");
    run.segment(0, "FA", 1_108, 5_007, b"");
    run.segment(1, "FA", 5_007, 1_109, b"");
    run.segment(0, "A", 1_109, 5_008, b"");
    run.datagram(0, b"");
    run.datagram(0, b"odd length!");
    run.datagram(1, &[7; 4_000]);
    let quote = Ipv4 {
        source: CLIENT,
        destination: SERVER,
        ttl: 64,
        tos: 0,
        identification: 9,
        dont_fragment: true,
        more_fragments: false,
        fragment_offset: 0,
        payload: Transport::Udp(Datagram { source_port: 5_000, destination_port: 6_000, payload: Data::default() }),
    };
    let data = Data(wire::encode_ipv4(&quote));
    run.packet(1, Transport::Icmp(Icmp { kind: 3, code: 3, rest: 0, data }));
    run.packet(0, Transport::Icmp(Icmp { kind: 8, code: 0, rest: 0x0001_0002, data: Data::from(&b"ping"[..]) }));
    run.trace()
}

/// One line of tab-separated fields for each packet that the filter keeps.
fn fields(capture: &[u8], filter: &str, fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let names = fields.iter().flat_map(|field| ["-e", field]);
    let arguments: Vec<&str> = ["-Y", filter, "-T", "fields"].into_iter().chain(names).collect();
    let text = tshark(capture, &arguments)?;
    Some(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// Packets that Wireshark finds malformed, cut short or with a wrong checksum.
fn complaints(capture: &[u8]) -> Option<String> {
    let bad = "_ws.malformed || _ws.expert.group == \"Checksum\" || _ws.short || ip.checksum.status == \"Bad\" \
               || tcp.checksum.status == \"Bad\" || udp.checksum.status == \"Bad\" || icmp.checksum.status == \"Bad\"";
    tshark(capture, &["-Y", bad])
}

/// Frame, relative sequence and acknowledgement, scaled window and length of each segment, as Wireshark shows them.
fn their_numbers(capture: &[u8]) -> Option<Vec<Vec<String>>> {
    fields(capture, "tcp", &["frame.packet_id", "tcp.seq", "tcp.ack", "tcp.window_size", "tcp.len"])
}

/// The same as the trace has them.
fn our_numbers(trace: &Trace) -> Vec<Vec<String>> {
    trace
        .events
        .iter()
        .filter_map(|event| match &event.body {
            sockscope_core::trace::Body::Tcp(sockscope_core::tcp::Event::SegmentSent { frame, segment, .. }) => {
                let acknowledgement = segment.relative_acknowledgement.unwrap_or(0);
                let numbers = [
                    u64::from(*frame),
                    segment.relative_sequence,
                    acknowledgement,
                    u64::from(segment.window),
                    u64::from(segment.length),
                ];
                Some(numbers.map(|number| number.to_string()).to_vec())
            }
            _ => None,
        })
        .collect()
}

#[test]
fn wireshark_finds_nothing_to_complain_about() {
    let capture = pcapng::write(&everything());
    let Some(complaints) = complaints(&capture) else { return };
    assert_eq!(complaints, "");
    let all = fields(&capture, "frame", &["frame.number", "frame.protocols"]).unwrap();
    assert_eq!(all.len(), 20);
    let verified =
        fields(&capture, "tcp.checksum.status == \"Good\" && ip.checksum.status == \"Good\"", &["frame.number"]);
    assert_eq!(verified.unwrap().len(), 12, "the checksums were really looked at");
}

#[test]
fn wireshark_shows_interfaces_comments_numbers_and_times() {
    let capture = pcapng::write(&everything());
    let names = ["frame.interface_name", "frame.comment", "frame.packet_id", "frame.time_epoch", "tcp.len"];
    let Some(lost) = fields(&capture, "frame.comment", &names) else { return };
    let expected =
        ["client", "Lost on the way to server: the scenario drops this frame.", "6", "946684800.009000000", "4"];
    assert_eq!(lost, [expected]);
    let first = fields(&capture, "tcp.flags.syn == 1", &["frame.interface_name", "tcp.window_size_value"]).unwrap();
    assert_eq!(first, [["client", "500"], ["server", "500"]]);
}

#[test]
fn wireshark_reads_options_streams_and_repetitions_as_the_trace_does() {
    let trace = everything();
    let capture = pcapng::write(&trace);
    let options = ["tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.timestamp.tsval"];
    let Some(syn) = fields(&capture, "tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.options.sack_perm", &options)
    else {
        return;
    };
    assert_eq!(syn, [["1460", "7", "1500"]]);
    let sack = fields(&capture, "tcp.options.sack_le", &["tcp.options.sack_le", "tcp.options.sack_re"]).unwrap();
    assert_eq!(sack, [["101", "105"]]);
    let again = fields(&capture, "tcp.analysis.retransmission || tcp.analysis.out_of_order", &["frame.packet_id"]);
    assert_eq!(again.unwrap(), [["9"]]);

    assert_eq!(Some(our_numbers(&trace)), their_numbers(&capture));
}

#[test]
fn wireshark_puts_our_fragments_together() {
    let capture = pcapng::write(&everything());
    let whole = "udp && ip.fragment.count == 3";
    let Some(datagram) = fields(&capture, whole, &["udp.length", "udp.checksum.status"]) else { return };
    assert_eq!(datagram, [["4008", "1"]]);
}

#[test]
fn a_copy_made_by_the_link_is_a_packet_with_a_comment() {
    let mut run = Run::new(Config { duplicate: 1.0, ..Config::default() });
    run.datagram(0, b"twice");
    let capture = pcapng::write(&run.trace());
    let Some(packets) = fields(&capture, "udp", &["frame.packet_id", "frame.comment"]) else { return };
    assert_eq!(packets, [["1", ""], ["2", "A copy of frame 1 that the link made."]]);
}

#[test]
fn a_trace_without_frames_is_a_valid_file() {
    let mut trace = Run::new(Config::default()).trace();
    trace.header.limitation = Some("no namespaces here".into());
    let Some(text) = tshark(&pcapng::write(&trace), &[]) else { return };
    assert_eq!(text, "");
}

#[test]
fn the_same_trace_gives_the_same_file_and_every_frame_is_in_it_once() {
    let trace = everything();
    let capture = pcapng::write(&trace);
    assert_eq!(capture, pcapng::write(&trace));
    // Whole blocks, each with its length at both ends.
    let (mut at, mut packets) = (0, 0);
    while at < capture.len() {
        let word = |at: usize| u32::from_le_bytes(capture[at..at + 4].try_into().unwrap());
        let length = word(at + 4) as usize;
        assert!(length.is_multiple_of(4) && word(at + length - 4) as usize == length, "block at {at}");
        packets += usize::from(word(at) == 6);
        at += length;
    }
    assert_eq!(packets, 20);
    assert!(trace.events.iter().any(|event| matches!(
        &event.body,
        sockscope_core::trace::Body::Link(sockscope_core::link::Event::Sent {
            verdict: Verdict::Drop { cause: Cause::Scripted },
            ..
        })
    )));
}

#[test]
fn what_we_write_we_read_again() {
    let trace = everything();
    let records = read(&pcapng::write(&trace));
    let sent: Vec<(u64, Vec<u8>)> = trace
        .events
        .iter()
        .filter_map(|event| match &event.body {
            sockscope_core::trace::Body::Link(sockscope_core::link::Event::Sent { data, .. }) => {
                Some((pcapng::EPOCH * 1_000_000_000 + event.time.as_micros() * 1_000, data.to_vec()))
            }
            _ => None,
        })
        .collect();
    let kept: Vec<(u64, Vec<u8>)> =
        records.iter().map(|record| (record.nanos.expect("it has a time"), record.data.to_vec())).collect();
    assert_eq!(kept, sent);
    assert_eq!(records[5].comments, ["Lost on the way to server: the scenario drops this frame."]);
    assert_eq!(records[5].interface.name.as_deref(), Some("client"));
}

#[test]
fn every_format_that_wireshark_writes_holds_the_same_packets() {
    let capture = pcapng::write(&everything());
    let ours = read(&capture);
    for format in ["pcap", "nsecpcap", "pcapng"] {
        let Some(converted) = wireshark("editcap", &capture, &["-F", format, "-", "-"]) else { return };
        let theirs = read(&converted);
        assert_eq!(theirs.len(), ours.len(), "{format}");
        for (our, their) in ours.iter().zip(&theirs) {
            assert_eq!((our.nanos, &our.data, our.original_length), (their.nanos, &their.data, their.original_length));
        }
    }
}

/// A transfer over a bad link: frames are lost, doubled and overtaken, and a datagram needs fragments.
const BAD_LINK: &str = r#"
title = { en = "A bad link", zh = "糟糕的链路" }
seed = 7
limit = "60s"
[link]
delay = "5ms"
rate = "20Mbit"
loss = 0.05
duplicate = 0.05
reorder = 0.05
[[host]]
name = "server"
program = """
from socket import *
s = socket(AF_INET, SOCK_STREAM)
s.bind(('', 8888))
s.listen(1)
u = socket(AF_INET, SOCK_DGRAM)
c, peer = s.accept()
while True:
    data = c.recv(4096)
    if not data:
        break
u.sendto(b'y' * 4000, (peer[0], 9999))
c.close()
"""
[[host]]
name = "client"
program = """
from socket import *
s = socket(AF_INET, SOCK_STREAM)
s.connect(('server', 8888))
s.sendall(b'x' * 60000)
s.close()
"""
"#;

#[test]
fn wireshark_agrees_with_every_segment_of_the_model_on_a_bad_link() {
    let scenario = sockscope_core::scenario::from_toml(BAD_LINK).expect("the scenario is right");
    let trace = sockscope_core::sim::run(&scenario, &Default::default());
    let capture = pcapng::write(&trace);
    for record in read(&capture) {
        let frame = wire::dissect_shared(&record.data).expect("the model sends good frames");
        assert_eq!(wire::encode(&frame), record.data);
    }
    let Some(complaints) = complaints(&capture) else { return };
    assert_eq!(complaints, "");
    // Copies that the link made stand in the file and are no segments that anybody sent.
    let theirs = fields(&capture, "tcp && !frame.comment contains \"A copy\"", &["frame.packet_id"]).unwrap();
    let ours = our_numbers(&trace);
    assert!(ours.len() > 60, "{} segments", ours.len());
    assert_eq!(ours.iter().map(|numbers| numbers[..1].to_vec()).collect::<Vec<_>>(), theirs);
    let theirs = their_numbers(&capture).unwrap();
    for numbers in &ours {
        let their = theirs.iter().find(|their| their[0] == numbers[0]);
        assert_eq!(Some(numbers), their);
    }
}
