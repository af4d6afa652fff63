//! `sockscope address`: an address explained, or a number in both byte orders. The words stand in `web/i18n/*/address.toml`.

use clap::Args;
use sockscope_core::address::byte_order;
use sockscope_core::address::explain::{Asked, Explanation, Network, Question, explain};
use std::fmt::Write as _;
use std::num::IntErrorKind;

use super::words::{Lang, Words};
use super::{Exit, bytes, columns};

const EXIT: &str = "Exit status: 0 done; 2 it is no address, with the place; 1 anything else.";

const EXAMPLES: &str = "Examples:
  sockscope address 10.0.0.5/24                          mask, network, broadcast and hosts, in bits too
  sockscope address 10.0.0.5/24 --split 26 --contains 10.0.0.77
  sockscope address 0x7f.1                               as inet_aton reads it
  sockscope address 8888 --byteorder 16                  htons(8888), in memory and on the wire";

/// What `address` takes.
#[derive(Args)]
#[command(after_help = EXIT, after_long_help = format!("{EXAMPLES}\n\n{EXIT}"))]
pub struct Arguments {
    /// The address in any form of inet_aton or in bits, with or without a network part: 10.0.0.5/24, 127.1, 0x7f000001
    text: String,
    /// Split the network into parts of this length
    #[arg(long, value_name = "LENGTH")]
    split: Option<u8>,
    /// Whether this address lies in the network
    #[arg(long, value_name = "ADDRESS")]
    contains: Option<String>,
    /// TEXT is a number for htons (16) or htonl (32): show its bytes in memory and on the wire
    #[arg(long, value_name = "BITS", conflicts_with_all = ["split", "contains"])]
    byteorder: Option<u8>,
    /// One JSON object, the same that the API answers
    #[arg(long)]
    json: bool,
    /// Language of the text
    #[arg(long, value_enum, default_value_t)]
    lang: Lang,
}

/// Does what the arguments say.
pub fn main(arguments: Arguments) -> Exit {
    answer(&arguments).unwrap_or_else(|exit| exit)
}

fn answer(arguments: &Arguments) -> Result<Exit, Exit> {
    let words = Words::new(arguments.lang).of("address");
    if let Some(bits) = arguments.byteorder {
        return number(arguments, bits, words);
    }
    let question = Question { text: &arguments.text, split: arguments.split, contains: arguments.contains.as_deref() };
    let explained = explain(question).map_err(|refused| {
        eprintln!("sockscope: {}", words.with(&format!("error_{}", refused.kind.code()), &refused.values()));
        let text = match refused.part {
            Asked::Text => Some(&arguments.text),
            Asked::Contains => arguments.contains.as_ref(),
            Asked::Split => None,
        };
        if let Some(text) = text {
            let mut place = String::new();
            bytes::show_place(&mut place, text.as_bytes(), refused.at as u64);
            eprint!("{place}");
        }
        Exit::WrongInput
    })?;
    match arguments.json {
        true => bytes::print_json(&explained)?,
        false => bytes::print(&text(&explained, words))?,
    }
    Ok(Exit::Done)
}

