"""whole_game.drawings: the drawings hold every game, every field, and words that stay inside their
boxes."""

import matplotlib.pyplot as plt
import pytest

from whole_game.drawings import (
    FIELDS,
    GAMES,
    KINDS,
    METHODS,
    compare,
    fields_map,
    four_games,
    training_loop,
)
from whole_game.modelcard import interval


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close('all')


def texts():
    return [text.get_text() for text in plt.gca().texts]


def test_the_training_loop_goes_round():
    training_loop()
    assert [word for word in texts() if word in ('predictions', 'loss', 'labels')]
    assert plt.gca().get_title() == 'The training loop'


def test_compare_draws_a_bar_of_its_length_for_each_method():
    compare(
        {
            'one': dict(guessing=0.1, simple=0.7, network=0.8),
            'two': dict(guessing=0.5, simple=0.9, network=0.85),
        }
    )
    bars = [round(bar.get_width(), 2) for bar in plt.gca().patches]
    assert bars == [0.1, 0.7, 0.8, 0.5, 0.9, 0.85]
    assert texts() == ['10 %', '70 %', '80 %', '50 %', '90 %', '85 %']
    ticks = {t.get_position()[0]: t.get_text() for t in plt.gca().get_xticklabels()}
    assert ticks == {share: f'{100 * share:.0f} %' for share in (0, 0.25, 0.5, 0.75, 1)}
    assert [t.get_text() for t in plt.gca().get_yticklabels()] == ['one', 'two']
    assert [t.get_text() for t in plt.gcf().legends[0].get_texts()] == list(METHODS)


def test_compare_draws_between_what_the_true_share_could_well_be():
    compare(
        {
            'one': dict(guessing=0.1, simple=0.7, network=0.8, n=100),
            'two': {m: 0.5 for m in METHODS},
        }
    )
    low, high = interval(70, 100)
    lines = [line.get_segments() for line in plt.gca().collections]
    assert len(lines) == 2  # guessing needs none, and the second game says no n
    assert lines[0][0][:, 0] == pytest.approx([low, high])
    assert lines[1][0][:, 0] == pytest.approx(interval(80, 100))


def test_a_colour_means_one_thing():
    assert not {colour for colour, _ in KINDS.values()} & set(METHODS.values())


def test_every_game_and_every_field_is_drawn():
    assert list(GAMES) == list(KINDS) and len(FIELDS) == 9 and {f[-1] for f in FIELDS} == set(KINDS)
    four_games()
    assert {cell for cells in GAMES.values() for cell in cells} <= set(texts())
    plt.close('all')
    fields_map()
    assert {cell for field in FIELDS for cell in field[:4]} <= set(texts())


@pytest.mark.parametrize('draw', [four_games, fields_map])
def test_words_stay_inside_their_boxes_and_apart(draw):
    draw()
    fig, ax = plt.gcf(), plt.gca()
    fig.canvas.draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in ax.texts if text.get_text()]
    frames = [patch.get_window_extent() for patch in ax.patches] + [fig.bbox]
    for words, box in boxes:
        for frame in frames:
            if frame.contains(*(box.p0 + box.p1) / 2):
                assert frame.x0 <= box.x0 and box.x1 <= frame.x1, words
    for i, (words, box) in enumerate(boxes):
        for others, other in boxes[i + 1 :]:
            assert not box.overlaps(other), f'{words!r} over {others!r}'
