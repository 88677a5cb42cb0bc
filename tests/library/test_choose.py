"The ten briefs, the test of an idea, and the plan: what is in a plan is read, whoever wrote it."

import numpy as np
import pytest

from whole_game import choose
from whole_game.choose import BRIEFS, as_share, brief, draw_items, read_plan, write_plan
from whole_game.choose import test_idea as right_of
from whole_game.data import names
from whole_game.errors import CourseError
from whole_game.projects import new_project

READY = {
    'items': '60 plums',
    'guessing': '50 %',
    'stop when': 'under 60 % with 120',
    'if it is wrong': 'nobody minds',
    'who is in it': 'nobody',
}


def planned(tmp_path, of='sick leaves', **lines):
    "The plan of a new project, with lines written as a person would."
    place = tmp_path / 'mine'
    if not place.exists():
        place.mkdir()
    file = place / 'plan.md'
    if not file.exists():
        write_plan(place, of)
    text = file.read_text(encoding='utf-8')
    for name, words in {**READY, **lines}.items():
        kept = [l for l in text.splitlines() if not l.startswith(f'- {name}:')]
        place_of = [l.startswith(f'- {name}:') for l in text.splitlines()].index(True)
        text = '\n'.join([*kept[:place_of], f'- {name}: {words}', *kept[place_of:]]) + '\n'
    file.write_text(text, encoding='utf-8')
    return place


def test_briefs_are_whole():
    assert len(BRIEFS) == 10 and len({each.name for each in BRIEFS}) == 10
    assert {each.kind for each in BRIEFS} == set(choose.KINDS)
    assert sum(bool(each.data) for each in BRIEFS) >= 4
    for each in BRIEFS:
        assert all(text for _, text in each.rows()), each.name
        assert each.question.count('?') == 1 and each.question.endswith('?')
        assert not each.data or each.data in names()
        assert each.name in each._repr_markdown_() and each.trap in repr(each)
    with pytest.raises(CourseError, match='two painters'):
        brief('two painter')


@pytest.mark.parametrize('each', BRIEFS, ids=lambda each: each.name)
def test_a_plan_begun_with_a_brief_asks_only_for_what_a_brief_cannot_know(tmp_path, each):
    place = tmp_path / 'mine'
    place.mkdir()
    write_plan(place, each)
    assert [words.split('"')[1] for words in read_plan(place).missing] == list(READY)


@pytest.mark.parametrize('kind', choose.KINDS)
def test_a_plan_goes_into_a_project_of_each_kind(tmp_path, kind):
    place = new_project(tmp_path / 'mine', kind=kind)
    assert write_plan(place).parent == place and not read_plan(place).ready


def test_a_filled_plan_is_ready(tmp_path):
    plan = read_plan(planned(tmp_path))
    assert plan.ready and plan.minutes == {1: 90, 2: 90}
    assert repr(plan).startswith('✓ Ready') and '90 minutes' in repr(plan)


@pytest.mark.parametrize(
    'lines, said',
    [
        ({'question': 'Is it ripe? And of which tree?'}, 'one question mark'),
        ({'question': 'ripe plums'}, 'one question mark'),
        ({'question': '...'}, '"question" is still empty'),
        ({'kind': 'video'}, 'pictures, table, text, sound'),
        ({'new when it counts': 'split at random'}, 'At random asks less'),
        ({'items': 'many'}, 'needs a number'),
        ({'items': '20 plums'}, 'too few'),
        ({'items': '50,000 plums'}, '50,000 items in an hour'),
        ({'good enough': '100 %'}, 'no model is always right'),
        ({'good enough': '45 %'}, 'Guessing is good enough'),
        ({'good enough': '60 %'}, 'could well be guessing'),
        ({'number to beat': '52 of 60'}, 'You are done'),
        ({'stop when': 'it gets boring'}, 'needs a number or a time'),
        ({'who is in it': ''}, 'Write "nobody"'),
        ({'who is in it': 'my two children'}, 'who agreed, and when'),
        ({'who is in it': 'nobodys children'}, 'People are in it'),
    ],
)
def test_what_is_missing_is_said(tmp_path, lines, said):
    plan = read_plan(planned(tmp_path, **lines))
    assert len(plan.missing) == 1 and said in plan.missing[0]


def test_people_on_it_need_seven_lines_and_a_date(tmp_path):
    told = {name: 'yes' for name in choose.PEOPLE}
    place = planned(tmp_path, **{'who is in it': 'Ana and Berta', **told})
    assert read_plan(place).missing == ['"deleted on" needs a date. "Later" never comes.']
    assert read_plan(
        planned(tmp_path, **{**told, 'who is in it': 'Ana', 'deleted on': '1 May'})
    ).ready


