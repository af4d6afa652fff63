//! From text to a syntax tree that is known to lie inside the subset. Nothing is compiled here.

mod nesting;
mod subset;

use super::code::line_starts;
use super::refusal::{Refusal, Refusals};
use ruff_python_ast::{Expr, ModModule, PythonVersion};
use ruff_python_parser::{LexicalErrorType, Mode, ParseErrorType, ParseOptions, Parsed};
use ruff_text_size::{Ranged, TextRange, TextSize};

/// The longest program, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// Parses and checks a whole program.
pub fn module(source: &str) -> Result<Parsed<ModModule>, Vec<Refusal>> {
    let parsed = parse(source, Mode::Module)?;
    let Some(parsed) = parsed.try_into_module() else { return Err(Vec::new()) };
    let lines = line_starts(source);
    let mut refusals = Refusals::new(source, &lines);
    subset::check(&parsed.syntax().body, &mut refusals);
    refusals.finish()?;
    Ok(parsed)
}

/// Parses and checks a single expression.
pub fn expression(source: &str) -> Result<Expr, Vec<Refusal>> {
    let parsed = parse(source, Mode::Expression)?;
    let ruff_python_ast::Mod::Expression(parsed) = parsed.into_syntax() else { return Err(Vec::new()) };
    let lines = line_starts(source);
    let mut refusals = Refusals::new(source, &lines);
    let expression = *parsed.body;
    subset::check_expression(&expression, &mut refusals);
    refusals.finish()?;
    Ok(expression)
}

fn parse(source: &str, mode: Mode) -> Result<Parsed<ruff_python_ast::Mod>, Vec<Refusal>> {
    let lines = line_starts(source);
    let mut refusals = Refusals::new(source, &lines);
    if source.len() > LONGEST {
        let message = format!("the program is {} bytes long, at most {LONGEST} are allowed", source.len());
        let args = vec![("length", source.len().to_string()), ("limit", LONGEST.to_string())];
        refusals.add("too_long", TextRange::empty(TextSize::new(0)), message, args);
    } else if let Some((at, what, limit)) = nesting::too_deep(source, mode) {
        let message = format!("{what} are nested too deeply here, at most {limit} levels are allowed");
        refusals.add("too_deep", at, message, vec![("what", what.to_string()), ("limit", limit.to_string())]);
    }
    refusals.finish()?;

    let options = ParseOptions::from(mode).with_target_version(PythonVersion::PY311);
    let parsed = ruff_python_parser::parse_unchecked(source, options);
    let mut refusals = Refusals::new(source, &lines);
    // The first mistake is the one to mend; what follows is often only its echo.
    if let Some(error) = parsed.errors().first() {
        let named = error.error == ParseErrorType::Lexical(LexicalErrorType::UnicodeError)
            && source[..error.range().start().to_usize()].ends_with("\\N{");
        if named {
            refusals.outside(error.range(), "a character by its Unicode name");
            return refusals.finish().map(|()| parsed);
        }
        let text = decapitalised(&error.error.to_string());
        refusals.add("syntax", error.range(), format!("syntax error: {text}"), vec![("reason", text)]);
    } else {
        for error in parsed.unsupported_syntax_errors() {
            let text = decapitalised(&error.to_string());
            refusals.add("syntax", error.range(), format!("syntax error: {text}"), vec![("reason", text)]);
        }
    }
    refusals.finish()?;
    Ok(parsed)
}

fn decapitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
