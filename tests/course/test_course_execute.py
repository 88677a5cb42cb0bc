"""Running notebooks: from a fresh kernel, in their own folder, measured, and failing in words a
person can use."""

import asyncio
import json
from queue import Empty

import nbformat
import pytest
from course_fixtures import RECORD, put, runnable

from course import common, execute, normalise


def test_it_runs_in_its_folder_and_knows_its_lesson(tmp_path):
    path = put(
        runnable(
            [
                (
                    'import os\nos.path.basename(os.getcwd()), os.environ["WHOLE_GAME_LESSON"],'
                    ' os.environ["PYTHONHASHSEED"]'
                ),
                RECORD,
                'record(accuracy=.93)\nrecord(n_right=3)',
                'import sys\nsys.executable',
            ]
        ),
        tmp_path / 'nbs' / '01_tiny.ipynb',
    )
    seen = []
    ran = execute.execute(path, progress=lambda *where: seen.append(where))
    assert (
        ran.error is None
        and ran.metrics == {'accuracy': 0.93, 'n_right': 3}
        and ran.memory_mb >= 50
        and ran.seconds > 0
    )
    assert ran.nb.cells[2].outputs[0].data['text/plain'] == "('nbs', '01_tiny', '0')"
    import sys

    assert sys.executable in ran.nb.cells[8].outputs[0].data['text/plain'], (
        'another Python ran the kernel'
    )
    assert seen == [(f'Part {n}', n, 4) for n in (1, 2, 3, 4)]


def test_each_run_has_a_fresh_kernel(tmp_path):
    path = put(runnable(['"left" in globals()', 'left = 1']), tmp_path / 'a.ipynb')
    for _ in range(2):
        assert execute.execute(path).nb.cells[2].outputs[0].data['text/plain'] == 'False'


def test_a_failing_cell_is_told_and_the_file_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, 'BUILD', tmp_path / 'build')
    path = put(runnable(['1', '2\nnot_there + 1', '3']), tmp_path / 'a.ipynb')
    before = path.read_bytes()
    with pytest.raises(common.Complaint) as told:
        execute.lesson(path)
    words = str(told.value)
    for piece in (
        'a.ipynb',
        'part "Part 2"',
        'code cell 2',
        'not_there + 1',
        "NameError: name 'not_there' is not defined",
    ):
        assert piece in words
    assert path.read_bytes() == before
    kept = nbformat.read(tmp_path / 'build' / 'failed' / 'a.ipynb', 4)
    assert (
        kept.cells[2].outputs
        and kept.cells[4].outputs[0].output_type == 'error'
        and not kept.cells[6].outputs
    )


class HearsWhenAskedAgain(execute.LooksAgain):
    """A channel whose message is there, but only who asks a second time is told so: what happens to
    nbclient with widgets."""

    def __init__(self, there=True):
        self.socket, self.asked, self.there = self, 0, there

    async def _recv(self):
        return 'the message'

    async def poll(self, timeout):
        self.asked += 1
        if self.asked == 1:
            await asyncio.sleep(3600 if timeout is None else timeout / 1000)
        return self.there and self.asked > 1


def test_a_message_whose_news_got_lost_is_found():
    assert asyncio.run(asyncio.wait_for(HearsWhenAskedAgain().get_msg(), 60)) == 'the message'
    with pytest.raises(Empty):
        asyncio.run(HearsWhenAskedAgain(there=False).get_msg(0.1))
    assert issubclass(execute.KernelHere().client().shell_channel_class, execute.LooksAgain)


def test_an_error_made_on_purpose_is_allowed(tmp_path):
    nb = runnable(['1 / 0', '2'])
    nb.cells[2].metadata.tags = ['raises-exception']
    ran = execute.execute(put(nb, tmp_path / 'a.ipynb'))
    assert ran.error is None and ran.nb.cells[4].outputs


def test_a_kernel_that_dies_is_told(tmp_path):
    ran = execute.execute(put(runnable(['import os\nos._exit(3)']), tmp_path / 'a.ipynb'))
    assert 'The kernel died' in ran.error and 'Part 1' in ran.error


def test_lessons_are_written_in_normal_form_twice_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, 'NBS', tmp_path)
    path = put(
        runnable(
            ['print("a")\nprint("b")', 'object()', 'import random\nrandom.seed(1)\nrandom.random()']
        ),
        tmp_path / '01_tiny.ipynb',
    )
    execute.lesson(path)
    once = path.read_bytes()
    execute.lesson(path)
    assert path.read_bytes() == once and normalise.is_normal(path)
    made = json.loads((tmp_path / execute.REFERENCE).read_text())
    assert made['01_tiny'] == execute.this_machine() and made['01_tiny']['numpy']


def test_headings():
    nb = runnable(['1'])
    nb.cells[1].source = 'words\n\n### Small\n\n## Large'
    assert execute.headings(nb) == ['Runs', 'Large', 'Large']


def test_which_notebooks(tmp_path):
    for name in ('00_a', '01_b', 'lib/data'):
        put(runnable(), tmp_path / f'{name}.ipynb')
    stems = lambda which: [path.stem for path in common.notebooks(which, tmp_path)]
    assert (
        stems('') == ['00_a', '01_b', 'data']
        and stems('01') == ['01_b']
        and stems('data') == ['data']
    )
    with pytest.raises(common.Complaint, match='No notebook is called'):
        stems('07')


def test_data_that_needs_no_network():
    found = common.local_sets()
    assert (
        'paintings' in found
        and 'sign_language_digits' not in found
        and 'efficientnet_lite0' not in found
    )


def test_a_foreseen_error_while_preparing_is_told(monkeypatch):
    from whole_game import data
    from whole_game.errors import CourseError

    def full(name):
        raise CourseError('The disk is full.')

    monkeypatch.setattr(data, 'get', full)
    with pytest.raises(common.Complaint, match='The disk is full'):
        common.prepare(['paintings'])


def test_make_lessons_prepares_the_data_and_runs_what_is_named(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(execute, 'prepare', lambda names: done.append(tuple(names)))
    monkeypatch.setattr(execute, 'notebooks', lambda name: [tmp_path / f'{name}_a.ipynb'])
    monkeypatch.setattr(execute, 'lesson', lambda path: done.append(path.name))
    execute.main(['01'])
    assert 'paintings' in done[0] and done[1:] == ['01_a.ipynb']
