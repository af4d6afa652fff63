//! What of Python is in, and one clear sentence for each thing that is not. It judges; it changes nothing.

use crate::program::builtins;
use crate::program::modules::Module;
use crate::program::refusal::Refusals;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprContext, Parameters, Stmt};
use ruff_text_size::Ranged;
use std::collections::BTreeSet;

/// Attributes that an assignment may set.
pub const ASSIGNABLE: &[&str] = &["daemon", "name"];

/// CPython's other built-in functions. A name that is none of its own would be a `NameError` at run time; these exist there.
const ELSEWHERE: &[&str] = &[
    "aiter",
    "anext",
    "breakpoint",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "eval",
    "exec",
    "globals",
    "help",
    "locals",
    "memoryview",
    "object",
    "property",
    "setattr",
    "staticmethod",
    "super",
    "vars",
    "__import__",
];

/// Checks a whole program.
pub fn check(body: &[Stmt], refusals: &mut Refusals) {
    let mut names = Bound::default();
    names.visit_body(body);
    let mut checker = Checker { refusals, bound: names.names, function: 0, loops: 0 };
    checker.visit_body(body);
}

/// Checks one expression.
pub fn check_expression(expression: &Expr, refusals: &mut Refusals) {
    let mut checker = Checker { refusals, bound: BTreeSet::new(), function: 0, loops: 0 };
    checker.visit_expr(expression);
}

/// Every name the program binds anywhere.
#[derive(Default)]
struct Bound {
    names: BTreeSet<String>,
}

impl<'a> Visitor<'a> for Bound {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::FunctionDef(function) = statement {
            self.names.insert(function.name.to_string());
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression
            && name.ctx != ExprContext::Load
        {
            self.names.insert(name.id.to_string());
        }
        walk_expr(self, expression);
    }

    fn visit_parameters(&mut self, parameters: &'a Parameters) {
        self.names.extend(parameters.iter().map(|parameter| parameter.name().to_string()));
        ruff_python_ast::visitor::walk_parameters(self, parameters);
    }
}

struct Checker<'a, 'b> {
    refusals: &'a mut Refusals<'b>,
    bound: BTreeSet<String>,
    function: usize,
    loops: usize,
}

impl Checker<'_, '_> {
    fn syntax(&mut self, node: impl Ranged, reason: &str) {
        let args = vec![("reason", reason.to_string())];
        self.refusals.add("syntax", node.range(), format!("syntax error: {reason}"), args);
    }

    fn unknown_import(&mut self, node: impl Ranged, module: &str) {
        let known = Module::ALL.iter().map(|module| module.name()).collect::<Vec<_>>().join(", ");
        let message = format!("there is no module {module} here: the modules of the subset are {known}");
        let args = vec![("module", module.to_string()), ("known", known)];
        self.refusals.add("unknown_import", node.range(), message, args);
    }

    fn parameters(&mut self, parameters: &Parameters) {
        let mut seen = BTreeSet::new();
        for parameter in parameters.iter() {
            if !seen.insert(parameter.name().as_str()) {
                let reason = format!("duplicate argument '{}' in function definition", parameter.name());
                self.syntax(parameter.as_parameter(), &reason);
            }
        }
    }

    fn inside_function(&mut self, check: impl FnOnce(&mut Self)) {
        let loops = std::mem::take(&mut self.loops);
        self.function += 1;
        check(self);
        self.function -= 1;
        self.loops = loops;
    }

    fn inside_loop(&mut self, body: &[Stmt]) {
        self.loops += 1;
        self.visit_body(body);
        self.loops -= 1;
    }

    fn import_from(&mut self, import: &ruff_python_ast::StmtImportFrom) {
        let name = import.module.as_ref().map_or("", |module| module.as_str());
        if import.level > 0 {
            self.refusals.outside(import.range(), "a relative import");
            return;
        }
        if name == "__future__" {
            self.unknown_import(import, name);
            return;
        }
        let Some(module) = Module::find(name) else {
            self.unknown_import(import.module.as_ref().map_or(import.range(), Ranged::range), name);
            return;
        };
        for alias in &import.names {
            if alias.name.as_str() == "*" {
                if self.function > 0 {
                    self.syntax(alias, "import * only allowed at module level");
                }
                continue;
            }
            if module.get(&alias.name).is_none() && Module::find(&format!("{name}.{}", alias.name)).is_none() {
                let message = format!("the module {name} of the subset has no name {}", alias.name);
                let args = vec![("module", name.to_string()), ("name", alias.name.to_string())];
                self.refusals.add("unknown_name", alias.range(), message, args);
            }
        }
    }

