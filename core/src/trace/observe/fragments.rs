//! Which frames are pieces of which datagram, and at which hosts all of them have arrived.
//! What the pieces make together is `wire::reassembly`'s work.

use super::Flow;
use crate::time::Instant;
use crate::wire::reassembly::Reassembly;
use crate::wire::{FrameId, Ipv4};
use std::collections::{BTreeMap, BTreeSet};

/// Host, source, destination, protocol, identification: pieces with the same belong together.
type Key = (usize, u32, u32, u8, u16);

/// A datagram made whole: its first frame, the others, the packet.
type Whole = (FrameId, Vec<FrameId>, Ipv4);

/// Every fragmented datagram of a run.
#[derive(Debug, Default)]
pub(super) struct Groups {
    open: BTreeMap<Key, usize>,
    groups: Vec<Group>,
    /// The group of each frame that is a fragment, copies included, and the frame it is a copy of.
    members: BTreeMap<FrameId, (usize, FrameId)>,
    reassembly: BTreeMap<usize, Reassembly>,
}

#[derive(Debug, Default)]
struct Group {
    flow: Option<Flow>,
    /// In the order they were sent.
    frames: Vec<FrameId>,
    whole: bool,
    /// By host: frames that have arrived.
    arrived: BTreeMap<usize, BTreeSet<FrameId>>,
}

impl Groups {
    /// A fragment was sent; `named` is the conversation, if this is the piece with the ports. Returns the datagram's
    /// conversation as far as it is known, and the datagram with the last piece.
    pub(super) fn sent(
        &mut self,
        now: Instant,
        host: usize,
        frame: FrameId,
        packet: &Ipv4,
        named: Option<Flow>,
    ) -> (Option<Flow>, Option<Whole>) {
        let protocol = packet.payload.protocol();
        let key = (host, packet.source.to_bits(), packet.destination.to_bits(), protocol, packet.identification);
        let index = *self.open.entry(key).or_insert_with(|| {
            self.groups.push(Group::default());
            self.groups.len() - 1
        });
        let group = &mut self.groups[index];
        group.flow = group.flow.or(named);
        group.frames.push(frame);
        self.members.insert(frame, (index, frame));
        let whole = match self.reassembly.entry(host).or_default().handle_packet(now, packet.clone()) {
            Ok(None) => None,
            Ok(Some(packet)) => {
                group.whole = true;
                let (first, rest) = group.frames.split_first().expect("this frame is in it");
                self.open.remove(&key);
                Some((*first, rest.to_vec(), packet))
            }
            Err(_) => {
                self.open.remove(&key);
                None
            }
        };
        (group.flow, whole)
    }

    /// The link made a copy of a frame.
    pub(super) fn copy(&mut self, original: FrameId, copy: FrameId) {
        if let Some(member) = self.members.get(&original).copied() {
            self.members.insert(copy, member);
        }
    }

    /// A fragment arrived; returns the datagram's first frame if it is the last one missing there.
    pub(super) fn delivered(&mut self, host: usize, frame: FrameId) -> Option<FrameId> {
        let &(index, original) = self.members.get(&frame)?;
        let group = &mut self.groups[index];
        let arrived = group.arrived.entry(host).or_default();
        let last = arrived.insert(original) && group.whole && arrived.len() == group.frames.len();
        last.then(|| group.frames[0])
    }
}
