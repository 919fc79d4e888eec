"""AWS's service reference, as a catalogue: the forms that it has, and all that can go wrong."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from rolewright.engine.aws.service_reference import fetch_catalogue, https_get
from rolewright.resources.diagnostics import Problem
from rolewright.resources.policy.catalogue import AccessLevel, Catalogue
from rolewright.resources.policy.service_reference import catalogue_mapping, read_index
from support.service_reference import SERVICES, index, pages, served

DAY = date(2026, 11, 24)
HOME = "https://reference.test"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    with served() as home:
        return fetch_catalogue(DAY, index_url=f"{home}/")


def refused(changes: dict[str, Any]) -> Problem:
    """What is said of a reference of which some pages are others; None for one that is not there."""
    found = {f"{HOME}{path}": page for path, page in {**pages(HOME), **changes}.items()}

    def fetch(asked: str) -> bytes:
        page = found[asked]
        if page is None:
            raise OSError("connection reset")
        return page if isinstance(page, bytes) else json.dumps(page).encode()

    with pytest.raises(Problem) as caught:
        fetch_catalogue(DAY, index_url=f"{HOME}/", fetch=fetch)
    return caught.value


def test_all_services_and_actions_are_there(catalogue: Catalogue) -> None:
    assert catalogue.services() == ("lambda", "odd", "s3")
    assert catalogue.date == "2026-11-24"
    assert catalogue.version == "aws-service-reference-2026-11-24"
    assert catalogue.expand("s3:put*") == (
        "s3:PutBucketPolicy",
        "s3:PutObject",
        "s3:PutObjectTagging",
    )


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("s3:GetObject", AccessLevel.READ),
        ("s3:ListAllMyBuckets", AccessLevel.LIST),
        ("s3:PutObject", AccessLevel.WRITE),
        ("s3:PutObjectTagging", AccessLevel.TAGGING),
        ("s3:PutBucketPolicy", AccessLevel.PERMISSIONS),
        ("s3:Unannotated", AccessLevel.WRITE),
    ],
)
def test_the_riskiest_level_counts(catalogue: Catalogue, name: str, level: AccessLevel) -> None:
    action = catalogue.action(name)

    assert action is not None
    assert action.level is level


def test_condition_keys_of_the_resource_types_count_too(catalogue: Catalogue) -> None:
    action = catalogue.action("s3:getobject")

    assert action is not None
    assert action.condition_keys == ("s3:TlsVersion", "s3:ExistingObjectTag/<key>")


def test_resource_types(catalogue: Catalogue) -> None:
    """A type of another service is left out; what has no ARN of six parts may be anything."""
    assert [type_.name for type_ in catalogue.resource_types("lambda:CreateFunction")] == [
        "function"
    ]
    assert catalogue.accepts_resource("s3:GetObject", "arn:aws:s3:::b/k")
    assert not catalogue.accepts_resource("s3:GetObject", "arn:aws:sqs:us-east-1:1:q")
    assert catalogue.accepts_resource("odd:Do", "arn:aws:sqs:us-east-1:1:q")


def test_the_installed_data_and_the_reference_agree(catalogue: Catalogue) -> None:
    """What both know of an action is the same: the levels, and which resources it takes."""
    installed = Catalogue.bundled()
    for name in ("s3:GetObject", "s3:PutBucketPolicy", "s3:PutObjectTagging"):
        one, other = catalogue.action(name), installed.action(name)
        assert one is not None
        assert other is not None
        assert one.level is other.level
        assert set(one.resource_types) <= set(other.resource_types)


def test_the_file_is_one_that_is_taken(catalogue: Catalogue) -> None:
    again = Catalogue.from_file(json.loads(json.dumps(catalogue.to_mapping())))

    assert again.to_mapping() == catalogue.to_mapping()


def test_a_page_that_is_missing_is_said() -> None:
    path = "/v1/s3/s3.json"
    with served(**{path: None}) as home, pytest.raises(Problem, match="404"):
        fetch_catalogue(DAY, index_url=f"{home}/")
    (found,) = refused({path: None}).diagnostics

    assert found.code == "reference-unreachable"
    assert f"{HOME}{path}: connection reset" in found.summary


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"/": b"<html>"}, "Invalid JSON"),
        ({"/": {}}, "valid array"),
        ({"/": []}, "lists no service"),
        ({"/": [{"service": "s3"}]}, "0.url: Field required"),
        ({"/": index("https://elsewhere.test", "s3")}, "another server"),
        ({"/": index("http://reference.test", "s3")}, "another server"),
        ({"/v1/s3/s3.json": {"Actions": []}}, "Name: Field required"),
        ({"/v1/s3/s3.json": {"Name": "S3"}}, "service prefix is in lower case"),
        ({"/v1/s3/s3.json": {"Name": "s3", "Actions": [{"Name": 1}]}}, "Actions.0.Name"),
    ],
)
def test_another_form_is_refused(changes: dict[str, Any], why: str) -> None:
    (found,) = refused(changes).diagnostics

    assert found.code == "reference-unknown"
    assert why in found.summary


@pytest.mark.parametrize("url", ["http://reference.test/", "ftp://127.0.0.1/", "file:///etc/hosts"])
def test_only_https_is_read(url: str) -> None:
    with pytest.raises(OSError, match="not read by https"):
        https_get(url)


def test_nobody_answers() -> None:
    with served() as home:
        pass
    with pytest.raises(Problem, match=r"can't be read from .*refused"):
        fetch_catalogue(DAY, index_url=f"{home}/")


def test_the_pure_parts() -> None:
    """Without a network: an index and its documents are bytes."""
    (entry,) = read_index(json.dumps(index(HOME, "s3")).encode())
    found = catalogue_mapping([json.dumps(SERVICES["s3"]).encode()], DAY)

    assert entry.url == f"{HOME}/v1/s3/s3.json"
    assert found["services"]["s3"]["actions"]["PutObject"]["resource_types"] == ["object"]
