"""What a rollback made again under new unique ids, and who is known to refer to the old ones. Pure.

When a role is deleted, AWS puts its unique id in the place of its ARN wherever a trust policy names it as principal. A
role made again under the same name is another one: such a policy lets it in only after it has been saved again.
Source: IAM user guide, "AWS JSON policy elements: Principal" and "IAM identifiers".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from ..resources.address import Address
from ..resources.calls import Again, Attrs
from ..resources.kind import KindLookup
from ..resources.policy import aws_principals
from ..state.document import State
from .outcome import Recreated
from .plan import Plan
from .rollback import Undone

_OWN_ID = "unique_id"

Known = Mapping[Address, Sequence[Attrs]]
"""The live attributes of each resource, as far as they are known."""


def recreated(undone: Sequence[Undone], known: Known, kinds: KindLookup) -> tuple[Recreated, ...]:
    """What these undo calls, in the order in which they were made, made again under new ids."""
    found: list[Recreated] = []
    for index, one in enumerate(undone):
        again = one.call.again
        if again is None:
            continue
        saved = frozenset(_written(undone[index:], again))
        referring = sorted(
            address
            for address, seen in known.items()
            if any(
                _holds_id(attrs, again)
                or (address not in saved and _trusts(address, attrs, again, kinds))
                for attrs in seen
            )
        )
        found.append(
            Recreated(
                str(one.address),
                again.what,
                again.name,
                again.old_id,
                str(one.answer.get(again.new_id) or ""),
                tuple(map(str, referring)),
            )
        )
    return tuple(found)


def known_of(plan: Plan, state: State, kinds: KindLookup) -> Known:
    """What the plan read, and what the state recorded of the resources that it did not read."""
    read = {
        change.address: [found.observed for found in change.reads if found.observed is not None]
        for change in plan.changes
        if change.reads
    }
    recorded = {
        address: [record.observed]
        for address, record in state.resources.items()
        if address not in read and kinds(record.kind, record.desired).live
    }
    return {**recorded, **read}


def _written(later: Iterable[Undone], again: Again) -> Iterable[Address]:
    """Whose documents were written after it was there again: they name the new one."""
    # A role's name goes on with one of these, so that `web` is not taken for `web-2`.
    named = re.compile(re.escape(again.arn) + r"(?![\w+=,.@-])")
    return (
        one.address
        for one in later
        if again.arn and named.search(json.dumps(one.call.parameters, ensure_ascii=False))
    )


def _holds_id(attrs: Attrs, again: Again) -> bool:
    """Whether the old id stands in the attributes, other than as the object's own."""
    others = {name: value for name, value in attrs.items() if name != _OWN_ID}
    return bool(again.old_id) and again.old_id in json.dumps(others, default=dict)


def _trusts(address: Address, attrs: Attrs, again: Again, kinds: KindLookup) -> bool:
    """Whether a document of the resource's own names it as principal, which AWS has turned into the old id."""
    documents = kinds(address.kind, attrs).shape.documents
    return bool(again.arn) and any(
        again.arn in aws_principals(attrs[name]) for name in documents if name in attrs
    )
