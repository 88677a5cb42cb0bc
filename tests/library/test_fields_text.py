"""whole_game.fields_text: what is refused and how, folders of one's own, tags and spans, and MiniLM
beside the library that it stands for."""

from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
import torch

from whole_game import fields_text
from whole_game.errors import CourseError
from whole_game.makers import texts as made

LESSON = Path(__file__).parents[2] / 'nbs' / '10_read_and_find.ipynb'
ENGLISH = 'The tea was good, and I would buy it again for my friends in the office.'


@pytest.mark.parametrize(
    'text',
    [
        'Der Tee schmeckt leider nach Seife, und die Dose war zerbeult, als sie ankam.',
        'Le thé est très bon mais la boîte était cassée quand elle est arrivée chez nous.',
        'El té es muy bueno pero la lata llegó rota y tuvimos que devolver todo el pedido.',
        'Чай был очень вкусный, но банка пришла помятая, и мы её вернули обратно в магазин.',
        'Il tè era molto buono, ma la scatola è arrivata rotta e non la comprerò di nuovo.',
        'O chá era muito bom, mas a lata chegou amassada e não vou comprar outra vez.',
        'Dit is de thee die ik in de winkel heb gekocht en het was in een week op.',
        'Teet var väldigt gott, men burken som det kom i var trasig när den kom fram.',
        'Herbata była bardzo dobra, ale puszka przyszła pogięta i nie kupię jej nigdy więcej.',
        'Çay çok güzeldi ama kutusu ezilmiş geldi ve bir daha bu dükkandan almayacağım.',
        '这茶很好喝，但是罐子坏了。',
        '1234 5678 90',
    ],
)
def test_other_languages_are_told(text):
    with pytest.raises(CourseError, match='does not seem to be English'):
        fields_text.readable(text)


@pytest.mark.parametrize('text', [ENGLISH, 'Great tea!', 'Aldous Huxley', 'Agnostida', 'tea'])
def test_english_and_short_texts_pass(text):
    assert fields_text.readable(f'  {text}\n') == text


def test_empty_long_and_no_text_are_told():
    for empty in ('', ' \n\t '):
        with pytest.raises(CourseError, match='empty'):
            fields_text.readable(empty)
    with pytest.raises(CourseError, match=r'1,050,000 characters'):
        fields_text.readable('The tea is of a megabyte. '[:21] * 50_000)
    for odd in (None, 3, ['text'], b'text'):
        with pytest.raises(CourseError, match='is not text'):
            fields_text.readable(odd)


def test_hardly_any_english_review_is_refused():
    refused = []
    for review in made.reviews().review:
        try:
            fields_text.readable(review)
        except CourseError:
            refused.append(review)
    print(*refused, sep='\n')
    assert 3 <= len(refused) < 10  # of 4,972; two are Italian and one is Spanish
    for word in ('ottimo', 'autunno', 'muy'):
        assert any(word in review.lower() for review in refused)


def of_the_lesson(names, *starts):
    "Run the lesson's code cells that have these words in them, in this order."
    cells = [cell.source for cell in nbformat.read(LESSON, 4).cells if cell.cell_type == 'code']
    for start in starts:
        (source,) = [cell for cell in cells if start in cell]
        exec(source, names)
    return names


@pytest.fixture
def letters(tmp_path):
    for label, what in (('happy', 'lovely and kind'), ('angry', 'late and broken')):
        (tmp_path / label).mkdir()
        for n in range(4):
            text = (
                f'This is letter {n}. It was all {what}, and I thank you.\n \nYours, Ada in Rome.'
            )
            (tmp_path / label / f'{label}{n}.txt').write_text(text, encoding='utf-8')
    (tmp_path / 'notes.md').write_text('no text file')
    (tmp_path / '.hidden.txt').write_text('hidden')
    return tmp_path


def test_a_folder_of_ones_own_enters_station_1(letters):
    table = fields_text.read_texts(letters)
    assert list(table.columns) == ['name', 'label', 'text']
    assert list(table.label.value_counts()) == [4, 4]
    reviews = pd.DataFrame(
        {'review': [ENGLISH, ENGLISH + ' No!'] * 4, 'stars': ['five', 'few'] * 4}
    )
    names = dict(vars(fields_text), reviews=reviews.assign(is_valid=[False] * 6 + [True] * 2))
    of_the_lesson(names, 'import TfidfVectorizer\nfrom sklearn.linear', 'simple = make_pipeline')
    names['simple'].fit(table.text, table.label)
    assert list(names['simple'].predict(['It came late.', 'How kind!'])) == ['angry', 'happy']
    of_the_lesson(names, 'def explain(')
    names['explain']('All lovely, and only one of them came late.')
    plt.close('all')


