//! Frames whose length is known in front: fixed size, fixed-width integer, LEB128, type-length-value.

use super::codec::{Length, Tlv};
use super::error::Kind;
use super::scan::{Progress, Scan, Scanner};

/// Every frame has `size` bytes.
pub(super) struct FixedSize {
    /// At least 1.
    pub size: usize,
}

impl Scanner for FixedSize {
    fn scan(&self, bytes: &[u8], _: &mut Progress, limit: usize) -> Scan {
        if self.size > limit {
            let kind = Kind::LengthExceedsLimit { declared: self.size as u64, limit: limit as u64 };
            return Scan::Malformed { at: 0, kind, skip: None };
        }
        whole(bytes, 0, self.size, None)
    }
}

/// A length of fixed width.
pub(super) struct LengthPrefix(pub Length);

impl Scanner for LengthPrefix {
    #[inline]
    fn scan(&self, bytes: &[u8], _: &mut Progress, limit: usize) -> Scan {
        let Length { width, order, offset, adjustment } = self.0;
        let header = offset.saturating_add(width.bytes());
        let Some(field) = bytes.get(offset..header) else { return Scan::Need { at_least: header, total: None } };
        let declared = order.read(field);
        let Some(length) = declared.checked_add_signed(adjustment) else {
            let kind = match adjustment < 0 {
                true => Kind::LengthTooSmall { declared },
                false => Kind::LengthExceedsLimit { declared, limit: limit as u64 },
            };
            return Scan::Malformed { at: offset, kind, skip: None };
        };
        declared_length(bytes, offset, header, length, limit, None)
    }
}

/// An unsigned LEB128 length: seven bits a byte, lowest first, the top bit set on all but the last.
pub(super) struct VarintPrefix;

impl Scanner for VarintPrefix {
    fn scan(&self, bytes: &[u8], _: &mut Progress, limit: usize) -> Scan {
        let mut length = 0_u64;
        for (index, &byte) in bytes.iter().enumerate() {
            let bits = u64::from(byte & 0x7f);
            // The tenth byte holds bit 63 only.
            if index == 9 && byte > 1 {
                return Scan::Malformed { at: index, kind: Kind::VarintTooLong, skip: None };
            }
            length |= bits << (7 * index);
            if byte & 0x80 == 0 {
                if byte == 0 && index > 0 {
                    return Scan::Malformed { at: index, kind: Kind::VarintOverlong, skip: None };
                }
                return declared_length(bytes, 0, index + 1, length, limit, None);
            }
        }
        Scan::Need { at_least: bytes.len() + 1, total: None }
    }
}

/// Writes `number` as LEB128.
pub(super) fn write_varint(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

/// Type and length of fixed width.
pub(super) struct TypeLength(pub Tlv);

impl Scanner for TypeLength {
    fn scan(&self, bytes: &[u8], _: &mut Progress, limit: usize) -> Scan {
        let Tlv { kind, length, order } = self.0;
        let header = kind.bytes() + length.bytes();
        let Some(fields) = bytes.get(..header) else { return Scan::Need { at_least: header, total: None } };
        let (tag, length) = fields.split_at(kind.bytes());
        let tag = order.read(tag);
        declared_length(bytes, kind.bytes(), header, order.read(length), limit, Some(tag))
    }
}

/// A frame of `header` bytes and `length` more, where that is within the limit.
#[inline]
fn declared_length(bytes: &[u8], at: usize, header: usize, length: u64, limit: usize, tag: Option<u64>) -> Scan {
    match usize::try_from(length) {
        Ok(length) if length <= limit => whole(bytes, header, length, tag),
        _ => {
            let kind = Kind::LengthExceedsLimit { declared: length, limit: limit as u64 };
            Scan::Malformed { at, kind, skip: None }
        }
    }
}

#[inline]
fn whole(bytes: &[u8], header: usize, length: usize, tag: Option<u64>) -> Scan {
    let end = header.saturating_add(length);
    if bytes.len() < end {
        return Scan::Need { at_least: end, total: Some(end) };
    }
    Scan::Frame { consumed: end, payload: (header, end), tag, escaped: false }
}
