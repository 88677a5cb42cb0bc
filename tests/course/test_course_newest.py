"`make newest`: the suite's exit status, and an issue's text when something broke."

import re
import sys

from course import newest

LOG = (
    '== 3 of 4: tests',
    'FAILED tests/test_x.py::test_y - assert 1 == 2',
    '01_train: accuracy is 0.5; the floor is 0.9.',
    'FAILED: tests; what went wrong is told above.',
    '3 passed, 1 failed, 0 skipped',
)


def suite(code, lines=LOG):
    return [
        sys.executable,
        '-c',
        f'import sys; print(*{list(lines)!r}, sep="\\n"); sys.exit({code})',
    ]


def test_when_all_is_well_no_issue(tmp_path, capsys):
    issue = tmp_path / 'issue.md'
    issue.write_text('from last week')
    assert newest.newest(suite(0, ['3 passed, 0 failed, 0 skipped']), issue) == 0
    assert not issue.exists() and '3 passed' in capsys.readouterr().out


def test_when_it_breaks_the_text_says_what_and_since_which_versions(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(newest, 'installed', lambda: {'torch': '99.0+cpu', 'pip': '1'})
    assert newest.newest(suite(3), tmp_path / 'issue.md') == 3
    text = (tmp_path / 'issue.md').read_text()
    assert text.startswith('# Broken by newer versions: tests\n')
    assert (
        re.search(r'^- torch 2\.[\d.]+ -> 99\.0\+cpu$', text, re.M)
        and '- `FAILED tests/test_x.py::test_y - assert 1 == 2`' in text
        and '- `01_train: accuracy' in text
    )
    assert (
        '3 passed, 1 failed' in text.partition('## The end of the log')[2]
        and str(newest.ROOT) not in text
    )
    assert 'issue' in capsys.readouterr().out


def test_a_suite_that_dies_without_a_word(tmp_path, monkeypatch):
    monkeypatch.setattr(newest, 'installed', dict)
    assert (
        newest.newest([sys.executable, '-c', 'import os; os._exit(7)'], tmp_path / 'issue.md') == 7
    )
    text = (tmp_path / 'issue.md').read_text()
    assert 'it ended early' in text and 'look at the machine' in text


def test_only_real_differences_count():
    assert newest.changed(
        {'torch': '2.15.0', 'numpy': '2.4.0', 'gone': '1'},
        {'torch': '2.15.0+cpu', 'numpy': '2.5.0', 'new': '1'},
    ) == ['numpy 2.4.0 -> 2.5.0']
    assert newest.locked()['torch'] and newest.locked(newest.ROOT / 'nowhere') == {}
    assert {'torch', 'whole-game', 'jupyter-client'} <= newest.installed().keys()
