"""`rolewright import` for one object, its options, its blocks in the stack file, and what it refuses."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.aws.reader import Aws
from rolewright.engine.cli import composition
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Problem
from rolewright.resources.ports import AwsError
from rolewright.resources.registry import binding_classes
from rolewright.state.files import Files
from rolewright.state.store import LocalStore
from support.moto_server import account_snapshot

from .conftest import Desk, meaning_of
from .shapes import EC2, ECS, LAMBDA, Maker, allowing, trusting

HEAD = "stack: mine\nregion: us-east-1\n"
DECLARED = f"""{HEAD}
roles:
  reader:
    name: the-reader
    trust: {{services: [lambda.amazonaws.com]}}
    description: Reads
permission_policies:
  read:
    roles: [reader]
    name: extra
    inline: true
    statements: [{{actions: [s3:GetObject], resources: ["*"]}}]
"""


def reader(aws: Aws, **more: Any) -> Maker:
    """A role as DECLARED has it, but for its description."""
    make = Maker(aws, "the-reader")
    make.role(LAMBDA, **more)
    make.inline(allowing(), "extra")
    return make


def ids(document: Any) -> dict[str, str]:
    """What was imported: id by address."""
    return {one["address"]: one["id"] for one in document["imported"]}


def refusal(work: Callable[[], Any]) -> str:
    """The code, the summary and the hint of what stops some work."""
    with pytest.raises(Problem) as caught:
        work()
    finding = caught.value.diagnostics[0]
    return f"{finding.code}: {finding.summary} ({finding.hint})"


def test_a_role_with_all_that_it_has(desk: Desk, aws: Aws) -> None:
    make = Maker(aws, "worker")
    arn = make.role(EC2, Tags=[{"Key": "team", "Value": "media"}])
    make.inline(allowing())
    make.attach(make.policy(allowing("sqs:*")))
    make.aws_policy("ReadOnlyAccess")
    instance = make.instance(make.profile())
    make.function(arn)
    desk.write(HEAD)

    done = desk.import_("role.worker", arn)

    assert ids(done) == {
        "permission_policy.ReadOnlyAccess": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "permission_policy.worker-inline": "worker:inline",
        "permission_policy.worker-policy": "worker-policy",
        "role.worker": "worker",
        "service_binding.worker": "worker",
        "service_binding.worker-lambda": "worker",
    }
    assert [Path(name).exists() for name in done["files"]] == [True] * len(done["files"])
    assert instance in "".join(Path(name).read_text() for name in done["files"])
    assert done["serial"] == desk.state().serial == 1
    assert desk.plan()["summary"]["no_op"] == len(desk.state().resources)


def test_what_other_stacks_have_stays_theirs(desk: Desk, aws: Aws) -> None:
    """A policy of another stack is attached and no more, and its profile is let be."""
    theirs = [{"Key": "rolewright:stack", "Value": "theirs"}]
    make = Maker(aws, "worker")
    make.role(EC2)
    arn = make.policy(allowing("sqs:*"), Tags=theirs)
    make.attach(arn)
    make.profile(Tags=theirs)
    desk.write(HEAD)

    done = desk.import_("role.worker", "worker")

    assert ids(done) == {"permission_policy.worker-policy": arn, "role.worker": "worker"}
    assert [one["id"] for one in done["skipped"]] == [arn, "ec2 binding worker"]
    desk.plan()
    desk.destroy()
    left = account_snapshot(aws.again())
    assert (list(left["policies"]), list(left["instance_profiles"])) == ([arn], ["worker"])


def test_a_boundary_comes_with_the_roles_that_it_bounds(desk: Desk, aws: Aws) -> None:
    """It is declared with them, also where it is on none; another stack's stays a mere ARN."""
    make = Maker(aws, "worker")
    own = make.policy(allowing("s3:*"), "-own")
    tags = [{"Key": "rolewright:stack", "Value": "theirs"}]
    theirs = make.policy(allowing("s3:*"), "-theirs", Tags=tags)
    make.role(LAMBDA, PermissionsBoundary=own)
    make.role(LAMBDA, "bound", PermissionsBoundary=theirs)
    make.role(LAMBDA, "by-aws", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    desk.write(HEAD)

    done = desk.import_all()

    found = ids(done)
    assert {name for name in found if name.startswith("permission_policy")} == {
        "permission_policy.worker-policy-own"
    }
    (file,) = done["files"]
    text = Path(file).read_text()
    assert "permissions_boundary: ${permission_policy.worker-policy-own.arn}" in text
    assert f"permissions_boundary: {theirs}" in text
    (skipped,) = done["skipped"]
    assert skipped["id"] == theirs
    assert "it stays the boundary of bound" in skipped["reason"]
    desk.plan()


def test_services_that_may_not_be_read_are_named(
    desk: Desk, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker(aws, "worker")
    make.function(make.role())
    make.profile()
    desk.write(HEAD)
    pages = Aws.pages

    def denied(self: Aws, service: str, operation: str, parameters: Any) -> Any:
        if service != "iam":
            raise AwsError(service, operation, "AccessDeniedException", "no")
        return pages(self, service, operation, parameters)

    with monkeypatch.context() as patched:
        patched.setattr(Aws, "pages", denied)
        done = desk.import_all()

    assert ids(done) == {"role.worker": "worker"}
    assert [one["id"] for one in done["skipped"]] == [
        "ec2 bindings",
        "ecs bindings",
        "lambda bindings",
    ]
    desk.plan()


def test_launch_templates_are_named(desk: Desk, aws: Aws) -> None:
    make = Maker(aws, "worker")
    make.role(EC2)
    profile = make.profile()
    aws.call(
        "ec2",
        "CreateLaunchTemplate",
        {
            "LaunchTemplateName": "fleet",
            "LaunchTemplateData": {"IamInstanceProfile": {"Name": profile}},
        },
    )

    done = desk.import_all()

    assert done["skipped"] == [
        {
            "id": "launch template fleet",
            "reason": "gives instances the profile worker, which no binding declares",
        }
    ]


def test_a_declared_role_is_compared_with_its_declaration(desk: Desk, aws: Aws) -> None:
    """The state takes what there is, and the next plan shows what the file wants otherwise."""
    reader(aws, Description="Reads, and more")
    desk.write(DECLARED)

    done = desk.import_("role.reader", "the-reader")

    assert ids(done) == {
        "permission_policy.read": "the-reader:extra",
        "role.reader": "the-reader",
    }
    assert done["files"] == []
    assert [one["paths"] for one in done["pending"]] == [["description"]]
    (change,) = [one for one in desk.plan(code=2)["changes"] if one["action"] != "no-op"]
    assert (change["action"], change["diff"]) == (
        "update",
        [{"path": "description", "before": "Reads, and more", "after": "Reads"}],
    )
    assert "TagRole" not in json.dumps(change)


def test_printed_instead_of_written(desk: Desk, aws: Aws) -> None:
    Maker(aws, "worker").role()
    desk.write(HEAD)

    done = desk.import_("role.worker", "worker", print_=True)

    assert done["files"] == []
    assert [path.name for path in desk.folder.glob("*.yaml")] == ["rolewright.yaml"]
    desk.write(done["text"], "pasted.yaml")
    desk.plan()


def test_one_policy_and_one_binding(desk: Desk, aws: Aws) -> None:
    """What hangs on a role of the stack comes by itself as well, to the address that is given."""
    make = Maker(aws, "worker")
    arn = make.role()
    desk.write(HEAD)
    desk.import_("role.worker", "worker")
    make.inline(allowing())
    make.attach(make.policy(allowing("sqs:*")))
    make.aws_policy("ReadOnlyAccess")
    make.function(arn)

    for address, id_ in (
        ("permission_policy.a", "worker:inline"),
        ("permission_policy.b", "worker-policy"),
        ("permission_policy.c", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("service_binding.d", "lambda:worker"),
    ):
        assert list(ids(desk.import_(address, id_))) == [address]

    assert desk.state().serial == 5
    desk.plan()


def test_ownership_is_tagged_only_when_asked(desk: Desk, aws: Aws) -> None:
    Maker(aws, "worker").role(Tags=[{"Key": "team", "Value": "media"}])
    desk.write(HEAD)

    done = desk.import_("role.worker", "worker", tag_ownership=True)

    assert [one["paths"] for one in done["pending"]] == [["tags.rolewright:stack"]]
    desk.plan(code=2)
    desk.apply()
    role = account_snapshot(aws.again())["roles"]["worker"]
    assert role["Tags"] == {"team": "media", "rolewright:stack": "mine"}
    desk.plan()


def test_filters(desk: Desk, aws: Aws) -> None:
    Maker(aws, "app-web").role(EC2, Path="/app/", Tags=[{"Key": "team", "Value": "a"}])
    Maker(aws, "app-worker").role(LAMBDA, Path="/app/", Tags=[{"Key": "team", "Value": "a"}])
    Maker(aws, "app-other").role(LAMBDA, Path="/app/", Tags=[{"Key": "team", "Value": "b"}])
    Maker(aws, "tool").role(LAMBDA, Tags=[{"Key": "team", "Value": "a"}])
    desk.write(HEAD)

    done = desk.import_all(
        path_prefix="/app/",
        name=["app-*"],
        tag=["team=a"],
        service=["lambda.amazonaws.com", "ec2.amazonaws.com"],
        except_=["*-web"],
    )

    assert ids(done) == {"role.app-worker": "app-worker"}


def test_blocks_in_the_stack_file(desk: Desk, aws: Aws) -> None:
    """The plan shows the import and what changes with it; the apply does both."""
    reader(aws)
    desk.write(f"{DECLARED}import: [{{to: role.reader, id: the-reader}}]\n")

    planned = desk.plan(code=2)
    applied = desk.apply()

    assert planned["summary"]["import"] == 2
    actions = {one["address"]: one for one in planned["changes"]}
    assert [one["operation"] for one in actions["role.reader"]["operations"]] == ["UpdateRole"]
    assert actions["permission_policy.read"]["operations"] == []
    assert applied["status"] == "applied"
    assert desk.plan()["summary"]["import"] == 0
    record = desk.state().resources[Address.parse("role.reader")]
    assert (record.imported, record.untagged) == (True, True)


def test_with_a_block_come_attachments_and_functions(desk: Desk, aws: Aws) -> None:
    """What is as it should be is taken over too, and what is not there is made."""
    make = Maker(aws, "whole")
    make.function(make.role())
    make.aws_policy("ReadOnlyAccess")
    desk.write(f"""{HEAD}import: [{{to: role.whole, id: whole}}]
roles: {{whole: {{trust: {{services: [lambda.amazonaws.com]}}}}}}
permission_policies:
  read: {{roles: [whole], managed_policy: ReadOnlyAccess}}
  more: {{roles: [whole], managed_policy: AmazonS3FullAccess}}
service_bindings:
  run: {{service: lambda, role: whole, function: whole}}
""")

    changes = {one["address"]: one for one in desk.plan(code=2)["changes"]}

    assert {address: one["action"] for address, one in changes.items()} == {
        "permission_policy.more": "create",
        "permission_policy.read": "import",
        "role.whole": "import",
        "service_binding.run": "import",
    }
    desk.apply()
    desk.plan()


def test_a_block_changes_nothing_that_is_as_declared(desk: Desk, aws: Aws) -> None:
    reader(aws, Description="Reads")
    desk.write(f"{DECLARED}import: [{{to: role.reader, id: the-reader}}]\n")
    before = account_snapshot(aws.again(), ids=True)

    desk.apply()

    assert account_snapshot(aws.again(), ids=True) == before


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{to: role.rader, id: x}", "does not declare it"),
        ("{to: role.reader, id: x}", "declared as the-reader, and imported as x"),
        ("{to: role.reader}", "id"),
        ("{to: reader, id: x}", "is no address"),
        ("text", "takes maps"),
    ],
)
def test_a_wrong_block(desk: Desk, aws: Aws, entry: str, message: str) -> None:
    desk.write(f"{DECLARED}import: [{entry}]\n")

    assert message in refusal(desk.plan)


def test_a_block_for_what_is_not_there(desk: Desk, aws: Aws) -> None:
    desk.write(f"{DECLARED}import: [{{to: role.reader, id: the-reader}}]\n")

    assert refusal(desk.plan).startswith("import-missing: there is no the-reader")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"Tags": [{"Key": "rolewright:stack", "Value": "theirs"}]}, 'owned by the stack "theirs"'),
        ({"Path": "/aws-service-role/x.amazonaws.com/"}, "service-linked"),
        ({"Path": "/aws-reserved/sso.amazonaws.com/"}, "reserved"),
    ],
)
def test_a_block_takes_nothing_from_others(
    desk: Desk, aws: Aws, more: dict[str, Any], reason: str
) -> None:
    """What the command refuses, a block in the stack file does not get either."""
    Maker(aws, "theirs").role(**more)
    path = more.get("Path", "/")
    desk.write(
        f"{HEAD}import: [{{to: role.theirs, id: theirs}}]\n"
        f"roles: {{theirs: {{path: {path}, trust: {{services: [lambda.amazonaws.com]}}}}}}\n"
    )

    told = refusal(desk.plan)

    assert told.startswith("import-refused")
    assert reason in told


