"""A station of the Fields gives the same results whatever was played before it: it sets its seed
before it makes loaders, which draw from it, and before each training."""

import ast
import re

import nbformat
import pytest

from course.book_fields import stations
from course.cells import parsed
from course.common import lessons, settings

KNOWN = settings()
FIELDS = [path for path in lessons() if KNOWN[path.stem]['part'] == 'Fields']
DRAWS = re.compile(r'\.dataloaders\(|DataLoaders?(?:\.\w+)?\(|\bLearner\(|_learner\(')
SEED = re.compile(r'\bset_seed\(')


def unseeded(cells):
    "The first line of a station that draws before a seed was set in that station, or ''."
    functions = []  # the station's own that draw when they are called
    for statement in (s for c in cells if c.cell_type == 'code' for s in parsed(c).body):
        text = ast.unparse(statement)
        calls = rf'\b(?:{"|".join(functions)})\(' if functions else r'(?!)'
        draws = DRAWS.search(text) or re.search(calls, text)
        if isinstance(statement, ast.FunctionDef):
            functions += [statement.name] if draws and not SEED.search(text) else []
        elif SEED.search(text):
            return ''
        elif draws:
            return text
    return ''


@pytest.mark.parametrize('path', FIELDS, ids=lambda path: path.stem)
def test_each_station_sets_its_seed_before_it_draws(path):
    found = stations(nbformat.read(path, 4).cells)
    assert len(found) > 1
    assert {title: unseeded(cells) for title, cells in found} == {title: '' for title, _ in found}


def test_it_would_be_seen():
    cell = nbformat.v4.new_code_cell
    late = [cell('x = 1'), cell('dls = block.dataloaders(a, bs=2)'), cell('set_seed(42)')]
    assert unseeded(late) == 'dls = block.dataloaders(a, bs=2)'
    made = [cell('def loaders(a):\n    return a.dataloaders()'), cell('dls = loaders(b)'), late[2]]
    assert unseeded(made) == 'dls = loaders(b)' and not unseeded([made[0], late[2], made[1]])
    assert not unseeded([late[2], late[1]]) and not unseeded([cell('set_seed(42)\nLearner(dls)')])
