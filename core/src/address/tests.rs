//! Addresses explained: every form, every refusal in its place, networks of every size.

use super::explain::{Asked, Explanation, Form, Question, Refused, RefusedKind, Role, explain};
use super::{AtonErrorKind, PackedLength, explain::ntoa};
use std::net::Ipv4Addr;

fn plain(text: &str) -> Result<Explanation, Refused> {
    explain(Question { text, ..Question::default() })
}

#[test]
fn one_address_in_every_form_it_may_be_typed_in() {
    for (text, form) in [
        ("10.0.0.5", Form::Dotted),
        ("10.5", Form::Aton),
        ("0x0a000005", Form::Aton),
        ("167772165", Form::Aton),
        ("012.0.0.05", Form::Aton),
        ("10.0.0.5 and more", Form::Aton),
        ("00001010.00000000.00000000.00000101", Form::Bits),
        ("0b00001010_00000000_00000000_00000101", Form::Bits),
    ] {
        let answer = plain(text).unwrap();
        assert_eq!((answer.address, answer.form), (Ipv4Addr::new(10, 0, 0, 5), form), "{text}");
        assert_eq!(answer.octal, "01200000005");
        assert_eq!(answer.binary, "00001010.00000000.00000000.00000101");
        assert_eq!(answer.reverse, "5.0.0.10.in-addr.arpa");
    }
}

#[test]
fn each_number_says_its_base_and_the_bytes_it_fills() {
    let aton = plain("0x7f.010.772").unwrap().aton.unwrap();
    let parts: Vec<_> = aton.parts.iter().map(|part| (&*part.text, part.base, part.value, part.fills)).collect();
    use crate::stream::Range;
    assert_eq!(parts, [("0x7f", 16, 127, Range(0, 1)), ("010", 8, 8, Range(1, 2)), ("772", 10, 772, Range(2, 4))]);
    assert_eq!(plain("10.1 x").unwrap().aton.unwrap().ignored, Some(Range(4, 6)));
}

#[test]
fn a_network_says_everything_about_itself() {
    let answer = plain("192.168.5.130/255.255.255.192").unwrap();
    let network = answer.network.unwrap();
    assert_eq!(network.cidr, "192.168.5.128/26");
    assert_eq!(network.wildcard.address.to_string(), "0.0.0.63");
    assert_eq!(network.mask.binary, "11111111.11111111.11111111.11000000");
    assert_eq!(network.broadcast.unwrap().address.to_string(), "192.168.5.191");
    assert_eq!(
        (network.first_host.to_string(), network.last_host.to_string()),
        ("192.168.5.129".into(), "192.168.5.190".into())
    );
    assert_eq!((network.hosts, network.addresses, network.role), (62, 64, Role::Host));
    assert!(answer.is.private && !answer.is.ordinary);
    assert_eq!((answer.class.name, answer.class.prefix), ('C', Some(24)));
    for (text, hosts, role) in [
        ("10.0.0.0/24", 254, Role::Network),
        ("10.0.0.255/24", 254, Role::Broadcast),
        ("10.0.0.1/31", 2, Role::PointToPoint),
        ("10.0.0.1/32", 1, Role::Single),
        ("1.2.3.4/0", (1 << 32) - 2, Role::Host),
    ] {
        let network = plain(text).unwrap().network.unwrap();
        assert_eq!((network.hosts, network.role), (hosts, role), "{text}");
    }
}

