//! `set` and `frozenset`. The table is laid out as CPython lays out its own, so that integers come out in the order a
//! student sees there; the order of texts is random in CPython and fixed here.

use super::Value;
use super::compare::equal;
use super::hash::{hash, number_hash};
use crate::program::vm::Answer;
use std::cell::{Cell, RefCell};

/// Neighbours looked at before the next jump, as in CPython's `setobject.c`.
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;

/// A set.
pub struct Set {
    table: RefCell<Table>,
    /// Whether it is a `frozenset`.
    pub frozen: bool,
    /// Whether the collector of cycles knows it.
    pub watched: Cell<bool>,
}

#[derive(Clone)]
enum Slot {
    Empty,
    Dummy,
    Full(u64, Value),
}

struct Table {
    slots: Vec<Slot>,
    fill: usize,
    used: usize,
}

fn set_hash(value: &Value) -> Answer<u64> {
    match value {
        Value::Int(_) | Value::Bool(_) | Value::Big(_) | Value::Float(_) => Ok(number_hash(value) as u64),
        other => hash(other),
    }
}

impl Table {
    fn new(size: usize) -> Table {
        Table { slots: vec![Slot::Empty; size], fill: 0, used: 0 }
    }

    /// The slot of a value if it is there, else the first unused one on its path.
    fn find(&self, hash: u64, key: &Value) -> Answer<(usize, bool)> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        let mut perturb = hash;
        loop {
            let probes = if at + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
            for slot in at..=at + probes {
                match &self.slots[slot] {
                    Slot::Empty => return Ok((slot, false)),
                    Slot::Full(other, value) if *other == hash && (value.same(key) || equal(value, key)?) => {
                        return Ok((slot, true));
                    }
                    _ => {}
                }
            }
            perturb >>= PERTURB_SHIFT;
            at = (at.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize)) & mask;
        }
    }

    fn insert(&mut self, hash: u64, key: Value) -> Answer<bool> {
        let (slot, found) = self.find(hash, &key)?;
        if found {
            return Ok(false);
        }
        self.slots[slot] = Slot::Full(hash, key);
        self.fill += 1;
        self.used += 1;
        if self.fill * 5 >= (self.slots.len() - 1) * 3 {
            self.resize(if self.used > 50_000 { self.used * 2 } else { self.used * 4 })?;
        }
        Ok(true)
    }

    fn resize(&mut self, minimum: usize) -> Answer<()> {
        let mut size = 8;
        while size <= minimum {
            size *= 2;
        }
        let old = std::mem::replace(self, Table::new(size));
        for slot in old.slots {
            if let Slot::Full(hash, key) = slot {
                let (at, _) = self.find(hash, &key)?;
                self.slots[at] = Slot::Full(hash, key);
                self.fill += 1;
                self.used += 1;
            }
        }
        Ok(())
    }
}

impl Set {
    /// An empty one.
    pub fn new(frozen: bool) -> Set {
        Set { table: RefCell::new(Table::new(8)), frozen, watched: Cell::new(false) }
    }

    /// One with these elements.
    pub fn of(items: impl IntoIterator<Item = Value>, frozen: bool) -> Answer<Set> {
        let set = Set::new(frozen);
        for item in items {
            set.add(item)?;
        }
        Ok(set)
    }

    /// A copy.
    pub fn copy(&self, frozen: bool) -> Answer<Set> {
        let set = Set::new(frozen);
        set.merge(self)?;
        Ok(set)
    }

    /// Adds every element of another.
    pub fn merge(&self, other: &Set) -> Answer<()> {
        let items = other.items();
        {
            let mut table = self.table.borrow_mut();
            if (table.fill + items.len()) * 5 >= (table.slots.len() - 1) * 3 {
                let minimum = (table.used + items.len()) * 2;
                table.resize(minimum)?;
            }
        }
        for item in items {
            self.add(item)?;
        }
        Ok(())
    }

    /// How many elements.
    pub fn len(&self) -> usize {
        self.table.borrow().used
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an element; says whether it is new.
    pub fn add(&self, value: Value) -> Answer<bool> {
        let hash = set_hash(&value)?;
        self.table.borrow_mut().insert(hash, value)
    }

    /// Whether it is there.
    pub fn contains(&self, value: &Value) -> Answer<bool> {
        Ok(self.table.borrow().find(set_hash(value)?, value)?.1)
    }

    /// Removes it; says whether it was there.
    pub fn remove(&self, value: &Value) -> Answer<bool> {
        let hash = set_hash(value)?;
        let mut table = self.table.borrow_mut();
        let (slot, found) = table.find(hash, value)?;
        if found {
            table.slots[slot] = Slot::Dummy;
            table.used -= 1;
        }
        Ok(found)
    }

    /// Every element, in the table's order.
    pub fn items(&self) -> Vec<Value> {
        let table = self.table.borrow();
        table
            .slots
            .iter()
            .filter_map(|slot| if let Slot::Full(_, value) = slot { Some(value.clone()) } else { None })
            .collect()
    }

    /// Empties it and hands over what was in it.
    pub fn take(&self) -> Vec<Value> {
        if self.table.borrow().used == 0 {
            return Vec::new();
        }
        let table = self.table.replace(Table::new(8));
        table
            .slots
            .into_iter()
            .filter_map(|slot| if let Slot::Full(_, value) = slot { Some(value) } else { None })
            .collect()
    }

    /// Whether every element is in `other`.
    pub fn subset(&self, other: &Set) -> Answer<bool> {
        if self.len() > other.len() {
            return Ok(false);
        }
        for item in self.items() {
            if !other.contains(&item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Roughly its own bytes.
    pub fn weight(&self) -> usize {
        self.table.borrow().slots.len() * 24
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_out_in_cpythons_order() {
        let order = |numbers: &[i64]| -> Vec<i64> {
            let set = Set::of(numbers.iter().map(|n| Value::Int(*n)), false).ok().unwrap();
            set.items().iter().filter_map(Value::as_int).collect()
        };
        assert_eq!(order(&[3, 1, 2]), [1, 2, 3]);
        // As `s = set(); s.add(100) …` gives it there.
        assert_eq!(order(&[100, 5, 33, 8, 16]), [33, 100, 5, 8, 16]);
    }
}
