//! Expressions. `operand` says where a value stands, `into` makes it stand somewhere; a target is written last, so an
//! error leaves it as it was.

use super::{Compiler, Full, Label, Variable, slot_of};
use crate::program::code::{Binary, Constant, Conversion, Op, Place, Slot, Test, Unary};
use num_bigint::BigInt;
use ruff_python_ast::{
    BoolOp, CmpOp, ConversionFlag, Expr, ExprBoolOp, ExprCompare, ExprFString, FStringPart, InterpolatedElement,
    InterpolatedStringElement, Number, Operator, UnaryOp,
};
use ruff_text_size::Ranged;
use std::sync::Arc;

impl Compiler {
    /// Where the value of an expression stands: a variable, a constant, or a new temporary.
    pub fn operand(&mut self, expression: &Expr) -> Full<Slot> {
        if let Some(constant) = literal(expression) {
            return self.constant(constant);
        }
        if let Expr::Name(name) = expression
            && let Some(slot) = slot_of(self.variable(&name.id)?)
        {
            return Ok(slot);
        }
        let to = self.register()?;
        self.into(expression, to)?;
        Ok(to)
    }

    /// Like `operand`, for a value that must survive the evaluation of `after`.
    pub fn operand_before(&mut self, expression: &Expr, after: &[&Expr]) -> Full<Slot> {
        let slot = self.operand(expression)?;
        let variable = matches!(expression, Expr::Name(_)) && !matches!(slot.place(), Place::Constant(_));
        if variable && after.iter().any(|next| !is_quiet(next)) {
            let to = self.register()?;
            self.at(expression.range(), |this| this.emit(Op::Move { to, from: slot }))?;
            return Ok(to);
        }
        Ok(slot)
    }

    /// The value in a temporary of its own.
    pub fn temporary(&mut self, expression: &Expr) -> Full<Slot> {
        let to = self.register()?;
        self.into(expression, to)?;
        Ok(to)
    }

    /// Makes the value stand in `to`.
    pub fn into(&mut self, expression: &Expr, to: Slot) -> Full {
        self.at(expression.range(), |this| this.make(expression, to))
    }

