//! The datagrams that have arrived at a socket and wait to be read. Which socket that is, is not known here.

use crate::stream::Data;
use std::collections::VecDeque;
use std::net::SocketAddrV4;

/// The usual `net.core.rmem_default`.
pub const DEFAULT_BUFFER: usize = 212_992;

/// What Linux charges a datagram's buffer beyond its bytes: the socket buffer's own structures.
const OVERHEAD: usize = 576;
/// The least it charges.
const LEAST: usize = 768;

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
    ///
    /// Linux compares what is charged so far, not what would be: the last datagram may overshoot (`__udp_enqueue_schedule_skb`).
    pub fn deliver(&mut self, received: Received) -> bool {
        if self.charged > self.size {
            return false;
        }
        self.charged += charge(&received.data);
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

fn charge(data: &Data) -> usize {
    (data.len() + OVERHEAD).max(LEAST)
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
        mailbox.set_size(2304);
        let taken = (0..10).filter(|_| mailbox.deliver(datagram("x"))).count();
        assert_eq!(taken, 4, "three fit, a fourth overshoots");
        mailbox.take();
        mailbox.take();
        assert!(mailbox.deliver(datagram("y")));
    }
}