OWNED: list[tuple[Callable[[Maker, dict[str, str]], Any], str, str]] = [
    (
        lambda make, tag: make.iam(
            "CreatePolicy",
            PolicyName="theirs",
            PolicyDocument=json.dumps(allowing()),
            Tags=[_upper(tag)],
        ),
        "permission_policy.theirs",
        "permission_policies: {theirs: {inline: false, document: " + json.dumps(allowing()) + "}}",
    ),
    (
        lambda make, tag: (
            make.role(EC2, "worker"),
            make.profile(role="worker", Tags=[_upper(tag)]),
        ),
        "service_binding.theirs",
        "service_bindings: {theirs: {service: ec2, role: worker, instance_profile: theirs}}",
    ),
    (
        lambda make, tag: make.task(taskRoleArn=make.role(ECS, "worker"), tags=[tag]),
        "service_binding.theirs",
        "service_bindings: {theirs: {service: ecs, role: worker, task_definition: theirs}}",
    ),
]


def _upper(tag: dict[str, str]) -> dict[str, str]:
    """A tag as IAM writes it, of one as ECS does."""
    return {name.capitalize(): text for name, text in tag.items()}


@pytest.mark.parametrize(("make", "address", "declared"), OWNED)
def test_a_block_takes_nothing_else_from_other_stacks(
    desk: Desk,
    aws: Aws,
    make: Callable[[Maker, dict[str, str]], Any],
    address: str,
    declared: str,
) -> None:
    make(Maker(aws, "theirs"), {"key": "rolewright:stack", "value": "zz"})
    worker = "{to: role.worker, id: worker}, " if "worker" in declared else ""
    trust = "{services: [ec2.amazonaws.com, ecs-tasks.amazonaws.com]}"
    roles = f"roles: {{worker: {{trust: {trust}}}}}" if worker else ""
    desk.write(f"{HEAD}import: [{worker}{{to: {address}, id: theirs}}]\n{roles}\n{declared}\n")

    told = refusal(desk.plan)

    assert told.startswith('import-refused: theirs can\'t be imported: owned by the stack "zz"')


