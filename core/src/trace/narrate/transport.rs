//! Sentences for TCP and UDP: what a segment says, why it was sent, why a state changed, why bytes wait.

use super::{Scene, Sentence};
use crate::link;
use crate::tcp::{self, Header, Hold, Purpose, Timer, Trigger};
use crate::trace::Body;
use crate::udp;
use crate::wire::FrameId;

/// The sentences for one event of TCP.
pub fn tcp(scene: &Scene<'_>, event: &tcp::Event) -> Vec<Sentence> {
    use tcp::Event::*;
    match event {
        SegmentSent { frame, segment, purpose, repeats, .. } => {
            let mut sentences = vec![segment_sentence(scene, "sent", segment)];
            if let Some(repeats) = repeats {
                sentences.push(scene.say("narrate.segment_repeats").with("frame", repeats).from_source("RFC 6298"));
            }
            sentences.extend(purpose.and_then(|purpose| why_sent(scene, purpose)));
            sentences.extend(fate(scene, *frame));
            sentences
        }
        SegmentReceived { frame } => {
            let segment = scene.trace.events[..scene.index].iter().rev().find_map(|event| match &event.body {
                Body::Tcp(SegmentSent { frame: sent, segment, .. }) if sent == frame => Some(segment),
                _ => None,
            });
            match segment {
                Some(segment) => vec![segment_sentence(scene, "received", segment)],
                None => vec![scene.say("narrate.frame_delivered").with("frame", frame)],
            }
        }
        StateChanged { from, to, trigger, .. } => {
            let (key, source) = trigger_words(*trigger);
            vec![
                scene.say("narrate.state_changed").with("from", from).with("to", to),
                scene.say(key).from_source(source),
                scene.say(state_words(*to)),
            ]
        }
        Held { reason, range } => {
            let (key, source) = match reason {
                Hold::Nagle => ("narrate.held_nagle", "RFC 9293, 3.7.4"),
                Hold::Window => ("narrate.held_window", "RFC 9293, 3.8.6"),
                Hold::Congestion => ("narrate.held_congestion", "RFC 5681, 3.1"),
                Hold::Cork => ("narrate.held_cork", "tcp(7), TCP_CORK"),
                Hold::Handshake => ("narrate.held_handshake", "RFC 9293, 3.5"),
            };
            vec![scene.say(key).with("n", range.len()).from_source(source)]
        }
        TimerSet { timer, at } => {
            vec![timer_sentence(scene, "narrate.timer_set", *timer).with("at", at)]
        }
        TimerFired { timer } => {
            let (key, source) = match timer {
                Timer::Retransmission => ("narrate.fired_retransmission", "RFC 6298, 5"),
                Timer::DelayedAcknowledgement => ("narrate.fired_delayed_acknowledgement", "RFC 9293, 3.8.6.3"),
                Timer::Persist => ("narrate.fired_persist", "RFC 9293, 3.8.6.1"),
                Timer::KeepAlive => ("narrate.fired_keep_alive", "RFC 9293, 3.8.4"),
                Timer::TimeWait => ("narrate.fired_time_wait", "RFC 9293, 3.6.1"),
                Timer::UserTimeout => ("narrate.fired_user_timeout", "RFC 9293, 3.8.3"),
                Timer::LossProbe => ("narrate.fired_loss_probe", "RFC 8985, 7"),
                Timer::Reordering => ("narrate.fired_reordering", "RFC 8985, 6.2"),
            };
            vec![scene.say(key).from_source(source)]
        }
        Measured { metrics } => vec![
            scene
                .say("narrate.measured")
                .with("window", metrics.congestion_window)
                .with("flight", metrics.in_flight)
                .with("rtt", metrics.smoothed_rtt.map_or_else(|| "–".to_owned(), |rtt| rtt.to_string()))
                .with("rto", metrics.retransmission_timeout),
        ],
        Discarded { cause, .. } => {
            use tcp::DiscardCause::*;
            vec![scene.say(match cause {
                Checksum => "narrate.discarded_checksum",
                OutsideWindow => "narrate.discarded_outside_window",
                NoConnection => "narrate.discarded_no_connection",
                OldDuplicate => "narrate.discarded_old_duplicate",
                BacklogFull => "narrate.discarded_backlog_full",
                UnacceptableAcknowledgement => "narrate.discarded_acknowledgement",
                AfterReset => "narrate.discarded_after_reset",
            })]
        }
    }
}

