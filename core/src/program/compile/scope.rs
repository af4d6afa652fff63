//! Which function owns which name, found before its code is made: bound, shared with inner functions, global.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Comprehension, ExceptHandler, Expr, ExprContext, Parameters, Stmt};
use std::collections::BTreeSet;

/// The names of one function body.
#[derive(Default)]
pub struct Names {
    /// Bound here: assigned, imported, loop variables, parameters.
    pub bound: BTreeSet<String>,
    /// Used here.
    pub used: BTreeSet<String>,
    /// Used by functions inside and not bound there.
    pub inner: BTreeSet<String>,
    /// Declared `global`.
    pub globals: BTreeSet<String>,
    /// Declared `nonlocal`.
    pub nonlocals: BTreeSet<String>,
}

impl Names {
    /// Of a function with these parameters and this body.
    pub fn of_function(parameters: Option<&Parameters>, body: &[Stmt]) -> Names {
        let mut names = Names::default();
        names.bind_parameters(parameters);
        names.visit_body(body);
        names.settle()
    }

    /// Of a lambda.
    pub fn of_lambda(parameters: Option<&Parameters>, body: &Expr) -> Names {
        let mut names = Names::default();
        names.bind_parameters(parameters);
        names.visit_expr(body);
        names.settle()
    }

    /// Of a generator expression; its first iterable belongs to whoever makes it.
    pub fn of_generator(element: &Expr, generators: &[Comprehension]) -> Names {
        let mut names = Names::default();
        names.visit_expr(element);
        names.generators(generators);
        names.settle()
    }

    /// Of the expressions of a comprehension, to see which of its variables inner functions share.
    pub fn of_comprehension(elements: &[&Expr], generators: &[Comprehension]) -> Names {
        let mut names = Names::default();
        elements.iter().for_each(|element| names.visit_expr(element));
        names.generators(generators);
        names
    }

    /// Names that come from outside.
    pub fn free(&self) -> BTreeSet<String> {
        self.used
            .union(&self.inner)
            .filter(|name| !self.bound.contains(*name) && !self.globals.contains(*name))
            .cloned()
            .collect()
    }

    fn settle(mut self) -> Names {
        for name in self.globals.iter().chain(&self.nonlocals) {
            self.bound.remove(name);
        }
        self.used.extend(self.nonlocals.iter().cloned());
        self
    }

    fn bind_parameters(&mut self, parameters: Option<&Parameters>) {
        if let Some(parameters) = parameters {
            self.bound.extend(parameters.iter().map(|parameter| parameter.name().to_string()));
        }
    }

    fn defaults(&mut self, parameters: &Parameters) {
        for default in parameters.iter().filter_map(|parameter| parameter.default()) {
            self.visit_expr(default);
        }
    }

    fn generators(&mut self, generators: &[Comprehension]) {
        for (index, generator) in generators.iter().enumerate() {
            self.visit_expr(&generator.target);
            if index > 0 {
                self.visit_expr(&generator.iter);
            }
            generator.ifs.iter().for_each(|test| self.visit_expr(test));
        }
    }

    fn comprehension(&mut self, elements: &[&Expr], generators: &[Comprehension]) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let inside = Names::of_comprehension(elements, generators);
        let mut targets = Names::default();
        generators.iter().for_each(|generator| targets.visit_expr(&generator.target));
        // A walrus inside binds outside.
        self.bound.extend(inside.bound.difference(&targets.bound).cloned());
        self.used.extend(inside.used.difference(&targets.bound).cloned());
        self.inner.extend(inside.inner.difference(&targets.bound).cloned());
    }
}

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.bound.insert(function.name.to_string());
                self.defaults(&function.parameters);
                self.inner.extend(Names::of_function(Some(&function.parameters), &function.body).free());
            }
            Stmt::Global(global) => self.globals.extend(global.names.iter().map(ToString::to_string)),
            Stmt::Nonlocal(nonlocal) => self.nonlocals.extend(nonlocal.names.iter().map(ToString::to_string)),
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.bound.insert(name.split('.').next().unwrap_or(name).to_string());
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.bound.insert(alias.asname.as_ref().unwrap_or(&alias.name).to_string());
                }
            }
            Stmt::AnnAssign(assign) => {
                self.visit_expr(&assign.target);
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                }
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bound.insert(name.to_string());
        }
        ruff_python_ast::visitor::walk_except_handler(self, handler);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => {
                if name.ctx == ExprContext::Load {
                    self.used.insert(name.id.to_string());
                } else {
                    self.bound.insert(name.id.to_string());
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                self.inner.extend(Names::of_lambda(lambda.parameters.as_deref(), &lambda.body).free());
            }
            Expr::ListComp(comprehension) => self.comprehension(&[&comprehension.elt], &comprehension.generators),
            Expr::SetComp(comprehension) => self.comprehension(&[&comprehension.elt], &comprehension.generators),
            Expr::DictComp(comprehension) => {
                let elements: Vec<&Expr> =
                    comprehension.key.as_deref().into_iter().chain([&*comprehension.value]).collect();
                self.comprehension(&elements, &comprehension.generators);
            }
            Expr::Generator(generator) => {
                if let Some(first) = generator.generators.first() {
                    self.visit_expr(&first.iter);
                }
                self.inner.extend(Names::of_generator(&generator.elt, &generator.generators).free());
            }
            _ => walk_expr(self, expression),
        }
    }
}
