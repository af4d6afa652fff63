//! Addresses against CPython and the C library beneath it: `socket.inet_aton` and `ipaddress`. Skipped, loudly, without python3.

use sockscope_core::address::explain::{Question, explain};
use sockscope_core::address::inet_aton;
use sockscope_core::random::Random;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a Python program prints for these lines.
fn python(program: &str, lines: &[String]) -> Option<Vec<String>> {
    let child = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env("PYTHONIOENCODING", "utf-8")
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            println!("SKIPPED addresses against CPython: python3: {error}");
            return None;
        }
    };
    let mut input = child.stdin.take().unwrap();
    let text = lines.join("\n") + "\n";
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let answers: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), lines.len());
    Some(answers)
}

#[test]
fn every_text_that_the_c_library_takes_is_taken_and_no_other() {
    let mut random = Random::new(3);
    let words = [
        "0",
        "1",
        "8",
        "9",
        "010",
        "08",
        "0x",
        "0xf",
        "0XfF",
        "255",
        "256",
        "65535",
        "65536",
        "16777215",
        "16777216",
        "4294967295",
        "4294967296",
        "99999999999999999999",
        ".",
        ".",
        ".",
        ".",
        " ",
        "x",
        "-",
        "+",
        "\t",
        "/",
        "0b1",
        "é",
        "\u{a0}",
    ];
    let mut lines: Vec<String> =
        ["127.1", "127.0.0.1 x", "1.2.3.4.", "", " 1", "1.2.3", "0x7f.1"].map(str::to_owned).into();
    for _ in 0..20_000 {
        let count = 1 + random.below(8);
        lines.push((0..count).map(|_| words[random.below(words.len() as u64) as usize]).collect());
    }
    let program = "import sys, socket\nfor line in sys.stdin:\n    try: print(socket.inet_aton(line.rstrip('\\n')).hex())\n    except OSError: print('refused')";
    let Some(answers) = python(program, &lines) else { return };
    for (line, answer) in lines.iter().zip(answers) {
        let ours = inet_aton(line).map_or("refused".to_owned(), |address| format!("{:08x}", address.to_bits()));
        assert_eq!(ours, answer, "{line:?}");
    }
}

#[test]
fn networks_are_those_of_the_module_ipaddress() {
    let mut random = Random::new(4);
    let lines: Vec<String> = (0..2_000)
        .map(|_| {
            let address = std::net::Ipv4Addr::from_bits(random.below(1 << 32) as u32);
            format!("{address}/{}", random.below(33))
        })
        .collect();
    let program = "import sys, ipaddress\nfor line in sys.stdin:\n    i = ipaddress.ip_interface(line.strip()); n = i.network\n    hosts = n.num_addresses - (2 if n.prefixlen < 31 else 0)\n    print(n, n.netmask, n.hostmask, n.broadcast_address, hosts, i.ip.is_loopback, i.ip.is_multicast, i.ip.is_link_local, i.ip.reverse_pointer)";
    let Some(answers) = python(program, &lines) else { return };
    for (line, answer) in lines.iter().zip(answers) {
        let ours = explain(Question { text: line, ..Question::default() }).unwrap();
        let network = ours.network.unwrap();
        let python = |yes: bool| if yes { "True" } else { "False" };
        let last = u64::from(network.network.address.to_bits()) + network.addresses - 1;
        let row = format!(
            "{} {} {} {} {} {} {} {} {}",
            network.cidr,
            network.mask.address,
            network.wildcard.address,
            std::net::Ipv4Addr::from_bits(last as u32),
            network.hosts,
            python(ours.is.loopback),
            python(ours.is.multicast),
            python(ours.is.link_local),
            ours.reverse
        );
        assert_eq!(row, answer, "{line}");
    }
}