fn segment_sentence(scene: &Scene<'_>, way: &str, segment: &Header) -> Sentence {
    let control = &segment.control;
    let sent = way == "sent";
    let (key, source) = if control.rst {
        (if sent { "narrate.segment_sent_rst" } else { "narrate.segment_received_rst" }, "RFC 9293, 3.5.2")
    } else if control.syn && control.ack {
        (if sent { "narrate.segment_sent_syn_ack" } else { "narrate.segment_received_syn_ack" }, "RFC 9293, 3.5")
    } else if control.syn {
        (if sent { "narrate.segment_sent_syn" } else { "narrate.segment_received_syn" }, "RFC 9293, 3.5")
    } else if control.fin && segment.length > 0 {
        (if sent { "narrate.segment_sent_data_fin" } else { "narrate.segment_received_data_fin" }, "RFC 9293, 3.6")
    } else if control.fin {
        (if sent { "narrate.segment_sent_fin" } else { "narrate.segment_received_fin" }, "RFC 9293, 3.6")
    } else if segment.length > 0 {
        (if sent { "narrate.segment_sent_data" } else { "narrate.segment_received_data" }, "RFC 9293, 3.7")
    } else {
        (if sent { "narrate.segment_sent_ack" } else { "narrate.segment_received_ack" }, "RFC 9293, 3.4")
    };
    scene
        .say(key)
        .with("n", segment.length)
        .with("seq", segment.relative_sequence)
        .with("ack", segment.relative_acknowledgement.map_or_else(|| "–".to_owned(), |ack| ack.to_string()))
        .with("window", segment.window)
        .with("source", segment.source)
        .with("destination", segment.destination)
        .from_source(source)
}

fn why_sent(scene: &Scene<'_>, purpose: Purpose) -> Option<Sentence> {
    let (key, source) = match purpose {
        Purpose::Open | Purpose::Data | Purpose::Close => return None,
        Purpose::DelayedAcknowledgement => ("narrate.why_delayed_acknowledgement", "RFC 9293, 3.8.6.3"),
        Purpose::Acknowledgement => ("narrate.why_acknowledgement", "RFC 5681, 4.2"),
        Purpose::WindowUpdate => ("narrate.why_window_update", "RFC 9293, 3.8.6.2.2"),
        Purpose::Retransmission => ("narrate.why_retransmission", "RFC 6298"),
        Purpose::WindowProbe => ("narrate.why_window_probe", "RFC 9293, 3.8.6.1"),
        Purpose::KeepAlive => ("narrate.why_keep_alive", "RFC 9293, 3.8.4"),
        Purpose::Reset => ("narrate.why_reset", "RFC 9293, 3.5.2"),
    };
    Some(scene.say(key).from_source(source))
}

/// What became of the frame, as far as the link said.
fn fate(scene: &Scene<'_>, frame: FrameId) -> Option<Sentence> {
    // The link's event stands beside the segment's: the same host, the same moment.
    let near = scene.index.saturating_sub(8)..(scene.index + 8).min(scene.trace.events.len());
    scene.trace.events[near].iter().find_map(|event| match &event.body {
        Body::Link(link::Event::Sent { frame: sent, verdict, .. }) if *sent == frame => Some(match verdict {
            link::Verdict::Deliver { at } => scene.say("narrate.link_deliver").with("at", at),
            link::Verdict::Drop { cause } => scene.say(super::network::drop_words(*cause)),
        }),
        _ => None,
    })
}

fn timer_sentence(scene: &Scene<'_>, key: &'static str, timer: Timer) -> Sentence {
    scene.say(key).with(
        "timer",
        match timer {
            Timer::Retransmission => "retransmission",
            Timer::DelayedAcknowledgement => "delayed ACK",
            Timer::Persist => "persist",
            Timer::KeepAlive => "keep-alive",
            Timer::TimeWait => "TIME-WAIT",
            Timer::UserTimeout => "user timeout",
            Timer::LossProbe => "loss probe",
            Timer::Reordering => "reordering",
        },
    )
}

