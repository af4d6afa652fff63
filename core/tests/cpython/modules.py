#: struct
import struct
print(struct.pack('!I', 5), struct.pack('<HhBb', 65535, -1, 255, -128), struct.pack('>q', -5), struct.pack('!4sI', b'ab', 7), struct.pack('5s', b'abcdefgh'), struct.pack('?xc', True, b'z'))
print(struct.unpack('!I', b'\0\0\0\5'), struct.unpack('<Hb', b'\xff\xff\xff'), struct.unpack('!4sI', b'ab\0\0\0\0\0\7'), struct.calcsize('!I4sH'), struct.calcsize('bI'), struct.calcsize('iq'), struct.calcsize('l'), struct.calcsize('<l'))
print(struct.unpack_from('!H', b'\0\1\0\2', 2), list(struct.iter_unpack('!H', b'\0\1\0\2')), struct.pack('d', 1.5), struct.unpack('f', struct.pack('f', 0.1)), struct.pack('!e', 1.5), struct.unpack('<3B', b'abc'), struct.pack('<2H', 1, 2), struct.pack('p', b'abc'), struct.pack('5p', b'abc'), struct.unpack('5p', b'\3abcd'))
s = struct.Struct('!HH')
print(s.pack(1, 2), s.unpack(b'\0\1\0\2'), s.size, s.format)
b = bytearray(6)
struct.pack_into('!H', b, 2, 513)
print(b, struct.pack(''), struct.unpack('', b''), struct.pack('3x'), struct.pack('@bi', 1, 2), struct.pack('=bi', 1, 2))
n = int.from_bytes(struct.pack('>Q', 2 ** 63), 'big')
print(n, struct.unpack('>Q', b'\xff' * 8), struct.pack('!Q', 18446744073709551615))
#: struct errors
import struct
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: struct.pack('I')); t(lambda: struct.pack('I', 1, 2)); t(lambda: struct.pack('I', 'a')); t(lambda: struct.pack('I', -1)); t(lambda: struct.pack('B', 256)); t(lambda: struct.pack('b', 200)); t(lambda: struct.pack('H', 70000)); t(lambda: struct.pack('h', 70000)); t(lambda: struct.pack('I', 2 ** 32)); t(lambda: struct.pack('<i', 2 ** 31)); t(lambda: struct.pack('q', 2 ** 63)); t(lambda: struct.pack('Q', -1)); t(lambda: struct.pack('s', 'a')); t(lambda: struct.pack('c', b'ab')); t(lambda: struct.pack('f', 'a')); t(lambda: struct.pack('z', 1)); t(lambda: struct.pack('5', 1)); t(lambda: struct.pack('I', 1.5)); t(lambda: struct.pack(5))
t(lambda: struct.unpack('I', b'abc')); t(lambda: struct.unpack('!H', b'')); t(lambda: struct.unpack('I', 'abcd')); t(lambda: struct.unpack_from('I', b'abc')); t(lambda: struct.unpack_from('I', b'abcdef', 4)); t(lambda: struct.unpack('I')); t(lambda: struct.calcsize('y')); t(lambda: struct.pack_into('I', bytearray(2), 0, 1)); t(lambda: struct.pack_into('I', b'abcd', 0, 1)); t(lambda: struct.error('x'))
struct.unpack('!I', b'\0')
#: address functions
import socket
print(socket.inet_aton('127.0.0.1'), socket.inet_aton('10.1'), socket.inet_aton('0x7f.1'), socket.inet_aton('010.0.0.1'), socket.inet_ntoa(b'\x7f\0\0\1'), socket.inet_pton(socket.AF_INET, '1.2.3.4'), socket.inet_ntop(socket.AF_INET, b'\1\2\3\4'), socket.inet_pton(socket.AF_INET6, '::1'))
print(socket.htons(80), socket.ntohs(20480), socket.htonl(1), socket.ntohl(16777216), socket.htons(0), socket.htonl(2 ** 32 - 1))
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: socket.inet_aton('nope')); t(lambda: socket.inet_aton('256.0.0.1')); t(lambda: socket.inet_aton('')); t(lambda: socket.inet_aton(5)); t(lambda: socket.inet_ntoa(b'abc')); t(lambda: socket.inet_ntoa('1.2.3.4')); t(lambda: socket.inet_ntoa(b'abcde')); t(lambda: socket.inet_pton(socket.AF_INET, '1.2.3')); t(lambda: socket.inet_pton(99, '1.2.3.4')); t(lambda: socket.inet_ntop(socket.AF_INET, b'abc'))
t(lambda: socket.htons(70000)); t(lambda: socket.htons(-1)); t(lambda: socket.htons('a')); t(lambda: socket.htonl(2 ** 32)); t(lambda: socket.htonl(-1)); t(lambda: socket.htonl('a')); t(lambda: socket.ntohl(2 ** 70)); t(lambda: socket.getservbyname('nope')); t(lambda: socket.getservbyname('http', 'nope')); t(lambda: socket.getservbyport(1234567)); t(lambda: socket.getservbyname(5)); t(lambda: socket.gethostbyname(5)); t(lambda: socket.getprotobyname('tcp')); t(lambda: socket.getprotobyname('nope'))
#: constants
import socket
from socket import AF_INET, SOCK_STREAM, SOCK_DGRAM, SOL_SOCKET, SO_REUSEADDR, IPPROTO_TCP, TCP_NODELAY, SHUT_WR
print(AF_INET, SOCK_STREAM, SOCK_DGRAM, SOL_SOCKET, SO_REUSEADDR, IPPROTO_TCP, TCP_NODELAY, SHUT_WR, repr(AF_INET), repr(SOCK_DGRAM), AF_INET == 2, AF_INET + 1, f'{AF_INET}', '%d' % SOCK_STREAM, {AF_INET: 1}[2], AF_INET.name, SOCK_STREAM.value, int(AF_INET), isinstance(AF_INET, int), type(AF_INET).__name__)
print(socket.SO_BROADCAST, socket.SO_RCVBUF, socket.SO_SNDBUF, socket.SO_KEEPALIVE, socket.SO_LINGER, socket.SO_REUSEPORT, socket.SO_ERROR, socket.SO_TYPE, socket.INADDR_ANY, socket.INADDR_BROADCAST, socket.MSG_PEEK, socket.MSG_WAITALL, socket.MSG_DONTWAIT, socket.SHUT_RD, socket.SHUT_RDWR, socket.SOL_TCP, socket.IP_TTL, socket.EAI_NONAME, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_MAXSEG, socket.TCP_CORK, socket.TCP_QUICKACK, socket.TCP_USER_TIMEOUT)
#: files
with open('t.txt', 'w') as f:
    print(f.write('one\n'), f.write('two\nthree'), f.tell(), f.name, f.mode, f.closed, f.writable(), f.readable())
