"""What a customer writes of a post: every field stands here once.

Requests, answers, imports, exports, recurrences, recycled posts, events, approved versions and
tools read this list. A new field needs a row and its text here, a column of `Written` with its
migration, and its rule in `posts.composing` if it does anything. The operators' page of a post does
not read this list: what they need to see is added there (`posts/admin/post_contents.py`).
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from enum import Enum, auto
from functools import cache
from typing import Any, Literal, get_args

#: Who reads a field beside POST /posts.
Reader = Literal[
    "edit",  # PATCH /posts
    "series",  # a recurrence gives it to each of its posts
    "edit_series",  # PATCH /recurrences
    "recycled",  # each turn of a recycled post has it
    "export",
    "import",
    "version",  # a change of it needs a new approval
    "event",  # post.updated names it when it changes
    "tools",  # every tool that makes or changes posts takes it
]
EVERY: frozenset[Reader] = frozenset(get_args(Reader))


class Form(Enum):
    """What a value is, in a request and in a cell of a table."""

    TEXT = auto()  # with the spaces around it
    WORD = auto()
    CHOICE = auto()
    FLAG = auto()
    FLAG_OR_DEFAULT = auto()  # the word "default" is its third value
    NUMBER = auto()
    TIME = auto()
    ID = auto()
    IDS = auto()
    ACCOUNT_IDS = auto()
    ALT_TEXTS = auto()
    PLATFORM_CONTENT = auto()
    METADATA = auto()
    RECURRENCE = auto()
    RECYCLING = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of POST /posts. `HELP` has its text."""

    name: str
    form: Form
    _: KW_ONLY
    readers: frozenset[Reader] = EVERY
    #: The value of `compose.NewPost` that it is part of, if it has another name.
    part_of: str = ""
    #: Composing gives it no meaning: columns of its name keep it as it was sent.
    is_plain: bool = False
    is_required: bool = False
    #: The words of a CHOICE.
    choices: tuple[str, ...] = ()
    #: How many items a list has.
    most: int | None = None
    #: What a post that does not say gets.
    default: Any = None


#: How many files a post may have; networks take fewer.
MOST_FILES = 100
PLACES = ("text", "first_comment")
PRIORITIES = ("high", "medium", "low")
#: Only new posts say it, also those of files.
_NEW: frozenset[Reader] = frozenset({"import"})
_TIME: frozenset[Reader] = _NEW | {"edit", "version"}
_ZONE = EVERY - {"series", "edit_series", "version", "tools"}
#: The posts of a rule follow the link settings once it is changed.
_LINKS = EVERY - {"edit_series", "version", "event"}
_HASHTAGS = EVERY - {"tools"}

#: In the order of an export's columns.
FIELDS: tuple[Field, ...] = (
    Field("content", Form.TEXT, is_required=True),
    Field("account_ids", Form.ACCOUNT_IDS),
    Field("scheduled_at", Form.TIME, part_of="when", readers=_TIME | {"export"}),
    Field("scheduled_for", Form.TIME, part_of="when", readers=_TIME | {"event"}),
    Field("timezone", Form.WORD, part_of="zone", readers=_ZONE),
    Field("media_ids", Form.IDS, most=MOST_FILES),
    Field("alt_texts", Form.ALT_TEXTS),
    Field("platform_content", Form.PLATFORM_CONTENT),
    Field("metadata", Form.METADATA, is_plain=True, readers=EVERY - {"version"}),
    Field("campaign_id", Form.NUMBER, readers=EVERY - {"version"}),
    Field("hashtag_set_ids", Form.IDS, part_of="hashtags", most=10),
    Field("hashtags_in", Form.CHOICE, part_of="hashtags", readers=_HASHTAGS, choices=PLACES),
    Field("use_defaults", Form.FLAG, part_of="hashtags", readers=_HASHTAGS),
    Field("shorten_links", Form.FLAG_OR_DEFAULT, readers=_LINKS),
    Field("draft", Form.FLAG, readers=_NEW | {"export"}, default=False),
    Field("publish_now", Form.FLAG, part_of="when", readers=_NEW),
    Field("use_queue", Form.FLAG, part_of="queue", readers=_NEW | {"edit"}),
    Field("queue_id", Form.ID, part_of="queue", readers=_NEW | {"edit", "event"}),
    Field("priority", Form.CHOICE, part_of="queue", readers=_NEW | {"edit"}, choices=PRIORITIES),
    Field("recurrence", Form.RECURRENCE, readers=frozenset()),
    Field("recycling", Form.RECYCLING, readers=frozenset()),
)
#: What POST /posts says of its fields; other requests say it too, unless they differ. `hashtags_in`
#: names networks, so the API says it.
HELP = {
    "content": "The text; each platform's own length limit applies. May be blank only with files, "
    "where the platform accepts them without a text.",
    "account_ids": "Ids from GET /accounts; at least one, unless it is a draft.",
    "scheduled_at": "ISO 8601, in the future, at most 100 years ahead. Absent: publish at once.",
    "scheduled_for": "An alias of scheduled_at.",
    "timezone": "An IANA name; default UTC.",
    "media_ids": "Ids from POST /media/upload.",
    "alt_texts": "What each file shows, by its id, for people who cannot see it.",
    "platform_content": "What differs on a platform, by its name.",
    "metadata": "Your own notes, such as the id of your record: at most 2 KB of JSON. They come "
    "back whenever the post is read, and in its events.",
    "campaign_id": "An active campaign of the workspace.",
    "hashtag_set_ids": "Hashtag sets that are added to the post, as they are now; limits count "
    "them. Absent: the default hashtags of the workspace. []: none at all.",
    "use_defaults": "false: the post gets neither the default hashtags of the workspace nor its "
    "default first comment.",
    "shorten_links": 'Whether links get short addresses, whose clicks are counted; "default": as '
    "the link settings of its campaign or the workspace say.",
    "draft": "Keep it as a draft. Its time is only a note; nothing is published.",
    "publish_now": "true: publish at once. Cannot be combined with a time or a draft.",
    "use_queue": "true: publish in the next free slot of a queue. Cannot be combined with a time, "
    "`publish_now` or a draft.",
    "queue_id": "Which queue, with `use_queue`. Absent: the default one.",
    "priority": "Who comes first when the queue gives its posts new slots, with `use_queue`; "
    "default medium.",
    "recurrence": "Publish it again and again, each time as a new post; this one is the first.",
    "recycling": "Publish it again some time after it was published, each time as a new post.",
}


def field(name: str) -> Field:
    return next(each for each in FIELDS if each.name == name)


def read_by(reader: Reader) -> tuple[Field, ...]:
    return tuple(each for each in FIELDS if reader in each.readers)


def names(reader: Reader) -> tuple[str, ...]:
    return tuple(each.name for each in read_by(reader))


@cache
def plain(reader: Reader | None = None) -> tuple[str, ...]:
    """The names of plain fields; of those alone that `reader` reads, if one is given."""
    chosen = FIELDS if reader is None else read_by(reader)
    return tuple(each.name for each in chosen if each.is_plain)


def parts(reader: Reader) -> tuple[str, ...]:
    """The values of `compose.NewPost` that the reader's fields are part of, without `plain`."""
    found = (each.part_of or each.name for each in read_by(reader) if not each.is_plain)
    return tuple(dict.fromkeys(found))


def split(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as `compose.NewPost` takes them: those of plain fields folded into `plain`."""
    found = dict(values)
    kept = {name: found.pop(name) for name in plain() if name in found}
    return {**found, "plain": kept}
