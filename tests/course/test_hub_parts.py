"""The parts of a hub: turns, limits, names and passwords, what is refused, and what a second name
for a file may do. The hub itself is tried in a browser (tests/browser/test_hub.py)."""

import asyncio
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from course import hub, hub_accounts, hub_limits, hub_place, hub_turns
from course.common import Complaint

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason='only root can do this')


# --- turns


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Asking:
    "One who asks for a turn, and remembers what it was told."

    def __init__(self, queue, account):
        self.told, self.one = [], None
        self.queue, self.one = queue, (account, self.told.append)
        queue.ask(self.one)

    @property
    def last(self):
        return self.told[-1]

    def leave(self):
        self.queue.leave(self.one)


def test_two_have_a_turn_and_the_third_is_told_its_number():
    queue = hub_turns.Queue()
    first, second, third, fourth = (Asking(queue, n) for n in range(4))
    assert [first.last, second.last] == ['go', 'go']
    assert [third.last, fourth.last] == ['wait 1 2', 'wait 2 2']
    first.leave()
    assert [third.last, fourth.last] == ['go', 'wait 1 2']
    fourth.leave()
    third.leave()
    second.leave()
    assert not queue.waiting and not queue.running


def test_one_account_has_one_turn_and_others_pass_it():
    queue = hub_turns.Queue()
    mine, mine_too, other = Asking(queue, 1), Asking(queue, 1), Asking(queue, 2)
    assert [mine.last, mine_too.last, other.last] == ['go', 'wait 1 2', 'go']
    other.leave()
    assert mine_too.last == 'wait 1 1'
    mine.leave()
    assert mine_too.last == 'go'


def test_a_turn_ends_after_a_while_but_only_when_somebody_waits():
    queue = hub_turns.Queue(at_once=1, turn=60, clock=Clock())
    endless = Asking(queue, 1)
    queue.clock.now = 500
    queue.settle()
    assert endless.told == ['go']
    late = Asking(queue, 2)
    assert endless.last == 'pause' and late.last == 'go'
    # it goes to the end of the queue, and has its next turn after the other's
    again = Asking(queue, 1)
    queue.clock.now = 530
    queue.settle()
    assert again.last == 'wait 1 1'
    queue.clock.now = 561
    queue.settle()
    assert again.last == 'go' and late.last == 'pause'


def test_of_two_long_turns_the_older_ends_first():
    queue = hub_turns.Queue(at_once=2, turn=60, clock=Clock())
    older = Asking(queue, 1)
    queue.clock.now = 10
    newer = Asking(queue, 2)
    queue.clock.now = 100
    third = Asking(queue, 3)
    assert [older.last, newer.last, third.last] == ['pause', 'go', 'go']


def test_the_words_say_where_somebody_is():
    assert 'you are third in the queue. 2 others train' in hub_turns.in_words(3, 2)
    assert 'you are number 12 in the queue. One other trains' in hub_turns.in_words(12, 1)
    assert 'stop button' in hub_turns.in_words(1, 2)


@pytest.fixture
def everybodys():
    "A folder that other accounts can reach, which pytest's own is not."
    folder = Path(tempfile.mkdtemp(prefix='whole-game-hub-'))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def queue(everybodys):
    "A program that gives one turn at a time, of twelve seconds; gives the path of its socket."
    path = str(everybodys / 'turns.sock')
    command = [sys.executable, '-m', 'course.hub_turns', path, '--at-once', '1', '--turn', '12']
    with subprocess.Popen(command) as server:
        until = time.monotonic() + 30
        while not os.path.exists(path) and time.monotonic() < until:
            time.sleep(0.05)
        yield path
        server.terminate()


