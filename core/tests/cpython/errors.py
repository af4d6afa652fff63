#: type errors of operators
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: 1 + 'a'); t(lambda: 'a' + 1); t(lambda: b'a' + 'a'); t(lambda: [1] + (2,)); t(lambda: (1,) + [2]); t(lambda: 1 < 'a'); t(lambda: 'a' < 1); t(lambda: [] < {}); t(lambda: -'a'); t(lambda: +[]); t(lambda: ~1.5)
t(lambda: 'a' * 'b'); t(lambda: 'a' * 1.5); t(lambda: [1] * 'a'); t(lambda: None + 1); t(lambda: {} + {}); t(lambda: 1 - 'a'); t(lambda: 'a' - 'b'); t(lambda: 5 ** 'a'); t(lambda: 5 // 'a'); t(lambda: 5 % 'a'); t(lambda: 1 << 1.5); t(lambda: 1 & 'a'); t(lambda: [] in 'abc'); t(lambda: 1 in 5); t(lambda: 1 in 'abc'); t(lambda: 'a' in b'abc'); t(lambda: 300 in b'abc')
#: zero division
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: 1 / 0); t(lambda: 1 // 0); t(lambda: 1 % 0); t(lambda: 1.0 / 0); t(lambda: 1.0 // 0); t(lambda: 1.0 % 0); t(lambda: 0 ** -1); t(lambda: 0.0 ** -1); t(lambda: divmod(1, 0)); t(lambda: 10 ** 30 // 0); t(lambda: pow(1, 1, 0)); t(lambda: 1 << -1); t(lambda: 1 >> -1)
#: subscripts
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: [1][1]); t(lambda: 'a'[1]); t(lambda: b'a'[1]); t(lambda: ()[0]); t(lambda: [1]['a']); t(lambda: 'a'['b']); t(lambda: b'a'['b']); t(lambda: (1,)[1.5]); t(lambda: {}['k']); t(lambda: {}[1]); t(lambda: {}[[]]); t(lambda: 5[0]); t(lambda: None[0]); t(lambda: len[0]); t(lambda: [1][None]); t(lambda: range(3)[5]); t(lambda: bytearray(b'a')[3]); t(lambda: 'abc'[1:2:0]); t(lambda: [1]['a':])
def s(o, k, v):
    try: o[k] = v; print(o)
    except Exception as e: print(type(e).__name__ + ':', e)
s([1], 5, 0); s('a', 0, 'b'); s((1,), 0, 2); s(b'a', 0, 1); s(bytearray(b'a'), 0, 300); s(bytearray(b'a'), 0, 'x'); s({}, [], 1); s({}, {}, 1); s(5, 0, 1); s([1], 'a', 1); s([1, 2, 3], slice(0, 3, 2), [1]); s([1], slice(0, 1), 5)
def d(o, k):
    try: del o[k]; print(o)
    except Exception as e: print(type(e).__name__ + ':', e)
