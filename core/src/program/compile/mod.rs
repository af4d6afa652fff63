//! From the checked syntax tree to instructions. One pass per function; labels are resolved at its end.

mod block;
mod call;
mod comprehension;
mod expression;
mod function;
mod scope;
mod statement;
mod target;

use super::check;
use super::code::{Code, Constant, Handler, Op, Place, Site, Slot, Unit, line_starts};
use super::refusal::{Refusal, Refusals};
use block::Block;
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The machine's own functions, in the subset that it runs.
const PRELUDE: &str = include_str!("../prelude.py");

/// Marks module-level names of the prelude, so that a program's own names never meet them.
pub const HIDDEN: char = '\u{1}';

/// Compiles a program.
pub fn module(source: &str) -> Result<Unit, Vec<Refusal>> {
    let parsed = check::module(source)?;
    let lines = line_starts(source);
    let mut refusals = Refusals::new(source, &lines);
    let mut compiler = Compiler::with_prelude();
    compiler.lines = lines.clone();
    if let Err(range) = compiler.program(&parsed.syntax().body) {
        too_long(&mut refusals, range);
    }
    for (range, reason) in compiler.mistakes.drain(..) {
        refusals.add("syntax", range, format!("syntax error: {reason}"), vec![("reason", reason)]);
    }
    refusals.finish()?;
    Ok(compiler.finish(source, lines))
}

/// Compiles one expression whose value the code returns.
pub fn expression(source: &str) -> Result<Unit, Vec<Refusal>> {
    let expression = check::expression(source)?;
    let lines = line_starts(source);
    let mut refusals = Refusals::new(source, &lines);
    let mut compiler = Compiler::with_prelude();
    if let Err(range) = compiler.lone_expression(&expression) {
        too_long(&mut refusals, range);
    }
    refusals.finish()?;
    Ok(compiler.finish(source, lines))
}

fn too_long(refusals: &mut Refusals, range: TextRange) {
    refusals.add(
        "too_long",
        range,
        "the program has too many parts for one function, split it".to_string(),
        Vec::new(),
    );
}

/// Where code is refused because a table is full.
type Full<T = ()> = Result<T, TextRange>;

/// How many instructions a program may have.
const MOST_OPS: usize = 1 << 20;

/// Where a name of a function lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variable {
    Local(u16),
    Cell(u16),
    Global(u16),
}

/// A place in the code that is not known yet.
#[derive(Clone, Copy)]
struct Label(u32);

/// One function on its way.
struct Context {
    code: Code,
    /// Its own names; `true` marks those that inner functions share.
    variables: BTreeMap<String, (u16, bool)>,
    /// Variables of the comprehensions around the current place, innermost last.
    comprehensions: Vec<BTreeMap<String, (u16, bool)>>,
    globals: Vec<String>,
    is_module: bool,
    labels: Vec<u32>,
    blocks: Vec<Block>,
    /// How many exceptions are being handled at the current place.
    handling: u16,
    next: u16,
    span: TextRange,
}

struct Compiler {
    unit: Unit,
    contexts: Vec<Context>,
    constants: BTreeMap<Vec<u8>, usize>,
    names: BTreeMap<Arc<str>, usize>,
    globals: BTreeMap<Arc<str>, usize>,
    sites: BTreeMap<Site, usize>,
    /// Whether the prelude is being compiled: its names are apart and its doings are not told.
    hidden: bool,
    /// Whether assignments are not told.
    quiet: bool,
    ops: usize,
    mistakes: Vec<(TextRange, String)>,
    lines: Vec<u32>,
    /// Every name in the program.
    mentioned: BTreeSet<String>,
}

impl Compiler {
    fn with_prelude() -> Compiler {
        let mut compiler = Compiler {
            unit: Unit::default(),
            contexts: Vec::new(),
            constants: BTreeMap::new(),
            names: BTreeMap::new(),
            globals: BTreeMap::new(),
            sites: BTreeMap::new(),
            hidden: true,
            quiet: false,
            ops: 0,
            mistakes: Vec::new(),
            lines: Vec::new(),
            mentioned: BTreeSet::new(),
        };
        let parsed = ruff_python_parser::parse_module(PRELUDE).expect("the prelude is Python");
        for statement in &parsed.syntax().body {
            if let Stmt::FunctionDef(function) = statement {
                let name: Arc<str> = function.name.as_str().into();
                let index = compiler.prelude_function(function).expect("the prelude fits");
                compiler.unit.prelude.push((name, index));
            }
        }
        compiler.hidden = false;
        compiler
    }

