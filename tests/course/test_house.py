"""The house: Python without mistakes, hooks, workflows, the lock file, a package that imports at
once and archives that hold what they should."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections import Counter
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course import check
from course.common import ROOT, lessons, settings
from course.newest import LOCK, locked

WORKFLOWS = sorted((ROOT / '.github' / 'workflows').glob('*.yml'))
PROJECT = tomllib.loads((ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project']


def test_no_lesson_may_plan_for_more_than_two_minutes_of_computing():
    known = {path.stem: settings()[path.stem] for path in lessons()}
    walls = {stem: of['wall'] for stem, of in known.items() if of['part'] != 'Fields'}
    assert len(walls) >= 15 and max(walls.values()) <= 120, walls
    # nobody plays all stations of a field in one go
    fields = {stem: of['seconds'] for stem, of in known.items() if of['part'] == 'Fields'}
    assert max(fields.values(), default=0) <= 200, fields


def call(*command, **kw):
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        cwd=kw.pop('cwd', ROOT),
        **kw,
    )


# --- Python


def test_ruff_finds_no_mistakes():
    assert check.layout() == []


def test_no_tool_is_longer_than_400_lines():
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding='utf-8').splitlines())
        for path in (ROOT / 'course').rglob('*.py')
    }
    assert {name for name, lines in sizes.items() if lines > 400} == {'course/kit.py'}
    said = (ROOT / 'course' / 'kit.py').read_text(encoding='utf-8').split('"""')[1]
    assert 'longer than 400 lines' in said


# --- no test goes missing

FOLDERS = {'library': 450, 'course': 200, 'browser': 80, 'lessons': 15}
# Collects as pytest does, but for the import of the modules, which takes half a minute.
NAMES = """
import ast
import pytest

class Test(pytest.Item):
    def runtest(self): pass

class Names(pytest.File):
    def collect(self):
        for node in ast.walk(ast.parse(self.path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith('test'):
                yield Test.from_parent(self, name=node.name)

def pytest_pycollect_makemodule(module_path, parent):
    return Names.from_parent(parent, path=module_path)
"""


def collected(root, aside):
    "How many test functions pytest finds in each folder below tests/, without being told where."
    (aside / 'names.py').write_text(NAMES)
    done = call(
        *(sys.executable, '-m', 'pytest', '--collect-only', '-q', '-p', 'names'),
        *('-p', 'no:cacheprovider'),
        cwd=root,
        env={**os.environ, 'PYTHONPATH': str(aside), 'PYTEST_DISABLE_PLUGIN_AUTOLOAD': '1'},
    )
    return Counter(re.findall(r'^tests/(\w+)/.*::', done.stdout, re.M))


def lacking(counts, root):
    "The folders of tests/ in which pytest finds fewer tests than there should be."
    there = {path.name for path in (root / 'tests').iterdir() if path.is_dir()} - {'__pycache__'}
    return sorted(name for name in {*FOLDERS, *there} if counts[name] < FOLDERS.get(name, 1))


def test_pytest_finds_the_tests_in_every_folder(tmp_path):
    counts = collected(ROOT, tmp_path)
    assert lacking(counts, ROOT) == [], counts


def test_a_folder_without_tests_is_named(tmp_path):
    for folder in (*FOLDERS, 'more'):
        (tmp_path / 'tests' / folder).mkdir(parents=True)
        text = ''.join(f'def test_{n}(): pass\n' for n in range(FOLDERS.get(folder, 1)))
        name = 'checks.py' if folder == 'more' else 'test_x.py'
        (tmp_path / 'tests' / folder / name).write_text(text)
    (tmp_path / 'pyproject.toml').write_bytes((ROOT / 'pyproject.toml').read_bytes())
    assert lacking(collected(tmp_path, tmp_path), tmp_path) == ['more']
    (tmp_path / 'tests' / 'course' / 'test_x.py').rename(tmp_path / 'tests' / 'course' / 'x.py')
    assert lacking(collected(tmp_path, tmp_path), tmp_path) == ['course', 'more']


