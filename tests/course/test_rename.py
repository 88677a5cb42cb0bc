"""`make rename`: a lesson's files and every mention of it get another number, and nothing else
does."""

import shutil
import subprocess

import nbformat
import pytest

from course import rename
from course.common import ROOT, Complaint

OLD, NEW = '27_going_deep', '31_deep_down'


@pytest.mark.parametrize(
    'before, after',
    [
        ('[next](27_going_deep.ipynb)', '[next](31_deep_down.ipynb)'),
        ('[27](../nbs/27_going_deep.ipynb) x', '[31](../nbs/31_deep_down.ipynb) x'),
        ('[27 How?](nbs/27_going_deep.ipynb)', '[31 How?](nbs/31_deep_down.ipynb)'),
        ('In lesson 27, as in Lessons 24 to 27.', 'In lesson 31, as in Lessons 24 to 31.'),
        ('lessons 20, 27 and 28; 27 digits', 'lessons 20, 31 and 28; 27 digits'),
        ("check('27 judge', x)", "check('31 judge', x)"),
        ("lesson('27')", "lesson('31')"),
        ("quiz('27', answers='')", "quiz('31', answers='')"),
        ('lesson = "27"', 'lesson = "31"'),
        ('def test_27_batch_norm():', 'def test_31_batch_norm():'),
        ('from ..lesson_27 import a', 'from ..lesson_31 import a'),
        ('27 % of 27 in 0.27; lesson 127; 27_going_deeper', None),
    ],
)
def test_what_is_the_lesson_changes_and_what_is_a_number_stays(before, after):
    assert rename.renamed(before, OLD, NEW) == (after or before)


def test_a_number_in_brackets_is_a_lesson_where_the_glossary_says_so():
    assert rename.renamed('**A** (20, 27): (27 %)', OLD, NEW, True) == '**A** (20, 31): (27 %)'


@pytest.fixture(scope='module')
def renamed(tmp_path_factory):
    "A copy of this project in which the last lesson of the first part has another number."
    root = tmp_path_factory.mktemp('project')
    for path in rename.tracked(ROOT):
        to = root / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    subprocess.run('git init -q && git add .', shell=True, cwd=root, check=True)
    old = next((root / 'nbs').glob('06_*.ipynb')).stem
    return root, old, rename.rename(old, '08_another_name', root)


def test_nothing_of_the_project_speaks_of_the_old_lesson(renamed):
    root, old, left = renamed
    names = [path for path in root.rglob('*') if '.git' not in path.parts]
    assert not [path for path in names if old in path.name or path.stem == 'lesson_06']
    assert {path.name for path in names} >= {'08_another_name.quiz.toml', 'lesson_08.ipynb'}
    mentions = []
    for path in names:
        generated = path.is_file() and rename.is_generated(path, root)
        if path.suffix not in {'.ipynb', '.md', '.toml', '.ini', '.py'} or generated:
            continue
        if path.relative_to(root).as_posix() in rename.HISTORY:
            continue
        if path.suffix == '.ipynb':
            text = '\n'.join(cell.source for cell in nbformat.read(str(path), 4).cells)
        else:
            text = path.read_text(encoding='utf-8')
        mentions += [path.name] * any(was in text for was in (old, 'lesson_06', "'06 wall'"))
    assert not mentions
    assert '[08_another_name]' in (root / 'settings.ini').read_text()


def test_only_a_lesson_that_is_there_gets_a_number_that_is_free():
    for wrong in (['19', '31_x'], ['06', '05_x'], ['06', 'seven']):
        with pytest.raises(Complaint):
            rename.main(wrong)
