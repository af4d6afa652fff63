//! Addresses against CPython and the C library beneath it: the functions of `socket`, its tables, and `ipaddress`. Skipped,
//! loudly, without python3.

use sockscope_core::address::explain::{Question, explain, ntoa};
use sockscope_core::address::{Table, Transport, byte_order, inet_aton, services};
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
fn four_bytes_are_printed_as_the_c_library_prints_them_and_other_numbers_are_refused() {
    let mut random = Random::new(6);
    let packed: Vec<Vec<u8>> = (0..2_000)
        .map(|_| {
            let length = if random.below(8) == 0 { random.below(9) } else { 4 };
            (0..length).map(|_| random.below(256) as u8).collect()
        })
        .collect();
    let hexadecimal = |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let lines: Vec<String> = packed.iter().map(hexadecimal).collect();
    let program = "import sys, socket\nfor line in sys.stdin:\n    try: print(socket.inet_ntoa(bytes.fromhex(line)))\n    except OSError: print('refused')";
    let Some(answers) = python(program, &lines) else { return };
    for (bytes, answer) in packed.iter().zip(answers) {
        assert_eq!(ntoa(bytes).map_or("refused".to_owned(), |it| it.text), answer, "{bytes:?}");
    }
}

#[test]
fn numbers_are_swapped_and_refused_as_by_the_c_library() {
    let mut random = Random::new(8);
    let mut asked: Vec<(u64, u8)> = [0, 1, 80, 65_535, 65_536, 70_000, (1 << 32) - 1, 1 << 32, u64::MAX]
        .into_iter()
        .flat_map(|value| [(value, 16), (value, 32)])
        .collect();
    for number in 0..1_000 {
        let width = 1 + random.below(33);
        asked.push((random.below(1 << width), if number % 2 == 0 { 16 } else { 32 }));
    }
    let lines: Vec<String> = asked.iter().map(|(value, bits)| format!("{value} {bits}")).collect();
    let program = "import sys, socket\nfor line in sys.stdin:\n    value, bits = map(int, line.split())\n    there, back = (socket.htons, socket.ntohs) if bits == 16 else (socket.htonl, socket.ntohl)\n    try: print(sys.byteorder, there(value), back(value))\n    except OverflowError: print('refused')";
    let Some(answers) = python(program, &lines) else { return };
    for ((value, bits), answer) in asked.into_iter().zip(answers) {
        let order = answer.split(' ').next().unwrap();
        let ours = byte_order(value, bits).map_or("refused".to_owned(), |it| {
            let machine = it.machines.iter().find(|machine| machine.order == order).unwrap();
            format!("{order} {0} {0}", machine.result)
        });
        assert_eq!(ours, answer, "{value} in {bits} bits");
    }
}

