"""Every setting of the product. deploy/env.example explains each one.

Those of the web server and of operators are in rooms of their own.
"""

from pathlib import Path

from config import env
from config.operators.settings import *  # noqa: F403
from config.web import policies, proxies
from config.web.settings import *  # noqa: F403
from destinations.dispatch import queues
from platforms.oauth import App
from platforms.registry import APPS, VERSIONS
from posts import features, rate_windows
from posts.api.schema import settings as schema

#: The product's; pyproject.toml has the same.
VERSION = "0.2.0"
ROOT = Path(__file__).resolve().parent.parent
HOME = Path(env.text("DOVECOTE_HOME", str(ROOT / ".dovecote"))).resolve()

# Identity

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
#: Hosts whose /api/v1 has the shape of /compat/api/v1.
COMPAT_HOSTS = frozenset(word.lower() for word in env.words("COMPAT_HOSTS"))
#: Where customers and networks reach this installation; signed media URLs begin with it.
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Apps and templates

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    # Without a site of its own: ours is config/admin/site.py.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "posts",
    "destinations",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# The database

DATABASES = {"default": env.database()}
#: A standby that answers lists (destinations/runtime/replica/); None: the primary does.
DATABASE_REPLICA = env.database_replica()
DATABASE_REPLICA_MAX_LAG_SECONDS = env.number("DATABASE_REPLICA_MAX_LAG_SECONDS", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis carries wake-up calls and may be wiped at any time

REDIS_URL = env.redis_url()
CACHES = {"default": env.cache(REDIS_URL)}

# The clock (destinations/dispatch/claims.py)

TICK_SECONDS = env.number("TICK_SECONDS", 1)
LEASE_SECONDS = env.number("LEASE_SECONDS", 60)
CLAIM_LIMIT = env.number("CLAIM_LIMIT", 500)
#: At most so many rows of a queue are in flight, in all processes: about a second of its work, so
#: that a post which takes its turn now begins soon, and a network that hangs holds little.
CLAIM_AHEAD = env.number("CLAIM_AHEAD", 2000)
#: Workspaces whose destinations have queues of their own, and these queues' names.
DEDICATED_QUEUES = env.parsed("DEDICATED_QUEUES", "", queues.parse)
CLAIM_PER_ACCOUNT = env.number("CLAIM_PER_ACCOUNT", 10)
CLAIM_LOOK_AHEAD = env.number("CLAIM_LOOK_AHEAD", 2000)
MESSAGE_DESTINATIONS = env.number("MESSAGE_DESTINATIONS", 100)
#: Threads of each worker process that execute the database's part of publishing, in groups.
WORKER_DATABASE_THREADS = env.number("WORKER_DATABASE_THREADS", 2)
WORKER_THREADS = env.number("WORKER_THREADS", 24)

# The networks

#: Publishes that a worker process has in flight at a network. A crash leaves as many lookups; fewer
#: leave the machine idle while slow networks answer.
IN_FLIGHT = env.number("IN_FLIGHT", 400)
IN_FLIGHT_BY_NETWORK = env.numbers("IN_FLIGHT_BY_NETWORK")
#: Sends every request to the simulator instead of the networks. Never set in production.
SIMULATOR_URL = env.text("SIMULATOR_URL", "")
#: The file in which `make up` keeps the demo key for the first page. Nothing else sets it.
DEMO_ENV = env.text("DEMO_ENV", "")
#: Origins reached elsewhere, such as through a proxy: https://api.x.com=https://proxy.example/x
PLATFORM_BASE_URLS = env.pairs("PLATFORM_BASE_URLS")
PLATFORM_TIMEOUT_SECONDS = env.number("PLATFORM_TIMEOUT_SECONDS", 30)
#: The API versions that are called, by the API's name. Networks declare the APIs, and when versions
#: end.
API_VERSIONS = {
    name: env.parsed(f"{name}_API_VERSION".upper(), api.default, api.check)
    for name, api in VERSIONS.items()
}
#: This installation's apps at the networks, by login. Accounts cannot be connected by one without
#: an id.
PLATFORM_APPS = {
    name: App(
        env.secret(f"{name}_CLIENT_ID".upper()),
        env.secret(f"{name}_CLIENT_SECRET".upper()),
        API_VERSIONS,
        asks_to_delete=name in env.words("ASK_TO_DELETE"),
        asks_for_numbers=env.flag("ENGAGEMENT_SCOPES", False),
    )
    for name in APPS
    if env.secret(f"{name}_CLIENT_ID".upper(), "")
}
#: How many accounts get new tokens at one tick, per platform and login.
REFRESH_LIMIT = env.number("REFRESH_LIMIT", 100)
#: Fernet keys, newest first; the first encrypts, all decrypt.
CREDENTIAL_KEYS = [key.strip() for key in env.secret("CREDENTIAL_KEYS").split(",") if key.strip()]

# Logs and metrics

LOGGING_CONFIG = "config.observability.logs.configure"
LOGGING = {
    "format": env.text("LOG_FORMAT", "console" if DEBUG else "json"),
    "level": env.text("LOG_LEVEL", "INFO").upper(),
}
#: The bearer token of Prometheus; without one /metrics answers 404.
METRICS_TOKEN = env.secret("METRICS_TOKEN", "")
#: OpenTelemetry's own variable: where traces are sent; without an address there are none.
OTEL_EXPORTER_OTLP_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT", "")
#: Where errors are reported; without an address they are in the log alone.
SENTRY_DSN = env.secret("SENTRY_DSN", "")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")
#: /readyz fails once beat's last tick is older.
TICK_LIMIT_SECONDS = env.number("TICK_LIMIT_SECONDS", 30)
#: Seconds after which /readyz and the overview count a post that has not begun as late.
LATE_LIMIT_SECONDS = env.number("LATE_LIMIT_SECONDS", 60)
#: Where people are told of incidents (`config.incidents.notify`).
NOTIFY_URLS = env.secret("NOTIFY_URLS", "").split()
#: Signs what programs among them (json:// and jsons://) are told, as Standard Webhooks do.
NOTIFY_SECRET = env.notify_secret()
#: Where operators' browsers reach Flower; empty: no page links to it.
FLOWER_URL = env.text("FLOWER_URL", "").rstrip("/")
#: The log search's URL with {request_id}, {destination_id} and {post_id}; empty: no links to it.
LOG_SEARCH_URL = env.text("LOG_SEARCH_URL", "")
#: The database and Redis are on a network that no other machine shares, so they need no TLS.
PRIVATE_NETWORK = env.flag("PRIVATE_NETWORK")

#: The most campaigns that a workspace may have.
CAMPAIGN_LIMIT = env.number("CAMPAIGN_LIMIT", 10_000)
#: Where short links begin; this host answers them below /l/.
SHORT_LINK_URL = env.text("SHORT_LINK_URL", "").rstrip("/") or PUBLIC_URL
#: Hashtag sets of a workspace.
HASHTAG_SET_LIMIT = env.number("HASHTAG_SET_LIMIT", 100)
#: RSS and Atom feeds of a workspace.
FEED_LIMIT = env.number("FEED_LIMIT", 20)
#: The most rules of repeating posts that a workspace may have; each makes one post a day at most.
RECURRENCE_LIMIT = env.number("RECURRENCE_LIMIT", 200)

#: The most accounts that a workspace may have, and so servers of its own; 0: no limit.
ACCOUNT_LIMIT = env.number("ACCOUNT_LIMIT", 5_000)

# Files

MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(HOME / "media")))
MEDIA_URL_SECONDS = env.number("MEDIA_URL_SECONDS", 7 * 24 * 3600)
#: The storage limit of a workspace that has none of its own; 0: no limit.
STORAGE_QUOTA_BYTES = env.number("STORAGE_QUOTA_BYTES", 20 * 1024**3)
#: How long POST /media/upload-from-url waits for a worker to fetch the file.
FETCH_WAIT_SECONDS = env.number("FETCH_WAIT_SECONDS", 3)
#: How long a request waits for the networks that it has posts deleted from.
DELETE_WAIT_SECONDS = env.number("DELETE_WAIT_SECONDS", 5)
#: Private hosts that POST /media/upload-from-url may fetch from; for development.
FETCH_PRIVATE_HOSTS = frozenset(env.words("FETCH_PRIVATE_HOSTS"))
#: Requests to webhooks that a worker process has in flight.
WEBHOOKS_IN_FLIGHT = env.number("WEBHOOKS_IN_FLIGHT", 300)
#: Networks to which webhooks are sent although they are not public; for development.
WEBHOOK_ALLOW_PRIVATE = env.parsed("WEBHOOK_ALLOW_PRIVATE", "", proxies.networks)
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(HOME / "static")))
#: An S3 bucket in place of MEDIA_ROOT, if one is named.
MEDIA_S3_BUCKET = env.text("MEDIA_S3_BUCKET", "")
MEDIA_S3 = env.media_s3()
STORAGES = {
    "default": {"BACKEND": "posts.media.s3.Bucket", "OPTIONS": MEDIA_S3}
    if MEDIA_S3_BUCKET
    else {"BACKEND": "posts.media.storage.SignedFileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["posts.api.auth.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["posts.api.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["posts.api.renderers.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["posts.api.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "posts.api.renderers.FixedNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%SZ",
    "DEFAULT_SCHEMA_CLASS": "posts.api.schema.auto.AutoSchema",
    "EXCEPTION_HANDLER": "posts.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
#: How often a key may call, by bucket (posts/keys/rate_limits.py); a key may have its own numbers.
RATE_LIMITS = {
    "requests": env.parsed("RATE_LIMIT_REQUESTS", "60/min,1000/h,10000/day", rate_windows.parse),
    "posts": env.parsed("RATE_LIMIT_POSTS", "20/min,100/h,500/day", rate_windows.parse),
    "ai": env.parsed("RATE_LIMIT_AI", "50/5min,200/h", rate_windows.parse),
}
#: For how long a process may honour a key as it last read it; 0: each request reads its key.
KEY_CACHE_SECONDS = env.number("KEY_CACHE_SECONDS", 1)
#: Whether programs may be connected by OAuth; without it their tokens are refused.
OAUTH_ENABLED = env.flag("OAUTH_ENABLED", True)
#: For how long API requests stay in their log; 0: none are logged.
REQUEST_LOG_DAYS = env.number("REQUEST_LOG_DAYS", 14)
#: For how long posts that have ended are kept, with their history; 0: for ever.
#: No less than what reads them: engagement and calendars look back 30 days.
KEEP_POSTS_DAYS = env.days("KEEP_POSTS_DAYS", 0, least=31)
#: The same for the record of what operators did in the admin.
KEEP_OPERATOR_LOG_DAYS = env.days("KEEP_OPERATOR_LOG_DAYS", 0, least=31)
#: For how long a POST /posts with the same body gets the answer of the first; 0: never.
COLLAPSE_SECONDS = env.number("COLLAPSE_SECONDS", 0)
#: The same at the compatibility mount, whose clients send a POST again without a key.
COMPAT_COLLAPSE_SECONDS = env.number("COMPAT_COLLAPSE_SECONDS", 60)
#: What differs from RATE_LIMITS there.
COMPAT_RATE_LIMITS = {
    "posts": env.parsed("COMPAT_RATE_LIMIT_POSTS", "60/min,200/h,1000/day", rate_windows.parse),
}
SPECTACULAR_SETTINGS = {
    **schema.SETTINGS,
    "VERSION": VERSION,
    "SERVERS": [{"url": PUBLIC_URL, "description": "This installation"}],
}
APPEND_SLASH = False

# Features that have settings of their own

for _read in features.declared("read_settings"):
    globals().update(_read(env))

# Time, language, security

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
LOGIN_REDIRECT_URL = "admin:index"
FORMAT_MODULE_PATH = "config.formats"
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", not DEBUG)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if DEBUG else env.number("SECURE_HSTS_SECONDS", 31536000)
# Both affect other hosts of the domain, and browsers remember them: only their owner may set them.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS")
SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD")
# These settings are the operator's choice: a proxy may redirect and send HSTS itself.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W008", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("SECURE_COOKIES", not DEBUG)
#: What pages may load and do, by kind of page; those of the admin and the API have their own.
CONTENT_SECURITY_POLICY = {"DIRECTIVES": policies.PAGES}
CSRF_FAILURE_VIEW = "config.web.error_pages.stale_form"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
