//! The colours of the site: what is read on them can be read, by the rule of WCAG 2.2 (1.4.3 and 1.4.11).

use crate::source::root;
use std::collections::BTreeMap;

type Colours = BTreeMap<String, [u8; 3]>;

/// The three lists of colours: light, dark by the system's wish, dark by the reader's.
fn lists() -> [Colours; 3] {
    let text = std::fs::read_to_string(root().join("web/styles/tokens.css")).expect("the site has its tokens");
    let system = text.find("@media (prefers-color-scheme: dark)").expect("dark by the system's wish");
    let reader = text.find(":root[data-light=\"dark\"]").expect("dark by the reader's wish");
    let light = read(&text[..system]);
    let over = |part: &str| light.clone().into_iter().chain(read(part)).collect::<Colours>();
    [light.clone(), over(&text[system..reader]), over(&text[reader..])]
}

fn read(text: &str) -> Colours {
    let mut colours = Colours::new();
    for declaration in text.split(['{', ';']) {
        let Some((name, value)) = declaration.split_once(':') else { continue };
        let (Some(name), Some(hex)) = (name.trim().strip_prefix("--"), value.trim().strip_prefix('#')) else {
            continue;
        };
        let number = u32::from_str_radix(hex, 16).unwrap_or_else(|_| panic!("--{name} is #{hex}"));
        let [_, red, green, blue] = number.to_be_bytes();
        colours.insert(name.to_string(), [red, green, blue]);
    }
    colours
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let channel = f64::from(channel) / 255.0;
        if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn contrast_of_black_and_white_is_twenty_one() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
}

#[test]
fn both_dark_lists_are_the_same() {
    let [_, system, reader] = lists();
    assert!(system.len() > 20);
    assert_eq!(system, reader);
}

#[test]
fn every_ink_can_be_read_on_every_ground() {
    for (colours, light) in lists().iter().zip(["light", "dark", "dark"]) {
        let check = |ink: &str, ground: &str, least: f64| {
            let found = contrast(colours[ink], colours[ground]);
            assert!(found >= least, "{light}: --{ink} on --{ground} has {found:.2}, needs {least}");
        };
        for ground in ["paper", "surface", "sunken", "code"] {
            for ink in ["ink", "ink-2", "ink-3", "accent", "lost", "fine"] {
                check(ink, ground, 4.5);
            }
            check("focus", ground, 3.0);
        }
        check("on-accent", "accent", 4.5);
        check("line-strong", "surface", 3.0);
        for number in 1..=8 {
            check(&format!("send-{number}-ink"), &format!("send-{number}"), 4.5);
        }
    }
}
