//! `dict`: keys in order of insertion, found through an index table, as CPython lays it out.

use super::Value;
use super::compare::equal;
use super::hash::hash;
use crate::program::vm::Answer;
use std::cell::{Cell, Ref, RefCell};

const EMPTY: u32 = u32::MAX;
const DELETED: u32 = u32::MAX - 1;

/// A dict.
#[derive(Default)]
pub struct Dict {
    table: RefCell<Table>,
    /// Whether the collector of cycles knows it.
    pub watched: Cell<bool>,
}

#[derive(Default)]
struct Table {
    entries: Vec<Option<Entry>>,
    index: Vec<u32>,
    live: usize,
}

/// One pair, with the hash of its key.
pub struct Entry {
    hash: u64,
    /// The key.
    pub key: Value,
    /// The value.
    pub value: Value,
}

impl Table {
    /// The index slot of a key, or where it would go.
    fn find(&self, hash: u64, key: &Value) -> Answer<(usize, Option<usize>)> {
        if self.index.is_empty() {
            return Ok((0, None));
        }
        let mask = self.index.len() - 1;
        let (mut slot, mut free) = (hash as usize & mask, None);
        let mut step = 1;
        loop {
            match self.index[slot] {
                EMPTY => return Ok((free.unwrap_or(slot), None)),
                DELETED => free = free.or(Some(slot)),
                at => {
                    if let Some(entry) = &self.entries[at as usize]
                        && entry.hash == hash
                        && (entry.key.same(key) || equal(&entry.key, key)?)
                    {
                        return Ok((slot, Some(at as usize)));
                    }
                }
            }
            // Triangular steps visit every slot of a power of two.
            slot = (slot + step) & mask;
            step += 1;
        }
    }

    fn rebuild(&mut self) {
        self.entries.retain(Option::is_some);
        let size = (self.entries.len() * 2 + 8).next_power_of_two();
        self.index.clear();
        self.index.resize(size, EMPTY);
        for (at, entry) in self.entries.iter().flatten().enumerate() {
            let (mut slot, mut step) = (entry.hash as usize & (size - 1), 1);
            while self.index[slot] != EMPTY {
                slot = (slot + step) & (size - 1);
                step += 1;
            }
            self.index[slot] = at as u32;
        }
    }
}

impl Dict {
    /// How many pairs.
    pub fn len(&self) -> usize {
        self.table.borrow().live
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    pub fn get(&self, key: &Value) -> Answer<Option<Value>> {
        let hash = hash(key)?;
        let table = self.table.borrow();
        let (_, found) = table.find(hash, key)?;
        Ok(found.and_then(|at| table.entries[at].as_ref()).map(|entry| entry.value.clone()))
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &Value) -> Answer<bool> {
        Ok(self.table.borrow().find(hash(key)?, key)?.1.is_some())
    }

    /// Sets a key and gives the value it had.
    pub fn insert(&self, key: Value, value: Value) -> Answer<Option<Value>> {
        let hash = hash(&key)?;
        let mut table = self.table.borrow_mut();
        if let (_, Some(at)) = table.find(hash, &key)? {
            let entry = table.entries[at].as_mut().expect("the index points at live entries");
            return Ok(Some(std::mem::replace(&mut entry.value, value)));
        }
        if (table.entries.len() + 1) * 3 > table.index.len() * 2 {
            table.rebuild();
        }
        let (slot, _) = table.find(hash, &key)?;
        let at = table.entries.len() as u32;
        table.index[slot] = at;
        table.entries.push(Some(Entry { hash, key, value }));
        table.live += 1;
        Ok(None)
    }

    /// Sets a key that is a text.
    pub fn insert_str(&self, key: &str, value: Value) {
        self.insert(Value::str(key), value).map(|_| ()).unwrap_or(());
    }

    /// Removes a key and gives the pair.
    pub fn remove(&self, key: &Value) -> Answer<Option<Value>> {
        let hash = hash(key)?;
        let mut table = self.table.borrow_mut();
        let (slot, Some(at)) = table.find(hash, key)? else { return Ok(None) };
        table.index[slot] = DELETED;
        table.live -= 1;
        let entry = table.entries[at].take();
        // A trailing hole costs every later walk; it can go at once.
        while let Some(None) = table.entries.last() {
            table.entries.pop();
        }
        Ok(entry.map(|entry| entry.value))
    }

    /// Removes the pair that was inserted last.
    pub fn pop_last(&self) -> Option<(Value, Value)> {
        let key = self.table.borrow().entries.iter().rev().flatten().next().map(|entry| entry.key.clone())?;
        let value = self.remove(&key).ok()??;
        Some((key, value))
    }

    /// Removes everything and hands it over.
    pub fn take(&self) -> Vec<(Value, Value)> {
        let table = std::mem::take(&mut *self.table.borrow_mut());
        table.entries.into_iter().flatten().map(|entry| (entry.key, entry.value)).collect()
    }

    /// The pair at or after a position, and the position after it. Positions survive insertions.
    pub fn at(&self, mut position: usize) -> Option<(Value, Value, usize)> {
        let table = self.table.borrow();
        while position < table.entries.len() {
            if let Some(entry) = &table.entries[position] {
                return Some((entry.key.clone(), entry.value.clone(), position + 1));
            }
            position += 1;
        }
        None
    }

    /// Every pair, borrowed.
    pub fn entries(&self) -> Entries<'_> {
        Entries { table: self.table.borrow() }
    }

    /// Every pair, copied.
    pub fn pairs(&self) -> Vec<(Value, Value)> {
        self.entries().iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect()
    }

    /// A dict with the same pairs.
    pub fn copy(&self) -> Dict {
        let table = self.table.borrow();
        let entries = table
            .entries
            .iter()
            .flatten()
            .map(|entry| Some(Entry { hash: entry.hash, key: entry.key.clone(), value: entry.value.clone() }))
            .collect();
        let mut copy = Table { entries, index: Vec::new(), live: table.live };
        copy.rebuild();
        Dict { table: RefCell::new(copy), watched: Cell::new(false) }
    }

    /// Roughly its own bytes.
    pub fn weight(&self) -> usize {
        let table = self.table.borrow();
        table.entries.capacity() * 48 + table.index.capacity() * 4
    }
}

/// A borrow of every pair.
pub struct Entries<'a> {
    table: Ref<'a, Table>,
}

impl Entries<'_> {
    /// In order of insertion.
    pub fn iter(&self) -> impl std::iter::Iterator<Item = &Entry> {
        self.table.entries.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_stay_in_order_through_removal_and_growth() {
        let dict = Dict::default();
        for i in 0..100 {
            dict.insert(Value::Int(i), Value::Int(i * i)).ok().unwrap();
        }
        for i in 0..50 {
            assert!(dict.remove(&Value::Int(i * 2)).ok().unwrap().is_some());
        }
        dict.insert(Value::Int(0), Value::None).ok().unwrap();
        let keys: Vec<_> = dict.entries().iter().filter_map(|entry| entry.key.as_int()).collect();
        assert_eq!(keys.len(), 51);
        assert_eq!((keys[0], keys[1], keys[50]), (1, 3, 0));
        assert!(dict.get(&Value::Int(99)).ok().unwrap().is_some());
        assert!(dict.get(&Value::Int(98)).ok().unwrap().is_none());
    }
}
