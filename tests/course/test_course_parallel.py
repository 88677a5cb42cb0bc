"Two notebooks at a time, and what a process needs."

import subprocess
import sys
import threading
import time

import pytest

from course import parallel
from course.usage import Usage


def played(jobs, monkeypatch, workers=2):
    "Run jobs {name: (seconds, MB)}; (names in the order they began, sets that ran together)."
    monkeypatch.setattr(parallel, 'workers', lambda: workers)
    began, together, running, lock = [], [], set(), threading.Lock()

    def act(name):
        with lock:
            began.append(name)
            running.add(name)
            together.append(set(running))
        time.sleep(0.05)
        with lock:
            running.remove(name)
        return name.upper()

    ended = dict(
        parallel.side_by_side(
            jobs, act, seconds=lambda name: jobs[name][0], memory_mb=lambda name: jobs[name][1]
        )
    )
    assert ended == {name: name.upper() for name in jobs}
    return began, together


def test_the_longest_begins_and_two_run_at_a_time(monkeypatch):
    began, together = played({'a': (1, 0), 'b': (3, 0), 'c': (2, 0), 'd': (0, 0)}, monkeypatch)
    assert set(began[:2]) == {'b', 'c'} and began[-1] == 'd'
    assert max(map(len, together)) == 2


def test_no_two_that_need_much_memory(monkeypatch):
    much = parallel.MUCH + 1
    jobs = {'a': (3, much), 'b': (2, much), 'c': (1, 10), 'd': (0, much)}
    began, together = played(jobs, monkeypatch)
    assert set(began[:2]) == {'a', 'c'}
    assert all(len(names - {'c'}) < 2 for names in together)


def test_one_after_the_other_where_there_is_one_core(monkeypatch):
    began, together = played({'a': (1, 0), 'b': (2, 0)}, monkeypatch, workers=1)
    assert began == ['b', 'a'] and max(map(len, together)) == 1


def test_an_error_is_not_lost(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        list(parallel.side_by_side([1], lambda _: 1 / 0, seconds=float, memory_mb=float))


def test_what_a_process_needs_is_measured():
    code = """
import subprocess, sys, time
held = bytearray(200_000_000)
inner = 'n = sum(i * i for i in range(6_000_000)); import time; time.sleep(5)'
child = subprocess.Popen([sys.executable, '-c', inner])
print(sum(i * i for i in range(6_000_000)), flush=True)
time.sleep(30)
"""
    with subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE) as going:
        usage = Usage(going.pid)
        going.stdout.readline()
        time.sleep(1)
        usage.stop()
        going.kill()
    assert usage.memory_mb > 200
    assert usage.processor > 0.2


def test_every_process_has_one_thread():
    code = 'import torch; print(torch.get_num_threads())'
    command = [sys.executable, '-c', code]
    done = subprocess.run(command, capture_output=True, text=True)  # tests have it, and hand it on
    assert done.stdout.strip() == '1', done.stdout + done.stderr
