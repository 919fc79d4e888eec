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
from functools import lru_cache

from .arn_formats import can_name
from .compiled import compile_document
from .context import Context
from .document import Document
from .glob_regions import ARNS, regions
from .globs import Glob, GlobKind, intersects, read_glob
from .matching import Solid, Wildcard, fill, read_parts

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
_BUCKETS = ("${BucketName}", "${TableBucketName}")
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
    filled = (fill(read_parts(text, variables=live), context) for text, live in statements)
    told = frozenset(_glob(found[0]) for found in filled if found is not None)
    found: set[str] = set()
    for form in arn_formats:
        spelt, slashes = _spelt_out(form, partition, account), not form.endswith(_BUCKETS)
        part = _of_format(pattern, spelt, told, slashes=slashes)
        if part is None:
            return Samples((pattern,), exact=False)
        found |= part
    return Samples(tuple(sorted(found)))


@lru_cache(maxsize=4096)
def _of_format(
    pattern: str, form: str, told: frozenset[Glob], *, slashes: bool
) -> frozenset[str] | None:
    """The resources of a format that stand for all of a pattern; None if that takes too long.

    Without `slashes`, what ends in a name with one is not of the format: an object is no bucket.
    """
    inside = read_glob(form, GlobKind.ARN)
    outside = None if slashes else read_glob(f"{form}/*", GlobKind.ARN)
    universe = read_glob(pattern, GlobKind.RESOURCE)
    apart = [glob for glob in told if intersects(glob, inside) and intersects(glob, universe)]
    own = (inside,) if outside is None else (inside, outside)
    globs = tuple(dict.fromkeys((*own, *sorted(apart, key=lambda glob: glob.text))))
    found = regions(globs, ARNS if pattern == "*" else universe)
    if found is None:
        return None
    wanted, mask = 1, 1 if outside is None else 3
    return frozenset(each.witness for each in found if each.accepts & mask == wanted)


def resource_patterns(action: str, documents: Iterable[Document]) -> Iterator[tuple[str, bool]]:
    """The patterns of the statements about an action, each with whether its variables are live."""
    for document in documents:
        for statement in compile_document(document):
            if statement.covers_action(action):
                source = statement.source
                for text in (*(source.resources or ()), *(source.not_resources or ())):
                    yield text, document.has_variables


def _spelt_out(form: str, partition: str, account: str) -> str:
    """A format as a pattern: what is known filled in, and something, not nothing, for the rest."""
    known = {"Partition": partition, "Account": account}

    def value(match: re.Match[str]) -> str:
        return known.get(match[1], "?*")

    return _PLACEHOLDER.sub(value, form)


def _glob(parts: Solid) -> Glob:
    """The glob of a pattern whose variables have been replaced; an unknown one may be anything."""
    return read_glob("".join(map(_spelt, parts)), GlobKind.RESOURCE, live=True)


def _spelt(part: str | Wildcard) -> str:
    if isinstance(part, str):
        return _SPECIAL.sub(lambda match: "${" + match[0] + "}", part)
    return "${unknown}" if part is Wildcard.UNKNOWN else part.value
