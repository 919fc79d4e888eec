"""Inline policies: read from, written to and deleted from each role that has one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .calls import Attrs, Call
from .kind import Context, Slot
from .policy import equivalent
from .ports import AwsReader
from .role_calls import delete_inline, put_inline


def observe_inline(aws: AwsReader, attrs: Attrs) -> Attrs | None:
    """The live attributes, with each role's own document; None where no role has the policy.

    `document` is one that is not as wanted, where there is such a one.

    Raises:
        AwsError: a role couldn't be read.
    """
    documents: dict[str, Attrs] = {}
    for name in attrs["roles"]:
        role = aws.role(name)
        if role is not None and attrs["name"] in role.inline_policies:
            documents[name] = role.inline_policies[attrs["name"]]
    if not documents:
        return None
    wanted = attrs["document"]
    differing = [document for document in documents.values() if not equivalent(document, wanted)]
    return {
        "type": "inline",
        "name": attrs["name"],
        "document": differing[0] if differing else wanted,
        "roles": sorted(documents),
        "documents": documents,
    }


def update_inline(desired: Attrs, observed: Attrs, context: Context) -> Iterable[Call]:
    """Write the policy where it is missing or differs, and take it off the roles that lost it."""
    documents = observed["documents"]
    for role in desired["roles"]:
        if role not in documents:
            yield put_inline(role, desired["name"], desired["document"])
        elif not equivalent(documents[role], desired["document"]):
            yield put_inline(role, desired["name"], desired["document"], before=documents[role])
    yield from drop_inline(observed, context, keep=desired["roles"])


def drop_inline(observed: Attrs, context: Context, keep: Sequence[str]) -> Iterable[Call]:
    """Delete the policy from all roles but `keep`, and those on which another resource wants it."""
    name = observed["name"]
    return (
        delete_inline(role, name, document)
        for role, document in observed["documents"].items()
        if role not in keep and name not in context.claims.of(role, Slot.INLINE)
    )
