//! Text in columns for people. A Han character is as wide as two others.

/// How many places a text takes.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// A text, filled up to a width.
pub fn padded(text: &str, most: usize) -> String {
    format!("{text}{}", " ".repeat(most.saturating_sub(width(text))))
}

/// Rows of cells, aligned: names on the left, numbers on the right of their columns.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let most = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0);
    let most: Vec<usize> = (0..columns).map(most).collect();
    // The first row has the headings; the second tells whether numbers stand under them.
    let number = |column: usize| {
        let cell = rows.get(1).and_then(|row| row.get(column));
        cell.is_some_and(|cell| cell.starts_with(|c: char| c.is_ascii_digit()))
    };
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| match number(column) {
            true => format!("{}{cell}", " ".repeat(most[column] - width(cell))),
            false => padded(cell, most[column]),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_the_right_and_han_characters_take_two_places() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["编码", "bytes", "x"]), row(["line", "7", "yes"]), row(["tlv", "12", "no"])];
        assert_eq!(table(&rows), "编码  bytes  x\nline      7  yes\ntlv      12  no\n");
    }
}
