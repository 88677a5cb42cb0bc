"""A hub with learners for the tests: real accounts under names that no machine has, in a folder of
its own, taken away afterwards; and what each learner's processes used.

Where there is no root or no Node.js a test skips and says so; in CI (environment variable CI) it
fails instead.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import pytest
from browser import chromium
from nbformat.v4 import new_code_cell, new_notebook

from course import hub, hub_accounts
from course.common import ROOT, Complaint
from course.hub_place import Place

ADMIN = 'whole-game-t0'


def learner(n):
    return f'whole-game-t{n}'


def needed():
    "Skip the test (in CI: fail it) where a hub cannot be."
    try:
        hub.check_system()
        hub.fetch_proxy()
    except Complaint as why:
        (pytest.fail if os.environ.get('CI') else pytest.skip)(f'No hub here: {why}')


class Room:
    "A hub that is open: `address`, its `place`, and what people need to come in."

    def __init__(self, place, port, n):
        self.place, self.address = place, f'http://127.0.0.1:{port}'
        self.names = [learner(i) for i in range(1, n + 1)]

    def password(self, name):
        return hub_accounts.known_passwords(self.place.passwords)[name]

    def home(self, name):
        return self.place.home / name / hub_accounts.LESSONS

    def put(self, name, file, code):
        "Give a learner a notebook with one cell."
        kernel = {'name': 'python3', 'display_name': 'Python 3', 'language': 'python'}
        nb = new_notebook(cells=[new_code_cell(code)], metadata={'kernelspec': kernel})
        nbformat.write(nb, self.home(name) / file)
        one = hub_accounts.entry(name)
        os.chown(self.home(name) / file, one.pw_uid, one.pw_gid)

    def read(self, name, file):
        return nbformat.read(self.home(name) / file, 4)


def clear_left_over():
    "Take away the accounts of a test that was ended in the middle."
    for i in range(100):
        one = hub_accounts.entry(learner(i))
        if one and one.pw_dir.startswith('/var/tmp/whole-game-hub-'):
            hub_accounts.end_processes(one.pw_uid)
            subprocess.run(['userdel', learner(i)], check=True)
            shutil.rmtree(Path(one.pw_dir).parent.parent, ignore_errors=True)


@contextlib.contextmanager
def room(n, *options):
    "Make a hub for `n` learners with the command that `make hub` runs, open it, and clear it away."
    needed()
    clear_left_over()
    folder = Path(tempfile.mkdtemp(prefix='whole-game-hub-', dir='/var/tmp'))
    place = Place(folder)
    names = folder / 'names.txt'
    names.write_text(''.join(f'{learner(i)}\n' for i in range(1, n + 1)))
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    command = [sys.executable, '-m', 'course.hub', '--place', folder, '--admin', ADMIN]
    more = ['--names', names, '--port', port, '--data', 'paintings', *options]
    said = folder / 'said.txt'
    env = {k: v for k, v in os.environ.items() if k != 'WHOLE_GAME_PROGRESS'}
    with open(said, 'w') as out:
        server = subprocess.Popen(
            [str(word) for word in command + more],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env=env,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + 300
        while 'The hub is open' not in said.read_text():
            assert server.poll() is None and time.monotonic() < until, said.read_text()
            time.sleep(0.5)
        one = Room(place, port, n)
        one.said = said
        yield one
    except BaseException as e:
        with contextlib.suppress(OSError):
            e.add_note('The hub said:\n' + place.log.read_text()[-4000:])
        raise
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(120)
        gone = subprocess.run(
            [str(word) for word in [*command, '--remove', '--yes']],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        shutil.rmtree(folder)
        assert gone.returncode == 0, gone.stdout + gone.stderr
        assert not [i for i in range(n + 1) if hub_accounts.entry(learner(i))]


@contextlib.contextmanager
def pages(n):
    "A page for each of `n` people, who share nothing but the browser's program."
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium(), args=['--no-sandbox', '--disable-dev-shm-usage']
        )
        people = [browser.new_context().new_page() for _ in range(n)]
        try:
            yield people
        except Exception as e:
            for p in people:
                with contextlib.suppress(Exception):
                    e.add_note(f'{p.url} says:\n{p.locator("body").inner_text()[:1500]}')
            raise
        finally:
            browser.close()


def log_in(p, address, name, word):
    p.goto(f'{address}/hub/login')
    p.locator('#username_input').fill(name)
    p.locator('#password_input').fill(word)
    p.locator('#login_submit').click()


class Watch(threading.Thread):
    "Looks every second at what the processes of some accounts use, until `end` is called."

    def __init__(self, names):
        super().__init__(daemon=True)
        self.uids = {hub_accounts.entry(name).pw_uid: name for name in names}
        self.most, self.seconds = dict.fromkeys(names, 0), {}  # MB at most; {pid: (name, s)}
        self.together, self.over = 0, threading.Event()

    def run(self):
        tick = os.sysconf('SC_CLK_TCK')
        while not self.over.wait(1):
            now = dict.fromkeys(self.most, 0)
            for uid, name in self.uids.items():
                for pid in hub_accounts.processes(uid):
                    with contextlib.suppress(OSError, IndexError):
                        rollup = Path(f'/proc/{pid}/smaps_rollup').read_text()
                        now[name] += int(rollup.split('Pss:')[1].split()[0]) / 1000
                        stat = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
                        self.seconds[pid] = name, (int(stat[11]) + int(stat[12])) / tick
            for name, mb in now.items():
                self.most[name] = max(self.most[name], mb)
            self.together = max(self.together, sum(now.values()))

    def end(self):
        "For each name: (MB of memory at most, seconds of processor); and MB of all at most."
        self.over.set()
        self.join()
        each = {
            name: (round(mb), round(sum(s for who, s in self.seconds.values() if who == name)))
            for name, mb in self.most.items()
        }
        return each, round(self.together)


def keep(file, figures):
    "Keep figures for docs/hub.md."
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(figures, indent=1) + '\n')