    fn target(&mut self, target: &Expr) {
        match target {
            Expr::Attribute(attribute) if !ASSIGNABLE.contains(&attribute.attr.as_str()) => {
                self.refusals.outside(target.range(), &format!("assignment to the attribute .{}", attribute.attr));
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| self.target(target)),
            Expr::List(list) => list.elts.iter().for_each(|target| self.target(target)),
            Expr::Starred(starred) => self.target(&starred.value),
            Expr::Subscript(subscript) if matches!(&*subscript.slice, Expr::Tuple(t) if t.elts.iter().any(|e| e.is_slice_expr())) =>
            {
                self.refusals.outside(target.range(), "a slice of several dimensions");
            }
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Checker<'_, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::ClassDef(class) => {
                self.refusals.outside(class.name.range(), "a class definition");
                return;
            }
            Stmt::FunctionDef(function) => {
                if function.is_async {
                    self.refusals.outside(function.name.range(), "an async function");
                    return;
                }
                if let Some(decorator) = function.decorator_list.first() {
                    self.refusals.outside(decorator.range(), "a decorator");
                }
                self.parameters(&function.parameters);
                // Annotations are read and forgotten, as CPython all but does.
                for parameter in function.parameters.iter() {
                    if let Some(default) = parameter.default() {
                        self.visit_expr(default);
                    }
                }
                self.inside_function(|this| this.visit_body(&function.body));
                return;
            }
            Stmt::TypeAlias(_) => self.refusals.outside(statement.range(), "a type alias"),
            Stmt::Match(statement) => {
                self.refusals.outside(statement.subject.range(), "a match statement");
                return;
            }
            Stmt::IpyEscapeCommand(_) => self.refusals.outside(statement.range(), "an escape command"),
            Stmt::For(statement) => {
                if statement.is_async {
                    self.refusals.outside(statement.range(), "an async loop");
                }
                self.target(&statement.target);
                self.visit_expr(&statement.target);
                self.visit_expr(&statement.iter);
                self.inside_loop(&statement.body);
                self.visit_body(&statement.orelse);
                return;
            }
            Stmt::While(statement) => {
                self.visit_expr(&statement.test);
                self.inside_loop(&statement.body);
                self.visit_body(&statement.orelse);
                return;
            }
            Stmt::With(with) => {
                if with.is_async {
                    self.refusals.outside(with.range(), "an async with");
                }
                with.items
                    .iter()
                    .filter_map(|item| item.optional_vars.as_deref())
                    .for_each(|target| self.target(target));
            }
            Stmt::Try(statement) => {
                if statement.is_star {
                    self.refusals.outside(statement.range(), "except*");
                }
                let last = statement.handlers.len().saturating_sub(1);
                for (index, handler) in statement.handlers.iter().enumerate() {
                    let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                    if handler.type_.is_none() && index != last {
                        self.syntax(handler, "default 'except:' must be last");
                    }
                }
            }
            Stmt::Break(_) if self.loops == 0 => self.syntax(statement, "'break' outside loop"),
            Stmt::Continue(_) if self.loops == 0 => self.syntax(statement, "'continue' not properly in loop"),
            Stmt::Return(_) if self.function == 0 => self.syntax(statement, "'return' outside function"),
            Stmt::Nonlocal(_) if self.function == 0 => {
                self.syntax(statement, "nonlocal declaration not allowed at module level");
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    if Module::find(&alias.name).is_none() {
                        self.unknown_import(alias, &alias.name);
                    }
                }
            }
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.target(target)),
            Stmt::AugAssign(assign) => self.target(&assign.target),
            Stmt::AnnAssign(assign) => {
                self.target(&assign.target);
                self.visit_expr(&assign.target);
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                }
                return;
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    if let Expr::Attribute(attribute) = target {
                        self.refusals
                            .outside(target.range(), &format!("deletion of the attribute .{}", attribute.attr));
                    }
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Yield(_) | Expr::YieldFrom(_) => self.refusals.outside(expression.range(), "a generator (yield)"),
            Expr::Await(_) => self.refusals.outside(expression.range(), "await"),
            Expr::TString(_) => self.refusals.outside(expression.range(), "a template string"),
            Expr::IpyEscapeCommand(_) => self.refusals.outside(expression.range(), "an escape command"),
            Expr::NumberLiteral(number) if matches!(number.value, ruff_python_ast::Number::Complex { .. }) => {
                self.refusals.outside(expression.range(), "a complex number");
            }
            Expr::BinOp(operation) if operation.op == ruff_python_ast::Operator::MatMult => {
                self.refusals.outside(expression.range(), "the operator @");
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                    self.visit_parameters(parameters);
                }
                self.inside_function(|this| this.visit_expr(&lambda.body));
                return;
            }
            Expr::ListComp(ruff_python_ast::ExprListComp { generators, .. })
            | Expr::SetComp(ruff_python_ast::ExprSetComp { generators, .. })
            | Expr::DictComp(ruff_python_ast::ExprDictComp { generators, .. })
            | Expr::Generator(ruff_python_ast::ExprGenerator { generators, .. }) => {
                for generator in generators {
                    if generator.is_async {
                        self.refusals.outside(generator.range(), "an async comprehension");
                    }
                    self.target(&generator.target);
                }
            }
            Expr::Name(name)
                if name.ctx == ExprContext::Load
                    && ELSEWHERE.contains(&name.id.as_str())
                    && !self.bound.contains(name.id.as_str())
                    && builtins::find(&name.id).is_none() =>
            {
                self.refusals.outside(expression.range(), &format!("the built-in function {}", name.id));
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}