@pytest.mark.parametrize(
    'source, rule',
    [
        ('import os\n', 'F401'),
        ('print(a)\n', 'F821'),
        ('def f(a=[]): return a\n', 'B006'),
        ('x = "\\d"\n', 'W605'),
        ('assert (1, "no")\n', 'F631'),
    ],
)
def test_ruff_would_find_them(source, rule):
    done = call(
        *(sys.executable, '-m', 'ruff', 'check', '--no-cache', '--output-format', 'concise'),
        *('--stdin-filename', 'course/x.py', '-'),
        input=source,
    )
    assert done.returncode == 1 and rule in done.stdout


def test_importing_the_package_imports_nothing_else():
    code = (
        'import sys; before = set(sys.modules); import whole_game; print(*sorted(set(sys.modules) -'
        ' before))'
    )
    assert call(sys.executable, '-c', code).stdout.split() == ['whole_game']


def bound(node):
    "The names that one statement binds: a function, a class or what an assignment names."
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [] if node.decorator_list else [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [name.id for name in targets if isinstance(name, ast.Name)]


def twice(source):
    "Top-level names that a module binds a second time: whoever used the first finds the other."
    names = [name for node in ast.parse(source).body for name in bound(node)]
    return sorted({name for name in names if names.count(name) > 1})


def test_no_module_defines_a_name_twice():
    assert twice('def box(): 1\ndef other(): 2\ndef box(): 3\n') == ['box']
    assert twice('BOX = 1\nOTHER = 2\nBOX = 3\n') == ['BOX']
    modules = sorted((ROOT / 'whole_game').rglob('*.py'))
    found = {path.name: twice(path.read_text(encoding='utf-8')) for path in modules}
    assert len(modules) > 50 and not {name: names for name, names in found.items() if names}


# --- tests


def declared():
    "The names that the distributions in pyproject.toml are imported by."
    wanted = [*PROJECT['dependencies'], *sum(PROJECT['optional-dependencies'].values(), [])]
    names = {Requirement(text).name for text in wanted} - {'whole-game'}
    records = [distribution(name).read_text('RECORD') for name in names]
    return {
        module
        for text in records
        for module in re.findall(r'^(\w+)(?:/__init__)?\.py,', text, re.M)
    }


def skipped_imports(source):
    "What a test would be skipped without."
    return re.findall(r"importorskip\(\s*['\"](\w+)", source)


def test_no_test_is_skipped_for_want_of_a_declared_package():
    """A broken install would look green. pytest.importorskip is for what pyproject.toml does not
    declare."""
    assert skipped_imports("x = pytest.importorskip('fastai.vision.all')") == ['fastai']
    packages = declared()
    assert {'fastai', 'skimage', 'pillow_heif', 'gradio', 'nbformat', 'sphinx'} <= packages
    for path in sorted((ROOT / 'tests').rglob('*.py')):
        if path != Path(__file__):
            hidden = set(skipped_imports(path.read_text(encoding='utf-8'))) & packages
            assert not hidden, f'{path.name}: import {", ".join(sorted(hidden))} plainly'


# --- hooks


def hooks():
    config = yaml.safe_load((ROOT / '.pre-commit-config.yaml').read_text(encoding='utf-8'))
    # nothing is fetched from anywhere
    assert [repo['repo'] for repo in config['repos']] == ['local']
    return {hook['id']: hook for repo in config['repos'] for hook in repo['hooks']}


def test_hooks_are_the_courses_own_commands():
    assert list(hooks()) == ['ruff', 'format', 'sync', 'check']
    for hook in hooks().values():
        program, script, dash, module = hook['entry'].split()[:4]
        assert (
            hook['language'] == 'system'
            and (program, script, dash) == ('sh', 'course/hook.sh', '-m')
            and (ROOT / script).is_file()
        )
        assert module == 'ruff' or (ROOT / f'{module.replace(".", "/")}.py').is_file()


def test_hooks_look_at_the_right_files():
    chosen = lambda name: {
        hook
        for hook, said in hooks().items()
        if re.search(said['files'], name) and not re.search(said.get('exclude', '^$'), name)
    }
    every, ruffs = {'ruff', 'format', 'sync', 'check'}, {'ruff', 'format'}
    for name, wanted in {
        'nbs/01_x.ipynb': every,
        'nbs/lib/own/guards.ipynb': every,
        'settings.ini': {'sync'},
        'nbs/01_x.quiz.toml': {'sync'},
        'whole_game/data.py': {'sync'},
        'whole_game/own/optim.py': {'sync'},
        'whole_game/project/your_game.ipynb': {'sync', *ruffs},
        'course/check.py': ruffs,
        'setup.py': ruffs,
        'README.md': set(),
    }.items():
        assert chosen(name) == wanted, name


@pytest.mark.skipif(not shutil.which('sh'), reason='needs sh')
def test_the_hooks_find_the_courses_python(tmp_path):
    run = lambda **env: call(
        'sh',
        ROOT / 'course' / 'hook.sh',
        '-c',
        'import sys; print(sys.executable)',
        cwd=tmp_path,
        env={**os.environ, **env},
    )
    assert run(PATH=f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}').stdout.strip()
    own = tmp_path / '.venv' / 'bin' / 'python'
    own.parent.mkdir(parents=True)
    own.write_text('#!/bin/sh\necho "mine: $*"\n')
    own.chmod(0o755)
    assert run().stdout.startswith('mine: -c')
    own.unlink()
    nothing = call(
        shutil.which('sh'), ROOT / 'course' / 'hook.sh', cwd=tmp_path, env={'PATH': str(tmp_path)}
    )
    assert nothing.returncode == 1 and 'What to do now' in nothing.stdout


# --- workflows


def complains(path):
    """What the schema of GitHub's workflows, which check-jsonschema brings with it, says about a
    file."""
    schema = 'vendor.github-workflows'
    done = call(sys.executable, '-m', 'check_jsonschema', '--builtin-schema', schema, path)
    return '' if done.returncode == 0 else done.stdout + done.stderr


def steps(path):
    return [
        step
        for job in yaml.safe_load(path.read_text(encoding='utf-8'))['jobs'].values()
        for step in job['steps']
    ]


def targets():
    return set(re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(encoding='utf-8'), re.M))


