"whole_game.makers.leaves: each leaf itself and nobody else, the illness visible, a set in order."

import numpy as np
import pytest
from PIL import Image

from whole_game.makers import leaves
from whole_game.makers.leaves import draw, leaf_of, make, photograph


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('leaves')
    before = leaves.LEAVES, leaves.SHOTS
    leaves.LEAVES, leaves.SHOTS = 6, 2
    told = []
    try:
        make(folder, progress=lambda done, total: told.append((done, total)))
    finally:
        leaves.LEAVES, leaves.SHOTS = before
    assert told == [(i, 6) for i in range(1, 7)]
    return sorted(folder.rglob('*.jpg'))


def test_a_leaf_depends_on_its_number_alone():
    first = draw(3)
    np.random.seed(1)
    assert (
        draw(3).tobytes() == first.tobytes() and first.size == (288, 200) and first.mode == 'RGBA'
    )
    assert draw(4).tobytes() != first.tobytes()
    assert leaves.SEED == 7  # the numbers of lesson 03 belong to this seed


def test_the_illness_is_only_spots():
    well, ill = (np.asarray(draw(5, sick=s)).astype(int) for s in (False, True))
    changed = (np.abs(well - ill).sum(-1) > 30).mean()
    assert 0.001 < changed < 0.1  # small, but there


def test_a_shot_is_the_same_leaf_on_the_same_table_seen_anew():
    leaf = draw(8)
    a, b = photograph(leaf, 8, 0), photograph(leaf, 8, 1)
    assert (
        a.size == (128, 128)
        and a.mode == 'RGB'
        and photograph(leaf, 8, 0).tobytes() == a.tobytes() != b.tobytes()
    )
    assert photograph(leaf, 9, 0).tobytes() != a.tobytes()  # another table


@pytest.mark.parametrize('number', range(0, 48, 7))
def test_every_leaf_is_whole_and_green_enough_to_see(number):
    pixels = np.asarray(draw(number))
    solid = pixels[..., 3] > 200
    assert 0.1 < solid.mean() < 0.7
    # nothing is cut off above, below or at the tip
    assert not solid[[0, -1]].any() and not solid[:, -1].any()
    red, green, blue = pixels[solid][:, :3].mean(0)
    assert green > red * 0.95 and green > blue


def test_the_set_has_every_leaf_under_one_label(made):
    assert len(made) == 12 and len({leaf_of(f) for f in made}) == 6
    label = {}
    for f in made:
        label.setdefault(leaf_of(f), set()).add(f.parent.name)
    assert all(len(labels) == 1 for labels in label.values())
    assert sorted(next(iter(v)) for v in label.values()) == ['healthy'] * 3 + ['sick'] * 3
    assert all(Image.open(f).size == (128, 128) for f in made)


def test_leaf_of():
    assert leaf_of('anywhere/sick/leaf07_03.jpg') == 'leaf07'


def test_what_a_friend_sends_has_its_faults(tmp_path):
    for label in 'healthy', 'sick':
        (tmp_path / label).mkdir()
        for n in range(48):
            grey = n * 5 if label == 'healthy' else 255 - n * 5
            Image.new('RGB', (16, 16), (grey, 90, 30)).save(tmp_path / label / f'{n:02}_01.jpg')
    mess = leaves.from_a_friend(tmp_path)
    held = {
        folder.name: sorted(file.name for file in folder.iterdir()) for folder in mess.iterdir()
    }
    assert len(held['mould']) == 3 and sum(map(len, held.values())) == 12
    assert Image.open(mess / 'sick' / 'grey.png').mode == 'L'
    see_through = Image.open(mess / 'healthy' / 'tiny_see_through.png')
    assert see_through.mode == 'RGBA' and see_through.size == (24, 24)
    assert Image.open(mess / 'healthy' / 'huge.jpg').size == (3000, 3000)
    twice = (mess / 'sick' / 'IMG_0001.jpg').read_bytes()
    assert twice in [(mess / 'healthy' / name).read_bytes() for name in held['healthy']]
    with pytest.raises(OSError):
        Image.open(mess / 'sick' / 'notes.jpg')
