"""whole_game.collect: any folder of pictures becomes a clean one, nothing is lost, and what cannot
be used is told in plain words."""

import csv
import hashlib
import os
import shutil
import sys
import unicodedata

import numpy as np
import pytest
from PIL import Image
from pillow_heif import register_heif_opener
from skimage.data import astronaut, chelsea

from whole_game.collect import TABLE, collect, portable_name
from whole_game.errors import CourseError
from whole_game.pictures import check_pictures, find_duplicates

PHOTOS = {'cat': Image.fromarray(chelsea()), 'woman': Image.fromarray(astronaut())}


def cutting(label, i, size=(90, 80)):
    "The i-th cutting of a photograph; no two are alike."
    photo, rng = PHOTOS[label], np.random.default_rng(i)
    left, top = rng.integers(0, (photo.width - 180, photo.height - 160))
    return photo.crop((left, top, left + 180, top + 160)).resize(size)


@pytest.fixture
def pets(tmp_path):
    "Ten cuttings of a cat, ten of a woman; labels and file names in any alphabet would do."
    for label in PHOTOS:
        (tmp_path / 'pets' / label).mkdir(parents=True)
        for i in range(10):
            cutting(label, i).save(tmp_path / 'pets' / label / f'{i:02}.png')
    return tmp_path / 'pets'


@pytest.fixture
def clean(tmp_path):
    return tmp_path / 'clean'


def contents(folder):
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob('*'))
        if p.is_file()
    }


def pictures(folder):
    return sorted(p for p in folder.rglob('*.jpg'))


def refused(*args, words=(), **kw):
    with pytest.raises(CourseError) as e:
        collect(*args, **kw)
    assert e.value.what and e.value.why and e.value.do
    for word in words:
        assert word in str(e.value), str(e.value)


def test_a_clean_copy(pets, clean):
    before = contents(pets)
    report = collect(pets, clean)
    # the originals are only read
    assert contents(pets) == before
    assert (
        report.parts == {'train': {'cat': 8, 'woman': 8}, 'valid': {'cat': 2, 'woman': 2}}
        and report.total == 20
        and report.labels == ['cat', 'woman']
    )
    assert not report.odd and not report.left_out and not report.loose
    assert check_pictures(clean).parts == report.parts
    for p in pictures(clean):
        with Image.open(p) as image:
            assert image.format == 'JPEG' and image.mode == 'RGB' and image.size == (90, 80)
        assert report.original(p).stem == p.stem and report.original(p).parent.name == p.parent.name
    with open(clean / TABLE, encoding='utf-8', newline='') as f:
        assert {row['became'] for row in csv.DictReader(f)} == {
            p.relative_to(clean).as_posix() for p in pictures(clean)
        }
    # nothing half-made is left
    assert [p.name for p in clean.parent.iterdir() if p.name.startswith('.')] == []
    for text in (repr(report), report._repr_markdown_()):
        assert 'cat' in text and '20 pictures collected' in text and str(pets.parent) not in text


def test_the_same_again_and_another_seed(pets, clean, tmp_path):
    first = collect(pets, clean)
    made = contents(clean)
    assert repr(collect(pets, clean)) == repr(first) and contents(clean) == made
    sides = lambda report: {f.path.name + f.label for f in report.found if f.side == 'valid'}
    assert sides(collect(pets, clean, seed=1)) != sides(first)
    # the others stay where they were, but for one at most
    cutting('cat', 77).save(pets / 'cat' / 'new.png')
    assert len(sides(collect(pets, clean)) ^ sides(first)) <= 2


def test_size_and_share(pets, clean):
    Image.fromarray(chelsea()).save(pets / 'cat' / 'large.jpg')  # 451 x 300
    report = collect(pets, clean, size=40, valid=0.5)
    assert {Image.open(p).size for p in pictures(clean)} == {(45, 40), (60, 40)}
    assert report.parts['valid'] == {'cat': 6, 'woman': 5}


def test_most(pets, clean):
    report = collect(pets, clean, most=6)
    assert report.parts == {'train': {'cat': 5, 'woman': 5}, 'valid': {'cat': 1, 'woman': 1}}
    assert set(report.left_out.values()) == {'More than 6 of its label (most=6).'}


