"""What a learner's copy would give away: lines of a solution, and names that only a solution
makes."""

import ast
import re

from course.cells import LEFT_OUT, exercises, parsed, tags
from course.learner import strip


def leaks(nb):
    """Lines of a solution that the learner's version holds where nothing taught them, and names
    that it uses and only a solution makes."""
    begin = len(nb.cells)
    for i, cell in enumerate(nb.cells):
        if cell.cell_type == 'markdown' and re.search(r'^## Exercises', cell.source, re.M):
            begin = i
            break
    taught = {
        line.strip()
        for cell in nb.cells[:begin]
        if cell.cell_type == 'code' and not LEFT_OUT & tags(cell)
        for line in cell.source.splitlines()
    }
    code = [cell for cell in nb.cells if cell.cell_type == 'code']
    stubs = {
        line.strip().removesuffix(' ...')
        for stub, _, _ in exercises(nb)
        for line in nb.cells[stub].source.splitlines()
    }
    secret = (
        {
            line.strip()
            for cell in code
            if 'solution' in tags(cell)
            for line in cell.source.splitlines()
        }
        - taught
        - stubs
    )
    secret = {line for line in secret if len(line) > 8 and not line.startswith('#')}
    copy = strip(nb)
    said = '\n'.join(cell.source for cell in copy.cells)
    found = [f'holds a line of a solution: {line}' for line in sorted(secret) if line in said]
    in_solutions = names_made_in([cell for cell in code if LEFT_OUT & tags(cell)])
    in_copy = names_made_in([cell for cell in copy.cells if cell.cell_type == 'code'])
    only = in_solutions - in_copy
    used = {
        node.id
        for cell in copy.cells
        if cell.cell_type == 'code'
        for node in ast.walk(parsed(cell))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    found += [f'uses {name}, which only a solution makes' for name in sorted(only & used)]
    return found + [
        f'uses {name} after its exercise, where a learner may have nothing yet'
        for name in names_needing_solution(nb)
    ]


def names_needing_solution(nb):
    """Names that a stub makes and that a later cell uses, other than in its check, without making
    them anew."""
    found = set()
    for stub, solution, _ in exercises(nb):
        open_names = set()
        for node in parsed(nb.cells[stub]).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                open_names.add(node.name)
            else:
                names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
                open_names |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
        for later in nb.cells[solution + 1 :]:
            if later.cell_type != 'code' or LEFT_OUT & tags(later):
                continue
            for node in parsed(later).body:
                if (
                    isinstance(node, ast.Expr)
                    and isinstance(node.value, ast.Call)
                    and getattr(node.value.func, 'id', '') == 'check'
                ):
                    continue
                found |= open_names & {
                    n.id
                    for n in ast.walk(node)
                    if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
                }
                open_names -= {name for n in ast.walk(node) for name in names_made(n)}
    return sorted(found)


def names_made_in(cells):
    "The names that the code of these cells gives to something."
    nodes = [node for cell in cells for node in ast.walk(parsed(cell))]
    return {name for node in nodes for name in names_made(node)}


def names_made(node):
    "The names that this piece of code gives to something."
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return {node.id}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {
            node.name,
            *([a.arg for a in node.args.args] if isinstance(node, ast.FunctionDef) else []),
        }
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split('.')[0] for alias in node.names}
    return {a.arg for a in node.args.args} if isinstance(node, ast.Lambda) else set()
