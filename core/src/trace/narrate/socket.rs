//! Sentences for the socket face: what a call asks for, why it waits, what its return means.

use super::{Scene, Sentence};
use crate::socket::{Answer, Call, Errno, Event, Kind, OptionValue, Outcome, Reason};
use crate::stream::Range;
use crate::trace::{Body, Flow};

/// The sentences for one event at the socket face.
pub fn describe(scene: &Scene<'_>, event: &Event) -> Vec<Sentence> {
    match event {
        Event::Called { line, call, .. } => vec![called(scene, *line, call)],
        Event::Blocked { id, reason } => vec![blocked(scene, *reason).with("call", call_name(scene, *id))],
        Event::Returned { id, call, outcome, range, blocked, .. } => {
            let mut sentences = match outcome {
                Outcome::Ok(answer) => returned(scene, *id, call, answer, *range),
                Outcome::Error(errno) => failed(scene, call, *errno),
                Outcome::TimedOut => vec![scene.say("narrate.returned_timed_out").with("call", call)],
            };
            if blocked.as_micros() > 0 {
                sentences.push(scene.say("narrate.returned_blocked").with("call", call).with("time", blocked));
            }
            sentences
        }
        Event::Levels { fd, send, receive } => vec![
            scene
                .say("narrate.levels")
                .with("fd", fd)
                .with("send", send.used)
                .with("send_size", send.size)
                .with("receive", receive.used)
                .with("receive_size", receive.size),
        ],
        Event::Addressed { fd, local, peer } => {
            let local = local.map_or_else(|| "–".to_owned(), |address| address.to_string());
            match peer {
                Some(peer) => {
                    vec![scene.say("narrate.addressed_both").with("fd", fd).with("local", local).with("peer", peer)]
                }
                None => vec![scene.say("narrate.addressed").with("fd", fd).with("local", local)],
            }
        }
    }
}

fn called(scene: &Scene<'_>, line: u32, call: &Call) -> Sentence {
    let sentence = match call {
        Call::Socket { kind: Kind::Stream, .. } => scene.say("narrate.call_socket_stream"),
        Call::Socket { .. } => scene.say("narrate.call_socket_datagram"),
        Call::Bind { address, .. } => scene.say("narrate.call_bind").with("address", address),
        Call::Listen { backlog, .. } => scene.say("narrate.call_listen").with("backlog", backlog),
        Call::Accept { .. } => scene.say("narrate.call_accept"),
        Call::Connect { address, .. } => scene.say("narrate.call_connect").with("address", address),
        Call::Send { data, all: false, .. } => {
            scene.say("narrate.call_send").with("n", data.len()).with("text", data.preview())
        }
        Call::Send { data, .. } => scene.say("narrate.call_sendall").with("n", data.len()).with("text", data.preview()),
        Call::SendTo { data, address, .. } => {
            scene.say("narrate.call_sendto").with("n", data.len()).with("text", data.preview()).with("address", address)
        }
        Call::Recv { size, .. } => scene.say("narrate.call_recv").with("size", size),
        Call::RecvFrom { size, .. } => scene.say("narrate.call_recvfrom").with("size", size),
        Call::Shutdown { how, .. } => scene.say(match how {
            crate::socket::How::Read => "narrate.call_shutdown_read",
            crate::socket::How::Write => "narrate.call_shutdown_write",
            crate::socket::How::Both => "narrate.call_shutdown_both",
        }),
        Call::Close { .. } => scene.say("narrate.call_close"),
        Call::SetOption { option, value, .. } => {
            let value = match value {
                OptionValue::Number(number) => number.to_string(),
                OptionValue::Linger { on, seconds } => format!("({}, {seconds})", i32::from(*on)),
            };
            scene.say("narrate.call_setsockopt").with("option", option.name()).with("value", value)
        }
        Call::GetOption { option, .. } => scene.say("narrate.call_getsockopt").with("option", option.name()),
        Call::SetBlocking { mode, .. } => match mode {
            crate::socket::Blocking::Forever => scene.say("narrate.call_blocking_forever"),
            crate::socket::Blocking::Never => scene.say("narrate.call_blocking_never"),
            crate::socket::Blocking::AtMost(time) => scene.say("narrate.call_blocking_at_most").with("time", time),
        },
        Call::LocalAddress { .. } => scene.say("narrate.call_getsockname"),
        Call::PeerAddress { .. } => scene.say("narrate.call_getpeername"),
        Call::SocketPair => scene.say("narrate.call_socketpair"),
        Call::Select { timeout: None, .. } => scene.say("narrate.call_select"),
        Call::Select { timeout: Some(time), .. } => scene.say("narrate.call_select_timeout").with("time", time),
        Call::Sleep { duration } => scene.say("narrate.call_sleep").with("time", duration),
        Call::Clock => scene.say("narrate.call_clock"),
    };
    sentence.with("line", line)
}

