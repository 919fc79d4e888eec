"""Names in stack files for what has names in AWS only: legal, readable, and the same every time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import count
from typing import Any

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.policy import Principal, PrincipalType, parse
from ...resources.policy.shape import Effect
from ...resources.registry import kind_class
from ..config.instances import NAME_PATTERN

_ILLEGAL = re.compile(NAME_PATTERN.replace("[", "[^", 1))
_SERVICE_SUFFIX = re.compile(r"\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|amazon\.com)$")
_MOST_NAMED = 3
_LONGEST = 64
_PROVIDERS: Mapping[str, str] = {
    "token.actions.githubusercontent.com": "github-oidc",
    "gitlab.com": "gitlab-oidc",
    "accounts.google.com": "google",
    "cognito-identity.amazonaws.com": "cognito",
    "www.amazon.com": "amazon",
    "graph.facebook.com": "facebook",
    "app.terraform.io": "terraform-oidc",
    "agent.buildkite.com": "buildkite-oidc",
}
"""Identity providers that people know by another name than their host's."""


def legal(*parts: str) -> str:
    """A name made of these parts as a stack file takes it: what it refuses becomes a dash."""
    words = (_ILLEGAL.sub("-", part).strip("-") for part in parts)
    return "-".join(word for word in words if word) or "unnamed"


def slug(text: str) -> str:
    """A text as a part of a file's name, or of a trust policy's: lower case, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST].strip("-")


def common_name(names: Sequence[str]) -> str:
    """The words between dashes that all names have, in their order: `logs` of `logs-a` and `logs-b`.

    Empty where they have none in common.
    """
    words, *others = [name.split("-") for name in names]
    for other in others:
        same = SequenceMatcher(None, words, other, autojunk=False).get_matching_blocks()
        words = [word for block in same for word in words[block.a : block.a + block.size]]
    return "-".join(words)


def propose(kind: str, attributes: Attrs) -> str:
    """The key for an object from its AWS name.

    An inline policy's name is its role's own, so a policy of one role has both names.
    """
    match attributes.get("type"):
        case "aws":
            return legal(attributes["arn"].rpartition("/")[2])
        case "inline" if len(attributes["roles"]) == 1:
            return legal(f"{attributes['roles'][0]}-{attributes['name']}")
        case "inline" | "customer":
            return legal(attributes["name"])
        case _:
            return legal(kind_class(kind, attributes).id(attributes))


class Names:
    """Hands out addresses, each one once; the same wishes in the same order get the same ones."""

    def __init__(self, taken: Iterable[Address] = ()) -> None:
        self._taken = {address.base for address in taken}

    def take(self, kind: str, wanted: str, *instead: str) -> Address:
        """The wanted name if it is free, else the first free one of `instead`, else with a number."""
        for name in _names(wanted, instead):
            address = Address(kind, legal(name))
            if address not in self._taken:
                self._taken.add(address)
                return address
        raise AssertionError("numbers have no end")


def _names(wanted: str, instead: Sequence[str]) -> Iterator[str]:
    yield wanted
    yield from instead
    yield from (f"{wanted}-{number}" for number in count(2))


def addresses(objects: Iterable[tuple[str, Attrs]], taken: Iterable[Address] = ()) -> list[Address]:
    """An address for each object (kind and attributes), in order, beside those that are taken."""
    names = Names(taken)
    return [
        names.take(kind, propose(kind, attrs), f"{propose(kind, attrs)}-{sort_of(attrs)}")
        for kind, attrs in objects
    ]


def sort_of(attributes: Attrs) -> str:
    """What tells objects of one kind and name apart: a policy's type, a binding's service."""
    return str(attributes.get("type") or attributes.get("service") or "role")


def principals(document: Mapping[str, Any]) -> tuple[Principal, ...]:
    """Whom a trust policy lets in, each once, in its order."""
    return tuple(
        dict.fromkeys(
            principal
            for statement in parse(document).statements
            if statement.effect is Effect.ALLOW
            for principal in statement.principal or ()
        )
    )


def trust_name(document: Mapping[str, Any]) -> str:
    """A trust policy's name, from whom it lets in: `lambda`, `account-123456789012`, `github-oidc`.

    A condition makes it another trust than the plain one, and so has a part in the name.
    """
    words = list(dict.fromkeys(_principal_name(one) for one in principals(document)))
    if not words:
        return "nobody"
    name = "-".join(words[:_MOST_NAMED])
    if len(words) > _MOST_NAMED:
        name += f"-and-{len(words) - _MOST_NAMED}-more"
    keys = [
        condition.key
        for statement in parse(document).statements
        for condition in statement.conditions
    ]
    # A provider's keys begin with its name, and say nothing new.
    own = [key for key in keys if key.lower().startswith(("aws:", "sts:"))]
    return f"{name}-by-{_kebab(own[0].partition(':')[2])}" if own else name


def _principal_name(principal: Principal) -> str:
    name = principal.name
    match principal.type:
        case PrincipalType.SERVICE:
            return service_name(name)
        case PrincipalType.FEDERATED:
            return _provider_name(name)
        case PrincipalType.AWS:
            return _aws_name(name)
        case _:
            return slug(principal.type.value)


def _provider_name(name: str) -> str:
    if ":saml-provider/" in name:
        return f"saml-{slug(name.rpartition('/')[2])}"
    host = name.rpartition(":oidc-provider/")[2].partition("/")[0]
    return _PROVIDERS.get(host) or f"oidc-{slug(host.removesuffix('.amazonaws.com'))}"


def _aws_name(name: str) -> str:
    if name == "*":
        return "anyone"
    account, _, rest = name.rpartition("::")[2].partition(":")
    if not rest or rest == "root":
        return f"account-{account}"
    return slug(f"{rest.partition('/')[0]}-{rest.rpartition('/')[2]}")


def service_name(principal: str) -> str:
    """A service's name for people: `lambda` of `lambda.amazonaws.com`."""
    return slug(_SERVICE_SUFFIX.sub("", principal))


def _kebab(text: str) -> str:
    return slug(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text.partition("/")[0]))
