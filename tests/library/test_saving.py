"""Saving and loading: the loaded classifier answers as fastai does, the files are harmless, and
damage is told in plain words."""

import json
import pickle
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import skimage.data
import torch
from fastai.vision.all import ImageDataLoaders, PILImage, Resize, resnet18, vision_learner
from PIL import Image
from safetensors.torch import load_file, save_file

from whole_game.backbone import lite0
from whole_game.errors import CourseError
from whole_game.saving import load, save

CATEGORIES = ['coffee cup', 'kedi', 'sarı']


def some_learner(folder, categories=CATEGORIES, arch=lite0, **kwargs):
    "A learner whose head and BatchNorm layers have moved, on a few tiny pictures."
    rng = np.random.default_rng(0)
    for part in ('train', 'valid'):
        for category in categories:
            (folder / part / category).mkdir(parents=True, exist_ok=True)
            for i in range(2):
                Image.fromarray(rng.integers(0, 256, (80, 64, 3), dtype=np.uint8)).save(
                    folder / part / category / f'{i}.png'
                )
    dls = ImageDataLoaders.from_folder(
        folder, train='train', valid='valid', bs=2, seed=0, **{'item_tfms': Resize(128), **kwargs}
    )
    learn = vision_learner(dls, arch, pretrained=arch is lite0)
    if arch is lite0:
        torch.manual_seed(0)
        learn.unfreeze()
        with learn.no_bar(), learn.no_logging():
            learn.fit(1, 1e-3)
    return learn


@pytest.fixture(scope='module')
def learn(tmp_path_factory):
    return some_learner(tmp_path_factory.mktemp('pictures'))


@pytest.fixture
def saved(learn, tmp_path):
    "A saved model, fresh for each test; gives the name without the ending."
    save(learn, tmp_path / 'models' / 'mine')
    return tmp_path / 'models' / 'mine'


PICTURES = {
    'wide': lambda: skimage.data.chelsea(),
    'tall': lambda: np.ascontiguousarray(skimage.data.coffee().swapaxes(0, 1)),
    'square': lambda: skimage.data.astronaut(),
    'small': lambda: skimage.data.astronaut()[:40, :50],
    'exact': lambda: skimage.data.astronaut()[100:228, 100:228],
}


@pytest.mark.parametrize('name', PICTURES)
def test_it_predicts_as_fastai_does(learn, saved, name):
    picture = PILImage.create(PICTURES[name]())
    with learn.no_bar():
        category, index, probs = learn.predict(picture)
    mine = load(saved).predict(picture)
    assert mine[0] == category and mine[1] == index
    torch.testing.assert_close(mine[2], probs.as_subclass(torch.Tensor), atol=1e-5, rtol=0)


def test_what_it_cannot_save_it_says_where_export_would_write(tmp_path, monkeypatch):
    monkeypatch.setenv('WHOLE_GAME_CACHE', str(tmp_path / 'cache'))
    learn = SimpleNamespace(arch=resnet18, path=tmp_path / 'beside my notebook')
    with pytest.raises(CourseError, match='beside my notebook') as e:
        save(learn, tmp_path / 'mine')
    assert 'data' not in e.value.do
    learn.path = tmp_path / 'cache' / 'penguins-v1'
    with pytest.raises(CourseError, match='penguins-v1') as e:
        save(learn, tmp_path / 'mine')
    assert 'learn.path = Path()' in e.value.do


def test_no_room_for_a_model_leaves_the_old_one(learn, saved, full):
    before = [saved.with_suffix(end).read_bytes() for end in ('.safetensors', '.json')]
    if full.before:
        pytest.skip('a limit would hold for the tests themselves; the small disk shows it')
    with pytest.raises(CourseError, match='no room'):
        save(learn, full.folder / 'mine')
    assert [path.name for path in full.folder.iterdir()] == ['something large']
    assert before == [saved.with_suffix(end).read_bytes() for end in ('.safetensors', '.json')]


def test_pictures_that_differ_get_answers_that_differ(saved):
    "Otherwise the comparison above would hold for a model that says the same of everything."
    classifier = load(saved)
    answers = [classifier.predict(picture())[2] for picture in PICTURES.values()]
    assert min((a - b).abs().max() for i, a in enumerate(answers) for b in answers[:i]) > 1e-3


def test_a_path_an_array_and_an_image_are_the_same(saved, tmp_path):
    pixels = skimage.data.astronaut()
    file = tmp_path / 'picture.png'
    Image.fromarray(pixels).save(file)
    classifier = load(saved)
    for photo in (file, str(file), Image.fromarray(pixels)):
        assert torch.equal(classifier.predict(photo)[2], classifier.predict(pixels)[2])


def test_colours_of_any_kind(saved):
    "Grey, with transparency, with a palette: what people's files hold."
    image = Image.fromarray(skimage.data.chelsea())
    for mode in ('L', 'RGBA', 'P'):
        assert load(saved).predict(image.convert(mode))[2].sum() == pytest.approx(1, abs=1e-5)


def test_without_a_resize_in_the_lesson(tmp_path):
    """Lesson 1 trains on pictures that have the right size already; so must the picture be that is
    compared."""
    learn = some_learner(tmp_path / 'pictures', item_tfms=None)
    save(learn, tmp_path / 'plain')
    picture = PILImage.create(PICTURES['exact']())
    with learn.no_bar():
        expected = learn.predict(picture)[2]
    torch.testing.assert_close(
        load(tmp_path / 'plain').predict(picture)[2],
        expected.as_subclass(torch.Tensor),
        atol=1e-5,
        rtol=0,
    )


