//! Expectations: one expression over facts, evaluated by the same machine that runs the programs. It asks nothing of
//! the system and waits for nobody.

use super::value::Value;
use super::value::object::Object;
use super::vm::Vm;
use super::vm::frame::Task;
use super::vm::run::Boundary;
use super::{Limits, Setup, compile};
use crate::stream::Data;
use std::sync::Arc;

/// A value that is known from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Str(String),
    /// Bytes.
    Bytes(Data),
    /// A list.
    List(Vec<Fact>),
    /// Something with attributes.
    Record(Vec<(String, Fact)>),
}

impl Fact {
    fn value(&self) -> Value {
        match self {
            Fact::None => Value::None,
            Fact::Bool(value) => Value::Bool(*value),
            Fact::Int(value) => Value::Int(*value),
            Fact::Str(text) => Value::str(text.as_str()),
            Fact::Bytes(data) => Value::bytes(data.0.clone()),
            Fact::List(items) => Value::list(items.iter().map(Fact::value).collect()),
            Fact::Record(fields) => {
                let fields = fields.iter().map(|(name, fact)| (name.clone(), fact.value())).collect();
                Value::object(Object::Record(fields))
            }
        }
    }
}

/// Whether an expression holds, with these names bound. An exception is an error, as its last line.
pub fn evaluate(expression: &str, names: &[(String, Fact)]) -> Result<bool, String> {
    let unit = compile::expression(expression)
        .map_err(|refusals| refusals.first().map_or_else(|| "not an expression".to_string(), ToString::to_string))?;
    let unit = Arc::new(unit);
    let limits = Limits { statements: 1_000_000, ..Limits::default() };
    let mut vm = Vm::new(unit.clone(), Setup { limits, ..Setup::default() });
    vm.tracing = false;
    for (index, global) in unit.globals.iter().enumerate() {
        if let Some((_, fact)) = names.iter().find(|(name, _)| **name == **global) {
            vm.globals[index] = fact.value();
        }
    }
    let mut task = Task::new(0, None);
    vm.begin(&unit, &mut task, unit.entry);
    let result = loop {
        match vm.run(&unit, &mut task) {
            Boundary::Ended(Ok(value)) => break Ok(value.truth()),
            Boundary::Ended(Err(exception)) => break Err(exception.last_line()),
            Boundary::Limit(limit, value) => break Err(format!("the limit of {limit} was passed: {value}")),
            Boundary::Look => {
                let limit = vm.setup.limits.memory;
                if vm.look(std::slice::from_ref(&task)) > limit {
                    break Err(format!("the limit of memory was passed: {limit}"));
                }
            }
            Boundary::Statement | Boundary::Turn => {}
            Boundary::Call(_) | Boundary::Parked | Boundary::Start(_) => {
                break Err("an expectation can ask the system for nothing".to_string());
            }
        }
    };
    vm.forget();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<(String, Fact)> {
        let server = Fact::Record(vec![
            ("received".into(), Fact::List(vec![Fact::Bytes(b"msg0"[..].into()), Fact::Bytes(b"msg1"[..].into())])),
            ("exit".into(), Fact::Int(0)),
            ("exception".into(), Fact::None),
        ]);
        vec![("server".into(), server), ("drops".into(), Fact::List(vec![]))]
    }

    #[test]
    fn an_expectation_reads_attributes_of_a_record() {
        assert_eq!(evaluate("b''.join(server.received) == b'msg0msg1' and server.exit == 0", &names()), Ok(true));
        assert_eq!(evaluate("server.exception is not None", &names()), Ok(false));
        assert_eq!(evaluate("len(drops) == 0 and all(len(r) == 4 for r in server.received)", &names()), Ok(true));
    }

    #[test]
    fn a_wrong_expectation_says_what_is_wrong() {
        assert!(evaluate("server.nothing", &names()).unwrap_err().contains("no attribute 'nothing'"));
        assert!(evaluate("nobody.exit == 0", &names()).unwrap_err().contains("name 'nobody' is not defined"));
        assert!(evaluate("1 +", &names()).unwrap_err().contains("syntax"));
    }
}
