"""On a machine with a graphics card, library and lessons keep a model and its input in one place.

No card is needed. A pretended one computes on the CPU, remembers which tensors are "there", and
refuses what a real one refuses: tensors of both sides in one calculation, NumPy, and float64, which
Apple's cards do not know."""

import ast
import contextlib
import re
from itertools import islice

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
from fastai.basics import defaults
from fastai.callback.core import Callback
from fastai.learner import Learner
from fastai.torch_core import default_device
from fastai.vision.all import ImageDataLoaders, L, accuracy, vision_learner
from PIL import Image
from torch import nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from course.common import ROOT
from whole_game import app, backbone, doctor, projects, saving, strangers
from whole_game.features import head_learner, extract_features
from whole_game.own import layers, losses, metrics, network, optim, resnet, schedules

CARD, Tensor, aten = torch.device('cuda', 0), torch.Tensor, torch.ops.aten
COPIES = {aten.copy_.default, aten._to_copy.default}
INDEXING = {aten.index.Tensor, aten.index_put.default, aten.index_put_.default}
INDEXING |= {aten._index_put_impl_.default}
held = {}  # Memory that is on the card; a weak reference keeps its address from being used again


def memory(x):
    return x.untyped_storage()


def there(x):
    "Is this tensor on the card?"
    return memory(x)._cdata in held


def put(out):
    "Put tensors on the card; gives them back."
    for x in tree_leaves(out):
        if isinstance(x, Tensor) and not there(x):
            if x.dtype == torch.float64:
                raise TypeError('Apple\'s cards know no float64')
            held[memory(x)._cdata] = StorageWeakRef(memory(x))
    return out


def is_card(device):
    return not isinstance(device, (type(None), Tensor)) and torch.device(device).type == CARD.type


class Calculations(TorchDispatchMode):
    "Every calculation: both sides never meet, but for single numbers, copies and indices."

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        tensors = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
        places = [there(x) for x in tensors]
        if not any(places) or func is aten.copy_.default:
            return func(*args, **kwargs)
        away = [x for x, on in zip(tensors, places) if not on and x.ndim]
        if func in INDEXING and places[0]:
            away = []
        if away and func not in COPIES:
            raise RuntimeError(
                f'Expected all tensors to be on the same device: {func} met {CARD} and cpu'
            )
        return put(func(*args, **kwargs))


class Questions(TorchFunctionMode):
    "What Python asks of tensors: where they are, and to go elsewhere."

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        name = getattr(func, '__name__', '')
        if func == Tensor.device.__get__ and there(args[0]):
            return CARD
        if func in (Tensor.numpy, Tensor.__array__) and there(args[0]):
            raise TypeError(f"can't convert {CARD} device type tensor to numpy. Use Tensor.cpu()")
        if func in (Tensor.to, Tensor.cpu, Tensor.cuda):
            return move(func, *args, **kwargs)
        if func is Tensor.__deepcopy__ and there(args[0]):
            return put(func(*args, **kwargs))
        if name != '_parse_to' and is_card(kwargs.get('device')):
            return put(func(*args, **{**kwargs, 'device': 'cpu'}))
        return func(*args, **kwargs)


def move(func, x, *args, device=None, non_blocking=False, copy=False, **kwargs):
    "x.to(...), x.cpu() or x.cuda(), as far as fastai and the course say it."
    if func is not Tensor.to:
        device = 'cpu' if func is Tensor.cpu else CARD
    elif args and isinstance(args[0], (str, int, torch.device, type(None))):
        device, *args = args
    elif args and isinstance(args[0], Tensor):
        device, args = CARD if there(args[0]) else 'cpu', [args[0].dtype]
    args = [arg for arg in args if not isinstance(arg, bool)]
    kwargs = {name: value for name, value in kwargs.items() if value is not None}
    out = Tensor.to(x, *args, **kwargs) if args or kwargs else x
    if device is None or is_card(device) == there(x):
        return out
    if memory(out)._cdata == memory(x)._cdata:
        out = out.clone()
    if is_card(device):
        return put(out)
    held.pop(memory(out)._cdata, None)
    return out


