"""whole_game.fields_answers, fields_questions and makers.articles: what is refused and how, texts
of one's own in both stations of lesson 11, the questions and their answers, and the pictures."""

import random

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from whole_game import fields_answers as answers
from whole_game import fields_questions, fields_text
from whole_game.errors import CourseError
from whole_game.makers import articles, texts

TEXT = """The old mill stands at the river. It was built by Ada Miller in 1815, and her family
still owns it. For fifty years it ground the flour of four villages. In the great flood of 1862 the
water came up to the second floor. Nobody was hurt, but the wheel was gone. A new wheel of iron came
from the city two years later. Since 1950 it makes electricity for thirty houses. Every May there is
an open day with bread and music."""


@pytest.fixture(scope='module')
def wiki():
    return texts.wikipedia()[0]


@pytest.fixture(scope='module')
def minilm():
    return fields_text.MiniLM()


def test_files_are_the_same_twice_whatever_the_dice_say(tmp_path):
    for copy, seed in (('a', 1), ('b', 2)):
        (tmp_path / copy).mkdir()
        random.seed(seed)
        np.random.seed(seed)
        articles.make(tmp_path / copy)
        assert random.random() == random.Random(seed).random()
        assert np.random.rand() == np.random.RandomState(seed).rand()
    for name in ('leads.csv', 'sentences.csv'):
        assert (tmp_path / 'a' / name).read_bytes() == (tmp_path / 'b' / name).read_bytes() != b''


def test_no_sentence_of_a_lead_is_in_the_text_to_sum_up():
    leads, sentences = articles.articles()
    assert len(leads) > 70 and set(leads.article) == set(sentences.article)
    assert sentences.groupby('article').size().between(20, 40).all()
    for title, lead in zip(leads.article, leads.lead):
        inside = [one in lead for one in sentences.sentence[sentences.article == title]]
        assert np.mean(inside) < 0.05, title
    assert leads.lead.str.split().str.len().min() >= 40


def test_sections_without_text_are_left_out():
    line = 'This is a long line of a section, {}, with more than a hundred characters in it, so it'
    line += ' is one of those that are kept.'
    markup = '\n'.join(
        [line.format('lead'), '== History ==', line.format('body'), '* a list']
        + ['== References ==', line.format('books')]
    )
    lead, body = articles.split_article(markup)
    assert lead == line.format('lead') and body == [line.format('body')]


@pytest.mark.parametrize(
    'text, parts',
    [
        ('Dr. J. S. Bach left. He was 65.', ['Dr. J. S. Bach left.', 'He was 65.']),
        ('In the U.S. Senate? Yes! "No."', ['In the U.S. Senate?', 'Yes!', '"No."']),
        ('It cost 7.2 million dollars. Cheap.', ['It cost 7.2 million dollars.', 'Cheap.']),
        ('No full stop', ['No full stop']),
        ('', []),
    ],
)
def test_sentences_end_where_they_end(text, parts):
    assert articles.split_sentences(text) == parts


def test_each_question_has_its_answer_in_the_pages(wiki):
    pages = wiki[wiki.paragraph < 6].reset_index(drop=True)
    sentences, table = answers.sentences_of(pages), fields_questions.questions()
    assert not table.question.duplicated().any() and table.question.str.endswith('?').all()
    halves = table.groupby(['kind', 'is_test']).size()
    assert halves['answered', False] == halves['answered', True] == 84
    assert min(halves) >= 19
    for one in table[table.kind == 'answered'].itertuples():
        mine = sentences.sentence[sentences.article == one.article]
        found = [fields_questions.is_right(sentence, one.answer) for sentence in mine]
        assert 1 <= sum(found) <= 6, (one.question, sum(found))
    for question in table.question:
        assert answers.question_of(question) == question


