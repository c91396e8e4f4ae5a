"""Cases that both sides play: logins, kinds of post, lost answers, lookups, deletions, refusals."""

import dataclasses
from collections.abc import Callable

from deploy.simulator.wordpress.site import PLAIN
from platforms.drafts import Draft, Media
from platforms.outcomes import Published
from tests.platforms.driver import image, media, padded, video
from tests.platforms.wordpress.steps import TOLD
from tests.real.gateway import Cut
from tests.real.wordpress.server import UPLOAD_BYTES
from tests.real.wordpress.stage import Seen, Stage, refused

Play = Callable[[Stage], Seen]
HELLO = Draft("Coo")
CREATE, UPLOAD, TERM = "/wp/v2/posts", "/wp/v2/media", "/wp/v2/tags"
CUTS: tuple[Cut, ...] = ("before", "after", "middle")
TEXTS = {
    "a text": Draft("Coo"),
    "lines": Draft("One\nTwo\n\nThree\n\n\n\nFour"),
    "signs": Draft("1 < 2 & 3 > 2, <b>4</b> *5* \\6 [7] &amp; 8"),
    "a link": Draft("Read https://www.example.com/a/way?x=1&y=2."),
    "a link alone": Draft("https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    "a shortcode": Draft('[caption id="1"]Coo[/caption] [gallery]'),
    "a picture of a dove": Draft("\U0001f54a"),
    "letters of all kinds": Draft("A\u030a \ufb01 \u05d0\u05d1 coo\u00a0coo \u200b\u01c5"),
    "60,000 letters": Draft("a" * 60_000),
    "Markdown": Draft(
        "# Doves\n\n*a* **b** ~~c~~ `d`\n\n- e\n- f\n\n> g\n\n|h|i|\n|-|-|\n|1|2|\n\n"
        "```\nj\n\nk\n```",
        settings={"textFormat": "markdown"},
    ),
    "HTML": Draft(
        "<h2>Doves</h2>\n\n<p>One<br>Two</p>\n<script>alert(1)</script><p onclick=x>Three</p>"
        '<details><summary>More</summary>Coo</details><a href="https://e.com" title="x">Four</a>',
        settings={"textFormat": "html"},
    ),
    "a title": Draft("Coo", settings={"title": "1 < 2 & <b>3</b> \U0001f54a"}),
    "a title alone": Draft("", settings={"title": "Doves"}),
    "a title of 500 letters": Draft("Coo", settings={"title": "d" * 500}),
    "an excerpt": Draft("Coo", settings={"excerpt": "Of <i>doves</i>\n\n& more"}),
    "a slug": Draft("Coo", settings={"slug": "of-doves"}),
    "a slug that is no slug": Draft("Coo", settings={"slug": "Of Doves & More!"}),
    "terms": Draft("Coo", settings={"categories": ["News & more", "Doves"], "tags": ["A", "b c"]}),
    "a tag of 200 letters": Draft("Coo", settings={"tags": ["t" * 200]}),
    "a format": Draft("Coo", settings={"format": "aside"}),
    "all at once": Draft("*Coo*", settings=TOLD),
    "a draft": Draft("Coo", settings={"status": "draft"}),
    "a private post": Draft("Coo", settings={"status": "private"}),
}


def pictures(count: int, kind: str = "JPEG") -> tuple[Media, ...]:
    content = image(320, 200, kind)
    return tuple(
        media(content + bytes([n]), alt_text=f'Dove "{n}"', content_type=f"image/{kind.lower()}")
        for n in range(count)
    )


def clip() -> Media:
    return media(video(), "video", alt_text="A dove")


FILES = {
    "an image": Draft("", pictures(1)),
    **{f"a {kind}": Draft("Look", pictures(1, kind)) for kind in ("PNG", "GIF", "WEBP")},
    "five images": Draft("Look", pictures(5)),
    "a video": Draft("Look", (clip(),)),
    "an image and a video": Draft("Look", (*pictures(1), clip())),
    "a featured image": Draft("Look", pictures(2), {"featuredImage": True}),
    "an image in the text": Draft(
        "One\n\n![A dove](media:2)\n\nTwo", pictures(2), {"textFormat": "markdown"}
    ),
    "a video in the text": Draft(
        '<p>One</p><video src="media:1" controls></video>', (clip(),), {"textFormat": "html"}
    ),
    "2,000 letters beside an image": Draft(
        "", (dataclasses.replace(pictures(1)[0], alt_text="d" * 2000),)
    ),
}


def publishes(draft: Draft, role: str = "editor", host: str = "") -> Play:
    """Publish a draft, look it up as if its answer were lost, and publish it again."""

    def play(stage: Stage) -> Seen:
        stage.role, stage.host = role, host or stage.host
        stage.drive.adapter.check(draft)
        return {
            "ended": stage.publish(draft),
            "found": stage.find(draft),
            "again": stage.publish(draft),
            "public": stage.public(),
        }

    return play


def loses(draft: Draft, call: str, where: Cut) -> Play:
    """Lose one answer, look the post up, and publish again from the checkpoint."""

    def play(stage: Stage) -> Seen:
        _ = stage.drive  # signs in
        stage.gateway.lose(call, where)
        seen = {"lost": stage.publish(draft)}
        if stage.drive.state == "sent":
            seen["found"] = stage.find(draft)
        return {**seen, "again": stage.publish(draft), "public": stage.public()}

    return play


def loses_the_last(draft: Draft, where: Cut) -> Play:
    """Lose the answer of the call that publishes, whose path has the draft's id."""

    def play(stage: Stage) -> Seen:
        stage.gateway.lose(CREATE, "before")
        first = stage.publish(draft)
        stage.drive.crash(draft, 1)
        stage.gateway.lose(f"{CREATE}/{stage.drive.checkpoint['post']}", where)
        lost = stage.publish(draft)
        return {
            "first": first,
            "lost": lost,
            "found": stage.find(draft),
            "again": stage.publish(draft),
            "public": stage.public(),
        }

    return play


def deletes(stage: Stage) -> Seen:
    number = _published(stage)
    other = stage.drive
    return {
        "own": refused(lambda: other.shows_as_own(number)),
        "deleted": refused(lambda: other.delete(number)),
        "again": refused(lambda: other.delete(number)),
        "no post": refused(lambda: other.delete("999999999")),
        "own when gone": refused(lambda: other.shows_as_own(number)),
        "numbers": dict(other.read_metrics(number)),
        "public": stage.public(),
    }


def is_deleted_by_another(stage: Stage) -> Seen:
    """Lose a post that its author or an administrator deletes before it is looked up."""
    seen: Seen = {}
    for name in ("trashed", "forgotten"):
        number = _published(stage)
        kept = dict(stage.drive.checkpoint)
        if name == "trashed":
            stage.drive.delete(number)
        else:
            stage.side.forget(stage.person, number)
        stage.drive.checkpoint = dict(kept)
        seen[name] = stage.find(HELLO)
        stage.drive.checkpoint = dict(kept)
        if name == "forgotten":
            seen["published"] = stage.publish(HELLO)
        stage.drive.checkpoint = {}
    return {**seen, "public": stage.public()}


def reads_numbers(stage: Stage) -> Seen:
    number = _published(stage)
    found = stage.drive.read_metrics(number)[number]
    return {"comments": found.comments == 0, "gone": dict(stage.drive.read_metrics("999999999"))}


def anothers(stage: Stage) -> Seen:
    """Ask for what is another user's, as an author may."""
    number = _published(stage)
    seen: Seen = {}
    stage.role = "author"
    del stage.__dict__["person"], stage.__dict__["drive"]
    drive = stage.drive
    seen["own"] = refused(lambda: drive.shows_as_own(number))
    seen["deleted"] = refused(lambda: drive.delete(number))
    drive.checkpoint = {"key": "0123456789abcdef", "post": number}
    return {**seen, "published": stage.publish(HELLO), "public": stage.public()}


def signs_in(host: str = "") -> Play:
    def play(stage: Stage) -> Seen:
        stage.host = host or stage.host
        found = stage.sign_in(password=" ".join(stage.person.password.partition("A")))
        return {
            "id": found.platform_account_id == f"{stage.person.id}@{stage.host}",
            "names": [found.name, found.display_name, found.username == stage.person.name],
            "root": found.extra["rest"],
            "lasts": found.tokens.expires_at is None,
            "picture": found.avatar_url.startswith("https://secure.gravatar.com/"),
        }

    return play


def signs_in_wrongly(stage: Stage) -> Seen:
    word = "abcdEFGH1234ijklMNOP5678"
    return {
        "password": refused(lambda: stage.sign_in(word)),
        "name": refused(lambda: stage.sign_in(name="no-one")),
        "address of mail": refused(lambda: stage.sign_in(name="no-one@example.com")),
        "folder": refused(lambda: stage.sign_in(site=f"{stage.host}/no/such")),
    }


def signs_in_as(role: str) -> Play:
    def play(stage: Stage) -> Seen:
        stage.role = role
        return refused(stage.sign_in)

    return play


def is_given_another_role(draft: Draft, role: str) -> Play:
    """Publish with a role that the user got after the account was connected."""

    def play(stage: Stage) -> Seen:
        _ = stage.drive
        stage.side.make(stage.person, role)
        return {"ended": stage.publish(draft), "public": stage.public()}

    return play


def is_revoked(stage: Stage) -> Seen:
    """Go on with a password that was revoked, at each step."""
    seen: Seen = {}
    _ = stage.drive
    stage.gateway.lose(CREATE, "before")
    stage.publish(HELLO)
    stage.side.revoke(stage.person)
    seen["looks for a draft"] = stage.publish(HELLO)
    stage.drive.checkpoint = {}
    seen["makes a draft"] = stage.publish(HELLO)
    stage.drive.checkpoint = {}
    seen["uploads"] = stage.publish(Draft("Look", pictures(1)))
    stage.drive.checkpoint = {}
    seen["makes a term"] = stage.publish(Draft("Coo", settings={"tags": ["No one's"]}))
    return seen


def is_revoked_before_the_last(stage: Stage) -> Seen:
    stage.drive.crash(HELLO, 2)
    stage.side.revoke(stage.person)
    ended = stage.publish(HELLO)
    return {"ended": ended, "found": stage.find(HELLO)}


def uploads(item: Media) -> Play:
    return lambda stage: {"ended": stage.publish(Draft("Look", (item,)))}


def calls(stage: Stage) -> Seen:
    """Ask without the right to, or for nothing."""
    draft = {"status": "draft", "title": "Coo"}
    return {
        "post without a password": stage.call("POST", "posts", is_known=False, json=draft),
        "post no JSON": stage.call(
            "POST", "posts", content=b"{", headers={"Content-Type": "application/json"}
        ),
        "post nothing": stage.call("POST", "posts", json={"status": "draft"}),
        "a format that is none": stage.call("POST", "posts", json={**draft, "format": "poem"}),
        "upload nothing": stage.call("POST", "media", data={"alt_text": "Coo"}),
        "a post that is none": stage.call("GET", "posts/999999999"),
        "a post that no one has": stage.call("POST", "posts/999999999", json={"status": "publish"}),
        "me without a password": stage.call("GET", "users/me", is_known=False),
        "drafts without a password": stage.call(
            "GET", "posts", is_known=False, params={"slug": "coo", "status": "any"}
        ),
        "delete what is none": stage.call("DELETE", "posts/999999999"),
        "a path that is none": stage.call("GET", "coo"),
    }


def _published(stage: Stage) -> str:
    """Publish; the post's id."""
    found = stage.drive.finish(HELLO)
    assert isinstance(found, Published)
    return found.id


CASES: dict[str, Play] = {
    "sign in": signs_in(),
    "sign in without pretty links": signs_in(PLAIN),
    "sign in wrongly": signs_in_wrongly,
    "sign in as a contributor": signs_in_as("contributor"),
    "sign in as a subscriber": signs_in_as("subscriber"),
    **{f"publish {name}": publishes(draft) for name, draft in TEXTS.items()},
    **{f"publish {name}": publishes(draft) for name, draft in FILES.items()},
    **{
        f"publish {name} as an author": publishes(draft, "author")
        for name, draft in {**TEXTS, **FILES}.items()
        if name in ("signs", "HTML", "Markdown", "an image and a video", "a video in the text")
    },
    "publish a category as an author": publishes(
        Draft("Coo", settings={"categories": ["No author's"]}), "author"
    ),
    "publish a tag as an author": publishes(Draft("Coo", settings={"tags": ["R&D"]}), "author"),
    "publish without pretty links": publishes(
        Draft("Look", pictures(1), {"tags": ["A"], "title": "Doves"}), host=PLAIN
    ),
    **{f"lose a draft {where}": loses(HELLO, CREATE, where) for where in CUTS},
    **{
        f"lose an upload {where}": loses(Draft("Look", pictures(2)), UPLOAD, where)
        for where in CUTS
    },
    **{
        f"lose a tag {where}": loses(Draft("Coo", settings={"tags": [where]}), TERM, where)
        for where in CUTS
    },
    **{f"lose a post {where}": loses_the_last(HELLO, where) for where in CUTS},
    **{
        f"lose a private post {where}": loses_the_last(TEXTS["a private post"], where)
        for where in CUTS
    },
    **{f"lose a kept draft {where}": loses_the_last(TEXTS["a draft"], where) for where in CUTS},
    "delete a post": deletes,
    "a post that someone deleted": is_deleted_by_another,
    "read numbers": reads_numbers,
    "what is another's": anothers,
    "publish as a contributor": is_given_another_role(HELLO, "contributor"),
    "publish as a subscriber": is_given_another_role(HELLO, "subscriber"),
    "upload as a contributor": is_given_another_role(Draft("", pictures(1)), "contributor"),
    "a revoked password": is_revoked,
    "a password that was revoked before the last call": is_revoked_before_the_last,
    "upload what is too large": uploads(media(padded(video(), UPLOAD_BYTES + 1), "video")),
    "upload the largest": uploads(media(padded(video(), UPLOAD_BYTES), "video")),
    "upload more than a body may have": uploads(
        media(padded(video(), 2 * UPLOAD_BYTES + 1), "video")
    ),
    "upload a text as an image": uploads(media(b"Coo", content_type="image/jpeg")),
    "calls": calls,
}
