#: names that nobody has
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e)
t(socket.gethostbyname, 'no-such-host.invalid')
s = socket.socket(); u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
t(s.connect, ('no-such-host.invalid', 80)); t(u.sendto, b'x', ('no-such-host.invalid', 80)); t(socket.create_connection, ('no-such-host.invalid', 80)); t(socket.create_server, ('no-such-host.invalid', 80))
t(socket.gethostbyname, 'a..b'); t(socket.gethostbyname, '.a'); t(socket.getaddrinfo, 'a' * 64 + '.b', 80); t(socket.create_connection, ('a..b', 80)); t(socket.gethostbyname, 'x' * 64); t(s.connect, ('a\0b', 80)); t(s.bind, (b'a\0b', 80)); t(socket.gethostbyname, b'a\0b')
#: names of a wrong type
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e)
for f in (socket.gethostbyname, socket.gethostbyname_ex, socket.gethostbyaddr, socket.getfqdn, socket.getservbyname, socket.getservbyport, socket.getprotobyname, socket.inet_aton, socket.inet_ntoa):
    for a in (None, 5, 1.5, b'127.0.0.1', [], ('a',)):
        if f is socket.getservbyport and a == 5: continue
        if f is socket.getfqdn and a in (5, None, b'127.0.0.1', []): continue
        print(f.__name__, a, end=' '); t(f, a)
t(socket.gethostbyname); t(socket.gethostbyname, 'a', 'b'); t(socket.gethostname, 1); t(socket.getservbyname); t(socket.getservbyname, 'http', 'tcp', 1); t(socket.getservbyname, 'http', 5); t(socket.getservbyport, 80, 5); t(socket.getservbyport, 'http'); t(socket.getservbyport, -1); t(socket.getservbyport, 65536); t(socket.getservbyport, 2 ** 40); t(socket.getservbyport, 2**80); t(socket.getservbyport, 80.0); t(socket.getservbyname, 'HTTP'); t(socket.getservbyname, ''); t(socket.getservbyname, 'a\0b'); t(socket.gethostbyname, 'a\0b'); t(socket.inet_aton, '1.2.3.4\0'); t(socket.getservbyname, 'http', 'udp '); t(socket.getservbyport, 80, '')
#: services that every table has
import socket
print(socket.getservbyname('http'), socket.getservbyname('http', 'tcp'), socket.getservbyname('domain', 'udp'), socket.getservbyname('smtp'), socket.getservbyname('mail'), socket.getservbyport(80), socket.getservbyport(53, 'udp'), socket.getservbyport(22), socket.getservbyport(443, 'tcp'), socket.getprotobyname('tcp'), socket.getprotobyname('udp'), socket.getprotobyname('icmp'), socket.getprotobyname('ip'), socket.getprotobyname('TCP'), socket.getprotobyname('igmp'))
#: addresses as names
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e)
for a in ('127.1', '0x7f.1', '127.0.0.1', '2130706433', '010.0.0.1', '', '<broadcast>', '255.255.255.255', 'localhost', 'LOCALHOST', '0'): print(repr(a), end=' '); t(socket.gethostbyname, a)
print(socket.gethostbyname_ex('127.0.0.1'), socket.gethostbyname(socket.gethostname()).count('.'))
#: ports
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e)
s = socket.socket(); u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for p in ('80', 70000, -1, 65536, 2 ** 31, 2 ** 70, 1.5, None, b'80', True, [80]):
    for name, f in (('bind', s.bind), ('connect', s.connect), ('connect_ex', s.connect_ex), ('sendto', lambda a: u.sendto(b'x', a))):
        if p is True and name != 'sendto': continue
        print(name, p, end=' '); t(f, ('127.0.0.1', p))
