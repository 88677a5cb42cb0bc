"""whole_game.mirror over real sockets: what it gives, what it refuses, and a room of twenty that
gets intact files."""

import contextlib
import errno
import hashlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from whole_game import cli, data, mirror
from whole_game.errors import CourseError

EXACT, LOOSE = 'sign_language_digits.tar.gz', 'Sign-Language-Digits-Dataset-master.zip'
# a megabyte in which every place can be told from its neighbours
CONTENT = bytes(range(256)) * 4000
REAL = Path(__file__).resolve().parents[3] / 'shared' / 'mirror'


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv('WHOLE_GAME_CACHE', str(tmp_path / 'cache'))
    monkeypatch.delenv('WHOLE_GAME_MIRROR', raising=False)
    monkeypatch.setenv('NO_PROXY', '127.0.0.1')


@pytest.fixture
def folder(tmp_path):
    "A folder with one archive, and things around it that are nobody's business."
    (tmp_path / 'room').mkdir()
    (tmp_path / 'room' / LOOSE).write_bytes(CONTENT)
    (tmp_path / 'room' / 'diary.txt').write_text('private')
    (tmp_path / 'room' / 'sub').mkdir()
    (tmp_path / 'room' / 'sub' / LOOSE).write_text('private')
    (tmp_path / 'secret.txt').write_text('private')
    return tmp_path / 'room'


@pytest.fixture
def serve():
    "Start a mirror of a folder on a free port of this machine; gives the server."
    servers = []

    def start(folder, giver=None):
        server = mirror.Mirror(folder, log=lambda line: server.lines.append(line))
        server.lines = []
        if giver:
            server.RequestHandlerClass = giver
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def ask(server, path, method='GET', body=None, **headers):
    "(status, headers, body), the path sent as it is: no client tidies it."
    with contextlib.closing(
        http.client.HTTPConnection(*server.server_address, timeout=20)
    ) as client:
        client.request(
            method,
            path,
            body=body,
            headers={key.replace('_', '-'): value for key, value in headers.items()},
        )
        answer = client.getresponse()
        return answer.status, answer.headers, answer.read()


# --- what it gives


def test_a_whole_file_and_what_there_is_to_know_about_it(folder, serve):
    server = serve(folder)
    status, headers, body = ask(server, f'/{LOOSE}')
    assert (
        (status, body) == (200, CONTENT)
        and headers['Accept-Ranges'] == 'bytes'
        and 'Python' not in headers['Server']
    )
    status, headers, body = ask(server, f'/{LOOSE}', 'HEAD')
    assert (status, headers['Content-Length'], body) == (200, str(len(CONTENT)), b'')
    assert ask(server, '/' + LOOSE.replace('-', '%2D') + '?x=1')[2] == CONTENT
    deadline = time.monotonic() + 20
    # the last byte is here before the line is
    while len(server.lines) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.lines == [f'127.0.0.1 has {LOOSE}'] * 2


@pytest.mark.parametrize(
    'asked, first, end',
    [
        ('bytes=0-0', 0, 1),
        ('bytes=1000-', 1000, None),
        ('bytes=5-99', 5, 100),
        ('bytes=-7', -7, None),
        ('bytes=9-99999999999', 9, None),
    ],
)
def test_ranges(folder, serve, asked, first, end):
    server, wanted = serve(folder), CONTENT[first:end]
    status, headers, body = ask(server, f'/{LOOSE}', Range=asked)
    first %= len(CONTENT)
    assert (status, body, headers['Content-Range']) == (
        206,
        wanted,
        f'bytes {first}-{first + len(wanted) - 1}/{len(CONTENT)}',
    )
    assert ask(server, f'/{LOOSE}', 'HEAD', Range=asked)[1]['Content-Length'] == str(len(wanted))


@pytest.mark.parametrize(
    'asked, status',
    [
        ('bytes=0-', 200),
        ('bytes=', 200),
        ('bytes=-', 200),
        ('bytes=9-3', 200),
        ('bytes=0-1,5-6', 200),
        ('lines=1-2', 200),
        (f'bytes={len(CONTENT)}-', 416),
        ('bytes=-0', 416),
    ],
)
def test_odd_ranges(folder, serve, asked, status):
    got, headers, body = ask(serve(folder), f'/{LOOSE}', Range=asked.encode())
    assert got == status and (
        body == CONTENT if status == 200 else headers['Content-Range'] == f'bytes */{len(CONTENT)}'
    )


