"""Each request to a site is one to a host that its owner named: no private one, no redirect."""

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Unavailable
from platforms.http.transport import Transport
from tests.conftest import Simulator
from tests.platforms.driver import HELLO, image, media
from tests.platforms.wordpress.account import drive
from tests.platforms.wordpress.steps import TOLD
from tests.platforms.wordpress.test_login import signed_in

PICTURE = media(image(format="JPEG"), content_type="image/jpeg")


def test_each_call_says_that_its_host_is_foreign(simulator: Simulator, monkeypatch):
    calls = []
    send = Transport.send

    async def noting(self, method, url, **options):
        calls.append((f"{method} {url}", options.get("is_foreign")))
        return await send(self, method, url, **options)

    monkeypatch.setattr(Transport, "send", noting)
    d = drive(simulator)
    signed_in(simulator, d.account.token)
    for call in ("create_post", "upload_media", "update_post"):
        d.fault(call=call, drop="after", times=1)
        d.checkpoint = {}
        d.raises(OutcomeUnknown if call == "update_post" else Unavailable, Draft("A", (PICTURE,)))
        d.finish(Draft("A", (PICTURE,), TOLD))
    d.find(HELLO)
    [*_, last] = d.public()
    d.shows_as_own(last["id"])
    d.read_metrics(last["id"])
    d.delete(last["id"])

    assert len({call.partition("?")[0] for call, _ in calls}) > 10
    assert [call for call, is_foreign in calls if not is_foreign] == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1.nip.example", "10.0.0.8"])
def test_a_site_at_a_private_address_is_not_called(simulator: Simulator, monkeypatch, host: str):
    private = [(2, 1, 6, "", ("10.0.0.8", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: private)
    d = drive(simulator)
    d.account = type(d.account)(
        f"7@{host}", "dora", d.account.token, extra={"rest": f"https://{host}/wp-json/"}
    )
    d.gateway = ""
    error = d.raises(Unavailable)
    assert (error.code, error.actor) == ("address_refused", "account owner")
    assert d.account.token not in f"{error!r}{error.message}{error.body}"
    assert d.state in ("unsent", "answered")
