"""whole_game.share: a folder with all that a friend needs and nothing of this machine; what is
wrong with a model is told before anything is made."""

import json
import re

import pytest
from fastai.vision.all import create_vision_model
from safetensors.torch import save_file

from whole_game import modelcard, projects
from whole_game.backbone import lite0
from whole_game.cli import main
from whole_game.errors import CourseError
from whole_game.share import PACKAGES, share


@pytest.fixture(scope='module')
def numbers():
    return create_vision_model(lite0, 2, pretrained=False).state_dict()


@pytest.fixture
def model(numbers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = projects.new_project(tmp_path / 'my_mugs')
    (place / 'model').mkdir()
    name = place / 'model' / 'my_mugs'
    save_file({k: v.contiguous() for k, v in numbers.items()}, f'{name}.safetensors')
    card = {'architecture': 'lite0', 'size': 64, 'categories': ['mug', 'long_glass']}
    (place / 'model' / 'my_mugs.json').write_text(json.dumps(card))
    return name


def measure(model):
    labels, answers = ['mug', 'long_glass'] * 10, ['mug', 'mug'] + ['mug', 'long_glass'] * 9
    groups = {"Ben's <kitchen>": (7, 12)}
    modelcard.measured(labels, answers, [0.9] * 20, path=model, groups=groups)


def test_what_is_in_it(model, tmp_path):
    measure(model)
    made = share(model, tmp_path / 'give', 'Mug: or "glass"?')
    read = lambda name: (made.path / name).read_text('utf-8')
    words = read('README.md')
    assert words.index('What it cannot do') < words.index('Start it')
    for wanted in (
        "Ben's <kitchen>: 7 of 12",
        '1 was answered wrongly',
        'mug, long glass',
        'never',
    ):
        assert wanted in words, wanted
    assert words.startswith('---\ntitle: "Mug: or \\"glass\\"?"\nsdk: gradio\n')
    assert "\n#### In its author's words\n" in words, 'its headings are deeper than the README has'
    assert words.count('*Not answered.*') == 12 and 'you perhaps' not in words
    assert 'other cameras' not in words and 'your_game' not in words, 'that was for the author'
    compile(read('app.py'), 'app.py', 'exec')
    lines = read('requirements.txt').split()
    assert [line.split('==')[0] for line in lines] == list(PACKAGES) and '+' not in ''.join(lines)
    for file in made.path.rglob('*'):
        if file.suffix in ('.py', '.md', '.txt', '.json'):
            assert str(tmp_path) not in file.read_text('utf-8'), file
    assert {p.name for p in (made.path / 'model').iterdir()} == {
        'my_mugs.safetensors',
        'my_mugs.json',
        'my_mugs.measured.json',
    }
    assert 'Apache License' in read('whole_game/LICENSE'), 'the licence goes with the modules'
    copied = made.path / 'model' / 'my_mugs.safetensors'
    assert copied.read_bytes() == model.with_suffix('.safetensors').read_bytes()


def test_it_says_what_is_still_open(model, tmp_path, capsys):
    assert main(['share', str(model), 'give']) == 0
    said = capsys.readouterr().out
    for wanted in (
        'Nothing was measured',
        'never seen',
        '5 questions of the model card',
        'README.md',
    ):
        assert wanted in said, wanted
    assert 'Nobody has measured how often it is right' in (
        tmp_path / 'give' / 'README.md'
    ).read_text('utf-8')
    for paper in ('model_card.md', 'data_card.md'):
        (model.parent.parent / paper).unlink()
    warnings = share(model, 'again').warnings
    assert 'There is no model card.' in warnings and 'There is no data card.' in warnings


def test_nothing_is_written_over(model, tmp_path, capsys):
    (tmp_path / 'give').mkdir()
    assert main(['share', str(model), 'give']) == 1
    assert 'There is already a folder of that name' in capsys.readouterr().err
    (tmp_path / 'file').write_text('x')
    assert main(['share', str(model), 'file']) == 1 and 'a file' in capsys.readouterr().err
    assert main(['share', str(model), 'nowhere/give']) == 1
    assert 'no folder "nowhere"' in capsys.readouterr().err
    assert not list((tmp_path / 'give').iterdir()) and not list(tmp_path.glob('.*'))


def test_a_model_that_is_not_there_damaged_or_measured_before(model, tmp_path):
    with pytest.raises(CourseError, match='There is no file other.safetensors'):
        share(model.with_name('other'), 'give')
    measure(model)
    figures = model.with_suffix('.measured.json')
    noted = json.loads(figures.read_text())
    figures.write_text(json.dumps(noted | {'model': 'another'}))
    with pytest.raises(CourseError, match='is about another model'):
        share(model, 'give')
    figures.unlink()
    model.with_suffix('.safetensors').write_bytes(b'no')
    with pytest.raises(CourseError, match='cannot be read'):
        share(model, 'give')
    assert not (tmp_path / 'give').exists()


@pytest.mark.parametrize('kind', ['table', 'text', 'sound'])
def test_a_model_that_is_not_about_pictures(kind, model, tmp_path, capsys):
    model.with_suffix('.json').write_text(json.dumps({'kind': kind, 'answers': None}))
    modelcard.measured_numbers([1.0, 3.0], [1.5, 2.0], 2.0, path=model)
    assert main(['share', str(model), 'give']) == 1
    said = capsys.readouterr().err
    assert f'of the kind "{kind}"' in said and 'whole-game page' in said
    assert not (tmp_path / 'give').exists() and not list(tmp_path.glob('.*'))


def test_what_a_new_card_says_is_no_answer(model, tmp_path):
    asked = 'Is a person on them, or something private?'
    assert '7 questions of the data card' in ' '.join(share(model, 'new').warnings)
    card = model.parent.parent / 'data_card.md'
    words = card.read_text('utf-8')
    card.write_text(words.replace('Do they know?', 'Do they know? Yes, both do.'), 'utf-8')
    assert asked in words and '6 questions' in ' '.join(share(model, 'filled').warnings)


def test_a_full_disk_leaves_nothing_half_made(model, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('whole_game.share.shutil.copyfile', full)
    with pytest.raises(CourseError, match='was not made') as e:
        share(model, 'give')
    assert 'no room left' in e.value.why
    assert not re.findall('give', ' '.join(p.name for p in tmp_path.iterdir()))


def test_what_a_card_says_about_its_author_is_pointed_at(model, tmp_path):
    card = model.parent.parent / 'data_card.md'
    card.write_text(card.read_text() + '\nFrom /home/ada/photos; ask ada@example.org.\n')
    said = '\n'.join(share(model, tmp_path / 'give').warnings)
    assert 'The data card has a path of this computer: /home/ada/photos;.' in said
    assert 'The data card has an e-mail address: ada@example.org.' in said
    assert 'The model card has' not in said
