"""The hub's folder: one environment and one set of data for a room, which learners read and root
alone writes.

The environment is a copy of .venv without the course's own tools and its lessons' solutions. Files
that root owns are not copied but get a second name, which takes seconds and no room. Where learners
may not look at the Python that .venv is made from (one in /root, say), it gets a copy, too.
"""

import grp
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from course.common import ROOT, Complaint, local_sets, prepare, say
from course.install import python_in

NOT_OURS = 'site-packages', 'test', 'dist-packages', '__pycache__'  # of Python's own folder
TURNS = 'whole_game_turns'  # what hub_turns.py is called in the learners' environment
KERNEL = f"c = get_config()  # noqa\nc.InteractiveShellApp.extensions = ['{TURNS}']\n"
NO_NEWS = {'@jupyterlab/apputils-extension:notification': {'fetchNews': 'false'}}
COMMAND = 'import sys\n\nfrom whole_game.cli import main\n\nsys.exit(main())\n'
TRIAL = 'import torch, fastai, jupyterhub, jupyterlab, whole_game.data; print("fine")'


class Place:
    "Where everything of a hub is, below one folder."

    def __init__(self, folder):
        self.folder = Path(folder)
        self.python, self.env = self.folder / 'python', self.folder / 'env'
        self.data, self.home = self.folder / 'data', self.folder / 'home'
        self.progress, self.archive = self.folder / 'progress', self.folder / 'archive'
        self.hub, self.run = self.folder / 'hub', self.folder / 'run'
        self.passwords, self.settings = self.hub / 'passwords.txt', self.hub / 'settings.json'
        self.log, self.lock = self.hub / 'hub.log', self.hub / 'running.lock'
        self.turns = self.run / 'turns.sock'

    def make(self):
        "Make the folders, each with the rights it needs."
        below = {self.data: 0o755, self.home: 0o711, self.run: 0o755, self.progress: 0o711}
        below |= {self.hub: 0o700, self.archive: 0o700}
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o755)
        for folder, rights in below.items():
            folder.mkdir(exist_ok=True)
            os.chmod(folder, rights)

    def variables(self):
        "What Python needs to be told in the learners' environment."
        path = f'{self.env}/bin:/usr/local/bin:/usr/bin:/bin'
        library = {'LD_LIBRARY_PATH': f'{self.python}/lib'} if self.python.exists() else {}
        return {'PATH': path, 'WHOLE_GAME_CACHE': str(self.data), **library}


def as_nobody(command, env):
    "Run a command as an account that may do nothing; what it did, or nothing where it may not."
    try:
        return subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            env=env,
            cwd='/',
            user='nobody',
            group='nogroup'
            if any(one.gr_name == 'nogroup' for one in grp.getgrall())
            else 'nobody',
            extra_groups=[],
        )
    except PermissionError:
        return None


def reachable(folder):
    "Complain when others may not pass through the folders above the hub's."
    for above in Path(folder).resolve().parents:
        if not above.exists() or above.stat().st_mode & 0o001:
            continue
        raise Complaint(
            f'Learners could not reach {folder}: {above} lets only its owner in.\n'
            'What to do now: say PLACE=/srv/whole-game, or another folder that everybody may reach.'
        )


def second_name(path, to):
    """The file once more, under another name where that is safe and possible, as a copy elsewhere:
    root's own, and readable by all."""
    about = os.lstat(path)
    safe = about.st_uid == 0 and not about.st_mode & 0o022 and about.st_mode & 0o004
    if safe or os.path.islink(path):
        try:
            return os.link(path, to, follow_symlinks=False)
        except OSError:  # another disk
            pass
    shutil.copy2(path, to, follow_symlinks=False)
    if not os.path.islink(to):
        os.chown(to, 0, 0)
        os.chmod(to, about.st_mode & 0o755 | 0o644)


def tree(folder, to, leave=lambda path: False):
    "A folder once more, its files under second names; `leave` says what stays away."
    for top, below, names in os.walk(folder):
        here = Path(to) / os.path.relpath(top, folder)
        here.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name in list(below):
            path = os.path.join(top, name)
            if leave(Path(path)):
                below.remove(name)
            elif os.path.islink(path):
                names.append(name)
        for name in names:
            if not leave(Path(top, name)) and not os.path.lexists(here / name):
                second_name(os.path.join(top, name), here / name)


def stamp(packages):
    "What an environment made now would hold, as a checksum."
    known = sorted((p.name, p.stat().st_mtime_ns) for p in packages.glob('*-info'))
    own = sorted((ROOT / 'whole_game').rglob('*'))
    own = [p for p in own if p.suffix in ('.py', '.toml', '.json') or p.parent.name == 'project']
    own += sorted((ROOT / 'course').glob('hub_*.py'))
    told = hashlib.sha256(json.dumps([sys.version, known]).encode())
    for path in own:
        if path.is_file():
            told.update(path.read_bytes())
    return told.hexdigest()


