#: making sockets
from socket import *
s = socket()
print(s.family, s.type, s.proto, repr(s.family), repr(s.type), s.gettimeout(), s.getblocking(), s.fileno() > 2)
u = socket(AF_INET, SOCK_DGRAM)
print(u.type == SOCK_DGRAM, u.getsockopt(SOL_SOCKET, SO_TYPE), socket(family=AF_INET, type=SOCK_STREAM, proto=0).proto)
s.close(); s.close()
print(s.fileno(), s, s._closed if False else '')
#: arguments of the methods
from socket import *
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
s = socket()
t(lambda: s.bind('1', 2)); t(lambda: s.bind('1')); t(lambda: s.bind(('a',))); t(lambda: s.bind(('127.0.0.1', '80'))); t(lambda: s.bind(('', 99999))); t(lambda: s.bind((5, 5))); t(lambda: s.bind()); t(lambda: s.bind(['127.0.0.1', 5]))
t(lambda: s.connect('a')); t(lambda: s.connect(('127.0.0.1', 1, 1))); t(lambda: s.connect(('127.0.0.1', -1))); t(lambda: s.connect(('127.0.0.1', 1.5))); t(lambda: s.connect_ex(5))
t(lambda: s.recv()); t(lambda: s.recv('a')); t(lambda: s.recv(-1)); t(lambda: s.recv(1, 2, 3)); t(lambda: s.recvfrom()); t(lambda: s.recvfrom(-1)); t(lambda: s.recv_into('a')); t(lambda: s.recv_into(b'a'))
t(lambda: s.send()); t(lambda: s.send('a')); t(lambda: s.send(5)); t(lambda: s.sendall('a')); t(lambda: s.sendall(None)); t(lambda: s.sendto(b'a')); t(lambda: s.sendto('a', ('127.0.0.1', 1))); t(lambda: s.sendto(b'a', 'b')); t(lambda: s.sendto())
t(lambda: s.listen('a')); t(lambda: s.shutdown()); t(lambda: s.settimeout(-1)); t(lambda: s.settimeout('a')); t(lambda: s.settimeout()); t(lambda: s.setsockopt(1)); t(lambda: s.setsockopt(1, 2, 'a')); t(lambda: s.getsockopt(1)); t(lambda: s.setsockopt()); t(lambda: s.foo); t(lambda: s.makefile('q')); t(lambda: s.makefile('r', 0))
t(lambda: socket('a')); t(lambda: socket(AF_INET, SOCK_STREAM, 0, None, 5)); t(lambda: socket(foo=1)); t(lambda: socket(99)); t(lambda: s.setsockopt(SOL_SOCKET, SO_LINGER, 1)); t(lambda: s.setsockopt(SOL_SOCKET, SO_REUSEADDR, b'\1')); t(lambda: s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 2 ** 40)); t(lambda: s.getsockopt(SOL_SOCKET, SO_REUSEADDR, 5000)); t(lambda: s.setsockopt(77, 77, 1))
#: a closed socket
from socket import *
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e, e.errno)
s = socket()
s.close()
t(lambda: s.send(b'a')); t(lambda: s.recv(1)); t(lambda: s.accept()); t(lambda: s.bind(('127.0.0.1', 0))); t(lambda: s.listen()); t(lambda: s.connect(('127.0.0.1', 1))); t(lambda: s.getsockname()); t(lambda: s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)); t(lambda: s.settimeout(1)); t(lambda: s.sendto(b'a', ('127.0.0.1', 9))); t(lambda: s.shutdown(SHUT_WR)); t(lambda: s.fileno()); t(lambda: s.detach())
#: a refused connection
from socket import *
s = socket()
try:
    s.connect(('127.0.0.1', 1))
except ConnectionRefusedError as e:
    print(e, e.errno, e.args)
except OSError as e:
    print('other', e)
