"The full pass: what counts as the same, what is noticed, and what fails the build."

import json
import os
import subprocess
import sys

import nbformat
import pytest
from course_fixtures import RECORD, SECTION, printed, put, result, runnable

from course import execute, full_pass
from course.common import ROOT

LIVE = (
    'import time\nfrom fastprogress.fastprogress import NBMasterBar as master_bar, NBProgressBar as'
    ' progress_bar\nmb = master_bar(range(2))\nmb.main_bar.comment = ""\nfor epoch in mb:\n    for'
    ' _ in progress_bar(range(3), parent=mb): time.sleep(.01)\n    if epoch == 0:'
    ' mb.write(["epoch", "loss", "time"], table=True)\n    mb.write([str(epoch), "0.5",'
    ' str(time.time())], table=True)'
)
WIDGET = (
    'import ipywidgets\nfrom IPython.display import display\nsheet = ipywidgets.Output()\nwith'
    ' sheet:\n    print("caught")\n    display(1)\nprint("not caught")'
)
DRAW = 'from PIL import Image\nImage.new("RGB", (8, 8), "red")'
SEEN = dict(
    ran=5,
    compared=3,
    exempt=1,
    asserts=0,
    pictures=1,
    stubs=2,
    failed=0,
    differ=[],
    processor=50,
    seconds=40,
    memory_mb=400,
)
SAID = {'metrics': {'accuracy': 0.95, 'speed': 7}, 'memory_mb': 500}


def compare(tmp_path, *paths, strict='1'):
    "Run the comparison on its own; (exit status, what was seen, what it printed)."
    report, record = tmp_path / 'pass.json', tmp_path / 'records.jsonl'
    done = subprocess.run(
        [sys.executable, str(ROOT / 'course' / 'compare.py'), str(report), *map(str, paths)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **os.environ,
            'WHOLE_GAME_STRICT': strict,
            'WHOLE_GAME_RECORD': str(record),
            'PYTHONHASHSEED': '0',
        },
    )
    return (
        done.returncode,
        json.loads(report.read_text()),
        done.stdout + done.stderr,
        full_pass.records(record),
    )


@pytest.fixture(scope='module')
def sound(tmp_path_factory):
    """A notebook with text, a live display, a picture, a record and a widget that catches outputs,
    as `make lessons` writes it."""
    folder = tmp_path_factory.mktemp('sound')
    path = put(
        runnable(
            [
                'print("a")\nobject()',
                LIVE,
                DRAW,
                RECORD,
                'record(accuracy=.95)',
                'import time\nprint(time.time())',
                'assert 1 + 1 == 2',
                '1 + 1;',
                WIDGET,
            ]
        ),
        folder / '01_tiny.ipynb',
    )
    nb = nbformat.read(path, 4)
    nb.cells[12].metadata.tags = ['nbval-ignore-output']
    put(nb, path)
    before, execute.NBS = execute.NBS, folder
    try:
        execute.lesson(path)
    finally:
        execute.NBS = before
    return path


def test_the_same_twice_and_measured(sound, tmp_path):
    other = put(
        runnable(['import os\nos.environ["WHOLE_GAME_LESSON"]']), tmp_path / '02_other.ipynb'
    )
    nb = nbformat.read(other, 4)
    nb.cells[2].update(execution_count=1, outputs=[result("'02_other'")])
    put(nb, other)
    code, seen, words, said = compare(tmp_path, sound, other)
    assert code == 0, words
    tiny = seen['01_tiny']
    assert (
        tiny['ran'],
        tiny['compared'],
        tiny['exempt'],
        tiny['pictures'],
        tiny['asserts'],
        tiny['failed'],
    ) == (9, 4, 1, 1, 1, 0)
    assert tiny['seconds'] > 0 and tiny['memory_mb'] > 20 and seen['02_other']['compared'] == 1
    assert said == {'01_tiny': {'metrics': {'accuracy': 0.95}, 'memory_mb': 50}}