def test_texts_in_another_language_enter_station_1_when_asked(tmp_path):
    (tmp_path / 'brief.txt').write_text('Der Tee schmeckt nach Seife, und das ist nicht schön.')
    with pytest.raises(CourseError, match='brief.txt does not seem to be English'):
        fields_text.read_texts(tmp_path)
    assert len(fields_text.read_texts(tmp_path, english=False)) == 1


def test_a_folder_of_ones_own_enters_station_2(letters):
    table = fields_text.read_texts(letters)
    mine = fields_text.split_words(table.text[0])
    assert mine[-1] == 'Yours , Ada in Rome .'
    coder = fields_text.Sentences(mine * 2)

    class Learn:
        model = fields_text.Tagger(len(coder))
        dls = type('Loaders', (), {'device': torch.device('cpu')})

    fields_text.draw_tags(mine, fields_text.tag(Learn, coder, mine), 'mine')
    plt.close('all')


def test_a_folder_of_ones_own_enters_station_3(letters):
    paragraphs = fields_text.read_texts(letters, paragraphs=True)
    paragraphs = paragraphs.rename(columns={'name': 'article'})
    assert len(paragraphs) == 16 and paragraphs.article.nunique() == 8
    names = dict(vars(fields_text), paragraphs=paragraphs)
    imports = 'import TfidfVectorizer\nfrom whole_game'
    of_the_lesson(names, imports, 'documents = paragraphs', 'tfidf = Tfidf')
    of_the_lesson(names, 'minilm = MiniLM()', 'def best_document', 'def search(')
    names['search']('Who writes that a parcel came too late?')
    shown = plt.gcf().axes[1].get_yticklabels()
    assert shown[0].get_text().startswith('angry')
    plt.close('all')
    for bad, what in (('', 'empty'), ('Wo ist der Brief, den ich dir im Mai schrieb?', 'English')):
        with pytest.raises(CourseError, match=what):
            names['search'](bad)


def test_one_file_is_a_folder_with_one_text(letters):
    table = fields_text.read_texts(letters / 'happy' / 'happy1.txt')
    assert list(table.name) == ['happy1'] and list(table.label) == ['']


def test_bad_files_of_ones_own_are_told(tmp_path):
    with pytest.raises(CourseError, match='no text file'):
        fields_text.read_texts(tmp_path)
    with pytest.raises(CourseError, match='There is no .*nowhere here'):
        fields_text.read_texts(tmp_path / 'nowhere')
    (tmp_path / 'a.txt').write_text((ENGLISH + ' ') * 14_000)  # about a megabyte
    with pytest.raises(CourseError, match='a.txt has 1,0.*characters'):
        fields_text.read_texts(tmp_path)
    with pytest.raises(CourseError, match='a.txt has 1,0.*characters'):
        fields_text.read_texts(tmp_path, paragraphs=True)
    (tmp_path / 'a.txt').write_text((ENGLISH + '\n\n') * 14_000)
    assert len(fields_text.read_texts(tmp_path, paragraphs=True)) == 14_000
    (tmp_path / 'a.txt').write_bytes(b'\xff\xfe\x00\xd8')
    with pytest.raises(CourseError, match='a.txt is not plain text'):
        fields_text.read_texts(tmp_path)
    (tmp_path / 'a.txt').write_text('')
    with pytest.raises(CourseError, match='a.txt is empty'):
        fields_text.read_texts(tmp_path)
    (tmp_path / 'a.txt').write_text('\ufeff' + ENGLISH, encoding='utf-8')
    assert list(fields_text.read_texts(tmp_path).text) == [ENGLISH]


def test_a_text_of_ones_own_enters_station_2():
    sentences = fields_text.split_words("Ada's friend left. On 3 May 1843 she wrote, twice.")
    assert sentences == ["Ada 's friend left .", 'On 3 May 1843 she wrote , twice .']
    assert max(len(s.split(' ')) for s in fields_text.split_words('the tea ' * 500)) == 40
    coder = fields_text.Sentences(sentences)

    class Learn:
        model = fields_text.Tagger(len(coder))
        dls = type('Loaders', (), {'device': torch.device('cpu')})

    tags = fields_text.tag(Learn, coder, sentences)
    assert [len(row) for row in tags] == [5, 9]
    assert {tag for row in tags for tag in row} <= set(fields_text.TAGS)
    for bad, what in (('', 'empty'), ('the tea ' * 130_000, '1,040,000'), ('1 2 3', 'English')):
        with pytest.raises(CourseError, match=what):
            fields_text.split_words(bad)