#[test]
fn the_machines_services_are_found_as_the_c_library_finds_them() {
    let Ok(text) = std::fs::read_to_string("/etc/services") else {
        println!("SKIPPED services against the C library: there is no /etc/services");
        return;
    };
    let table = Table::parse(&text);
    let words = |line: &str| {
        let words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
        words.filter(|word| !word.contains('/')).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut lines: Vec<String> = text.lines().flat_map(words).chain(["no-such-service".into()]).collect();
    lines.extend((0..2_000).map(|port: u16| port.to_string()));
    lines.sort();
    lines.dedup();
    let program = "import sys, socket\ndef ask(f, *a):\n    try: return f(*a)\n    except OSError: return None\nfor line in sys.stdin:\n    w = line.strip(); n = w.isdigit(); f = socket.getservbyport if n else socket.getservbyname\n    w = int(w) if n else w\n    print(ask(f, w), ask(f, w, 'tcp'), ask(f, w, 'udp'))";
    let Some(answers) = python(program, &lines) else { return };
    for (line, answer) in lines.iter().zip(answers) {
        let one = |protocol| {
            let found = match line.parse() {
                Ok(port) => table.by_port(port, protocol).map(|row| row.name.clone()),
                Err(_) => table.by_name(line, protocol).map(|row| row.port.to_string()),
            };
            found.unwrap_or("None".to_owned())
        };
        let ours = format!("{} {} {}", one(None), one(Some("tcp")), one(Some("udp")));
        assert_eq!(ours, answer, "{line}");
    }
    // Two tables of one registry: what both name has one port. IANA gave a few names to several ports, as `http-alt`.
    let mut shared = 0;
    for service in services() {
        for transport in Transport::ALL.into_iter().filter(|it| service.speaks(Some(*it))) {
            if let Some(row) = table.by_name(service.name, Some(transport.name())) {
                let mut ours = services().iter().filter(|it| it.name == service.name && it.speaks(Some(transport)));
                assert!(ours.any(|it| it.port == row.port), "{} over {transport:?} at {}", service.name, row.port);
                shared += 1;
            }
        }
    }
    println!("{shared} services stand in both tables, at the same ports");
}

/// What is said about a network, its parts and another address, in the words of Python.
fn network_row(text: &str, split: u8, other: &str) -> String {
    let answer = explain(Question { text, split: Some(split), contains: Some(other) }).unwrap();
    let (network, is) = (answer.network.unwrap(), answer.is);
    let python = |yes: bool| if yes { "True" } else { "False" };
    let last = u64::from(network.network.address.to_bits()) + network.addresses - 1;
    let parts = network.split.unwrap();
    let names: Vec<String> = parts.parts.iter().map(|part| part.cidr.clone()).collect();
    let hosts: Vec<String> = parts.parts.iter().map(|part| format!("{}-{}", part.first_host, part.last_host)).collect();
    [
        network.cidr,
        network.mask.address.to_string(),
        network.wildcard.address.to_string(),
        std::net::Ipv4Addr::from_bits(last as u32).to_string(),
        network.hosts.to_string(),
        network.first_host.to_string(),
        network.last_host.to_string(),
        python(network.contains.unwrap().inside).to_owned(),
        parts.count.to_string(),
        names.join(","),
        hosts.join(","),
        python(is.loopback).to_owned(),
        python(is.multicast).to_owned(),
        python(is.link_local).to_owned(),
        answer.reverse,
    ]
    .join(" ")
}

#[test]
fn networks_are_those_of_the_module_ipaddress() {
    let mut random = Random::new(4);
    let mut asked: Vec<(String, u8, String)> = Vec::new();
    for number in 0..2_000_u64 {
        let bits = random.below(1 << 32) as u32;
        // Every length comes, the narrow ones and the whole as often as the others.
        let prefix = (number % 33) as u8;
        let mask = std::net::Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0));
        let network = if random.below(2) == 0 { prefix.to_string() } else { mask.to_string() };
        let split = (prefix + random.below(7) as u8).min(32);
        // Near enough to lie inside half the time.
        let other = bits ^ (random.below(1 << 32) as u32).checked_shr(u32::from(prefix).saturating_sub(1)).unwrap_or(0);
        let address = std::net::Ipv4Addr::from_bits;
        asked.push((format!("{}/{network}", address(bits)), split, address(other).to_string()));
    }
    let lines: Vec<String> = asked.iter().map(|(text, split, other)| format!("{text} {split} {other}")).collect();
    let program = "import sys, ipaddress
def ends(n): return (n[0], n[-1]) if n.prefixlen > 30 else (n[1], n[-2])
for line in sys.stdin:
    text, split, other = line.split()
    i = ipaddress.ip_interface(text); n = i.network
    hosts = n.num_addresses - (2 if n.prefixlen < 31 else 0)
    first, last = ends(n)
    assert first == next(iter(n.hosts()))
    parts = list(n.subnets(new_prefix=int(split)))
    print(n, n.netmask, n.hostmask, n.broadcast_address, hosts, first, last, ipaddress.ip_address(other) in n, len(parts), ','.join(map(str, parts)), ','.join('%s-%s' % ends(p) for p in parts), i.ip.is_loopback, i.ip.is_multicast, i.ip.is_link_local, i.ip.reverse_pointer)";
    let Some(answers) = python(program, &lines) else { return };
    for ((text, split, other), answer) in asked.iter().zip(answers) {
        assert_eq!(network_row(text, *split, other), answer, "{text} in /{split}, and {other}");
    }
}
