"""Every setting of the product. deploy/env.example explains each one."""

from datetime import timedelta
from pathlib import Path

from config import env
from config.admin import unfold
from config.web import forwarded, middleware, policies
from platforms.http import versions
from platforms.oauth import App
from platforms.registry import APPS
from posts import windows
from posts.api.schema import settings as schema

#: The product's; pyproject.toml has the same.
VERSION = "0.1.0"
ROOT = Path(__file__).resolve().parent.parent
HOME = Path(env.text("DOVECOTE_HOME", str(ROOT / ".dovecote"))).resolve()

# Identity

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
#: Where customers and networks reach this installation; signed media URLs begin with it.
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Apps, middleware and templates

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
MIDDLEWARE = [*middleware.EVERY, *middleware.PAGES]
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

# The web server (config/web/server/serve.py)

WEB_HOST = env.text("WEB_HOST", "127.0.0.1")
WEB_PORT = env.number("WEB_PORT", 8000)
#: Requests worked on at once, each with a database connection. Waiting clients hold no thread.
WEB_THREADS = env.number("WEB_THREADS", 64)
WEB_CONNECTIONS = env.number("WEB_CONNECTIONS", 4000)
WEB_HEADER_SECONDS = env.number("WEB_HEADER_SECONDS", 10)
#: A body or an answer moves WEB_MIN_BYTES_PER_SECOND on average in each such period.
WEB_STALL_SECONDS = env.number("WEB_STALL_SECONDS", 30)
WEB_MIN_BYTES_PER_SECOND = env.number("WEB_MIN_BYTES_PER_SECOND", 1024)
WEB_TRANSFER_SECONDS = env.number("WEB_TRANSFER_SECONDS", 3600)
#: Longer than proxies keep their connections to us.
WEB_IDLE_SECONDS = env.number("WEB_IDLE_SECONDS", 75)
WEB_STOP_SECONDS = env.number("WEB_STOP_SECONDS", 30)
WEB_SPOOL_BYTES = env.number("WEB_SPOOL_BYTES", 10 * 1024**3)
#: Proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted.
WEB_TRUSTED_PROXIES = env.parsed(
    "WEB_TRUSTED_PROXIES",
    "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7",
    forwarded.networks,
)

# The database

DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis carries wake-up calls and may be wiped at any time

REDIS_URL = env.secret("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "dovecote",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 5},
    }
}

# The clock (destinations/dispatch/claims.py)

TICK_SECONDS = env.number("TICK_SECONDS", 1)
LEASE_SECONDS = env.number("LEASE_SECONDS", 60)
CLAIM_LIMIT = env.number("CLAIM_LIMIT", 500)
#: At most so many rows of a queue are in flight, in all processes: about a second of its work, so
#: that a post which takes its turn now begins soon, and a network that hangs holds little.
CLAIM_AHEAD = env.number("CLAIM_AHEAD", 2000)
CLAIM_PER_ACCOUNT = env.number("CLAIM_PER_ACCOUNT", 10)
CLAIM_LOOK_AHEAD = env.number("CLAIM_LOOK_AHEAD", 2000)
MESSAGE_DESTINATIONS = env.number("MESSAGE_DESTINATIONS", 100)
#: Threads of each worker process that execute the database's part of publishing, in groups.
WORKER_DATABASE_THREADS = env.number("WORKER_DATABASE_THREADS", 2)
WORKER_THREADS = env.number("WORKER_THREADS", 24)

# The networks

#: Publishes that a worker process has in flight at a network. A crash leaves as many lookups; fewer
#: leave the machine idle while slow networks answer.
IN_FLIGHT = env.number("IN_FLIGHT", 200)
IN_FLIGHT_BY_NETWORK = env.numbers("IN_FLIGHT_BY_NETWORK")
#: Sends every request to the simulator instead of the networks. Never set in production.
SIMULATOR_URL = env.text("SIMULATOR_URL", "")
#: The file in which `make up` keeps the demo key for the first page. Nothing else sets it.
DEMO_ENV = env.text("DEMO_ENV", "")
#: Origins reached elsewhere, such as through a proxy: https://api.x.com=https://proxy.example/x
PLATFORM_BASE_URLS = env.pairs("PLATFORM_BASE_URLS")
PLATFORM_TIMEOUT_SECONDS = env.number("PLATFORM_TIMEOUT_SECONDS", 30)
#: The API versions that are called; platforms/http/versions.py has the date each ends.
API_VERSIONS = versions.Versions(
    graph=env.parsed("GRAPH_API_VERSION", versions.Versions().graph, versions.graph),
    linkedin=env.parsed("LINKEDIN_API_VERSION", versions.Versions().linkedin, versions.linkedin),
    threads=env.parsed("THREADS_API_VERSION", versions.Versions().threads, versions.graph),
)
#: This installation's apps at the networks, by login. Accounts cannot be connected by one without
#: an id.
PLATFORM_APPS = {
    name: App(
        env.secret(f"{name}_CLIENT_ID".upper()),
        env.secret(f"{name}_CLIENT_SECRET".upper()),
        API_VERSIONS,
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
#: /readyz fails once beat's last tick is older.
TICK_LIMIT_SECONDS = env.number("TICK_LIMIT_SECONDS", 30)
#: Seconds after which /readyz and the overview count a post that has not begun as late.
LATE_LIMIT_SECONDS = env.number("LATE_LIMIT_SECONDS", 60)
#: The database and Redis are on a network that no other machine shares, so they need no TLS.
PRIVATE_NETWORK = env.flag("PRIVATE_NETWORK")

# Files

MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(HOME / "media")))
MEDIA_URL_SECONDS = env.number("MEDIA_URL_SECONDS", 7 * 24 * 3600)
#: The storage limit of a workspace that has none of its own; 0: no limit.
STORAGE_QUOTA_BYTES = env.number("STORAGE_QUOTA_BYTES", 20 * 1024**3)
#: How long POST /media/upload-from-url waits for a worker to fetch the file.
FETCH_WAIT_SECONDS = env.number("FETCH_WAIT_SECONDS", 3)
#: Private hosts that POST /media/upload-from-url may fetch from; for development.
FETCH_PRIVATE_HOSTS = frozenset(env.words("FETCH_PRIVATE_HOSTS"))
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
    "requests": env.parsed("RATE_LIMIT_REQUESTS", "60/min,1000/h,10000/day", windows.parse),
    "posts": env.parsed("RATE_LIMIT_POSTS", "20/min,100/h,500/day", windows.parse),
}
#: For how long a process may honour a key as it last read it; 0: each request reads its key.
KEY_CACHE_SECONDS = env.number("KEY_CACHE_SECONDS", 1)
#: For how long a POST /posts with the same body gets the answer of the first; 0: never.
COLLAPSE_SECONDS = env.number("COLLAPSE_SECONDS", 0)
SPECTACULAR_SETTINGS = {
    **schema.SETTINGS,
    "VERSION": VERSION,
    "SERVERS": [{"url": PUBLIC_URL, "description": "This installation"}],
}
APPEND_SLASH = False

# Operators: the admin, its logins (config/operators/lockout.py) and sessions

UNFOLD = unfold.SETTINGS
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
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
SESSION_COOKIE_NAME = "dovecote_session"
SESSION_COOKIE_PATH = "/admin"

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
