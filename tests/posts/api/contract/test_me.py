from datetime import timedelta

from django.utils import timezone

from posts.features.analytics import counting
from posts.features.analytics.models import PostTally
from posts.keys import keys
from posts.models import ApiKey, Post
from posts.read_models import listing, queries
from tests.factories import make_account, make_post
from tests.posts.conftest import Caller
from tests.posts.factories import make_media

STAMP = "%Y-%m-%dT%H:%M:%SZ"


def test_get_me_has_exactly_the_documented_fields(ada, account, cy):
    make_account(cy.workspace)
    first, second = (make_media(ada.workspace) for _ in range(2))
    make_media(ada.workspace, status="uploading")
    make_media(cy.workspace)
    make_post(ada.workspace, [account])
    old = make_post(ada.workspace, [account])
    Post.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    expires_at = timezone.now() + timedelta(days=90)
    ApiKey.objects.filter(pk=ada.key.pk).update(expires_at=expires_at)

    response = ada.get("/me")

    assert response.status_code == 200
    key = ApiKey.objects.get(pk=ada.key.pk)
    workspace = {"id": str(ada.workspace.pk), "name": "Acme"}
    assert response.json()["data"] == {
        "api_key": {
            "id": str(key.pk),
            "key_prefix": ada.secret[:12],
            "name": "Ada",
            "scopes": ["read", "write", "ai", "approve"],
            "last_used_at": key.last_used_at.strftime(STAMP),
            "created_at": key.created_at.strftime(STAMP),
            "expires_at": expires_at.strftime(STAMP),
        },
        "scopes": ["read", "write", "ai", "approve"],
        "user": {"id": None, "email": None, "name": None},
        "organization": {
            **workspace,
            "subscription_plan": "self_hosted",
            "subscription_status": "active",
            "subscription_source": None,
            "trial_end": None,
            "current_period_end": None,
            "cancel_at_period_end": False,
            "entitled": True,
        },
        "workspace": {**workspace, "approval_mode": "none"},
        "quota": {
            "accounts": {"used": 1, "limit": None},
            "ai_credits": {"used": 0, "limit": 0, "bonus": 0},
            "storage_bytes": {"used": first.size_bytes + second.size_bytes, "limit": 20 * 1024**3},
            "team_seats": {"limit": None},
        },
        "stats": {"posts_last_30d": 1, "total_posts": 2, "is_exact": True},
    }


def test_get_me_of_a_restricted_key_counts_what_it_sees(ada):
    mine, other = make_account(ada.workspace), make_account(ada.workspace)
    make_post(ada.workspace, [mine])
    make_post(ada.workspace, [mine, other])
    dee = Caller(ada.workspace, *keys.create(ada.workspace, "Dee", ["read"], accounts=[mine]))

    data = dee.get("/me").json()["data"]

    assert data["quota"]["accounts"]["used"] == 1
    assert data["stats"] == {"posts_last_30d": 1, "total_posts": 1, "is_exact": True}
    assert data["api_key"]["expires_at"] is None


def test_get_me_reads_tallies_instead_of_posts(ada, account):
    make_post(ada.workspace, [account])
    counting.count()
    PostTally.objects.filter(part__startswith="/").update(count=1_000_000)

    assert ada.get("/me").json()["data"]["stats"]["total_posts"] == 1_000_000


def test_get_me_of_a_restricted_key_with_many_posts_says_that_it_counts_some(ada, monkeypatch):
    monkeypatch.setattr(queries, "FEW", 0)
    monkeypatch.setattr(listing, "LOOKED_AT", 3)
    monkeypatch.setattr(listing, "FREQUENT", 1)
    mine, other = make_account(ada.workspace), make_account(ada.workspace)
    for accounts in [[mine], [mine], [mine, other], [mine]]:
        make_post(ada.workspace, accounts)
    dee = Caller(ada.workspace, *keys.create(ada.workspace, "Dee", ["read"], accounts=[mine]))

    stats = dee.get("/me").json()["data"]["stats"]

    assert stats == {"posts_last_30d": 2, "total_posts": 2, "is_exact": False}
