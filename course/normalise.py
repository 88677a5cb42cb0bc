"""The normal form of a notebook: what is committed, and what two runs on one machine must agree on.

Counts run 1..n; metadata is fixed; ids are stable; no times, no addresses, no folders of one
machine; progress displays leave their final table; pictures carry pixels and nothing else, big ones
as JPEG; cells for Colab are taken out, because course/colab.py puts them into its copies. `python
-m course.normalise FILES` writes it, `--check` only looks. Putting a normal form into normal form
changes nothing.
"""

import argparse
import base64
import hashlib
import io
import os
import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import nbformat
from PIL import Image

from course.cells import tags
from course.common import SIZE_LIMIT, Complaint, notebooks, run, say, short

METADATA = {
    'kernelspec': {'display_name': 'Python 3 (ipykernel)', 'language': 'python', 'name': 'python3'},
    'language_info': {'name': 'python'},
}
PNG = b'\x89PNG\r\n\x1a\n'
# bytes from which on a PNG is kept as a JPEG: paintings are noisy, and a notebook is 1.5 MB at most
JPEG_FROM = 60_000
SAYS_NOTHING = {b'tEXt', b'iTXt', b'zTXt', b'tIME', b'eXIf'}  # PNG chunks that hold no pixel

# fastprogress (fastai's live display) shows a style sheet, then a display that ends as a table or
# as nothing.
STYLES = re.compile(r'\s*<style>.*progress.*</style>\s*', re.S)
TABLE = re.compile(r'<table class="fastprogress">.*?</table>', re.S)
BAR = re.compile(r'<progress\b')
EMPTY = re.compile(r'(\s|</?div>)*')
TQDM = re.compile(r'^.*\d+%\|.*\|.*\[.*\].*$')
WIDGET = 'application/vnd.jupyter.widget-view+json'


def normalise(nb):
    "A copy of `nb` in normal form."
    nb = nbformat.from_dict(nb)
    cells, ids, count = [], set(), 0
    kept = [cell for cell in nb.cells if 'colab' not in tags(cell)]
    code = [cell for cell in kept if cell.cell_type == 'code']
    counts = {str(cell.get('execution_count')): n for n, cell in enumerate(code, 1)}
    for cell in kept:
        new = nbformat.NotebookNode(
            cell_type=cell.cell_type,
            id=_cell_id(cell, ids),
            metadata=_cell_metadata(cell),
            source=cell.source.rstrip(),
        )
        if cell.get('attachments'):
            new.attachments = cell.attachments
        if cell.cell_type == 'code':
            count += 1
            new.execution_count = None if cell.get('execution_count') is None else count
            new.outputs = outputs(cell.get('outputs', []), new.execution_count, new.id, counts)
        cells.append(new)
    _cover(cells)
    return nbformat.NotebookNode(
        cells=cells, metadata=nbformat.from_dict(METADATA), nbformat=4, nbformat_minor=5
    )


def text(nb):
    """The notebook's file as it lies on the disk: sorted keys, an indent of one, a newline at the
    end."""
    return nbformat.writes(nb, version=4).rstrip('\n') + '\n'


def _cover(cells):
    """The picture at the top of a lesson (cell tagged `cover`) is what a later cell (tagged
    `cover-source`) shows."""
    tagged = lambda tag: [cell for cell in cells if tag in cell.metadata.get('tags', [])]
    data = [out.get('data', {}) for cell in tagged('cover-source') for out in cell.outputs]
    found = [
        held['image/jpeg'] if 'image/jpeg' in held else jpeg(held['image/png'])
        for held in data
        if held.keys() & {'image/jpeg', 'image/png'}
    ]
    if found:
        for cell in tagged('cover'):
            cell.attachments = nbformat.from_dict(
                {'cover.jpg': {'image/jpeg': found[0].replace('\n', '')}}
            )


def _cell_id(cell, taken):
    "The cell's own id; a missing, odd or repeated one is made anew from the source."
    name, n = cell.get('id') or '', 0
    while not re.fullmatch(r'[A-Za-z0-9_-]{1,64}', name) or name in taken:
        name = hashlib.sha256(
            f'{cell.cell_type}\n{cell.source.rstrip()}\n{n}'.encode()
        ).hexdigest()[:8]
        n = n + 1
    taken.add(name)
    return name


def _cell_metadata(cell):
    "Alternative text, slideshow and tags, nothing else; tags once each, in order."
    kept = {
        key: cell.metadata[key] for key in ('alt', 'slideshow', 'tags') if cell.metadata.get(key)
    }
    if 'tags' in kept:
        kept['tags'] = sorted(set(kept['tags']))
    return nbformat.from_dict(kept)


