"""The accounts of the demo workspace: one per network, and some for what those cannot show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class DemoAccount:
    platform: str
    platform_account_id: str
    name: str
    username: str
    #: Into our credentials, for the adapter.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: What the simulated network knows about the account.
    simulator_extra: Mapping[str, Any] = field(default_factory=dict)
    #: Which of the platform's logins it was connected by; empty: the usual one.
    login: str = ""
    #: Beside the one account of the network that newcomers post to.
    spare: bool = False

    @property
    def account_name(self) -> str:
        """What connecting it would call it."""
        return f"@{self.username}" if self.platform in CALLED_BY_HANDLE else self.name


CALLED_BY_HANDLE = ("x", "instagram", "tiktok", "threads")
MEMBER = "nq7kLdPw3e"
#: (network, setting, value): daily limits that a day of demos would reach.
GENEROUS = (
    ("instagram", "quota", 100_000),
    ("instagram", "container_quota", 100_000),
    ("threads", "quota", 100_000),
    ("threads", "reply_quota", 100_000),
    ("facebook", "reels_per_day", 100_000),
)

DEMO_ACCOUNTS = (
    DemoAccount("x", "1529384756102938475", "Pigeon Post", "pigeonpost"),
    DemoAccount("instagram", "17841400008460056", "Pigeon Post", "pigeonpost"),
    DemoAccount(
        "linkedin",
        "2414183",
        "Pigeon Post Ltd",
        "pigeon-post",
        extra={"author": "urn:li:organization:2414183"},
        simulator_extra={
            "author": "urn:li:organization:2414183",
            "roles": {MEMBER: "ADMINISTRATOR"},
        },
    ),
    DemoAccount("facebook", "106188995512345", "Pigeon Post", "pigeonpost"),
    DemoAccount("tiktok", "723f24d7-e717-40f8-a2b6-cb8464cd23b4", "Pigeon Post", "pigeonpost"),
    DemoAccount("youtube", "UCq3Wm7xK0mVb8tR5yZ1aLdQ", "Pigeon Post", "pigeonpost"),
    DemoAccount("threads", "24183507894561236", "Pigeon Post", "pigeonpost"),
    DemoAccount("linkedin", MEMBER, "Clara Columba", "clara-columba", spare=True),
    DemoAccount(
        "instagram",
        "17841400008460057",
        "Pigeon Post Studio",
        "pigeonpoststudio",
        simulator_extra={"login": "facebook"},
        login="facebook",
        spare=True,
    ),
)
