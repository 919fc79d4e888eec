"""Whether an ARN pattern of a policy can name a resource of a type, by the type's ARN format.

A format is `arn:${Partition}:s3:::${BucketName}/${ObjectName}`, as AWS prints it. Both sides are
globs, and the question is whether a text exists that both match. In doubt the answer is yes: a
policy variable may have any value, and `*` in a pattern runs over colons.
Sources: Service Authorization Reference, "Actions, resources, and condition keys for AWS services";
IAM user guide, "IAM JSON policy elements: Resource" and "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .globs import ARN_COLONS, ESCAPED

_PATTERN_PART = re.compile(r"\$\{(?P<variable>[^{}]*)\}|(?P<text>.)", re.DOTALL)
_FORMAT_PART = re.compile(r"\$\{(?P<placeholder>[^{}]*)\}|(?P<text>.)", re.DOTALL)
# S3 user guide, "General purpose bucket naming rules": no slash. Without it each ARN of an object
# would do for a bucket, and actions on the wrong one of the two are the commonest mistake.
_BUCKET_NAMES = frozenset({"BucketName", "TableBucketName"})


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands at one place: a character, any one of them, or any number of any of them.

    `character` is empty for any character but those in `without`.
    """

    character: str = ""
    repeats: bool = False
    without: str = ""

    def meets(self, other: _Part) -> bool:
        """Whether one character suits both."""
        if self.character and other.character:
            return self.character == other.character
        character = self.character or other.character
        return not character or character not in self.without + other.without


@lru_cache(maxsize=8192)
def can_name(pattern: str, arn_format: str) -> bool:
    """Whether an ARN pattern of a policy matches any ARN that a format stands for.

    Wildcards and `${…}` may stand anywhere in the pattern. Upper and lower case differ.
    """
    left, right = _pattern_parts(pattern), _format_parts(arn_format)
    seen: set[tuple[int, int]] = set()
    ahead = [(0, 0)]
    while ahead:
        state = ahead.pop()
        if state == (len(left), len(right)):
            return True
        if state not in seen:
            seen.add(state)
            ahead += _steps(left, right, *state)
    return False


def _steps(
    left: tuple[_Part, ...], right: tuple[_Part, ...], i: int, j: int
) -> list[tuple[int, int]]:
    """The places after one character that suits both sides, or after a star that takes none."""
    one = left[i] if i < len(left) else None
    other = right[j] if j < len(right) else None
    found: list[tuple[int, int]] = []
    if one is not None and one.repeats:
        found.append((i + 1, j))
    if other is not None and other.repeats:
        found.append((i, j + 1))
    if one is not None and other is not None and one.meets(other):
        found.append((i if one.repeats else i + 1, j if other.repeats else j + 1))
    return found


@lru_cache(maxsize=8192)
def _pattern_parts(pattern: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    for match in _PATTERN_PART.finditer(pattern):
        variable = match["variable"]
        if variable is None:
            parts.append(_glob_part(match["text"]))
        else:
            parts.append(_Part(variable) if variable in ESCAPED else _Part(repeats=True))
    return tuple(parts)


def _glob_part(character: str) -> _Part:
    if character in {"*", "?"}:
        return _Part(repeats=character == "*")
    return _Part(character)


@lru_cache(maxsize=8192)
def _format_parts(arn_format: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    colons = 0
    for match in _FORMAT_PART.finditer(arn_format):
        placeholder, text = match["placeholder"], match["text"]
        if placeholder is not None or text == "*":
            without = ":" if colons < ARN_COLONS else ""
            without = "/" if placeholder in _BUCKET_NAMES else without
            parts.append(_Part(repeats=True, without=without))
        else:
            colons += text == ":"
            parts.append(_Part(text))
    return tuple(parts)
