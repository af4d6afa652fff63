//! The filter of the list: words that a row must all fit. It looks once at each text that rows share, then at numbers only.

use super::book::{Book, Info, Row, flag_names};
use sockscope_core::packets::{End, Protocol};

/// What rows must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    wishes: Vec<Wish>,
}

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

impl Filter {
    /// Reads `tcp port 80 10.0.0.1 stream 2 syn`.
    pub fn read(text: &str) -> Filter {
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
        Filter { wishes }
    }

    /// The rows that fit, by their places. `None` is all of them.
    pub fn rows(&self, book: &Book) -> Option<Vec<u32>> {
        if self.wishes.is_empty() {
            return None;
        }
        let wishes: Vec<Test> = self.wishes.iter().map(|wish| Test::new(wish, book)).collect();
        let fits = |row: &Row| wishes.iter().all(|wish| wish.fits(row));
        Some(book.rows.iter().enumerate().filter(|(_, row)| fits(row)).map(|(place, _)| place as u32).collect())
    }
}

/// A wish, looked up in what rows share.
enum Test {
    Protocol(Protocol),
    Stream(u32),
    /// Which ends fit, which texts, and which protocol names and flags.
    Shared {
        ends: Vec<bool>,
        texts: Vec<bool>,
        word: Option<String>,
    },
}

impl Test {
    fn new(wish: &Wish, book: &Book) -> Test {
        match wish {
            Wish::Protocol(protocol) => Test::Protocol(*protocol),
            Wish::Stream(stream) => Test::Stream(*stream),
            Wish::Port(port) => Test::Shared {
                ends: book.ends().iter().map(|end| matches!(end, End::Port(at) if at.port() == *port)).collect(),
                texts: Vec::new(),
                word: None,
            },
            Wish::Word(word) => Test::Shared {
                ends: book.ends().iter().map(|end| end.to_string().contains(word)).collect(),
                texts: book.texts().iter().map(|text| text.to_lowercase().contains(word)).collect(),
                word: Some(word.clone()),
            },
        }
    }

    fn fits(&self, row: &Row) -> bool {
        match self {
            Test::Protocol(protocol) => row.protocol == *protocol,
            Test::Stream(stream) => row.stream == *stream,
            Test::Shared { ends, texts, word } => {
                let end = |place: u32| place > 0 && ends.get(place as usize - 1).copied().unwrap_or(false);
                let said = match (row.info, word) {
                    (Info::Text(place), _) => texts.get(place as usize).copied().unwrap_or(false),
                    (Info::Segment { flags, .. }, Some(word)) => flag_names(flags).to_lowercase().contains(word),
                    (Info::Segment { .. }, None) => false,
                };
                end(row.source)
                    || end(row.destination)
                    || said
                    || word.as_deref().is_some_and(|word| row.protocol.name().contains(word))
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
        let count = |text: &str| Filter::read(text).rows(&book).map(|rows| rows.len());
        assert_eq!(count(""), None);
        for text in ["tcp", "TCP", "port 8888", ":8888", "stream 1", "syn", "tcp port 8888 stream 1", "8888"] {
            assert_eq!(count(text), Some(1), "{text}");
        }
        for text in ["udp", "port 888", "stream 2", "fin", "tcp port 1", "no-such-word"] {
            assert_eq!(count(text), Some(0), "{text}");
        }
    }
}
