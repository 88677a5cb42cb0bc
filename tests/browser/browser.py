"""A real headless browser for the tests: `page()` opens one and remembers what it asked for and
complained about; `jupyterlab()` gives it a notebook to open.

A test that fails on a page tells what the page showed.

Where there is no Chromium a test skips and says so; in CI (environment variable CI) it fails
instead.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.parse import urlsplit

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

HERE = {'', '127.0.0.1', 'localhost', '::1'}


def chromium():
    """The path of a Chromium or Chrome on this machine; skips the test (in CI: fails it) when there
    is none."""
    for name in ('chromium', 'chromium-browser', 'google-chrome', 'chrome'):
        if path := shutil.which(name):
            return path
    (pytest.fail if os.environ.get('CI') else pytest.skip)(
        'There is no Chromium here: install the package chromium, or Chrome.'
    )


@contextlib.contextmanager
def page(width=1280, height=900, scripts=True):
    """A page in a fresh browser, one that runs no scripts with `scripts=False`; `page.away` lists
    requests to other machines, `page.errors` what went wrong on it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium(), args=['--no-sandbox', '--disable-dev-shm-usage']
        )
        try:
            page = browser.new_page(
                viewport={'width': width, 'height': height}, java_script_enabled=scripts
            )
            page.away, page.errors = [], []
            page.on(
                'request',
                lambda r: (
                    page.away.append(r.url)
                    if urlsplit(r.url).scheme in ('http', 'https', 'ws', 'wss')
                    and urlsplit(r.url).hostname not in HERE
                    else None
                ),
            )
            page.on('pageerror', lambda e: page.errors.append(str(e)))
            page.on('console', lambda m: page.errors.append(m.text) if m.type == 'error' else None)
            yield page
        except Exception as e:
            with contextlib.suppress(Exception):
                e.add_note(
                    f'The page says:\n{page.locator("body").inner_text()[:3000]}\nThe browser'
                    ' complains:\n' + '\n'.join(page.errors)
                )
            raise
        finally:
            browser.close()


@contextlib.contextmanager
def jupyterlab(folder, cells, theme='JupyterLab Light'):
    """JupyterLab on this machine alone, with a notebook of these code cells in `folder`; gives the
    notebook's address."""
    nb = new_notebook(
        cells=[new_code_cell(c) for c in cells],
        metadata={
            'kernelspec': {'name': 'python3', 'display_name': 'Python 3', 'language': 'python'}
        },
    )
    nbformat.write(nb, folder / 'draw.ipynb')
    chosen = folder / 'settings' / '@jupyterlab' / 'apputils-extension'
    chosen.mkdir(parents=True)
    (chosen / 'themes.jupyterlab-settings').write_text(json.dumps({'theme': theme}))
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        'JUPYTER_CONFIG_DIR': str(folder / 'config'),
        'JUPYTERLAB_SETTINGS_DIR': str(folder / 'settings'),
        'JUPYTERLAB_WORKSPACES_DIR': str(folder / 'spaces'),
        'JUPYTER_RUNTIME_DIR': str(folder / 'runtime'),
        'IPYTHONDIR': str(folder / 'ipython'),
    }
    options = [
        '--no-browser',
        '--allow-root',
        '--ip=127.0.0.1',
        f'--port={port}',
        '--ServerApp.port_retries=0',
        '--IdentityProvider.token=test',
        f'--ServerApp.root_dir={folder}',
        '--LabApp.news_url=',
        '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
        '--LabApp.extension_manager=readonly',
    ]
    with open(folder / 'lab.log', 'w') as log:
        server = subprocess.Popen(
            [sys.executable, '-m', 'jupyterlab', *options],
            stdout=log,
            stderr=log,
            env=env,
            cwd=folder,
            start_new_session=True,
        )
        try:
            for _ in range(120):
                try:
                    urllib.request.urlopen(
                        f'http://127.0.0.1:{port}/api/status?token=test', timeout=2
                    )
                    break
                except OSError:
                    time.sleep(0.5)
                assert server.poll() is None, (folder / 'lab.log').read_text()[-2000:]
            else:
                pytest.fail('JupyterLab did not start: ' + (folder / 'lab.log').read_text()[-2000:])
            yield f'http://127.0.0.1:{port}/lab/tree/draw.ipynb?token=test'
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()


def ready(p):
    """Wait until the notebook on page `p` and its kernel are there. A page that knows no kernels
    yet asks for one, now or later; whenever it does, Python is taken."""
    asks = p.locator('.jp-Dialog').filter(has_text='Select Kernel').locator('.jp-mod-accept')
    p.add_locator_handler(asks, lambda: asks.click())
    p.locator('.jp-CodeCell').first.wait_for(timeout=90_000)
    p.wait_for_function(
        "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status == 'idle'",
        timeout=90_000,
    )


def run_cell(p, n):
    """Run a cell of the notebook on page `p`; a cell that ran shows another number. Once more when
    it does not: while the page still moves a click can miss."""
    code = p.locator('.jp-CodeCell').nth(n)
    prompt = code.locator('.jp-InputArea-prompt')
    before = prompt.inner_text()
    for _ in range(6):
        code.locator('.cm-content').click()
        p.keyboard.press('Control+Enter')
        for _ in range(40):
            if prompt.inner_text() not in (before, '[*]:'):
                return
            p.wait_for_timeout(250)
    raise AssertionError(f'cell {n} did not run: {prompt.inner_text()}')


def run_until_shown(p, n, *wanted):
    """Run a cell on page `p` until its widgets are there: a page that is just opening can lose a
    widget's first message, and a reader runs the cell again."""
    for last in (False, False, True):
        run_cell(p, n)
        try:
            for widget in wanted:
                widget.wait_for(timeout=30_000)
            return
        except Exception:
            if last:
                raise


def run_until_said(p, n, words):
    "Run a cell on page `p` until its output has these words."
    said = p.locator('.jp-CodeCell').nth(n).locator('.jp-OutputArea-output').last
    for _ in range(40):
        run_cell(p, n)
        with contextlib.suppress(Exception):
            return said.get_by_text(words, exact=False).wait_for(timeout=1500)
    raise AssertionError(f'{words!r} wanted; there is: {said.inner_text()!r}')
