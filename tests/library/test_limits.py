"""whole_game.limits: sentences that say what was measured, and a reader that finds what a paragraph
gets wrong or leaves out, however its numbers are written."""

import pytest

from whole_game.errors import CourseError
from whole_game.limits import draw_limits, limits, surest, weakest, what_is_missing, worst_stranger
from whole_game.modelcard import measured, measured_numbers, model_card

FOUND = {
    'right': 43,
    'n': 50,
    'categories': {'mug': [20, 25], 'glass': [23, 25]},
    'groups': {"Ada's kitchen": [22, 25], "Ben's kitchen": [19, 25], 'the office': [2, 3]},
    'reliability': [
        {'low': 0, 'high': 0.8, 'n': 12, 'right': 7, 'confidence': 0.66},
        {'low': 0.8, 'high': 1, 'n': 38, 'right': 36, 'confidence': 0.93},
    ],
    'strangers': {'vases': [6, 20], 'plates': [19, 20]},
    'kept': [47, 50],
}
ALL = (
    "43 of 50 were right. Ben's kitchen: 19 of 25. When it is sure, 36 of 38. It has never seen"
    ' vases, and noticed 6 of 20. Not for shops.'
)


def test_the_weakest_is_of_those_that_are_large_enough():
    assert weakest(FOUND) == ("Ben's kitchen", 19, 25)
    assert weakest({**FOUND, 'groups': {}}) == ('mug', 20, 25), 'categories take their place'
    assert weakest({'groups': {'few': [0, 9]}}) is None and weakest({}) is None
    assert surest(FOUND) == (36, 38, 0.8) and surest({}) is None
    assert worst_stranger(FOUND) == ('vases', 6, 20) and worst_stranger({}) is None


def test_sentences_have_their_numbers_and_say_what_nobody_measured():
    said = ' '.join(limits(FOUND))
    for wanted in (
        'Of 50',
        '7 were answered wrongly',
        '19 of 25',
        'Of 38',
        '2 were wrong',
        '6 of 20',
    ):
        assert wanted in said, wanted
    assert 'Nobody' not in said
    bare = ' '.join(limits({**FOUND, 'groups': {}, 'strangers': {}}))
    assert bare.count('Nobody has measured') == 2


@pytest.mark.parametrize(
    'text',
    [
        ALL,
        ALL.replace('43 of 50 were right', 'Of the 50 pictures, seven were wrong'),
        ALL.replace('43 of 50', 'forty-three out of fifty'),
        ALL.replace('43 of 50', '43/50, which is 86 percent,'),
        ALL.replace('43 of 50', '86 % of the 50'),
        ALL.replace('36 of 38', 'it is wrong in 2 of 38 cases'),
        ALL.replace('6 of 20', '30 % of 20'),
        ALL + ' It could well be anything between 74 % and 93 %.',
        ALL + ' It is not always right, and never perfect.',
        ALL + ' Two friends and one cat tried it twice on 3 days.',
    ],
)
def test_nothing_is_missing_however_it_is_written(text):
    assert what_is_missing(text, FOUND) == []


@pytest.mark.parametrize(
    'text, said',
    [
        ('', 'hardly a paragraph'),
        (None, 'hardly a paragraph'),
        (ALL.replace('43', '45'), '45 of 50 was not measured'),
        (ALL.replace('43 of', '44 of'), '43 of 50, 47 of 50'),
        (ALL.replace('43 of 50', '43 of 60'), '43 of 60 was not measured'),
        (ALL.replace('43 of 50', '86 %'), 'how many were right of how many'),
        (ALL.replace("Ben's kitchen", 'one of them'), 'does not name the group'),
        (ALL.replace(': 19 of 25', ' is bad'), 'and not how many of how many were right there'),
        (ALL.replace('When it is sure, 36 of 38. ', ''), 'wrong when it is sure'),
        (ALL.replace('36 of 38', 'it is mostly right'), 'of being sure, and not'),
        (ALL.replace(' It has never seen vases, and noticed 6 of 20.', ''), 'it has never seen'),
        (ALL.replace('Not for shops.', ''), 'nobody should use it for'),
        (ALL + ' It always works.', '"always"'),
        (ALL + ' 100 % of the plates!', '"100 %"'),
        (ALL + ' That is 83 % in all.', '83 % was not measured. The nearest that was is'),
        (
            ALL + ' Nearly nine in ten are right, and five in ten at night.',
            '5 of 10 was not measured.',
        ),
    ],
)
def test_what_is_wrong_or_missing_is_said(text, said):
    found = what_is_missing(text, FOUND)
    assert any(said in sentence for sentence in found), found


