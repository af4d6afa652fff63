//! The link: where the time goes, what is lost and why, and that nothing vanishes.

use super::*;
use crate::time::{Duration, Instant};
use proptest::prelude::*;
use std::sync::Arc;

fn hosts() -> Vec<Arc<str>> {
    vec!["client".into(), "server".into(), "other".into()]
}

fn link(config: Config) -> Link<u32> {
    Link::new(config, &hosts(), 1)
}

fn at(micros: u64) -> Instant {
    Instant::from_micros(micros)
}

const DATA: Class = Class { data: true, syn: false, fin: false, ack: false };

/// Sends numbered frames of 1,000 bytes from host 0 to host 1 and returns the verdicts.
fn send_many(link: &mut Link<u32>, now: Instant, count: u32) -> Vec<Sent> {
    (0..count).map(|number| link.send(now, 0, 1, number, 1_000, DATA)).collect()
}

fn arrivals(link: &mut Link<u32>) -> Vec<(u64, u32, bool)> {
    std::iter::from_fn(|| link.poll_arrival(at(u64::MAX)))
        .map(|arrival| (arrival.at.as_micros(), arrival.item, arrival.duplicate))
        .collect()
}

#[test]
fn a_frame_takes_its_sending_time_and_the_delay() {
    let mut link = link(Config { delay: Duration::from_millis(10), rate: Some(8_000_000), ..Config::default() });
    let sent = send_many(&mut link, at(0), 3);
    let arrive = |sent: &Sent| match sent.verdict {
        Verdict::Deliver { at } => at.as_micros(),
        Verdict::Drop { .. } => panic!("{sent:?}"),
    };
    assert_eq!(sent.iter().map(arrive).collect::<Vec<_>>(), [11_000, 12_000, 13_000]);
    assert_eq!(sent.iter().map(|sent| sent.queued.as_micros()).collect::<Vec<_>>(), [0, 1_000, 2_000]);
    assert_eq!(arrivals(&mut link), [(11_000, 0, false), (12_000, 1, false), (13_000, 2, false)]);
}

#[test]
fn at_a_high_rate_no_time_is_rounded_up_for_every_frame() {
    let mut link = link(Config { delay: Duration::ZERO, rate: Some(80_000_000_000), ..Config::default() });
    send_many(&mut link, at(0), 101); // 0.1 µs each
    assert_eq!(arrivals(&mut link)[99].0, 10);
}

#[test]
fn directions_do_not_wait_for_each_other() {
    let mut link = link(Config { rate: Some(8_000_000), ..Config::default() });
    send_many(&mut link, at(0), 5);
    assert_eq!(link.send(at(0), 1, 0, 9, 1_000, DATA).queued, Duration::ZERO);
    assert_eq!(link.send(at(0), 0, 2, 9, 1_000, DATA).queued, Duration::ZERO);
}

#[test]
fn a_full_queue_drops_the_newcomer_until_a_frame_has_begun() {
    let mut link = link(Config { rate: Some(8_000_000), queue: 2, ..Config::default() });
    let full = Verdict::Drop { cause: Cause::QueueFull };
    let verdicts: Vec<bool> = send_many(&mut link, at(0), 5).iter().map(|sent| sent.verdict == full).collect();
    assert_eq!(verdicts, [false, false, false, true, true], "one is being sent, two wait");
    assert_eq!(link.send(at(999), 0, 1, 5, 1_000, DATA).verdict, full);
    assert_ne!(link.send(at(1_000), 0, 1, 6, 1_000, DATA).verdict, full);
    assert_eq!(arrivals(&mut link).iter().map(|arrival| arrival.1).collect::<Vec<_>>(), [0, 1, 2, 6]);
}

#[test]
fn without_a_rate_nothing_waits() {
    let mut link = link(Config { queue: 0, ..Config::default() });
    assert!(send_many(&mut link, at(0), 1_000).iter().all(|sent| sent.queued == Duration::ZERO));
    assert_eq!(arrivals(&mut link).len(), 1_000);
}

#[test]
fn a_frame_longer_than_mtu_and_ethernet_header_is_too_long() {
    let mut link = link(Config { mtu: 1_500, ..Config::default() });
    assert!(matches!(link.send(at(0), 0, 1, 0, 1_514, DATA).verdict, Verdict::Deliver { .. }));
    assert_eq!(link.send(at(0), 0, 1, 1, 1_515, DATA).verdict, Verdict::Drop { cause: Cause::TooLong });
}

fn scripted(from: &str, counted: Counted, nth: u32) -> Config {
    Config { drop: vec![ScriptedDrop { from: from.into(), counted, nth }], ..Config::default() }
}

