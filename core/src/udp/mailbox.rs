//! The datagrams that have arrived at a socket and wait to be read. Which socket that is, is not known here.

use crate::stream::Data;
use std::collections::VecDeque;
use std::net::SocketAddrV4;

/// The usual `net.core.rmem_default`.
pub const DEFAULT_BUFFER: usize = 212_992;

/// Room that a datagram's buffer has beside its payload: headers in front, `skb_shared_info` behind.
const AROUND: usize = 64 + 320;
/// The buffer that every short datagram gets (`SKB_SMALL_HEAD_SIZE`).
const SMALL: usize = 576;
/// The structure that describes a buffer (`struct sk_buff`).
const STRUCTURE: usize = 256;

/// A datagram that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Who sent it.
    pub from: SocketAddrV4,
    /// Where it was sent to: a broadcast address, or this host's.
    pub to: SocketAddrV4,
    /// Its payload.
    pub data: Data,
}

/// A receive buffer: whole datagrams in the order of arrival, dropped where there is no room.
#[derive(Clone, Debug)]
pub struct Mailbox {
    waiting: VecDeque<Received>,
    charged: usize,
    bytes: usize,
    size: usize,
}

impl Default for Mailbox {
    fn default() -> Self {
        Mailbox { waiting: VecDeque::new(), charged: 0, bytes: 0, size: DEFAULT_BUFFER }
    }
}

impl Mailbox {
    /// Takes a datagram in; `false` if there is no room and it is lost.
    pub fn deliver(&mut self, received: Received) -> bool {
        let charge = charge(&received.data);
        if self.charged + charge > self.size {
            return false;
        }
        self.charged += charge;
        self.bytes += received.data.len();
        self.waiting.push_back(received);
        true
    }

    /// The oldest datagram, left where it is.
    pub fn peek(&self) -> Option<&Received> {
        self.waiting.front()
    }

    /// The oldest datagram.
    pub fn take(&mut self) -> Option<Received> {
        let received = self.waiting.pop_front()?;
        self.charged -= charge(&received.data);
        self.bytes -= received.data.len();
        Some(received)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Payload bytes that wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The size that `SO_RCVBUF` reports.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Sets the size; what waits stays.
    pub fn set_size(&mut self, size: usize) {
        self.size = size;
    }

    /// Keeps only what `keep` agrees to: a socket that becomes connected hears one peer.
    pub fn retain(&mut self, keep: impl Fn(&Received) -> bool) {
        self.waiting.retain(keep);
        self.charged = self.waiting.iter().map(|received| charge(&received.data)).sum();
        self.bytes = self.waiting.iter().map(|received| received.data.len()).sum();
    }
}

/// What a datagram takes of the buffer: as Linux 6.18 was seen to charge it, 832 bytes for 1 or 100, 2,304 for 1,000.
fn charge(data: &Data) -> usize {
    let room = data.len() + AROUND;
    STRUCTURE + if room <= SMALL { SMALL } else { room.next_power_of_two() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(text: &str) -> Received {
        let end = "10.0.0.1:1".parse().unwrap();
        Received { from: end, to: end, data: Data::from(text.as_bytes()) }
    }

    #[test]
    fn datagrams_come_out_in_order_and_whole() {
        let mut mailbox = Mailbox::default();
        assert!(mailbox.deliver(datagram("one")) && mailbox.deliver(datagram("two")));
        assert_eq!(mailbox.bytes(), 6);
        assert_eq!(mailbox.take(), Some(datagram("one")));
        assert_eq!(mailbox.take(), Some(datagram("two")));
        assert_eq!((mailbox.take(), mailbox.bytes()), (None, 0));
    }

    #[test]
    fn a_full_mailbox_loses_what_comes_next() {
        let mut mailbox = Mailbox::default();
        for (size, length, fit) in [(2_304, 1, 2), (10_000, 1_000, 4), (100_000, 100, 120)] {
            mailbox.set_size(size);
            let text = "x".repeat(length);
            let taken = (0..200).filter(|_| mailbox.deliver(datagram(&text))).count();
            assert_eq!(taken, fit, "of {length} bytes in {size}");
            mailbox.take();
            assert!(mailbox.deliver(datagram(&text)), "reading makes room");
            while mailbox.take().is_some() {}
        }
    }
}
