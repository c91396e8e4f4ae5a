"""The text that an operator typed, and the things that it can name."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from urllib.parse import parse_qsl, unquote, urlsplit

from destinations import public_ids
from destinations.public_ids import KEY_PREFIX
from platforms.registry import ADAPTERS

#: Longer texts are cut: no id, link or name is longer.
MOST_CHARS = 1_000
#: How many words of a text are looked for; more would only make the search slower.
MOST_WORDS = 8
#: How many parts of a link are looked for.
MOST_PARTS = 20
#: A shorter part of a link, such as `p` or `status`, is not a post.
LEAST_PART = 5
PUBLIC_ID = re.compile(r"(?<![a-z0-9])(post|dest)_[0-9a-z]{1,25}(?![0-9a-z_])", re.IGNORECASE)
UUID = re.compile(
    r"(?<![0-9a-f-])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9a-f-])", re.IGNORECASE
)
WHOLE_KEY = re.compile(rf"({KEY_PREFIX}[0-9a-f]{{4}})[0-9a-f]+")
REQUEST_ID = re.compile(r"req_[a-z0-9]{6,32}")
LINK = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?/\S+", re.IGNORECASE)
#: What a database or an eye cannot use: NUL and the other control characters.
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
#: Words of three letters or digits can be found in the index of texts.
INDEXED = re.compile(r"[^\W_]{3}")


@dataclass(frozen=True)
class Term:
    text: str

    @classmethod
    def read(cls, typed: str) -> "Term":
        """Make a term. Of a whole API key it has only the stored part; the rest is its secret."""
        text = CONTROL.sub(" ", typed[:MOST_CHARS]).strip()
        return cls(WHOLE_KEY.sub(r"\1", text))

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def is_one_word(self) -> bool:
        return not re.search(r"\s", self.text)

    @cached_property
    def words(self) -> list[str]:
        """Each once; those that an index can find come first."""
        every = dict.fromkeys(self.text.split())
        return sorted(every, key=lambda word: not INDEXED.search(word))[:MOST_WORDS]

    @property
    def is_indexed(self) -> bool:
        """Return whether an index of parts of words can find it."""
        return bool(INDEXED.search(self.text))

    @cached_property
    def is_id(self) -> bool:
        """Return whether it can only be an id, a link or the like, and is no word of a text."""
        return bool(self.keys or self.link or self.request_id or self.key_prefix)

    @cached_property
    def keys(self) -> list[tuple[str, uuid.UUID]]:
        """(`post`, `dest` or "" for any kind, primary key) of the ids in it, also in our URLs."""
        if not self.is_one_word:
            return []
        return list(_public_ids(self.text)) or [
            ("", uuid.UUID(found)) for found in UUID.findall(self.text)[:1]
        ]

    def key_of(self, prefix: str) -> uuid.UUID | None:
        """The primary key that it names, of rows with this kind of public id; "": of others."""
        return next((key for kind, key in self.keys if kind in ("", prefix)), None)

    @property
    def request_id(self) -> str:
        return self.text if REQUEST_ID.fullmatch(self.text) else ""

    @property
    def key_prefix(self) -> str:
        """The prefix that an API key is recognised by, or the beginning of it."""
        return self.text if self.is_one_word and self.text.startswith(KEY_PREFIX) else ""

    @property
    def handle(self) -> str:
        return self.text.removeprefix("@").strip()

    @property
    def number(self) -> int | None:
        """The id of an account, if it can be one."""
        return int(self.text) if re.fullmatch(r"[0-9]{1,18}", self.text) else None

    @property
    def link(self) -> str:
        """The link with its scheme; "" if it is no link."""
        if not LINK.fullmatch(self.text):
            return ""
        return self.text if "://" in self.text else f"https://{self.text}"

    @cached_property
    def post_names(self) -> list[str]:
        """The names that networks may have for the post: its id, or parts of its link."""
        own = [*_named(self.text), self.text] if self.is_one_word else []
        named = _parts(self.link) if self.link else own
        return list(dict.fromkeys(name for name in named if len(name) >= LEAST_PART))


def _public_ids(text: str) -> Iterator[tuple[str, uuid.UUID]]:
    for found in PUBLIC_ID.finditer(text):
        kind = found[1].lower()
        key = public_ids.decode(kind, found[0].lower())
        if key:
            yield kind, key


def _named(text: str) -> Iterator[str]:
    """Yield the ids of posts that networks find in a link or a code of theirs."""
    return filter(None, (adapter.post_id(text) for adapter in ADAPTERS.values()))


def _parts(link: str) -> Iterator[str]:
    """Each may be the id or the code of a post."""
    yield from _named(link)
    try:
        address = urlsplit(link)
        query = [value for _, value in parse_qsl(address.query)]
    except ValueError:
        return
    parts = [unquote(part) for part in address.path.split("/")] + query
    named = [CONTROL.sub("", part) for part in parts if part][:MOST_PARTS]
    yield from named
    numbers = [part for part in named if re.fullmatch(r"[0-9]+", part)][:4]
    for separator in filter(None, {adapter.id_separator for adapter in ADAPTERS.values()}):
        pairs = permutations(dict.fromkeys(numbers), 2)
        yield from map(separator.join, pairs)
