//! One IPv4 packet into fragments that fit a link (RFC 791, 3.2). Putting them together again is `reassembly`.

use super::encode::encode_transport;
use super::{IPV4_HEADER, Ipv4, Transport};
use crate::stream::Data;

/// The packets that carry `packet` over a link whose largest IP packet is `mtu` bytes: itself where it fits.
///
/// The fragments keep its identification; it is the sender's duty to give each packet its own. Don't Fragment is not
/// looked at: with it set, the sender answers `EMSGSIZE` or a router answers with ICMP, and neither fragments.
///
/// ```
/// # use sockscope_core::wire::{self, Datagram, Ipv4, Transport};
/// # let datagram = Datagram { source_port: 1, destination_port: 2, payload: vec![0; 3000].into() };
/// # let packet = Ipv4 {
/// #     source: "10.0.0.1".parse().unwrap(), destination: "10.0.0.2".parse().unwrap(), ttl: 64, tos: 0,
/// #     identification: 7, dont_fragment: false, more_fragments: false, fragment_offset: 0,
/// #     payload: Transport::Udp(datagram),
/// # };
/// let offsets: Vec<u16> = wire::fragment(&packet, 1500).iter().map(|piece| piece.fragment_offset).collect();
/// assert_eq!(offsets, [0, 1480, 2960]);
/// ```
pub fn fragment(packet: &Ipv4, mtu: u16) -> Vec<Ipv4> {
    if packet.length() <= usize::from(mtu) {
        return vec![packet.clone()];
    }
    let bytes = encode_transport(packet);
    // All but the last carry a multiple of eight bytes, and a fragment always carries some.
    let step = (usize::from(mtu).saturating_sub(IPV4_HEADER) & !7).max(8);
    (0..bytes.len())
        .step_by(step)
        .map(|start| {
            let end = (start + step).min(bytes.len());
            Ipv4 {
                more_fragments: packet.more_fragments || end < bytes.len(),
                fragment_offset: packet.fragment_offset + start as u16,
                payload: Transport::Other { protocol: packet.payload.protocol(), data: Data(bytes.slice(start..end)) },
                ..*packet
            }
        })
        .collect()
}
