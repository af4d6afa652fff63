//! Blocks of pcapng (draft-ietf-opsawg-pcapng): sections, interfaces, packets in their three forms. Any other block is
//! passed over, as the format asks.

use super::{CaptureError, CaptureErrorKind, Format, Interface, Order, Reader, Record, Step};
use super::{LONGEST_BLOCK, MOST_INTERFACES};
use bytes::Bytes;
use std::sync::Arc;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// Comments of one packet that are kept.
const MOST_COMMENTS: usize = 16;

/// Where in the file a block's body lies, and how its numbers are written.
struct Body {
    bytes: Bytes,
    /// Where the block begins in the file.
    at: u64,
    order: Order,
}

impl Reader {
    /// The next block.
    pub(super) fn block(&mut self) -> Result<Step, CaptureError> {
        if self.buffer.len() < 12 {
            return Ok(Step::Need(12));
        }
        let at = self.at;
        let error = |kind| Err(CaptureError { at, kind });
        // The type of a section header reads the same in both orders; the magic number behind it tells which.
        if Order::Little.u32(&self.buffer, 0) == SECTION_HEADER {
            let order = match Order::Big.u32(&self.buffer, 8) {
                0x1a2b_3c4d => Order::Big,
                0x4d3c_2b1a => Order::Little,
                magic => return error(CaptureErrorKind::Format { magic }),
            };
            self.format = Format::Pcapng { order, interfaces: Vec::new() };
        }
        let Format::Pcapng { order, .. } = &self.format else { unreachable!("blocks are of pcapng files") };
        let order = *order;
        let (kind, length) = (order.u32(&self.buffer, 0), order.u32(&self.buffer, 4) as usize);
        if length < 12 || !length.is_multiple_of(4) {
            return error(CaptureErrorKind::BlockLength { declared: length as u64 });
        }
        if length > LONGEST_BLOCK {
            return error(CaptureErrorKind::TooLong { declared: length as u64, limit: LONGEST_BLOCK });
        }
        if self.buffer.len() < length {
            return Ok(Step::Need(length));
        }
        if order.u32(&self.buffer, length - 4) as usize != length {
            return error(CaptureErrorKind::BlockLength { declared: length as u64 });
        }
        let block = self.buffer.split_to(length).freeze();
        self.at += length as u64;
        let body = Body { bytes: block.slice(8..length - 4), at, order };
        match kind {
            SECTION_HEADER => body.section(),
            INTERFACE_DESCRIPTION => self.interface(&body),
            ENHANCED_PACKET | OBSOLETE_PACKET => self.packet(&body, kind == OBSOLETE_PACKET),
            SIMPLE_PACKET => self.simple_packet(&body),
            _ => Ok(Step::Skipped),
        }
    }

    fn interfaces(&mut self) -> &mut Vec<Arc<Interface>> {
        let Format::Pcapng { interfaces, .. } = &mut self.format else { unreachable!("blocks are of pcapng files") };
        interfaces
    }

    fn interface(&mut self, body: &Body) -> Result<Step, CaptureError> {
        body.least(8)?;
        let mut interface = Interface {
            number: self.described,
            link_type: body.order.u16(&body.bytes, 0),
            name: None,
            snap_length: body.order.u32(&body.bytes, 4),
            unit: (1_000, 1), // microseconds, unless an option says otherwise
            offset: 0,
        };
        for (code, value) in body.options(8) {
            match (code, value) {
                (2, name) => interface.name = Some(String::from_utf8_lossy(name).into_owned()),
                (9, [resolution, ..]) => interface.unit = unit(*resolution),
                (14, value) => {
                    if let Some(seconds) = value.first_chunk::<8>() {
                        interface.offset = match body.order {
                            Order::Little => i64::from_le_bytes(*seconds),
                            Order::Big => i64::from_be_bytes(*seconds),
                        };
                    }
                }
                _ => {}
            }
        }
        let interfaces = self.interfaces();
        if interfaces.len() == MOST_INTERFACES {
            return body.error(CaptureErrorKind::Interfaces { limit: MOST_INTERFACES });
        }
        interfaces.push(Arc::new(interface));
        self.described = self.described.saturating_add(1);
        Ok(Step::Skipped)
    }

