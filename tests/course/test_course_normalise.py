"The normal form: what it removes, what it keeps, and that it is a fixed point."

import base64
import io
import json
import os

import nbformat
import numpy as np
import pytest
from course_fixtures import lesson, picture, printed, put, result, runnable, shown
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image, PngImagePlugin

from course import normalise
from course.common import Complaint

TABLE = (
    '<div><table class="fastprogress"><thead>'
    '<tr><th>epoch</th><th>train_loss</th><th>accuracy</th><th>time</th></tr></thead>'
    '<tbody><tr><td>0</td><td>0.48</td><td>0.90</td><td>00:07</td></tr></tbody></table></div>'
)


def one(*outputs, source='1'):
    "The normal form of one cell's outputs."
    return (
        normalise.normalise(
            new_notebook(cells=[new_code_cell(source, outputs=list(outputs), execution_count=9)])
        )
        .cells[0]
        .outputs
    )


def test_counts_run_from_one_and_metadata_is_fixed():
    nb = new_notebook(
        cells=[
            new_code_cell('a', execution_count=7),
            new_markdown_cell('b'),
            new_code_cell('c', execution_count=3, outputs=[result('5', 3)]),
        ],
        metadata={
            'kernelspec': {'name': 'mine', 'display_name': 'x', 'language': 'python'},
            'widgets': {},
            'language_info': {'name': 'python', 'version': '3.11.7'},
        },
    )
    nb.cells[0].metadata = {
        'execution': {'iopub.status.busy': '2024-01-01'},
        'collapsed': True,
        'tags': ['b', 'a', 'b'],
    }
    done = normalise.normalise(nb)
    assert [cell.execution_count for cell in done.cells if cell.cell_type == 'code'] == [1, 2]
    assert done.cells[2].outputs[0].execution_count == 2
    assert done.metadata == normalise.METADATA and done.cells[0].metadata == {'tags': ['a', 'b']}


def test_cells_for_colab_go_and_tracebacks_speak_of_the_new_numbers():
    failed = new_output(
        'error', ename='E', evalue='no', traceback=['\x1b[32mIn[3]\x1b[39m, In[2], In[9], in[2]']
    )
    nb = new_notebook(
        cells=[
            new_markdown_cell('On Colab', metadata={'tags': ['colab']}),
            new_code_cell('%pip install it', execution_count=1, metadata={'tags': ['colab']}),
            new_code_cell('a', execution_count=2),
            new_code_cell('b', execution_count=3, outputs=[failed]),
        ]
    )
    done = normalise.normalise(nb)
    assert [(cell.source, cell.execution_count) for cell in done.cells] == [('a', 1), ('b', 2)]
    said = ['\x1b[32mIn[2]\x1b[39m, In[1], In[9], in[2]']
    assert done.cells[1].outputs[0].traceback == said
    assert normalise.text(normalise.normalise(done)) == normalise.text(done)


def test_a_cell_that_did_not_run_stays_so():
    assert (
        normalise.normalise(new_notebook(cells=[new_code_cell('a')])).cells[0].execution_count
        is None
    )


def test_ids_are_kept_and_made_from_the_source_when_missing_or_repeated():
    nb = new_notebook(cells=[new_code_cell('a'), new_code_cell('b'), new_code_cell('c')])
    for cell, name in zip(nb.cells, ('mine', 'mine', 'not allowed!')):
        cell['id'] = name
    first, second = normalise.normalise(nb), normalise.normalise(nb)
    ids = [cell.id for cell in first.cells]
    assert ids[0] == 'mine' and len(set(ids)) == 3 and ids == [cell.id for cell in second.cells]
    nbformat.validate(first)


def test_fastai_table_stays_without_its_time_column():
    (out,) = one(
        shown(
            text_html='\n<style>\n progress { appearance: none }\n</style>\n', text_plain='<HTML>'
        ),
        shown(text_html=TABLE, text_markdown='```html```', text_plain='x'),
        shown(text_html='', text_plain='<HTML>'),
        shown(text_html='<div></div>', text_plain=''),
    )
    assert 'time' not in out.data['text/html'] and '00:07' not in str(out.data)
    assert out.data['text/plain'].split() == [
        'epoch',
        'train_loss',
        'accuracy',
        '0',
        '0.48',
        '0.90',
    ]
    assert set(out.data) == {'text/html', 'text/plain'}