    fn make(&mut self, expression: &Expr, to: Slot) -> Full {
        let mark = self.mark();
        if let Some(constant) = literal(expression) {
            let from = self.constant(constant)?;
            return self.emit(Op::Move { to, from });
        }
        match expression {
            Expr::Name(name) => match self.variable(&name.id)? {
                Variable::Cell(cell) => self.emit(Op::LoadCell { to, cell })?,
                other => {
                    let from = slot_of(other).expect("every variable but a shared one has a slot");
                    self.emit(Op::Move { to, from })?;
                }
            },
            Expr::BinOp(operation) => {
                let a = self.operand_before(&operation.left, &[&operation.right])?;
                let b = self.operand(&operation.right)?;
                self.emit(match binary(operation.op) {
                    Binary::Add => Op::Add { to, a, b },
                    Binary::Subtract => Op::Subtract { to, a, b },
                    Binary::Multiply => Op::Multiply { to, a, b },
                    operator => Op::Binary { operator, to, a, b },
                })?;
            }
            Expr::UnaryOp(operation) => {
                let a = self.operand(&operation.operand)?;
                let operator = match operation.op {
                    UnaryOp::Not => Unary::Not,
                    UnaryOp::USub => Unary::Negative,
                    UnaryOp::UAdd => Unary::Positive,
                    UnaryOp::Invert => Unary::Invert,
                };
                self.emit(Op::Unary { operator, to, a })?;
            }
            Expr::BoolOp(operation) => self.bool_op(operation, to)?,
            Expr::Compare(compare) => self.compare(compare, to)?,
            Expr::If(choice) => {
                let (otherwise, end) = (self.label(), self.label());
                self.jump_unless(&choice.test, otherwise)?;
                self.into(&choice.body, to)?;
                self.jump(end)?;
                self.place(otherwise);
                self.into(&choice.orelse, to)?;
                self.place(end);
            }
            Expr::Named(named) => {
                let value = self.temporary(&named.value)?;
                self.emit(Op::Move { to, from: value })?;
                self.store(&named.target, value)?;
            }
            Expr::Call(call) => self.call(call, to)?,
            Expr::Attribute(attribute) => {
                let a = self.operand(&attribute.value)?;
                let name = self.name(&attribute.attr)?;
                self.emit(Op::Attribute { to, a, name })?;
            }
            Expr::Subscript(subscript) => {
                let a = self.operand_before(&subscript.value, &[&subscript.slice])?;
                let b = self.operand(&subscript.slice)?;
                self.emit(Op::Index { to, a, b })?;
            }
            Expr::Slice(slice) => {
                let at = self.registers(3)?;
                for (index, part) in [&slice.lower, &slice.upper, &slice.step].into_iter().enumerate() {
                    let part_to = Slot::register(at as usize + index);
                    match part {
                        Some(part) => self.into(part, part_to)?,
                        None => {
                            let from = self.none()?;
                            self.emit(Op::Move { to: part_to, from })?;
                        }
                    }
                }
                self.emit(Op::MakeSlice { to, at })?;
            }
            Expr::Tuple(tuple) if tuple.elts.iter().any(Expr::is_starred_expr) => {
                let list = self.spread(&tuple.elts)?;
                self.emit(Op::ListToTuple { to, a: list })?;
            }
            Expr::Tuple(tuple) => {
                let (at, count) = self.consecutive(&tuple.elts)?;
                self.emit(Op::MakeTuple { to, at, count })?;
            }
            Expr::List(list) if list.elts.iter().any(Expr::is_starred_expr) => {
                let from = self.spread(&list.elts)?;
                self.emit(Op::Take { to, from })?;
            }
            Expr::List(list) => {
                let (at, count) = self.consecutive(&list.elts)?;
                self.emit(Op::MakeList { to, at, count })?;
            }
            Expr::Set(set) if set.elts.iter().any(Expr::is_starred_expr) => {
                let list = self.spread(&set.elts)?;
                self.emit(Op::ListToSet { to, a: list })?;
            }
            Expr::Set(set) => {
                // CPython builds three constants or more by way of a frozenset, which shows in the order.
                let constants: Option<Vec<Constant>> = set.elts.iter().map(literal).collect();
                match constants {
                    Some(constants) if constants.len() >= 3 => {
                        let a = self.constant(Constant::Tuple(constants))?;
                        self.emit(Op::ListToSet { to, a })?;
                    }
                    _ => {
                        let (at, count) = self.consecutive(&set.elts)?;
                        self.emit(Op::MakeSet { to, at, count })?;
                    }
                }
            }
            Expr::Dict(dict) => self.dict(dict, to)?,
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) => self.comprehension(expression, to)?,
            Expr::Generator(generator) => self.generator(generator, to)?,
            Expr::Lambda(lambda) => self.lambda(lambda, to)?,
            Expr::FString(string) => self.f_string(string, to)?,
            // Only the prelude has these; the check refuses them elsewhere.
            Expr::Yield(give) => {
                let none = self.none()?;
                let a = match &give.value {
                    Some(value) => self.operand(value)?,
                    None => none,
                };
                self.context().code.generator = true;
                self.emit(Op::Yield { a })?;
                self.emit(Op::Move { to, from: none })?;
            }
            Expr::Starred(starred) => return Err(starred.range()),
            other => return Err(other.range()),
        }
        self.release(mark);
        Ok(())
    }

    /// Evaluates into consecutive registers.
    pub fn consecutive(&mut self, expressions: &[Expr]) -> Full<(u16, u16)> {
        let at = self.registers(expressions.len())?;
        for (index, expression) in expressions.iter().enumerate() {
            self.into(expression, Slot::register(at as usize + index))?;
        }
        Ok((at, expressions.len() as u16))
    }

    /// A new list of expressions, some of them starred.
    pub fn spread(&mut self, expressions: &[Expr]) -> Full<Slot> {
        let list = self.register()?;
        self.emit(Op::MakeList { to: list, at: 0, count: 0 })?;
        for expression in expressions {
            let mark = self.mark();
            match expression {
                Expr::Starred(starred) => {
                    let from = self.temporary(&starred.value)?;
                    let Place::Register(at) = from.place() else { return Err(expression.range()) };
                    self.at(expression.range(), |this| this.emit(Op::Extend { list, at: at as u16 }))?;
                }
                other => {
                    let a = self.operand(other)?;
                    self.emit(Op::Append { list, a })?;
                }
            }
            self.release(mark);
        }
        Ok(list)
    }

    fn dict(&mut self, dict: &ruff_python_ast::ExprDict, to: Slot) -> Full {
        if dict.items.iter().all(|item| item.key.is_some()) && dict.items.len() < 64 {
            let at = self.registers(dict.items.len() * 2)?;
            for (index, item) in dict.items.iter().enumerate() {
                if let Some(key) = &item.key {
                    self.into(key, Slot::register(at as usize + index * 2))?;
                }
                self.into(&item.value, Slot::register(at as usize + index * 2 + 1))?;
            }
            return self.emit(Op::MakeDict { to, at, count: dict.items.len() as u16 });
        }
        let made = self.register()?;
        self.emit(Op::MakeDict { to: made, at: 0, count: 0 })?;
        for item in &dict.items {
            let mark = self.mark();
            match &item.key {
                Some(key) => {
                    let key = self.operand_before(key, &[&item.value])?;
                    let value = self.operand(&item.value)?;
                    self.emit(Op::DictPut { dict: made, key, value })?;
                }
                None => {
                    let a = self.operand(&item.value)?;
                    self.emit(Op::DictMerge { dict: made, a, call: false })?;
                }
            }
            self.release(mark);
        }
        self.emit(Op::Take { to, from: made })
    }

    fn bool_op(&mut self, operation: &ExprBoolOp, to: Slot) -> Full {
        // A later operand may still read the variable that `to` is.
        let made = if self.is_temporary(to) { to } else { self.register()? };
        let end = self.label();
        let last = operation.values.len() - 1;
        for (index, value) in operation.values.iter().enumerate() {
            self.into(value, made)?;
            if index < last {
                self.emit(match operation.op {
                    BoolOp::And => Op::JumpIfFalse { a: made, target: end.0 },
                    BoolOp::Or => Op::JumpIfTrue { a: made, target: end.0 },
                })?;
            }
        }
        self.place(end);
        if made != to { self.emit(Op::Take { to, from: made }) } else { Ok(()) }
    }

    fn compare(&mut self, compare: &ExprCompare, to: Slot) -> Full {
        let last = compare.ops.len() - 1;
        let made = if last == 0 || self.is_temporary(to) { to } else { self.register()? };
        let end = self.label();
        let following: Vec<&Expr> = compare.comparators.iter().collect();
        let mut a = self.operand_before(&compare.left, &following)?;
        for (index, (op, right)) in compare.ops.iter().zip(&compare.comparators).enumerate() {
            let b = self.operand_before(right, &following[index + 1..])?;
            self.emit(Op::Compare { test: test(*op), to: made, a, b })?;
            if index < last {
                self.emit(Op::JumpIfFalse { a: made, target: end.0 })?;
            }
            a = b;
        }
        self.place(end);
        if made != to { self.emit(Op::Take { to, from: made }) } else { Ok(()) }
    }

    /// Goes to `label` if the condition is false.
    pub fn jump_unless(&mut self, condition: &Expr, label: Label) -> Full {
        self.at(condition.range(), |this| this.branch(condition, label, false))
    }

    /// Goes to `label` if the condition is true.
    pub fn jump_if(&mut self, condition: &Expr, label: Label) -> Full {
        self.at(condition.range(), |this| this.branch(condition, label, true))
    }

    fn branch(&mut self, condition: &Expr, label: Label, when: bool) -> Full {
        let mark = self.mark();
        match condition {
            Expr::UnaryOp(operation) if operation.op == UnaryOp::Not => {
                if when {
                    self.jump_unless(&operation.operand, label)?;
                } else {
                    self.jump_if(&operation.operand, label)?;
                }
            }
            Expr::BoolOp(operation) => {
                // `and` leaves early when false, `or` when true; which of them is the jump depends on `when`.
                let early = operation.op == BoolOp::Or;
                let (last, rest) = operation.values.split_last().expect("the parser gives two operands or more");
                let over = self.label();
                for value in rest {
                    match (early, when) {
                        (true, true) => self.jump_if(value, label)?,
                        (false, false) => self.jump_unless(value, label)?,
                        (true, false) => self.jump_if(value, over)?,
                        (false, true) => self.jump_unless(value, over)?,
                    }
                }
                if when {
                    self.jump_if(last, label)?
                } else {
                    self.jump_unless(last, label)?
                }
                self.place(over);
            }
            // `in` may have to run a generator, whose answer needs a place to arrive at.
            Expr::Compare(compare)
                if compare.ops.len() == 1 && !when && !matches!(compare.ops[0], CmpOp::In | CmpOp::NotIn) =>
            {
                let a = self.operand_before(&compare.left, &[&compare.comparators[0]])?;
                let b = self.operand(&compare.comparators[0])?;
                self.emit(Op::CompareJump { test: test(compare.ops[0]), a, b })?;
                self.emit(Op::Target(label.0))?;
            }
            other => {
                let a = self.operand(other)?;
                let target = label.0;
                self.emit(if when { Op::JumpIfTrue { a, target } } else { Op::JumpIfFalse { a, target } })?;
            }
        }
        self.release(mark);
        Ok(())
    }

    fn f_string(&mut self, string: &ExprFString, to: Slot) -> Full {
        let mut parts = Vec::new();
        for part in &string.value {
            match part {
                FStringPart::Literal(literal) => parts.push(Part::Text(literal.as_str().to_string())),
                FStringPart::FString(string) => elements(string.elements.iter(), &mut parts),
            }
        }
        self.parts(parts, to)
    }

    fn parts(&mut self, parts: Vec<Part>, to: Slot) -> Full {
        // Neighbouring texts are one.
        let mut joined: Vec<Part> = Vec::new();
        for part in parts {
            match (joined.last_mut(), part) {
                (Some(Part::Text(text)), Part::Text(more)) => text.push_str(&more),
                (_, part) => joined.push(part),
            }
        }
        let at = self.registers(joined.len())?;
        let count = joined.len() as u16;
        for (index, part) in joined.into_iter().enumerate() {
            let to = Slot::register(at as usize + index);
            match part {
                Part::Text(text) => {
                    let from = self.constant(Constant::Str(text.into()))?;
                    self.emit(Op::Move { to, from })?;
                }
                Part::Field(field) => self.field(field, to)?,
            }
        }
        self.emit(Op::MakeString { to, at, count })
    }

    fn field(&mut self, field: &InterpolatedElement, to: Slot) -> Full {
        let mark = self.mark();
        let a = self.operand(&field.expression)?;
        let conversion = match (field.conversion, &field.debug_text, &field.format_spec) {
            (ConversionFlag::Str, ..) => Conversion::Str,
            (ConversionFlag::Repr, ..) => Conversion::Repr,
            (ConversionFlag::Ascii, ..) => Conversion::Ascii,
            (ConversionFlag::None, Some(_), None) => Conversion::Repr,
            (ConversionFlag::None, ..) => Conversion::None,
        };
        let spec = match &field.format_spec {
            None => self.constant(Constant::Str("".into()))?,
            Some(spec) => {
                let mut parts = Vec::new();
                elements(spec.elements.iter(), &mut parts);
                match parts.as_slice() {
                    [Part::Text(text)] => self.constant(Constant::Str(text.as_str().into()))?,
                    [] => self.constant(Constant::Str("".into()))?,
                    _ => {
                        let to = self.register()?;
                        self.parts(parts, to)?;
                        to
                    }
                }
            }
        };
        self.emit(Op::Format { conversion, to, a, spec })?;
        self.release(mark);
        Ok(())
    }
}

