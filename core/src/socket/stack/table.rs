//! Descriptors: small numbers for sockets, the smallest free one first. What a socket is, is not known here.

use super::SocketId;
use crate::socket::{Descriptor, Errno};
use std::collections::BTreeMap;

/// Descriptors start behind standard input, output and error.
const FIRST: Descriptor = 3;
/// One more than the largest: the usual `RLIMIT_NOFILE`.
const END: Descriptor = 1024;

/// The descriptor table of one process.
#[derive(Default)]
pub(super) struct Table {
    open: BTreeMap<Descriptor, SocketId>,
}

impl Table {
    /// The smallest free descriptor for this socket.
    pub fn insert(&mut self, socket: SocketId) -> Result<Descriptor, Errno> {
        let fd = (FIRST..END).find(|fd| !self.open.contains_key(fd)).ok_or(Errno::EMFILE)?;
        self.open.insert(fd, socket);
        Ok(fd)
    }

    pub fn find(&self, fd: Descriptor) -> Option<SocketId> {
        self.open.get(&fd).copied()
    }

    pub fn remove(&mut self, fd: Descriptor) -> Option<SocketId> {
        self.open.remove(&fd)
    }

    /// Empties the table, in the order a process that ends closes it.
    pub fn take_all(&mut self) -> BTreeMap<Descriptor, SocketId> {
        std::mem::take(&mut self.open)
    }

    /// How many more fit.
    pub fn room(&self) -> usize {
        (END - FIRST) as usize - self.open.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_free_number_comes_first() {
        let mut table = Table::default();
        assert_eq!((table.insert(1), table.insert(2), table.insert(3)), (Ok(3), Ok(4), Ok(5)));
        assert_eq!(table.remove(4), Some(2));
        assert_eq!(table.insert(9), Ok(4));
        assert_eq!(table.insert(10), Ok(6));
    }

    #[test]
    fn a_full_table_says_so() {
        let mut table = Table::default();
        while table.room() > 0 {
            table.insert(1).unwrap();
        }
        assert_eq!(table.insert(1), Err(Errno::EMFILE));
    }
}