    fn packet(&mut self, body: &Body, obsolete: bool) -> Result<Step, CaptureError> {
        body.least(20)?;
        let number = if obsolete { u32::from(body.order.u16(&body.bytes, 0)) } else { body.order.u32(&body.bytes, 0) };
        let [high, low, length, original_length] = [4, 8, 12, 16].map(|at| body.order.u32(&body.bytes, at));
        let interface = self.described(body, number)?;
        let data = body.data(20, length)?;
        let behind = 20 + (length as usize).next_multiple_of(4);
        let comments = body.options(behind).filter(|(code, _)| *code == 1).take(MOST_COMMENTS);
        let comments = comments.map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect();
        let nanos = interface.nanos(u64::from(high) << 32 | u64::from(low));
        Ok(self.counted(Record { number: 0, at: body.at, interface, nanos, data, original_length, comments }))
    }

    fn simple_packet(&mut self, body: &Body) -> Result<Step, CaptureError> {
        body.least(4)?;
        let original_length = body.order.u32(&body.bytes, 0);
        let interface = self.described(body, 0)?;
        let kept = match interface.snap_length {
            0 => original_length,
            limit => original_length.min(limit),
        };
        let data = body.data(4, kept)?;
        let comments = Vec::new();
        Ok(self.counted(Record { number: 0, at: body.at, interface, nanos: None, data, original_length, comments }))
    }

    fn described(&mut self, body: &Body, number: u32) -> Result<Arc<Interface>, CaptureError> {
        let interfaces = self.interfaces();
        match interfaces.get(number as usize) {
            Some(interface) => Ok(interface.clone()),
            None => body.error(CaptureErrorKind::Interface { number, have: interfaces.len() }),
        }
    }

    fn counted(&mut self, record: Record) -> Step {
        self.packets += 1;
        Step::Packet(Record { number: self.packets, ..record })
    }
}

impl Body {
    fn error<T>(&self, kind: CaptureErrorKind) -> Result<T, CaptureError> {
        Err(CaptureError { at: self.at, kind })
    }

    /// Refuses a body that has not room for its fixed part.
    fn least(&self, bytes: usize) -> Result<(), CaptureError> {
        match self.bytes.len() < bytes {
            true => self.error(CaptureErrorKind::BlockLength { declared: self.bytes.len() as u64 + 12 }),
            false => Ok(()),
        }
    }

    fn section(&self) -> Result<Step, CaptureError> {
        self.least(16)?;
        match self.order.u16(&self.bytes, 4) {
            1 => Ok(Step::Skipped),
            major => self.error(CaptureErrorKind::Version { major }),
        }
    }

    fn data(&self, start: usize, length: u32) -> Result<Bytes, CaptureError> {
        let have = self.bytes.len() - start;
        match length as usize <= have {
            true => Ok(self.bytes.slice(start..start + length as usize)),
            false => self.error(CaptureErrorKind::PacketLength { declared: u64::from(length), have }),
        }
    }

    /// Options from a place on, until their end or the first that does not fit.
    fn options(&self, mut at: usize) -> impl Iterator<Item = (u16, &[u8])> {
        std::iter::from_fn(move || {
            let rest = self.bytes.get(at..).filter(|rest| rest.len() >= 4)?;
            let (code, length) = (self.order.u16(rest, 0), usize::from(self.order.u16(rest, 2)));
            let value = rest.get(4..4 + length).filter(|_| code != 0)?;
            at += 4 + length.next_multiple_of(4);
            Some((code, value))
        })
    }
}

/// Nanoseconds of one unit, as a fraction, by the option `if_tsresol`: a power of ten, or of two with the highest bit.
fn unit(resolution: u8) -> (u128, u128) {
    let exponent = u32::from(resolution & 0x7f);
    let base: u128 = if resolution & 0x80 == 0 { 10 } else { 2 };
    // A unit too small to be written leaves no time at all.
    (1_000_000_000, base.checked_pow(exponent).unwrap_or(0))
}

impl Interface {
    fn nanos(&self, units: u64) -> Option<u64> {
        let (numerator, denominator) = self.unit;
        let nanos = (u128::from(units) * numerator).checked_div(denominator)?;
        let nanos = i128::try_from(nanos).ok()? + i128::from(self.offset) * 1_000_000_000;
        u64::try_from(nanos).ok()
    }
}
