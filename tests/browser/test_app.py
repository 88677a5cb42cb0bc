"""The app in a real headless browser: upload, click, read the answer; kind words for what is no
picture; nothing leaves the machine.

The app runs in a process of its own, started as `whole-game app` starts it, on a small model
trained in seconds.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import numpy as np
import pytest
import skimage.data
import torch
from browser import page
from fastai.vision.all import ImageDataLoaders, vision_learner
from PIL import Image

from whole_game.app import Answer, _launch, _page, answer, app, serve
from whole_game.backbone import lite0
from whole_game.errors import CourseError
from whole_game.modelcard import measured
from whole_game.saving import load, save
from whole_game.strangers import Strangers, features_and_probs, load_strangers

STRANGE = 'I have never seen such a thing.'
NAMES = ['dots', 'long_stripes', 'plain<b>']  # names that a page could stumble over


def picture(kind, seed):
    rng = np.random.default_rng(seed)
    a = np.broadcast_to(rng.integers(0, 256, 3), (128, 128, 3)).copy()
    if kind == 'dots':
        a = rng.integers(0, 256, (128, 128, 3))
    if kind == 'long_stripes':
        a[::8], a[1::8] = 255 - a[0, 0], 255 - a[0, 0]
    return Image.fromarray(a.astype(np.uint8))


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    """A small real model, trained in seconds on dots, stripes and plain colours, saved with its
    strangers and its measurements."""
    folder = tmp_path_factory.mktemp('app')
    for part, seeds in (('train', range(12)), ('valid', range(100, 104))):
        for i, kind in enumerate(NAMES):
            (folder / part / f'{i}').mkdir(parents=True)
            for seed in seeds:
                picture(kind, seed).save(folder / part / f'{i}' / f'{seed}.png')
    dls = ImageDataLoaders.from_folder(folder, train='train', valid='valid', bs=12, seed=0)
    torch.manual_seed(0)
    learn = vision_learner(dls, lite0)
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(6)
    save(learn, folder / 'shapes')
    meaning = json.loads((folder / 'shapes.json').read_text())
    (folder / 'shapes.json').write_text(json.dumps(meaning | {'categories': NAMES}))
    classifier = load(folder / 'shapes')
    features, _ = features_and_probs(
        classifier, [picture(kind, seed) for kind in NAMES for seed in range(12)]
    )
    strangers = Strangers.fit(features, [kind for kind in NAMES for _ in range(12)], NAMES)
    strangers.threshold = 1.1 * float(strangers.strangeness(features).max())
    strangers.save(folder / 'shapes')
    answers = [
        classifier.predict(picture(kind, seed)) for kind in NAMES for seed in range(100, 104)
    ]
    measured(
        [kind for kind in NAMES for _ in range(4)],
        [a[0] for a in answers],
        [float(a[2].max()) for a in answers],
        path=folder / 'shapes',
    )
    return folder / 'shapes'


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """What people drop: a picture of a known kind, a stranger, a text in disguise, a cut file, a
    sideways photograph."""
    folder = tmp_path_factory.mktemp('dropped')
    picture('dots', 7).save(folder / 'dots.png')
    Image.fromarray(skimage.data.chelsea()).save(folder / 'cat.jpg')
    (folder / 'letter.jpg').write_text('Dear reader, this is a letter and no picture.')
    (folder / 'cut.jpg').write_bytes((folder / 'cat.jpg').read_bytes()[:3000])
    exif = Image.Exif()
    exif[274] = 6
    picture('long_stripes', 3).rotate(90).save(folder / 'sideways.jpg', exif=exif, quality=95)
    return {file.stem: file for file in folder.iterdir()}


# --- the answer, without a page


def test_the_three_kinds_of_answers(model):
    classifier, strangers = load(model), load_strangers(model)
    sure = answer(picture('dots', 7), classifier, strangers)
    assert (sure.kind, sure.words, sure.top[0][0]) == (
        'sure',
        'I think it is: dots',
        'dots',
    ) and len(sure.top) == 3
    assert sum(p for _, p in sure.top) == pytest.approx(1, abs=1e-4)
    strange = answer(skimage.data.chelsea(), classifier, strangers)
    assert (strange.kind, strange.words, strange.top) == ('stranger', STRANGE, []) and any(
        name.replace('_', ' ') in strange.why for name in NAMES
    )
    assert answer(skimage.data.chelsea(), classifier).kind != 'stranger', (
        'without a detector nothing is strange'
    )
    with torch.no_grad():
        for p in classifier.model[1][-1].parameters():
            p.zero_()  # a model that cannot decide
    assert (
        answer(picture('dots', 7), classifier).kind == 'unsure'
        and 'not sure' in answer(picture('dots', 7), classifier).words
    )


def test_it_says_how_often_such_answers_were_right(model):
    classifier = load(model)
    measures = {
        'reliability': [
            {'low': 0, 'high': 0.5, 'n': 3, 'right': 1},
            {'low': 0.5, 'high': 1, 'n': 40, 'right': 37},
        ]
    }
    assert (
        'of 40 answers about this sure 37 were right'
        in answer(picture('dots', 7), classifier, measured=measures).why
    )
    assert answer(picture('dots', 7), classifier).why == ''


def test_names_and_reasons_are_made_harmless():
    page = _page(Answer('sure', 'I think it is: <script>x</script>', '<b>', [('<img src=x>', 0.5)]))
    assert '<script>' not in page and '<img' not in page and '&lt;script&gt;' in page


def test_a_sideways_photograph_is_turned_upright(model, files):
    upright = answer(picture('long_stripes', 3), load(model)).top[0]
    turned = answer(files['sideways'], load(model)).top[0]
    assert turned[0] == upright[0] == 'long stripes' and turned[1] == pytest.approx(
        upright[1], abs=0.1
    )


# --- faults that are foreseen


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(CourseError, match='There is no file mine'):
        app(tmp_path / 'mine')


def test_a_port_in_use(model):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        with pytest.raises(CourseError, match='Port .* cannot be used'):
            _launch(app(model), '127.0.0.1', taken.getsockname()[1])


def test_gradio_is_not_installed(model, monkeypatch):
    monkeypatch.setitem(sys.modules, 'gradio', None)
    with pytest.raises(CourseError, match='gradio') as e:
        app(model)
    assert 'not installed' in e.value.why


def test_gradio_is_installed_and_does_not_load(model, monkeypatch, tmp_path):
    (tmp_path / 'gradio').mkdir()
    (tmp_path / 'gradio' / '__init__.py').write_text('raise ImportError("half of it is missing")')
    monkeypatch.delitem(sys.modules, 'gradio', raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CourseError, match='does not load') as e:
        app(model)
    assert 'half of it is missing' in e.value.why and 'not installed' not in e.value.why


# --- the page


@contextlib.contextmanager
def visiting(url, width=1280, scheme='light'):
    """The app in a fresh browser; at the end nothing may have left the machine, and the browser may
    not have complained."""
    with page(width=width, height=800) as tab:
        tab.emulate_media(color_scheme=scheme)
        tab.goto(url)
        tab.get_by_role('button', name='Ask', exact=True).wait_for()
        yield tab
        assert tab.away == [] and tab.errors == []


@contextlib.contextmanager
def started(model, dropped, **env):
    """The app, started as `whole-game app` starts it: in a process of its own, with its own folder
    for what is dropped."""
    code = f'from whole_game.app import serve; serve({str(model)!r})'
    process = subprocess.Popen(
        [sys.executable, '-c', code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, 'GRADIO_TEMP_DIR': str(dropped), 'WHOLE_GAME_DEVICE': 'cpu', **env},
    )
    first = process.stdout.readline()
    assert first.startswith('Open http://127.0.0.1:'), first + process.stdout.read()
    process.url, process.dropped = re.search(r'http\S+', first)[0], dropped
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.wait(30)


@pytest.fixture(scope='module')
def running(model):
    with started(model, model.parent / 'dropped') as process:
        yield process


def ask(tab, file):
    "Upload, click, wait, read: what a person does."
    tab.set_input_files('input[type=file]', str(file))
    tab.wait_for_selector('img[alt="The picture you chose"]', state='attached')
    assert tab.locator('.wg-words').count() == 0, 'no old answer beside a new picture'
    tab.get_by_role('button', name='Ask', exact=True).click()
    tab.wait_for_selector('.wg-words')
    return tab.locator('#answer')


def remove(tab):
    "Take the picture out of the field; the answer has to go with it."
    tab.get_by_label('Clear').or_(tab.get_by_label('Remove Image')).first.click()
    tab.wait_for_selector('.wg-waiting')


@pytest.mark.parametrize(
    'name,words',
    [
        ('dots', 'I think it is: dots'),
        ('cat', STRANGE),
        ('letter', 'I cannot open this picture.'),
        ('cut', 'I cannot open this picture.'),
    ],
)
def test_upload_click_read(running, files, name, words):
    with visiting(running.url) as tab:
        answered = ask(tab, files[name])
        assert words in answered.inner_text()
        assert answered.locator('li').count() == (3 if name == 'dots' else 0)
        if name == 'dots':
            assert 'were right' in answered.inner_text() and 'plain<b>' in answered.inner_text()
        if name == 'letter':
            assert 'It is a text' in answered.inner_text()
        assert 'Traceback' not in tab.content() and 'Error' not in answered.inner_text()


def test_a_socks_proxy_does_not_stop_it(model, files, tmp_path):
    proxies = dict.fromkeys(('ALL_PROXY', 'HTTPS_PROXY', 'http_proxy'), 'socks5://127.0.0.1:9')
    with started(model, tmp_path, **proxies) as process, visiting(process.url) as tab:
        assert 'I think it is' in ask(tab, files['dots']).inner_text()


def test_another_picture_takes_the_old_answer_away(running, files):
    with visiting(running.url) as tab:
        ask(tab, files['dots'])
        remove(tab)
        assert STRANGE in ask(tab, files['cat']).inner_text()


def test_asking_without_a_picture(running):
    with visiting(running.url) as tab:
        tab.get_by_role('button', name='Ask', exact=True).click()
        tab.wait_for_selector('.wg-words')
        assert 'There is no picture yet.' in tab.locator('.wg-words').inner_text()


@pytest.mark.parametrize('width', [390, 1280])
@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_it_can_be_read(running, files, width, scheme):
    """Nothing sticks out at the side, the answer is announced, and words stand out from what is
    behind them (WCAG: 4.5 to 1)."""
    with visiting(running.url, width, scheme) as tab:
        for name in ('dots', 'cat', 'letter'):
            ask(tab, files[name])
            assert tab.evaluate('document.documentElement.scrollWidth') <= width
            for part in ('.wg-words', '.wg-why', '.wg-head p', '.wg-foot p'):
                for text in tab.locator(part).all():
                    ink, paper = text.evaluate(
                        """e => {
                        const ink = getComputedStyle(e).color
                        const paper = e => getComputedStyle(e).backgroundColor
                        const clear = /rgba\\(.*, 0\\)|transparent/
                        while (e && clear.test(paper(e))) e = e.parentElement
                        return [ink, e ? paper(e) : 'rgb(255, 255, 255)'] }"""
                    )
                    assert contrast(ink, paper) >= 4.5, (part, ink, paper)
            remove(tab)
        assert tab.locator('[role=status] .wg-waiting').count() == 1 and tab.locator(
            'html'
        ).get_attribute('lang')


def contrast(*colours):
    "The contrast of two CSS colours by the formula of WCAG 2."

    def light(colour):
        values = [float(v) for v in re.findall(r'[\d.]+', colour)[:3]]
        parts = [(v if colour.startswith('color(') else v / 255) for v in values]
        r, g, b = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted(map(light, colours))
    return (high + 0.05) / (low + 0.05)


def test_it_is_on_this_machine_only(running):
    "Loopback answers; every other address of this machine refuses."
    port = urlsplit(running.url).port
    socket.create_connection(('127.0.0.1', port), 5).close()
    others = (
        {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        - {'127.0.0.1'}
        if socket.gethostname()
        else set()
    )
    for address in others:
        if address.startswith('127.'):
            continue
        with pytest.raises(OSError):
            socket.create_connection((address, port), 5)


def test_it_keeps_no_history_and_no_statistics(running):
    import urllib.error
    import urllib.request

    config = json.loads(urllib.request.urlopen(running.url + 'config').read())
    assert (
        config.get('analytics_enabled') is False
        and not config.get('footer_links')
        and not config.get('is_space')
    )
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(running.url + 'monitoring/summary')


def test_it_opens_only_what_was_uploaded(running, files):
    "Somebody who names a file of this machine instead of uploading one gets nothing."
    import urllib.request

    def call(path):
        body = json.dumps(
            {'data': [{'path': str(path), 'meta': {'_type': 'gradio.FileData'}}]}
        ).encode()
        request = urllib.request.Request(
            running.url + 'gradio_api/call/ask', body, {'Content-Type': 'application/json'}
        )
        event = json.loads(urllib.request.urlopen(request).read())['event_id']
        return urllib.request.urlopen(f'{running.url}gradio_api/call/ask/{event}').read().decode()

    assert 'event: error' in call(files['dots']) and 'I think' not in call(files['dots'])


def test_when_it_ends_the_pictures_are_deleted(running, files):
    with visiting(running.url) as tab:
        ask(tab, files['dots'])
    kept = lambda: [f for f in running.dropped.rglob('*') if f.is_file()]
    assert kept(), 'what is dropped lies there while the app runs'
    running.send_signal(signal.SIGINT)
    said = running.stdout.read()
    assert running.wait(30) == 0 and 'The app has ended' in said
    # a file that was not uploaded is refused; nothing else went wrong
    assert said.count('Traceback') == said.count('exceptions.InvalidPathError'), said
    assert not kept()


def test_letting_others_in_is_said_aloud(model, monkeypatch, capsys):
    class Running:
        local_url = 'http://localhost:7860/'

        class server:
            class thread:
                is_alive = staticmethod(lambda: False)

        def close(self, verbose):
            pass

    monkeypatch.setattr('whole_game.app._launch', lambda *args: Running())
    serve(model)
    assert 'network' not in capsys.readouterr().out
    serve(model, host='0.0.0.0')
    assert 'Everybody in your network' in capsys.readouterr().out


def test_serve_tells_of_a_fault_before_it_starts(tmp_path):
    with pytest.raises(CourseError, match='There is no file'):
        serve(tmp_path / 'nothing')
