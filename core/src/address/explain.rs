//! An address as somebody types it, explained: how the text is read, the address in every form, its network in bits, what is special
//! about it. Words are not here; it resolves no name.

use super::{Aton, AtonErrorKind, PackedLength, Special, Subnet, inet_aton, inet_ntoa, read_aton};
use crate::stream::Data;
use serde::Serialize;
use serde::ser::SerializeMap;
use std::net::Ipv4Addr;
use thiserror::Error;

/// Longest text that is looked at.
pub const LONGEST: usize = 1024;
/// Most parts of a split that are listed.
const PARTS: u64 = 256;

/// What is asked about an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question<'a> {
    /// The address, with or without a network part.
    pub text: &'a str,
    /// The length of the parts into which the network is to be split.
    pub split: Option<u8>,
    /// An address that may lie in the network.
    pub contains: Option<&'a str>,
}

/// A text that cannot be explained. Offsets are in bytes of the part of the question that is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("byte {at}: {kind}")]
pub struct Refused {
    /// Which part of the question.
    pub part: Asked,
    /// Where in it.
    pub at: usize,
    /// Why.
    pub kind: RefusedKind,
}

/// The parts of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Asked {
    Text,
    Split,
    Contains,
}

/// Why a text cannot be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum RefusedKind {
    #[error(transparent)]
    Address(#[from] AtonErrorKind),
    #[error("the length of the network part is no number from 0 to 32")]
    Prefix,
    #[error("{mask} is no mask: its one bits are not all in front")]
    Mask { mask: Ipv4Addr },
    #[error("the text has more than {limit} bytes")]
    TooLong { limit: usize },
    #[error("a network of length {prefix} has no parts of that length; it may be {prefix} to 32")]
    Split { prefix: u8 },
    #[error("there is no network part: write a slash and its length behind the address")]
    NoNetwork,
}

impl RefusedKind {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            RefusedKind::Address(kind) => kind.code(),
            RefusedKind::Prefix => "prefix",
            RefusedKind::Mask { .. } => "mask",
            RefusedKind::TooLong { .. } => "too_long",
            RefusedKind::Split { .. } => "split",
            RefusedKind::NoNetwork => "no_network",
        }
    }
}

impl Refused {
    /// What fills the gaps of the sentence in a text, by their names.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        let mut values = vec![("at", self.at.to_string())];
        match self.kind {
            RefusedKind::Address(AtonErrorKind::TooLarge { limit }) => values.push(("limit", limit.to_string())),
            RefusedKind::Mask { mask } => values.push(("mask", mask.to_string())),
            RefusedKind::TooLong { limit } => values.push(("limit", limit.to_string())),
            RefusedKind::Split { prefix } => values.push(("prefix", prefix.to_string())),
            _ => {}
        }
        values
    }
}

impl Serialize for Refused {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("code", self.kind.code())?;
        object.serialize_entry("part", &self.part)?;
        object.serialize_entry("at", &self.at)?;
        match self.kind {
            RefusedKind::Address(AtonErrorKind::TooLarge { limit }) => object.serialize_entry("limit", &limit)?,
            RefusedKind::Mask { mask } => object.serialize_entry("mask", &mask)?,
            RefusedKind::TooLong { limit } => object.serialize_entry("limit", &limit)?,
            RefusedKind::Split { prefix } => object.serialize_entry("prefix", &prefix)?,
            _ => {}
        }
        object.serialize_entry("message", &self.kind.to_string())?;
        object.end()
    }
}

/// An address and everything that follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The text as it was typed.
    pub text: String,
    /// How it was read.
    pub form: Form,
    /// The numbers of the text, as `inet_aton` reads them; absent for bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aton: Option<Aton>,
    /// The address in four decimal numbers.
    pub address: Ipv4Addr,
    /// The four bytes, as Python's `inet_aton` returns them.
    pub packed: Data,
    /// The same as one number.
    pub decimal: u32,
    /// In hexadecimal.
    pub hexadecimal: String,
    /// In octal.
    pub octal: String,
    /// In bits.
    pub binary: String,
    /// The class it belonged to before 1993 (RFC 791, 3.2; RFC 4632 did away with classes).
    pub class: Class,
    /// The ranges with a meaning of their own that hold it, the widest first (RFC 6890).
    pub special: Vec<Range4>,
    /// What programs ask about it.
    pub is: Properties,
    /// The name under which the DNS keeps its host name (RFC 1035, 3.5).
    pub reverse: String,
    /// Its network, where one was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
}