fn trigger_words(trigger: Trigger) -> (&'static str, &'static str) {
    match trigger {
        Trigger::PassiveOpen => ("narrate.trigger_passive_open", "RFC 9293, 3.5"),
        Trigger::ActiveOpen => ("narrate.trigger_active_open", "RFC 9293, 3.5"),
        Trigger::Close => ("narrate.trigger_close", "RFC 9293, 3.6"),
        Trigger::Abort => ("narrate.trigger_abort", "RFC 9293, 3.10.5"),
        Trigger::ReceiveSyn => ("narrate.trigger_receive_syn", "RFC 9293, 3.5"),
        Trigger::ReceiveSynAck => ("narrate.trigger_receive_syn_ack", "RFC 9293, 3.5"),
        Trigger::ReceiveAckOfSyn => ("narrate.trigger_receive_ack_of_syn", "RFC 9293, 3.5"),
        Trigger::ReceiveFin => ("narrate.trigger_receive_fin", "RFC 9293, 3.6"),
        Trigger::ReceiveAckOfFin => ("narrate.trigger_receive_ack_of_fin", "RFC 9293, 3.6"),
        Trigger::ReceiveFinAckOfFin => ("narrate.trigger_receive_fin_ack_of_fin", "RFC 9293, 3.6"),
        Trigger::ReceiveRst => ("narrate.trigger_receive_rst", "RFC 9293, 3.5.3"),
        Trigger::TimeWaitExpired => ("narrate.trigger_time_wait_expired", "RFC 9293, 3.6.1"),
        Trigger::UserTimeout => ("narrate.trigger_user_timeout", "RFC 9293, 3.8.3"),
    }
}

fn state_words(state: tcp::State) -> &'static str {
    match state {
        tcp::State::Closed => "narrate.state_closed",
        tcp::State::Listen => "narrate.state_listen",
        tcp::State::SynSent => "narrate.state_syn_sent",
        tcp::State::SynReceived => "narrate.state_syn_received",
        tcp::State::Established => "narrate.state_established",
        tcp::State::FinWait1 => "narrate.state_fin_wait_1",
        tcp::State::FinWait2 => "narrate.state_fin_wait_2",
        tcp::State::CloseWait => "narrate.state_close_wait",
        tcp::State::Closing => "narrate.state_closing",
        tcp::State::LastAck => "narrate.state_last_ack",
        tcp::State::TimeWait => "narrate.state_time_wait",
    }
}

/// The sentences for one event of UDP.
pub fn udp(scene: &Scene<'_>, event: &udp::Event) -> Vec<Sentence> {
    match event {
        udp::Event::DatagramSent { frame, source, destination, data, fragments } => {
            let mut sentences = vec![
                scene
                    .say("narrate.datagram_sent")
                    .with("n", data.len())
                    .with("text", data.preview())
                    .with("source", source)
                    .with("destination", destination)
                    .from_source("RFC 768"),
            ];
            if !fragments.is_empty() {
                sentences.push(
                    scene
                        .say("narrate.datagram_fragments")
                        .with("fragments", fragments.len() + 1)
                        .from_source("RFC 791, 3.2"),
                );
            }
            sentences.extend(fate(scene, *frame));
            sentences
        }
        udp::Event::DatagramReceived { frame } => {
            let sent = scene.trace.events[..scene.index].iter().rev().find_map(|event| match &event.body {
                Body::Udp(udp::Event::DatagramSent { frame: sent, data, source, .. }) if sent == frame => {
                    Some((data, source))
                }
                _ => None,
            });
            match sent {
                Some((data, source)) => vec![
                    scene
                        .say("narrate.datagram_received")
                        .with("n", data.len())
                        .with("text", data.preview())
                        .with("source", source),
                ],
                None => vec![scene.say("narrate.frame_delivered").with("frame", frame)],
            }
        }
        udp::Event::Discarded { cause, .. } => vec![scene.say(match cause {
            udp::DiscardCause::NoSocket => "narrate.datagram_no_socket",
            udp::DiscardCause::BufferFull => "narrate.datagram_buffer_full",
            udp::DiscardCause::Checksum => "narrate.datagram_checksum",
        })],
    }
}
