"""The button that records, in a real browser with a microphone that beeps, and in one that has
none."""

import contextlib
import functools
import http.server
import threading

import pytest
from browser import chromium

from whole_game import fields_speech as fs

HOST = """<!doctype html><title>A page</title><div id="place"></div><script type="module">
import widget from "./widget.js";
const held = {};
window.model = {
  get: name => held[name] ?? "",
  set: (name, value) => { held[name] = value; },
  save_changes: () => { window.saved = true; },
};
widget.render({ model: window.model, el: document.getElementById("place") });
</script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def button(folder, *flags):
    "A page with the button on it, as anywidget would show it, in a browser started with flags."
    from playwright.sync_api import sync_playwright

    (folder / 'index.html').write_text(HOST, encoding='utf-8')
    (folder / 'widget.js').write_text(fs._PAGE, encoding='utf-8')
    serve = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=chromium(),
                args=['--no-sandbox', '--disable-dev-shm-usage', *flags],
            )
            page = browser.new_page()
            page.goto(f'http://127.0.0.1:{server.server_port}/index.html')
            yield page
            browser.close()
    finally:
        server.shutdown()


def test_two_seconds_are_recorded_and_reach_python(tmp_path):
    flags = ('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream')
    with button(tmp_path, *flags) as page:
        page.get_by_role('button', name='Record for two seconds').click()
        page.get_by_text('Say one word now').wait_for()
        page.get_by_text('Recorded.').wait_for(timeout=30000)
        assert page.evaluate('window.saved') is True
        assert page.get_by_role('button').is_enabled() and page.locator('audio').is_visible()
        mic = fs.microphone()
        mic.widget.numbers = page.evaluate('window.model.get("numbers")')
    assert mic.recorded and 0.05 < mic.sound().seconds < 3


def test_without_a_microphone_it_says_so(tmp_path):
    with button(tmp_path) as page:
        page.get_by_role('button').click()
        page.get_by_text('use a file in place of it').wait_for(timeout=30000)
        assert page.get_by_role('button').is_enabled()
        assert page.evaluate('window.model.get("numbers")') == ''


@pytest.mark.parametrize('missing', ['navigator.mediaDevices', 'window.MediaRecorder'])
def test_a_page_that_may_not_use_one_says_so(tmp_path, missing):
    with button(tmp_path) as page:
        page.evaluate(
            "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})"
            if missing.startswith('navigator')
            else 'window.MediaRecorder = undefined'
        )
        page.get_by_role('button').click()
        page.get_by_text('cannot use a microphone').wait_for()
