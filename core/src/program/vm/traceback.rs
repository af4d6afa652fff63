//! Tracebacks as CPython 3.11 prints them, with the marks under the part of the line that failed.

use super::{Vm, suggest};
use crate::program::code::Code;
use crate::program::value::Value;
use crate::program::value::exception::Exception;
use crate::program::value::types::Type;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Mod};
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::{Ranged, TextRange};
use std::fmt::Write;
use std::rc::Rc;

/// How many equal entries are printed before the rest is counted.
const REPEATED: usize = 3;

/// One line of the way up.
#[derive(Clone, PartialEq, Eq)]
struct Entry {
    start: u32,
    end: u32,
    line: u32,
    name: String,
}

/// The whole text that an uncaught exception prints.
pub fn text(vm: &Vm, exception: &Rc<Exception>) -> String {
    let mut chain = vec![(exception.clone(), "")];
    loop {
        let (last, _) = chain.last().expect("the chain begins with the exception itself");
        let last = last.clone();
        if chain.len() > 50 {
            break;
        }
        if let Value::Exception(cause) = &*last.cause.borrow() {
            chain.push((cause.clone(), "\nThe above exception was the direct cause of the following exception:\n\n"));
            continue;
        }
        match &*last.context.borrow() {
            Value::Exception(context) if !last.suppress.get() => {
                let between = "\nDuring handling of the above exception, another exception occurred:\n\n";
                chain.push((context.clone(), between));
            }
            _ => break,
        }
    }
    let mut out = String::new();
    for (exception, between) in chain.iter().rev() {
        one(vm, exception, &mut out);
        out.push_str(between);
    }
    out
}

/// The line where the exception was raised.
pub fn line(vm: &Vm, exception: &Exception) -> Option<u32> {
    entries(vm, exception).last().map(|entry| entry.line)
}

fn one(vm: &Vm, exception: &Exception, out: &mut String) {
    let entries = entries(vm, exception);
    if !entries.is_empty() {
        out.push_str("Traceback (most recent call last):\n");
    }
    let mut index = 0;
    while index < entries.len() {
        let entry = &entries[index];
        let same =
            entries[index..].iter().take_while(|other| (other.line, &other.name) == (entry.line, &entry.name)).count();
        for entry in &entries[index..index + same.min(REPEATED)] {
            write_entry(vm, entry, out);
        }
        if same > REPEATED {
            let more = same - REPEATED;
            let plural = if more == 1 { "" } else { "s" };
            let _ = writeln!(out, "  [Previous line repeated {more} more time{plural}]");
        }
        index += same;
    }
    out.push_str(&last_line(vm, exception));
    out.push('\n');
}

/// The last line, with the name that was perhaps meant.
pub fn last_line(vm: &Vm, exception: &Exception) -> String {
    exception.last_line() + &suggest::hint(vm, exception).unwrap_or_default()
}

fn entries(vm: &Vm, exception: &Exception) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (code, at) in exception.trace.borrow().iter().rev() {
        let code = &vm.unit.codes[*code];
        if code.hidden {
            continue;
        }
        push(vm, code, *at, &mut entries);
    }
    if let (Some(entry), Some((name, object))) = (entries.last_mut(), &*exception.misspelt.borrow()) {
        refine(vm, entry, name, matches!(object, Value::None) && exception.kind != Type::AttributeError);
    }
    entries
}

/// Narrows an entry to the name or attribute that is at fault: an instruction reads its operands by itself.
fn refine(vm: &Vm, entry: &mut Entry, wanted: &str, is_name: bool) {
    struct Finder<'a> {
        wanted: &'a str,
        is_name: bool,
        found: Option<TextRange>,
    }
    impl<'a> Visitor<'a> for Finder<'_> {
        fn visit_expr(&mut self, expression: &'a Expr) {
            walk_expr(self, expression);
            let fits = match expression {
                Expr::Name(name) => self.is_name && name.id == self.wanted,
                Expr::Attribute(attribute) => !self.is_name && attribute.attr.id == self.wanted,
                _ => false,
            };
            if fits && self.found.is_none() {
                self.found = Some(expression.range());
            }
        }
    }
    let Some(text) = vm.unit.source.get(entry.start as usize..entry.end as usize) else { return };
    let parsed = ruff_python_parser::parse_unchecked(text, ParseOptions::from(Mode::Module));
    let mut finder = Finder { wanted, is_name, found: None };
    if let Mod::Module(module) = parsed.syntax() {
        finder.visit_body(&module.body);
    }
    if let Some(range) = finder.found {
        (entry.start, entry.end) = (entry.start + range.start().to_u32(), entry.start + range.end().to_u32());
        entry.line = vm.unit.line(entry.start);
    }
}

