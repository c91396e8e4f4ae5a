"""What agents see of imports: tools that make posts of a text with many of them."""

from posts.api.endpoints import Arguments, Json, Tool
from posts.features.importing.formats.rows import READERS

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


def _after_check(arguments: Arguments, answer: Json) -> str:
    if "import_id" in answer["data"]:
        return _poll_import(answer["data"])
    if answer["data"]["invalid"]:
        return "Correct the rows whose results have errors; nothing was stored."
    return "Nothing was stored. import_posts would make a post of each row."


def _after_import(arguments: Arguments, answer: Json) -> str:
    data = answer["data"]
    if "import_id" in data:
        return _poll_import(data)
    new = data["valid"] - data["existing"]
    made = f"{new} rows are new, {data['existing']} were there already"
    told = f"{made}: get_results says what became of each post."
    steps = [told] if data["valid"] else ["No row was imported."]
    if data["invalid"]:
        steps.append(
            "Correct the rows whose results have errors, and call import_posts again with the "
            "whole text: those that have a post are not imported again."
        )
    return " ".join(steps)


def _after_reading(arguments: Arguments, answer: Json) -> str:
    data = answer["data"]
    if data["status"] == "processing":
        return _poll_import(data)
    if data["invalid"]:
        return f"Refused rows: {data['invalid']}. With ok: false they are listed with their errors."
    return ""


def _poll_import(data: Json) -> str:
    return (
        f"Workers do it: call get_import with import_id {data['import_id']} every few seconds "
        "until its status is no longer processing."
    )


VALIDATE_IMPORT = Tool(
    name="validate_import",
    title="Check a file of posts",
    description="Check each row of a CSV or JSON text with posts, and say what would be refused "
    "of it. Makes no posts. A long text is checked by workers: poll get_import.",
    hides=("dry_run", "posts"),
    own=FILE,
    fixed={"dry_run": True},
    file=_file,
    reads=True,
    next_step=_after_check,
)
IMPORT_POSTS = Tool(
    title="Import posts",
    description="Make the posts of a CSV or JSON text, each row on its own; validate_import "
    "checks it first. A row that was imported before is not imported again, so a corrected text "
    "can be sent whole, and a lost answer asked for again. More than 500 rows, or media_urls, are "
    "imported by workers: poll get_import.",
    hides=("dry_run", "posts"),
    own=FILE,
    file=_file,
    idempotent=True,
    open_world=True,
    next_step=_after_import,
)
GET_IMPORT = Tool(
    description="Read how far an import is that workers do, with its results by pages; ok: false "
    "lists only the rows that were refused.",
    next_step=_after_reading,
)
