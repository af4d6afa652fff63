//! The fields of the form: what stands in the address, what core is asked with it, and what does not fit.

use crate::model::tools::state::State;
use sockscope_core::packets::encapsulate::{Carrier, Content, Noise, Wrapping};

/// A field that is typed. Its key in the address is short, so that links are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Input {
    SourceMac,
    SourceAddress,
    SourcePort,
    DestinationMac,
    DestinationAddress,
    DestinationPort,
    Sequence,
    Acknowledgement,
    Window,
    Ttl,
    Identification,
    Mtu,
    ForcedTransport,
    ForcedIpv4,
    ForcedFcs,
    NoisyBit,
}

impl Input {
    /// All of them.
    pub const ALL: [Input; 16] = [
        Input::SourceMac,
        Input::SourceAddress,
        Input::SourcePort,
        Input::DestinationMac,
        Input::DestinationAddress,
        Input::DestinationPort,
        Input::Sequence,
        Input::Acknowledgement,
        Input::Window,
        Input::Ttl,
        Input::Identification,
        Input::Mtu,
        Input::ForcedTransport,
        Input::ForcedIpv4,
        Input::ForcedFcs,
        Input::NoisyBit,
    ];

    /// Its key in the address.
    pub fn key(self) -> &'static str {
        match self {
            Input::SourceMac => "sm",
            Input::SourceAddress => "sa",
            Input::SourcePort => "sp",
            Input::DestinationMac => "dm",
            Input::DestinationAddress => "da",
            Input::DestinationPort => "dp",
            Input::Sequence => "seq",
            Input::Acknowledgement => "ack",
            Input::Window => "win",
            Input::Ttl => "ttl",
            Input::Identification => "id",
            Input::Mtu => "mtu",
            Input::ForcedTransport => "ct",
            Input::ForcedIpv4 => "ci",
            Input::ForcedFcs => "cf",
            Input::NoisyBit => "bit",
        }
    }

    /// What it holds where nothing was typed; nothing for what is computed.
    pub fn usual(self) -> String {
        let usual = Wrapping::default();
        match self {
            Input::SourceMac => usual.source.mac.to_string(),
            Input::SourceAddress => usual.source.address.to_string(),
            Input::SourcePort => usual.source.port.to_string(),
            Input::DestinationMac => usual.destination.mac.to_string(),
            Input::DestinationAddress => usual.destination.address.to_string(),
            Input::DestinationPort => usual.destination.port.to_string(),
            Input::Sequence => usual.sequence.to_string(),
            Input::Acknowledgement => usual.acknowledgement.to_string(),
            Input::Window => usual.window.to_string(),
            Input::Ttl => usual.ttl.to_string(),
            Input::Identification => usual.identification.to_string(),
            Input::Mtu => usual.mtu.to_string(),
            Input::ForcedTransport | Input::ForcedIpv4 | Input::ForcedFcs | Input::NoisyBit => String::new(),
        }
    }

    /// Writes what was typed into the order; whether it fits.
    fn put(self, typed: &str, order: &mut Wrapping, unit: usize) -> bool {
        fn set<T>(slot: &mut T, value: Option<T>) -> bool {
            value.map(|value| *slot = value).is_some()
        }
        let typed = typed.trim();
        match self {
            Input::SourceMac => set(&mut order.source.mac, mac(typed)),
            Input::SourceAddress => set(&mut order.source.address, typed.parse().ok()),
            Input::SourcePort => set(&mut order.source.port, number(typed)),
            Input::DestinationMac => set(&mut order.destination.mac, mac(typed)),
            Input::DestinationAddress => set(&mut order.destination.address, typed.parse().ok()),
            Input::DestinationPort => set(&mut order.destination.port, number(typed)),
            Input::Sequence => set(&mut order.sequence, number(typed)),
            Input::Acknowledgement => set(&mut order.acknowledgement, number(typed)),
            Input::Window => set(&mut order.window, number(typed)),
            Input::Ttl => set(&mut order.ttl, number(typed)),
            Input::Identification => set(&mut order.identification, number(typed)),
            Input::Mtu => set(&mut order.mtu, number(typed)),
            Input::ForcedTransport => number(typed).map(|value| order.forced.transport = Some(value)).is_some(),
            Input::ForcedIpv4 => number(typed).map(|value| order.forced.ipv4 = Some(value)).is_some(),
            Input::ForcedFcs => number(typed).map(|value| order.forced.fcs = Some(value)).is_some(),
            Input::NoisyBit => {
                number::<u32>(typed).map(|bit| order.noise.push(Noise { unit, bit: bit as usize })).is_some()
            }
        }
    }
}

/// A number, in decimal or with `0x` in hexadecimal.
fn number<T: TryFrom<u64>>(typed: &str) -> Option<T> {
    let value = match typed.strip_prefix("0x").or_else(|| typed.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?,
        None => typed.parse::<u64>().ok()?,
    };
    T::try_from(value).ok()
}

fn mac(typed: &str) -> Option<sockscope_core::wire::MacAddress> {
    let mut bytes = [0; 6];
    let mut parts = typed.split([':', '-']);
    for byte in &mut bytes {
        let part = parts.next().filter(|part| (1..=2).contains(&part.len()))?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(sockscope_core::wire::MacAddress(bytes))
}

/// The carrier in the address.
pub fn carrier(state: &State) -> Carrier {
    match state.get("c") {
        Some("udp") => Carrier::Udp,
        Some("icmp") => Carrier::Icmp,
        _ => Carrier::Tcp,
    }
}

/// The word of a carrier in the address.
pub fn carrier_word(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Tcp => "",
        Carrier::Udp => "udp",
        Carrier::Icmp => "icmp",
    }
}

/// What core is to wrap, and the fields whose text does not fit: those keep their value.
pub fn order(state: &State, message: &[u8]) -> (Wrapping, Vec<Input>) {
    let mut order = Wrapping {
        payload: Content::Base64(message.into()),
        transport: carrier(state),
        timestamps: state.has("ts"),
        dont_fragment: state.has("df"),
        ..Wrapping::default()
    };
    let unit = state.number("u").unwrap_or(0);
    let wrong = Input::ALL
        .into_iter()
        .filter(|input| state.get(input.key()).is_some_and(|typed| !input.put(typed, &mut order, unit)))
        .collect();
    (order, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_reaches_core_and_what_does_not_fit_is_named() {
        let state = State::read("#c=udp&dp=53&ttl=1&seq=0x10&ct=0xffff&sm=aa:bb:cc:dd:ee:ff&id=70000&bit=99&u=2");
        let (order, wrong) = self::order(&state, b"hi");
        assert_eq!((order.transport, order.destination.port, order.ttl), (Carrier::Udp, 53, 1));
        assert_eq!((order.sequence, order.forced.transport), (16, Some(0xffff)));
        assert_eq!(order.source.mac.to_string(), "aa:bb:cc:dd:ee:ff");
        assert_eq!(order.noise, [Noise { unit: 2, bit: 99 }]);
        assert_eq!((wrong, order.identification), (vec![Input::Identification], 1));
    }

    #[test]
    fn what_the_form_shows_at_first_is_what_core_begins_with() {
        for input in Input::ALL {
            let mut order = Wrapping::default();
            let usual = input.usual();
            assert!(usual.is_empty() || input.put(&usual, &mut order, 0), "{input:?} refuses {usual}");
            assert_eq!(order, Wrapping::default(), "{input:?}");
        }
    }
}
