//! The module `threading`: threads are tasks of one host that take turns.

use super::function;
use crate::program::builtins::{Args, Native};
use crate::program::value::Value;
use crate::program::value::object::{Lock, Object, Thread};
use crate::program::value::repr::str_of;
use crate::program::value::types::Type;
use crate::program::vm::index::float;
use crate::program::vm::{Answer, Park, Stop, Vm, runtime_error, type_error};
use std::cell::{Cell, RefCell};

static FUNCTIONS: &[Native] = &[
    Native::new("current_thread", 0, 0, |vm, _| Ok(current(vm))),
    Native::new("main_thread", 0, 0, |_, _| Ok(main_thread())),
    Native::new("active_count", 0, 0, |vm, _| Ok(Value::Int(vm.thread_of.len() as i64 + 1))),
    Native::new("enumerate", 0, 0, |vm, _| {
        let threads = vm.thread_of.iter().map(|(_, thread)| thread.clone());
        Ok(Value::list([main_thread()].into_iter().chain(threads).collect()))
    }),
    Native::new("get_ident", 0, 0, |vm, _| Ok(Value::Int(i64::from(vm.task) + 1))),
];

/// Every name that `import *` binds.
pub static NAMES: &[&str] =
    &["Thread", "Lock", "RLock", "Event", "current_thread", "main_thread", "active_count", "enumerate", "get_ident"];

/// Methods of `Thread`.
pub static THREAD_METHODS: &[Native] = &[
    Native::new("start", 0, 0, |_, args| {
        if this(args)?.task.get().is_some() {
            return Err(runtime_error("threads can only be started once"));
        }
        Err(Stop::Start(args.this.clone()))
    })
    .of("Thread"),
    Native::new("join", 0, 1, |vm, args| {
        let thread = this(args)?;
        match thread.task.get() {
            None => return Err(runtime_error("cannot join thread before it is started")),
            Some(task) if task == vm.task => return Err(runtime_error("cannot join current thread")),
            _ => {}
        }
        if thread.finished.get() {
            return Ok(Value::None);
        }
        match args.get(0) {
            None | Some(Value::None) => Err(Stop::Park(Park::Join(args.this.clone()))),
            Some(timeout) => {
                let seconds = float(timeout)?.max(0.0);
                Err(wait(vm, args.this, "_ended", seconds))
            }
        }
    })
    .named(&["timeout"])
    .of("Thread"),
    Native::new("is_alive", 0, 0, |_, args| {
        let thread = this(args)?;
        Ok(Value::Bool(thread.task.get().is_some() && !thread.finished.get()))
    })
    .of("Thread"),
    Native::new("_ended", 0, 0, |_, args| {
        Ok(if this(args)?.finished.get() { Value::None } else { Value::Bool(false) })
    })
    .of("Thread"),
    Native::new("getName", 0, 0, |_, args| Ok(Value::str(this(args)?.name.borrow().as_str()))).of("Thread"),
    Native::new("setDaemon", 1, 1, |_, args| {
        this(args)?.daemon.set(args.at(0).truth());
        Ok(Value::None)
    })
    .of("Thread"),
    Native::new("isDaemon", 0, 0, |_, args| Ok(Value::Bool(this(args)?.daemon.get()))).of("Thread"),
];

/// Methods of locks.
pub static LOCK_METHODS: &[Native] = &[
    Native::new("acquire", 0, 2, |vm, args| {
        let blocking = args.get(0).is_none_or(Value::truth);
        let timeout = args.get(1).map_or(Ok(-1.0), float)?;
        let lock = lock(args.this)?;
        let free = lock.owner.get().is_none() || lock.reentrant && lock.owner.get() == Some(vm.task);
        if !free && !blocking {
            return Ok(Value::Bool(false));
        }
        if !free && timeout >= 0.0 {
            return Err(wait(vm, args.this, "_try", timeout));
        }
        acquire(vm, args.this)?;
        Ok(Value::Bool(true))
    })
    .named(&["blocking", "timeout"])
    .of("lock"),
    Native::new("_try", 0, 0, |vm, args| {
        let lock = lock(args.this)?;
        if lock.owner.get().is_some() {
            return Ok(Value::Bool(false));
        }
        lock.owner.set(Some(vm.task));
        lock.count.set(1);
        Ok(Value::Bool(true))
    })
    .of("lock"),
    Native::new("release", 0, 0, |vm, args| {
        let lock = lock(args.this)?;
        if lock.owner.get().is_none() {
            let message = if lock.reentrant { "cannot release un-acquired lock" } else { "release unlocked lock" };
            return Err(runtime_error(message));
        }
        if lock.reentrant && lock.owner.get() != Some(vm.task) {
            return Err(runtime_error("cannot release un-acquired lock"));
        }
        let left = lock.count.get().saturating_sub(1);
        lock.count.set(left);
        if left == 0 {
            lock.owner.set(None);
        }
        Ok(Value::None)
    })
    .of("lock"),
    Native::new("locked", 0, 0, |_, args| Ok(Value::Bool(lock(args.this)?.owner.get().is_some()))).of("lock"),
];

/// Methods of `Event`.
pub static EVENT_METHODS: &[Native] = &[
    Native::new("set", 0, 0, |_, args| {
        event(args)?.set(true);
        Ok(Value::None)
    })
    .of("Event"),
    Native::new("clear", 0, 0, |_, args| {
        event(args)?.set(false);
        Ok(Value::None)
    })
    .of("Event"),
    Native::new("is_set", 0, 0, |_, args| Ok(Value::Bool(event(args)?.get()))).of("Event"),
    Native::new("wait", 0, 1, |vm, args| {
        if event(args)?.get() {
            return Ok(Value::Bool(true));
        }
        match args.get(0) {
            None | Some(Value::None) => Err(Stop::Park(Park::Event(args.this.clone()))),
            Some(timeout) => {
                let seconds = float(timeout)?.max(0.0);
                Err(wait(vm, args.this, "is_set", seconds))
            }
        }
    })
    .named(&["timeout"])
    .of("Event"),
];

