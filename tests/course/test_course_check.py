"The static checks: a sound lesson passes, and each defect gets the one verdict that names it."

import pytest
from course_fixtures import SECTION, lesson, picture, printed, put, result, shown
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course import check, normalise


def verdicts(tmp_path, nb, section=SECTION, tidy=True):
    path = put(normalise.normalise(nb) if tidy else nb, tmp_path / '01_tiny.ipynb')
    if tidy:
        path.write_text(normalise.text(normalise.normalise(nb)), encoding='utf-8')
    return check.complaints(path, section)


def test_a_sound_lesson_passes(tmp_path):
    assert verdicts(tmp_path, lesson()) == []


def code(nb, n):
    return [
        cell
        for cell in nb.cells
        if cell.cell_type == 'code' and 'colab' not in cell.metadata.get('tags', [])
    ][n]


def not_run(nb):
    code(nb, 0).update(execution_count=None, outputs=[])


def never_run(nb):
    for cell in nb.cells:
        if cell.cell_type == 'code':
            cell.update(execution_count=None, outputs=[])


def an_error(nb):
    code(nb, 0).outputs = [new_output('error', ename='ValueError', evalue='no', traceback=['no'])]


def a_warning(nb):
    code(nb, 0).outputs.append(printed('careful\n', 'stderr'))


def a_path(nb):
    code(nb, 3).outputs = [printed('/home/ann/pictures\n')]


def a_windows_path(nb):
    code(nb, 3).outputs = [printed('C:\\Users\\ann\n')]


def blank(nb):
    code(nb, 1).outputs = [shown(image_png=picture(blank=True))]


def blank_in_html(nb):
    code(nb, 1).outputs = [
        shown(text_html=f'<img src="data:image/png;base64,{picture(blank=True)}">')
    ]


def blank_jpeg(nb):
    code(nb, 1).outputs = [shown(image_jpeg=picture(blank=True))]


def broken_picture(nb):
    code(nb, 1).outputs = [shown(image_png='AAAA')]


def lost_picture(nb):
    code(nb, 1).update(source='plt.plot([1])', outputs=[])


def exempt_without_floor(nb):
    code(nb, 0).metadata.tags = ['nbval-ignore-output']
    more_outputs(nb)


def exempt_with_odd_floor(nb):
    code(nb, 0).metadata.tags = ['nbval-ignore-output', 'floor-speed']
    more_outputs(nb)


def exempt_with_odd_budget(nb):
    code(nb, 0).metadata.tags = ['nbval-ignore-output', 'budget-money']
    more_outputs(nb)


def too_many_exempt(nb):
    code(nb, 0).metadata.tags = ['nbval-ignore-output', 'floor-accuracy']


def never_recorded(nb):
    code(nb, 2).source = 'recall(accuracy=.95)'


def skipped(nb):
    code(nb, 0).metadata.tags = ['nbval-skip']


def no_title(nb):
    nb.cells[0].source = 'Hello'


def no_promise(nb):
    nb.cells[0].source = nb.cells[0].source.replace('> ', '')


def odd_minutes(nb):
    nb.cells[0].source = nb.cells[0].source.replace('30 minutes', '45 minutes')


def odd_seconds(nb):
    nb.cells[0].source = nb.cells[0].source.replace('20 seconds', '200 seconds')


def long_cell(nb):
    code(nb, 0).source = '\n'.join(f'a{i} = {i}' for i in range(16))


def long_cells(nb):
    for n in (0, 2, 3):
        code(nb, n).source += '\n1\n2\n3'


def no_quiz(nb):
    nb.cells = [cell for cell in nb.cells if not cell.source.startswith('## Quiz')] + [
        new_markdown_cell('An end.')
    ]


def no_craft(nb):
    nb.cells = [cell for cell in nb.cells if not cell.source.startswith('## The four')] + [
        new_markdown_cell('An end.')
    ]


def too_short(nb):
    for cell in nb.cells:
        cell.source = cell.source.replace('(25 minutes)', '(5 minutes)')


def unwritten(nb):
    nb.cells[-1].source += '\n\n(to be written)'


def a_failing_solution(nb):
    code(nb, 0).update(
        source="check('90 sum', answer)", outputs=[printed('✗ Not yet. Add them up.\n')]
    )


def no_colab(nb):
    nb.cells[1].metadata.tags = []


def empty_cell(nb):
    nb.cells += [
        new_markdown_cell('and'),
        new_code_cell('', execution_count=5),
        new_markdown_cell('so'),
    ]


def more_outputs(nb):
    for n in range(5):
        nb.cells += [
            new_markdown_cell('More.'),
            new_code_cell('2', outputs=[result('2')], execution_count=5 + n),
        ]
    nb.cells += [new_markdown_cell('The end.')] * 2


