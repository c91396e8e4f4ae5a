"""AI credits in the answer of GET /me."""

from typing import Any

from posts.features.ai import ledger, provider
from posts.models import Workspace


def quotas(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Return what the workspace has spent this month; nothing without a provider."""
    if not provider.is_configured():
        return {}
    spent = ledger.usage(workspace)
    return {"ai_credits": {"used": spent.used, "limit": spent.limit, "bonus": 0}}
