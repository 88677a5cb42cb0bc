"A lesson's first cell on Google Colab, and the copies that are published for it."

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from course import colab, first_cell, offline
from course.common import ROOT, lessons
from course.wheels import build_wheel
from course.install import python_in
from course.learner import strip

PROJECT = '[project]\nname = "whole-game"\nversion = "0.3.0"\n'
ADDRESS = (
    '[project.urls]\nHomepage = "https://example.org"\nRepository ='
    ' "https://github.com/some/course.git"\n'
)


def somewhere(tmp_path, more=''):
    "A project whose pyproject.toml names a version and perhaps an address."
    (tmp_path / 'pyproject.toml').write_text(PROJECT + more)
    return tmp_path


def test_without_an_address_the_cell_looks_for_the_wheel(tmp_path):
    root = somewhere(tmp_path)
    assert first_cell.what(root) == '' and first_cell.address(root) == ''
    assert first_cell.code(root).startswith('# @title')
    assert "NEEDED = '0.3.0'" in first_cell.code(root) and 'your Google Drive' in first_cell.prose(
        root
    )
    assert colab.linked('[a](01_a.ipynb)', root) == '[a](01_a.ipynb)'


def test_with_an_address_the_wheel_beside_the_lesson_is_installed(tmp_path):
    root = somewhere(tmp_path, ADDRESS)
    assert (
        first_cell.what(root) == 'whole-game[colab] @'
        ' https://github.com/some/course/raw/learner/whole_game-0.3.0-py3-none-any.whl'
    )
    assert (
        first_cell.address(root)
        == 'https://colab.research.google.com/github/some/course/blob/learner/'
    )
    assert (
        first_cell.code(root).startswith('# @title')
        and f'"{first_cell.what(root)}"' in first_cell.code(root)
        and "'0.3.0' not in" in first_cell.code(root)
        and 'installs the course' in first_cell.prose(root)
        and 'Drive' not in first_cell.prose(root)
    )


def test_links_lead_to_colab_and_to_the_repository(tmp_path):
    root = somewhere(tmp_path, ADDRESS)
    said = colab.linked(
        '[one](01_one.ipynb), [now](../docs/what_now.md#start), [out](https://x.org/01_a.ipynb),'
        ' ![](attachment:cover.jpg)',
        root,
    )
    assert (
        said
        == '[one](https://colab.research.google.com/github/some/course/blob/learner/01_one.ipynb),'
        ' [now](https://github.com/some/course/blob/main/docs/what_now.md#start),'
        ' [out](https://x.org/01_a.ipynb), ![](attachment:cover.jpg)'
    )


def test_the_folder(tmp_path):
    made = colab.publish(build_wheel(), tmp_path / 'learner')
    assert [name for name in made if name.endswith('.ipynb')] == [path.name for path in lessons()]
    assert {first_cell.wheel_name(), 'README.md', 'AGENTS.md'} <= set(made)
    page = (tmp_path / 'learner' / 'README.md').read_text(encoding='utf-8')
    assert all(f']({path.name})' in page for path in lessons()) and '{' not in page
    assert 'put it into your Google Drive' in page
    for path in lessons():
        copy = nbformat.read(str(tmp_path / 'learner' / path.name), 4)
        assert not any(
            {'solution', 'instructor'} & set(cell.metadata.get('tags', [])) for cell in copy.cells
        )
        assert not any(cell.get('outputs') for cell in copy.cells)
        title, words, cell, *rest = copy.cells
        assert (words.source, cell.source) == (first_cell.prose(), first_cell.code())
        mine = strip(nbformat.read(str(path), 4)).cells
        assert [c.id for c in [title, *rest]] == [c.id for c in mine]
        nbformat.validate(copy)
    assert colab.publish(build_wheel(), tmp_path / 'learner') == made  # a second time, the same


# --- the cell itself, in a fresh environment; the wheel is what it installs

SESSION = """
import sys, types
from IPython.testing.globalipapp import start_ipython
from pathlib import Path
shell = start_ipython()

def mount(place):
    print('MOUNTED')
    if not {drive!r}:
        raise ValueError('mount failed')
    Path(place).symlink_to({drive!r})

if {colab}:  # what Colab's own kernel has imported before the first cell
    sys.modules['google.colab'] = types.ModuleType('google.colab')
    sys.modules['google.colab'].drive = types.SimpleNamespace(mount=mount)
for again in range(2):
    print('RUN', again)
    ran = shell.run_cell({cell!r}, store_history=True)
    ran.raise_error()
print('END')
import importlib.util
found = importlib.util.find_spec('whole_game')
print(found and found.origin)
if found:
    from importlib.metadata import version
    from whole_game.quiz import quiz
    print(version('whole-game'), quiz('00', as_text=True) is None or 'quiz')
"""