t(socket.getaddrinfo, '127.0.0.1', 'nosuchservice'); t(socket.getaddrinfo, '127.0.0.1', 70000); t(socket.getaddrinfo, '127.0.0.1', 1.5); t(socket.getaddrinfo, None, None); t(socket.getaddrinfo, '127.0.0.1'); t(socket.getaddrinfo, 5, 80); t(socket.getaddrinfo, '127.0.0.1', -1); t(socket.getaddrinfo); t(socket.getaddrinfo, '127.0.0.1', '80', socket.AF_INET, socket.SOCK_STREAM); t(socket.getaddrinfo, '127.0.0.1', '99999', socket.AF_INET, socket.SOCK_STREAM); t(socket.getaddrinfo, '127.0.0.1', 'http', socket.AF_INET, socket.SOCK_STREAM); t(socket.getaddrinfo, '127.0.0.1', 80, 99); t(socket.getaddrinfo, '127.0.0.1', 80, 2, 99); t(socket.getaddrinfo, '127.0.0.1', 80, 2, 0, 17); t(socket.getaddrinfo, '127.0.0.1', 80, 2, 1, 17); t(socket.getaddrinfo, '127.0.0.1', 'domain', 2); t(socket.getaddrinfo, '127.0.0.1', 'ntp', 2, 1); t(socket.getaddrinfo, '127.0.0.1', '2a', 2, 1); t(socket.getaddrinfo, '127.0.0.1', '', 2, 1); t(socket.getaddrinfo, '', 80, 2, 1); t(socket.getaddrinfo, '127.1 x', 80, 2, 1); t(socket.getaddrinfo, '127.1', '0x50', 2, 1); t(socket.getaddrinfo, '127.1', True, 2, 1); t(socket.getaddrinfo, '127.1', 2 ** 70, 2, 1); t(socket.getaddrinfo, '127.1', 80, 'a'); t(socket.getaddrinfo, '127.0.0.1', 80, 2, 1, 0, 0, 0); t(socket.getaddrinfo, '1.2.3.4', 80, 10); t(socket.getaddrinfo, None, 80, 2, 1, 0, 1); t(lambda: socket.getaddrinfo('127.0.0.1', port=80, type=1, family=2)); t(lambda: socket.getaddrinfo('127.0.0.1', 80, kind=1)); t(socket.getaddrinfo, None, 80, socket.AF_INET, socket.SOCK_STREAM); t(socket.getaddrinfo, '127.0.0.1', b'80', socket.AF_INET, socket.SOCK_STREAM)
t(socket.create_connection, ('127.0.0.1', '1')); t(socket.create_connection, ('127.0.0.1', 70000)); t(socket.create_connection, '127.0.0.1'); t(socket.create_connection, ('127.0.0.1',)); t(socket.create_server, ('127.0.0.1', 70000)); t(socket.create_server, 'a')
#: addresses of a wrong form
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e)
s = socket.socket(); u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for a in ('127.0.0.1', '127.0.0.1:80', 80, None, (), ('127.0.0.1',), ('127.0.0.1', 80, 0), ['127.0.0.1', 80], (80, '127.0.0.1'), (None, 80), (5, 80), (1.5, 80), {'a': 1}):
    for name, f in (('bind', s.bind), ('connect', s.connect), ('connect_ex', s.connect_ex), ('sendto', lambda a: u.sendto(b'x', a))):
        print(name, a, end=' '); t(f, a)
t(s.connect, '127.0.0.1', 80); t(s.bind, '127.0.0.1', 80); t(s.connect); t(s.bind); t(u.sendto, b'x'); t(u.sendto, b'x', '127.0.0.1', 9); t(u.sendto, ('127.0.0.1', 9), b'x'); t(u.sendto, 'x', ('127.0.0.1', 9)); t(u.sendto, b'x', 0, 0, ('127.0.0.1', 9))
#: refused, in use, not connected
import socket
from socket import SOL_SOCKET, SO_REUSEADDR
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e, e.args)
s = socket.socket()
t(s.connect, ('127.0.0.1', 1)); t(s.connect_ex, ('127.0.0.1', 1)); t(s.recv, 5); t(s.send, b'x'); t(s.getpeername); t(s.shutdown, socket.SHUT_WR); t(s.accept)
l = socket.socket(); l.bind(('127.0.0.1', 0)); p = l.getsockname()[1]; l.listen()
x = socket.socket(); t(x.bind, ('127.0.0.1', p)) if False else None
try: x.bind(('127.0.0.1', p))
except OSError as e: print(type(e).__name__, e.errno, e)
t(l.bind, ('127.0.0.1', 0)); t(l.connect, ('127.0.0.1', 1)); t(l.recv, 1); t(l.send, b'x')
t(x.bind, ('192.0.2.77', 0)); t(x.listen, -1); t(x.listen, 'a'); t(x.listen, None); t(x.shutdown, 5)
c = socket.create_connection(('127.0.0.1', p)); d, _ = l.accept()
try: c.connect(('127.0.0.1', p))
except OSError as e: print(type(e).__name__, e.errno, e)
print(c.connect_ex(('127.0.0.1', p)) == 106)
t(c.listen); t(c.accept); t(c.bind, ('127.0.0.1', 0))
#: closed
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e, e.args)
s = socket.socket(); s.close()
t(s.connect, ('127.0.0.1', 1)); t(s.connect_ex, ('127.0.0.1', 1)); t(s.recv, 5); t(s.send, b'x'); t(s.sendall, b'x'); t(s.getpeername); t(s.getsockname); t(s.shutdown, 1); t(s.accept); t(s.listen); t(s.bind, ('', 0)); t(s.settimeout, 1); t(s.setblocking, False); t(s.gettimeout); t(s.fileno); t(s.close); t(s.detach); t(s.getsockopt, 1, 2); t(s.setsockopt, 1, 2, 1); t(s.recvfrom, 1); t(s.recv_into, bytearray(1)); t(s.sendto, b'x', ('127.0.0.1', 9)); t(s.makefile().read) 
#: time-outs
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e, e.args, type(e) is socket.timeout, isinstance(e, OSError))
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(); l.settimeout(0.05); t(l.accept)
c = socket.create_connection(l.getsockname()); d, _ = l.accept(); c.settimeout(0.05); t(c.recv, 1); t(c.recv_into, bytearray(5)); t(c.recvfrom, 4); print(d.gettimeout(), c.gettimeout())
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('127.0.0.1', 0)); u.settimeout(0.05); t(u.recvfrom, 10); t(u.recv, 10)
for v in (-1, 'a', None, 0, 0.0, 5, 1e-9, float('nan'), 1e30, True, [], b'1', 2 ** 70):
    print('settimeout', v, end=' '); t(c.settimeout, v); t(c.gettimeout)
