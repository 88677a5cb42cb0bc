"""whole_game.portfolio: one file with what is true, whatever is in the progress; and no file that
it did not make is ever overwritten."""

import json
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from whole_game import modelcard, portfolio, progress, projects
from whole_game.cli import main
from whole_game.lesson import lessons


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    "An own progress, and a folder to be in."
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'kept' / 'progress.json'))
    (tmp_path / 'here').mkdir()
    monkeypatch.chdir(tmp_path / 'here')
    return tmp_path / 'here'


def some_progress():
    progress.note_reached('01')
    progress.note_exercise('01 accuracy', False)
    progress.note_exercise('01 accuracy', True)
    progress.note_exercise('00 minutes', True)
    progress.note_quiz('01', 5, 6)
    for i in range(12):
        progress.note_prediction(f'01 n{i}', 1, (50, 95)[i % 2], i % 3 > 0)
    progress.stuck('01', 'Why <b>not</b> & "why"? 왜')
    progress.note_review('term Loss', {'asked': 3, 'known': 2})


def project(place, name='my_mugs', measured=True):
    made = projects.new_project(place / name)
    if measured:
        (made / 'model').mkdir()
        (made / 'model' / f'{name}.safetensors').write_bytes(b'numbers')
        labels, answers = ['blue', 'red'] * 10, ['blue', 'red'] * 9 + ['red', 'red']
        modelcard.measured(labels, answers, [0.9] * 20, path=made / 'model' / name)
        projects.add_to_log(made, 'the first try')
    return made


class Tree(HTMLParser):
    "Whether all that is opened is closed; and the words."

    def __init__(self):
        super().__init__()
        self.open, self.words, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ('meta', 'path', 'circle', 'br'):
            self.open.append(tag)
        self.links += [v for k, v in attrs if k in ('href', 'src', 'srcset', 'action')]

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != 'style':
            self.words.append(data)


def words(path):
    tree = Tree()
    tree.feed(path.read_text('utf-8'))
    assert tree.open == [] and tree.links == []
    return ' '.join(' '.join(tree.words).split())


def test_what_is_on_it(place):
    some_progress()
    project(place)
    project(place, 'later', measured=False)
    said = words(portfolio.portfolio(name='Ada <i>'))
    for wanted in (
        'what Ada <i> has done',
        'Nobody supervised any of this.',
        '19 of 20',
        'between 76% and 99%',
        'blue 9 of 10 90%',
        '1 run in its log, on',
        'Not finished. Nothing was measured yet.',
        '2 lessons begun, 2 exercises solved, 1 of them at the first try',
        '01 Train a classifier 1 of 3 5 of 6',
        '8 of 12 predictions came true. On average they were made 72% sure, and 67% came true.',
        '50% 4 of 6 67%',
        '1 question or term came up again after days or weeks, 3 times in all; the answer was'
        ' known 2 of those times.',
        'Why <b>not</b> & "why"? 왜',
    ):
        assert wanted in said, wanted
    assert said.index('my_mugs') < said.index('later'), 'what is finished comes first'


def test_what_a_person_filled_in_is_on_the_card(place):
    made = project(place)
    card = made / 'model_card.md'
    text = card.read_text('utf-8').replace(
        '- **What is it for?**', '- **What is it for?** To find <my>\n  mug.'
    )
    card.write_text(text, 'utf-8')
    said = words(portfolio.portfolio())
    assert 'What is it for? To find <my> mug.' in said and 'cry wolf' not in said


@pytest.mark.parametrize(
    'part, gone',
    [
        ('projects', 'my_mugs'),
        ('lessons', 'Train a classifier'),
        ('predictions', 'came true'),
        ('reviews', 'came up again'),
        ('notes', 'why'),
    ],
)
def test_each_part_can_be_left_out(place, part, gone):
    some_progress()
    project(place)
    assert gone in words(portfolio.portfolio())
    assert main(['portfolio', 'other.html', '--without', part]) == 0
    assert gone not in words(place / 'other.html')


def test_nothing_to_show(place, capsys):
    assert main(['portfolio']) == 1
    err = capsys.readouterr().err
    assert 'nothing to show yet' in err and str(progress.progress_file()) in err
    some_progress()
    everything = [word for part in portfolio.PARTS for word in ('--without', part)]
    assert main(['portfolio', *everything]) == 1
    assert not list(place.iterdir())
    assert main(['portfolio', '--without', 'everything']) == 1
    assert 'Its parts are: projects,' in capsys.readouterr().err


def test_a_broken_progress_file_is_set_aside_and_told(place, capsys):
    progress.progress_file().parent.mkdir()
    progress.progress_file().write_text('{"reached": {"01"')
    assert main(['portfolio']) == 1
    out, err = capsys.readouterr()
    assert 'was damaged. It is kept as' in out and 'nothing to show yet' in err


