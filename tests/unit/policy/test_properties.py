"""What holds of all documents, tried on random ones."""

from __future__ import annotations

import contextlib
import copy
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.resources.policy import (
    DocumentKind,
    InvalidDocumentError,
    Verdict,
    canonical_document,
    check,
    compare,
    dangling_principals,
    equivalent,
    parse,
    size,
    statement_changes,
)
from rolewright.resources.policy.document import to_object
from unit.policy.documents import ALMOST_POLICIES, POLICIES, disguised, policies

Json = Any
SEEDS = st.integers(0, 2**32)


def written(document: Json) -> str:
    """A document so that documents equal as JSON are equal; Python takes true for 1."""
    return json.dumps(document, sort_keys=True, default=str)


@pytest.mark.parametrize("kind", DocumentKind)
@given(document=ALMOST_POLICIES)
def test_check_never_raises(kind: DocumentKind, document: Json) -> None:
    """Whatever JSON there is, checking it says what is wrong, at places that are there."""
    for fault in check(document, kind):
        value = document
        for step in fault.path:
            value = value[step]
        assert fault.code
        assert fault.summary


@given(document=ALMOST_POLICIES.filter(lambda value: not isinstance(value, str)))
def test_text_has_the_faults_of_its_objects(document: Json) -> None:
    """A text and the objects of it have the same faults, those of the text with their places."""
    kind = DocumentKind.MANAGED
    of_text = check(json.dumps(document), kind)
    of_objects = check(json.loads(json.dumps(document)), kind)

    assert sorted((fault.code, str(fault.path)) for fault in of_text) == sorted(
        (fault.code, str(fault.path)) for fault in of_objects
    )
    assert all(fault.line == 1 and fault.column for fault in of_text)


@given(text=st.text())
def test_check_of_any_text(text: str) -> None:
    """Whatever text there is, checking it does not crash."""
    assert isinstance(check(text, DocumentKind.TRUST), list)


@given(document=policies())
def test_good_permission_policies_have_no_faults(document: Json) -> None:
    """Documents that AWS accepts are accepted."""
    assert check(document, DocumentKind.INLINE) == []


@given(document=policies(trust=True))
def test_good_trust_policies_have_no_faults(document: Json) -> None:
    """Trust policies that AWS accepts are accepted."""
    assert check(document, DocumentKind.TRUST) == []


@given(document=ALMOST_POLICIES)
def test_parse_raises_nothing_else(document: Json) -> None:
    """What can't be read as a policy is refused in one way only, and the rest can be a key."""
    with contextlib.suppress(InvalidDocumentError):
        assert hash(parse(document)) == hash(parse(copy.deepcopy(document)))


@given(document=policies())
def test_an_object_of_a_document_reads_as_the_same(document: Json) -> None:
    """What is written of a parsed policy is good JSON, and parses to an equal one."""
    parsed = parse(document)
    assert parse(json.dumps(to_object(parsed))) == parsed


@given(document=ALMOST_POLICIES)
def test_comparing_is_reflexive(document: Json) -> None:
    """A document is identical to a copy of itself, and to its text."""
    assert compare(document, copy.deepcopy(document)) is Verdict.IDENTICAL
    assert equivalent(document, json.dumps(document)) or isinstance(document, str)


@given(one=ALMOST_POLICIES, other=ALMOST_POLICIES)
def test_comparing_is_symmetric(one: Json, other: Json) -> None:
    """It does not matter which document comes first."""
    assert compare(one, other) is compare(other, one)


@given(document=ALMOST_POLICIES)
def test_canonical_form_is_stable(document: Json) -> None:
    """The canonical form of a canonical document is that document."""
    canonical = canonical_document(document)

    assert written(canonical_document(canonical)) == written(canonical)


@given(document=ALMOST_POLICIES.filter(lambda value: isinstance(value, dict)))
def test_canonical_document_means_the_same(document: Json) -> None:
    """A document and its canonical form are equivalent, and only cosmetics are lost."""
    assert equivalent(document, canonical_document(document))


@given(one=ALMOST_POLICIES, other=ALMOST_POLICIES)
def test_canonical_documents_decide(one: Json, other: Json) -> None:
    """Documents are equivalent exactly if their canonical documents are equal as JSON."""
    same = written(canonical_document(one)) == written(canonical_document(other))

    assert equivalent(one, other) == same or isinstance(one, str) or isinstance(other, str)


@given(document=POLICIES, seed=SEEDS)
def test_disguise_keeps_the_meaning(document: Json, seed: int) -> None:
    """Order, lists of one, repetitions, case, Sids and spellings change nothing."""
    other = disguised(document, Random(seed))

    assert equivalent(document, other)
    assert written(canonical_document(document)) == written(canonical_document(other))
    assert statement_changes(document, other) == ()
    assert statement_changes(other, document) == ()


@given(document=POLICIES, seed=SEEDS)
def test_a_change_is_seen_under_a_disguise(document: Json, seed: int) -> None:
    """An action more is a difference, however the document is written otherwise."""
    other = copy.deepcopy(disguised(document, Random(seed)))
    listed = other["Statement"] if isinstance(other["Statement"], list) else [other["Statement"]]
    other["Statement"] = [*listed, {"Effect": "Allow", "Action": "x:Fresh", "Resource": "*"}]
    changes = statement_changes(document, other)

    assert not equivalent(document, other)
    assert [change.after for change in changes] == [other["Statement"][-1]]


@given(before=POLICIES, after=POLICIES)
def test_changes_tell_all(before: Json, after: Json) -> None:
    """There are changes exactly if the documents differ, and the way back has as many."""
    there, back = statement_changes(before, after), statement_changes(after, before)

    assert (there == ()) == equivalent(before, after)
    assert all(element.added or element.removed for c in there for element in c.elements)
    assert all(change.elements for change in there)
    assert {repr(c.before) for c in there} == {repr(c.after) for c in back}


@given(document=ALMOST_POLICIES)
def test_nothing_changes_the_document(document: Json) -> None:
    """Reading, checking and comparing leave a document as it was."""
    before = copy.deepcopy(document)
    check(document, DocumentKind.MANAGED)
    canonical_document(document)
    compare(document, {})
    dangling_principals(document)
    if isinstance(document, dict):
        statement_changes(document, {})

    assert repr(document) == repr(before)


@given(document=ALMOST_POLICIES.filter(lambda value: not isinstance(value, str)))
def test_size_is_that_of_the_text(document: Json) -> None:
    """The size is the number of characters of the shortest JSON text of a document."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)

    assert size(document) == len(text)
