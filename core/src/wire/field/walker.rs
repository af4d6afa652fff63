//! Walks over the bits of a frame from the first to the last, naming each on the way. It knows no protocol: because it
//! never steps back or over, the fields it makes lie end to end.

use super::{Checked, Field, Meaning, Section, SectionKind, Value};
use crate::wire::{Layer, MacAddress};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A walk over a frame.
pub(super) struct Walker<'a> {
    bytes: &'a [u8],
    /// The next bit.
    bit: usize,
    /// Behind the last byte that the current layer may have.
    end: usize,
    /// Bytes that the frame had before it was cut.
    whole: usize,
    sections: Vec<Section>,
    fields: Vec<Field>,
    start: usize,
}

/// A header ends before its fields do. What is left of the frame is explained as undissected.
pub(super) struct CutShort;

/// The outcome of naming a field.
pub(super) type Walked<T> = Result<T, CutShort>;

impl<'a> Walker<'a> {
    pub(super) fn new(bytes: &'a [u8], whole: usize) -> Self {
        let whole = whole.max(bytes.len());
        Walker { bytes, bit: 0, end: bytes.len(), whole, sections: Vec::new(), fields: Vec::new(), start: 0 }
    }

    /// The whole frame.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Bytes that the frame had before it was cut.
    pub(super) fn whole(&self) -> usize {
        self.whole
    }

    /// The next byte. Only asked between fields of whole bytes.
    pub(super) fn at(&self) -> usize {
        self.bit / 8
    }

    /// Behind the last byte that the current layer may have.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// What is left for the current layer.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at().min(self.end)..self.end]
    }

    /// What follows may reach `end` and no further.
    pub(super) fn limit(&mut self, end: usize) {
        self.end = end.clamp(self.at(), self.bytes.len());
    }

    /// Nothing limits what follows but the end of the frame.
    pub(super) fn unlimit(&mut self) {
        self.end = self.bytes.len();
    }

    /// Names the next bits, at most 64 of them, as a number.
    pub(super) fn number(&mut self, name: &'static str, bits: usize) -> Walked<u64> {
        if self.bit + bits > self.end * 8 {
            return Err(CutShort);
        }
        let value = (self.bit..self.bit + bits)
            .fold(0, |value, bit| value << 1 | u64::from(self.bytes[bit / 8] >> (7 - bit % 8) & 1));
        self.push(name, bits, Value::Number(value));
        Ok(value)
    }

    /// Names the next six bytes as an Ethernet address.
    pub(super) fn mac(&mut self, name: &'static str) -> Walked<()> {
        let bytes = *self.rest().first_chunk().ok_or(CutShort)?;
        self.push(name, 48, Value::Mac(MacAddress(bytes)));
        Ok(())
    }

    /// Names the next four bytes as an IPv4 address.
    pub(super) fn address(&mut self, name: &'static str) -> Walked<Ipv4Addr> {
        let bytes: [u8; 4] = *self.rest().first_chunk().ok_or(CutShort)?;
        self.push(name, 32, Value::Address(bytes.into()));
        Ok(bytes.into())
    }

    /// Names the next sixteen bytes as an IPv6 address.
    pub(super) fn address6(&mut self, name: &'static str) -> Walked<Ipv6Addr> {
        let bytes: [u8; 16] = *self.rest().first_chunk().ok_or(CutShort)?;
        self.push(name, 128, Value::Address6(bytes.into()));
        Ok(bytes.into())
    }

    /// Names the next `length` bytes, as many of them as there are; no field for none.
    pub(super) fn data(&mut self, name: &'static str, length: usize) {
        let length = length.min(self.rest().len());
        if length > 0 {
            self.push(name, length * 8, Value::Bytes);
        }
    }

    /// Says what the field named last means.
    pub(super) fn means(&mut self, key: &'static str) {
        self.last().meaning = Some(Meaning { key, args: Vec::new() });
    }

    /// Says of the field named last that it counts `amount` bytes.
    pub(super) fn means_bytes(&mut self, amount: u64) {
        self.last().meaning = Some(Meaning { key: "bytes", args: vec![("amount", amount.to_string())] });
    }

    /// Says whether the field named last is the right checksum; `expected` is `None` where nothing can be computed.
    pub(super) fn checked(&mut self, found: u64, expected: Option<u16>) {
        self.last().checksum = Some(match expected {
            None => Checked::Absent,
            Some(expected) if u64::from(expected) == found => Checked::Good,
            Some(expected) => Checked::Bad(expected),
        });
    }

    /// Makes one field of the fields that `parts` names; none if it names none.
    pub(super) fn group(&mut self, name: &'static str, parts: impl FnOnce(&mut Self) -> Walked<()>) -> Walked<()> {
        let (first, bit) = (self.fields.len(), self.bit);
        let walked = parts(self);
        let fields = self.fields.split_off(first);
        if !fields.is_empty() {
            let bits = self.bit - bit;
            self.fields.push(Field { name, bit, bits, value: Value::Bytes, meaning: None, checksum: None, fields });
        }
        walked
    }

    /// Ends a section: the fields named since the last one.
    pub(super) fn section(&mut self, kind: SectionKind) {
        let end = self.at();
        if end > self.start {
            let fields = std::mem::take(&mut self.fields);
            self.sections.push(Section { kind, start: self.start, end, fields });
            self.start = end;
        }
    }

    /// Ends a header.
    pub(super) fn header(&mut self, layer: Layer) {
        self.section(SectionKind::Header(layer));
    }

    /// Explains what is left for the current layer as one field in a section of its own.
    pub(super) fn remainder(&mut self, kind: SectionKind, name: &'static str) {
        self.data(name, usize::MAX);
        self.section(kind);
    }

    /// The sections. Whatever was not walked over is undissected, with fields already named in it.
    pub(super) fn finish(mut self) -> Vec<Section> {
        self.unlimit();
        let ragged = (8 - self.bit % 8) % 8;
        if ragged > 0 {
            // Fields of less than a byte were named and the next was cut short: the rest of the byte is there.
            self.number("undissected", ragged).unwrap_or_else(|CutShort| unreachable!("it is inside a byte"));
        }
        self.remainder(SectionKind::Undissected, "undissected");
        self.sections
    }

    fn push(&mut self, name: &'static str, bits: usize, value: Value) {
        let bit = self.bit;
        self.fields.push(Field { name, bit, bits, value, meaning: None, checksum: None, fields: Vec::new() });
        self.bit += bits;
    }

    fn last(&mut self) -> &mut Field {
        self.fields.last_mut().expect("a field was named")
    }
}