@pytest.mark.parametrize('path', WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_are_sound(path):
    assert complains(path) == ''
    said = yaml.safe_load(path.read_text(encoding='utf-8'))
    assert said['permissions'] == {'contents': 'read'} and all(
        job['timeout-minutes'] <= 120 for job in said['jobs'].values()
    )
    # GitHub's own and nobody else's
    assert all(step['uses'].startswith('actions/') for step in steps(path) if 'uses' in step)


@pytest.mark.parametrize(
    'old, new',
    [
        ('runs-on:', 'run-on:'),
        ('    steps:', '    step:'),
        ('permissions:\n  contents: read', 'permissions:\n  contents: maybe'),
        ('- run:', '- rum:'),
        ('on:\n', 'when:\n'),
    ],
)
def test_the_schema_would_complain(tmp_path, old, new):
    text = WORKFLOWS[0].read_text(encoding='utf-8')
    assert old in text
    (tmp_path / 'x.yml').write_text(text.replace(old, new, 1))
    assert complains(tmp_path / 'x.yml')


@pytest.mark.skipif(not shutil.which('make'), reason='needs make')
@pytest.mark.parametrize('path', WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_do_nothing_that_make_does_not(path):
    for step in steps(path):
        words = step.get('run', '').split()
        if not words or words == ['.ci/run']:
            continue
        if words[0] == 'make':
            assert words[1] in targets(), step['run']
        # what make has made is put on a branch
        elif words[0] == 'git':
            assert path.stem == 'publish' and all(
                line.split()[0] == 'git' for line in step['run'].splitlines()
            )
        else:  # Windows: what make would run, as make says it
            here = (
                call(
                    'make',
                    '-n',
                    'pass',
                    env={**os.environ, 'PYTHON': 'python', 'TORCH': '', 'N': ''},
                )
                .stdout.replace(' --torch ""', '')
                .splitlines()
            )
            assert step['run'].replace('.venv/Scripts/', '.venv/bin/') in [
                line.strip() for line in here
            ], (step['run'], here)


def test_what_was_asked_of_the_workflows():
    change, newest = (
        yaml.safe_load((ROOT / '.github' / 'workflows' / name).read_text(encoding='utf-8'))
        for name in ('change.yml', 'newest.yml')
    )
    assert {
        job['runs-on'].split('-')[0]: job.get('env', {}).get('WHOLE_GAME_STRICT')
        for job in change['jobs'].values()
    } == {'ubuntu': None, 'macos': '0', 'windows': '0'}
    named = [text.split()[-1] for text in PROJECT['classifiers'] if ':: Python ::' in text]
    tried = [
        step['with']['python-version']
        for job in change['jobs'].values()
        for step in job['steps']
        if 'python-version' in step.get('with', {})
    ]
    assert named == ['3.11', '3.12', '3.13'] and {named[0], named[-1]} == set(tried)
    assert PROJECT['requires-python'] == f'>={named[0]}'
    # YAML reads `on` as true
    assert 'pull_request' in change[True] and len(newest[True]['schedule']) == 1
    publish = yaml.safe_load(
        (ROOT / '.github' / 'workflows' / 'publish.yml').read_text(encoding='utf-8')
    )
    assert publish['permissions'] == {'contents': 'read'} and [
        job
        for job, said in publish['jobs'].items()
        if said.get('permissions', {}).get('contents') == 'write'
    ] == ['copies']
    assert {'build/book', 'build/learner'} == {
        step['with']['path']
        for step in publish['jobs']['make']['steps']
        if 'path' in step.get('with', {})
    }
    assert newest['jobs']['newest']['steps'][1]['with']['python-version'] == '3.x'


# --- the lock file


def test_the_lock_file_names_every_dependency():
    wanted, extras = [*map(Requirement, PROJECT['dependencies'])], PROJECT['optional-dependencies']
    wanted += [
        needed
        for extra in extras
        for needed in map(Requirement, extras[extra])
        if needed.name != 'whole-game'
    ]
    known = {canonicalize_name(name): version for name, version in locked().items()}
    for needed in wanted:
        assert needed.specifier.contains(known.get(canonicalize_name(needed.name), '0')), (
            f'{needed} is not in step with {LOCK.name}. Run: make lock'
        )


def test_the_lock_file_names_no_machine():
    for line in LOCK.read_text(encoding='utf-8').splitlines():
        assert line.startswith('#') or re.match(r'[a-z\d][\w.-]*==[\w.+!]+(\s+#.*)?$', line), line
        assert '://' not in line and not line.startswith('-')


# --- what is published


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    "The source archive, and the wheel built from it, of a copy of what git would commit."
    copy, out = tmp_path_factory.mktemp('build') / 'copy', tmp_path_factory.mktemp('dist')
    if (ROOT / '.git').exists():
        names = call(
            'git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'
        ).stdout.split('\0')
    else:
        names = [
            str(path.relative_to(ROOT))
            for path in ROOT.rglob('*')
            if path.is_file() and not {'.venv', 'build'} & set(path.parts)
        ]
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    (copy / 'nbs' / 'models').mkdir(exist_ok=True)
    (copy / 'nbs' / 'models' / 'mine.safetensors').write_text('a run of a lesson left this')
    done = call(sys.executable, '-m', 'build', '--no-isolation', '--outdir', out, cwd=copy)
    assert done.returncode == 0, done.stdout + done.stderr
    return (
        next(out.glob('*.tar.gz')),
        next(out.glob('*.whl')),
        {Path(name).as_posix() for name in names if name},
    )


def test_the_source_archive_is_the_whole_course(built):
    with tarfile.open(built[0]) as archive:
        holds = {name.split('/', 1)[1] for name in archive.getnames() if '/' in name}
    meant = {name for name in built[2] if name != '.gitignore' and (ROOT / name).is_file()}
    assert meant - holds == set()
    assert not any(name.startswith('nbs/models') or '__pycache__' in name for name in holds)


def test_the_wheel_is_the_library_alone(built):
    with zipfile.ZipFile(built[1]) as wheel:
        holds = set(wheel.namelist())
    assert {name.split('/')[0] for name in holds if '.dist-info' not in name} == {'whole_game'}
    made = {f'whole_game/{name}' for name in ('lessons.json', 'glossary.json', 'doctor.py')}
    assert made | {'whole_game/manifest.toml'} <= holds
    meant = {name for name in built[2] if name.startswith('whole_game/')}
    assert {name for name in meant if (ROOT / name).is_file()} - holds == set()
    # whatever git knows: every module of the tree, at any depth, and no other
    tree = {path.relative_to(ROOT).as_posix() for path in (ROOT / 'whole_game').rglob('*.py')}
    assert {name for name in holds if name.endswith('.py')} == tree
    assert {'whole_game/own/network.py', 'whole_game/makers/styles.py'} <= tree


def test_twine_would_take_both(built):
    done = call(
        *(sys.executable, '-m', 'twine', 'check', '--strict', built[0], built[1]),
        env={**os.environ, 'NO_COLOR': '1', 'COLUMNS': '300'},
    )
    assert done.returncode == 0 and done.stdout.count('PASSED') == 2, done.stdout + done.stderr


def test_twine_would_complain(built, tmp_path):
    with (
        zipfile.ZipFile(built[1]) as wheel,
        zipfile.ZipFile(tmp_path / built[1].name, 'w') as broken,
    ):
        for name in wheel.namelist():
            raw = wheel.read(name)
            broken.writestr(
                name,
                (
                    raw.replace(b'text/markdown', b'text/x-rst').split(b'\n\n')[0]
                    + b'\n\n.. nothing::\n'
                    if name.endswith('METADATA')
                    else raw
                ),
            )
    assert (
        call(
            sys.executable, '-m', 'twine', 'check', '--strict', tmp_path / built[1].name
        ).returncode
        == 1
    )


# --- numbers that one lesson borrows from another


def outputs(number):
    "All text that a lesson's cells gave, as committed."
    import nbformat

    (path,) = (ROOT / 'nbs').glob(f'{number}_*.ipynb')
    texts = [
        out.get('text', out.get('data', {}).get('text/plain', ''))
        for cell in nbformat.read(path, 4).cells
        for out in cell.get('outputs', [])
    ]
    return path.read_text(encoding='utf-8'), '\n'.join(texts)


@pytest.mark.parametrize(
    'lesson, borrowed, lender, said',
    [
        ('20', "'network (lesson 02)': 0.97", '02', r' 0\.97\d*\n?'),
        ('22', "'lesson 02: trained body': 0.97", '02', r' 0\.97\d*\n?'),
        ('22', "'lesson 20: nearest neighbour': 0.95", '20', r'^0\.95$'),
    ],
)
def test_a_borrowed_number_is_what_its_lesson_found(lesson, borrowed, lender, said):
    assert borrowed in outputs(lesson)[0], 'the borrowing line has changed; change it here, too'
    assert re.search(said, outputs(lender)[1], re.M)


def test_exercises_take_the_words_they_share_from_check():
    from whole_game import check

    modules = sorted((ROOT / 'whole_game' / 'exercises').glob('lesson_*.py'))
    again = {
        (path.name, target.id)
        for path in modules
        for node in ast.parse(path.read_text(encoding='utf-8')).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if target.id in check.__all__
    }
    assert len(modules) >= 24 and again == set()


def test_what_maintainers_keep_beside_the_lessons_is_not_for_learners():
    from course.learner import side_files

    assert [name for name in side_files(ROOT / 'nbs') if not name.endswith(('.jpg', '.png'))] == []
