//! Sentences for ARP, ICMP and the link below them.

use super::{Scene, Sentence};
use crate::link::{self, Cause, Verdict};
use crate::wire::{ArpEvent, IcmpEvent};

/// The sentences for one event of ARP.
pub fn arp(scene: &Scene<'_>, event: &ArpEvent) -> Vec<Sentence> {
    vec![match event {
        ArpEvent::Asked { target, .. } => scene.say("narrate.arp_asked").with("target", target).from_source("RFC 826"),
        ArpEvent::Answered { sender, mac, .. } => {
            scene.say("narrate.arp_answered").with("sender", sender).with("mac", mac).from_source("RFC 826")
        }
    }]
}

/// The sentences for one event of ICMP.
pub fn icmp(scene: &Scene<'_>, event: &IcmpEvent) -> Vec<Sentence> {
    vec![match event {
        IcmpEvent::Sent { kind: 3, code: 3, about: Some(about), .. } => {
            scene.say("narrate.icmp_port_unreachable").with("about", about).from_source("RFC 792; RFC 1122, 4.1.3.1")
        }
        IcmpEvent::Sent { kind, code, destination, .. } => scene
            .say("narrate.icmp_sent")
            .with("kind", kind)
            .with("code", code)
            .with("destination", destination)
            .from_source("RFC 792"),
        IcmpEvent::Received { frame } => scene.say("narrate.icmp_received").with("frame", frame),
    }]
}

/// The sentences for one event of the link.
pub fn link(scene: &Scene<'_>, event: &link::Event) -> Vec<Sentence> {
    match event {
        link::Event::Sent { frame, data, verdict, queued, duplicate_of, .. } => {
            let mut sentences = vec![match duplicate_of {
                Some(original) => scene.say("narrate.link_duplicate").with("frame", frame).with("original", original),
                None => scene.say("narrate.link_sent").with("frame", frame).with("n", data.len()),
            }];
            if queued.as_micros() > 0 {
                sentences.push(scene.say("narrate.link_queued").with("time", queued));
            }
            sentences.push(match verdict {
                Verdict::Deliver { at } => scene.say("narrate.link_deliver").with("at", at),
                Verdict::Drop { cause } => scene.say(drop_words(*cause)),
            });
            sentences
        }
        link::Event::Delivered { frame } => vec![scene.say("narrate.frame_delivered").with("frame", frame)],
        link::Event::Dropped { frame, cause } => {
            vec![scene.say("narrate.frame_dropped").with("frame", frame), scene.say(drop_words(*cause))]
        }
    }
}

/// Why the link lost a frame.
pub fn drop_words(cause: Cause) -> &'static str {
    match cause {
        Cause::Loss => "narrate.drop_loss",
        Cause::Scripted => "narrate.drop_scripted",
        Cause::QueueFull => "narrate.drop_queue_full",
        Cause::TooLong => "narrate.drop_too_long",
        Cause::NoSuchHost => "narrate.drop_no_such_host",
    }
}
