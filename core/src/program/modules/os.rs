//! The modules `os` and `os.path` over the host's own files. Directories are only prefixes of names.

use super::{Module, function};
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::types::Type;
use crate::program::vm::{Answer, Vm, file_error, os_error, type_error};
use std::collections::BTreeSet;

static FUNCTIONS: &[Native] = &[
    Native::new("listdir", 0, 1, |vm, args| {
        let prefix = args.get(0).map_or(Ok(String::new()), name)?;
        let prefix = match prefix.trim_end_matches('/').trim_start_matches("./") {
            "" | "." => String::new(),
            other => format!("{other}/"),
        };
        let files = vm.world.files.borrow();
        let names: BTreeSet<String> = files
            .keys()
            .filter_map(|file| file.strip_prefix(&prefix))
            .map(|rest| rest.split('/').next().unwrap_or(rest).to_string())
            .collect();
        drop(files);
        if names.is_empty() && !prefix.is_empty() {
            return Err(file_error(2, "No such file or directory", prefix.trim_end_matches('/')));
        }
        Ok(Value::list(names.into_iter().map(Value::str).collect()))
    }),
    Native::new("remove", 1, 1, remove),
    Native::new("unlink", 1, 1, remove),
    Native::new("rename", 2, 2, |vm, args| {
        let (from, to) = (name(args.at(0))?, name(args.at(1))?);
        let data = vm.world.files.borrow_mut().remove(&from);
        match data {
            Some(data) => {
                vm.world.files.borrow_mut().insert(to.clone(), data);
                vm.world.touch(&from);
                vm.world.touch(&to);
                Ok(Value::None)
            }
            None => Err(file_error(2, "No such file or directory", &from)),
        }
    }),
    Native::new("getcwd", 0, 0, |_, _| Ok(Value::str("/"))),
    Native::new("getpid", 0, 0, |_, _| Ok(Value::Int(1))),
    Native::new("strerror", 1, 1, |_, args| {
        let number = crate::program::vm::index::integer(args.at(0))?;
        let known = i32::try_from(number).ok().and_then(crate::socket::Errno::from_number);
        Ok(Value::str(known.map_or_else(|| format!("Unknown error {number}"), |errno| errno.text().to_string())))
    }),
    Native::new("getenv", 1, 2, |_, args| Ok(args.at(1).clone())),
];

static PATH: &[Native] = &[
    Native::new("exists", 1, 1, |vm, args| {
        let name = name(args.at(0))?;
        Ok(Value::Bool(is_file(vm, &name) || is_directory(vm, &name)))
    }),
    Native::new("isfile", 1, 1, |vm, args| {
        let name = name(args.at(0))?;
        Ok(Value::Bool(is_file(vm, &name)))
    }),
    Native::new("isdir", 1, 1, |vm, args| {
        let name = name(args.at(0))?;
        Ok(Value::Bool(is_directory(vm, &name)))
    }),
    Native::new("getsize", 1, 1, |vm, args| {
        let name = name(args.at(0))?;
        let length = vm.world.files.borrow().get(&name).map(|data| data.len());
        match length {
            Some(length) => Ok(Value::Int(length as i64)),
            None => Err(file_error(2, "No such file or directory", &name)),
        }
    }),
    Native::new("basename", 1, 1, |_, args| {
        let name = name(args.at(0))?;
        Ok(Value::str(name.rsplit('/').next().unwrap_or("")))
    }),
    Native::new("dirname", 1, 1, |_, args| Ok(Value::str(split(&name(args.at(0))?).0))),
    Native::new("split", 1, 1, |_, args| {
        let name = name(args.at(0))?;
        let (head, tail) = split(&name);
        Ok(Value::tuple(vec![Value::str(head), Value::str(tail)]))
    }),
    Native::new("splitext", 1, 1, |_, args| {
        let name = name(args.at(0))?;
        let start = name.rfind('/').map_or(0, |at| at + 1);
        let stem = name[start..].trim_start_matches('.');
        let at = match stem.rfind('.') {
            Some(at) => name.len() - stem.len() + at,
            None => name.len(),
        };
        Ok(Value::tuple(vec![Value::str(&name[..at]), Value::str(&name[at..])]))
    }),
    Native::free("join", |_, args| {
        let mut path = String::new();
        for (index, part) in args.values.iter().enumerate() {
            let part = name(part)?;
            if part.starts_with('/') || index == 0 {
                path = part;
            } else if path.is_empty() || path.ends_with('/') {
                path.push_str(&part);
            } else {
                path = format!("{path}/{part}");
            }
        }
        Ok(Value::str(path))
    }),
    Native::new("abspath", 1, 1, |_, args| {
        let name = name(args.at(0))?;
        Ok(Value::str(if name.starts_with('/') { name } else { format!("/{name}") }))
    }),
    Native::new("isabs", 1, 1, |_, args| Ok(Value::Bool(name(args.at(0))?.starts_with('/')))),
];

/// Every name that `import *` binds.
pub static NAMES: &[&str] = &[
    "listdir", "remove", "unlink", "rename", "getcwd", "getpid", "strerror", "getenv", "path", "sep", "linesep", "name",
];
/// Every name that `import *` binds of `os.path`.
pub static PATH_NAMES: &[&str] =
    &["exists", "isfile", "isdir", "getsize", "basename", "dirname", "split", "splitext", "join", "abspath", "isabs"];

/// What the module holds under a name.
pub fn get(name: &str) -> Option<Value> {
    match name {
        "path" => Some(Value::Module(Module::OsPath)),
        "sep" => Some(Value::str("/")),
        "linesep" => Some(Value::str("\n")),
        "name" => Some(Value::str("posix")),
        "error" => Some(Value::Type(Type::OSError)),
        _ => function(FUNCTIONS, name),
    }
}

/// What `os.path` holds under a name.
pub fn path(name: &str) -> Option<Value> {
    match name {
        "sep" => Some(Value::str("/")),
        _ => function(PATH, name),
    }
}

/// The name of a file as a program gives it.
pub fn name(value: &Value) -> Answer<String> {
    match value {
        Value::Str(text) => Ok(text.as_str().strip_prefix("./").unwrap_or(text.as_str()).to_string()),
        Value::Bytes(_) => Ok(String::from_utf8_lossy(&value.to_bytes().unwrap_or_default()).into_owned()),
        other => Err(type_error(format!("expected str, bytes or os.PathLike object, not {}", other.type_name()))),
    }
}

fn is_file(vm: &Vm, name: &str) -> bool {
    vm.world.files.borrow().contains_key(name)
}

fn is_directory(vm: &Vm, name: &str) -> bool {
    let plain = name.trim_end_matches('/');
    if plain.is_empty() || plain == "." {
        return true;
    }
    let prefix = format!("{plain}/");
    vm.world.files.borrow().keys().any(|file| file.starts_with(&prefix))
}

fn split(name: &str) -> (&str, &str) {
    match name.rfind('/') {
        Some(0) => ("/", &name[1..]),
        Some(at) => (name[..at].trim_end_matches('/'), &name[at + 1..]),
        None => ("", name),
    }
}

fn remove(vm: &mut Vm, args: Args) -> Answer {
    let name = name(args.at(0))?;
    let gone = vm.world.files.borrow_mut().remove(&name);
    match gone {
        Some(_) => {
            vm.world.touch(&name);
            Ok(Value::None)
        }
        None if is_directory(vm, &name) => Err(os_error(21, "Is a directory")),
        None => Err(file_error(2, "No such file or directory", &name)),
    }
}
