"""A class on one server: real accounts, a real hub, a real browser. Two learners run lesson 1 to
its end, `make test-all` has eight. Whoever is not on the list is refused in words, nobody reads
what is another's, and whoever computes too much waits in words."""

import json
import time

import pytest
from browser import ready, run_cell
from hub_room import ADMIN, Watch, keep, learner, log_in, pages, room

from course import hub_accounts
from course.common import BUILD

QUIET = 5  # seconds without a cell after which a lesson is over
LESSON = '01_train_a_classifier.ipynb'
BUSY = """import time
until = time.process_time() + {seconds}
while time.process_time() < until:
    sum(range(100_000))
print('done', 'computing')"""
# What learner 1 tries against learner 2: each line ends in words, and none may be "got in".
PROBE = """import json, os, socket, urllib.error, urllib.request
other, place = {other!r}, {place!r}
said = {{}}

def attempt(name, act):
    try:
        act()
        said[name] = 'got in'
    except (PermissionError, urllib.error.HTTPError) as e:
        said[name] = f'{{type(e).__name__}} {{getattr(e, "code", "")}}'.strip()

home = f'{{place}}/home/{{other}}'
for path in ('', '/lessons', '/.run', '/.tmp'):
    attempt('list ' + path, lambda: os.listdir(home + path))
attempt('lesson', lambda: open(home + '/lessons/{lesson}'))
attempt('progress', lambda: os.listdir(f'{{place}}/progress/{{other}}'))
for name in ('passwords.txt', 'settings.json', 'jupyterhub.sqlite', 'cookie_secret', 'hub.log'):
    attempt(name, lambda: open(f'{{place}}/hub/{{name}}'))
attempt('homes', lambda: os.listdir(f'{{place}}/home'))
for pid in {pids!r}:
    attempt(f'environ {{pid}}', lambda: open(f'/proc/{{pid}}/environ').read())
    attempt(f'memory {{pid}}', lambda: open(f'/proc/{{pid}}/mem', 'rb'))
attempt('change the environment', lambda: open(f'{{place}}/env/made.json', 'a'))
attempt('change the data', lambda: open(f'{{place}}/data/x', 'w'))
attempt('take the queue away', lambda: os.unlink(f'{{place}}/run/turns.sock'))

hub, token = os.environ['JUPYTERHUB_API_URL'], os.environ['JUPYTERHUB_API_TOKEN']

def ask(address, method='GET', token=token):
    head = {{'Authorization': f'token {{token}}'}}
    return urllib.request.urlopen(urllib.request.Request(address, headers=head, method=method))

attempt('other in the API', lambda: ask(f'{{hub}}/users/{{other}}'))
attempt('a token for other', lambda: ask(f'{{hub}}/users/{{other}}/tokens', 'POST'))
attempt('stop other', lambda: ask(f'{{hub}}/users/{{other}}/server', 'DELETE'))
attempt('everybody', lambda: ask(f'{{hub}}/users'))
attempt('the proxy', lambda: ask(f'http://127.0.0.1:{proxy}/api/routes'))
attempt('server of other', lambda: ask({server!r} + 'api/contents'))
listening = [line.split()[7] for file in ('tcp', 'tcp6') for line in open(f'/proc/net/{{file}}')
             if line.split()[3] == '0A']
mine = str(os.getuid())
said['own API'] = json.load(ask(f'{{hub}}/user'))['name']
said['own ports'] = listening.count(mine)
print(json.dumps(said))
"""


def words(p):
    return ' '.join(p.locator('body').inner_text().split())


def open_lab(p, address, name, file):
    "Open one notebook in a workspace of its own, where nothing else is open."
    p.goto(f'{address}/user/{name}/lab/workspaces/{file.partition(".")[0]}/tree/{file}')
    ready(p)


BEGUN = """[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].some(
    it => /[*0-9]/.test(it.innerText))"""


def run_all(p):
    "Run all cells of a fresh notebook; a page that still moves can miss a click, so once more."
    for _ in range(6):
        p.get_by_role('menuitem', name='Run', exact=True).click()
        p.get_by_role('menuitem', name='Run All Cells', exact=True).click()
        for _ in range(20):
            if p.evaluate(BEGUN):
                return
            p.wait_for_timeout(250)
    raise AssertionError('nothing runs')


def is_idle(p):
    return p.evaluate(
        "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status == 'idle'"
    )


def unfinished(nb):
    "What of a saved notebook did not run, or ended with an error."
    found = [c.source for c in nb.cells if c.cell_type == 'code' and not c.execution_count]
    wrong = [o for c in nb.cells for o in c.get('outputs', []) if o.output_type == 'error']
    return found, [(o.ename, o.evalue) for o in wrong]


def lesson_to_its_end(r, people, patience):
    "Everybody opens lesson 1 and runs all of it; seconds until each was done."
    for p, name in zip(people, r.names):
        open_lab(p, r.address, name, LESSON)
    start, took = time.monotonic(), {}
    for p in people:
        run_all(p)
    quiet = dict.fromkeys(r.names, 0)  # between two cells a kernel is idle for a moment
    while len(took) < len(people):
        for p, name in zip(people, r.names):
            quiet[name] = quiet[name] + 1 if is_idle(p) else 0
            if name not in took and quiet[name] >= QUIET:
                took[name] = round(time.monotonic() - start) - QUIET
        assert time.monotonic() - start < patience, took
        people[0].wait_for_timeout(1000)
    for p, name in zip(people, r.names):
        p.locator('.jp-Notebook').first.click(position={'x': 5, 'y': 5})
        p.keyboard.press('Control+s')
    people[0].wait_for_timeout(3000)
    return took


