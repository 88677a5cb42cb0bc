"A lesson that `make new-lesson` begins passes everything but one check: it has no content yet."

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from course import check, new_lesson, sync
from course.common import ROOT, Complaint, settings
from course.learner import strip

# as much of it as such a lesson needs
LIBRARY = 'errors', 'files', 'lesson', 'progress', 'check', 'quiz', 'exercises/lesson_00'
START = '00_start_here'


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    "A copy of the project with the start page alone, and a new lesson in it."
    root = tmp_path_factory.mktemp('course') / 'copy'
    for name in (
        'pyproject.toml',
        'whole_game/__init__.py',
        'whole_game/manifest.toml',
        f'nbs/{START}.ipynb',
        f'nbs/{START}.quiz.toml',
        'tests/conftest.py',
        'tests/lessons/test_exercises.py',
        'tests/lessons/test_quiz.py',
        'tests/lessons/wrong_tries/lesson_00.py',
        *(f'nbs/lib/{name}.ipynb' for name in LIBRARY),
        *(f'course/{path.name}' for path in (ROOT / 'course').glob('*.py')),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / 'settings.ini').write_text(
        f'[{START}]\npart = Play\nminutes = 15\nseconds = 20\nwall = 20\nmemory_mb = 1500\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('PYTHONPATH', str(root))
        patch.delenv('PYTHONDONTWRITEBYTECODE', raising=False)
        new_lesson.make('10', 'what_is_in_a_scan', root)
    return root


def complaints(root):
    section = settings(root / 'settings.ini')['10_what_is_in_a_scan']
    return check.complaints(
        root / 'nbs' / '10_what_is_in_a_scan.ipynb', section
    ) + check.complaints(root / 'nbs' / 'lib' / 'exercises' / 'lesson_10.ipynb')


def test_every_complaint_is_that_it_has_no_content(root):
    found = complaints(root)
    assert all('has no content yet' in complaint for complaint in found), found
    for place in (
        '10_what_is_in_a_scan.ipynb, cell 1 `# What is in a scan`',
        'exercises/lesson_10.ipynb',
        'quiz.toml',
        'lesson_10.py',
    ):
        assert any(place in complaint for complaint in found)


def test_settings_and_library_are_in_step(root):
    assert settings(root / 'settings.ini')['10_what_is_in_a_scan']['part'] == 'Fields'
    assert list(settings(root / 'settings.ini')) == [START, '10_what_is_in_a_scan']
    assert sync.complaints(root) == []


def test_its_exercises_and_its_quiz_pass_the_tests(root):
    done = subprocess.run(
        [
            sys.executable,
            '-m',
            'pytest',
            '-q',
            '-p',
            'no:cacheprovider',
            'tests/lessons/test_exercises.py',
            'tests/lessons/test_quiz.py',
            '-k',
            '10 or there_are_exercises or stand_in_one_place',
        ],
        cwd=root,
        env={**os.environ, 'PYTHONPATH': str(root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and '5 passed' in done.stdout, done.stdout + done.stderr


def test_the_learners_copy_has_no_solution(root):
    copy = strip(nbformat.read(root / 'nbs' / '10_what_is_in_a_scan.ipynb', 4))
    assert not any('3 * 4' in cell.source for cell in copy.cells) and any(
        'product = ...' in cell.source for cell in copy.cells
    )


@pytest.mark.parametrize('words', [('check',), ('format', '--check')])
def test_what_it_writes_has_ruffs_layout(root, words):
    made = (
        'nbs/10_what_is_in_a_scan.ipynb',
        'nbs/lib/exercises/lesson_10.ipynb',
        'tests/lessons/wrong_tries/lesson_10.py',
    )
    done = subprocess.run(
        [sys.executable, '-m', 'ruff', *words, '--no-cache', *made],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_written_it_passes(root, tmp_path):
    there = tmp_path / 'written'
    shutil.copytree(root, there, ignore=shutil.ignore_patterns('__pycache__'))
    for path in there.rglob('*'):
        if path.suffix in ('.ipynb', '.toml', '.py'):
            path.write_text(
                path.read_text(encoding='utf-8').replace(check.TO_WRITE, 'Now it is.'),
                encoding='utf-8',
            )
    assert complaints(there) == []


@pytest.mark.parametrize(
    'number, name, said',
    [
        ('1', 'x', 'two digits'),
        ('60', 'x', 'from 00 to 59'),
        ('11', 'What Now', 'small letters'),
        ('11', '', 'small letters'),
        ('00', 'again', 'already: 00_start_here'),
        ('10', 'again', 'lesson 10 already'),
    ],
)
def test_what_cannot_be_begun_writes_nothing(root, number, name, said):
    before = sorted(root.rglob('*'))
    with pytest.raises(Complaint, match=said):
        new_lesson.make(number, name, root)
    assert sorted(root.rglob('*')) == before
