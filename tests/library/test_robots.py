"""The ray tracer, the physics and the helpers of lesson 19, and the table of the 36 applications.
The oracles are the laws of optics, the sizes of known things, and what the lessons recorded."""

import json
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from course.common import ROOT, lessons, settings
from whole_game import applications, fields_robots
from whole_game.errors import CourseError
from whole_game.makers import glassware, grasps
from whole_game.makers.glassware import Scene, Solid, bent, jar, meet, mirrored, photograph, trace
from whole_game.makers.grasps import Grasp, Part, depth, thing, try_grasp


def rays(*ways):
    "Directions of length 1."
    d = np.array(ways, float)
    return d / np.linalg.norm(d, axis=1, keepdims=True)


ones = lambda n: np.ones(n)


@pytest.mark.parametrize('before, behind', [(1, 1.5), (1.5, 1), (1.33, 1.5), (1, 1)])
def test_snells_law(before, behind):
    angles = np.radians([0, 10, 25, 40])
    d = np.c_[np.sin(angles), 0 * angles, -np.cos(angles)]
    normal = np.tile([0, 0, 1.0], (4, 1))
    on, share = bent(d, normal, before * ones(4), behind * ones(4))
    assert np.allclose(np.linalg.norm(on, axis=1), 1)
    assert np.allclose(before * np.sin(angles), behind * on[:, 0])
    assert (on[:, 2] < 0).all() and ((share >= 0) & (share < 0.3)).all()


def test_fresnel():
    normal = np.tile([0, 0, 1.0], (2, 1))
    _, share = bent(rays((0, 0, -1), (1, 0, -1e-4)), normal, ones(2), 1.5 * ones(2))
    assert share[0] == pytest.approx(0.04) and share[1] > 0.99
    brewster = np.arctan(1.5)  # light that swings in the plane isn't thrown back at all there
    d = rays((np.sin(brewster), 0, -np.cos(brewster)))
    assert bent(d, normal[:1], ones(1), 1.5 * ones(1))[1][0] == pytest.approx(0.0740, abs=1e-3)
    _, share = bent(rays((1, 0, -1)), normal[:1], 1.5 * ones(1), ones(1))
    assert share[0] == 1, 'beyond 42 degrees nothing leaves glass'


def test_a_mirror():
    assert np.allclose(mirrored(rays((1, 0, -1)), np.array([[0, 0, 1.0]])), rays((1, 0, 1)))


@pytest.mark.parametrize(
    'solid, far, normal',
    [
        (Solid('ball', (0, 0, 1), (0.5,)), 3.5, (0, -1, 0)),
        (Solid('box', (0, 0, 1), (0.3, 0.7, 0.4)), 3.3, (0, -1, 0)),
        (Solid('can', (0, 0, 1), (0.2, 0.4)), 3.8, (0, -1, 0)),
        (
            Solid('box', (0, 0, 1), (0.3, 0.7, 0.4), turn=glassware.turned(np.pi / 2)),
            3.7,
            (0, -1, 0),
        ),
    ],
)
def test_where_a_ray_hits(solid, far, normal):
    o, d = np.array([[0, -4.0, 1], [2, -4, 1]]), rays((0, 1, 0), (0, 1, 0))
    reach, side = meet(solid, o, d)
    assert reach[0] == pytest.approx(far) and np.allclose(side[0], normal)
    assert reach[1] == np.inf
    inside, _ = meet(solid, np.array([[0, 0, 1.0]]), d[:1])
    assert inside[0] == pytest.approx(4 - far), 'from its middle it is as far to the surface'


def test_a_can_from_above_and_a_ray_away():
    can = Solid('can', (0, 0, 1), (0.2, 0.4))
    reach, side = meet(can, np.array([[0.1, 0, 3.0], [0, 0, 3]]), rays((0, 0, -1), (0, 0, 1)))
    assert reach[0] == pytest.approx(1.6) and np.allclose(side[0], (0, 0, 1))
    assert reach[1] == np.inf


def test_what_is_not_there_changes_nothing():
    scene = Scene(soft=0.0)
    o, d = glassware.camera(scene, 16, 16)
    empty, first = trace(scene, o, d, np.random.default_rng(0))
    assert (first == -1).all() and empty.min() > 0.05
    scene.solids = [Solid('ball', (0, 0, 0.5), (0.4,), 'glass', inside=1.0)]
    with_air, first = trace(scene, o, d, np.random.default_rng(0))
    hit = first == 0
    assert 0 < hit.mean() < 1
    assert np.allclose(with_air[hit], 0.98**2 * empty[hit], atol=0.25), (
        'a ball of air bends nothing'
    )
    scene.solids = [Solid('ball', (0, 0, 0.5), (0.4,), 'glass')]
    of_glass, _ = trace(scene, o, d, np.random.default_rng(0))
    assert abs(of_glass - empty)[hit].mean() > abs(with_air - empty)[hit].mean()


