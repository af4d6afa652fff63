//! Whatever a stranger writes: a program is refused or runs to an end within its limits, and nothing panics.

mod common;

use common::{Run, run, small};
use proptest::prelude::*;
use sockscope_core::program::{Event, Limits, Setup, compile};

/// Pieces that make a program more interesting than random characters do.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    ".",
    "=",
    "+=",
    "**",
    "//",
    "%",
    "@",
    "->",
    "lambda",
    "lambda: ",
    "for x in ",
    " if ",
    " else ",
    "not ",
    "*",
    "**",
    "None",
    "True",
    "0",
    "-1",
    "10**9",
    "1e308",
    "''",
    "b''",
    "f'{x",
    "f'{x!r:>{y}}'",
    "\n",
    "\n    ",
    "\n        ",
    "    ",
    "def f(",
    "return ",
    "yield ",
    "class A: pass\n",
    "import os\n",
    "raise\n",
    "try:\n",
    "except:\n",
    "finally:\n",
    "while True:\n",
    "with a as b:\n",
    "break\n",
    "continue\n",
    "del ",
    "global x\n",
    "nonlocal x\n",
    "assert ",
    "x",
    "self",
    "print(",
    "len(",
    "range(10**9)",
    "'a' * 10**9",
    "[0] * 10**9",
    "*a, ",
    "**k",
    "'%s' % ",
    ".format(",
    "[::-1]",
    "[1:2] = ",
    "sorted(",
    "key=",
    "socket()",
    ".recv(10)",
    ".send(b'x')",
    "'''",
    "\\",
    "#",
    "\t",
    "\u{0}",
    "你",
    "\u{1f600}",
    "next(",
    "iter(",
    "exit()",
    "x.append(x)",
    "x[x] = x",
    ":= ",
    "is ",
    "in ",
];

fn corpus() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cpython");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let texts: Vec<String> = names.iter().map(|name| std::fs::read_to_string(name).unwrap()).collect();
    texts
        .iter()
        .flat_map(|text| text.split("\n#: "))
        .filter_map(|part| Some(part.split_once('\n')?.1.to_string()))
        .collect()
}

#[derive(Clone, Debug)]
enum Change {
    Insert(usize, usize),
    Delete(usize, usize),
    Move(usize, usize, usize),
    Splice(usize, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        (any::<usize>(), any::<usize>()).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (any::<usize>(), 1..12usize).prop_map(|(at, count)| Change::Delete(at, count)),
        (any::<usize>(), any::<usize>(), 1..40usize).prop_map(|(from, to, count)| Change::Move(from, to, count)),
        (any::<usize>(), any::<usize>()).prop_map(|(at, other)| Change::Splice(at, other)),
    ];
    prop::collection::vec(change, 1..6)
}

fn mutated(corpus: &[String], start: usize, changes: &[Change]) -> String {
    let mut text: Vec<char> = corpus[start % corpus.len()].chars().collect();
    for change in changes {
        let length = text.len().max(1);
        match change {
            Change::Insert(at, piece) => {
                let at = at % length;
                text.splice(at.min(text.len())..at.min(text.len()), PIECES[piece % PIECES.len()].chars());
            }
            Change::Delete(at, count) => {
                let at = (at % length).min(text.len());
                text.drain(at..(at + count).min(text.len()));
            }
            Change::Move(from, to, count) => {
                let from = (from % length).min(text.len());
                let piece: Vec<char> = text.drain(from..(from + count).min(text.len())).collect();
                let to = (to % length).min(text.len());
                text.splice(to..to, piece);
            }
            Change::Splice(at, other) => {
                let at = (at % length).min(text.len());
                let other: Vec<char> = corpus[other % corpus.len()].chars().collect();
                let cut = at.min(other.len());
                text.splice(at.., other[cut..].iter().copied());
            }
        }
    }
    text.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_program_never_panics(start in any::<usize>(), changes in changes()) {
        let corpus = corpus();
        let source = mutated(&corpus, start, &changes);
        run(&source, small());
    }

    #[test]
    fn random_text_never_panics(source in "[ -~\n]{0,200}") {
        run(&source, small());
    }

    #[test]
    fn random_pieces_never_panic(pieces in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let source: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        run(&source, small());
    }
}

fn limit_of(run: &Run) -> Option<&str> {
    run.events.iter().find_map(|event| match event {
        Event::LimitPassed { limit, .. } => Some(limit.as_str()),
        _ => None,
    })
}