/// The entry of one frame; comprehensions around the place are frames of their own in Python.
fn push(vm: &Vm, code: &Code, at: usize, entries: &mut Vec<Entry>) {
    let around: Vec<_> =
        code.inner.iter().rev().filter(|(start, end, _)| (*start as usize..*end as usize).contains(&at)).collect();
    let mut name = code.name.to_string();
    for (_, end, inner) in around {
        // The instruction after the comprehension carries the place of the whole of it.
        entries.push(entry(vm, code, *end as usize, name));
        name = inner.to_string();
    }
    entries.push(entry(vm, code, at, name));
}

fn entry(vm: &Vm, code: &Code, at: usize, name: String) -> Entry {
    let (start, end) = code.spans.get(at).copied().unwrap_or((0, 0));
    Entry { start, end, line: vm.unit.line(start), name }
}

fn write_entry(vm: &Vm, entry: &Entry, out: &mut String) {
    let _ = writeln!(out, "  File \"{}.py\", line {}, in {}", vm.setup.name, entry.line, entry.name);
    let whole = vm.unit.line_text(entry.line);
    let shown = whole.trim();
    if shown.is_empty() {
        return;
    }
    let _ = writeln!(out, "    {shown}");
    let line_start = vm.unit.lines[entry.line as usize - 1] as usize;
    let indent = whole.len() - whole.trim_start().len();
    let from = (entry.start as usize).saturating_sub(line_start);
    let several = entry.end as usize > line_start + whole.len();
    let to = (entry.end as usize).saturating_sub(line_start).min(whole.trim_end().len());
    let Some(part) = whole.get(from..to).filter(|part| !part.is_empty()) else { return };
    let anchors = if several { None } else { anchors(part) };
    // The whole line needs no mark, unless there is something to mark in it.
    if from <= indent && to >= whole.trim_end().len() && anchors.is_none() {
        return;
    }
    let before = whole.get(indent..from).map_or(0, width);
    let mut marks = vec!['^'; width(part)];
    if let Some((left, right)) = anchors {
        let (left, right) = (width(&part[..left]), width(&part[..right]));
        for (index, mark) in marks.iter_mut().enumerate() {
            *mark = if (left..right).contains(&index) { '^' } else { '~' };
        }
    }
    let _ = writeln!(out, "    {}{}", " ".repeat(before), marks.into_iter().collect::<String>());
}

/// Columns on a terminal: East Asian characters take two.
fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c as u32,
            0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xa960..=0xa97c | 0xac00..=0xd7a3 | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f | 0xff01..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f900..=0x1f9ff
            | 0x20000..=0x3fffd)
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

/// Which part of a binary operation or a subscript is the operator itself, as CPython marks it.
fn anchors(part: &str) -> Option<(usize, usize)> {
    let parsed = ruff_python_parser::parse_expression(part).ok()?;
    match parsed.expr() {
        Expr::BinOp(operation) => {
            let (from, to) = (operation.left.end().to_usize(), operation.right.start().to_usize());
            let between = part.get(from..to)?;
            let offset = between.find(|c: char| !c.is_whitespace() && c != ')')?;
            let start = from + offset;
            let double = part[start + 1..].chars().next().is_some_and(|c| !c.is_whitespace() && "*/<>".contains(c))
                && part[start..].starts_with(|c| part[start + 1..].starts_with(c));
            Some((start, start + 1 + usize::from(double)))
        }
        Expr::Subscript(subscript) => {
            let from = subscript.value.end().to_usize();
            let offset = part.get(from..)?.find('[')?;
            Some((from + offset, part.len()))
        }
        _ => None,
    }
}
