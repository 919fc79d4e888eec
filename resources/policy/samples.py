"""Resources that stand for all that a pattern names, as far as some policies can tell them apart.

What policies say of the resources of a pattern depends only on which of their own patterns match.
So one resource of each such set answers for all of it, and a question about `photos/*` is answered
exactly by asking about a few ARNs.
Source: IAM user guide, "IAM JSON policy elements: Resource".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .arn_formats import can_name
from .compiled import compile_document
from .context import Context
from .document import Document
from .glob_regions import ARNS, regions
from .globs import Glob, GlobKind, read_glob
from .matching import Solid, Wildcard, fill, read_parts

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
_BUCKET = re.compile(r".*\$\{(?:Table)?BucketName\}")
_WILD = re.compile(r"[*?]")
_SPECIAL = re.compile(r"[*?$]")


@dataclass(frozen=True, slots=True)
class Samples:
    """Resources to ask about. `exact` is False where the pattern itself must do, taken as text."""

    resources: tuple[str, ...]
    exact: bool = True


def is_pattern(resource: str) -> bool:
    """Whether a resource stands for several: it has a wildcard."""
    return _WILD.search(resource) is not None


def samples(
    pattern: str,
    arn_formats: tuple[str, ...],
    statements: Iterable[tuple[str, bool]],
    context: Context,
    *,
    partition: str,
    account: str,
) -> Samples:
    """Resources that stand for all of a pattern on which an action works; none where there are none.

    `arn_formats` are those of the action's resource types; an action without any works on `*` only.
    `statements` are the resource patterns that policies have for the action, see
    `resource_patterns`. In the formats, `account` and `partition` stand for themselves.
    """
    if not arn_formats:
        return Samples(("*",) if pattern == "*" else ())
    if not is_pattern(pattern):
        fits = any(can_name(pattern, form) for form in arn_formats)
        return Samples((pattern,) if fits else ())
    kinds = [_format(form, partition, account) for form in arn_formats]
    globs = dict.fromkeys(glob for kind in kinds for glob in kind if glob is not None)
    for text, live in statements:
        filled = fill(read_parts(text, variables=live), context)
        if filled is not None:
            globs[_glob(filled[0])] = None
    order = {glob: 1 << index for index, glob in enumerate(globs)}
    universe = ARNS if pattern == "*" else read_glob(pattern, GlobKind.RESOURCE)
    found = regions(tuple(globs), universe)
    if found is None:
        return Samples((pattern,), exact=False)
    return Samples(
        tuple(
            sorted(
                region.witness
                for region in found
                if any(
                    region.accepts & order[inside]
                    and not (outside is not None and region.accepts & order[outside])
                    for inside, outside in kinds
                )
            )
        )
    )


def resource_patterns(action: str, documents: Iterable[Document]) -> Iterator[tuple[str, bool]]:
    """The patterns of the statements about an action, each with whether its variables are live."""
    for document in documents:
        for statement in compile_document(document):
            if statement.covers_action(action):
                source = statement.source
                for text in (*(source.resources or ()), *(source.not_resources or ())):
                    yield text, document.has_variables


def _format(form: str, partition: str, account: str) -> tuple[Glob, Glob | None]:
    """The glob of an ARN format, and that of what it must not be: a bucket's name has no slash."""
    known = {"Partition": partition, "Account": account}

    def value(match: re.Match[str]) -> str:
        return known.get(match[1], "?*")

    inside = read_glob(_PLACEHOLDER.sub(value, form), GlobKind.ARN)
    if not _BUCKET.fullmatch(form):
        return inside, None
    longer = _PLACEHOLDER.sub(value, form) + "/*"
    return inside, read_glob(longer, GlobKind.ARN)


def _glob(parts: Solid) -> Glob:
    """The glob of a pattern whose variables have been replaced; an unknown one may be anything."""
    return read_glob("".join(map(_spelt, parts)), GlobKind.RESOURCE, live=True)


def _spelt(part: str | Wildcard) -> str:
    if isinstance(part, str):
        return _SPECIAL.sub(lambda match: "${" + match[0] + "}", part)
    return "${unknown}" if part is Wildcard.UNKNOWN else part.value
