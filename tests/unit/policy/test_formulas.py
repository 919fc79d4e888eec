"""Conditions as formulas: what can be true together, and when one side allows more than another."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rolewright.resources.policy import Condition, parse_operator
from rolewright.resources.policy.atoms import Atom, Literal, Question, Value, conjunction, entry
from rolewright.resources.policy.condition_theory import possible
from rolewright.resources.policy.context import Context
from rolewright.resources.policy.evaluate_conditions import compile_condition, conditions_hold
from rolewright.resources.policy.formulas import (
    MOST_ATOMS,
    MOST_CUBES,
    Layer,
    difference,
    satisfiable,
)
from support.trials import tries

Block = dict[str, dict[str, Any]]


def conditions(block: Block) -> tuple[Condition, ...]:
    found = []
    for name, keys in block.items():
        operator = parse_operator(name)
        assert operator is not None
        for key, values in keys.items():
            texts = (values,) if isinstance(values, str) else tuple(values)
            found.append(Condition(operator, key, texts))
    return tuple(found)


def side(*allows: Block, denies: tuple[Block, ...] = ()) -> tuple[Layer, ...]:
    def formulas(blocks: tuple[Block, ...]) -> frozenset[Any]:
        found = [conjunction(conditions(block), variables=True) for block in blocks]
        return frozenset(each for each in found if each is not None)

    return (Layer(formulas(allows), formulas(denies)),)


def single(block: Block) -> Literal:
    found = conjunction(conditions(block), variables=True)
    assert found is not None
    (literal,) = found
    return literal


def equals(*values: str, key: str = "k:a") -> Block:
    return {"StringEquals": {key: values}}


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (equals("x"), {}),
        (equals("x"), equals("x", "y")),
        (equals("abc"), {"StringLike": {"k:a": "a*"}}),
        ({"StringLike": {"k:a": "ab*"}}, {"StringLike": {"k:a": "a*"}}),
        (equals("Ab"), {"StringEqualsIgnoreCase": {"k:a": "aB"}}),
        (equals("x"), {"StringEqualsIfExists": {"k:a": "x"}}),
        (equals("x"), {"Null": {"k:a": "false"}}),
        ({"Null": {"k:a": "true"}}, {"StringEqualsIfExists": {"k:a": "x"}}),
        ({"Null": {"k:a": "true"}}, {"StringNotEquals": {"k:a": "x"}}),
        (equals("x"), {"StringNotEquals": {"k:a": ["y", "z"]}}),
        (equals("x"), {"ForAnyValue:StringEquals": {"k:a": ["x", "y"]}}),
        ({"StringNotEquals": {"k:a": ["x", "y"]}}, {"StringNotEquals": {"k:a": "x"}}),
        ({"NumericLessThan": {"k:a": "5"}}, {"NumericLessThanEquals": {"k:a": "5"}}),
        ({"NumericLessThanEquals": {"k:a": "4.5"}}, {"NumericLessThan": {"k:a": "5"}}),
        ({"NumericEquals": {"k:a": "5.0"}}, {"NumericGreaterThan": {"k:a": "4"}}),
        (
            {"DateGreaterThan": {"k:a": "2030-01-02T00:00:00Z"}},
            {"DateGreaterThan": {"k:a": "2030-01-01"}},
        ),
        ({"DateLessThan": {"k:a": "1970-01-01T00:01:00Z"}}, {"DateLessThan": {"k:a": "61"}}),
        ({"IpAddress": {"k:a": "10.1.0.0/16"}}, {"IpAddress": {"k:a": "10.0.0.0/8"}}),
        ({"NotIpAddress": {"k:a": "10.0.0.0/8"}}, {"NotIpAddress": {"k:a": "10.1.0.0/16"}}),
        ({"Bool": {"k:a": "true"}}, {"Bool": {"k:a": ["true", "false"]}}),
        ({"ArnLike": {"k:a": "arn:aws:s3:::b"}}, {"ArnLike": {"k:a": "arn:*:s3:::*"}}),
        ({"ArnEquals": {"k:a": "arn:aws:s3:::b*"}}, {"StringLike": {"k:a": "arn:aws:s3*"}}),
        ({"BinaryEquals": {"k:a": "QQ=="}}, {"BinaryEquals": {"k:a": ["QQ==", "Qg=="]}}),
        ({**equals("x"), "Bool": {"k:b": "true"}}, equals("x")),
        (equals("${aws:username}"), equals("${aws:USERNAME}", "x")),
        (equals("x-${aws:username}"), {"StringLike": {"k:a": "x-*"}}),
    ],
)
def test_narrower_conditions(narrow: Block, wide: Block) -> None:
    """What implies something else gives nothing against it, and the wider one gives more."""
    assert not satisfiable(side(narrow), side(wide))
    assert satisfiable(side(wide), side(narrow))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (side({"StringLike": {"k:a": "x"}}), side(equals("x"))),
        (side(equals("x", "y")), side(equals("x"), equals("y"))),
        (side(equals("${*}")), side({"StringLike": {"k:a": "${*}"}})),
        (
            side({"ForAllValues:StringNotEquals": {"k:a": "x"}}),
            side({}, denies=({"ForAnyValue:StringEquals": {"k:a": "x"}},)),
        ),
        (side({"StringNotEquals": {"k:a": "x"}}), side({}, denies=(equals("x"),))),
        (side(equals("x"), {"StringNotEquals": {"k:a": "x"}}), side({})),
        (side({"Null": {"k:a": ["true", "false"]}}), side({})),
        (side({"Null": {"k:a": "no"}}), side()),
        (side({"StringEquals": {"k:a": []}}), side()),
        (side({"StringNotEquals": {"k:a": []}}), side({})),
        (side({**equals("x"), "StringNotEquals": {"k:a": "x"}}), side()),
        (side({"IpAddress": {"k:a": ["0.0.0.0/1", "128.0.0.0/1"]}}), side({"IpAddress": {"k:a": "0.0.0.0/0"}})),
        (side({"IpAddress": {"k:a": "10.1.2.3/8"}}), side({"IpAddress": {"k:a": "10.0.0.0/8"}})),
        (side({"NumericEquals": {"k:a": "1e3"}}), side({"NumericEquals": {"k:a": "1000"}})),
        (side({"StringEquals": {"K:A": "x"}}), side(equals("x"))),
        (side({"ArnLike": {"k:a": "arn:aws:s3"}}), side({"ArnLike": {"k:a": "x"}})),
        (
            side(
                {
                    "NumericGreaterThan": {"k:a": "3"},
                    "NumericLessThan": {"k:a": "3"},
                }
            ),
            side(equals("x"), denies=({},)),
        ),
    ],
)  # fmt: skip
def test_the_same_otherwise_said(one: Any, other: Any) -> None:
    assert difference(one, other) == ()
    assert difference(other, one) == ()


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (equals("x"), equals("X")),
        ({"Bool": {"k:a": "true"}}, {"Bool": {"k:a": "false"}}),
        ({"NumericLessThan": {"k:a": "5"}}, {"NumericGreaterThan": {"k:a": "3"}}),
        ({"StringLike": {"k:a": "a*"}}, {"StringLike": {"k:a": "*b"}}),
        ({"IpAddress": {"k:a": "10.0.0.0/8"}}, {"IpAddress": {"k:a": "10.0.0.0/9"}}),
        ({"IpAddress": {"k:a": "::/0"}}, {"IpAddress": {"k:a": "0.0.0.0/0"}}),
        ({"ForAllValues:StringEquals": {"k:a": "x"}}, {"ForAnyValue:StringEquals": {"k:a": "x"}}),
        ({"ForAnyValue:StringEquals": {"k:a": "x"}}, equals("x")),
        ({"StringNotEquals": {"k:a": "x"}}, {"ForAnyValue:StringNotEquals": {"k:a": "x"}}),
        (equals("x"), equals("x", key="k:b")),
        (equals("${aws:username}"), equals("${aws:userid}")),
        ({"NumericNotEquals": {"k:a": "1"}}, {"NumericLessThan": {"k:a": "1"}}),
    ],
)
def test_what_may_differ_is_said(new: Block, old: Block) -> None:
    assert satisfiable(side(new), side(old))


def test_ways_are_what_a_reader_expects() -> None:
    """A removed condition gives where it did not hold; an added one takes there."""
    old, new = side(equals("x")), side({})
    (way,) = difference(new, old)

    (literal,) = way.literals
    assert entry(literal) == {"operator": "StringNotEquals", "key": "k:a", "values": ["x"]}
    assert way.exact
    assert difference(old, new) == ()


def test_a_boundary_is_a_layer_of_its_own() -> None:
    """Both layers must allow, and a Deny in one of them is enough."""
    identity, boundary = side({})[0], side(equals("x"))[0]

    assert difference((identity, boundary), side(equals("x")) + side({})) == ()
    (way,) = difference((identity, side({})[0]), (identity, boundary))
    assert {entry(each)["operator"] for each in way.literals} == {"StringNotEquals"}
    denied = side({}, denies=({},))[0]
    assert not satisfiable((identity, denied), side(denies=({},)) * 2)


def test_variables_against_others_are_not_certain() -> None:
    """Whether two variables have the same value is not known."""
    (same,) = difference(side(equals("${aws:username}")), side())
    (other,) = difference(side(equals("${aws:username}")), side(equals("${aws:userid}")))
    (text,) = difference(side(equals("${aws:username}")), side(equals("x")))

    assert same.exact
    assert not other.exact
    assert not text.exact
    # Under a number operator a variable is text that cannot be read.
    assert difference(side({"NumericEquals": {"k:a": "${aws:x}"}}), side()) == ()


def test_a_variable_keeps_to_the_text_around_it() -> None:
    """`x-…` is never `y-…`, whatever the variable holds."""
    both = {**equals("x-${aws:username}"), "StringLike": {"k:a": "y-*"}}

    assert difference(side(both), side()) == ()


def test_too_many_atoms_are_compared_by_statement() -> None:
    """Beyond the truth table, what is surely contained is left out and the rest is not certain."""
    many = [equals("x", key=f"k:{n}") for n in range(MOST_ATOMS + 1)]
    old = side(*many)

    assert difference(side(*many[:-1]), old) == ()
    stricter = {"StringEquals": {f"k:{n}": "x" for n in range(MOST_ATOMS + 1)}}
    assert difference(side(stricter), old) == ()
    new = side(*many, equals("y", key="k:0"))
    found = difference(new, old)
    assert [way.exact for way in found] == [False]
    assert {entry(each)["values"][0] for each in found[0].literals} == {"y"}
    # With a Deny less, each Allow may give more.
    denied = side(*many, denies=(equals("z", key="k:z"),))
    assert len(difference(old, denied)) == len(many)
    assert difference(denied, old) == ()
    bounded = old + side(equals("z", key="k:z"))
    assert difference(bounded, old + side({})) == ()
    assert len(difference(old + side({}), bounded)) == len(many)


def test_too_many_ways_end_with_one_that_is_not_certain() -> None:
    """Parity of seven conditions has 64 ways; what is not told apart is covered by the last."""
    keys = [f"k:{n}" for n in range(7)]
    odd = [
        {
            "StringEquals": {k: "x" for k, yes in zip(keys, row, strict=True) if yes},
            "StringNotEquals": {k: "x" for k, yes in zip(keys, row, strict=True) if not yes},
        }
        for row in product((False, True), repeat=7)
        if sum(row) % 2
    ]
    found = difference(side(*odd), side())

    assert len(found) == MOST_CUBES + 1
    assert found[-1].literals == frozenset()
    assert [way.exact for way in found] == [True] * MOST_CUBES + [False]


@pytest.mark.parametrize(
    ("written", "denied"),
    [
        ("StringEquals", "StringNotEquals"),
        ("ArnEquals", "ArnNotLike"),
        ("StringNotLike", "StringEquals"),
        ("ForAllValues:StringEquals", "ForAnyValue:StringNotEquals"),
        ("ForAllValues:StringNotEquals", "ForAnyValue:StringEquals"),
        ("ForAnyValue:StringNotEquals", "ForAllValues:StringEquals"),
        ("StringEqualsIfExists", "not StringEqualsIfExists"),
        ("NumericLessThan", "not NumericLessThan"),
        ("ForAllValues:Bool", "not ForAllValues:Bool"),
        ("ForAnyValue:Bool", "not ForAnyValue:Bool"),
        ("ForAnyValue:StringNotEqualsIfExists", "not ForAnyValue:StringNotEqualsIfExists"),
        ("ForAnyValue:StringEqualsIfExists", "not ForAnyValue:StringEqualsIfExists"),
    ],
)
def test_entries_are_operators_that_people_know(written: str, denied: str) -> None:
    """A literal reads as it was written, and its denial as the operator for the opposite."""
    literal = single({written: {"k:A": "true"}})
    expected = {"ArnEquals": "ArnLike", "StringNotLike": "StringNotEquals"}.get(written, written)

    assert entry(literal) == {"operator": expected, "key": "k:A", "values": ["true"]}
    opposite = entry(Literal(literal.atom, not literal.holds))
    assert ("not " if opposite.get("negated") else "") + opposite["operator"] == denied


def test_null_entries() -> None:
    literal = single({"Null": {"k:a": "TRUE"}})

    assert entry(literal) == {"operator": "Null", "key": "k:a", "values": ["true"]}
    denied = entry(Literal(literal.atom, holds=False))
    assert denied == {"operator": "Null", "key": "k:a", "values": ["false"]}


def test_many_variables_on_one_key_are_taken_for_independent() -> None:
    """The theory gives up; nothing that can happen is ruled out by that."""
    atoms = tuple(
        Atom(Question.MATCH, "StringEquals", "k:a", frozenset({Value(f"${{aws:v{n}}}", True)}))
        for n in range(5)
    )

    assert possible(atoms) is None
    assert possible(atoms[:2]) is not None


VALUES = ["", "a", "ab", "b", "true", "1", "2", "10.0.0.1", "arn:aws:s3:::b", "arn:aws:s3:x::b"]
CONTEXTS: list[str | tuple[str, ...] | None] = [
    None,
    *VALUES,
    (),
    ("a", "b"),
    ("a",),
    ("ab", "true"),
    ("1", "2"),
    ("",),
]
OPERATORS = {
    "StringEquals": ["a", "b", ""],
    "StringLike": ["a*", "*", "?"],
    "StringEqualsIgnoreCase": ["A", "aB"],
    "NumericLessThan": ["2", "1"],
    "NumericGreaterThanEquals": ["1", "2"],
    "Bool": ["true", "false"],
    "IpAddress": ["10.0.0.0/8", "0.0.0.0/0"],
    "ArnLike": ["arn:aws:s3:::*", "arn:aws:s3:*::b", "*"],
    "Null": ["true", "false"],
    "StringNotEquals": ["a", "b"],
    "StringNotLike": ["a*", "*"],
    "NumericNotEquals": ["1", "2"],
    "ArnNotLike": ["arn:aws:s3:::b"],
}


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    block: Block = {}
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(sorted(OPERATORS)))
        values = draw(st.lists(st.sampled_from(OPERATORS[name]), min_size=1, unique=True))
        quantifier = draw(st.sampled_from(["", "", "ForAllValues:", "ForAnyValue:"]))
        suffix = draw(st.sampled_from(["", "", "IfExists"])) if name != "Null" else ""
        key = draw(st.sampled_from(["k:a", "k:b"]))
        block.setdefault(f"{quantifier}{name}{suffix}", {})[key] = values
    return block


@given(
    st.lists(blocks(), max_size=3), st.lists(blocks(), max_size=3), st.lists(blocks(), max_size=1)
)
@example(
    [{}], [], [{"Null": {"k:a": ["true", "false"]}, "ArnNotLike": {"k:a": ["arn:aws:s3:::b"]}}]
)
@settings(max_examples=tries(250))
def test_no_request_is_missed(new: list[Block], old: list[Block], denies: list[Block]) -> None:
    """Whenever the evaluator sees a difference, a way to it is reported; ways are differences.

    Left out are multivalued keys under an operator for single values, where AWS takes both the
    operator and its opposite for false: a finding of `check`, and no difference here.
    """
    found = difference(side(*new, denies=tuple(denies)), side(*old))
    several = {key for block in (*new, *old, *denies) for key in plain_keys(block)}
    for a, b in product(CONTEXTS, CONTEXTS):
        values = {"k:a": a, "k:b": b}
        if any(isinstance(values[key], tuple) for key in several):
            continue
        context = Context(
            {key: value for key, value in values.items() if value is not None}, open=False
        )
        allowed = any(holds(block, context) for block in new)
        allowed = allowed and not any(holds(block, context) for block in denies)
        differs = allowed and not any(holds(block, context) for block in old)
        assert differs == any(
            all(literal_holds(each, context) for each in way.literals) for way in found
        )


def plain_keys(block: Block) -> set[str]:
    plain = (keys for name, keys in block.items() if ":" not in name and name != "Null")
    return {key for keys in plain for key in keys}


def holds(block: Block, context: Context) -> bool:
    compiled = tuple(compile_condition(each, variables=True) for each in conditions(block))
    return conditions_hold(compiled, context) is True


def literal_holds(literal: Literal, context: Context) -> bool:
    written = entry(literal)
    block = {written["operator"]: {written["key"]: written["values"]}}
    return holds(block, context) is not written.get("negated", False)
