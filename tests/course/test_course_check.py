"The static checks: a sound lesson passes, and each defect gets the one verdict that names it."

import json
from types import SimpleNamespace

import pytest
from course_fixtures import SECTION, lesson, picture, printed, put, result, shown
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course import anatomy, check, normalise
from course.common import ROOT, Complaint, notebooks, settings


def verdicts(tmp_path, nb, section=SECTION, tidy=True):
    path = put(normalise.normalise(nb) if tidy else nb, tmp_path / '01_tiny.ipynb')
    if tidy:
        path.write_text(normalise.text(normalise.normalise(nb)), encoding='utf-8')
    return check.complaints(path, section)


def test_a_sound_lesson_passes(tmp_path):
    assert verdicts(tmp_path, lesson()) == []


def code(nb, n):
    return [cell for cell in nb.cells if cell.cell_type == 'code'][n]


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


def no_alt(nb):
    code(nb, 1).metadata.pop('alt')


def blank_cover(nb):
    nb.cells[1].metadata['tags'] = ['cover']


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


def for_colab(nb):
    code(nb, 3).source = "'google.colab' in sys.modules"


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
        (odd_seconds, 'says 200 seconds; settings.ini says wall = 70'),
        (long_cell, 'class 45): 1; 0 is the most. Cell 3 has 16 lines.'),
        (long_cells, 'lines of the median code cell: 4; 3 is the most'),
        (no_alt, 'a picture without alternative text'),
        (blank_cover, 'is the cover and does not show it'),
        (no_quiz, 'no part called "quiz"'),
        (no_craft, 'does not answer "is there enough data?"'),
        (too_short, 'settings.ini says 30 minutes; counted 8'),
        (empty_cell, 'an empty code cell'),
        (unwritten, 'has no content yet'),
        (for_colab, 'is for Colab. Take it out'),
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
        tmp_path / 'tests' / 'lessons' / 'wrong_tries' / 'lesson_01.py',
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('why = "(to be written)"')
    found = check.complaints(tmp_path / 'nbs' / '01_tiny.ipynb', SECTION)
    assert (
        len(found) == 2
        and '01_tiny.quiz.toml: has no content yet' in found[0]
        and 'lesson_01.py: has no content yet' in found[1]
    )


def test_a_quiz_whose_page_is_older_than_its_file(tmp_path):
    nb = lesson()
    asked = {'question': "Is it 'so'?", 'answers': [{'answer': 'Yes', 'why': 'Say "so".'}]}
    nb.cells.append(new_markdown_cell('Answer with a letter.'))
    shows = new_output('stream', text=json.dumps(asked))
    nb.cells.append(new_code_cell("quiz('01')", outputs=[shows], execution_count=4))
    file = put(nb, tmp_path / 'nbs' / '01_tiny.ipynb')
    quiz = file.with_name('01_tiny.quiz.toml')
    words = '[[questions]]\nquestion = "%s"\nanswers = [{answer = "Yes", why = \'Say "so".\'}]'
    for question, stale in (("Is it 'so'?", 0), ('Is it?', 1)):
        quiz.write_text(words % question, encoding='utf-8')
        found = [c for c in check.complaints(file, SECTION) if 'shows a quiz without' in c]
        assert len(found) == stale, found


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
    found = verdicts(tmp_path, nb)
    assert any('more than eight lines (one in ten may): 1; 0 is the most' in c for c in found)


def test_a_class_may_be_longer(tmp_path):
    nb = lesson()
    code(nb, 3).source = 'class Net:\n' + '\n'.join(f'    a{i} = {i}' for i in range(44))
    assert too_long(tmp_path, nb) == []
    code(nb, 3).source += '\n    b = 1'
    assert too_long(tmp_path, nb)


def too_long(tmp_path, nb):
    return [complaint for complaint in verdicts(tmp_path, nb) if 'too long' in complaint]


def test_a_plot_may_have_twenty_lines(tmp_path):
    nb = lesson()
    code(nb, 1).source = '\n'.join(['ax.set_title("a")'] + [f'a{i} = {i}' for i in range(19)])
    assert too_long(tmp_path, nb) == []
    code(nb, 1).source += '\nb = 1'
    assert 'Cell 5 has 21 lines' in too_long(tmp_path, nb)[0]


