//! Statements. Each begins with a boundary at which the machine can rest.

use super::block::{Block, Exit};
use super::expression::{binary, literal};
use super::{Compiler, Full, slot_of};
use crate::program::code::{Constant, Op, Place, Slot};
use crate::program::modules::Module;
use ruff_python_ast::{
    ExceptHandler, Expr, Stmt, StmtFor, StmtIf, StmtImport, StmtImportFrom, StmtTry, StmtWhile, StmtWith,
};
use ruff_text_size::{Ranged, TextRange};

impl Compiler {
    /// Statements one after the other.
    pub fn body(&mut self, body: &[Stmt]) -> Full {
        body.iter().try_for_each(|statement| self.statement(statement))
    }

    fn boundary(&mut self, range: TextRange) -> Full {
        self.context().span = range;
        let line = self.lines.partition_point(|start| *start <= range.start().to_u32()) as u32;
        if self.hidden { self.emit(Op::Turn) } else { self.emit(Op::Line(line)) }
    }

    fn statement(&mut self, statement: &Stmt) -> Full {
        let outer = self.context().span;
        let mark = self.mark();
        match statement {
            // These begin with a boundary of their own, or have none.
            Stmt::While(_) | Stmt::Try(_) | Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            // A text alone is a comment.
            Stmt::Expr(alone) if literal(&alone.value).is_some() => {}
            Stmt::FunctionDef(function) => self.boundary(TextRange::new(function.start(), function.name.end()))?,
            Stmt::If(choice) => self.boundary(choice.test.range())?,
            Stmt::For(loop_) => self.boundary(TextRange::new(loop_.start(), loop_.iter.end()))?,
            Stmt::With(with) => {
                let end = with.items.last().map_or(with.end(), Ranged::end);
                self.boundary(TextRange::new(with.start(), end))?;
            }
            other => self.boundary(other.range())?,
        }
        self.perform(statement)?;
        self.release(mark);
        self.context().span = outer;
        Ok(())
    }

    fn perform(&mut self, statement: &Stmt) -> Full {
        match statement {
            Stmt::Expr(alone) if literal(&alone.value).is_some() => Ok(()),
            Stmt::Expr(alone) => {
                let to = self.register()?;
                self.into(&alone.value, to)?;
                let Place::Register(register) = to.place() else { return Err(alone.range()) };
                self.emit(Op::Clear { register: register as u16 })
            }
            Stmt::Assign(assign) => self.assign(&assign.targets, &assign.value),
            Stmt::AnnAssign(assign) => match &assign.value {
                Some(value) => self.assign(std::slice::from_ref(&assign.target), value),
                None => Ok(()),
            },
            Stmt::AugAssign(assign) => self.augmented(&assign.target, binary(assign.op), &assign.value, assign.range()),
            Stmt::If(choice) => self.choice(choice),
            Stmt::While(repeat) => self.repeat(repeat),
            Stmt::For(each) => self.each(each),
            Stmt::With(with) => self.with(with, 0),
            Stmt::Try(attempt) => self.attempt(attempt),
            Stmt::FunctionDef(function) => self.define(function),
            Stmt::Return(back) => {
                let value = match &back.value {
                    Some(value) => self.operand(value)?,
                    None => self.none()?,
                };
                self.leave(Exit::Return, value)
            }
            Stmt::Break(_) => {
                let none = self.none()?;
                self.leave(Exit::Break, none)
            }
            Stmt::Continue(_) => {
                let none = self.none()?;
                self.leave(Exit::Continue, none)
            }
            Stmt::Delete(delete) => delete.targets.iter().try_for_each(|target| self.delete(target)),
            Stmt::Assert(assert) => {
                let fine = self.label();
                self.jump_if(&assert.test, fine)?;
                let message = match &assert.msg {
                    Some(message) => self.operand(message)?,
                    None => self.constant(Constant::Unbound)?,
                };
                let place = compared(&assert.test).unwrap_or(assert.range());
                self.at(place, |this| this.emit(Op::AssertFailed { message }))?;
                self.place(fine);
                Ok(())
            }
            Stmt::Raise(raise) => match &raise.exc {
                None => self.emit(Op::RaiseAgain),
                Some(exception) => {
                    let a = match &raise.cause {
                        Some(cause) => self.operand_before(exception, &[cause])?,
                        None => self.operand(exception)?,
                    };
                    let cause = match &raise.cause {
                        Some(cause) => self.operand(cause)?,
                        None => self.constant(Constant::Unbound)?,
                    };
                    self.emit(Op::Raise { a, cause })
                }
            },
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Global(global) => {
                for name in &global.names {
                    let context = self.context();
                    if !context.is_module && context.variables.contains_key(name.as_str()) {
                        let reason = format!("name '{name}' is parameter and global");
                        self.mistakes.push((name.range(), reason));
                    }
                }
                Ok(())
            }
            Stmt::Nonlocal(nonlocal) => {
                for name in &nonlocal.names {
                    if !self.context().variables.contains_key(name.as_str()) {
                        self.mistakes.push((name.range(), format!("no binding for nonlocal '{name}' found")));
                    }
                }
                Ok(())
            }
            Stmt::Pass(_) => Ok(()),
            // The check has refused every other statement.
            other => Err(other.range()),
        }
    }

