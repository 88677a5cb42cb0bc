"""whole_game.collect on rough ground: folders that cannot be read, targets that cannot be written,
full disks, two at the same time, and ~. Each says what to do, and nothing half made is left."""

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from odd_pictures import motifs

from whole_game import collect as module
from whole_game.collect import collect
from whole_game.errors import CourseError
from whole_game.pictures import _system_says, check_pictures, find_duplicates, open_picture

ROOT = hasattr(os, 'geteuid') and os.geteuid() == 0
LINUX = sys.platform == 'linux'
NO_RIGHTS = pytest.mark.skipif(os.name == 'nt', reason='Windows has other rights')


def fill(folder, each=8, name='{}.png'):
    new = motifs()
    for label in ('cat', 'dog'):
        (folder / label).mkdir(parents=True)
        for i in range(each):
            next(new).save(folder / label / name.format(i))
    return folder


@pytest.fixture
def pets(tmp_path):
    return fill(tmp_path / 'pets')


def refused(*args, words=(), call=collect, **kw):
    with pytest.raises(CourseError) as e:
        call(*args, **kw)
    assert e.value.what and e.value.why and e.value.do
    for word in words:
        assert word in str(e.value), str(e.value)


def left(folder):
    "What is in a folder, hidden files as well."
    return sorted(p.name for p in folder.iterdir())


@contextlib.contextmanager
def as_somebody():
    "Without the rights of root, which may read everything."
    if ROOT:
        os.seteuid(65534)
    try:
        yield
    finally:
        if ROOT:
            os.seteuid(0)


@pytest.fixture
def everybodys():
    "A folder that a user without rights can reach, with pictures in it."
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        fill(Path(folder, 'pets'))
        yield Path(folder)


# --- rights


@NO_RIGHTS
@pytest.mark.parametrize('rights', [0o000, 0o444])
def test_a_label_folder_that_cannot_be_read(everybodys, rights):
    pets = everybodys / 'pets'
    (pets / 'cat').chmod(rights)
    with as_somebody():
        words = ['"cat" cannot be read', 'does not let you']
        refused(pets, everybodys / 'clean', words=words)
        refused(pets, words=words, call=check_pictures)
    (pets / 'cat').chmod(0o755)
    assert left(everybodys) == ['pets']


@NO_RIGHTS
def test_the_whole_folder_cannot_be_read(everybodys):
    (everybodys / 'pets').chmod(0)
    with as_somebody():
        refused(everybodys / 'pets', everybodys / 'clean', words=['pets', 'does not let you'])
        refused(everybodys / 'pets', words=['pets', 'does not let you'], call=check_pictures)
    (everybodys / 'pets').chmod(0o755)


@NO_RIGHTS
def test_a_picture_that_cannot_be_read(everybodys):
    from fastai.vision.all import PILImage

    pets = everybodys / 'pets'
    (pets / 'cat' / '3.png').chmod(0)
    shutil.copy(pets / 'cat' / '4.png', pets / 'lost.png')
    (pets / 'lost.png').chmod(0)
    with as_somebody():
        report = collect(pets, everybodys / 'clean')
        assert report.left_out == {'cat/3.png': 'The system does not let you use it.'}
    (pets / 'lost.png').unlink()
    with as_somebody():
        words = ['1 file is no picture: cat/3.png', 'does not let you']
        refused(pets, words=words, call=check_pictures)
        for opens in (open_picture, PILImage.create):
            refused(pets / 'cat' / '3.png', words=['3.png', 'does not let you'], call=opens)
        assert find_duplicates(pets) == []


@NO_RIGHTS
def test_a_target_that_cannot_be_written(everybodys):
    (everybodys / 'shut').mkdir()
    (everybodys / 'shut').chmod(0o555)
    with as_somebody():
        for to in ('shut/clean', 'shut/deep/clean'):
            words = ['"clean" cannot be written', 'does not let you']
            refused(everybodys / 'pets', everybodys / to, words=words)
    assert left(everybodys / 'shut') == []


@NO_RIGHTS
def test_what_cannot_be_set_aside(everybodys):
    pets = everybodys / 'pets'
    (pets / 'cat' / 'a.jpg').write_text('no')
    everybodys.chmod(0o555)
    with as_somebody():
        words = ['a.jpg cannot be moved', 'does not let you']
        refused(pets, words=words, call=check_pictures, set_aside=True)
    everybodys.chmod(0o777)
    assert (pets / 'cat' / 'a.jpg').read_text() == 'no'