    fn finish(mut self, source: &str, lines: Vec<u32>) -> Unit {
        self.unit.source = source.into();
        self.unit.lines = lines;
        self.unit
    }

    fn program(&mut self, body: &[Stmt]) -> Full {
        let names = scope::Names::of_function(None, body);
        self.mentioned = names.used.into_iter().chain(names.inner).chain(names.bound).collect();
        self.contexts.push(Context::new("<module>", true));
        self.body(body)?;
        let none = self.constant(Constant::None)?;
        self.emit(Op::Return { a: none })?;
        self.unit.entry = self.close()?;
        Ok(())
    }

    fn lone_expression(&mut self, expression: &Expr) -> Full {
        self.contexts.push(Context::new("<expression>", true));
        self.context().span = expression.range();
        let to = self.register()?;
        self.into(expression, to)?;
        self.emit(Op::Return { a: to })?;
        self.unit.entry = self.close()?;
        Ok(())
    }

    fn context(&mut self) -> &mut Context {
        self.contexts.last_mut().expect("code is only made inside a function or the module")
    }

    /// Ends the innermost function and gives its number.
    fn close(&mut self) -> Full<usize> {
        let context = self.contexts.pop().expect("code is only made inside a function or the module");
        let mut code = context.code;
        for op in &mut code.ops {
            match op {
                Op::Target(target) | Op::Jump(target) => *target = context.labels[*target as usize],
                Op::JumpIfFalse { target, .. } | Op::JumpIfTrue { target, .. } => {
                    *target = context.labels[*target as usize];
                }
                _ => {}
            }
        }
        code.hidden = self.hidden;
        self.unit.codes.push(code);
        // Functions are numbered with sixteen bits.
        if self.unit.codes.len() > usize::from(u16::MAX) { Err(context.span) } else { Ok(self.unit.codes.len() - 1) }
    }

    fn emit(&mut self, op: Op) -> Full {
        self.ops += 1;
        let full = self.ops > MOST_OPS;
        let context = self.context();
        if full {
            return Err(context.span);
        }
        context.code.ops.push(op);
        context.code.spans.push((context.span.start().to_u32(), context.span.end().to_u32()));
        Ok(())
    }

    /// Runs `make` with errors and events attributed to `range`.
    fn at<T>(&mut self, range: TextRange, make: impl FnOnce(&mut Self) -> Full<T>) -> Full<T> {
        let outer = std::mem::replace(&mut self.context().span, range);
        let made = make(self);
        self.context().span = outer;
        made
    }

    fn here(&mut self) -> u32 {
        self.context().code.ops.len() as u32
    }

    fn label(&mut self) -> Label {
        let labels = &mut self.context().labels;
        labels.push(u32::MAX);
        Label(labels.len() as u32 - 1)
    }

    fn place(&mut self, label: Label) {
        let here = self.here();
        self.context().labels[label.0 as usize] = here;
    }

    fn jump(&mut self, label: Label) -> Full {
        self.emit(Op::Jump(label.0))
    }

    /// A register that is free from here on.
    fn register(&mut self) -> Full<Slot> {
        Ok(Slot::register(self.registers(1)? as usize))
    }

    /// Consecutive free registers.
    fn registers(&mut self, count: usize) -> Full<u16> {
        let context = self.context();
        let first = context.next;
        let end = first as usize + count;
        if end >= Slot::COUNT {
            return Err(context.span);
        }
        context.next = end as u16;
        context.code.registers = context.code.registers.max(end);
        Ok(first)
    }

    fn mark(&mut self) -> u16 {
        self.context().next
    }

    fn release(&mut self, mark: u16) {
        self.context().next = mark;
    }

    fn is_temporary(&mut self, slot: Slot) -> bool {
        let locals = self.context().code.locals.len();
        matches!(slot.place(), Place::Register(index) if index >= locals)
    }

    fn constant(&mut self, constant: Constant) -> Full<Slot> {
        let mut key = Vec::new();
        constant_key(&constant, &mut key);
        let index = match self.constants.get(&key) {
            Some(index) => *index,
            None => {
                let index = self.unit.constants.len();
                if index >= Slot::COUNT {
                    return Err(self.context().span);
                }
                self.unit.constants.push(constant);
                self.constants.insert(key, index);
                index
            }
        };
        Ok(Slot::constant(index))
    }