def test_a_killed_kernel_gives_its_turn_back(queue):
    hold = f'import socket, time; s = socket.socket(socket.AF_UNIX); s.connect({queue!r}); '
    hold += 'print(s.recv(99).decode(), flush=True); time.sleep(99)'
    with subprocess.Popen([sys.executable, '-c', hold], stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout.readline() == 'go\n'
        with socket.socket(socket.AF_UNIX) as other:
            other.settimeout(20)
            other.connect(queue)
            assert other.recv(99) == b'wait 1 1\n'
            one.kill()
            assert other.recv(99) == b'go\n'


# A kernel without a kernel: two cells of the real IPython, in a process of its own.
CELLS = """
import os, sys, time
from IPython.core.interactiveshell import InteractiveShell
from course import hub_turns

said = []
hub_turns.Shown.__call__ = lambda self, text: said.append(text)
shell = InteractiveShell.instance()
hub_turns.load_ipython_extension(shell)
"""
BUSY = "for _ in iter(lambda: time.process_time() < until, False): sum(range(10_000))"


def cells(path, code, **kw):
    env = {**os.environ, hub_turns.SOCKET: path, 'IPYTHONDIR': str(Path(path).parent / 'ipython')}
    return subprocess.run(
        [sys.executable, '-c', CELLS + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env=env,
        timeout=100,
        **kw,
    )


def test_a_long_cell_waits_and_goes_on_and_a_short_one_never_asks(queue):
    "Somebody has the only turn; it ends after twelve seconds."
    with socket.socket(socket.AF_UNIX) as first:
        first.connect(queue)
        assert first.recv(99) == b'go\n'
        done = cells(
            queue,
            f"""
            hub_turns.FIRST = 0.3
            shell.user_ns['time'] = time
            shell.run_cell('time.sleep(1); x = 1')
            print(len(said))
            os.setuid(65534) if os.geteuid() == 0 else None
            shell.run_cell('until = time.process_time() + 1\\n{BUSY}\\ny = 2')
            print('y' in shell.user_ns)
            print(*said, sep='|')
            """,
        )
    short, long, words = done.stdout.splitlines()
    assert short == '0'
    if os.geteuid() == 0:  # the same account would wait until the other's turn is over for good
        assert long == 'True' and 'you are next' in words, done
        assert 'seconds for its turn.' in words


def test_the_stop_button_ends_the_wait(queue):
    with socket.socket(socket.AF_UNIX) as first:
        first.connect(queue)
        first.recv(99)
        done = cells(
            queue,
            f"""
            import signal, threading
            hub_turns.FIRST = 0.3
            shell.user_ns['time'] = time
            stop = threading.Timer(2.5, os.kill, (os.getpid(), signal.SIGINT))
            stop.start()
            result = shell.run_cell('until = time.process_time() + 60\\n{BUSY}')
            print(type(result.error_in_exec).__name__, len(said))
            print(shell.run_cell('1 + 1').result)
            """,
        )
    assert done.stdout.splitlines()[-3:] in (['KeyboardInterrupt 1', 'Out[1]: 2', '2'],) or (
        'KeyboardInterrupt 1' in done.stdout and done.stdout.endswith('2\n')
    ), done


def test_without_a_queue_nobody_waits(tmp_path):
    code = f"""
        hub_turns.FIRST = 0.2
        shell.user_ns['time'] = time
        print(shell.run_cell('until = time.process_time() + 1\\n{BUSY}\\n7').success, said)
        """
    assert 'True []' in cells(str(tmp_path / 'nothing.sock'), code).stdout


def test_used_up_memory_is_explained(tmp_path, monkeypatch):
    code = """
        os.environ['WHOLE_GAME_MEMORY'] = '4'
        shell.run_cell('raise MemoryError')
        shell.run_cell('raise RuntimeError("other")')
        """
    said = cells(str(tmp_path / 'nothing.sock'), code).stdout
    assert said.count('The memory is used up.') == 1 and 'everybody has 4 GB of it' in said


# --- limits


def test_version_2_of_control_groups(tmp_path):
    "On an imitation: this machine has the first version, or others are at work in the second."
    (tmp_path / 'cgroup.controllers').write_text('cpu memory')
    groups = hub_limits.Groups('whole-game_x', tmp_path)
    assert groups.make('anna', 2, 1.5) == (['memory', 'cpu'], [])
    here = tmp_path / 'whole-game_x'
    assert (here / 'anna' / 'memory.max').read_text() == str(2 * 2**30)
    assert (here / 'anna' / 'cpu.max').read_text() == '150000'
    assert (here / 'cgroup.subtree_control').read_text() == '+memory +cpu'
    groups.enter('anna')
    assert (here / 'anna' / 'cgroup.procs').read_text() == str(os.getpid())


def test_limits_that_the_system_does_not_keep_are_named(tmp_path):
    (tmp_path / 'memory').write_text('no folder')
    (tmp_path / 'cpu').write_text('no folder')
    said = hub_limits.in_force(hub_limits.Groups('x', tmp_path), 4, 2)
    assert said.startswith('Limits in force: 3.6 GB of memory for a notebook.')
    assert 'Not for a whole account' in said


@ROOT_ONLY
def test_an_account_that_takes_too_much_memory_is_stopped_by_the_system():
    groups = hub_limits.Groups('whole-game-test')
    try:
        if 'memory' not in groups.make('one', 0.2, 1)[0]:
            pytest.skip('this system limits no memory for accounts')
        code = 'import sys; x = bytearray(int(sys.argv[1]) * 2**20); print(len(x))'
        enter = lambda: groups.enter('one')
        for mb, fine in (('20', True), ('400', False)):
            done = subprocess.run([sys.executable, '-c', code, mb], preexec_fn=enter)
            assert (done.returncode == 0) is fine
        assert done.returncode == -signal.SIGKILL
    finally:
        groups.remove('one')


def test_a_notebook_that_takes_too_much_gets_an_error_and_lives():
    code = """
    from course.hub_limits import limit_data
    limit_data(0.5)
    try:
        bytearray(600 * 2**20)
    except MemoryError:
        print('alive', len(bytearray(100 * 2**20)))
    """
    done = subprocess.run(
        [sys.executable, '-c', textwrap.dedent(code)], capture_output=True, text=True
    )
    assert done.stdout == f'alive {100 * 2**20}\n', done


# --- names, passwords, refusals


def test_names_by_number_or_from_a_list(tmp_path):
    assert hub_accounts.wanted('3') == ['learner-01', 'learner-02', 'learner-03']
    (tmp_path / 'names.txt').write_text('anna\n\nben-m \n')
    assert hub_accounts.wanted('', str(tmp_path / 'names.txt')) == ['anna', 'ben-m']
    assert hub_accounts.wanted() == []


@pytest.mark.parametrize(
    'words, said',
    [
        ('Anna\n', "line 1: 'Anna' cannot be the name"),
        ('anna\nroot;rm\n', "line 2: 'root;rm' cannot"),
        ('anna\nanna\n', 'anna twice'),
        ('\n', 'has 0 names'),
        ('../x\n', 'cannot'),
        ('a' * 17, 'at most 16'),
    ],
)
def test_a_list_that_cannot_be_is_refused(tmp_path, words, said):
    (tmp_path / 'names.txt').write_text(words)
    with pytest.raises(Complaint, match=said.replace('.', r'\.')):
        hub_accounts.wanted('', str(tmp_path / 'names.txt'))


@pytest.mark.parametrize('number', ['0', '-1', '201', 'many'])
def test_a_number_that_cannot_be_is_refused(number):
    with pytest.raises(Complaint, match='from 1 to 200'):
        hub_accounts.wanted(number)


def test_an_account_of_the_system_is_left_alone(tmp_path):
    with pytest.raises(Complaint, match='called daemon on this system'):
        hub_accounts.refuse_others(['anna', 'daemon'], tmp_path)


def test_passwords_can_be_read_from_paper_and_are_never_the_same():
    words = {hub_accounts.password() for _ in range(200)}
    assert len(words) == 200 and not set('il1o0') & set(''.join(words))
    assert all(len(word) == 14 for word in words)


def test_a_hub_that_others_reach_needs_a_certificate(tmp_path):
    for host in ('0.0.0.0', '192.0.2.1', '::'):
        with pytest.raises(Complaint, match='needs a certificate'):
            hub.check_secure(host, '', '')
    hub.check_secure('127.0.0.1', '', '')
    with pytest.raises(Complaint, match='say both'):
        hub.check_secure('127.0.0.1', 'cert.pem', '')
    with pytest.raises(Complaint, match='no file'):
        hub.check_secure('0.0.0.0', str(tmp_path / 'cert.pem'), str(tmp_path / 'key.pem'))


def test_the_certificate_is_tried(tmp_path):
    if not shutil.which('openssl'):
        pytest.skip('no openssl here to make a certificate with')
    cert, key = tmp_path / 'cert.pem', tmp_path / 'key.pem'
    command = ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost']
    subprocess.run([*command, '-keyout', key, '-out', cert], check=True, capture_output=True)
    hub.check_secure('0.0.0.0', str(cert), str(key))
    key.chmod(0o644)
    with pytest.raises(Complaint, match='chmod 600'):
        hub.check_secure('0.0.0.0', str(cert), str(key))
    key.chmod(0o600)
    cert.write_text('no certificate')
    with pytest.raises(Complaint, match='do not work as a certificate'):
        hub.check_secure('0.0.0.0', str(cert), str(key))


def test_a_port_that_is_taken_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Complaint, match=f'make hub PORT={port + 1}'):
            hub.check_port('127.0.0.1', port)
    hub.check_port('127.0.0.1', port)
    with pytest.raises(Complaint, match='cannot listen on 192.0.2.1'):
        hub.check_port('192.0.2.1', 8000)


def test_without_root_it_says_what_to_type(monkeypatch):
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)
    with pytest.raises(Complaint, match='sudo make hub'):
        hub.check_system()


