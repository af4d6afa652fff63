//! Functions: parameters, defaults, shared variables, and the code itself.

use super::expression::shared;
use super::scope::Names;
use super::{Compiler, Context, Full, Variable};
use crate::program::code::{self, Op, Slot};
use ruff_python_ast::{Expr, ExprLambda, Parameters, StmtFunctionDef};
use ruff_text_size::Ranged;
use std::sync::Arc;

impl Compiler {
    /// `def`.
    pub fn define(&mut self, function: &StmtFunctionDef) -> Full {
        let mark = self.mark();
        let to = self.register()?;
        let at = self.defaults(Some(&function.parameters))?;
        let names = Names::of_function(Some(&function.parameters), &function.body);
        let index = self.function(&function.name, Some(&function.parameters), &names, |this| {
            this.body(&function.body)?;
            let none = this.none()?;
            this.emit(Op::Return { a: none })
        })?;
        self.emit(Op::MakeFunction { to, at, index })?;
        // The function itself is no news to show: its text is on the page.
        self.quietly(|this| this.store_name(&function.name, to))?;
        self.release(mark);
        Ok(())
    }

    /// A function of the prelude; its number.
    pub fn prelude_function(&mut self, function: &StmtFunctionDef) -> Full<usize> {
        self.contexts.push(Context::new("<prelude>", false));
        let names = Names::of_function(Some(&function.parameters), &function.body);
        let index = self.function(&function.name, Some(&function.parameters), &names, |this| {
            this.body(&function.body)?;
            let none = this.none()?;
            this.emit(Op::Return { a: none })
        });
        self.contexts.pop();
        index.map(usize::from)
    }

    /// `lambda`.
    pub fn lambda(&mut self, lambda: &ExprLambda, to: Slot) -> Full {
        let parameters = lambda.parameters.as_deref();
        let at = self.defaults(parameters)?;
        let names = Names::of_lambda(parameters, &lambda.body);
        let index = self.function("<lambda>", parameters, &names, |this| {
            this.context().span = lambda.body.range();
            let a = this.operand(&lambda.body)?;
            this.emit(Op::Return { a })
        })?;
        self.emit(Op::MakeFunction { to, at, index })
    }

    fn defaults(&mut self, parameters: Option<&Parameters>) -> Full<u16> {
        let Some(parameters) = parameters else { return self.registers(0) };
        let defaults: Vec<&Expr> = parameters.iter_non_variadic_params().filter_map(|p| p.default()).collect();
        let at = self.registers(defaults.len())?;
        for (index, default) in defaults.into_iter().enumerate() {
            self.into(default, Slot::register(at as usize + index))?;
        }
        Ok(at)
    }

    fn function(
        &mut self,
        name: &str,
        parameters: Option<&Parameters>,
        names: &Names,
        body: impl FnOnce(&mut Self) -> Full,
    ) -> Full<u16> {
        let empty = Parameters::default();
        let parameters = parameters.unwrap_or(&empty);
        let mut declared: Vec<String> = Vec::new();
        declared.extend(parameters.posonlyargs.iter().map(|p| p.name().to_string()));
        declared.extend(parameters.args.iter().map(|p| p.name().to_string()));
        declared.extend(parameters.kwonlyargs.iter().map(|p| p.name().to_string()));
        declared.extend(parameters.vararg.iter().map(|p| p.name().to_string()));
        declared.extend(parameters.kwarg.iter().map(|p| p.name().to_string()));
        let declared: Vec<&str> = declared.iter().map(String::as_str).collect();
        let shape = code::Parameters {
            names: declared.iter().map(|name| shared(name)).collect(),
            positional: parameters.posonlyargs.len() + parameters.args.len(),
            positional_only: parameters.posonlyargs.len(),
            keyword_only: parameters.kwonlyargs.len(),
            rest: parameters.vararg.is_some(),
            keyword_rest: parameters.kwarg.is_some(),
            defaults: parameters
                .iter_non_variadic_params()
                .enumerate()
                .filter(|(_, parameter)| parameter.default().is_some())
                .map(|(index, _)| index)
                .collect(),
        };
        let index = self.inner_function(name, names, &declared, |this| {
            for name in &declared {
                let variable = this.variable(name)?;
                this.tell(name, variable)?;
            }
            body(this)
        })?;
        self.unit.codes[index as usize].parameters = shape;
        Ok(index)
    }

    /// A function with these names whose first registers are `parameters`; its number.
    pub fn inner_function(
        &mut self,
        name: &str,
        names: &Names,
        parameters: &[&str],
        body: impl FnOnce(&mut Self) -> Full,
    ) -> Full<u16> {
        let span = self.context().span;
        // What it shares with the functions around it must be known to them as shared.
        let mut captured = Vec::new();
        for free in names.free() {
            if let Some(Variable::Cell(outer)) = self.enclosing(&free) {
                captured.push((free, outer));
            }
        }
        let mut context = Context::new(name, false);
        context.span = span;
        context.globals = names.globals.iter().cloned().collect();
        let others = names.bound.iter().map(String::as_str).filter(|name| !parameters.contains(name));
        for (register, name) in parameters.iter().copied().chain(others).enumerate() {
            if register >= Slot::COUNT {
                return Err(span);
            }
            let shared = names.inner.contains(name);
            context.variables.insert(name.to_string(), (register as u16, shared));
            context.code.locals.push(name.into());
        }
        for (name, outer) in captured {
            let register = context.code.locals.len() as u16;
            context.code.locals.push(Arc::from(name.as_str()));
            context.code.captures.push((outer, register));
            context.variables.insert(name, (register, true));
        }
        context.next = context.code.locals.len() as u16;
        context.code.registers = context.code.locals.len();
        if context.code.registers >= Slot::COUNT {
            return Err(span);
        }
        let own: Vec<(u16, bool)> = context
            .variables
            .iter()
            .filter(|(name, (_, shared))| {
                *shared && (names.bound.contains(*name) || parameters.contains(&name.as_str()))
            })
            .map(|(name, (register, _))| (*register, parameters.contains(&name.as_str())))
            .collect();
        self.contexts.push(context);
        for (register, parameter) in own {
            self.emit(if parameter { Op::WrapCell { register } } else { Op::NewCell { register } })?;
        }
        body(self)?;
        Ok(self.close()? as u16)
    }

    /// Where a name of the current function or a comprehension of it lives, if it is not global.
    fn enclosing(&mut self, name: &str) -> Option<Variable> {
        let context = self.context();
        if let Some((register, shared)) = context.comprehensions.iter().rev().find_map(|variables| variables.get(name))
        {
            return shared.then_some(Variable::Cell(*register));
        }
        if context.globals.iter().any(|global| global == name) {
            return None;
        }
        match context.variables.get(name) {
            Some((register, true)) => Some(Variable::Cell(*register)),
            _ => None,
        }
    }
}