@pytest.mark.parametrize(
    'defect, verdict',
    [
        (not_run, 'was not run'),
        (never_run, 'never run. Run: make lessons'),
        (an_error, 'ended in an error, ValueError'),
        (a_warning, 'wrote to stderr'),
        (a_path, 'a folder of one machine: /home/ann'),
        (a_windows_path, 'a folder of one machine'),
        (blank, 'picture is blank'),
        (blank_in_html, 'picture is blank'),
        (blank_jpeg, 'picture is blank'),
        (broken_picture, 'cannot be read'),
        (lost_picture, 'calls plot and shows no picture'),
        (exempt_without_floor, 'tag it floor-NAME'),
        (exempt_with_odd_floor, 'does not have: speed'),
        (exempt_with_odd_budget, 'does not have: money'),
        (too_many_exempt, '1 of 3 cells with output are not compared'),
        (never_recorded, 'no cell calls record(accuracy='),
        (skipped, 'tagged nbval-skip'),
        (no_title, 'does not begin with'),
        (no_promise, 'beginning with ">"'),
        (odd_minutes, 'says 45 minutes; settings.ini says 30'),
        (odd_seconds, 'the budget in settings.ini is 60'),
        (long_cell, '16 lines of code; 15 is the most'),
        (long_cells, 'the median code cell has 4 lines'),
        (no_quiz, 'no part called "quiz"'),
        (no_craft, 'does not answer "is there enough data?"'),
        (too_short, 'settings.ini says 30 minutes; counted 8'),
        (empty_cell, 'an empty code cell'),
        (unwritten, 'has no content yet'),
        (no_colab, 'are not those for Colab'),
        (a_failing_solution, 'the check does not pass, with the solution right above it'),
    ],
    ids=lambda x: getattr(x, '__name__', ''),
)
def test_one_defect_one_verdict(tmp_path, defect, verdict):
    nb = lesson()
    defect(nb)
    found = verdicts(tmp_path, nb)
    assert any(verdict in complaint for complaint in found), found
    kinds = {complaint.split(': ', 1)[1][:12] for complaint in found}
    assert len(kinds) <= (4 if defect is no_craft else 2), f'one defect, several verdicts: {found}'


def test_a_quiz_and_wrong_tries_that_are_not_written_yet(tmp_path):
    nb = lesson()
    put(nb, tmp_path / 'nbs' / '01_tiny.ipynb').write_text(
        normalise.text(normalise.normalise(nb)), encoding='utf-8'
    )
    for path in (
        tmp_path / 'nbs' / '01_tiny.quiz.toml',
        tmp_path / 'tests' / 'wrong_tries' / 'lesson_01.py',
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('why = "(to be written)"')
    found = check.complaints(tmp_path / 'nbs' / '01_tiny.ipynb', SECTION)
    assert (
        len(found) == 2
        and '01_tiny.quiz.toml: has no content yet' in found[0]
        and 'lesson_01.py: has no content yet' in found[1]
    )


def test_notebooks_can_be_named_in_every_way(capsys):
    check.main(['nbs/lib/errors.ipynb', 'errors', 'lesson'])
    assert 'No complaints about 2 notebooks' in capsys.readouterr().out


def test_prose_before_code_and_more_of_it(tmp_path):
    nb = lesson()
    nb.cells[2:2] = [new_code_cell('3', execution_count=1) for _ in range(6)]
    found = verdicts(tmp_path, nb)
    assert sum('no prose stands before it' in complaint for complaint in found) == 6
    assert any('cells of prose to' in complaint for complaint in found)


def test_nine_in_ten_cells_are_short(tmp_path):
    nb = lesson()
    code(nb, 0).source = '\n'.join(['1'] * 9)
    assert any(
        '1 of 5 code cells have more than eight lines' in complaint
        for complaint in verdicts(tmp_path, nb)
    )


def test_a_class_may_be_longer(tmp_path):
    nb = lesson()
    code(nb, 3).source = 'class Net:\n' + '\n'.join(f'    a{i} = {i}' for i in range(40))
    assert not any('lines of code' in complaint for complaint in verdicts(tmp_path, nb))


def test_not_in_normal_form(tmp_path):
    assert [c for c in verdicts(tmp_path, lesson(), tidy=False) if 'not in normal form' in c]


def test_library_notebooks_are_spared_the_anatomy(tmp_path):
    nb = lesson()
    nb.cells = nb.cells[:3]
    assert verdicts(tmp_path, nb, section=None) == []


def test_drawing_inside_a_definition_is_no_drawing(tmp_path):
    nb = lesson()
    code(nb, 3).source = 'def show(xs): plt.plot(xs)'
    assert verdicts(tmp_path, nb) == []


def test_a_picture_without_prose_beside_it(tmp_path):
    nb = lesson()
    nb.cells[4:4] = [
        new_code_cell('a', execution_count=1, outputs=[shown(image_png=picture())]),
        new_code_cell('b', execution_count=1),
    ]
    nb.cells[3:4] = []
    nb.cells[2:3] = [new_code_cell('c', execution_count=1)]
    assert any('no prose stands beside it' in c for c in verdicts(tmp_path, nb))


def test_web_addresses_and_fractions_are_no_machine_paths(tmp_path):
    nb = lesson()
    code(nb, 3).outputs = [printed('https://example.org/home/x and/or 3/4 …/site-packages/usr\n')]
    assert verdicts(tmp_path, nb) == []


@pytest.mark.parametrize('tag', ['floor-accuracy', 'budget-seconds'])
def test_an_exempt_cell_that_something_answers_for(tmp_path, tag):
    nb = lesson()
    more_outputs(nb)
    code(nb, 0).metadata.tags = ['nbval-ignore-output', tag]
    assert verdicts(tmp_path, nb) == []


def test_minutes_are_counted():
    book = check.Notebook.__new__(check.Notebook)
    book.prose = [
        (1, new_markdown_cell(' '.join(['word'] * 300))),
        (2, new_markdown_cell('### Exercise 2: more (10 minutes)\n\nBefore you run this: which?')),
        (3, new_markdown_cell('word ' * 999, metadata={'tags': ['solution']})),
    ]
    counted, how = check.counted_minutes(book)
    assert 14 < counted < 14.2 and '1 predictions, 10 minutes' in how