def test_without_node_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, 'which', lambda name: None)
    with pytest.raises(Complaint, match='apt-get install nodejs npm'):
        hub.fetch_proxy()


def test_a_second_hub_in_one_folder_is_refused(tmp_path):
    place = hub_place.Place(tmp_path)
    place.make()
    with hub.alone(place):
        with pytest.raises(Complaint, match='is open'):
            with hub.alone(place):
                pass
    with hub.alone(place):
        pass


def test_folders_that_learners_cannot_reach_are_refused(tmp_path):
    (tmp_path / 'closed').mkdir(mode=0o700)
    with pytest.raises(Complaint, match='PLACE=/srv/whole-game'):
        hub_place.reachable(tmp_path / 'closed' / 'hub')


# --- files


@ROOT_ONLY
def test_a_second_name_only_for_what_root_alone_can_change(tmp_path):
    os.chmod(tmp_path, 0o755)
    other = pwd.getpwnam('nobody').pw_uid
    for name, owner, mode in (
        ('safe', 0, 0o644),
        ('theirs', other, 0o644),
        ('writable', 0, 0o666),
        ('secret', 0, 0o600),
    ):
        path, to = tmp_path / name, tmp_path / f'{name}-2'
        path.write_text(name)
        os.chown(path, owner, 0)
        path.chmod(mode)
        hub_place.second_name(path, to)
        about = to.stat()
        assert (about.st_ino == path.stat().st_ino) is (name == 'safe')
        assert about.st_uid == 0 and about.st_mode & 0o777 == 0o644 and to.read_text() == name