/// How a text was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Four decimal numbers.
    Dotted,
    /// Another form that `inet_aton` takes.
    Aton,
    /// Four times eight bits; `inet_aton` would take them for octal numbers.
    Bits,
}

/// A class of old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Class {
    /// `A` to `E`.
    pub name: char,
    /// The bits that it begins with.
    pub begins: &'static str,
    /// The length of the network part; multicast and reserved addresses have none.
    pub prefix: Option<u8>,
}

/// A special range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Range4 {
    /// Its stable name.
    pub name: &'static str,
    /// The range.
    pub range: String,
    /// Where it is defined.
    pub source: &'static str,
}

/// What programs ask about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Properties {
    pub private: bool,
    pub loopback: bool,
    pub link_local: bool,
    pub multicast: bool,
    pub limited_broadcast: bool,
    pub unspecified: bool,
    pub documentation: bool,
    /// None of the ranges of RFC 6890 holds it, so it may be met on the Internet.
    pub ordinary: bool,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Network {
    /// `10.0.0.0/24`.
    pub cidr: String,
    /// Length of the network part; the other bits are the host's.
    pub prefix: u8,
    /// One bits where the network part is.
    pub mask: Bits,
    /// One bits where the host part is.
    pub wildcard: Bits,
    /// All host bits zero.
    pub network: Bits,
    /// All host bits one (RFC 919); absent for two addresses and for one (RFC 3021).
    pub broadcast: Option<Bits>,
    /// The first address that a host may have.
    pub first_host: Ipv4Addr,
    /// The last one.
    pub last_host: Ipv4Addr,
    /// How many there are.
    pub hosts: u64,
    /// All addresses.
    pub addresses: u64,
    /// What the typed address is in it.
    pub role: Role,
    /// Into which parts it was to be split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// The address that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<Membership>,
}

/// An address with its bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bits {
    /// In four decimal numbers.
    pub address: Ipv4Addr,
    /// In bits.
    pub binary: String,
}

/// What an address is in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The network's own.
    Network,
    /// Its directed broadcast.
    Broadcast,
    /// One that a host may have.
    Host,
    /// One of two on a link that has no other (RFC 3021).
    PointToPoint,
    /// The only one.
    Single,
    /// It lies outside.
    Outside,
}

/// A network in parts of one length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Split {
    /// The length.
    pub prefix: u8,
    /// How many parts.
    pub count: u64,
    /// Addresses for hosts in each.
    pub hosts: u64,
    /// The first of them.
    pub parts: Vec<SplitPart>,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SplitPart {
    /// `10.0.0.64/26`.
    pub cidr: String,
    /// The first address that a host may have.
    pub first_host: Ipv4Addr,
    /// The last one.
    pub last_host: Ipv4Addr,
    /// Its broadcast address.
    pub broadcast: Option<Ipv4Addr>,
}

/// Whether an address lies in a network: its bits under the mask are the network's, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// The address.
    pub address: Bits,
    /// What is left of it under the mask.
    pub masked: Bits,
    /// Whether that is the network.
    pub inside: bool,
    /// What it is there.
    pub role: Role,
    /// Whether every host of the network takes it for its own: the directed or the limited broadcast.
    pub broadcast: bool,
}