print(s.connect_ex(('127.0.0.1', 1)))
socket().connect(('127.0.0.1', 1))
#: not connected
from socket import *
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
s = socket()
t(lambda: s.recv(1)); t(lambda: s.getpeername()); t(lambda: s.shutdown(SHUT_RDWR)); t(lambda: s.accept())
#: unknown names
from socket import *
try: gethostbyname('no-such-host.invalid')
except gaierror as e: print(e, e.errno, e.args, type(e).__name__, isinstance(e, OSError))
socket().connect(('no-such-host.invalid', 80))
#: a pair of sockets
from socket import *
a, b = socketpair()
print(a.send(b'hello'), b.recv(2), b.recv(100), b.sendall(b'xyz'), a.recv(1024))
a.sendall(b'one'); a.sendall(b'two')
print(b.recv(3), b.recv(10, MSG_PEEK), b.recv(10))
a.shutdown(SHUT_WR)
print(b.recv(10), b.recv(10))
b.send(b'back')
print(a.recv(10))
b.close()
print(a.recv(10))
a.close()
#: timeouts and non-blocking
from socket import *
a, b = socketpair()
a.settimeout(0.01)
print(a.gettimeout(), a.getblocking(), a.timeout)
try: a.recv(10)
except timeout as e: print(type(e).__name__, e, repr(e), e.errno)
try: a.recv(10)
except TimeoutError as e: print('again', e)
a.setblocking(False)
print(a.gettimeout(), a.getblocking())
try: a.recv(10)
except BlockingIOError as e: print(e, e.errno)
a.setblocking(True)
print(a.gettimeout())
a.settimeout(0.01)
a.recv(1)
#: recv_into and memoryview
from socket import *
a, b = socketpair()
buf = bytearray(5)
a.send(b'abcdefgh')
print(b.recv_into(buf), buf, b.recv_into(buf, 2), buf)
view = memoryview(buf)
a.send(b'ZZ')
print(b.recv_into(view[3:]), buf, b.recv(10))
#: makefile
from socket import *
a, b = socketpair()
f = a.makefile('rw')
g = b.makefile('rb')
f.write('line one\n'); f.write('line two\nrest'); f.flush()
print(g.readline(), g.read(4), g.read1(100))
b.sendall('第一行\nsecond\r\nthird'.encode())
b.shutdown(SHUT_WR)
print(repr(f.readline()), repr(f.read(3)), [repr(l) for l in f])
f.close(); g.close(); a.close()
print(f.closed, b.recv(10))
#: makefile keeps the socket open
from socket import *
a, b = socketpair()
f = a.makefile('wb')
a.close()
f.write(b'still'); f.close()
print(b.recv(10), b.recv(10))
#: with closes
from socket import *
a, b = socketpair()
with a:
    a.send(b'x')
print(a.fileno(), b.recv(5), b.recv(5))
with socket() as s:
    pass
try: s.send(b'a')
except OSError as e: print(e)
#: a server and a client in one program
from socket import *
import threading
server = socket(AF_INET, SOCK_STREAM)
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
server.bind(('127.0.0.1', 0))
server.listen(5)
port = server.getsockname()[1]
def serve():
    conn, addr = server.accept()
    print('accepted', addr[0], conn.getsockname()[1] == port)
    total = b''
    while True:
        data = conn.recv(4)
        if not data: break
        total += data
    conn.sendall(total.upper())
    conn.close()
t = threading.Thread(target=serve)
t.start()
c = socket()
c.connect(('localhost', port))
for i in range(5):
    c.send(('msg%d' % i).encode())
