"""The programs behind the Makefile, treated roughly: on a full disk, without permission, ended in
the middle. Nothing half made, nothing of a person's lost, words."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from course_fixtures import SECTION, put, runnable

from course import kit, kit_install, lab, learner
from course.common import ROOT

BUFFERED = {k: v for k, v in os.environ.items() if k != 'PYTHONUNBUFFERED'}


def tool(place, code, *words):
    "Run the code of a tool at such a place."
    return subprocess.run(
        [*place.before, sys.executable, '-c', f'from course.common import run\n{code}', *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, 'PYTHONDONTWRITEBYTECODE': '1'},
        timeout=120,
    )


def told(done, *words):
    said = done.stdout + done.stderr
    assert done.returncode == 1 and 'Traceback' not in said, said
    for word in words:
        assert word in said, said


@pytest.fixture
def nbs(tmp_path):
    "A lesson, a picture and no more; large enough for a full disk."
    put(runnable(['1 + 1', '"' + 'x' * 8000 + '"']), tmp_path / 'nbs' / '01_tiny.ipynb')
    (tmp_path / 'nbs' / 'pictures').mkdir()
    (tmp_path / 'nbs' / 'pictures' / 'a.txt').write_text('a')
    return tmp_path / 'nbs'


COPIES = """
import sys
from pathlib import Path
from course import learner
run(lambda: print(learner.make(Path(sys.argv[1]), Path(sys.argv[2]))))
"""


def test_copies_on_a_full_disk(full, nbs):
    folder = full.folder / 'learner'
    folder.mkdir()
    told(tool(full, COPIES, str(nbs), str(folder)), 'no room', 'Free some')
    assert not list(folder.rglob('*.*'))
    full.empty()
    done = tool(full, COPIES, str(nbs), str(folder))
    assert done.returncode == 0 and '01_tiny.ipynb' in done.stdout, done.stderr
    assert '.new' not in done.stdout


def test_copies_without_permission(forbidden, nbs):
    told(tool(forbidden, COPIES, str(nbs), str(forbidden.folder / 'learner')), 'Permission denied')


def test_half_a_memory_of_the_copies_stops_nothing(nbs, tmp_path):
    learner.make(nbs, tmp_path / 'learner')
    (tmp_path / 'learner' / learner.MADE).write_text('{"01_tiny')
    assert learner.make(nbs, tmp_path / 'learner') == []
    assert '01_tiny.ipynb' in json.loads((tmp_path / 'learner' / learner.MADE).read_text())


def test_a_picture_that_a_person_changed_stays(nbs, tmp_path):
    folder = tmp_path / 'learner'
    learner.make(nbs, folder)
    (folder / 'pictures' / 'a.txt').write_text('mine')
    assert learner.make(nbs, folder) == []
    assert (folder / 'pictures' / 'a.txt').read_text() == 'mine'
    (nbs / 'pictures' / 'a.txt').write_text('b')
    (line,) = learner.make(nbs, folder)
    assert 'pictures/a.new.txt' in line and 'your work' in line
    assert (folder / 'pictures' / 'a.txt').read_text() == 'mine'
    assert (folder / 'pictures' / 'a.new.txt').read_text() == 'b'


PLAY = """
import sys
from pathlib import Path
from course import play
place = Path(sys.argv[1])
run(lambda: play.play('01_tiny', (), Path(sys.argv[2]), place / 'build', SECTION))
"""


def test_playing_on_a_full_disk(full, nbs):
    where = full.folder / 'build' / 'play' / '01_tiny.ipynb'
    done = tool(full, PLAY.replace('SECTION', repr(SECTION)), str(full.folder), str(nbs))
    assert done.returncode == 1 and 'Traceback' not in done.stdout + done.stderr, done.stderr
    assert not where.exists()


WRITE = """
import sys, nbformat
from course import normalise
nb = nbformat.read(sys.argv[1], 4)
nb.cells += nb.cells[-1:] * 3
run(lambda: normalise.write(nb, sys.argv[1]))
"""


def test_a_notebook_that_is_written_on_a_full_disk_stays_as_it_was(full):
    path = put(runnable(['1 + 1']), full.folder.parent / 'small.ipynb')
    nb = path.read_text()
    full.put('small.ipynb', nb)
    large = WRITE.replace('* 3', "* 3; nb.cells[-1].source = 'x' * 9000")
    told(tool(full, large, str(full.folder / 'small.ipynb')), 'no room')
    assert (full.folder / 'small.ipynb').read_text() == nb


def test_a_reader_that_has_read_enough_is_no_error():
    code = (
        "import time; time.sleep(.3)\nfrom course.common import run, say\nrun(lambda: print('x'))"
    )
    done = subprocess.run(
        ['sh', '-c', '"$@" | true', 'sh', sys.executable, '-c', code],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=BUFFERED,
    )
    assert done.stderr == ''


# --- the kit


def test_what_an_instructor_laid_into_the_kit_is_set_aside(tmp_path, capsys):
    place = tmp_path / 'kit'
    (place / 'slides').mkdir(parents=True)
    (place / 'slides' / 'index.html').write_text('ours')
    kit.write_manifest(place)
    (place / 'slides' / 'my notes.txt').write_text('mine')
    kit.set_aside(place)
    assert (tmp_path / 'kit-set-aside' / 'slides' / 'my notes.txt').read_text() == 'mine'
    assert (place / 'slides' / 'index.html').exists() and 'my notes' in capsys.readouterr().out
    (place / kit_install.MANIFEST).unlink()  # ended in the middle: the list is remembered
    (place / 'more.txt').write_text('mine')
    kit.set_aside(place)
    assert (tmp_path / 'kit-set-aside' / 'more.txt').exists()


LAY = """
import sys
from pathlib import Path
from course import kit_install
try:
    kit_install.lay(Path(sys.argv[1]), Path(sys.argv[2]))