def test_a_target_below_a_file(pets, tmp_path):
    (tmp_path / 'file').write_text('precious')
    refused(pets, tmp_path / 'file' / 'clean', words=['"clean" cannot be written'])
    assert (tmp_path / 'file').read_text() == 'precious'


# --- full disks


@pytest.fixture
def small_disk(tmp_path):
    "A real disk of 64 kB."
    disk = tmp_path / 'disk'
    disk.mkdir()
    mount = ['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', str(disk)]
    if not (LINUX and ROOT and shutil.which('mount')) or subprocess.run(mount).returncode:
        pytest.skip('a small disk needs Linux and the rights of root')
    yield disk
    subprocess.run(['umount', str(disk)], check=True)


def test_a_full_disk(small_disk, tmp_path):
    few = fill(tmp_path / 'few', 5)
    collect(few, small_disk / 'clean', size=20)
    before = {p: p.read_bytes() for p in small_disk.rglob('*') if p.is_file()}
    many = fill(tmp_path / 'many', 30)
    refused(many, small_disk / 'clean', words=['"clean" cannot be written', 'The disk is full'])
    assert {p: p.read_bytes() for p in small_disk.rglob('*') if p.is_file()} == before
    assert left(small_disk) == ['clean']


def test_what_the_system_says():
    says = {
        errno.ENOSPC: 'The disk is full.',
        errno.EACCES: 'The system does not let you use it.',
        errno.ELOOP: 'It is a link that leads back to itself.',
        errno.EROFS: 'The system says: Read-only file system.',
    }
    for number, words in says.items():
        assert _system_says(Path('x'), OSError(number, os.strerror(number))) == words


# --- what belongs together


def test_names_as_cameras_give_them(tmp_path):
    pets = fill(tmp_path / 'pets', name='IMG_000{}.png')
    words = ['all begin with "IMG"', 'by=None']
    refused(pets, tmp_path / 'clean', by='_', words=words)
    assert collect(pets, tmp_path / 'clean', by=None).total == 16


@pytest.mark.parametrize('by', ['', 3, ['_'], True])
def test_by_that_says_nothing(pets, tmp_path, by):
    refused(pets, tmp_path / 'clean', by=by, words=[f'by={by!r}', "by='_'", 'by=None'])


# --- two into one folder


def test_one_after_the_other(pets, tmp_path):
    first = collect(pets, tmp_path / 'clean')
    other = fill(tmp_path / 'other', 6)
    assert collect(other, tmp_path / 'clean').total == 12 != first.total
    assert check_pictures(tmp_path / 'clean').total == 12
    assert left(tmp_path) == ['clean', 'other', 'pets']