def environment(place):
    "Make the learners' environment, or make it anew when something in it has changed."
    packages = Path(sysconfig.get_path('purelib'))
    now, kept = stamp(packages), place.env / 'made.json'
    if kept.exists() and json.loads(kept.read_text()) == now:
        return
    say('Making the environment for learners, which they can read and not change.')
    base = python(place)
    if shutil.disk_usage(place.folder).free < 3e9:
        raise Complaint(f'There are less than 3 GB free for {place.folder}. Free some, and again.')
    aside = Path(tempfile.mkdtemp(dir=place.folder, prefix='.env-'))
    try:
        os.chmod(aside, 0o755)
        version = 'python{}.{}'.format(*sys.version_info)
        variables = {**os.environ, **place.variables()}
        command = [base, '-I', '-m', 'venv', '--without-pip', '--symlinks', aside]
        done = subprocess.run(command, capture_output=True, text=True, env=variables)
        if done.returncode:
            raise Complaint(f'The environment could not be made: {done.stderr or done.stdout}')
        site = aside / 'lib' / version / 'site-packages'
        own = lambda path: (
            path.parent == packages
            and (path.name in ('whole_game', '_virtualenv.pth') or '__editable__' in path.name)
        )
        tree(packages, site, own)
        for name in ('share', 'etc'):
            if (Path(sys.prefix) / name).is_dir():
                tree(Path(sys.prefix) / name, aside / name)
        shutil.copytree(
            ROOT / 'whole_game',
            site / 'whole_game',
            ignore=shutil.ignore_patterns('__pycache__'),
            copy_function=shutil.copyfile,
        )
        shutil.copyfile(ROOT / 'course' / 'hub_turns.py', site / f'{TURNS}.py')
        for file, words in {
            'etc/ipython/ipython_kernel_config.py': KERNEL,
            'share/jupyter/lab/settings/overrides.json': json.dumps(NO_NEWS),
            'bin/whole-game': f'#!{place.env}/bin/python\n{COMMAND}',
        }.items():
            (aside / file).parent.mkdir(parents=True, exist_ok=True)
            (aside / file).unlink(missing_ok=True)  # it may be the other name of a file of .venv
            (aside / file).write_text(words)
        (aside / 'bin' / 'whole-game').chmod(0o755)
        command = [python_in(aside), '-I', '-m', 'compileall', '-q', site / 'whole_game']
        subprocess.run([*command, site / f'{TURNS}.py'], env=variables)
        try_it(aside, place)
        (aside / 'made.json').write_text(json.dumps(now))
        if place.env.exists():
            place.env.rename(aside / 'old')
        aside.rename(place.env)
        shutil.rmtree(place.env / 'old', ignore_errors=True)
    except OSError as e:
        raise Complaint(f'The environment for learners could not be made: {e}') from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def python(place):
    "The Python that the environment is made from: the one of .venv, or its copy."
    found = Path(sys.base_prefix).resolve()
    inside = f'bin/python{sys.version_info[0]}.{sys.version_info[1]}'
    where = ['-I', '-c', 'import os, sys; print(os.path.realpath(sys.base_prefix))']
    done = as_nobody([found / inside, *where], {'PATH': '/usr/bin:/bin'})
    if done and done.stdout.strip() == str(found):
        return found / inside
    if not (place.python / inside).exists():
        say(f'Learners may not look into {found}, so Python gets a copy in {place.folder}.')
        aside = place.folder / '.python'
        shutil.rmtree(aside, ignore_errors=True)
        tree(found, aside, lambda path: path.name in NOT_OURS)
        aside.rename(place.python)
    return place.python / inside


def try_it(env, place):
    "Complain when an account that may do nothing cannot use the environment."
    done = as_nobody([python_in(env), '-c', TRIAL], place.variables())
    if not done or done.stdout.strip() != 'fine':
        said = done.stderr or done.stdout if done else 'the system does not let them start it.'
        raise Complaint(
            'Learners could not use the environment that I made for them:\n'
            f'{said.strip()[-1500:]}\n'
            'What to do now: delete .venv, type `make hub` again, and if it says the same, move the'
            ' course to /opt, where everybody may look.'
        )


def data(place, names):
    "Have the data ready, once for everybody; a set that root has elsewhere is taken from there."
    from whole_game.data import card, folder_of

    known = local_sets()
    names = names or known
    odd = [name for name in names if name not in known]
    if odd:
        raise Complaint(
            f'DATA={",".join(odd)}: there is no such set. There are {", ".join(known)}.'
        )
    elsewhere = {name: folder_of(card(name)) for name in names}
    os.environ['WHOLE_GAME_CACHE'] = str(place.data)
    for name, folder in elsewhere.items():
        to = folder_of(card(name))
        if not to.exists() and (folder / '.digest').exists() and folder != to:
            tree(folder.resolve(), to.with_name(f'.{to.name}.taken'))
            to.with_name(f'.{to.name}.taken').rename(to)
        if not to.exists():
            say(f'Preparing {name} (about {card(name).seconds:g} s).')
        prepare([name])
