"""whole_game.pictures: what is wrong with a folder of pictures is said before training, nothing is
lost, and nearly everything can be opened."""

import io
import shutil
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pillow_heif import register_heif_opener
from skimage.data import astronaut, chelsea, coffee

from whole_game import pictures as module
from whole_game.errors import CourseError
from whole_game.pictures import check_pictures, find_duplicates, open_picture, what_it_is


def picture(path, size=(32, 24), mode='RGB'):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, 128).save(path)


@pytest.fixture(params=['train and valid', 'labels alone'])
def pets(request, tmp_path):
    "A good folder in either layout: three cats and three dogs in each part."
    folder = tmp_path / 'pets'
    for part in ('train/', 'valid/') if request.param == 'train and valid' else ('',):
        for label in ('cat', 'dog'):
            for i in range(3):
                picture(folder / f'{part}{label}' / f'{i}.png')
    return folder


@pytest.fixture
def tops(pets):  # The folders that hold labels
    return [pets / 'train', pets / 'valid'] if (pets / 'train').exists() else [pets]


def refused(folder, *words, **kw):
    with pytest.raises(CourseError) as e:
        check_pictures(folder, **kw)
    assert e.value.what and e.value.why and e.value.do
    for word in words:
        assert word in str(e.value), str(e.value)


def test_a_good_folder_is_counted(pets, tops):
    picture(tops[0] / 'cat' / 'big.jpg', (100, 50), 'L')
    (tops[0] / '.DS_Store').write_text('left by a file browser')
    (tops[0] / 'cat' / '.hidden').write_text('the same')
    report = check_pictures(pets)
    assert (
        report.total == 6 * len(tops) + 1 and report.labels == ['cat', 'dog'] and report.bad == []
    )
    assert report.parts[tops[0].name if len(tops) == 2 else 'all'] == {'cat': 4, 'dog': 3}
    assert report.sizes[100, 50] == 1 and report.modes['L'] == 1
    for text in (repr(report), report._repr_markdown_()):
        assert 'cat' in text and '100 x 50 px' in text and str(pets.parent) not in text


def test_a_folder_that_does_not_exist(pets):
    refused(pets.parent / 'pest', 'There is no folder', 'pest')
    (pets.parent / 'file').write_text('')
    refused(pets.parent / 'file', 'is a file and no folder')


def test_a_folder_without_labels(tmp_path):
    (tmp_path / 'empty').mkdir()
    refused(tmp_path / 'empty', 'holds no folders')


def test_an_empty_label(pets, tops):
    (tops[-1] / 'fish').mkdir()
    refused(pets, 'fish', 'no pictures', 'It is empty')


def test_a_label_of_files_that_are_no_pictures(pets, tops):
    (tops[0] / 'fish').mkdir()
    (tops[0] / 'fish' / 'a.jpg').write_text('no')
    refused(pets, 'fish', 'None of its 1 files', set_aside=True)
    assert (tops[0] / 'fish' / 'a.jpg').exists()


def test_one_label_only(pets, tops):
    for top in tops:
        shutil.rmtree(top / 'dog')
    refused(pets, 'one label only: cat')


def test_a_label_of_valid_that_train_lacks(tmp_path):
    for name in ('train/cat', 'train/dog', 'valid/cat', 'valid/Dog'):
        picture(tmp_path / 'pets' / name / '1.png')
    refused(tmp_path / 'pets', 'labels that "train" does not have: Dog', 'capitals')


def test_train_without_valid(tmp_path):
    for name in ('train/cat', 'train/dog'):
        picture(tmp_path / 'pets' / name / '1.png')
    refused(tmp_path / 'pets', 'no folder valid')


def test_pictures_beside_and_below_the_labels(pets, tops):
    picture(tops[0] / 'lost.png')
    refused(pets, 'next to the label folders', 'lost.png')
    (tops[0] / 'lost.png').unlink()
    picture(tops[0] / 'cat' / 'siamese' / '1.png')
    refused(pets, 'cat', 'holds folders: siamese')


