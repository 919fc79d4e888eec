"""Observing: all reads that a plan or a check needs, made together.

Knows no service: kinds say which IAM objects they want and read the rest through the port.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from typing import TypeVar

from ..resources.address import Address
from ..resources.calls import Attrs
from ..resources.diagnostics import Diagnostic, Problem
from ..resources.kind import Claims, KindLookup, Resource
from ..resources.ports import AwsError, AwsReader, Wants

K = TypeVar("K")
Subject = tuple[Address, Attrs]


def observe(
    aws: AwsReader,
    subjects: Mapping[K, Subject],
    claims: Claims,
    kinds: KindLookup,
    taken_over: Collection[Address] = (),
) -> dict[K, Attrs | None]:
    """Read the live attributes of every subject; None for what isn't there.

    Account-wide reads leave out tags, which say whose something is: of what is to be taken over
    they are read besides.

    Raises:
        Problem: AWS refused a read, with one finding for each resource that couldn't be read.
        AwsError: AWS can't be reached, or refused to tell whose something is that is to be taken over.
    """
    aws.prefetch(wants_of(subjects.values(), kinds))
    if taken_over:
        taken = (subject for subject in subjects.values() if subject[0] in taken_over)
        aws.complete(wants_of(taken, kinds))
    groups: dict[type[Resource], list[K]] = {}
    for key, (address, attrs) in subjects.items():
        groups.setdefault(kinds(address.kind, attrs), []).append(key)
    found: dict[K, Attrs | None] = {}
    refused: list[tuple[Address, AwsError]] = []
    for kind, keys in groups.items():
        answers = kind.observe_all(aws, [subjects[key][1] for key in keys], claims)
        for key, answer in zip(keys, answers, strict=True):
            if isinstance(answer, AwsError):
                refused.append((subjects[key][0], answer))
            else:
                found[key] = answer
    if refused:
        raise Problem(*_explain(refused))
    return found


def wants_of(subjects: Iterable[Subject], kinds: KindLookup) -> Wants:
    """The IAM objects that the reads of these subjects need."""
    each = (kinds(address.kind, attrs).wants(attrs) for address, attrs in subjects)
    return reduce(Wants.__or__, each, Wants())


def _explain(refused: list[tuple[Address, AwsError]]) -> list[Diagnostic]:
    """One finding for each distinct refusal, naming the first resources that it kept from being read."""
    by_error: dict[tuple[str, str, str], list[Address]] = {}
    first: dict[tuple[str, str, str], AwsError] = {}
    for address, error in refused:
        key = (error.service, error.operation, error.code)
        by_error.setdefault(key, []).append(address)
        first.setdefault(key, error)
    return [
        Diagnostic(
            "unreadable",
            f"{error.service}:{error.operation} was refused: {error.code}: {error.message}",
            f"Without it rolewright can't tell what {_some(by_error[key])} looks like now; "
            "a refused read never counts as absent.",
            "see that the credentials may make this call, and that the endpoint can be reached",
            address=str(by_error[key][0]),
        )
        for key, error in first.items()
    ]


def _some(addresses: list[Address]) -> str:
    names = ", ".join(str(address) for address in addresses[:3])
    return names if len(addresses) <= 3 else f"{names} and {len(addresses) - 3} more"
