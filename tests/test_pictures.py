"""whole_game.pictures: what is wrong with a folder of pictures is said before training, and nothing is lost."""
import shutil

import pytest
from PIL import Image

from whole_game.errors import CourseError
from whole_game.pictures import check_pictures

def picture(path, size=(32, 24), mode='RGB'):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, 128).save(path)

@pytest.fixture(params=['train and valid', 'labels alone'])
def pets(request, tmp_path):
    "A good folder in either layout: three cats and three dogs in each part."
    folder = tmp_path/'pets'
    for part in ('train/', 'valid/') if request.param == 'train and valid' else ('',):
        for label in ('cat', 'dog'):
            for i in range(3): picture(folder/f'{part}{label}'/f'{i}.png')
    return folder

@pytest.fixture
def tops(pets): # The folders that hold labels
    return [pets/'train', pets/'valid'] if (pets/'train').exists() else [pets]

def refused(folder, *words, **kw):
    with pytest.raises(CourseError) as e: check_pictures(folder, **kw)
    assert e.value.what and e.value.why and e.value.do
    for word in words: assert word in str(e.value), str(e.value)

def test_a_good_folder_is_counted(pets, tops):
    picture(tops[0]/'cat'/'big.jpg', (100, 50), 'L')
    (tops[0]/'.DS_Store').write_text('left by a file browser')
    (tops[0]/'cat'/'.hidden').write_text('the same')
    report = check_pictures(pets)
    assert report.total == 6*len(tops) + 1 and report.labels == ['cat', 'dog'] and report.bad == []
    assert report.parts[tops[0].name if len(tops) == 2 else 'all'] == {'cat': 4, 'dog': 3}
    assert report.sizes[100, 50] == 1 and report.modes['L'] == 1
    for text in (repr(report), report._repr_markdown_()):
        assert 'cat' in text and '100 x 50 px' in text and str(pets.parent) not in text

def test_a_folder_that_does_not_exist(pets):
    refused(pets.parent/'pest', 'There is no folder', 'pest')
    (pets.parent/'file').write_text('')
    refused(pets.parent/'file', 'is a file and no folder')

def test_a_folder_without_labels(tmp_path):
    (tmp_path/'empty').mkdir()
    refused(tmp_path/'empty', 'holds no folders')

def test_an_empty_label(pets, tops):
    (tops[-1]/'fish').mkdir()
    refused(pets, 'fish', 'no pictures', 'It is empty')

def test_a_label_of_files_that_are_no_pictures(pets, tops):
    (tops[0]/'fish').mkdir()
    (tops[0]/'fish'/'a.jpg').write_text('no')
    refused(pets, 'fish', 'None of its 1 files', set_aside=True)
    assert (tops[0]/'fish'/'a.jpg').exists()

def test_one_label_only(pets, tops):
    for top in tops: shutil.rmtree(top/'dog')
    refused(pets, 'one label only: cat')

def test_a_label_of_valid_that_train_lacks(tmp_path):
    for name in ('train/cat', 'train/dog', 'valid/cat', 'valid/Dog'): picture(tmp_path/'pets'/name/'1.png')
    refused(tmp_path/'pets', 'labels that "train" does not have: Dog', 'capitals')

def test_train_without_valid(tmp_path):
    for name in ('train/cat', 'train/dog'): picture(tmp_path/'pets'/name/'1.png')
    refused(tmp_path/'pets', 'no folder valid')

def test_pictures_beside_and_below_the_labels(pets, tops):
    picture(tops[0]/'lost.png')
    refused(pets, 'beside the label folders', 'lost.png')
    (tops[0]/'lost.png').unlink()
    picture(tops[0]/'cat'/'siamese'/'1.png')
    refused(pets, 'cat', 'holds folders: siamese')

def spoil(top): # Six ways to be no picture; gives their names
    whole = (top/'cat'/'0.png').read_bytes()
    Image.effect_noise((64, 64), 50).save(top/'noise.jpg')
    half = (top/'noise.jpg').read_bytes()
    (top/'noise.jpg').unlink()
    (top/'cat'/'half.jpg').write_bytes(half[:len(half)//2])
    (top/'cat'/'half.png').write_bytes(whole[:len(whole)//2])
    (top/'dog'/'letter.jpg').write_text('Dear model')
    (top/'dog'/'nothing.png').write_bytes(b'')
    (top/'dog'/'notes.txt').write_text('fluffy')
    (top/'dog'/'picture.dat').write_bytes(whole)  # one that nobody will look for
    return ['cat/half.jpg', 'cat/half.png', 'dog/letter.jpg', 'dog/nothing.png', 'dog/notes.txt', 'dog/picture.dat']

def test_files_that_are_no_pictures_are_named_and_can_be_set_aside(pets, tops):
    names, start = spoil(tops[0]), f'{tops[0].name}/' if len(tops) == 2 else ''
    before = {p: p.read_bytes() for p in pets.rglob('*') if p.is_file()}
    refused(pets, '6 files are no pictures', 'set_aside=True', 'pets-set-aside', *(start + n for n in names))
    assert all(p.read_bytes() == content for p, content in before.items())  # refused, and nothing touched

    report = check_pictures(pets, set_aside=True)
    assert sorted(report.bad) == sorted(start + n for n in names)
    assert report.total == 6*len(tops)
    aside = pets.parent/'pets-set-aside'
    for p, content in before.items():
        where = aside/p.relative_to(pets) if p.relative_to(pets).as_posix() in report.bad else p
        assert where.read_bytes() == content                                # moved, and nothing lost
    assert check_pictures(pets).bad == []

    (tops[0]/'dog'/'letter.jpg').write_text('A second letter')
    check_pictures(pets, set_aside=True)
    assert sorted(p.read_text() for p in (aside/start/'dog').glob('letter*')) == ['A second letter', 'Dear model']

def test_more_than_ten_bad_files_are_not_all_named(pets, tops):
    for i in range(12): (tops[0]/'cat'/f'bad{i:02}.jpg').write_text('no')
    with pytest.raises(CourseError) as e: check_pictures(pets)
    assert 'bad09' in e.value.what and 'bad10' not in e.value.what and 'and 2 more' in e.value.what

def test_what_passes_is_what_fastai_reads(pets, tops):
    get_image_files = pytest.importorskip('fastai.vision.all').get_image_files
    spoil(tops[0])
    report = check_pictures(pets, set_aside=True)
    read = get_image_files(pets)
    assert len(read) == report.total
    assert {p.parent.name for p in read} == set(report.labels)
