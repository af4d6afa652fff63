//! How deeply a text is nested, found from its tokens alone, before anything recursive looks at it: the browser gives
//! a program one mebibyte of native stack.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};
use ruff_text_size::{TextRange, TextSize};

/// Blocks inside blocks. CPython allows 20 loops and `try`s inside each other and 100 indentations.
const BLOCKS: usize = 20;
/// Brackets, prefix operators, `lambda` and conditional expressions inside each other.
const BRACKETS: usize = 40;
/// Operators, calls, attributes and subscripts one after the other: `a + b + c …` nests to the left.
const CHAIN: usize = 300;

/// The first place that is nested too deeply: where, what, and the limit.
pub fn too_deep(source: &str, mode: Mode) -> Option<(TextRange, &'static str, usize)> {
    let (what, limit) = deepest(source, mode)?;
    // The lexer does not tell where it is; the shortest prefix that is too deep does.
    let (mut fine, mut deep) = (0, source.len());
    while deep - fine > 1 {
        let mut middle = fine + (deep - fine) / 2;
        while !source.is_char_boundary(middle) {
            middle -= 1;
        }
        if middle == fine {
            break;
        }
        if deepest(&source[..middle], mode).is_some() {
            deep = middle;
        } else {
            fine = middle;
        }
    }
    Some((TextRange::new(TextSize::new(fine as u32), TextSize::new(deep as u32)), what, limit))
}

fn deepest(source: &str, mode: Mode) -> Option<(&'static str, usize)> {
    let mut lexer = lexer::lex(source, mode);
    let mut blocks = 0;
    // For each open bracket: deep tokens and chain tokens since its last comma.
    let mut levels: Vec<(usize, usize)> = vec![(0, 0)];
    let (mut deep, mut chain) = (0, 0);
    let mut after_value = false;
    // Every token but a few empty ones takes a byte: a lexer that goes on longer than that is stuck.
    let mut patience = source.len() * 3 + 100;
    loop {
        let kind = lexer.next_token();
        patience = patience.checked_sub(1)?;
        if kind == TokenKind::EndOfFile {
            return None;
        }
        let mut add = |level: &mut (usize, usize), is_deep: bool| {
            if is_deep {
                level.0 += 1;
                deep += 1;
            } else {
                level.1 += 1;
                chain += 1;
            }
        };
        let nested = levels.len() > 1;
        let level = levels.last_mut().expect("the outermost level is never closed");
        match kind {
            TokenKind::Indent => blocks += 1,
            TokenKind::Dedent => blocks = usize::saturating_sub(blocks, 1),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                if after_value {
                    add(level, false);
                }
                levels.push((1, 0));
                deep += 1;
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd
                if nested =>
            {
                let (d, c) = levels.pop().unwrap_or_default();
                deep -= d;
                chain -= c;
            }
            TokenKind::Newline => {
                levels.clear();
                levels.push((0, 0));
                (deep, chain) = (0, 0);
            }
            TokenKind::Comma | TokenKind::Semi => {
                deep -= level.0;
                chain -= level.1;
                let open = usize::from(nested);
                *level = (open, 0);
                deep += open;
            }
            TokenKind::Lambda
            | TokenKind::If
            | TokenKind::Else
            | TokenKind::Not
            | TokenKind::Tilde
            | TokenKind::Await
            | TokenKind::DoubleStar
            | TokenKind::Yield
            | TokenKind::For => add(level, true),
            TokenKind::Plus | TokenKind::Minus if !after_value => add(level, true),
            TokenKind::Dot => add(level, false),
            kind if kind.is_operator() => add(level, false),
            TokenKind::And | TokenKind::Or | TokenKind::In | TokenKind::Is => add(level, false),
            _ => {}
        }
        after_value = matches!(
            kind,
            TokenKind::Name
                | TokenKind::Int
                | TokenKind::Float
                | TokenKind::String
                | TokenKind::Rpar
                | TokenKind::Rsqb
                | TokenKind::Rbrace
                | TokenKind::FStringEnd
        );
        if blocks > BLOCKS {
            return Some(("blocks", BLOCKS));
        }
        if deep > BRACKETS {
            return Some(("expressions", BRACKETS));
        }
        if chain > CHAIN {
            return Some(("operators", CHAIN));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_programs_are_not_deep() {
        let source = "x = [(1, 2), (3, 4)]\n".repeat(500) + &"a = f(b + c, d.e.f(g[1])[2], {'k': [1]})\n".repeat(100);
        assert_eq!(too_deep(&source, Mode::Module), None);
        let list = format!("x = [{}]\n", "(1 + 2) * 3, ".repeat(2000));
        assert_eq!(too_deep(&list, Mode::Module), None);
    }

    #[test]
    fn every_way_to_nest_is_seen() {
        for source in [
            "(".repeat(100),
            format!("x = {}1", "-".repeat(100)),
            format!("x = {}1", "not ".repeat(100)),
            format!("x = {}1", "lambda: ".repeat(100)),
            format!("x = {}1", "1 if 1 else ".repeat(100)),
            format!("x = {}1", "1 + ".repeat(1000)),
            format!("x = {}1", "1 ** ".repeat(100)),
            format!("x = a{}", ".b".repeat(1000)),
            format!("x = a{}", "()".repeat(1000)),
            format!("x = a{}", "[0]".repeat(1000)),
            (0..60).map(|n| format!("{}if 1:\n", " ".repeat(n))).collect::<String>() + &" ".repeat(60) + "pass",
        ] {
            assert!(too_deep(&source, Mode::Module).is_some(), "{source}");
        }
    }
}