@pytest.mark.parametrize(
    'old, new, said',
    [
        ('| 1 | 30 |', '| 1 | 90 min |', 'Evening 1 has 150 minutes'),
        ('| 2 | 20 | show', '| 3 | 20 | show', 'evening 1 and for evening 2'),
        ('the simple method', 'a first look', 'No step has the simple method'),
        ('show it to one person', 'polish it', 'show it to anybody'),
        ('| 1 | 10 | thirty items', '| 1 | 10 | a network', 'Turn the two around'),
    ],
)
def test_steps(tmp_path, old, new, said):
    place = planned(tmp_path)
    file = place / 'plan.md'
    text = file.read_text(encoding='utf-8')
    assert old in text
    file.write_text(text.replace(old, new), encoding='utf-8')
    assert any(said in words for words in read_plan(place).missing)


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16', 'cp1252'])
@pytest.mark.parametrize('end', ['\n', '\r\n'])
def test_any_editor_may_have_saved_it(tmp_path, encoding, end):
    place = planned(tmp_path, **{'question': 'Müllers Äpfel oder Birnen?'})
    file = place / 'plan.md'
    text = file.read_text(encoding='utf-8').replace('\n', end)
    file.write_bytes(text.encode(encoding))
    before = file.read_bytes()
    plan = read_plan(place)
    assert plan.ready and plan.facts['question'] == 'Müllers Äpfel oder Birnen?'
    assert file.read_bytes() == before  # it is only read


@pytest.mark.parametrize('raw', [b'', b'\xff\x81\x8d', b'# Nothing here', b'- a: b\n| x | y |\n'])
def test_odd_files_are_answered(tmp_path, raw):
    (tmp_path / 'plan.md').write_bytes(raw)
    assert not read_plan(tmp_path).ready and 'still empty' in repr(read_plan(tmp_path))


def test_bold_names_and_several_lines(tmp_path):
    place = planned(tmp_path)
    file = place / 'plan.md'
    text = file.read_text(encoding='utf-8')
    text = text.replace('- items: 60 plums', '* **Items:** plums of my tree,\n  60 of them')
    file.write_text(text, encoding='utf-8')
    assert read_plan(file).ready and read_plan(file).facts['items'].endswith('60 of them')


def test_nothing_is_overwritten_and_folders_are_asked_for(tmp_path):
    place = planned(tmp_path)
    before = (place / 'plan.md').read_bytes()
    with pytest.raises(CourseError, match='already'):
        write_plan(place)
    assert (place / 'plan.md').read_bytes() == before
    for call in (write_plan, read_plan):
        with pytest.raises(CourseError, match='no_such'):
            call(tmp_path / 'no_such')
    (tmp_path / 'bare').mkdir()
    with pytest.raises(CourseError, match='write_plan'):
        read_plan(tmp_path / 'bare')


def test_shares():
    told = {'90 %': 0.9, '87,5 %': 0.875, '0.9': 0.9, '27 of 30': 0.9, '85 per cent': 0.85}
    assert all(as_share(text) == pytest.approx(share) for text, share in told.items())
    assert all(as_share(text) is None for text in ('', '5 points more', '140 %', '9 of 3', '30'))


def test_thirty_items_tell_signal_from_noise():
    rng = np.random.default_rng(0)
    y = np.array(['a', 'b'] * 100)
    noise = [right_of(rng.normal(size=(200, 4)), y, 30, seed) for seed in range(20)]
    assert 12 < np.mean(noise) < 18  # and so no fold is told which label is rarer
    assert right_of(rng.normal(size=(200, 4)) + 4 * (y == 'a')[:, None], y) >= 28
    assert right_of([f'{label}{label} word' for label in y], y) == 30


def test_items_are_drawn_evenly_or_refused():
    y = np.array(['a'] * 50 + ['b'] * 16)
    rows = draw_items(y, 30)
    assert len(set(rows)) == 30 and (y[rows] == 'a').sum() == 15
    for labels, n, said in (
        (y, 60, '"b" has 16'),
        (['a'] * 40, 30, 'same label'),
        ([], 30, 'no items'),
    ):
        with pytest.raises(CourseError, match=said):
            draw_items(labels, n)
    with pytest.raises(CourseError, match='five folds'):
        draw_items(list('abcdefghij') * 9, 30)
    with pytest.raises(CourseError, match='one label'):
        right_of([[1.0]] * 40, ['a', 'b'] * 10)
