//! The rarer kinds of values: functions, ranges, generators, and the things that stand for something outside (sockets,
//! files, threads). A socket here holds a descriptor and what `print` shows of it; it knows no protocol.

use super::dict::Dict;
use super::iterator::State;
use super::types::Type;
use super::{Shared, Value};
use crate::program::builtins::Native;
use crate::socket::{Descriptor, TaskId};
use crate::stream::Data;
use bytes::{Bytes, BytesMut};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::rc::Rc;
use std::sync::Arc;

/// A function of the program.
pub struct Function {
    /// Its name.
    pub name: Arc<str>,
    /// Which code.
    pub code: usize,
    /// Values of the parameters that have a default.
    pub defaults: Vec<Value>,
    /// The variables it shares with the functions around it.
    pub cells: Vec<Value>,
}

/// A built-in method with the object it belongs to.
pub struct Bound {
    /// The object.
    pub receiver: Value,
    /// The method.
    pub native: &'static Native,
}

/// `range`.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Range {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
}

impl Range {
    /// How many numbers.
    #[allow(clippy::len_without_is_empty)] // nobody asks
    pub fn len(&self) -> u64 {
        let (start, stop, step) = (i128::from(self.start), i128::from(self.stop), i128::from(self.step));
        let distance = if step > 0 { stop - start } else { start - stop };
        if distance <= 0 { 0 } else { ((distance - 1) / step.abs() + 1) as u64 }
    }

    /// The number at an index below `len`.
    pub fn at(&self, index: u64) -> i64 {
        (i128::from(self.start) + i128::from(index) * i128::from(self.step)) as i64
    }
}

/// `slice`.
#[allow(missing_docs)]
pub struct Slice {
    pub start: Value,
    pub stop: Value,
    pub step: Value,
}

/// A suspended piece of the program that gives one value after another.
pub struct Generator {
    /// What it calls itself: `generator`, `map`, `filter`.
    pub kind: Type,
    /// Where it stands.
    pub state: RefCell<Suspended>,
}

/// Where a generator stands.
pub enum Suspended {
    /// Between two values.
    At {
        /// Which code.
        code: usize,
        /// The next instruction.
        next: usize,
        /// Its registers.
        registers: Vec<Value>,
    },
    /// On the stack just now.
    Running,
    /// No more.
    Finished,
}

impl Generator {
    /// Ends it and hands over what it held.
    pub fn take(&self) -> Vec<Value> {
        match self.state.replace(Suspended::Finished) {
            Suspended::At { registers, .. } => registers,
            _ => Vec::new(),
        }
    }

    /// Shows everything it refers to.
    pub fn each_child(&self, see: &mut dyn FnMut(&Value)) {
        if let Suspended::At { registers, .. } = &*self.state.borrow() {
            registers.iter().for_each(see);
        }
    }
}

/// What outlives the values that stand for it: the host's files, and descriptors whose last socket object is gone.
#[derive(Default)]
pub struct World {
    /// Descriptors to close.
    pub orphans: RefCell<Vec<Descriptor>>,
    /// Files by name.
    pub files: RefCell<BTreeMap<String, Data>>,
    /// Names of files that changed since somebody looked.
    pub changed: RefCell<Vec<String>>,
}

impl World {
    /// Puts bytes at a position of a file, which is created if it is missing.
    pub fn write(&self, name: &str, at: usize, bytes: &[u8]) {
        let mut files = self.files.borrow_mut();
        let data = std::mem::take(files.entry(name.to_string()).or_default());
        let mut content = data.0.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        if content.len() < at {
            content.resize(at, 0);
        }
        let overlap = bytes.len().min(content.len() - at);
        content[at..at + overlap].copy_from_slice(&bytes[..overlap]);
        content.extend_from_slice(&bytes[overlap..]);
        files.insert(name.to_string(), Data(content.freeze()));
        drop(files);
        self.touch(name);
    }

    /// Notes that a file changed.
    pub fn touch(&self, name: &str) {
        let mut changed = self.changed.borrow_mut();
        if changed.last().is_none_or(|last| last != name) {
            changed.push(name.to_string());
        }
    }
}

/// A socket object.
pub struct Socket {
    /// Counts the sockets of a host: what it is hashed by, so that sets keep their order from run to run.
    pub serial: u64,
    /// Its descriptor, -1 once closed or detached.
    pub fd: Cell<Descriptor>,
    /// The three numbers it was made with.
    pub family: i64,
    /// `SOCK_STREAM` or `SOCK_DGRAM`.
    pub kind: i64,
    /// The protocol number.
    pub protocol: i64,
    /// What `gettimeout` says.
    pub timeout: Cell<Option<f64>>,
    /// The two ends as last asked for, for `repr`.
    pub ends: RefCell<(Option<SocketAddrV4>, Option<SocketAddrV4>)>,
    /// Whether the two ends were asked for and not yet shown.
    pub fresh: Cell<bool>,
    /// How many files made with `makefile` still use it.
    pub files: Cell<u32>,
    /// Whether `close` was called.
    pub closed: Cell<bool>,
    /// Where the descriptor goes when the object is gone.
    pub world: Rc<World>,
}

