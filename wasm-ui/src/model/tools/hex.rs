//! Bytes in rows of hexadecimal and ASCII, cut where their colours change. Which rows are in view is the view's business.

/// Bytes of one kind, in one colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The bytes, `[start, end)`.
    pub start: usize,
    /// Behind the last one.
    pub end: usize,
    /// What they are: becomes the attribute `data-kind`, which `tools.css` colours: `t1` to `t8` for messages and layers,
    /// `framing` for what is not payload, `bad` for what is wrong.
    pub kind: &'static str,
    /// Whether they are the quiet part of their kind, such as the framing around a message.
    pub quiet: bool,
}

/// The colour of the n-th message, layer, or whatever is counted from 0.
pub fn tint(number: usize) -> &'static str {
    ["t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8"][number % 8]
}

/// A stretch of one row in one colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first byte, counted in the whole.
    pub start: usize,
    /// Behind the last one.
    pub end: usize,
    /// The kind of its mark, if one covers it.
    pub kind: Option<&'static str>,
    /// As in its mark.
    pub quiet: bool,
    /// Whether it is selected.
    pub selected: bool,
}

/// Cuts one row, `[from, to)`, where marks or the selection begin or end. `marks` are in order and do not overlap.
pub fn stretches(from: usize, to: usize, marks: &[Mark], selection: Option<(usize, usize)>) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut next = marks.partition_point(|mark| mark.end <= from);
    let mut at = from;
    while at < to {
        while marks.get(next).is_some_and(|mark| mark.end <= at) {
            next += 1;
        }
        let mark = marks.get(next).filter(|mark| mark.start <= at);
        let mut end = match (mark, marks.get(next)) {
            (Some(mark), _) => mark.end,
            (None, Some(mark)) => mark.start,
            (None, None) => to,
        }
        .min(to);
        let (selected, until) = selected(at, selection);
        end = end.min(until);
        found.push(Stretch {
            start: at,
            end,
            kind: mark.map(|mark| mark.kind),
            quiet: mark.is_some_and(|mark| mark.quiet),
            selected,
        });
        at = end;
    }
    found
}

/// Whether a byte is selected, and where that changes behind it.
pub fn selected(at: usize, selection: Option<(usize, usize)>) -> (bool, usize) {
    match selection {
        Some((start, _)) if at < start => (false, start),
        Some((_, stop)) if at < stop => (true, stop),
        _ => (false, usize::MAX),
    }
}

/// The character for a byte in the column of text, as markup.
pub fn markup(byte: u8) -> String {
    match byte {
        b'<' => "&lt;".to_owned(),
        b'&' => "&amp;".to_owned(),
        _ => character(byte).to_string(),
    }
}

/// The character for a byte in the column of text.
pub fn character(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '·' }
}

/// Where a key takes the cursor: `length` bytes in rows of `width`.
pub fn step(key: &str, at: usize, width: usize, page: usize, length: usize) -> Option<usize> {
    let last = length.checked_sub(1)?;
    Some(match key {
        "ArrowLeft" => at.saturating_sub(1),
        "ArrowRight" => (at + 1).min(last),
        "ArrowUp" if at >= width => at - width,
        "ArrowDown" if at + width <= last => at + width,
        "ArrowUp" | "ArrowDown" => at,
        "PageUp" => at.saturating_sub(width * page).max(at % width),
        "PageDown" => (at + width * page).min(last),
        "Home" => at - at % width,
        "End" => (at - at % width + width - 1).min(last),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(start: usize, end: usize, kind: &'static str) -> Mark {
        Mark { start, end, kind, quiet: false }
    }

    #[test]
    fn a_row_is_cut_where_its_colours_change() {
        let marks = [mark(2, 5, "t1"), mark(5, 6, "t2"), mark(30, 40, "t3")];
        let cut: Vec<_> =
            stretches(0, 16, &marks, Some((4, 8))).iter().map(|it| (it.start, it.end, it.kind, it.selected)).collect();
        assert_eq!(
            cut,
            [
                (0, 2, None, false),
                (2, 4, Some("t1"), false),
                (4, 5, Some("t1"), true),
                (5, 6, Some("t2"), true),
                (6, 8, None, true),
                (8, 16, None, false)
            ]
        );
        assert_eq!(stretches(32, 48, &marks, None).len(), 2);
    }

    #[test]
    fn stretches_cover_a_row_without_a_gap_whatever_the_marks() {
        let marks = [mark(0, 1, "t1"), mark(3, 20, "t2"), mark(20, 21, "t3")];
        for from in 0..24 {
            for to in from..24 {
                for selection in [None, Some((0, 3)), Some((5, 6)), Some((22, 30))] {
                    let cut = stretches(from, to, &marks, selection);
                    let mut at = from;
                    for stretch in &cut {
                        assert_eq!(stretch.start, at);
                        assert!(stretch.end > at);
                        at = stretch.end;
                    }
                    assert_eq!(at, to);
                }
            }
        }
    }

    #[test]
    fn keys_never_leave_the_bytes() {
        for key in ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"] {
            for at in 0..35 {
                assert!(step(key, at, 16, 4, 35).is_some_and(|to| to < 35), "{key} from {at}");
            }
            assert_eq!(step(key, 0, 16, 4, 0), None);
        }
        assert_eq!(step("a", 0, 16, 4, 35), None);
    }
}
