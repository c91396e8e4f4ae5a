"""What keys with some of the scopes may do; walk/test_scopes.py asks every endpoint."""

from tests.posts.conftest import make_caller, refused


def test_scopes_are_held_one_or_more(ada):
    both = make_caller(ada.workspace, "both", ("read", "write"))

    assert both.get("/me").json()["data"]["scopes"] == ["read", "write"]
    assert both.get("/posts").status_code == 200
    refused(both.post("/posts", {}), 400, "validation_error")


def test_scope_write_does_not_imply_read(ada):
    writer = make_caller(ada.workspace, "writer", ("write",))

    refused(writer.get("/posts"), 403, "insufficient_scope")
    refused(writer.post("/posts", {}), 400, "validation_error")


def test_scope_is_asked_for_after_the_method(ada):
    reader = make_caller(ada.workspace, "reader", ("read",))

    refused(reader.call("PUT", "/posts"), 405, "method_not_allowed")
