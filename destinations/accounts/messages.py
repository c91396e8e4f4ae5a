"""The messages of the pages on which an account is connected."""

from dataclasses import dataclass

from destinations.models import Connection


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """An error page. `again`: the same browser may start again at once.

    `status` is the HTTP status; never 502 or 504, which proxies replace with a page of their own.
    """

    title: str
    text: str
    status: int = 400
    again: bool = False


PAGES: dict[str, ErrorPage] = {
    "unknown_link": ErrorPage(
        "This link does not exist",
        "The link is incomplete or was removed. Ask the sender for a new one.",
        404,
    ),
    "expired": ErrorPage(
        "This link has expired",
        "Its time is over, or it was revoked. Nothing was changed. Ask the sender for a new one.",
        410,
    ),
    "used": ErrorPage(
        "This link was already used",
        "An account was connected with it. To connect another one, ask for a new link.",
        410,
    ),
    "unknown_state": ErrorPage(
        "This login is out of date",
        "It may come from an older attempt; only the newest one counts. Nothing was changed. Open "
        "the link again.",
    ),
    "replayed": ErrorPage(
        "This login was already received",
        "Each login at {platform} counts once. If nothing was connected, start again.",
        409,
        again=True,
    ),
    "busy": ErrorPage(
        "Too many are connecting at this moment",
        "Nothing was changed. Load this page again in a few seconds.",
        503,
        again=True,
    ),
    "foreign_browser": ErrorPage(
        "This belongs to another browser",
        "The connection was started in another browser, or cookies are disabled here. Nothing was "
        "changed. Open the link again in this browser.",
        403,
    ),
    "denied": ErrorPage(
        "You declined",
        "{platform} was not connected and nothing was changed. You can start again at any time.",
        200,
        again=True,
    ),
    "declined": ErrorPage(
        "Nothing was connected",
        "Everything {platform} sent was deleted. To withdraw the permission there too, remove this "
        "app in your {platform} settings.",
        200,
        again=True,
    ),
    "refused": ErrorPage(
        "{platform} refused the login",
        "It answered {error}. If this happens again, tell the operator of this installation.",
        again=True,
    ),
    "code_refused": ErrorPage(
        "{platform} no longer accepts this login",
        "Its login code has expired, which happens when a page stays open for long. Start again.",
        again=True,
    ),
    "not_accepted": ErrorPage(
        "{platform} did not accept this",
        "{said} Nothing was connected.",
        422,
        again=True,
    ),
    "app_refused": ErrorPage(
        "{platform} does not accept this installation",
        "The app of this installation is not accepted there. Its operator must check the app's "
        "registration; you cannot fix this yourself.",
        409,
    ),
    "not_set_up": ErrorPage(
        "{platform} is not set up here",
        "The operator of this installation has not registered an app there. You cannot fix this "
        "yourself.",
        409,
    ),
    "full": ErrorPage(
        "There is no place for another account",
        "Its workspace may have {most} accounts, and has them. Nothing was connected. Remove one, "
        "or ask the operator of this installation for more.",
        409,
    ),
    "away": ErrorPage(
        "{platform} cannot be reached",
        "Nothing was connected. Start again in a moment.",
        503,
        again=True,
    ),
    "broke": ErrorPage(
        "Something went wrong on our side",
        "Nothing was connected. Start again; if it happens again, tell the operator of this "
        "installation.",
        500,
        again=True,
    ),
    "no_profiles": ErrorPage(
        "There is nothing to post to",
        "Your login at {platform} has no page, channel or profile that you may post to. Log in "
        "as a user who has one, and allow access to it.",
        422,
        again=True,
    ),
    "missing_scopes": ErrorPage(
        "A permission is missing",
        "Posting to {platform} also needs: {scopes}. Nothing was connected. Start again and leave "
        "everything selected.",
        422,
        again=True,
    ),
    "other_profile": ErrorPage(
        "That is another account",
        "This link reconnects {account}, but you logged in as {others}. Nothing was changed. Log "
        "in at {platform} as {account} and start again.",
        409,
        again=True,
    ),
}


def asked_by(connection: Connection) -> str:
    """Return who asked for the link, as the pages show it."""
    kind, _, name = connection.by.partition(":")
    return {"key": f"API key {name}…", "operator": f"operator {name}"}.get(kind, connection.by)


class ConnectError(Exception):
    """The connection cannot continue. `why` is a key of PAGES; `words` complete its text."""

    def __init__(self, why: str, connection: Connection | None = None, **words: str) -> None:
        super().__init__(why)
        self.why = why
        self.connection = connection
        self.words = words
