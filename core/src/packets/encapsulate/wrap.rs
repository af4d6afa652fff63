//! Wrapping: a message and the parameters of its way become the bits of every frame that carries it. What a receiver
//! makes of them is `receive`'s question.

use super::peel::unwrap;
use super::receive::{Received, receive};
use super::{GAP, Level, PREAMBLE, SHORTEST_FRAME, Step, crc32};
use crate::stream::{Data, Range, from_base64};
use crate::wire::{
    self, Control, Datagram, Frame, ICMP_HEADER, IPV4_HEADER, Icmp, Ipv4, MacAddress, Packet, Segment, TCP_HEADER,
    TcpOptions, Transport, UDP_HEADER,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::net::Ipv4Addr;

/// The longest message: what fits into one UDP datagram over IPv4.
pub const LONGEST_PAYLOAD: usize = 65_535 - IPV4_HEADER - UDP_HEADER;
/// Most segments or fragments that one message becomes.
pub const MOST_UNITS: usize = 128;
/// Most bits that noise turns over.
const MOST_NOISE: usize = 64;
/// What every link of IPv4 must carry without cutting (RFC 791, 3.2).
const SMALLEST_MTU: u16 = 68;

/// A message and how it is to travel. Every part has a value to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wrapping {
    /// The message.
    pub payload: Content,
    /// What carries it.
    pub transport: Carrier,
    /// Who sends.
    pub source: Ends,
    /// Who receives.
    pub destination: Ends,
    /// TCP: sequence number of the first byte.
    pub sequence: u32,
    /// TCP: what the sender has received so far.
    pub acknowledgement: u32,
    /// TCP: the window field.
    pub window: u16,
    /// TCP: whether segments carry timestamps, as on Linux.
    pub timestamps: bool,
    /// ICMP: identifier and sequence number of the echo.
    pub echo: (u16, u16),
    /// Time to live.
    pub ttl: u8,
    /// Identification of the first packet; each further one has the next.
    pub identification: u16,
    /// Don't Fragment.
    pub dont_fragment: bool,
    /// The longest IPv4 packet that the link carries.
    pub mtu: u16,
    /// Checksums that are not to be computed.
    pub forced: Forced,
    /// Bits that the wire turns over.
    pub noise: Vec<Noise>,
}

/// What carries a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// Segments of a connection that is established.
    #[default]
    Tcp,
    /// One datagram.
    Udp,
    /// An ICMP echo.
    Icmp,
}

/// A message, typed or as bytes. JSON: `{"text":"hello"}` or `{"base64":"aGVsbG8="}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Fields")]
pub enum Content {
    /// As UTF-8.
    Text(String),
    /// As they are.
    Base64(Data),
}

/// A content as JSON has it. Serde would call an enum with both fields a mistake of JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    text: Option<String>,
    #[serde(default, deserialize_with = "base64")]
    base64: Option<Data>,
}

impl TryFrom<Fields> for Content {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        match (fields.text, fields.base64) {
            (Some(text), None) => Ok(Content::Text(text)),
            (None, Some(bytes)) => Ok(Content::Base64(bytes)),
            _ => Err("give `text` or `base64`, one of the two"),
        }
    }
}

fn base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Data>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| from_base64(&text).map(Data::from).map_err(serde::de::Error::custom)).transpose()
}

/// One end of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ends {
    /// Ethernet address.
    pub mac: MacAddress,
    /// IPv4 address.
    pub address: Ipv4Addr,
    /// Port; an ICMP message has none.
    pub port: u16,
}

/// Checksums written as they are given instead of computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Forced {
    /// Of TCP, UDP or ICMP.
    pub transport: Option<u16>,
    /// Of the IPv4 header.
    pub ipv4: Option<u16>,
    /// The frame check sequence.
    pub fcs: Option<u32>,
}

/// A bit that arrives turned over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// In which unit, from 0.
    pub unit: usize,
    /// Which bit of it, from the beginning of the preamble, the highest bit of a byte first.
    pub bit: usize,
}

impl Default for Wrapping {
    fn default() -> Self {
        let end =
            |last, port| Ends { mac: MacAddress([2, 0, 0, 0, 0, last]), address: Ipv4Addr::new(10, 0, 0, last), port };
        Wrapping {
            payload: Content::Text("hello".into()),
            transport: Carrier::Tcp,
            source: end(1, 40_000),
            destination: end(2, 8_888),
            sequence: 1_000,
            acknowledgement: 1,
            window: 64_240,
            timestamps: false,
            echo: (1, 1),
            ttl: 64,
            identification: 1,
            dont_fragment: false,
            mtu: 1_500,
            forced: Forced::default(),
            noise: Vec::new(),
        }
    }
}

