//! Knobs in programs: a comment at the end of a line marks the last literal of that line as one that a reader may turn.
//!
//! ```text
//! data = c.recv(1024)                            # knob: bytes
//! s.setsockopt(IPPROTO_TCP, TCP_NODELAY, 0)      # knob: nodelay = 0 | 1
//! time.sleep(0.5)                                # knob: pause = 0 | 0.05 | 0.5
//! ```
//!
//! After `=` stand the choices; without them any number may be typed. It edits text and runs nothing.

/// Longest name of a knob.
const LONGEST_NAME: usize = 40;
/// Most choices of a knob.
const MOST_CHOICES: usize = 16;

/// A literal that may be turned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knob {
    /// Line, from 1.
    pub line: u32,
    /// What it is called in the comment.
    pub name: String,
    /// What stands there now.
    pub value: String,
    /// What may stand there; empty: any number.
    pub choices: Vec<String>,
    /// Where the literal stands in the program, in bytes.
    start: usize,
}

impl Knob {
    /// Whether it is a switch between off (first) and on (second).
    pub fn is_switch(&self) -> bool {
        matches!(self.choices.as_slice(), [off, on] if (off == "0" && on == "1") || (off == "False" && on == "True"))
    }
}

/// Every knob of a program.
pub fn find(program: &str) -> Vec<Knob> {
    let mut knobs = Vec::new();
    let mut offset = 0;
    for (number, line) in program.split_inclusive('\n').enumerate() {
        if let Some(knob) = in_line(line.trim_end(), number as u32 + 1, offset) {
            knobs.push(knob);
        }
        offset += line.len();
    }
    knobs
}

/// The program with another value, or nothing if the value is not one that may stand there.
pub fn turn(program: &str, knob: &Knob, value: &str) -> Option<String> {
    let value = value.trim();
    let allowed = if knob.choices.is_empty() { is_number(value) } else { knob.choices.iter().any(|one| one == value) };
    let end = knob.start + knob.value.len();
    if !allowed || program.get(knob.start..end)? != knob.value {
        return None;
    }
    Some(format!("{}{value}{}", &program[..knob.start], &program[end..]))
}

fn in_line(line: &str, number: u32, offset: usize) -> Option<Knob> {
    let comment = comment(line)?;
    let (code, mark) = line.split_at(comment);
    let mark = mark.trim_start_matches('#').trim_start().strip_prefix("knob:")?;
    let (name, choices) = mark.split_once('=').unwrap_or((mark, ""));
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return None;
    }
    let choices: Vec<String> = choices
        .split('|')
        .map(str::trim)
        .filter(|choice| is_number(choice) || matches!(*choice, "True" | "False" | "None"))
        .take(MOST_CHOICES)
        .map(str::to_owned)
        .collect();
    let (start, value) = last_literal(code)?;
    Some(Knob { line: number, name: name.to_owned(), value: value.to_owned(), choices, start: offset + start })
}

/// Where the comment of a line begins: the first `#` outside quotes.
fn comment(line: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '#') => return Some(at),
            _ => {}
        }
    }
    None
}

/// The last number, `True`, `False` or `None` outside quotes.
fn last_literal(code: &str) -> Option<(usize, &str)> {
    let mut found = None;
    let mut quote = None;
    let mut escaped = false;
    let mut word: Option<usize> = None;
    for (at, c) in code.char_indices().chain([(code.len(), ' ')]) {
        let inside = quote.is_some();
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        let part = !inside && (c.is_alphanumeric() || c == '_' || c == '.');
        match (word, part) {
            (None, true) => word = Some(at),
            (Some(from), false) => {
                let text = &code[from..at];
                if is_number(text) || matches!(text, "True" | "False" | "None") {
                    found = Some((from, text));
                }
                word = None;
            }
            _ => {}
        }
    }
    found
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.len() <= 20
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'_')
        && text.bytes().filter(|&byte| byte == b'.').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_literal_of_the_line_is_turned_and_nothing_else() {
        let program = "import time\nx = f(7, 'a # 9', 1024)  # knob: bytes\ny = 1\n";
        let knobs = find(program);
        assert_eq!(knobs.len(), 1);
        assert_eq!((knobs[0].line, knobs[0].name.as_str(), knobs[0].value.as_str()), (2, "bytes", "1024"));
        let turned = turn(program, &knobs[0], "4").unwrap();
        assert_eq!(turned, program.replace("1024", "4"));
    }

    #[test]
    fn choices_limit_what_may_stand_there() {
        let program = "s.setsockopt(IPPROTO_TCP, TCP_NODELAY, 0)  # knob: nodelay = 0 | 1";
        let knob = &find(program)[0];
        assert!(knob.is_switch());
        assert!(turn(program, knob, "1").is_some());
        assert_eq!(turn(program, knob, "2"), None);
    }

    #[test]
    fn digits_inside_names_and_strings_are_no_literals() {
        assert_eq!(find("x1 = '5'  # knob: a"), []);
        assert_eq!(find("print('# knob: a = 1')"), []);
        assert_eq!(find("x = 5  # knob:   "), []);
    }

    #[test]
    fn without_choices_only_numbers_are_taken() {
        let program = "sleep(0.5) # knob: pause";
        let knob = &find(program)[0];
        assert_eq!(turn(program, knob, "__import__('os')"), None);
        assert_eq!(turn(program, knob, " 2.25 ").unwrap(), "sleep(2.25) # knob: pause");
    }

    #[test]
    fn a_knob_of_another_text_turns_nothing() {
        let knob = &find("sleep(0.5) # knob: pause")[0];
        assert_eq!(turn("x", knob, "1"), None);
    }
}