#[test]
fn a_network_is_split_and_asked_for_members() {
    let ask =
        |split, contains| explain(Question { text: "10.0.0.5/24", split, contains }).map(|it| it.network.unwrap());
    let split = ask(Some(26), None).unwrap().split.unwrap();
    assert_eq!((split.count, split.hosts), (4, 62));
    assert_eq!(split.parts[3].cidr, "10.0.0.192/26");
    assert_eq!(split.parts[3].broadcast, Some(Ipv4Addr::new(10, 0, 0, 255)));
    let everything = explain(Question { text: "0.0.0.0/0", split: Some(32), contains: None }).unwrap();
    let everything = everything.network.unwrap().split.unwrap();
    assert_eq!((everything.count, everything.parts.len()), (1 << 32, 256));
    for (address, inside, role, broadcast) in [
        ("10.0.0.77", true, Role::Host, false),
        ("10.0.1.77", false, Role::Outside, false),
        ("10.0.0.255", true, Role::Broadcast, true),
        ("255.255.255.255", false, Role::Outside, true),
    ] {
        let member = ask(None, Some(address)).unwrap().contains.unwrap();
        assert_eq!((member.inside, member.role, member.broadcast), (inside, role, broadcast), "{address}");
    }
    let kind = RefusedKind::Split { prefix: 24 };
    assert_eq!(ask(Some(23), None), Err(Refused { part: Asked::Split, at: 0, kind }));
    assert_eq!(ask(None, Some("10.0.0.256")).unwrap_err().part, Asked::Contains);
}

#[test]
fn what_is_wrong_has_its_place_in_the_whole_text() {
    for (text, at, code) in [
        ("", 0, "digit"),
        ("10.0.0.256", 7, "too_large"),
        ("10.0.0.5x", 8, "trailing"),
        ("10.0.0.5/", 9, "prefix"),
        ("10.0.0.5/33", 9, "prefix"),
        ("10.0.0.5/2x", 10, "prefix"),
        ("10.0.0.5/255.0.255.0", 9, "mask"),
        ("10.0.0.5/255.256.0.0", 13, "too_large"),
        ("10.0.0.5 /24", 8, "trailing"),
        ("00001010.00000000.00000000.00000102", 0, "too_large"),
        ("fe80::1", 0, "digit"),
    ] {
        let refused = plain(text).unwrap_err();
        assert_eq!((refused.at, refused.kind.code()), (at, code), "{text}");
        assert!(refused.values().iter().any(|(name, _)| *name == "at"));
    }
    assert_eq!(plain(&"1".repeat(2000)).unwrap_err().kind.code(), "too_long");
    let alone = explain(Question { text: "10.0.0.5", split: Some(26), contains: None });
    assert_eq!(alone.unwrap_err().kind, RefusedKind::NoNetwork);
    let json = serde_json::to_value(plain("10.0.0.256").unwrap_err()).unwrap();
    assert_eq!((&json["code"], &json["at"], &json["limit"]), (&"too_large".into(), &7.into(), &255.into()));
    assert_eq!(plain("1.2.3.4.5").unwrap_err().kind, RefusedKind::Address(AtonErrorKind::TooMany));
}

#[test]
fn special_ranges_are_named_from_the_widest_to_the_narrowest() {
    let names = |text: &str| plain(text).unwrap().special.iter().map(|range| range.name).collect::<Vec<_>>();
    assert_eq!(names("0.0.0.0"), ["this_network", "unspecified"]);
    assert_eq!(names("255.255.255.255"), ["reserved", "limited_broadcast"]);
    assert_eq!(names("8.8.8.8"), [""; 0]);
}

#[test]
fn four_bytes_are_printed_and_no_other_number() {
    assert_eq!(ntoa(&[10, 0, 0, 5]).unwrap().text, "10.0.0.5");
    assert_eq!(ntoa(&[1, 2, 3]), Err(PackedLength { have: 3 }));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic_and_every_form_is_the_same_address(text in ".{0,40}", bits: u32, prefix in 0_u8..=32) {
        let _ = plain(&text);
        let answer = plain(&format!("{}/{prefix}", Ipv4Addr::from_bits(bits))).unwrap();
        for form in [&answer.hexadecimal, &answer.octal, &answer.binary, &answer.decimal.to_string()] {
            proptest::prop_assert_eq!(plain(form).unwrap().address, answer.address, "{}", form);
        }
    }
}