@contextlib.contextmanager
def pretended():
    with Questions(), Calculations():
        yield


@pytest.fixture
def card(monkeypatch):
    "fastai finds a card, and everything that this test computes takes it for real."
    found = (lambda use=-1: torch.device('cuda', 0)).__code__  # whoever has imported it has it
    monkeypatch.setattr(default_device, '__code__', found)
    monkeypatch.setattr(defaults, 'use_cuda', None)
    load = torch.load
    monkeypatch.setattr(torch, 'load', lambda *a, **kw: load(*a, **{**kw, 'map_location': 'cpu'}))
    with pretended():
        yield CARD
    held.clear()


# --- the pretended card


def test_it_refuses_what_a_card_refuses(card):
    net, x = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), torch.rand(4, 3)
    expected = net(x)
    net.to(card)
    assert next(net.parameters()).device == card and x.device.type == 'cpu'
    with pytest.raises(RuntimeError, match='same device'):
        net(x)
    out = net(x.to(card))
    assert out.device == card and torch.allclose(out.cpu(), expected, atol=1e-5)
    for refused in (lambda: out.detach().numpy(), lambda: np.asarray(out.detach())):
        with pytest.raises(TypeError, match='Use Tensor.cpu'):
            refused()
    with pytest.raises(TypeError, match='float64'):
        out.double()
    with pytest.raises(RuntimeError, match='same device'):
        nn.functional.cross_entropy(out, torch.tensor([0, 1, 0, 1]))


def test_it_allows_what_a_card_allows(card):
    x = torch.arange(6.0).to(card)
    assert x[torch.tensor([1, 2])].tolist() == [1, 2] and float(x[1]) == 1
    assert (x * torch.tensor(2.0)).sum().item() == 30
    x[x > 3] = 0
    assert x.cpu().numpy().tolist() == [0, 1, 2, 3, 0, 0]
    assert torch.zeros(2, device=card).device == x.new_ones(2).device == card


# --- the library