@ROOT_ONLY
def test_what_is_written_in_a_home_is_written_with_its_owners_rights(everybodys):
    "A link that a learner laid leads to a file of root's, and root's file stays as it is."
    secret, home = everybodys / 'secret', everybodys / 'home'
    secret.write_text('as it is')
    home.mkdir()
    nobody = pwd.getpwnam('nobody')
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    one = pwd.struct_passwd(('nobody', 'x', nobody.pw_uid, nobody.pw_gid, '', str(home), ''))
    hub_accounts.lay(one, 'lessons', {'a.md': b'as it is'})
    assert (home / 'lessons' / 'a.md').stat().st_uid == nobody.pw_uid
    (home / 'lessons' / 'a.md').unlink()
    (home / 'lessons' / 'a.md').symlink_to(secret)  # it looks like a copy that nobody changed
    with pytest.raises(Complaint, match='PermissionError'):
        hub_accounts.lay(one, 'lessons', {'a.md': b'new'})
    assert secret.read_text() == 'as it is'


@ROOT_ONLY
def test_accounts_come_and_go_and_nothing_is_lost(tmp_path):
    name, place = 'whole-game-u1', hub_place.Place(tmp_path)
    place.make()
    try:
        one = hub_accounts.make(name, place.home)
        assert hub_accounts.make(name, place.home).pw_uid == one.pw_uid  # a second time it stays
        home = place.home / name
        assert home.stat().st_mode & 0o777 == 0o700 and one.pw_shell.endswith('nologin')
        assert hub_accounts.ours(place.home) == [name]
        assert hub_accounts.give_passwords([name], place.passwords) == [name]
        word = hub_accounts.known_passwords(place.passwords)[name]
        assert hub_accounts.give_passwords([name], place.passwords) == []
        assert place.passwords.stat().st_mode & 0o777 == 0o600
        (home / 'work.txt').write_text('hours of it')
        os.chown(home / 'work.txt', one.pw_uid, one.pw_gid)
        sleeper = subprocess.Popen(['sleep', '99'], user=name)
        hub.remove(place, [], sure=True)
        assert sleeper.wait(20) == -signal.SIGTERM
        assert hub_accounts.entry(name) is None and not home.exists()
        assert not any(one.gr_name == name for one in grp.getgrall())
        (kept,) = place.archive.rglob('work.txt')
        assert kept.read_text() == 'hours of it' and kept.stat().st_uid == 0
        assert word not in place.passwords.read_text()
    finally:
        if hub_accounts.entry(name):
            subprocess.run(['userdel', name])


