//! The types a program can name, and how they descend from each other. No class can be added.

macro_rules! types {
    ($($variant:ident $name:literal $parent:ident $module:literal;)*) => {
        /// A built-in type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, clippy::enum_variant_names)] // the names are Python's
        pub enum Type { $($variant,)* }

        impl Type {
            /// Every type.
            pub const ALL: &'static [Type] = &[$(Type::$variant,)*];
            /// `__name__`.
            pub const fn name(self) -> &'static str { match self { $(Type::$variant => $name,)* } }
            /// What it descends from; `object` from itself.
            pub const fn parent(self) -> Type { match self { $(Type::$variant => Type::$parent,)* } }
            /// The module it lives in, empty for the built-in ones.
            pub const fn module(self) -> &'static str { match self { $(Type::$variant => $module,)* } }
        }
    };
}

types! {
    Object "object" Object "";
    Type "type" Object "";
    NoneType "NoneType" Object "";
    Bool "bool" Int "";
    Int "int" Object "";
    Float "float" Object "";
    Str "str" Object "";
    Bytes "bytes" Object "";
    ByteArray "bytearray" Object "";
    MemoryView "memoryview" Object "";
    List "list" Object "";
    Tuple "tuple" Object "";
    Dict "dict" Object "";
    Set "set" Object "";
    FrozenSet "frozenset" Object "";
    Range "range" Object "";
    Slice "slice" Object "";
    Function "function" Object "";
    NativeFunction "builtin_function_or_method" Object "";
    MethodDescriptor "method_descriptor" Object "";
    Method "method" Object "";
    Module "module" Object "";
    Ellipsis "ellipsis" Object "";
    NotImplemented "NotImplementedType" Object "";
    Cell "cell" Object "";
    Generator "generator" Object "";
    ListIterator "list_iterator" Object "";
    TupleIterator "tuple_iterator" Object "";
    StrIterator "str_iterator" Object "";
    BytesIterator "bytes_iterator" Object "";
    ByteArrayIterator "bytearray_iterator" Object "";
    RangeIterator "range_iterator" Object "";
    DictKeyIterator "dict_keyiterator" Object "";
    DictValueIterator "dict_valueiterator" Object "";
    DictItemIterator "dict_itemiterator" Object "";
    SetIterator "set_iterator" Object "";
    Enumerate "enumerate" Object "";
    Zip "zip" Object "";
    Map "map" Object "";
    Filter "filter" Object "";
    Reversed "reversed" Object "";
    DictKeys "dict_keys" Object "";
    DictValues "dict_values" Object "";
    DictItems "dict_items" Object "";
    AddressFamily "AddressFamily" Int "";
    SocketKind "SocketKind" Int "";
    Socket "socket" Object "socket";
    TextFile "TextIOWrapper" Object "_io";
    BinaryReader "BufferedReader" Object "_io";
    BinaryWriter "BufferedWriter" Object "_io";
    SocketFile "SocketFile" Object "socket";
    Thread "Thread" Object "threading";
    Lock "lock" Object "_thread";
    RLock "RLock" Object "_thread";
    Event "Event" Object "threading";
    Struct "Struct" Object "_struct";
    StructTime "struct_time" Tuple "time";
    Record "record" Object "";
    BaseException "BaseException" Object "";
    SystemExit "SystemExit" BaseException "";
    KeyboardInterrupt "KeyboardInterrupt" BaseException "";
    GeneratorExit "GeneratorExit" BaseException "";
    Exception "Exception" BaseException "";
    StopIteration "StopIteration" Exception "";
    ArithmeticError "ArithmeticError" Exception "";
    FloatingPointError "FloatingPointError" ArithmeticError "";
    OverflowError "OverflowError" ArithmeticError "";
    ZeroDivisionError "ZeroDivisionError" ArithmeticError "";
    AssertionError "AssertionError" Exception "";
    AttributeError "AttributeError" Exception "";
    BufferError "BufferError" Exception "";
    EOFError "EOFError" Exception "";
    ImportError "ImportError" Exception "";
    ModuleNotFoundError "ModuleNotFoundError" ImportError "";
    LookupError "LookupError" Exception "";
    IndexError "IndexError" LookupError "";
    KeyError "KeyError" LookupError "";
    MemoryError "MemoryError" Exception "";
    NameError "NameError" Exception "";
    UnboundLocalError "UnboundLocalError" NameError "";
    OSError "OSError" Exception "";
    BlockingIOError "BlockingIOError" OSError "";
    ChildProcessError "ChildProcessError" OSError "";
    ConnectionError "ConnectionError" OSError "";
    BrokenPipeError "BrokenPipeError" ConnectionError "";
    ConnectionAbortedError "ConnectionAbortedError" ConnectionError "";
    ConnectionRefusedError "ConnectionRefusedError" ConnectionError "";
    ConnectionResetError "ConnectionResetError" ConnectionError "";
    FileExistsError "FileExistsError" OSError "";
    FileNotFoundError "FileNotFoundError" OSError "";
    InterruptedError "InterruptedError" OSError "";
    IsADirectoryError "IsADirectoryError" OSError "";
    NotADirectoryError "NotADirectoryError" OSError "";
    PermissionError "PermissionError" OSError "";
    ProcessLookupError "ProcessLookupError" OSError "";
    TimeoutError "TimeoutError" OSError "";
    Gaierror "gaierror" OSError "socket";
    Herror "herror" OSError "socket";
    UnsupportedOperation "UnsupportedOperation" OSError "io";
    ReferenceError "ReferenceError" Exception "";
    RuntimeError "RuntimeError" Exception "";
    NotImplementedError "NotImplementedError" RuntimeError "";
    RecursionError "RecursionError" RuntimeError "";
    StructError "error" Exception "struct";
    SyntaxError "SyntaxError" Exception "";
    SystemError "SystemError" Exception "";
    TypeError "TypeError" Exception "";
    ValueError "ValueError" Exception "";
    UnicodeError "UnicodeError" ValueError "";
    UnicodeDecodeError "UnicodeDecodeError" UnicodeError "";
    UnicodeEncodeError "UnicodeEncodeError" UnicodeError "";
    Warning "Warning" Exception "";
}

