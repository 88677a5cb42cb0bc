"""whole_game.makers.speech and whole_game.fields_speech: the voices and the dictionary of lesson
12, alike twice, nobody's seeds moved; recordings of every kind; and reading."""

import base64
import io
import random
import wave

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from scipy.io import wavfile

from whole_game import fields_speech as fs
from whole_game.data import card, contents, get, weights
from whole_game.errors import CourseError
from whole_game.makers import speech

RATE = speech.RATE


def word(seconds=0.5, rate=RATE, hertz=300):
    "A tone that swells and dies away, with a little silence on both sides."
    time = np.arange(int(seconds * rate)) / rate
    tone = 0.5 * np.sin(2 * np.pi * hertz * time) * np.sin(np.pi * time / seconds) ** 0.2
    return np.pad(tone, rate // 10)


def as_wav(numbers, rate=RATE, kind=np.int16):
    "The bytes of a WAV file with these numbers, from -1 to 1, in another type."
    held = io.BytesIO()
    if kind == np.uint8:
        numbers = np.round(numbers * 127 + 128).astype(np.uint8)
    elif np.dtype(kind).kind == 'i':
        numbers = np.round(numbers * np.iinfo(kind).max).astype(kind)
    wavfile.write(held, rate, numbers.astype(kind))
    return held.getvalue()


# --- the makers


def test_espeak_says_the_same_list_the_same_way_and_other_voices_otherwise():
    jobs = [('seven', 'en-us+f2', 160, 50), ('seven', 'en-us+klatt', 160, 50)]
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    one, two = speech.espeak(jobs), speech.espeak(jobs)
    assert all(np.array_equal(a, b) for a, b in zip(one, two))
    assert not np.array_equal(one[0][:4000], one[1][:4000])
    assert all(0.3 < len(sound) / RATE < 1.5 and np.abs(sound).max() > 0.05 for sound in one)
    assert random.random() == random.Random(5).random()
    assert np.random.rand() == np.random.RandomState(5).rand()
    assert torch.rand(1) == torch.rand(1, generator=torch.Generator().manual_seed(5))


def test_a_voice_that_is_not_there_and_a_package_that_is_missing_say_so(monkeypatch):
    with pytest.raises(CourseError, match='no voice xx-nobody'):
        speech.espeak([('one', 'xx-nobody', 160, 50)])
    monkeypatch.setattr(speech, 'find_spec', lambda name: None)
    for call in (lambda: speech.espeak([]), speech.dictionary, speech.hibari_file):
        with pytest.raises(CourseError, match=r'whole-game\[speech\]'):
            call()


def test_no_family_of_voices_is_in_training_and_validation():
    parts = speech.voices()
    families = {part: {speech.family(voice) for voice in names} for part, names in parts.items()}
    assert not families['train'] & families['valid']
    assert len(parts['train']) + len(parts['valid']) == 102
    assert speech.family('steph3') == speech.family('steph') == 'steph'
    assert speech.family('anikaRobot') == 'anika' and speech.family('Mike') == speech.family(
        'mike2'
    )
    assert {speech.family(f'f{n}') for n in (1, 2)} == {'f'}


def test_recordings_are_what_their_table_says():
    path = get('spoken_digits')
    table = pd.read_csv(path / 'words.csv')
    assert len(table) == card('spoken_digits').items - 1 == table.file.nunique()
    assert table.groupby('part').size().to_dict().keys() == {'train', 'valid', 'other'}
    for row in table[::97].itertuples():
        with wave.open(str(path / row.file)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
            assert 0.1 < file.getnframes() / RATE < 1.6, row.file
        assert row.file.split('/')[:2] == [row.part, row.word]
    assert set(table[table.part == 'other'].voice) == {'hibari'}


@pytest.mark.expensive
def test_recordings_are_alike_twice(tmp_path):
    speech.make_spoken_digits(tmp_path)
    assert contents(tmp_path) == contents(get('spoken_digits'))


def test_the_dictionary_is_alike_twice_and_relatives_are_on_one_side(tmp_path):
    random.seed(5)
    np.random.seed(5)
    speech.make_pronunciations(tmp_path)
    assert random.random() == random.Random(5).random()
    assert np.random.rand() == np.random.RandomState(5).rand()
    assert contents(tmp_path) == contents(get('pronunciations'))
    words = pd.read_csv(tmp_path / 'words.csv', keep_default_na=False)
    assert (
        words.is_valid.value_counts().to_dict() == speech.SIZES
        and not words.word.duplicated().any()
    )
    sides = [set(part.word.str[:5]) for _, part in words.groupby('is_valid')]
    assert not sides[0] & sides[1]
    assert set(''.join(words.phonemes)) <= set(fs.PHONEMES)
    assert (words.phonemes.str.len() <= fs.SLOTS * words.word.str.len()).all()


def test_the_weights_of_the_voice_are_checked(monkeypatch, tmp_path):
    assert weights('hibari').name == 'hibari.onnx' and weights('hibari_letters').is_file()
    (tmp_path / 'hibari.onnx').write_bytes(b'something else')
    monkeypatch.setattr(speech, 'hibari_file', lambda: tmp_path / 'hibari.onnx')
    with pytest.raises(CourseError, match='not what they should be'):
        weights('hibari')


def test_the_finished_voice_says_the_same_twice():
    assert np.array_equal(speech.hibari('seven'), speech.hibari('seven'))
    assert len(speech.hibari('seven', speed=0.7)) > len(speech.hibari('seven', speed=1.3))


# --- recordings of one's own


@pytest.mark.parametrize('kind', [np.uint8, np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize('rate', [8000, 16000, 22050, 44100, 48000])
def test_any_rate_and_any_type_come_in_alike(kind, rate):
    sound = fs.open_sound(as_wav(word(rate=rate), rate, kind))
    assert abs(sound.seconds - 0.5) < 0.03 and np.abs(sound.numbers).max() == pytest.approx(0.9)
    seen = np.array(fs.spectrogram(sound)).astype(float)
    plain = np.array(fs.spectrogram(fs.open_sound(as_wav(word())))).astype(float)
    assert (seen.argmax(0)[30:70] == plain.argmax(0)[30:70]).mean() > 0.9


def test_two_channels_become_one_and_a_file_is_as_good_as_its_bytes(tmp_path):
    one = word()
    own = tmp_path / 'mein Wort é.wav'
    own.write_bytes(as_wav(np.stack([one, 0.5 * one], 1)))
    assert np.allclose(fs.open_sound(own).numbers, fs.open_sound(as_wav(one)).numbers, atol=1e-3)
    assert fs.open_sound(str(own)).seconds == fs.open_sound(own).seconds
    shifted = fs.open_sound(as_wav(0.4 * one + 0.3))  # a microphone that is off its zero
    assert abs(shifted.seconds - 0.5) < 0.05


BAD = {
    'silent': (as_wav(np.zeros(RATE)), 'Nothing can be heard'),
    'nearly silent': (as_wav(0.002 * word()), 'Nothing can be heard'),
    'a constant': (as_wav(np.full(RATE, 0.5)), 'Nothing can be heard'),
    'empty': (as_wav(np.zeros(0)), 'Nothing can be heard'),
    'no bytes': (b'', 'not a sound'),
    'long': (as_wav(np.tile(word(), 12)), r'(7|8) seconds long'),
    'an hour': (as_wav(np.tile(word(0.5, 4000), 1200), 4000), 'seconds long'),
    'a click': (as_wav(np.pad(np.ones(20), 8000)), 'click'),
    'too low a rate': (as_wav(word(rate=1000), 1000), 'only 1000 numbers a second'),
    'not numbers': (as_wav(np.full(RATE, np.nan), kind=np.float32), 'not numbers'),
    'text': (b'seven, said clearly', 'not a sound'),
    'cut off': (as_wav(word())[:30], 'damaged'),
    'mp3': (b'ID3\x04' + bytes(100), 'is MP3'),
    'mp3 without a head': (b'\xff\xfb\x90d' + bytes(100), 'is MP3'),
    'm4a': (bytes(4) + b'ftypM4A ' + bytes(100), 'is M4A'),
    'webm': (b'\x1aE\xdf\xa3' + bytes(100), 'is WebM'),
    'ogg': (b'OggS' + bytes(100), 'is Ogg'),
    'flac': (b'fLaC' + bytes(100), 'is FLAC'),
}


@pytest.mark.parametrize('name', BAD)
def test_what_cannot_be_used_is_refused_in_words(name, tmp_path):
    held, told = BAD[name]
    with pytest.raises(CourseError, match=told):
        fs.open_sound(held)
    (tmp_path / 'mine.wav').write_bytes(held)
    with pytest.raises(CourseError, match='mine.wav') as met:
        fs.open_sound(tmp_path / 'mine.wav')
    assert met.value.do


def test_a_picture_a_folder_and_no_file(tmp_path):
    Image.new('L', (20, 20)).save(tmp_path / 'picture.png')
    for name, told in (
        ('picture.png', 'not a sound'),
        ('none.wav', 'no such file'),
        ('', 'opened'),
    ):
        with pytest.raises(CourseError, match=told):
            fs.open_sound(tmp_path / name)


def test_own_recordings_enter_the_lessons_block(tmp_path):
    from fastai.vision.all import (
        CategoryBlock,
        DataBlock,
        GrandparentSplitter,
        ImageBlock,
        Learner,
        PILImageBW,
        get_files,
        parent_label,
    )

    for i, said in enumerate(('left', 'right')):
        for j, voice in enumerate(('anna', 'bob', 'cleo')):
            folder = tmp_path / ('valid' if voice == 'cleo' else 'train') / said
            folder.mkdir(parents=True, exist_ok=True)
            sound = word(0.4 + 0.02 * j, hertz=200 + 100 * i)
            (folder / f'{voice}-1.wav').write_bytes(as_wav(sound, 44100))
    block = DataBlock(
        (ImageBlock(PILImageBW), CategoryBlock),
        get_items=lambda path: get_files(path, '.wav').sorted(),
        get_x=fs.spectrogram,
        get_y=parent_label,
        splitter=GrandparentSplitter(),
    )
    dls = block.dataloaders(tmp_path, bs=2, num_workers=0, device=torch.device('cpu'))
    assert list(dls.vocab) == ['left', 'right'] and len(dls.valid_ds) == 2
    assert dls.one_batch()[0].shape == (2, 1, fs.HIGH, fs.WIDE)
    learn = Learner(dls, fs.listening_net(2))
    with learn.no_bar():
        assert learn.predict(fs.spectrogram(fs.open_sound(as_wav(word()))))[0] in ('left', 'right')


def test_a_file_that_changed_gets_another_picture(tmp_path):
    own = tmp_path / 'word.wav'
    own.write_bytes(as_wav(word()))
    one = fs.spectrogram(own)
    assert fs.spectrogram(own) is one
    own.write_bytes(as_wav(word(hertz=900)))
    import os

    os.utime(own, ns=(1, 1))
    assert np.array(fs.spectrogram(own)).argmax(0)[50] != np.array(one).argmax(0)[50]
    with pytest.raises(CourseError, match='no such file'):
        fs.spectrogram(tmp_path / 'none.wav')


def test_the_microphone_is_empty_until_somebody_speaks():
    mic = fs.microphone()
    assert not mic.recorded and 'record' in repr(mic)
    with pytest.raises(CourseError, match='Nothing has been recorded'):
        mic.sound()
    assert 'text/html' in mic._repr_mimebundle_()[0]
    mic.widget.numbers = base64.b64encode((word() * 32767).astype('<i2').tobytes()).decode()
    assert mic.recorded and abs(mic.sound().seconds - 0.5) < 0.03
    mic.widget.numbers = base64.b64encode(bytes(64000)).decode()
    with pytest.raises(CourseError, match='Nothing can be heard'):
        mic.sound()


def test_a_sound_plays_in_a_notebook_and_tells_its_length():
    sound = fs.Sound(word())
    shown = sound._repr_mimebundle_()
    assert shown['text/plain'] == 'A sound of 0.7 seconds'
    held = base64.b64decode(shown['text/html'].split('base64,')[1].split('"')[0])
    rate, numbers = wavfile.read(io.BytesIO(held))
    assert rate == RATE and np.allclose(numbers / 32767, sound.numbers, atol=1e-4)


# --- pictures of sounds


def test_mel_bands_agree_with_the_formula_and_leave_no_gap():
    assert fs.mel_to_hertz(fs.hertz_to_mel(1234)) == pytest.approx(1234)
    assert fs.hertz_to_mel(1000) == pytest.approx(1000, abs=1)
    bands = fs.mel_bands()
    assert bands.shape == (fs.HIGH, 257) and np.allclose(bands.sum(1), 1)
    assert (bands[:, 3:-1].sum(0) > 0).all()


def test_a_spectrogram_agrees_with_torch():
    sound = fs.Sound(word() + 0.1 * word(hertz=2000))
    window = torch.tensor(np.hanning(512))
    padded = torch.tensor(np.pad(fs.one_second(sound.numbers), 256).astype(float))
    power = (
        torch.stft(padded, 512, 160, window=window, center=False, return_complex=True).abs() ** 2
    )
    mel = torch.tensor(fs.mel_bands()) @ power[:, : fs.WIDE]
    grey = 255 * (1 + 10 * torch.log10(mel / mel.max() + 1e-12) / fs.DECIBELS).clip(0, 1)
    ours = np.array(fs.spectrogram(sound))[::-1].astype(float)
    assert np.abs(ours - grey.numpy()).max() <= 1


def test_a_long_word_is_seen_where_it_is_loudest():
    quiet, loud = 0.1 * word(1.2), word(0.7)
    second = fs.one_second(np.concatenate([quiet, loud]))
    assert len(second) == RATE and np.abs(second).max() == np.abs(loud).max()
    assert len(fs.one_second(np.ones(10))) == RATE


def test_vary_changes_training_pictures_alone():
    from fastai.torch_core import TensorImageBW

    picture = TensorImageBW(torch.rand(6, 1, fs.HIGH, fs.WIDE))
    torch.manual_seed(0)
    one = fs.Vary()(picture, split_idx=0)
    two = fs.Vary()(picture, split_idx=0)
    assert type(one) is TensorImageBW and one.shape == picture.shape
    assert not torch.equal(one, two) and one.min() >= 0 and one.max() <= 1
    assert torch.equal(fs.Vary()(picture, split_idx=1), picture)
    torch.manual_seed(0)
    assert torch.equal(fs.Vary()(picture, split_idx=0), one)
    assert fs.listening_net(10)(torch.rand(2, 1, fs.HIGH, fs.WIDE)).shape == (2, 10)


# --- reading


def test_the_loss_agrees_with_adding_up_all_fillings():
    from itertools import product

    torch.manual_seed(0)
    scores = torch.randn(1, 4, 3)
    chances, total = scores.softmax(2)[0], 0
    for filling in product(range(3), repeat=4):
        if fs.said_in(''.join('_ab'[i] for i in filling)) == 'ab':
            total += torch.stack([chances[slot, i] for slot, i in enumerate(filling)]).prod()
    ours = fs.slots_loss(scores, torch.tensor([[1, 2, 0, 0]]))
    assert float(ours) == pytest.approx(float(-total.log()) / 2, rel=1e-4)  # for each phoneme


def test_slots_come_to_phonemes():
    assert fs.said_in('') == fs.said_in('___') == ''
    assert fs.said_in('_nn_I__tt') == 'nIt' and fs.said_in('s_s') == 'ss'
    for filled in ('nn_ˈI___t__', 's_ss_s', '_ab__b'):
        assert ''.join(fs.letter_by_letter(filled)) == fs.said_in(filled)


def test_padding_says_nothing_and_changes_nothing():
    torch.manual_seed(0)
    net = fs.ReadingNet(width=16, depth=2)
    read = fs.read_slots(net, ['knight', 'a', 'tenletters'])
    assert [len(slots) for slots in read] == [12, 2, 20]
    assert fs.read(net, ['knight'])[0] == fs.said_in(read[0])
    scores = net(fs.letters_to_numbers(['box']))
    assert scores.shape == (1, 20, len(fs.PHONEMES) + 1)
    assert (scores[0, 6:].argmax(1) == 0).all()


def test_edits_agree_with_trying_everything():
    from functools import cache

    @cache
    def far(a, b):
        if not a or not b:
            return len(a) + len(b)
        return min(far(a[1:], b) + 1, far(a, b[1:]) + 1, far(a[1:], b[1:]) + (a[0] != b[0]))

    rng = random.Random(0)
    for _ in range(200):
        a, b = (''.join(rng.choices('abc', k=rng.randrange(7))) for _ in range(2))
        assert fs.edits(a, b) == far(a, b)
    assert fs.phoneme_error(['nˈIt', 'bɑks'], ['nIt', 'bˈɑksɪz']) == 2 / 9


@pytest.mark.parametrize('odd', ['', '  ', 'två', 'two words', 'x' * 11, 'a1', "don't"])
def test_a_word_that_cannot_be_read_is_refused_in_words(odd):
    with pytest.raises(CourseError, match='letters a to z'):
        fs.check_word(odd)
    with pytest.raises(CourseError):
        fs.read(fs.ReadingNet(width=8, depth=1), [odd])


def test_capitals_are_read():
    assert fs.check_word(' Knight ') == 'knight'


@pytest.mark.parametrize(
    'text, told',
    [
        ('', 'nothing to read'),
        ('...!?', 'nothing to read'),
        ('a b ' * 100, '399 characters'),
        ('Доброе утро', 'not look like English'),
        ('おはよう', 'not look like English'),
    ],
)
def test_what_the_voice_cannot_read_is_refused_in_words(text, told):
    with pytest.raises(CourseError, match=told):
        fs.speak(text)


def test_the_voice_reads_sentences_numbers_and_phonemes():
    assert fs.speak('It is 7 o\'clock.').seconds > 0.8
    assert fs.sound_of('nˈIt').seconds > 0.2
    with pytest.raises(CourseError, match="'g'"):
        fs.sound_of('gAm')
    with pytest.raises(CourseError, match='nothing to say'):
        fs.sound_of('ˈ' * 0)