@ROOT_ONLY
def test_nothing_is_removed_without_a_yes(tmp_path, monkeypatch):
    monkeypatch.setattr(hub_accounts, 'ours', lambda homes: ['anna'])
    monkeypatch.setattr('builtins.input', lambda words: 'y')
    monkeypatch.setattr(hub_accounts, 'remove', lambda *a: pytest.fail('removed'))
    assert hub.remove(hub_place.Place(tmp_path), [], sure=False) == 1
    with pytest.raises(Complaint, match='no account ben'):
        hub.remove(hub_place.Place(tmp_path), ['ben'], sure=True)


def test_the_words_of_the_error_pages():
    "Every page that a learner can meet says why, and what to do."
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader

    theirs = FileSystemLoader(str(Path(sys.prefix) / 'share' / 'jupyterhub' / 'templates'))
    ours = FileSystemLoader(str(Path(hub.__file__).parent / 'hub_templates'))
    env = Environment(loader=ChoiceLoader([PrefixLoader({'templates': theirs}), ours, theirs]))
    blank = {'static_url': lambda *a, **kw: '', 'base_url': '/hub/', 'memory': '4'}
    for code in (403, 404, 424, 429, 500, 503, 418):
        page = env.get_template('error.html').render(status_code=code, parsed_scopes=[], **blank)
        assert 'Why:' in page and 'What to do now:' in page and f'<h1>{code}' not in page
    for failed in (True, False):
        page = env.get_template('not_running.html').render(failed=failed, **blank)
        assert 'Why:' in page and 'What to do now:' in page and 'Open my notebooks' in page


def test_the_queue_forgets_who_hangs_up(tmp_path):
    "Asking and leaving at once, many times, leaves nothing behind."

    async def many():
        listening = hub_turns.listen(str(tmp_path / 's'))
        task = asyncio.create_task(hub_turns.serve(listening, 1, 60))
        for _ in range(50):
            reader, writer = await asyncio.open_unix_connection(str(tmp_path / 's'))
            writer.close()
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / 's'))
        line = b''
        while line != b'go\n':
            line = await asyncio.wait_for(reader.readline(), 20)
        writer.close()
        task.cancel()

    asyncio.run(many())