    fn none(&mut self) -> Full<Slot> {
        self.constant(Constant::None)
    }

    fn name(&mut self, name: &str) -> Full<u16> {
        if let Some(index) = self.names.get(name) {
            return Ok(*index as u16);
        }
        let index = self.unit.names.len();
        if index >= usize::from(u16::MAX) {
            return Err(self.context().span);
        }
        let name: Arc<str> = name.into();
        self.unit.names.push(name.clone());
        self.names.insert(name, index);
        Ok(index as u16)
    }

    fn site(&mut self, site: Site) -> Full<u16> {
        if let Some(index) = self.sites.get(&site) {
            return Ok(*index as u16);
        }
        let index = self.unit.sites.len();
        if index >= usize::from(u16::MAX) {
            return Err(self.context().span);
        }
        self.unit.sites.push(site.clone());
        self.sites.insert(site, index);
        Ok(index as u16)
    }

    fn global(&mut self, name: &str) -> Full<u16> {
        let name: Arc<str> = if self.hidden && super::builtins::find(name).is_none() {
            format!("{HIDDEN}{name}").into()
        } else {
            name.into()
        };
        if let Some(index) = self.globals.get(&name) {
            return Ok(*index as u16);
        }
        let index = self.unit.globals.len();
        if index >= Slot::COUNT {
            return Err(self.context().span);
        }
        self.unit.globals.push(name.clone());
        self.globals.insert(name, index);
        Ok(index as u16)
    }

    /// Where a name lives, seen from the current place.
    fn variable(&mut self, name: &str) -> Full<Variable> {
        let context = self.context();
        for variables in context.comprehensions.iter().rev() {
            if let Some((register, shared)) = variables.get(name) {
                return Ok(if *shared { Variable::Cell(*register) } else { Variable::Local(*register) });
            }
        }
        if let Some((register, shared)) = context.variables.get(name) {
            return Ok(if *shared { Variable::Cell(*register) } else { Variable::Local(*register) });
        }
        Ok(Variable::Global(self.global(name)?))
    }
}

impl Context {
    fn new(name: &str, is_module: bool) -> Context {
        Context {
            code: Code { name: name.into(), ..Code::default() },
            variables: BTreeMap::new(),
            comprehensions: Vec::new(),
            globals: Vec::new(),
            is_module,
            labels: Vec::new(),
            blocks: Vec::new(),
            handling: 0,
            next: 0,
            span: TextRange::empty(TextSize::new(0)),
        }
    }

    fn catch(&mut self, start: u32, end: u32, target: u32, register: u16, depth: u16) {
        if start < end {
            self.code.handlers.push(Handler { start, end, target, register, depth });
        }
    }
}

/// What makes two constants the same, type included: `1`, `1.0` and `True` are three.
fn constant_key(constant: &Constant, key: &mut Vec<u8>) {
    match constant {
        Constant::Unbound => key.push(0),
        Constant::None => key.push(1),
        Constant::Ellipsis => key.push(2),
        Constant::Bool(value) => key.extend([3, *value as u8]),
        Constant::Int(value) => {
            key.push(4);
            key.extend(value.to_le_bytes());
        }
        Constant::Big(value) => {
            let bytes = value.to_signed_bytes_le();
            key.push(5);
            key.extend((bytes.len() as u32).to_le_bytes());
            key.extend(bytes);
        }
        Constant::Float(value) => {
            key.push(6);
            key.extend(value.to_bits().to_le_bytes());
        }
        Constant::Str(text) => {
            key.push(7);
            key.extend((text.len() as u32).to_le_bytes());
            key.extend(text.as_bytes());
        }
        Constant::Bytes(bytes) => {
            key.push(8);
            key.extend((bytes.len() as u32).to_le_bytes());
            key.extend(bytes.iter());
        }
        Constant::Tuple(items) => {
            key.push(9);
            key.extend((items.len() as u32).to_le_bytes());
            items.iter().for_each(|item| constant_key(item, key));
        }
    }
}

fn slot_of(variable: Variable) -> Option<Slot> {
    match variable {
        Variable::Local(register) => Some(Slot::register(register as usize)),
        Variable::Global(index) => Some(Slot::global(index as usize)),
        Variable::Cell(_) => None,
    }
}
