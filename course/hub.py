"""`make hub`: a class on one server. JupyterHub for a room, each learner an account of the system.

It makes the accounts, a list of passwords that only root can read, one environment and one set of
data for all, and everybody's own copies of the lessons; then it opens the hub and stays until
Ctrl-C. A second time it keeps accounts, passwords and work. `make hub-remove` takes the accounts
away and moves what they left into an archive.

docs/hub.md is the page for whoever runs one; SECURITY.md says who can read what.
"""

import argparse
import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from course import hub_accounts as accounts
from course import hub_place, learner
from course.common import BUILD, ROOT, Complaint, on_path, run, say, short
from course.hub_limits import Groups, in_force
from course.hub_turns import AT_ONCE, TURN

PROXY = 'configurable-http-proxy@5.1.0'  # the last that Debian 12's Node.js can run
MODULES = BUILD / 'hub'  # where npm installs it
DEFAULT, PORT, MEMORY = '/srv/whole-game', 8000, 4.0
NEEDS = 1.6  # GB that a learner took at most in lesson 01: docs/hub.md
HERE = {'127.0.0.1', 'localhost', '::1'}
TERM_WHEN_ORPHANED = 'setpriv', '--pdeathsig', 'TERM'  # the hub ends when this process is gone


# --- may it run here?


def check_system():
    "Complain where there is no root, or no Linux."
    if not sys.platform.startswith('linux'):
        raise Complaint(
            'A hub needs Linux: it makes accounts of the system and sets limits for them.\n'
            'What to do now: use a Linux server; or let learners use laptops (`make lab`, `make'
            ' kit`).'
        )
    if os.geteuid() != 0:
        raise Complaint(
            'A hub needs root, the user who may do everything.\n'
            'Why: it makes an account for each learner and starts their notebooks with their'
            ' rights, so that nobody can read what is another\'s.\n'
            'What to do now: sudo make hub'
        )


def check_secure(host, cert, key):
    "Complain about a hub that others could reach without encryption, or a certificate of no use."
    if bool(cert) != bool(key):
        raise Complaint('A certificate has two files: say both, CERT=cert.pem KEY=key.pem.')
    if host not in HERE and not cert:
        raise Complaint(
            f'HOST={host} opens the hub to other computers, and that needs a certificate.\n'
            'Why: without one, passwords go over the network as everybody there can read them.\n'
            f'What to do now: make hub HOST={host} CERT=cert.pem KEY=key.pem. docs/hub.md says'
            ' where to get these two files. Without HOST, the hub is for this machine alone.'
        )
    if not cert:
        return
    for path in (cert, key):
        if not Path(path).is_file():
            raise Complaint(f'There is no file {path}. Say where it is: CERT=cert.pem KEY=key.pem')
    if os.stat(key).st_mode & 0o077:
        raise Complaint(
            f'Others than its owner can read the key {key}, and whoever has it can pretend to be'
            f' this server.\nWhat to do now: chmod 600 {key}'
        )
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=lambda: '')
    except (ssl.SSLError, OSError, ValueError) as e:
        raise Complaint(
            f'{cert} and {key} do not work as a certificate: {e}\n'
            'What to do now: see that both are PEM files, that they belong together, and that the'
            ' key has no password of its own.'
        ) from None


def check_port(host, port):
    "Complain about an address that cannot be had."
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as e:
        raise Complaint(
            f'The hub cannot listen on {host}, port {port}: {e.strerror or e}.\n'
            'Why: another program may listen there already, or the address is not one of this'
            ' machine.\n'
            f'What to do now: take another port: make hub PORT={port + 1}'
        ) from None


def fetch_proxy():
    "The command of the proxy that JupyterHub needs, a program for Node.js, fetched with npm once."
    program = MODULES / 'node_modules' / 'configurable-http-proxy' / 'bin' / PROXY.split('@')[0]
    node, npm = shutil.which('node'), shutil.which('npm')
    if not node or not npm and not program.exists():
        raise Complaint(
            'JupyterHub needs Node.js and npm, and they are not here.\n'
            'What to do now: apt-get install nodejs npm (or your system\'s command for it), and'
            ' again.'
        )
    if not program.exists():
        say(f'Fetching {PROXY}, which JupyterHub needs, into {short(MODULES)}.')
        MODULES.mkdir(parents=True, exist_ok=True)
        command = [npm, 'install', '--prefix', MODULES, '--no-fund', '--no-audit']
        done = subprocess.run(
            [*command, '--ignore-scripts', PROXY], capture_output=True, text=True, cwd=MODULES
        )
        if done.returncode or not program.exists():
            raise Complaint(
                f'npm could not fetch it: {(done.stderr or done.stdout).strip()[-800:]}\n'
                'What to do now: see that you are online, and type the command again.'
            )
    return [node, str(program)]


