"""What reads customers' texts: each with its longest text, and the places that it covers.

A new regular expression, or a new loop over a text, belongs here, or among those that see no text
of a customer.
"""

import importlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from config.observability import redaction as logs
from config.web.server.serve import HEADER_BYTES as HEADER
from destinations import public_ids
from destinations.admin.search.term import MOST_CHARS as TERM
from destinations.admin.search.term import Term
from destinations.resolve import check_link
from platforms.adapter import Adapter
from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.http import redaction as answers
from platforms.preview.texts import Fold
from platforms.registry import ADAPTERS
from platforms.text import graphemes, is_blank, nfc
from platforms.x import lookup as on_x
from posts.api import parsers
from posts.api.parsers import BODY_BYTES as BODY
from posts.api.serializers.fields import FAR_TOO_LONG
from posts.composing import times
from posts.errors import RequestRefused
from posts.features.calendar_feeds import calendar
from posts.features.feeds import create_posts
from posts.features.hashtags import post_hashtags
from posts.features.hashtags.api import HashtagField
from posts.features.importing.api.parsers import SentFile
from posts.features.importing.formats import rows
from posts.features.importing.formats.files import MOST_BYTES as FILE
from posts.features.links import text_urls
from posts.features.links.api import DomainField
from posts.features.links.hooks import LINK_CHARS, TEXT_CHARS
from posts.features.request_log import recorder
from posts.keys.oauth import redirects
from tests.platforms.facts import all_facts
from tests.scans.material import Material, against, common

REFUSED = (RequestRefused, Unsupported, ValueError, Exception)
#: What one cell of a table may hold: the limit of Python's csv.
CELL = 131_072
#: A field of one line, far too long.
WORD = FAR_TOO_LONG * 500


class Reader(NamedTuple):
    """`read` is given texts of up to `most` characters."""

    name: str
    most: int
    read: Callable[[str], object]
    covers: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()


def pattern(place: str, how: str, most: int) -> Reader:
    """A regular expression by itself. `how`: the method by which it is used."""
    found = _named(place)
    method = getattr(found, how)
    is_bytes = isinstance(found.pattern, bytes)
    called: Callable[[Any], object] = {
        "sub": lambda text: method(b"" if is_bytes else "", text),
        "finditer": lambda text: sum(1 for _ in method(text)),
    }.get(how, method)

    def read(text: str) -> object:
        return called(text.encode("latin-1", "replace") if is_bytes else text)

    return Reader(place, most, read, (place,), tuple(against(found)))


def function(
    read: Callable[[str], object], most: int, *covers: str, pumps: tuple[str, ...] = ()
) -> Reader:
    """A function that reads a text, and the places that it covers."""
    name = f"{read.__module__}.{read.__qualname__}"
    materials = tuple(Material("", pump) for pump in pumps)
    return Reader(name, most, read, (name, *covers), (*common(), *materials))


def _named(place: str) -> re.Pattern[Any]:
    """A pattern by `module.NAME` or `module.Class.NAME`."""
    module, _, name = place.rpartition(".")
    if module.rpartition(".")[2][0].isupper():
        outer, _, kind = module.rpartition(".")
        return getattr(getattr(importlib.import_module(outer), kind), name)  # type: ignore[no-any-return]
    return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]


# Each says what a request makes of the text.


def json_body(text: str) -> object:
    return parsers.decode(text.encode())


def json_texts(text: str) -> object:
    return parsers.decode(json.dumps([text, "\u0001"]).encode())


def json_file(text: str) -> object:
    return SentFile(text.encode()[:FILE], is_json=True).read()


def table(text: str) -> object:
    return SentFile(text.encode()[:FILE], is_json=False).read()