/// A file of the host.
pub struct File {
    /// Its name.
    pub name: String,
    /// The mode as given.
    pub mode: String,
    /// Whether it may be read.
    pub readable: bool,
    /// Whether it may be written.
    pub writable: bool,
    /// Whether every write goes to the end.
    pub append: bool,
    /// Whether it gives `bytes`.
    pub binary: bool,
    /// Offset in bytes.
    pub position: Cell<usize>,
    /// What was written and not yet flushed.
    pub pending: RefCell<Vec<u8>>,
    /// Whether `close` was called.
    pub closed: Cell<bool>,
    /// Where its bytes are.
    pub world: Rc<World>,
}

impl File {
    /// How much may wait before it is written through, as in CPython's buffered files.
    pub const BUFFER: usize = 8192;

    /// Writes through.
    pub fn flush(&self) {
        let pending = self.pending.take();
        if pending.is_empty() {
            return;
        }
        let length = self.world.files.borrow().get(&self.name).map_or(0, |data| data.len());
        let at = if self.append { length } else { self.position.get() };
        self.world.write(&self.name, at, &pending);
        self.position.set(at + pending.len());
    }
}

/// What `makefile` gives.
pub struct SocketFile {
    /// The socket.
    pub socket: Value,
    /// The mode as given.
    pub mode: String,
    /// Whether it reads.
    pub readable: bool,
    /// Whether it writes.
    pub writable: bool,
    /// Whether it gives `bytes`.
    pub binary: bool,
    /// Whether text lines ends are translated.
    pub translate: bool,
    /// Whether every write is sent at once.
    pub unbuffered: bool,
    /// What has arrived and was not read.
    pub buffer: RefCell<Vec<u8>>,
    /// What was written and not sent.
    pub pending: RefCell<Vec<u8>>,
    /// Whether `close` was called.
    pub closed: Cell<bool>,
}

/// A thread: one more task of the host.
pub struct Thread {
    /// Counts the threads of a host: what it is hashed by.
    pub serial: u64,
    /// Its name.
    pub name: RefCell<String>,
    /// What it runs, with its arguments.
    pub target: RefCell<Value>,
    /// A tuple.
    pub args: RefCell<Value>,
    /// A dict or `None`.
    pub kwargs: RefCell<Value>,
    /// Whether the program ends without it.
    pub daemon: Cell<bool>,
    /// Its task, once started.
    pub task: Cell<Option<TaskId>>,
    /// Whether it has ended.
    pub finished: Cell<bool>,
}

/// A lock.
pub struct Lock {
    /// Whether its owner may take it again.
    pub reentrant: bool,
    /// Who has it.
    pub owner: Cell<Option<TaskId>>,
    /// How many times.
    pub count: Cell<u32>,
}

/// A constant that prints with its name: `<AddressFamily.AF_INET: 2>`.
pub struct Named {
    /// The enumeration.
    pub kind: Type,
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub number: i64,
}

/// Which view of a dict.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum View {
    Keys,
    Values,
    Items,
}

/// One of the rarer kinds.
#[allow(missing_docs)] // the types inside say it
pub enum Object {
    Socket(Socket),
    File(File),
    SocketFile(SocketFile),
    Thread(Thread),
    Lock(Lock),
    /// `threading.Event`: whether it is set.
    Event(Cell<bool>),
    View(Rc<Dict>, View),
    Named(Named),
    /// `struct.Struct`: its format.
    Struct(String),
    /// `memoryview`: the object, and which part of it.
    Memory(Value, usize, usize),
    /// A record of facts, for expectations.
    Record(BTreeMap<String, Value>),
    /// A tuple whose elements have names, as `time.localtime()` gives.
    NamedTuple(Type, &'static [&'static str], Vec<Value>),
}

impl Object {
    /// `type(self)`.
    pub fn kind(&self) -> Type {
        match self {
            Object::Socket(_) => Type::Socket,
            Object::File(file) if file.binary && file.readable => Type::BinaryReader,
            Object::File(file) if file.binary => Type::BinaryWriter,
            Object::File(_) => Type::TextFile,
            Object::SocketFile(file) if file.binary && file.readable => Type::BinaryReader,
            Object::SocketFile(file) if file.binary => Type::BinaryWriter,
            Object::SocketFile(_) => Type::TextFile,
            Object::Thread(_) => Type::Thread,
            Object::Lock(lock) if lock.reentrant => Type::RLock,
            Object::Lock(_) => Type::Lock,
            Object::Event(_) => Type::Event,
            Object::View(_, View::Keys) => Type::DictKeys,
            Object::View(_, View::Values) => Type::DictValues,
            Object::View(_, View::Items) => Type::DictItems,
            Object::Named(named) => named.kind,
            Object::Struct(_) => Type::Struct,
            Object::Memory(..) => Type::MemoryView,
            Object::Record(_) => Type::Record,
            Object::NamedTuple(kind, ..) => *kind,
        }
    }