@contextlib.contextmanager
def alone(place):
    "Hold the hub's lock; complain when a hub of this folder is open."
    with open(place.lock, 'w') as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Complaint(
                f'The hub in {place.folder} is open.\n'
                'What to do now: close it first, with Ctrl-C in its terminal. Learners keep what'
                ' they saved.'
            ) from None
        yield


# --- the room


def furnish(place, names, admin, sets):
    "Make what is missing: environment, data, accounts, passwords, copies. Returns all names."
    place.make()
    hub_place.reachable(place.folder)
    everybody = sorted({*names, *accounts.ours(place.home)} - {admin})
    if not everybody:
        raise Complaint(
            'Say how many learners there are: make hub N=30. Or name them, one name a line in a'
            ' file: make hub NAMES=names.txt'
        )
    accounts.refuse_others([*everybody, admin], place.home)
    hub_place.environment(place)
    hub_place.data(place, sets)
    say(f'{len(everybody)} learners: accounts and copies of the lessons.')
    teacher = accounts.make(admin, place.home)
    files = learner.contents()
    for name in everybody:
        one = accounts.make(name, place.home)
        accounts.progress_folder(one, place.progress, teacher.pw_gid)
        kept = accounts.lay(one, accounts.LESSONS, files).count('your work')
        if kept:
            say(f'  {name}: newer versions lie beside {kept} files that were changed')
    accounts.progress_folder(teacher, place.progress, teacher.pw_gid)
    os.chown(place.progress, 0, teacher.pw_gid)
    os.chmod(place.progress, 0o751)  # learners pass through; the instructor may list it, too
    accounts.lay(teacher, accounts.LESSONS, files)
    accounts.lay(teacher, accounts.SOLUTIONS, learner.contents(instructor=True))
    new = accounts.give_passwords([*everybody, admin], place.passwords)
    if new:
        say(f'New passwords for {len(new)} accounts are in {place.passwords}.')
    return everybody


def free_ports(n):
    "Ports of this machine that nobody listens on."
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(n)]
        for one in found:
            one.bind(('127.0.0.1', 0))
        return [one.getsockname()[1] for one in found]


