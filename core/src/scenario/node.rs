//! A tree that TOML and JSON both become, each value with its place in the file. It knows no scenario.

use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub value: Value,
    pub span: Option<Range<usize>>,
}

/// What TOML and JSON have in common.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A whole number that fits.
    Integer(i128),
    /// Any other number.
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
    /// A TOML date or time, of no use here.
    Moment,
}

/// A key of a table with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub key_span: Option<Range<usize>>,
    pub node: Node,
}

impl Value {
    /// What a reader of the file would call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Moment => "a date or time",
        }
    }
}

impl Node {
    /// The tree of a TOML document.
    pub fn from_toml(table: &DeTable<'_>, span: Range<usize>) -> Node {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                key_span: Some(key.span()),
                node: Node::from_toml_value(value.get_ref(), value.span()),
            })
            .collect();
        // The parser sorts by name; mistakes are reported in the order of the file.
        entries.sort_by_key(|entry| entry.key_span.as_ref().map(|span| span.start));
        Node { value: Value::Table(entries), span: Some(span) }
    }

    fn from_toml_value(value: &DeValue<'_>, span: Range<usize>) -> Node {
        let value = match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => {
                let digits = number.as_str();
                match i128::from_str_radix(digits, number.radix()) {
                    Ok(number) => Value::Integer(number),
                    Err(_) => Value::Float(f64::INFINITY),
                }
            }
            DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Datetime(_) => Value::Moment,
            DeValue::Array(items) => {
                Value::List(items.iter().map(|item| Node::from_toml_value(item.get_ref(), item.span())).collect())
            }
            DeValue::Table(table) => return Node::from_toml(table, span),
        };
        Node { value, span: Some(span) }
    }

    /// The tree of a JSON value; it has no places.
    pub fn from_json(value: &serde_json::Value) -> Node {
        use serde_json::Value as Json;
        let value = match value {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => Value::Integer(number.into()),
                (_, Some(number)) => Value::Integer(number.into()),
                _ => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(items.iter().map(Node::from_json).collect()),
            Json::Object(object) => Value::Table(
                object
                    .iter()
                    .map(|(key, value)| Entry { key: key.clone(), key_span: None, node: Node::from_json(value) })
                    .collect(),
            ),
        };
        Node { value, span: None }
    }
}
