"""whole_game.deck: the file is read back, as a database in a zip; a newer one has the same notes by
their identities, and no file that is somebody else's is overwritten."""

import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections import Counter
from types import SimpleNamespace

import pytest

from whole_game import deck
from whole_game.cli import main
from whole_game.errors import CourseError
from whole_game.lesson import glossary, lessons


def read(path, folder):
    "What is in a file of cards: its notes by identity, its decks by number, its kinds of note."
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None and json.loads(archive.read('media')) == {}
        raw = folder / 'collection.anki2'
        raw.write_bytes(archive.read('collection.anki2'))
    database = sqlite3.connect(raw)
    try:
        assert database.execute('pragma integrity_check').fetchone() == ('ok',)
        rows = database.execute(
            'select guid, mid, notes.mod, tags, flds, did, due'
            ' from notes join cards on nid = notes.id'
        ).fetchall()
        models, decks = map(
            json.loads, database.execute('select models, decks from col').fetchone()
        )
    finally:
        database.close()
    notes = {
        guid: SimpleNamespace(
            kind=kind, mod=mod, tags=tags.split(), fields=fields.split('\x1f'), deck=did, due=due
        )
        for guid, kind, mod, tags, fields, did, due in rows
    }
    assert len(notes) == len(rows), 'two notes of one identity'
    return SimpleNamespace(notes=notes, decks=decks, models=models)


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp('deck')
    path, cards = deck.deck(folder / 'all.apkg')
    found = read(path, folder)
    assert cards == len(found.notes)
    return found


def test_every_question_and_every_term_has_a_card(whole):
    kinds = Counter(
        kind for n in whole.notes.values() for kind in ('quiz', 'glossary') if kind in n.tags
    )
    assert kinds == {
        'quiz': sum(len(lesson.get('quiz', {}).get('questions', [])) for lesson in lessons()),
        'glossary': len(glossary()),
    }


def test_decks_and_tags_are_those_of_the_lesson(whole):
    for lesson in lessons():
        name = f'The Whole Game::{lesson["stem"][:2]} {lesson["title"]}'
        (number,) = [int(i) for i, d in whole.decks.items() if d['name'] == name]
        tags = {
            tuple(sorted(set(n.tags) - {'quiz', 'glossary'}))
            for n in whole.notes.values()
            if n.deck == number
        }
        assert tags == {(f'lesson_{lesson["stem"][:2]}', 'whole_game')}, name
    assert {n.kind for n in whole.notes.values()} == {deck.NOTE_TYPE}
    assert [f['name'] for f in whole.models[str(deck.NOTE_TYPE)]['flds']] == [
        'Question',
        'Answer',
        'Source',
    ]
    dues = sorted(n.due for n in whole.notes.values())
    assert dues == list(range(1, len(dues) + 1)), 'new cards come in the order of the lessons'


def test_a_card_explains_every_answer_and_marks_the_right_one(whole):
    for lesson in lessons():
        for q in lesson.get('quiz', {}).get('questions', []):
            front = deck.as_html(q['question'])
            (note,) = [n for n in whole.notes.values() if n.fields[0].startswith(f'{front}<ol>')]
            right = next(i for i, a in enumerate(q['answers']) if a.get('right'))
            assert note.fields[1].startswith(f'<b>{"abcdefgh"[right]})</b> is right.')
            assert note.fields[1].count('✓') == 1
            assert f'<b>✓ {deck.as_html(q["answers"][right]["answer"])}</b>' in note.fields[1]
            for a in q['answers']:
                assert deck.as_html(a['answer']) in note.fields[0]
                assert deck.as_html(a['why']) in note.fields[1]
            assert '✓' not in note.fields[0] and 'class="why"' not in note.fields[0]
            assert note.fields[2] == f'Lesson {lesson["stem"][:2]}, {lesson["title"]}: quiz'


def test_only_the_tags_that_it_writes_are_in_the_fields(whole):
    for note in whole.notes.values():
        for field in note.fields:
            found = re.findall(r'<(/?)(\w+)[^<>]*>', field)
            assert {name for _, name in found} <= {'b', 'i', 'code', 'ol', 'li', 'div'}, field
            for name in {name for _, name in found}:
                assert found.count(('', name)) == found.count(('/', name)), field
            assert '<' not in re.sub(r'</?\w+(?: class="\w+")?>', '', field)


