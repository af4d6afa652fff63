//! How connections begin and end (RFC 9293, 3.5 and 3.6).

use super::pair::*;
use crate::tcp::State;

#[test]
fn three_segments_open_data_flows_and_four_segments_close() {
    let mut pair = Pair::established();
    assert_eq!(pair.shorthand(), ["0S", "1SA", "0A"]);
    pair.send(0, b"hello");
    pair.settle();
    assert_eq!(pair.read(1), b"hello");
    pair.act(0, |end, now| end.close(now));
    pair.settle();
    assert_eq!(pair.states(), [State::FinWait2, State::CloseWait]);
    assert_eq!(pair.read(1), b"");
    pair.act(1, |end, now| end.close(now));
    pair.settle();
    assert_eq!(pair.states(), [State::TimeWait, State::Closed]);
    assert_eq!(pair.shorthand()[3..], ["0A5", "1A", "0FA", "1A", "1FA", "0A"]);
}