#[test]
fn a_program_that_never_ends_passes_the_limit_of_statements() {
    for source in [
        "while True: pass",
        "while 1:\n    try: continue\n    finally: pass",
        "[x for x in iter(int, 1)]",
        "sum(1 for x in iter(int, 1))",
        "for x in iter(int, 1): pass",
        "list(map(str, iter(int, 1)))",
        "def f():\n    while True:\n        try:\n            while True: pass\n        except: pass\nf()",
    ] {
        let run = run(source, small());
        assert_eq!(limit_of(&run), Some("statements"), "{source}");
        assert_eq!(run.exit, Some(1));
        assert!(matches!(run.events.last(), Some(Event::Exited { status: 1, .. })));
    }
}

#[test]
fn a_program_that_takes_all_memory_passes_the_limit_of_memory() {
    for source in [
        "a = []\nwhile True: a.append('x' * 1000)",
        "a = 'x'\nwhile True: a += a",
        "a = b'x'\nwhile True: a = a + a",
        "a = [0]\nwhile True: a = a + a",
        "a = [0]\nwhile True: a += a",
        "a = [0]\nwhile True: a.extend(a)",
        "'x' * 10**10",
        "[0] * 10**10",
        "bytes(10**10)",
        "bytearray(10**10)",
        "list(range(10**12))",
        "tuple(range(10**12))",
        "'a'.ljust(10**10)",
        "'%2000000000d' % 1",
        "f'{1:2000000000}'",
        "'a'.center(10**9)",
        "b'a'.zfill(10**9)",
        "x = 'ab' * 100000\nx.replace('a', x)",
        "','.join(['x' * 100000] * 10000)",
        "d = {}\ni = 0\nwhile True:\n    i += 1\n    d[i] = str(i) * 10",
        "s = set()\ni = 0\nwhile True:\n    i += 1\n    s.add('%050d' % i)",
        "a = bytearray()\nwhile True: a += b'x' * 10000",
        "a = []\nwhile True: a = [a, 'x' * 100]",
        "f = lambda: 0\nwhile True: f = lambda f=f: f",
        "(1).to_bytes(10**10, 'big')",
        "'\\t'.expandtabs(10**10)",
        "[x for x in range(10**9)]",
        "{x: x for x in range(10**9)}",
        "import struct\na = []\nwhile True: a.append(struct.pack('10000s', b''))",
        "with open('x', 'w') as f:\n    while True: f.write('x' * 10000)",
        "x = 1\nwhile True: x = x, x, 'a' * 1000",
    ] {
        let run = run(source, small());
        assert!(matches!(limit_of(&run), Some("memory")), "{source}: {:?} {}", run.exit, run.stderr);
    }
}

#[test]
fn garbage_in_cycles_is_collected() {
    for source in [
        "for i in range(5000):\n    a = ['x' * 10000]\n    a.append(a)\nprint('done')",
        "for i in range(5000):\n    d = {'x': 'x' * 10000}\n    d['d'] = d\nprint('done')",
        "def make():\n    text = 'x' * 10000\n    def f(): return f, text\n    return 1\nfor i in range(3000): make()\nprint('done')",
        "for i in range(5000):\n    a, b = [], ['y' * 10000]\n    a.append(b); b.append(a)\nprint('done')",
    ] {
        let run = run(source, small());
        assert_eq!(run.stdout, "done\n", "{source}: {:?} {}", limit_of(&run), run.stderr);
    }
}

#[test]
fn a_program_that_prints_too_much_passes_the_limit_of_output() {
    let run = run("while True: print('x' * 100)", small());
    assert_eq!(limit_of(&run), Some("output"));
    assert!(run.stdout.len() <= 64 << 10);
}

#[test]
fn numbers_may_grow_only_so_far() {
    for source in ["2 ** 10**10", "1 << 10**10", "x = 3\nwhile True: x = x * x", "10 ** 10 ** 10", "pow(2, 10**9)"] {
        let run = run(source, small());
        assert!(run.stderr.contains("OverflowError"), "{source}: {}", run.stderr);
    }
}

