"""Denies the network to every Python that has this folder in PYTHONPATH (see course/offline.py).

An audit hook sees every attempt to connect or to look up a name and refuses all but this machine's
own addresses.
"""

import ipaddress
import sys


def own(host):
    "Whether `host` is this machine: its loopback, or no host at all."
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, '', 'localhost', 'localhost.localdomain'):
        return True
    try:
        return ipaddress.ip_address(host.split('%')[0]).is_loopback or host in ('0.0.0.0', '::')
    except ValueError:
        return False


def guard(event, args):
    if event in ('socket.connect', 'socket.sendto', 'socket.sendmsg'):
        address = args[1]
        # a Unix socket is a file on this machine
        if not isinstance(address, tuple) or own(address[0]):
            return
        where = address[0]
    elif event in ('socket.getaddrinfo', 'socket.gethostbyname', 'socket.gethostbyaddr'):
        if own(args[0]):
            return
        where = args[0]
    else:
        return
    raise OSError(
        101, f'The network is denied here (course/offline.py), and something asked for {where!r}'
    )


sys.addaudithook(guard)
