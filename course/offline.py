"""Run a command with the network denied: `python -m course.offline -- COMMAND`.

On Linux, where the system allows it, in a network namespace of its own: nothing but its own
loopback is there, for any program. Elsewhere a guard inside Python (course/guard) refuses every
address but this machine's, also in kernels. It says which of the two it uses.
"""

import argparse
import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from course.common import Complaint, on_path, run, say

GUARD = Path(__file__).resolve().parent / 'guard'
NOWHERE = 'http://127.0.0.1:9'  # a proxy that is not there: other programs' downloads fail at once
RAISE_LOOPBACK = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    request = struct.pack('16sH14s', b'lo', 0, b'')
    # SIOCGIFFLAGS, then SIOCSIFFLAGS with IFF_UP
    flags = struct.unpack('16sH14s', fcntl.ioctl(s, 0x8913, request))[1]
    fcntl.ioctl(s, 0x8914, struct.pack('16sH14s', b'lo', flags | 1, b''))
os.execvp(sys.argv[1], sys.argv[1:])
"""


def in_namespace(command):
    "The command wrapped so that it runs in a network namespace with loopback alone."
    flags = '-n' if os.geteuid() == 0 else '-rn'
    return ['unshare', flags, '--', sys.executable, '-S', '-c', RAISE_LOOPBACK, *command]


@functools.cache
def namespace_allowed():
    "Whether this system lets us make a network namespace; tried, not guessed."
    if not sys.platform.startswith('linux') or not shutil.which('unshare'):
        return False
    return (
        subprocess.run(
            in_namespace([sys.executable, '-S', '-c', '']), capture_output=True
        ).returncode
        == 0
    )


def prepare(command, env=None, guard=None):
    """The command and environment that deny the network, and how, in words; `guard=True` asks for
    the guard inside Python."""
    env = dict(os.environ if env is None else env)
    if not guard and namespace_allowed():
        return (
            in_namespace(command),
            env,
            'a network namespace of its own (only its own loopback is there)',
        )
    on_path(env, 'PYTHONPATH', GUARD)
    for name in ('http_proxy', 'https_proxy', 'all_proxy'):
        env[name] = env[name.upper()] = NOWHERE
    env['no_proxy'] = env['NO_PROXY'] = 'localhost,127.0.0.1,::1'
    return (
        list(command),
        env,
        (
            'a guard inside Python (this system allows no network namespace)'
            if not guard
            else 'a guard inside Python'
        ),
    )


def main(argv=None):
    argv = sys.argv[1:] if argv is None else argv
    cut = argv.index('--') if '--' in argv else len(argv)
    parser = argparse.ArgumentParser(
        prog='python -m course.offline', usage='%(prog)s [--guard] -- COMMAND'
    )
    parser.add_argument(
        '--guard',
        action='store_true',
        help='use the guard inside Python even where a namespace is allowed',
    )
    args, command = parser.parse_args(argv[:cut]), argv[cut + 1 :]
    if not command:
        raise Complaint('Say which command to run: python -m course.offline -- COMMAND')
    command, env, how = prepare(command, guard=args.guard)
    say(f'Network denied by {how}.')
    return subprocess.run(command, env=env).returncode


if __name__ == '__main__':
    run(main)