def test_at_the_same_time(tmp_path):
    pets = fill(tmp_path / 'pets', 30)
    code = 'import sys; from whole_game.collect import collect; collect(*sys.argv[1:], size=60)'
    run = [sys.executable, '-c', code, str(pets), str(tmp_path / 'clean')]
    both = [subprocess.Popen(run, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in both] == ['', '', '']
    assert check_pictures(tmp_path / 'clean').total == 60
    assert left(tmp_path) == ['clean', 'pets']


def test_what_a_killed_one_left_behind_is_cleared_a_day_later(pets, tmp_path):
    for name, age in (('old', 2), ('new', 0)):
        place = tmp_path / f'{module._MAKING}{name}'
        (place / 'new').mkdir(parents=True)
        then = place.stat().st_mtime - age * 24 * 60 * 60
        os.utime(place, (then, then))
    collect(pets, tmp_path / 'clean')
    assert left(tmp_path) == [f'{module._MAKING}new', 'clean', 'pets']


def test_a_table_of_somebody_elses_is_no_licence_to_delete(pets, tmp_path):
    (tmp_path / 'mine').mkdir()
    for table in (b'name,price\nlamp,3\n', b'\xff\xfe\0', b''):
        (tmp_path / 'mine' / module.TABLE).write_bytes(table)
        (tmp_path / 'mine' / 'letter.txt').write_text('precious')
        refused(pets, tmp_path / 'mine', words=['did not make'])
    assert (tmp_path / 'mine' / 'letter.txt').read_text() == 'precious'


# --- links and ~


@pytest.mark.skipif(os.name == 'nt', reason='on Windows links need rights')
def test_a_hidden_note_in_the_clean_copy_is_somebodys_too(pets, tmp_path):
    to = tmp_path / 'clean'
    collect(pets, to)
    (to / '.DS_Store').write_text('of the system')
    collect(pets, to)
    (to / 'train' / '.notes').write_text('which ones to take again')
    refused(pets, to, words=('did not make',))
    assert (to / 'train' / '.notes').exists()


def test_links(pets, tmp_path):
    (tmp_path / 'loop').symlink_to('loop')
    (tmp_path / 'gone').symlink_to('nowhere')
    for call in (check_pictures, lambda folder: collect(folder, tmp_path / 'clean')):
        refused(tmp_path / 'loop', words=['leads back to itself'], call=call)
        refused(tmp_path / 'gone', words=['link to something that is not there'], call=call)
    for name in ('loop', 'gone'):
        refused(pets, tmp_path / name, words=['did not make'])
    (tmp_path / 'big disk').mkdir()
    (tmp_path / 'clean').symlink_to('big disk')
    for _ in range(2):
        collect(pets, tmp_path / 'clean')
        assert (tmp_path / 'clean').is_symlink() and check_pictures(
            tmp_path / 'big disk'
        ).total == 16


def test_the_folder_one_is_in(pets, tmp_path, monkeypatch):
    (tmp_path / 'here').mkdir()
    monkeypatch.chdir(tmp_path / 'here')
    assert collect(pets, 'clean').total == 16 == check_pictures('clean').total
    refused(pets, '.', words=['did not make'])


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ('HOME', 'USERPROFILE'):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / 'here').mkdir()
    monkeypatch.chdir(tmp_path / 'here')
    yield tmp_path
    assert not list((tmp_path / 'here').iterdir())  # no folder called ~


def test_home_is_where_pictures_are(home, pets):
    report = collect('~/pets', '~/clean')
    assert report.total == 16 == check_pictures('~/clean').total
    assert open_picture('~/pets/cat/0.png').size == (160, 120)
    assert find_duplicates('~/pets') == []
    shutil.copy(home / 'pets' / 'cat' / '0.png', home / 'pets' / '1.png')
    assert len(find_duplicates(['~/pets/cat/0.png', '~/pets/1.png'])) == 1


def test_home_is_where_models_are(home, pets):
    import torch
    from fastai.vision.all import ImageDataLoaders, PILImage, Resize, vision_learner

    from whole_game.app import app
    from whole_game.backbone import lite0
    from whole_game.features import extract_features
    from whole_game.modelcard import load_measured, measured, model_id
    from whole_game.projects import add_to_log, fill_card, new_project, second_opinions
    from whole_game.saving import load, save
    from whole_game.strangers import Strangers, features_and_probs, load_strangers

    dls = ImageDataLoaders.from_folder(pets, valid_pct=0.2, item_tfms=Resize(64), bs=4)
    learn = vision_learner(dls, lite0)
    save(learn, '~/models/pets', size=64)
    assert left(home / 'models') == ['pets.json', 'pets.safetensors'] and model_id('~/models/pets')
    classifier = load('~/models/pets')
    assert classifier.predict('~/pets/cat/0.png')[0] in ('cat', 'dog')
    assert PILImage.create('~/pets/cat/0.png').size == (160, 120)
    assert extract_features(['~/pets/cat/0.png'], 64).shape == (1, 1280)
    features, probs = features_and_probs(classifier, ['~/pets/cat/0.png', '~/pets/dog/0.png'])
    strangers = Strangers.fit(features, ['cat', 'dog'], ['cat', 'dog'])
    strangers.threshold = 0.9
    strangers.save('~/models/pets')
    assert load_strangers('~/models/pets').threshold == 0.9
    measured(['cat', 'dog'], ['cat', 'cat'], torch.tensor([0.9, 0.8]), path='~/models/pets')
    assert load_measured('~/models/pets')['right'] == 1
    assert app('~/models/pets').fns
    place = new_project('~/my_pets')
    assert place == home / 'my_pets'
    add_to_log('~/my_pets', 'a note')
    fill_card('~/my_pets', 'data_card.md', 'a fact')
    assert 'a note' in (place / 'log.md').read_text()
    assert len(second_opinions('~/pets', size=64, epochs=1, folds=2)) == 16
