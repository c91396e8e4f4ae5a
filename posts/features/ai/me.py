"""AI credits in the answers of GET /me and of analytics."""

from typing import Any

from posts.features.ai import ledger, provider
from posts.features.ai.ledger import used_since
from posts.models import Workspace

__all__ = ["quotas", "used_since"]


def quotas(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Return what the workspace has spent this month; nothing without a provider."""
    if not provider.is_configured():
        return {}
    spent = ledger.usage(workspace)
    return {"ai_credits": {"used": spent.used, "limit": spent.limit, "bonus": 0}}
