"""API keys, device logins, and the programs that are connected by OAuth."""

from posts.keys.admin import api_key, device_login_history, oauth_client, oauth_grant

__all__ = ["api_key", "device_login_history", "oauth_client", "oauth_grant"]
