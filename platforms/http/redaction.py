"""Remove credentials from networks' answers before they are shown, stored or logged.

A network may quote a secret whole or cut, plain or encoded, and its text is cut again before it is
stored. So a secret is recognised by any part of it, in any of its usual encodings, and texts are
redacted before they are cut.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

MASK = "[redacted]"

#: The shortest part of a secret that is masked. Shorter parts are harmless: networks' tokens have
#: at least 30 characters, so at least 18 random ones (about 100 bits) stay unknown. Ordinary text
#: does not share 12 characters in a row with a random token by chance.
PART_CHARS = 12

#: How much of a JSON value is redacted: characters of its texts, each text counting some more, and
#: objects in objects. Texts that are shown are cut to less.
VALUE_CHARS, EACH_CHARS, DEPTH = 8 * 1024, 16, 20

#: Characters that some JSON encoders (Go, Gson and others) escape as \uXXXX for use in HTML.
JSON_ESCAPES = ("&<>", "&<>='", "&<>=+'/")

#: Names whose values are credentials, in URLs, forms and JSON of any network.
NAMES = (
    "access_token|refresh_token|id_token|client_secret|appsecret_proof|upload_token|upload_id"
    "|code_verifier"
)
NAMED = re.compile(
    rf'((?:(?:{NAMES})"?'
    # `"code": "…"` in JSON is an error's name, which operators need; `code=…` is a secret.
    r'\s*[=:]\s*"?)|\bcode=)(?!\[redacted\])[^"&\s,}]+',
    re.IGNORECASE,
)
NAME = re.compile(NAMES, re.IGNORECASE)


class Secret(NamedTuple):
    """A kind of secret: how it looks, and what replaces it.

    Every text that holds one holds one of the `marks`, in small letters or as it is. Looking for
    marks costs a tenth of looking for patterns, and most texts have none.
    """

    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str = MASK


#: Secrets that are known by their shape, also when cut: those of any network, and those that
#: networks declare.
SHAPES = [
    Secret(
        ("bearer", "basic", "oauth"),
        re.compile(r"\b(Bearer|Basic|OAuth)\s+(?!\[redacted\])[^\s\"',]+", re.I),
        rf"\1 {MASK}",
    ),
    # JSON web tokens.
    Secret(("eyJ",), re.compile(r"\beyJ[\w-]{9,}(?:\.[\w-]*){0,2}")),
]


def recognise(*shapes: Secret) -> None:
    """Redact secrets of these shapes from now on."""
    SHAPES.extend(shape for shape in shapes if shape not in SHAPES)


class Redactor:
    """Redacts given secrets, and others that it recognises by their name or shape."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._whole: tuple[str, ...] = ()
        self._parts: frozenset[str] | None = frozenset()
        self.hide(*secrets)

    def hide(self, *secrets: str) -> None:
        """Mask these secrets too."""
        new = {secret for secret in secrets if secret} - self._secrets
        if new:
            self._secrets |= new
            # Built on first use: most clients never get an answer that must be redacted.
            self._parts = None

    def __call__(self, text: str) -> str:
        """Return the text without the given secrets and without anything that looks like one."""
        text = self._without_known(text)
        for shape in SHAPES:
            text = shape.pattern.sub(shape.replacement, text)
        return NAMED.sub(rf"\1{MASK}", text)

    def value(self, found: Any) -> Any:
        """Return a JSON value with its texts redacted; what is past VALUE_CHARS or DEPTH is empty.

        Redacting holds up the loop, and the server decides how much it says.
        """
        left = VALUE_CHARS

        def text(whole: str) -> str:
            nonlocal left
            kept = whole[: max(left, 0)]
            left -= len(kept) + EACH_CHARS
            return self(kept)

        def walk(found: Any, depth: int) -> Any:
            if isinstance(found, str):
                return text(found)
            if isinstance(found, list) and depth < DEPTH:
                return [walk(inner, depth + 1) for inner in found if left > 0]
            if isinstance(found, dict) and depth < DEPTH:
                return {
                    text(name): MASK if NAME.fullmatch(name) and inner else walk(inner, depth + 1)
                    for name, inner in found.items()
                    if left > 0
                }
            return None if isinstance(found, list | dict) else found

        return walk(found, 0)

    def _without_known(self, text: str) -> str:
        if self._parts is None:
            self._whole = tuple({form for secret in self._secrets for form in _forms(secret)})
            cut = {form for secret in self._secrets for form in _forms(_without_host(secret))}
            self._parts = frozenset(part for form in cut for part in _parts(form))
        if not self._whole:
            return text
        shown, end = [], 0
        for first, last in _merged(self._found(text)):
            shown += [text[end:first], MASK]
            end = last
        return "".join([*shown, text[end:]])

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the positions of secrets and of parts of them."""
        for form in self._whole:
            at = text.find(form)
            while at >= 0:
                yield at, at + len(form)
                at = text.find(form, at + 1)
        for at in range(len(text) - PART_CHARS + 1):
            if text[at : at + PART_CHARS] in (self._parts or ()):
                yield at, at + PART_CHARS


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret in the encodings that networks and libraries use."""
    yield secret
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted
        yield re.sub("%..", lambda code: code[0].lower(), quoted)
    yield html.escape(secret)
    for written in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        yield written
        yield written.replace("/", r"\/")
        for signs in JSON_ESCAPES:
            yield re.sub(f"[{signs}]", lambda sign: f"\\u{ord(sign[0]):04x}", written)
    yield from _in_base64(secret.encode())


def _in_base64(secret: bytes) -> Iterator[str]:
    """Yield the base64 of a secret at any position in another text."""
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + secret).decode().rstrip("=")
        # The first characters also encode bits of the text before the secret, and the last one
        # bits of the text after it, if there is any.
        first, last = -(-offset * 8 // 6), (offset + len(secret)) * 8 // 6
        for found in (encoded[first:], encoded[first:last]):
            # A shorter one would also match unrelated texts.
            if len(found) >= PART_CHARS:
                yield found
                yield found.translate(str.maketrans("+/", "-_"))


def _without_host(secret: str) -> str:
    """Strip an upload URL's host, which is not secret; the rest of it is."""
    return re.sub("^https?://[^/?#]*", "", secret)


def _parts(form: str) -> Iterator[str]:
    """Yield all runs of PART_CHARS in a form."""
    for at in range(len(form) - PART_CHARS + 1):
        yield form[at : at + PART_CHARS]


def _merged(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Merges ranges that touch or overlap, from left to right."""
    first, last = -1, -1
    for start, end in sorted(places):
        if start > last:
            if last >= 0:
                yield first, last
            first = start
        last = max(last, end)
    if last >= 0:
        yield first, last
