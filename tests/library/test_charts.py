"""whole_game.makers.charts: eight kinds, the same for the same seed, each its own."""

import hashlib

import matplotlib
import numpy as np
import pytest

from whole_game.makers.charts import KINDS, draw


def test_there_are_eight_kinds():
    assert sorted(KINDS) == ['area', 'bar', 'box', 'heatmap', 'histogram', 'line', 'pie', 'scatter']


@pytest.mark.parametrize('kind', KINDS)
def test_a_chart_depends_on_kind_and_seed_alone(kind):
    first = draw(kind, 3)
    assert first.size == (128, 128) and first.mode == 'RGB'
    np.random.seed(1)
    with matplotlib.rc_context(
        {
            'axes.linewidth': 9,
            'font.family': 'monospace',
            'font.size': 30,
            'patch.force_edgecolor': True,
            'lines.linewidth': 9,
        }
    ):
        assert draw(kind, 3).tobytes() == first.tobytes()
    assert draw(kind, 4).tobytes() != first.tobytes()


@pytest.mark.parametrize('kind', KINDS)
def test_no_chart_is_blank_and_none_is_drawn_twice(kind):
    # the seam between train (below 60) and valid
    charts = [draw(kind, seed) for seed in range(55, 65)]
    assert len({hashlib.sha256(c.tobytes()).digest() for c in charts}) == len(charts)
    for chart in charts:
        paper = np.array(chart)[0, 0].astype(int)
        ink = (np.abs(np.array(chart).astype(int) - paper).sum(-1) > 60).mean()
        assert ink > 0.01, kind