def test_a_part_of_a_file_that_changed_meanwhile_is_not_given(folder, serve):
    server = serve(folder)
    mark = ask(server, f'/{LOOSE}', 'HEAD')[1]['ETag']
    assert ask(server, f'/{LOOSE}', Range='bytes=5-', If_Range=mark)[0] == 206
    os.utime(folder / LOOSE, (1, 1))
    assert ask(server, f'/{LOOSE}', Range='bytes=5-', If_Range=mark)[0] == 200


# --- what it refuses


@pytest.mark.parametrize('method', ['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'BREW'])
def test_reading_only(folder, serve, method):
    server = serve(folder)
    status, headers, _ = ask(server, f'/{LOOSE}', method, body=b'x' * 1000)
    assert status == (501 if method == 'BREW' else 405) and (
        headers['Allow'] == 'GET, HEAD' or method == 'BREW'
    )
    assert (folder / LOOSE).read_bytes() == CONTENT and ask(server, f'/{LOOSE}')[0] == 200


def test_what_a_refused_request_carries_is_no_request(folder, serve):
    "One connection, a POST whose body looks like a GET: one answer, and the connection ends."
    hidden = f'GET /{LOOSE} HTTP/1.1\r\n\r\n'
    with socket.create_connection(serve(folder).server_address, timeout=20) as s:
        s.sendall(f'POST / HTTP/1.1\r\nContent-Length: {len(hidden)}\r\n\r\n{hidden}'.encode())
        said = b''
        while more := s.recv(1 << 16):
            said += more
    assert said.count(b'HTTP/1.1 ') == 1 and said.startswith(b'HTTP/1.1 405')


def test_one_connection_serves_many_questions(folder, serve):
    with contextlib.closing(
        http.client.HTTPConnection(*serve(folder).server_address, timeout=20)
    ) as client:
        for method, path, status in [
            ('HEAD', '/nothing', 404),
            ('GET', '/nothing', 404),
            ('HEAD', '/', 200),
            ('GET', f'/{LOOSE}', 200),
            ('HEAD', f'/{LOOSE}', 200),
            ('GET', '/', 200),
        ]:
            client.request(method, path)
            answer = client.getresponse()
            assert (answer.status, bool(answer.read())) == (status, method == 'GET')


@pytest.mark.parametrize(
    'path',
    [
        '/../secret.txt',
        '/%2e%2e/secret.txt',
        '/%2e%2e%2fsecret.txt',
        '/..%5csecret.txt',
        '/sub/../../secret.txt',
        '//etc/passwd',
        '/%2fetc%2fpasswd',
        '/etc/passwd',
        'http://127.0.0.1/etc/passwd',
        '/C:%5cWindows%5cwin.ini',
        '/diary.txt',
        f'/sub/{LOOSE}',
        '/sub/',
        f'/./{LOOSE}',
        f'/{LOOSE}%00',
        '/%00',
        '//[',
        '*',
        EXACT,
    ],
)
def test_nothing_else_can_be_had(folder, serve, path):
    status, _, body = ask(serve(folder), path)
    assert status == 404 and b'private' not in body and b'root:' not in body


def test_the_list_names_the_archives_and_nothing_else(folder, serve):
    status, headers, body = ask(serve(folder), '/')
    assert (
        status == 200
        and headers['Content-Type'].startswith('text/plain')
        and body.decode().split()[-1] == LOOSE
        and b'diary' not in body
        and b'sub' not in body
    )


def test_a_link_that_leads_out_is_not_followed(folder, serve, tmp_path):
    (tmp_path / 'elsewhere').write_text('private')
    try:
        (folder / EXACT).symlink_to(tmp_path / 'elsewhere')
    except OSError:
        pytest.skip('this system lets no one make links')
    server = serve(folder)
    assert ask(server, f'/{EXACT}')[0] == 404 and ask(server, f'/{LOOSE}')[0] == 200
    (folder / EXACT).unlink()
    (folder / EXACT).symlink_to(folder / LOOSE)
    assert ask(server, f'/{EXACT}')[0] == 200, 'a link inside the folder may stay'


def test_somebody_who_hangs_up_disturbs_nobody(folder, serve, capfd):
    server = serve(folder)
    for sent in (
        b'GET / HTTP/1.1\r\n',
        f'GET /{LOOSE} HTTP/1.1\r\n\r\n'.encode(),
        b'\x00\xff' * 50 + b'\r\n\r\n',
        b'',
    ):
        with socket.create_connection(server.server_address) as s:
            s.sendall(sent)
            # a plug pulled out
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
    assert ask(server, f'/{LOOSE}')[2] == CONTENT
    assert 'Traceback' not in ''.join(capfd.readouterr())


# --- with the course's own downloader


def card_for(monkeypatch, tmp_path, content=CONTENT):
    """A manifest with one downloaded set, which is one archive that holds `content`; returns the
    folder with that archive."""
    room, plain = tmp_path / 'room', tmp_path / 'plain'
    room.mkdir(exist_ok=True)
    (plain / 'a').mkdir(parents=True)
    (plain / 'a' / '1.bin').write_bytes(content)
    with zipfile.ZipFile(room / 'parcel.zip', 'w') as z:
        z.write(plain / 'a' / '1.bin', 'top/a/1.bin')
    (tmp_path / 'manifest.toml').write_text(
        f'''[parcel]
title = "Parcel"
about = "x"
origin = "downloaded"
source = "a test"
licence = "CC0"
items = 1
megabytes = 3
digest = "{data.digest(plain)}"
[[parcel.origins]]
file = "parcel.zip"
folder = "top"
sha256 = "{data.sha256(room / 'parcel.zip')}"
'''
    )
    monkeypatch.setattr(data, 'MANIFEST', tmp_path / 'manifest.toml')
    return room


def test_a_broken_transfer_is_resumed(monkeypatch, tmp_path, serve):
    ranges = []

    class Breaks(mirror.ArchiveHandler):
        def send_range(self, f, first, length):
            ranges.append(self.headers.get('Range'))
            if len(ranges) > 2:
                return super().send_range(f, first, length)
            super().send_range(f, first, length // 2)
            self.connection.shutdown(socket.SHUT_RDWR)  # the access point is tired
            raise ConnectionResetError

    room = card_for(monkeypatch, tmp_path)
    server = serve(room, Breaks)
    monkeypatch.setenv('WHOLE_GAME_MIRROR', 'http://{}:{}'.format(*server.server_address))
    assert (data.get('parcel') / 'a' / '1.bin').read_bytes() == CONTENT
    first, *starts = ranges
    starts, half = [int(asked[6:-1]) for asked in starts], (room / 'parcel.zip').stat().st_size // 2
    assert first is None and 0 < starts[0] <= half < starts[1]


def test_what_an_earlier_attempt_left_is_gone_on_from(monkeypatch, tmp_path, serve):
    room = card_for(monkeypatch, tmp_path)
    downloads = data.cache_folder() / 'downloads'
    downloads.mkdir(parents=True)
    (downloads / 'parcel.zip.part').write_bytes((room / 'parcel.zip').read_bytes()[:700_000])
    seen = []

    class Notes(mirror.ArchiveHandler):
        def answer(self, whole):
            seen.append(self.headers.get('Range'))
            super().answer(whole)

    monkeypatch.setenv(
        'WHOLE_GAME_MIRROR', 'http://{}:{}/'.format(*serve(room, Notes).server_address)
    )
    assert data.verify('parcel') if data.get('parcel') else None
    assert seen == ['bytes=700000-']


def test_a_room_of_twenty_gets_intact_files(folder, serve):
    """All at once, each slowly and in parts; and more than there are places in the queue of a usual
    server."""
    server, together = serve(folder), threading.Barrier(20)

    def one(n):
        together.wait()
        parts = (
            [
                ask(server, f'/{LOOSE}', Range=f'bytes={a}-{a + 99_999}')[2]
                for a in range(0, len(CONTENT), 100_000)
            ]
            if n % 2
            else [ask(server, f'/{LOOSE}')[2]]
        )
        return hashlib.sha256(b''.join(parts)).hexdigest()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(one, range(20))) == {hashlib.sha256(CONTENT).hexdigest()}


def test_forty_idle_guests_keep_nobody_out(folder, serve):
    server = serve(folder)
    idle = [socket.create_connection(server.server_address) for _ in range(40)]
    assert ask(server, f'/{LOOSE}')[2] == CONTENT
    for s in idle:
        s.close()


def test_the_real_photographs_through_a_mirror(monkeypatch, tmp_path, serve):
    if not (REAL / EXACT).exists():
        pytest.skip('the mirror folder with the real photographs is not here')
    monkeypatch.setenv('WHOLE_GAME_MIRROR', 'http://{}:{}'.format(*serve(REAL).server_address))
    data.get('sign_language_digits')
    assert 'on the card' in data.verify('sign_language_digits')
    # and on: what this machine downloaded, packed, is a mirror too
    monkeypatch.delenv('WHOLE_GAME_MIRROR')
    own = mirror.default_folder()
    assert list(mirror.check_archives(own)) == [LOOSE]
    monkeypatch.setenv('WHOLE_GAME_CACHE', str(tmp_path / 'another'))
    monkeypatch.setenv('WHOLE_GAME_MIRROR', 'http://{}:{}'.format(*serve(own).server_address))
    data.get('sign_language_digits')
    assert 'on the card' in data.verify('sign_language_digits')


# --- packing


def test_a_made_set_packed_and_unpacked_is_the_same(monkeypatch, tmp_path):
    folder = data.get('names')
    packed = mirror.pack('names', tmp_path / 'kit')
    assert (
        packed.name == 'names-v1.zip'
        and packed.read_bytes() == mirror.pack('names', tmp_path / 'again').read_bytes()
        and len(list((tmp_path / 'kit').iterdir())) == 1
    )
    monkeypatch.setenv('WHOLE_GAME_CACHE', str(tmp_path / 'learner'))
    assert cli.main(['data', 'unpack', str(packed)]) == 0
    assert data.digest(tmp_path / 'learner' / 'names-v1') == data.digest(folder) and data.verify(
        'names'
    )
    changed = next((tmp_path / 'learner' / 'names-v1').glob('*.csv'))
    changed.write_text('mine')
    mirror.unpack(packed)
    assert changed.read_text() == 'mine', 'what is there stays'


def test_only_whole_and_known_sets_are_unpacked(tmp_path, capsys):
    data.get('names')
    packed = mirror.pack('names', tmp_path)
    with pytest.raises(CourseError, match='no set that this version'):
        mirror.unpack(packed.rename(tmp_path / 'names-v9.zip'))
    cut = tmp_path / 'penguins-v1.zip'
    cut.write_bytes((tmp_path / 'names-v9.zip').read_bytes()[:-300])
    assert (
        cli.main(['data', 'unpack', str(cut)]) == 1
        and 'damaged or incomplete' in capsys.readouterr().err
    )
    cut.write_bytes((tmp_path / 'names-v9.zip').read_bytes())
    with pytest.raises(CourseError, match='came out with 3'):
        mirror.unpack(cut)
    with zipfile.ZipFile(cut, 'w') as z:
        z.writestr('../escaped.csv', 'x')
    with pytest.raises(CourseError, match='outside its folder'):
        mirror.unpack(cut)
    assert (
        not data.folder_of(data.card('penguins')).exists()
        and not (tmp_path / 'escaped.csv').exists()
    )


def test_a_changed_set_is_not_packed(tmp_path):
    next(data.get('names').glob('*.csv')).write_text('changed')
    with pytest.raises(CourseError, match='have changed'):
        mirror.pack('names', tmp_path / 'kit')
    assert not (tmp_path / 'kit').exists()


def test_an_archive_whose_checksum_is_known_is_not_packed_anew(monkeypatch, tmp_path):
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(card_for(monkeypatch, tmp_path)))
    data.get('parcel')
    with pytest.raises(CourseError, match='cannot be packed'):
        mirror.pack('parcel', tmp_path / 'kit')


# --- what people read


@pytest.mark.parametrize(
    'host, own, named, said',
    [
        ('127.0.0.1', ['192.168.0.7'], 'http://127.0.0.1:80', 'Only programs on this machine'),
        ('localhost', [], 'http://localhost:80', 'Only programs on this machine'),
        ('0.0.0.0', ['192.168.0.7', '10.1.2.3'], 'http://192.168.0.7:80', '(10.1.2.3)'),
        ('0.0.0.0', [], 'http://THIS-MACHINE:80', 'in no network'),
        ('10.1.2.3', ['192.168.0.7', '10.1.2.3'], 'http://10.1.2.3:80', 'Every machine'),
    ],
)
def test_instructions(host, own, named, said):
    text = mirror.instructions(host, 80, own)
    assert said in text and ('Every machine' in text) == (host not in ('127.0.0.1', 'localhost'))
    for line in (
        f'export WHOLE_GAME_MIRROR={named}\n',
        f'$env:WHOLE_GAME_MIRROR="{named}"\n',
        f'%env WHOLE_GAME_MIRROR={named}\n',
    ):
        assert line in text


def test_this_machines_addresses_are_its_own():
    for address in mirror.addresses():
        assert not address.startswith('127.')
        with socket.socket() as s:
            s.bind((address, 0))


def started(folder, *words):
    "`whole-game mirror` as a program, and what it said up to its last line."
    p = subprocess.Popen(
        [
            sys.executable,
            '-c',
            'import sys; from whole_game import cli; sys.exit(cli.main())',
            'mirror',
            str(folder),
            '--port',
            '0',
            *words,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = ''
    while 'Ctrl-C ends it' not in said and (line := p.stdout.readline()):
        said += line
    return p, said


@pytest.mark.skipif(os.name == 'nt', reason='Windows sends Ctrl-C to whole consoles')
def test_the_program_serves_and_ends_with_a_line(folder):
    p, said = started(folder)
    address = re.search(r'export WHOLE_GAME_MIRROR=http://([\d.]+):(\d+)', said)
    client = http.client.HTTPConnection(address[1], int(address[2]), timeout=20)
    client.request('GET', f'/{LOOSE}')
    assert client.getresponse().read() == CONTENT
    client.close()
    assert LOOSE in said and 'Only programs on this machine' in said
    assert p.stdout.readline() == '\n' and p.stdout.readline() == f'127.0.0.1 has {LOOSE}\n'
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=20)
    assert (p.returncode, out.strip(), err) == (0, 'The mirror has ended.', '')


@pytest.mark.parametrize(
    'words, said',
    [
        (['nowhere'], 'There is no folder'),
        (['empty'], 'it is empty'),
        (['.'], 'is no mirror'),
        (['room', '--port', '99999'], 'is no port'),
        (['room', '--port', '-1'], 'is no port'),
        (['room', '--host', '203.0.113.9'], 'no address 203.0.113.9'),
        (['room', '--host', 'no such host'], 'no address'),
        (['damaged'], 'damaged, or another file'),
        ([], 'nothing to serve'),
    ],
)
def test_what_cannot_be_served_is_told(folder, tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)

    def begun(self):
        raise AssertionError('it began to serve')

    monkeypatch.setattr(mirror.Mirror, 'serve_forever', begun)
    for name in ('empty', 'damaged'):
        (tmp_path / name).mkdir()
    (tmp_path / 'damaged' / EXACT).write_text('not this')
    assert cli.main(['mirror', *words]) == 1
    err = capsys.readouterr().err
    assert said in err and 'What to do now' in err and 'Traceback' not in err


def test_a_port_in_use_is_told(folder, serve, capsys):
    port = serve(folder).server_address[1]
    assert cli.main(['mirror', str(folder), '--port', str(port)]) == 1
    assert f'Port {port} is taken' in capsys.readouterr().err
    assert 'keeps it to itself' in str(
        mirror._no_address(PermissionError(errno.EACCES, 'x'), '127.0.0.1', 80)
    )


def test_without_a_folder_the_machines_own_mirror_is_served(folder, monkeypatch):
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(folder))
    assert mirror.default_folder() == folder
