"""No part of a secret is shown, in any encoding and wherever a network cuts it."""

import base64
import functools
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.http.redaction import EACH_CHARS, MASK, PART_CHARS, VALUE_CHARS, Redactor

#: Letters, digits, and the characters of base64, of URLs and of JSON's escapes.
SECRETS = st.text("ABCDEFabcdef0123456789-_.~+/=|&%", min_size=PART_CHARS, max_size=400)
AROUND = st.text(st.characters(codec="utf-8"), max_size=40)


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "quoted": lambda secret: quote(secret, safe=""),
    "quoted path": quote,
    "quoted form": quote_plus,
    "quoted in small letters": lambda secret: re.sub(
        "%..", lambda code: code[0].lower(), quote(secret, safe="")
    ),
    "html": html.escape,
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json with slashes": lambda secret: json.dumps(secret)[1:-1].replace("/", r"\/"),
    "json for html": lambda secret: json.dumps(secret)[1:-1].replace("&", r"\u0026"),
    "json for html, more": lambda secret: (
        json.dumps(secret)[1:-1].replace("&", r"\u0026").replace("=", r"\u003d")
    ),
}


def parts(secret: str) -> set[str]:
    return {secret[at : at + PART_CHARS] for at in range(len(secret) - PART_CHARS + 1)}


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data(), secret=SECRETS, before=AROUND, behind=AROUND)
def test_no_part_of_a_secret_is_shown_in_any_form_cut_anywhere(
    form: str, data: st.DataObject, secret: str, before: str, behind: str
):
    written = FORMS[form](secret)
    first = data.draw(st.integers(0, len(written)))
    last = data.draw(st.integers(first, len(written)))
    shown = Redactor([secret])(f"{before}{written[first:last]}{behind}")
    # The mask itself is not part of a secret.
    seen = parts(shown.replace(MASK, "\0"))
    assert not (parts(written) | parts(secret)) & seen


@pytest.mark.parametrize("user", ["", "u", "id", "app"])
@pytest.mark.parametrize("signs", ["+/", "-_"])
@given(data=st.data(), secret=SECRETS)
def test_no_part_of_a_secret_is_shown_in_base64_cut_anywhere(
    signs: str, user: str, data: st.DataObject, secret: str
):
    written = base64.b64encode(f"{user}:{secret}:".encode(), signs.encode()).decode()
    first = data.draw(st.integers(0, len(written)))
    last = data.draw(st.integers(first, len(written)))
    shown = Redactor([secret])(f"It said: {written[first:last]}")
    # Six bits a character: those that encode bits of the secret alone.
    begins, ends = len(user) + 1, len(user) + 1 + len(secret)
    its_own = written[-(-begins * 8 // 6) : ends * 8 // 6]
    assert not parts(its_own) & parts(shown.replace(MASK, "\0"))


def test_a_secret_cut_at_any_length_is_masked():
    secret = "EAAB" + "".join(f"{number:x}q" for number in range(200))
    shown = Redactor([secret])
    for length in range(PART_CHARS, 301):
        first, last = f"It said: {secret[:length]}", f"It said: {secret[-length:]}."
        assert (length, shown(first)) == (length, f"It said: {MASK}")
        assert (length, shown(last)) == (length, f"It said: {MASK}.")


@pytest.mark.parametrize("before", ["", "u:", "app:", "client:"])
def test_the_end_of_a_secret_in_base64_is_masked_where_nothing_follows_it(before: str):
    secret = "kGq5vTz0wLxPbN3rYd8"
    written = base64.b64encode(f"{before}{secret}".encode()).decode().rstrip("=")
    assert Redactor([secret])(f"It said: {written[-PART_CHARS:]}") == f"It said: {MASK}"


def test_a_part_that_is_too_short_to_matter_is_not_masked():
    secret = "kGq5vTz0wLxPbN3r"
    assert Redactor([secret])(f"{secret[:11]} {secret[:12]}") == f"{secret[:11]} {MASK}"


def test_the_host_of_a_hidden_url_is_not_masked():
    url = "https://www.network.example/uploads/kGq5vTz0wLxPbN3r?token=Zp"
    assert Redactor([url])(f"{url} of https://www.network.example/help") == (
        f"{MASK} of https://www.network.example/help"
    )
    assert Redactor([url])(url[:50]) == f"https://www.network.example{MASK}"


def test_a_short_secret_is_masked_where_it_is_whole():
    assert Redactor(["s3cret", ""])("pass s3cret on, and c2VjcmV0 too") == (
        f"pass {MASK} on, and c2VjcmV0 too"
    )


@pytest.mark.parametrize("secret", ["Kümmel9€", "€9Kümmel"])
def test_other_letters_of_a_secret_are_masked_in_jsons_escapes(secret: str):
    assert Redactor([secret])(json.dumps(secret)) == f'"{MASK}"'


def test_a_secret_can_be_hidden_later():
    redactor = Redactor()
    assert redactor("kGq5vTz0wLxPbN3r") == "kGq5vTz0wLxPbN3r"
    redactor.hide("kGq5vTz0wLxPbN3r")
    assert redactor("kGq5vTz0wLxPbN3r") == MASK


def test_a_value_is_redacted_at_any_depth():
    found = {
        "error": {"message": "kGq5vTz0wLxPbN3r", "code": 190, "list": ["kGq5vTz0wLxPbN3r", None]},
        "access_token": "unknown",
        "refresh_token": "",
    }
    assert Redactor(["kGq5vTz0wLxPbN3r"]).value(found) == {
        "error": {"message": MASK, "code": 190, "list": [MASK, None]},
        "access_token": MASK,
        "refresh_token": "",
    }


@pytest.mark.parametrize(
    "found",
    [
        ["a" * 4_000_000],
        [{"message": "a" * 1_000}] * 4_000,
        {str(number): "" for number in range(40_000)},
        functools.reduce(lambda inner, _: [inner, "a" * 100], range(300), "a"),
    ],
    ids=["one text", "many texts", "many names", "deep"],
)
def test_of_a_huge_value_only_what_may_be_shown_is_redacted(found, monkeypatch):
    read = []
    redact = Redactor.__call__

    def note(self, text: str) -> str:
        read.append(len(text))
        return redact(self, text)

    monkeypatch.setattr(Redactor, "__call__", note)
    Redactor(["kGq5vTz0wLxPbN3r"]).value(found)
    assert 0 < sum(read) <= VALUE_CHARS
    assert len(read) <= VALUE_CHARS / EACH_CHARS + 1


@given(text=st.text(max_size=300), secret=SECRETS)
def test_redacting_twice_changes_nothing_more(text: str, secret: str):
    redactor = Redactor([secret])
    once = redactor(f"{text} access_token={secret} Bearer {secret} {text}")
    assert redactor(once) == once
