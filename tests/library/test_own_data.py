"""whole_game.collect_tables, collect_texts, collect_sounds and contest: whatever a spreadsheet, a
pile of texts or a telephone saved is read as it was meant or refused in words; the splits hold;
what is kept answers the same when it is brought back; and each notebook runs to its end."""

import io
import json
import re
import shutil

import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy.io import wavfile

from course.execute import execute
from whole_game import cli, saving
from whole_game.collect_sounds import clean_sound, collect_sounds, log_mel, sound_loaders
from whole_game.collect_tables import (
    collect_table,
    one_column_alone,
    read_table,
    table_loaders,
)
from whole_game.collect_texts import collect_texts
from whole_game.contest import (
    Network,
    always,
    boosted_trees,
    bring_back,
    contest,
    keep,
    straight_lines,
    would_more_help,
)
from whole_game.data import get
from whole_game.errors import CourseError
from whole_game.limits import limits
from whole_game.makers.speech import RATE
from whole_game.makers.tables import penguins
from whole_game.modelcard import load_measured
from whole_game.page import page as page_of
from whole_game.portfolio import find_projects, portfolio
from whole_game.projects import DOCUMENTS, KINDS, add_to_log, fill_card, kind_of, new_project
from whole_game.share import share


def refused(run, *words):
    "The CourseError of a call, which says all three things and these words."
    with pytest.raises(CourseError) as e:
        run()
    said = str(e.value)
    assert e.value.what and e.value.do, said
    for word in words:
        assert word in said, said
    return said


# --- the folders


@pytest.mark.parametrize('kind', list(KINDS))
def test_a_new_project_of_each_kind(kind, tmp_path):
    place = new_project(tmp_path / 'mine', kind=kind)
    there = sorted(p.relative_to(place).as_posix() for p in place.rglob('*') if p.is_file())
    how = f'{KINDS[kind]}/how to fill this folder.md'
    assert there == sorted([*DOCUMENTS, how, 'your_game.ipynb']) and kind_of(place) == kind
    book = nbformat.read(place / 'your_game.ipynb', 4)
    nbformat.validate(book)
    kinds = [cell.cell_type for cell in book.cells]
    assert all(kinds[i - 1] == 'markdown' for i, k in enumerate(kinds) if k == 'code')
    text = '\n'.join(cell.source for cell in book.cells)
    for p in place.rglob('*.*'):
        said = p.read_text(encoding='utf-8')
        assert 'PROJECT' not in said and 'TODAY' not in said
    # the simple method comes before the network
    assert kind == 'pictures' or text.index('straight_lines') < text.index('fit_one_cycle')
    # a paper that was thrown away comes back as one of its kind
    card = (place / 'data_card.md').read_text('utf-8')
    (place / 'data_card.md').unlink()
    fill_card(place, 'data_card.md', 'Nothing yet: run your_game.ipynb.')
    assert (place / 'data_card.md').read_text('utf-8') == card


def test_kinds_that_there_are_not(tmp_path, capsys):
    refused(lambda: new_project(tmp_path / 'a', kind='tabel'), 'Did you mean table?', 'sound')
    refused(lambda: new_project(tmp_path / 'a', kind='dreams'), 'pictures, table, text, sound')
    refused(lambda: new_project(tmp_path / 'a', kind='table', data=tmp_path / 'x.csv'), 'x.csv')
    (tmp_path / 'x.csv').write_text('a,b')
    refused(lambda: new_project(tmp_path / 'a', kind='sound', data=tmp_path / 'x.csv'), 'no folder')
    refused(lambda: new_project(tmp_path / 'a', tmp_path, data=tmp_path), 'Two places')
    assert not (tmp_path / 'a').exists()
    assert cli.main(['new-project', str(tmp_path / 'a'), '--kind', 'tex']) == 1
    assert 'Did you mean text?' in capsys.readouterr().err
    told = [str(tmp_path / 'a'), '--kind', 'table', '--data', str(tmp_path / 'x.csv')]
    assert cli.main(['new-project', *told]) == 0 and not (tmp_path / 'a' / 'table').exists()
    first = nbformat.read(tmp_path / 'a' / 'your_game.ipynb', 4).cells[2].source
    assert f"table = '{(tmp_path / 'x.csv').as_posix()}'" in first


