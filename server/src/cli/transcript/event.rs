//! One event as one line. Lines of programs, values of names, levels and timers being set are left out: the views show
//! them, a transcript would drown in them.

use sockscope_core::link::{self, Cause, Verdict};
use sockscope_core::program;
use sockscope_core::socket::{self, Answer, Outcome, Reason};
use sockscope_core::stream::Data;
use sockscope_core::tcp::{self, Hold, Timer};
use sockscope_core::time::Instant;
use sockscope_core::trace::{Body, Event, RunEvent, Trace, narrate};
use sockscope_core::udp;
use sockscope_core::wire::{ArpEvent, FrameId, IcmpEvent};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Words, call};

/// What is remembered from earlier events to tell later ones.
pub struct Teller<'a> {
    words: Words,
    frames: BTreeMap<FrameId, Frame<'a>>,
    calls: BTreeMap<(Arc<str>, u32), Called>,
}

struct Frame<'a> {
    from: Option<Arc<str>>,
    /// Every receiver the link decided about.
    to: Vec<Arc<str>>,
    data: &'a Data,
    /// When it arrives, if it does anywhere.
    arrives: Option<Instant>,
}

struct Called {
    text: String,
    line: u32,
    /// Whether it stands in the transcript already, because it blocked.
    told: bool,
}

impl<'a> Teller<'a> {
    /// Knows the wire of the whole trace: a segment is told before its frame.
    pub fn new(trace: &'a Trace, words: Words) -> Self {
        let mut frames: BTreeMap<FrameId, Frame<'a>> = BTreeMap::new();
        for event in &trace.events {
            let Body::Link(link::Event::Sent { frame, to, data, verdict, .. }) = &event.body else { continue };
            let entry = frames.entry(*frame).or_insert_with(|| Frame {
                from: event.host.clone(),
                to: Vec::new(),
                data,
                arrives: None,
            });
            entry.to.extend(to.clone());
            if let Verdict::Deliver { at } = verdict {
                entry.arrives = Some(entry.arrives.map_or(*at, |earlier| earlier.min(*at)));
            }
        }
        Teller { words, frames, calls: BTreeMap::new() }
    }

    /// The line for an event, `None` for one that is left out.
    pub fn tell(&mut self, _index: usize, event: &Event) -> Option<String> {
        let host = event.host.clone().unwrap_or_else(|| Arc::from(""));
        match &event.body {
            Body::Program(body) => self.program(body),
            Body::Socket(body) => self.socket(host, body),
            Body::Tcp(body) => self.tcp(body),
            Body::Udp(body) => self.udp(body),
            Body::Icmp(body) => self.icmp(body),
            Body::Arp(body) => self.arp(body),
            Body::Link(body) => self.link(body),
            Body::Run(body) => Some(self.run(body)),
        }
    }

    fn program(&self, event: &program::Event) -> Option<String> {
        use program::Event::*;
        let words = self.words;
        Some(match event {
            Printed { text, .. } => words.with("printed", &[("text", text.trim_end_matches('\n').replace('\n', "⏎"))]),
            InputRead { text, .. } => words.with("input", &[("text", text.clone())]),
            LookedUp { function, asked, source, answer, .. } => {
                words.sentence(&narrate::looked_up(function, asked, *source, answer.as_deref()))
            }
            FileWritten { name, length } => {
                words.with("file_written", &[("name", name.to_string()), ("length", length.to_string())])
            }
            Raised { line, exception, message, .. } => words.with(
                "raised",
                &[("line", line.to_string()), ("exception", exception.to_string()), ("message", message.to_string())],
            ),
            Task { name, started, .. } => {
                words.with(if *started { "task_started" } else { "task_ended" }, &[("name", name.to_string())])
            }
            LimitPassed { limit, value } => {
                words.with("limit_passed", &[("limit", limit.to_string()), ("value", value.to_string())])
            }
            Exited { status, .. } => words.with("exited", &[("status", status.to_string())]),
            Line { .. } | Assigned { .. } => return None,
        })
    }

