#: assignment forms
a = b = 1
x, y = 1, 2
x, y = y, x
(p, q), [r, *s] = (1, 2), [3, 4, 5]
*init, last = range(5)
first, *middle, end = 'hello'
d = {}
d['k'], d['j'] = 1, 2
lst = [0] * 5
lst[1:3] = [7, 8, 9]
lst[0], lst[-1] = 'a', 'z'
n = 5
n += 2; n -= 1; n *= 3; n //= 4; n **= 2; n %= 7; n <<= 3; n |= 1; n &= 0xff; n ^= 5; n >>= 1
f = 7
f /= 2
t = (1,)
t += (2, 3)
w: int = 5
print(a, b, x, y, p, q, r, s, init, last, first, middle, end, d, lst, n, f, t, w)
#: while with else, break and continue
i = 0
while i < 10:
    i += 1
    if i % 2:
        continue
    if i == 6:
        break
    print(i)
else:
    print('never')
while i < 8:
    i += 1
else:
    print('done', i)
while True:
    i -= 1
    if not i:
        break
print(i)
#: for over everything
for i in range(3): print(i, end=' ')
for i in range(5, -5, -3): print(i, end=' ')
for c in 'añ你': print(c, end=' ')
for b in b'ab': print(b, end=' ')
for b in bytearray(b'cd'): print(b, end=' ')
for k in {'x': 1, 'y': 2}: print(k, end=' ')
for k, v in {'x': 1, 'y': 2}.items(): print(k, v, end=' ')
for i, (a, b) in enumerate(zip([1, 2], 'ab'), 10): print(i, a, b, end=' ')
for i in reversed([1, 2, 3]): print(i, end=' ')
for x in (): print('never')
else: print('else')
for x in [1, 2, 3]:
    if x == 2: break
else:
    print('no')
print(x)
#: nested loops with try and finally
for i in range(4):
    try:
        if i == 1: continue
        if i == 3: break
        print('body', i)
    finally:
        print('finally', i)
print('end')
#: finally runs on return, and its own return wins
def f(n):
    for i in range(3):
        try:
            if n == 0: return 'returned'
            if n == 1: raise ValueError('x')
            if n == 2: break
            if n == 3: continue
        except ValueError as e:
            return 'caught %s' % e
        finally:
            print('cleanup', n, i)
            if n == 4: return 'from finally'
    return 'end'
for n in range(5): print(f(n))
#: try else
try:
    print('body')
except Exception:
    print('no')
else:
    print('else')
finally:
    print('finally')
#: exceptions match by class and by tuple
def kind(f):
    try:
        f()
    except (ValueError, TypeError) as e:
        return 'VT', type(e).__name__, str(e)
    except KeyError as e:
        return 'K', e.args, str(e)
    except ArithmeticError:
        return 'A'
    except:
        return 'other'
print(kind(lambda: int('x')), kind(lambda: 1 + 'a'), kind(lambda: {}['k']), kind(lambda: 1 / 0), kind(lambda: [][1]))
#: the name of an exception is gone after its handler
try:
    1 / 0
except ZeroDivisionError as e:
    pass
try:
    print(e)
except NameError as n:
    print(n)
#: bare raise goes on with the exception being handled
def f():
    try:
        1 / 0
    except ZeroDivisionError:
        print('seen')
        raise
try:
    f()
except ZeroDivisionError as e:
    print('again', e)
#: raise without anything to raise again
raise
#: raise from
try:
    try:
        {}['a']
    except KeyError as e:
        raise ValueError('bad') from e
except ValueError as e:
    print(repr(e), repr(e.__cause__), e.__suppress_context__)
try:
    raise TypeError
except TypeError as e:
    print(repr(e), e.args)
#: context of an exception raised while handling
try:
    try:
        1 / 0
    except ZeroDivisionError:
        int('x')
except ValueError as e:
    print(repr(e.__context__))
#: assert
assert 1 == 1
try:
    assert 1 == 2, 'math'
except AssertionError as e:
    print('assertion', e)
assert False
#: functions with defaults and keywords
def f(a, b=2, *args, c, d=4, **kw):
    return a, b, args, c, d, kw
print(f(1, c=3), f(1, 5, 6, 7, c=3, e=9), f(b=1, a=2, c=3))
def g(x, /, y, *, z): return x, y, z
print(g(1, 2, z=3), g(1, y=2, z=3))
args, kw = [1, 2], {'c': 3, 'zz': 1}
print(f(*args, **kw), f(0, *args, **kw, d=5))
#: a default is evaluated once
def f(x, acc=[]):
    acc.append(x)
    return acc
print(f(1), f(2))
#: missing arguments
def f(a, b, c): pass
for call in (lambda: f(), lambda: f(1), lambda: f(1, 2), lambda: f(1, 2, 3, 4), lambda: f(1, 2, 3, d=4), lambda: f(1, 2, 3, a=4)):
    try: call()
    except TypeError as e: print(e)
def g(a, b=1, *, k): pass
for call in (lambda: g(), lambda: g(1), lambda: g(1, 2, 3, k=1), lambda: g(1, 2, 3), lambda: g(k=1)):
    try: call()
    except TypeError as e: print(e)
def h(): pass
for call in (lambda: h(1), lambda: h(x=1)):
    try: call()
    except TypeError as e: print(e)