def test_what_ends_something_imported_is_marked(desk: Desk, aws: Aws) -> None:
    Maker(aws, "worker").role()
    desk.write(HEAD)
    (name,) = desk.import_("role.worker", "worker")["files"]
    text = Path(name).read_text()

    Path(name).write_text(text.replace("    trust", "    path: /new/\n    trust"))
    replaced = desk.plan(code=2)["findings"]
    Path(name).unlink()
    deleted = desk.plan(code=2)["findings"]

    for findings in (replaced, deleted):
        marks = [one for one in findings if one["rule"] == "imported"]
        assert [(one["address"], one["severity"]) for one in marks] == [("role.worker", "high")]


@pytest.mark.parametrize(
    ("main", "written"),
    [("rolewright.yaml", "imported-lambda.yaml"), ("photos.yaml", "photos.imported-lambda.yaml")],
)
def test_new_files_are_read_with_a_stack_file_of_its_own(
    desk: Desk, aws: Aws, main: str, written: str
) -> None:
    """Whoever names one file, or none, goes on as before; a stack beside it is not concerned."""
    Maker(aws, "worker").role()
    desk.write(HEAD, main)
    desk.write(HEAD.replace("stack: s", "stack: other"), "other.yaml")
    alone = replace(desk.options, config=desk.folder / main)
    one = Desk(desk.folder, alone, desk.capsys)

    (name,) = one.import_("role.worker", "worker")["files"]

    assert Path(name).name == written
    assert one.plan()["summary"]["no_op"] == 2  # the role and its trust policy
    other = Desk(desk.folder, replace(alone, config=desk.folder / "other.yaml"), desk.capsys)
    state = desk.folder / "other-state.json"
    other.options = replace(other.options, state=state)
    assert other.plan()["summary"]["no_op"] == 0