d([1], 5); d({}, 'a'); d('a', 0); d((1,), 0); d([1, 2, 3], slice(1, 2))
#: attributes
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
import socket, os
t(lambda: 'a'.foo); t(lambda: [].push(1)); t(lambda: (5).x); t(lambda: None.x); t(lambda: socket.nope); t(lambda: os.path.nope); t(lambda: len.x); t(lambda: {}.a); t(lambda: b''.encode()); t(lambda: ''.decode()); t(lambda: int.foo); t(lambda: (lambda: 0).x); t(lambda: range(3).foo)
#: calls
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: 5()); t(lambda: 'a'()); t(lambda: None()); t(lambda: [](1)); t(lambda: len()); t(lambda: len(1, 2)); t(lambda: len(5)); t(lambda: len(None)); t(lambda: abs('a')); t(lambda: ord('ab')); t(lambda: ord(5)); t(lambda: ord('')); t(lambda: chr('a')); t(lambda: chr(-1)); t(lambda: chr(1114112)); t(lambda: int('x')); t(lambda: int('1.5')); t(lambda: int('')); t(lambda: int([])); t(lambda: int(None)); t(lambda: int('z', 36)); t(lambda: int('9', 8)); t(lambda: int('1', 99)); t(lambda: int(5, 2)); t(lambda: float('x')); t(lambda: float([])); t(lambda: float('')); t(lambda: int(float('inf'))); t(lambda: int(float('nan')))
t(lambda: range()); t(lambda: range('a')); t(lambda: range(1, 2, 0)); t(lambda: range(1.5)); t(lambda: sum(5)); t(lambda: sum(['a'])); t(lambda: sum('ab')); t(lambda: min()); t(lambda: min(5)); t(lambda: min([])); t(lambda: max('')); t(lambda: sorted(5)); t(lambda: sorted([1, 'a'])); t(lambda: list(5)); t(lambda: tuple(5)); t(lambda: set(5)); t(lambda: set([[]])); t(lambda: {[]: 1}); t(lambda: {{}}); t(lambda: dict(5)); t(lambda: dict([1])); t(lambda: dict(['abc'])); t(lambda: dict([(1, 2, 3)])); t(lambda: list(1, 2)); t(lambda: bool(1, 2)); t(lambda: str(1, 2, 3, 4)); t(lambda: bytes('a')); t(lambda: bytes([256])); t(lambda: bytes(['a'])); t(lambda: bytes(-1)); t(lambda: bytes(1.5)); t(lambda: bytearray([300])); t(lambda: bytes.fromhex('zz')); t(lambda: bytes.fromhex('a'))
t(lambda: print(sep=5)); t(lambda: print(end=5)); t(lambda: print(foo=1)); t(lambda: input(1, 2)); t(lambda: isinstance(1)); t(lambda: isinstance(1, 2)); t(lambda: enumerate()); t(lambda: enumerate(5)); t(lambda: zip(5)); t(lambda: map(5)); t(lambda: list(map(5, [1]))); t(lambda: reversed(5)); t(lambda: reversed({1})); t(lambda: next(5)); t(lambda: iter(5)); t(lambda: next(iter([]))); t(lambda: round('a')); t(lambda: pow('a', 2)); t(lambda: hash([])); t(lambda: hash({})); t(lambda: repr()); t(lambda: open()); t(lambda: hex(1.5)); t(lambda: bin('a')); t(lambda: type()); t(lambda: all(5)); t(lambda: any()); t(lambda: divmod(1)); t(lambda: callable()); t(lambda: format(5, 'z')); t(lambda: format('a', 'd')); t(lambda: f'{5:s}'); t(lambda: f'{[]:5}'); t(lambda: f'{1.5:d}'); t(lambda: f'{"a":+}'); t(lambda: f'{5:.2d}'); t(lambda: f'{"x":=5}')
#: methods called wrongly
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: [].append()); t(lambda: [].append(1, 2)); t(lambda: [].pop()); t(lambda: [1].pop(5)); t(lambda: [1].pop('a')); t(lambda: [].remove(1)); t(lambda: [].index(1)); t(lambda: ['a'].index('b')); t(lambda: [].insert(1)); t(lambda: [].extend(5)); t(lambda: [].extend()); t(lambda: [1, 'a'].sort()); t(lambda: [].sort(1)); t(lambda: {}.pop('a')); t(lambda: {}.pop()); t(lambda: {}.popitem()); t(lambda: {}.get()); t(lambda: {}.update(5)); t(lambda: {}.update([1])); t(lambda: set().remove(1)); t(lambda: set().pop()); t(lambda: set().add([])); t(lambda: (1,).index(2)); t(lambda: range(3).index(9))
t(lambda: 'a'.upper(1)); t(lambda: 'a'.split(1)); t(lambda: 'a'.split('')); t(lambda: 'a'.split(1, 2, 3)); t(lambda: 'a'.join(5)); t(lambda: 'a'.join([1])); t(lambda: 'a'.join()); t(lambda: 'a'.replace('a')); t(lambda: 'a'.replace(1, 2)); t(lambda: 'a'.index('b')); t(lambda: 'a'.find(1)); t(lambda: 'a'.startswith(1)); t(lambda: 'a'.startswith(('a', 1))); t(lambda: 'a'.strip(1)); t(lambda: 'a'.center()); t(lambda: 'a'.center('x')); t(lambda: 'a'.center(5, 'xx')); t(lambda: 'a'.zfill('x')); t(lambda: 'a'.encode('nope')); t(lambda: '你'.encode('ascii')); t(lambda: '你好x'.encode('latin-1')); t(lambda: 'a'.encode(5)); t(lambda: 'a'.partition('')); t(lambda: 'a'.count(1)); t(lambda: '{}'.format()); t(lambda: '{x}'.format()); t(lambda: '{0}{}'.format(1, 2)); t(lambda: '{'.format()); t(lambda: '}'.format()); t(lambda: '{!z}'.format(1)); t(lambda: '%d' % 'a'); t(lambda: '%d' % 'a'); t(lambda: '%s %s' % 1); t(lambda: '%s' % (1, 2)); t(lambda: '%y' % 1); t(lambda: '%' % 1); t(lambda: '%(a)s' % 5); t(lambda: '%(a)s' % {}); t(lambda: 'a' % 5); t(lambda: '%c' % 'ab'); t(lambda: '%f' % 'a'); t(lambda: '%x' % 1.5); t(lambda: '%c' % -1)
t(lambda: b'a'.decode('nope')); t(lambda: b'\xff'.decode()); t(lambda: b'a\xe4\xbd'.decode()); t(lambda: b'\xe4\xbda'.decode()); t(lambda: b'\xc3('.decode()); t(lambda: b'\xff'.decode('ascii')); t(lambda: b'a'.join(['a'])); t(lambda: b'a'.join([1])); t(lambda: b'a'.split('x')); t(lambda: b'a'.split(b'')); t(lambda: b'a'.replace('a', b'b')); t(lambda: b'a'.find('a')); t(lambda: b'a'.index(b'x')); t(lambda: b'a'.startswith('a')); t(lambda: b'a'.strip('a')); t(lambda: b'%s' % 'a'); t(lambda: b'%d' % 'a'); t(lambda: b'%s' % (b'a', 1)); t(lambda: bytearray().append('a')); t(lambda: bytearray().append(256)); t(lambda: bytearray().pop()); t(lambda: bytearray().remove(1)); t(lambda: bytearray().extend('a')); t(lambda: (256).to_bytes(1, 'big')); t(lambda: (-1).to_bytes(1, 'big')); t(lambda: (1).to_bytes(2, 'x')); t(lambda: int.from_bytes('a', 'big')); t(lambda: int.from_bytes(b'a', 'x'))
#: exceptions as values
e = ValueError('a', 1)
print(e, repr(e), e.args, str(ValueError()), repr(KeyError('k')), str(KeyError('k')), str(KeyError(1, 2)), repr(OSError(2, 'No such file')), str(OSError(2, 'No such file')), OSError(2, 'x').errno, type(OSError(2, 'x')), str(OSError('one')), str(OSError(2, 'x', 'file')), OSError(2, 'x', 'f').filename)
print(issubclass(ConnectionRefusedError, OSError), issubclass(KeyError, LookupError), isinstance(TimeoutError(), OSError), type(OSError(111, 'c')).__name__, type(OSError(32, 'p')).__name__, type(OSError(110, 't')).__name__, type(OSError(11, 't')).__name__, type(OSError(104, 'r')).__name__)
import socket
print(socket.error is OSError, socket.timeout is TimeoutError, socket.gaierror, issubclass(socket.gaierror, OSError), repr(socket.gaierror(-2, 'x')), socket.herror)
try: raise socket.timeout('timed out')
except OSError as e: print(repr(e), e.errno, e.strerror)
print(Exception, BaseException, str(StopIteration(5)), SystemExit(3).code, repr(SystemExit('x')))
try: raise 5
except TypeError as e: print(e)
try: raise ValueError from 5
except TypeError as e: print(e)
try:
    try: 1 / 0
    except 5: pass