def outputs(outs, count=None, cell_id='', counts=None):
    """A cell's outputs in normal form: what is passing left out, streams of one name joined, the
    rest tidied. `counts` has the new number for each old one, which tracebacks speak of."""
    kept, streams = [], {}
    renumber = lambda m: f'In[{(counts or {}).get(m[1], m[1])}]'
    for out in outs:
        out = nbformat.from_dict(out)
        if out.output_type == 'stream':
            if out.name in streams:
                streams[out.name].text += out.text
            else:
                kept.append(
                    streams.setdefault(
                        out.name,
                        nbformat.NotebookNode(name=out.name, output_type='stream', text=out.text),
                    )
                )
        elif out.output_type == 'error':
            kept.append(
                nbformat.NotebookNode(
                    ename=out.ename,
                    evalue=tidy(out.evalue),
                    output_type='error',
                    traceback=[re.sub(r'In\[(\d+)\]', renumber, tidy(t)) for t in out.traceback],
                )
            )
        else:
            data = _data(out.get('data', {}))
            if not data:
                continue
            new = nbformat.NotebookNode(
                data=data, metadata=_output_metadata(out, data), output_type=out.output_type
            )
            if out.output_type == 'execute_result':
                new.execution_count = count
            kept.append(new)
    for stream in streams.values():
        stream.text = tidy(settle(stream.text))
    return _fix_ids([out for out in kept if out.get('text') != ''], cell_id)


def _data(data):
    """One display's data without passing progress, second copies of a picture, and widgets; empty
    when nothing stays."""
    data = dict(data)
    html = data.get('text/html')
    if html is not None:
        tables = TABLE.findall(html)
        if tables:
            rows = [row for table in tables for row in _rows(table)]
            return nbformat.from_dict(
                {'text/html': _html_table(rows), 'text/plain': _plain_table(rows)}
            )
        if EMPTY.fullmatch(html) or STYLES.fullmatch(html) or BAR.search(html):
            return {}
    # it lives as long as its kernel; what it gives those who cannot run it stays
    if WIDGET in data:
        if set(data) <= {WIDGET, 'text/plain'}:
            return {}
        data.pop(WIDGET)
    if 'image/png' in data:
        data.pop('image/jpeg', None)
        if jpeg := smaller(data['image/png']):
            data = {
                ('image/jpeg' if kind == 'image/png' else kind): value
                for kind, value in data.items()
            } | {'image/jpeg': jpeg}
    for kind, value in data.items():
        if kind == 'image/png':
            data[kind] = plain_png(value)
        elif isinstance(value, str) and not kind.startswith('image/'):
            data[kind] = tidy(value)
        elif kind == 'image/svg+xml':
            data[kind] = tidy(value)
    return nbformat.from_dict(data)


def _output_metadata(out, data):
    """Only what belongs to a kind of data that is still there (a picture's width and height), or to
    all of it."""
    return nbformat.from_dict(
        {
            key: value
            for key, value in out.get('metadata', {}).items()
            if '/' not in key or key in data
        }
    )


def _rows(table):
    "The texts of a fastprogress table, row by row, without the column that holds times."
    rows = [
        [''.join(cell.itertext()).strip() for cell in row if cell.tag in ('th', 'td')]
        for row in ElementTree.fromstring(table).iter('tr')
    ]
    times = [i for i, name in enumerate(rows[0]) if name == 'time'] if rows else []
    return [[value for i, value in enumerate(row) if i not in times] for row in rows]


def _html_table(rows):
    "A table with one row on each line, so that a change is one line of a diff."
    escape = lambda value: value.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')

    def line(row, tag):
        return '<tr>' + ''.join(f'<{tag}>{escape(value)}</{tag}>' for value in row) + '</tr>'

    return '\n'.join(
        [
            '<table class="fastprogress">',
            '<thead>',
            line(rows[0], 'th'),
            '</thead>',
            '<tbody>',
            *[line(row, 'td') for row in rows[1:]],
            '</tbody>',
            '</table>',
        ]
    )


def _plain_table(rows):
    "The same rows as plain text, in columns."
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(rows[0]))]
    return '\n'.join(
        '  '.join(value.rjust(width) for value, width in zip(row, widths)).rstrip() for row in rows
    )


def settle(stream):
    """What a terminal shows in the end: text overwritten after a carriage return is gone, and so
    are finished progress bars."""
    lines, bars = [], 0
    for line in stream.replace('\r\n', '\n').split('\n'):
        shown, redrawn = '', '\r' in line
        for part in line.split('\r'):
            shown = part + shown[len(part) :]
        if TQDM.match(shown):
            bars += 1
        else:
            lines.append(shown.rstrip() if redrawn else shown)
    left = '\n'.join(lines)
    return '' if bars and not left.strip() else left


