//! What stands around a place in a function: loops, handlers, `finally`. Leaving one runs what must run.

use super::{Compiler, Full, Label};
use crate::program::code::{Constant, Op, Slot, Test};

/// One construct that a `break`, `continue` or `return` may have to leave.
pub enum Block {
    /// A loop; `iterator` is the register of a `for`.
    Loop { next: Label, end: Label, iterator: Option<u16> },
    /// The body of an `except`: `depth` exceptions are handled outside of it.
    Handler { name: Option<String>, depth: u16 },
    /// A body that a `finally` or a `with` ends. `why` tells the end what to do after.
    Finally { why: u16, what: u16, entry: Label, exits: Vec<Exit> },
    /// The `finally` itself: leaving it forgets the exception it may be running for.
    Ending { depth: u16 },
}

/// How a body is left early.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Break,
    Continue,
    Return,
}

/// `why` of a body that ended by itself.
const FELL_THROUGH: i64 = 0;
/// `why` of a body that raised.
const RAISED: i64 = 1;
/// `why` of the first early exit.
const FIRST_EXIT: i64 = 2;

impl Compiler {
    /// Leaves by `exit`; a returned value stands in `value`.
    pub fn leave(&mut self, exit: Exit, value: Slot) -> Full {
        let blocks = std::mem::take(&mut self.context().blocks);
        let result = self.leave_through(&blocks, exit, value);
        // What `leave_through` noted about `finally` blocks is in its copy of them.
        let exits = result?;
        let mut blocks = blocks;
        if let Some((index, exit)) = exits
            && let Block::Finally { exits, .. } = &mut blocks[index]
        {
            exits.push(exit);
        }
        self.context().blocks = blocks;
        Ok(())
    }

    fn leave_through(&mut self, blocks: &[Block], exit: Exit, value: Slot) -> Full<Option<(usize, Exit)>> {
        for (index, block) in blocks.iter().enumerate().rev() {
            match block {
                Block::Loop { next, end, iterator } => match exit {
                    Exit::Continue => {
                        self.jump(*next)?;
                        return Ok(None);
                    }
                    Exit::Break => {
                        if let Some(register) = iterator {
                            self.emit(Op::Clear { register: *register })?;
                        }
                        self.jump(*end)?;
                        return Ok(None);
                    }
                    Exit::Return => {}
                },
                Block::Handler { name, depth } => {
                    if let Some(name) = name {
                        self.unbind(name)?;
                    }
                    self.emit(Op::LeaveHandler { depth: *depth })?;
                }
                Block::Ending { depth } => self.emit(Op::LeaveHandler { depth: *depth })?,
                Block::Finally { why, what, entry, exits } => {
                    let known = exits.iter().position(|other| *other == exit);
                    let number = FIRST_EXIT + known.unwrap_or(exits.len()) as i64;
                    if exit == Exit::Return {
                        self.emit(Op::Move { to: Slot::register(*what as usize), from: value })?;
                    }
                    self.set_why(*why, number)?;
                    self.jump(*entry)?;
                    return Ok(known.is_none().then_some((index, exit)));
                }
            }
        }
        self.emit(Op::Return { a: value })?;
        Ok(None)
    }

    fn set_why(&mut self, why: u16, number: i64) -> Full {
        let from = self.constant(Constant::Int(number))?;
        self.emit(Op::Move { to: Slot::register(why as usize), from })
    }

    /// `body` and then, however it is left, `ending`.
    pub fn protected(&mut self, body: impl FnOnce(&mut Self) -> Full, ending: impl FnOnce(&mut Self) -> Full) -> Full {
        let mark = self.mark();
        let (why, what) = (self.registers(1)?, self.registers(1)?);
        let (entry, handler) = (self.label(), self.label());
        let start = self.here();
        self.context().blocks.push(Block::Finally { why, what, entry, exits: Vec::new() });
        body(self)?;
        let end = self.here();
        let Some(Block::Finally { exits, .. }) = self.context().blocks.pop() else {
            unreachable!("blocks are closed in the order they were opened")
        };
        self.set_why(why, FELL_THROUGH)?;
        self.jump(entry)?;

        self.place(handler);
        let target = self.here();
        let depth = self.context().handling;
        self.context().catch(start, end, target, what, depth);
        self.set_why(why, RAISED)?;

        self.place(entry);
        self.context().blocks.push(Block::Ending { depth });
        ending(self)?;
        self.context().blocks.pop();

        let (why, what) = (Slot::register(why as usize), Slot::register(what as usize));
        let raised = self.constant(Constant::Int(RAISED))?;
        let over = self.label();
        self.emit(Op::CompareJump { test: Test::Equal, a: why, b: raised })?;
        self.emit(Op::Target(over.0))?;
        self.emit(Op::Rethrow { a: what })?;
        self.place(over);
        for (index, exit) in exits.into_iter().enumerate() {
            let number = self.constant(Constant::Int(FIRST_EXIT + index as i64))?;
            let over = self.label();
            self.emit(Op::CompareJump { test: Test::Equal, a: why, b: number })?;
            self.emit(Op::Target(over.0))?;
            self.leave(exit, what)?;
            self.place(over);
        }
        self.release(mark);
        Ok(())
    }
}
