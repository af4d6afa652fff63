//! Where values go: names, tuples of targets, subscripts. And how names are unbound.

use super::{Compiler, Full, Variable, slot_of};
use crate::program::code::{Op, Slot};
use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

impl Compiler {
    /// Stores what stands in the temporary `from`, which is empty afterwards.
    pub fn store(&mut self, target: &Expr, from: Slot) -> Full {
        match target {
            Expr::Name(name) => self.store_name(&name.id, from),
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, target, from),
            Expr::List(list) => self.unpack(&list.elts, target, from),
            Expr::Starred(starred) => self.store(&starred.value, from),
            Expr::Subscript(subscript) => {
                let mark = self.mark();
                let a = self.operand_before(&subscript.value, &[&subscript.slice])?;
                let b = self.operand(&subscript.slice)?;
                self.at(target.range(), |this| this.emit(Op::SetIndex { a, b, value: from }))?;
                self.release(mark);
                Ok(())
            }
            Expr::Attribute(attribute) => {
                let mark = self.mark();
                let a = self.operand(&attribute.value)?;
                let name = self.name(&attribute.attr)?;
                self.at(target.range(), |this| this.emit(Op::SetAttribute { a, name, value: from }))?;
                self.release(mark);
                Ok(())
            }
            // The parser lets no other target through.
            other => Err(other.range()),
        }
    }

    /// Stores a value under a name and tells of it.
    pub fn store_name(&mut self, name: &str, from: Slot) -> Full {
        let variable = self.variable(name)?;
        match variable {
            Variable::Cell(cell) => self.emit(Op::StoreCell { cell, from })?,
            other => {
                if let Some(to) = slot_of(other) {
                    self.emit(Op::Take { to, from })?;
                }
            }
        }
        self.tell(name, variable)
    }

    /// Tells that a name got a value.
    pub fn tell(&mut self, name: &str, variable: Variable) -> Full {
        if self.hidden || self.quiet {
            return Ok(());
        }
        let slot = match variable {
            Variable::Cell(register) => Slot::register(register as usize),
            other => slot_of(other).expect("every variable but a shared one has a slot"),
        };
        let name = self.name(name)?;
        self.emit(Op::Assigned { slot, name })
    }

    /// Where a value for this target can be made directly, if it is a plain name.
    pub fn direct(&mut self, target: &Expr) -> Full<Option<(Slot, Variable)>> {
        let Expr::Name(name) = target else { return Ok(None) };
        let variable = self.variable(&name.id)?;
        Ok(slot_of(variable).map(|slot| (slot, variable)))
    }

    fn unpack(&mut self, targets: &[Expr], whole: &Expr, from: Slot) -> Full {
        let mark = self.mark();
        let at = self.registers(targets.len())?;
        let star = targets.iter().position(|target| target.is_starred_expr());
        let crate::program::code::Place::Register(source) = from.place() else { return Err(whole.range()) };
        let a = source as u16;
        match star {
            None => self.at(whole.range(), |this| this.emit(Op::Unpack { a, at, count: targets.len() as u16 }))?,
            Some(before) => {
                let after = targets.len() - before - 1;
                let (Ok(before), Ok(after)) = (u8::try_from(before), u8::try_from(after)) else {
                    return Err(whole.range());
                };
                self.at(whole.range(), |this| this.emit(Op::UnpackStar { a, at, before, after }))?;
            }
        }
        for (index, target) in targets.iter().enumerate() {
            self.store(target, Slot::register(at as usize + index))?;
        }
        self.release(mark);
        Ok(())
    }

    /// Unbinds a name whether or not it is bound, as the end of `except … as name` does.
    pub fn unbind(&mut self, name: &str) -> Full {
        let variable = self.variable(name)?;
        match variable {
            Variable::Cell(cell) => self.emit(Op::ClearCell { cell }),
            Variable::Local(register) => self.emit(Op::Clear { register }),
            Variable::Global(index) => self.emit(Op::ClearGlobal { index }),
        }
    }

    /// `del target`.
    pub fn delete(&mut self, target: &Expr) -> Full {
        self.at(target.range(), |this| match target {
            Expr::Name(name) => match this.variable(&name.id)? {
                Variable::Cell(cell) => this.emit(Op::DeleteCell { cell }),
                other => {
                    let slot = slot_of(other).expect("every variable but a shared one has a slot");
                    this.emit(Op::Delete { slot })
                }
            },
            Expr::Subscript(subscript) => {
                let mark = this.mark();
                let a = this.operand_before(&subscript.value, &[&subscript.slice])?;
                let b = this.operand(&subscript.slice)?;
                this.emit(Op::DeleteIndex { a, b })?;
                this.release(mark);
                Ok(())
            }
            Expr::Tuple(tuple) => tuple.elts.iter().try_for_each(|target| this.delete(target)),
            Expr::List(list) => list.elts.iter().try_for_each(|target| this.delete(target)),
            other => Err(other.range()),
        })
    }
}
