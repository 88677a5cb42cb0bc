"""`make lab`: open the lessons in JupyterLab, where people write in them.

Jupyter refuses to start for root, the user who may do everything. In a container everybody is root,
so it is started all the same, with one line about it. It also does not start where the environment
names a SOCKS proxy and the package for that is missing; JupyterLab needs no proxy to open lessons.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from course.common import ROOT, on_path, run, say
from course.learner import LEARNER

START = LEARNER / '00_start_here.ipynb'


def prepare(env, root, socks):
    """The command that opens the lessons, its environment, and what to tell; `root` says whether
    this is root, `socks` whether Python can use a SOCKS proxy."""
    command, told = [sys.executable, '-m', 'jupyter', 'lab', START.relative_to(ROOT).as_posix()], []
    env = dict(env)
    on_path(env, 'PATH', Path(sys.executable).parent)
    if root:
        command.append('--allow-root')
        told.append(
            'You are root, who may do everything here, and so may every notebook. In a container'
            ' that is usual; on your own computer, better use your own account.'
        )
    proxies = [
        name
        for name, value in env.items()
        if name.lower().endswith('_proxy') and value.lower().startswith('socks')
    ]
    if proxies and not socks:
        for name in proxies:
            del env[name]
        told.append(
            f'{", ".join(sorted(proxies))}: JupyterLab does not know SOCKS proxies, and opens'
            ' without it. The lessons need no network.'
        )
    return command, env, told


def main(argv=None):
    argparse.ArgumentParser(
        prog='python -m course.lab', description='Open the lessons in JupyterLab.'
    ).parse_args(argv)
    command, env, told = prepare(
        os.environ,
        root=hasattr(os, 'geteuid') and os.geteuid() == 0,
        socks=bool(importlib.util.find_spec('socksio')),
    )
    for line in told:
        say(line)
    sys.stdout.flush()
    if os.name == 'nt':
        return subprocess.run(command, cwd=ROOT, env=env).returncode
    os.chdir(ROOT)
    os.execve(command[0], command, env)


if __name__ == '__main__':
    run(main)
