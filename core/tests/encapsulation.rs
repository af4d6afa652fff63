//! What we wrap, as Wireshark reads it: every checksum right, the frame check sequence too, fragments put together.
//! Where `tshark` is not installed, this tests nothing and says so.

use sockscope_core::packets::encapsulate::{Carrier, Content, Forced, Wrapped, Wrapping, wrap};
use std::io::Write;
use std::process::{Command, Stdio};

/// A pcap file of frames with their frame check sequences, as few cards hand them over.
fn capture(wrapped: &Wrapped) -> Vec<u8> {
    let mut file = Vec::new();
    // Magic, version 2.4, time zone, accuracy, limit, and LINKTYPE_ETHERNET with an FCS of 4 bytes (bits 26 and 28 to 31).
    for word in [0xa1b2_c3d4_u32, 2 << 16 | 4, 0, 0, 65_535, 2 << 28 | 1 << 26 | 1] {
        file.extend(word.to_be_bytes());
    }
    for unit in &wrapped.units {
        let frame = &unit.bytes[8..];
        for word in [0, 0, frame.len() as u32, frame.len() as u32] {
            file.extend(word.to_be_bytes());
        }
        file.extend(frame);
    }
    file
}

/// Fields of every frame as tshark prints them, a line each.
fn tshark(wrapped: &Wrapped, fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-r", "-", "-T", "fields", "-E", "separator=|"]);
    let checks = ["tcp.check_checksum", "ip.check_checksum", "udp.check_checksum", "eth.check_fcs"];
    command.args(checks.iter().flat_map(|check| ["-o".to_string(), format!("{check}:TRUE")]));
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("SKIPPED: tshark cannot be started ({error}), so nothing was compared with Wireshark");
            return None;
        }
    };
    child.stdin.take().expect("it is piped").write_all(&capture(wrapped)).expect("it reads the capture");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("tshark prints UTF-8");
    Some(text.lines().map(|line| line.split('|').map(str::to_string).collect()).collect())
}

#[test]
fn wireshark_finds_nothing_wrong_with_what_is_wrapped() {
    for (transport, own) in [(Carrier::Tcp, "tcp"), (Carrier::Udp, "udp"), (Carrier::Icmp, "icmp")] {
        let wrapping = Wrapping { transport, payload: Content::Text("hello".into()), ..Wrapping::default() };
        let wrapped = wrap(&wrapping).expect("five bytes can be wrapped");
        let checksum = format!("{own}.checksum.status");
        let fields = ["_ws.expert.severity", "eth.fcs.status", "ip.checksum.status", checksum.as_str(), "frame.len"];
        let Some(lines) = tshark(&wrapped, &fields) else { return };
        // 1 is good; severities of warnings and errors are 6291456 and 8388608.
        let worst = lines[0][0].split(',').filter_map(|severity| severity.parse::<u32>().ok()).max().unwrap_or(0);
        assert!(worst < 6_291_456, "{own}: {lines:?}");
        assert_eq!(lines[0][1..], ["1", "1", "1", "64"].map(String::from), "{own}");
    }
}

#[test]
fn wireshark_puts_our_fragments_together() {
    let payload = Content::Base64(vec![b'x'; 4_000].into());
    let wrapping = Wrapping { transport: Carrier::Udp, payload, ..Wrapping::default() };
    let wrapped = wrap(&wrapping).expect("4,000 bytes can be wrapped");
    let Some(lines) = tshark(&wrapped, &["eth.fcs.status", "udp.length", "udp.checksum.status", "ip.frag_offset"])
    else {
        return;
    };
    let offsets: Vec<&str> = lines.iter().map(|line| line[3].as_str()).collect();
    assert!(lines.iter().all(|line| line[0] == "1"), "{lines:?}");
    assert_eq!((lines.len(), offsets.len()), (3, 3));
    assert_eq!(lines[2][1..3], ["4008", "1"].map(String::from), "{lines:?}");
}

#[test]
fn wireshark_finds_the_wrong_checksum_that_we_find() {
    let forced = Forced { transport: Some(0x1234), ..Forced::default() };
    let wrapped = wrap(&Wrapping { forced, ..Wrapping::default() }).expect("it can be wrapped");
    let check = wrapped.units[0].steps[1].checks[0].clone();
    let Some(lines) = tshark(&wrapped, &["tcp.checksum.status", "tcp.checksum_calculated"]) else { return };
    assert_eq!(lines[0], ["0".to_string(), format!("0x{:04x}", check.expected.expect("it is computed"))]);
}
