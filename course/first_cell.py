"""The first cells of a lesson on Google Colab, which install the course there, and what they know
of pyproject.toml.

No lesson in nbs/ has them: `make colab` (course/colab.py) puts them into its copies. With an
address on GitHub under [project.urls] they install the wheel that was published there; without one
they look for the wheel beside the notebook and in Drive, and their code is course/colab_cell.py.
"""

import functools
import re
import tomllib
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell

from course.common import ROOT

BRANCH = 'learner'
PROSE = """**On Google Colab**, click into the grey box below and press the round ▶ at its left. It
installs the course on that computer, once. **On your own computer** there is nothing to do here:
read on."""
CODE = """# @title Install the course
import sys
from importlib.metadata import distributions

versions = [d.version for d in distributions(name='whole-game')]
if 'google.colab' in sys.modules and '{version}' not in versions:
    print('Installing the course on this Colab machine, once. It takes a minute or two.')
    %pip install --quiet "{what}\""""
IN_DRIVE = """Colab asks whether this notebook may look into your Google Drive. Say yes: the course
is there, in the folder that this notebook came from."""
FROM_WHEEL = Path(__file__).with_name('colab_cell.py')


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
    """The source of the code cell; `wanted` takes the place of what pip is asked for. Colab shows a
    cell that begins with a title as that title."""
    if wanted := wanted or what(root):
        return CODE.format(version=project(root)[0], what=wanted)
    _, _, source = FROM_WHEEL.read_text(encoding='utf-8').partition('"""\n\n')
    return f'# @title Install the course\n{source.strip().replace("0.0.0", project(root)[0])}'


def prose(root=ROOT):
    "The words above that cell."
    return PROSE if what(root) else f'{PROSE}\n\n{IN_DRIVE}'


def opened(nb, root=ROOT):
    "The same notebook with the two cells below its title."
    marked = {'tags': ['colab']}
    nb.cells[1:1] = [
        new_markdown_cell(prose(root), id='colab-words', metadata=marked),
        new_code_cell(code(root), id='colab', metadata=marked | {'cellView': 'form'}),
    ]
    return nb


def address(root=ROOT):
    """Where Colab finds the learner's copies: its address up to the file's name; '' while
    pyproject.toml names no repository."""
    repository = project(root)[1]
    return (
        f'https://colab.research.google.com/github/{repository}/blob/{BRANCH}/'
        if repository
        else ''
    )
