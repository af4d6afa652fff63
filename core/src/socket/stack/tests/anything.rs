//! Any calls in any order, with any time between: nothing panics, each call is answered once or waits, and the bytes that
//! arrive are the bytes that were sent.

use super::*;
use proptest::prelude::*;

/// One step of a random life.
#[derive(Clone, Debug)]
enum Act {
    Call(usize, Call),
    Pass(u64),
    Exit(usize),
}

fn address() -> impl Strategy<Value = SocketAddrV4> {
    let ip = prop_oneof![
        4 => Just("10.0.0.1"), 4 => Just("10.0.0.2"), 2 => Just("0.0.0.0"), 1 => Just("127.0.0.1"),
        1 => Just("10.0.0.255"), 1 => Just("255.255.255.255"), 1 => Just("10.0.0.9"), 1 => Just("8.8.8.8"),
    ];
    let port = prop_oneof![4 => Just(80u16), 2 => Just(81), 1 => Just(0), 1 => Just(40_000)];
    (ip, port).prop_map(|(ip, port)| SocketAddrV4::new(ip.parse().unwrap(), port))
}

fn flags() -> impl Strategy<Value = Flags> {
    (any::<bool>(), prop::bool::weighted(0.1), prop::bool::weighted(0.1), prop::bool::weighted(0.05)).prop_map(
        |(dont_wait, peek, wait_all, out_of_band)| Flags { dont_wait, peek, wait_all, out_of_band, truncate: false },
    )
}

fn call() -> impl Strategy<Value = Call> {
    let fd = || 3..8;
    let data =
        || prop_oneof![Just(0usize), 1..40usize, Just(5_000), Just(70_000)].prop_map(|n| Data::from(vec![b'd'; n]));
    let size = || prop_oneof![Just(0usize), 1..50usize, Just(65_536)];
    let how = prop_oneof![Just(How::Read), Just(How::Write), Just(How::Both)];
    let mode =
        prop_oneof![Just(Blocking::Forever), Just(Blocking::Never), Just(Blocking::AtMost(Duration::from_millis(5)))];
    let option = prop::sample::select(SocketOption::TABLE).prop_map(|row| row.0);
    let value = prop_oneof![
        (-2..5i64).prop_map(OptionValue::Number),
        any::<i64>().prop_map(OptionValue::Number),
        (any::<bool>(), -1..3).prop_map(|(on, seconds)| OptionValue::Linger { on, seconds }),
    ];
    let fds = || prop::collection::vec(3..8i32, 0..3);
    prop_oneof![
        3 => Just(Call::Socket { kind: Kind::Stream, protocol: 0 }),
        2 => Just(Call::Socket { kind: Kind::Datagram, protocol: 0 }),
        1 => Just(Call::SocketPair),
        3 => (fd(), address()).prop_map(|(fd, address)| Call::Bind { fd, address }),
        3 => (fd(), -1..3).prop_map(|(fd, backlog)| Call::Listen { fd, backlog }),
        3 => fd().prop_map(|fd| Call::Accept { fd }),
        5 => (fd(), address()).prop_map(|(fd, address)| Call::Connect { fd, address }),
        5 => (fd(), data(), flags(), any::<bool>()).prop_map(|(fd, data, flags, all)| Call::Send { fd, data, flags, all }),
        3 => (fd(), data(), flags(), address())
            .prop_map(|(fd, data, flags, address)| Call::SendTo { fd, data, flags, address }),
        5 => (fd(), size(), flags()).prop_map(|(fd, size, flags)| Call::Recv { fd, size, flags }),
        2 => (fd(), size(), flags()).prop_map(|(fd, size, flags)| Call::RecvFrom { fd, size, flags }),
        2 => (fd(), how).prop_map(|(fd, how)| Call::Shutdown { fd, how }),
        2 => fd().prop_map(|fd| Call::Close { fd }),
        2 => (fd(), option.clone(), value).prop_map(|(fd, option, value)| Call::SetOption { fd, option, value }),
        2 => (fd(), option).prop_map(|(fd, option)| Call::GetOption { fd, option }),
        2 => (fd(), mode).prop_map(|(fd, mode)| Call::SetBlocking { fd, mode }),
        1 => fd().prop_map(|fd| Call::LocalAddress { fd }),
        1 => fd().prop_map(|fd| Call::PeerAddress { fd }),
        1 => (fds(), fds(), prop::option::of(0..20u64)).prop_map(|(read, write, timeout)| Call::Select {
            read, write, except: vec![], timeout: timeout.map(Duration::from_millis)
        }),
        1 => (0..20u64).prop_map(|millis| Call::Sleep { duration: Duration::from_millis(millis) }),
        1 => Just(Call::Clock),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..2usize, call()).prop_map(|(host, call)| Act::Call(host, call)),
        3 => prop_oneof![Just(1u64), 5..50u64, Just(5_000)].prop_map(Act::Pass),
        1 => (0..20usize).prop_map(|host| if host < 2 { Act::Exit(host) } else { Act::Pass(2) }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_calls_are_answered_once_and_nothing_panics(acts in prop::collection::vec(act(), 1..80)) {
        let mut bench = Bench::new(2);
        let mut made = Vec::new();
        for act in acts {
            match act {
                Act::Call(host, call) => made.push((host, bench.start(host, call))),
                Act::Pass(millis) => bench.pass(millis),
                Act::Exit(host) => {
                    bench.stacks[host].exit(bench.now);
                    bench.drain(host);
                }
            }
        }
        bench.pass(1_000);
        prop_assert!(bench.answers.values().all(|answers| *answers == 1));
        for host in 0..2 {
            bench.stacks[host].exit(bench.now);
            bench.drain(host);
        }
        // With both processes gone everything comes to rest by itself: retries end, connections are forgotten.
        bench.pass(3_000_000);
        for stack in &bench.stacks {
            prop_assert!(stack.is_quiet() && !stack.awaits_time());
            prop_assert_eq!((stack.sockets.len(), stack.connections.len(), stack.timers.len()), (0, 0, 0));
        }
    }
}