c.shutdown(SHUT_WR)
print(c.recv(1024), c.recv(1024), c.getpeername()[1] == port)
t.join()
c.close(); server.close()
#: UDP in one program
from socket import *
s = socket(AF_INET, SOCK_DGRAM)
s.bind(('127.0.0.1', 0))
c = socket(AF_INET, SOCK_DGRAM)
print(c.sendto(b'hello', s.getsockname()))
data, addr = s.recvfrom(3)
print(data, addr[0], addr[1] == c.getsockname()[1])
c.sendto(b'', s.getsockname())
print(s.recvfrom(10)[0])
s.sendto(b'reply', addr)
print(c.recv(100))
#: create_connection and create_server
from socket import *
srv = create_server(('127.0.0.1', 0))
c = create_connection(srv.getsockname())
conn, a = srv.accept()
conn.send(b'hi'); print(c.recv(5))
try: create_connection(('127.0.0.1', 1), timeout=1)
except ConnectionRefusedError as e: print(e)
try: create_server(srv.getsockname())
except OSError as e: print(str(e)[:32], e.errno)
#: getaddrinfo
from socket import *
print(getaddrinfo('127.0.0.1', 80), getaddrinfo('127.0.0.1', 'http', AF_INET, SOCK_STREAM)[0][4], gethostbyname('127.0.0.1'), gethostbyname('localhost'), gethostbyname(''))
#: options
from socket import *
import struct
s = socket()
s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
s.setsockopt(IPPROTO_TCP, TCP_NODELAY, True)
s.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack('ii', 1, 0))
print(s.getsockopt(SOL_SOCKET, SO_REUSEADDR), s.getsockopt(IPPROTO_TCP, TCP_NODELAY), s.getsockopt(SOL_SOCKET, SO_ERROR), s.getsockopt(SOL_SOCKET, SO_REUSEADDR, 4))
s.setsockopt(SOL_SOCKET, SO_RCVTIMEO, struct.pack('ll', 2, 500000))
print(struct.unpack('ll', s.getsockopt(SOL_SOCKET, SO_RCVTIMEO, 16)), s.getsockopt(SOL_SOCKET, SO_RCVTIMEO, 4), s.getsockopt(SOL_SOCKET, SO_RCVTIMEO), len(s.getsockopt(SOL_SOCKET, SO_RCVTIMEO, 100)))
#: select
import select
from socket import *
a, b = socketpair()
print(select.select([a], [], [], 0), select.select([a], [b], [], 1)[1] == [b])
b.send(b'x')
r, w, x = select.select([a, b], [], [], 5)
print(r == [a], w, x)
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: select.select([5.5], [], [], 0)); t(lambda: select.select(5, [], [], 0)); t(lambda: select.select([], [], [], -1)); t(lambda: select.select([], [], [], 'a')); t(lambda: select.select([-1], [], [], 0)); t(lambda: select.select([a]))
#: threads
import threading, time
results = []
def work(n, factor=1):
    results.append(n * factor)
ts = [threading.Thread(target=work, args=(i,), kwargs={'factor': 10}) for i in range(3)]
for t in ts: t.start()
for t in ts: t.join()
print(sorted(results), ts[0].name, ts[0].is_alive(), threading.current_thread().name, threading.active_count(), ts[0].daemon)
lock = threading.Lock()
count = 0
def add():
    global count
    for _ in range(100):
        with lock:
            count += 1
ts = [threading.Thread(target=add) for _ in range(3)]
[t.start() for t in ts]; [t.join() for t in ts]
print(count, lock.locked(), lock.acquire(), lock.acquire(False), lock.release())
e = threading.Event()
def waiter():
    e.wait(); print('woken')
t = threading.Thread(target=waiter, name='W', daemon=True)
t.start()
print(e.is_set(), e.wait(0.01)); e.set(); t.join(); print(t.name, t.is_alive())
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
x = threading.Thread(target=print, args=('from thread',))
t(lambda: x.join()); x.start(); x.join(); t(lambda: x.start()); t(lambda: lock.release()); t(lambda: threading.Thread(1)); t(lambda: threading.Thread(foo=1))
#: an exception in a thread does not end the program
import threading
def bad(): raise ValueError('in thread')
t = threading.Thread(target=bad)
t.start(); t.join()
print('main goes on')
#: daemon threads end with the program
import threading, time
def forever():
    while True: time.sleep(1)
threading.Thread(target=forever, daemon=True).start()
print('done')
#: the program waits for its threads
import threading, time
def slow():
    time.sleep(0.05); print('slow done')
threading.Thread(target=slow).start()
print('main done')