except TypeError as e: print(e)
#: exit with a status
import sys
print('before')
sys.exit(3)
#: exit with a message
import sys
sys.exit('goodbye')
#: exit without anything, inside finally
try:
    exit()
finally:
    print('finally')
#: exit can be caught
import sys
try: sys.exit(5)
except SystemExit as e: print('caught', e.code)
#: traceback of a call chain
def first(x):
    return second(x) + 1
def second(x):
    y = [1, 2, 3]
    return y[x]
print('start')
result = first(10)
#: traceback marks the operator
a = 1
b = 'x'
print('go')
c = (a + 2) * 3 + b
#: traceback marks the subscript
d = {'a': {'b': 1}}
print(d['a']['c'] + 1)
#: traceback of a whole line has no marks
def f():
    raise ValueError('whole')
f()
#: traceback inside a comprehension
def f(x):
    return 10 // x
print([f(x) for x in (1, 0)])
#: traceback inside nested comprehensions
print([[1 // y for y in (x,)] for x in (1, 0)])
#: traceback inside a generator expression
print(sum(1 // x for x in (1, 0)))
#: traceback inside a lambda
g = lambda x: x + 'a'
g(1)
#: traceback with a cause
try:
    int('x')
except ValueError as e:
    raise RuntimeError('outer') from e
#: traceback with a context
def clean():
    raise KeyError('clean')
try:
    1 / 0
except ZeroDivisionError:
    clean()
#: traceback without the context
try:
    1 / 0
except ZeroDivisionError:
    raise ValueError('x') from None
#: traceback of an exception raised again
def f():
    try:
        g()
    except ValueError as e:
        raise e
def g():
    raise ValueError('deep')
f()
#: traceback through finally and bare raise
def f():
    try:
        int('q')
    except ValueError:
        raise
    finally:
        print('cleanup')
f()
#: traceback of endless recursion
def f(n):
    return f(n + 1)
f(0)
#: traceback of a statement over several lines
x = [
    1,
    2 + 'a',
    3,
]
#: traceback of a call over several lines
def f(a, b):
    return a + b
f(
    1,
    'x',
)
#: traceback with other scripts in the line
名字 = '你好'; n = 1; print(名字 + n)
#: traceback of a method call in a condition
x = 'abc'
if x.index('z') > 1 and True:
    pass
#: traceback of a for loop over a number
for i in 5:
    pass
#: traceback of unpacking
a, b = 1, 2
a, b = [1, 2, 3]
#: traceback of an attribute
x = 5
y = 1 + x.foo.bar
#: traceback of an assertion
x = 3
assert x == 4, f'x is {x}'
#: traceback of an exception without a message
raise RuntimeError
#: traceback of augmented assignment
x = 1
x += 'a'
#: traceback of a deep expression
def f(**k): return k
print(f(a=1, b=[1, 2, {'x': (3, 4)['5']}]))
#: traceback of a raise inside with
with open('x.txt', 'w') as f:
    f.write('a')
    f.write(5)
#: traceback of del and store
x = {}
del x['missing']
#: traceback of a store
t = (1, 2)
t[0] = 5
#: errors inside handlers of handlers
try:
    try:
        raise KeyError('a')
    except KeyError:
        raise TypeError('b')
    finally:
        print('f')
except TypeError as e:
    print(type(e.__context__).__name__)
    raise
#: a misspelt name, 1
prnt('x')
#: a misspelt name, 2
lenght = 1
lengt
#: a misspelt name, 3
def f():
    counter = 1
    return countr
f()
#: a misspelt name, 4
'a'.uper()
#: a misspelt name, 5
import socket
socket.sokcet()
#: a misspelt name, 6
from socket import *
s = socket()
s.conect(5)
#: a misspelt name, 7
x = 5
y
#: a misspelt name, 8
[].apend(1)
#: a misspelt name, 9
import socket
socket.AF_INT
#: a misspelt name, 10
tim
#: a misspelt name, 11
import time
time.slep(1)
#: a misspelt name, 12
Flase
#: a misspelt name, 13
none
#: a misspelt name, 14
abcdef_
#: a misspelt name, 15
data = 1
print(Data)
#: a misspelt name, 16
def f(sock):
    sokc.close()
f(1)
#: a misspelt name, 17
xyz = 1
xzy
#: a misspelt name, 18
{}.itmes()
#: a misspelt name, 19
b''.encode()
#: a misspelt name, 20
''.decode()
#: a misspelt name, 21
e
#: a misspelt name, 22
i
#: a misspelt name, 23
x1 = 1
x2
#: a misspelt name, 24
from socket import *
socket(AF_INET, SOCK_STREM)
#: a misspelt name, 25
from socket import *
sokcet()
#: a misspelt name, 26
try:
    prnt
except NameError as e:
    print(e)
    raise
#: a misspelt name, 27
import socket
s = socket.socket()
s.recieve(5)

#: a misspelt name, 28
def f(conn, adress):
    print(address)
f(1, 2)
#: an unbound name in an operation is marked alone
a = 1
b = (a + undefined_thing) * 2
#: an unbound local in a condition
def f(x):
    if x > limit_of_x and x < 5:
        limit_of_x = 1
f(1)
#: an unbound name in a loop
def f():
    for i in undefined_list:
        print(i)
f()
#: an unbound name in a store and a return
def f(d):
    d[undefined_key] = 5
try:
    f({})
except NameError as e:
    print(e)
def g(x):
    return x.method_that_is_not(1).other
g([])
#: an attribute in the middle of a chain
import socket
x = [socket]
print(x[0].socket, x[0].nothing_of_this(5).more)
