"""Whatever is given as a document is read, or refused with a place and words: never another error."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from rolewright.resources.policy import Fault, InvalidDocumentError, parse
from rolewright.resources.policy.compiled import compile_document
from support.trials import tries
from unit.policy.documents import ALMOST_POLICIES, JSON, POLICIES

Json = Any

MARKS = '{}[]:,"\\\\ \n\t*?$0123456789eE+-.tfnuaS\u00e9\u2019\U0001f600\x00'


def read(document: Json) -> bool:
    """Whether a document is one; if not, each fault says where and what."""
    faults: tuple[Fault, ...] = ()
    try:
        compile_document(parse(document))
    except InvalidDocumentError as error:
        faults = error.faults
        assert_told(document, faults)
    return not faults


def assert_told(document: Json, faults: tuple[Fault, ...]) -> None:
    assert faults
    for fault in faults:
        assert fault.code
        assert fault.summary
        if isinstance(document, str):
            assert 1 <= (fault.line or 0) <= document.count("\n") + 1
            assert fault.column
        else:
            assert leads_somewhere(document, fault.path)


def leads_somewhere(document: Json, path: tuple[Json, ...]) -> bool:
    """Whether a path leads to a value of the document; a KeyError or IndexError if not."""
    for step in path:
        document = document[step]
    return True


def places(value: Json, path: tuple[Json, ...] = ()) -> list[tuple[Json, ...]]:
    """The paths of all values in a document."""
    found = [path]
    if isinstance(value, dict):
        found += [p for key, item in value.items() for p in places(item, (*path, key))]
    elif isinstance(value, list):
        found += [p for index, item in enumerate(value) for p in places(item, (*path, index))]
    return found


def mutated(document: Json, random: Random, other: Json) -> Json:
    """A document with something dropped, doubled, renamed, or put in the place of something."""
    document = copy.deepcopy(document)
    *before, last = random.choice([path for path in places(document) if path])
    inside = document
    for step in before:
        inside = inside[step]
    value = inside[last]
    match random.randrange(5):
        case 0:
            del inside[last]
        case 1:
            inside[last] = other
        case 2:
            inside[last] = [value, other] if random.random() < 0.5 else {str(last): value}
        case 3 if isinstance(inside, dict):
            inside[f"{last}x"] = inside.pop(last)
        case _:
            inside[last] = spoilt(str(value), random)
    return document


def spoilt(text: str, random: Random) -> str:
    """A text with a few characters dropped, added or replaced."""
    marks = list(text)
    for _ in range(random.randrange(1, 4)):
        place = random.randrange(len(marks) + 1)
        cut = random.randrange(3)
        marks[place : place + cut] = random.choices(MARKS, k=random.randrange(2))
    return "".join(marks)


@given(document=ALMOST_POLICIES)
@settings(max_examples=tries(1000))
def test_random_json(document: Json) -> None:
    read(document)


@given(document=POLICIES, seed=st.integers(0, 2**32), other=JSON, rounds=st.integers(1, 3))
@settings(max_examples=tries(600))
def test_valid_documents_with_something_changed(
    document: Json, seed: int, other: Json, rounds: int
) -> None:
    """As objects and as text the answer is the same."""
    random = Random(seed)
    assert read(document)
    for _ in range(rounds):
        if len(places(document)) > 1:
            document = mutated(document, random, other)

    assert read(document) == read(json.dumps(document))


@given(document=POLICIES, seed=st.integers(0, 2**32))
@settings(max_examples=tries(600))
def test_the_text_of_valid_documents_with_characters_changed(document: Json, seed: int) -> None:
    random = Random(seed)
    read(spoilt(json.dumps(document, indent=random.choice([None, 2])), random))


@given(text=st.text(MARKS, max_size=60) | st.text(max_size=60))
@settings(max_examples=tries(600))
@example("")
@example("\ufeff{}")
@example("[" * 5_000)
@example('{"a":' * 5_000)
@example("1" * 5_000)
@example("1e" + "9" * 400)
@example('{"Statement": {}, "Statement": []}')
@example("NaN")
@example('"\\ud800"')
def test_random_text(text: str) -> None:
    read(text)
