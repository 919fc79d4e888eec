"""The URLs under `notify`: what must not be written out in them, and `${env.NAME}`, which stays unread.

The environment's values are put in only where a message is sent, so that no declaration, plan or state
ever holds one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlsplit

from ...resources.diagnostics import Diagnostic, Severity
from ...resources.stack import Settings
from .source import Sources

ENV = re.compile(r"\$\{env\.([A-Za-z_][A-Za-z0-9_]*)\}")
# Of these, host and path alone name the place; of all others they are, or hold, a token.
_PLAIN = frozenset({"form", "forms", "json", "jsons", "syslog", "xml", "xmls"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,}")


def check_urls(settings: Settings, sources: Sources) -> Iterator[Diagnostic]:
    """What is wrong with the URLs, and a warning for each secret that is written out."""
    for index, url in enumerate(() if settings.notify is None else settings.notify.urls):
        source = sources.source(("notify", "urls", index))
        if "://" not in url and not ENV.fullmatch(url):
            yield Diagnostic(
                "bad-url",
                "this is no URL",
                hint="write an Apprise URL such as json://host/path, or ${env.NAME}",
                source=source,
            )
        elif not ENV.search(url) and _holds_secret(url):
            yield Diagnostic(
                "literal-secret",
                "this URL seems to hold a secret",
                detail="Who can read the stack file can write to that channel.",
                hint="put the URL, or the secret part, into the environment: ${env.NAME}",
                source=source,
                severity=Severity.WARNING,
            )


def filled(url: str, environ: Mapping[str, str]) -> str:
    """The URL with the environment's values in it, encoded unless one is the whole.

    Raises:
        KeyError: with the name of a variable that isn't set, or is empty.
    """
    whole = ENV.fullmatch(url)
    if whole is not None:
        return _value(whole[1], environ)
    return ENV.sub(lambda match: quote(_value(match[1], environ), safe=""), url)


def _value(name: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise KeyError(name)
    return environ[name]


def _holds_secret(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    if parts.scheme.lower() not in _PLAIN or parts.query or "@" in parts.netloc:
        return True
    return _TOKEN.search(parts.path) is not None
