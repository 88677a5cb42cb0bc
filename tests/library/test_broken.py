"Lesson 51's projects: each has the fault that the lesson says, and none of the others'."

import hashlib

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from whole_game.broken import FRIENDS, project_of
from whole_game.drawings_symptoms import show_symptoms, unusual
from whole_game.errors import CourseError

ALL = ('healthy', *FRIENDS)


@pytest.fixture(scope='module')
def projects():
    return {name: project_of(name) for name in ALL}


def faults(learn):
    "The faults that can be seen without training."
    dls, found = learn.dls, set()
    labels = [dls.train_ds[i][1].item() for i in range(60)]
    folders = [int(file.parent.name) for file in dls.train_ds.items[:60]]
    sides = [{file.parent.name for file in ds.items} for ds in (dls.train_ds, dls.valid_ds)]
    marks = [
        {hashlib.sha256(file.read_bytes()).digest() for file in ds.items}
        for ds in (dls.train_ds, dls.valid_ds)
    ]
    (x, _), (x_valid, _) = dls.train.one_batch(), dls.valid.one_batch()
    with torch.no_grad():
        sums = learn.model(x).sum(1)
    in_optimizer = {id(p) for group in learn.opt.param_lists for p in group}
    if labels != folders:
        found.add('labels')
    if sides[0] != sides[1]:
        found.add('split')
    if torch.allclose(sums, torch.ones_like(sums), atol=1e-4):
        found.add('softmax')
    if any(id(p) not in in_optimizer for p in learn.model.parameters()):
        found.add('optimizer')
    if 'Dihedral' in str(dls.train.after_batch):
        found.add('augmentation')
    if marks[0] & marks[1]:
        found.add('copies')
    if learn.lr < 1e-3:
        found.add('rate')
    if not 0.8 < x_valid.std() < 1.25:
        found.add('validation')
    return found


def test_each_has_its_own_fault(projects):
    assert {name: faults(learn) for name, learn in projects.items()} == {
        'healthy': set(),
        'ada': {'labels'},
        'ben': {'split'},
        'chen': {'softmax'},
        'dana': {'optimizer'},
        'emre': {'augmentation'},
        'noor': {'copies'},
        'olu': {'rate', 'validation'},
    }


@pytest.mark.parametrize('name', ALL)
def test_all_learn_from_ten_categories_and_say_nothing(name, projects, capsys):
    learn = projects[name]
    assert list(learn.dls.vocab) == list('0123456789')
    assert len(learn.dls.train_ds) == 700 and len(learn.dls.valid_ds) == 300
    learn.validate()
    assert capsys.readouterr().out == ''


def test_a_seed_gives_the_same_project():
    first, second, other = project_of('healthy', 1), project_of('healthy', 1), project_of('healthy')
    weights = [learn.model[0][0].weight for learn in (first, second, other)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    assert torch.equal(first.dls.train.one_batch()[1], second.dls.train.one_batch()[1])


@pytest.mark.parametrize('name', ['zoe', '', None, 3])
def test_nobody_of_that_name(name):
    with pytest.raises(CourseError) as met:
        project_of(name)
    assert repr(name) in str(met.value) and "'olu'" in str(met.value)


def test_what_is_unusual_is_marked():
    found = {'healthy': [2.3, 0.0], 'one': [2.5, 1.46], 'two': [12.0, 0.05]}
    assert unusual(found, [0.3, 0.1]).tolist() == [[False, False], [False, True], [True, False]]
    show_symptoms(found, ['first', 'heart'], [0.3, 0.1], 'Three')
    ax = plt.gca()
    texts = {text.get_text(): text.get_weight() for text in ax.texts}
    assert texts['1.46'] == texts['12.0'] == 'bold' and texts['2.50'] == 'normal'
    assert np.array(ax.collections[0].get_array()).sum() == 2
    assert [label.get_text() for label in ax.get_yticklabels()] == list(found)
    plt.close('all')
