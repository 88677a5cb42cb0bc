"""The network is really denied, in both ways: in a Python process and in a kernel. Loopback works.

Nothing is ever sent: 192.0.2.1 belongs to a range kept for documentation, and both ways refuse
before a packet is made. A listener outside the namespace proves that the namespace is another
network, and not merely an unplugged one.
"""

import json
import socket
import subprocess
import sys

import pytest
from course_fixtures import put, runnable

from course import offline
from course.common import ROOT

PROBE = """
import json, socket
def attempt(what):
    try: what(); return 'ok'
    except OSError as error: return f'refused: {error}'
mine = socket.socket(); mine.bind(('127.0.0.1', 0)); mine.listen()
answers = dict(
    loopback=attempt(lambda: socket.create_connection(mine.getsockname(), 2)),
    by_name=attempt(lambda: socket.getaddrinfo('localhost', 80)),
    away=attempt(lambda: socket.create_connection(('192.0.2.1', 80), 2)),
    plain=attempt(lambda: socket.socket().connect(('192.0.2.1', 80))),
    datagram=attempt(
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))
    ),
    name=attempt(lambda: socket.getaddrinfo('example.org', 80)))
"""
IN_KERNEL = (
    "import sys; from course.execute import execute; ran = execute(sys.argv[1]); print(ran.error or"
    " ran.nb.cells[2].outputs[0].text)"
)
WAYS = [
    pytest.param(
        False,
        id='namespace',
        marks=pytest.mark.skipif(
            not offline.namespace_allowed(), reason='this system allows no network namespace'
        ),
    ),
    pytest.param(True, id='guard'),
]


def ask(guard, *command):
    command, env, how = offline.prepare(command, guard=guard)
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1]), how


def verify(answers):
    assert answers['loopback'] == answers['by_name'] == 'ok'
    for what in ('away', 'plain', 'datagram', 'name'):
        assert answers[what].startswith('refused'), f'{what} got out'


@pytest.mark.parametrize('guard', WAYS)
def test_it_bites_in_a_process(guard):
    answers, how = ask(guard, sys.executable, '-c', PROBE + 'print(json.dumps(answers))')
    verify(answers)
    assert ('guard' in how) == guard
    if guard:
        assert 'denied here' in answers['away'] and 'example.org' in answers['name']


@pytest.mark.parametrize('guard', WAYS)
def test_it_bites_in_a_kernel(guard, tmp_path):
    path = put(runnable([PROBE + 'print(json.dumps(answers))']), tmp_path / 'probe.ipynb')
    verify(ask(guard, sys.executable, '-c', IN_KERNEL, str(path))[0])


@pytest.mark.skipif(
    not offline.namespace_allowed(), reason='this system allows no network namespace'
)
def test_the_namespace_is_another_network():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen()
        reach = (
            'import json, socket; print(json.dumps(socket.socket().connect_ex(("127.0.0.1",'
            f' {listener.getsockname()[1]}))))'
        )
        assert (
            subprocess.run(
                [sys.executable, '-c', reach], capture_output=True, text=True
            ).stdout.strip()
            == '0'
        )
        assert ask(False, sys.executable, '-c', reach)[0] != 0


def test_on_the_command_line():
    done = subprocess.run(
        [sys.executable, '-m', 'course.offline', '--', sys.executable, '-c', 'raise SystemExit(7)'],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 7 and 'Network denied by' in done.stdout
    done = subprocess.run(
        [sys.executable, '-m', 'course.offline'], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1 and 'Say which command' in done.stdout
