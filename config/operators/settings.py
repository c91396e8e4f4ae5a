"""Settings of operators: their logins, sessions and site. deploy/env.example explains them."""

from datetime import timedelta

from config import env

#: The provider of single sign-on by OpenID Connect, exactly as it names itself; empty: none.
OIDC_ISSUER = env.text("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.secret("OIDC_CLIENT_SECRET", "")
OIDC_SCOPES = env.text("OIDC_SCOPES", "openid profile email")
#: The claim that lists an operator's groups, and the role that each gives.
OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM", "groups")
OIDC_ROLES = env.pairs("OIDC_ROLES")
#: Whether logging in there counts as password and second factor in one.
OIDC_SATISFIES_SECOND_FACTOR = env.flag("OIDC_SATISFIES_SECOND_FACTOR")
#: Whether only superusers may log in by password as well.
OIDC_ONLY = env.flag("OIDC_ONLY")
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    *(["config.operators.sso.backend.Backend"] if OIDC_ISSUER else []),
    "django.contrib.auth.backends.ModelBackend",
]
#: After LOGIN_FAILURES wrong passwords for one user from one address, that pair is locked.
LOGIN_FAILURES = env.number("LOGIN_FAILURES", 5)
LOGIN_LOCK_SECONDS = env.number("LOGIN_LOCK_SECONDS", 900)
AXES_FAILURE_LIMIT = LOGIN_FAILURES
AXES_COOLOFF_TIME = timedelta(seconds=LOGIN_LOCK_SECONDS)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
#: Otherwise an attacker who keeps guessing would extend the lock for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "config.operators.lockout.counted_username"
AXES_CLIENT_IP_CALLABLE = "config.operators.lockout.counted_network"
AXES_LOCKOUT_CALLABLE = "config.operators.lockout.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "csrfmiddlewaretoken"]
# Our own log has the logins.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
#: Whether every operator must set up a second factor; those who have one always need it.
SECOND_FACTOR_REQUIRED = env.flag("SECOND_FACTOR_REQUIRED")
OTP_TOTP_ISSUER = "Dovecote"
#: A session ends after this long without a request, and at the latest this long after login.
SESSION_COOKIE_AGE = env.number("SESSION_IDLE_SECONDS", 3600)
SESSION_MAX_SECONDS = env.number("SESSION_MAX_SECONDS", 12 * 3600)
SESSION_SAVE_EVERY_REQUEST = SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_ENGINE = "config.operators.sessions"
SESSION_COOKIE_NAME = "dovecote_session"
SESSION_COOKIE_PATH = "/admin"
#: The theme of their site, django-unfold.
UNFOLD = {
    "SITE_TITLE": "Dovecote",
    "SITE_HEADER": "Dovecote",
    "SITE_SUBHEADER": "publishes once, at its time",
    "SITE_SYMBOL": "outgoing_mail",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "config.admin.links.icon"},
    ],
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "config.admin.overview.views.show",
    "STYLES": [
        "config.admin.links.admin_stylesheet",
        "config.admin.links.frame_stylesheet",
        "config.admin.links.search_stylesheet",
        "config.admin.links.pauses_stylesheet",
    ],
    "SCRIPTS": ["config.admin.links.frame_script", "config.admin.links.search_script"],
    "LOGIN": {"form": "config.operators.views.LoginForm"},
    "ACCOUNT": {"navigation": "config.admin.links.account_links"},
    "SIDEBAR": {"show_search": False, "navigation": "config.admin.links.navigation"},
}