socket.setdefaulttimeout(0.05); e = socket.socket(); print(e.gettimeout(), l.accept.__name__); e.bind(('127.0.0.1', 0)); e.listen(); t(e.accept); f = socket.create_connection(e.getsockname()); g, _ = e.accept(); print(f.gettimeout(), g.gettimeout()); t(g.recv, 1); t(socket.setdefaulttimeout, -1); t(socket.setdefaulttimeout, 'x')
try: c.settimeout(0.01); c.recv(5)
except socket.timeout as e: print('socket.timeout', e)
#: would block
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e, e.args)
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(); l.setblocking(False); t(l.accept)
c = socket.create_connection(l.getsockname()); c.setblocking(0); t(c.recv, 1); t(c.recv, 1, socket.MSG_PEEK); t(c.recv_into, bytearray(3))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.setblocking(False); t(u.recvfrom, 1); t(u.recv, 1)
b = socket.create_connection(l.getsockname()); t(b.recv, 1, socket.MSG_DONTWAIT)
n = 0
try:
    while True: n += c.send(b'x' * 65536)
except BlockingIOError as e: print(e.errno, e, n > 65536)
#: attributes and misspellings
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e, e.args)
s = socket.socket()
for name in ('recieve', 'Send', 'read', 'write', 'sendAll', 'readline', 'bnid', 'get_sockname', 'timeOut', '__len__'): t(lambda: getattr(s, name))
for name in ('AF_INTE', 'Socket', 'sockt', 'SOCK_STREEM', 'gethostname_', 'getHostByName'): t(lambda: getattr(socket, name))
t(lambda: s[0]); t(lambda: s()); t(lambda: len(s)); t(lambda: s + 1); t(lambda: s < s); t(lambda: iter(s))
#: what send and recv take
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e, e.args)
a, b = socket.socketpair()
for v in ('x', 5, None, [1], 1.5, ('a',), {}): t(a.send, v); t(a.sendall, v)
for v in ('x', None, -1, 1.5, [], b'1', 2 ** 70): t(a.recv, v); t(a.recvfrom, v)
t(a.send); t(a.recv); t(a.send, b'a', 'b'); t(a.recv, 1, 'b'); t(a.send, b'a', 0, 0); t(a.recv_into, b'abc'); t(a.recv_into, 'abc'); t(a.recv_into, 5); t(a.recv_into); t(a.recv_into, bytearray(2), 5); t(a.recv_into, bytearray(2), -5); t(a.recvfrom_into, b'a'); print(a.send(b'')); print(a.sendall(b'abc'), b.recv(0), b.recv(5)); t(a.send, b'x', flags=0) if False else None
#: a broken pipe
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e, e.args)
a, b = socket.socketpair(); b.close(); t(a.send, b'x'); t(a.sendall, b'x'); t(a.recv, 1)
a, b = socket.socketpair(); a.shutdown(socket.SHUT_WR); t(a.send, b'x'); t(b.recv, 1)
#: options of a wrong kind
import socket
from socket import SOL_SOCKET, SO_REUSEADDR, SO_LINGER, SO_RCVTIMEO, IPPROTO_TCP, SO_TYPE, SO_ERROR
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e, e.args)
s = socket.socket()
t(s.setsockopt, SOL_SOCKET, SO_REUSEADDR); t(s.setsockopt, SOL_SOCKET, SO_REUSEADDR, 'a'); t(s.setsockopt, SOL_SOCKET, SO_REUSEADDR, None); t(s.setsockopt, SOL_SOCKET, SO_REUSEADDR, 1.5); t(s.setsockopt, SOL_SOCKET, SO_REUSEADDR, [1]); t(s.setsockopt, 'a', SO_REUSEADDR, 1); t(s.setsockopt, SOL_SOCKET, 'b', 1); t(s.setsockopt, SOL_SOCKET, 9999, 1); t(s.setsockopt, 9999, 1, 1); t(s.setsockopt, SOL_SOCKET, SO_REUSEADDR, b''); t(s.setsockopt, SOL_SOCKET, SO_LINGER, 1); t(s.setsockopt, SOL_SOCKET, SO_RCVTIMEO, 1); t(s.setsockopt, SOL_SOCKET, SO_TYPE, 1); t(s.setsockopt, SOL_SOCKET, SO_ERROR, 1); t(s.setsockopt, SOL_SOCKET, SO_REUSEADDR, 2 ** 31); t(s.setsockopt, SOL_SOCKET, SO_REUSEADDR, -(2 ** 31) - 1); t(s.setsockopt, SOL_SOCKET, SO_REUSEADDR, 1, 1); t(s.getsockopt, SOL_SOCKET); t(s.getsockopt, SOL_SOCKET, 'x'); t(s.getsockopt, SOL_SOCKET, 9999); t(s.getsockopt, SOL_SOCKET, SO_TYPE, -1); t(s.getsockopt, SOL_SOCKET, SO_TYPE, 1025); t(s.getsockopt, SOL_SOCKET, SO_TYPE, 'a')
#: sockets of a wrong kind
import socket
def t(f, *a, **k):
    try: print(f(*a, **k).type)
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e, e.args)
t(socket.socket, 'AF_INET'); t(socket.socket, None); t(socket.socket, socket.AF_INET, 'x'); t(socket.socket, socket.AF_INET, None); t(socket.socket, 2, 1, 17); t(socket.socket, 2, 2, 6); t(socket.socket, 2, 99); t(socket.socket, 999); t(socket.socket, 2, 1, 0, None, 5); t(socket.socket, kind=1); t(socket.socket, 1.5); t(socket.socket, 2, 1, 6); t(socket.socket, type=socket.SOCK_DGRAM); t(socket.socket, 2, 1, 999); t(socket.socket, 2, 1, 256); t(socket.socket, 2, 4); t(socket.socket, 2, 0); t(socket.socket, 2, 2 ** 31); t(socket.socket, 2 ** 70)
#: byte order and packed addresses
import socket
def t(f, *a):
    try: print(f(*a))
    except Exception as e: print(type(e).__name__, getattr(e, 'errno', '-'), e)
for f in (socket.htons, socket.ntohs, socket.htonl, socket.ntohl):
    for v in (0, 1, 80, 65535, 65536, 70000, -1, -70000, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 63, 2 ** 64, 2 ** 70, -(2 ** 70), 'a', None, 1.5, b'1', True, [], '80'):
        print(f.__name__, repr(v), end=' '); t(f, v)
for v in (b'', b'abc', b'abcd', b'abcde', 'abcd', None, bytearray(b'\x7f\0\0\1'), memoryview(b'\1\2\3\4'), 5): t(socket.inet_ntoa, v); t(socket.inet_ntop, socket.AF_INET, v)
for v in ('1.2.3.4', '1.2.3', '1.2.3.4 ', ' 1.2.3.4', '01.2.3.4', '1.2.3.256', '', 'a', '::1', None, 5, b'1.2.3.4', '1.2.3.4\n', '1.2.3.4 x', '1.2.3.4x'): t(socket.inet_aton, v); t(socket.inet_pton, socket.AF_INET, v)