def test_comments_and_blank_lines_do_not_count(tmp_path):
    nb = lesson()
    code(nb, 0).source = '\n'.join([f'a{i} = {i}\n\n# a{i}' for i in range(8)])
    assert verdicts(tmp_path, nb) == []


def owing(nb, limits, tmp_path, monkeypatch):
    "What is said about a lesson with these lines in debts.toml."
    file = tmp_path / 'debts.toml'
    file.write_text(f'[01_tiny]\n{limits}\n')
    monkeypatch.setattr(anatomy, 'DEBTS', file)
    return verdicts(tmp_path, nb)


def test_a_debt_is_paid_back_and_never_grows(tmp_path, monkeypatch):
    nb = lesson()
    nb.cells[-1:] = [
        cell
        for n in range(3)
        for cell in (new_markdown_cell('More.'), new_code_cell('1\n' * 10, execution_count=5))
    ] + nb.cells[-1:]
    nb.cells += [new_markdown_cell('The end.')] * 3
    said = lambda limits: owing(nb, limits, tmp_path, monkeypatch)
    assert 'may): 3; 2 is the most' in said('over_eight = 2')[0]
    assert said('over_eight = 3') == []
    assert 'debts.toml says over_eight = 4. Lower that number.' in said('over_eight = 4')[0]


@pytest.mark.parametrize('limits', ['over_eight = 1', 'over_eight = 0', 'median = 3'])
def test_a_debt_that_is_paid_is_deleted(tmp_path, monkeypatch, limits):
    (said,) = owing(lesson(), limits, tmp_path, monkeypatch)
    assert f'debts.toml says {limits}. Delete that line.' in said


@pytest.mark.parametrize(
    'written, said',
    [
        ('[09_none]\nmedian = 4', 'no lesson 09_none'),
        ('[01_tiny]\nmedain = 4', 'no limit medain'),
    ],
)
def test_a_debt_that_nobody_has(tmp_path, monkeypatch, written, said):
    (tmp_path / 'debts.toml').write_text(written)
    monkeypatch.setattr(anatomy, 'DEBTS', tmp_path / 'debts.toml')
    with pytest.raises(Complaint, match=said):
        check.say_debts({'01_tiny': SECTION})


def test_debts_are_listed(tmp_path, monkeypatch, capsys):
    (tmp_path / 'debts.toml').write_text('[01_tiny]\nmedian = 3.5\nover_most = 2')
    monkeypatch.setattr(anatomy, 'DEBTS', tmp_path / 'debts.toml')
    check.say_debts({'01_tiny': SECTION})
    assert '  01_tiny: median 3.5, over_most 2' in capsys.readouterr().out


def test_the_debts_of_this_course_are_of_lessons_it_has():
    check.say_debts(settings())


def test_two_notebooks_of_one_name(tmp_path, monkeypatch):
    paths = [tmp_path / folder / '01_tiny.ipynb' for folder in ('one', 'two')]
    (said,) = check.twins([*paths, tmp_path / 'other.ipynb'])
    assert all(str(path) in said for path in paths) and 'Rename one' in said
    assert check.twins(paths[:1]) == check.twins(notebooks()) == []
    monkeypatch.setattr(check, 'twins', lambda paths: ['one name'])
    with pytest.raises(Complaint, match='1 complaint; 1 notebooks'):
        check.main(['errors'])


def test_not_in_normal_form(tmp_path):
    assert [c for c in verdicts(tmp_path, lesson(), tidy=False) if 'not in normal form' in c]


def test_library_notebooks_are_spared_the_anatomy(tmp_path):
    nb = lesson()
    nb.cells = nb.cells[:1]
    assert verdicts(tmp_path, nb, section=None) == []


def test_drawing_inside_a_definition_is_no_drawing(tmp_path):
    nb = lesson()
    code(nb, 3).source = 'def show(xs): plt.plot(xs)'
    assert verdicts(tmp_path, nb) == []


def test_what_ruff_says_is_told(tmp_path):
    ignored = ('.git', 'build', 'learner')
    (tmp_path / 'pyproject.toml').write_bytes((ROOT / 'pyproject.toml').read_bytes())
    for folder in ('course', *ignored):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / 'x.py').write_text('x = 1\n')
    assert check.layout(tmp_path) == []
    for folder in ignored:
        (tmp_path / folder / 'x.py').write_text('x  = missing\n')
    assert check.layout(tmp_path) == []
    (tmp_path / 'course' / 'x.py').write_text('x  = missing\n')
    mistakes, loose = check.layout(tmp_path)
    assert 'x.py' in mistakes and 'F821' in mistakes
    assert 'x.py' in loose and 'Run: .venv/bin/ruff format' in loose


