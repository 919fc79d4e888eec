"""The attributes of a resource as lines, for what is created and for what the state holds.

What says nothing, such as an empty description or AWS's own default, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...resources.address import Address
from ...resources.calls import Attrs
from ...resources.kind import STACK_TAG
from ...resources.naming import default_name
from .lines import Line, line
from .policy_words import statement_text, statements, trusted
from .statements_text import document_lines
from .symbols import DIM
from .values import as_items, as_mapping, is_document, label, text_of

FOREIGN = {
    "foreign_attached_policies": ("attached outside rolewright", "detached"),
    "foreign_inline_policies": ("inline policy made outside rolewright", "deleted"),
    "foreign_instance_profiles": ("put into an instance profile outside rolewright", "taken out"),
}
"""A role's attributes that hold what nobody declared: what it is called, what is done about it."""

_FIRST = ("type", "arn", "service", "name", "roles", "role", "trust_policy", "description")
_LAST = ("tags", "document")
_DEFAULTS: Mapping[str, Any] = {"path": "/", "max_session_duration": 3600, "type": "customer"}
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ())


def attribute_lines(
    address: Address, attrs: Attrs, width: int, *, symbol: str = "", trust_named: str = ""
) -> list[Line]:
    """The attributes worth telling; a trust policy shown under `trust_named` is only named."""
    found: list[Line] = []
    for name in sorted(attrs, key=rank):
        value = attrs[name]
        if not _tells(address, attrs, name, value):
            continue
        if name == "trust_policy" and trust_named:
            found.append(labelled(name, trust_named))
        elif is_document(value):
            found += _document(name, value, width, symbol)
        elif name in FOREIGN:
            found += [line(f"{FOREIGN[name][0]}: {each}") for each in foreign_texts(value)]
        else:
            found.append(_plain(name, value))
    return found


def rank(name: str) -> int:
    """Where an attribute stands among the others: what it is first, what it says last."""
    if name in _FIRST:
        return _FIRST.index(name)
    return len(_FIRST) + (_LAST.index(name) + 1 if name in _LAST else 0)


def labelled(name: str, text: str) -> Line:
    """`description: "Reads"`, the name dimmed."""
    return line((f"{label(name)}: ", DIM), text)


def foreign_texts(value: Any) -> Iterable[str]:
    """What nobody declared: policies by name, inline ones with what they say."""
    if isinstance(value, Mapping):
        inline = sorted(as_mapping(value).items())
        return (_inline_text(name, document) for name, document in inline)
    return (policy_name(str(item)) for item in as_items(value or ()))


def policy_name(arn: str) -> str:
    """An AWS managed policy's name without its ARN; a customer's policy keeps the ARN."""
    before, separator, name = arn.partition(":iam::aws:policy/")
    return name if separator and before.startswith("arn:") else arn


def _inline_text(name: str, document: Any) -> str:
    said = "; ".join(statement_text(statement) for statement in statements(document))
    return f"{text_of(name)} ({said})" if said else text_of(name)


def _tells(address: Address, attrs: Attrs, name: str, value: Any) -> bool:
    if value in _EMPTY or _DEFAULTS.get(name) == value:
        return False
    if name == "name":
        return value != default_name(address)
    if "aws" in (attrs.get("type"), value) and name in ("type", "arn"):
        return name == "arn"
    if name == "arn":
        return False
    return name != "tags" or bool(_own_tags(value))


def _own_tags(tags: Any) -> Mapping[str, Any]:
    return {key: value for key, value in tags.items() if key != STACK_TAG}


def _document(name: str, document: Any, width: int, symbol: str) -> list[Line]:
    if name == "document":
        return document_lines(document, width, symbol)
    if who := trusted(document):
        return [line((f"{label(name)}: ", DIM), f"{who} may assume the role")]
    inner = (found.deeper(2) for found in document_lines(document, width - 2, symbol))
    return [line((f"{label(name)}:", DIM)), *inner]


def _plain(name: str, value: Any) -> Line:
    if name == "tags":
        return labelled(name, text_of(_own_tags(value)))
    if name == "arn":
        return labelled("AWS managed policy", policy_name(str(value)))
    return labelled(name, text_of(value))