@pytest.fixture(scope='module')
def environment(tmp_path_factory):
    """An environment as Colab's: a Jupyter, PyTorch and the rest are there (here: borrowed), the
    course is not."""
    env = tmp_path_factory.mktemp('colab') / 'env'
    # pip is borrowed, too: a venv's own brings an old setuptools
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', env], check=True)
    py = python_in(env)
    ask = lambda python: Path(
        subprocess.run(
            [python, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    here, site = ask(sys.executable), ask(py)
    borrowed = site.parent / 'borrowed'
    borrowed.mkdir()
    for path in here.iterdir():  # all but the course itself, and the paths that lead to this folder
        if not re.match(r'whole_game|__editable__', path.name) and path.suffix != '.pth':
            (borrowed / path.name).symlink_to(path)
    (site / 'borrowed.pth').write_text(f'{borrowed}\n')
    return py, site


@pytest.fixture
def fresh(environment):
    "Its Python, without the course that another test installed."
    py, site = environment
    for path in site.glob('whole_game*'):
        shutil.rmtree(path)
    return py


def tiny(folder, version='0.3.0', needs='pip'):
    "A wheel with nothing in it but a quiz; its extra for Colab asks for a package."
    name = f'whole_game-{version}'
    files = {
        'whole_game/__init__.py': '',
        'whole_game/quiz.py': 'quiz = lambda *args, **more: None',
        f'{name}.dist-info/METADATA': 'Metadata-Version: 2.1\nName: whole-game\nVersion: '
        f'{version}\nProvides-Extra: colab\nRequires-Dist: {needs}; extra == "colab"\n',
        f'{name}.dist-info/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
        f'{name}.dist-info/RECORD': '',
    }
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f'{name}-py3-none-any.whl', 'w') as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
    return folder / f'{name}-py3-none-any.whl'


def run_cell(py, cell, folder, on_colab=True, drive=None):
    """Run the cell twice in a kernel-like session with the network denied; returns what was shown
    by each run, and by the look afterwards."""
    env = {key: value for key, value in os.environ.items() if key != 'PYTHONPATH'} | {
        'IPYTHONDIR': str(folder / 'ipython'),
        'PIP_DISABLE_PIP_VERSION_CHECK': '1',
        'PIP_NO_INDEX': '1',
    }
    command, env, _ = offline.prepare(
        [str(py), '-c', SESSION.format(colab=on_colab, cell=cell, drive=drive and str(drive))], env
    )
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    _, first, second, after = re.split(r'RUN \d\n|END\n', done.stdout)
    return first, second, after


BORROWS = pytest.mark.skipif(
    os.name == 'nt', reason='borrowing the packages takes links to folders'
)


@BORROWS
def test_the_first_cell_installs_the_course_once(fresh, tmp_path):
    wheel = build_wheel()
    cell = first_cell.code(wanted=f'whole-game[colab] @ {wheel.as_uri()}')
    first, second, after = run_cell(fresh, cell, tmp_path, on_colab=False)
    assert (first, second, after.strip()) == ('', '', 'None')  # anywhere else it does nothing
    first, second, after = run_cell(fresh, cell, tmp_path)
    assert (
        first.startswith('Installing the course on this Colab machine, once.')
        and 'ERROR' not in first
    )
    assert second == ''
    where, said = after.strip().split('\n', 1)
    assert 'colab' in where and str(ROOT) not in where  # the wheel's, not this folder's
    assert first_cell.project()[0] in said
    quiet = run_cell(fresh, cell, tmp_path)
    assert quiet[:2] == ('', '')  # a new kernel on the same machine finds it there


def from_wheel(py, tmp_path, version='0.3.0', **how):
    "Run the cell that looks for a wheel of this version; Colab's own folder is in `tmp_path`."
    folder = tmp_path / 'content'
    folder.mkdir(exist_ok=True)
    cell = first_cell.code(somewhere(tmp_path)).replace('0.3.0', version)
    cell = cell.replace("'/content/'", repr(f'{folder}/'))
    return run_cell(py, cell, folder, **how)


@BORROWS
def test_the_wheel_beside_the_notebook(fresh, tmp_path):
    (tmp_path / 'content').mkdir()
    wheel, version = shutil.copy(build_wheel(), tmp_path / 'content'), first_cell.project()[0]
    assert from_wheel(fresh, tmp_path, version, on_colab=False)[0] == ''
    first, second, after = from_wheel(fresh, tmp_path, version)
    assert first.endswith(f'Installed from {wheel}.\n') and 'MOUNTED' not in first
    assert second == '' and version in after


@BORROWS
def test_the_wheel_in_drive_and_of_two_the_newest(fresh, tmp_path):
    shared = tmp_path / 'shared'
    tiny(shared, '0.4.0')
    newest = tiny(shared, '0.10.0')
    tiny(tmp_path / 'content', '0.2.9')  # older than the notebook: Drive is asked
    (tmp_path / 'drive' / 'MyDrive' / 'Courses').mkdir(parents=True)
    (tmp_path / 'drive' / 'MyDrive' / 'Courses' / 'Deep [2026]').symlink_to(shared)
    first, second, after = from_wheel(fresh, tmp_path, drive=tmp_path / 'drive')
    assert first.startswith('MOUNTED\nInstalling') and second == '' and '0.10.0' in after
    assert f'Deep [2026]/{newest.name}.' in first


@BORROWS
def test_what_it_says_where_it_cannot_install(fresh, tmp_path):
    first, second, after = from_wheel(fresh, tmp_path)
    assert first == second and after.strip() == 'None'
    assert 'Your Drive could not be opened: mount failed' in first
    assert 'whole_game-0.3.0-py3-none-any.whl, or a newer one, was not found' in first
    wheel = tiny(tmp_path / 'content', needs='nowhere-to-be-found')
    first, second, after = from_wheel(fresh, tmp_path)
    assert first == second and after.strip() == 'None'
    assert 'not all it needs could be fetched' in first and 'nowhere-to-be-found' in first
    whole = wheel.read_bytes()
    for damaged in (b'', whole[:300], whole.replace(b'quiz = lambda', b'quiz = lambbb')):
        wheel.write_bytes(damaged)
        first, second, after = from_wheel(fresh, tmp_path)
        assert first == second and f'{wheel} is damaged.' in first and after.strip() == 'None'
