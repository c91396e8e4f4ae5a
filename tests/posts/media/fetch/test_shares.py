"""Which fetches wait for which when URLs are slow."""

import uuid
from datetime import timedelta

from destinations.runtime import clock
from destinations.runtime.request_waits import RequestWaitLimiter
from posts.media.fetch import jobs
from posts.models import Fetch, Media
from tests.posts.conftest import bring
from tests.posts.factories import png
from tests.posts.media import videos
from tests.until import until


def hangs(stranger):
    """An answer that shows its type and then hangs."""

    def answer(begin: bytes):
        def hang(to) -> None:
            to.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + begin)
            to.wfile.flush()
            stranger.over.wait()

        return hang

    return answer


def test_a_request_for_a_slow_url_is_answered_while_the_file_uploads(ada, stranger, settings):
    settings.FETCH_WAIT_SECONDS = 0.1

    answer = bring(ada, stranger.url("/slow"))

    data = answer.json()["data"]
    assert answer.status_code == 201
    assert (data["media_status"], data["type"], data["content_type"]) == ("uploading", None, None)
    assert "GET /media/" in data["next_step"]
    assert stranger.asked == []
    item = ada.get(f"/media/{data['media_id']}").json()["data"]
    assert (item["type"], item["filename"], item["size"]) == (None, "slow", 0)


def test_slow_urls_of_one_workspace_do_not_block_others(ada, cy, stranger, settings, fetcher):
    settings.FETCH_WAIT_SECONDS = 0
    for number in range(10):
        stranger.answers[f"/slow{number}"] = hangs(stranger)(png())
        bring(ada, stranger.url(f"/slow{number}"))
    until(lambda: len(stranger.asked) == jobs.SHARE)
    settings.FETCH_WAIT_SECONDS = 20

    answer = bring(cy, stranger.gives("/quick.png", png()))

    assert answer.json()["data"]["media_status"] == "ready"
    slow = Media.objects.filter(workspace=ada.workspace)
    assert set(slow.values_list("status", flat=True)) == {"uploading"}
    assert len(stranger.asked) == jobs.SHARE + 1


def test_slow_videos_do_not_block_the_workspaces_images(ada, stranger, settings, fetcher):
    video = videos.make()
    for number in range(jobs.SHARE):
        stranger.answers[f"/video{number}"] = hangs(stranger)(video[:5000])
        data = bring(ada, stranger.url(f"/video{number}")).json()["data"]
        assert (data["media_status"], data["type"]) == ("uploading", "video")
    until(lambda: len(stranger.asked) == 2 * jobs.SHARE)

    answer = bring(ada, stranger.gives("/quick.png", png()))

    assert answer.json()["data"]["media_status"] == "ready"


def test_a_workspace_fetches_its_share_until_a_lease_ends(ada, cy, stranger):
    for number in range(jobs.SHARE + 1):
        bring(ada, stranger.url(f"/{number}"))
    bring(cy, stranger.url("/cy"))

    claimed = [jobs.QUICK.claim() for _ in range(jobs.SHARE + 2)]

    owners = [each and each.media.workspace_id for each in claimed]
    mine = [ada.workspace.pk] * jobs.SHARE
    assert owners == [mine[0], cy.workspace.pk, *mine[1:], None]
    dead = Fetch.objects.filter(pk=claimed[0].pk)
    dead.update(due_at=clock.now() - timedelta(seconds=1))
    assert jobs.QUICK.claim().pk == claimed[0].pk


def test_few_requests_wait_and_fewer_for_one_workspace(settings):
    settings.WEB_THREADS = 24
    one, ada, bo = RequestWaitLimiter(most_each=2).one, uuid.uuid4(), uuid.uuid4()

    with (
        one(ada) as first,
        one(ada) as second,
        one(ada) as third,
        one(bo) as his,
        one(uuid.uuid4()) as unknown,
    ):
        assert (first, second, third, his, unknown) == (True, True, False, True, False)
    with one(ada) as first, one(ada) as second:
        assert (first, second) == (True, True)