except OSError as e:
    sys.exit(str(e))
"""


def test_a_lesson_from_the_kit_is_laid_whole_or_not_at_all(full, tmp_path):
    (tmp_path / 'kit' / 'learner').mkdir(parents=True)
    (tmp_path / 'kit' / 'learner' / '01.ipynb').write_text('x' * 9000)
    done = tool(full, LAY, str(tmp_path / 'kit'), str(full.folder))
    assert done.returncode == 1 and not (full.folder / 'learner' / '01.ipynb').exists()
    full.empty()
    assert kit_install.lay(tmp_path / 'kit', full.folder) == []
    assert (full.folder / 'learner' / '01.ipynb').stat().st_size == 9000


def test_half_a_mark_of_the_kit_is_no_error(tmp_path):
    assert kit_install.noted(tmp_path / 'kit.json') is None
    (tmp_path / 'kit.json').write_text('{"kit"')
    assert kit_install.noted(tmp_path / 'kit.json') == {}


# --- make lab


def test_lab_starts_for_root_with_a_line_and_for_others_without():
    command, env, said = lab.prepare({'PATH': '/bin'}, root=True, socks=True)
    assert command[-1] == '--allow-root' and len(said) == 1 and 'root' in said[0]
    assert env['PATH'].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    command, env, said = lab.prepare({'PATH': '/bin'}, root=False, socks=True)
    assert '--allow-root' not in command and said == []


def test_lab_starts_behind_a_socks_proxy_that_it_does_not_know():
    proxies = {'ALL_PROXY': 'socks5://127.0.0.1:9', 'https_proxy': 'http://127.0.0.1:9'}
    _, env, said = lab.prepare(proxies, root=False, socks=False)
    assert 'ALL_PROXY' not in env and 'https_proxy' in env and 'ALL_PROXY' in said[0]
    done = subprocess.run(
        [sys.executable, '-m', 'jupyter', 'lab', '--version'],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert 'ALL_PROXY' in lab.prepare(proxies, root=False, socks=True)[1]


def test_lab_opens_the_lessons_as_whoever_this_is(tmp_path):
    """The real command, with the real JupyterLab, as root where the tests run as root. It is asked
    to end as soon as it serves."""
    code = (
        'import sys; from course import lab; real = lab.prepare\n'
        'def prepare(*args, **kw):\n'
        '    command, env, said = real(*args, **kw)\n'
        '    return [*command, "--no-browser", "--port=0"], env, said\n'
        'lab.prepare = prepare\n'
        'lab.START = lab.ROOT / "README.md"\n'
        'lab.run(lab.main)'
    )
    going = subprocess.Popen(
        [sys.executable, '-c', code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, 'JUPYTER_RUNTIME_DIR': str(tmp_path), 'HOME': str(tmp_path)},
    )
    lines = []
    try:
        for line in going.stdout:
            lines.append(line)
            if 'is running at' in line or 'not recommended' in line:
                break
    finally:
        going.terminate()
        going.wait(timeout=30)
    assert 'is running at' in lines[-1], ''.join(lines)
    assert ('You are root' in lines[0]) == (hasattr(os, 'geteuid') and os.geteuid() == 0)
