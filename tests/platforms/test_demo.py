"""The demo's kinds of post are what a network takes, and look so on the wall."""

from functools import cache

import httpx
import pytest

from deploy.local.demo.networks import FILES
from deploy.simulator.app import NETWORKS
from deploy.simulator.demo import Demo, DemoPost
from platforms.drafts import Credentials, Draft
from platforms.registry import ADAPTERS, APPS
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, published

#: Of networks that need no app, and so no review.
DEMOS = [network.demo for network in NETWORKS if network.key not in APPS]
KINDS = [
    pytest.param(demo, kind, id=f"{kind.platform} {kind.what}")
    for demo in DEMOS
    for kind in demo.posts
]
KIND_OF = {"application": "document"}


@cache
def drawn(name: str) -> bytes:
    return FILES[name][1]("Dovecote")


@pytest.mark.parametrize(("demo", "kind"), KINDS)
def test_every_kind_is_published(simulator: Simulator, demo: Demo, kind: DemoPost):
    network, account = kind.platform, demo.accounts[kind.account]
    facts = {"username": account.username, "extra": dict(account.simulator_extra)}
    facts |= {"token": account.token} if account.token else {}
    token = simulator.connect(network, account.platform_account_id, **facts)
    known = Credentials(account.platform_account_id, account.username, token, extra=account.extra)
    drive = Drive(ADAPTERS[network], known, simulator)
    files = []
    for name in kind.files:
        content_type, _ = FILES[name]
        form = content_type.partition("/")[0]
        form = KIND_OF.get(form, form)
        files.append(media(drawn(name), form, content_type, name, width=1080, height=1080))
    settings = {**kind.settings, **({"thread": list(kind.parts)} if kind.parts else {})}
    draft = Draft("Hello", tuple(files), settings, kind.post_type)

    drive.adapter.check(draft)
    result = published(drive.finish(draft))

    shown = next(post for post in drive.public() if post["id"] == result.id)
    assert len(shown["media"]) == kind.visible_files
    wall = httpx.get(f"{simulator.url}/wall", params={"network": network}).text
    assert result.url in wall
