"""What becomes of a request, and what of it may be shown."""

import pytest

from platforms.client import Answer, redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.b/?access_token=abc&x=1", "https://a.b/?access_token=[redacted]&x=1"),
        ('{"refresh_token": "abc"}', '{"refresh_token": "[redacted]"}'),
        ("code=abc&state=1", "code=[redacted]&state=1"),
        ('{"code":"DUPLICATE_POST"}', '{"code":"DUPLICATE_POST"}'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
        ("it holds s3cret", "it holds [redacted]"),
    ],
)
def test_credentials_are_hidden_and_error_codes_are_not(text: str, shown: str):
    assert redact(text, ["s3cret"]) == shown


def test_an_error_body_that_is_no_object_reads_as_empty():
    assert Answer(500, {}, b"[1]", "").error_body() == {}
    assert Answer(500, {}, b"<html>", "").error_body() == {}
