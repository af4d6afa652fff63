//! Names for the bytes of a frame: every header field with its range and value, for the views of bytes and headers.
//! It judges nothing and repairs nothing: bytes that do not fit are one field without a name.

use std::net::Ipv4Addr;

/// Which header a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Layer {
    Ethernet,
    Arp,
    Ipv4,
    Icmp,
    Udp,
    Tcp,
    Payload,
}

impl Layer {
    /// As the standard writes it.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Ethernet => "Ethernet",
            Layer::Arp => "ARP",
            Layer::Ipv4 => "IPv4",
            Layer::Icmp => "ICMP",
            Layer::Udp => "UDP",
            Layer::Tcp => "TCP",
            Layer::Payload => "",
        }
    }
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which header.
    pub layer: Layer,
    /// Its name in the standard.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// First byte and the one behind its last.
    pub range: (usize, usize),
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    layer: Layer,
    fields: Vec<Field>,
}

impl Reader<'_> {
    /// Takes `length` bytes under a name; nothing if they are not there.
    fn take(&mut self, name: &'static str, length: usize, value: impl FnOnce(&[u8]) -> String) -> Option<()> {
        let bytes = self.bytes.get(self.at..self.at + length)?;
        let range = (self.at, self.at + length);
        self.fields.push(Field { layer: self.layer, name, value: value(bytes), range });
        self.at += length;
        Some(())
    }

    fn number(&mut self, name: &'static str, length: usize) -> Option<()> {
        self.take(name, length, |bytes| word(bytes).to_string())
    }

    fn hex(&mut self, name: &'static str, length: usize) -> Option<()> {
        self.take(name, length, |bytes| format!("0x{:0width$x}", word(bytes), width = bytes.len() * 2))
    }

    fn peek(&self, offset: usize) -> Option<u8> {
        self.bytes.get(self.at + offset).copied()
    }
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

fn mac(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn ip(bytes: &[u8]) -> String {
    <[u8; 4]>::try_from(bytes).map(|bytes| Ipv4Addr::from(bytes).to_string()).unwrap_or_default()
}

/// The fields of a frame in the order of its bytes; together they cover all of them.
pub fn of(bytes: &[u8]) -> Vec<Field> {
    let mut reader = Reader { bytes, at: 0, layer: Layer::Ethernet, fields: Vec::new() };
    let _ = ethernet(&mut reader);
    if reader.at < bytes.len() {
        reader.layer = Layer::Payload;
        let length = bytes.len() - reader.at;
        let _ = reader.take("payload", length, |bytes| format!("{} B", bytes.len()));
    }
    reader.fields
}

fn ethernet(reader: &mut Reader<'_>) -> Option<()> {
    reader.take("destination", 6, mac)?;
    reader.take("source", 6, mac)?;
    let kind = word(reader.bytes.get(12..14)?);
    reader.hex("EtherType", 2)?;
    match kind {
        0x0806 => arp(reader),
        0x0800 => ipv4(reader),
        _ => None,
    }
}

fn arp(reader: &mut Reader<'_>) -> Option<()> {
    reader.layer = Layer::Arp;
    reader.number("hardware type", 2)?;
    reader.hex("protocol type", 2)?;
    reader.number("hardware length", 1)?;
    reader.number("protocol length", 1)?;
    reader.take("operation", 2, |bytes| match word(bytes) {
        1 => "1 (request)".into(),
        2 => "2 (reply)".into(),
        other => other.to_string(),
    })?;
    reader.take("sender hardware", 6, mac)?;
    reader.take("sender protocol", 4, ip)?;
    reader.take("target hardware", 6, mac)?;
    reader.take("target protocol", 4, ip)
}

fn ipv4(reader: &mut Reader<'_>) -> Option<()> {
    reader.layer = Layer::Ipv4;
    let start = reader.at;
    let length = usize::from(reader.peek(0)? & 0x0f) * 4;
    reader.take("version, IHL", 1, |bytes| format!("{}, {}", bytes[0] >> 4, bytes[0] & 0x0f))?;
    reader.take("DSCP, ECN", 1, |bytes| format!("{}, {}", bytes[0] >> 2, bytes[0] & 3))?;
    reader.number("total length", 2)?;
    reader.hex("identification", 2)?;
    let offset = word(reader.bytes.get(reader.at..reader.at + 2)?);
    reader.take("flags, offset", 2, |bytes| {
        let word = word(bytes);
        let flags = [(0x4000, "DF"), (0x2000, "MF")].iter().filter(|(bit, _)| word & bit != 0).map(|(_, name)| *name);
        let mut text = flags.collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            text.push_str(", ");
        }
        format!("{text}{}", (word & 0x1fff) * 8)
    })?;
    reader.number("TTL", 1)?;
    let protocol = reader.peek(0)?;
    reader.take("protocol", 1, |bytes| match bytes[0] {
        1 => "1 (ICMP)".into(),
        6 => "6 (TCP)".into(),
        17 => "17 (UDP)".into(),
        other => other.to_string(),
    })?;
    reader.hex("header checksum", 2)?;
    reader.take("source", 4, ip)?;
    reader.take("destination", 4, ip)?;
    if let Some(options) = (start + length).checked_sub(reader.at).filter(|&options| options > 0) {
        reader.take("options", options, |bytes| format!("{} B", bytes.len()))?;
    }
    if offset & 0x1fff != 0 {
        return None;
    }
    match protocol {
        1 => icmp(reader),
        6 => tcp(reader),
        17 => udp(reader),
        _ => None,
    }
}