def test_groups_are_never_cut(tmp_path, clean):
    people = ['ada', 'ben', 'chen', 'dana', 'emre']
    for label in PHOTOS:
        (tmp_path / 'pets' / label).mkdir(parents=True)
        for i in range(30):
            cutting(label, i).save(tmp_path / 'pets' / label / f'{people[i % 5]}_{i}.png')

    def sides(by):
        report, found = collect(tmp_path / 'pets', clean, by=by), {}
        for f in report.found:
            found.setdefault(f.path.stem.split('_')[0], set()).add(f.side)
        return report, found

    report, found = sides('_')
    assert all(len(side) == 1 for side in found.values()) and report.parts['valid'] == {
        'cat': 6,
        'woman': 6,
    }
    assert sides(lambda path: path.stem.split('_')[0])[0].parts == report.parts
    # without `by` they are cut: the test can fail
    assert any(len(side) == 2 for side in sides(None)[1].values())
    refused(tmp_path / 'pets', clean, by=lambda path: 'one', words=['cannot be split', 'groups'])


def test_a_label_that_one_person_photographed_cannot_be_split(pets, clean):
    for i, p in enumerate(sorted((pets / 'cat').iterdir())):
        p.rename(p.with_name(f'ada_{i}.png'))
    for i, p in enumerate(sorted((pets / 'woman').iterdir())):
        p.rename(p.with_name(f'{"ada" if i < 5 else "ben"}_{i}.png'))
    refused(pets, clean, by='_', words=['All pictures of "cat"', 'more groups'])
    assert not clean.exists()


# --- what such folders really contain


def test_every_oddity_is_told_and_mended(pets, clean):
    cats, note = pets / 'cat', Image.Exif()
    note[0x0112] = 6
    photo = PHOTOS['cat']
    crops = iter(photo.crop((10 * i, 5 * i, 10 * i + 300, 5 * i + 230)) for i in range(1, 14))
    next(crops).transpose(Image.Transpose.ROTATE_90).save(cats / 'side.jpg', exif=note)
    next(crops).convert('CMYK').save(cats / 'printer.jpg')
    next(crops).save(
        cats / 'film.gif', save_all=True, append_images=[photo.crop((0, 0, 300, 230))], duration=50
    )
    Image.fromarray(np.asarray(next(crops).convert('L')).astype(np.uint16) * 257).save(
        cats / 'scan.png'
    )
    next(crops).resize((7300, 5600)).save(cats / 'huge.jpg', quality=50)
    glass = next(crops).convert('RGBA')
    glass.putalpha(Image.linear_gradient('L').resize(glass.size))
    glass.save(cats / 'glass.png')
    next(crops).save(cats / 'really.jpg', 'PNG')
    next(crops).save(cats / 'no ending', 'JPEG')
    next(crops).resize((40, 30)).save(cats / 'tiny.png')
    next(crops).save(cats / 'new.webp')
    (cats / 'letter.jpg').write_text('Dear model')
    (cats / 'half.jpg').write_bytes((cats / 'printer.jpg').read_bytes()[:3000])
    for junk in ('.DS_Store', '._00.png', 'Thumbs.db', 'desktop.ini'):
        (cats / junk).write_bytes(b'\0\1')
    (pets / '.ipynb_checkpoints').mkdir()
    (pets / '__MACOSX').mkdir()
    cutting('cat', 50).save(pets / 'lost.jpg')
    (pets / 'how to.md').write_text('a note')
    before = contents(pets)
    report = collect(pets, clean)
    assert contents(pets) == before
    told = {
        what.split('(')[0].strip(): [name.split('/')[1] for name in names]
        for what, names in report.odd.items()
    }
    assert told == {
        'lying on its side or mirrored': ['side.jpg'],
        'in colours for printing': ['printer.jpg'],
        'moving': ['film.gif'],
        'with more than 8 bits': ['scan.png'],
        'with 20 megapixels or more': ['huge.jpg'],
        'see-through': ['glass.png'],
        'a wrong ending': ['really.jpg'],
        "an ending that is not a picture's": ['no ending'],
        'very small': ['tiny.png'],
        'stored as WebP': ['new.webp'],
    }
    assert (
        set(report.left_out) == {'cat/letter.jpg', 'cat/half.jpg'}
        and 'text' in report.left_out['cat/letter.jpg']
        and 'cut off' in report.left_out['cat/half.jpg']
    )
    assert report.loose == ['lost.jpg'] and report.total == 30
    made = {p.stem: p for p in pictures(clean)}
    assert Image.open(made['side']).size == (300, 230) and Image.open(made['huge']).height == 256
    assert check_pictures(clean).bad == [] and find_duplicates(clean) == []
    for text in (repr(report), report._repr_markdown_()):
        assert (
            'letter.jpg' in text
            and 'lost.jpg' in text
            and '1 in colours for printing (CMYK)' in text
        )