/// A piece of an f-string.
enum Part<'a> {
    Text(String),
    Field(&'a InterpolatedElement),
}

fn elements<'a>(elements: impl Iterator<Item = &'a InterpolatedStringElement>, parts: &mut Vec<Part<'a>>) {
    for element in elements {
        match element {
            InterpolatedStringElement::Literal(literal) => parts.push(Part::Text(literal.value.to_string())),
            InterpolatedStringElement::Interpolation(field) => {
                if let Some(debug) = &field.debug_text {
                    parts.push(Part::Text(debug.as_str().to_string()));
                }
                parts.push(Part::Field(field));
            }
        }
    }
}

/// The constant an expression is, if it is one.
pub fn literal(expression: &Expr) -> Option<Constant> {
    Some(match expression {
        Expr::NoneLiteral(_) => Constant::None,
        Expr::EllipsisLiteral(_) => Constant::Ellipsis,
        Expr::BooleanLiteral(literal) => Constant::Bool(literal.value),
        Expr::StringLiteral(literal) => Constant::Str(literal.value.to_str().into()),
        Expr::BytesLiteral(literal) => Constant::Bytes(literal.value.bytes().collect::<Vec<u8>>().into()),
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(int) => match int.as_i64() {
                Some(small) => Constant::Int(small),
                None => Constant::Big(big(&int.to_string())?),
            },
            Number::Float(float) => Constant::Float(*float),
            Number::Complex { .. } => return None,
        },
        Expr::UnaryOp(operation) if operation.op == UnaryOp::USub => match literal(&operation.operand)? {
            Constant::Int(value) => Constant::Int(value.checked_neg()?),
            Constant::Float(value) => Constant::Float(-value),
            Constant::Big(value) => match i64::try_from(-&value) {
                Ok(small) => Constant::Int(small),
                Err(_) => Constant::Big(-value),
            },
            _ => return None,
        },
        Expr::Tuple(tuple) => Constant::Tuple(tuple.elts.iter().map(literal).collect::<Option<_>>()?),
        _ => return None,
    })
}

