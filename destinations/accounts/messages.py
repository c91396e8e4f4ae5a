"""What people are told on the way to a connected account, in the platform's name."""

from dataclasses import dataclass

from destinations.models import Connection


@dataclass(frozen=True, slots=True)
class Page:
    """`status` is the HTTP answer's, never 502 or 504: proxies put a page of their own in the place
    of those. `again`: the same browser may begin again at once."""

    title: str
    text: str
    status: int = 400
    again: bool = False


PAGES: dict[str, Page] = {
    "unknown_link": Page(
        "This link leads nowhere",
        "It is incomplete, or it has been removed. Ask whoever sent it for a new one.",
        404,
    ),
    "expired": Page(
        "This link has expired",
        "Links are good for ten minutes. Ask whoever sent it for a new one; nothing was changed.",
        410,
    ),
    "used": Page(
        "This link has done its work",
        "An account was connected with it already. A new link is needed for another one.",
        410,
    ),
    "unknown_state": Page(
        "This answer belongs to no request of ours",
        "It may come from an older attempt: only the newest one counts. Open the link again; "
        "nothing was changed.",
    ),
    "replayed": Page(
        "This answer was received before",
        "Each answer from {platform} counts once. If nothing was connected, begin again.",
        409,
        again=True,
    ),
    "foreign_browser": Page(
        "This belongs to another browser",
        "The connection was begun in another browser, or cookies are switched off here. Open the "
        "link again in this one; nothing was changed.",
        403,
    ),
    "denied": Page(
        "You said no",
        "{platform} was not connected and nothing was changed. You can begin again whenever you "
        "like.",
        200,
        again=True,
    ),
    "declined": Page(
        "Nothing was connected",
        "What {platform} had given was forgotten. To take the permission back there too, remove "
        "this app in {platform}'s settings.",
        200,
        again=True,
    ),
    "refused": Page(
        "{platform} did not let you through",
        "It answered “{error}”. If this happens again, tell the operator of this installation.",
        again=True,
    ),
    "code_refused": Page(
        "{platform} has taken its answer back",
        "The code that it sent was no longer good. That happens when a page is left open for "
        "long: begin again.",
        again=True,
    ),
    "app_refused": Page(
        "{platform} does not know this installation",
        "Its app at {platform} is not accepted. Whoever runs this installation must look at its "
        "registration there; you cannot mend it.",
        409,
    ),
    "not_set_up": Page(
        "{platform} is not set up here",
        "Whoever runs this installation has not registered an app there. You cannot mend it.",
        409,
    ),
    "away": Page(
        "{platform} cannot be reached",
        "Nothing was connected. Begin again in a moment.",
        503,
        again=True,
    ),
    "broke": Page(
        "Something broke on our side",
        "Nothing was connected. Begin again; if it happens again, tell whoever runs this "
        "installation.",
        500,
        again=True,
    ),
    "nobody": Page(
        "There is nothing to post to",
        "You are logged in at {platform}, but there is no page, channel or profile that may be "
        "posted to. Log in as somebody who has one, and allow access to it.",
        422,
        again=True,
    ),
    "missing_scopes": Page(
        "Something was not allowed",
        "Posting to {platform} also needs: {scopes}. Begin again and leave everything ticked; "
        "nothing was connected.",
        422,
        again=True,
    ),
    "other_profile": Page(
        "That is another account",
        "This link reconnects {account}, but you logged in as {others}. Log in at {platform} as "
        "{account} and begin again; nothing was changed.",
        409,
        again=True,
    ),
}


def asked_by(connection: Connection) -> str:
    """Who asked for the link, in words: `key:pe_live_4f3c` is a program of the workspace."""
    kind, _, name = connection.by.partition(":")
    return {"key": f"API key {name}…", "operator": f"operator {name}"}.get(kind, connection.by)


class ConnectError(Exception):
    """It does not go on here. `why` is a key of PAGES; `words` complete its text."""

    def __init__(self, why: str, connection: Connection | None = None, **words: str) -> None:
        super().__init__(why)
        self.why = why
        self.connection = connection
        self.words = words