def settings(place, names, proxy, args):
    "What course/hub_config.py is told, written where only root can read it."
    processors = max(1, (os.cpu_count() or 1) // args.at_once)
    told = {
        'names': names,
        'admin': args.admin,
        'host': args.host,
        'port': args.port,
        'cert': str(Path(args.cert).resolve()) if args.cert else '',
        'key': str(Path(args.key).resolve()) if args.key else '',
        'ports': free_ports(2),
        'proxy': proxy,
        'hub': str(place.hub),
        'progress': str(place.progress),
        'turns': str(place.turns),
        'python': str(hub_place.python_in(place.env)),
        'variables': place.variables(),
        'group': group(place),
        'memory': args.memory,
        'processors': processors,
        'threads': processors,
        'at_once': args.at_once,
        'turn': args.turn,
    }
    place.settings.write_text(json.dumps(told, indent=1))
    return told


def group(place):
    return 'whole-game' + re.sub(r'[^\w-]', '_', str(place.folder)).rstrip('_')


# --- opening and closing


def answers(told):
    "Whether the hub answers."
    with contextlib.suppress(OSError):
        address = f'http://127.0.0.1:{told["ports"][0]}/hub/health'
        return urllib.request.urlopen(address, timeout=2).status == 200
    return False


def serve(place, told):
    "Open the hub and stay until somebody ends it; return its exit status."
    env = {**os.environ, 'WHOLE_GAME_HUB': str(place.settings)}
    on_path(env, 'PYTHONPATH', ROOT)
    for name in [name for name in env if name.lower().endswith('_proxy')]:
        del env[name]  # all it talks to is this machine
    config = ROOT / 'course' / 'hub_config.py'
    with open(os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 'a') as log:
        hub = subprocess.Popen(
            [*TERM_WHEN_ORPHANED, sys.executable, '-m', 'jupyterhub', '-f', str(config)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            cwd=place.hub,
            start_new_session=True,
        )
    ended = lambda *_: sys.exit(0)
    before = signal.signal(signal.SIGTERM, ended)
    try:
        until = time.monotonic() + 90
        while not answers(told):
            if hub.poll() is not None or time.monotonic() > until:
                last = place.log.read_text(errors='replace')[-1500:]
                raise Complaint(f'{last}\nThe hub did not open. All it said is in {place.log}.')
            time.sleep(0.3)
        tell(place, told)
        code = hub.wait()
        raise Complaint(f'The hub ended by itself ({code}). What it said is in {place.log}.')
    except (KeyboardInterrupt, SystemExit):
        say('\nClosing the hub and everybody\'s notebooks.')
    finally:
        close(hub)
        signal.signal(signal.SIGTERM, before)
    say('Closed. Accounts, passwords and saved work stay; `make hub` opens it again.')
    return 0


def close(hub):
    "End the hub, which ends everybody's server."
    with contextlib.suppress(KeyboardInterrupt):
        hub.terminate()
        try:
            hub.wait(90)
        except subprocess.TimeoutExpired:
            hub.kill()
            hub.wait()


def memory_here():
    "The memory of this machine, in GB."
    return os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30


def tell(place, told):
    scheme = 'https' if told['cert'] else 'http'
    host = socket.getfqdn() if told['host'] in ('0.0.0.0', '::') else told['host']
    address = f'{scheme}://{host}:{told["port"]}'
    n = len(told['names'])
    lines = [
        f'\nThe hub is open: {address}',
        f'  {n} learners; names and passwords, for you to print: {place.passwords}',
        f'  to restart a stuck server, as {told["admin"]}: {address}/hub/admin',
        f'  who is where: whole-game room {place.progress}',
        f'  {in_force(Groups(told["group"]), told["memory"], told["processors"])}',
        f'  trainings at a time: {told["at_once"]}; the others wait in a queue.',
    ]
    if n * NEEDS > memory_here():
        lines.append(
            f'  If all {n} train in one hour, they need up to {n * NEEDS:.0f} GB of memory, and'
            f' this machine has {memory_here():.0f}.'
        )
    say('\n'.join([*lines, 'Ctrl-C closes it.']))


def remove(place, names, sure):
    "Take accounts away, all or those named; what they left goes into the archive."
    there = accounts.ours(place.home)
    names = names or there
    odd = [name for name in names if name not in there]
    if odd or not names:
        raise Complaint(
            f'The hub in {place.folder} has no account '
            + (', '.join(odd) + '.' if odd else 'to remove.')
        )
    archive = place.archive / time.strftime('%Y-%m-%d-%H%M%S')
    say(f'This removes {len(names)} accounts: {", ".join(names)}')
    say(f'Their notebooks and files are not deleted. They go to {archive}, for root alone.')
    if not sure and input('Type yes to do it: ').strip() != 'yes':
        say('Nothing was changed.')
        return 1
    for name in names:
        places = {'home': place.home / name, 'progress': place.progress / name}
        accounts.remove(name, places, archive)
        Groups(group(place)).remove(name)
    accounts.forget_passwords(names, place.passwords)
    say(f'Removed. What they left is in {archive}.')


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.hub', description='Open a hub for a room, or remove one.'
    )
    parser.add_argument('--learners', default='', help='how many')
    parser.add_argument('--names', default='', help='a file with their names, one a line')
    parser.add_argument('--admin', default='instructor', help='the name of whoever instructs')
    parser.add_argument('--place', default=DEFAULT, help='the folder where it all is')
    parser.add_argument('--host', default='127.0.0.1', help='which address it listens on')
    parser.add_argument('--port', type=int, default=PORT)
    parser.add_argument('--cert', default='', help='a certificate, for HTTPS')
    parser.add_argument('--key', default='', help='its key')
    parser.add_argument('--memory', type=float, default=MEMORY, help='GB for each account')
    parser.add_argument('--at-once', type=int, default=AT_ONCE, help='trainings at a time')
    parser.add_argument('--turn', type=float, default=TURN, help='seconds, when others wait')
    parser.add_argument('--data', default='', help='which data sets to prepare (all)')
    parser.add_argument('--remove', action='store_true', help='take the accounts away')
    parser.add_argument('--yes', action='store_true', help='do not ask')
    args = parser.parse_args(argv)
    check_system()
    os.umask(0o022)
    place = hub_place.Place(Path(args.place).resolve())
    names = accounts.wanted(args.learners, args.names)
    accounts.check_name(args.admin, 'ADMIN')
    if args.admin in names:
        raise Complaint(f'{args.admin} instructs, and is on the list of learners, too. Say ADMIN=')
    if args.remove:
        if not place.hub.is_dir():
            raise Complaint(f'There is no hub in {place.folder}.')
        with alone(place):
            return remove(place, names, args.yes)
    if args.memory < 1 or args.at_once < 1 or args.turn < 1:
        raise Complaint('MEMORY is at least 1 (GB), AT_ONCE at least 1.')
    check_secure(args.host, args.cert, args.key)
    check_port(args.host, args.port)
    proxy = fetch_proxy()
    place.make()
    with alone(place):
        everybody = furnish(place, names, args.admin, args.data.replace(',', ' ').split())
        return serve(place, settings(place, everybody, proxy, args))


if __name__ == '__main__':
    run(main)
