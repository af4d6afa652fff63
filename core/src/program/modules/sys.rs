//! The module `sys`, as far as a program of this course looks into it.

use super::{Module, function};
use crate::program::builtins::{Args, Native, leave};
use crate::program::event::Event;
use crate::program::value::Value;
use crate::program::vm::index::integer;
use crate::program::vm::{Answer, Vm, type_error};

static FUNCTIONS: &[Native] = &[
    Native::new("exit", 0, 1, leave),
    Native::new("getsizeof", 1, 2, |_, args| Ok(Value::Int(args.at(0).weight() as i64))),
    Native::new("getrecursionlimit", 0, 0, |vm, _| Ok(Value::Int(vm.recursion.into()))),
    Native::new("setrecursionlimit", 1, 1, |vm, args| {
        let most = vm.setup.limits.recursion;
        vm.recursion = u32::try_from(integer(args.at(0))?).unwrap_or(1).clamp(1, most);
        Ok(Value::None)
    }),
    Native::new("getdefaultencoding", 0, 0, |_, _| Ok(Value::str("utf-8"))),
    Native::new("getrefcount", 1, 1, |_, _| Ok(Value::Int(2))),
    Native::new("intern", 1, 1, |_, args| Ok(args.at(0).clone())),
];

static OUT: &[Native] =
    &[Native::new("write", 1, 1, |vm, args| write(vm, args, false)), Native::new("flush", 0, 0, nothing)];
static ERR: &[Native] =
    &[Native::new("write", 1, 1, |vm, args| write(vm, args, true)), Native::new("flush", 0, 0, nothing)];
static IN: &[Native] = &[
    Native::new("readline", 0, 1, |vm, _| Ok(Value::str(line(vm).map_or(String::new(), |line| line + "\n")))),
    Native::new("read", 0, 1, |vm, _| {
        let mut all = String::new();
        while let Some(line) = line(vm) {
            all.push_str(&line);
            all.push('\n');
        }
        Ok(Value::str(all))
    }),
    Native::new("readlines", 0, 1, |vm, _| {
        let mut lines = Vec::new();
        while let Some(line) = line(vm) {
            lines.push(Value::str(line + "\n"));
        }
        Ok(Value::list(lines))
    }),
];

/// Every name that `import *` binds.
pub static NAMES: &[&str] =
    &["exit", "argv", "stdin", "stdout", "stderr", "byteorder", "maxsize", "version", "platform"];

/// What the module holds under a name.
pub fn get(name: &str) -> Option<Value> {
    Some(match name {
        "stdout" => Value::Module(Module::Stdout),
        "stderr" => Value::Module(Module::Stderr),
        "stdin" => Value::Module(Module::Stdin),
        "argv" => Value::list(vec![Value::str("program.py")]),
        "byteorder" => Value::str("little"),
        "maxsize" => Value::Int(i64::MAX),
        "platform" => Value::str("linux"),
        "version" => Value::str("3.11 (the subset of Sockscope)"),
        "version_info" => {
            Value::tuple(vec![Value::Int(3), Value::Int(11), Value::Int(0), Value::str("final"), Value::Int(0)])
        }
        _ => return function(FUNCTIONS, name),
    })
}

/// What one of the three streams holds under a name.
pub fn stream(stream: Module, name: &str) -> Option<Value> {
    match stream {
        Module::Stdout => function(OUT, name),
        Module::Stderr => function(ERR, name),
        _ => function(IN, name),
    }
}

fn write(vm: &mut Vm, args: Args, error: bool) -> Answer {
    match args.at(0) {
        Value::Str(text) => {
            vm.print(text.as_str().to_string(), error)?;
            Ok(Value::Int(text.chars() as i64))
        }
        other => Err(type_error(format!("write() argument must be str, not {}", other.type_name()))),
    }
}

fn nothing(_: &mut Vm, _: Args) -> Answer {
    Ok(Value::None)
}

/// The next line of the scenario's standard input.
fn line(vm: &mut Vm) -> Option<String> {
    let line = vm.setup.stdin.get(vm.inputs).cloned()?;
    vm.inputs += 1;
    vm.events.push_back(Event::InputRead { task: vm.task, text: line.clone() });
    Some(line)
}