def test_a_jar_is_hollow():
    outer, inner = jar((0.1, 0.2), 0.2, 0.8)
    assert inner.size[0] < outer.size[0] and inner.size[1] < outer.size[1]
    assert (outer.outside, outer.inside) == (1, 1.5) and (inner.outside, inner.inside) == (1.5, 1)


def test_a_picture_and_its_mask():
    scene = glassware.arrange('matte', np.random.default_rng(4))
    picture, mask = photograph(scene, np.random.default_rng(0), 32, 24)
    assert picture.shape == (24, 32, 3) and mask.shape == (24, 32) and 0 < mask.mean() < 0.6
    again, _ = photograph(scene, np.random.default_rng(0), 32, 24)
    assert (picture == again).all()
    without, nothing = photograph(glassware.emptied(scene), np.random.default_rng(0), 32, 24)
    assert not nothing.any() and abs(picture - without)[mask].mean() > 0.05


@pytest.fixture(scope='module')
def few(tmp_path_factory):
    "The two data sets, with few items."
    folder = tmp_path_factory.mktemp('few')
    patch = pytest.MonkeyPatch()
    patch.setattr(glassware, 'PARTS', {'train': 3, 'valid': 2})
    patch.setattr(grasps, 'ROUNDS', 2)
    patch.setattr(grasps, 'TRIES', 2)
    for name, make in (('glass', glassware.make), ('grasps', grasps.make)):
        (folder / name).mkdir()
        make(folder / name)
    patch.undo()
    return folder


def test_the_pictures_on_the_disk(few):
    folder = few / 'glass'
    assert len(list(folder.rglob('*.png'))) == 3 * (2 * 5 + 2 * 2)
    for material in glassware.MATERIALS:
        [file, _] = fields_robots.files_of(folder, 'masks', material)
        assert set(np.unique(np.array(Image.open(file)))) == {0, 1}
    perfect = lambda files: np.stack(
        [fields_robots._mask(folder / 'masks' / f.relative_to(folder / 'pictures')) for f in files]
    )
    found = fields_robots.overlaps(perfect, folder)
    assert found == dict.fromkeys(glassware.MATERIALS, 1.0)


def test_the_simple_methods_see_something(few):
    folder = few / 'glass'
    still = fields_robots.overlaps(fields_robots.compare_with('empty', folder), folder)
    moved = fields_robots.overlaps(fields_robots.compare_with('moved', folder), folder)
    assert still['matte'] > 0.5 and sum(still.values()) > sum(moved.values())
    assert fields_robots.overlaps(fields_robots.pixel_by_pixel(folder), folder)['matte'] > 0.02


def test_overlap():
    one, other = np.array([1, 1, 0, 0]), np.array([0, 1, 1, 0])
    assert fields_robots.overlap(one, other) == pytest.approx(1 / 3)
    assert fields_robots.overlap(one, one) == 1 and fields_robots.overlap(one * 0, one * 0) == 0


def test_the_depth_of_a_known_box():
    seen = depth([Part('box', (0.03, 0.015, 0.02), (0, 0, 0.02), 0.1)], turn=0)
    high = seen > 0.005
    assert seen.max() == pytest.approx(0.041, abs=1e-4), 'twice its half height, and 1 mm of air'
    assert high.sum() * (2 * grasps.VIEW / len(seen)) ** 2 == pytest.approx(0.06 * 0.03, rel=0.1)
    wide, tall = high.any(0).sum(), high.any(1).sum()
    assert wide == pytest.approx(16, abs=1) and tall == pytest.approx(8, abs=1)
    turned = depth([Part('box', (0.03, 0.015, 0.02), (0, 0, 0.02), 0.1)], turn=90) > 0.005
    assert turned.any(0).sum() == tall


