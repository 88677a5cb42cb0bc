"""A beginner's first act is Run All: untouched learner's copies run to their last cell, and each
check says kindly that nothing is there yet.

A copy is its lesson without the solutions, and `make check` proves that no other cell leans on one.
So the full pass, which runs every lesson, checks each exercise before its solution, too
(course/compare.py). Here two copies run for themselves, as a beginner would run them, and in
`make test-all` every one does.
"""

import nbformat
import pytest

from course.common import lessons
from course.execute import execute
from course.cells import exercises
from course.learner import strip

# the first, and one that opens a box; the others are expensive
FEW = ('00_', '23_')


def checks(nb):
    return [cell for cell in nb.cells if cell.cell_type == 'code' and "check('" in cell.source]


@pytest.mark.parametrize('path', lessons(), ids=lambda path: path.stem)
def test_the_full_pass_meets_every_check(path):
    nb = nbformat.read(path, 4)
    met = [nb.cells[check] for _, _, check in exercises(nb) if check]
    assert [cell.source for cell in met] == [cell.source for cell in checks(strip(nb))]
    assert met


@pytest.mark.parametrize(
    'path',
    [
        pytest.param(path, marks=[] if path.name.startswith(FEW) else pytest.mark.expensive)
        for path in lessons()
    ],
    ids=lambda path: path.stem,
)
def test_run_all(path, tmp_path):
    copy = tmp_path / path.name
    nbformat.write(strip(nbformat.read(path, 4)), copy)
    ran = execute(copy)
    assert ran.error is None, ran.error
    assert checks(ran.nb)
    for cell in checks(ran.nb):
        said = ''.join(out.get('text', '') for out in cell.outputs)
        assert said.count('✗ Not yet.') == cell.source.count("\ncheck('") + cell.source.startswith(
            "check('"
        ), cell.source
        assert 'Error' not in said
    for cell in ran.nb.cells:
        for out in cell.get('outputs', []):
            assert out.output_type != 'error' or 'raises-exception' in cell.metadata.get(
                'tags', []
            ), out