def test_the_size_is_that_of_training(learn, tmp_path):
    "Left out, it is the size the pictures were trained at, or the answers would be others."
    large = learn.dls.new(after_item=[Resize(224), *learn.dls.after_item.fs[1:]])
    assert large.one_batch()[0].shape[-2:] == (224, 224)
    other = learn.__class__(large, learn.model, loss_func=learn.loss_func)
    other.arch = learn.arch
    save(other, tmp_path / 'large')
    save(learn, tmp_path / 'small')
    save(learn, tmp_path / 'told', size=96)
    assert [load(tmp_path / name).size for name in ('large', 'small', 'told')] == [224, 128, 96]


def test_the_files(learn, saved):
    numbers, meaning = save(learn, saved)
    assert (numbers.name, meaning.name) == ('mine.safetensors', 'mine.json')
    text = meaning.read_text(encoding='utf-8')
    assert len(text) < 500 and len(text.splitlines()) > 3
    assert json.loads(text) == {'architecture': 'lite0', 'size': 128, 'categories': CATEGORIES}
    assert 15e6 < numbers.stat().st_size < 25e6
    state = load_file(numbers)
    assert set(state) == set(learn.model.state_dict())


def test_the_numbers_are_no_pickle(saved):
    head = saved.with_suffix('.safetensors').read_bytes()
    length = int.from_bytes(head[:8], 'little')
    assert json.loads(head[8 : 8 + length]), 'a safetensors file begins with JSON'
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(head)


@pytest.mark.parametrize('ending', ['', '.safetensors', '.json'])
def test_any_of_the_names_will_do(learn, tmp_path, ending):
    made = save(learn, f'{tmp_path}/v1.2 of me{ending}')
    assert [file.name for file in made] == ['v1.2 of me.safetensors', 'v1.2 of me.json']
    assert load(f'{tmp_path}/v1.2 of me{ending}').categories == CATEGORIES


def test_saving_again_replaces(learn, saved):
    before = load(saved).predict(PICTURES['wide']())[2]
    save(learn, saved, size=96)
    assert load(saved).size == 96 and not torch.equal(
        load(saved).predict(PICTURES['wide']())[2], before
    )
    assert sorted(file.name for file in saved.parent.iterdir()) == ['mine.json', 'mine.safetensors']


def test_another_network_cannot_be_saved(tmp_path):
    other = some_learner(tmp_path / 'pictures', arch=resnet18)
    with pytest.raises(CourseError, match='cannot be saved'):
        save(other, tmp_path / 'other')
    assert not list(tmp_path.glob('other*'))


def test_something_else_cannot_be_saved(tmp_path):
    with pytest.raises(CourseError, match='cannot be saved'):
        save(torch.nn.Linear(2, 2), tmp_path / 'other')


@pytest.mark.parametrize('ending', ['.safetensors', '.json'])
def test_a_missing_file(saved, ending):
    saved.with_suffix(ending).unlink()
    with pytest.raises(CourseError, match=f'mine{ending}'):
        load(saved)


def cut(file):
    file.write_bytes(
        file.read_bytes()[:-1000] if file.suffix == '.safetensors' else file.read_bytes()[:-10]
    )


def emptied(file):
    file.write_bytes(b'')


def overwritten(file):
    file.write_bytes(bytes(range(256)) * 10)


@pytest.mark.parametrize('ending', ['.safetensors', '.json'])
@pytest.mark.parametrize('damage', [cut, emptied, overwritten])
def test_a_damaged_file(saved, damage, ending):
    damage(saved.with_suffix(ending))
    with pytest.raises(CourseError, match='mine cannot be read'):
        load(saved)


@pytest.mark.parametrize(
    'text',
    [
        '[]',
        '"hello"',
        '{}',
        '{"categories": 3, "size": 128}',
        '{"categories": ["a", "b", "c"]}',
        '{"categories": ["a", "b", "c"], "size": "large"}',
        '{"architecture": "resnet18", "categories": ["a", "b", "c"], "size": 128}',
    ],
)
def test_a_json_file_that_says_something_else(saved, text):
    saved.with_suffix('.json').write_text(text, encoding='utf-8')
    with pytest.raises(CourseError, match='mine cannot be read'):
        load(saved)


def test_two_files_that_do_not_belong_together(learn, saved, tmp_path):
    two = some_learner(tmp_path / 'pictures', ['a', 'b'])
    save(two, tmp_path / 'two')
    shutil.copy(tmp_path / 'two.json', saved.with_suffix('.json'))
    with pytest.raises(CourseError, match='belong together'):
        load(saved)


def test_numbers_of_another_network(saved):
    save_file({'weight': torch.zeros(3)}, saved.with_suffix('.safetensors'))
    with pytest.raises(CourseError, match='mine cannot be read'):
        load(saved)


def test_a_pickle_in_disguise_is_never_opened(saved, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / 'sprung'), 'w'))

    saved.with_suffix('.safetensors').write_bytes(pickle.dumps(Trap()))
    with pytest.raises(CourseError, match='mine cannot be read'):
        load(saved)
    assert not (tmp_path / 'sprung').exists()


@pytest.mark.parametrize('damage', ['no picture', 'no file'])
def test_it_says_when_it_is_given_no_picture(saved, tmp_path, damage):
    file = tmp_path / 'holiday.jpg'
    if damage == 'no picture':
        file.write_text('I am a letter.')
    with pytest.raises(CourseError, match='holiday.jpg'):
        load(saved).predict(file)