/// Explains an address.
///
/// ```
/// use sockscope_core::address::explain::{Question, explain};
/// let answer = explain(Question { text: "10.0.0.5/255.255.255.0", ..Question::default() }).unwrap();
/// assert_eq!(answer.hexadecimal, "0x0a000005");
/// assert_eq!(answer.network.unwrap().cidr, "10.0.0.0/24");
/// ```
///
/// # Errors
///
/// What the C library would refuse, and a network part that is none, with the place.
pub fn explain(question: Question<'_>) -> Result<Explanation, Refused> {
    let refuse = |part, at, kind| Err(Refused { part, at, kind });
    let text = question.text;
    for (part, text) in [(Asked::Text, text), (Asked::Contains, question.contains.unwrap_or_default())] {
        if text.len() > LONGEST {
            return refuse(part, LONGEST, RefusedKind::TooLong { limit: LONGEST });
        }
    }
    let (before, behind) = match text.split_once('/') {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    };
    let (form, aton, address) = match bits(before) {
        Some(address) => (Form::Bits, None, address),
        None => {
            let aton = read_aton(before).map_err(|error| Refused {
                part: Asked::Text,
                at: error.at,
                kind: error.kind.into(),
            })?;
            let dotted = aton.ignored.is_none() && before.parse() == Ok(aton.address);
            (if dotted { Form::Dotted } else { Form::Aton }, Some(aton.clone()), aton.address)
        }
    };
    let network = match behind {
        Some(behind) => {
            // White space ends what inet_aton reads, so that no network part could follow it.
            if let Some(ignored) = aton.as_ref().and_then(|aton| aton.ignored) {
                return refuse(Asked::Text, ignored.0 as usize, AtonErrorKind::Trailing.into());
            }
            let prefix = prefix(behind).map_err(|(at, kind)| {
                let at = before.len() + 1 + at;
                Refused { part: Asked::Text, at, kind }
            })?;
            let subnet = Subnet::new(address, prefix).expect("a prefix is at most 32");
            Some(network(subnet, question)?)
        }
        // It is the text that lacks something, whatever wants to know.
        None if question.split.or(question.contains.map(|_| 0)).is_some() => {
            return refuse(Asked::Text, text.len(), RefusedKind::NoNetwork);
        }
        None => None,
    };
    let special = specials(address);
    let is = |name: &str| special.iter().any(|range| range.name == name);
    let number = address.to_bits();
    let [a, b, c, d] = address.octets();
    Ok(Explanation {
        text: text.to_owned(),
        form,
        aton,
        address,
        packed: Data::from(&address.octets()[..]),
        decimal: number,
        hexadecimal: format!("0x{number:08x}"),
        octal: format!("0{number:o}"),
        binary: binary(address),
        class: class(address),
        is: Properties {
            private: is("private"),
            loopback: is("loopback"),
            link_local: is("link_local"),
            multicast: is("multicast"),
            limited_broadcast: is("limited_broadcast"),
            unspecified: is("unspecified"),
            documentation: is("documentation"),
            ordinary: special.is_empty(),
        },
        special,
        reverse: format!("{d}.{c}.{b}.{a}.in-addr.arpa"),
        network,
    })
}

fn network(subnet: Subnet, question: Question<'_>) -> Result<Network, Refused> {
    let (first_host, last_host) = subnet.hosts();
    let split = match question.split {
        None => None,
        Some(prefix) if prefix > 32 || prefix < subnet.prefix() => {
            let kind = RefusedKind::Split { prefix: subnet.prefix() };
            return Err(Refused { part: Asked::Split, at: 0, kind });
        }
        Some(prefix) => {
            let part = |part: Subnet| {
                let (first_host, last_host) = part.hosts();
                SplitPart { cidr: part.to_string(), first_host, last_host, broadcast: part.broadcast() }
            };
            Some(Split {
                prefix,
                count: 1 << (prefix - subnet.prefix()),
                hosts: subnet.split(prefix).next().map_or(0, Subnet::host_count),
                parts: subnet.split(prefix).take(PARTS as usize).map(part).collect(),
            })
        }
    };
    let contains = match question.contains {
        None => None,
        Some(text) => {
            let address = bits(text).map_or_else(|| inet_aton(text), Ok);
            let address =
                address.map_err(|error| Refused { part: Asked::Contains, at: error.at, kind: error.kind.into() })?;
            Some(Membership {
                address: Bits::of(address),
                masked: Bits::of(address & subnet.mask()),
                inside: subnet.contains(address),
                role: role(subnet, address),
                broadcast: subnet.is_broadcast(address),
            })
        }
    };
    Ok(Network {
        cidr: format!("{}/{}", subnet.network(), subnet.prefix()),
        prefix: subnet.prefix(),
        mask: Bits::of(subnet.mask()),
        wildcard: Bits::of(!subnet.mask()),
        network: Bits::of(subnet.network()),
        broadcast: subnet.broadcast().map(Bits::of),
        first_host,
        last_host,
        hosts: subnet.host_count(),
        addresses: 1 << (32 - subnet.prefix()),
        role: role(subnet, subnet.address()),
        split,
        contains,
    })
}

