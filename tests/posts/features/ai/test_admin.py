"""The page of AI calls shows what workspaces spend, and no prompt."""

import pytest
from django.urls import reverse
from django.utils import timezone

from posts.features.ai.models import AiUse

pytestmark = pytest.mark.django_db


def test_the_list_shows_what_was_spent_and_what_is_set_aside(workspace, admin_client):
    now = {"workspace": workspace, "by": "key:pe_live_4f3c", "created_at": timezone.now()}
    AiUse.objects.create(kind="image", model="ideogram-v2", credits=8, is_settled=True, **now)
    AiUse.objects.create(kind="caption", credits=3, **now)

    page = admin_client.get(reverse("admin:posts_aiuse_changelist")).content.decode()

    assert "ideogram-v2" in page
    assert "3 set aside" in page
    assert "8 set aside" not in page
    assert "pe_live_4f3c" in page
