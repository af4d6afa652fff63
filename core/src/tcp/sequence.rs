//! Sequence numbers: 32-bit arithmetic that wraps (RFC 9293, 3.4), and positions that do not. It knows no segment.

/// A place in one direction of a connection, counted from its initial sequence number without wrapping:
/// SYN is 0, the first byte 1. Negative: older than the connection.
pub type Position = i64;

/// Whether sequence number `a` comes before `b`: the difference as a signed 32-bit number is negative.
pub const fn before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

/// The sequence numbers of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    initial: u32,
}

impl Space {
    /// The space that begins at this initial sequence number.
    pub const fn new(initial: u32) -> Self {
        Space { initial }
    }

    /// The number that stands in a header for `position`.
    pub const fn number(self, position: Position) -> u32 {
        self.initial.wrapping_add(position as u32)
    }

    /// The position nearest to `near` that `number` can mean: within 2 GiB either way.
    pub const fn position(self, number: u32, near: Position) -> Position {
        near + number.wrapping_sub(self.number(near)) as i32 as i64
    }
}

/// An initial sequence number: a clock of 4 µs ticks plus a hash of both ends and a secret (RFC 9293, 3.4.1; RFC 6528).
/// The secret is the seed, so a run repeats.
pub fn initial(
    seed: u64,
    local: std::net::SocketAddrV4,
    remote: std::net::SocketAddrV4,
    now: crate::time::Instant,
) -> u32 {
    (now.as_micros() / 4).wrapping_add(mix(seed, local, remote)) as u32
}

/// A number that looks random and depends only on the arguments.
pub(super) fn mix(seed: u64, local: std::net::SocketAddrV4, remote: std::net::SocketAddrV4) -> u64 {
    let ends = (u64::from(local.ip().to_bits()) << 32) | u64::from(remote.ip().to_bits());
    let ports = (u64::from(local.port()) << 16) | u64::from(remote.port());
    scramble(scramble(scramble(seed) ^ ends) ^ ports)
}

/// The finaliser of SplitMix64: every input bit reaches every output bit.
const fn scramble(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_across_the_wrap() {
        assert!(before(0xffff_fff0, 5));
        assert!(!before(5, 0xffff_fff0));
        assert!(!before(7, 7));
    }

    #[test]
    fn positions_grow_past_the_wrap() {
        let space = Space::new(0xffff_fffe);
        assert_eq!(space.number(3), 1);
        assert_eq!(space.position(1, 0), 3);
        let far = 10 * (1i64 << 32) + 77;
        assert_eq!(space.position(space.number(far + 1000), far), far + 1000);
        assert_eq!(space.position(space.number(far - 1000), far), far - 1000);
    }

    #[test]
    fn a_number_before_the_initial_one_is_negative() {
        assert_eq!(Space::new(100).position(90, 0), -10);
    }

    #[test]
    fn initial_numbers_differ_by_port_and_repeat_by_seed() {
        let a = "10.0.0.1:4000".parse().unwrap();
        let b = "10.0.0.2:80".parse().unwrap();
        let c = "10.0.0.1:4001".parse().unwrap();
        let now = crate::time::Instant::from_micros(44);
        assert_eq!(initial(1, a, b, now), initial(1, a, b, now));
        assert_ne!(initial(1, a, b, now), initial(1, c, b, now));
        assert_ne!(initial(1, a, b, now), initial(2, a, b, now));
    }
}
