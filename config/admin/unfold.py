"""Settings of the admin's theme, django-unfold."""

SETTINGS = {
    "SITE_TITLE": "Dovecote",
    "SITE_HEADER": "Dovecote",
    "SITE_SUBHEADER": "publishes once, at its time",
    "SITE_SYMBOL": "outgoing_mail",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "config.admin.sidebar.icon"},
    ],
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "config.admin.overview.views.show",
    "STYLES": [
        "config.admin.sidebar.stylesheet",
        "config.admin.sidebar.frame_stylesheet",
        "config.admin.search.assets.stylesheet",
        "config.admin.banners.stylesheet",
    ],
    "SCRIPTS": ["config.admin.sidebar.frame_script", "config.admin.search.assets.script"],
    "LOGIN": {"form": "config.operators.forms.LoginForm"},
    "ACCOUNT": {"navigation": "config.admin.sidebar.account_links"},
    "SIDEBAR": {"show_search": False, "navigation": "config.admin.sidebar.navigation"},
}
