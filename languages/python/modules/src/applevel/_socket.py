# `_socket`: names, numbers and the conversion of addresses. Sockets themselves cannot be opened.
import errno
import os

error = OSError
timeout = TimeoutError


class herror(OSError):
    __module__ = 'socket'


class gaierror(OSError):
    __module__ = 'socket'


AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET = 1, 2, 3, 4, 5
SOCK_NONBLOCK, SOCK_CLOEXEC = 0o4000, 0o2000000
SOL_SOCKET, SOL_TCP, SOL_UDP, SOL_IP = 1, 6, 17, 0
SO_DEBUG, SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_DONTROUTE, SO_BROADCAST = 1, 2, 3, 4, 5, 6
SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_OOBINLINE, SO_LINGER, SO_REUSEPORT = 7, 8, 9, 10, 13, 15
SOMAXCONN = 4096
IPPROTO_IP, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6, IPPROTO_RAW = 0, 1, 6, 17, 41, 255
TCP_NODELAY, IPV6_V6ONLY = 1, 26
INADDR_ANY, INADDR_LOOPBACK, INADDR_BROADCAST, INADDR_NONE = 0, 0x7f000001, 0xffffffff, 0xffffffff
MSG_OOB, MSG_PEEK, MSG_DONTROUTE, MSG_TRUNC, MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL = 1, 2, 4, 0x20, 0x40, 0x100, 0x4000
SHUT_RD, SHUT_WR, SHUT_RDWR = 0, 1, 2
AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST, AI_V4MAPPED, AI_ALL, AI_ADDRCONFIG, AI_NUMERICSERV = 1, 2, 4, 8, 0x10, 0x20, 0x400
EAI_BADFLAGS, EAI_NONAME, EAI_AGAIN, EAI_FAIL, EAI_FAMILY, EAI_SERVICE = -1, -2, -3, -4, -6, -8
NI_NUMERICHOST, NI_NUMERICSERV, NI_NOFQDN, NI_NAMEREQD, NI_DGRAM = 1, 2, 4, 8, 16
has_ipv6 = True

_default_timeout = None


class socket:
    __slots__ = ()

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        raise OSError(errno.EAFNOSUPPORT, 'sockets are not supported yet')

    def close(self):
        pass

    def detach(self):
        return -1


SocketType = socket


def socketpair(*args):
    raise OSError(errno.EAFNOSUPPORT, 'sockets are not supported yet')


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    raise gaierror(EAI_AGAIN, 'names of hosts cannot be looked up')


def gethostbyname(host):
    raise gaierror(EAI_AGAIN, 'names of hosts cannot be looked up')


gethostbyaddr = gethostbyname_ex = gethostbyname


def gethostname():
    return os.uname().nodename


def getdefaulttimeout():
    return _default_timeout


def setdefaulttimeout(timeout):
    global _default_timeout
    if timeout is not None:
        timeout = float(timeout)
        if timeout < 0:
            raise ValueError('Timeout value out of range')
    _default_timeout = timeout


def close(fd):
    os.close(fd)


def _swap(name, size):
    def swap(x, /):
        if x < 0:
            raise OverflowError("can't convert negative value to unsigned int")
        if x >= 1 << 8 * size:
            raise OverflowError(f'{name}: Python int too large to convert to C {8 * size}-bit unsigned integer')
        return int.from_bytes(x.to_bytes(size, 'little'), 'big')
    swap.__name__ = swap.__qualname__ = name
    return swap


htons, ntohs, htonl, ntohl = _swap('htons', 2), _swap('ntohs', 2), _swap('htonl', 4), _swap('ntohl', 4)


def inet_aton(text):
    parts = text.split('.')
    try:
        numbers = [int(p, 8 if len(p) > 1 and p[0] == '0' and p[1] not in 'xX' else 0) for p in parts]
    except ValueError:
        raise OSError('illegal IP address string passed to inet_aton') from None
    # The last number stands for all bytes that are left.
    last = 256 ** (5 - len(numbers))
    if len(numbers) > 4 or any(not 0 <= n < 256 for n in numbers[:-1]) or not 0 <= numbers[-1] < last:
        raise OSError('illegal IP address string passed to inet_aton')
    return bytes(numbers[:-1]) + numbers[-1].to_bytes(5 - len(numbers), 'big')


def inet_ntoa(packed):
    if len(packed) != 4:
        raise OSError('packed IP wrong length')
    return '.'.join(map(str, bytes(packed)))


def inet_pton(family, text):
    import ipaddress
    try:
        if family == AF_INET:
            return ipaddress.IPv4Address(text).packed
        if family == AF_INET6:
            return ipaddress.IPv6Address(text).packed
    except ValueError:
        raise OSError('illegal IP address string passed to inet_pton') from None
    raise OSError(errno.EAFNOSUPPORT, 'Address family not supported by protocol')


def inet_ntop(family, packed):
    import ipaddress
    size = {AF_INET: 4, AF_INET6: 16}.get(family)
    if size is None:
        raise ValueError(f'unknown address family {family}')
    if len(packed) != size:
        raise ValueError('invalid length of packed IP address string')
    return str(ipaddress.ip_address(bytes(packed)))