def test_heic(pets, clean):
    register_heif_opener()
    cutting('cat', 60, (300, 200)).save(pets / 'cat' / 'IMG_0001.HEIC', 'HEIF')
    cutting('cat', 61, (300, 200)).save(pets / 'cat' / 'IMG_0002.JPG', 'HEIF')
    report = collect(pets, clean)
    assert (
        report.total == 22
        and len(report.odd['stored as HEIC']) == 2
        and report.odd['a wrong ending (it is HEIC)'] == ['cat/IMG_0002.JPG']
    )


def test_heic_without_its_package(pets, clean, monkeypatch):
    from whole_game import pictures as module

    register_heif_opener()
    shutil.rmtree(pets / 'cat')
    (pets / 'cat').mkdir()
    for i in range(6):
        cutting('cat', i, (300, 200)).save(pets / 'cat' / f'{i}.heic', 'HEIF')
    module._reads_heic.cache_clear()
    monkeypatch.setitem(sys.modules, 'pillow_heif', None)
    refused(pets, clean, words=['cat (0)', 'HEIC', '6 of 16 files'])
    module._reads_heic.cache_clear()


def test_copies_go_and_the_largest_stays(pets, clean):
    cutting('cat', 3, (180, 160)).save(pets / 'cat' / 'large.png')
    shutil.copy(pets / 'woman' / '05.png', pets / 'woman' / '05 (1).png')
    report = collect(pets, clean)
    # of two equal ones the shorter name stays
    assert set(report.left_out) == {'cat/03.png', 'woman/05 (1).png'}
    assert report.left_out['cat/03.png'] == 'It is a copy of large.png.' and report.total == 20


def test_a_picture_in_two_labels_is_in_neither(pets, clean):
    cutting('cat', 3, (180, 160)).save(pets / 'woman' / 'who.jpg')
    report = collect(pets, clean)
    assert (
        set(report.left_out) == {'cat/03.png', 'woman/who.jpg'}
        and 'cat and woman' in report.left_out['cat/03.png']
    )


NAMES = [
    '고양이 사진.png',
    'قطة.png',
    '猫.png',
    '🐈‍⬛.png',
    'Ünïcödé.png',
    'x' * 240 + '.png',
    ' blank .png',
    "it's \"mine\".png" if os.name != 'nt' else 'mine.png',
    'a:b?.png' if os.name != 'nt' else 'ab.png',
    '.. dots.png',
]


def test_names_in_any_alphabet(pets, clean):
    cats = pets / 'cat'
    for p, name in zip(sorted(cats.iterdir()), NAMES):
        p.rename(p.with_name(name))
    cats.rename(pets / '🐱 고양이')
    report = collect(pets, clean)
    # the one that begins with a dot is hidden
    assert report.labels == ['woman', '🐱 고양이'] and report.total == 19
    stems = {p.stem for p in pictures(clean)}
    assert {'고양이 사진', 'قطة', '猫', '🐈‍⬛', 'Ünïcödé'} <= stems
    assert all(not set(p.name) & set('<>:"/\\|?*') and len(p.stem) <= 80 for p in pictures(clean))
    assert {report.original(p).name for p in pictures(clean)} == {
        p.name for p in pets.rglob('*.png') if not p.name.startswith('.')
    }


@pytest.mark.skipif(sys.platform != 'linux', reason='other systems have no such names')
def test_a_name_that_is_no_text(pets, clean):
    os.rename(os.fsencode(pets / 'cat' / '00.png'), os.fsencode(pets / 'cat') + b'/caf\xe9.png')
    report = collect(pets, clean)
    assert report.total == 20
    (repr(report) + report._repr_markdown_()).encode('utf-8')
    shutil.copy(pets / 'cat' / '01.png', os.fsencode(pets / 'cat').decode() + '/z\udce9.png')
    repr(collect(pets, clean)).encode('utf-8')


def test_one_letter_stored_in_two_ways_is_one_label(pets, clean):
    one, two = (unicodedata.normalize(form, 'café') for form in ('NFC', 'NFD'))
    (pets / 'cat').rename(pets / two)
    (pets / one).mkdir(exist_ok=True)
    if len(list(pets.iterdir())) == 2:
        pytest.skip('this system brings names into one form itself')
    # the same names as in the other
    for i in range(20, 25):
        cutting('cat', i).save(pets / one / f'{i - 20:02}.png')
    report = collect(pets, clean)
    assert (
        report.labels == [one, 'woman'] and sum(part[one] for part in report.parts.values()) == 15
    )
    assert len({p.name for p in pictures(clean) if p.parent.name == one}) == 15


def test_names_that_would_be_one_name(pets, clean):
    cutting('cat', 30).save(pets / 'cat' / '01.jpg')
    cutting('cat', 31).save(pets / 'cat' / 'A.png')
    cutting('cat', 32).save(pets / 'cat' / 'a.jpg')
    report = collect(pets, clean)
    assert (
        report.total == 23
        and len({(p.parent.name, p.name.casefold()) for p in pictures(clean)}) == 23
    )