/// What the module holds under a name.
pub fn get(name: &str) -> Option<Value> {
    match name {
        "Thread" => Some(Value::Type(Type::Thread)),
        "Lock" => Some(Value::Type(Type::Lock)),
        "RLock" => Some(Value::Type(Type::RLock)),
        "Event" => Some(Value::Type(Type::Event)),
        _ => function(FUNCTIONS, name),
    }
}

/// An attribute of a thread that is a value.
pub fn attribute(thread: &Thread, name: &str) -> Option<Value> {
    match name {
        "name" => Some(Value::str(thread.name.borrow().as_str())),
        "daemon" => Some(Value::Bool(thread.daemon.get())),
        "ident" | "native_id" => Some(thread.task.get().map_or(Value::None, |task| Value::Int(i64::from(task) + 1))),
        _ => None,
    }
}

/// `threading.Thread(target=…, args=…)`.
pub fn construct(vm: &mut Vm, args: Args) -> Answer {
    let names = ["group", "target", "name", "args", "kwargs", "daemon"];
    if let Some((name, _)) = args.keywords.iter().find(|(name, _)| !names.contains(&&**name)) {
        return Err(type_error(format!("Thread.__init__() got an unexpected keyword argument '{name}'")));
    }
    let part = |index: usize| args.get(index).or(args.named(names[index])).cloned().unwrap_or(Value::None);
    if !matches!(part(0), Value::None) {
        return Err(crate::program::vm::raise(Type::AssertionError, "group argument must be None for now"));
    }
    let target = part(1);
    let name = match part(2) {
        Value::None => {
            vm.threads += 1;
            let of = match &target {
                Value::Function(function) => format!(" ({})", function.name),
                Value::Native(native) => format!(" ({})", native.name),
                Value::Bound(bound) => format!(" ({})", bound.native.name),
                _ => String::new(),
            };
            format!("Thread-{}{of}", vm.threads)
        }
        name => str_of(&name)?,
    };
    let daemon = match part(5) {
        Value::None => vm.thread_of.iter().any(|(task, thread)| *task == vm.task && is_daemon(thread)),
        daemon => daemon.truth(),
    };
    Ok(Value::object(Object::Thread(Thread {
        serial: vm.next_serial(),
        name: RefCell::new(name),
        target: RefCell::new(target),
        args: RefCell::new(part(3)),
        kwargs: RefCell::new(part(4)),
        daemon: Cell::new(daemon),
        task: Cell::new(None),
        finished: Cell::new(false),
    })))
}

/// `Lock()`, `RLock()`, `Event()`.
pub fn construct_lock(kind: Type) -> Answer {
    Ok(Value::object(match kind {
        Type::Event => Object::Event(Cell::new(false)),
        _ => Object::Lock(Lock { reentrant: kind == Type::RLock, owner: Cell::new(None), count: Cell::new(0) }),
    }))
}

/// Takes a lock or rests until it is free.
pub fn acquire(vm: &mut Vm, value: &Value) -> Answer<()> {
    let lock = lock(value)?;
    match lock.owner.get() {
        Some(owner) if !(lock.reentrant && owner == vm.task) => Err(Stop::Park(Park::Lock(value.clone()))),
        _ => {
            lock.owner.set(Some(vm.task));
            lock.count.set(lock.count.get() + 1);
            Ok(())
        }
    }
}

fn wait(vm: &mut Vm, object: &Value, method: &str, seconds: f64) -> Stop {
    match vm.attribute(object, method) {
        Ok(ready) => vm.invoke("_wait", vec![ready, Value::Float(seconds)]),
        Err(stop) => stop,
    }
}

fn is_daemon(value: &Value) -> bool {
    matches!(value, Value::Object(object) if matches!(&**object, Object::Thread(thread) if thread.daemon.get()))
}

fn main_thread() -> Value {
    Value::object(Object::Thread(Thread {
        serial: 0,
        name: RefCell::new("MainThread".into()),
        target: RefCell::new(Value::None),
        args: RefCell::new(Value::None),
        kwargs: RefCell::new(Value::None),
        daemon: Cell::new(false),
        task: Cell::new(Some(0)),
        finished: Cell::new(false),
    }))
}

fn current(vm: &Vm) -> Value {
    let found = vm.thread_of.iter().find(|(task, _)| *task == vm.task);
    found.map_or_else(main_thread, |(_, thread)| thread.clone())
}

fn this(args: Args<'_>) -> Answer<&Thread> {
    match args.this {
        Value::Object(object) => match &**object {
            Object::Thread(thread) => Ok(thread),
            _ => Err(type_error("a thread is required")),
        },
        _ => Err(type_error("a thread is required")),
    }
}

fn lock(value: &Value) -> Answer<&Lock> {
    match value {
        Value::Object(object) => match &**object {
            Object::Lock(lock) => Ok(lock),
            _ => Err(type_error("a lock is required")),
        },
        _ => Err(type_error("a lock is required")),
    }
}

fn event(args: Args<'_>) -> Answer<&Cell<bool>> {
    match args.this {
        Value::Object(object) => match &**object {
            Object::Event(set) => Ok(set),
            _ => Err(type_error("an event is required")),
        },
        _ => Err(type_error("an event is required")),
    }
}