def tidy(words):
    "Text without addresses in memory or folders of one machine."
    cache = os.environ.get('WHOLE_GAME_CACHE', '').rstrip('/')
    if len(cache) > 1:
        words = words.replace(cache, '…/whole_game')
    words = re.sub(r'\bat 0x[0-9a-fA-F]+', 'at 0x…', words)
    words = re.sub(r'(?:/[\w.@+-]+)+/(site-packages|python3\.\d+(?=/))', r'…/\1', words)
    words = re.sub(r'(?:/[\w.@+-]+)+/whole_game(?=[/\'"])', '…/whole_game', words)
    return re.sub(r'(?:/[\w.@+-]+)*/ipykernel_\d+/\d+\.py', '…/this cell', words)


def _fix_ids(outs, cell_id):
    """Twelve random letters as the id of a piece of HTML (jupyterquiz makes them) become a name
    made from the cell's id, one that JavaScript takes for a variable."""
    html = ' '.join(
        out.data['text/html']
        for out in outs
        if isinstance(out.get('data', {}).get('text/html'), str)
    )
    for n, found in enumerate(
        dict.fromkeys(re.findall(r'\bid="([A-Za-z]{12}|part-[\w-]+)"', html))
    ):
        for out in outs:
            for kind, value in out.get('data', {}).items():
                if kind in ('text/html', 'application/javascript') and isinstance(value, str):
                    out.data[kind] = value.replace(found, f'part_{cell_id}_{n}'.replace('-', '_'))
    return outs


def plain_png(encoded):
    "The same pixels, bit for bit, without the chunks that say which program wrote them and when."
    raw = base64.b64decode(encoded)
    if not raw.startswith(PNG):
        return encoded
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(raw):
        end = at + 12 + struct.unpack('>I', raw[at : at + 4])[0]
        if raw[at + 4 : at + 8] not in SAYS_NOTHING:
            kept.append(raw[at:end])
        at = end
    return base64.b64encode(b''.join(kept)).decode()


def smaller(encoded):
    "A big PNG as a JPEG, both in base64; nothing for a small one."
    raw = base64.b64decode(encoded)
    return jpeg(encoded) if len(raw) >= JPEG_FROM and raw.startswith(PNG) else ''


def jpeg(encoded):
    "A PNG as a JPEG on white, both in base64."
    held = io.BytesIO()
    picture = Image.open(io.BytesIO(base64.b64decode(encoded))).convert('RGBA')
    white = Image.new('RGBA', picture.size, 'white')
    Image.alpha_composite(white, picture).convert('RGB').save(
        held, 'JPEG', quality=85, optimize=True
    )
    return base64.b64encode(held.getvalue()).decode()


def too_big(nb, name):
    """A complaint that names the biggest cells, when the notebook's file would be over the limit;
    else nothing."""
    size = len(text(nb).encode())
    if size <= SIZE_LIMIT:
        return ''
    weights = sorted(
        (
            (len(str(cell.get('outputs', ''))) + len(cell.source), n)
            for n, cell in enumerate(nb.cells, 1)
        ),
        reverse=True,
    )
    biggest = ', '.join(f'cell {n} ({weight / 1e6:.2f} MB)' for weight, n in weights[:3])
    return (
        f'{name}: {size / 1e6:.2f} MB; {SIZE_LIMIT / 1e6} MB is the most a notebook may take. The'
        f' biggest: {biggest}.'
    )


def is_normal(path):
    "Whether the file is already its own normal form, byte for byte."
    return Path(path).read_bytes() == text(normalise(nbformat.read(str(path), 4))).encode()


def write(nb, path):
    "Write the notebook's normal form; refuses one that is too big."
    nb = normalise(nb)
    if complaint := too_big(nb, short(path)):
        raise Complaint(complaint)
    from whole_game import files  # here, so that a broken library can still be written anew

    files.write({path: text(nb)})
    return nb


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.normalise', description='Write notebooks in their normal form.'
    )
    parser.add_argument(
        'files', nargs='*', type=Path, help='notebooks (all of nbs/ when none is named)'
    )
    parser.add_argument(
        '--check', action='store_true', help='only say which are not in normal form'
    )
    args = parser.parse_args(argv)
    odd = [path for path in args.files or notebooks() if not is_normal(path)]
    for path in odd:
        if args.check:
            say(f'{short(path)}: not in normal form. Run: make lessons N={path.stem}')
        else:
            write(nbformat.read(str(path), 4), path)
            say(f'{short(path)}: put in normal form.')
    return 1 if args.check and odd else 0


if __name__ == '__main__':
    run(main)
