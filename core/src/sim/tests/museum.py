# Every error of a socket that one host can make by itself, and what options answer. museum.txt is what CPython 3.11 on
# Linux printed.
from socket import *
import socket as so
def t(f, *a):
    try:
        return f(*a)
    except OSError as e:
        return type(e).__name__, e.errno, str(e)
s = socket(AF_INET, SOCK_STREAM)
print('recv', t(s.recv, 5)); print('send', t(s.send, b'x')); print('accept', t(s.accept)); print(t(s.getpeername)); print(t(s.shutdown, 1)); print(s.getsockname())
u = socket(AF_INET, SOCK_DGRAM)
print(t(u.send, b'x')); print(t(u.listen)); print(t(u.accept)); print(t(u.getpeername))
print(t(u.sendto, b'x', ('255.255.255.255', 9)), t(u.connect, ('255.255.255.255', 9)))
print(t(u.sendto, b'x', ('10.0.0.255', 9)), t(u.connect, ('10.0.0.255', 9)))
print(t(u.sendto, b'x'*65508, ('127.0.0.1', 9)), t(u.sendto, b'x', ('127.0.0.1', 0)))
print(t(u.sendto, b'x', ('192.168.1.1', 9)))
s.listen(); print(t(s.connect, ('127.0.0.1', 9))); print(t(s.send, b'x')); print(t(s.recv, 1)); print(t(s.bind, ('', 0)))
s = socket(); print(t(s.connect, ('127.0.0.1', 1))); print(t(s.connect, ('192.168.1.1', 1))); print(t(s.connect, ('10.0.0.255', 1)))
s = socket(); s.bind(('127.0.0.1', 5000)); print(t(s.bind, ('127.0.0.1', 5001)))
x = socket(); print(t(x.bind, ('127.0.0.1', 5000))); print(t(x.bind, ('0.0.0.0', 5000))); print(t(x.bind, ('10.0.0.1', 5000))); print(x.getsockname())
y = socket(); print(t(y.bind, ('10.9.9.9', 0)))
u = socket(AF_INET, SOCK_DGRAM); u.connect(('127.0.0.1', 1)); print(u.getsockname()[0], u.getpeername()); print(u.send(b'x')); print(t(u.send, b'y')); print(t(u.send, b'z')); print(t(u.recv, 5))
print(s.fileno() > 2); s.close(); print(s.fileno()); print(t(s.send, b'x'))
s = socket()
for o in (SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_TYPE, SO_ERROR, so.SO_ACCEPTCONN, SO_RCVBUF, SO_SNDBUF): print(o, s.getsockopt(SOL_SOCKET, o), u.getsockopt(SOL_SOCKET, o))
for v in (0, 1000, 5000, 100000): s.setsockopt(SOL_SOCKET, SO_RCVBUF, v); s.setsockopt(SOL_SOCKET, SO_SNDBUF, v); print(s.getsockopt(SOL_SOCKET, SO_RCVBUF), s.getsockopt(SOL_SOCKET, SO_SNDBUF))
print(s.getsockopt(IPPROTO_TCP, TCP_NODELAY), s.getsockopt(IPPROTO_TCP, so.TCP_MAXSEG), s.getsockopt(0, so.IP_TTL))
s.settimeout(0.1); print(s.gettimeout()); l = socket(); l.bind(('', 6000)); l.listen(1); l.settimeout(0.05)
print(t(l.accept))
l.setblocking(False); print(t(l.accept))
c = socket(); c.setblocking(False); print(c.connect_ex(('127.0.0.1', 6000)))
import time
time.sleep(0.1)
print(c.connect_ex(('127.0.0.1', 6000)), c.connect_ex(('127.0.0.1', 6000)))
p, a = l.accept(); print(a[0], p.getsockname(), p.gettimeout())
print(t(c.recv, 5)); p.send(b'abc'); time.sleep(0.05); print(c.recv(2, MSG_PEEK), c.recv(2), c.recv(2)); print(t(c.recv, 1))
p.close(); time.sleep(0.05); print(c.recv(5)); print(t(c.send, b'1')); time.sleep(0.05); print(t(c.send, b'2')); print(t(c.recv, 5)); print(t(c.getpeername)); print(t(c.shutdown, SHUT_RDWR))
a, b = so.socketpair(); a.send(b'q'); print(b.recv(5)); a.close(); print(b.recv(5)); print(t(b.send, b'z'))
