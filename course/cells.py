"""A notebook's cells, as every tool here sees them: their tags, their code, their pictures, and
which of them make up an exercise."""

import ast
import re

LEFT_OUT = {'solution', 'instructor'}  # cells that no learner's copy has
EXEMPT = 'nbval-ignore-output'


def tags(cell):
    return set(cell.metadata.get('tags', []))


def is_exempt(cell):
    "Whether nbval is told not to compare the cell's output (by a tag, or by a comment)."
    comment = r'^\s*#\s*(NBVAL|PYTEST_VALIDATE)_IGNORE_OUTPUT'
    return EXEMPT in tags(cell) or bool(re.search(comment, cell.source, re.M))


def parsed(cell):
    "The cell's syntax tree, magics left out; an empty one when it does not parse."
    lines = cell.source.splitlines()
    try:
        return ast.parse(
            '\n'.join('pass' if re.match(r'\s*[%!]', line) else line for line in lines)
        )
    except SyntaxError:
        return ast.parse('')


def pictures(cell):
    "The pictures (PNG or JPEG) among a cell's outputs, as base64, also those inside HTML."
    found = []
    for out in cell.get('outputs', []):
        data = out.get('data', {})
        kind = next((kind for kind in ('image/png', 'image/jpeg') if kind in data), None)
        if kind:
            found.append(data[kind])
        elif isinstance(data.get('text/html'), str):
            inside = r'data:image/(?:png|jpeg);base64,([A-Za-z0-9+/=\s]+)'
            found += re.findall(inside, data['text/html'])
    return found


def shows_picture(cell):
    "Whether an output of the cell is a picture of its own, of any kind."
    data = [out.get('data', {}) for out in cell.get('outputs', [])]
    return any(kind.startswith('image/') for kinds in data for kind in kinds)


def alt_text(cell):
    "What the cell's picture shows, for a reader who cannot see it: a field of its own, `alt`."
    return cell.metadata.get('alt', '')


def text_of(out):
    "Every text a person can read in an output."
    if out.output_type == 'stream':
        return out.text
    if out.output_type == 'error':
        return '\n'.join([out.evalue, *out.traceback])
    return '\n'.join(
        value
        for kind, value in out.data.items()
        if kind.startswith('text/') and isinstance(value, str)
    )


def exercises(nb):
    """The exercises of a lesson that have a solution: for each the positions of its stub, of the
    solution's first cell, and of its `check('NAME', answer)`, or None."""
    code = [i for i, cell in enumerate(nb.cells) if cell.cell_type == 'code']
    for stub, i in zip(code, code[1:]):
        if 'solution' not in tags(nb.cells[i]) or LEFT_OUT & tags(nb.cells[stub]):
            continue
        after = next((k for k in code if k > i and not LEFT_OUT & tags(nb.cells[k])), None)
        checked = after and re.search(r"^check\('", nb.cells[after].source, re.M)
        yield stub, i, after if checked else None