#: closures, nonlocal and global
def counter():
    n = 0
    def inc(step=1):
        nonlocal n
        n += step
        return n
    return inc
c = counter()
print(c(), c(), c(10))
total = 0
def add(x):
    global total
    total += x
add(3); add(4)
print(total)
fs = [lambda i=i: i for i in range(3)]
gs = [lambda: i for i in range(3)]
print([f() for f in fs], [g() for g in gs])
def outer():
    x = 'outer'
    def middle():
        def inner():
            return x
        return inner
    x = 'changed'
    return middle()()
print(outer())
#: a local used before assignment
x = 1
def f():
    print(x)
    x = 2
f()
#: a free variable without a value
def f():
    def g(): return y
    g()
    y = 1
f()
#: an unknown name
print(undefined_name)
#: recursion
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def fact(n): return 1 if n == 0 else n * fact(n - 1)
print(fib(15), fact(30))
#: endless recursion ends
def f(n): return f(n + 1)
try:
    f(0)
except RecursionError as e:
    print(type(e).__name__, e)
#: lambda and conditional expressions
f = lambda x, y=2, *a, **k: (x, y, a, k)
print(f(1), f(1, 3, 4, z=5), (lambda: 7)(), 'yes' if 1 else 'no', [x if x > 1 else -x for x in range(3)])
#: chained comparison evaluates once
def v(x):
    print('v', x)
    return x
print(1 < v(2) < 3, 1 < v(0) < v(5), v(1) == v(1) != v(2))
#: boolean operators give operands
print(0 or 'a', '' and 1, 1 and 2, None or 0 or [], not '', not not 3, 1 and 0 or 5)
x = 5
x = x and x + 1
print(x)
x = x > 100 or x
print(x)
#: comprehensions
print([x * y for x in range(3) for y in range(3) if x != y])
print({x % 3 for x in range(10)}, {k: v for k, v in zip('ab', (1, 2))})
print([[j for j in range(i)] for i in range(4)])
x = 'kept'
print([x for x in range(2)], x)
print(sum(x * x for x in range(5)), list(y for y in 'abc'), tuple(i for i in range(3)), max(len(w) for w in ['a', 'bbb']))
print([(a, b) for a, b in [(1, 2), (3, 4)]], [a for a, *b in ['abc', 'de']])
print([y := 5, y ** 2], y)
print([z for z in range(10) if (h := z % 3) == 0], h)
#: generator expressions are lazy
def say(x):
    print('say', x)
    return x
g = (say(x) for x in [1, 2, 3])
print(next(g))
print(any(say(x) > 1 for x in [1, 2, 3]))
print(next((x for x in [] ), 'none'))
for x in (say(x) for x in 'ab'): print('got', x)
print(2 in (x for x in [1, 2, 3]), [*(x for x in 'ab')])
a, b = (x for x in [1, 2])
print(a, b, ','.join(str(x) for x in range(3)), dict((k, 1) for k in 'ab'), sorted(x for x in [3, 1]), set(x for x in [1, 1]))
#: del
a = [1, 2, 3, 4]
del a[0], a[-1]
print(a)
del a[:]
d = {'x': 1}
del d['x']
print(a, d)
del d
try: d
except NameError as e: print(e)
#: with
f = open('t.txt', 'w')
with f as g, open('u.txt', 'w') as h:
    g.write('one\n'); h.write('two\n')
print(f.closed, h.closed)
with open('t.txt') as f:
    print(f.read(), end='')
with 5 as x: pass
#: with and an exception inside
try:
    with open('t.txt', 'w') as f:
        f.write('x')
        1 / 0
except ZeroDivisionError:
    print(f.closed, open('t.txt').read())
#: pass and docstrings
def f():
    """doc"""
    pass
"""another"""
print(f())
...
#: walrus in while
data = [1, 2, 0, 3]
while (x := data.pop(0)):
    print(x)
print(data)
#: star expressions
print([*range(3), *'ab'], (*[1], 2), {*[1, 2], 3}, {**{'a': 1}, 'b': 2, **{'a': 9}})
print(*[1, 2, 3], sep='-')
#: the order of evaluation
def s(x):
    print(x, end=' ')
    return x
d = {}
d[s('key')] = s('value')
print(s(1) + s(2) * s(3), [s(4), s(5)], {s('a'): s('b')}, (lambda a, b: a)(s(6), b=s(7)))
x = 1
def change():
    global x
    x = 10
    return 1
print(x + change(), x)
#: several statements on one line and line continuation
a = 1; b = 2; print(a, \
    b)
if a: print('one line'); print('two')
#: integer names in other scripts
变量 = 3
print(变量 + 1)
#: unpacking errors
for f in (lambda: exec_([1, 2]), ):
    pass
def t(v):
    try:
        a, b = v
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
t([1]); t([1, 2, 3]); t(5); t(None); t('abc'); t({})
try:
    a, *b, c = [1]
except ValueError as e:
    print(e)
#: global at module level and in functions
def f():
    global made
    made = 'here'
f()
print(made)
#: conditional imports and import forms
import socket, struct as st
import os.path
from os import path as p
from time import sleep as zzz
import os.path as pp
print(st.calcsize('!HI'), os.path.join('a', 'b'), p.basename('x/y'), pp.exists('nope'), socket.AF_INET == 2)
def f():
    import sys
    return sys.byteorder
print(f())