#[test]
fn a_scripted_drop_takes_the_frame_it_names_and_no_other() {
    let mut link = link(scripted("client", Counted::Data, 3));
    let plan = Verdict::Drop { cause: Cause::Scripted };
    let pure_ack = Class { ack: true, ..Class::default() };
    let mut taken = Vec::new();
    for number in 0..10 {
        taken.push(link.send(at(0), 1, 0, 0, 60, DATA).verdict == plan); // the other host is not counted
        taken.push(link.send(at(0), 0, 1, 0, 60, pure_ack).verdict == plan); // nor are other frames
        let data = link.send(at(0), 0, 1 + number % 2, 0, 60, DATA).verdict == plan;
        assert_eq!(data, number == 2, "frame {number}");
    }
    assert!(!taken.contains(&true));
}

#[test]
fn every_class_can_be_counted() {
    let syn = Class { syn: true, ..Class::default() };
    let fin = Class { fin: true, ..Class::default() };
    let ack = Class { ack: true, ..Class::default() };
    for (counted, class) in [
        (Counted::Data, DATA),
        (Counted::Syn, syn),
        (Counted::Fin, fin),
        (Counted::Ack, ack),
        (Counted::Frame, Class::default()),
    ] {
        let mut link = link(scripted("client", counted, 1));
        assert_eq!(link.send(at(0), 0, 1, 0, 60, class).verdict, Verdict::Drop { cause: Cause::Scripted });
    }
}

#[test]
fn a_broadcast_is_counted_once_and_lost_for_all() {
    let mut link = link(scripted("client", Counted::Data, 2));
    let plan = Verdict::Drop { cause: Cause::Scripted };
    let lost = |sent: Vec<(usize, Sent)>| sent.iter().map(|(_, sent)| sent.verdict == plan).collect::<Vec<_>>();
    assert_eq!(lost(link.broadcast(at(0), 0, [1, 2], 1, 60, DATA)), [false, false]);
    assert_eq!(lost(link.broadcast(at(0), 0, [1, 2], 2, 60, DATA)), [true, true]);
    assert_eq!(lost(link.broadcast(at(0), 0, [1, 2], 3, 60, DATA)), [false, false]);
}

#[test]
fn a_duplicate_comes_right_behind_its_original() {
    let mut link = link(Config { duplicate: 1.0, rate: Some(8_000_000), ..Config::default() });
    let sent = link.send(at(0), 0, 1, 7, 1_000, DATA);
    assert_eq!(sent.duplicate, Some(at(3_000)));
    assert_eq!(arrivals(&mut link), [(2_000, 7, false), (3_000, 7, true)]);
}

#[test]
fn a_frame_held_back_is_overtaken_by_the_next_ones() {
    // With a seed under which the first frame is held back and the next two are not.
    let config = Config { reorder: 0.3, delay: Duration::from_millis(5), rate: Some(8_000_000), ..Config::default() };
    let order = (0..100)
        .map(|seed| {
            let mut link = Link::new(config.clone(), &hosts(), seed);
            send_many(&mut link, at(0), 3);
            arrivals(&mut link).iter().map(|arrival| arrival.1).collect::<Vec<_>>()
        })
        .find(|order| order[0] != 0);
    assert_eq!(order, Some(vec![1, 2, 0]));
}

#[test]
fn one_knob_does_not_move_the_dice_of_another() {
    let lost = |config: Config| -> Vec<bool> {
        let mut link = link(config);
        let sent = send_many(&mut link, at(0), 200);
        sent.iter().map(|sent| matches!(sent.verdict, Verdict::Drop { .. })).collect()
    };
    let plain = lost(Config { loss: 0.2, ..Config::default() });
    let more = lost(Config { loss: 0.2, duplicate: 0.5, reorder: 0.5, delay: Duration::ZERO, ..Config::default() });
    assert_eq!(plain, more);
    assert!(plain.contains(&true) && plain.contains(&false));
}

/// What a test does: at a time after the last, from, to, length.
fn traffic() -> impl Strategy<Value = Vec<(u64, usize, usize, usize)>> {
    prop::collection::vec((0..3_000u64, 0..3usize, 0..3usize, 0..1_700usize), 0..80)
}

fn any_config() -> impl Strategy<Value = Config> {
    let chance = || prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64];
    let rate = prop_oneof![Just(None), (1..100_000_000u64).prop_map(Some)];
    let counted = prop_oneof![Just(Counted::Data), Just(Counted::Frame)];
    (0..20_000u64, rate, 0..10u32, chance(), chance(), chance(), counted, 0..5u32).prop_map(
        |(delay, rate, queue, loss, duplicate, reorder, counted, nth)| Config {
            delay: Duration::from_micros(delay),
            rate,
            queue,
            loss,
            duplicate,
            reorder,
            ..scripted("client", counted, nth)
        },
    )
}