fn blocked(scene: &Scene<'_>, reason: Reason) -> Sentence {
    scene.say(match reason {
        Reason::Data => "narrate.blocked_data",
        Reason::SendBuffer => "narrate.blocked_send_buffer",
        Reason::Connection => "narrate.blocked_connection",
        Reason::Handshake => "narrate.blocked_handshake",
        Reason::Linger => "narrate.blocked_linger",
        Reason::Readiness => "narrate.blocked_readiness",
        Reason::Time => "narrate.blocked_time",
    })
}

fn returned(scene: &Scene<'_>, id: u32, call: &str, answer: &Answer, range: Option<Range>) -> Vec<Sentence> {
    match answer {
        Answer::Data(data) if data.is_empty() => {
            vec![scene.say("narrate.returned_recv_empty").with("call", call).from_source("POSIX recv(); RFC 9293, 3.6")]
        }
        Answer::Data(data) => {
            let mut sentences = vec![
                scene
                    .say("narrate.returned_recv")
                    .with("call", call)
                    .with("n", data.len())
                    .with("text", data.preview()),
            ];
            sentences.extend(cut(scene, range));
            sentences
        }
        Answer::Datagram { data, from, length } => {
            let from = from.map_or_else(|| "–".to_owned(), |address| address.to_string());
            let mut sentences = vec![
                scene
                    .say("narrate.returned_recvfrom")
                    .with("n", data.len())
                    .with("text", data.preview())
                    .with("from", from),
            ];
            if *length > data.len() {
                sentences.push(
                    scene
                        .say("narrate.returned_truncated")
                        .with("lost", length - data.len())
                        .with("length", length)
                        .from_source("RFC 768; recv(2)"),
                );
            }
            sentences
        }
        Answer::Accepted { accepted, peer } => {
            vec![scene.say("narrate.returned_accept").with("fd", accepted).with("peer", peer)]
        }
        Answer::Ready { read, write, except } => {
            vec![scene.say("narrate.returned_select").with("n", read.len() + write.len() + except.len())]
        }
        Answer::Pair { pair } => {
            vec![scene.say("narrate.returned_socketpair").with("a", pair.0).with("b", pair.1)]
        }
        Answer::Moment { moment } => vec![scene.say("narrate.returned_clock").with("time", moment)],
        Answer::Address(address) => {
            vec![scene.say("narrate.returned_address").with("call", call).with("address", address)]
        }
        Answer::Linger { on, seconds } => {
            vec![scene.say("narrate.returned_option").with("value", format!("({}, {seconds})", i32::from(*on)))]
        }
        Answer::Number(number) => match call {
            "socket" => vec![scene.say("narrate.returned_socket").with("fd", number)],
            "send" | "sendall" => {
                let mut sentences =
                    vec![scene.say("narrate.returned_send").with("n", number).from_source("RFC 9293, 3.9.1.2")];
                let asked = asked_to_send(scene, id);
                if let Some(asked) = asked.filter(|asked| *asked as i64 > *number) {
                    sentences.push(scene.say("narrate.returned_send_part").with("asked", asked).with("n", number));
                }
                sentences
            }
            "sendto" => vec![scene.say("narrate.returned_sendto").with("n", number)],
            _ => vec![scene.say("narrate.returned_option").with("value", number)],
        },
        Answer::Nothing => match call {
            "connect" => vec![scene.say("narrate.returned_connect").from_source("RFC 9293, 3.5")],
            "close" => vec![closed(scene, id)],
            "sendall" => vec![scene.say("narrate.returned_sendall")],
            _ => vec![scene.say("narrate.returned_ok").with("call", call)],
        },
    }
}

/// What giving back a descriptor means, by what it was.
fn closed(scene: &Scene<'_>, id: u32) -> Sentence {
    let fd = call_of(scene, id).and_then(Call::descriptor);
    // The last call that concerned this descriptor and says what it is.
    let says =
        scene.trace.events[..scene.index].iter().rev().filter(|event| event.host.as_deref() == Some(&*scene.host));
    for event in says {
        let Body::Socket(event) = &event.body else { continue };
        match event {
            Event::Called { call: Call::Listen { fd: listening, .. }, .. } if Some(*listening) == fd => {
                return scene.say("narrate.returned_close_listening");
            }
            Event::Called { call: Call::SendTo { fd: sender, .. } | Call::RecvFrom { fd: sender, .. }, .. }
                if Some(*sender) == fd =>
            {
                return scene.say("narrate.returned_close_datagram").from_source("RFC 768");
            }
            Event::Returned { outcome: Outcome::Ok(Answer::Accepted { accepted, .. }), .. }
                if Some(*accepted) == fd =>
            {
                break;
            }
            Event::Returned { id, call, outcome: Outcome::Ok(Answer::Number(made)), .. }
                if call == "socket" && Some(*made) == fd.map(i64::from) =>
            {
                let datagram = matches!(call_of(scene, *id), Some(Call::Socket { kind: Kind::Datagram, .. }));
                if datagram {
                    return scene.say("narrate.returned_close_datagram").from_source("RFC 768");
                }
                break;
            }
            _ => {}
        }
    }
    scene.say("narrate.returned_close").from_source("RFC 9293, 3.6")
}

