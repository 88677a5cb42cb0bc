"""What a lesson says about itself: `record`, `time_and_memory`, and the table of contents."""

import json

from whole_game.lesson import lessons, peak_memory_mb, record, time_and_memory


def test_record_is_silent_for_a_learner(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv('WHOLE_GAME_RECORD', raising=False)
    monkeypatch.chdir(tmp_path)
    assert record(accuracy=0.9) is None
    assert capsys.readouterr().out == '' and not list(tmp_path.iterdir())


def test_record_appends_one_line_for_each_call(monkeypatch, tmp_path):
    monkeypatch.setenv('WHOLE_GAME_RECORD', str(tmp_path / 'r.jsonl'))
    monkeypatch.setenv('WHOLE_GAME_LESSON', '01_train_a_classifier')
    record(accuracy=0.5)
    record(charts=1, ten=2)
    first, second = map(json.loads, (tmp_path / 'r.jsonl').read_text().splitlines())
    assert first['lesson'] == '01_train_a_classifier' and first['metrics'] == {'accuracy': 0.5}
    assert (
        second['metrics'] == {'charts': 1, 'ten': 2}
        and second['seconds'] > 0
        and second['memory_mb'] > 5
    )


def test_peak_memory_grows_with_what_is_held():
    before = peak_memory_mb()
    held = bytearray(300 * 2**20)
    assert held and peak_memory_mb() >= max(before, 300)
    assert 'GB of memory' in time_and_memory()


def test_lessons_come_in_order_with_what_a_page_needs():
    found = lessons()
    assert [lesson['stem'][:2] for lesson in found][:2] == ['00', '01'] and sorted(
        l['stem'] for l in found
    ) == [l['stem'] for l in found]
    for lesson in found:
        assert lesson['title'] and lesson['promise'] and lesson['minutes'] > 0 and lesson['part']