    fn assign(&mut self, targets: &[Expr], value: &Expr) -> Full {
        if let [target] = targets {
            if let Some((slot, variable)) = self.direct(target)? {
                self.into(value, slot)?;
                let Expr::Name(name) = target else { return Ok(()) };
                return self.tell(&name.id, variable);
            }
            // `a, b = b, a` needs no tuple.
            if let (Expr::Tuple(names), Expr::Tuple(values)) = (target, value)
                && names.elts.len() == values.elts.len()
                && !names.elts.iter().chain(&values.elts).any(Expr::is_starred_expr)
            {
                let (at, _) = self.consecutive(&values.elts)?;
                for (index, name) in names.elts.iter().enumerate() {
                    self.store(name, Slot::register(at as usize + index))?;
                }
                return Ok(());
            }
        }
        let from = self.temporary(value)?;
        let Some((last, others)) = targets.split_last() else { return Ok(()) };
        for target in others {
            let copy = self.register()?;
            self.emit(Op::Move { to: copy, from })?;
            self.store(target, copy)?;
        }
        self.store(last, from)
    }

    fn augmented(
        &mut self,
        target: &Expr,
        operator: crate::program::code::Binary,
        value: &Expr,
        range: TextRange,
    ) -> Full {
        match target {
            Expr::Name(name) => {
                let variable = self.variable(&name.id)?;
                match slot_of(variable) {
                    Some(slot) => {
                        let a = self.operand_before(target, &[value])?;
                        let b = self.operand(value)?;
                        self.at(range, |this| this.emit(Op::InPlace { operator, to: slot, a, b }))?;
                        self.tell(&name.id, variable)
                    }
                    None => {
                        let a = self.temporary(target)?;
                        let b = self.operand(value)?;
                        self.at(range, |this| this.emit(Op::InPlace { operator, to: a, a, b }))?;
                        self.store_name(&name.id, a)
                    }
                }
            }
            Expr::Subscript(subscript) => {
                let a = self.temporary(&subscript.value)?;
                let b = self.temporary(&subscript.slice)?;
                let item = self.register()?;
                self.at(target.range(), |this| this.emit(Op::Index { to: item, a, b }))?;
                let value = self.operand(value)?;
                self.at(range, |this| {
                    this.emit(Op::InPlace { operator, to: item, a: item, b: value })?;
                    this.emit(Op::SetIndex { a, b, value: item })
                })
            }
            other => Err(other.range()),
        }
    }

