"""Cases that both sides play: logins, kinds of post, lost answers, lookups, deletions, calls."""

import dataclasses
import io
from collections.abc import Callable

from platforms.drafts import Draft, Media
from platforms.mastodon import limits
from platforms.oauth import Profile
from platforms.outcomes import Published
from tests.platforms.driver import image, media, video
from tests.platforms.mastodon.account import OLD
from tests.real.gateway import Cut
from tests.real.mastodon.stage import LOGIN, Seen, Stage, refused

Play = Callable[[Stage], Seen]
HELLO = Draft("Coo")
THREAD = Draft("One", settings={"thread": ["Two", "Three"]})
CREATE, LIST, UPLOAD = "/api/v1/statuses", "/statuses", "/media"
CUTS: tuple[Cut, ...] = ("before", "after", "middle")
TEXTS = {
    "a text": "Coo",
    "a link, a tag, a mention": (
        "Read https://www.example.com/a/very/long/way/to/go?x=1&y=2, #doves, @dora@example.com!"
    ),
    "signs": "1 < 2 & 3 > 2, **4** *5* `6` ~~7~~",
    "what looks like HTML": "The <b>doves</b> &amp; the loft",
    "lines": "One\nTwo\n\nThree\n\n\n\nFour",
    "a picture of a dove": "\U0001f54a",
    "letters of all kinds": "A\u030a \ufb01 \u05d0\u05d1 \u202eyob\u202c coo\u00a0coo \u200b\u01c5",
    "an address of mail": "Write to dora@example.com or @dora",
    "500 letters": "a" * 500,
}
SETTINGS = {
    "a warning": {"spoilerText": "Doves", "sensitive": True},
    "unlisted": {"visibility": "unlisted"},
    "for followers": {"visibility": "private"},
    "a language": {"language": "pt"},
    "a poll": {"pollOptions": ["Yes", "No"]},
    "a thread of three": {"thread": ["Two", "Three"]},
    "a warned thread": {"thread": ["Two"], "spoilerText": "Doves"},
}


def pictures(count: int, kind: str = "JPEG") -> tuple[Media, ...]:
    content = image(320, 200, kind)
    return tuple(
        media(content + bytes([n]), alt_text=f"Dove {n}", content_type=f"image/{kind.lower()}")
        for n in range(count)
    )


def publishes(draft: Draft) -> Play:
    """Publish a draft, and look it up as if its answer were lost."""

    def play(stage: Stage) -> Seen:
        stage.drive.adapter.check(draft)
        ended = stage.publish(draft)
        kept = dict(stage.drive.checkpoint)
        parts = kept.get("parts") or []
        # As before the answer of the last part.
        stage.drive.checkpoint = {**kept, "parts": parts[:-1], "url": None}
        return {"ended": ended, "found": stage.find(draft), "public": stage.public()}

    return play


def loses(draft: Draft, call: str, where: Cut) -> Play:
    """Lose one answer, look the post up early and late, and publish again from the checkpoint."""

    def play(stage: Stage) -> Seen:
        _ = stage.drive  # signs in
        stage.gateway.lose(call, where)
        lost = stage.publish(draft)
        seen = {"lost": lost, "early": stage.find(draft), "late": stage.find(draft, later=True)}
        if "published" not in seen["early"]:
            seen["again"] = stage.publish(draft)
        return {**seen, "public": stage.public()}

    return play


def repeats(stage: Stage) -> Seen:
    """Send twice with one key, as after a mistaken lookup."""
    _ = stage.drive
    first = stage.publish(HELLO)
    again = stage.publish(HELLO)
    return {"first": first, "again": again, "public": stage.public()}


def loses_a_lookup(stage: Stage) -> Seen:
    stage.publish(HELLO)
    stage.gateway.lose(LIST, "middle")
    return {"lost": stage.find(HELLO), "found": stage.find(HELLO)}


def deletes(stage: Stage) -> Seen:
    number = _published(stage)
    return {
        "own": refused(lambda: stage.drive.shows_as_own(number)),
        "deleted": refused(lambda: stage.drive.delete(number)),
        "no post": refused(lambda: stage.drive.delete("1")),
        "not own": refused(lambda: stage.drive.shows_as_own("1")),
        "public": stage.public(),
    }


