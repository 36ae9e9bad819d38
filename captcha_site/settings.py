"""All settings, in one module. Every value of the environment is read by captcha_site.env."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from captcha_site import embedded, env
from captcha_site.menu import MENU, favicon

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# Where the private servers, their sockets' names and the keys live.
PAWCHA_VAR = env.path("PAWCHA_VAR", BASE_DIR / "var")
# Production refuses what is only for trying out: trial photos, debug, a plain-text address.
PRODUCTION = env.flag("PRODUCTION", default=False)
DEBUG = env.flag("DEBUG", default=False)

SECRET_KEY = env.secret("SECRET_KEY", PAWCHA_VAR / "keys" / "secret_key")
# Keys that are still believed for a while after a change of SECRET_KEY.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

# Our own origin. It is never taken from a request's Host header.
PUBLIC_URL = env.origin("PUBLIC_URL", "http://127.0.0.1:8000")
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = [_public.hostname or "", *env.words("ALLOWED_HOSTS")]
if _public.hostname in {"127.0.0.1", "localhost", "::1"}:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "captcha_site.pages.stale_form"
HTTPS = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
if env.words("TRUSTED_PROXIES"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The frame must be embeddable; every other page says X-Frame-Options: DENY.
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# Forwarded addresses are believed from these proxies only.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")

INSTALLED_APPS = [
    # Before unfold, so that its own banner can stand above every admin page.
    "challenges",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "import_export",
    "knox",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "classifier",
    "captcha_site",
]

MIDDLEWARE = [
    "captcha_site.proxies.ForwardedProto",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "challenges.accounts.middleware.Bounded",
    "django.contrib.messages.middleware.MessageMiddleware",
    "challenges.accounts.middleware.History",
    "allauth.account.middleware.AccountMiddleware",
    "challenges.accounts.middleware.SecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "captcha_site.urls"
WSGI_APPLICATION = "captcha_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "challenges.accounts.context.desk",
            ],
        },
    },
]


def _database(url: str) -> dict[str, Any]:
    """Return Django's settings for a postgresql:// address; `host` may be a socket folder."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL starts with {parts.scheme!r}: Pawcha needs postgresql://."
        )
    query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "pawcha",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.pop("host", "") or parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": env.whole("DATABASE_KEEP_SECONDS", 300),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **query},
    }


DATABASE_URL = env.text("DATABASE_URL") or embedded.database_url(PAWCHA_VAR)
DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# redis://host/0, rediss://host/0 or unix:///path?db=0
REDIS_URL = env.text("REDIS_URL") or embedded.redis_url(PAWCHA_VAR)

# Counts tries at the sign-in, across processes. What lies here may be lost at any time.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "pawcha-cache",
        "OPTIONS": {"socket_timeout": 3, "socket_connect_timeout": 3},
    }
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": "pawcha-celery:", "visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "challenges.tasks.take_in*": {"queue": "intake"},
    "challenges.tasks.unpack*": {"queue": "intake"},
    # A queue and a worker of its own: no visitor waits behind labelling.
    "classifier.tasks.classify": {"queue": "classify"},
    # It keeps a processor busy for hours: nothing else may wait behind it.
    "classifier.tasks.harden_waiting": {"queue": "harden"},
    "classifier.tasks.*": {"queue": "label"},
}
# A worker that dies in the middle hands its message back; every task may run twice without harm.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# The rows in PostgreSQL are the real queue: these rounds pick up whatever a lost message forgot.
# A round that had to wait longer than its own pause is left out: the next one does the same.
CELERY_BEAT_SCHEDULE = {
    task.rpartition(".")[2]: {"task": task, "schedule": pause, "options": {"expires": pause}}
    for task, pause in {
        "challenges.tasks.keep_stocked": 2.0,
        "challenges.tasks.close_overdue": 10.0,
        "challenges.tasks.take_in_waiting": 20.0,
        # For test keys and sites in test mode: it does nothing where there are none.
        "challenges.tasks.keep_starters": 30.0,
        "challenges.tasks.unpack_waiting": 20.0,
        "challenges.tasks.forget_transfers": 3600.0,
        "classifier.tasks.label_waiting": 20.0,
        "classifier.tasks.locate_waiting": 20.0,
        "classifier.tasks.go_on_retraining": 60.0,
        "challenges.tasks.tally": 60.0,
        "classifier.tasks.second_look": 60.0,
        "classifier.tasks.audit": 60.0,
        "challenges.tasks.retire_adopted": 60.0,
        "challenges.tasks.prune": 3600.0,
        "challenges.tasks.sum_up": 60.0,
        "challenges.tasks.prune_old": 3600.0,
        "challenges.tasks.forget_addresses": 3600.0,
    }.items()
}
# Off unless asked for: a retraining keeps a machine busy for hours, behind everything else.
if _retrain := env.rhythm("PAWCHA_RETRAIN"):
    CELERY_BEAT_SCHEDULE["retrain"] = {
        "task": "classifier.tasks.retrain",
        "schedule": _retrain,
        "options": {},
    }