impl Type {
    /// Whether it is `other` or descends from it.
    pub fn is(self, other: Type) -> bool {
        let mut this = self;
        loop {
            if this == other {
                return true;
            }
            if this == Type::Object {
                return false;
            }
            this = this.parent();
        }
    }

    /// Whether it can be raised.
    pub fn is_exception(self) -> bool {
        self.is(Type::BaseException)
    }

    /// The name with its module, as a traceback's last line writes it.
    pub fn qualified(self) -> String {
        match self.module() {
            "" => self.name().to_string(),
            module => format!("{module}.{}", self.name()),
        }
    }

    /// The subclass of `OSError` that stands for this error number.
    pub fn of_errno(number: i64) -> Type {
        match number {
            1 | 13 => Type::PermissionError,
            2 => Type::FileNotFoundError,
            3 => Type::ProcessLookupError,
            4 => Type::InterruptedError,
            10 => Type::ChildProcessError,
            11 | 114 | 115 => Type::BlockingIOError,
            17 => Type::FileExistsError,
            20 => Type::NotADirectoryError,
            21 => Type::IsADirectoryError,
            32 | 108 => Type::BrokenPipeError,
            103 => Type::ConnectionAbortedError,
            104 => Type::ConnectionResetError,
            110 => Type::TimeoutError,
            111 => Type::ConnectionRefusedError,
            _ => Type::OSError,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_descends_from_object() {
        assert!(Type::ALL.iter().all(|kind| kind.is(Type::Object)));
    }

    #[test]
    fn a_refused_connection_is_an_os_error() {
        assert!(Type::of_errno(111).is(Type::OSError));
        assert!(Type::of_errno(111).is(Type::ConnectionError));
        assert!(!Type::of_errno(111).is(Type::ValueError));
    }
}