# --- tables


def written(tmp_path, text, name='mine.csv', code='utf-8'):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode(code))
    return file


@pytest.mark.parametrize('sign', [',', ';', '\t', '|'])
@pytest.mark.parametrize('code', ['utf-8', 'utf-8-sig', 'cp1252', 'utf-16'])
def test_spreadsheets_of_many_countries(sign, code, tmp_path):
    text = sign.join(['Name', 'Größe', 'Tag']) + '\r\n'
    for i in range(4):
        text += sign.join([f'Käse {i}', f'"1.00{i},5"', f'0{i + 1}.12.2024']) + '\r\n'
    table, odd = read_table(written(tmp_path, text, code=code))
    assert list(table) == ['Name', 'Größe', 'Tag'] and table['Name'][1] == 'Käse 1'
    assert list(table['Größe']) == [1000.5, 1001.5, 1002.5, 1003.5]
    assert list(table['Tag'].dt.day) == [1, 2, 3, 4] and set(table['Tag'].dt.month) == {12}
    assert any('Decimal commas are in Größe' in said for said in odd)


@pytest.mark.parametrize(
    'cells,numbers',
    [
        (['1.5', '2', '-3e2'], [1.5, 2, -300]),
        (['1,5', '2', '-0,25'], [1.5, 2, -0.25]),
        (['1,234', '56,789'], [1234, 56789]),  # no country has three decimals everywhere
        (['1.234,5', '7'], [1234.5, 7]),
        (['1,234.5', '7'], [1234.5, 7]),
        (['12 %', '€ 3', "1'000", '2\u00a0000', '\u22125'], [12, 3, 1000, 2000, -5]),
        (['5', 'n/a', '', '-', 'NaN', '7'], [5, None, None, None, None, 7]),
    ],
)
def test_numbers_as_people_write_them(cells, numbers, tmp_path):
    text = 'a;b\n' + ''.join(f'"{cell}";x\n' for cell in cells)
    table, _ = read_table(written(tmp_path, text))
    found = [None if value != value else value for value in table['a']]
    assert found == pytest.approx(numbers)


def test_words_dates_and_holes(tmp_path):
    text = 'sep=;\nok;when;ok;;empty\n' + 'Yes;31/01/2025;1;;\n' * 9 + 'yes ;31/01/25?;2;;\n'
    text += '\n\nYES;03/02/2025;3;;;;surplus\nno;03/02/2025;;;\n'
    table, odd = read_table(written(tmp_path, text))
    assert list(table) == ['ok', 'when', 'ok 2', 'column 4', 'empty']
    assert set(table['ok']) == {'Yes', 'no'} and len(table) == 11
    assert table['when'].isna().sum() == 1 and table['when'].dt.month.max() == 2
    for word in ('capitals do not count', 'more cells', '31/01/25?', 'day first'):
        assert word in '\n'.join(odd), word


@pytest.mark.parametrize(
    'held,word',
    [
        (b'', 'is empty'),
        (b'\n\n', 'is empty'),
        (b'PK\x03\x04 workbook', 'workbook'),
        (b'\xd0\xcf\x11\xe0 old', 'old Excel'),
        (b'%PDF-1.4', 'PDF'),
        (b'a,b\n\0\0', 'no plain text'),
        (b'just\none\ncolumn\n', 'only one column'),
        (b'a,b,c\n', 'only one line'),
    ],
)
def test_what_is_no_table(held, word, tmp_path):
    refused(lambda: read_table(written(tmp_path, held)), word)


