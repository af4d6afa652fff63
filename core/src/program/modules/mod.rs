//! The modules a program can import. One file each; what they hold is looked up by name.

pub mod files;
pub mod os;
pub mod select;
pub mod socket;
pub mod struct_;
pub mod sys;
pub mod threading;
pub mod time;

use super::builtins::Native;
use super::value::Value;

macro_rules! modules {
    ($($variant:ident $name:literal;)*) => {
        /// A module, or something that is reached through one: `os.path`, `sys.stdout`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)] // the names are Python's
        pub enum Module { $($variant,)* Stdout, Stderr, Stdin }

        impl Module {
            /// Every module that can be imported, in the order of their numbers.
            pub const ALL: &'static [Module] = &[$(Module::$variant,)*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Module::$variant => $name,)*
                    Module::Stdout => "<stdout>",
                    Module::Stderr => "<stderr>",
                    Module::Stdin => "<stdin>",
                }
            }
        }
    };
}

modules! {
    Socket "socket";
    Struct "struct";
    Time "time";
    Sys "sys";
    Os "os";
    OsPath "os.path";
    Select "select";
    Threading "threading";
}

/// What the prelude calls of the modules.
pub static INTERNAL: &[Native] = &[Native::new("_clock", 0, 0, time::clock), Native::new("_sleep", 1, 1, time::sleep)];

impl Module {
    /// The module with this name.
    pub fn find(name: &str) -> Option<Module> {
        Module::ALL.iter().copied().find(|module| module.name() == name)
    }

    /// What it holds under a name.
    pub fn get(self, name: &str) -> Option<Value> {
        if name == "__name__" {
            return Some(Value::str(self.name()));
        }
        match self {
            Module::Socket => socket::get(name),
            Module::Struct => struct_::get(name),
            Module::Time => time::get(name),
            Module::Sys => sys::get(name),
            Module::Os => os::get(name),
            Module::OsPath => os::path(name),
            Module::Select => select::get(name),
            Module::Threading => threading::get(name),
            Module::Stdout | Module::Stderr | Module::Stdin => sys::stream(self, name),
        }
    }

    /// The names that `from module import *` binds.
    pub fn exports(self) -> impl Iterator<Item = &'static str> {
        let names: &'static [&'static str] = match self {
            Module::Socket => socket::NAMES,
            Module::Struct => struct_::NAMES,
            Module::Time => time::NAMES,
            Module::Sys => sys::NAMES,
            Module::Os => os::NAMES,
            Module::OsPath => os::PATH_NAMES,
            Module::Select => select::NAMES,
            Module::Threading => threading::NAMES,
            Module::Stdout | Module::Stderr | Module::Stdin => &[],
        };
        names.iter().copied()
    }
}

/// A function of a table.
fn function(table: &'static [Native], name: &str) -> Option<Value> {
    table.iter().find(|native| native.name == name).map(Value::Native)
}
