"""Conditions hold as AWS's pages on operators, quantifiers and variables say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.resources.policy import parse
from rolewright.resources.policy.context import Context, Missing
from rolewright.resources.policy.evaluate_conditions import compile_condition, conditions_hold
from rolewright.resources.policy.operators import OPERATORS, QUANTIFIERS, parse_operator
from rolewright.resources.policy.truth import Truth, all_of, any_of, negate
from unit.policy.condition_cases import BLOCKS, CONDITIONS, OPEN_BLOCKS
from unit.policy.documents import VALUES, family, one_or_more
from unit.policy.evaluator_cases import says
from unit.policy.matching_cases import NEW, OLD

Json = Any


def holds(block: Json, context: Context, version: str = NEW) -> Truth:
    (statement,) = parse({**says("Allow", Condition=block), "Version": version}).statements
    compiled = tuple(
        compile_condition(condition, variables=version == NEW) for condition in statement.conditions
    )
    return conditions_hold(compiled, context)


@pytest.mark.parametrize(("operator", "values", "found", "expected"), CONDITIONS)
def test_operator(operator: str, values: Json, found: Json, expected: bool) -> None:  # noqa: FBT001
    """An operator compares the values of a policy with those of the request."""
    given_ = {} if found is None else {"aws:Some/Key": found}
    block = {operator: {"AWS:some/key": values}}

    assert holds(block, Context(given_, open=False)) is expected
    assert holds(block, Context(given_, ["aws:some/KEY"] if not given_ else (), open=True)) is (
        expected
    )


def test_all_operators_and_quantifiers_have_cases() -> None:
    """No operator, no quantifier and no IfExists goes without a case for either answer."""
    seen = {(parse_operator(name), answer) for name, _, _, answer in CONDITIONS}
    plain = {(found.name, answer) for found, answer in seen if found}

    assert {(name, answer) for name in OPERATORS for answer in (True, False)} == plain
    assert {found.quantifier for found, _ in seen if found} == {"", *QUANTIFIERS}
    assert {answer for found, answer in seen if found and found.if_exists} == {True, False}


@pytest.mark.parametrize(("block", "given_", "expected"), BLOCKS)
def test_block(block: Json, given_: Json, expected: bool) -> None:  # noqa: FBT001
    """All conditions of a block must hold; variables stand for the text of their keys."""
    assert holds(block, Context(given_, open=False)) is expected


def test_variables_are_text_under_the_older_version() -> None:
    """Under 2008-10-17 `${…}` is what it says."""
    block = {"StringEquals": {"a:x": "${a:y}"}}

    assert holds(block, Context({"a:x": "${a:y}"}, open=False), OLD) is True
    assert holds(block, Context({"a:x": "1", "a:y": "1"}, open=False), OLD) is False


@pytest.mark.parametrize(("block", "known", "absent", "expected"), OPEN_BLOCKS)
def test_open(block: Json, known: Json, absent: list[str], expected: Json) -> None:
    """What depends on unknown keys names them; what does not is decided."""
    assert holds(block, Context(known, absent, open=True)) == expected


# For each sort of value some that match those of `VALUES`, and some that do not.
FOUND = ["", "a", "B*", "Bx", "ann", "5", "-7", "1000", "0.5", "0", "6", "true", "false", "YQ=="]
FOUND += ["QmluYXJ5", "10.1.2.3", "203.0.113.7", "2001:db8::1", "arn:aws:sns:e:1:x"]
FOUND += ["arn:aws:s3:::photos", "2030-01-01T00:00:00Z", "2029-01-01", "2031-01-01", "zzz"]
FOUND += ["123456789012", "1e-9", "-1e9", "1e9"]
NAMES = st.sampled_from(
    [
        f"{quantifier}{name}{suffix}"
        for name in OPERATORS
        for quantifier in ("", *(f"{one}:" for one in QUANTIFIERS))
        for suffix in ("", *(("IfExists",) if name != "Null" else ()))
    ]
)


@given(data=st.data())
def test_unknown_means_both_answers(data: st.DataObject) -> None:
    """A condition on an unknown key is undecided exactly if the key's values disagree."""
    name = data.draw(NAMES)
    values = data.draw(
        one_or_more(VALUES[family(name)].filter(lambda value: "${" not in str(value)))
    )
    block = {name: {"k": values}}
    closed: list[Json] = [{}, *({"k": found} for found in FOUND)]
    answers = {holds(block, Context(given_, open=False)) for given_ in closed}

    undecided = holds(block, Context({}, open=True))

    assert undecided == (frozenset({"k"}) if len(answers) == 2 else answers.pop())


TRUTHS = st.sampled_from([True, False, frozenset({"x"}), frozenset({"y"})])


@given(st.lists(TRUTHS, max_size=4))
def test_logic(truths: list[Truth]) -> None:
    """Three-valued logic agrees with two-valued logic on all values that x and y may take."""
    worlds = [{"x": x, "y": y} for x in (True, False) for y in (True, False)]

    def at(truth: Truth, world: dict[str, bool]) -> bool:
        return truth if isinstance(truth, bool) else world[next(iter(truth))]

    for combine, plain in ((all_of, all), (any_of, any)):
        found = combine(truths)
        real = {plain(at(truth, world) for truth in truths) for world in worlds}
        assert real == {found} if isinstance(found, bool) else real == {True, False}
        assert negate(negate(found)) == found


def test_logic_names_what_matters() -> None:
    """A decided answer depends on nothing, an undecided one on all keys that are undecided."""
    assert all_of([frozenset({"x"}), True, frozenset({"y"})]) == {"x", "y"}
    assert all_of([frozenset({"x"}), False]) is False
    assert any_of([frozenset({"x"}), True]) is True
    assert any_of([]) is False
    assert all_of([]) is True


def test_context_finds_keys_in_any_case() -> None:
    """Keys ignore case, values do not; a key without any value is absent."""
    context = Context({"aws:PrincipalTag/Team": "Red", "aws:TagKeys": []}, ["a:x"], open=True)

    assert context.find("AWS:principaltag/team") == "Red"
    assert context.find("aws:tagkeys") is Missing.ABSENT
    assert context.find("A:X") is Missing.ABSENT
    assert context.find("a:y") is Missing.UNKNOWN
    assert Context({}, open=False).find("a:y") is Missing.ABSENT
    assert list(context) == ["aws:principaltag/team"]


def test_context_equality() -> None:
    """Contexts that say the same are equal and hash alike; an open one says something else."""
    one, same = Context({"A": "1"}, ["b"], open=True), Context({"a": "1"}, ["B"], open=True)

    assert one == same
    assert hash(one) == hash(same)
    assert one != Context({"a": "1"}, ["b"], open=False)
    assert one != Context({"a": ["1"]}, ["b"], open=True)


@pytest.mark.parametrize(("known", "absent"), [({"a": "1", "A": "2"}, ()), ({"a": "1"}, ("A",))])
def test_context_refuses_a_key_given_twice(known: Json, absent: tuple[str, ...]) -> None:
    """A key is given once."""
    with pytest.raises(ValueError, match="given twice"):
        Context(known, absent, open=True)