# Renditions are hardened where networks are installed; off: they stay plain.
PAWCHA_HARDEN = env.one_of("PAWCHA_HARDEN", ("auto", "off"))
if PAWCHA_HARDEN == "auto" and find_spec("torch") is not None:
    CELERY_BEAT_SCHEDULE["harden_waiting"] = {
        "task": "classifier.tasks.harden_waiting",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    }

MEDIA_ROOT = env.path("PAWCHA_MEDIA", BASE_DIR / "media")
STORAGES = {
    # Photos as stored: never served.
    "default": {
        "BACKEND": "challenges.storage.DurableStorage",
        "OPTIONS": {"location": MEDIA_ROOT},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "static/"
# WhiteNoise serves the static files of the packages as they lie there: nothing to collect.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    # No rule: a new password ends the person's API tokens.
    {"NAME": "challenges.accounts.passwords.EndsTokens"},
]
# Signing in. Nobody signs up: people are added in the admin, and there is no mail server.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account_home"
LOGOUT_REDIRECT_URL = "account_login"
# A week on one's own computer; without "stay signed in" it ends with the browser.
SESSION_COOKIE_AGE = 7 * 86_400
# Links by which people set a password, in seconds.
PASSWORD_RESET_TIMEOUT = 3 * 86_400
ACCOUNT_ADAPTER = "challenges.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "challenges.accounts.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# Wrong passwords are counted by the adapter; these are codes, and how often forms are sent.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "5/5m/key,20/h/key"}
MFA_ADAPTER = "challenges.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Pawcha"
# One step of 30 seconds before and after: phones' clocks differ.
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
# offered, or required of everybody who uses the desk.
PAWCHA_TWO_FACTOR = env.one_of("PAWCHA_TWO_FACTOR", ("offered", "required"))
# Tokens for the REST API are shown once; people choose how long each lives.
KNOX_TOKEN_MODEL = "challenges.ApiToken"  # noqa: S105
# Its migrations make its own table even though ours takes its place; nothing would ever empty it.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {"TOKEN_PREFIX": "pawcha_", "TOKEN_TTL": None}

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_PARSER_CLASSES": ["challenges.api.reading.ShallowJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "challenges.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pawcha",
    "VERSION": "1",
    "DESCRIPTION": "Pick the cats. Clients ignore fields that they do not know.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "AnimalEnum": "challenges.models.photos.Animal",
        "RightsEnum": "challenges.models.photos.Rights",
        "WordEnum": [(word, word) for word in ("cat", "dog", "neither", "reject")],
    },
}

# Who changed what, kept by triggers in the database: a row of the history is never changed.
PGHISTORY_APPEND_ONLY = True
# A formula in a name must not run in somebody's spreadsheet.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

UNFOLD = {
    "SITE_TITLE": "Pawcha",
    "SITE_HEADER": "Pawcha",
    "SITE_SYMBOL": "pets",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": favicon}],
    "SIDEBAR": {"navigation": MENU},
    "DASHBOARD_CALLBACK": "challenges.admin.home.dashboard",
    # What everybody finds under their own name.
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": reverse_lazy("account_change_password")},
            {"title": "Second factor", "link": reverse_lazy("mfa_index")},
            {"title": "API tokens", "link": reverse_lazy("admin:challenges_person_tokens")},
        ]
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "filters": {"without_query": {"()": "captcha_site.logs.WithoutQuery"}},
    "loggers": {
        # The clock's every tick is no news.
        "celery.beat": {"level": "WARNING"},
        # A query may hold a site's secret (/recaptcha/api/siteverify takes it there).
        "django.server": {
            "handlers": ["console"],
            "filters": ["without_query"],
            "level": "INFO",
            "propagate": False,
        },
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
}

# Public test keys: no, yes (refused in production), or production.
PAWCHA_TEST_KEYS = env.one_of("PAWCHA_TEST_KEYS", ("no", "yes", "production"))
TEST_KEYS = PAWCHA_TEST_KEYS == "production" or (PAWCHA_TEST_KEYS == "yes" and not PRODUCTION)

# Addresses that are our own: manage.py attack goes to these and to no others.
# Without a PUBLIC_URL, where the quickstart that runs here says it is.
_started_at = env.started_at(PAWCHA_VAR / "run" / "origin", PUBLIC_URL)
PAWCHA_ATTACK_URLS = env.origins(
    "PAWCHA_ATTACK_URLS", PUBLIC_URL if env.text("PUBLIC_URL") else _started_at
)