@pytest.fixture(scope='module')
def pictures(tmp_path_factory):
    "Sixteen tiny pictures, light and dark, in folders as a lesson has them."
    folder, rng = tmp_path_factory.mktemp('pictures'), np.random.default_rng(0)
    for part in ('train', 'valid'):
        for k, category in enumerate(('dark', 'light')):
            (folder / part / category).mkdir(parents=True)
            for i in range(4):
                pixels = rng.integers(120 * k, 120 * k + 120, (64, 64, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / part / category / f'{part}{i}.png')
    return folder


def quiet(learn, epochs=1):
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(epochs, 1e-2)
    return learn


def test_training_saving_and_the_app(card, pictures, tmp_path):
    dls = ImageDataLoaders.from_folder(pictures, train='train', valid='valid', bs=4, seed=0)
    learn = quiet(vision_learner(dls, backbone.lite0, metrics=accuracy))
    assert next(learn.model.parameters()).device == dls.one_batch()[0].device == card
    learn.unfreeze()
    quiet(learn)
    saving.save(learn, tmp_path / 'light', size=64)
    classifier = saving.load(tmp_path / 'light')
    files = sorted(pictures.rglob('*.png'))
    features, probs = strangers.features_and_probs(classifier, files)
    with learn.no_bar():
        expected = learn.predict(files[0])[2]
    assert torch.allclose(classifier.predict(files[0])[2], expected, atol=1e-4)
    assert torch.allclose(probs[0], expected, atol=1e-4)
    known = strangers.Strangers.fit(features, [f.parent.name for f in files], dls.vocab)
    known.threshold = 0.9
    known.save(tmp_path / 'light')
    found = app.answer(files[0], classifier, strangers.load_strangers(tmp_path / 'light'))
    assert found.kind in ('sure', 'unsure')


def test_features_and_their_heads(card, pictures):
    files = sorted(pictures.rglob('*.png'))
    x = extract_features(files, size=64)
    y = torch.tensor([f.parent.name == 'light' for f in files]).long()
    learn = quiet(head_learner(x, y, range(0, 16, 2), range(1, 16, 2), bs=4))
    with learn.no_bar():
        assert learn.get_preds()[0].numpy().shape == (8, 2)


def test_second_opinions(card, pictures):
    opinions = projects.second_opinions(pictures, size=64, epochs=1, folds=2)
    assert len(opinions) == 16 and all(0 <= o.sure <= 1 for o in opinions)


def test_the_doctor_trains(card, monkeypatch):
    monkeypatch.setattr(doctor, 'EPOCHS', 1)
    assert doctor.train_a_little()[0] > 0.1


def test_what_learners_write(card):
    x, y = torch.rand(64, 1, 8, 8).to(card), (torch.arange(64) % 4).to(card)
    net = nn.Sequential(nn.Conv2d(1, 4, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(36, 4)).to(card)
    dl = optim.DataLoader(x, y, bs=16)
    for opt in (optim.SGD, optim.RMSProp, optim.Adam):
        fitted = optim.fit(net, dl, opt(net.parameters(), 0.01), losses.cross_entropy, 1)
        assert len(fitted) == 4
    rates, found = schedules.lr_find(
        net, dl, optim.Adam(net.parameters(), 0.1), losses.cross_entropy
    )
    assert len(rates) == len(found) and all(np.isfinite(found))
    assert 0 <= network.accuracy(net(x), y) <= 1
    assert metrics.confusion(net(x).argmax(1), y, 4).sum() == 64
    assert layers.ReLU()(x).device == resnet.GlobalAvgPool()(x).device == card


# --- the lessons


class Short(Callback):
    "One batch is enough, to train on and to be judged by, and twenty to find a rate with."

    order = -10  # before fastai draws a bar around the batches

    def before_train(self):
        self.learn.dl = list(islice(self.dl, 20 if hasattr(self.learn, 'lr_finder') else 1))

    before_validate = before_train


@pytest.fixture
def rehearsal(card, monkeypatch, tmp_path):
    """Run a lesson's code cells, cut short: one batch of each training, a body that only averages,
    no assertions about what was reached."""
    fit = Learner.fit

    def short(self, n_epoch, *args, cbs=None, **kwargs):
        return fit(self, 1, *args, cbs=L(cbs) + L(Short()), **kwargs)

    def glance(self, x):
        means = nn.functional.avg_pool2d(x, 32).mean(1, keepdim=True)
        return (means * self[0].weight.mean()).expand(-1, 1280, -1, -1)

    def answer(*args, say=app.answer):  # the app's page has a thread of its own
        with pretended():
            return say(*args)

    monkeypatch.setattr(Learner, 'fit', short)
    monkeypatch.setattr(backbone.LiteBody, 'forward', glance)
    monkeypatch.setattr(app, 'answer', answer)
    monkeypatch.setenv('WHOLE_GAME_RECORD', str(tmp_path / 'record'))
    monkeypatch.chdir(tmp_path)
    return rehearse


class Unasserted(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)


def rehearse(number):
    "What is in the lesson's namespace after its last cell."
    (path,) = (ROOT / 'nbs').glob(f'{number}_*.ipynb')
    space = {}
    for i, cell in enumerate(nbformat.read(path, 4).cells):
        tags = cell.metadata.get('tags', [])
        if cell.cell_type != 'code' or 'raises-exception' in tags:
            continue
        if re.search(r'^quiz\(', cell.source, re.M):
            continue
        tree = ast.fix_missing_locations(Unasserted().visit(ast.parse(cell.source)))
        exec(compile(tree, f'cell {i} of lesson {number}', 'exec'), space)
        plt.close('all')
    return space


# Lesson 03 puts only `extract_features` on a card. From 20 on, nothing leaves the CPU.
EXPENSIVE = [
    pytest.param(number, marks=pytest.mark.expensive) for number in ('01', '02', '04', '06')
]


@pytest.mark.parametrize('number', ['05', *EXPENSIVE])
def test_a_lesson_on_a_card(rehearsal, number):
    rehearsal(number)
    assert held