REFUSED = [
    ("role.new", "workr", "import-missing", 'did you mean "worker"'),
    ("role.new", "arn:aws:iam::210987654321:role/worker", "other-account", "210987654321"),
    ("role.new", "arn:aws:s3:::worker", "bad-id", "not the ARN of a role"),
    ("role.new", "arn:aws:iam::aws:policy/ReadOnlyAccess", "bad-id", "not the ARN of a role"),
    ("permission_policy.x", "arn:aws:iam::123456789012:role/had", "bad-id", "ARN of a policy"),
    ("role.new", "arn:aws:iam::123456789012:role/other/worker", "import-missing", "no role"),
    ("role.had", "worker", "already-in-state", "role.had is in the state"),
    ("role.new", "had", "already-in-state", "state mv 'role.had' 'role.new'"),
    ("role.new", "foreign", "import-refused", 'owned by the stack "theirs"'),
    ("role.new", "AWSServiceRoleForAutoScaling", "import-refused", "service-linked"),
    ("role.new", "declared-one", "declared-elsewhere", "role.declared"),
    ("role.declared", "worker", "import-differs", "declared-one, which is not worker"),
    ('role.many["a"]', "worker", "not-declared", "declares no"),
    ("role.several", "worker", "address-taken", "several of role.several"),
    ("role.größe", "worker", "bad-address", "role.gr-e"),
    ("trust_policy.x", "worker", "not-importable", "by itself"),
    ("permission_policy.x", "had:inlin", "import-missing", 'did you mean "inline"'),
    ("permission_policy.x", "had-polic", "import-missing", 'did you mean "had-policy"'),
    ("permission_policy.x", "arn:aws:iam::aws:policy/ReadOnlyAccess", "import-refused", "no role"),
    ("permission_policy.x", "worker:inline", "import-refused", "none of its roles"),
    ("permission_policy.x", "had,worker:inlin", "import-missing", 'did you mean "inline"'),
    ("permission_policy.x", "had,hat:inline", "import-missing", 'did you mean "had"'),
    ("service_binding.x", "lambda:hat", "import-missing", 'did you mean "had"'),
    ("service_binding.x", "lamda:had", "bad-id", 'did you mean "lambda:had"'),
    ("service_binding.x", "nothing:had", "bad-id", "services are ec2, ecs, lambda"),
    ("role.x", "", "bad-id", "ROLE:NAME"),
    ("role.x", "a b", "bad-id", "neither a name nor an ARN"),
    ("permission_policy.x", ":", "bad-id", "ROLE:NAME"),
    ("permission_policy.x", "arn:", "bad-id", "ROLE:NAME"),
    ("role.x", "WORKR", "import-missing", 'did you mean "worker"'),
    ("permission_policy.x", "ReadOnlyAccess", "import-missing", "arn:aws:iam::aws:policy/Read"),
]