def test_a_bar_left_by_an_interrupt_and_widgets_go():
    assert (
        one(
            shown(
                text_html='<div><progress value="3" max="9"></progress> Interrupted</div>',
                text_plain='',
            )
        )
        == []
    )
    assert (
        one(
            new_output(
                'display_data', {normalise.WIDGET: {'model_id': 'f00'}, 'text/plain': '  0%'}
            )
        )
        == []
    )


def test_a_widget_leaves_what_it_says_without_a_kernel():
    shows = lambda model: new_output(
        'display_data',
        {
            normalise.WIDGET: {'model_id': model},
            'text/html': '<p>a sheet</p>',
            'text/plain': 'a sheet',
        },
        metadata={normalise.WIDGET: {'colab': model}},
    )
    first, second = one(shows('f00')), one(shows('ba5'))
    assert (
        first == second
        and first[0].data == {'text/html': '<p>a sheet</p>', 'text/plain': 'a sheet'}
        and first[0].metadata == {}
    )


def test_other_html_is_not_mistaken_for_progress():
    html = '<table><tr><td>time</td></tr></table>'
    assert one(shown(text_html=html))[0].data['text/html'] == html


def test_streams_are_joined_and_overwritten_text_is_gone():
    out = one(printed('a\n'), printed('12345\rab\n'), result('x'), printed('\rz\n'))
    assert out[0].text == 'a\nab345\nz\n' and out[1].data['text/plain'] == 'x' and len(out) == 2


def test_finished_tqdm_bars_go():
    assert (
        one(
            printed(
                '\r  0%|          | 0/3 [00:00<?, ?it/s]\r100%|███| 3/3 [00:00<00:00, 9.2it/s]\n',
                'stderr',
            )
        )
        == []
    )
    assert (
        one(printed('before\n100%|███| 3/3 [00:00<00:00, 9.2it/s]\nafter\n'))[0].text
        == 'before\nafter\n'
    )


@pytest.mark.parametrize(
    'raw, tidied',
    [
        ('<object at 0x7fac85dcc860>', '<object at 0x…>'),
        (
            "PosixPath('/home/ann/.cache/whole_game/paintings')",
            "PosixPath('…/whole_game/paintings')",
        ),
        (
            'File /opt/x/lib/python3.11/site-packages/torch/nn.py:3',
            'File …/site-packages/torch/nn.py:3',
        ),
        ('/tmp/ipykernel_123/456.py:1: UserWarning', '…/this cell:1: UserWarning'),
        ('at 0x is fine, 3/4 too', 'at 0x is fine, 3/4 too'),
    ],
)
def test_addresses_and_folders(raw, tidied):
    assert one(result(raw))[0].data['text/plain'] == tidied


def test_a_cache_somewhere_else(monkeypatch):
    monkeypatch.setenv('WHOLE_GAME_CACHE', '/mnt/room')
    assert (
        one(result("PosixPath('/mnt/room/paintings')"))[0].data['text/plain']
        == "PosixPath('…/whole_game/paintings')"
    )


def test_random_ids_become_stable():
    html = lambda name: [
        shown(text_html=f'<div id="{name}"></div>'),
        shown(application_javascript=f'show("{name}")'),
    ]
    first, second = (
        normalise.outputs(html(name), 1, 'ce-ll') for name in ('PLNQKbWOoSeC', 'part-ce-ll-0')
    )
    assert (
        first == second == normalise.outputs(first, 1, 'ce-ll')
        and 'part_ce_ll_0' in first[1].data['application/javascript']
    )


def test_png_loses_its_words_and_no_pixel():
    pixels = Image.effect_noise((16, 16), 50).convert('RGB')
    about, held = PngImagePlugin.PngInfo(), io.BytesIO()
    about.add_text('Software', 'Matplotlib version 1.2.3')
    about.add_itxt('Creation Time', 'today')
    pixels.save(held, 'png', pnginfo=about, dpi=(100, 100))
    data = one(
        new_output(
            'display_data',
            {'image/png': base64.b64encode(held.getvalue()).decode(), 'image/jpeg': 'AAAA'},
        )
    )[0].data
    raw = base64.b64decode(data['image/png'])
    again = Image.open(io.BytesIO(raw))
    assert again.tobytes() == pixels.tobytes() and b'Matplotlib' not in raw and b'today' not in raw
    assert again.info['dpi'] == pytest.approx((100, 100), abs=0.1)
    assert 'image/jpeg' not in data