    /// `bool(self)`.
    pub fn truth(&self) -> bool {
        match self {
            Object::View(dict, _) => !dict.is_empty(),
            Object::Named(named) => named.number != 0,
            Object::Memory(_, start, end) => start < end,
            _ => true,
        }
    }

    /// The integer it stands for.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Object::Named(named) => Some(named.number),
            _ => None,
        }
    }

    /// The bytes it stands for.
    pub fn to_bytes(&self) -> Option<Bytes> {
        match self {
            Object::Memory(of, start, end) => {
                let bytes = of.to_bytes()?;
                Some(bytes.slice((*start).min(bytes.len())..(*end).min(bytes.len())))
            }
            _ => None,
        }
    }

    /// What it is hashed by: never an address, which would differ from run to run.
    pub fn serial(&self) -> u64 {
        match self {
            Object::Socket(socket) => socket.serial,
            Object::Thread(thread) => thread.serial,
            other => other.kind() as u64,
        }
    }

    /// `self == other`, if this kind has an opinion.
    pub fn equals(&self, other: &Value) -> Option<bool> {
        match self {
            Object::Memory(..) => Some(self.to_bytes() == other.to_bytes()),
            Object::NamedTuple(_, _, items) => match other {
                Value::Tuple(tuple) => Some(
                    items.len() == tuple.items.len()
                        && items
                            .iter()
                            .zip(tuple.items.iter())
                            .all(|(a, b)| super::compare::equal(a, b).unwrap_or(false)),
                ),
                _ => None,
            },
            _ => None,
        }
    }

    /// `iter(self)`, for those that run no code.
    pub fn iterate(&self) -> Option<State> {
        match self {
            Object::View(dict, view) => {
                let (size, dict) = (dict.len(), Value::Dict(dict.clone()));
                Some(match view {
                    View::Keys => State::Keys { dict, at: 0, size },
                    View::Values => State::Values { dict, at: 0, size },
                    View::Items => State::Items { dict, at: 0, size },
                })
            }
            Object::Memory(..) => Some(State::Bytes { bytes: Rc::new(self.to_bytes()?), at: 0 }),
            Object::NamedTuple(_, _, items) => {
                let Value::Tuple(tuple) = Value::tuple(items.clone()) else { return None };
                Some(State::Tuple { tuple, at: 0 })
            }
            _ => None,
        }
    }

    /// Lets go of what stands outside, as CPython does when the last reference is gone.
    pub fn close(&mut self) {
        match self {
            Object::Socket(socket) if socket.fd.get() >= 0 => {
                socket.world.orphans.borrow_mut().push(socket.fd.get());
                socket.fd.set(-1);
            }
            Object::File(file) if !file.closed.get() => file.flush(),
            _ => {}
        }
    }

    /// Shows everything it refers to.
    pub fn each_child(&self, see: &mut dyn FnMut(&Value)) {
        match self {
            Object::SocketFile(file) => see(&file.socket),
            Object::Thread(thread) => {
                see(&thread.target.borrow());
                see(&thread.args.borrow());
                see(&thread.kwargs.borrow());
            }
            Object::View(dict, _) => see(&Value::Dict(dict.clone())),
            Object::Memory(of, ..) => see(of),
            Object::Record(fields) => fields.values().for_each(see),
            Object::NamedTuple(_, _, items) => items.iter().for_each(see),
            _ => {}
        }
    }

    /// Moves out everything it refers to, as far as it may be shared. For one that nobody else holds.
    pub fn take_children(&mut self, out: &mut Vec<Value>) {
        match self {
            Object::SocketFile(file) => out.push(std::mem::take(&mut file.socket)),
            Object::Thread(thread) => {
                out.extend([thread.target.take(), thread.args.take(), thread.kwargs.take()]);
            }
            Object::View(dict, _) => out.push(Value::Dict(std::mem::take(dict))),
            Object::Memory(of, ..) => out.push(std::mem::take(of)),
            Object::Record(fields) => out.extend(std::mem::take(fields).into_values()),
            Object::NamedTuple(_, _, items) => out.append(items),
            _ => {}
        }
    }
}

impl Shared {
    /// A variable with this value.
    pub fn new(value: Value) -> Rc<Shared> {
        Rc::new(Shared { value: RefCell::new(value), watched: Cell::new(false) })
    }
}