    fn socket(&mut self, host: Arc<str>, event: &socket::Event) -> Option<String> {
        use socket::Event::*;
        match event {
            Called { id, line, call, .. } => {
                let called = self::Called { text: call::text(call), line: *line, told: false };
                self.calls.insert((host, *id), called);
                None
            }
            Blocked { id, reason } => {
                let called = self.calls.get_mut(&(host, *id))?;
                called.told = true;
                let waits = self.words.plain(waits_for(*reason));
                Some(format!("{:>3}: {} … {waits}", called.line, called.text))
            }
            Returned { id, call, outcome, blocked, .. } => {
                let called = self.calls.remove(&(host, *id));
                let (line, text) = match &called {
                    Some(called) if called.told => (called.line, format!("… {call}")),
                    Some(called) => (called.line, called.text.clone()),
                    None => (0, call.to_string()),
                };
                let mut told = format!("{line:>3}: {text} = {}", call::outcome(outcome));
                if matches!(outcome, Outcome::Ok(Answer::Data(data)) if data.is_empty()) {
                    told.push_str(&format!("  ({})", self.words.plain("end_of_stream")));
                }
                if blocked.as_micros() > 0 {
                    told.push_str(&format!("  ({})", self.words.with("blocked_for", &[("time", blocked.to_string())])));
                }
                Some(told)
            }
            Levels { .. } | Addressed { .. } => None,
        }
    }

    /// `client → server`.
    fn way(&self, frame: FrameId) -> String {
        let Some(frame) = self.frames.get(&frame) else { return "? → ?".to_owned() };
        let to: Vec<&str> = frame.to.iter().map(|to| &**to).collect();
        let to = if to.is_empty() { "?".to_owned() } else { to.join(", ") };
        format!("{} → {to}", frame.from.as_deref().unwrap_or("?"))
    }

    fn arrival(&self, frame: FrameId) -> String {
        match self.frames.get(&frame).and_then(|frame| frame.arrives) {
            Some(at) => format!("  ({})", self.words.with("arrives", &[("time", at.to_string())])),
            None => String::new(),
        }
    }

    fn tcp(&self, event: &tcp::Event) -> Option<String> {
        use tcp::Event::*;
        let words = self.words;
        Some(match event {
            SegmentSent { frame, segment, repeats, .. } => {
                let mut told = format!("{}  {}", self.way(*frame), control(segment));
                told.push_str(&format!(" seq={}", segment.relative_sequence));
                if let Some(acknowledgement) = segment.relative_acknowledgement {
                    told.push_str(&format!(" ack={acknowledgement}"));
                }
                told.push_str(&format!(" win={}", segment.window));
                if segment.length > 0 {
                    told.push_str(&format!(" len={}{}", segment.length, self.payload(*frame, segment.length)));
                }
                if segment.control.syn
                    && let Some(mss) = segment.options.mss
                {
                    told.push_str(&format!(" mss={mss}"));
                }
                if let Some(earlier) = repeats {
                    told.push_str(&format!("  ({})", words.with("repeats", &[("frame", earlier.to_string())])));
                }
                told + &self.arrival(*frame)
            }
            StateChanged { from, to, .. } => format!("{} {from} → {to}", words.plain("state")),
            Held { reason, range } => {
                let reason = words.plain(match reason {
                    Hold::Nagle => "held_nagle",
                    Hold::Window => "held_window",
                    Hold::Congestion => "held_congestion",
                    Hold::Cork => "held_cork",
                    Hold::Handshake => "held_handshake",
                });
                words.with("held_back", &[("bytes", range.len().to_string()), ("reason", reason.to_owned())])
            }
            TimerFired { timer } => words.plain(timer_name(*timer)).to_owned(),
            Discarded { frame, cause } => {
                let cause = words.plain(thrown_away(*cause)).to_owned();
                words.with("discarded", &[("frame", frame.to_string()), ("cause", cause)])
            }
            SegmentReceived { .. } | TimerSet { .. } | Measured { .. } => return None,
        })
    }

    /// The payload stands at the end of the frame.
    fn payload(&self, frame: FrameId, length: u32) -> String {
        let Some(frame) = self.frames.get(&frame) else { return String::new() };
        let start = frame.data.len().saturating_sub(length as usize);
        format!(" {}", call::bytes(&Data::from(frame.data.0.slice(start..))))
    }

    fn udp(&self, event: &udp::Event) -> Option<String> {
        match event {
            udp::Event::DatagramSent { frame, source, destination, data, .. } => Some(format!(
                "{}  UDP {} → {destination} len={} {}{}",
                self.way(*frame),
                source.port(),
                data.len(),
                call::bytes(data),
                self.arrival(*frame)
            )),
            udp::Event::Discarded { frame, cause } => {
                let cause = self.words.plain(match cause {
                    udp::DiscardCause::NoSocket => "discard_no_socket",
                    udp::DiscardCause::BufferFull => "discard_buffer_full",
                    udp::DiscardCause::Checksum => "discard_checksum",
                });
                let args = [("frame", frame.to_string()), ("cause", cause.to_owned())];
                Some(self.words.with("discarded", &args))
            }
            udp::Event::DatagramReceived { .. } => None,
        }
    }