def test_a_fixed_point_on_the_disk(tmp_path):
    nb = lesson()
    nb.cells[4].outputs += [
        shown(text_html=TABLE),
        printed('a\rb\n'),
        result('<x at 0xabcdef12>'),
        new_output('error', ename='E', evalue='at 0x12ab', traceback=['\x1b[31mE\x1b[0m']),
    ]
    path = put(nb, tmp_path / 'a.ipynb')
    assert not normalise.is_normal(path)
    normalise.write(nbformat.read(path, 4), path)
    once = path.read_bytes()
    normalise.write(nbformat.read(path, 4), path)
    assert path.read_bytes() == once and normalise.is_normal(path)
    assert once.endswith(b'}\n') and json.loads(once)
    nbformat.validate(nbformat.read(path, 4))


def test_check_says_which_and_writes_nothing(tmp_path, capsys):
    path = put(lesson(), tmp_path / 'a.ipynb')
    before = path.read_bytes()
    assert (
        normalise.main(['--check', str(path)]) == 1
        and 'not in normal form' in capsys.readouterr().out
    )
    assert path.read_bytes() == before
    assert normalise.main([str(path)]) == 0 and normalise.main(['--check', str(path)]) == 0


def test_too_big_names_the_biggest_cell(tmp_path):
    noise = base64.b64encode(os.urandom(1_300_000)).decode()
    nb = new_notebook(
        cells=[
            new_code_cell('small'),
            new_code_cell('big', execution_count=1, outputs=[shown(image_png=noise)]),
        ]
    )
    with pytest.raises(Complaint, match=r'The biggest: cell 2 \(1\.73 MB\)'):
        normalise.write(nb, tmp_path / 'a.ipynb')
    assert not (tmp_path / 'a.ipynb').exists()


def test_prose_pictures_are_kept():
    nb = new_notebook(
        cells=[
            new_markdown_cell(
                '![x](attachment:x.png)', attachments={'x.png': {'image/png': picture()}}
            )
        ]
    )
    assert normalise.normalise(nb).cells[0].attachments


def painted(side):
    "A PNG of noise, which no PNG can make small."
    held = io.BytesIO()
    Image.fromarray(
        np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    ).save(held, 'png')
    return base64.b64encode(held.getvalue()).decode()


def test_a_big_picture_becomes_a_jpeg_and_a_small_one_stays():
    nb = runnable(('big()', 'small()'))
    for cell, side in zip((c for c in nb.cells if c.cell_type == 'code'), (300, 20)):
        cell.execution_count, cell.outputs = 1, [shown(image_png=painted(side))]
    big, small = (c.outputs[0].data for c in normalise.normalise(nb).cells if c.cell_type == 'code')
    assert set(big) == {'image/jpeg'} and set(small) == {'image/png'}
    assert Image.open(io.BytesIO(base64.b64decode(big['image/jpeg']))).size == (300, 300)
    assert normalise.text(normalise.normalise(normalise.normalise(nb))) == normalise.text(
        normalise.normalise(nb)
    )


def test_the_cover_is_what_a_later_cell_shows():
    nb = runnable(('big()',))
    nb.cells[0].metadata['tags'] = ['cover']
    code = nb.cells[-1]
    code.metadata['tags'], code.execution_count = ['cover-source'], 1
    code.outputs = [shown(image_png=painted(300))]
    done = normalise.normalise(nb)
    assert (
        done.cells[0].attachments['cover.jpg']['image/jpeg']
        == done.cells[-1].outputs[0].data['image/jpeg']
    )


def test_a_small_picture_is_a_cover_too():
    nb = runnable(('small()',))
    nb.cells[0].metadata['tags'] = ['cover']
    nb.cells[-1].metadata['tags'] = ['cover-source']
    nb.cells[-1].outputs = [shown(image_png=painted(20))]
    done = normalise.normalise(nb)
    assert 'image/png' in done.cells[-1].outputs[0].data  # small enough to stay as it is
    assert (
        Image.open(
            io.BytesIO(base64.b64decode(done.cells[0].attachments['cover.jpg']['image/jpeg']))
        ).format
        == 'JPEG'
    )