impl Content {
    /// Its bytes.
    pub fn bytes(&self) -> Data {
        match self {
            Content::Text(text) => Data::from(text.as_bytes()),
            Content::Base64(data) => data.clone(),
        }
    }
}

/// A message, wrapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrapped {
    /// The message.
    pub message: Data,
    /// What carries it.
    pub transport: Carrier,
    /// Where IPv4 has to cut it: the packet as it would be, which is too long to leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole: Option<Unit>,
    /// All that leaves on the wire, one frame each.
    pub units: Vec<Unit>,
    /// What it costs.
    pub totals: Totals,
    /// What the receiver gets.
    pub received: Received,
}

/// What leaves in one frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// From the preamble to the frame check sequence, before noise.
    pub bytes: Data,
    /// Which bytes of the message it has.
    pub carries: Range,
    /// From the innermost layer to the outermost.
    pub steps: Vec<Step>,
}

/// Bytes, by what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Of the message.
    pub message: u64,
    /// Headers of the transport, or of ICMP.
    pub transport: u64,
    /// Headers of IPv4.
    pub internet: u64,
    /// Ethernet headers and frame check sequences.
    pub link: u64,
    /// Padding of frames that would be too short.
    pub padding: u64,
    /// Preambles.
    pub physical: u64,
    /// All of these.
    pub wire: u64,
    /// Pauses between frames: time in which nothing else can be sent, though they are no bytes.
    pub gap: u64,
}

/// Why a message cannot be wrapped so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// It is too long.
    #[error("a message of {length} bytes, at most {limit} are wrapped")]
    PayloadTooLong {
        /// Of the message.
        length: usize,
        /// The most.
        limit: usize,
    },
    /// The MTU is below what IPv4 needs.
    #[error("an MTU of {mtu} bytes, at least {least} needed (RFC 791, 3.2)")]
    MtuTooSmall {
        /// As given.
        mtu: u16,
        /// The least.
        least: u16,
    },
    /// It would become too many frames.
    #[error("{units} frames, at most {limit} are shown")]
    TooManyUnits {
        /// How many.
        units: usize,
        /// The most.
        limit: usize,
    },
    /// It is longer than the MTU and must not be cut.
    #[error("an IPv4 packet of {length} bytes with Don't Fragment on a link of {mtu}: the send fails with EMSGSIZE")]
    DontFragment {
        /// Of the packet.
        length: usize,
        /// As given.
        mtu: u16,
    },
    /// The noise touches a bit that is not there.
    #[error("bit {bit} of unit {unit} is not there")]
    NoSuchBit {
        /// As given.
        unit: usize,
        /// As given.
        bit: usize,
    },
    /// Too much noise.
    #[error("{bits} bits of noise, at most {limit}")]
    TooMuchNoise {
        /// As given.
        bits: usize,
        /// The most.
        limit: usize,
    },
}

impl WrapError {
    /// A stable name.
    pub fn code(&self) -> &'static str {
        match self {
            WrapError::PayloadTooLong { .. } => "payload_too_long",
            WrapError::MtuTooSmall { .. } => "mtu_too_small",
            WrapError::TooManyUnits { .. } => "too_many_units",
            WrapError::DontFragment { .. } => "dont_fragment",
            WrapError::NoSuchBit { .. } => "no_such_bit",
            WrapError::TooMuchNoise { .. } => "too_much_noise",
        }
    }

    /// The part of the request at fault.
    pub fn path(&self) -> &'static str {
        match self {
            WrapError::PayloadTooLong { .. } => "payload",
            WrapError::MtuTooSmall { .. } | WrapError::TooManyUnits { .. } => "mtu",
            WrapError::DontFragment { .. } => "dont_fragment",
            WrapError::NoSuchBit { .. } | WrapError::TooMuchNoise { .. } => "noise",
        }
    }

    /// The numbers of its sentence.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let pair =
            |a: (&'static str, usize), b: (&'static str, usize)| vec![(a.0, a.1.to_string()), (b.0, b.1.to_string())];
        match *self {
            WrapError::PayloadTooLong { length, limit } => pair(("length", length), ("limit", limit)),
            WrapError::MtuTooSmall { mtu, least } => pair(("mtu", mtu.into()), ("least", least.into())),
            WrapError::TooManyUnits { units, limit } => pair(("units", units), ("limit", limit)),
            WrapError::DontFragment { length, mtu } => pair(("length", length), ("mtu", mtu.into())),
            WrapError::NoSuchBit { unit, bit } => pair(("unit", unit), ("bit", bit)),
            WrapError::TooMuchNoise { bits, limit } => pair(("bits", bits), ("limit", limit)),
        }
    }
}

