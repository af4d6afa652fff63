//! Any wire, any sizes, any pace: every byte arrives once and in order, both ends finish, and nobody talks for ever.

use super::super::*;
use super::pair::*;
use crate::tcp::{Algorithm, Config};
use bytes::Bytes;
use proptest::prelude::*;

fn config() -> impl Strategy<Value = Config> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let sizes = (
        prop_oneof![Just(131_072usize), 2304usize..20_000],
        500usize..60_000,
        prop_oneof![Just(1460u16), 100u16..1460],
    );
    (switches, sizes, any::<u64>()).prop_map(
        |((sack, timestamps, scale, delayed, nodelay, reno), (receive, send, mss), seed)| Config {
            sack,
            timestamps,
            window_scale: scale,
            delayed_ack: delayed,
            nodelay,
            congestion: if reno { Algorithm::Reno } else { Algorithm::Cubic },
            mss,
            receive_buffer: receive,
            receive_maximum: receive,
            send_buffer: send,
            send_maximum: send,
            seed,
            ..Config::default()
        },
    )
}

fn wire() -> impl Strategy<Value = Wire> {
    (0u64..50_000, prop_oneof![Just(0u64), 0u64..40_000], prop_oneof![Just(0u64), 0u64..250], 0u64..100, 1u64..u64::MAX)
        .prop_map(|(delay, jitter, loss, duplicate, seed)| Wire { delay, jitter, loss, duplicate, seed })
}

/// What an application does: writes so much in all, in pieces, and reads in pieces.
#[derive(Clone, Debug)]
struct Application {
    total: usize,
    piece: usize,
    read: usize,
    /// In a thousand: how often it gets to do something.
    pace: u64,
}

fn application() -> impl Strategy<Value = Application> {
    (prop_oneof![0usize..100, 0usize..60_000], 1usize..5000, 1usize..9000, 50u64..1000).prop_map(
        |(total, piece, read, pace)| {
            // So that no case takes more than a few hundred calls.
            Application { total, piece: piece.max(total / 300), read: read.max(200), pace }
        },
    )
}

fn stream(length: usize, salt: u8) -> Bytes {
    (0..length).map(|index| (index * 31 + index / 256) as u8 ^ salt).collect::<Vec<_>>().into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]
    #[test]
    fn every_byte_arrives_once_and_in_order_and_both_ends_close(
        configs in (config(), config()),
        wire in wire(),
        applications in (application(), application()),
    ) {
        let applications = [applications.0, applications.1];
        let streams = [stream(applications[0].total, 0x5a), stream(applications[1].total, 0xa5)];
        // Giving up is allowed on a wire this bad, and so is a TIME-WAIT that ends before the peer's last FIN gets through; neither
        // is what is tested here.
        let patient = |config: Config| Config { retries: 1000, syn_retries: 1000, synack_retries: 1000, time_wait: Duration::from_secs(1_000_000), ..config };
        let mut pair = Pair::new(patient(configs.0), patient(configs.1), wire.clone());
        let mut written = [0usize; 2];
        let mut read = [Vec::new(), Vec::new()];
        let mut closed = [false; 2];
        let mut steps = 0u32;
        loop {
            let moved = pair.step();
            for end in 0..2 {
                let application = &applications[end];
                let idle = pair.ends[end].as_ref().is_none_or(|connection| !connection.was_established);
                if idle || (moved && pair.wire.chance(1000) >= application.pace) {
                    continue;
                }
                if written[end] < application.total {
                    let next = streams[end].slice(written[end]..(written[end] + application.piece).min(application.total));
                    if let Ok(taken) = pair.act(end, |connection, now| connection.send(now, &next)) {
                        written[end] += taken;
                    }
                } else if !closed[end] {
                    closed[end] = true;
                    pair.act(end, |connection, now| connection.shutdown_write(now));
                }
                if let Ok(part) = pair.act(end, |connection, now| connection.recv(now, application.read)) {
                    read[end].extend_from_slice(&part);
                }
            }
            let finished = |end: usize| matches!(pair.states()[end], State::TimeWait | State::Closed);
            if closed == [true; 2] && finished(0) && finished(1) && (0..2).all(|end| read[end].len() >= applications[1 - end].total) {
                break;
            }
            steps += 1;
            prop_assert!(steps < 400_000, "no end: {:?} {:?} {:?}", pair.states(), written, read.each_ref().map(Vec::len));
            for end in pair.ends.iter().flatten() {
                prop_assert_eq!(end.error(), None);
                prop_assert!(end.board.in_flight() <= end.board.outstanding() * 2);
            }
        }
        prop_assert!(read[1] == streams[0], "the bytes of end 0");
        prop_assert!(read[0] == streams[1], "the bytes of end 1");
        let bytes = (streams[0].len() + streams[1].len()) as u64;
        let smallest = 88;
        let bound = 2000 + 60 * bytes / smallest + 40 * (applications.iter().map(|a| a.total / a.piece.min(a.read)).sum::<usize>() as u64);
        prop_assert!((pair.sent.len() as u64) < bound, "{} segments for {bytes} bytes", pair.sent.len());
    }
}
