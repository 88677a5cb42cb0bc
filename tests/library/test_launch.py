"Scripts on several processes: real ones, and what goes wrong in them."

import os
import re
import subprocess
import sys
import time

import psutil
import pytest

from whole_game import launch as module
from whole_game.errors import CourseError
from whole_game.launch import launch

MEAN = """
import sys, torch
import torch.distributed as dist

dist.init_process_group('gloo')
rank, size = dist.get_rank(), dist.get_world_size()
t = torch.tensor([1.0 + 2 * rank, 10.0])
dist.all_reduce(t)
print(rank, size, (t / size).tolist(), torch.get_num_threads(), *sys.argv[1:])
dist.destroy_process_group()
"""
ONE_FAILS = """
import torch
import torch.distributed as dist

dist.init_process_group('gloo')
if dist.get_rank() == 1:
    1 / 0
dist.all_reduce(torch.ones(1))
"""
ONE_WAITS = """
import time, torch
import torch.distributed as dist

dist.init_process_group('gloo')
if dist.get_rank() == 0:
    dist.all_reduce(torch.ones(1))
time.sleep(1000)
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text, name='some.py'):
        (tmp_path / name).write_text(text)
        return name

    return write


def left():
    "The processes that still run one of these scripts."
    lines = [' '.join(one.info['cmdline'] or []) for one in psutil.process_iter(['cmdline'])]
    return [line for line in lines if re.search(rf'\bsome_{os.getpid()}\.py', line)]


def test_two_processes_take_the_mean_and_say_so_in_order(script, capsys):
    seconds = launch(script(MEAN), 'word', 7)
    assert seconds > 0
    assert capsys.readouterr().out == (
        '$ python -m torch.distributed.run --standalone --nproc_per_node 2 some.py word 7\n'
        'process 0: 0 2 [2.0, 10.0] 1 word 7\nprocess 1: 1 2 [2.0, 10.0] 1 word 7\n'
    )


def test_the_command_that_is_shown_works_when_it_is_typed(script, tmp_path):
    script(MEAN)
    command = f'{sys.executable} -m torch.distributed.run --standalone --nproc_per_node 2 some.py'
    done = subprocess.run(
        command.split(), cwd=tmp_path, capture_output=True, text=True, env=module._environment()
    )
    assert done.returncode == 0 and done.stdout.count('[2.0, 10.0]') == 2, done.stderr


def test_an_error_in_one_process_ends_the_other_and_is_told_in_words(script):
    name = script(ONE_FAILS, f'some_{os.getpid()}.py')
    start = time.monotonic()
    with pytest.raises(CourseError) as met:
        launch(name)
    assert met.value.what == (
        f'Process 1 of {name}, line 7 stopped with an error: ZeroDivisionError: division by zero'
    )
    assert 'ended, too' in met.value.why and time.monotonic() - start < 120
    assert not left()


def test_a_process_that_waits_in_vain_is_ended(script):
    name = script(ONE_WAITS, f'some_{os.getpid()}.py')
    with pytest.raises(CourseError, match='was not done after 25 seconds') as met:
        launch(name, seconds=25)
    assert 'equally often' in met.value.why and 'seconds=250' in met.value.do
    assert not left()


def test_one_process_runs_without_the_launcher(script, capsys):
    launch(script('import sys\nprint("alone", sys.argv[1:])'), 1, processes=1)
    assert capsys.readouterr().out == "$ python some.py 1\nalone ['1']\n"


@pytest.mark.parametrize(
    'text, what, why',
    [
        ('print(nowhere)', "some.py, line 1 stopped with an error: NameError: name 'nowhere'", ''),
        ('if True\n  pass', 'stopped with an error: SyntaxError', ''),
        ('import os\nos._exit(9)', r'ended early \(exit status 9\)', 'no word of Python'),
        ('raise ImportError("Accelerate is required")', 'needs accelerate', 'hands the work'),
        ('raise RuntimeError("Gloo connectFullMesh failed")', 'could not talk', 'firewall'),
    ],
)
def test_what_goes_wrong_in_one_process(script, text, what, why):
    with pytest.raises(CourseError, match=what) as met:
        launch(script(text), processes=1)
    assert why in met.value.why and met.value.do
    assert 'other processes' not in met.value.why


def test_a_peer_that_complains_is_not_the_first_to_fail(script):
    gone = 'Traceback (most recent call last):\nRuntimeError: [gloo] Connection closed by peer'
    mine = 'Traceback (most recent call last):\n  File "some.py", line 3\nValueError: mine'
    met = module._explained('some.py', 2, 300, 1, [gone, mine])
    assert met.what == 'Process 1 of some.py, line 3 stopped with an error: ValueError: mine'


def test_bad_calls_are_answered_in_words(script):
    with pytest.raises(CourseError, match='no script "none.py"'):
        launch('none.py')
    with pytest.raises(CourseError, match='0 processes cannot be started'):
        launch(script('pass'), processes=0)
    with pytest.raises(CourseError, match="'two' processes"):
        launch(script('pass'), processes='two')


def test_where_gloo_meets_is_the_loopback_unless_somebody_chose(monkeypatch):
    monkeypatch.delenv('GLOO_SOCKET_IFNAME', raising=False)
    for platform, name in (('linux', 'lo'), ('darwin', 'lo0'), ('win32', None)):
        monkeypatch.setattr(module.sys, 'platform', platform)
        env = module._environment()
        assert env.get('GLOO_SOCKET_IFNAME') == name
        assert env.get('USE_LIBUV') == ('0' if platform == 'win32' else os.environ.get('USE_LIBUV'))
    monkeypatch.setenv('GLOO_SOCKET_IFNAME', 'eth7')
    monkeypatch.setattr(module.sys, 'platform', 'linux')
    assert module._environment()['GLOO_SOCKET_IFNAME'] == 'eth7'