def test_ruff_looks_at_notebooks(tmp_path):
    (tmp_path / 'pyproject.toml').write_bytes((ROOT / 'pyproject.toml').read_bytes())
    put(lesson(), tmp_path / 'nbs' / '01_tiny.ipynb')
    mistakes, loose = check.layout(tmp_path)
    assert '01_tiny.ipynb:cell 5:1:1: F821 Undefined name `draw`' in mistakes
    assert '01_tiny.ipynb' in loose  # its .95 should be 0.95


def test_all_notebooks_and_all_files(monkeypatch):
    monkeypatch.setattr(check, 'notebooks', lambda which='': notebooks('errors'))
    monkeypatch.setattr(check.words, 'complaints', lambda: [])
    monkeypatch.setattr(check, 'layout', lambda: ['a file is not in the layout'])
    with pytest.raises(Complaint, match='1 complaint;'):
        check.main([])
    check.main(['errors'])


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
    cells = [
        new_markdown_cell(' '.join(['word'] * 300)),
        new_markdown_cell('### Exercise 2: more (10 minutes)\n\nBefore you run this: which?'),
        new_code_cell('a = 1\n\n# four lines\nb = 2\nc = 3\nprint(a)'),
        new_markdown_cell('word ' * 999, metadata={'tags': ['solution']}),
        new_code_cell('d = 4\n' * 99, metadata={'tags': ['solution']}),
    ]
    book = SimpleNamespace(nb=new_notebook(cells=cells))
    counted, how = anatomy.counted_minutes(book)
    assert 14.5 < counted < 14.7
    assert '4 lines of code, 1 predictions, 10 minutes' in how
    assert anatomy.sizes(SimpleNamespace(nb=book.nb, code=[]))['cells'] == (3, 140)


def test_two_stations_are_counted_and_none_may_be_long():
    words = lambda n: ' '.join(['word'] * n)
    cells = [
        new_markdown_cell(f'# Title\n\n{words(149)}'),
        new_markdown_cell(f'## Station 1: short\n\n{words(297)}'),
        new_markdown_cell('## Station 2: long'),
        new_markdown_cell(words(26 * 150)),
        new_markdown_cell(f'## Station 3: between\n\n{words(9 * 150)}'),
        new_markdown_cell(f'## Recap\n\n{words(149)}'),
    ]
    book = SimpleNamespace(nb=new_notebook(cells=cells), code=[])
    counted, how = anatomy.counted_minutes(book)
    assert 36.9 < counted < 37.2 and how.endswith(', 2 stations of 3')
    assert anatomy.sizes(book)['station'] == (26, 25)
    assert anatomy.sizes(SimpleNamespace(nb=lesson(), code=[]))['station'] == (0, 25)


def with_prediction(ask, tell):
    nb = lesson()
    at = next(i for i, cell in enumerate(nb.cells) if cell.source == '1 + 1')
    nb.cells[at:at] = [new_code_cell(ask)]
    nb.cells[at + 1].source = f'{nb.cells[at + 1].source}\n{tell}'
    return nb


ASK, TELL = "predict('01 sum', 'How much?')", "reveal('01 sum', 2)"


@pytest.mark.parametrize(
    'ask, tell, said',
    [
        (ASK, TELL, None),
        (ASK, '3', "no later cell has reveal('01 sum', ...)"),
        ("predict('02 sum', 'How much?')", TELL, 'does not begin with 01'),
        ('4', TELL, 'answers what nobody asked before'),
        (f'{ASK}\n{ASK}', TELL, 'is asked for twice'),
        (f'{ASK}\n5', TELL, 'no prose stands before it'),
    ],
)
def test_a_prediction_is_asked_once_and_answered_later(tmp_path, ask, tell, said):
    nb = with_prediction(ask, tell)
    words = ('later cell', 'begin with', 'nobody asked', 'twice', 'no prose')
    found = [one for one in verdicts(tmp_path, nb) if any(word in one for word in words)]
    assert any(said in one for one in found) if said else not found
