//! What to send next: how long a segment is, and when bytes must wait (RFC 9293, 3.8.6.2.1 and 3.7.4). A pure decision;
//! it holds no bytes and sends nothing.

use super::Hold;
use super::sequence::Position;

/// What the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation {
    /// SND.NXT.
    pub next: Position,
    /// Position behind the last byte written.
    pub end: Position,
    /// Whether FIN follows that byte and was not sent.
    pub fin: bool,
    /// Right edge of the peer's window.
    pub edge: Position,
    /// The most payload that a segment may carry now.
    pub full: u32,
    /// Segments in flight, and how many may be.
    pub in_flight: u32,
    pub allowed: u32,
    /// Whether anything is unacknowledged.
    pub outstanding: bool,
    /// Whether a short segment is unacknowledged.
    pub short_outstanding: bool,
    pub nodelay: bool,
    pub cork: bool,
}

/// The decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing is left to send.
    Done,
    /// Bytes wait.
    Hold(Hold),
    /// Send so many bytes, with FIN or without.
    Segment { length: u32, fin: bool },
}

/// Decides about the next new segment.
pub(super) fn next(situation: Situation) -> Next {
    let Situation { next, end, full, .. } = situation;
    let available = (end - next).max(0) as u64;
    if available == 0 && !situation.fin {
        return Next::Done;
    }
    let length = available.min(u64::from(full)) as u32;
    let last = u64::from(length) == available;
    let mut fin = situation.fin && last;
    if situation.in_flight >= situation.allowed {
        return Next::Hold(Hold::Congestion);
    }
    // Sender-side silly window avoidance: a segment that does not fit whole waits, until the persist timer overrides.
    let room = situation.edge - next;
    if i64::from(length) + i64::from(fin) > room {
        if fin && length > 0 && i64::from(length) <= room {
            fin = false;
        } else {
            return Next::Hold(Hold::Window);
        }
    }
    if length < full && last && !situation.fin {
        if situation.cork {
            return Next::Hold(Hold::Cork);
        }
        // Minshall's variant of Nagle, as Linux has it: only an unacknowledged *short* segment holds the next one back.
        if !situation.nodelay && situation.outstanding && situation.short_outstanding {
            return Next::Hold(Hold::Nagle);
        }
    }
    Next::Segment { length, fin }
}

/// The most payload a segment may carry: what the peer announced less our options, and no more than half of the largest
/// window the peer ever offered, so that a small window still holds two segments (RFC 9293, 3.8.6.2.1).
pub(super) fn full_segment(mss: u32, options: u32, largest_window: u64) -> u32 {
    /// Below the default segment size a window is not halved: the peer is small, not busy.
    const DEFAULT_MSS: u64 = 536;
    let cutoff = if largest_window > DEFAULT_MSS { largest_window / 2 } else { largest_window };
    let payload = mss.saturating_sub(options).max(1);
    if cutoff > 0 && u64::from(payload) > cutoff { (cutoff as u32).max(48) } else { payload }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 bytes to send on an idle connection.
    const SHORT: Situation = Situation {
        next: 1,
        end: 101,
        fin: false,
        edge: 60_000,
        full: 1448,
        in_flight: 0,
        allowed: 10,
        outstanding: false,
        short_outstanding: false,
        nodelay: false,
        cork: false,
    };

    #[test]
    fn a_short_segment_goes_when_nothing_is_unacknowledged() {
        assert_eq!(next(SHORT), Next::Segment { length: 100, fin: false });
    }

    #[test]
    fn nagle_holds_a_second_short_segment() {
        let situation = Situation { outstanding: true, short_outstanding: true, in_flight: 1, ..SHORT };
        assert_eq!(next(situation), Next::Hold(Hold::Nagle));
        assert_eq!(next(Situation { nodelay: true, ..situation }), Next::Segment { length: 100, fin: false });
        assert_eq!(next(Situation { fin: true, ..situation }), Next::Segment { length: 100, fin: true });
        assert!(matches!(next(Situation { end: 2000, ..situation }), Next::Segment { length: 1448, .. }));
    }

    #[test]
    fn full_segments_before_it_do_not_hold_a_short_one() {
        let situation = Situation { outstanding: true, in_flight: 3, ..SHORT };
        assert!(matches!(next(situation), Next::Segment { .. }));
    }

    #[test]
    fn cork_holds_short_segments_even_when_idle() {
        assert_eq!(next(Situation { cork: true, ..SHORT }), Next::Hold(Hold::Cork));
        assert!(matches!(next(Situation { cork: true, fin: true, ..SHORT }), Next::Segment { fin: true, .. }));
    }

    #[test]
    fn a_segment_that_does_not_fit_the_window_waits_whole() {
        assert_eq!(next(Situation { edge: 100, ..SHORT }), Next::Hold(Hold::Window));
        assert_eq!(next(Situation { edge: 101, ..SHORT }), Next::Segment { length: 100, fin: false });
        let fin = Situation { edge: 101, fin: true, ..SHORT };
        assert_eq!(next(fin), Next::Segment { length: 100, fin: false }, "FIN takes a place in the window too");
    }

    #[test]
    fn a_small_window_halves_the_segment() {
        assert_eq!(full_segment(1460, 12, 60_000), 1448);
        assert_eq!(full_segment(1460, 12, 2000), 1000);
        assert_eq!(full_segment(1460, 12, 500), 500);
    }
}
