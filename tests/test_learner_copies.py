"""A beginner's first act is Run All: every untouched learner's copy runs to its last cell, and each check says kindly that nothing is there yet."""
import nbformat, pytest

from course.common import lessons
from course.execute import execute
from course.learner import strip


@pytest.mark.slow
@pytest.mark.parametrize('path', lessons(), ids=lambda path: path.stem)
def test_run_all(path, tmp_path):
    copy = tmp_path/path.name
    nbformat.write(strip(nbformat.read(path, 4)), copy)
    ran = execute(copy)
    assert ran.error is None, ran.error
    checks = [cell for cell in ran.nb.cells if cell.cell_type == 'code' and "check('" in cell.source]
    assert checks
    for cell in checks:
        said = ''.join(out.get('text', '') for out in cell.outputs)
        assert said.count('✗ Not yet.') == cell.source.count("\ncheck('") + cell.source.startswith("check('"), cell.source
        assert 'Error' not in said
    for cell in ran.nb.cells:
        for out in cell.get('outputs', []): assert out.output_type != 'error' or 'raises-exception' in cell.metadata.get('tags', []), out