fn icmp(reader: &mut Reader<'_>) -> Option<()> {
    reader.layer = Layer::Icmp;
    reader.number("type", 1)?;
    reader.number("code", 1)?;
    reader.hex("checksum", 2)?;
    reader.hex("rest of header", 4)
}

fn udp(reader: &mut Reader<'_>) -> Option<()> {
    reader.layer = Layer::Udp;
    reader.number("source port", 2)?;
    reader.number("destination port", 2)?;
    reader.number("length", 2)?;
    reader.hex("checksum", 2)
}

fn tcp(reader: &mut Reader<'_>) -> Option<()> {
    reader.layer = Layer::Tcp;
    let start = reader.at;
    reader.number("source port", 2)?;
    reader.number("destination port", 2)?;
    reader.number("sequence number", 4)?;
    reader.number("acknowledgement number", 4)?;
    let length = usize::from(reader.peek(0)? >> 4) * 4;
    reader.take("data offset", 1, |bytes| format!("{} ({} B)", bytes[0] >> 4, usize::from(bytes[0] >> 4) * 4))?;
    reader.take("control bits", 1, |bytes| {
        let names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
        let set = names.iter().enumerate().filter(|(bit, _)| bytes[0] & (1 << bit) != 0).map(|(_, name)| *name);
        set.collect::<Vec<_>>().join(" ")
    })?;
    reader.number("window", 2)?;
    reader.hex("checksum", 2)?;
    reader.number("urgent pointer", 2)?;
    while reader.at < (start + length).min(reader.bytes.len()) {
        let kind = reader.peek(0)?;
        let size = match kind {
            0 | 1 => 1,
            _ => usize::from(reader.peek(1)?).max(2).min(start + length - reader.at),
        };
        let name = match kind {
            0 => "end of options",
            1 => "no-operation",
            2 => "maximum segment size",
            3 => "window scale",
            4 => "SACK permitted",
            5 => "SACK",
            8 => "timestamps",
            _ => "option",
        };
        reader.take(name, size, |bytes| match (kind, bytes.len()) {
            (2, 4) | (3, 3) => word(&bytes[2..]).to_string(),
            (8, 10) => format!("{}, {}", word(&bytes[2..6]), word(&bytes[6..])),
            (5, 10..) => bytes[2..]
                .chunks_exact(8)
                .map(|block| format!("{}–{}", word(&block[..4]), word(&block[4..])))
                .collect::<Vec<_>>()
                .join(", "),
            _ => String::new(),
        })?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(bytes: &[u8]) -> bool {
        let fields = of(bytes);
        let mut at = 0;
        for field in &fields {
            if field.range.0 != at {
                return false;
            }
            at = field.range.1;
        }
        at == bytes.len()
    }

    #[test]
    fn fields_cover_every_byte_of_any_input() {
        let mut frame = crate::model::fixture::syn_frame();
        assert!(covered(&frame));
        for cut in 0..frame.len() {
            assert!(covered(&frame[..cut]), "cut at {cut}");
        }
        for at in 0..frame.len() {
            for bits in [0x0f, 0xf0, 0xff] {
                frame[at] ^= bits;
                assert!(covered(&frame), "byte {at} xor {bits}");
                frame[at] ^= bits;
            }
        }
    }

    #[test]
    fn a_syn_names_its_options() {
        let fields = of(&crate::model::fixture::syn_frame());
        let value = |name| fields.iter().find(|field| field.name == name).map(|field| field.value.clone());
        assert_eq!(value("control bits").as_deref(), Some("SYN"));
        assert_eq!(value("maximum segment size").as_deref(), Some("1460"));
        assert_eq!(value("destination port").as_deref(), Some("8888"));
    }
}
