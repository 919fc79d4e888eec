"""Tags as attributes and as parameters of calls, with the ownership tags that everything made carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .calls import Attrs, Call, Proof, Verdict
from .kind import ADDRESS_TAG, RUN_TAG, STACK_TAG, Context, Scope
from .settle import WRITE

TagList = list[dict[str, str]]


def desired_tags(scope: Scope, own: Mapping[str, str]) -> dict[str, str]:
    """The stack's tags, the resource's own over them, and the stack's ownership."""
    return {**scope.tags, **own, STACK_TAG: scope.stack}


def observed_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Live tags without those of AWS itself and those that say which address and run made the object.

    The latter two are left out so that a rename in the stack file is no change of the object.
    """
    return {
        key: value
        for key, value in tags.items()
        if not key.startswith("aws:") and key not in (ADDRESS_TAG, RUN_TAG)
    }


def tag_list(tags: Mapping[str, str], context: Context) -> TagList:
    """The tags of an object made now, as AWS's create calls take them."""
    return as_list({**tags, ADDRESS_TAG: str(context.address), RUN_TAG: context.run})


def made_by(operation: str, target: Attrs, shape: str, context: Context) -> Proof:
    """Whether the object that IAM shows under `shape` of the read is the one that this run made."""
    unique_id = id_path(shape)
    return Proof(
        "iam",
        operation,
        target,
        f"{shape}.Tags[?Key=='{RUN_TAG}'].Value | [0]",
        done=(context.run,),
        absent=("NoSuchEntity",),
        outputs={unique_id: unique_id},
    )


def id_path(shape: str) -> str:
    """Where IAM's answers have the unique id of an object: `Role.RoleId` for a role."""
    return f"{shape}.{shape}Id"


def gone(operation: str, target: Attrs) -> Proof:
    """Whether IAM no longer has the object that the read is for."""
    return Proof("iam", operation, target, "@", otherwise=Verdict.NOT_DONE, gone=("NoSuchEntity",))


def as_list(tags: Mapping[str, str]) -> TagList:
    """A mapping as AWS's list of Key and Value, sorted."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def tag_changes(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The tags to set and the keys to remove to come from one set of tags to another."""
    return (
        {key: value for key, value in after.items() if before.get(key) != value},
        sorted(before.keys() - after.keys()),
    )


def retag(
    what: str, target: Attrs, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterable[Call]:
    """Bring the tags of an IAM object from one set to another.

    `what` is the part of the operations' names: Role for TagRole and UntagRole; `target` is the parameter that names
    the object.
    """

    def put(tags: Mapping[str, str], undo: tuple[Call, ...] = ()) -> Call:
        return Call("iam", f"Tag{what}", {**target, "Tags": as_list(tags)}, retry=WRITE, undo=undo)

    def drop(keys: list[str], undo: tuple[Call, ...] = ()) -> Call:
        return Call("iam", f"Untag{what}", {**target, "TagKeys": keys}, retry=WRITE, undo=undo)

    changed, gone = tag_changes(before, after)
    restored, added = tag_changes(after, before)
    undo = (*([put(restored)] if restored else []), *([drop(added)] if added else []))
    if changed:
        yield put(changed, undo)
    if gone:
        yield drop(gone, undo)
