"""The accounts of a room: their names, their passwords, their folders, and their going away.

An account is one of the system, so the system keeps people apart. It is ours if its home is below
the hub's folder; any other is left alone. Nobody logs in with it but through the hub: its shell is
`nologin`. What lies in a home belongs to its learner, so whatever writes there does it with the
learner's rights (`as_account`): a link that a learner lays cannot lead root astray.
"""

import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from course.common import Complaint

NAME = re.compile(r'[a-z][a-z0-9]*(-[a-z0-9]+)*')
LONGEST, MOST = 16, 200  # letters of a name; accounts of a hub
LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'  # none that looks like another on paper
LESSONS, SOLUTIONS = 'lessons', 'solutions'  # in a home
SHARED = '/tmp', '/var/tmp', '/dev/shm'  # where everybody may leave files


def called(n):
    return f'learner-{n:02}'


def wanted(how_many='', file=''):
    "The names that were asked for: N of them, or those in a file, one a line."
    if how_many and file:
        raise Complaint('Say N=30 or NAMES=names.txt, not both.')
    if how_many:
        if not how_many.isdecimal() or not 1 <= int(how_many) <= MOST:
            raise Complaint(f'N={how_many}: write a number from 1 to {MOST}, such as N=30.')
        return [called(n) for n in range(1, int(how_many) + 1)]
    if not file:
        return []
    try:
        lines = Path(file).read_text(encoding='utf-8-sig').splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise Complaint(
            f'The list of names {file} could not be read ({getattr(e, "strerror", "") or e}).\n'
            'What to do now: write a text file with one name a line, and say NAMES=names.txt.'
        ) from None
    names = [line.strip() for line in lines]
    for n, name in enumerate(names, 1):
        if name:
            check_name(name, f'{file}, line {n}')
    names = [name for name in names if name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names or len(names) > MOST:
        raise Complaint(
            f'{file} has {", ".join(twice)} twice: give one of them another name.'
            if twice
            else f'{file} has {len(names)} names; a hub has 1 to {MOST}.'
        )
    return names


def check_name(name, where):
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise Complaint(
            f'{where}: {name!r} cannot be the name of an account.\n'
            f'Why: the system takes small letters a to z, digits and hyphens, a letter first, and'
            f' the hub at most {LONGEST} of them.\n'
            'What to do now: write such a name, for instance anna or anna-m.'
        )


def password():
    return '-'.join(''.join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def entry(name):
    "What the system knows of an account; nothing when there is none."
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(name)


def ours(homes):
    "The names of the accounts whose home is in the folder `homes`."
    return sorted(one.pw_name for one in pwd.getpwall() if Path(one.pw_dir).parent == Path(homes))


def refuse_others(names, homes):
    "Complain about a name that an account of the system has which is not ours."
    strangers = [name for name in names if entry(name) and name not in ours(homes)]
    if strangers:
        raise Complaint(
            f'There is an account called {", ".join(strangers)} on this system, and `make hub` did'
            ' not make it.\n'
            'Why: whoever it belongs to would share it with a learner, so I leave it alone.\n'
            'What to do now: give that learner another name (NAMES=names.txt; for the instructor'
            ' ADMIN=name).'
        )


def system(command, what, **kw):
    done = subprocess.run(command, capture_output=True, text=True, **kw)
    if done.returncode:
        raise Complaint(f'{what} did not work: {(done.stderr or done.stdout).strip()}')


def make(name, homes):
    "Make an account and its home, which nobody else may look into; one that is there stays."
    home = Path(homes) / name
    if not entry(name):
        nologin = shutil.which('nologin', path='/usr/sbin:/sbin:/usr/bin') or '/bin/false'
        command = ['useradd', '--home-dir', home, '--no-create-home', '--user-group']
        command += ['--shell', nologin, '--comment', 'The Whole Game', name]
        system([str(word) for word in command], f'Making the account {name}')
    made = entry(name)
    if not home.is_dir():
        home.mkdir(mode=0o700)
        os.chown(home, made.pw_uid, made.pw_gid)
    os.chmod(home, 0o700)
    return made


# --- passwords: in one list that only root can read


def known_passwords(file):
    "What the list says: {name: password}."
    if not file.exists():
        return {}
    pairs = (line.split() for line in file.read_text().splitlines() if not line.startswith('#'))
    return dict(pair for pair in pairs if len(pair) == 2)


def give_passwords(names, file):
    "Give a password to each account that the list has none for; return whose are new."
    known = known_passwords(file)
    new = {name: password() for name in names if name not in known}
    if new:
        lines = ''.join(f'{name}:{word}\n' for name, word in new.items())
        system(['chpasswd'], 'Setting the passwords', input=lines)
        text = '# Names and passwords of the hub. Only root can read this. Print it, cut it up.\n'
        text += ''.join(
            f'{name:{LONGEST}}  {word}\n' for name, word in sorted({**known, **new}.items())
        )
        aside = file.with_name(f'.{file.name}.part')
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as f:
            f.write(text)
        os.replace(aside, file)
    return list(new)


# --- what lies in a home


def as_account(one, act):
    "Call `act()` in a process with the rights of an account; return what it returned, as text."
    into, out = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(into)
            os.setgroups([])
            os.setgid(one.pw_gid)
            os.setuid(one.pw_uid)
            os.umask(0o027)
            said, code = act(), 0
        except Exception as e:
            said = f'{type(e).__name__}: {e}'
        with os.fdopen(out, 'w') as f:
            f.write(said or '')
        os._exit(code)
    os.close(out)
    with os.fdopen(into) as f:
        said = f.read()
    if os.waitpid(child, 0)[1]:
        raise Complaint(f'In the folder of {one.pw_name}: {said}')
    return said


def lay(one, folder, files):
    "Lay copies ({name: bytes}) into a folder of an account's home; what to tell, one line each."
    from course import learner

    return as_account(one, lambda: '\n'.join(learner.lay(Path(one.pw_dir) / folder, files)))


def progress_folder(one, progress, group):
    "The folder in which an account's progress is kept: its own, and its group may read it."
    folder = progress / one.pw_name
    folder.mkdir(exist_ok=True)
    os.chown(folder, one.pw_uid, group)
    os.chmod(folder, 0o2750)
    return folder


# --- and away again


def processes(uid):
    "The processes of an account."
    found = []
    for path in Path('/proc').glob('[0-9]*'):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == uid:
                found.append(int(path.name))
    return found


def end_processes(uid, patience=5):
    "End what still runs under an account of ours."
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for one in processes(uid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, sign)
        until = time.monotonic() + patience
        while processes(uid) and time.monotonic() < until:
            time.sleep(0.1)


def claim(path):
    "Make root the owner of a folder and all in it; links are not followed."
    for top, below, names in os.walk(path):
        for name in [*below, *names]:
            os.chown(os.path.join(top, name), 0, 0, follow_symlinks=False)
    os.chown(path, 0, 0, follow_symlinks=False)


def remove(name, places, archive):
    "Remove an account; what it left goes into a folder of the archive, which only root can read."
    one, kept = entry(name), archive / name
    end_processes(one.pw_uid)
    kept.mkdir(parents=True)
    for what, path in places.items():
        if path.exists():
            shutil.move(path, kept / what)
    for folder in map(Path, SHARED):
        for path in folder.iterdir() if folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if path.lstat().st_uid == one.pw_uid:
                    (kept / 'elsewhere').mkdir(exist_ok=True)
                    shutil.move(path, kept / 'elsewhere' / path.name)
    claim(kept)
    system(['userdel', name], f'Removing the account {name}')


def forget_passwords(names, file):
    "Take names off the list."
    if file.exists():
        lines = [
            line
            for line in file.read_text().splitlines(keepends=True)
            if line.split()[:1] not in [[name] for name in names]
        ]
        file.write_text(''.join(lines))