@pytest.mark.parametrize(
    'question, said',
    [
        ('', 'empty'),
        (' \n ', 'empty'),
        ('Wer hat Farm der Tiere geschrieben?', 'not seem to be a question in English'),
        ('¿Quién escribió Rebelión en la granja?', 'not seem to be a question in English'),
        ('谁写了动物庄园？', 'does not seem to be English'),
        ('What is the tea ' * 70_000, 'characters'),
        ('What is the tea ' * 40, '160 words'),
        (3, 'not text but int'),
        (None, 'not text but NoneType'),
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_is_no_question_is_told(question, said):
    with pytest.raises(CourseError, match=said):
        answers.question_of(question)


def test_short_questions_pass():
    for question in ('Who?', 'Asphalt?', 'largest continent', 'Was Lincoln tall?'):
        assert answers.question_of(f' {question}\n') == question


def test_kinds_of_answers():
    asks = answers.asks_for
    assert asks('In which year was it?') == 'date' and asks('Whom did he kill?') == 'person'
    assert asks('How many are there?') == 'number' and asks('Where is it?') == 'place'
    assert asks('What is it made of?') == ''
    assert answers.fits('number', 'There are seven of them.')
    assert not answers.fits('number', 'There are some of them.')
    assert answers.fits('place', 'He lived in Paris.') and not answers.fits('place', 'He lived.')
    assert answers.fits('person', 'It was made by Ada Lovelace.')
    assert not answers.fits('person', 'It was made by a friend.')


def test_costs():
    found = answers.costs([0.9, 0.5], [True, False], [0, 0.5, 0.6, 1], wrong=10)
    assert list(found) == [5, 5, 0.5, 1]


def test_a_folder_of_ones_own_can_be_asked(tmp_path, minilm):
    (tmp_path / 'mill.txt').write_text(TEXT, encoding='utf-8')
    (tmp_path / 'tea.txt').write_text(
        'The tea of the house is green. It is served at four in the afternoon, with cake.',
        encoding='utf-8',
    )
    pages = answers.own_pages(tmp_path)
    assert list(pages.columns) == ['article', 'paragraph', 'text']
    assert set(pages.article) == {'mill', 'tea'} and (pages.article == 'mill').sum() == 1
    assert (answers.own_pages(tmp_path, 30).article == 'mill').sum() == 3
    sentences = answers.sentences_of(pages)
    rows = minilm.encode(sentences.article + '. ' + sentences.sentence, 48)
    for question, part in (
        ('Who built the mill?', 'Ada Miller'),
        ('When is tea served?', 'at four'),
    ):
        row = minilm.encode([answers.question_of(question)])[0]
        found = sentences.loc[(rows @ row).argmax()]
        assert part in found.sentence and found.sentence in pages.text[found.page]


def test_a_text_of_ones_own_can_be_summed_up():
    found = answers.sentences_to_sum_up(TEXT)
    assert len(found) == 8 and found[0] == 'The old mill stands at the river.'
    assert len(answers.sentences_to_sum_up(TEXT * 10)) == 40
    for bad, said in (
        ('', 'empty'),
        ('The tea was very good indeed. ' * 3, '3 whole sentences'),
        ('Der Tee schmeckt leider nach Seife, und die Dose war zerbeult. ' * 9, 'English'),
        (TEXT * 2200, 'characters'),
    ):
        with pytest.raises(CourseError, match=said):
            answers.sentences_to_sum_up(bad)


def test_lexrank_is_the_eigenvector():
    rng = np.random.default_rng(0)
    alike = rng.random((12, 12))
    alike += alike.T
    votes = answers.lexrank(alike, rounds=200)
    shares = alike / alike.sum(1, keepdims=True)
    values, vectors = np.linalg.eig((0.15 / 12 + 0.85 * shares).T)
    first = np.abs(vectors[:, values.real.argmax()].real)
    assert np.allclose(votes, first / first.sum(), atol=1e-6)
    assert np.allclose(answers.lexrank(np.zeros((4, 4))), 1 / 4)


def test_best_choice_is_greedy():
    score = lambda text: len(set(text.split()) & {'a', 'b', 'c'})
    assert answers.best_choice(['a', 'b c', 'a b', 'd'], score, 2) in ([0, 1], [1, 2])
    assert answers.best_choice(['a'], score, 3) == [0]


def test_the_writer_writes_what_it_read_and_the_same_for_a_seed():
    writer = answers.Writer(['The cat sat on the mat.', 'A dog sat on the cat sofa.'] * 2)
    one = writer.write('The cat', 3)
    assert one == writer.write('The cat', 3)
    read = ' '.join(['The cat sat on the mat.', 'A dog sat on the cat sofa.'])
    words = one.split()
    assert all(' '.join(words[i : i + 3]) in read for i in range(len(words) - 2))
    for bad in ('Unicorns are', 'The', ''):
        with pytest.raises(CourseError, match='never read'):
            writer.write(bad)


def test_pictures_hold_the_answer_and_the_choice():
    sentences = articles.split_sentences(TEXT.replace('\n', ' '))
    paragraph = ' '.join(sentences)
    drawn = {
        'answer': lambda: answers.draw_answer('Who built it?', 'Mill', paragraph, sentences[1]),
        'silence': lambda: answers.draw_answer('What is $3?', 'Mill', paragraph, ''),
        'summary': lambda: answers.draw_summary(sentences * 4, [1, 7], 'Ada built it.', 'Mill'),
        'several': lambda: answers.draw_answers(
            pd.DataFrame(
                [('Who?', 'Mill', paragraph, sentences[1], sure) for sure in (0.9, 0.1)],
                columns=['question', 'article', 'text', 'sentence', 'sure'],
            ),
            0.5,
        ),
    }
    for name, draw in drawn.items():
        draw()
        (figure,) = map(plt.figure, plt.get_fignums())
        words = [text.get_text() for text in figure.axes[0].texts]
        marked = [p for p in figure.axes[0].patches if p.get_facecolor()[:3] == (1, 217 / 255, 0.4)]
        assert ('Ada' in words) and (len(marked) > 4) == (name != 'silence'), name
        assert ('know.' in words) == (name in ('silence', 'several'))
        low, high = figure.axes[0].get_ylim()
        assert all(low <= text.get_position()[1] <= high for text in figure.axes[0].texts)
        plt.close('all')
