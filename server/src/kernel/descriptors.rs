//! The descriptors of one program: small numbers from 3 up, smallest free first, as in the model, so that traces compare.
//! The kernel's own numbers never leave this file.

use super::socket::Socket;
use sockscope_core::socket::{Descriptor, Errno};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The first number: 0, 1 and 2 are a program's standard streams.
const FIRST: Descriptor = 3;

/// Descriptors one program may have open, as `ulimit -n` would allow a little process.
const MOST: usize = 256;

/// The table of one program.
#[derive(Debug, Default)]
pub struct Descriptors {
    table: BTreeMap<Descriptor, Rc<Socket>>,
}

impl Descriptors {
    /// Gives a socket the smallest free number.
    ///
    /// # Errors
    /// `EMFILE` when the program has as many as it may have.
    pub fn insert(&mut self, socket: Socket) -> Result<Descriptor, Errno> {
        if self.table.len() >= MOST {
            return Err(Errno::EMFILE);
        }
        let free = self.table.keys().zip(FIRST..).find(|(used, number)| **used != *number);
        let fd = free.map_or(FIRST + self.table.len() as Descriptor, |(_, number)| number);
        self.table.insert(fd, Rc::new(socket));
        Ok(fd)
    }

    /// The socket behind a number.
    pub fn find(&self, fd: Descriptor) -> Option<Rc<Socket>> {
        self.table.get(&fd).cloned()
    }

    /// Forgets a number. The socket closes when no call holds it any more.
    pub fn remove(&mut self, fd: Descriptor) -> Option<Rc<Socket>> {
        self.table.remove(&fd)
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = (Descriptor, &Rc<Socket>)> {
        self.table.iter().map(|(fd, socket)| (*fd, socket))
    }

    /// Empties the table, by number.
    pub fn drain(&mut self) -> impl Iterator<Item = (Descriptor, Rc<Socket>)> {
        std::mem::take(&mut self.table).into_iter()
    }
}
