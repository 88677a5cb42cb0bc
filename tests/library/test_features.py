"""whole_game.features: the body looks once; rows go where they were sent; a head learns."""

import numpy as np
import pytest
import torch
from PIL import Image

from whole_game.features import extract_features, head_learner, histograms, raw_pixels


@pytest.fixture(scope='module')
def pictures():
    return [Image.effect_noise((40 + 9 * i, 64), 20 + 9 * i).convert('RGB') for i in range(5)]


def test_a_look_is_the_bodys_mean(pictures, tmp_path):
    from whole_game.backbone import lite0, lite_body

    pictures[2].convert('L').save(tmp_path / 'grey.png')
    features = extract_features([*pictures, tmp_path / 'grey.png'], size=64, bs=4)
    assert features.shape == (6, 1280) and not features.requires_grad
    body = lite_body(lite0()).requires_grad_(False).eval()
    x = (
        torch.tensor(np.asarray(pictures[1].resize((64, 64), Image.Resampling.BILINEAR))).permute(
            2, 0, 1
        )[None]
        / 127.5
        - 1
    )
    assert torch.allclose(body(x).mean((2, 3))[0], features[1], atol=1e-4)
    assert torch.allclose(features[2], features[5], atol=1e-4)  # grey stays grey
    assert extract_features([]).shape == (0, 1280)


def test_rows_go_where_they_were_sent():
    x, y = torch.arange(40.0)[:, None].repeat(1, 3), torch.arange(40) % 2
    learn = head_learner(x, y, train=np.arange(30), valid=[35, 31], bs=8)
    assert sorted(int(v) for xb, _ in learn.dls.train for v in xb[:, 0])[-1] < 30
    xb, yb = learn.dls.valid.one_batch()
    assert xb[:, 0].tolist() == [35, 31] and yb.tolist() == [1, 1]
    assert len(learn.dls.train) == 3 and xb.device.type == 'cpu'
    assert head_learner(x, y, [0, 1, 2], [3]).dls.train.bs == 3  # fewer rows than a batch


def test_a_head_learns_what_can_be_learnt():
    from fastai.torch_core import set_seed

    set_seed(0)
    x = torch.randn(200, 12)
    y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    learn = head_learner(
        x, y, np.arange(150), np.arange(150, 200), bs=16, head=torch.nn.Linear(12, 3)
    )
    with learn.no_bar(), learn.no_logging():
        learn.fit(8, 0.03)
    assert learn.recorder.values[-1][-1] > 0.65


def test_without_a_body_each_pixel_is_a_number_or_is_counted():
    grey = [Image.new('RGB', (64, 64), (128, 128, 128)), Image.new('RGB', (80, 40), (255, 0, 0))]
    raw, counted = raw_pixels(grey), histograms(grey)
    assert raw.shape == (2, 32 * 32 * 3) and counted.shape == (2, 76)
    assert raw[0].unique().tolist() == [128 / 255] and raw[1].unique().tolist() == [0, 1]
    assert counted[:, :16].sum(1).tolist() == [64 * 64, 80 * 40]
    assert counted[1, 15] == 80 * 40 and counted[1, 16] == 80 * 40  # all red, no green


def test_histograms_see_which_way_edges_run():
    down = Image.fromarray(np.repeat(np.arange(0, 256, 4, dtype=np.uint8), 64).reshape(64, 64))
    one, other = histograms([down.convert('RGB'), down.transpose(2).convert('RGB')])[:, 64:]
    assert one.argmax() != other.argmax()