def broken(sound, tmp_path, cell, outputs):
    nb = nbformat.read(sound, 4)
    nb.cells[cell].outputs = [nbformat.from_dict(out) for out in outputs(nb.cells[cell].outputs)]
    return put(nb, tmp_path / '01_tiny.ipynb')


@pytest.mark.parametrize(
    'cell, outputs, verdict',
    [
        (2, lambda outs: [printed('b\n'), *outs[1:]], "mismatch 'stdout'"),
        (2, lambda outs: outs[:1], 'Unexpected output'),
        (
            4,
            lambda outs: [
                {
                    **outs[0],
                    'data': {
                        **outs[0].data,
                        'text/html': outs[0].data['text/html'].replace('0.5', '0.6'),
                    },
                }
            ],
            "mismatch 'text/html'",
        ),
        (6, lambda outs: [], 'Unexpected output'),
        (14, lambda outs: [printed('more\n')], 'Missing output'),
    ],
    ids=['text', 'result', 'table', 'picture', 'nothing'],
)
def test_each_difference_is_noticed(sound, tmp_path, cell, outputs, verdict):
    code, seen, words, _ = compare(tmp_path, broken(sound, tmp_path, cell, outputs))
    assert code == 1 and verdict in words and seen['01_tiny']['failed'] == 1


def test_a_lost_picture_is_noticed_even_where_text_is_exempt(sound, tmp_path):
    nb = nbformat.read(sound, 4)
    nb.cells[6].source = '"a word"'
    nb.cells[6].metadata.tags = ['nbval-ignore-output']
    code, seen, words, _ = compare(tmp_path, put(nb, tmp_path / '01_tiny.ipynb'))
    assert code == 1 and 'It shows 0 pictures; the committed notebook shows 1' in words


def test_a_flip_book_may_look_a_little_different_and_not_say_another_thing():
    from course.compare import without_pixels

    def book(pixels, mark, title):
        page = f'<div data-flipbook="{mark}"></div><script>const book = {{"src":'
        page += f' ["data:image/png;base64,{pixels}=="], "mark": "{mark}", "t": "{title}"}}'
        return [nbformat.v4.new_output('display_data', {'text/html': page})]

    one = without_pixels(book('iVBO', '81688132c40150d8', 'error: 0.19'))
    assert one == without_pixels(book('iVBX+/a', '8901b61bc7a828c0', 'error: 0.19'))
    assert one != without_pixels(book('iVBO', '81688132c40150d8', 'error: 0.20'))
    assert 'iVBO' in str(book('iVBO', 'a', '')) and 'iVBO' not in str(one)


def test_elsewhere_differences_are_told_and_floors_decide(sound, tmp_path):
    path = broken(sound, tmp_path, 2, lambda outs: [printed('b\n'), *outs[1:]])
    code, seen, words, _ = compare(tmp_path, path, strict='0')
    assert (
        code == 0
        and seen['01_tiny']['differ'][0]['cell'] == 0
        and 'stdout' in seen['01_tiny']['differ'][0]['how']
    )


def test_an_error_fails_even_where_nothing_is_compared(sound, tmp_path):
    nb = nbformat.read(sound, 4)
    nb.cells[12].source = '1 / 0'
    code, seen, words, _ = compare(tmp_path, put(nb, tmp_path / '01_tiny.ipynb'), strict='0')
    assert code == 1 and 'ZeroDivisionError' in words and seen['01_tiny']['failed'] == 1


STUB = 'minutes = ...'
SOLUTION = 'minutes = 2 * 60'
CHECK = "from whole_game.check import check\n\ncheck('00 minutes', minutes)"