def test_which_table(tmp_path):
    (tmp_path / 'how to fill this folder.md').write_text('How')
    refused(lambda: read_table(tmp_path), 'holds no table', 'CSV')
    written(tmp_path, 'a,b\n1,2\n')
    assert read_table(tmp_path)[0].shape == (1, 2)
    written(tmp_path, 'a,b\n1,2\n', 'other.tsv')
    refused(lambda: read_table(tmp_path), '2 tables', 'mine.csv, other.tsv')
    refused(lambda: read_table(tmp_path / 'nowhere'), 'no file or folder "nowhere"')


@pytest.fixture(scope='module')
def birds(tmp_path_factory):
    "The penguins as a spreadsheet in Germany saves them."
    table = penguins().drop(columns='fold')
    table['seen'] = pd.date_range('2007-11-01', periods=len(table)).strftime('%d.%m.%Y')
    file = tmp_path_factory.mktemp('birds') / 'pinguine.csv'
    table.to_csv(file, sep=';', decimal=',', index=False, encoding='cp1252')
    return file


def test_the_answers_column_and_others_that_there_are_not(birds):
    said = refused(lambda: collect_table(birds, ''), 'Which column is the answer?')
    assert '"body_mass_g" (numbers, 2700 to 6300)' in said and '"seen" (dates)' in said
    refused(lambda: collect_table(birds, 'specis'), 'Did you mean "species"?')
    refused(lambda: collect_table(birds, 'species', leave_out='iland'), '"island"?')
    refused(lambda: collect_table(birds, 'species', by='brid'), '"bird"?')
    refused(lambda: collect_table(birds, 'species', when='sex'), 'no dates')
    refused(lambda: collect_table(birds, 'seen'), 'is a date')


def test_splits_keep_what_belongs_together(birds):
    before = birds.read_bytes()
    game = collect_table(birds, 'species', by='bird')
    sides = [set(game.items['bird'].iloc[side]) for side in (game.train, game.valid)]
    assert not sides[0] & sides[1] and 0.15 < len(game.valid) / game.total < 0.25
    assert 'bird' not in game.recipe.asked
    game = collect_table(birds, 'body_mass_g', when='seen')
    assert game.items['seen'].iloc[game.train].max() < game.items['seen'].iloc[game.valid].min()
    game = collect_table(birds, 'sex', most=100)
    assert game.total == 100 and 'most=100' in repr(game) and game.answers == ['female', 'male']
    assert 'without an answer' in repr(game)
    refused(lambda: collect_table(birds, 'species', when='seen'), 'Chinstrap', 'when=')
    assert birds.read_bytes() == before


def test_copies_of_a_row_are_on_one_side(tmp_path):
    rows = [f'{i % 7},{"ab"[i % 7 > 3]}' for i in range(140)]
    game = collect_table(written(tmp_path, 'x,y\n' + '\n'.join(rows)), 'y')
    sides = [set(game.items['x'].iloc[side]) for side in (game.train, game.valid)]
    assert not sides[0] & sides[1]


def test_columns_that_never_help_are_left_out_and_told(tmp_path):
    rows = [f'{i},same,{i % 5},name {i},{"ab"[i % 2]},' for i in range(60)]
    rows += ['60,same,,name 60,rare,'] * 2
    text = 'id,one,x,name,y,nothing\n' + '\n'.join(rows)
    game = collect_table(written(tmp_path, text), 'y')
    assert game.recipe.asked == ['x'] and game.answers == ['a', 'b'] and game.total == 60
    for word in ('only counts the rows', 'same in each row', 'by heart', 'is empty', 'rare'):
        assert word in repr(game), word
    only = 'id,y\n' + '\n'.join(f'{i},{"ab"[i % 2]}' for i in range(60))
    refused(lambda: collect_table(written(tmp_path, only), 'y'), 'No column is left')
    refused(lambda: collect_table(written(tmp_path, text[:60]), 'y'), 'rows that can be used')
    one = 'x,y\n' + '\n'.join(f'{i % 9},yes' for i in range(60))
    refused(lambda: collect_table(written(tmp_path, one), 'y'), 'same in all rows')


