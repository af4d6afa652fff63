//! The Internet checksum (RFC 1071) and the pseudo-header that UDP and TCP put before it. No field is written here.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A running ones' complement sum of 16-bit words.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sum {
    /// Numbers.
    numbers: u64,
    /// Bytes, added in the machine's own order: the sum is the same with its two bytes exchanged (RFC 1071, 2 B), and
    /// exchanging once is cheaper than exchanging every word.
    native: u64,
}

impl Sum {
    /// The pseudo-header of UDP (RFC 768) and TCP (RFC 9293, 3.1).
    pub(crate) fn pseudo_header(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, length: usize) -> Self {
        let addresses = u64::from(source.to_bits()) + u64::from(destination.to_bits());
        Sum { numbers: addresses + u64::from(protocol) + length as u64, native: 0 }
    }

    /// The pseudo-header of IPv6 (RFC 8200, 8.1).
    pub(crate) fn pseudo_header_6(source: Ipv6Addr, destination: Ipv6Addr, protocol: u8, length: usize) -> Self {
        let sum = Sum { numbers: u64::from(protocol) + length as u64, native: 0 };
        sum.add(&source.octets()).add(&destination.octets())
    }

    /// Adds bytes; an odd last byte counts as if a zero byte followed, so only the last piece may be odd.
    pub(crate) fn add(mut self, bytes: &[u8]) -> Self {
        // Words of 32 bits keep the sum right: 2^16 is congruent to 1 modulo 2^16 - 1.
        let (words, rest) = bytes.as_chunks::<4>();
        self.native += words.iter().map(|word| u64::from(u32::from_ne_bytes(*word))).sum::<u64>();
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        self.native += u64::from(u32::from_ne_bytes(last));
        self
    }

    /// Takes a 16-bit word out again, by adding its complement (RFC 1624).
    pub(crate) fn without(self, word: u16) -> Self {
        Sum { numbers: self.numbers + u64::from(!word), ..self }
    }

    /// The checksum field for what was added with that field zero.
    pub(crate) fn checksum(self) -> u16 {
        !fold(self.numbers + u64::from(u16::from_be(fold(self.native))))
    }
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071_gives_its_sum() {
        let sum = Sum::default().add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
        assert_eq!(!sum.checksum(), 0xddf2);
    }

    #[test]
    fn bytes_sum_the_same_however_they_are_grouped() {
        let bytes: Vec<u8> = (0..=254).map(|byte: u8| byte.wrapping_mul(37)).collect();
        for end in 0..bytes.len() {
            let slow: u64 = bytes[..end]
                .chunks(2)
                .map(|pair| u64::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)])))
                .sum();
            assert_eq!(Sum::default().add(&bytes[..end]).checksum(), !fold(slow), "{end} bytes");
        }
    }

    #[test]
    fn a_header_with_its_checksum_in_place_sums_to_zero() {
        let header = [
            0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8,
            0x00, 0xc7,
        ];
        assert_eq!(Sum::default().add(&header).checksum(), 0);
    }
}
