"""The commands. Exit codes: cli/show.py; 1 is also a refusal, 4 no answer, 64 a wrong command."""

import platform
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from dovecote._workflows.importing import IMPORT_SECONDS
from dovecote.cli import session, show, times
from dovecote.client import URL_VARIABLE, Client
from dovecote.errors import ApiError, DovecoteError, NoAnswer
from dovecote.models import DeviceLogin
from dovecote.outcomes import Outcome
from dovecote.posts import Post

NO_ANSWER, USAGE, INTERRUPTED = 4, 64, 130
#: The server validates and makes up to hundreds of posts in one request.
REQUEST_SECONDS = 300.0
#: Of `--wait` and `watch`.
WAIT_SECONDS = 300.0

app = typer.Typer(
    help="Publish to many networks with Dovecote, and see what became of it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Timeout = Annotated[float, typer.Option(metavar="SECONDS", help="How long to wait.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until every destination has ended.")]
PostId = Annotated[str, typer.Argument(metavar="POST", help="The post's id.")]
Words = Annotated[str, typer.Argument(metavar="TEXT", help="The text of the post.")]
To = Annotated[
    list[str],
    typer.Option(
        metavar="ACCOUNTS",
        help="A network, @handle, network:@handle, network:all, id, or all; several by comma.",
    ),
]
Media = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE", help="A file or an address; may be repeated."),
]


def run() -> int:
    """The exit code of the command line. Errors are told in words."""
    try:
        code = app(standalone_mode=False)
    except typer.TyperException as wrong:
        show.err.print(show.clean(f"{wrong.format_message()} See: dovecote --help"))
        return USAGE
    except NoAnswer as lost:
        show.err.print(show.clean(str(lost)))
        return NO_ANSWER
    except ApiError as refused:
        show.err.print(show.clean(_refusal(refused)))
        return 1
    except (DovecoteError, ValueError, OSError) as failed:
        show.err.print(show.clean(str(failed)))
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return int(code or 0)


def _refusal(refused: ApiError) -> str:
    parts = [f"{refused.message} [{refused.code or refused.status}]"]
    if refused.actor == "operator":
        parts.append("Only the installation's operator can change that.")
    if refused.retry_after:
        parts.append(f"Try again in {refused.retry_after:.0f} s.")
    if refused.request_id:
        parts.append(f"Request {refused.request_id}")
    return " ".join(parts)


@app.command()
def login(
    url: Annotated[
        str, typer.Option(envvar=URL_VARIABLE, metavar="URL", help="The installation's address.")
    ],
    name: Annotated[str, typer.Option(metavar="NAME", help="What the operator sees.")] = "",
) -> None:
    """Get a key, once an operator has compared a code in the admin."""
    with session.opened(url, "") as client:
        place = client.connection.url
        key = client.auth.log_in(name or f"dovecote on {platform.node()}", _show_code)
    session.save(session.Login(place, key))
    with session.opened(place, key) as client:
        workspace = client.me.get().workspace.name
    show.out.print(
        show.clean(f"Logged in to {workspace} at {place}; the key is in {session.file()}")
    )


def _show_code(told: DeviceLogin) -> None:
    show.out.print(show.clean(f"Open   {told.verification_uri_complete}"))
    show.out.print(show.clean(f"Code   {told.user_code}"))
    show.out.print("Waiting for an operator to grant it…")


@app.command()
def logout() -> None:
    """Forget the key. It stays valid until an operator revokes it."""
    show.out.print("Logged out." if session.forget() else "You were not logged in.")


@app.command()
def post(
    text: Words,
    to: To,
    media: Media = None,
    draft: Annotated[bool, typer.Option("--draft", help="Keep it as a draft.")] = False,
    queue: Annotated[bool, typer.Option("--queue", help="In the queue's next free slot.")] = False,
    wait: Wait = False,
    timeout: Timeout = WAIT_SECONDS,
    json: Json = False,
) -> int:
    """Publish now, into a queue, or keep a draft."""
    return _publish(text, to, media, wait, timeout, json, draft=draft, use_queue=queue)


@app.command()
def schedule(
    text: Words,
    to: To,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="Such as '2026-12-01 9:00' or 'tomorrow 9:00'.")
    ],
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="Such as Europe/Berlin.")] = "UTC",
    media: Media = None,
    wait: Wait = False,
    timeout: Timeout = WAIT_SECONDS,
    json: Json = False,
) -> int:
    """Publish at a time."""
    moment = times.read(at, timezone)
    return _publish(text, to, media, wait, timeout, json, scheduled_at=moment, timezone=timezone)


def _publish(
    text: str,
    to: list[str],
    media: list[str] | None,
    wait: bool,
    timeout: float,
    json: bool,
    **options: Any,
) -> int:
    accounts = [name for each in to for name in each.split(",") if name.strip()]
    with session.client() as client:
        with show.uploading(json) as progress:
            made = client.posts.publish(text, accounts, media or (), progress=progress, **options)
        show.warned(made.warnings)
        if wait:
            return _watch(client, made.id, timeout, json)
        return _created(made, json)


def _created(made: Post, json: bool) -> int:
    if json:
        show.as_json(made.data)
        return 0
    told = f"{made.id}: {made.data.status!s}. {made.data.message}"
    show.out.print(show.clean(told))
    show.out.print(show.clean(f"See what becomes of it: dovecote watch {made.id}"))
    return 0


@app.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A CSV or JSON file.", exists=True, dir_okay=False),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is wrong.")] = False,
    timeout: Timeout = IMPORT_SECONDS,
    json: Json = False,
) -> int:
    """Create the posts of a file, each row on its own. The same file again makes nothing twice.

    Exit code 0: every row is imported; 1: some are refused, or it was cancelled or stopped;
    3: not ended in time, and it goes on: give the same file again to see how far it is.
    """
    with session.client(timeout=REQUEST_SECONDS) as client, show.importing(json) as seen:
        imported = client.posts.import_file(file, dry_run=dry_run, timeout=timeout, seen=seen)
    if json:
        show.as_json(asdict(imported))
    else:
        show.imported(imported, dry_run)
    if not imported.is_final:
        return show.EXIT_CODES["pending"]
    return 1 if imported.invalid or imported.status != "completed" else 0


@app.command()
def status(post_id: PostId, json: Json = False) -> int:
    """Return what has become of a post so far."""
    with session.client() as client:
        outcome = client.posts.outcome(post_id)
    return _end(outcome, json)


@app.command()
def watch(post_id: PostId, timeout: Timeout = WAIT_SECONDS, json: Json = False) -> int:
    """Follow a post until every destination has ended.

    Exit code 0: all published; 1: something failed; 2: something may be live, look there before
    you retry; 3: not ended in time; 4: no answer from the server.
    """
    with session.client() as client:
        return _watch(client, post_id, timeout, json)


def _watch(client: Client, post_id: str, timeout: float, json: bool) -> int:
    if json or not show.out.is_terminal:
        return _end(client.posts.wait(post_id, timeout), json)
    with show.following() as draw:
        outcome = client.posts.wait(post_id, timeout, draw)
    return show.EXIT_CODES[outcome.state]


def _end(outcome: Outcome, json: bool) -> int:
    if json:
        show.as_json(show.outcome_json(outcome))
    else:
        show.outcome(outcome)
    return show.EXIT_CODES[outcome.state]


@app.command()
def accounts(json: Json = False) -> int:
    """The connected accounts, and whether they can publish."""
    with session.client() as client:
        found = list(client.accounts.list())
    if json:
        show.as_json(found)
    else:
        show.out.print(show.accounts_table(found))
    return 0
