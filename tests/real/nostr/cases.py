"""Cases that both sides play: logins, kinds of post, lost answers, lookups, deletions, edges."""

import dataclasses
import time
from collections.abc import Callable

from platforms.drafts import Draft
from platforms.nostr import nip19
from platforms.nostr.adapter import TEXT_CHARS
from platforms.nostr.events import DELETION, NOTE, Key
from tests.platforms.samples import PICTURE, SHAPED, THREAD
from tests.real.nostr.carrier import Cut
from tests.real.nostr.stage import Seen, Stage

Play = Callable[[Stage], Seen]
HELLO = Draft("Coo")
ARTICLE = {"title": "Of doves", "summary": "They coo.", "identifier": "doves"}
DRAFTS = {
    "a note": HELLO,
    "signs": Draft('1 < 2 & "3" \\ é \U0001f54a \u202eyob\u202c \u2028 \x7f \t\n#doves'),
    "a warning": Draft("Coo", settings={"contentWarning": "Doves", "hashtags": ["coo"]}),
    "a picture in a note": PICTURE,
    "a picture": Draft("Coo", (SHAPED,), {"title": "A dove"}, "Picture"),
    "an article": Draft("# Coo", settings=ARTICLE, post_type="Article"),
    "a thread": THREAD,
    "the longest text": Draft("x" * TEXT_CHARS),
}


def publishes(draft: Draft) -> Play:
    """Publish, look it up as if the answer were lost, publish it again, delete it."""

    def play(stage: Stage) -> Seen:
        stage.drive.adapter.check(draft)
        seen = {"ended": stage.publish(draft), "listed": stage.listed()}
        seen |= {"found": stage.find(draft), "again": stage.publish(draft)}
        seen |= {"still": stage.listed(), "deleted": stage.delete()}
        return {**seen, "left": stage.listed()[0], "deleted again": stage.delete()}

    return play


def loses(cut: Cut, draft: Draft) -> Play:
    """Lose an event or its answer, look it up, and go on as the pipeline would."""

    def play(stage: Stage) -> Seen:
        stage.carrier.cut = cut
        seen = {"ended": stage.publish(draft), "listed": stage.listed()}
        seen |= {"found": stage.find(draft), "again": stage.publish(draft)}
        return {**seen, "still": stage.listed(), "events": len(stage.signed)}

    return play


def signs_in(stage: Stage) -> Seen:
    return stage.sign_in()


def finds_nothing(stage: Stage) -> Seen:
    """Look for what was never sent, and delete it."""
    stage.carrier.cut = "before"
    stage.publish(HELLO)
    return {"found": stage.find(HELLO), "deleted": stage.delete()}


def replies(stage: Stage) -> Seen:
    stage.publish(HELLO)
    link = nip19.nevent(stage.signed[0]["id"])
    answer = Draft("Coo yourself", settings={"replyTo": link, "quote": link})
    stage.drive.checkpoint = {}
    return {"ended": stage.publish(answer), "listed": stage.listed()}


def replies_to_nothing(stage: Stage) -> Seen:
    return stage.publish(Draft("Coo", settings={"replyTo": nip19.nevent("ab" * 32)}))


def is_refused(stage: Stage) -> Seen:
    """Say more than the relay takes, past what our own limits let through."""
    draft = dataclasses.replace(HELLO, text="x" * 70_000)
    seen = {"ended": stage.publish(draft), "listed": stage.listed()}
    return {**seen, "found": stage.find(draft)}


def sends(seconds: int = 0, **changes: object) -> Play:
    """Send an event with something wrong with it."""

    def play(stage: Stage) -> Seen:
        key = Key(stage.drive.account.token)
        event = key.signed(NOTE, "Coo", [], int(time.time()) + seconds)
        return stage.send({**event, **changes})

    return play


def deletes_anothers(stage: Stage) -> Seen:
    """Ask with another key to delete a post: it stays."""
    stage.publish(HELLO)
    tags = [["e", stage.signed[0]["id"]], ["k", "1"]]
    stage.send(Key("ab" * 32).signed(DELETION, "", tags, int(time.time())))
    return {"listed": stage.listed()}


CASES: dict[str, Play] = {
    "sign in": signs_in,
    **{f"publish {name}": publishes(draft) for name, draft in DRAFTS.items()},
    "lose an event": loses("before", HELLO),
    "lose an answer": loses("after", HELLO),
    "lose an event of a thread": loses("before", THREAD),
    "lose an answer of a thread": loses("after", THREAD),
    "find nothing": finds_nothing,
    "reply and quote": replies,
    "reply to nothing": replies_to_nothing,
    "say too much": is_refused,
    "an event of next day": sends(86_400),
    "an event of ten minutes from now": sends(600),
    "an event of five years ago": sends(-5 * 366 * 86_400),
    "another text": sends(content="Roo"),
    "another signature": sends(sig="0" * 128),
    "delete another's": deletes_anothers,
}
