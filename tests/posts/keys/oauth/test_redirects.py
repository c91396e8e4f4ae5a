"""Redirect URIs: which may be registered, and which of a request are a client's own."""

import pytest

from posts.keys.oauth import redirects
from tests.posts.cases import named


@pytest.mark.parametrize(
    "uri",
    [
        "https://claude.ai/api/mcp/auth_callback",
        "https://agent.example:8443/callback?tenant=7",
        "http://127.0.0.1:3118/callback",
        "http://127.0.0.1/callback",
        "http://localhost:8080/",
        "http://[::1]:5000/done",
        "com.example.agent:/callback",
        "com.example.agent://callback",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "vscode://publisher.extension/callback",
        "vscode-insiders://publisher.extension/callback",
        "windsurf://codeium.windsurf/oauth/callback",
        "warp://mcp/oauth2callback",
        "raycast://oauth?package_name=mcp",
        "editor://oauth/callback",
    ],
)
def test_these_may_be_registered(uri):
    assert redirects.problem(uri) == ""


def test_these_may_not():
    for uri in (
        "",
        None,
        7,
        ["https://agent.example/"],
        "/callback",
        "agent.example/callback",
        "http://agent.example/callback",
        "http://127.0.0.1.evil.example/",
        "http://localhost.evil.example/",
        "http://[::1].evil.example/",
        "http://[::1]evil.example/",
        "http://x[::1]/",
        "http://127.0.0.1@evil.example/",
        "http://0.0.0.0/",
        "https://",
        "https:///callback",
        "https://user@agent.example/",
        "https://agent.example\\@evil.example/",
        "https://agent.example/#fragment",
        "https://*.example/",
        "https://agent.example/a b",
        "https://agent.example/\r\nSet-Cookie: a=b",
        "https://agent.example/\x00",
        "https://agent.example:port/",
        "https://agent.example:99999/",
        "https://agent.example/a/../b",
        "https://agent.example/a/%2e%2e/b",
        "https://\u0430gent.example/",
        "HTTPS://agent.example/",
        "https://Agent.example/",
        "https://agent.example/';script-src *",
        "javascript:alert(1)",
        "data:text/html,a",
        "file:///etc/passwd",
        "cursor://callback",
        "cursor:anysphere.cursor-mcp/callback",
        "cursor:///callback",
        "cursor://user@anysphere.cursor-mcp/callback",
        "cursor://Anysphere.cursor-mcp/callback",
        "cursor://anysphere.cursor-mcp/../callback",
        "javascript://agent.example/%0aalert(1)",
        "javascript://oauth/%0aalert(1)",
        "data://oauth/x",
        "ms-settings://oauth",
        "editor:///oauth",
        "editor:oauth",
        "vbscript://agent.example/x",
        "data://agent.example/x",
        "file://agent.example/etc/passwd",
        "blob://agent.example/x",
        "ftp://agent.example/x",
        "view-source://agent.example/x",
        "ms-settings://agent.example/x",
        "intent://agent.example/x",
        "urn:ietf:wg:oauth:2.0:oob",
        "https://agent.example/" + "a" * 2000,
    ):
        with named(uri):
            assert redirects.problem(uri)


@pytest.mark.parametrize(
    ("registered", "given"),
    [
        ("https://agent.example/callback", "https://agent.example/callback"),
        ("http://127.0.0.1:3118/callback", "http://127.0.0.1:55001/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:55001/callback"),
        ("http://localhost/callback?a=1", "http://localhost:1024/callback?a=1"),
        ("http://[::1]/callback", "http://[::1]:55001/callback"),
    ],
)
def test_these_are_the_same(registered, given):
    assert redirects.is_same(registered, given)


def test_these_are_not():
    for registered, given in (
        ("https://agent.example/callback", "https://agent.example/callback/"),
        ("https://agent.example/callback", "https://agent.example/callback?a=1"),
        ("https://agent.example/callback", "https://agent.example/callback#a"),
        ("https://agent.example/callback", "https://agent.example:8443/callback"),
        ("https://agent.example/callback", "https://agent.example/other"),
        ("https://agent.example/callback", "https://agent.example.evil.example/callback"),
        ("https://agent.example/callback", "http://agent.example/callback"),
        ("https://agent.example/callback", ""),
        ("http://127.0.0.1/callback", "http://127.0.0.1:1/other"),
        ("http://127.0.0.1/callback", "http://localhost:1/callback"),
        ("http://127.0.0.1/callback", "https://127.0.0.1/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:1@evil.example/callback"),
        ("http://127.0.0.1/callback", "http://127.0.0.1:1/callback#a"),
        ("com.example.agent:/callback", "com.example.agent:/other"),
    ):
        with named(registered, given):
            assert not redirects.is_same(registered, given)


def test_an_answer_is_added_to_the_query_and_escaped():
    answer = {"code": "a b&c", "state": "d#e"}

    assert redirects.with_answer("https://a.example/?x=1", answer).endswith(
        "?x=1&code=a+b%26c&state=d%23e"
    )
    assert redirects.with_answer("com.a.b:/x", answer) == "com.a.b:/x?code=a+b%26c&state=d%23e"
