"""Two reads of one thing, of which one may tell less."""

from __future__ import annotations

import pytest
from rolewright.engine.observe import agree
from rolewright.resources.calls import Attrs


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (None, None, True),
        ({"path": "/"}, None, False),
        (None, {}, False),
        ({"path": "/", "tags": {"a": "b"}}, {"path": "/"}, True),
        ({"path": "/"}, {"path": "/", "unique_id": "AROA"}, True),
        ({"path": "/", "tags": {}}, {"path": "/", "tags": {"a": "b"}}, False),
    ],
)
def test_reads_agree_in_what_both_told(
    one: Attrs | None, other: Attrs | None, *, expected: bool
) -> None:
    """What only one of them told says nothing; what is there for one alone, and what differs, does."""
    assert agree(one, other) is expected