/// A packet, and which bytes of the message it has.
type Portion = (Ipv4, Range);

/// Wraps a message.
pub fn wrap(wrapping: &Wrapping) -> Result<Wrapped, WrapError> {
    let message = wrapping.payload.bytes();
    let limit = LONGEST_PAYLOAD;
    if message.len() > limit {
        return Err(WrapError::PayloadTooLong { length: message.len(), limit });
    }
    if wrapping.mtu < SMALLEST_MTU {
        return Err(WrapError::MtuTooSmall { mtu: wrapping.mtu, least: SMALLEST_MTU });
    }
    let (packets, whole) = match wrapping.transport {
        Carrier::Tcp => (wrapping.segments(&message)?, None),
        Carrier::Udp | Carrier::Icmp => wrapping.fragments(&message)?,
    };
    let mut units: Vec<Unit> =
        packets.iter().map(|(packet, carries)| unit(wrapping.on_the_wire(packet), *carries)).collect();
    let totals = totals(&message, &units, whole.as_ref());
    let arrived = wrapping.arrived(&units)?;
    let received = receive(&arrived, wrapping.transport, wrapping.sequence);
    if let [only] = &mut units[..] {
        only.carries = Range(0, message.len() as u64);
    }
    Ok(Wrapped { message, transport: wrapping.transport, whole, units, totals, received })
}

impl Wrapping {
    fn options(&self) -> TcpOptions {
        TcpOptions { timestamps: self.timestamps.then_some((1, 0)), ..TcpOptions::default() }
    }

    fn ipv4(&self, number: usize, payload: Transport) -> Ipv4 {
        Ipv4 {
            source: self.source.address,
            destination: self.destination.address,
            ttl: self.ttl,
            tos: 0,
            identification: self.identification.wrapping_add(number as u16),
            dont_fragment: self.dont_fragment,
            more_fragments: false,
            fragment_offset: 0,
            payload,
        }
    }

    /// TCP cuts the message itself, so that IPv4 need not (RFC 9293, 3.7.1).
    fn segments(&self, message: &Data) -> Result<Vec<Portion>, WrapError> {
        let options = self.options();
        let most = usize::from(self.mtu) - IPV4_HEADER - TCP_HEADER - options.length();
        let count = message.len().div_ceil(most).max(1);
        if count > MOST_UNITS {
            return Err(WrapError::TooManyUnits { units: count, limit: MOST_UNITS });
        }
        let segments = (0..count).map(|number| {
            let start = number * most;
            let end = (start + most).min(message.len());
            let segment = Segment {
                source_port: self.source.port,
                destination_port: self.destination.port,
                sequence: self.sequence.wrapping_add(start as u32),
                acknowledgement: self.acknowledgement,
                control: Control { ack: true, psh: number + 1 == count, ..Control::default() },
                window: self.window,
                urgent: 0,
                options: options.clone(),
                payload: Data(message.0.slice(start..end)),
            };
            (self.forced_transport(self.ipv4(number, Transport::Tcp(segment))), Range(start as u64, end as u64))
        });
        Ok(segments.collect())
    }

    /// UDP and ICMP keep a message whole: IPv4 cuts it where the link is too narrow (RFC 791, 3.2).
    fn fragments(&self, message: &Data) -> Result<(Vec<Portion>, Option<Unit>), WrapError> {
        let payload = message.clone();
        let (source_port, destination_port) = (self.source.port, self.destination.port);
        let transport = match self.transport {
            Carrier::Icmp => {
                let rest = u32::from(self.echo.0) << 16 | u32::from(self.echo.1);
                Transport::Icmp(Icmp { kind: 8, code: 0, rest, data: payload })
            }
            _ => Transport::Udp(Datagram { source_port, destination_port, payload }),
        };
        let packet = self.forced_transport(self.ipv4(0, transport));
        let length = packet.length();
        if length <= usize::from(self.mtu) {
            return Ok((vec![(packet, Range(0, message.len() as u64))], None));
        }
        if self.dont_fragment {
            return Err(WrapError::DontFragment { length, mtu: self.mtu });
        }
        let header = if self.transport == Carrier::Icmp { ICMP_HEADER } else { UDP_HEADER } as u64;
        let fragments = wire::fragment(&packet, self.mtu);
        if fragments.len() > MOST_UNITS {
            return Err(WrapError::TooManyUnits { units: fragments.len(), limit: MOST_UNITS });
        }
        let fragments = fragments.into_iter().map(|fragment| {
            let start = u64::from(fragment.fragment_offset);
            let end = start + fragment.payload.length() as u64;
            (fragment, Range(start.saturating_sub(header), end.saturating_sub(header)))
        });
        Ok((fragments.collect(), Some(whole(&packet, message.len()))))
    }