def refused(p, r):
    "Those who are not on the list, and a wrong password, get the same words."
    for name, word in ((learner(99), 'x'), ('root', 'x'), (r.names[0], 'wrong-word-here')):
        log_in(p, r.address, name, word)
        p.locator('.login_error').wait_for(timeout=30_000)
        assert 'the name is not on the list of this room' in words(p), name
        assert 'ask your instructor: nobody can sign up here' in words(p)


def whole(r, n, at_once, patience):
    "What two learners do, or eight; returns the figures."
    with pages(n + 1) as (extra, *people):
        refused(extra, r)
        for p, name in zip(people, r.names):
            log_in(p, r.address, name, r.password(name))
        for p, name in zip(people, r.names):
            p.wait_for_url(f'**/user/{name}/lab/**', timeout=180_000)
        waits_in_words(r, people[: at_once + 1])
        another_is_out_of_reach(r, people[0], r.names[0], r.names[1])
        watch = Watch(r.names)
        watch.start()
        took = lesson_to_its_end(r, people, patience)
        each, together = watch.end()
        waited = 0
        for p, name in zip(people, r.names):
            nb = r.read(name, LESSON)
            assert unfinished(nb) == ([], []), name
            waited += 'for its turn' in json.dumps(nb)
            progress = json.loads((r.place.progress / name / 'progress.json').read_text())
            assert '01' in progress['reached']
        p, name = people[0], r.names[0]
        p.goto(f'{r.address}/hub/admin')
        assert 'You may not open this page.' in words(p)
        p.goto(f'{r.address}/user/{r.names[1]}/lab')
        assert 'You may not open this page.' in words(p)
        restart(extra, r, name)
    return {'learners': n, 'at once': at_once, 'seconds': took, 'used': each, 'MB': together}


def waits_in_words(r, people):
    "One more than may compute at a time waits, reads where it is, and then goes on."
    for p, name in zip(people, r.names):
        r.put(name, 'busy.ipynb', BUSY.format(seconds=25))
        open_lab(p, r.address, name, 'busy.ipynb')
    for p in people:
        run_all(p)
    last, said = [], lambda p: p.locator('.jp-CodeCell').first.inner_text()
    until = time.monotonic() + 240
    while not last and time.monotonic() < until:
        last = [p for p in people if 'you are next in the queue' in said(p)]
        people[0].wait_for_timeout(300)
    assert last, [said(p) for p in people]
    for p in people:
        p.locator('.jp-OutputArea-output').get_by_text('done computing').wait_for(timeout=240_000)
    assert 'seconds for its turn' in said(last[0])


def another_is_out_of_reach(r, p, name, other):
    told = json.loads(r.place.settings.read_text())
    until, pids = time.monotonic() + 60, []
    while len(pids) < 2 and time.monotonic() < until:  # a server, and a kernel that is starting
        pids = hub_accounts.processes(hub_accounts.entry(other).pw_uid)
        p.wait_for_timeout(500)
    env = {}
    for pid in pids:
        pairs = open(f'/proc/{pid}/environ').read().split('\0')
        env |= dict(pair.split('=', 1) for pair in pairs if '=' in pair)
    assert len(pids) >= 2 and env['JUPYTERHUB_USER'] == other
    code = PROBE.format(
        other=other,
        place=str(r.place.folder),
        lesson=LESSON,
        pids=pids,
        proxy=told['ports'][1],
        server=env['JUPYTERHUB_SERVICE_URL'],
    )
    r.put(name, 'probe.ipynb', code)
    open_lab(p, r.address, name, 'probe.ipynb')
    run_cell(p, 0)
    output = p.locator('.jp-OutputArea-output').first
    output.wait_for(timeout=60_000)
    assert output.inner_text().strip().startswith('{'), output.inner_text()
    said = json.loads(output.inner_text())
    assert said.pop('own API') == name  # what is asked for reaches the hub
    # A server listens for its owner's browser, and a kernel on one port (ipykernel's, for what its
    # child processes print; nothing can be read there). Its other five are files in the home.
    mine = hub_accounts.processes(hub_accounts.entry(name).pw_uid)
    assert said.pop('own ports') <= len(mine), mine
    assert len(said) >= 20 + 2 * len(pids) and 'got in' not in said.values(), said


def restart(p, r, name):
    "Whoever instructs stops a server and starts it again, and cannot look into it."
    log_in(p, r.address, ADMIN, r.password(ADMIN))
    p.wait_for_url(f'**/user/{ADMIN}/lab/**', timeout=180_000)
    p.goto(f'{r.address}/user/{name}/lab')
    assert 'You may not open this page.' in words(p)
    p.goto(f'{r.address}/hub/admin')
    row = p.locator('tr').filter(has_text=name).first
    uid = hub_accounts.entry(name).pw_uid
    row.get_by_role('button', name='Stop Server').click(timeout=30_000)
    row.get_by_role('button', name='Start Server').wait_for(timeout=90_000)
    assert hub_accounts.processes(uid) == []
    row.get_by_role('button', name='Start Server').click()
    for _ in range(60):  # while it is slow the page says "pending" until it is loaded again
        p.wait_for_timeout(2000)
        p.reload()
        row.wait_for(timeout=30_000)
        if row.get_by_role('button', name='Stop Server').count():
            break
    assert row.get_by_role('button', name='Stop Server').count() and hub_accounts.processes(uid)


def test_two_learners_on_one_server():
    with room(2, '--at-once', '1') as r:
        keep(BUILD / 'hub-2.json', whole(r, 2, 1, 900))


@pytest.mark.expensive
@pytest.mark.timeout(2700)
def test_eight_learners_on_one_server():
    with room(8) as r:
        keep(BUILD / 'hub-8.json', whole(r, 8, 2, 1500))