def test_tidy():
    assert (
        portable_name('e\u0301') == '\u00e9'
        and portable_name(' a. ') == 'a'
        and portable_name('???') == '___'
        and portable_name('...') == '_'
        and portable_name('a/b') == 'a_b'
        and len(portable_name('x' * 300)) == 80
    )


# --- what is no game


def test_folders_that_are_no_game(pets, clean, tmp_path):
    refused(tmp_path / 'pest', clean, words=['There is no folder', 'pest"'])
    refused(pets / 'cat' / '00.png', clean, words=['is a file and no folder'])
    (tmp_path / 'empty').mkdir()
    refused(tmp_path / 'empty', clean, words=['"empty" is empty'])
    (tmp_path / 'empty' / '.DS_Store').write_text('')
    refused(tmp_path / 'empty', clean, words=['"empty" is empty'])
    refused(pets / 'cat', clean, words=['holds no folders'])
    (pets / 'dog').mkdir()
    refused(pets, clean, words=['The folder "dog" is empty'])
    for i in range(3):
        cutting('cat', 90 + i).save(pets / 'dog' / f'{i}.png')
    refused(pets, clean, words=['Too few pictures of dog (3)', 'twenty'])
    for i in range(9):
        (pets / 'dog' / f'{i}.txt').write_text('no')
    refused(pets, clean, words=['dog (3)', '9 of 32 files', 'It is a text'])
    shutil.rmtree(pets / 'dog')
    (pets / 'cat' / 'siamese').mkdir()
    refused(pets, clean, words=['"cat" holds folders: siamese'])
    shutil.rmtree(pets / 'cat')
    refused(pets, clean, words=['one label only: woman'])
    assert not clean.exists() and not list(tmp_path.glob('.clean*'))


def test_three_pictures(tmp_path, clean):
    for i, label in enumerate(('cat', 'cat', 'woman')):
        (tmp_path / 'three' / label).mkdir(parents=True, exist_ok=True)
        cutting(label, i).save(tmp_path / 'three' / label / f'{i}.png')
    refused(tmp_path / 'three', clean, words=['Too few pictures of cat (2), woman (1)'])


def test_capitals(pets, clean):
    (pets / 'Cat').mkdir(exist_ok=True)
    if len(list(pets.iterdir())) == 2:
        pytest.skip('this system does not tell capitals apart')
    cutting('cat', 40).save(pets / 'Cat' / '1.png')
    refused(pets, clean, words=['Cat and cat differ in capitals only'])


def test_a_folder_that_is_split_already(pets, clean, tmp_path):
    collect(pets, clean)
    refused(clean, tmp_path / 'again', words=['split already', 'cat, woman'])


def test_nothing_of_yours_is_overwritten(pets, clean, tmp_path):
    refused(pets, pets, words=['inside your pictures'])
    refused(pets, pets / 'clean', words=['inside your pictures'])
    clean.mkdir()
    # an empty folder is fine
    collect(pets, clean)
    (clean / 'train' / 'cat' / 'mine.jpg').write_bytes(b'precious')
    refused(pets, clean, words=['did not make', 'lost'])
    assert (clean / 'train' / 'cat' / 'mine.jpg').read_bytes() == b'precious' and len(
        pictures(clean)
    ) == 21
    (tmp_path / 'file').write_text('precious')
    refused(pets, tmp_path / 'file', words=['did not make'])
    shutil.copytree(pets, tmp_path / 'other')
    refused(pets, tmp_path / 'other', words=['did not make'])


def test_a_failure_leaves_the_old_copy(pets, clean):
    collect(pets, clean)
    before = contents(clean)
    shutil.rmtree(pets / 'woman')
    refused(pets, clean)
    assert contents(clean) == before


def test_how_large_the_clean_pictures_are(tmp_path):
    for label in ('cat', 'dog'):
        (tmp_path / 'mine' / label).mkdir(parents=True)
        for i in range(6):
            noise = np.random.default_rng([i, label == 'cat']).integers(0, 256, (20, 20, 3))
            # five of twelve are small, one of these wide
            size = (300, 90) if i == 0 else (80, 80) if i < 3 and label == 'cat' else (700, 400)
            Image.fromarray(noise.astype(np.uint8)).resize(size).save(
                tmp_path / 'mine' / label / f'{i}.png'
            )
    assert collect(tmp_path / 'mine', tmp_path / 'clean').short_side == 256
    assert collect(tmp_path / 'mine', tmp_path / 'tiny', size=70).short_side == 70
