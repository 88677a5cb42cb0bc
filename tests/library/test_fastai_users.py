"""What users of fastai and PyTorch do with a backbone: what works with resnet18 works with lite0.

Both begin with random weights and a frozen body, so that the two differ in their layers alone.
"""

import copy
import pickle
import shutil
import subprocess
import sys
import warnings

import numpy as np
import onnxruntime
import pytest
import torch
from fastai.callback.hook import ActivationStats, Hook, hook_output, num_features_model
from fastai.vision.all import (
    BnFreeze,
    CategoryBlock,
    CutMix,
    DataBlock,
    GradientAccumulation,
    ImageBlock,
    ImageDataLoaders,
    IndexSplitter,
    MaskBlock,
    MixUp,
    MultiCategoryBlock,
    PILImageBW,
    SaveModelCallback,
    accuracy,
    aug_transforms,
    load_learner,
    resnet18,
    unet_learner,
    vision_learner,
)
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from whole_game import saving
from whole_game.backbone import lite0, lite_body

SIDE = 64
KINDS = ('dark', 'light')


def picture(i, side=SIDE):
    "Noise, dark for even numbers and light for odd ones."
    pixels = np.random.default_rng(i).integers(0, 120, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(pixels + 120 * (i % 2))


def grey(i):
    return picture(i).convert('L')


def kind(i):
    return KINDS[i % 2]


def block(x=ImageBlock, y=CategoryBlock, get_x=picture, get_y=kind, **kwargs):
    return DataBlock(
        (x, y), get_x=get_x, get_y=get_y, splitter=IndexSplitter([8, 9, 10, 11]), **kwargs
    ).dataloaders(list(range(12)), bs=4)


@pytest.fixture(params=[resnet18, lite0], ids=['resnet18', 'lite0'])
def arch(request):
    return request.param


@pytest.fixture
def learn(arch, tmp_path):
    return frozen(arch, tmp_path)


def frozen(arch, path, dls=None, **kwargs):
    torch.manual_seed(0)
    learn = vision_learner(dls or block(), arch, pretrained=False, path=path, **kwargs)
    learn.freeze()
    return learn


def fit(learn, *args, **kwargs):
    with learn.no_bar(), learn.no_logging():
        learn.fit(*args, **kwargs)
    assert np.isfinite(learn.recorder.values[-1][0])


def answers(model, x):
    model.eval()
    with torch.no_grad():
        return model(x)


def noise(n=2, side=SIDE, channels=3):
    return torch.rand(n, channels, side, side, generator=torch.Generator().manual_seed(n)) * 2 - 1


def last_convolution(model):
    return [m for m in model[0].modules() if isinstance(m, nn.Conv2d)][-1]


# --- training a part of it


def test_the_last_convolution_alone_learns(learn):
    "One layer of the body and the head: no other layer of the body moves, and this one does."
    for p in learn.model[0].parameters():
        p.requires_grad_(False)
    last = last_convolution(learn.model)
    last.weight.requires_grad_(True)
    before = {k: v.clone() for k, v in learn.model[0].named_parameters()}
    fit(learn, 1, 0.1)
    moved = {k for k, v in learn.model[0].named_parameters() if not torch.equal(v, before[k])}
    assert moved == {next(k for k, v in learn.model[0].named_parameters() if v is last.weight)}


def test_a_loop_of_ones_own_reaches_the_last_block(learn):
    last = last_convolution(learn.model)
    last.weight.requires_grad_(True)
    learn.model.train()
    learn.model(noise()).sum().backward()
    assert last.weight.grad is not None and last.weight.grad.abs().sum() > 0


def test_frozen_its_convolutions_stay(learn):
    first, last = learn.model[0][0].weight.clone(), last_convolution(learn.model).weight.clone()
    fit(learn, 1, 0.1)
    assert torch.equal(first, learn.model[0][0].weight)
    assert torch.equal(last, last_convolution(learn.model).weight)
    assert any(p.grad is not None for p in learn.model[1].parameters())


def test_unfrozen_from_a_group_on(learn):
    learn.freeze_to(-1)
    fit(learn, 1)
    learn.unfreeze()
    before = learn.model[0][0].weight.clone()
    fit(learn, 1, slice(1e-3, 1e-2))
    assert not torch.equal(before, learn.model[0][0].weight)


@pytest.mark.parametrize(
    'callback', [MixUp, CutMix, BnFreeze, lambda: GradientAccumulation(8), SaveModelCallback]
)
def test_callbacks(learn, callback):
    fit(learn, 2, cbs=callback())


def test_random_transforms_and_lr_find(arch, tmp_path):
    dls = block(batch_tfms=aug_transforms(size=SIDE))
    learn = frozen(arch, tmp_path, dls, metrics=accuracy)
    with learn.no_bar(), learn.no_logging():
        learn.lr_find(num_it=8, show_plot=False, suggest_funcs=None)
    assert len(learn.recorder.lrs) > 1
    fit(learn, 1)


def test_several_answers_for_one_picture(arch, tmp_path):
    dls = block(y=MultiCategoryBlock, get_y=lambda i: [kind(i), 'noise'])
    fit(frozen(arch, tmp_path, dls), 1)


# --- looking inside


def test_its_layers_can_be_taken_by_number(learn):
    first = learn.model[0][0]
    assert isinstance(first, nn.Conv2d) and first.weight.shape[1] == 3
    assert answers(learn.model[0][:4], noise()).shape[:1] == (2,)
    assert len(learn.model[0]) > 5 and list(learn.model[0])[0] is first


def test_an_inner_hook_fires_with_every_batch(learn):
    seen = []
    handle = learn.model[0][2].register_forward_hook(lambda m, i, o: seen.append(len(o)))
    fit(learn, 2)
    assert seen == [4] * 6  # two batches to learn from and one to be tested on, twice
    handle.remove()
    learn.model(noise(3))
    learn.model(noise(3))
    assert seen == [4] * 6


def test_activation_stats(learn):
    fit(learn, 1, cbs=ActivationStats(modules=[learn.model[0][0], learn.model[0][4]]))


def test_grad_cam_while_frozen(learn):
    "As in chapter 18 of fastai's book."
    fit(learn, 1)
    layer = learn.model[0]
    with Hook(layer, lambda m, i, o: o[0].detach().clone(), is_forward=False) as gradients:
        with hook_output(layer) as maps:
            learn.model.eval()(noise())[0, 1].backward()
    assert maps.stored.shape == gradients.stored.shape and gradients.stored.abs().sum() > 0


def test_a_summary_and_how_many_features(learn, capsys):
    assert 'Total params' in str(learn.summary())
    assert num_features_model(learn.model[0]) == {resnet18: 512, lite0: 1280}[learn.arch]


# --- never an old answer


def test_new_weights_give_new_answers(learn):
    x = noise()
    others = {k: v * 1.5 for k, v in learn.model.state_dict().items()}
    before = answers(learn.model, x)
    learn.model.load_state_dict(others)
    after = learn.model(x).detach()
    assert not torch.allclose(before, after)
    learn.model[0][0].weight.data.mul_(-1)
    assert not torch.allclose(after, learn.model(x).detach())


def test_predictions_follow_the_weights(learn):
    "Through the Learner, which remembers what a frozen body saw."

    def predictions():
        with learn.no_bar():
            return learn.get_preds()[0]

    fit(learn, 1)
    before = predictions()
    assert torch.equal(before, predictions())
    for change in (lambda w: w.mul_(-1), lambda w: w.copy_(w.flip(0))):
        change(learn.model[0][0].weight.data)
        after = predictions()
        assert not torch.allclose(before, after, atol=1e-6)
        x = torch.cat([xb for xb, _ in learn.dls.valid]).as_subclass(torch.Tensor)
        torch.testing.assert_close(after, answers(learn.model, x).softmax(1), atol=1e-5, rtol=1e-4)
        before = after


def test_the_learner_and_the_model_say_the_same(learn):
    fit(learn, 2)
    x, _ = learn.dls.valid.one_batch()
    with learn.no_bar():
        said = learn.get_preds()[0]
    expected = answers(learn.model, x.as_subclass(torch.Tensor)).softmax(1)
    torch.testing.assert_close(said, expected, atol=1e-5, rtol=1e-4)


class Stop(Exception):
    "What Ctrl-C would raise in the middle of the body."


def test_an_interrupted_training_leaves_nothing_behind(learn):
    def interrupt(module, inputs, output):
        raise Stop

    handle = learn.model[0].register_forward_hook(interrupt)
    with pytest.raises(Stop):
        fit(learn, 1)
    handle.remove()
    assert 'forward' not in learn.model[0].__dict__
    assert learn.model.eval()(noise()).requires_grad
    fit(learn, 1)


# --- sizes, channels, precision


@pytest.mark.parametrize('side', [16, 33, 64, 100, 128, 224])
def test_sizes(learn, side):
    assert answers(learn.model, noise(2, side)).shape == (2, 2)
    assert answers(learn.model[0], noise(2, side)).shape[2] == -(-side // 32)


@pytest.mark.parametrize('channels', [1, 4])
def test_channels(arch, tmp_path, channels):
    dls = block(ImageBlock(PILImageBW), get_x=grey) if channels == 1 else None
    learn = frozen(arch, tmp_path, dls, n_in=channels, normalize=False)
    assert learn.model[0][0].weight.shape[1] == channels
    assert answers(learn.model[0], noise(2, SIDE, channels)).shape[2:] == (2, 2)
    if channels == 1:
        fit(learn, 1)


def test_one_channel_keeps_the_eyes_of_three():
    "A grey picture as one channel gives what it gives as three: fastai adds up the first weights."
    x = noise(2, SIDE, 1)
    expected = answers(lite_body(lite0()), x.expand(-1, 3, -1, -1))
    learn = vision_learner(
        block(ImageBlock(PILImageBW), get_x=grey), lite0, n_in=1, normalize=False
    )
    torch.testing.assert_close(answers(learn.model[0], x), expected, atol=1e-4, rtol=1e-4)


def test_bfloat16_while_frozen(learn):
    half = copy.deepcopy(learn.model).bfloat16()
    assert answers(half, noise().bfloat16()).dtype == torch.bfloat16
    with torch.autocast('cpu', dtype=torch.bfloat16):
        fit(learn, 2)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # there is no graphics card
        fit(learn.to_bf16(), 1)


# --- keeping and passing on


def test_kept_and_loaded(learn, tmp_path):
    fit(learn, 2)
    x = noise()
    expected = answers(learn.model, x)
    learn.save('kept')
    learn.export('kept.pkl')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # fastai warns of pickles
        other = load_learner(tmp_path / 'kept.pkl')
    assert torch.equal(answers(other.model, x), expected)
    with other.no_bar():
        assert other.predict(picture(3))[0] in KINDS
    learn.model[0][0].weight.data.zero_()
    learn.load('kept')
    assert torch.equal(answers(learn.model, x), expected)
    twins = copy.deepcopy(learn.model), pickle.loads(pickle.dumps(learn.model))
    assert all(torch.equal(answers(twin, x), expected) for twin in twins)


def test_copies_of_a_learner_begin_without_memories(learn, tmp_path):
    before = len(pickle.dumps(learn.model))
    fit(learn, 2)
    learn.export('kept.pkl')
    assert (tmp_path / 'kept.pkl').stat().st_size < before + 1e6
    with copy.deepcopy(learn).no_bar() as twin:
        fit(twin, 1)


WITHOUT_THE_COURSE = """
import sys
sys.modules['whole_game'] = None
from fastai.vision.all import load_learner
learn = load_learner(sys.argv[1])
with learn.no_bar():
    print(learn.predict(sys.argv[2])[0])
"""


def test_a_learner_for_another_body_does_not_need_the_course(tmp_path):
    for i in range(12):
        (tmp_path / kind(i)).mkdir(exist_ok=True)
        picture(i).save(tmp_path / kind(i) / f'{i}.png')
    dls = ImageDataLoaders.from_folder(tmp_path, valid_pct=0.3, bs=4)
    frozen(resnet18, tmp_path, dls).export('kept.pkl')
    files = [tmp_path / 'kept.pkl', tmp_path / 'dark' / '0.png']
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', WITHOUT_THE_COURSE, *files],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stdout.split()[-1] in KINDS, done.stderr


def test_test_time_augmentation(arch, tmp_path):
    learn = frozen(arch, tmp_path, block(batch_tfms=aug_transforms(size=SIDE)))
    with learn.no_bar():
        assert learn.tta(n=2)[0].shape == (4, 2)


def test_show_results(learn):
    with learn.no_bar():
        learn.show_results(max_n=2)


# --- other shapes of network, other programs


@pytest.mark.expensive
def test_unet(arch, tmp_path):
    dls = block(
        y=MaskBlock(codes=list(KINDS)),
        get_y=lambda i: Image.fromarray(np.full((SIDE, SIDE), i % 2, dtype=np.uint8)),
    )
    learn = unet_learner(dls, arch, pretrained=False, path=tmp_path)
    assert len(learn.model.sfs) >= 4  # shortcuts, one from each size
    learn.freeze()
    fit(learn, 1)
    learn.unfreeze()
    fit(learn, 1)
    assert answers(learn.model, noise()).shape == (2, 2, SIDE, SIDE)


def same_in_onnxruntime(file, model):
    session = onnxruntime.InferenceSession(file)
    (name,) = [i.name for i in session.get_inputs()]
    for n in (1, 5):
        (said,) = session.run(None, {name: noise(n).numpy()})
        np.testing.assert_allclose(said, answers(model, noise(n)).numpy(), atol=1e-3)


@pytest.mark.expensive
@pytest.mark.filterwarnings('ignore')
def test_onnx(learn, tmp_path):
    model, file = learn.model.eval(), tmp_path / 'model.onnx'
    batch = torch.export.Dim('batch')
    torch.onnx.export(model, (noise(),), file, dynamo=True, dynamic_shapes=({0: batch},))
    same_in_onnxruntime(file, model)


@pytest.mark.filterwarnings('ignore')
def test_onnx_as_of_old(learn, tmp_path):
    model, file = learn.model.eval(), tmp_path / 'model.onnx'
    axes = {'x': {0: 'batch'}, 'y': {0: 'batch'}}
    torch.onnx.export(
        model,
        (noise(),),
        file,
        dynamo=False,
        input_names=['x'],
        output_names=['y'],
        dynamic_axes=axes,
    )
    same_in_onnxruntime(file, model)


def test_torch_export(learn):
    model = learn.model.eval()
    program = torch.export.export(
        model, (noise(),), dynamic_shapes=({0: torch.export.Dim('batch')},)
    )
    torch.testing.assert_close(
        program.module()(noise(5)), answers(model, noise(5)), atol=1e-4, rtol=1e-4
    )


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('way', [torch.jit.script, lambda m: torch.jit.trace(m, noise())])
def test_torchscript(learn, way):
    model = learn.model.eval()
    torch.testing.assert_close(
        answers(way(model), noise(5)), answers(model, noise(5)), atol=1e-4, rtol=1e-4
    )


@pytest.mark.expensive
@pytest.mark.skipif(not shutil.which('g++'), reason='no C++ compiler, which torch.compile needs')
def test_compiled(learn):
    expected = answers(learn.model, noise())
    whole = answers(torch.compile(learn.model), noise())
    torch.testing.assert_close(whole, expected, atol=1e-3, rtol=1e-3)


def test_trained_as_a_compiled_model(learn):
    learn.model.compile(backend='eager')  # everything but the C++
    fit(learn, 1)
    learn.unfreeze()
    fit(learn, 1)


def test_a_saved_model_is_a_plain_one(tmp_path):
    saving.save(frozen(lite0, tmp_path), tmp_path / 'kept', size=SIDE)
    model = saving.load(tmp_path / 'kept').model
    program = torch.export.export(model, (noise(),))
    torch.testing.assert_close(
        program.module()(noise()), answers(model, noise()), atol=1e-4, rtol=1e-4
    )
    assert isinstance(model[0], nn.Sequential) and isinstance(model[0][0], nn.Conv2d)


def test_models_saved_by_earlier_versions_answer_the_same(tmp_path):
    "They had the body's layers one level deeper: stem, norm, seven groups, convolution, norm."
    learn = frozen(lite0, tmp_path)
    expected = answers(learn.model, noise())
    stem, norm, *groups, last, last_norm = list(learn.model[0])
    layers = nn.Sequential(stem, norm, nn.Sequential(*groups), last, last_norm)
    old = nn.Sequential(nn.ModuleDict({'layers': layers}), learn.model[1]).state_dict()
    assert '0.layers.2.6.0.conv_pw.weight' in old and '0.layers.4.running_mean' in old
    numbers, _ = saving.save(learn, tmp_path / 'kept', size=SIDE)
    save_file({k: v.contiguous() for k, v in old.items()}, numbers)
    assert torch.equal(answers(saving.load(tmp_path / 'kept').model, noise()), expected)
    other = frozen(lite0, tmp_path)
    other.model[0][0].weight.data.zero_()
    (tmp_path / 'models').mkdir(exist_ok=True)
    torch.save(old, tmp_path / 'models' / 'of_old.pth')
    other.load('of_old')
    assert torch.equal(answers(other.model, noise()), expected)