def table_of_cells(text: str) -> object:
    line = text.replace("\n", " ").replace('"', "'")[: CELL // 2]
    body = f"content,platforms,account_names,account_ids,draft\n{line},{line},{line},{line},y\n"
    return SentFile(body.encode(), is_json=False).read()


def written_cell(text: str) -> object:
    return rows.unguarded(rows.guarded(f"={text}"))


def long_link(text: str) -> object:
    return text_urls.with_parameters(
        f"https://a.example/{text}", {"utm_source": "a", "utm_term": "b"}
    )


def known_hashtags(text: str) -> object:
    return post_hashtags.without_known(["a"], text)


def hashtag_field(text: str) -> object:
    return HashtagField().run_validation(text)


def domain_field(text: str) -> object:
    return DomainField().run_validation(text)


def validated(text: str) -> object:
    """As every network validates it."""
    for adapter in ADAPTERS.values():
        adapter.measure(nfc(text), adapter.limits.text_chars)
        _try(adapter.check, Draft(text))
        _try(adapter.check, Draft("a", settings={"title": text, "linkAttachment": text}))
    return None


def previewed(text: str) -> object:
    return [adapter.preview(Draft(text)) for adapter in ADAPTERS.values()]


def folded(text: str) -> object:
    return Fold(chars=len(text) // 2, lines=3).cut(text)


def seen_on_x(text: str) -> object:
    post = {"text": text, "id": "1", "entities": {"urls": [{"expanded_url": "http://a.co"}]}}
    return on_x.is_part(Draft(text), (), post), on_x.has_our_links(Draft(text), 0, post)


def linked_posts(text: str) -> object:
    return [adapter.post_id(text) for adapter in ADAPTERS.values()]


def answer_of_a_network(text: str) -> object:
    return answers.redact(text, ["pe-" + "0123456789abcdef" * 3])


def logged(text: str) -> object:
    return logs.text(f"token {text}")


def searched(text: str) -> object:
    term = Term.read(text)
    return term.words, term.keys, term.link, term.post_names, term.is_indexed, term.number


def item(text: str) -> object:
    return create_posts.render_text("{title}\n\n\n{summary}", {"title": text, "summary": text}, 500)


def _try(read: Callable[..., object], *given: object) -> None:
    try:
        read(*given)
    except REFUSED:
        return


def readers() -> Iterator[Reader]:
    """All of them."""
    yield function(json_body, BODY, "posts.api.parsers._STRING", pumps=('[[[["\\"', '{"a":', "[1,"))
    deep = "[" * (parsers.DEPTH + 1)
    yield Reader(
        "a body of deep arrays", BODY, json_body, (),
        (Material(f'{deep}"', '\\"'),
         *(Material(deep, pump) for pump in ('"a"', "\\", "][", '\\\\"'))),
    )  # fmt: skip
    yield function(json_texts, BODY // 2, "posts.api.parsers._check_texts")
    yield function(json_file, FILE)
    yield function(table, FILE, pumps=("a,b\n", '"a"', "''"))
    yield function(
        table_of_cells,
        CELL,
        "posts.features.importing.formats.rows._FORMULA",
        "posts.features.importing.formats.rows._NUMBER",
        "posts.features.importing.formats.rows.words",
        "posts.features.importing.formats.rows.names",
    )
    yield function(
        written_cell,
        BODY,
        "posts.features.importing.formats.rows._INNER",
        "posts.features.importing.formats.rows._INNER_GUARD",
        pumps=(";'", ";=", "'="),
    )
    yield function(
        text_urls.pieces, TEXT_CHARS,
        "posts.features.links.text_urls._LINK",
        "posts.features.links.text_urls._without_trailing",
        pumps=("http://a/)", "http://a/(", "http://a/.)"),
    )  # fmt: skip
    yield Reader(
        "a link of brackets", TEXT_CHARS, text_urls.pieces, (),
        (Material("http://a.example/", ")"), Material("http://a.example/", "]),.")),
    )  # fmt: skip
    yield function(long_link, LINK_CHARS)
    yield function(
        known_hashtags,
        BODY,
        "posts.features.hashtags.post_hashtags._SIGN",
        "posts.features.hashtags.post_hashtags.in_text",
    )
    yield Reader(
        "a hashtag of many marks", BODY, known_hashtags, (),
        (Material("#a", "\u0301\u0316"), Material("#a", "\u0316\u0301"), Material("#a", "\u0344")),
    )  # fmt: skip
    yield function(hashtag_field, BODY, pumps=("\u0316\u0301",))
    yield function(domain_field, BODY, "posts.features.links.api._DOMAIN")
    yield function(
        nfc, BODY, "platforms.text._LONG_RUN", "platforms.text._in_order",
        pumps=("\u0f71\u0f72\u0f74",),
    )  # fmt: skip
    yield function(is_blank, BODY, "platforms.text._NOTHING_SEEN")
    yield function(
        folded, BODY,
        "platforms.preview.texts.Fold.cut",
        *(f"platforms.text.{name}" for name in ("_EXTENDS", "_FLAG", "_HANGUL", "_JAMO_AFTER")),
        "platforms.text._is_joined",
    )  # fmt: skip
    yield function(
        graphemes, BODY,
        *(f"platforms.text.{name}" for name in ("_APART", "_CONSONANT", "_LEADING", "_base")),
        pumps=("\u200d\U0001f600", "\u0301\u200d\U0001f600", "\u0915\u094d", "\u094d\u0301"),
    )  # fmt: skip
    yield function(
        validated, BODY,
        "platforms.x.length._plain_weights",
        "platforms.x.thread.FORBIDDEN",
        "platforms.instagram.post_types.HASHTAG",
        "platforms.instagram.post_types.MENTION",
        "platforms.threads.post_types.LINK",
        "platforms.threads.post_types.check",
        "platforms.youtube.metadata._cut",
        "platforms.youtube.metadata.LANGUAGE",
        "platforms.text.links.url_spans",
        "platforms.text.links._ascii_domains",
        *(f"platforms.text.links.{name}" for name in X_LINKS),
        *(f"platforms.mastodon.entities.{name}" for name in ("_DOMAIN", "_MENTION", *X_LINKS[-4:])),
        pumps=("日.", ".com", "https://a.com/(a", "a.com_", "日.com_", "👨\u200d", "a.xn--", "_."),
    )  # fmt: skip
    yield function(
        previewed, BODY,
        *(f"platforms.preview.texts.{name}" for name in ("HASHTAG", "MENTION", "LINK")),
        "platforms.threads.preview.TOPIC",
        pumps=("https://a.example/#", "a.b/", "ab.cd:", "1."),
    )  # fmt: skip
    yield function(
        seen_on_x, TEXT_CHARS // 4,
        *(f"platforms.x.lookup.{name}" for name in ("CUT", "PROTOCOL", "REPLIED_TO")),
    )  # fmt: skip
    yield pattern("platforms.linkedin.text.TEMPLATE", "finditer", TEXT_CHARS)
    yield function(
        _named_function("platforms.linkedin.text", "unescape"), TEXT_CHARS,
        "platforms.linkedin.text.unescape",
    )  # fmt: skip
    yield function(_named_function("platforms.text", "collapsed"), TEXT_CHARS)
    yield function(
        linked_posts, WORD, *(f"{_named_by(adapter)}.link_id" for adapter in ADAPTERS.values()),
    )  # fmt: skip
    yield function(
        answer_of_a_network, BODY,
        "platforms.http.redaction.SHAPES", "platforms.http.redaction.NAMED",
        "platforms.meta.oauth.TOKENS",
        *(f"platforms.{key}.oauth.TOKENS" for key in ADAPTERS),
        *(f"{_named_by(adapter)}.secrets" for adapter in ADAPTERS.values()),
        pumps=("abcd-", "bearer ", "access_token", "code=", "eyJ.", "act.", "IGAA", "ya29.",
               "/bot1", "/bot1:", "12345:AA", "MTI.", "webhooks/1/", *MARKS),
    )  # fmt: skip
    yield pattern("platforms.http.redaction.NAME", "fullmatch", BODY)
    yield function(
        logged, BODY, "config.observability.redaction.SECRETS",
        pumps=("token", "token-", "-token", "a-secret", "://a", "/share/", "/connect//", "&key",
               "pe_live_0000", "token ", "token=\t"),
    )  # fmt: skip
    yield pattern("config.observability.redaction.SECRET_NAME", "search", BODY)
    yield pattern("config.status.sending.CALLS", "finditer", BODY)
    yield function(
        searched, TERM,
        *(f"destinations.admin.search.term.{name}" for name in TERMS),
        "destinations.admin.search.searches.is_name",
    )  # fmt: skip
    yield function(
        item,
        FILE // 5,
        "posts.features.feeds.create_posts._FIELD",
        "posts.features.feeds.create_posts.render_text",
    )
    yield function(times.parse, BODY, "posts.composing.times._FORM")
    yield function(check_link, BODY)
    yield function(
        redirects.problem, BODY,
        "posts.keys.oauth.redirects._ALLOWED",
        "posts.keys.oauth.redirects._HOST",
        "posts.keys.oauth.redirects._PRIVATE_SCHEME",
        "posts.keys.oauth.redirects._SHORT_SCHEME",
        "posts.keys.oauth.redirects._EXTENSION",
    )  # fmt: skip
    yield function(_paths, HEADER, "posts.features.request_log.recorder._KNOWN_PART")
    yield function(_public_id, BODY)
    yield Reader(
        "a line of a calendar", BODY, calendar._folded,
        ("posts.features.calendar_feeds.calendar._folded",),
        (Material("", "é"), Material("", "a")),
    )  # fmt: skip
    for place, how, most in PATTERNS:
        yield pattern(place, how, most)
    for module, name, most in FUNCTIONS:
        yield function(_named_function(module, name), most)
    for key, facts in all_facts().items():
        for place, how, most in facts.patterns:
            yield pattern(f"platforms.{key}.{place}", how, LONGEST[most])
        for module, name, most in facts.scans:
            yield function(_named_function(f"platforms.{key}.{module}", name), LONGEST[most])


def _named_by(adapter: Adapter) -> str:
    return f"{type(adapter).__module__}.{type(adapter).__qualname__}"


def _named_function(module: str, name: str) -> Callable[[str], object]:
    found: Callable[[str], object] = getattr(importlib.import_module(module), name)
    return found


def _paths(text: str) -> object:
    return recorder.shown_path(text, "")


def _public_id(text: str) -> object:
    return public_ids.decode(public_ids.POST, f"post_{text}")


#: How secrets begin.
MARKS = [mark for each in ADAPTERS.values() for secret in each.secrets for mark in secret.marks]
#: The longest texts, by the words of the networks' facts.
LONGEST = {"word": WORD, "body": BODY, "header": HEADER}
X_LINKS = (
    "_ASCII_HOST", "_NOT_AFTER_TLD", "_NOT_BEFORE", "_OTHER_DOTS", "_PUNYCODE_TLD", "_HOST",
    "_PROTOCOL", "_REST", "_SHORT",
)  # fmt: skip
TERMS = (
    "CONTROL", "INDEXED", "LINK", "PUBLIC_ID", "REQUEST_ID", "Term.is_one_word", "Term.number",
    "UUID", "WHOLE_KEY", "_parts",
)  # fmt: skip
#: Patterns that are used alone. How, and the longest text.
PATTERNS = (
    ("config.observability.requests.ACCEPTED", "match", HEADER),
    ("config.web.server.parser.BARE_LF", "search", HEADER),
    ("config.web.server.parser.FOLD", "search", HEADER),
    ("destinations.state.sanitize.FORBIDDEN", "sub", BODY),
    ("platforms.downloads.addresses._IN_BRACKETS", "fullmatch", WORD),
    ("platforms.downloads.receiver_urls._LABEL", "fullmatch", WORD),
    ("platforms.downloads.receiver_urls._NUMBER", "fullmatch", WORD),
    ("platforms.downloads.receiver_urls._PLAIN", "fullmatch", WORD),
    ("platforms.http.uploads._UNSAFE", "sub", WORD),
    ("platforms.text.URL", "finditer", BODY),
    ("posts.features.ai.captions._LIST_MARK", "sub", BODY),
    ("posts.api.idempotency.middleware.NAME", "fullmatch", HEADER),
    ("posts.api.parsers._STRING", "finditer", FILE),
    ("posts.api.views.files._RANGE", "fullmatch", HEADER),
    ("posts.keys.keys._ACCESS_FORM", "fullmatch", HEADER),
    ("posts.keys.keys._FORM", "fullmatch", HEADER),
    ("posts.keys.oauth.authorization_request._CHALLENGE", "fullmatch", HEADER),
    ("posts.keys.oauth.authorization_request._STATE", "fullmatch", HEADER),
    ("posts.keys.oauth.grants._VERIFIER", "fullmatch", BODY),
    ("posts.features.links.rules._PLACEHOLDER", "finditer", WORD),
    ("posts.mcp.call_tool.ID", "fullmatch", BODY),
)
#: Functions of a text, and the longest one.
FUNCTIONS = (
    ("platforms.downloads.receiver_urls", "parse", BODY),
    ("posts.features.ai.captions", "_captions", BODY),
)