def test_a_leak_is_seen_and_left_out(tmp_path):
    rng = np.random.default_rng(0)
    late = rng.integers(0, 2, 200)
    rows = [f'{rng.normal():.2f},{9 + 5 * n},{["on time", "late"][n]}' for n in late]
    file = written(tmp_path, 'amount,reminders,paid\n' + '\n'.join(rows))
    found = one_column_alone(collect_table(file, 'paid'))
    assert found.index[0] == 'reminders' and found.iloc[0] == 1 > found.iloc[1] + 0.2
    without = collect_table(file, 'paid', leave_out=['reminders'])
    assert list(one_column_alone(without).index) == ['amount'] and 'reminders' in repr(without)


# --- who wins, and what is kept


def trained(game, loaders, make):
    from fastai.basics import Learner, set_seed
    from fastai.callback.schedule import fit_one_cycle  # noqa: F401

    set_seed(42)
    learn = make(loaders(game)) if make else Learner(loaders(game), game.recipe.net())
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(2, 1e-2)
    return learn


def same_again(game, methods, place):
    "Each method answers the same after it was kept and brought back."
    held = game.items_at(game.valid)
    for method in methods:
        keep(game, method, place / 'model' / 'mine')
        back = bring_back(place / 'model' / 'mine')
        np.testing.assert_allclose(
            back.method.guess(back.recipe, held), method.guess(game.recipe, held), atol=1e-6
        )


@pytest.mark.parametrize('answer', ['species', 'sex', 'body_mass_g'])
def test_methods_are_those_of_scikit_learn_and_fastai(answer, birds, tmp_path):
    from fastai.tabular.all import tabular_learner
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    game = collect_table(birds, answer, by='bird')
    x = [game.recipe.features(game.items_at(side)) for side in (game.train, game.valid)]
    y, held = game.truth[game.train], game.items_at(game.valid)
    trees, lines = boosted_trees(game), straight_lines(game)
    learn = trained(game, table_loaders, tabular_learner)
    assert list(learn.dls.classes.values()) == [
        ['#na#', *words] for words in game.recipe.words.values()
    ]
    with learn.no_bar():
        net = learn.get_preds()[0].numpy()
    ours = Network('the network', learn.model).guess(game.recipe, held)
    if game.answers:
        theirs = GradientBoostingClassifier(random_state=42, max_features=0.5).fit(x[0], y)
        np.testing.assert_allclose(trees.guess(game.recipe, held), theirs.predict_proba(x[1]))
        theirs = LogisticRegression(max_iter=1000).fit(x[0], y)
        np.testing.assert_allclose(lines.guess(game.recipe, held), theirs.predict_proba(x[1]))
    else:
        y = y.astype(float)
        theirs = GradientBoostingRegressor(random_state=42, max_features=0.5).fit(x[0], y)
        np.testing.assert_allclose(trees.guess(game.recipe, held), theirs.predict(x[1]))
        np.testing.assert_allclose(
            lines.guess(game.recipe, held), Ridge(1.0).fit(x[0], y).predict(x[1])
        )
        net = game.recipe.middle + game.recipe.scale * net[:, 0]
    np.testing.assert_allclose(ours, net, rtol=1e-4, atol=1e-4)
    same_again(game, [always(game), lines, trees, Network('net', learn.model)], tmp_path)
    row = game.recipe.row(game.items.iloc[game.valid[0]])
    player = bring_back(tmp_path / 'model' / 'mine')
    answered = player.predict(row)
    assert isinstance(answered, float) or answered[0] in game.answers and 0 < answered[1] <= 1
    # a column may be unknown, a word never met
    player.predict({**row, 'island': 'Atlantis', 'bill_depth_mm': None})
    refused(lambda: player.predict({**row, 'beak': 1}), 'no column "beak"')
    refused(lambda: player.predict(3), 'A row is a dict')


