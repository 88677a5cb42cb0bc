"""What is shown of a project, in a real browser: the page of a notebook, opened from the disk, and
the app of a folder that was given away, started in a clean place with the network denied."""

import os
import re
import shutil
import signal
import subprocess
import sys

import nbformat
import pytest
import torch
from browser import page as browser_page
from fastai.vision.all import create_vision_model
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from safetensors.torch import save_file
from test_app import ask, visiting
from test_page import picture
from test_portfolio_browser import WIDER, complaints

from course.offline import prepare
from whole_game import modelcard, page, projects
from whole_game.backbone import lite0
from whole_game.share import PACKAGES, modules, share

TABLE = '<table border="1"><thead><tr><th></th><th>n</th></tr></thead><tbody><tr><th>a</th>'
TABLE += '<td>3</td></tr></tbody></table>'


@pytest.fixture
def made(tmp_path):
    "A page with everything that a page can have."
    own = projects.new_project(tmp_path / 'my_mugs')
    (own / 'model').mkdir()
    labels = ['mug'] * 12
    groups = {'a kitchen with a rather long name': (7, 12)}
    modelcard.measured(labels, labels, [0.9] * 12, path=own / 'model' / 'my_mugs', groups=groups)
    outputs = [
        new_output('stream', text='a line that is longer than a telephone is wide ' * 4),
        new_output('display_data', {'image/png': picture(300)}),
        new_output('execute_result', {'text/html': TABLE, 'text/plain': 'n'}, execution_count=1),
    ]
    code = new_code_cell('#| alt: A red mug\ndraw()', execution_count=1, outputs=outputs)
    text = (
        '# Mug or glass?\n\nAre they?\n\n#### Deep\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n> quoted\n\n'
    )
    cells = [new_markdown_cell(text + '```\ncode\n```\n\n[a link](https://x.example)'), code]
    nbformat.write(new_notebook(cells=cells), own / 'your_game.ipynb')
    return page.page(own, code=True).path


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_a_page_opened_from_the_disk(made, scheme):
    with browser_page() as p:
        p.emulate_media(color_scheme=scheme)
        p.goto(made.as_uri())
        p.locator('summary').click()
        assert p.away == [] and p.errors == [] and complaints(p) == []
        assert p.locator('script, link, iframe').count() == 0
        shown = p.get_by_role('img', name='A red mug')
        assert shown.evaluate('e => e.naturalWidth') == 300
        assert p.get_by_text('7 of 12').is_visible() and p.get_by_text('draw()').is_visible()
        p.set_viewport_size({'width': 360, 'height': 700})
        assert not p.evaluate(WIDER), 'wider than a telephone'


def test_a_page_cannot_ask_for_anything(made):
    text = made.read_text('utf-8')
    made.write_text(text.replace('</main>', '<img src="https://x.example/a.png"></main>'), 'utf-8')
    with browser_page() as p:
        p.goto(made.as_uri())
        assert 'Content Security Policy' in ' '.join(p.errors)
        assert 'image-alt' in {name for name, _ in complaints(p)}, (
            'axe sees a picture without words'
        )


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    "A folder to give away, with an untrained model."
    aside = tmp_path_factory.mktemp('mine')
    torch.manual_seed(0)
    state = create_vision_model(lite0, 2, pretrained=False).state_dict()
    save_file({k: v.contiguous() for k, v in state.items()}, aside / 'mugs.safetensors')
    meaning = '{"architecture": "lite0", "size": 64, "categories": ["mug", "glass"]}'
    (aside / 'mugs.json').write_text(meaning)
    labels = ['mug', 'glass'] * 6
    modelcard.measured(labels, labels, [0.5, 0.7, 0.9, 0.97] * 3, path=aside / 'mugs')
    made = share(aside / 'mugs', aside / 'app', 'Mug or "glass"?').path
    away = tmp_path_factory.mktemp('friend') / 'downloaded'
    shutil.move(made, away)
    shutil.rmtree(aside)
    return away


def test_a_friend_starts_the_folder(folder, tmp_path):
    "Nothing of the repository is on the path, and nothing outside this machine can be reached."
    env = {k: v for k, v in os.environ.items() if k not in ('PYTHONPATH', 'WHOLE_GAME_RECORD')}
    env |= {'GRADIO_TEMP_DIR': str(tmp_path / 'dropped'), 'WHOLE_GAME_DEVICE': 'cpu'}
    command, env, _ = prepare([sys.executable, str(folder / 'app.py')], env, guard=True)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=tmp_path)
    try:
        first = process.stdout.readline()
        assert first.startswith('Open http://127.0.0.1:'), first + process.stdout.read()
        Image.new('RGB', (64, 64), 'red').save(tmp_path / 'red.png')
        with visiting(re.search(r'http\S+', first)[0]) as tab:
            assert tab.get_by_role('heading', name='Mug or "glass"?').is_visible()
            said = ask(tab, tmp_path / 'red.png').inner_text()
            assert 'mug' in said and 'glass' in said
            assert 'of 3 answers about this sure 3 were right' in said
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def test_it_uses_its_own_modules_and_names_all_packages(folder):
    code = 'import whole_game.app as a, pathlib; print(pathlib.Path(a.__file__).parent)'
    env = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}
    done = subprocess.run(
        [sys.executable, '-c', code], cwd=folder, env=env, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(folder / 'whole_game'), done.stderr
    standard = sys.stdlib_module_names | {'whole_game'}
    names = {{'PIL': 'pillow'}.get(name, name) for name in modules()[1] - standard}
    assert names <= set(PACKAGES), 'a package that requirements.txt does not name'