@pytest.mark.parametrize(
    'stub, solution, check, verdict',
    [
        (STUB, SOLUTION, CHECK, ''),
        ('minutes = 2 * 60', SOLUTION, CHECK, '✓ Right.'),
        ('minutes', SOLUTION, CHECK, 'NameError'),
        (STUB, SOLUTION, CHECK.replace("check('00", "gone()\ncheck('00"), "'gone' is not defined"),
        ('minutes = print', SOLUTION, CHECK + "\nprint('An Error')", 'An Error'),
    ],
    ids=['kind', 'solved already', 'no stub', 'an error', 'unkind'],
)
def test_the_reader_who_has_written_nothing_is_served_too(tmp_path, stub, solution, check, verdict):
    nb = runnable([stub, solution, check])
    nb.cells[4].metadata.tags = ['solution']
    nb.cells[6].outputs = [printed('✓ Right.\n')]
    for n, cell in enumerate((cell for cell in nb.cells if cell.cell_type == 'code'), 1):
        cell.execution_count = n
    code, seen, words, _ = compare(tmp_path, put(nb, tmp_path / '00_tiny.ipynb'))
    assert seen['00_tiny']['stubs'] == (not verdict)
    if verdict:
        assert (
            code == 1
            and verdict in words
            and (verdict == 'NameError' or 'has written nothing yet' in words)
        )
    else:
        assert code == 0, words


@pytest.mark.parametrize(
    'seen, said, verdict',
    [
        (SEEN, SAID, None),
        (SEEN, {'metrics': {'accuracy': 0.9}}, None),
        (SEEN, {'metrics': {'accuracy': 0.899}}, 'accuracy is 0.899; the floor is 0.9'),
        (SEEN, {'metrics': {'accuracy': float('nan')}}, 'accuracy is nan'),
        (SEEN, None, 'never recorded accuracy'),
        (SEEN, {'metrics': {'loss': 1}}, 'never recorded accuracy'),
        ({**SEEN, 'processor': 119}, SAID, None),
        ({**SEEN, 'processor': 121}, SAID, '121 seconds of the processor, more than twice its 60'),
        ({**SEEN, 'seconds': 121}, SAID, None),
        ({**SEEN, 'memory_mb': 2001}, SAID, '2001 MB, more than twice'),
        (SEEN, {**SAID, 'memory_mb': 2002}, '2002 MB'),
        ({**SEEN, 'failed': 2}, SAID, '2 cells failed'),
        (None, SAID, 'nothing in it was checked'),
        ({**SEEN, 'ran': 0}, SAID, 'nothing in it was checked'),
        ({**SEEN, 'compared': 0}, SAID, 'nothing in it was checked'),
        ({**SEEN, 'stubs': 0}, SAID, 'no exercise of it was checked'),
    ],
)
def test_what_fails_the_build(seen, said, verdict):
    found = full_pass.judge('01_tiny', seen, said, SECTION)
    assert (found == []) if verdict is None else (len(found) == 1 and verdict in found[0]), found


def test_the_table():
    lines = full_pass.table(
        {'01_tiny': SEEN, 'data': SEEN},
        {'01_tiny': SAID},
        {'01_tiny': SECTION},
        ['01_tiny', 'data', 'gone'],
    ).splitlines()
    for piece in ('accuracy 0.95 (0.9)', '50.0 (60)', '40.0', '500 (1000)'):
        assert piece in lines[1]
    assert '400' in lines[2] and 'did not run' in lines[3] and 'speed 7' in lines[4]


def test_the_reference_is_a_machine_and_its_packages(tmp_path):
    book = tmp_path / '01_tiny.ipynb'
    assert full_pass.is_reference([book], tmp_path)[0] is False
    book.write_text('{}')
    execute.note_reference(['01_tiny'], tmp_path)
    assert full_pass.is_reference([book], tmp_path) == (True, '')
    path = tmp_path / execute.REFERENCE
    path.write_text(path.read_text().replace(execute.this_machine()['torch'], '0.1'))
    same, odd = full_pass.is_reference([book], tmp_path)
    assert not same and odd.startswith('torch 0.1 -> ')