def test_spans_are_whole_finds():
    tags = 'B-PERSON I-PERSON O B-PLACE B-PLACE I-DATE B-DATE'
    assert fields_text.spans(tags) == {
        (0, 2, 'PERSON'),
        (3, 4, 'PLACE'),
        (4, 5, 'PLACE'),
        (6, 7, 'DATE'),
    }
    assert fields_text.spans(tags) == fields_text.spans(tags.split(' '))
    numbers = fields_text.tag_numbers('O B-DATE')
    assert numbers.shape == (40,) and numbers[:3].tolist() == [0, 5, -100]


def test_padding_changes_no_answer():
    texts = ['good tea', 'a very good tea and a good tin']
    short, long = fields_text.Words(texts * 2, 12), fields_text.Words(texts * 2, 30)
    for net in (fields_text.AverageNet, fields_text.TextCNN):
        torch.manual_seed(0)
        model = net(len(short), 2).eval()
        one, other = (
            model(torch.stack([words.encode(text) for text in texts])) for words in (short, long)
        )
        torch.testing.assert_close(one, other)
    coder = fields_text.Sentences(texts * 2)
    model = fields_text.Tagger(len(coder)).eval()
    both = torch.stack([coder.encode(text) for text in texts])
    assert model(both).shape == (2, 40, 7)
    assert fields_text.Words(texts).encode('unknown words')[:3].tolist() == [1, 1, 0]


@pytest.mark.expensive
def test_minilm_is_that_of_sentence_transformers():
    from sentence_transformers import SentenceTransformer

    texts = ['Who wrote it?', ENGLISH, 'Café, naïve façade; 3.14 %', 'word ' * 100, 'Ψ 漢字']
    theirs = SentenceTransformer(str(fields_text.minilm_file().parent), device='cpu')
    theirs.max_seq_length = 64
    assert np.abs(theirs.encode(texts) - fields_text.MiniLM().encode(texts)).max() < 1e-5


def test_meaning_is_near_meaning():
    a, b, c = fields_text.MiniLM().encode(['The cat sleeps.', 'A kitten naps.', 'Taxes rose.'])
    assert a @ b > 0.5 > a @ c


def test_concepts_are_what_the_links_say():
    text = 'The beat is slow. The albedo of snow is high.'
    paragraphs = pd.DataFrame([('Love', 0, text)], columns=['article', 'paragraph', 'text'])
    rows = [('musical rhythm', 'beat'), ('albedo', 'albedo'), ('fox', 'not there')]
    links = pd.DataFrame(
        [('Love', 0, *row) for row in rows], columns=['article', 'paragraph', 'target', 'shown']
    )
    named = fields_text.concepts(paragraphs, links)
    other = fields_text.concepts(paragraphs, links, other_words=True)
    assert list(named.concept) == ['Albedo'] and list(named.articles) == [{'Love'}]
    assert list(other.concept) == ['Musical rhythm']


def test_dates_of_the_rule():
    words = 'On 3 May 1843 , 20 men and 4 march 12 March'.split(' ')
    assert [w for i, w in enumerate(words) if fields_text.is_date(words, i)] == [
        '3',
        'May',
        '1843',
        '12',
        'March',
    ]


def test_the_rule_its_finds_and_what_differs():
    sentence, true = 'On 3 May Ada Byron met Tom in Rome .', 'O O O O O O B-PERSON O B-PLACE O'
    tags = fields_text.rule(sentence)
    assert ' '.join(tags) == 'O B-DATE I-DATE B-PERSON I-PERSON O B-PERSON O B-PERSON O'
    assert fields_text.finds([tags, true], 'DATE') == [{(1, 3, 'DATE')}, set()]
    assert fields_text.finds([true]) == [fields_text.spans(true)]
    extra, missed = fields_text.differences([sentence], [tags], [true])
    assert extra == ['3 May (DATE)', 'Ada Byron (PERSON)', 'Rome (PERSON)']
    assert missed == ['Rome (PLACE)']


def test_pictures_hold_every_word():
    fields_text.draw_words('Good tea for $3, not bad.', {'good': 1, 'bad': -2}, 'title')
    fields_text.draw_tags(['Ada was born .'], ['B-PERSON O O O'], 'title')
    fields_text.draw_found({'words': [('Tea', 1)], 'meaning': [('Tin', 1)]}, 'title', ['Tea'])
    shown = [[text.get_text() for text in plt.figure(n).axes[0].texts] for n in plt.get_fignums()]
    plt.close('all')
    assert len(shown) == 3 and {'Ada', 'person', 'born'} <= set(shown[1])
    assert len(shown[0]) == 6


def test_what_has_nothing_in_common_with_the_query_is_not_drawn():
    fields_text.draw_found({'words': [('Tea', 0.5), ('Tin', 0), ('Ton', 0)]}, 'title')
    (axes,) = plt.gcf().axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    plt.close('all')
    assert names == ['Tea']