def test_refusals(desk: Desk, aws: Aws) -> None:
    """Each says what is wrong; the state stays as it is to the byte, and no file is written."""
    had = Maker(aws, "had")
    arn = had.role()
    desk.write(
        HEAD + "roles:\n"
        "  declared: {name: declared-one, trust: {accounts: ['123456789012']}}\n"
        "  several: {for_each: [x], name: several-x, trust: {accounts: ['123456789012']}}\n"
    )
    desk.import_("role.had", "had")
    had.inline(allowing())
    had.policy(allowing())
    had.function(arn)
    worker = Maker(aws, "worker")
    worker.role()
    worker.inline(allowing())
    Maker(aws, "foreign").role(Tags=[{"Key": "rolewright:stack", "Value": "theirs"}])
    Maker(aws, "declared-one").role(trusting({"AWS": "123456789012"}))
    aws.call("iam", "CreateServiceLinkedRole", {"AWSServiceName": "autoscaling.amazonaws.com"})
    state, files = desk.state_file.read_bytes(), sorted(desk.folder.iterdir())

    for address, id_, code, words in REFUSED:
        told = refusal(lambda address=address, id_=id_: desk.import_(address, id_))
        assert told.startswith(code), told
        assert words in told

    assert desk.state_file.read_bytes() == state
    assert sorted(desk.folder.iterdir()) == files


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), {}),
        (("role.a",), {}),
        (("role.a", "b"), {"all_": True}),
        (("role.a", "b"), {"name": ["x"]}),
        ((), {"all_": True, "tag": ["x"]}),
        ((), {"all_": True, "tag": ["t=a", "t=A"]}),
        ((), {"all_": True, "path_prefix": "team/"}),
        ((), {"all_": True, "service": ["lambda"]}),
        ((), {"all_": True, "group_by": "colour"}),
        (("a", "b"), {}),
        (("thing.a", "b"), {}),
    ],
)
def test_wrong_options(desk: Desk, words: tuple[str, ...], named: dict[str, Any]) -> None:
    desk.write(HEAD)

    assert refusal(lambda: desk.import_(*words, **named)).startswith("bad-")


def test_a_new_stack(desk: Desk, aws: Aws) -> None:
    """Without a stack file there is one afterwards."""
    Maker(aws, "worker").role()

    done = desk.import_all(stack="ours")

    assert done["stack"] == "ours"
    assert "stack: ours" in (desk.folder / "rolewright.yaml").read_text()
    desk.plan()