fn failed(scene: &Scene<'_>, call: &str, errno: Errno) -> Vec<Sentence> {
    let first =
        scene.say("narrate.returned_error").with("call", call).with("errno", errno.name()).with("text", errno.text());
    let why = match errno {
        Errno::EPIPE => Some("narrate.errno_epipe"),
        Errno::ECONNRESET => Some("narrate.errno_econnreset"),
        Errno::ECONNREFUSED => Some("narrate.errno_econnrefused"),
        Errno::EADDRINUSE => Some("narrate.errno_eaddrinuse"),
        Errno::EADDRNOTAVAIL => Some("narrate.errno_eaddrnotavail"),
        Errno::EACCES => Some("narrate.errno_eacces"),
        Errno::EAGAIN => Some("narrate.errno_eagain"),
        Errno::EINPROGRESS => Some("narrate.errno_einprogress"),
        Errno::EBADF => Some("narrate.errno_ebadf"),
        Errno::ENOTCONN => Some("narrate.errno_enotconn"),
        Errno::EISCONN => Some("narrate.errno_eisconn"),
        Errno::ETIMEDOUT => Some("narrate.errno_etimedout"),
        Errno::EHOSTUNREACH => Some("narrate.errno_ehostunreach"),
        Errno::ENETUNREACH => Some("narrate.errno_enetunreach"),
        Errno::EMSGSIZE => Some("narrate.errno_emsgsize"),
        Errno::EDESTADDRREQ => Some("narrate.errno_edestaddrreq"),
        Errno::EINVAL => Some("narrate.errno_einval"),
        _ => None,
    };
    std::iter::once(first).chain(why.map(|key| scene.say(key).with("call", call))).collect()
}

/// Whether a read joined several writes or ended inside one: what is called sticky packets, said exactly.
fn cut(scene: &Scene<'_>, range: Option<Range>) -> Vec<Sentence> {
    let (Some(read), Some(flow)) = (range, scene.trace.events[scene.index].flow) else { return Vec::new() };
    let writes = writes_of_peer(scene, flow, read);
    let mut sentences = Vec::new();
    if writes.len() > 1 {
        sentences.push(scene.say("narrate.read_coalesced").with("sends", writes.len()).from_source("RFC 9293, 3.8"));
    }
    let split_first = writes.first().is_some_and(|write| write.0 < read.0);
    let split_last = writes.last().is_some_and(|write| write.1 > read.1);
    if split_first {
        sentences.push(scene.say("narrate.read_split_before"));
    }
    if split_last {
        sentences.push(scene.say("narrate.read_split_after"));
    }
    if writes.len() == 1 && !split_first && !split_last {
        sentences.push(scene.say("narrate.read_matches"));
    }
    sentences
}

/// The writes of the other host that `read` overlaps, in stream order.
fn writes_of_peer(scene: &Scene<'_>, flow: Flow, read: Range) -> Vec<Range> {
    let mut writes: Vec<Range> = scene
        .trace
        .events
        .iter()
        .filter(|event| event.flow == Some(flow) && event.host.as_deref() != Some(&*scene.host))
        .filter_map(|event| match &event.body {
            Body::Socket(Event::Returned { call, range: Some(range), .. }) if call.starts_with("send") => Some(*range),
            _ => None,
        })
        .filter(|write| write.overlap(read).is_some())
        .collect();
    writes.sort_unstable();
    writes
}

fn call_of<'a>(scene: &Scene<'a>, wanted: u32) -> Option<&'a Call> {
    scene.trace.events[..scene.index].iter().rev().find_map(|event| match &event.body {
        Body::Socket(Event::Called { id, call, .. })
            if *id == wanted && event.host.as_deref() == Some(&*scene.host) =>
        {
            Some(call)
        }
        _ => None,
    })
}

fn call_name(scene: &Scene<'_>, id: u32) -> &'static str {
    call_of(scene, id).map_or("call", Call::name)
}

fn asked_to_send(scene: &Scene<'_>, id: u32) -> Option<usize> {
    match call_of(scene, id) {
        Some(Call::Send { data, .. }) => Some(data.len()),
        _ => None,
    }
}
