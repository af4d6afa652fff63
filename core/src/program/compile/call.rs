//! Calls. Arguments stand in consecutive registers, which become the first registers of the function called.

use super::expression::shared;
use super::{Compiler, Full};
use crate::program::code::{Constant, Op, Site, Slot};
use ruff_python_ast::{Expr, ExprCall, Keyword};
use ruff_text_size::Ranged;

impl Compiler {
    /// `f(…)` and `a.f(…)`.
    pub fn call(&mut self, call: &ExprCall, to: Slot) -> Full {
        let arguments = &call.arguments;
        let spread = arguments.args.iter().any(Expr::is_starred_expr)
            || arguments.keywords.iter().any(|keyword| keyword.arg.is_none());
        self.repeated_keyword(&arguments.keywords);
        if spread {
            return self.spread_call(call, to);
        }
        let (positional, keywords) = (arguments.args.len(), arguments.keywords.len());
        let at = self.registers(1 + positional + keywords)?;
        let callee = Slot::register(at as usize);
        let method = match &*call.func {
            Expr::Attribute(attribute) => {
                self.into(&attribute.value, callee)?;
                Some(self.name(&attribute.attr)?)
            }
            other => {
                self.into(other, callee)?;
                None
            }
        };
        for (index, argument) in arguments.args.iter().enumerate() {
            self.into(argument, Slot::register(at as usize + 1 + index))?;
        }
        for (index, keyword) in arguments.keywords.iter().enumerate() {
            self.into(&keyword.value, Slot::register(at as usize + 1 + positional + index))?;
        }
        if method.is_none() && keywords == 0 {
            return self.emit(Op::Call { to, at, count: positional as u16 });
        }
        let site = self.site(Site {
            method: method.unwrap_or(u16::MAX),
            positional: positional as u16,
            keywords: arguments.keywords.iter().filter_map(|k| k.arg.as_ref()).map(|name| shared(name)).collect(),
        })?;
        self.emit(match method {
            Some(_) => Op::CallMethod { to, at, site },
            None => Op::CallSite { to, at, site },
        })
    }

    fn spread_call(&mut self, call: &ExprCall, to: Slot) -> Full {
        let at = self.registers(3)?;
        self.into(&call.func, Slot::register(at as usize))?;
        let (positional, named) = (Slot::register(at as usize + 1), Slot::register(at as usize + 2));
        let mark = self.mark();
        let list = self.spread(&call.arguments.args)?;
        self.emit(Op::Take { to: positional, from: list })?;
        self.emit(Op::MakeDict { to: named, at: 0, count: 0 })?;
        self.release(mark);
        for keyword in &call.arguments.keywords {
            let mark = self.mark();
            match &keyword.arg {
                Some(name) => {
                    let key = self.constant(Constant::Str(name.as_str().into()))?;
                    let value = self.operand(&keyword.value)?;
                    self.emit(Op::DictPut { dict: named, key, value })?;
                }
                None => {
                    let a = self.operand(&keyword.value)?;
                    self.emit(Op::DictMerge { dict: named, a, call: true })?;
                }
            }
            self.release(mark);
        }
        self.emit(Op::CallSpread { to, at })
    }

    fn repeated_keyword(&mut self, keywords: &[Keyword]) {
        for (index, keyword) in keywords.iter().enumerate() {
            if let Some(name) = &keyword.arg
                && keywords[..index].iter().any(|other| other.arg.as_ref().is_some_and(|arg| arg.id == name.id))
            {
                self.mistakes.push((keyword.range(), format!("keyword argument repeated: {name}")));
            }
        }
    }
}