    /// The packet with the checksum of its transport as it is to be. The bytes then travel as they are.
    fn forced_transport(&self, packet: Ipv4) -> Ipv4 {
        let Some(forced) = self.forced.transport else { return packet };
        let protocol = packet.payload.protocol();
        let mut bytes = wire::encode_ipv4(&packet)[IPV4_HEADER..].to_vec();
        let at = match self.transport {
            Carrier::Tcp => 16,
            Carrier::Udp => 6,
            Carrier::Icmp => 2,
        };
        bytes[at..at + 2].copy_from_slice(&forced.to_be_bytes());
        Ipv4 { payload: Transport::Other { protocol, data: bytes.into() }, ..packet }
    }

    /// Preamble, padded frame and frame check sequence.
    fn on_the_wire(&self, packet: &Ipv4) -> Vec<u8> {
        let payload = Packet::Ipv4(packet.clone());
        let frame = Frame { destination: self.destination.mac, source: self.source.mac, payload };
        let mut frame = wire::encode(&frame).to_vec();
        if let Some(forced) = self.forced.ipv4 {
            let at = wire::ETHERNET_HEADER + 10;
            frame[at..at + 2].copy_from_slice(&forced.to_be_bytes());
        }
        frame.resize(frame.len().max(SHORTEST_FRAME), 0);
        let fcs = self.forced.fcs.unwrap_or_else(|| crc32(&frame));
        [&PREAMBLE[..], &frame, &fcs.to_le_bytes()].concat()
    }

    /// The units as they come out of the wire.
    fn arrived(&self, units: &[Unit]) -> Result<Vec<Data>, WrapError> {
        let bits = self.noise.len();
        if bits > MOST_NOISE {
            return Err(WrapError::TooMuchNoise { bits, limit: MOST_NOISE });
        }
        let mut arrived: Vec<Vec<u8>> = units.iter().map(|unit| unit.bytes.to_vec()).collect();
        for &Noise { unit, bit } in &self.noise {
            let byte = arrived.get_mut(unit).and_then(|bytes| bytes.get_mut(bit / 8));
            *byte.ok_or(WrapError::NoSuchBit { unit, bit })? ^= 0x80 >> (bit % 8);
        }
        Ok(arrived.into_iter().map(Data::from).collect())
    }
}

fn unit(bytes: Vec<u8>, carries: Range) -> Unit {
    let mut steps = unwrap(&bytes).expect("a unit is no longer than what is unwrapped").steps;
    steps.reverse();
    Unit { bytes: bytes.into(), carries, steps }
}

/// The packet before IPv4 cuts it.
fn whole(packet: &Ipv4, length: usize) -> Unit {
    let bytes = wire::encode_ipv4(packet);
    let mut steps = unwrap(&bytes).expect("an IPv4 packet is no longer than what is unwrapped").steps;
    steps.reverse();
    Unit { bytes: Data(bytes), carries: Range(0, length as u64), steps }
}

fn totals(message: &Data, units: &[Unit], whole: Option<&Unit>) -> Totals {
    let mut totals = Totals { message: message.len() as u64, ..Totals::default() };
    let transport = |step: &&Step| step.level == Level::Transport || step.protocol == super::Protocol::Icmp;
    // A datagram has one header, however many fragments it becomes.
    let whole_steps = whole.iter().flat_map(|whole| &whole.steps);
    totals.transport = whole_steps.filter(transport).map(|step| step.added).sum();
    for unit in units {
        for step in &unit.steps {
            let padding = step.fields.iter().find(|field| field.name == "ethernet.padding");
            let padding = padding.map_or(0, |field| field.bits as u64 / 8);
            match step.level {
                Level::Internet if step.protocol == super::Protocol::Icmp => totals.transport += step.added,
                Level::Transport if step.protocol != super::Protocol::Fragment => totals.transport += step.added,
                Level::Internet => totals.internet += step.added,
                Level::Link => {
                    totals.link += step.added - padding;
                    totals.padding += padding;
                }
                Level::Physical => totals.physical += step.added,
                Level::Application | Level::Transport => {}
            }
        }
        totals.wire += unit.bytes.len() as u64;
    }
    totals.gap = (units.len() * GAP) as u64;
    totals
}