def test_physics_decides():
    box = [Part('box', (0.03, 0.015, 0.02), (0, 0, 0.02), 0.1)]
    across = Grasp(0, 0, np.pi / 2)
    assert try_grasp(box, 0, across) and not try_grasp(box, 0, Grasp(0.1, 0, 0))
    assert not try_grasp(box, 0, across, force=0.05), 'fingers that do not press hold nothing'
    wide = [Part('box', (0.05, 0.05, 0.02), (0, 0, 0.02), 0.1)]
    assert not try_grasp(wide, 0, across), 'wider than the gripper opens'
    lead = [Part('box', (0.03, 0.015, 0.02), (0, 0, 0.02), 4.0)]
    assert not try_grasp(lead, 0, across)


@pytest.mark.parametrize('radius', [0.012, 0.025, 0.036])
def test_fingers_stop_at_what_they_meet(radius):
    can, closed = [Part('cylinder', (radius, 0.03), (0, 0, 0.03), 0.1)], []

    def watch(model, data):
        closed.append([data.joint(name).qpos[0] for name in ('left', 'right')])

    assert try_grasp(can, 0, Grasp(0, 0, 0), watch=watch, every=1)
    assert grasps.OPEN - np.array(closed[-1]) == pytest.approx([radius, radius], abs=0.001)


def test_fingers_do_not_go_through_each_other():
    closed = []
    watch = lambda model, data: closed.append(data.joint('left').qpos[0])
    far = [Part('sphere', (0.02,), (0.11, 0.11, 0.02), 0.1)]
    assert not try_grasp(far, 0, Grasp(0, 0, 0), watch=watch, every=1)
    assert max(closed) < grasps.OPEN + 0.004 and closed[-1] < grasps.OPEN + 0.001


@pytest.mark.parametrize('wide', [0.036, 0.05])
def test_a_mug_by_the_middle_or_by_its_wall(wide):
    mug = grasps._mug(wide, 0.035)
    assert try_grasp(mug, 0, Grasp(0, 0, np.pi / 2)) == (wide < grasps.OPEN)
    assert try_grasp(mug, 0, Grasp(0, wide - 0.0025, np.pi / 2)), 'one finger inside'


def test_two_runs_are_one():
    states = []
    for _ in range(2):
        seen = []
        watch = lambda model, data, seen=seen: seen.append(data.qpos.copy())
        parts = thing('mug', np.random.default_rng(3))
        try_grasp(parts, 20, Grasp(0.03, 0, 0.4), watch=watch)
        states.append(np.stack(seen))
    assert (states[0] == states[1]).all()


@pytest.mark.parametrize('shape', grasps.SHAPES)
def test_every_kind_of_thing_stands_still(shape):
    parts, seen = thing(shape, np.random.default_rng(1)), []
    try_grasp(parts, 0, Grasp(0.3, 0.3, 0), watch=lambda m, d: seen.append(d.body('thing').xpos[:]))
    assert abs(seen[-1]).max() < 0.01
    assert fields_robots.check_thing(parts) == parts


def test_the_rule_takes_the_narrow_side():
    seen = depth([Part('box', (0.06, 0.012, 0.02), (0, 0, 0.02), 0.1)], turn=30)
    grasp = fields_robots.narrow_side(seen)
    assert abs(np.degrees(grasp.angle) - 120) < 3 and abs(grasp.x) + abs(grasp.y) < 0.003


def test_a_crop_is_turned_to_the_gripper():
    part = [Part('box', (0.04, 0.012, 0.02), (0, 0, 0.02), 0.1)]
    same = [
        fields_robots.crop(depth(part, turn), Grasp(0, 0, np.radians(turn))) for turn in (0, 35, 90)
    ]
    assert abs(same[0] - same[1]).mean() < 0.1 and abs(same[0] - same[2]).mean() < 0.1
    off = fields_robots.crops([depth(part, 0)], [Grasp(0.02, 0, 0)])
    assert off.shape == (1, 1, fields_robots.CROP, fields_robots.CROP)
    assert fields_robots.two_distances(off)[0, 0] > 0.2 > fields_robots.two_distances(off)[0, 1]


def test_the_trials_on_the_disk(few):
    seen, number, some, shapes, valid, held = fields_robots.read_grasps(few / 'grasps')
    assert len(seen) == 14 and len(number) == len(some) == len(held) == 28
    assert (shapes == 'mug').sum() == 8 and valid.any() and not valid.all()
    assert set(number[valid]).isdisjoint(number[~valid])


def test_the_best_of_several():
    held = np.array([True, False, False, True])
    things = np.array([0, 0, 1, 1])
    assert fields_robots.best_of(held, [0.9, 0.1, 0.8, 0.7], things) == 0.5
    assert fields_robots.auc(held, [0.9, 0.1, 0.3, 0.7]) == 1