print(open('t.txt').read(), open('t.txt').readlines(), open('t.txt', 'rb').read())
with open('t.txt') as f:
    print(f.readline(), f.readline(), f.readline(), f.readline(), f.tell(), f.seek(0), f.read(5), f.read())
    for line in f: print('never')
with open('t.txt') as f:
    for i, line in enumerate(f): print(i, line.rstrip())
print([line.strip() for line in open('t.txt')], list(open('t.txt')), len(open('t.txt', 'rb').read()))
with open('t.txt', 'a') as f: f.write('\nfour'); f.writelines(['a', 'b'])
with open('t.txt', 'rb') as f: print(f.read(3), f.seek(-4, 2), f.read(), f.seek(2), f.read(1), f.tell())
with open('t.txt', 'r+') as f:
    f.write('ONE'); f.seek(0); print(f.read())
with open('t.txt', 'wb') as f: print(f.write(b'\x00\xff'), f.write(bytearray(b'x')))
print(open('t.txt', 'rb').read())
with open('t.txt', 'w', encoding='utf-8') as f: f.write('你好\r\nx')
print(repr(open('t.txt', encoding='utf-8').read()), open('t.txt', 'rb').read(), open('t.txt').read(2))
with open('t.txt', 'rb') as f:
    while True:
        chunk = f.read(4)
        if not chunk: break
        print(chunk)
print(f, f.closed)
#: file errors
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: open('missing.txt')); t(lambda: open('t.txt', 'q')); t(lambda: open('t.txt', 'rw')); t(lambda: open('t.txt', 'rbt')); t(lambda: open(5.5)); t(lambda: open('t.txt', 5))
f = open('t.txt', 'w')
t(lambda: f.read()); t(lambda: f.write(b'a')); t(lambda: f.write(5)); t(lambda: f.write())
f.close(); f.close()
t(lambda: f.write('a')); t(lambda: f.read())
f = open('t.txt', 'rb')
t(lambda: f.write(b'a')); t(lambda: open('t.txt', 'wb').write('a')); t(lambda: open('t.txt', 'x')); t(lambda: f.seek(-1)); t(lambda: f.foo)
with f: pass
t(lambda: f.read())
try: open('nope/x.txt')
except FileNotFoundError as e: print(e.errno, e.strerror, e.filename)
open('gone.txt')
#: os and os.path
import os
open('t.txt', 'w').close()
print(os.path.exists('t.txt'), os.path.exists('nope'), os.path.isfile('t.txt'), os.path.isdir('t.txt'), os.path.getsize('t.txt'), os.path.isdir('.'))
print(os.path.basename('/a/b.txt'), os.path.dirname('/a/b.txt'), os.path.split('a/b/c'), os.path.splitext('x.tar.gz'), os.path.splitext('.bashrc'), os.path.splitext('a.b/c'), os.path.join('a', 'b', '/c', 'd'), os.path.join('a/', 'b'), os.path.join('', 'a'), os.path.basename('a/'), os.path.dirname('a'), os.path.isabs('/a'))
os.rename('t.txt', 'u.txt')
print(os.path.exists('t.txt'), os.path.exists('u.txt'))
os.remove('u.txt')
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__ + ':', e)
t(lambda: os.remove('u.txt')); t(lambda: os.path.getsize('u.txt')); t(lambda: os.strerror(32)); t(lambda: os.path.join(5)); print(os.sep, os.linesep == '\n', os.name)
#: time formatting
import time
print(time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(0)), time.gmtime(86400 * 365).tm_year, time.gmtime(1700000000)[:6], time.gmtime(951782400), time.strftime('%a %b %d %j %y %I %p %%', time.gmtime(1000000000)))
t = time.gmtime(12345)
print(t.tm_hour, t.tm_min, t[5], len(t), time.gmtime(0) < time.gmtime(5) if False else '')
a = time.time(); time.sleep(0.01); b = time.time()
print(b > a, b - a < 5, time.monotonic() <= time.monotonic(), isinstance(time.time(), float), isinstance(time.time_ns(), int), time.perf_counter() >= 0)
try: time.sleep(-1)
except ValueError as e: print(e)
try: time.sleep('a')
except TypeError as e: print(e)
#: sys
import sys
print(sys.byteorder, sys.maxsize, sys.platform, sys.version_info[0], len(sys.argv), sys.getrecursionlimit())
sys.stdout.write('a'); sys.stdout.flush(); sys.stderr.write('err\n')
print(repr(sys.stdin.readline()), [line for line in sys.stdin.readlines()])
#: __name__
def main(): print('main runs')
if __name__ == '__main__':
    main()