def test_the_simple_one_wins_a_draw(birds):
    game = collect_table(birds, 'species', by='bird')
    nothing, lines = always(game), straight_lines(game)
    result = contest(game, nothing, lines, lines)
    assert result.best is lines and result.methods.index(result.best) == 1
    right, n = result.score(lines), len(game.valid)
    assert right > result.score(nothing) + 20 and f'{right} of {n} right' in repr(result)
    more = would_more_help(game)
    assert list(more)[-1] == len(game.train) and more[len(game.train)] == right
    for i, said, sure in contest(game, nothing).surest_mistakes(5):
        assert said == 'Adelie' != game.truth[i] and i in game.valid
    refused(lambda: bring_back('nowhere/mine'), 'no file mine.safetensors')


def test_a_damaged_model_and_the_app_say_so(birds, tmp_path):
    game = collect_table(birds, 'species')
    keep(game, straight_lines(game), tmp_path / 'mine')
    refused(lambda: saving.load(tmp_path / 'mine'), 'not trained on pictures', 'bring_back')
    (tmp_path / 'mine.json').write_text('{"kind": "table"}')
    refused(lambda: bring_back(tmp_path / 'mine'), 'cannot be read')


# --- texts


def test_texts_in_folders(tmp_path):
    for label, word in (('danke', 'Vielen Dank für'), ('ärger', 'Schon wieder kaputt:')):
        (tmp_path / 'texts' / label).mkdir(parents=True)
        for i in range(24):
            code = 'cp1252' if i % 2 else 'utf-8-sig'
            file = tmp_path / 'texts' / label / f'{"abcdefgh"[i % 8]}_{i}.txt'
            file.write_bytes(f'{word} Nummer {i}\n\n<p>Grüße</p>'.encode(code))
    folder = tmp_path / 'texts' / 'danke'
    (folder / 'empty.txt').write_text(' \n')
    (folder / 'a_letter.docx').write_bytes(b'PK\x03\x04')
    (folder / 'b_0 copy.txt').write_text('vielen dank für nummer 0 grüße', 'utf-8')
    (folder / '.DS_Store').write_bytes(b'\0')
    (tmp_path / 'texts' / 'how to fill this folder.md').write_text('How')
    game = collect_texts(tmp_path / 'texts', by='_')
    assert game.total == 48 and game.answers == ['danke', 'ärger']
    assert all('Grüße' in text or 'grüße' in text for text in game.items)
    writers = [
        {game.sources[i].split('/')[1][0] for i in side} for side in (game.train, game.valid)
    ]
    assert not writers[0] & writers[1]
    for word in ('web pages', 'Copies', 'Empty', 'a_letter.docx', 'cp1252'):
        assert word in repr(game), word
    nothing, lines = always(game), straight_lines(game)
    assert contest(game, nothing, lines).score(lines) == len(game.valid)
    same_again(game, [lines, Network('net', game.recipe.net())], tmp_path)
    player = bring_back(tmp_path / 'model' / 'mine')
    assert player.predict('新しい文章 🙂')[0] in game.answers
    refused(lambda: player.predict(' '), 'no text')


def test_texts_that_are_no_game(tmp_path):
    (tmp_path / 'texts').mkdir()
    refused(lambda: collect_texts(tmp_path / 'texts'), 'holds no table')
    (tmp_path / 'texts' / 'one').mkdir()
    for i in range(9):
        (tmp_path / 'texts' / 'one' / f'{i}.txt').write_text(f'text {i}')
    refused(lambda: collect_texts(tmp_path / 'texts'), 'one label only')
    (tmp_path / 'texts' / 'two').mkdir()
    refused(lambda: collect_texts(tmp_path / 'texts'), 'Too few texts of two (0)')
    rows = [f'Message number {i},{"ab"[i % 2]},x' for i in range(40)]
    file = written(tmp_path, 'message,kind,more\n' + '\n'.join(rows))
    refused(lambda: collect_texts(file), 'Which column is the text', '"kind"')
    refused(lambda: collect_texts(file, 'mesage', 'kind'), 'Did you mean "message"?')
    refused(lambda: collect_texts(file, 'kind', 'message'), '')
    game = collect_texts(file, 'message', 'kind', most=15)
    assert game.total == 30 and 'most=15' in repr(game)
    two = written(
        tmp_path, 'kind,message\n' + '\n'.join(f'{"ab"[i % 2]},So {i}' for i in range(40))
    )
    assert collect_texts(two).items[0].startswith('So')


