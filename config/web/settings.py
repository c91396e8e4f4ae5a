"""Settings of the web server (config/web/server/serve.py), and the middlewares of a request.

deploy/env.example explains each setting.
"""

from config import env
from config.web import proxies

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
#: Whether agents are served at /mcp (posts/mcp/).
MCP_ENABLED = env.flag("MCP_ENABLED", True)
#: Origins beside PUBLIC_URL's whose requests to /mcp are answered.
MCP_ORIGINS = frozenset(env.words("MCP_ORIGINS"))
WEB_SPOOL_BYTES = env.number("WEB_SPOOL_BYTES", 10 * 1024**3)
#: Proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted (config/web/proxies.py).
WEB_TRUSTED_PROXIES = env.parsed("WEB_TRUSTED_PROXIES", "127.0.0.0/8,::1", proxies.networks)

#: Which middlewares a request passes, outermost first.
MIDDLEWARE = [
    "config.observability.requests.RequestIdMiddleware",
    "config.observability.telemetry.TracingMiddleware",
    "config.observability.requests.AccessLogMiddleware",
    "config.web.bodies.BodyMiddleware",
    "config.observability.probes.ProbeMiddleware",
    "config.web.policies.PolicyMiddleware",
    # A program's request goes on by API_MIDDLEWARE, any other by what follows.
    "config.web.api_middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.web.page_middleware.AddressMiddleware",
    "config.web.page_middleware.MethodMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "config.operators.log.OperatorMiddleware",
    "axes.middleware.AxesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
#: A program has a key: no session, no cookies, no forms, and it asks for no files of pages.
API_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "posts.api.throttling.RateLimitMiddleware",
    "posts.api.long_requests.LongRequestMiddleware",
    # The last two call the view, the first of them for lists only.
    "posts.api.replica.ReplicaMiddleware",
    "posts.api.idempotency.middleware.IdempotencyMiddleware",
]
