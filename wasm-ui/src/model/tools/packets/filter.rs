//! The filter of the list: words that a row must all fit. It looks once at each text that rows share, then at numbers only,
//! and goes through the rows in steps.

use super::book::{Book, Info, Row, flag_names};
use sockscope_core::packets::{End, Protocol};

/// Rows that are looked at in one step.
const STEP: usize = 50_000;

/// What a row must fit.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wish {
    /// The innermost protocol, or that its name begins so.
    Protocol(Protocol),
    /// Either port.
    Port(u16),
    /// The conversation.
    Stream(u32),
    /// Anything that a row shows, in small letters.
    Word(String),
}

/// Reads `tcp port 80 10.0.0.1 stream 2 syn`.
fn read(text: &str) -> Vec<Wish> {
    let mut words = text.split_whitespace().map(str::to_lowercase).peekable();
    let mut wishes = Vec::new();
    while let Some(word) = words.next() {
        let wish = match word.as_str() {
            "port" => words.peek().and_then(|next| next.parse().ok()).map(Wish::Port),
            "stream" => words.peek().and_then(|next| next.parse().ok()).map(Wish::Stream),
            _ => None,
        };
        if let Some(wish) = wish {
            words.next();
            wishes.push(wish);
            continue;
        }
        let protocol = Protocol::ALL.into_iter().find(|protocol| protocol.name() == word);
        wishes.push(match (protocol, word.strip_prefix(':').and_then(|port| port.parse().ok())) {
            (Some(protocol), _) => Wish::Protocol(protocol),
            (None, Some(port)) => Wish::Port(port),
            (None, None) => Wish::Word(word),
        });
    }
    wishes
}

/// The rows of a book that fit a filter, as far as it has been looked at.
#[derive(Debug, Default)]
pub struct Found {
    tests: Vec<Test>,
    seen: usize,
    rows: Vec<u32>,
}

impl Found {
    /// Nothing found yet of `tcp port 80 10.0.0.1 stream 2 syn`; an empty text fits every row.
    pub fn new(text: &str) -> Found {
        Found { tests: read(text).into_iter().map(Test::new).collect(), ..Found::default() }
    }

    /// Whether every row fits.
    pub fn is_all(&self) -> bool {
        self.tests.is_empty()
    }

    /// Looks at some more rows of the book; whether there are still others.
    pub fn look(&mut self, book: &Book) -> bool {
        if self.is_all() {
            self.seen = book.rows.len();
            return false;
        }
        for test in &mut self.tests {
            test.learn(book);
        }
        let end = book.rows.len().min(self.seen + STEP);
        for (place, row) in book.rows.iter().enumerate().take(end).skip(self.seen) {
            if self.tests.iter().all(|test| test.fits(row)) {
                self.rows.push(place as u32);
            }
        }
        self.seen = end;
        end < book.rows.len()
    }

    /// How many rows fit.
    pub fn count(&self) -> usize {
        if self.is_all() { self.seen } else { self.rows.len() }
    }

    /// The place in the book of a row that fits.
    pub fn place(&self, at: usize) -> Option<usize> {
        if self.is_all() { (at < self.seen).then_some(at) } else { self.rows.get(at).map(|place| *place as usize) }
    }

    /// Where among those that fit a row of the book is.
    pub fn position(&self, place: usize) -> Option<usize> {
        if self.is_all() {
            return (place < self.seen).then_some(place);
        }
        self.rows.binary_search(&u32::try_from(place).ok()?).ok()
    }
}

/// A wish, with what it makes of the things that rows share.
#[derive(Debug)]
struct Test {
    wish: Wish,
    /// Which ends fit, and which texts, as far as the book had them.
    ends: Vec<bool>,
    texts: Vec<bool>,
    /// The protocols whose names fit.
    protocols: Vec<Protocol>,
    /// Which sets of control bits fit.
    flags: Vec<bool>,
}

impl Test {
    fn new(wish: Wish) -> Test {
        let mut protocols = Vec::new();
        let mut flags = Vec::new();
        if let Wish::Word(word) = &wish {
            protocols.extend(Protocol::ALL.into_iter().filter(|protocol| protocol.name().contains(word.as_str())));
            flags.extend((0..=u8::MAX).map(|flags| flag_names(flags).to_lowercase().contains(word.as_str())));
        }
        Test { wish, ends: Vec::new(), texts: Vec::new(), protocols, flags }
    }

    /// Looks at the ends and texts that are new in the book.
    fn learn(&mut self, book: &Book) {
        let ends = &book.ends()[self.ends.len()..];
        match &self.wish {
            Wish::Port(port) => {
                self.ends.extend(ends.iter().map(|end| matches!(end, End::Port(at) if at.port() == *port)));
            }
            Wish::Word(word) => {
                self.ends.extend(ends.iter().map(|end| end.to_string().contains(word)));
                let texts = &book.texts()[self.texts.len()..];
                self.texts.extend(texts.iter().map(|text| text.to_lowercase().contains(word)));
            }
            Wish::Protocol(_) | Wish::Stream(_) => {}
        }
    }

    fn fits(&self, row: &Row) -> bool {
        let end = |place: u32| place > 0 && self.ends.get(place as usize - 1).copied().unwrap_or(false);
        match self.wish {
            Wish::Protocol(protocol) => row.protocol == protocol,
            Wish::Stream(stream) => row.stream == stream,
            Wish::Port(_) | Wish::Word(_) => {
                end(row.source)
                    || end(row.destination)
                    || self.protocols.contains(&row.protocol)
                    || match row.info {
                        Info::Text(place) => self.texts.get(place as usize).copied().unwrap_or(false),
                        Info::Segment { flags, .. } => self.flags.get(usize::from(flags)).copied().unwrap_or(false),
                    }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::file_of;
    use super::*;
    use crate::model::fixture;
    use crate::texts::Language;

    #[test]
    fn a_row_has_to_fit_every_word() {
        let mut book = Book::new(Language::En);
        book.feed(&file_of(&fixture::syn_frame()));
        book.finish();
        let count = |text: &str| {
            let mut found = Found::new(text);
            assert!(!found.look(&book), "one step is enough for one row");
            found.count()
        };
        for text in ["", "tcp", "TCP", "port 8888", ":8888", "stream 1", "syn", "tcp port 8888 stream 1", "8888"] {
            assert_eq!(count(text), 1, "{text}");
        }
        for text in ["udp", "port 888", "stream 2", "fin", "tcp port 1", "no-such-word"] {
            assert_eq!(count(text), 0, "{text}");
        }
    }

    #[test]
    fn what_a_growing_book_brings_is_found_step_by_step() {
        let records = STEP + 10;
        let frame = fixture::syn_frame();
        let one = file_of(&frame);
        let (header, record) = one.split_at(24);
        let mut book = Book::new(Language::En);
        book.feed(header);
        let mut found = Found::new("syn");
        assert!(!found.look(&book));
        for _ in 0..records {
            book.feed(record);
        }
        assert!(found.look(&book), "more than one step");
        assert_eq!((found.count(), found.position(STEP)), (STEP, None));
        assert!(!found.look(&book));
        assert_eq!(
            (found.count(), found.place(records - 1), found.position(STEP)),
            (records, Some(records - 1), Some(STEP))
        );
        book.feed(record);
        found.look(&book);
        assert_eq!((found.count(), found.place(records + 1)), (records + 1, None));
    }
}
