"""The newer Pythons that pyproject.toml promises, where they are installed: every file compiles
there without a warning, and (make test-all) lesson 1 plays there in an environment of its own.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from course.common import BUILD, ROOT

CLASSIFIERS = tomllib.loads((ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project'][
    'classifiers'
]
VERSIONS = [c.rsplit(' ', 1)[1] for c in CLASSIFIERS if c.startswith('Programming Language')]
HERE = f'{sys.version_info.major}.{sys.version_info.minor}'


def find(version):
    "A Python of that version that runs, or None; pyenv keeps its own out of the path."
    places = [shutil.which(f'python{version}')]
    root = Path(os.environ.get('PYENV_ROOT', Path.home() / '.pyenv'))
    places += sorted((root / 'versions').glob(f'{version}.*/bin/python'))
    for place in filter(None, places):
        says = subprocess.run(
            [place, '-c', 'import sys, venv, ensurepip; print(sys.version)'],
            capture_output=True,
            text=True,
        )
        if says.returncode == 0 and says.stdout.startswith(f'{version}.'):
            return str(place)


@pytest.fixture(params=[v for v in VERSIONS if v != HERE])
def python(request):
    found = find(request.param)
    if found is None:
        pytest.skip(f'Python {request.param} is not installed here')
    return found


COMPILE = """
import sys
for name in sys.stdin.read().splitlines():
    compile(open(name, encoding='utf-8').read(), name, 'exec')
    print(name)
"""


def compiled(python, names, folder=ROOT):
    return subprocess.run(
        [python, '-W', 'error', '-c', COMPILE],
        input='\n'.join(names),
        capture_output=True,
        text=True,
        cwd=folder,
    )


def test_every_file_compiles_without_a_warning(python, tmp_path):
    names = [
        str(file.relative_to(ROOT))
        for folder in ('whole_game', 'course', 'tests', 'benchmarks')
        for file in sorted((ROOT / folder).rglob('*.py'))
    ]
    assert len(names) > 100
    done = compiled(python, names)
    assert done.returncode == 0 and done.stdout.split() == names, done.stderr
    (tmp_path / 'old.py').write_text("pattern = '\\d'\n")  # Python 3.12 began to warn of this
    assert compiled(python, ['old.py'], tmp_path).returncode != 0


@pytest.mark.expensive
@pytest.mark.timeout(2400)
def test_lesson_1_plays(python, request):
    "As somebody types it, in a clone; the first time it installs some gigabytes."
    place = BUILD / 'pythons' / request.node.callspec.params['python']
    if not (place / '.git').exists():
        subprocess.run(['git', 'clone', '--quiet', str(ROOT), str(place)], check=True)
    subprocess.run(['git', 'pull', '--quiet', '--ff-only'], cwd=place, check=True)
    done = subprocess.run(
        ['make', 'play', f'PYTHON={python}'],
        cwd=place,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert 'of 248' in done.stdout