# --- sounds


def tone(hertz=300, seconds=0.5, rate=RATE, channels=1):
    time = np.arange(int(seconds * rate)) / rate
    made = np.pad(0.5 * np.sin(2 * np.pi * hertz * time), rate // 5)
    return made if channels == 1 else np.stack([made] * channels, 1)


def wav(numbers, rate=RATE, kind=np.int16):
    held = io.BytesIO()
    if kind == np.uint8:
        numbers = np.round(numbers * 127 + 128)
    elif np.dtype(kind).kind == 'i':
        numbers = np.round(numbers * np.iinfo(kind).max)
    wavfile.write(held, rate, np.asarray(numbers).astype(kind))
    return held.getvalue()


@pytest.mark.parametrize('kind', [np.uint8, np.int16, np.int32, np.float32])
@pytest.mark.parametrize('rate', [8000, 22050, 48000])
@pytest.mark.parametrize('channels', [1, 2])
def test_recordings_of_every_kind_become_alike(kind, rate, channels):
    sound, odd = clean_sound(wav(tone(rate=rate, channels=channels), rate, kind))
    plain, _ = clean_sound(wav(tone()))
    assert len(sound) == RATE and np.isfinite(sound.numbers).all()
    # the same note is the brightest
    assert log_mel(sound).mean(1).argmax() == log_mel(plain).mean(1).argmax()
    assert any('numbers a second' in what for what in odd)
    assert any('stereo' in what for what in odd) == (channels == 2)


def test_24_bits_and_a_long_recording():
    whole = (tone() * (2**23 - 1)).astype('<i4')
    data = b''.join(int(n).to_bytes(4, 'little', signed=True)[:3] for n in whole)
    size = len(data)
    head = b'RIFF' + (36 + size).to_bytes(4, 'little') + b'WAVEfmt \x10\0\0\0\x01\0\x01\0'
    head += RATE.to_bytes(4, 'little') + (3 * RATE).to_bytes(4, 'little') + b'\x03\0\x18\0data'
    sound, odd = clean_sound(head + size.to_bytes(4, 'little') + data)
    assert len(sound) == RATE and odd == []
    long = np.zeros(90 * RATE)
    long[70 * RATE : 71 * RATE] = tone(880, 1)[RATE // 5 : -(RATE // 5)]
    sound, odd = clean_sound(wav(long), seconds=2)
    assert len(sound) == 2 * RATE and 'loudest 2 s' in odd[0]
    assert (abs(sound.numbers) > 0.1).mean() > 0.3
    _, odd = clean_sound(wav(np.clip(4 * tone(), -1, 0.99)))
    assert odd == ['too loud for its microphone (cut off at the top)']
    for held, word in ((wav(np.zeros(RATE)), 'silence'), (b'', 'not a sound'), (b'ID3', 'MP3')):
        refused(lambda held=held: clean_sound(held), word)


def recordings(folder, labels=(('low', 200), ('high', 2000)), n=16):
    for label, hertz in labels:
        (folder / label).mkdir(parents=True)
        for i in range(n):
            made = wav(tone(hertz * (1 + i / 50), rate=(RATE, 44100)[i % 2]), (RATE, 44100)[i % 2])
            (folder / label / f'{"abcd"[i % 4]}_{i}.wav').write_bytes(made)


def test_a_folder_of_recordings(tmp_path):
    folder = tmp_path / 'sounds'
    recordings(folder)
    (folder / 'low' / 'a_silence.wav').write_bytes(wav(np.zeros(RATE)))
    (folder / 'low' / 'a_song.mp3').write_bytes(b'ID3' + bytes(99))
    shutil.copy(folder / 'low' / 'a_0.wav', folder / 'low' / 'a_0 (1).wav')
    shutil.copy(folder / 'low' / 'b_1.wav', folder / 'high' / 'b_1 too.wav')
    (folder / 'loose.wav').write_bytes(wav(tone()))
    (folder / 'how to fill this folder.md').write_text('How')
    before = {p: p.read_bytes() for p in folder.rglob('*') if p.is_file()}
    game = collect_sounds(folder, by='_')
    assert {p: p.read_bytes() for p in folder.rglob('*') if p.is_file()} == before
    assert game.total == 31 and game.answers == ['high', 'low']
    who = [{game.files[i].name[0] for i in side} for side in (game.train, game.valid)]
    assert not who[0] & who[1]
    for word in ('MP3', 'silence', 'copy of', 'two labels', 'loose.wav', '44,100'):
        assert word in repr(game), word
    assert 'how to fill' not in repr(game)
    lines = straight_lines(game)
    assert contest(game, always(game), lines).score(lines) >= len(game.valid) - 1
    learn = trained(game, sound_loaders, None)
    with learn.no_bar():
        theirs = (
            learn.get_preds()[0].softmax(1) if learn.loss_func is None else learn.get_preds()[0]
        )
    ours = Network('net', learn.model).guess(game.recipe, game.items_at(game.valid))
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-4)
    same_again(game, [lines, Network('net', learn.model)], tmp_path)
    player = bring_back(tmp_path / 'model' / 'mine')
    assert player.predict(game.files[0])[0] in game.answers


def test_recordings_that_are_no_game(tmp_path):
    refused(lambda: collect_sounds(tmp_path), 'is empty')
    recordings(tmp_path / 'one', [('only', 300)])
    refused(lambda: collect_sounds(tmp_path / 'one'), 'one label only')
    refused(lambda: collect_sounds(tmp_path / 'one', seconds=60), 'too long')
    for label in ('a', 'b'):
        (tmp_path / 'phone' / label).mkdir(parents=True)
        for i in range(9):
            (tmp_path / 'phone' / label / f'{i}.m4a').write_bytes(b'\0\0\0 ftypM4A ' + bytes(40))
    refused(lambda: collect_sounds(tmp_path / 'phone'), 'M4A or MP4', 'Audacity')


# --- the notebooks


def settings(book, **changes):
    for cell in book.cells:
        if cell.cell_type == 'code':
            for name, value in changes.items():
                cell.source = re.sub(
                    rf'^{name} = .*$', lambda _: f'{name} = {value!r}', cell.source, flags=re.M
                )
    return book


@pytest.mark.parametrize(
    'kind,word', [('table', 'holds no table'), ('text', 'holds no table'), ('sound', 'is empty')]
)
def test_an_untouched_notebook_says_what_is_missing(kind, word, tmp_path, monkeypatch):
    place = new_project(tmp_path / 'mine', kind=kind)
    monkeypatch.chdir(place)
    code = [c.source for c in nbformat.read('your_game.ipynb', 4).cells if c.cell_type == 'code']
    refused(lambda: exec('\n'.join(code[:2]), {}), word)


def filled(kind, place, birds):
    "A project filled with real data, as people have it; gives what to write into its first cell."
    if kind == 'table':
        shutil.copy(birds, place / 'table')
        return {'answer': 'body_mass_g', 'not_known': ['island'], 'by': 'bird'}
    if kind == 'text':
        reviews = pd.read_csv(get('reviews') / 'reviews.csv')[['review', 'stars']].iloc[:600]
        file = place / 'texts' / 'reviews.csv'
        reviews.to_csv(file, sep=';', index=False, encoding='utf-8-sig')
        return {'most': 150}
    for word in ('six', 'seven', 'eight'):
        (place / 'sounds' / word).mkdir()
        for file in sorted((get('spoken_digits') / 'train' / word).iterdir())[::3][:30]:
            rate, numbers = wavfile.read(file)
            both = np.stack([numbers, numbers], 1)
            wavfile.write(place / 'sounds' / word / file.name, rate, both)
    return {'by': '-'}


@pytest.mark.parametrize('kind', ['table', 'text', 'sound'])
def test_the_notebook_of_each_kind_plays_the_whole_game(kind, birds, tmp_path):
    place = new_project(tmp_path / 'mine', kind=kind)
    changes = filled(kind, place, birds)
    book = settings(nbformat.read(place / 'your_game.ipynb', 4), **changes, note='On real data.')
    ran = execute(place / 'your_game.ipynb', nb=book, timeout=400)
    assert ran.error is None, ran.error
    outs = [out for cell in ran.nb.cells if cell.cell_type == 'code' for out in cell.outputs]
    assert not [o.text for o in outs if o.output_type == 'stream' and o.name == 'stderr']
    data_card, model_card, log = ((place / paper).read_text('utf-8') for paper in DOCUMENTS)
    found = load_measured(place / 'model' / 'mine')
    print(kind, {k: v for k, v in found.items() if k in ('right', 'n', 'off', 'always')})
    assert 'for validation' in data_card and 'Nothing yet' not in data_card + model_card
    assert 'Who could be hurt' in model_card and 'On real data.' in log and 'validation' in log
    if kind == 'table':
        assert found['off'] < found['always'] / 1.5 and f'{found["off"]:.4g}' in model_card
        assert 'Decimal commas' in data_card and 'island' in data_card
    else:
        n, what = found['n'], found['what']
        assert found['right'] > 1.2 * n / len(found['categories']) and what == KINDS[kind]
        assert f'{found["right"]} of {n}' in model_card and f'On {what} it had not' in model_card
    (project,) = find_projects([tmp_path])
    assert project['figures']['what'] == found['what'] and len(project['runs']) == 1
    page = portfolio(tmp_path / 'page.html', projects=[tmp_path]).read_text('utf-8')
    shown = f'off by <b>{found["off"]:.4g}</b>' if kind == 'table' else f'</b> {found["what"]} that'
    assert shown in page
    # the page of its notebook, and the sentences; an app that takes pictures is not for it
    nbformat.write(ran.nb, place / 'your_game.ipynb')
    one = page_of(place)
    words = one.path.read_text('utf-8')
    assert shown in words and '&lt;table' not in words
    assert kind != 'table' or not one.warnings, one.warnings
    first = limits(found)[0]
    assert f'{found["n"]} {found["what"]} that it had not practised with' in first
    refused(lambda: share(place / 'model' / 'mine', tmp_path / 'app'), kind, 'whole-game page')
    assert not (tmp_path / 'app').exists()
    # figures of another model do not count
    (place / 'model' / 'mine.safetensors').write_bytes(b'other')
    assert find_projects([tmp_path])[0]['figures'] is None


def test_figures_that_make_no_sense_are_not_shown(tmp_path):
    place = new_project(tmp_path / 'mine', kind='table')
    (place / 'model').mkdir()
    (place / 'model' / 'mine.safetensors').write_bytes(b'numbers')
    from whole_game.modelcard import measured_numbers

    measured_numbers([1, 2, 3], [1, 2, 5], 2, path=place / 'model' / 'mine')
    file = place / 'model' / 'mine.measured.json'
    assert find_projects([tmp_path])[0]['figures']['numbers']['off'] == pytest.approx(2 / 3)
    add_to_log(place, 'once')
    for change in ({'n': 0}, {'off': 'much'}, {'always': -1}, {'off': float('nan')}):
        file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
        assert find_projects([tmp_path])[0]['figures'] is None, change
