//! Quantities as a scenario writes them: `10ms`, `1.5s`, `10Mbit`, `10.0.0.2/24`. Text to value and back.

use crate::time::Duration;
use std::net::Ipv4Addr;

/// Reads `10ms`, `1.5s`, `30s`, `200us`, `2min`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let micros: f64 = match unit {
        "us" | "µs" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "min" => 60e6,
        _ => return None,
    };
    let value = (number * micros).round();
    (value <= 1e15).then_some(Duration::from_micros(value as u64))
}

/// The shortest way to write a duration that [`duration`] reads back exactly.
pub(super) fn write_duration(duration: Duration) -> String {
    let micros = duration.as_micros();
    match micros {
        0 => "0ms".into(),
        m if m % 1_000_000 == 0 => format!("{}s", m / 1_000_000),
        m if m % 1_000 == 0 => format!("{}ms", m / 1_000),
        m => format!("{m}us"),
    }
}

/// Reads `56kbit`, `10Mbit`, `1Gbit`, `9600bit`, in bits per second.
pub(super) fn rate(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor = match unit {
        "bit" => 1.0,
        "kbit" => 1e3,
        "Mbit" => 1e6,
        "Gbit" => 1e9,
        _ => return None,
    };
    let value = (number * factor).round();
    (value <= 1e15).then_some(value as u64)
}

/// The shortest way to write a rate that [`rate`] reads back exactly.
pub(super) fn write_rate(rate: u64) -> String {
    match rate {
        r if r > 0 && r % 1_000_000_000 == 0 => format!("{}Gbit", r / 1_000_000_000),
        r if r > 0 && r % 1_000_000 == 0 => format!("{}Mbit", r / 1_000_000),
        r if r > 0 && r % 1_000 == 0 => format!("{}kbit", r / 1_000),
        r => format!("{r}bit"),
    }
}

/// A number without sign or exponent, and the unit behind it.
fn split(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if !number.starts_with(|c: char| c.is_ascii_digit()) || number.ends_with('.') || number.len() > 20 {
        return None;
    }
    Some((number.parse().ok()?, unit.trim_start()))
}

/// Reads `10.0.0.2/24`; without a prefix it is 24.
pub(super) fn address(text: &str) -> Option<(Ipv4Addr, u8)> {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "24"));
    let plain = !prefix.is_empty() && prefix.len() <= 2 && prefix.bytes().all(|byte| byte.is_ascii_digit());
    let prefix: u8 = if plain { prefix.parse().ok()? } else { return None };
    (prefix <= 32).then_some((address.parse().ok()?, prefix))
}

/// The bits of the network part.
pub(super) fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, micros) in [("10ms", 10_000), ("1.5s", 1_500_000), ("30s", 30_000_000), ("250us", 250), ("0ms", 0)] {
            assert_eq!(duration(text), Some(Duration::from_micros(micros)), "{text}");
            assert_eq!(duration(&write_duration(Duration::from_micros(micros))), Some(Duration::from_micros(micros)));
        }
        for text in ["", "10", "ms", "-1ms", "1e3s", "1.s", ".5s", "10 parsecs", "99999999999999999999s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn rates_are_read_and_written() {
        for (text, bits) in [("10Mbit", 10_000_000), ("56kbit", 56_000), ("9600bit", 9_600), ("2.5Gbit", 2_500_000_000)]
        {
            assert_eq!(rate(text), Some(bits), "{text}");
            assert_eq!(rate(&write_rate(bits)), Some(bits));
        }
        assert_eq!(rate("10mbit"), None, "a millibit is not meant");
    }

    #[test]
    fn addresses_carry_a_prefix() {
        assert_eq!(address("10.0.0.2/8"), Some(("10.0.0.2".parse().unwrap(), 8)));
        assert_eq!(address("10.0.0.2"), Some(("10.0.0.2".parse().unwrap(), 24)));
        for text in ["10.0.0/24", "10.0.0.256/24", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/+8", "::1/64"] {
            assert_eq!(address(text), None, "{text}");
        }
        assert_eq!((mask(0), mask(24), mask(32)), (0, 0xffff_ff00, u32::MAX));
    }
}
