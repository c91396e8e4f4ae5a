"""Tools that make posts of a text with many of them."""

from posts.features.importing.formats.rows import READERS
from posts.mcp import next_steps
from posts.mcp.schemas import Json
from posts.mcp.tools.tool import Arguments, Tool

TYPES = {"csv": "text/csv", "json": "application/json"}
#: The characters that fit a message, in any script; larger files are sent to the API itself.
MOST_CHARS = 200_000
FILE: dict[str, Json] = {
    "format": {"type": "string", "enum": list(TYPES), "description": "What the text is."},
    "text": {
        "type": "string",
        "maxLength": MOST_CHARS,
        "description": (
            "CSV with a header, or a JSON list of objects. Columns or fields: "
            f"{', '.join(READERS)}. platforms or account_names stand for account_ids. A row "
            "without a time and without draft, publish_now or use_queue is published at once."
        ),
    },
}


def _file(arguments: Arguments) -> tuple[bytes, str]:
    return arguments["text"].encode(), TYPES[arguments["format"]]


VALIDATE_IMPORT = Tool(
    name="validate_import",
    title="Check a file of posts",
    operation="import_posts",
    description=(
        "Check each row of a CSV or JSON text with posts, and say what would be refused of it. "
        "Makes no posts. A long text is checked by workers: poll get_import."
    ),
    takes=("again",),
    own=FILE,
    required=tuple(FILE),
    fixed={"dry_run": True},
    file=_file,
    reads=True,
    next_step=next_steps.of_import_check,
)
IMPORT_POSTS = Tool(
    name="import_posts",
    title="Import posts",
    operation="import_posts",
    description=(
        "Make the posts of a CSV or JSON text, each row on its own; validate_import checks it "
        "first. A row that was imported before is not imported again, so a corrected text can be "
        "sent whole, and a lost answer asked for again. More than 500 rows, or media_urls, are "
        "imported by workers: poll get_import."
    ),
    takes=("again",),
    own=FILE,
    required=tuple(FILE),
    file=_file,
    idempotent=True,
    open_world=True,
    next_step=next_steps.of_import,
)
GET_IMPORT = Tool(
    name="get_import",
    title="Get an import",
    operation="get_import",
    description=(
        "Read how far an import is that workers do, with its results by pages; ok: false lists "
        "only the rows that were refused."
    ),
    takes=("import_id", "ok", "limit", "offset"),
    reads=True,
    next_step=next_steps.of_import_progress,
)
TOOLS = (VALIDATE_IMPORT, IMPORT_POSTS, GET_IMPORT)