    fn choice(&mut self, choice: &StmtIf) -> Full {
        let end = self.label();
        let mut next = self.label();
        self.jump_unless(&choice.test, next)?;
        self.body(&choice.body)?;
        for clause in &choice.elif_else_clauses {
            self.jump(end)?;
            self.place(next);
            next = self.label();
            if let Some(test) = &clause.test {
                self.boundary(test.range())?;
                self.jump_unless(test, next)?;
            }
            self.body(&clause.body)?;
        }
        self.place(next);
        self.place(end);
        Ok(())
    }

    fn repeat(&mut self, repeat: &StmtWhile) -> Full {
        let (next, over, end) = (self.label(), self.label(), self.label());
        self.place(next);
        self.boundary(TextRange::new(repeat.start(), repeat.test.end()))?;
        let always = literal(&repeat.test).is_some_and(|test| match test {
            Constant::Bool(value) => value,
            Constant::Int(value) => value != 0,
            _ => false,
        });
        if !always {
            self.jump_unless(&repeat.test, over)?;
        }
        self.context().blocks.push(Block::Loop { next, end, iterator: None });
        self.body(&repeat.body)?;
        self.context().blocks.pop();
        self.jump(next)?;
        self.place(over);
        self.body(&repeat.orelse)?;
        self.place(end);
        Ok(())
    }

    fn each(&mut self, each: &StmtFor) -> Full {
        let (next, first, over, end) = (self.label(), self.label(), self.label(), self.label());
        let iterator = self.register()?;
        let Place::Register(register) = iterator.place() else { return Err(each.range()) };
        let register = register as u16;
        let mark = self.mark();
        let source = self.operand(&each.iter)?;
        self.at(each.range(), |this| this.emit(Op::Iterate { to: iterator, a: source }))?;
        self.release(mark);
        self.jump(first)?;
        self.place(next);
        self.boundary(TextRange::new(each.start(), each.iter.end()))?;
        self.place(first);
        self.context().span = each.range();
        match self.direct(&each.target)? {
            Some((to, variable)) => {
                self.emit(Op::Next { iterator: register, to })?;
                self.emit(Op::Target(over.0))?;
                if let Expr::Name(name) = &*each.target {
                    self.tell(&name.id, variable)?;
                }
            }
            None => {
                let to = self.register()?;
                self.emit(Op::Next { iterator: register, to })?;
                self.emit(Op::Target(over.0))?;
                self.store(&each.target, to)?;
            }
        }
        self.context().blocks.push(Block::Loop { next, end, iterator: Some(register) });
        self.body(&each.body)?;
        self.context().blocks.pop();
        self.jump(next)?;
        self.place(over);
        self.emit(Op::Clear { register })?;
        self.body(&each.orelse)?;
        self.place(end);
        Ok(())
    }

    fn with(&mut self, with: &StmtWith, index: usize) -> Full {
        let Some(item) = with.items.get(index) else { return self.body(&with.body) };
        let manager = self.temporary(&item.context_expr)?;
        let span = self.context().span;
        let value = self.register()?;
        self.at(with.range(), |this| this.emit(Op::Enter { to: value, a: manager }))?;
        self.protected(
            |this| {
                if let Some(target) = &item.optional_vars {
                    this.store(target, value)?;
                }
                this.with(with, index + 1)
            },
            |this| {
                this.context().span = span;
                this.emit(Op::Exit { a: manager })
            },
        )?;
        let Place::Register(register) = manager.place() else { return Err(with.range()) };
        self.emit(Op::Clear { register: register as u16 })
    }

    fn attempt(&mut self, attempt: &StmtTry) -> Full {
        if attempt.finalbody.is_empty() {
            return self.handled(attempt);
        }
        if attempt.handlers.is_empty() {
            return self.protected(|this| this.body(&attempt.body), |this| this.body(&attempt.finalbody));
        }
        self.protected(|this| this.handled(attempt), |this| this.body(&attempt.finalbody))
    }

