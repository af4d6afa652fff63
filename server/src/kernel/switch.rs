//! The switch of the isolated kind: reads frames from every host's TAP device, passes each through the scenario's link by
//! the wall clock, and writes it to where it goes. What it sees becomes events; it changes no frame.

use super::states::States;
use bytes::Bytes;
use rustix::fd::OwnedFd;
use sockscope_core::link::{Class, Link, Sent, Verdict};
use sockscope_core::scenario::Scenario;
use sockscope_core::time::{Duration, Instant};
use sockscope_core::trace::{Contents, Event, Evidence, Observer, Sighting};
use sockscope_core::wire::{self, Frame, FrameId, MacAddress};
use std::rc::Rc;
use std::sync::Arc;

/// The longest frame a TAP device gives: the largest MTU a scenario may set, an Ethernet header, a VLAN tag.
const LONGEST: usize = 9_000 + 18;

/// EtherType of IPv6. Hosts have none; where it could not be switched off, what it announces is no part of the run.
const IPV6: [u8; 2] = [0x86, 0xdd];

/// A frame under way.
#[derive(Clone, Debug)]
struct InFlight {
    frame: FrameId,
    /// The number of the copy that the link makes, if it makes one.
    copy: Option<FrameId>,
    bytes: Bytes,
    content: Option<Rc<Frame>>,
}

/// The switch and what it has seen.
#[derive(Debug)]
pub struct Switch {
    macs: Vec<MacAddress>,
    link: Link<InFlight>,
    frames: FrameId,
    /// The states of every connection, as far as frames show them.
    pub states: States,
    buffer: Vec<u8>,
}

/// The Ethernet address of a host, made from its address so that it is the same in every run.
pub fn mac(scenario: &Scenario, index: usize) -> MacAddress {
    let [a, b, c, d] = scenario.hosts[index].address.octets();
    // 0x02: locally administered.
    MacAddress([0x02, 0, a, b, c, d])
}

impl Switch {
    /// A switch with no frame on it.
    pub fn new(scenario: &Scenario) -> Self {
        let names: Vec<Arc<str>> = scenario.hosts.iter().map(|host| host.name.clone()).collect();
        Switch {
            macs: (0..names.len()).map(|index| mac(scenario, index)).collect(),
            link: Link::new(scenario.link.clone(), &names, scenario.seed),
            frames: 0,
            states: States::new(names),
            buffer: vec![0; LONGEST],
        }
    }

    /// When the next frame comes out of the link.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.link.next_arrival()
    }

    /// Takes every frame that host `from` has put on its wire; says how many there were.
    pub fn read(
        &mut self,
        now: Instant,
        from: usize,
        tap: &OwnedFd,
        observer: &mut Observer,
        events: &mut Vec<Event>,
    ) -> usize {
        let mut count = 0;
        let mut buffer = std::mem::take(&mut self.buffer);
        // An error is "nothing there": EAGAIN, or an interface that is gone.
        while let Ok(length) = rustix::io::read(tap, &mut buffer[..]) {
            let frame = &buffer[..length];
            if length >= 14 && frame[12..14] != IPV6 {
                self.send(now, from, Bytes::copy_from_slice(frame), observer, events);
                count += 1;
            }
        }
        self.buffer = buffer;
        count
    }

    /// Gives every frame that has arrived by `now` to the host it was sent to, each with `write`.
    pub fn deliver(
        &mut self,
        now: Instant,
        observer: &mut Observer,
        events: &mut Vec<Event>,
        mut write: impl FnMut(usize, &Bytes, Option<Rc<Frame>>),
    ) {
        while let Some(arrival) = self.link.poll_arrival(now) {
            let item = arrival.item;
            let frame = if arrival.duplicate { item.copy.unwrap_or(item.frame) } else { item.frame };
            events.extend(observer.delivered(now, arrival.to, frame));
            if let Some(content) = &item.content {
                events.extend(self.states.delivered(now, arrival.to, content, observer));
            }
            write(arrival.to, &item.bytes, item.content);
        }
    }

    fn send(&mut self, now: Instant, from: usize, bytes: Bytes, observer: &mut Observer, events: &mut Vec<Event>) {
        self.frames += 1;
        let frame = self.frames;
        let content = wire::dissect_shared(&bytes).ok().map(Rc::new);
        let class = content.as_ref().map_or(Class::default(), |content| Class::of(content));
        let destination = MacAddress(bytes[..6].try_into().expect("a frame has at least 14 bytes"));
        let sighting = |to, verdict, queued| Sighting {
            frame,
            from,
            to,
            contents: Contents::Bytes(&bytes),
            verdict,
            queued,
            duplicate_of: None,
            purpose: None,
        };
        // The lowest bit of the first byte: a group address, which goes to everybody (IEEE 802.3, 3.2.3).
        let to: Vec<usize> = match destination.0[0] & 1 {
            1 => (0..self.macs.len()).filter(|to| *to != from).collect(),
            _ => self.macs.iter().position(|mac| *mac == destination).into_iter().collect(),
        };
        if to.is_empty() {
            let cause = sockscope_core::link::Cause::NoSuchHost;
            events.extend(observer.sent(now, sighting(None, Verdict::Drop { cause }, Duration::ZERO)));
            events.extend(observer.dropped(now, from, frame, cause));
        }
        // Whether the link makes a copy is known only when it has taken the frame, so the copy's number is reserved.
        let item = InFlight { frame, copy: Some(frame + 1), bytes: bytes.clone(), content: content.clone() };
        let sent = self.link.broadcast(now, from, to, item, bytes.len(), class);
        let mut copied = false;
        for (to, sent) in sent {
            let Sent { verdict, queued, duplicate } = sent;
            events.extend(observer.sent(now, sighting(Some(to), verdict, queued)));
            if let Verdict::Drop { cause } = verdict {
                events.extend(observer.dropped(now, from, frame, cause));
            }
            if let Some(at) = duplicate {
                copied = true;
                events.extend(observer.sent(
                    now,
                    Sighting {
                        frame: frame + 1,
                        duplicate_of: Some(frame),
                        ..sighting(Some(to), Verdict::Deliver { at }, queued)
                    },
                ));
            }
        }
        self.frames += FrameId::from(copied);
        if let Some(content) = content {
            events.extend(self.states.sent(now, from, &content, observer));
        }
    }

    /// An observer for the hosts of a scenario.
    pub fn observer(scenario: &Scenario) -> Observer {
        Observer::new(scenario.hosts.iter().map(|host| host.name.clone()), Evidence::Observed)
    }
}