def test_whatever_is_in_the_file_a_page_comes_out(place):
    odd = {
        'reached': {'01': 5, '00': None, '99': 'x', '02': '2026-01-02'},
        'exercises': {
            '01 accuracy': {'right': 7},
            '00 minutes': {},
            'nonsense': {'right': 'y'},
        },
        'quizzes': {
            '01': {'of': 4},
            '02': {'right': 99, 'of': 6},
            '77': {},
            '03': {'right': -1, 'of': True},
        },
        'predictions': {
            'a': {'sure': 'very', 'right': True, 'day': 4},
            'b': {'sure': [1]},
            'c': {'sure': 900, 'right': 1},
            'd': {},
            **{f'e{i}': {'sure': 20 + i / 3, 'right': i % 2} for i in range(30)},
        },
        'reviews': {'x': {'asked': 'x'}, 'y': {'asked': 1, 'known': 50}},
        'notes': [{}, {'note': 5}, {'note': '\ud800 </main><script>alert(1)</script>', 'day': []}],
    }
    progress.progress_file().parent.mkdir()
    progress.progress_file().write_text(json.dumps(odd))
    said = words(portfolio.portfolio())
    assert '6 of 6' in said and '</main><script>alert(1)</script>' in said
    assert '<script' not in (place / 'portfolio.html').read_text('utf-8')


def test_nothing_is_overwritten_that_it_did_not_make(place, capsys):
    some_progress()
    page = portfolio.portfolio()
    first = page.read_bytes()
    progress.stuck('02', 'another')
    assert portfolio.portfolio() == page and page.read_bytes() != first, 'its own is renewed'
    for other in (
        page.read_bytes().replace(b'supervised', b'watched'),
        first + b'!',
        first[:-20],
        b'',
        b'my thesis',
        b'\xff\xfe\x00',
    ):
        page.write_bytes(other)
        assert main(['portfolio']) == 1 and page.read_bytes() == other
        assert 'was not made by' in capsys.readouterr().err
    page.unlink()
    page.mkdir()
    assert main(['portfolio']) == 1 and 'a folder of that name' in capsys.readouterr().err


def test_places_that_cannot_be_written(place, capsys, full, forbidden):
    some_progress()
    assert main(['portfolio', 'nowhere/page.html']) == 1
    assert 'page.html was not written' in capsys.readouterr().err
    command = [
        sys.executable,
        '-c',
        'import sys; from whole_game.cli import main; sys.exit(main())',
    ]
    for room in (full, forbidden):
        done = subprocess.run(
            [*room.before, *command, 'portfolio', str(room.folder / 'page.html')],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1 and 'page.html was not written' in done.stderr
        assert 'Traceback' not in done.stderr and not list(room.folder.glob('*page*'))


def test_a_progress_that_cannot_be_read(place, monkeypatch, capsys):
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(place))
    assert main(['portfolio']) == 1
    assert 'Your progress could not be read' in capsys.readouterr().err


def test_projects_that_are_damaged_or_of_another_model(place, capsys):
    made = project(place)
    figures = made / 'model' / 'my_mugs.measured.json'
    sound = json.loads(figures.read_text())
    for change in ({'n': 0}, {'right': 'all'}, {'categories': [1]}, {'categories': {'a': [3, 2]}}):
        figures.write_text(json.dumps({**sound, **change}))
        assert 'makes no sense' in words(portfolio.portfolio())
    figures.write_text('{')
    assert 'Not finished. my_mugs.measured.json cannot be read' in words(portfolio.portfolio())
    figures.write_text(json.dumps(sound))
    assert '19 of 20' in words(portfolio.portfolio())
    (made / 'model' / 'my_mugs.safetensors').write_bytes(b'other numbers')
    said = words(portfolio.portfolio())
    assert 'is about another model' in said and '19 of 20' not in said


def test_where_projects_are_looked_for(place, capsys):
    deep = place / 'mine'
    deep.mkdir()
    project(deep)
    assert main(['portfolio']) == 1, 'two folders down it is not looked for'
    assert main(['portfolio', '--projects', 'mine', '--projects', 'mine/my_mugs']) == 0
    assert words(place / 'portfolio.html').count('my_mugs') == 1
    assert main(['portfolio', '--projects', 'nowhere']) == 1
    assert 'no folder "nowhere"' in capsys.readouterr().err
    shutil.rmtree(deep / 'my_mugs' / 'model')
    assert main(['portfolio', '--projects', 'mine']) == 0
    assert 'Nothing was measured yet' in words(place / 'portfolio.html')


def test_every_lesson_has_its_row():
    for lesson in lessons():
        progress.note_reached(lesson['stem'][:2])
    assert len(portfolio.lessons_done(progress.read())) == len(lessons())
