//! Capture files to be read: runs on the model, and pcapng written block by block. Nothing here reads them.

use sockscope_core::scenario::from_toml;
use sockscope_core::sim;
use sockscope_core::trace::pcapng;

/// A transfer both ways and fragmented datagrams over a link, as a capture file.
pub fn run(link: &str, seed: u64) -> Vec<u8> {
    let scenario = format!(
        r#"seed = {seed}
[link]
{link}
[[host]]
name = "server"
program = '''
from socket import *
s = socket(AF_INET, SOCK_STREAM)
s.bind(('', 8888))
s.listen(5)
u = socket(AF_INET, SOCK_DGRAM)
u.bind(('', 9999))
c, peer = s.accept()
total = 0
while True:
    data = c.recv(4096)
    if not data:
        break
    total += len(data)
    c.send(data[:100])
c.close()
'''
[[host]]
name = "client"
program = '''
from socket import *
u = socket(AF_INET, SOCK_DGRAM)
u.sendto(bytes(range(256)) * 16, ('server', 9999))
s = socket(AF_INET, SOCK_STREAM)
s.connect(('server', 8888))
for i in range(40):
    s.sendall(bytes([i]) * (i * 97 + 1))
s.shutdown(SHUT_WR)
while s.recv(4096):
    pass
s.close()
'''
"#
    );
    captured(&scenario)
}

/// What a capture of a scenario on the model holds.
pub fn captured(scenario: &str) -> Vec<u8> {
    let scenario = from_toml(scenario).expect("the scenario is right");
    pcapng::write(&sim::run(&scenario, &sim::Options::default()))
}

/// Numbers in one order.
pub struct File {
    /// What is written so far.
    pub bytes: Vec<u8>,
    /// Whether the first byte of a number is its highest.
    pub big: bool,
}

impl File {
    pub fn put16(&mut self, value: u16) {
        self.bytes.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn put32(&mut self, value: u32) {
        self.bytes.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn block(&mut self, kind: u32, body: impl FnOnce(&mut File)) {
        let mut inner = File { bytes: Vec::new(), big: self.big };
        body(&mut inner);
        inner.bytes.resize(inner.bytes.len().next_multiple_of(4), 0);
        let length = inner.bytes.len() as u32 + 12;
        self.put32(kind);
        self.put32(length);
        self.bytes.extend(inner.bytes);
        self.put32(length);
    }

    pub fn section(&mut self, big: bool) {
        self.big = big;
        self.block(0x0a0d_0d0a, |file| {
            file.put32(0x1a2b_3c4d);
            file.put16(1);
            file.put16(0);
            file.bytes.extend([0xff; 8]);
        });
    }

    pub fn interface(&mut self, link_type: u16, snap_length: u32, resolution: u8) {
        self.block(1, |file| {
            file.put16(link_type);
            file.put16(0);
            file.put32(snap_length);
            file.put16(9);
            file.put16(1);
            file.bytes.extend([resolution, 0, 0, 0]);
            file.put32(0);
        });
    }

    pub fn packet(&mut self, interface: u32, units: u64, data: &[u8], original: usize) {
        self.block(6, |file| {
            for word in [interface, (units >> 32) as u32, units as u32, data.len() as u32, original as u32] {
                file.put32(word);
            }
            file.bytes.extend(data);
        });
    }
}