    fn handled(&mut self, attempt: &StmtTry) -> Full {
        let end = self.label();
        let register = self.registers(1)?;
        let exception = Slot::register(register as usize);
        let start = self.here();
        self.body(&attempt.body)?;
        let stop = self.here();
        self.body(&attempt.orelse)?;
        self.jump(end)?;

        let target = self.here();
        let depth = self.context().handling;
        self.context().catch(start, stop, target, register, depth);
        self.context().handling = depth + 1;
        for handler in &attempt.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            let next = self.label();
            let mark = self.mark();
            if let Some(kinds) = &handler.type_ {
                self.boundary(TextRange::new(handler.start(), kinds.end()))?;
                let kinds = self.operand(kinds)?;
                self.emit(Op::Catch { exception, kinds })?;
                self.emit(Op::Target(next.0))?;
            } else {
                self.boundary(TextRange::at(handler.start(), "except:".len().try_into().unwrap_or_default()))?;
            }
            self.release(mark);
            let name = handler.name.as_ref().map(ToString::to_string);
            if let Some(name) = &name {
                let copy = self.register()?;
                self.emit(Op::Move { to: copy, from: exception })?;
                self.store_name(name, copy)?;
            }
            self.context().blocks.push(Block::Handler { name: name.clone(), depth });
            self.body(&handler.body)?;
            self.context().blocks.pop();
            if let Some(name) = &name {
                self.unbind(name)?;
            }
            self.emit(Op::LeaveHandler { depth })?;
            self.emit(Op::Clear { register })?;
            self.jump(end)?;
            self.release(mark);
            self.place(next);
        }
        self.emit(Op::Rethrow { a: exception })?;
        self.context().handling = depth;
        self.place(end);
        Ok(())
    }

    fn import(&mut self, import: &StmtImport) -> Full {
        for alias in &import.names {
            // `import os.path` binds `os`; with `as` it binds the inner module.
            let path = alias.name.as_str();
            let (module, name) = match &alias.asname {
                Some(name) => (path, name.as_str()),
                None => {
                    let first = path.split('.').next().unwrap_or(path);
                    (first, first)
                }
            };
            let module = Module::find(module).ok_or(alias.range())?;
            let to = self.register()?;
            self.emit(Op::Import { to, module: module as u8 })?;
            self.quietly(|this| this.store_name(name, to))?;
        }
        Ok(())
    }

    fn import_from(&mut self, import: &StmtImportFrom) -> Full {
        let path = import.module.as_ref().map_or("", |module| module.as_str());
        let module = Module::find(path).ok_or(import.range())?;
        let from = self.register()?;
        self.emit(Op::Import { to: from, module: module as u8 })?;
        for alias in &import.names {
            if alias.name.as_str() == "*" {
                self.unit.starred.push(module);
                // The names the program never mentions could never be seen.
                for name in module.exports().filter(|name| self.mentioned.contains(*name)).collect::<Vec<_>>() {
                    self.bind_import(from, name, name)?;
                }
                continue;
            }
            let name = alias.asname.as_ref().unwrap_or(&alias.name);
            match Module::find(&format!("{path}.{}", alias.name)) {
                Some(inner) => {
                    let to = self.register()?;
                    self.emit(Op::Import { to, module: inner as u8 })?;
                    self.quietly(|this| this.store_name(name, to))?;
                }
                None => self.bind_import(from, &alias.name, name)?,
            }
        }
        Ok(())
    }

    fn bind_import(&mut self, from: Slot, attribute: &str, name: &str) -> Full {
        let mark = self.mark();
        let to = self.register()?;
        let attribute = self.name(attribute)?;
        self.emit(Op::Attribute { to, a: from, name: attribute })?;
        self.quietly(|this| this.store_name(name, to))?;
        self.release(mark);
        Ok(())
    }
}

/// The comparison that decides an assertion: that is where CPython says it failed.
fn compared(test: &Expr) -> Option<TextRange> {
    match test {
        Expr::Compare(compare) => Some(compare.range()),
        Expr::UnaryOp(operation) if operation.op == ruff_python_ast::UnaryOp::Not => compared(&operation.operand),
        Expr::BoolOp(operation) => operation.values.iter().rev().find_map(compared),
        _ => None,
    }
}