proptest! {
    #[test]
    fn every_frame_arrives_when_its_verdict_says_or_is_dropped_with_a_cause(
        config in any_config(),
        traffic in traffic(),
        seed: u64,
    ) {
        let mut link = Link::new(config.clone(), &hosts(), seed);
        let mut now = Instant::ZERO;
        let mut expected = Vec::new();
        for (number, (after, from, to, length)) in traffic.into_iter().enumerate() {
            now += Duration::from_micros(after);
            let number = number as u32;
            let sent = link.send(now, from, to, number, length, DATA);
            match sent.verdict {
                Verdict::Deliver { at } => {
                    prop_assert!(at >= now + config.delay);
                    expected.push((at, from, to, number, false));
                    expected.extend(sent.duplicate.map(|copy| (copy, from, to, number, true)));
                    prop_assert!(sent.duplicate.is_none_or(|copy| copy > at));
                }
                Verdict::Drop { cause } => {
                    prop_assert_eq!(sent.duplicate, None);
                    let possible = match cause {
                        Cause::Loss => config.loss > 0.0,
                        Cause::Scripted => from == 0 && config.drop[0].nth > 0,
                        Cause::QueueFull => config.rate.is_some(),
                        Cause::TooLong => length > 1_514,
                        Cause::NoSuchHost => false,
                    };
                    prop_assert!(possible, "{cause:?}");
                }
            }
        }
        let mut arrived = Vec::new();
        while let Some(next) = link.next_arrival() {
            if next > Instant::ZERO {
                let before = Instant::from_micros(next.as_micros() - 1);
                prop_assert_eq!(link.poll_arrival(before), None, "nothing comes early");
            }
            let arrival = link.poll_arrival(next).expect("it was announced");
            arrived.push((arrival.at, arrival.from, arrival.to, arrival.item, arrival.duplicate));
        }
        prop_assert!(arrived.is_sorted_by_key(|arrival| arrival.0));
        arrived.sort();
        expected.sort();
        prop_assert_eq!(arrived, expected);
    }

    #[test]
    fn without_reordering_frames_arrive_in_the_order_they_were_sent(
        config in any_config(),
        traffic in traffic(),
    ) {
        let mut link = link(Config { reorder: 0.0, ..config });
        let mut now = Instant::ZERO;
        for (number, (after, _, _, length)) in traffic.into_iter().enumerate() {
            now += Duration::from_micros(after);
            link.send(now, 0, 1, number as u32, length, DATA);
        }
        let originals: Vec<u32> =
            arrivals(&mut link).iter().filter(|arrival| !arrival.2).map(|arrival| arrival.1).collect();
        prop_assert!(originals.is_sorted());
    }

    #[test]
    fn the_same_seed_gives_the_same_verdicts(config in any_config(), traffic in traffic(), seed: u64) {
        let run = || {
            let mut link = Link::new(config.clone(), &hosts(), seed);
            let verdicts: Vec<Sent> = traffic
                .iter()
                .map(|&(now, from, to, length)| link.send(at(now), from, to, 0, length, DATA))
                .collect();
            (verdicts, arrivals(&mut link))
        };
        prop_assert_eq!(run(), run());
    }
}

#[test]
fn a_frame_has_the_class_of_what_it_carries() {
    use crate::stream::Data;
    use crate::wire::{Control, Datagram, Frame, Ipv4, MacAddress, Packet, Segment, TcpOptions, Transport, fragment};
    use std::net::Ipv4Addr;
    let packet = |payload| Ipv4 {
        source: Ipv4Addr::LOCALHOST,
        destination: Ipv4Addr::LOCALHOST,
        ttl: 64,
        tos: 0,
        identification: 1,
        dont_fragment: false,
        more_fragments: false,
        fragment_offset: 0,
        payload,
    };
    let class = |packet| {
        let mac = MacAddress::default();
        let class = Class::of(&Frame { destination: mac, source: mac, payload: Packet::Ipv4(packet) });
        [class.data, class.syn, class.fin, class.ack]
    };
    let segment = |bits: &str, payload: &[u8]| {
        let has = |bit| bits.contains(bit);
        let control = Control { syn: has('S'), ack: has('A'), fin: has('F'), rst: has('R'), ..Control::default() };
        packet(Transport::Tcp(Segment {
            source_port: 1,
            destination_port: 2,
            sequence: 0,
            acknowledgement: 0,
            control,
            window: 0,
            urgent: 0,
            options: TcpOptions::default(),
            payload: Data::from(payload),
        }))
    };
    assert_eq!(class(segment("A", b"x")), [true, false, false, false]);
    assert_eq!(class(segment("A", b"")), [false, false, false, true]);
    assert_eq!(class(segment("SA", b"")), [false, true, false, false]);
    assert_eq!(class(segment("FA", b"x")), [true, false, true, false]);
    assert_eq!(class(segment("RA", b"")), [false; 4]);
    let datagram =
        packet(Transport::Udp(Datagram { source_port: 1, destination_port: 2, payload: vec![0; 2_000].into() }));
    let pieces = fragment(&datagram, 1_500);
    assert_eq!(pieces.into_iter().map(|piece| class(piece)[0]).collect::<Vec<_>>(), [true, false]);
}
