//! The module `select`: which sockets are ready.

use super::function;
use super::socket::{descriptor, duration};
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::types::Type;
use crate::program::vm::after::After;
use crate::program::vm::{Answer, Stop, Vm, type_error, value_error};
use crate::socket::Call;

static FUNCTIONS: &[Native] = &[Native::new("select", 3, 4, select)];

/// Every name that `import *` binds.
pub static NAMES: &[&str] = &["select", "error"];

/// What the module holds under a name.
pub fn get(name: &str) -> Option<Value> {
    match name {
        "error" => Some(Value::Type(Type::OSError)),
        _ => function(FUNCTIONS, name),
    }
}

fn select(vm: &mut Vm, args: Args) -> Answer {
    let mut lists = Vec::new();
    for list in &args.values[..3] {
        let mut found = Vec::new();
        let Ok(items) = vm.elements(list) else {
            return Err(type_error("arguments 1-3 must be sequences"));
        };
        for item in items {
            let fd = match item.as_int() {
                Some(fd) => i32::try_from(fd).unwrap_or(-1),
                None => descriptor(&item)
                    .ok_or_else(|| type_error("argument must be an int, or have a fileno() method."))?,
            };
            if fd < 0 {
                return Err(value_error(format!("file descriptor cannot be a negative integer ({fd})")));
            }
            found.push((fd, item));
        }
        lists.push(found);
    }
    let timeout = match args.get(3) {
        None | Some(Value::None) => None,
        Some(value) => Some(duration(value).map_err(|stop| match stop {
            Stop::Raise(exception) if exception.kind == Type::ValueError => value_error("timeout must be non-negative"),
            Stop::Raise(_) => type_error("timeout must be a float or None"),
            other => other,
        })?),
    };
    let fds = |list: &[(i32, Value)]| list.iter().map(|(fd, _)| *fd).collect::<Vec<_>>();
    let call = Call::Select { read: fds(&lists[0]), write: fds(&lists[1]), except: fds(&lists[2]), timeout };
    let mut lists = lists.into_iter();
    let mut next = || lists.next().unwrap_or_default();
    let after = After::Ready(next(), next(), next());
    Err(Stop::Call(Box::new((call, after))))
}