# The whole service's own rules. Times in seconds.
PAWCHA: dict[str, int] = {
    # A photo leaves the pool this long after its adoption link was first shown.
    "ADOPTION_SECONDS": 3600 * env.whole("PAWCHA_ADOPTION_HOURS", 72, least=1),
    # So many networks must report a picture before it is withdrawn, and no more than this share
    # of the pool (but three photos at least) is withdrawn by reports in a day: three times that
    # until a person looks, and never what challenges need.
    "REPORTS_TO_WITHDRAW": env.whole("PAWCHA_REPORTS_TO_WITHDRAW", 3, least=1),
    "REPORTS_MOST_PERCENT": env.whole("PAWCHA_REPORTS_MOST_PERCENT", 2, most=100),
    # Of the pool, at most this share (but three photos at least) comes back to the queue in a day
    # for each reason that visitors or the network can give, and waits there at once. It stays in
    # the pool meanwhile.
    "DOUBTS_MOST_PERCENT": env.whole("PAWCHA_DOUBTS_MOST_PERCENT", 2, most=100),
    # The same for photos that the network tells in every rendition, the surest first. Off: while
    # pictures are plain, that is nearly every photo.
    "ALWAYS_SOLVED_PERCENT": env.whole("PAWCHA_ALWAYS_SOLVED_PERCENT", 0, most=100),
    # The recipes that harden renditions are drawn anew after so many days.
    "ROTATE_DAYS": env.whole("PAWCHA_ROTATE_DAYS", 7, least=1),
    # So many networks must vote before a label is proposed for a photo that visitors are asked
    # about; after three times as many without agreement a person is asked.
    "PROBE_VOTES": env.whole("PAWCHA_PROBE_VOTES", 10, least=5),
    # How many people have to say the same before a photo is settled in the queue: 1 or 2.
    "REVIEWERS_AGREE": env.whole("PAWCHA_REVIEWERS_AGREE", 1, least=1, most=2),
    # How many composed challenges wait to be handed out, per profile.
    "READY_TARGET": env.whole("PAWCHA_READY_TARGET", 200, least=1),
    # Tries per address prefix and per site: how many at once, and how many a minute after that.
    "PREFIX_BURST": env.whole("PAWCHA_PREFIX_BURST", 60, least=1),
    "PREFIX_PER_MINUTE": env.whole("PAWCHA_PREFIX_PER_MINUTE", 30, least=1),
    "SITE_BURST": env.whole("PAWCHA_SITE_BURST", 1200, least=1),
    "SITE_PER_MINUTE": env.whole("PAWCHA_SITE_PER_MINUTE", 1200, least=1),
    # Tokens by which right answers pass: an address prefix begins with START of them, holds MOST
    # and gets PER_HOUR back in an hour. Looking at a challenge takes one; a right answer fills up
    # to REFILL. Without a token it takes two right answers within REFILL challenges.
    "BUCKET_START": env.whole("PAWCHA_BUCKET_START", 6),
    "BUCKET_MOST": env.whole("PAWCHA_BUCKET_MOST", 12),
    "BUCKET_PER_HOUR": env.whole("PAWCHA_BUCKET_PER_HOUR", 12),
    "BUCKET_REFILL": env.whole("PAWCHA_BUCKET_REFILL", 3, least=1),
    # An address prefix that left more than so many challenges unsolved gets one more round in each,
    # beyond three times that two more and longer waits. So many are forgiven in an hour.
    "HEAT_ROUNDS": env.whole("PAWCHA_HEAT_ROUNDS", 30, least=1),
    "HEAT_LEAK": env.whole("PAWCHA_HEAT_LEAK", 20, least=1),
    # What attacks and their report reckon with, in millionths of a dollar: a try (an address and a
    # request), a computer for an hour, and 1,000 challenges solved by paid people, least and most.
    "PRICE_TRY": env.whole("PAWCHA_PRICE_TRY", 10),
    "PRICE_HOUR": env.whole("PAWCHA_PRICE_HOUR", 40_000),
    "PRICE_PEOPLE_LEAST": env.whole("PAWCHA_PRICE_PEOPLE_LEAST", 1_000_000, least=1),
    "PRICE_PEOPLE_MOST": env.whole("PAWCHA_PRICE_PEOPLE_MOST", 3_000_000, least=1),
    # Verifying with secrets that no site has: tries per address prefix. Known ones have no limit.
    "UNKNOWN_SECRET_BURST": env.whole("PAWCHA_UNKNOWN_SECRET_BURST", 30, least=1),
    "UNKNOWN_SECRET_PER_MINUTE": env.whole("PAWCHA_UNKNOWN_SECRET_PER_MINUTE", 10, least=1),
    # Photos at /classify/: tries per address prefix, how many photos may wait, and for how long.
    # Each that waits holds a thread of the web server: the default leaves it half of them.
    "CLASSIFY_BURST": env.whole("PAWCHA_CLASSIFY_BURST", 20, least=1),
    "CLASSIFY_PER_MINUTE": env.whole("PAWCHA_CLASSIFY_PER_MINUTE", 10, least=1),
    "CLASSIFY_DEPTH": env.whole("PAWCHA_CLASSIFY_DEPTH", 8, least=1),
    "CLASSIFY_SECONDS": env.whole("PAWCHA_CLASSIFY_SECONDS", 10, least=1, most=25),
}