def test_a_judge_chooses():
    seen = depth(thing('bar', np.random.default_rng(0)), 0)
    nearest = lambda crops: -fields_robots.two_distances(crops).sum(1)
    grasp = fields_robots.surest(nearest, seen)
    assert abs(grasp.x) + abs(grasp.y) < 0.03
    bars = [(thing('bar', np.random.default_rng(0)), 0, seen)]
    assert fields_robots.share_held(lambda seen: Grasp(0.2, 0.2, 0), bars) == 0


def test_a_film():
    parts = [Part('cylinder', (0.025, 0.03), (0, 0, 0.03), 0.1)]
    pictures, held = fields_robots.film(parts, 0, Grasp(0, 0, 0), every=190, size=40)
    assert held and len(pictures) == 2 and pictures[0].size == (40, 40)
    assert np.ptp(np.array(pictures[0])) > 50


@pytest.mark.parametrize(
    'parts, word',
    [
        ([], 'list of parts'),
        ('mug', 'list of parts'),
        ([3], 'no box, cylinder or sphere'),
        ([Part('cone', (1,), (0, 0, 1), 1)], 'no box, cylinder or sphere'),
        ([Part('box', (0.01, 0.01), (0, 0, 0.01), 0.1)], 'wrong number'),
        ([Part('sphere', (0.01,), (0, 0), 0.1)], 'wrong number'),
        ([Part('sphere', (-0.01,), (0, 0, 0.01), 0.1)], 'not above 0'),
        ([Part('sphere', (float('nan'),), (0, 0, 0.01), 0.1)], 'not above 0'),
        ([Part('sphere', (3,), (0, 0, 3), 0.1)], 'too large or too heavy'),
        ([Part('sphere', (0.03,), (0, 0, 0.03), 100)], 'too large or too heavy'),
        ([Part('sphere', (0.03,), (0, 0, 0), 0.1)], 'into the table'),
    ],
)
def test_a_thing_that_physics_cannot_take(parts, word):
    with pytest.raises(CourseError, match=word):
        fields_robots.check_thing(parts)


def test_a_kind_that_is_not_known():
    with pytest.raises(CourseError, match='called "cup"'):
        thing('cup', np.random.default_rng(0))


def test_without_mujoco(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mujoco', None)
    with pytest.raises(CourseError, match=r'whole-game\[robots\]'):
        depth(thing('box', np.random.default_rng(0)), 0)


def test_the_table_has_the_cards_of_settings():
    known = settings()
    cards = [
        (int(path.stem[:2]), name)
        for path in lessons()
        if known[path.stem]['part'] == 'Fields'
        for name in known[path.stem]['cards']
    ]
    rows = applications.applications()
    assert sorted((row['lesson'], row['card']) for row in rows) == sorted(cards)
    assert len(rows) == 36 and sum(applications.won_by().values()) == 36


def test_its_numbers_are_those_that_were_recorded():
    recorded = json.loads((ROOT / 'nbs' / 'recorded.json').read_text(encoding='utf-8'))
    for row in applications.applications():
        said = next(r for stem, r in recorded.items() if stem.startswith(f'{row["lesson"]}_'))
        for name, number in zip((row['ours'], row['simple']), row['numbers']):
            turned = name.startswith('1 - ')
            wanted = 1 - said[name[4:]] if turned else said[name]
            assert number == pytest.approx(wanted, rel=0.01, abs=0.005), (row['card'], name)


@pytest.mark.parametrize(
    'ours, simple, better, who',
    [
        (0.9, 0.8, 'high', 'network'),
        (0.8, 0.9, 'high', 'simple method'),
        (0.8, 0.81, 'high', 'draw'),
        (2, 3, 'low', 'network'),
        (2, 0, 'low', 'simple method'),
        (0, 0, 'low', 'draw'),
        (31, 30, 'decibels', 'network'),
        (29, 30, 'decibels', 'simple method'),
        (30.1, 30, 'decibels', 'draw'),
    ],
)
def test_who_won(ours, simple, better, who):
    assert applications.winner(ours, simple, better) == who


def test_the_tables():
    table = applications.table_of('method', 'won')
    assert list(table) == ['simple method', 'won'] and len(table) == 36
    assert table.index[0] == '10, 1' and table.index[-1] == '19, 2'
    assert torch.is_tensor(fields_robots.crops([np.zeros((64, 64))], [Grasp(0, 0, 0)]))
