"""The backbone: the same logits as the package its weights come from, sense about real photographs,
manners inside fastai.

The reference package (`efficientnet_lite_pytorch`) is the oracle: another implementation, by the
people who packed the weights.
"""

import copy
import os
import pickle
import shutil
import socket
import subprocess
import sys

import efficientnet_lite_pytorch
import numpy as np
import pytest
import skimage.data
import torch
from fastai.basics import Callback, defaults
from fastai.vision.all import ImageDataLoaders, Normalize, accuracy, params, vision_learner
from PIL import Image
from sklearn.datasets import load_sample_image
from torch import nn

from whole_game import backbone, data
from whole_game.backbone import imagenet_lite0, lite0, lite_body, timm_name
from whole_game.errors import CourseError

PHOTOGRAPHS = {
    'cat': skimage.data.chelsea,
    'espresso': skimage.data.coffee,
    'daisy': lambda: load_sample_image('flower.jpg'),
}


def no_network(*args, **kwargs):
    raise AssertionError('somebody asked for the network')


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    "Any attempt to reach the network is an error."
    for name in ('create_connection', 'getaddrinfo'):
        monkeypatch.setattr(socket, name, no_network)
    monkeypatch.setattr(socket.socket, 'connect', no_network)


@pytest.fixture(scope='module')
def model():
    return imagenet_lite0().eval()


@pytest.fixture(scope='module')
def reference():
    "The reference package's own network with its weights file."
    net = efficientnet_lite_pytorch.EfficientNet.from_name('efficientnet-lite0')
    net.load_state_dict(torch.load(data.weights('efficientnet_lite0'), weights_only=True))
    return net.eval()


