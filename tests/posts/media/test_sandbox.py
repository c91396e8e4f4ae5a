import subprocess
import sys
import time
from dataclasses import asdict

import pytest

from platforms.limits import Form
from posts.features.ai import generate
from posts.features.feeds import fetch as feeds
from posts.media import inspection, sandbox
from posts.media.convert import jobs
from posts.media.sandbox import ResourceLimits
from tests.posts.factories import png
from tests.posts.features.feeds.documents import numbered
from tests.posts.media import in_process, videos
from tests.posts.media.test_uploads import PDF
from tests.until import until

pytestmark = pytest.mark.usefixtures("real_sandbox")

LIMITS = ResourceLimits(seconds=20, cpu_seconds=20, memory_bytes=10**9)
READING, MAKING = "posts.media.inspection_sandboxed", "posts.media.convert.sandboxed"


def test_the_answer_of_the_child_is_returned(tmp_path):
    answer = sandbox.run("tests.posts.chores", {"do": "echo", "what": "é"}, LIMITS)

    assert answer == {"what": "é"}


def test_the_child_has_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do not tell")

    answer = sandbox.run("tests.posts.chores", {"do": "environ"}, LIMITS)

    assert "SECRET_KEY" not in answer["names"]
    assert "DATABASE_URL" not in answer["names"]


def converting(content_type: str, **form) -> dict:
    return {"form": asdict(Form(content_type, **form)), "strips": False}


@pytest.mark.parametrize(
    ("module", "content", "request_", "limits"),
    [
        (READING, png(), {"type": "image/png", "reader": "images"}, inspection.LIMITS),
        (READING, videos.make(), {"type": "video/mp4", "reader": "videos"}, inspection.LIMITS),
        (READING, PDF, {"type": "application/pdf", "reader": "documents"}, inspection.LIMITS),
        (MAKING, png(), converting("image/jpeg"), jobs.LANES["image"].limits),
        (MAKING, videos.make(), converting("video/mp4"), jobs.LANES["video"].limits),
        ("posts.features.ai.crop_sandboxed", png(), {"width": 1, "height": 1}, generate.LIMITS),
        (
            "posts.features.feeds.parse_sandboxed",
            numbered(1, 2),
            {"url": "", "type": ""},
            feeds.LIMITS,
        ),
    ],
    ids=["image", "video", "document", "image made", "video made", "image cropped", "feed"],
)
def test_each_work_has_what_it_needs_there(tmp_path, module, content, request_, limits):
    """Most other tests do it in their own process."""
    source = tmp_path / "source"
    source.write_bytes(content)
    places = dict.fromkeys(("path", "source"), str(source))
    places |= {name: str(tmp_path / name) for name in ("target", "thumbnail")}

    answer = sandbox.run(module, {**places, **request_}, limits)

    assert answer == in_process.run(module, {**places, **request_}, limits)
    assert not {"cannot", "unreadable"} & answer.keys()


@pytest.mark.parametrize("do", ["crash", "raise", "chatter"])
def test_a_crashing_child_harms_nothing_else(do):
    with pytest.raises(sandbox.NoResult):
        sandbox.run("tests.posts.chores", {"do": do}, LIMITS)


@pytest.mark.parametrize(
    ("do", "words"), [("fill", "more than 1000 MB of memory"), ("think", "more than 1 seconds")]
)
def test_exceeded_limits_are_distinguished_from_crashes(do, words):
    with pytest.raises(sandbox.LimitExceeded, match=words):
        sandbox.run("tests.posts.chores", {"do": do}, ResourceLimits(60, 1, 10**9))


def test_an_answer_before_a_crash_counts():
    answer = sandbox.run("tests.posts.media.sandbox_work", {"answers": 2}, LIMITS)

    assert answer == {"answer": 2}


def test_slots_limit_how_many_run_at_once():
    places = sandbox.SandboxSlots(1, patience_seconds=0)

    with places.one(), pytest.raises(sandbox.TooBusy), places.one():
        pass

    with places.one():
        pass


def test_a_child_that_runs_too_long_is_ended():
    begun = time.monotonic()

    with pytest.raises(sandbox.TimedOut):
        sandbox.run("tests.posts.chores", {"do": "sleep"}, ResourceLimits(0.5, 20, 10**9))

    assert time.monotonic() - begun < 5


def test_an_exception_of_meanwhile_ends_the_child(monkeypatch):
    monkeypatch.setattr(sandbox, "LOOK_SECONDS", (0.01, 0.01))

    class NotWantedError(Exception):
        pass

    def meanwhile() -> None:
        raise NotWantedError

    with pytest.raises(NotWantedError):
        sandbox.run(
            "tests.posts.chores",
            {"do": "sleep"},
            ResourceLimits(20, 20, 10**9),
            meanwhile=meanwhile,
        )


def test_the_child_ends_with_its_parent(tmp_path):
    told = tmp_path / "pid"
    request = {"do": "tell", "to": str(told)}
    limits = "sandbox.ResourceLimits(60, 20, 10**9)"
    code = (
        f"from posts.media import sandbox; sandbox.run('tests.posts.chores', {request}, {limits})"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=sandbox.ROOT)
    until(lambda: told.exists() and told.read_text())
    child = int(told.read_text())

    parent.kill()
    parent.wait()

    until(lambda: not is_running(child))


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