    fn icmp(&self, event: &IcmpEvent) -> Option<String> {
        match event {
            IcmpEvent::Sent { frame, kind, code, about, .. } => {
                let name = match (kind, code) {
                    (3, 3) => self.words.plain("port_unreachable").to_owned(),
                    _ => format!("{kind}/{code}"),
                };
                let about = about.map(|about| format!(" {about}")).unwrap_or_default();
                Some(format!("{}  ICMP {name}{about}{}", self.way(*frame), self.arrival(*frame)))
            }
            IcmpEvent::Received { .. } => None,
        }
    }

    fn arp(&self, event: &ArpEvent) -> Option<String> {
        let told = match event {
            ArpEvent::Asked { frame, target, .. } => {
                format!("{}  ARP {}", self.way(*frame), self.words.with("who_has", &[("address", target.to_string())]))
            }
            ArpEvent::Answered { frame, sender, mac } => {
                let args = [("address", sender.to_string()), ("mac", mac.to_string())];
                format!("{}  ARP {}", self.way(*frame), self.words.with("is_at", &args))
            }
        };
        Some(told)
    }

    fn link(&self, event: &link::Event) -> Option<String> {
        let words = self.words;
        match event {
            link::Event::Dropped { frame, cause } => {
                let why = words.plain(lost_by(*cause));
                let args = [("frame", frame.to_string()), ("why", why.to_owned())];
                Some(format!("✕ {}", words.with("lost", &args)))
            }
            link::Event::Sent { frame, duplicate_of: Some(original), .. } => {
                let args = [("frame", frame.to_string()), ("original", original.to_string())];
                Some(words.with("duplicate", &args))
            }
            link::Event::Sent { .. } | link::Event::Delivered { .. } => None,
        }
    }

    fn run(&self, event: &RunEvent) -> String {
        let names = |hosts: &[Arc<str>]| hosts.join(", ");
        match event {
            RunEvent::DeadlinePassed { limit, unfinished } => {
                self.words.with("deadline_passed", &[("limit", limit.to_string()), ("hosts", names(unfinished))])
            }
            RunEvent::Deadlocked { unfinished } => self.words.with("deadlocked", &[("hosts", names(unfinished))]),
            RunEvent::EngineFailed { message } => self.words.with("engine_failed", &[("message", message.clone())]),
        }
    }
}

/// `SYN ACK`; a bare acknowledgement is `ACK`.
fn control(segment: &tcp::Header) -> String {
    let names: Vec<_> = segment.control.names().collect();
    if names.is_empty() { "–".to_owned() } else { names.join(" ") }
}

fn waits_for(reason: Reason) -> &'static str {
    match reason {
        Reason::Data => "waits_data",
        Reason::SendBuffer => "waits_send_buffer",
        Reason::Connection => "waits_connection",
        Reason::Handshake => "waits_handshake",
        Reason::Linger => "waits_linger",
        Reason::Readiness => "waits_readiness",
        Reason::Time => "waits_time",
    }
}

fn timer_name(timer: Timer) -> &'static str {
    match timer {
        Timer::Retransmission => "timer_retransmission",
        Timer::DelayedAcknowledgement => "timer_delayed_acknowledgement",
        Timer::Persist => "timer_persist",
        Timer::KeepAlive => "timer_keep_alive",
        Timer::TimeWait => "timer_time_wait",
        Timer::UserTimeout => "timer_user_timeout",
        Timer::LossProbe => "timer_loss_probe",
        Timer::Reordering => "timer_reordering",
    }
}

fn thrown_away(cause: tcp::DiscardCause) -> &'static str {
    use tcp::DiscardCause::*;
    match cause {
        Checksum => "discard_checksum",
        OutsideWindow => "discard_outside_window",
        NoConnection => "discard_no_connection",
        OldDuplicate => "discard_old_duplicate",
        BacklogFull => "discard_backlog_full",
        UnacceptableAcknowledgement => "discard_unacceptable_acknowledgement",
        AfterReset => "discard_after_reset",
    }
}

fn lost_by(cause: Cause) -> &'static str {
    match cause {
        Cause::Loss => "lost_chance",
        Cause::Scripted => "lost_scripted",
        Cause::QueueFull => "lost_queue_full",
        Cause::TooLong => "lost_too_long",
        Cause::NoSuchHost => "lost_no_such_host",
    }
}