@pytest.fixture(scope='module')
def dls(tmp_path_factory):
    "Sixteen tiny pictures in two categories, light and dark, loaded as in lesson 1."
    folder, rng = tmp_path_factory.mktemp('pictures'), np.random.default_rng(0)
    for part in ('train', 'valid'):
        for k, category in enumerate(('dark', 'light')):
            (folder / part / category).mkdir(parents=True)
            for i in range(4):
                pixels = rng.integers(120 * k, 120 * k + 120, (64, 64, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / part / category / f'{i}.png')
    return ImageDataLoaders.from_folder(folder, train='train', valid='valid', bs=4, seed=0)


def photograph(name):
    """The middle square of a bundled photograph as the network wants it: (1,3,224,224), from -1 to
    1."""
    image = Image.fromarray(PHOTOGRAPHS[name]())
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    pixels = np.asarray(
        image.crop((left, top, left + side, top + side)).resize((224, 224)), dtype=np.float32
    )
    return torch.tensor(pixels).permute(2, 0, 1)[None] / 127.5 - 1


def answers(net, x):
    with torch.no_grad():
        return net(x)


def quiet_fit(learn, *args, **kwargs):
    with learn.no_bar(), learn.no_logging():
        learn.fit(*args, **kwargs)


def test_the_guard_bites():
    with pytest.raises(AssertionError):
        socket.create_connection(('localhost', 9))


@pytest.mark.parametrize('size', [64, 128, 224])
def test_same_logits_as_the_reference_on_noise(model, reference, size):
    x = torch.rand(4, 3, size, size, generator=torch.Generator().manual_seed(size)) * 2 - 1
    expected = answers(reference, x)
    assert expected.shape == (4, 1000) and expected.std() > 0.1
    torch.testing.assert_close(answers(model, x), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize('name', PHOTOGRAPHS)
def test_same_logits_as_the_reference_on_photographs(model, reference, name):
    x = photograph(name)
    torch.testing.assert_close(answers(model, x), answers(reference, x), atol=1e-4, rtol=0)


def test_it_knows_what_it_sees(model):
    best = {
        name: answers(model, photograph(name))[0].topk(3).indices.tolist() for name in PHOTOGRAPHS
    }
    assert set(best['cat']) == {281, 282, 285}  # tabby, tiger cat, Egyptian cat
    assert best['espresso'][0] == 967 and best['daisy'][0] == 985


def test_every_name_is_translated_once():
    names = list(torch.load(data.weights('efficientnet_lite0'), weights_only=True))
    translated = [timm_name(name) for name in names]
    assert len(set(translated)) == len(names) == 296
    assert set(translated) == set(imagenet_lite0(pretrained=False).state_dict())


@pytest.mark.parametrize(
    'name', ['_blocks.0._expand_conv.weight', '_blocks.16._bn0.weight', '_conv_stern.weight']
)
def test_a_name_that_is_not_known_is_refused(name):
    with pytest.raises((KeyError, IndexError)):
        timm_name(name)


def test_two_tensors_that_change_places_are_noticed(monkeypatch, reference):
    """Shapes agree and loading says nothing; only the logits tell. It shows that the comparison
    above can fail."""
    one, two = 'blocks.3.1.bn1.weight', 'blocks.3.1.bn2.weight'
    swap = {one: two, two: one}
    monkeypatch.setattr(
        backbone, 'timm_name', lambda name: swap.get(timm_name(name), timm_name(name))
    )
    x = photograph('cat')
    assert (answers(imagenet_lite0().eval(), x) - answers(reference, x)).abs().max() > 1e-2


def test_a_missing_tensor_stops_the_loading(monkeypatch):
    load = torch.load
    monkeypatch.setattr(
        torch, 'load', lambda *args, **kwargs: dict(list(load(*args, **kwargs).items())[1:])
    )
    with pytest.raises(RuntimeError, match='Missing key'):
        imagenet_lite0()


def test_the_weights_file_is_read_as_numbers_only(monkeypatch):
    asked, load = [], torch.load
    monkeypatch.setattr(
        torch, 'load', lambda *args, **kwargs: asked.append(kwargs) or load(*args, **kwargs)
    )
    imagenet_lite0()
    assert [kwargs['weights_only'] for kwargs in asked] == [True]


@pytest.mark.parametrize('damage', ['changed', 'missing'])
def test_a_damaged_weights_file_is_refused(monkeypatch, tmp_path, damage):
    file = tmp_path / 'weights.pth'
    shutil.copy(data.weights('efficientnet_lite0'), file)
    monkeypatch.setattr(data, '_function', lambda name, card: lambda: str(file))
    assert data.weights('efficientnet_lite0') == file  # an exact copy is fine
    if damage == 'missing':
        file.unlink()
    else:
        with open(file, 'r+b') as f:
            f.seek(1_000_000)
            byte = f.read(1)[0]
            f.seek(1_000_000)
            f.write(bytes([byte ^ 1]))
    with pytest.raises(CourseError, match='weights'):
        data.weights('efficientnet_lite0')
    with pytest.raises(CourseError, match='weights'):
        imagenet_lite0()


def test_fastai_normalises_as_it_was_trained(dls):
    learn = vision_learner(dls, lite0, metrics=accuracy)
    [norm] = [t for t in learn.dls.after_batch.fs if isinstance(t, Normalize)]
    assert norm.mean.flatten().tolist() == norm.std.flatten().tolist() == [0.5] * 3
    pixels = torch.cat([xb for xb, _ in learn.dls.valid])  # in the files they run from 0 to 239
    torch.testing.assert_close(
        torch.tensor([pixels.min(), pixels.max()]), torch.tensor([-1, 239 / 127.5 - 1])
    )


def test_batchnorm_follows_a_short_training(dls):
    norms = [
        m for m in vision_learner(dls, lite0).model[0].modules() if isinstance(m, nn.BatchNorm2d)
    ]
    assert len(norms) == 49 and {m.momentum for m in norms} == {0.1}


def test_body_gives_the_reference_features(model, reference):
    x = photograph('daisy')
    torch.testing.assert_close(
        answers(lite_body(model).eval(), x),
        answers(reference.extract_features, x),
        atol=1e-4,
        rtol=1e-4,
    )


def test_frozen_the_body_only_looks(dls):
    learn = vision_learner(dls, lite0, metrics=accuracy)
    before = {k: v.clone() for k, v in learn.model.state_dict().items()}
    watched = []
    hook = learn.model[0].register_forward_hook(lambda m, i, o: watched.append(o.requires_grad))
    quiet_fit(learn, 2)
    hook.remove()
    after = learn.model.state_dict()
    assert watched and not any(watched)
    assert all(p.grad is None for p in learn.model[0].parameters())
    assert all(torch.equal(before[k], after[k]) for k in after if k.startswith('0.')), (
        'the frozen body changed'
    )
    assert any(not torch.equal(before[k], after[k]) for k in after if k.startswith('1.')), (
        'the head did not learn'
    )


@pytest.fixture
def watched(dls):
    "A Learner with a frozen body, and a list of how many pictures each forward pass looked at."
    learn, looked = vision_learner(dls, lite0, metrics=accuracy), []
    body = type(learn.model[0])
    forward = body.forward

    def count(self, x):
        looked.append(len(x))
        return forward(self, x)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(body, 'forward', count)
        yield learn, looked


def predictions(learn):
    with learn.no_bar():
        return learn.get_preds()[0]


def test_frozen_it_looks_once_at_each_picture(watched):
    learn, looked = watched
    quiet_fit(learn, 3)
    assert looked == [4] * 4  # two batches to learn from and two to be tested on, once each
    fresh = answers(
        learn.model, torch.cat([xb for xb, _ in learn.dls.valid]).as_subclass(torch.Tensor)
    )
    torch.testing.assert_close(predictions(learn), fresh.softmax(1), atol=1e-4, rtol=1e-4)


def test_a_changed_picture_is_a_new_one(watched):
    learn, looked = watched
    learn.remember_features.before_validate()
    body, cat = learn.model[0].eval(), photograph('cat')
    dot = cat.clone()
    dot[0, 2, 100, 100] += 1e-3
    others = [cat.flip(3), dot, torch.zeros(1, 3, 64, 128), torch.zeros(1, 3, 128, 64)]
    for x in (cat, *others, cat, torch.cat([cat, dot, cat])):
        learn.remember_features.before_batch()  # the callback reaches in for one call
        remembered, plain = body(x), body(x)
        torch.testing.assert_close(remembered, plain, atol=1e-4, rtol=1e-4)
    assert looked == [1, 1] * 5 + [1] + [3]  # each by the callback if new, and then plainly


def change_in_place(body):
    body[0].weight.data[0, 0, 0, 0] += 0.1


def change_places(body):
    body[0].weight.data.copy_(body[0].weight.data.flip(0))


def load_others(body):
    body.load_state_dict(lite_body(imagenet_lite0(pretrained=False)).state_dict())


def move_the_averages(body):
    body[1].running_mean += 0.01


@pytest.mark.parametrize('change', [change_in_place, change_places, load_others, move_the_averages])
def test_changed_weights_make_it_forget(watched, change):
    learn, looked = watched
    before = predictions(learn)
    assert torch.equal(predictions(learn), before) and looked == [4, 4]
    change(learn.model[0])
    after = predictions(learn)
    assert looked == [4] * 4 and not torch.allclose(before, after, atol=1e-6)


def test_a_body_that_is_unfrozen_for_a_batch_is_looked_at_anew(watched):
    "Weights that change in the middle of an epoch, while nobody adds them up."
    learn, looked = watched

    class Thaw(Callback):
        def before_batch(self):
            if self.training:
                self.learn.model[0][0].weight.requires_grad_(self.iter == 0)

    quiet_fit(learn, 2, cbs=Thaw())
    assert looked == [4] * 8 and learn.remember_features.sums


def test_unfrozen_it_remembers_nothing(watched):
    learn, looked = watched
    learn.unfreeze()
    quiet_fit(learn, 2)
    assert looked == [4] * 8 and not learn.remember_features.cache


def test_its_memory_has_an_end(watched):
    learn, looked = watched
    learn.remember_features.memory = 5 * 1280 * 2 * 2 * 4 / 1e6  # five pictures of 64 px
    quiet_fit(learn, 2)
    assert 4 <= len(learn.remember_features.cache) <= 5 and sum(looked) >= 16 + 16 - 5


def test_copies_begin_without_memories(watched):
    learn, _ = watched
    quiet_fit(learn, 1)
    assert len(learn.remember_features.cache) == 16
    assert not pickle.loads(pickle.dumps(learn.remember_features)).cache
    assert not copy.deepcopy(learn).remember_features.cache


def test_a_gradient_for_the_picture(dls):
    "What a lesson on 'where does it look?' will ask a frozen body for."
    x = photograph('cat').requires_grad_()
    vision_learner(dls, lite0).model[0](x).sum().backward()
    assert x.grad.abs().sum() > 0


def test_unfrozen_everything_learns(dls):
    learn = vision_learner(dls, lite0, metrics=accuracy)
    quiet_fit(learn, 1)  # frozen first, as in a lesson: what that leaves behind must not stay
    learn.unfreeze()
    before = {k: v.clone() for k, v in learn.model.state_dict().items()}
    quiet_fit(learn, 1, slice(1e-3, 1e-2))
    after = learn.model.state_dict()
    same = [k for k in after if torch.equal(before[k], after[k])]
    assert not same, f'these did not change: {same[:5]}'
    assert all(p.requires_grad for p in learn.model.parameters())


def test_two_groups_of_parameters(dls):
    "Body and head, so that slice(1e-3, 1e-2) trains the body more gently."
    learn = vision_learner(dls, lite0)
    body, head = learn.splitter(learn.model)
    assert len(body) == len(params(learn.model[0])) and len(head) == len(params(learn.model[1]))


def test_it_learns(dls):
    """Light against dark: by the end it knows the eight pictures it was not trained on, or nearly
    all."""
    torch.manual_seed(0)
    learn = vision_learner(dls, lite0, metrics=accuracy)
    quiet_fit(learn, 8, 5e-3)
    with learn.no_bar():
        assert learn.validate()[1] >= 6 / 8


def test_one_colour(dls):
    learn = vision_learner(dls, lite0, n_in=1)
    assert learn.model[0][0].weight.shape[1] == 1
    assert answers(learn.model.eval(), torch.rand(2, 1, 64, 64)).shape == (2, 2)


def test_without_imagenet():
    torch.manual_seed(0)
    one, two = imagenet_lite0(pretrained=False), imagenet_lite0(pretrained=False)
    assert not torch.equal(one.conv_stem.weight, two.conv_stem.weight)


@pytest.mark.parametrize('device', ['cuda', 'mps'])
def test_the_same_on_a_graphics_card(model, device):
    there = {'cuda': torch.cuda.is_available, 'mps': torch.backends.mps.is_available}[device]()
    if not there:
        pytest.skip(f'this machine has no {device} device')
    x, body = photograph('cat'), lite_body(imagenet_lite0())
    expected = answers(body.eval(), x)
    torch.testing.assert_close(
        answers(body.to(device), x.to(device)).cpu(), expected, atol=5e-2, rtol=5e-2
    )


def test_importing_the_package_is_instant():
    code = (
        'import sys, whole_game; print([m for m in ("torch", "fastai", "timm", "numpy",'
        ' "matplotlib") if m in sys.modules])'
    )
    assert (
        subprocess.run(
            [sys.executable, '-c', code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == '[]'
    )


def test_the_device_can_be_forced():
    # see conftest.py
    assert os.environ['WHOLE_GAME_DEVICE'] == 'cpu' and defaults.use_cuda is False


def test_without_the_setting_fastai_chooses_and_nothing_is_said():
    "fastai's warnings about its own next version would be the first thing a beginner reads."
    code = (
        'import whole_game.backbone; from fastai.basics import defaults; print(getattr(defaults,'
        ' "use_cuda", None), defaults.cpus)'
    )
    env = {k: v for k, v in os.environ.items() if k != 'WHOLE_GAME_DEVICE'}
    out = subprocess.run(
        [sys.executable, '-W', 'default', '-c', code],
        capture_output=True,
        text=True,
        env=env,
        check=True,
    )
    assert out.stdout.split() == ['None', '0']
    assert 'torch.jit' not in out.stderr and 'IProgress' not in out.stderr


def test_no_version_of_pytorch_is_heard_while_fastai_is_imported():
    "What PyTorch says up to 2.13 and from 2.14 on, on Python 3.14, and may yet say."
    code = """if True:
        import sys, warnings, torch
        def script(*args, **kwargs):
            for kind in DeprecationWarning, FutureWarning:
                for words in (
                    '`torch.jit.script` is deprecated. Please switch to `torch.compile`.',
                    '`torch.jit.script` is not supported in Python 3.14+ and may break.',
                    'A line.\\nTorchScript is deprecated.',
                ):
                    warnings.warn(words, kind, stacklevel=2)
            print('asked')
            return args[0] if args else lambda f: f
        torch.jit.script = script
        script()
        print('from here on', file=sys.stderr)
        import whole_game.backbone"""
    out = subprocess.run(
        [sys.executable, '-W', 'default', '-c', code], capture_output=True, text=True, check=True
    )
    loud, quiet = out.stderr.split('from here on\n')
    assert loud.count('Warning: ') == 6 and out.stdout.count('asked') > 1
    assert quiet == ''