def test_few_calls_for_many_roles(desk: Desk, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the number of roles, they are read with the account-wide reads: none by itself."""
    for number in range(30):
        make = Maker(aws, f"role-{number:02}")
        make.role()
        make.inline(allowing())
        make.aws_policy("ReadOnlyAccess")
    connected: list[Aws] = []
    connect = composition.aws_for
    monkeypatch.setattr(
        composition, "aws_for", lambda *given: connected.append(connect(*given)) or connected[-1]
    )

    done = desk.import_all()

    assert len(done["imported"]) == 31 + 1
    assert sum(connected[0].requests.values()) <= 20


def test_the_last_use_of_a_role_is_told(desk: Desk, aws: Aws) -> None:
    """Whoever reads the files sees which roles nobody needs; the plan is the same."""
    arn = Maker(aws, "used").role(trusting({"AWS": "*"}))
    Maker(aws, "unused").role()
    aws.assumed(arn, "try").read("sts", "GetCallerIdentity", {})
    desk.write(HEAD)

    files = desk.import_all()["files"]

    text = "".join(Path(name).read_text() for name in files)
    seen = aws.again().role("used")
    assert seen is not None
    assert seen.last_used is not None
    assert f"  # Last used {seen.last_used.at[:10]}" in text
    assert text.count("Last used") == 1
    desk.plan()


def test_a_policy_of_the_stack_is_attached_by_reference(desk: Desk, aws: Aws) -> None:
    """Roles imported one after the other share it: destroyed and applied again, both have it."""
    make = Maker(aws, "shared")
    arn = make.policy(allowing())
    for name in ("one", "two"):
        make.role(name=name)
        make.attach(arn, name)
    desk.write(HEAD)
    desk.import_("role.one", "one")
    (file,) = desk.import_("role.two", "two")["files"]

    assert "managed_policy: ${permission_policy.shared-policy.arn}" in Path(file).read_text()
    desk.plan()
    before = meaning_of(account_snapshot(aws.again()))
    desk.destroy()
    assert account_snapshot(aws.again())["policies"] == {}
    desk.apply()
    assert meaning_of(account_snapshot(aws.again())) == before


def test_a_boundary_that_is_also_attached_is_made_before_its_role(desk: Desk, aws: Aws) -> None:
    """The policy first, then the role that it bounds, then its attachment: also where roles trust each other."""
    make = Maker(aws, "both")
    arn = make.policy(allowing())
    first = make.role(name="first", PermissionsBoundary=arn)
    make.role(trusting({"AWS": first}), "second")
    make.attach(arn, "second")
    make.attach(arn, "first")
    desk.write(HEAD)

    desk.import_all()

    desk.plan()
    before = meaning_of(account_snapshot(aws.again()))
    desk.destroy()
    desk.apply()
    assert meaning_of(account_snapshot(aws.again())) == before


def test_blocks_that_got_another_name_are_referred_to_by_that(desk: Desk, aws: Aws) -> None:
    """The state still has the old names."""
    arn = Maker(aws, "reader").role()
    desk.write(HEAD)
    (name,) = desk.import_("role.reader", "reader")["files"]
    file = Path(name)
    text = (
        file.read_text()
        .replace("  lambda:", "  functions:")
        .replace("trust: lambda", "trust: functions")
    )
    file.write_text(text.replace("  reader:", "  alpha:\n    name: reader"))
    Maker(aws, "caller").role(trusting({"AWS": arn}))
    Maker(aws, "other").role()

    files = desk.import_all()["files"]

    written = "".join(Path(one).read_text() for one in files)
    assert "trust: functions" in written
    assert "roles: [alpha]" in written
    actions = {one["address"]: one["action"] for one in desk.plan(code=2)["changes"]}
    assert {key for key, action in actions.items() if action != "no-op"} == {
        "role.alpha",
        "trust_policy.lambda",
    }
    assert actions["role.alpha"] == "move"


def test_what_a_block_was_widened_to_is_its_own(desk: Desk, aws: Aws) -> None:
    """The policies of a second role, which the file names under those of the first, are no others'."""
    make = Maker(aws, "shared")
    arn = make.policy(allowing())
    for name in ("one", "two"):
        make.role(name=name)
        make.inline(allowing(), "read", name)
        make.attach(arn, name)
    desk.write(HEAD)
    (file,) = desk.import_("role.one", "one")["files"]
    text = Path(file).read_text()
    two = "roles:\n  two: {trust: lambda}\n"
    Path(file).write_text(
        text.replace("roles: [one]", "roles: [one, two]").replace("roles:\n", two, 1)
    )

    done = desk.import_("role.two", "two")

    assert (ids(done), done["files"]) == ({"role.two": "two"}, [])
    assert done["pending"] == []
    changes = [one for one in desk.plan(code=2)["changes"] if one["action"] != "no-op"]
    assert {one["address"] for one in changes} == {
        "permission_policy.one-read",
        "permission_policy.shared-policy",
    }
    assert {(one["action"], *one.get("calls", ())) for one in changes} == {("update",)}


def test_into_a_stack_in_python(desk: Desk, aws: Aws) -> None:
    """What it declares is taken over; what it doesn't is printed, for a person to write in Python."""
    Maker(aws, "mine").role()
    Maker(aws, "other").role()
    text = (
        "from rolewright.resources import Role, Stack, Trust\n"
        'trust = Trust(services=["lambda.amazonaws.com"])\n'
        'stack = Stack(stack="py", region="us-east-1", roles={"mine": Role(trust=trust)})\n'
    )
    desk.write(text, "stack.py")
    python = Desk(desk.folder, replace(desk.options, config=desk.folder / "stack.py"), desk.capsys)

    assert ids(python.import_("role.mine", "mine")) == {"role.mine": "mine"}
    assert refusal(lambda: python.import_("role.other", "other")).startswith("python-stack")
    assert "role.other" not in map(str, python.state().resources)
    assert (
        "  other:\n    trust: lambda\n"
        in python.import_("role.other", "other", print_=True)["text"]
    )


@pytest.mark.parametrize("name", ["123", "true", "null", "1e3"])
def test_a_new_stack_named_like_a_value(desk: Desk, aws: Aws, name: str) -> None:
    Maker(aws, "one").role()
    folder = desk.folder / name
    folder.mkdir()
    (folder / ".pre-commit-config.yaml").write_text("repos: []\n")
    (folder / "no-file.json").mkdir()
    new = Desk(folder, replace(desk.options, config=folder), desk.capsys)

    new.import_all()

    assert new.plan()["stack"] == name


@pytest.mark.parametrize("other", ["rolewright.yml", "rolewright.json"])
def test_no_second_stack_is_begun(
    desk: Desk, aws: Aws, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    """Without -c the file would be rolewright.yaml."""
    monkeypatch.chdir(desk.folder)
    desk.write('{"stack": "s"}', other)
    here = Desk(desk.folder, replace(desk.options, config=None), desk.capsys)

    assert refusal(here.import_all).endswith(f"(to import into that stack: -c {other})")

    (desk.folder / other).unlink()
    (desk.folder / "rolewright.yaml").symlink_to("nowhere.yaml")
    assert "a link to nowhere.yaml" in refusal(here.import_all)


def test_a_stack_that_began_meanwhile_is_used(
    desk: Desk, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two imports at once into an empty folder: the second waits, and finds the first one's file."""
    Maker(aws, "one").role()
    wait = composition.lock

    def after_the_other(*given: Any) -> Any:
        desk.write(f"stack: {stack}\nregion: us-east-1\n")
        return wait(*given)

    monkeypatch.setattr(composition, "lock", after_the_other)

    stack = desk.folder.name
    assert refusal(lambda: desk.import_all(stack="mine")).startswith("stack-changed")
    (desk.folder / "rolewright.yaml").unlink()
    files = desk.import_all(stack=None)["files"]

    assert [Path(name).name for name in files] == ["imported-lambda.yaml"]
    assert desk.plan()["stack"] == stack


def test_a_mark_that_goes_while_one_waits_is_nothing(
    desk: Desk, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was that of another import, which came to its end."""
    Maker(aws, "one").role()
    desk.write(HEAD)
    mark = desk.state_file.with_suffix(".importing.json")
    mark.parent.mkdir()
    mark.write_text("{}")
    wait = composition.lock

    def after_the_other(*given: Any) -> Any:
        mark.unlink(missing_ok=True)
        return wait(*given)

    monkeypatch.setattr(composition, "lock", after_the_other)

    assert "role.one" in ids(desk.import_all())


def test_a_mark_that_cannot_be_read_is_told(desk: Desk, aws: Aws) -> None:
    desk.write(HEAD)
    mark = desk.state_file.with_suffix(".importing.json")
    mark.parent.mkdir()
    mark.write_text("{")

    assert refusal(desk.import_all).startswith("leftovers: what an earlier import left")


def test_a_block_for_what_is_not_there_has_a_near_name(desk: Desk, aws: Aws) -> None:
    """A plan says it as the command does."""
    maker = Maker(aws, "worker")
    maker.role()
    maker.inline(allowing(), "inside")
    maker.policy(allowing())
    trust = "trust: {services: [lambda.amazonaws.com]}"
    document = json.dumps(allowing())
    role = f"roles: {{worker: {{{trust}}}, w: {{name: workr, {trust}}}}}"
    policies = (
        f"permission_policies: {{insid: {{inline: true, roles: [worker], document: {document}}}, "
        f"worker-polic: {{inline: false, document: {document}}}}}"
    )
    near = {
        "{to: role.w, id: workr}": "worker",
        "{to: permission_policy.insid, id: 'worker:insid'}": "inside",
        "{to: permission_policy.worker-polic, id: worker-polic}": "worker-policy",
    }
    for entry, name in near.items():
        desk.write(f"{HEAD}import: [{entry}]\n{role}\n{policies}\n")

        told = refusal(desk.plan)

        assert told.startswith("import-missing")
        assert f'(did you mean "{name}"?' in told


def test_a_name_that_no_role_has_is_told(desk: Desk, aws: Aws) -> None:
    """An import that finds nothing says which of the names is wrong."""
    Maker(aws, "web-a").role()
    desk.write(HEAD)

    told = desk.import_all(name=["wbe-*", "web-a"])

    assert "role.web-a" in ids(told)
    assert told["skipped"] == [
        {"id": "--name wbe-*", "reason": 'no role is named so. did you mean "web-a"?'}
    ]


def test_what_a_killed_import_left_is_told_by_every_command(
    desk: Desk, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a plan would speak of roles that are in the way, and nobody would know why."""
    Maker(aws, "one").role()
    desk.write(HEAD)

    def killed(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "save", killed)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        patch.setattr(Files, "remove", lambda *_: None)
        with pytest.raises(SystemExit):
            desk.import_all()

    with pytest.raises(Problem, match="exists"):
        desk.plan()
    assert "an import is under way or did not come to its end" in desk.capsys.readouterr().err
    desk.import_all()
    desk.plan()
    assert "did not come to its end" not in desk.capsys.readouterr().err


def test_blocks_take_the_ids_that_the_command_takes(desk: Desk, aws: Aws) -> None:
    """ROLE:NAME of any role that an inline policy is on, SERVICE:NAME of a binding."""
    for name in ("one", "two"):
        maker = Maker(aws, name)
        arn = maker.role()
        maker.inline(allowing(), "inside")
    maker.function(arn)
    trust = "trust: {services: [lambda.amazonaws.com]}"
    desk.write(f"""{HEAD}import:
  - {{to: role.one, id: one}}
  - {{to: role.two, id: two}}
  - {{to: permission_policy.inside, id: 'two:inside'}}
  - {{to: service_binding.f, id: 'lambda:two'}}
roles: {{one: {{{trust}}}, two: {{{trust}}}}}
permission_policies:
  inside: {{inline: true, roles: [one, two], document: {json.dumps(allowing())}}}
service_bindings: {{f: {{service: lambda, role: two, function: two}}}}
""")

    assert {change["action"] for change in desk.plan(2)["changes"]} == {"import"}


@pytest.mark.parametrize("named", [False, True])
def test_a_block_takes_no_policy_of_another_stack_with_its_role(
    desk: Desk, aws: Aws, *, named: bool
) -> None:
    """Two roles are read with the whole account, which leaves out whose a policy is."""
    maker = Maker(aws, "one")
    maker.role()
    Maker(aws, "two").role()
    tags = [{"Key": "rolewright:stack", "Value": "other"}]
    maker.attach(maker.policy(allowing(), Tags=tags))
    trust = "trust: {services: [lambda.amazonaws.com]}"
    entry = ", {to: permission_policy.one-policy, id: one-policy}" if named else ""
    desk.write(f"""{HEAD}import: [{{to: role.one, id: one}}, {{to: role.two, id: two}}{entry}]
roles: {{one: {{{trust}}}, two: {{{trust}}}}}
permission_policies:
  one-policy: {{roles: [one], inline: false, document: {json.dumps(allowing())}}}
""")

    told = refusal(desk.plan)

    assert told.startswith("import-refused")
    assert 'owned by the stack "other"' in told


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize(
    ("declared", "address"),
    [("shared-policy: {", "shared-policy"), ("p: {for_each: [x], name: shared-policy, ", 'p["x"]')],
)
def test_a_declared_policy_keeps_its_attachments_to_roles_that_come(
    desk: Desk, aws: Aws, declared: str, address: str, *, one_by_one: bool
) -> None:
    """The stack declares a policy for one role only; another one that has it is imported with it."""
    for name in ("a", "b"):
        Maker(aws, name).role()
    shared = Maker(aws, "shared")
    arn = shared.policy(allowing())
    for name in ("a", "b"):
        shared.attach(arn, name)
    before = meaning_of(account_snapshot(aws.again()))
    desk.write(f"""{HEAD}
roles: {{a: {{trust: {{services: [lambda.amazonaws.com]}}}}}}
permission_policies:
  {declared}roles: [a], inline: false, document: {json.dumps(allowing())}}}
""")

    if one_by_one:
        desk.import_("role.b", "b")
    told = desk.import_all()

    assert told["pending"] == []
    written = "".join(path.read_text() for path in desk.folder.glob("imported*.yaml"))
    assert "exclusive" not in written
    assert f"managed_policy: ${{permission_policy.{address}.arn}}" in written
    desk.plan()
    desk.destroy()
    desk.apply()
    assert meaning_of(account_snapshot(aws.again())) == before


def test_the_hint_of_what_exists_can_be_followed(desk: Desk, aws: Aws) -> None:
    """An inline policy of two roles, which one of them has; what is another stack's has no such hint."""
    for name in ("one", "two"):
        Maker(aws, name).role()
    tags = [{"Key": "rolewright:stack", "Value": "other"}]
    Maker(aws, "theirs").role(Tags=tags)
    trust = "trust: {services: [lambda.amazonaws.com]}"
    roles = f"one: {{{trust}}}, two: {{{trust}}}"
    inside = f"inside: {{inline: true, roles: [one, two], document: {json.dumps(allowing())}}}"
    desk.write(f"{HEAD}roles: {{{roles}}}\npermission_policies: {{{inside}}}\n")
    for name in ("one", "two"):
        desk.import_(f"role.{name}", name)
    Maker(aws, "two").inline(allowing(), "inside")

    told = refusal(desk.plan)
    command = told.partition("rolewright import ")[2].removesuffix(")")
    desk.import_(*shlex.split(command))
    desk.write(f"{HEAD}roles: {{{roles}, theirs: {{{trust}}}}}\n")
    others = refusal(desk.plan)

    assert "permission_policy.inside" in map(str, desk.state().resources)
    assert others.startswith("exists")
    assert "rolewright import" not in others


def test_bindings_that_could_not_be_read_come_with_the_next_import(
    desk: Desk, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of roles that the stack has by then."""
    maker = Maker(aws, "worker")
    maker.function(maker.role())
    desk.write(HEAD)
    with monkeypatch.context() as patch:
        refuse = AwsError("lambda", "ListFunctions", "AccessDeniedException", "no")

        def refused(*_: Any) -> Any:
            raise refuse

        patch.setattr(binding_classes()["lambda"], "carriers", refused)
        first = desk.import_all()
    (skipped,) = first["skipped"]

    second = desk.import_all()

    assert "import again when it is allowed" in skipped["reason"]
    assert ids(second) == {"service_binding.worker": "worker"}
    assert ids(desk.import_all()) == {}
    desk.plan()


def test_a_name_in_other_letters_is_told(desk: Desk, aws: Aws) -> None:
    """IAM takes RA and ra for one name."""
    Maker(aws, "ra").role()
    desk.write(f"{HEAD}roles: {{RA: {{trust: {{services: [lambda.amazonaws.com]}}}}}}\n")

    for run in (desk.import_all, lambda: desk.import_("role.RA", "ra")):
        told = refusal(run)
        assert told.startswith("import-differs: the stack file declares role.RA as RA, and AWS has")


def test_an_aws_policy_may_be_called_by_its_name_in_a_block(desk: Desk, aws: Aws) -> None:
    maker = Maker(aws, "worker")
    maker.role()
    maker.aws_policy("ReadOnlyAccess")
    desk.write(f"""{HEAD}import:
  - {{to: role.worker, id: worker}}
  - {{to: permission_policy.ro, id: ReadOnlyAccess}}
roles: {{worker: {{trust: {{services: [lambda.amazonaws.com]}}}}}}
permission_policies: {{ro: {{roles: [worker], managed_policy: ReadOnlyAccess}}}}
""")

    assert {change["action"] for change in desk.plan(2)["changes"]} == {"import"}


def test_tags_of_a_policy_are_set_with_its_import(desk: Desk, aws: Aws) -> None:
    """Also where the plan reads the whole account, which leaves tags out."""
    Maker(aws, "other").role()
    maker = Maker(aws, "worker")
    maker.role()
    arn = maker.policy(allowing(), Tags=[{"Key": "z", "Value": "1"}])
    maker.attach(arn)
    trust = "trust: {services: [lambda.amazonaws.com]}"
    document = json.dumps(allowing("s3:PutObject"))
    desk.write(f"""{HEAD}import: [{{to: role.worker, id: worker}}, {{to: role.other, id: other}}]
roles: {{worker: {{{trust}}}, other: {{{trust}}}}}
permission_policies:
  worker-policy: {{roles: [worker], inline: false, tags: {{q: "2"}}, document: {document}}}
""")

    desk.apply()

    tags = aws.read("iam", "ListPolicyTags", {"PolicyArn": arn})["Tags"]
    assert tags == [{"Key": "q", "Value": "2"}]
    desk.plan()


@pytest.mark.parametrize("option", ["stack", "service"])
def test_an_empty_option_is_refused(desk: Desk, aws: Aws, option: str) -> None:
    """As a variable that is not set makes one."""
    value: Any = [""] if option == "service" else ""

    assert f"--{option} names no" in refusal(lambda: desk.import_all(**{option: value}))
