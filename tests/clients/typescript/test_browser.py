"""The client in a browser: its modules as they are packed, and an upload with progress."""

import json
from collections.abc import Iterator

import pytest

from tests.acceptance.browser import opened
from tests.clients.typescript.package import Program
from tests.clients.typescript.test_retrying import dropped, in_turn, success
from tests.strangers import Stranger, stranger

pytestmark = pytest.mark.needs("chromium", "node", "npm")
#: As a bundler would for browsers: by `imports` of package.json.
PAGE = b"""<!doctype html><title>Client</title>
<script type="importmap">{"imports": {"#files": "/files/none.js"}}</script>
<script type="module">
import { Dovecote } from "/index.js";
window.upload = async (size, path) => {
  const retry = { pauseMs: 20 };
  const dovecote = new Dovecote({ baseUrl: location.origin, apiKey: "key", retry });
  const sent = [];
  const onProgress = ({ sentBytes }) => sent.push(sentBytes);
  const source = path ?? new File([new Uint8Array(size)], "photo.png");
  try {
    return { file: await dovecote.media.upload(source, { onProgress }), sent };
  } catch (error) {
    return { name: error.name, message: error.message };
  }
};
</script>"""


@pytest.fixture
def site(program: Program) -> Iterator[Stranger]:
    modules = program.folder / "node_modules" / "dovecote-client" / "dist"
    with stranger() as found:
        found.gives("/page", PAGE, Content_Type="text/html")
        for module in modules.rglob("*.js"):
            path = f"/{module.relative_to(modules)}"
            found.gives(path, module.read_bytes(), Content_Type="text/javascript")
        yield found


def test_an_upload_tells_its_progress_and_is_sent_again_when_it_is_cut_off(site: Stranger):
    place = {"media_id": "one", "upload_url": site.url("/uploads/one")}
    site.answers["/api/v1/media/upload"] = success(place)
    site.answers["/uploads/one"] = in_turn(dropped, success({"media_id": "one"}))
    site.answers["/api/v1/media/one/complete"] = success({"media_id": "one", "status": "ready"})

    with opened() as page:
        page.goto(site.url("/page"))
        page.wait_for_function("() => 'upload' in window")
        told = page.evaluate("window.upload(300000)")
        by_path = page.evaluate("window.upload(0, 'photo.png')")

    sent = [body for headers, body in site.received if headers["Content-Type"] == "image/png"]
    assert sent == [bytes(300_000)] * 2
    assert told["file"]["status"] == "ready"
    assert told["sent"].count(0) == 2
    assert told["sent"][-1] == 300_000
    assert by_path["name"] == "DovecoteError"
    announced = json.loads(site.received[0][1])
    assert announced == {"filename": "photo.png", "content_type": "image/png", "size": 300_000}
