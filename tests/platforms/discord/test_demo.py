"""The demo's kinds of post are what the network takes, and look so on the wall."""

import httpx
import pytest

from deploy.local.demo.networks import FILES
from deploy.simulator.demo import DemoPost
from deploy.simulator.discord.demo import DEMO
from platforms.discord.adapter import Discord
from platforms.drafts import Credentials, Draft
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, published


@pytest.mark.parametrize("kind", DEMO.posts, ids=lambda kind: kind.what)
def test_every_kind_is_published(simulator: Simulator, kind: DemoPost):
    account = DEMO.accounts[kind.account]
    facts = {"username": account.username, "extra": dict(account.simulator_extra)}
    token = simulator.connect("discord", account.platform_account_id, **facts)
    known = Credentials(account.platform_account_id, account.username, token, extra=account.extra)
    drive = Drive(Discord(), known, simulator)
    files = []
    for name in kind.files:
        content_type, draw = FILES[name]
        form = content_type.partition("/")[0]
        files.append(media(draw("Dovecote"), form, content_type, name, width=1080, height=1080))
    settings = {**kind.settings, **({"thread": list(kind.parts)} if kind.parts else {})}
    draft = Draft("Hello", tuple(files), settings)

    drive.adapter.check(draft)
    result = published(drive.finish(draft))

    shown = next(post for post in drive.public() if post["id"] == result.id)
    assert len(shown["media"]) == kind.visible_files
    wall = httpx.get(f"{simulator.url}/wall", params={"network": "discord"}).text
    assert result.url in wall
