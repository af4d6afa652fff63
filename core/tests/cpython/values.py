#: integers
print(7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 % -3, 2 ** 10, 2 ** -1, 7 / 2, -3 ** 2, (-3) ** 2)
print(0xff, 0b101, 0o17, 1_000_000, 5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 70, (1 << 70) >> 68, -1 >> 5)
print(10 ** 30, 10 ** 30 // 7, 10 ** 30 % 7, -10 ** 20 // 3, 2 ** 100 - 2 ** 99, 12345678901234567890 * 98765432109876543210)
print(9223372036854775807 + 1, -9223372036854775808 - 1, 9223372036854775807 * 2, abs(-9223372036854775808), -(-9223372036854775808))
print(divmod(17, 5), divmod(-17, 5), pow(2, 10), pow(2, 10, 1000), pow(3, -1, 7), round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234, -2))
print(int('42'), int('-7'), int(' 12 '), int('ff', 16), int('0x1f', 0), int('101', 2), int(3.9), int(-3.9), int('1_000'), int(True), int(b'12'))
print((255).to_bytes(2, 'big'), (255).to_bytes(2, 'little'), (-1).to_bytes(2, 'big', signed=True), int.from_bytes(b'\x01\x00', 'big'), int.from_bytes(b'\xff', 'big', signed=True), (300).bit_length())
print(hex(255), hex(-255), oct(8), bin(5), bin(-5), hex(2 ** 70))
print(1 == 1.0, 1 == True, 0 == False, 1 < 1.5, 2 ** 53 + 1 == float(2 ** 53), 10 ** 400 > 1e308)
print(type(1), type(True), isinstance(True, int), isinstance(1, (str, int)), bool(0), bool([]), bool('x'))
#: floats
print(0.1 + 0.2, 1e16, 1e15, 1.0, 1e-5, 0.0001, 123456789.123456789, 1 / 3, -0.0, 1e300 * 1e10, float('nan'), float('-inf'))
print(7.5 // 2, -7.5 // 2, 7.5 % 2, -7.5 % 2, 2.0 ** 0.5, 1e308 * 10, 5.0 == 5, 3.0, 2e5, 1.5e-10)
print(float('3.14'), float(' 1e3 '), float('inf'), float(5), float('1_0.5'), int(1e20), 1e22, 123456789012345680.0)
print(abs(-2.5), min(1.5, 1), max(2, 2.0), sum([0.1] * 3), round(3.14159, 2), round(1e20), (2.5).is_integer(), 1e100)
#: strings
s = 'Hello, World'
print(s[0], s[-1], s[1:4], s[::-1], s[::2], s[-5:], s[:100], s[5:2], len(s), 'World' in s, 'x' not in s)
print(s.upper(), s.lower(), s.swapcase(), s.title(), 'abc'.capitalize(), 'ABC def'.capitalize())
print(s.find('o'), s.rfind('o'), s.find('z'), s.index('W'), s.count('l'), s.find('o', 5), s.count(''), s.find('', 5))
print(s.replace('l', 'L'), s.replace('l', 'L', 1), 'aaa'.replace('a', 'bb'), 'abc'.replace('', '-'))
print(s.split(', '), 'a b  c'.split(), ' a b '.split(' '), 'a,b,c'.split(',', 1), 'a,b,c'.rsplit(',', 1), ''.split(), ''.split(','), 'a\nb\r\nc'.splitlines(), 'a\nb'.splitlines(True))
print('  x '.strip() + '|', '  x '.lstrip() + '|', '  x '.rstrip() + '|', 'xxaxx'.strip('x'), 'abc'.strip('ac'), '\t\n x\r\n'.strip())
print('-'.join(['a', 'b']), ''.join([]), ','.join('abc'), s.startswith('He'), s.endswith(('x', 'ld')), s.startswith('lo', 3))
print('a=b=c'.partition('='), 'a=b=c'.rpartition('='), 'abc'.partition('x'), 'x'.center(5, '*'), 'ab'.center(5), 'x'.ljust(3, '.'), 'x'.rjust(3), '42'.zfill(5), '-42'.zfill(5))
print('123'.isdigit(), 'abc'.isalpha(), 'a1'.isalnum(), ' \t'.isspace(), 'A'.isupper(), 'a'.islower(), ''.isdigit(), '１２'.isdigit(), 'x_1'.isidentifier(), 'é'.isascii())
print('ab' * 3, 3 * 'ab', 'a' + 'b', 'a' < 'b', 'abc' < 'abd', 'Z' < 'a', 'a' 'b', 'x' * 0, 'x' * -1)
print('%s and %d and %5.2f and %x and %r and %%' % ('s', 42, 3.14159, 255, 'q'), '%05d|%-5d|%+d' % (42, 42, 42), '%(a)s %(b)d' % {'a': 1, 'b': 2}, '%s' % 5, '%s' % (1,), '%10s|%-10s|' % ('r', 'l'), '%c%c' % (65, 'B'), '%e' % 12345.678, '%g' % 1e10, '%i' % 3.7, '%o' % 8, '%.3s' % 'abcdef', '%*d' % (5, 3))
print('{} {}'.format(1, 2), '{1} {0}'.format('a', 'b'), '{x} {y!r}'.format(x=1, y='q'), '{:>5}|{:<5}|{:^5}|{:*^7}'.format(1, 2, 3, 'x'), '{:.2f} {:,} {:05d} {:x} {:#x} {:b} {:e} {:%}'.format(3.14159, 1234567, 42, 255, 255, 5, 12345.678, 0.5), '{0[0]} {0[1]} {1.real}'.format([1, 2], 5), '{{}}'.format(), '{:{}}'.format('x', 5), '{:+d} {: d} {:_}'.format(5, 5, 1000000))
print(repr('a\'b'), repr("a\"b"), repr('a\'b"c'), repr('\n\t\\\x00\x7f\xe9你\u200b'), repr('😀'), str(1.5), ascii('é你😀'))
print('tab\there', 'nl\\n', r'raw\n', 'a\
b', '''multi
line''', '\x41\u4f60\u2022')
print('ß'.upper(), 'ǅ'.lower(), 'İ'.lower() == 'i̇', 'straße'.casefold(), 'x'.encode(), '你'.encode('utf-8'), '你'.encode('utf-16'), 'é'.encode('latin-1'))
print('a\tb'.expandtabs(4), 'prefix-x'.removeprefix('prefix-'), 'x.txt'.removesuffix('.txt'), 'abc'.translate(str.maketrans('ab', 'xy', 'c')), 'a-b'.translate({45: None}))
print(ord('a'), chr(97), ord('你'), chr(20320), 'abc'.index('c'), sorted('hello'), list('abc'), tuple('ab'), min('hello'), max('hello'))
print(str(None), str([1, 'a']), str(b'x'), str(b'x', 'ascii'), str(True), 'a'.__class__ is str)
#: f-strings
x, y, name, items = 42, 3.14159, 'Bob', [1, 2]
print(f'{x} {y:.2f} {name!r} {name:>6} {x:05d} {x:#x} {items} {items[0]} {x + 1} {x=} {y=:.1f} {name!s:^9}|')
w = 10
print(f'{y:{w}.2f}|{name:{"<"}{w}}|{{literal}}|{"nested " + f"{x}"}|{x:,}|{1234567.891:,.2f}|{x if x else 0}|{{{x}}}')
print(f'{None} {True} {b"x"} {[1, "a"]} {x!r:>5}' f' joined {x}' ' plain')
print(f'{"a" if x > 1 else "b"} {len(items)} {name.upper()} {dict(a=1)["a"]} {x = } { x }')
print(f'''multi {x}
line''', rf'\d{x}', f'{x:b} {x:o} {x:e} {x:c} {0.25:%} {1e10:g} {12345.6789:10.1f} {-5:05d} {-5:+} {True:d} {True} {"s":5}|{5:<5}|{5:^5}|')
#: bytes
b = b'hello\x00\xff\n'
print(b, b[0], b[-1], b[1:3], len(b), b'ell' in b, 104 in b, b.hex(), bytes.fromhex('68 65'), b + b'x', b * 2, list(b'ab'))
print(b.find(b'l'), b.index(b'o'), b.count(b'l'), b.replace(b'l', b'L'), b.split(b'l'), b'a b'.split(), b.startswith(b'he'), b.endswith(b'\n'), b.strip(), b.upper(), b'x'.join([b'a', b'b']))
print(bytes(3), bytes([65, 66]), bytes('é', 'utf-8'), bytes(b'x'), bytes(range(3)), b'a' < b'b', b'a' == bytearray(b'a'), b'' == b'', b'%s=%d' % (b'a', 5), b'%x' % 255)
print(b'abc'.decode(), '你好'.encode().decode(), b'\xe9'.decode('latin-1'), b'a\xffb'.decode(errors='replace'), b'a\xffb'.decode('utf-8', 'ignore'), b'\xff'.decode(errors='backslashreplace'))
print(b'ab\ncd'.splitlines(), b'a=b'.partition(b'='), b'ab'.rjust(5, b'-'), b'5'.zfill(3), b'12'.isdigit(), int(b'12'), b'a,b,c'.rsplit(b',', 1), b'\x00\x01'.hex(':'), b"it's", b'"', b'\'"')
a = bytearray(b'abc')
a.append(100); a.extend(b'ef'); a[0] = 65; a += b'!'
del a[1]
a[1:2] = b'ZZ'
print(a, bytes(a), a.pop(), a.find(b'Z'), a[0], a[:2], len(a), a.decode(), a == b'AZZdef')
a.clear(); a.insert(0, 1); a.reverse()
print(a, bytearray(2), bytearray(b'x') + b'y', b'y' + bytearray(b'x'))
m = memoryview(bytearray(b'abcdef'))
m[0:2] = b'XY'
print(m[2], bytes(m[1:3]), len(m), m.tobytes())
#: lists
a = [3, 1, 2]
a.append(4); a.extend([5, 6]); a.insert(1, 'x')
print(a, a.pop(), a.pop(0), a.index(2), a.count(1), a)
a.remove('x'); a.sort(); print(a); a.reverse(); print(a, a.copy() == a, a is a.copy())
print(sorted([3, 1, 2], reverse=True), sorted(['bb', 'a'], key=len), sorted([('b', 1), ('a', 2)]), [1, 2] + [3], [0] * 3, [1, 2] == [1, 2], [1, 2] < [1, 3], [1] < [1, 2])
a = list(range(10))
print(a[2:5], a[::-1], a[::3], a[-3:], a[8:2:-2], a[100:], a[:-8])
a[2:5] = []; print(a); a[::2] = [0] * 4; print(a); del a[::2]; print(a); a *= 2; print(a); a += 'xy'; print(a)
b = [[]] * 2
b[0].append(1)
print(b, [] or 'empty', 3 in [1, 2, 3], None in [None], [1, [2, [3]]], len([[], []]))
a = [1]; a.append(a); print(a)
b = [5, 3, 9]; b.sort(key=lambda v: -v); print(b, min(b), max(b), sum(b), b.clear(), b)
#: tuples
t = (1, 'a', 2.5)
print(t, t[0], t[-1], t[1:], len(t), t + (3,), t * 2, (1,), (), 1 in t, t.index('a'), t.count(1), hash((1, 2)) == hash((1, 2)), (1, 2) < (1, 3), tuple('ab'), tuple([1]))
x = 1,
print(x, type(x))
#: dicts
d = {'b': 1, 'a': 2, 3: [4]}
print(d, d['a'], d.get('z'), d.get('z', 0), 'a' in d, len(d), list(d), list(d.keys()), list(d.values()), list(d.items()))
d['c'] = 5; d['b'] = 9; d.update({'e': 6}, f=7); print(d, d.pop('a'), d.pop('zz', None), d.setdefault('g', []), d.setdefault('b', 0), d.popitem(), d)
print(dict(a=1, b=2), dict([('x', 1)]), dict(zip('ab', [1, 2])), {**d}, {'a': 1} == {'a': 1.0}, {1: 'a', 1.0: 'b', True: 'c'}, dict.fromkeys('ab', 0), {'a': 1} | {'b': 2})
print(d.keys(), d.values(), d.items(), d.keys() & {'b'}, sorted(d, key=str), max({'x': 1, 'y': 5}.items(), key=lambda kv: kv[1]))
for k in list(d): del d[k]
print(d, d == {}, not d)
d = {(1, 2): 'tuple', None: 'none', b'k': 'bytes', 1.5: 'float'}
print(d[(1, 2)], d[None], d[b'k'], d[1.5], {k: v for v, k in enumerate('abc')})
d = {}
try:
    for k in (d := {'a': 1}): d['b'] = 2
except RuntimeError as e: print(e)
#: sets
s = {3, 1, 2, 3}
print(s, len(s), 2 in s, s | {4}, s & {1, 2}, s - {1}, s ^ {1, 5}, {1, 2} <= s, s > {1}, s == {1, 2, 3}, set(), frozenset([1]), set('a'))
s.add(9); s.discard(100); s.remove(1); s.update([7, 8]); print(sorted(s), s.isdisjoint({100}), {1}.union([2], (3,)), {1, 2}.intersection([2]), {1, 2}.difference([2]), {1}.issubset({1, 2}))
print({10, 20, 30, 40, 50}, {100, 5, 33, 8, 16}, {i * 7 for i in range(10)}, set(range(20, 0, -3)), {-1, -2, 0}, {True, 1, 2}, {1.5, 2})
print(set([5, 3, 8]) | set([100, 3]), {1, 2, 3} - {2}, set([17, 1]) & {17, 1, 33}, {x for x in [64, 32, 16, 8]})
#: ranges and slices
r = range(2, 20, 3)
print(r, list(r), r[1], r[-1], r[1:3], len(r), 5 in r, 6 in r, r == range(2, 19, 3), list(reversed(r)), range(3).start, range(0), range(5)[::-1], r.index(8), r.count(8))
print(slice(1, 5, 2), 'abcdef'[slice(1, 5, 2)])
#: built-in functions
print(abs(-5), min(3, 1, 2), max([1, 5, 2]), sum([1, 2, 3]), sum([[1], [2]], []), min('b', 'a', key=ord), max([], default='d'), len({1: 2}), sorted([True, False]))
print(list(enumerate('ab')), list(enumerate('ab', 1)), list(zip([1, 2, 3], 'ab')), list(zip()), list(map(len, ['a', 'bb'])), list(map(lambda a, b: a + b, [1, 2], [10, 20])), list(filter(None, [0, 1, '', 'a'])), list(filter(lambda x: x > 1, [1, 2])), list(reversed('abc')))
print(any([]), all([]), any([0, 1]), all([1, 0]), bool(None), callable(len), callable(5), repr([1, 'a']), type(5).__name__, type('') is str, isinstance([], list), id(1) == id(1))
it = iter([1, 2])
print(next(it), next(it), next(it, 'end'))
calls = iter([3, 2, 0, 5])
print(list(iter(lambda: next(calls), 0)))
print(type(print), len, print.__name__, (lambda: 0).__name__, str.upper('a'), list(map(str.upper, 'ab')), int, [int, str], ValueError, type(None), type(type))
print(hash(1) == hash(1.0) == hash(True), format(3.14159, '.2f'), format(42, '>6'), format('x'), round(5), divmod(-7, 2), getattr('a', 'upper')(), hasattr('a', 'nope'), getattr('a', 'zz', 5))
#: identity
a = []
b = a
print(a is b, a is [], None is None, a is not b, 5 is not None, 'x' is None)
#: printing
print(1, 'a', None, 2.5, [1], sep='|', end='!\n')
print()
print('no newline', end='')
print('', 'x')
print('a', 'b', sep='')
import sys
print('to stderr', file=sys.stderr)
sys.stdout.write('written\n')
print('sep none', 1, sep=None)
#: input is read until it ends
print(input('name? '))
print(input())
input()
#: text formatting corner cases
print(f'{123456789:,} {1234.5:,} {0:,} {999:,} {1000:,} {-1234567:,} {1234567.891:_.1f} {255:#010x} {255:#b} {5:08.3f} {3.0} {3.0:g} {100000.0:g} {1e6:g} {1e-5:g} {0.0001:g}')
print('%5s|%-5s|%05.1f|%+.2e|%#x|%%|' % ('ab', 'ab', 3.14159, 12345.678, 255))
print('{:>10}|{:<10}|{:^10}|{:=+5}|{:0>5}|{:.3}|{:10.3}|'.format('r', 'l', 'c', 3, 7, 'abcdef', 'abcdef'))
print('{:.0f} {:.1f} {:.3g} {:.10g} {:g} {!s} {!r:>6}'.format(2.5, 0.05, 1234.5, 1234.5, 1e20, 'x', 'y'))
print(f'{1.0:.3} {123.456:.2} {1e5:.3} {0.1:.1} {float("inf")} {float("nan"):5.1f} {1e16:} {-0.0:+.1f} {1234.5678:.2f}')
#: objects are told apart
a, b, c = [], [], {}
d = a
def f(): pass
print(id(a) == id(d), id(a) == id(b), id(a) == id(c), id(1) == id(1), id(None) == id(None), id(f) == id(f), id('x') == id('x'), len({id(a), id(b), id(c), id(f)}))