def reads_numbers(stage: Stage) -> Seen:
    number = _published(stage)
    found = stage.drive.read_metrics(number)[number]
    return {
        "numbers": [found.likes is not None, found.comments is not None, found.shares is not None],
        "followers": stage.drive.read_followers() is not None,
        "gone": dict(stage.drive.read_metrics("1")),
    }


def reads_limits(stage: Stage) -> Seen:
    told = stage.run(LOGIN, lambda http: limits.read_server(OLD, http))
    shown = ("media_items", "image_bytes", "video_bytes", "has_quotes")
    return {name: told[name] for name in shown}


def signs_in(stage: Stage) -> Seen:
    return _shown(stage, stage.profile)


def signs_in_by_consent(stage: Stage) -> Seen:
    return _shown(stage, stage.sign_in_by_consent())


def refuses_a_token(stage: Stage) -> Seen:
    return refused(lambda: stage.sign_in("no-such-token"))


def publishes_with_an_old_token(stage: Stage) -> Seen:
    drive = stage.drive
    right = drive.account
    drive.account = dataclasses.replace(right, token="no-such-token")
    ended = stage.publish(HELLO)
    drive.account = right
    return {"ended": ended["raised"], "public": stage.public()}


def calls(stage: Stage) -> Seen:
    """Ask without the right to, or for nothing."""
    right = {"status": "Coo", "visibility": "public"}
    file = {"file": ("file.jpeg", io.BytesIO(image(format="JPEG")), "image/jpeg")}
    return {
        "post without a token": stage.call("POST", "v1/statuses", "", json=right),
        "post with what is none": stage.call("POST", "v1/statuses", "nonsense", json=right),
        "post no JSON": stage.call(
            "POST", "v1/statuses", content=b"{", headers={"Content-Type": "application/json"}
        ),
        "upload without a token": stage.call("POST", "v1/media", "", files=file),
        "a post that is none": stage.call("GET", "v1/statuses/1"),
        "posts of no one": stage.call("GET", "v1/accounts/1/statuses"),
        "a file that is none": stage.call("GET", "v1/media/1"),
        "limits": stage.call("GET", "v2/instance"),
    }


def _published(stage: Stage) -> str:
    """Publish; the post's id."""
    found = stage.drive.finish(HELLO)
    assert isinstance(found, Published)
    return found.id


def _shown(stage: Stage, profile: Profile) -> Seen:
    return {
        "name": profile.name == f"@{stage.person.name}@{OLD}",
        "host": profile.platform_account_id.rpartition("@")[2],
        "scopes": list(profile.tokens.scopes),
        "lasts": profile.tokens.expires_at is None,
        "picture": profile.avatar_url.startswith(f"https://{OLD}/"),
    }


CASES: dict[str, Play] = {
    "sign in by a token": signs_in,
    "sign in by consent": signs_in_by_consent,
    "refuse a token": refuses_a_token,
    "read limits": reads_limits,
    **{f"publish {name}": publishes(Draft(text)) for name, text in TEXTS.items()},
    **{f"publish {name}": publishes(Draft("One", (), kind)) for name, kind in SETTINGS.items()},
    "publish an image": publishes(Draft("", pictures(1))),
    "publish a PNG": publishes(Draft("Look", pictures(1, "PNG"))),
    "publish four images": publishes(Draft("Look", pictures(4))),
    "publish a video": publishes(Draft("Look", (media(video(), "video", alt_text="A dove"),))),
    "send twice": repeats,
    **{f"lose a text {where}": loses(HELLO, CREATE, where) for where in CUTS},
    **{f"lose a thread {where}": loses(THREAD, CREATE, where) for where in CUTS},
    **{f"lose an image {where}": loses(Draft("", pictures(1)), CREATE, where) for where in CUTS},
    **{
        f"lose an upload {where}": loses(Draft("Look", pictures(2)), UPLOAD, where)
        for where in CUTS
    },
    "lose what looks like HTML": loses(Draft(TEXTS["what looks like HTML"]), CREATE, "after"),
    "lose a lookup": loses_a_lookup,
    "delete a post": deletes,
    "read numbers": reads_numbers,
    "publish with an old token": publishes_with_an_old_token,
    "calls": calls,
}