def spoil(top):  # Six ways to be no picture; gives their names
    whole = (top / 'cat' / '0.png').read_bytes()
    Image.effect_noise((64, 64), 50).save(top / 'noise.jpg')
    half = (top / 'noise.jpg').read_bytes()
    (top / 'noise.jpg').unlink()
    (top / 'cat' / 'half.jpg').write_bytes(half[: len(half) // 2])
    (top / 'cat' / 'half.png').write_bytes(whole[: len(whole) // 2])
    (top / 'dog' / 'letter.jpg').write_text('Dear model')
    (top / 'dog' / 'nothing.png').write_bytes(b'')
    (top / 'dog' / 'notes.txt').write_text('fluffy')
    (top / 'dog' / 'picture.dat').write_bytes(whole)  # one that nobody will look for
    return [
        'cat/half.jpg',
        'cat/half.png',
        'dog/letter.jpg',
        'dog/nothing.png',
        'dog/notes.txt',
        'dog/picture.dat',
    ]


def test_files_that_are_no_pictures_are_named_and_can_be_set_aside(pets, tops):
    names, start = spoil(tops[0]), f'{tops[0].name}/' if len(tops) == 2 else ''
    before = {p: p.read_bytes() for p in pets.rglob('*') if p.is_file()}
    refused(
        pets,
        '6 files are no pictures',
        'set_aside=True',
        'pets-set-aside',
        *(start + n for n in names),
    )
    # refused, and nothing touched
    assert all(p.read_bytes() == content for p, content in before.items())

    report = check_pictures(pets, set_aside=True)
    assert sorted(report.bad) == sorted(start + n for n in names)
    assert report.total == 6 * len(tops)
    aside = pets.parent / 'pets-set-aside'
    for p, content in before.items():
        where = aside / p.relative_to(pets) if p.relative_to(pets).as_posix() in report.bad else p
        # moved, and nothing lost
        assert where.read_bytes() == content
    assert check_pictures(pets).bad == []

    (tops[0] / 'dog' / 'letter.jpg').write_text('A second letter')
    check_pictures(pets, set_aside=True)
    assert sorted(p.read_text() for p in (aside / start / 'dog').glob('letter*')) == [
        'A second letter',
        'Dear model',
    ]


def test_more_than_ten_bad_files_are_not_all_named(pets, tops):
    for i in range(12):
        (tops[0] / 'cat' / f'bad{i:02}.jpg').write_text('no')
    with pytest.raises(CourseError) as e:
        check_pictures(pets)
    assert 'bad09' in e.value.what and 'bad10' not in e.value.what and 'and 2 more' in e.value.what


def test_what_passes_is_what_fastai_reads(pets, tops):
    from fastai.vision.all import get_image_files

    spoil(tops[0])
    report = check_pictures(pets, set_aside=True)
    read = get_image_files(pets)
    assert len(read) == report.total
    assert {p.parent.name for p in read} == set(report.labels)


# --- open_picture: whatever people's files hold

BACK = {  # How a picture is stored for each EXIF turn
    1: None,
    2: 'FLIP_LEFT_RIGHT',
    3: 'ROTATE_180',
    4: 'FLIP_TOP_BOTTOM',
    5: 'TRANSPOSE',
    6: 'ROTATE_90',
    7: 'TRANSVERSE',
    8: 'ROTATE_270',
}
PHOTO = Image.fromarray(astronaut()).resize((160, 120))  # wider than tall, and no side like another


def tagged(picture, orientation):
    "The same picture, stored turned, with the EXIF note that turns it back."
    back = BACK[orientation]
    note = Image.Exif()
    note[0x0112] = orientation
    return picture.transpose(Image.Transpose[back]) if back else picture, note


def saved(picture, kind, **kw):
    out = io.BytesIO()
    picture.save(out, kind, **kw)
    return out.getvalue()


def assert_similar(opened, wanted=PHOTO, most=6):
    "Is it the same picture, give or take what JPEG does?"
    assert opened.mode == 'RGB' and opened.size == wanted.size
    difference = abs(np.asarray(opened, float) - np.asarray(wanted.convert('RGB'), float)).mean()
    assert difference < most, difference


@pytest.mark.parametrize('orientation', range(1, 9))
@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP', 'TIFF'])
def test_upright(orientation, kind, tmp_path):
    picture, note = tagged(PHOTO, orientation)
    content = saved(picture, kind, exif=note, **({'quality': 95} if kind != 'PNG' else {}))
    (tmp_path / 'photo').write_bytes(content)
    assert_similar(open_picture(content))
    assert_similar(
        open_picture(str(tmp_path / 'photo'))
    )  # the name has no ending, and that is no matter
    with Image.open(tmp_path / 'photo') as lazy:
        assert_similar(open_picture(lazy))


def test_a_note_that_makes_no_sense_is_passed_over():
    note = Image.Exif()
    note[0x0112] = 99
    assert_similar(open_picture(saved(PHOTO, 'JPEG', exif=note)))
    assert_similar(open_picture(saved(PHOTO, 'JPEG', exif=b'Exif\0\0II*\0\xff\xff\xff\xff')))


def see_through():
    picture = PHOTO.convert('RGBA')
    picture.putalpha(Image.new('L', picture.size, 0))
    return picture


ODD = {
    'CMYK JPEG': (saved(PHOTO.convert('CMYK'), 'JPEG', quality=95), PHOTO),
    'CMYK TIFF': (saved(PHOTO.convert('CMYK'), 'TIFF'), PHOTO),
    'GIF': (saved(PHOTO, 'GIF'), PHOTO),
    'moving GIF': (
        saved(PHOTO, 'GIF', save_all=True, append_images=[PHOTO.rotate(180)], duration=50),
        PHOTO,
    ),
    'moving WebP': (
        saved(PHOTO, 'WEBP', save_all=True, append_images=[PHOTO.rotate(180)], duration=50),
        PHOTO,
    ),
    'palette': (saved(PHOTO.quantize(256), 'PNG'), PHOTO),
    'grey': (saved(PHOTO.convert('L'), 'PNG'), PHOTO.convert('L')),
    'black and white': (saved(PHOTO.convert('1'), 'PNG'), PHOTO.convert('1')),
    'BMP': (saved(PHOTO, 'BMP'), PHOTO),
    'see-through': (saved(see_through(), 'PNG'), Image.new('RGB', PHOTO.size, 'white')),
    'see-through WebP': (saved(see_through(), 'WEBP'), Image.new('RGB', PHOTO.size, 'white')),
    'grey and see-through': (
        saved(see_through().convert('LA'), 'PNG'),
        Image.new('RGB', PHOTO.size, 'white'),
    ),
    'a see-through colour': (
        saved(Image.new('RGB', PHOTO.size, 'red').quantize(4), 'PNG', transparency=0),
        Image.new('RGB', PHOTO.size, 'white'),
    ),
}


@pytest.mark.parametrize('name', ODD)
def test_every_kind_of_colour(name):
    content, wanted = ODD[name]
    assert_similar(
        open_picture(content), wanted, most=20 if name in ('GIF', 'moving GIF', 'palette') else 6
    )


@pytest.mark.parametrize('kind', ['PNG', 'TIFF'])
@pytest.mark.parametrize('bits,most', [(16, 65535), (12, 4095), (8, 255)])
def test_sixteen_bits_are_scaled_and_not_clipped(kind, bits, most):
    grey = np.asarray(PHOTO.convert('L'))
    deep = (grey / grey.max() * most).astype(np.uint16)
    wanted = Image.fromarray((grey / grey.max() * 255).astype(np.uint8))
    assert_similar(open_picture(saved(Image.fromarray(deep), kind)), wanted, most=1)
    assert_similar(open_picture(deep), wanted, most=1)


def test_floats_of_any_range():
    grey = np.asarray(PHOTO.convert('L'))
    for content in (
        saved(Image.fromarray((grey / 255).astype(np.float32)), 'TIFF'),
        saved(Image.fromarray(grey.astype(np.float32)), 'TIFF'),
    ):
        assert_similar(open_picture(content), PHOTO.convert('L'), most=1)
    low = np.asarray(open_picture((grey.astype(np.float32) - 128) / 128)).mean(axis=2)
    assert np.corrcoef(low.ravel(), grey.ravel())[0, 1] > 0.99
    holes = np.where(grey > 200, np.nan, grey / 255)
    assert open_picture(holes).size == PHOTO.size


def test_arrays_tensors_and_images():
    import torch

    pixels = np.asarray(PHOTO)
    for it in (
        pixels,
        pixels / 255,
        torch.tensor(pixels.copy()),
        torch.tensor(pixels.copy()).permute(2, 0, 1) / 255,
        PHOTO,
        PHOTO.convert('RGBA'),
    ):
        assert_similar(open_picture(it), most=1)
    assert open_picture(np.zeros((5, 7), bool)).size == (7, 5) and open_picture(
        np.zeros((5, 7, 1))
    ).size == (7, 5)
    before = PHOTO.copy()
    open_picture(PHOTO, 32)
    assert PHOTO == before  # what is given is never changed
    for shape in ((3,), (2, 3, 4, 5), (10, 10, 2), (0, 5)):
        with pytest.raises(CourseError, match='is no picture'):
            open_picture(np.zeros(shape))


def test_heic():
    register_heif_opener()
    assert_similar(open_picture(saved(PHOTO, 'HEIF', quality=90)))
    picture, note = tagged(PHOTO, 6)
    assert_similar(open_picture(saved(picture, 'HEIF', quality=90, exif=note.tobytes())))


def test_heic_without_its_package(monkeypatch):
    import sys

    register_heif_opener()
    content = saved(PHOTO, 'HEIF')
    assert what_it_is(content) == 'HEIC'
    module._reads_heic.cache_clear()
    monkeypatch.setitem(sys.modules, 'pillow_heif', None)
    with pytest.raises(CourseError, match='pillow-heif'):
        open_picture(content)
    module._reads_heic.cache_clear()


def test_large_ones_come_back_small():
    large = PHOTO.resize((7300, 5480))  # 40 megapixels
    content = saved(large, 'JPEG', quality=60)
    opened = open_picture(content)
    assert opened.size == (1024, 769)
    assert_similar(opened.resize(PHOTO.size), most=8)
    assert (
        open_picture(content, 100).size == (100, 75)
        and open_picture(PHOTO, None).size == PHOTO.size
    )
    assert open_picture(np.zeros((3, 5000), np.uint8)).size == (1024, 1)


def bomb(width, height):
    "A PNG of a few bytes whose head promises a picture of this size."
    chunk = lambda name, data: (
        struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
    )
    return (
        b'\x89PNG\r\n\x1a\n'
        + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0))
        + chunk(b'IDAT', zlib.compress(b'\0' * 100))
        + chunk(b'IEND', b'')
    )


@pytest.mark.parametrize('side', [11_000, 14_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused(side):
    with pytest.raises(CourseError, match='120 million pixels'):
        open_picture(bomb(side, side))


WRONG = {
    'empty': (b'', 'It is empty'),
    'letter.jpg': (b'Dear model, I am no picture.', 'It is a text'),
    'page.jpg': (b'<!DOCTYPE html><html><img src="a.jpg">', 'web page'),
    'drawing.png': (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        'SVG',
    ),
    'scan.jpg': (b'%PDF-1.7\n', 'PDF'),
    'film.jpg': (b'\0\0\0\x20ftypisom\0\0\2\0', 'video'),
    'all.jpg': (b'PK\x03\x04\x14\0', 'Unpack'),
    'half.jpg': (saved(PHOTO, 'JPEG')[:3000], 'cut off'),
    'half.png': (saved(PHOTO, 'PNG')[:3000], 'cut off'),
    'half.gif': (saved(PHOTO, 'GIF')[:900], 'cut off'),
    'half.webp': (saved(PHOTO, 'WEBP')[:900], 'cut off'),
    'noise': (bytes(range(256)), 'kind that is not known'),
}


@pytest.mark.parametrize('name', WRONG)
def test_what_is_no_picture_is_refused_in_plain_words(name, tmp_path):
    content, word = WRONG[name]
    (tmp_path / name).write_bytes(content)
    for given in (tmp_path / name, content):
        with pytest.raises(CourseError, match=word) as e:
            open_picture(given)
        assert e.value.what and e.value.why and e.value.do
    with pytest.raises(CourseError, match=name):
        open_picture(tmp_path / name)


def test_what_is_not_even_a_file(tmp_path):
    for given, word in (
        (tmp_path / 'holiday.jpg', 'no picture holiday.jpg'),
        (tmp_path, 'It is a folder'),
        (None, 'Nothing was given'),
        ('a\0b', 'cannot be opened'),
        (42, 'cannot be opened'),
    ):
        with pytest.raises(CourseError, match=word):
            open_picture(given)


def test_what_a_file_is(tmp_path):
    for kind in ('JPEG', 'PNG', 'GIF', 'BMP', 'TIFF', 'WebP', 'AVIF'):
        assert what_it_is(saved(PHOTO, kind)[:256]) == kind


def test_what_open_picture_takes_fastai_takes():
    from fastai.vision.all import PILImage

    assert PILImage.create(open_picture(ODD['CMYK JPEG'][0])).size == PHOTO.size


# --- find_duplicates


@pytest.fixture(scope='module')
def motifs():
    return {
        'astronaut': PHOTO,
        'cat': Image.fromarray(chelsea()).resize((200, 133)),
        'coffee': Image.fromarray(coffee()).resize((240, 160)),
    }


def found(folder):
    return [[p.name for p in group] for group in find_duplicates(folder)]


def test_copies_are_found_however_they_were_saved(motifs, tmp_path):
    (tmp_path / 'deep').mkdir()
    for name, picture in motifs.items():
        picture.save(tmp_path / f'{name}.png')
        picture.save(tmp_path / 'deep' / f'{name}-bad.jpg', quality=30)
        picture.resize((picture.width * 2, picture.height * 2)).save(
            tmp_path / f'{name}-large.webp'
        )
        turned, note = tagged(picture, 8)
        turned.save(tmp_path / f'{name}-turned.jpg', exif=note)
        picture.convert('CMYK').save(tmp_path / f'{name}-printed.tif')
        shutil.copy(tmp_path / f'{name}.png', tmp_path / f'{name} (1).PNG')
    (tmp_path / 'letter.jpg').write_text('no picture')
    (tmp_path / '.DS_Store').write_bytes(b'\0')
    groups = find_duplicates(tmp_path)
    assert sorted(
        {p.name.split('.')[0].split('-')[0].split()[0] for p in group}.pop() for group in groups
    ) == sorted(motifs)
    assert [len(group) for group in groups] == [6, 6, 6]
    assert all(
        len({p.name.split('.')[0].split('-')[0].split()[0] for p in group}) == 1 for group in groups
    )
    assert found([tmp_path / 'cat.png', tmp_path / 'coffee.png', tmp_path / 'cat (1).PNG']) == [
        ['cat (1).PNG', 'cat.png']
    ]


def test_what_differs_is_not_taken_for_a_copy(motifs, tmp_path):
    photo = motifs['cat']
    photo.save(tmp_path / 'cat.jpg')
    photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / 'mirrored.jpg')
    photo.crop((20, 10, 180, 120)).save(tmp_path / 'nearer.jpg')
    # same greys nearly, other colours
    Image.merge('RGB', photo.split()[::-1]).save(tmp_path / 'blue.jpg')
    photo.resize((133, 133)).save(tmp_path / 'squeezed.jpg')
    marked = photo.copy()
    marked.paste('black', (60, 40, 110, 90))
    marked.save(tmp_path / 'marked.jpg')
    assert found(tmp_path) == []


def test_flat_and_faint_pictures_are_the_same_only_byte_by_byte(tmp_path):
    for grey in (0, 1, 254, 255):
        Image.new('L', (40, 40), grey).save(tmp_path / f'{grey}.png')
    shutil.copy(tmp_path / '255.png', tmp_path / 'paper.png')
    # a few faint pencil strokes
    for i in range(3):
        page = Image.new('L', (200, 200), 250)
        ImageDraw.Draw(page).line([(40 + 30 * i, 40), (50 + 40 * i, 150)], fill=225, width=2)
        page.save(tmp_path / f'pencil{i}.jpg')
    assert found(tmp_path) == [['255.png', 'paper.png']]


def test_handwriting_raises_no_false_alarm():
    from whole_game.data import get

    files = sorted(get('handwriting').rglob('*.png'))
    assert len(files) == 5000 and find_duplicates(files) == []


def test_an_empty_folder_has_no_copies(tmp_path):
    assert find_duplicates(tmp_path) == []
