//! `str`: UTF-8 with Python's indexing by character.

use std::ops::Deref;

/// A text and whether every character is one byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    text: String,
    ascii: bool,
}

impl Text {
    /// The text.
    pub fn new(text: String) -> Text {
        Text { ascii: text.is_ascii(), text }
    }

    /// As Rust sees it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether every character is one byte, so that indices are offsets.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// `len()`: how many characters.
    pub fn chars(&self) -> usize {
        if self.ascii { self.text.len() } else { self.text.chars().count() }
    }

    /// The byte offset of a character, or the end.
    pub fn offset(&self, index: usize) -> usize {
        if self.ascii {
            return index.min(self.text.len());
        }
        self.text.char_indices().nth(index).map_or(self.text.len(), |(offset, _)| offset)
    }

    /// The characters `start..end` as a slice of the text.
    pub fn slice(&self, start: usize, end: usize) -> &str {
        if start >= end {
            return "";
        }
        let (from, to) = (self.offset(start), self.offset(end));
        &self.text[from..to]
    }

    /// Appends in place.
    pub fn push(&mut self, more: &Text) {
        self.text.push_str(&more.text);
        self.ascii &= more.ascii;
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_count_characters() {
        let text = Text::new("a你b".into());
        assert_eq!(text.chars(), 3);
        assert_eq!(text.slice(1, 2), "你");
        assert_eq!(text.slice(2, 9), "b");
    }
}
