//! The instructions of the machine and the tables they point into. Plain data, shared between threads; nothing runs here.

use num_bigint::BigInt;
use std::sync::Arc;

/// Where an instruction finds or leaves a value: a register of the frame, a constant, or a global.
///
/// The two highest bits say which, so one instruction serves all three and module-level code is as quick as a function's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(pub u16);

/// What the highest two bits of a [`Slot`] say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A register of the running frame.
    Register(usize),
    /// A constant of the program.
    Constant(usize),
    /// A module-level name.
    Global(usize),
}

impl Slot {
    /// How many of each kind can be told apart.
    pub const COUNT: usize = 1 << 14;
    const CONSTANT: u16 = 0x4000;
    const GLOBAL: u16 = 0x8000;

    /// The register with this number.
    pub fn register(index: usize) -> Slot {
        debug_assert!(index < Slot::COUNT);
        Slot(index as u16)
    }

    /// The constant with this number.
    pub fn constant(index: usize) -> Slot {
        debug_assert!(index < Slot::COUNT);
        Slot(index as u16 | Slot::CONSTANT)
    }

    /// The global with this number.
    pub fn global(index: usize) -> Slot {
        debug_assert!(index < Slot::COUNT);
        Slot(index as u16 | Slot::GLOBAL)
    }

    /// Which kind, and its number.
    #[inline(always)]
    pub fn place(self) -> Place {
        let index = (self.0 & 0x3fff) as usize;
        match self.0 >> 14 {
            0 => Place::Register(index),
            1 => Place::Constant(index),
            _ => Place::Global(index),
        }
    }
}

/// Operators of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Python's operators, by their usual names
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    MatrixMultiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    LeftShift,
    RightShift,
    And,
    Or,
    Xor,
}

impl Binary {
    /// As Python writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::MatrixMultiply => "@",
            Binary::Divide => "/",
            Binary::FloorDivide => "//",
            Binary::Modulo => "%",
            Binary::Power => "** or pow()",
            Binary::LeftShift => "<<",
            Binary::RightShift => ">>",
            Binary::And => "&",
            Binary::Or => "|",
            Binary::Xor => "^",
        }
    }
}

/// Operators of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unary {
    Not,
    Negative,
    Positive,
    Invert,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Test {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Is,
    IsNot,
    In,
    NotIn,
}

/// Conversions of an f-string field: `!s`, `!r`, `!a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Conversion {
    None,
    Str,
    Repr,
    Ascii,
}

