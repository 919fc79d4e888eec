"""What is written says what was found: loaded and resolved, no attribute differs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rolewright.engine.config.declarations import Desired
from rolewright.engine.config.loader import load
from rolewright.engine.config.resolve import resolve
from rolewright.engine.diff import differing
from rolewright.engine.importing.found import Found
from rolewright.engine.importing.writing import WritingOptions, Written, write_stack
from rolewright.resources.address import Address
from rolewright.resources.kind import STACK_TAG
from rolewright.resources.registry import kind_class
from rolewright.resources.trust_policy import TrustPolicy
from support.config import IDENTITY
from support.full import EDITS, full_stack

from .accounts import accounts, copy, repeated

GROUPINGS = ("service", "tag:team", "none")


def resolved(files: Mapping[str, str]) -> Desired:
    """What the files ask for, in a folder of their own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8", newline="")
        return resolve(load(folder, environ={}), IDENTITY)


def differences(written: Written) -> Mapping[Address, frozenset[str]]:
    """The attributes of each resource in which the files differ from what was found."""
    desired = resolved(written.files)
    assert set(desired.attributes) == {one.address for one in written.declared}
    found: dict[Address, frozenset[str]] = {}
    for one in written.declared:
        kind = kind_class(one.address.kind, one.attributes)
        live = dict(one.attributes)
        if "tags" in live:
            # No ownership tag is asked of what was imported; the resolved tags have it.
            live["tags"] = {**live["tags"], STACK_TAG: "found"}
        ignored = set(desired.resources[one.address].lifecycle.ignore_changes)
        differ = differing(kind.shape, desired.attributes[one.address], live) - ignored
        if differ:
            found[one.address] = differ
    return found


def options(**more: Any) -> WritingOptions:
    return WritingOptions(IDENTITY, stack="found", region=IDENTITY.region, **more)


@settings(max_examples=80)
@given(accounts(), st.sampled_from(GROUPINGS), st.booleans())
def test_nothing_differs(found: list[Found], group_by: str, compact: bool) -> None:  # noqa: FBT001
    written = write_stack(found, options(group_by=group_by, compact=compact))

    assert differences(written) == {}
    assert not written.left_out


@settings(max_examples=60)
@given(repeated(), st.sampled_from(GROUPINGS))
def test_nothing_differs_of_repeated_shapes(found: list[Found], group_by: str) -> None:
    written = write_stack(found, options(group_by=group_by, compact=True))

    assert differences(written) == {}
    assert not written.left_out
    assert set(written.addresses.values()) <= {one.address for one in written.declared}


@settings(max_examples=30)
@given(accounts(), st.sampled_from(GROUPINGS), st.randoms(use_true_random=False))
def test_the_same_bytes(found: list[Found], group_by: str, random: Random) -> None:
    """Neither the order of what was found nor a second run changes a byte."""
    shuffled = copy(found)
    random.shuffle(shuffled)

    once = write_stack(found, options(group_by=group_by))
    again = write_stack(shuffled, options(group_by=group_by))

    assert once.files == again.files


@settings(max_examples=30)
@given(accounts())
def test_a_second_import_finds_nothing_new(found: list[Found]) -> None:
    once = write_stack(found, options())

    again = write_stack(found, options(existing=once.declared))

    assert again.declared == ()
    assert len(again.left_out) == len(found)


@pytest.mark.parametrize("edit", EDITS)
def test_every_field(edit: str) -> None:
    """What each field of each kind makes of an object comes back."""
    stack = full_stack("i-0a")
    EDITS[edit][0](stack)
    desired = resolved({"stack.json": json.dumps(stack)})
    found = [
        Found(address, attributes)
        for address, attributes in desired.attributes.items()
        if address.kind != TrustPolicy.kind
    ]

    assert differences(write_stack(found, options())) == {}


def test_unknown_grouping() -> None:
    with pytest.raises(ValueError, match="no grouping"):
        write_stack((), options(group_by="colour"))