def test_its_own_sentences_pass_but_for_what_a_program_cannot_know():
    assert what_is_missing(' '.join(limits(FOUND)), FOUND) == [
        'It does not say what nobody should use it for.'
    ]


def test_one_is_not_many_and_it_says_what_it_was_asked_about():
    labels = ['spam'] * 20
    found = measured(labels, ['ham'] + labels[1:], [0.97] * 20, {'poems': (4, 4)}, what='texts')
    said = limits(found)
    assert said[0].startswith('Of 20 texts that it had not practised with, 1 was answered wrongly.')
    assert 'sure of, 1 was wrong.' in ' '.join(said)
    assert said[-1].endswith('It noticed 4 of 4.')


PRICES = measured_numbers([400.0, 500.0, 600.0], [410.0, 470.0, 640.0], 450.0, what='rows')


def test_where_the_answer_is_a_number():
    said = limits(PRICES)
    assert 'On 3 rows' in said[0] and 'off by 26.67 on average: by 30 or less half' in said[0]
    assert 'Always saying 450 would be off by 83.33' in said[1]
    good = 'On 3 flats it is off by about 27, and always saying 450 by 83. Not for buying a flat.'
    assert what_is_missing(good, PRICES) == []
    for old, new, wanted in (
        ('3 flats', 'flats', 'on how many rows it was measured: 3'),
        ('about 27', 'little', 'off on average: 26.67'),
        ('by 83', 'by more', 'would be off by: 83.33'),
        ('Not for', 'It is for', 'nobody should use it for'),
        ('is off', 'is always off', '"always" is more'),
    ):
        missing = what_is_missing(good.replace(old, new), PRICES)
        assert len(missing) == 1 and wanted in missing[0], (new, missing)


@pytest.mark.parametrize(
    'words',
    ["Don't sort", 'Nobody should sort', 'Keep it away from', 'It was not built for'],
)
def test_what_it_is_not_for_may_be_said_in_many_ways(words):
    assert what_is_missing(ALL.replace('Not for shops', f'{words} glass'), FOUND) == []


def test_a_group_may_be_named_by_what_is_its_own():
    kitchens = {"Ada's kitchen": [22, 25], "Ben's kitchen": [19, 25]}
    found = {**FOUND, 'groups': kitchens}
    assert what_is_missing(ALL.replace("Ben's kitchen", 'With Ben'), found) == []
    (missing,) = what_is_missing(ALL.replace("Ben's kitchen", 'In the kitchen'), found)
    assert 'does not name the group' in missing


@pytest.mark.parametrize('found', [None, {}, 'models/mugs', {'n': 3}])
def test_without_figures_it_says_so(found):
    with pytest.raises(CourseError, match='nothing to go by'):
        limits(found)
    with pytest.raises(CourseError, match='nothing to go by'):
        what_is_missing(ALL, found)


def test_a_drawing_needs_a_group():
    with pytest.raises(CourseError, match='nothing to draw'):
        draw_limits({})


def test_the_model_card_has_groups_mistakes_and_costs():
    labels, answers = ['mug', 'glass'] * 10, ['mug', 'mug'] * 8 + ['mug', 'glass'] * 2
    found = measured(labels, answers, [0.9] * 20, groups={'day': (9, 9), 'night': (2, 11)})
    assert found['taken_for'] == [['glass', 'mug', 8]]
    card = model_card(found, 'Mugs', '', '', '', costs={'size': '19 MB'})
    assert card.index('| night | 2 of 11 | 18% |') < card.index('| day | 9 of 9 | 100% |')
    assert '| glass | mug | 8 |' in card and '| size | 19 MB |' in card
    many = [f'kind_{i}' for i in range(9)]
    found = measured(many, many[1:] + many[:1], [0.9] * 9)
    assert '| other mistakes | | 3 |' in model_card(found, 'Mugs', '', '', '')
    old = {k: v for k, v in found.items() if k not in ('groups', 'taken_for')}
    assert 'less well' not in model_card(old, 'Mugs', '', '', ''), 'older files have none of it'
