//! How wire values are written in JSON: addresses as text, control bits as a list of names.

use super::{Control, MacAddress, TcpOptions};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

impl Serialize for MacAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MacAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 6];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let part = parts.next().ok_or_else(|| D::Error::custom("an Ethernet address has six parts"))?;
            *byte = u8::from_str_radix(part, 16).map_err(D::Error::custom)?;
        }
        Ok(MacAddress(bytes))
    }
}

impl Control {
    /// The bits that are set, by name, in the order tcpdump users know.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [
            (self.syn, "SYN"),
            (self.fin, "FIN"),
            (self.rst, "RST"),
            (self.psh, "PSH"),
            (self.ack, "ACK"),
            (self.urg, "URG"),
            (self.ece, "ECE"),
            (self.cwr, "CWR"),
        ]
        .into_iter()
        .filter_map(|(set, name)| set.then_some(name))
    }
}

impl Serialize for Control {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for Control {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut control = Control::default();
        for name in Vec::<String>::deserialize(deserializer)? {
            let bit = match name.as_str() {
                "SYN" => &mut control.syn,
                "FIN" => &mut control.fin,
                "RST" => &mut control.rst,
                "PSH" => &mut control.psh,
                "ACK" => &mut control.ack,
                "URG" => &mut control.urg,
                "ECE" => &mut control.ece,
                "CWR" => &mut control.cwr,
                _ => return Err(D::Error::custom(format!("{name} is no TCP control bit"))),
            };
            *bit = true;
        }
        Ok(control)
    }
}

/// The JSON form of [`TcpOptions`]: absent options have no key.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct OptionFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    mss: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_scale: Option<u8>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sack_permitted: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sack: Vec<(u32, u32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamps: Option<(u32, u32)>,
}

impl Serialize for TcpOptions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let TcpOptions { mss, window_scale, sack_permitted, sack, timestamps } = self.clone();
        OptionFields { mss, window_scale, sack_permitted, sack, timestamps }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TcpOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let OptionFields { mss, window_scale, sack_permitted, sack, timestamps } =
            OptionFields::deserialize(deserializer)?;
        Ok(TcpOptions { mss, window_scale, sack_permitted, sack, timestamps })
    }
}