fn number(arguments: &Arguments, bits: u8, words: Words) -> Result<Exit, Exit> {
    let text = &arguments.text;
    let value = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    let value = value.map_err(|error| {
        let limit = 1_u64.checked_shl(bits.into()).map_or(u64::MAX, |above| above - 1);
        let (key, args) = match error.kind() {
            IntErrorKind::PosOverflow => (
                "error_number_too_large",
                vec![("value", text.clone()), ("bits", bits.to_string()), ("limit", limit.to_string())],
            ),
            _ => ("error_number", vec![("value", text.clone())]),
        };
        eprintln!("sockscope: {}", words.with(key, &args));
        Exit::WrongInput
    })?;
    let report = byte_order(value, bits).map_err(|error| {
        eprintln!("sockscope: {}", words.with(&format!("error_{}", error.code()), &error.values()));
        Exit::WrongInput
    })?;
    if arguments.json {
        bytes::print_json(&report)?;
        return Ok(Exit::Done);
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let mut lines = vec![
        ("label_number", format!("{} = {}", report.value, report.hexadecimal)),
        ("label_wire", hex(&report.network)),
    ];
    for machine in &report.machines {
        let label = if machine.order == "little" { "label_little" } else { "label_big" };
        let function = if bits == 16 { "htons" } else { "htonl" };
        let (memory, after) = (hex(&machine.memory), hex(&machine.result_memory));
        lines.push((label, format!("{memory}  {function} -> {} = {}: {after}", machine.result, machine.hexadecimal)));
    }
    bytes::print(&table(&lines, words))?;
    Ok(Exit::Done)
}

fn text(answer: &Explanation, words: Words) -> String {
    let mut lines = vec![
        ("label_address", answer.address.to_string()),
        ("label_read_as", words.plain(&format!("form_{}", name(&answer.form))).to_owned()),
    ];
    for part in answer.aton.iter().flat_map(|aton| &aton.parts) {
        let base = words.plain(&format!("base_{}", part.base));
        lines.push(("label_part", format!("{} = {} ({base})", part.text, part.value)));
    }
    if let Some(ignored) = answer.aton.as_ref().and_then(|aton| aton.ignored) {
        lines.push(("label_ignored", answer.text[ignored.0 as usize..].escape_debug().to_string()));
    }
    lines.extend([
        ("label_number", format!("{} = {} = {}", answer.decimal, answer.hexadecimal, answer.octal)),
        ("label_bits", answer.binary.clone()),
        ("label_class", answer.class.name.to_string()),
    ]);
    for special in &answer.special {
        let meaning = words.plain(&format!("special_{}", special.name));
        lines.push(("label_special", format!("{meaning}  {} ({})", special.range, special.source)));
    }
    if answer.special.is_empty() {
        lines.push(("label_special", words.plain("special_none").to_owned()));
    }
    lines.push(("label_reverse", answer.reverse.clone()));
    if let Some(network) = &answer.network {
        network_lines(network, words, &mut lines);
    }
    table(&lines, words)
}

fn network_lines(network: &Network, words: Words, lines: &mut Vec<(&'static str, String)>) {
    let bits =
        |bits: &sockscope_core::address::explain::Bits| format!("{:<15}  {}", bits.address.to_string(), bits.binary);
    lines.extend([
        ("label_network", network.cidr.clone()),
        ("label_mask", bits(&network.mask)),
        ("label_wildcard", bits(&network.wildcard)),
        ("label_first", bits(&network.network)),
    ]);
    match &network.broadcast {
        Some(broadcast) => lines.push(("label_broadcast", bits(broadcast))),
        None => lines.push(("label_broadcast", words.plain("no_broadcast").to_owned())),
    }
    lines.push(("label_hosts", format!("{} - {}  ({})", network.first_host, network.last_host, network.hosts)));
    lines.push(("label_role", words.plain(&format!("role_{}", name(&network.role))).to_owned()));
    if let Some(split) = &network.split {
        lines.push(("label_split", format!("{} x /{}  ({})", split.count, split.prefix, split.hosts)));
        for part in &split.parts {
            let broadcast = part.broadcast.map_or_else(String::new, |broadcast| format!("  {broadcast}"));
            lines
                .push(("label_part_of", format!("{}  {} - {}{broadcast}", part.cidr, part.first_host, part.last_host)));
        }
    }
    if let Some(member) = &network.contains {
        lines.push(("label_asked", bits(&member.address)));
        lines.push(("label_masked", bits(&member.masked)));
        let key = if member.inside { "inside" } else { "outside" };
        let role = words.plain(&format!("role_{}", name(&member.role)));
        lines.push(("label_member", format!("{}: {role}", words.plain(key))));
    }
}

/// The name that an enum has in JSON, which is also the end of its text's key.
fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Lines of a label and a value, aligned.
fn table(lines: &[(&'static str, String)], words: Words) -> String {
    let most = lines.iter().map(|(key, _)| columns::width(words.plain(key))).max().unwrap_or(0);
    let mut text = String::new();
    for (key, value) in lines {
        let _ = writeln!(text, "{}  {value}", columns::padded(words.plain(key), most));
    }
    text
}
