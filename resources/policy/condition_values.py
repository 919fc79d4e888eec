"""The values of a condition, read once, and whether a value of a context key matches one of them.

All operators here are the positive ones; what a negation means is said in `evaluate_conditions`.
A value that cannot be read as what its operator compares matches nothing.
Source: IAM user guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator as compare
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Generic, Protocol, TypeAlias, TypeVar

from .context import Context
from .matching import Patterns, Style
from .operators import Family
from .truth import Truth
from .values import exact_number

T = TypeVar("T")
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
"""A range of addresses."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# W3C's note "Date and Time Formats", which is the profile of ISO 8601 that IAM names.
_DATE = re.compile(
    r"(?P<day>[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)"
    r"(?P<time>T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?P<zone>Z|[-+][0-9]{2}:?[0-9]{2})?)?"
)
_NETWORK = re.compile(r"[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?")
_BOOLEANS = frozenset({"true", "false"})


class Values(Protocol):
    """The values of a condition under one operator."""

    @property
    def everything(self) -> bool:
        """Whether any text at all matches."""
        ...

    def matches(self, text: str, context: Context) -> Truth:
        """Whether a value of the context key matches one of them."""
        ...

    def possible(self, context: Context) -> bool:
        """Whether there is any text that matches."""
        ...

    def unknown(self, context: Context) -> frozenset[str]:
        """The variables in the values that are not known yet."""
        ...


class Compared(Generic[T]):
    """Values that are read as numbers, dates and the like, and compared as such."""

    __slots__ = ("_compare", "_read", "_wanted")

    everything = False

    def __init__(
        self, texts: Iterable[str], read: Callable[[str], T | None], compare: Callable[[T, T], bool]
    ) -> None:
        self._read, self._compare = read, compare
        self._wanted = tuple(found for text in texts if (found := read(text)) is not None)

    def matches(self, text: str, context: Context) -> Truth:
        found = self._read(text)
        return found is not None and any(self._compare(found, value) for value in self._wanted)

    def possible(self, context: Context) -> bool:
        return bool(self._wanted)

    def unknown(self, context: Context) -> frozenset[str]:
        return frozenset()


_ORDERS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": compare.eq,
    "LessThan": compare.lt,
    "LessThanEquals": compare.le,
    "GreaterThan": compare.gt,
    "GreaterThanEquals": compare.ge,
}


def read_values(name: str, family: Family, texts: tuple[str, ...], *, variables: bool) -> Values:
    """Read the values of a positive operator, such as `StringLike`.

    With `variables`, `${…}` stands for a value under the operators for strings and for ARNs; under
    the others it is text that cannot be read.
    """
    if family is Family.STRING:
        fold, wild = name == "StringEqualsIgnoreCase", name == "StringLike"
        return Patterns(texts, Style.TEXT, variables=variables, wildcards=wild, fold=fold)
    if family is Family.ARN:
        return Patterns(texts, Style.ARN, variables=variables)
    return _compared(name, family, texts)


def _compared(name: str, family: Family, texts: tuple[str, ...]) -> Values:
    match family:
        case Family.NUMERIC:
            return Compared(texts, read_number, _ORDERS[name.removeprefix("Numeric")])
        case Family.DATE:
            return Compared(texts, read_instant, _ORDERS[name.removeprefix("Date")])
        case Family.IP:
            return Compared(texts, read_network, within)
        case Family.BINARY:
            return Compared(texts, read_bytes, compare.eq)
        case _:
            return Compared(texts, read_boolean, compare.eq)


def read_number(text: str) -> Decimal | None:
    """A number, exactly; None for what is none."""
    return None if exact_number(text) is None else Decimal(text)


@lru_cache(maxsize=1024)
def read_instant(text: str) -> Decimal | None:
    """The seconds since 1970 of a date, or of a number of seconds; None for what is neither.

    A date without a time zone is in UTC.
    """
    match = _DATE.fullmatch(text)
    if match is None or text.isdecimal():
        return read_number(text)
    day = match["day"] + "-01" * (2 - match["day"].count("-"))
    time = match["time"] or ""
    try:
        moment = datetime.fromisoformat(f"{day}{time}")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        since = moment - _EPOCH
    except (ValueError, OverflowError):
        return None
    return Decimal(since.days * 86_400 + since.seconds) + Decimal(since.microseconds) / 1_000_000


@lru_cache(maxsize=1024)
def read_network(text: str) -> Network | None:
    """A range of addresses, or a single one; None for what is neither."""
    if not _NETWORK.fullmatch(text):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def within(inner: Network, outer: Network) -> bool:
    """Whether a range of addresses lies in another one; never if they are of two families."""
    if isinstance(inner, ipaddress.IPv4Network):
        return isinstance(outer, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, ipaddress.IPv6Network) and inner.subnet_of(outer)


def read_bytes(text: str) -> bytes | None:
    """What a text in base64 stands for; None for other text."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def read_boolean(text: str) -> str | None:
    """`true` or `false`, written in any case; None for other text."""
    found = text.lower()
    return found if found in _BOOLEANS else None
