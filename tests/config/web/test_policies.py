"""What each kind of page may load, by its Content-Security-Policy."""

import pytest
from django.test import Client


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/", "default-src 'none'"),
        ("/api/v1/openapi.json", "default-src 'none'"),
        ("/api/docs", "default-src 'self'"),
        ("/api/redoc", "default-src 'self'"),
        ("/compat/api/docs", "default-src 'self'"),
        ("/compat/api/v1/openapi.json", "default-src 'none'"),
        ("/admin/login/", "script-src 'self' 'unsafe-eval'"),
    ],
)
def test_every_answer_brings_its_policy_and_may_not_be_framed(db, path, rule):
    policy = Client().get(path).headers["Content-Security-Policy"]

    assert rule in policy.split("; ")
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
