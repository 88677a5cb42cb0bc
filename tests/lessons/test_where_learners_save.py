"""What a Learner of a lesson saves lands beside the notebook: not in the folder of the data, where
`data fetch --again` would meet it, and not in git. (course/twice.py looks at every Learner that a
lesson leaves behind.)"""

import ast
import subprocess
from pathlib import Path

import nbformat
import pytest
from fastai.vision.all import ImageDataLoaders, vision_learner

from course.cells import parsed
from course.common import NBS, ROOT, lessons
from whole_game.backbone import lite0
from whole_game.data import cache_folder, get

BOOKS = [*lessons(), *sorted((ROOT / 'whole_game' / 'project').rglob('your_game.ipynb'))]


def code(path):
    "All nodes of a notebook's code."
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == 'code']
    return [node for cell in cells for node in ast.walk(parsed(cell))]


@pytest.mark.parametrize('path', BOOKS, ids=lambda path: f'{path.parent.name}-{path.stem}')
def test_a_lesson_with_loaders_of_a_folder_says_where_to_save(path):
    words = [ast.unparse(node) for node in code(path) if isinstance(node, ast.Call)]
    from_folder = any(call.startswith('ImageDataLoaders.from_folder(') for call in words)
    for call in words:
        if from_folder and call.startswith('vision_learner('):
            assert "path='.'" in call or '.dataloaders(' in call, call


def test_that_is_where_they_land(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = lambda: {p for p in cache_folder().rglob('*') if p.suffix in ('.pth', '.pkl')}
    before = kept()  # other tests may make data sets in the meantime
    dls = ImageDataLoaders.from_folder(get('charts'), train='train', valid='valid', bs=8)
    learn = vision_learner(dls, lite0, path='.')
    learn.save('mine')
    learn.export()
    assert {p.name for p in tmp_path.rglob('*') if p.is_file()} == {'mine.pth', 'export.pkl'}
    assert kept() == before


@pytest.mark.parametrize('file', ['models/mine.pth', 'models/doodles.json', 'export.pkl'])
def test_git_leaves_them_alone(file):
    place = (NBS / file).relative_to(ROOT)
    done = subprocess.run(['git', 'check-ignore', '-q', place], cwd=ROOT)
    assert done.returncode == 0, f'{Path(place)} would be seen by git'