/// One instruction, eight bytes. `at` names the first of several consecutive registers.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    /// A statement begins: the boundary at which the machine can rest.
    Line(u32),
    /// The name got a value: something to show.
    Assigned { slot: Slot, name: u16 },
    /// Copies.
    Move { to: Slot, from: Slot },
    /// Copies and leaves the register empty, so that nothing keeps the value alive longer than Python would.
    Take { to: Slot, from: Slot },
    /// `+`.
    Add { to: Slot, a: Slot, b: Slot },
    /// `-`.
    Subtract { to: Slot, a: Slot, b: Slot },
    /// `*`.
    Multiply { to: Slot, a: Slot, b: Slot },
    /// Any operator of two operands.
    Binary { operator: Binary, to: Slot, a: Slot, b: Slot },
    /// `a += b` and its kin; lists grow in place.
    InPlace { operator: Binary, to: Slot, a: Slot, b: Slot },
    /// Any operator of one operand.
    Unary { operator: Unary, to: Slot, a: Slot },
    /// A comparison as a value.
    Compare { test: Test, to: Slot, a: Slot, b: Slot },
    /// Jumps to the following [`Op::Target`] unless the comparison holds.
    CompareJump { test: Test, a: Slot, b: Slot },
    /// The place a preceding instruction jumps to.
    Target(u32),
    /// Goes on elsewhere.
    Jump(u32),
    /// Goes on elsewhere if the value is false.
    JumpIfFalse { a: Slot, target: u32 },
    /// Goes on elsewhere if the value is true.
    JumpIfTrue { a: Slot, target: u32 },
    /// Collects registers.
    MakeList { to: Slot, at: u16, count: u16 },
    /// Collects registers.
    MakeTuple { to: Slot, at: u16, count: u16 },
    /// Collects registers.
    MakeSet { to: Slot, at: u16, count: u16 },
    /// Collects pairs of registers: key, value, key, value.
    MakeDict { to: Slot, at: u16, count: u16 },
    /// Lower, upper and step from three registers.
    MakeSlice { to: Slot, at: u16 },
    /// Joins texts of an f-string.
    MakeString { to: Slot, at: u16, count: u16 },
    /// One field of an f-string; `spec` is a text.
    Format { conversion: Conversion, to: Slot, a: Slot, spec: Slot },
    /// Appends an element.
    Append { list: Slot, a: Slot },
    /// Adds every element of an iterable: `[*a]`.
    Extend { list: Slot, at: u16 },
    /// Adds an element to a set.
    SetAdd { set: Slot, a: Slot },
    /// Sets a key.
    DictPut { dict: Slot, key: Slot, value: Slot },
    /// Adds every pair of a mapping: `{**a}`, `f(**a)`.
    DictMerge { dict: Slot, a: Slot, call: bool },
    /// The list as a tuple, or a set.
    ListToTuple { to: Slot, a: Slot },
    /// The list as a set.
    ListToSet { to: Slot, a: Slot },
    /// `a.name`.
    Attribute { to: Slot, a: Slot, name: u16 },
    /// `a.name = value`, for the few names that can be set.
    SetAttribute { a: Slot, name: u16, value: Slot },
    /// `a[b]`.
    Index { to: Slot, a: Slot, b: Slot },
    /// `a[b] = value`.
    SetIndex { a: Slot, b: Slot, value: Slot },
    /// `del a[b]`.
    DeleteIndex { a: Slot, b: Slot },
    /// Calls what stands in register `at` with the `count` registers after it.
    Call { to: Slot, at: u16, count: u16 },
    /// The same with keywords, as the site says.
    CallSite { to: Slot, at: u16, site: u16 },
    /// Calls a method of what stands in register `at`.
    CallMethod { to: Slot, at: u16, site: u16 },
    /// Calls `at` with the list at `at + 1` and the dict at `at + 2`: `f(*a, **b)`.
    CallSpread { to: Slot, at: u16 },
    /// Makes a function; its defaults stand from `at` on.
    MakeFunction { to: Slot, at: u16, index: u16 },
    /// A new, empty cell in a register.
    NewCell { register: u16 },
    /// Moves a parameter into a new cell in the same register.
    WrapCell { register: u16 },
    /// Reads a variable that several functions share.
    LoadCell { to: Slot, cell: u16 },
    /// Writes such a variable.
    StoreCell { cell: u16, from: Slot },
    /// Empties such a variable, whether or not it has a value.
    ClearCell { cell: u16 },
    /// Unbinds such a variable.
    DeleteCell { cell: u16 },
    /// Unbinds a name.
    Delete { slot: Slot },
    /// Lets go of a register.
    Clear { register: u16 },
    /// Empties a global, whether or not it has a value.
    ClearGlobal { index: u16 },
    /// Begins an iteration.
    Iterate { to: Slot, a: Slot },
    /// Takes the next element, or goes to the following [`Op::Target`].
    Next { iterator: u16, to: Slot },
    /// Spreads a sequence over `count` registers from `at` on.
    Unpack { a: u16, at: u16, count: u16 },
    /// The same with a starred target: `before` names, the rest as a list, `after` names.
    UnpackStar { a: u16, at: u16, before: u8, after: u8 },
    /// Leaves the function.
    Return { a: Slot },
    /// Hands a value to whoever iterates.
    Yield { a: Slot },
    /// Raises.
    Raise { a: Slot, cause: Slot },
    /// `raise` alone.
    RaiseAgain,
    /// Raises what a `finally` or an unmatched `except` had caught.
    Rethrow { a: Slot },
    /// Goes to the following [`Op::Target`] unless the caught exception is one of these.
    Catch { exception: Slot, kinds: Slot },
    /// The frame handles only its first `depth` exceptions from here on.
    LeaveHandler { depth: u16 },
    /// Checks that `with` can manage the object and gives what `as` names.
    Enter { to: Slot, a: Slot },
    /// Ends what `with` managed.
    Exit { a: Slot },
    /// `assert` failed; `message` may be empty.
    AssertFailed { message: Slot },
    /// A module.
    Import { to: Slot, module: u8 },
    /// One more turn of a loop without statements: the limits are looked at.
    Turn,
}

/// A constant, free of anything that only one thread may hold.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Python's literals
pub enum Constant {
    Unbound,
    None,
    Ellipsis,
    Bool(bool),
    Int(i64),
    Big(BigInt),
    Float(f64),
    Str(Arc<str>),
    Bytes(Arc<[u8]>),
    Tuple(Vec<Constant>),
}

