import re
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from platforms.limits import Form
from posts.keys import keys
from posts.models import ApiKey, Media, PostMedia, Variant
from tests.factories import make_account, make_post
from tests.posts.cases import apart

pytestmark = pytest.mark.django_db
LIST = "/admin/posts/apikey/"
KEY = re.compile(r"pe_live_[0-9a-f]{32}")


def given(workspace, **fields):
    return {"workspace": workspace.pk, "name": "night", "scopes": ["read", "ai"], **fields}


def revoke(client, *rows, **fields):
    chosen = {"action": "revoke", "_selected_action": [row.pk for row in rows], **fields}
    return client.post(LIST, chosen, follow=True)


def test_a_new_key_is_shown_once_and_works(admin_client, workspace):
    page = admin_client.post(f"{LIST}add/", given(workspace))

    (secret,) = KEY.findall(page.content.decode())
    key = keys.recognise(secret)
    assert (key.name, key.workspace, key.scopes) == ("night", workspace, ["read", "ai"])
    assert "no-store" in page["Cache-Control"]
    assert not any(secret in morsel.value for morsel in admin_client.cookies.values())
    for path in (LIST, f"{LIST}{key.pk}/change/", f"{LIST}{key.pk}/history/", "/admin/"):
        again = admin_client.get(path)
        assert again.status_code == 200
        assert secret not in again.content.decode()
        assert key.digest not in again.content.decode()


def test_an_invalid_form_creates_no_key_and_marks_the_field(admin_client, workspace):
    for wrong, field in (
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes"),
        ({"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"}, "expires_at"),
    ):
        with apart(wrong, field):
            page = admin_client.post(f"{LIST}add/", given(workspace, **wrong))

            assert list(page.context["adminform"].form.errors) == [field]
            assert ApiKey.objects.count() == 0


def test_the_eleventh_key_is_refused_with_a_reason(admin_client, workspace):
    for number in range(keys.ACTIVE_LIMIT):
        keys.create(workspace, f"key {number}", ["read"])

    page = admin_client.post(f"{LIST}add/", given(workspace))

    assert page.status_code == 200
    assert b"A workspace has at most 10 active keys. Revoke one first." in page.content
    assert ApiKey.objects.count() == keys.ACTIVE_LIMIT


def test_revoking_asks_for_confirmation_and_reports_the_count(admin_client, workspace):
    first, secret = keys.create(workspace, "first", ["read"])
    second, _ = keys.create(workspace, "second", ["read"])
    keys.revoke(second)

    asked = revoke(admin_client, first, second)
    assert b"This cannot be undone" in asked.content
    assert keys.recognise(secret) == first

    page = revoke(admin_client, first, second, confirmed="yes")
    assert [str(said) for said in page.context["messages"]] == ["1 revoked, 1 unchanged."]
    assert keys.recognise(secret) is None


def test_a_read_only_operator_cannot_create_or_revoke_keys(client, workspace):
    key, secret = keys.create(workspace, "first", ["read"])
    user = User.objects.create_user("vi", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)

    assert client.post(f"{LIST}add/", given(workspace)).status_code == 403
    revoke(client, key, confirmed="yes")

    assert keys.recognise(secret) == key
    assert ApiKey.objects.count() == 1


def test_a_key_cannot_be_changed(admin_client, workspace):
    key, _ = keys.create(workspace, "first", ["read"])

    page = admin_client.post(f"{LIST}{key.pk}/change/", given(workspace, scopes=["write"]))

    assert page.status_code == 403
    key.refresh_from_db()
    assert key.scopes == ["read"]


def test_the_list_shows_the_state_of_each_key(admin_client, workspace):
    keys.create(workspace, "one", ["read"])
    expired, _ = keys.create(workspace, "two", ["read"])
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(days=1))
    keys.revoke(keys.create(workspace, "three", ["read"])[0])

    page = admin_client.get(LIST).content.decode()

    assert [word in page for word in ("Active", "Expired", "Revoked")] == [True, True, True]


def test_a_post_page_shows_platform_content_and_alt_texts(admin_client, workspace):
    post = make_post(workspace, [make_account(workspace)])
    post.platform_content = {"x": {"content": "Only <here>"}}
    post.save()
    media = Media.objects.create(
        workspace=workspace, kind="image", filename="a.png", size_bytes=5, storage_key="secret/key"
    )
    PostMedia.objects.create(post=post, media=media, position=0, alt_text="A red dove")

    page = admin_client.get(f"/admin/posts/post/{post.pk}/change/").content.decode()

    assert "A red dove" in page
    assert "Only &lt;here&gt;" in page
    assert "secret/key" not in page


def test_a_file_page_shows_variants_and_why_one_failed(admin_client, workspace):
    media = Media.objects.create(
        workspace=workspace, kind="image", filename="a.png", size_bytes=5, storage_key="secret/key"
    )
    form = asdict(Form("image/jpeg", max_bytes=8_000_000))
    for number, fields in enumerate(
        (
            {"status": "failed", "error": "it takes too long"},
            {
                "status": "ready",
                "storage_key": "secret/made",
                "facts": {"media": {"width": 30, "height": 20, "size_bytes": 2048}},
            },
        )
    ):
        Variant.objects.create(
            media=media, form=form, digest=str(number), lease_until=timezone.now(), **fields
        )

    page = admin_client.get(f"/admin/posts/media/{media.pk}/change/").content.decode()

    assert "it takes too long" in page
    assert "JPEG, up to 8 MB" in page
    assert "30x20" in page
    assert "secret/" not in page
