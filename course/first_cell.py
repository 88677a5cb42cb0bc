"""The first cell of a lesson, which installs the course on Google Colab, and what it knows of
pyproject.toml.

The address and the version come from there ([project] version, and the GitHub address under
[project.urls], once there is one). The normal form writes both into every lesson (cells tagged
`colab`). Publishing the learner's copies is course/colab.py.
"""

import functools
import re
import tomllib

from course.common import ROOT

BRANCH = 'learner'
PROSE = """**On Google Colab**, click into the grey box below and press the round ▶ at its left. It
installs the course on that computer, once. **On your own computer** there is nothing to do here:
read on."""
CODE = """import sys
from importlib.metadata import distributions

versions = [d.version for d in distributions(name='whole-game')]
if 'google.colab' in sys.modules and '{version}' not in versions:
    print('Installing the course on this Colab machine, once. It takes a minute or two.')
    %pip install --quiet "{what}\""""
NOWHERE = """\
**On Google Colab** the course cannot be installed yet: it has no public address. **On your
own computer** the grey box below does nothing: read on."""
NO_CODE = """import sys

if 'google.colab' in sys.modules:
    print('This course has no public address yet, so Colab cannot install it.')
    print('Run it on your own computer: the README says how.')"""


@functools.cache
def project(root=ROOT):
    """The version in pyproject.toml, and the repository on GitHub as OWNER/NAME ('' while none is
    named)."""
    table = tomllib.loads((root / 'pyproject.toml').read_text(encoding='utf-8'))['project']
    found = (
        re.fullmatch(r'https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?', url)
        for url in table.get('urls', {}).values()
    )
    return table['version'], next((m[1] for m in found if m), '')


def wheel_name(root=ROOT):
    return f'whole_game-{project(root)[0]}-py3-none-any.whl'


def what(root=ROOT):
    """What pip is asked for on Colab: the wheel that was published beside the lesson; '' without an
    address. The package index is never asked: as long as the course is not in it, anybody might put
    another package there under its name."""
    repository = project(root)[1]
    return (
        f'whole-game[colab] @ https://github.com/{repository}/raw/{BRANCH}/{wheel_name(root)}'
        if repository
        else ''
    )


def code(root=ROOT, wanted=''):
    "The source of a lesson's first code cell; `wanted` takes the place of what pip is asked for."
    wanted = wanted or what(root)
    return CODE.format(version=project(root)[0], what=wanted) if wanted else NO_CODE


def prose(root=ROOT):
    "The words above that cell."
    return PROSE if what(root) else NOWHERE


def address(root=ROOT):
    """Where Colab finds the learner's copies: its address up to the file's name; '' while
    pyproject.toml names no repository."""
    repository = project(root)[1]
    return (
        f'https://colab.research.google.com/github/{repository}/blob/{BRANCH}/'
        if repository
        else ''
    )
