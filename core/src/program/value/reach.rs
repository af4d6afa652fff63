//! What a value refers to: for taking deep structures apart without recursion, and for finding cycles nobody needs any more.

use super::object::Object;
use super::{List, Shared, Tuple, Value};
use std::rc::Rc;

impl Value {
    /// Whether it can refer to other values.
    pub fn is_container(&self) -> bool {
        matches!(
            self,
            Value::List(_)
                | Value::Tuple(_)
                | Value::Dict(_)
                | Value::Set(_)
                | Value::Slice(_)
                | Value::Function(_)
                | Value::Bound(_)
                | Value::Exception(_)
                | Value::Iterator(_)
                | Value::Generator(_)
                | Value::Shared(_)
                | Value::Object(_)
        )
    }

    /// Shows everything it refers to.
    pub fn each_child(&self, see: &mut dyn FnMut(&Value)) {
        match self {
            Value::List(list) => list.items.borrow().iter().for_each(see),
            Value::Tuple(tuple) => tuple.items.iter().for_each(see),
            Value::Dict(dict) => {
                for entry in dict.entries().iter() {
                    see(&entry.key);
                    see(&entry.value);
                }
            }
            Value::Set(set) => set.items().iter().for_each(see),
            Value::Slice(slice) => [&slice.start, &slice.stop, &slice.step].into_iter().for_each(see),
            Value::Function(function) => function.defaults.iter().chain(&function.cells).for_each(see),
            Value::Bound(bound) => see(&bound.receiver),
            Value::Exception(exception) => exception.each_child(see),
            Value::Iterator(iterator) => iterator.each_child(see),
            Value::Generator(generator) => generator.each_child(see),
            Value::Shared(shared) => see(&shared.value.borrow()),
            Value::Object(object) => object.each_child(see),
            _ => {}
        }
    }
}

/// Takes values apart; whatever only they held falls apart too, without recursion however deep it is.
pub fn dismantle(mut work: Vec<Value>) {
    while let Some(value) = work.pop() {
        match value {
            Value::List(list) => {
                if let Some(list) = Rc::into_inner(list) {
                    work.append(&mut list.items.borrow_mut());
                }
            }
            Value::Tuple(tuple) => {
                if let Some(mut tuple) = Rc::into_inner(tuple) {
                    work.extend(std::mem::take(&mut tuple.items));
                }
            }
            Value::Dict(dict) => {
                if let Some(dict) = Rc::into_inner(dict) {
                    work.extend(dict.take().into_iter().flat_map(|(key, value)| [key, value]));
                }
            }
            Value::Set(set) => {
                if let Some(set) = Rc::into_inner(set) {
                    work.extend(set.take());
                }
            }
            Value::Function(function) => {
                if let Some(mut function) = Rc::into_inner(function) {
                    work.append(&mut function.defaults);
                    work.append(&mut function.cells);
                }
            }
            Value::Bound(bound) => {
                if let Some(mut bound) = Rc::into_inner(bound) {
                    work.push(std::mem::take(&mut bound.receiver));
                }
            }
            Value::Exception(exception) => {
                if let Some(exception) = Rc::into_inner(exception) {
                    exception.take_children(&mut work);
                }
            }
            Value::Iterator(iterator) => {
                if let Some(iterator) = Rc::into_inner(iterator) {
                    iterator.take_children(&mut work);
                }
            }
            Value::Generator(generator) => {
                if let Some(generator) = Rc::into_inner(generator) {
                    work.extend(generator.take());
                }
            }
            Value::Shared(shared) => {
                if let Some(shared) = Rc::into_inner(shared) {
                    work.push(shared.value.take());
                }
            }
            Value::Slice(slice) => {
                if let Some(mut slice) = Rc::into_inner(slice) {
                    work.extend([
                        std::mem::take(&mut slice.start),
                        std::mem::take(&mut slice.stop),
                        std::mem::take(&mut slice.step),
                    ]);
                }
            }
            Value::Object(object) => {
                if let Some(mut object) = Rc::into_inner(object) {
                    object.take_children(&mut work);
                }
            }
            _ => {}
        }
    }
}

impl Drop for List {
    fn drop(&mut self) {
        let items = self.items.get_mut();
        if items.iter().any(Value::is_container) {
            dismantle(std::mem::take(items));
        }
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        if self.items.iter().any(Value::is_container) {
            dismantle(std::mem::take(&mut self.items).into_vec());
        }
    }
}

impl Drop for super::dict::Dict {
    fn drop(&mut self) {
        if self.entries().iter().any(|entry| entry.value.is_container() || entry.key.is_container()) {
            dismantle(self.take().into_iter().flat_map(|(key, value)| [key, value]).collect());
        }
    }
}

impl Drop for super::set::Set {
    fn drop(&mut self) {
        dismantle(self.take());
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.value.get_mut().is_container() {
            dismantle(vec![self.value.take()]);
        }
    }
}

impl Drop for super::object::Function {
    fn drop(&mut self) {
        if !(self.defaults.is_empty() && self.cells.is_empty()) {
            let mut work = std::mem::take(&mut self.defaults);
            work.append(&mut self.cells);
            dismantle(work);
        }
    }
}

impl Drop for super::object::Bound {
    fn drop(&mut self) {
        if self.receiver.is_container() {
            dismantle(vec![std::mem::take(&mut self.receiver)]);
        }
    }
}

impl Drop for super::object::Slice {
    fn drop(&mut self) {
        if [&self.start, &self.stop, &self.step].into_iter().any(Value::is_container) {
            dismantle(vec![
                std::mem::take(&mut self.start),
                std::mem::take(&mut self.stop),
                std::mem::take(&mut self.step),
            ]);
        }
    }
}

impl Drop for super::exception::Exception {
    fn drop(&mut self) {
        let mut work = Vec::new();
        self.take_children(&mut work);
        dismantle(work);
    }
}

impl Drop for super::iterator::Iterator {
    fn drop(&mut self) {
        let mut work = Vec::new();
        self.take_children(&mut work);
        dismantle(work);
    }
}

impl Drop for super::object::Generator {
    fn drop(&mut self) {
        dismantle(self.take());
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        self.close();
        let mut work = Vec::new();
        self.take_children(&mut work);
        dismantle(work);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_a_million_deep_falls_apart_without_recursion() {
        let mut list = Value::list(vec![]);
        for _ in 0..1_000_000 {
            list = Value::list(vec![Value::tuple(vec![list])]);
        }
        drop(list);
    }
}
