"""Contract of whole_game.makers.paintings: balanced folders, split by source, the same bytes
however many work, no helper left behind."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from whole_game.makers import paintings as p
from whole_game.makers.scenes import SOURCES


def tree(folder):
    return {
        f.relative_to(folder).as_posix(): f.read_bytes()
        for f in sorted(Path(folder).rglob('*.jpg'))
    }


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder, seen = tmp_path_factory.mktemp('paintings'), []
    p.make(
        folder,
        count=64,
        size=64,
        workers=2,
        progress=lambda done, total: seen.append((done, total)),
    )
    return folder, seen


def test_balanced_and_split_by_source(made):
    folder, _ = made
    files = [Path(name) for name in tree(folder)]
    assert len(files) == 64
    counts = Counter((f.parts[0], f.parts[1]) for f in files)
    assert counts == {
        (part, style): n for style in p.STYLES for part, n in (('train', 6), ('valid', 2))
    }
    train, valid = (
        {p.source_of(f) for f in files if f.parts[0] == part} for part in ('train', 'valid')
    )
    assert not train & valid
    assert valid <= {name for name, s in SOURCES.items() if s.reserved}
    assert train <= {name for name, s in SOURCES.items() if not s.reserved}


def test_the_real_set_is_about_a_thousand_and_a_quarter_is_held_out():
    per_style = round(p.COUNT / len(p.STYLES))
    assert 950 <= per_style * len(p.STYLES) <= 1050 and p.VALID == 0.25
    for reserved in (False, True):
        names = [name for name, s in SOURCES.items() if s.reserved == reserved]
        jobs = p.plan(names, round(per_style * (p.VALID if reserved else 1 - p.VALID)))
        assert len(set(jobs)) == len(jobs) and {name for _, name, _ in jobs} == set(names)
        # every style has every source, evenly
        each = Counter((style, name) for style, name, _ in jobs)
        assert (
            len(each) == len(p.STYLES) * len(names) and max(each.values()) - min(each.values()) <= 1
        )


def test_pictures_are_what_they_should_be(made):
    folder, _ = made
    data = tree(folder)
    assert len(set(data.values())) == len(data)  # no two alike
    for bytes in data.values():
        picture = Image.open(BytesIO(bytes))
        assert (
            picture.size == (64, 64)
            and picture.mode == 'RGB'
            and picture.format == 'JPEG'
            and np.asarray(picture).std() > 5
        )


def test_progress_counts_to_the_end(made):
    _, seen = made
    assert [done for done, _ in seen] == list(range(1, 65)) and {total for _, total in seen} == {64}


def test_same_bytes_with_one_worker(made, tmp_path):
    p.make(tmp_path, count=64, size=64, workers=1)
    assert tree(tmp_path) == tree(made[0])


def test_another_seed_is_another_set():
    assert p.painting('swirl', 'coffee', 0, seed=1, size=64) != p.painting(
        'swirl', 'coffee', 0, seed=2, size=64
    )


@pytest.mark.parametrize('broken', ['no helper starts', 'helpers die'])
def test_goes_on_alone_when_helpers_fail(made, tmp_path, monkeypatch, broken):
    if broken == 'helpers die':
        monkeypatch.setattr(sys, 'executable', '/bin/false')
    else:

        def refuse(*args, **kwargs):
            raise OSError('no more processes')

        monkeypatch.setattr(subprocess, 'Popen', refuse)
    p.make(tmp_path, count=64, size=64, workers=2)
    assert tree(tmp_path) == tree(made[0])


def test_paintings_yields_what_was_asked_for():
    found = list(p.paintings(['chelsea', 'flower'], 2, size=32))
    assert Counter(style for _, style, _ in found) == {style: 2 for style in p.STYLES}
    assert {name for _, _, name in found} == {'chelsea', 'flower'}
    picture, style, name = found[0]
    assert picture.size == (32, 32)
    assert np.array_equal(picture, Image.open(BytesIO(p.painting(style, name, 0, size=32))))


def test_strengths_are_for_the_styles_there_are():
    assert set(p.STRENGTH) == set(p.STYLES) and all(
        0 < low < high <= 1 for low, high in p.STRENGTH.values()
    )


def children(pid):
    "Ids of the processes started by `pid` that are still alive, from ps."
    rows = subprocess.run(
        ['ps', '-A', '-o', 'pid=,ppid=,stat='], capture_output=True, text=True
    ).stdout.splitlines()
    return [
        int(r.split()[0])
        for r in rows
        if int(r.split()[1]) == pid and not r.split()[2].startswith('Z')
    ]


def alive(pid):
    row = subprocess.run(
        ['ps', '-o', 'stat=', '-p', str(pid)], capture_output=True, text=True
    ).stdout.strip()
    return bool(row) and not row.startswith('Z')


@pytest.mark.skipif(os.name == 'nt', reason='signals as on Linux and macOS')
@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGKILL])
def test_interrupting_leaves_no_helper(tmp_path, how):
    code = """
import sys
from whole_game.makers.paintings import make
try:
    made = lambda done, total: print(done, flush=True)
    make(sys.argv[1], count=4000, workers=2, progress=made)
except KeyboardInterrupt:
    sys.exit(33)
"""
    parent = subprocess.Popen(
        [sys.executable, '-c', code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        # in the middle: one is done, thousands are not
        assert parent.stdout.readline() == '1\n'
        helpers = children(parent.pid)
        assert len(helpers) == 2
        parent.send_signal(how)
        assert parent.wait(30) == (33 if how == signal.SIGINT else -how)
        until = time.time() + 20
        while time.time() < until and any(map(alive, helpers)):
            time.sleep(0.1)
        assert not any(map(alive, helpers))
        assert len(tree(tmp_path)) < 4000
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
