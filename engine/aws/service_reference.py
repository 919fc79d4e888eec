"""Fetching AWS's service reference over HTTPS, without credentials: it is public.

Source: Service Authorization Reference, "Simplified AWS service information for programmatic access".
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import TypeAlias
from urllib.parse import urlsplit

from ...resources.diagnostics import Problem
from ...resources.policy.catalogue import Catalogue
from ...resources.policy.service_reference import (
    INDEX_URL,
    IndexEntry,
    catalogue_mapping,
    read_index,
)

Fetch: TypeAlias = Callable[[str], bytes]
"""Gives what stands at an address; raises OSError where that can't be had."""

_AT_ONCE = 8
_TIMEOUT = 30  # seconds for one answer
_MOST_BYTES = 50_000_000  # the largest document, that of EC2, has about two millions
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def https_get(url: str) -> bytes:
    """What stands at an address: by https, or from this machine by http.

    Raises:
        OSError: the server can't be reached, refuses, or sends too much.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and (parts.scheme, parts.hostname in _LOOPBACK) != ("http", True):
        raise OSError(f"{url} is not read by https, so nobody knows who wrote it")
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - as above
            data: bytes = answer.read(_MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()  # it is the answer, too, and holds its socket
        raise
    if len(data) > _MOST_BYTES:
        raise OSError(f"{url} holds more than {_MOST_BYTES} bytes")
    return data


def fetch_catalogue(
    day: date, *, index_url: str = INDEX_URL, fetch: Fetch = https_get
) -> Catalogue:
    """The catalogue of the whole reference; `day` is today.

    Raises:
        Problem: it can't be had in full, or has a form that is not known.
    """
    try:
        index = read_index(_fetched(fetch, index_url))
    except ValueError as error:
        raise _unknown_form(index_url, error) from error
    _check_places(index, index_url)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        documents = list(pool.map(partial(_fetched, fetch), [entry.url for entry in index]))
    try:
        return Catalogue.from_file(catalogue_mapping(documents, day))
    except ValueError as error:
        raise _unknown_form(index_url, error) from error


def _fetched(fetch: Fetch, url: str) -> bytes:
    try:
        return fetch(url)
    except OSError as error:
        plain = isinstance(error, urllib.error.HTTPError)  # it has the number; others a cause
        reason = error if plain else getattr(error, "reason", error)
        raise Problem.of(
            "reference-unreachable",
            f"AWS's service reference can't be read from {url}: {reason}",
            detail="No file was written.",
            hint="look at the connection and the proxy (HTTPS_PROXY), or name a mirror with --from",
        ) from error


def _check_places(index: tuple[IndexEntry, ...], index_url: str) -> None:
    """Refuse an index that is empty or leads elsewhere: a catalogue from two sources is from none."""
    if not index:
        raise _unknown_form(index_url, ValueError("it lists no service"))
    home = urlsplit(index_url)[:2]
    for entry in index:
        if urlsplit(entry.url)[:2] != home:
            raise _unknown_form(index_url, ValueError(f"it leads to another server, {entry.url}"))


def _unknown_form(url: str, error: ValueError) -> Problem:
    return Problem.of(
        "reference-unknown",
        f"what stands at {url} is not AWS's service reference as rolewright knows it: {error}",
        detail="No file was written.",
        hint="a newer release of rolewright may know its form; the installed data still work",
    )
