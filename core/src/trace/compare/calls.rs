//! The calls of each task, one by one, until the two runs part for a reason that is allowed.

use super::{Findings, Side, link_interfered};
use crate::socket::{Answer, Call, Errno, Outcome, SocketOption};
use crate::trace::{CallRecord, Engine, Trace, calls};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a pair of calls says about the two runs.
enum Verdict {
    /// Alike.
    Same,
    /// Different in a way that is allowed and changes nothing after it.
    Free(&'static str, &'static str),
    /// Different in a way that is allowed, and all that follows may differ.
    Parted(&'static str, &'static str),
    /// Not allowed.
    Broken(&'static str),
}

/// Compares the calls; the answer names the hosts whose run may differ from then on because their reads differed.
pub fn compare(model: &Trace, kernel: &Trace, found: &mut Findings) -> BTreeSet<Arc<str>> {
    let interfered = link_interfered([model, kernel]);
    let wire = kernel.header.engine == Engine::KernelIsolated;
    let mut parted = BTreeSet::new();
    let theirs = by_task(kernel);
    for (key, ours) in by_task(model) {
        let none = Vec::new();
        let theirs = theirs.get(&key).unwrap_or(&none);
        let host = &key.0;
        for index in 0..ours.len().max(theirs.len()) {
            let (a, b) = (ours.get(index), theirs.get(index));
            let verdict = match (a, b) {
                (Some(a), Some(b)) => judge(a, b, interfered, wire),
                // After the programs of both hosts parted, one may make more calls than the other.
                _ if !parted.is_empty() => Verdict::Parted("calls_after_parting", ""),
                _ => Verdict::Broken("call_count"),
            };
            let sides = (side(a), side(b));
            match verdict {
                Verdict::Same => continue,
                Verdict::Free(code, source) => found.freedom(code, source, Some(host), sides.0, sides.1),
                Verdict::Parted(code, source) => {
                    found.freedom(code, source, Some(host), sides.0, sides.1);
                    parted.insert(host.clone());
                    break;
                }
                Verdict::Broken(_) if parted.contains(host) => break,
                Verdict::Broken(code) => {
                    found.contradiction(code, "", Some(host), sides.0, sides.1);
                    break;
                }
            }
        }
    }
    parted
}

fn by_task(trace: &Trace) -> BTreeMap<(Arc<str>, u32), Vec<CallRecord>> {
    let mut tasks: BTreeMap<_, Vec<CallRecord>> = BTreeMap::new();
    for record in calls(trace) {
        tasks.entry((record.host.clone(), record.task)).or_default().push(record);
    }
    tasks
}

fn side(record: Option<&CallRecord>) -> Side {
    match record {
        None => Side::new("(no further call)", None),
        Some(record) => Side::new(show(record), Some(record.returned_at.unwrap_or(record.called_at))),
    }
}

/// A call and its outcome in one line: `line 6: recv(1024) = b'msg0'`.
fn show(record: &CallRecord) -> String {
    let outcome = match &record.outcome {
        None => "…".to_owned(),
        Some(Outcome::TimedOut) => "timed out".to_owned(),
        Some(Outcome::Error(errno)) => errno.name().to_owned(),
        Some(Outcome::Ok(answer)) => match answer {
            Answer::Nothing => "ok".to_owned(),
            Answer::Number(number) => number.to_string(),
            Answer::Data(data) => format!("b'{}' ({} bytes)", data.preview(), data.len()),
            Answer::Datagram { data, from, .. } => {
                let from = from.map_or_else(String::new, |from| format!(" from {from}"));
                format!("b'{}' ({} bytes){from}", data.preview(), data.len())
            }
            Answer::Accepted { accepted, peer } => format!("{accepted}, {peer}"),
            Answer::Address(address) => address.to_string(),
            Answer::Ready { read, write, except } => format!("{read:?} {write:?} {except:?}"),
            Answer::Linger { on, seconds } => format!("({}, {seconds})", i32::from(*on)),
            Answer::Moment { moment } => moment.to_string(),
            Answer::Pair { pair } => format!("{pair:?}"),
        },
    };
    let blocked = if record.blocked.as_micros() > 0 { format!(", blocked {}", record.blocked) } else { String::new() };
    format!("line {}: {}() = {outcome}{blocked}", record.line, record.call.name())
}

fn judge(a: &CallRecord, b: &CallRecord, interfered: bool, wire: bool) -> Verdict {
    if a.call.name() != b.call.name() || a.line != b.line {
        return Verdict::Broken("call");
    }
    let (Some(ours), Some(theirs)) = (&a.outcome, &b.outcome) else {
        return match (&a.outcome, &b.outcome) {
            (None, None) => arguments(a, b),
            _ if interfered => Verdict::Parted("chance", "RFC 768; RFC 9293, 3.8"),
            _ => Verdict::Broken("return"),
        };
    };
    match outcomes(a, b, ours, theirs, interfered, wire) {
        Verdict::Same => arguments(a, b),
        verdict => verdict,
    }
}

/// Whether both calls asked for the same. Addresses may differ in a port that the system chose.
fn arguments(a: &CallRecord, b: &CallRecord) -> Verdict {
    match (&a.call, &b.call) {
        (x, y) if x == y => Verdict::Same,
        (Call::Connect { address: x, .. }, Call::Connect { address: y, .. })
        | (Call::SendTo { address: x, .. }, Call::SendTo { address: y, .. })
            if x.ip() == y.ip() && ephemeral(x.port()) && ephemeral(y.port()) =>
        {
            Verdict::Free("ephemeral_port", "RFC 6056, 3")
        }
        (Call::Send { data: x, .. }, Call::Send { data: y, .. }) if x.len() == y.len() => {
            Verdict::Free("sent_text", "")
        }
        _ => Verdict::Broken("arguments"),
    }
}

fn outcomes(a: &CallRecord, b: &CallRecord, ours: &Outcome, theirs: &Outcome, interfered: bool, wire: bool) -> Verdict {
    use Outcome::{Error, Ok, TimedOut};
    if ours == theirs {
        return Verdict::Same;
    }
    let stream = "RFC 9293, 3.8";
    match (ours, theirs) {
        (Ok(x), Ok(y)) => match (&a.call, x, y) {
            // A stream has no boundaries: how much one recv returns is open; but the end of the stream is not data.
            (Call::Recv { flags, .. }, Answer::Data(x), Answer::Data(y)) => {
                let both_data = !x.is_empty() && !y.is_empty();
                if both_data && (x.starts_with(y) || y.starts_with(x) || a.range != b.range) {
                    Verdict::Parted("read_partition", stream)
                } else if flags.peek {
                    Verdict::Free("read_partition", stream)
                } else if a.range.is_none() && interfered {
                    // Datagrams on a connected socket.
                    Verdict::Parted("chance", "RFC 768")
                } else {
                    Verdict::Broken("received")
                }
            }
            (_, Answer::Datagram { data, from, .. }, Answer::Datagram { data: other, from: sender, .. }) => {
                let same_host = match (from, sender) {
                    (Some(x), Some(y)) => x.ip() == y.ip(),
                    (x, y) => x == y,
                };
                match data == other {
                    true if same_host => Verdict::Free("ephemeral_port", "RFC 6056, 3"),
                    true => Verdict::Free("arrival_order", "RFC 768"),
                    false if interfered => Verdict::Parted("chance", "RFC 768"),
                    false => Verdict::Parted("arrival_order", "RFC 768"),
                }
            }
            (_, Answer::Accepted { accepted: x, peer }, Answer::Accepted { accepted: y, peer: other }) => {
                if x != y {
                    Verdict::Broken("descriptor")
                } else if peer.ip() == other.ip() {
                    Verdict::Free("ephemeral_port", "RFC 6056, 3")
                } else {
                    Verdict::Parted("arrival_order", "")
                }
            }
            (_, Answer::Address(x), Answer::Address(y))
                if x.ip() == y.ip() && ephemeral(x.port()) && ephemeral(y.port()) =>
            {
                Verdict::Free("ephemeral_port", "RFC 6056, 3")
            }
            (Call::GetOption { option, .. }, ..) if sized_by_the_system(*option) => {
                Verdict::Free("option_value", "socket(7), tcp(7)")
            }
            (Call::Send { all: false, .. }, Answer::Number(_), Answer::Number(_)) => {
                Verdict::Parted("partial_send", "POSIX send()")
            }
            (Call::Clock, ..) => Verdict::Free("clock", ""),
            (Call::Select { .. }, ..) => Verdict::Parted("readiness", "POSIX select()"),
            _ => Verdict::Broken("outcome"),
        },
        // A reset may be noticed by the call that was under way or by the next.
        (Error(Errno::EPIPE), Error(Errno::ECONNRESET)) | (Error(Errno::ECONNRESET), Error(Errno::EPIPE)) => {
            Verdict::Broken("outcome")
        }
        // Without a wire there is no delay, so a time limit may be met that the model passes, and the other way round.
        (TimedOut, _) | (_, TimedOut) | (Error(Errno::EAGAIN), _) | (_, Error(Errno::EAGAIN))
            if !wire || interfered =>
        {
            Verdict::Parted("no_wire_delay", "")
        }
        (Error(Errno::EINPROGRESS), Ok(_)) | (Ok(_), Error(Errno::EINPROGRESS)) if !wire => {
            Verdict::Free("no_wire_delay", "")
        }
        _ => Verdict::Broken("outcome"),
    }
}

/// Whether a port is one that systems choose themselves (RFC 6335, 6; Linux starts at 32768).
fn ephemeral(port: u16) -> bool {
    port >= 32_768
}

fn sized_by_the_system(option: SocketOption) -> bool {
    matches!(
        option,
        SocketOption::SoRcvbuf | SocketOption::SoSndbuf | SocketOption::TcpMaxseg | SocketOption::TcpQuickack
    )
}