/// A literal too big for a machine word, in the base its prefix says.
fn big(text: &str) -> Option<BigInt> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let lower = plain.to_ascii_lowercase();
    let (digits, base) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0o") => (&lower[2..], 8),
        Some("0b") => (&lower[2..], 2),
        _ => (lower.as_str(), 10),
    };
    BigInt::parse_bytes(digits.as_bytes(), base)
}

/// Whether evaluating it can change no variable.
fn is_quiet(expression: &Expr) -> bool {
    match expression {
        Expr::Name(_) => true,
        Expr::BinOp(operation) => is_quiet(&operation.left) && is_quiet(&operation.right),
        Expr::UnaryOp(operation) => is_quiet(&operation.operand),
        Expr::Attribute(attribute) => is_quiet(&attribute.value),
        Expr::Subscript(subscript) => is_quiet(&subscript.value) && is_quiet(&subscript.slice),
        Expr::Compare(compare) => is_quiet(&compare.left) && compare.comparators.iter().all(is_quiet),
        other => literal(other).is_some(),
    }
}

/// The operator as the machine names it.
pub fn binary(operator: Operator) -> Binary {
    match operator {
        Operator::Add => Binary::Add,
        Operator::Sub => Binary::Subtract,
        Operator::Mult => Binary::Multiply,
        Operator::MatMult => Binary::MatrixMultiply,
        Operator::Div => Binary::Divide,
        Operator::Mod => Binary::Modulo,
        Operator::Pow => Binary::Power,
        Operator::LShift => Binary::LeftShift,
        Operator::RShift => Binary::RightShift,
        Operator::BitOr => Binary::Or,
        Operator::BitXor => Binary::Xor,
        Operator::BitAnd => Binary::And,
        Operator::FloorDiv => Binary::FloorDivide,
    }
}

fn test(op: CmpOp) -> Test {
    match op {
        CmpOp::Eq => Test::Equal,
        CmpOp::NotEq => Test::NotEqual,
        CmpOp::Lt => Test::Less,
        CmpOp::LtE => Test::LessEqual,
        CmpOp::Gt => Test::Greater,
        CmpOp::GtE => Test::GreaterEqual,
        CmpOp::Is => Test::Is,
        CmpOp::IsNot => Test::IsNot,
        CmpOp::In => Test::In,
        CmpOp::NotIn => Test::NotIn,
    }
}

/// A text for the table of names.
pub fn shared(text: &str) -> Arc<str> {
    text.into()
}
