//! Comprehensions run in the frame around them, with variables of their own. Generator expressions are functions that
//! are resumed.

use super::scope::Names;
use super::{Compiler, Full};
use crate::program::code::{Op, Parameters, Place, Slot};
use ruff_python_ast::{Comprehension, Expr, ExprGenerator};
use ruff_text_size::Ranged;
use std::collections::BTreeMap;

/// What each element does.
#[derive(Clone, Copy)]
enum Element<'a> {
    Append(Slot, &'a Expr),
    Add(Slot, &'a Expr),
    Put(Slot, &'a Expr, &'a Expr),
    Yield(&'a Expr),
}

impl Compiler {
    /// `[…]`, `{…}` and `{…: …}` with `for`.
    pub fn comprehension(&mut self, expression: &Expr, to: Slot) -> Full {
        let mark = self.mark();
        let made = self.register()?;
        let start = self.here();
        let (name, generators, elements, element) = match expression {
            Expr::ListComp(list) => {
                self.emit(Op::MakeList { to: made, at: 0, count: 0 })?;
                ("<listcomp>", &list.generators, vec![&*list.elt], Element::Append(made, &list.elt))
            }
            Expr::SetComp(set) => {
                self.emit(Op::MakeSet { to: made, at: 0, count: 0 })?;
                ("<setcomp>", &set.generators, vec![&*set.elt], Element::Add(made, &set.elt))
            }
            Expr::DictComp(dict) => {
                let Some(key) = &dict.key else { return Err(expression.range()) };
                self.emit(Op::MakeDict { to: made, at: 0, count: 0 })?;
                ("<dictcomp>", &dict.generators, vec![&**key, &*dict.value], Element::Put(made, key, &dict.value))
            }
            other => return Err(other.range()),
        };
        let first = generators.first().ok_or(expression.range())?;
        let iterator = self.register()?;
        let source = self.operand(&first.iter)?;
        self.emit(Op::Iterate { to: iterator, a: source })?;

        let names = Names::of_comprehension(&elements, generators);
        let variables = self.comprehension_variables(generators, &names)?;
        self.context().comprehensions.push(variables);
        self.clauses(generators, iterator, element)?;
        self.context().comprehensions.pop();
        let end = self.here();
        self.context().code.inner.push((start, end, name));
        self.emit(Op::Take { to, from: made })?;
        self.release(mark);
        Ok(())
    }

    /// Registers for the loop variables; those that inner functions use become shared.
    fn comprehension_variables(
        &mut self,
        generators: &[Comprehension],
        names: &Names,
    ) -> Full<BTreeMap<String, (u16, bool)>> {
        let mut targets = Vec::new();
        generators.iter().for_each(|generator| target_names(&generator.target, &mut targets));
        let mut variables = BTreeMap::new();
        for name in targets {
            if variables.contains_key(&name) {
                continue;
            }
            let register = self.registers(1)?;
            let shared = names.inner.contains(&name);
            if shared {
                self.emit(Op::NewCell { register })?;
            }
            variables.insert(name, (register, shared));
        }
        Ok(variables)
    }

    fn clauses(&mut self, generators: &[Comprehension], iterator: Slot, element: Element) -> Full {
        let Some((first, rest)) = generators.split_first() else { return Ok(()) };
        let Place::Register(register) = iterator.place() else { return Err(first.range()) };
        let (next, end) = (self.label(), self.label());
        self.place(next);
        let mark = self.mark();
        match self.direct(&first.target)? {
            Some((to, _)) => {
                self.emit(Op::Next { iterator: register as u16, to })?;
                self.emit(Op::Target(end.0))?;
            }
            None => {
                let to = self.register()?;
                self.emit(Op::Next { iterator: register as u16, to })?;
                self.emit(Op::Target(end.0))?;
                self.quietly(|this| this.store(&first.target, to))?;
            }
        }
        self.emit(Op::Turn)?;
        for test in &first.ifs {
            self.jump_unless(test, next)?;
        }
        match rest.first() {
            Some(inner) => {
                let iterator = self.register()?;
                let source = self.operand(&inner.iter)?;
                self.emit(Op::Iterate { to: iterator, a: source })?;
                self.clauses(rest, iterator, element)?;
            }
            None => self.element(element)?,
        }
        self.release(mark);
        self.jump(next)?;
        self.place(end);
        self.emit(Op::Clear { register: register as u16 })
    }

    fn element(&mut self, element: Element) -> Full {
        match element {
            Element::Append(list, value) => {
                let a = self.operand(value)?;
                self.emit(Op::Append { list, a })
            }
            Element::Add(set, value) => {
                let a = self.operand(value)?;
                self.emit(Op::SetAdd { set, a })
            }
            Element::Put(dict, key, value) => {
                let key = self.operand_before(key, &[value])?;
                let value = self.operand(value)?;
                self.emit(Op::DictPut { dict, key, value })
            }
            Element::Yield(value) => {
                let a = self.operand(value)?;
                self.emit(Op::Yield { a })
            }
        }
    }

    /// Without telling of assignments.
    pub fn quietly(&mut self, make: impl FnOnce(&mut Self) -> Full) -> Full {
        let quiet = std::mem::replace(&mut self.quiet, true);
        let result = make(self);
        self.quiet = quiet;
        result
    }

    /// A generator expression: a function whose only parameter is the first iterator.
    pub fn generator(&mut self, generator: &ExprGenerator, to: Slot) -> Full {
        let first = generator.generators.first().ok_or(generator.range())?;
        let at = self.registers(2)?;
        let source = self.operand(&first.iter)?;
        let iterator = Slot::register(at as usize + 1);
        self.emit(Op::Iterate { to: iterator, a: source })?;

        let names = Names::of_generator(&generator.elt, &generator.generators);
        let index = self.inner_function("<genexpr>", &names, &[".0"], |this| {
            this.context().code.generator = true;
            this.context().span = generator.range();
            this.clauses(&generator.generators, Slot::register(0), Element::Yield(&generator.elt))?;
            let none = this.none()?;
            this.emit(Op::Return { a: none })
        })?;
        self.unit.codes[index as usize].parameters =
            Parameters { names: vec![".0".into()], positional: 1, ..Parameters::default() };
        self.emit(Op::MakeFunction { to: Slot::register(at as usize), at, index })?;
        self.emit(Op::Call { to, at, count: 1 })
    }
}

fn target_names(target: &Expr, names: &mut Vec<String>) {
    match target {
        Expr::Name(name) => names.push(name.id.to_string()),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| target_names(target, names)),
        Expr::List(list) => list.elts.iter().for_each(|target| target_names(target, names)),
        Expr::Starred(starred) => target_names(&starred.value, names),
        _ => {}
    }
}
