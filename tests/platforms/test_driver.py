import httpx

from platforms.drafts import Credentials, Draft
from platforms.outcomes import Published
from platforms.x.adapter import X
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, video


def test_the_driver_publishes_and_records_that_it_was_sending(simulator: Simulator):
    token = simulator.connect("x", "2244994945", username="acme")
    drive = Drive(X(), Credentials("2244994945", "acme", token), simulator)
    result = drive.finish(Draft("Hello"))
    assert isinstance(result, Published)
    assert [post["id"] for post in simulator.posts("x", "2244994945")] == [result.id]
    assert (drive.sends, drive.state) == (1, "answered")


def test_media_can_be_opened_and_fetched():
    item = media(video(), kind="video")
    fetched = httpx.get(item.url, trust_env=False)
    assert item.open is not None
    assert fetched.content == item.open().read()
    assert fetched.headers["content-type"] == "video/mp4"
    assert len(fetched.content) == item.size_bytes