@pytest.mark.parametrize(
    'line, want',
    [
        ('*a* **b** `c*d*e`', '<i>a</i> <b>b</b> <code>c*d*e</code>'),
        ('beta**n and beta**n', 'beta**n and beta**n'),
        ('2 * 3 * 4', '2 * 3 * 4'),
        ('<script> & `<b>`', '&lt;script&gt; &amp; <code>&lt;b&gt;</code>'),
        ('a* b*', 'a* b*'),
    ],
)
def test_markdown(line, want):
    assert deck.as_html(line) == want


def test_a_newer_file_updates_and_doubles_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(deck.time, 'time', lambda: 1_800_000_000.0)
    old = read(deck.deck(tmp_path / 'a.apkg', '01')[0], tmp_path)
    monkeypatch.setattr(deck.time, 'time', lambda: 1_800_086_400.0)
    questions, words = deck.questions, deck.glossary

    def anew(number):
        return [{**q, 'question': q['question'] + ' Anew?'} for q in questions(number)]

    monkeypatch.setattr(deck, 'questions', anew)
    monkeypatch.setattr(
        deck, 'glossary', lambda: [{**w, 'means': 'Anew. ' + w['means']} for w in words()]
    )
    new = read(deck.deck(tmp_path / 'a.apkg', '01', '02')[0], tmp_path)
    assert set(old.notes) < set(new.notes)
    for guid, note in old.notes.items():
        now_it_is = new.notes[guid]
        assert now_it_is.fields != note.fields and 'Anew' in ''.join(now_it_is.fields)
        assert (now_it_is.kind, now_it_is.deck) == (note.kind, note.deck)
        assert now_it_is.mod > note.mod, 'Anki takes the newer one'


def test_identities_stay_for_ever(whole):
    genanki = deck._genanki()
    assert genanki.guid_for('whole-game', 'term Loss') in whole.notes
    assert genanki.guid_for('whole-game', 'quiz 01 1') == 'k(3aEqZby-'
    assert (deck.NOTE_TYPE, deck.DECKS) == (1_607_214_903, 1_984_350_100)


def test_in_a_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(['deck', '1', '01']) == 0
    said = capsys.readouterr().out
    assert re.match(r'whole_game\.apkg has \d\d cards\. In Anki: ', said)
    assert main(['deck', '02', '--file', 'two.apkg']) == 0
    assert main(['deck', '77']) == 1 and 'no lesson 77' in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {'whole_game.apkg', 'two.apkg'}


def test_nothing_is_overwritten_that_it_did_not_make(tmp_path):
    path = tmp_path / 'mine.apkg'
    deck.deck(path, '01')
    deck.deck(path, '02')
    with zipfile.ZipFile(tmp_path / 'other.zip', 'w') as archive:
        archive.writestr('collection.anki2', 'another')
    for other in (b'', b'my cards', (tmp_path / 'other.zip').read_bytes()):
        path.write_bytes(other)
        with pytest.raises(CourseError, match='not made by whole-game deck'):
            deck.deck(path, '01')
        assert path.read_bytes() == other
    path.unlink()
    path.mkdir()
    with pytest.raises(CourseError, match='a folder of that name'):
        deck.deck(path, '01')


def test_places_that_cannot_be_written(tmp_path, full, forbidden):
    with pytest.raises(CourseError, match='was not written'):
        deck.deck(tmp_path / 'nowhere' / 'a.apkg', '01')
    command = [
        sys.executable,
        '-c',
        'import sys; from whole_game.cli import main; sys.exit(main())',
    ]
    for room in (full, forbidden):
        done = subprocess.run(
            [*room.before, *command, 'deck', '01', '--file', str(room.folder / 'a.apkg')],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1 and 'a.apkg was not written' in done.stderr
        assert 'Traceback' not in done.stderr and not list(room.folder.glob('*a.apkg*'))


def test_without_the_package_the_command_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, 'genanki', None)
    assert main(['deck', '--file', str(tmp_path / 'a.apkg')]) == 1
    assert 'whole-game[review]' in capsys.readouterr().err and not list(tmp_path.iterdir())
