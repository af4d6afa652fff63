//! The machine's own table of services, `/etc/services`. The built-in one stands in core.

use sockscope_core::address::Table;
use std::fs::File;
use std::io::Read as _;
use std::sync::{Arc, LazyLock};

/// Bytes that are read of the file.
const MOST: u64 = 4 * 1024 * 1024;

/// The table, read once; `None` where there is none.
pub fn machine() -> Option<Arc<Table>> {
    static TABLE: LazyLock<Option<Arc<Table>>> = LazyLock::new(|| {
        let mut bytes = Vec::new();
        File::open("/etc/services").ok()?.take(MOST).read_to_end(&mut bytes).ok()?;
        let table = Table::parse(&String::from_utf8_lossy(&bytes));
        (!table.is_empty()).then(|| Arc::new(table))
    });
    TABLE.clone()
}
