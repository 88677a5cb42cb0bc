"""`make newest`: `make test-all` with the versions that are installed; when something broke, the
text of an issue in build/issue.md.

Nothing in pyproject.toml is pinned but what is data or weights, so a fresh .venv holds the newest
of everything; the weekly build makes one. What the text says first is what changed since
locked/linux-py311.txt, because that is where to look. Text outputs are not compared strictly: with
other versions numbers differ in their last digits, and floors decide.
"""

import os
import platform
import re
import subprocess
import sys
from collections import deque
from importlib import metadata

from course.common import BUILD, ROOT, run, say, short

# lines of the log that go into the text
LOCK, ISSUE, TAIL = ROOT / 'locked' / 'linux-py311.txt', BUILD / 'issue.md', 80


def locked(path=LOCK):
    "The versions in the lock file: {name: version}."
    return (
        dict(re.findall(r'^([\w.-]+)==(\S+)', path.read_text(encoding='utf-8'), re.M))
        if path.exists()
        else {}
    )


def changed(known, have):
    """What differs between the locked versions and those installed, one line each; local parts such
    as +cpu do not count."""
    plain = lambda version: version.split('+')[0]
    return [
        f'{name} {known[name]} -> {have[name]}'
        for name in sorted(known.keys() & have.keys())
        if plain(known[name]) != plain(have[name])
    ]


def installed():
    return {
        re.sub(r'[-_.]+', '-', dist.name).lower(): dist.version
        for dist in metadata.distributions()
        if dist.name
    }


def text(log, different):
    "The issue, as Markdown, with a title in its first line."
    failed = next(
        (
            line.partition(':')[2].split(';')[0].strip()
            for line in reversed(log)
            if line.startswith('FAILED: ')
        ),
        'it ended early',
    )
    named = [line for line in log if re.match(r'FAILED (tests|nbs)/|\d\d_\w+: |ERROR ', line)][:20]
    fence = '````'
    return '\n'.join(
        [
            f'# Broken by newer versions: {failed}',
            '',
            (
                f'`make newest` failed on {platform.system()} {platform.machine()}, Python'
                f' {platform.python_version()}.'
            ),
            '',
            '## What is newer than when all was well',
            '',
            *(
                [f'- {line}' for line in different]
                or ['Nothing that locked/linux-py311.txt names: look at the machine.']
            ),
            '',
            *(
                ['## What failed', '', *[f'- `{line[:200]}`' for line in named], '']
                if named
                else []
            ),
            '## The end of the log',
            '',
            fence,
            *log[-TAIL:],
            fence,
            '',
            '## To see it',
            '',
            fence,
            'rm -rf .venv',
            'make newest',
            fence,
            '',
        ]
    )


def newest(command=(sys.executable, '-m', 'course.suite', '--all'), issue=ISSUE):
    """Run the suite, shown as it goes; write the issue's text when it fails. Returns the exit
    status."""
    issue.parent.mkdir(exist_ok=True)
    issue.unlink(missing_ok=True)
    log = deque(maxlen=5000)
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, 'WHOLE_GAME_STRICT': '0', 'PYTHONUNBUFFERED': '1'},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding='utf-8',
        errors='replace',
    ) as suite:
        for line in suite.stdout:
            say(line.rstrip('\n'))
            log.append(re.sub(r'\x1b\[[0-9;]*m', '', line.rstrip('\n')).replace(str(ROOT), '.'))
    if suite.returncode:
        issue.write_text(text(list(log), changed(locked(), installed())), encoding='utf-8')
        say(f'The text of an issue about it: {short(issue)}')
    return suite.returncode


if __name__ == '__main__':
    run(newest)
