"""Which middlewares a request passes, outermost first."""

EVERY = [
    "config.observability.requests.RequestIdMiddleware",
    "config.observability.tracing.TracingMiddleware",
    "config.observability.access.AccessLogMiddleware",
    "config.web.bodies.BodyMiddleware",
    "config.observability.probes.ProbeMiddleware",
    "config.web.policies.PolicyMiddleware",
    # A program's request goes on by API, any other by PAGES.
    "config.web.chains.ApiMiddleware",
]
#: A program has a key: no session, no cookies, no forms, and it asks for no files of pages.
API = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "posts.api.throttling.RateLimitMiddleware",
    # The last two call the view, the first of them for lists only.
    "posts.api.replica.ReplicaMiddleware",
    "posts.api.idempotency.middleware.IdempotencyMiddleware",
]
PAGES = [
    "django.middleware.security.SecurityMiddleware",
    "config.web.addresses.AddressMiddleware",
    "config.web.methods.MethodMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "config.operators.middleware.OperatorMiddleware",
    "axes.middleware.AxesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