impl Bits {
    fn of(address: Ipv4Addr) -> Bits {
        Bits { address, binary: binary(address) }
    }
}

fn role(subnet: Subnet, address: Ipv4Addr) -> Role {
    match subnet.prefix() {
        _ if !subnet.contains(address) => Role::Outside,
        32 => Role::Single,
        31 => Role::PointToPoint,
        _ if address == subnet.network() => Role::Network,
        _ if subnet.broadcast() == Some(address) => Role::Broadcast,
        _ => Role::Host,
    }
}

/// A length from 0 to 32, or a mask in any form of `inet_aton`.
fn prefix(text: &str) -> Result<u8, (usize, RefusedKind)> {
    if !text.contains('.') && !text.starts_with("0x") && !text.starts_with("0X") {
        let digits = text.bytes().position(|byte| !byte.is_ascii_digit());
        return match (digits, text.parse::<u8>()) {
            (None, Ok(prefix)) if prefix <= 32 => Ok(prefix),
            (at, _) => Err((at.unwrap_or(0), RefusedKind::Prefix)),
        };
    }
    let mask = read_aton(text).map_err(|error| (error.at, error.kind.into()))?;
    if let Some(ignored) = mask.ignored {
        return Err((ignored.0 as usize, AtonErrorKind::Trailing.into()));
    }
    let ones = mask.address.to_bits().leading_ones();
    match mask.address.to_bits().count_ones() == ones {
        true => Ok(ones as u8),
        false => Err((0, RefusedKind::Mask { mask: mask.address })),
    }
}

/// Four times eight bits with dots between them, or 32 bits behind `0b`.
fn bits(text: &str) -> Option<Ipv4Addr> {
    let digits: String = match text.strip_prefix("0b") {
        Some(digits) => digits.chars().filter(|c| *c != '_').collect(),
        None => {
            let groups: Vec<&str> = text.split('.').collect();
            (groups.len() == 4 && groups.iter().all(|group| group.len() == 8)).then(|| groups.concat())?
        }
    };
    let right = digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0' | b'1'));
    right.then(|| u32::from_str_radix(&digits, 2).ok().map(Ipv4Addr::from_bits))?
}

fn binary(address: Ipv4Addr) -> String {
    address.octets().map(|octet| format!("{octet:08b}")).join(".")
}

fn class(address: Ipv4Addr) -> Class {
    let (name, begins, prefix) = match address.octets()[0] {
        0..128 => ('A', "0", Some(8)),
        128..192 => ('B', "10", Some(16)),
        192..224 => ('C', "110", Some(24)),
        224..240 => ('D', "1110", None),
        240..=255 => ('E', "1111", None),
    };
    Class { name, begins, prefix }
}

fn specials(address: Ipv4Addr) -> Vec<Range4> {
    let range =
        |special: &Special| Range4 { name: special.name, range: special.subnet().to_string(), source: special.source };
    let mut found: Vec<&Special> = super::SPECIAL.iter().filter(|range| range.subnet().contains(address)).collect();
    found.sort_by_key(|special| special.prefix);
    found.into_iter().map(range).collect()
}

/// Four bytes as `inet_ntoa` prints them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ntoa {
    /// The bytes.
    pub packed: Data,
    /// What they are.
    pub text: String,
}

/// Prints four bytes.
///
/// # Errors
///
/// There are more or fewer.
pub fn ntoa(packed: &[u8]) -> Result<Ntoa, PackedLength> {
    inet_ntoa(packed).map(|text| Ntoa { packed: Data::from(packed), text })
}