/// How a call passes its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// The method's name as an index into the names; `u16::MAX` for a plain call.
    pub method: u16,
    /// How many by position.
    pub positional: u16,
    /// The names of the others, in order.
    pub keywords: Vec<Arc<str>>,
}

/// Where an exception raised within `start..end` is caught.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// First instruction it covers.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// Where it goes on.
    pub target: u32,
    /// The register that receives the exception.
    pub register: u16,
    /// How many exceptions the frame is handling outside of it.
    pub depth: u16,
}

/// One parameter list.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// Every name: positional ones, keyword-only ones, then `*args` and `**kwargs`. They are the first registers.
    pub names: Vec<Arc<str>>,
    /// How many can be given by position.
    pub positional: usize,
    /// How many of those only by position.
    pub positional_only: usize,
    /// How many only by keyword.
    pub keyword_only: usize,
    /// Whether there is `*args`.
    pub rest: bool,
    /// Whether there is `**kwargs`.
    pub keyword_rest: bool,
    /// Which of the positional and keyword-only ones have a default, in order.
    pub defaults: Vec<usize>,
}

/// A compiled function, or the module.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// Its name as a traceback shows it: `<module>`, `f`, `<lambda>`.
    pub name: Arc<str>,
    /// What runs.
    pub ops: Vec<Op>,
    /// For each instruction the bytes of the source it came from.
    pub spans: Vec<(u32, u32)>,
    /// Innermost first.
    pub handlers: Vec<Handler>,
    /// What it takes.
    pub parameters: Parameters,
    /// How many registers a frame needs.
    pub registers: usize,
    /// The names of the first registers.
    pub locals: Vec<Arc<str>>,
    /// Registers of the defining frame that hold the cells this function shares, and where they go.
    pub captures: Vec<(u16, u16)>,
    /// Whether calling it makes an iterator.
    pub generator: bool,
    /// Whether it belongs to the machine itself: no events, no line in a traceback.
    pub hidden: bool,
    /// Ranges of instructions that Python runs as functions of their own, with the name it gives those: `<listcomp>`.
    pub inner: Vec<(u32, u32, &'static str)>,
}

/// A name that appears in the program.
pub type Name = Arc<str>;

/// Everything that was compiled.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// The text.
    pub source: Arc<str>,
    /// Offset of the first byte of each line.
    pub lines: Vec<u32>,
    /// Every function; the module is `entry`.
    pub codes: Vec<Code>,
    /// Where it begins.
    pub entry: usize,
    /// Every literal.
    pub constants: Vec<Constant>,
    /// Every attribute and assigned name.
    pub names: Vec<Name>,
    /// Every module-level name.
    pub globals: Vec<Name>,
    /// Every call with keywords and every method call.
    pub sites: Vec<Site>,
    /// Modules that were imported with `*`.
    pub starred: Vec<super::modules::Module>,
    /// The machine's own functions, by name.
    pub prelude: Vec<(Name, usize)>,
}

impl Unit {
    /// Line (from 1) of a byte offset.
    pub fn line(&self, offset: u32) -> u32 {
        self.lines.partition_point(|start| *start <= offset) as u32
    }

    /// The text of a line without its end.
    pub fn line_text(&self, line: u32) -> &str {
        self.source.lines().nth(line.saturating_sub(1) as usize).unwrap_or("")
    }
}

/// Offsets at which lines begin.
pub fn line_starts(source: &str) -> Vec<u32> {
    let mut lines = vec![0];
    lines.extend(memchr::memchr_iter(b'\n', source.as_bytes()).map(|at| at as u32 + 1));
    lines
}

/// Line and column, both from 1, the column in characters.
pub fn position(source: &str, lines: &[u32], offset: u32) -> (u32, u32) {
    let offset = (offset as usize).min(source.len());
    let line = lines.partition_point(|start| *start as usize <= offset).max(1);
    let start = lines[line - 1] as usize;
    let column = source.get(start..offset).map_or(0, |text| text.chars().count());
    (line as u32, column as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_fits_eight_bytes() {
        assert_eq!(std::mem::size_of::<Op>(), 8);
    }

    #[test]
    fn positions_count_characters_not_bytes() {
        let source = "a = '你好' + b\nc";
        let lines = line_starts(source);
        assert_eq!(position(source, &lines, source.find('b').unwrap() as u32), (1, 12));
        assert_eq!(position(source, &lines, source.len() as u32), (2, 2));
    }
}