#[test]
fn deep_structures_are_errors_not_crashes() {
    for (source, expected) in [
        ("a = []\nfor i in range(5000): a = [a]\nprint(a)", "RecursionError"),
        ("a = []\nfor i in range(5000): a = [a]\nb = []\nfor i in range(5000): b = [b]\na == b", "RecursionError"),
        ("a = ()\nfor i in range(5000): a = (a,)\nhash(a)", "RecursionError"),
        ("a = []\nfor i in range(5000): a = [a]\na < a[:]", ""),
        ("e = None\nfor i in range(5000):\n    e = ValueError(e)\nprint(e)", "RecursionError"),
        ("def f(): f()\nf()", "RecursionError"),
        ("f = lambda: f()\nf()", "RecursionError"),
        ("def f(x): return sorted([1, 2], key=f)\nf(1)", "RecursionError"),
        ("def f(): return sum(f() for x in [1])\nf()", "RecursionError"),
        ("x = (int,)\nfor i in range(5000): x = (x,)\nisinstance('a', x)", ""),
        ("x = (KeyError,)\nfor i in range(5000): x = (x,)\ntry: 1 / 0\nexcept x: pass", "ZeroDivisionError"),
        ("x = [1]\nfor i in range(5000): x = enumerate(x)\nnext(x)", "RecursionError"),
        ("x = [1]\nfor i in range(5000): x = zip(x)\nnext(x)", "RecursionError"),
        ("x = [1]\nfor i in range(5000): x = map(str, x)\nnext(x)", "RecursionError"),
        ("x = b'a'\nfor i in range(5000): x = memoryview(x)\nbytes(x)", ""),
        ("x = {}\nfor i in range(5000): x = {'a': x}\nstr(x)", "RecursionError"),
    ] {
        let run = run(source, small());
        assert!(run.exit.is_some() && run.stderr.contains(expected), "{source}: {}", run.stderr);
    }
}

#[test]
fn source_that_is_nested_too_deeply_is_refused() {
    for source in [
        "(".repeat(50_000),
        format!("x = {}{}", "[".repeat(30_000), "]".repeat(30_000)),
        format!("x = {}1", "-".repeat(60_000)),
        format!("x = {}1", "not ".repeat(15_000)),
        format!("x = 1{}", " + 1".repeat(15_000)),
        format!("x = {}1", "lambda: ".repeat(8_000)),
        format!("x = a{}", ".b".repeat(30_000)),
        format!("x = a{}", "()".repeat(30_000)),
        format!("x = {}1", "1 if 1 else ".repeat(5_000)),
        format!("x = {}1", "2 ** ".repeat(10_000)),
        format!("f'{}'", "{1:".repeat(10_000)),
        format!("x = {}", "f'{".repeat(20_000)),
        (0..300).map(|n| format!("{}if 1:\n", " ".repeat(n))).collect::<String>() + &" ".repeat(300) + "pass",
        (0..300).map(|n| format!("{}while 1:\n", "\t".repeat(n))).collect::<String>() + &"\t".repeat(300) + "pass",
        format!("x = {}1{}", "[x for x in ".repeat(3_000), "]".repeat(3_000)),
        format!("x = {}1{}", "{1: ".repeat(15_000), "}".repeat(15_000)),
        "@a\n".repeat(20_000),
        format!("x = 1{}", " and 1".repeat(10_000)),
        format!("x = 1{}", " < 1".repeat(15_000)),
        format!("{}x = 1", "x = ".repeat(10_000)),
        format!("del {}x{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("x: {}int{} = 1", "list[".repeat(10_000), "]".repeat(10_000)),
        format!("match x:\n case {}x{}: pass", "[".repeat(20_000), "]".repeat(20_000)),
        "x = '''".to_string() + &"a".repeat(60_000),
    ] {
        let result = compile(&source);
        assert!(result.is_err(), "{:.60}", source);
    }
}

#[test]
fn long_flat_programs_are_fine() {
    for source in [
        "x = 1\n".repeat(10_000),
        format!("x = [{}]\n", "1, ".repeat(15_000)),
        format!("x = {{{}}}\n", (0..4000).map(|n| format!("{n}: 'v{n}', ")).collect::<String>()),
        "def f(): pass\n".repeat(4_000),
        format!("x = 0\nif x == 1: pass\n{}", "elif x == 2: pass\n".repeat(3_000)),
        "try: pass\nexcept ValueError: pass\n".repeat(1_500),
        (0..3000).map(|n| format!("name{n} = {n}\n")).collect(),
    ] {
        let run = run(&source, Setup { limits: Limits::default(), ..Setup::default() });
        assert_eq!(run.exit, Some(0), "{:.60}: {}", source, run.stderr);
    }
}

#[test]
fn a_program_that_is_too_long_is_refused() {
    let refusals = compile(&"x = 1\n".repeat(20_000)).unwrap_err();
    assert_eq!(refusals[0].code, "too_long");
}
