"""A state that Terraform 1.11 with the AWS provider 5.100 wrote, read as a file and as `show -json` prints it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rolewright.engine.importing.found import Found
from rolewright.engine.importing.inventory import Inventory, Released, Skipped
from rolewright.engine.importing.releasing import terraform_steps
from rolewright.engine.importing.terraform_state import terraform_inventory
from rolewright.resources.address import Address
from rolewright.resources.diagnostics import Problem
from rolewright.resources.registry import kind_class

DATA = Path(__file__).parent / "terraform"
STATE = DATA / "terraform.tfstate"


def read(path: Path) -> Inventory:
    return terraform_inventory(path, kind_class)


def by_address(inventory: Inventory) -> dict[str, str]:
    return {str(owned.address): owned.id for owned in inventory.owned}


def released(inventory: Inventory, *left: str) -> Released:
    """What Terraform is to forget when all but these identities is managed."""
    return inventory.released({owned.identity for owned in inventory.owned}.difference(left))


def edited(tmp_path: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    """The recorded state with a change, in a file of its own."""
    document = json.loads(STATE.read_text(encoding="utf-8"))
    edit(document)
    path = tmp_path / "edited.tfstate"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def resource(document: dict[str, Any], type_: str, name: str) -> dict[str, Any]:
    return next(r for r in document["resources"] if (r["type"], r["name"]) == (type_, name))


def test_everything_that_rolewright_manages_is_found_under_terraforms_names() -> None:
    """Root, count, for_each and modules each make a legal name; bindings come with their roles."""
    assert by_address(read(STATE)) == {
        "permission_policy.boundary": "arn:aws:iam::123456789012:policy/limits/boundary",
        "permission_policy.list": "photo-web:list",
        "permission_policy.logs": "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess",
        "permission_policy.old_style-ReadOnlyAccess": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "permission_policy.old_style-inside": "old-style:inside",
        "permission_policy.read": "arn:aws:iam::123456789012:policy/read-photos",
        "permission_policy.read-attached": "arn:aws:iam::123456789012:policy/read-photos",
        "permission_policy.shared": "arn:aws:iam::123456789012:policy/read-photos",
        "role.many-0": "many-0",
        "role.many-1": "many-1",
        "role.old_style": "old-style",
        "role.web": "photo-web",
        "role.worker-eu-west-this-ecs-tasks": "worker-eu-west-ecs-tasks",
        "role.worker-eu-west-this-lambda": "worker-eu-west-lambda",
        "role.worker-us-this-ecs-tasks": "worker-us-ecs-tasks",
        "role.worker-us-this-lambda": "worker-us-lambda",
        "service_binding.web": "photo-web-profile",
        "service_binding.worker-eu-west-thumbs": "thumbs-eu-west",
        "service_binding.worker-eu-west-worker": "worker-eu-west",
        "service_binding.worker-us-thumbs": "thumbs-us",
        "service_binding.worker-us-worker": "worker-us",
    }


def test_a_policy_and_its_attachments_are_each_their_own() -> None:
    """Terraform may lose one and keep the others."""
    owners = {owned.identity: owned.owners for owned in read(STATE).owned}
    arn = "arn:aws:iam::123456789012:policy/read-photos"

    assert owners["policy/read-photos"] == ("aws_iam_policy.read",)
    assert owners[f"role/photo-web/attached/{arn}"] == ("aws_iam_role_policy_attachment.read",)
    assert owners[f"role/old-style/attached/{arn}"] == ("aws_iam_policy_attachment.shared",)


def test_what_is_not_taken_is_said_with_the_reason() -> None:
    """Users, keys and empty profiles stay where they are."""
    assert {one.id: one.reason for one in read(STATE).skipped} == {
        "aws_iam_access_key.robot": "aws_iam_access_key is nothing that rolewright manages",
        "aws_iam_instance_profile.empty": "there is no role in this instance profile",
        "aws_iam_policy_attachment.shared": "robot: of users and groups nothing is imported; "
        "they keep it",
        "aws_iam_user.robot": "aws_iam_user is nothing that rolewright manages",
    }


def test_show_json_tells_the_same_as_the_file(tmp_path: Path) -> None:
    """Only the source's name differs."""
    shown = read(DATA / "show.json")
    stored = read(STATE)

    assert (shown.owned, shown.skipped, shown.releases) == (
        stored.owned,
        stored.skipped,
        stored.releases,
    )
    assert shown.known == stored.known


def test_a_folder_stands_for_its_state() -> None:
    """`--from-terraform DIR` takes terraform.tfstate in it."""
    assert read(DATA).owned == read(STATE).owned


def test_no_secret_leaves_the_state() -> None:
    """The state holds passwords of a user, a function and a container; the inventory has none."""
    inventory = read(STATE)
    text = repr(inventory) + terraform_steps(released(inventory))

    assert STATE.read_text(encoding="utf-8").count("hunter2") > 1
    assert "hunter2" not in text
    assert "planted-secret" not in text


def test_names_that_would_be_the_same_are_told_apart(tmp_path: Path) -> None:
    """Two keys that become legal in one way get a number, in the order of Terraform's addresses."""

    def same_names(document: dict[str, Any]) -> None:
        for key, instance in zip(
            ("a b", "a/b"), resource(document, "aws_iam_role", "many")["instances"], strict=True
        ):
            instance["index_key"] = key

    found = by_address(read(edited(tmp_path, same_names)))

    assert found["role.many-a-b"] == "many-0"
    assert found["role.many-a-b-2"] == "many-1"


def test_what_hangs_on_a_role_of_another_state_is_left(tmp_path: Path) -> None:
    """Neither its policies nor its profile are taken without the role."""

    def without_role(document: dict[str, Any]) -> None:
        document["resources"].remove(resource(document, "aws_iam_role", "web"))

    inventory = read(edited(tmp_path, without_role))
    reasons = {one.id: one.reason for one in inventory.skipped}

    assert reasons["aws_iam_role_policy.list"] == "its role photo-web is not in this state"
    assert reasons["aws_iam_instance_profile.web"] == "its role photo-web is not in this state"
    assert "aws_iam_instance_profile.web" not in released(inventory).owners
    assert "not in this state" in reasons["aws_instance.web"]


def test_deposed_and_unfinished_objects_are_left(tmp_path: Path) -> None:
    """What Terraform is about to delete, or never finished, is not brought under control."""

    def broken(document: dict[str, Any]) -> None:
        first, second = resource(document, "aws_iam_role", "many")["instances"]
        first["deposed"] = "0123abcd"
        second["attributes"] = {"name": None, "arn": None}

    reasons = {one.id: one.reason for one in read(edited(tmp_path, broken)).skipped}

    assert reasons["aws_iam_role.many[0]"].startswith("it is deposed")
    assert reasons["aws_iam_role.many[1]"].startswith("it has no name")


def test_what_carries_a_role_without_a_binding_for_it_is_named(tmp_path: Path) -> None:
    """A state machine with an imported role stays with Terraform, and is told of."""

    def with_machine(document: dict[str, Any]) -> None:
        machine = {
            "mode": "managed",
            "type": "aws_example_machine",
            "name": "m",
            "provider": "",
            "instances": [
                {"attributes": {"role_arn": "arn:aws:iam::123456789012:role/x/old-style"}}
            ],
        }
        document["resources"].append(machine)

    inventory = read(edited(tmp_path, with_machine))

    assert Skipped("aws_example_machine.m", "there is no binding for aws_example_machine") in (
        inventory.skipped
    )
    assert released(inventory).carriers["aws_example_machine.m"] == ("role_arn",)
    assert "aws_example_machine.m" not in released(inventory, "role/old-style").carriers


@pytest.mark.parametrize(
    ("kind", "attribute", "value"),
    [
        ("github_membership", "role", "old-style"),
        ("aws_grafana_role_association", "role", "old-style"),
        ("aws_example_machine", "role", "Old-Style"),
        ("aws_example_machine", "arn", "arn:aws:iam::123456789012:role/old-style"),
    ],
)
def test_roles_of_another_meaning_are_nobodys_carriers(
    tmp_path: Path, kind: str, attribute: str, value: str
) -> None:
    """A role of a team or of a dashboard may be called as one of IAM."""

    def with_it(document: dict[str, Any]) -> None:
        one = {"mode": "managed", "type": kind, "name": "m", "provider": ""}
        document["resources"].append(one | {"instances": [{"attributes": {attribute: value}}]})

    inventory = read(edited(tmp_path, with_it))

    assert f"{kind}.m" not in released(inventory).carriers
    assert f"{kind}.m" not in {one.id for one in inventory.skipped}


def test_carriers_of_one_resource_are_told_with_all_their_attributes(tmp_path: Path) -> None:
    """The first instance may have fewer than the next."""

    def fewer(document: dict[str, Any]) -> None:
        instances = [
            instance
            for one in document["resources"]
            if one["type"] == "aws_ecs_task_definition"
            for instance in one["instances"]
        ]
        instances[0]["attributes"]["task_role_arn"] = ""

    text = terraform_steps(released(read(edited(tmp_path, fewer))))

    assert "ignore_changes = [execution_role_arn, task_role_arn]" in text


def test_other_accounts_and_regions_are_left() -> None:
    """What these credentials can't see is skipped, and Terraform keeps it."""
    inventory = read(STATE)
    elsewhere = inventory.within("999999999999", "us-east-1")
    abroad = inventory.within("123456789012", "eu-west-1")

    assert (elsewhere.owned, elsewhere.releases, elsewhere.carriers) == ((), (), ())
    assert {str(owned.address) for owned in inventory.owned} - {
        str(owned.address) for owned in abroad.owned
    } == {one for one in by_address(inventory) if one.endswith(("-thumbs", "-worker"))}


def test_found_objects_get_terraforms_names() -> None:
    """By what they are in AWS; the rest keep their addresses unless such a name has taken them."""
    found = [
        Found(Address("role", "photo-web"), {"name": "Photo-Web"}),
        Found(Address("role", "web"), {"name": "another"}),
        Found(
            Address("permission_policy", "x"),
            {"type": "inline", "name": "list", "roles": ["photo-web"]},
        ),
    ]
    inventory = read(STATE)

    named = inventory.named(found, kind_class)

    assert [str(one.address) for one in named] == [
        "role.web",
        "role.web-2",
        "permission_policy.list",
    ]


def test_removed_blocks_forget_and_never_destroy() -> None:
    """One block a resource without keys, and every one says not to destroy."""
    text = terraform_steps(released(read(STATE)))

    assert text.count("removed {") == text.count("destroy = false") == 13
    assert "  from = module.worker.aws_iam_role.this\n" in text
    assert "aws_iam_user" not in text
    assert "aws_instance.web: lifecycle { ignore_changes = [iam_instance_profile] }" in text


def partly_released(text: str) -> set[str]:
    """The commands for resources of which some instances stay, which come before the others."""
    part = text.partition("# Of these resources only some")[2].partition("# With an older")[0]
    return {line for line in part.splitlines() if line.startswith("terraform ")}


def test_a_resource_of_which_something_stays_has_no_removed_block(tmp_path: Path) -> None:
    """A block names all instances; where one is not imported, the commands name the others."""

    def unfinished(document: dict[str, Any]) -> None:
        resource(document, "aws_iam_role", "many")["instances"][1]["attributes"] = {}

    text = terraform_steps(released(read(edited(tmp_path, unfinished))))

    assert "from = aws_iam_role.many\n" not in text
    assert partly_released(text) == {"terraform state rm 'aws_iam_role.many[0]'"}
    assert text.count("aws_iam_role.many") == 1
    assert "Keep their\n# blocks" in text


def test_what_was_found_and_not_imported_stays() -> None:
    """Whatever the reason: refused, filtered out, gone."""
    inventory = read(STATE)
    left = released(inventory, "role/worker-us-lambda", "role/many-0", "role/many-1")
    text = terraform_steps(left)

    assert 'module.worker["us"].aws_iam_role.this["lambda"]' in left.staying
    assert partly_released(text) == {
        f'terraform state rm \'module.worker["{key}"].aws_iam_role.this["{name}"]\''
        for key, name in [("eu/west", "ecs-tasks"), ("eu/west", "lambda"), ("us", "ecs-tasks")]
    }
    assert "aws_iam_role.many" not in text


def test_what_is_imported_is_forgotten_although_a_part_of_it_is_not(tmp_path: Path) -> None:
    """A drifted attachment, users in an attachment, a deposed object: two tools would own the rest."""

    def deposed(document: dict[str, Any]) -> None:
        web = resource(document, "aws_iam_role", "web")
        old = {**web["instances"][0], "deposed": "0123abcd"}
        web["instances"].append(
            {**old, "attributes": {"name": "old", "arn": "arn:aws:iam::1:role/old"}}
        )

    drifted = "role/old-style/attached/arn:aws:iam::aws:policy/ReadOnlyAccess"
    found = released(read(edited(tmp_path, deposed)), drifted)

    assert {
        "aws_iam_role.old_style",
        "aws_iam_role.web",
        "aws_iam_policy_attachment.shared",
    } <= {*found.owners}
    assert "from = aws_iam_role.web\n" in terraform_steps(found)


def test_an_attachment_that_is_not_imported_is_not_forgotten() -> None:
    """Even where the policy itself is."""
    arn = "arn:aws:iam::123456789012:policy/read-photos"
    found = released(read(STATE), f"role/photo-web/attached/{arn}")

    assert "aws_iam_policy.read" in found.owners
    assert "aws_iam_role_policy_attachment.read" in found.staying


def test_what_nobody_manages_afterwards_is_told(tmp_path: Path) -> None:
    """An attachment to several roles goes as a whole."""

    def both(document: dict[str, Any]) -> None:
        shared = resource(document, "aws_iam_policy_attachment", "shared")["instances"][0]
        shared["attributes"]["roles"] = ["old-style", "many-0"]

    arn = "arn:aws:iam::123456789012:policy/read-photos"
    inventory = read(edited(tmp_path, both))
    partly = released(inventory, f"role/many-0/attached/{arn}")

    assert dict(released(inventory).orphaned) == {}
    assert dict(partly.orphaned) == {"aws_iam_policy_attachment.shared": ("many-0",)}
    assert "#   aws_iam_policy_attachment.shared: many-0\n" in terraform_steps(partly)


def test_nothing_imported_is_nothing_to_forget() -> None:
    """As when all of it is somebody else's."""
    assert terraform_steps(read(STATE).released(set())) == ""


def test_equal_names_in_two_accounts_are_two_objects(tmp_path: Path) -> None:
    """Two providers in one state: each account's import takes and forgets its own."""

    def twice(document: dict[str, Any]) -> None:
        for kind, name in (
            ("aws_iam_role", "web"),
            ("aws_iam_role_policy", "list"),
            ("aws_iam_instance_profile", "web"),
        ):
            text = json.dumps(resource(document, kind, name)).replace(
                "123456789012", "999999999999"
            )
            copy = json.loads(text) | {"name": f"other_{name}", "provider": "other"}
            document["resources"].append(copy)

    inventory = read(edited(tmp_path, twice))
    here, there = (inventory.within(one, "us-east-1") for one in ("123456789012", "999999999999"))

    assert by_address(there) == {
        "role.other_web": "photo-web",
        "permission_policy.other_list": "photo-web:list",
        "service_binding.other_web": "photo-web-profile",
    }
    assert by_address(here)["role.web"] == "photo-web"
    assert "aws_iam_role.web" not in terraform_steps(released(there))
    assert "other_" not in terraform_steps(released(here))


def test_whose_a_policy_is_may_not_be_told(tmp_path: Path) -> None:
    """`show -json` names no aliases: a policy on a role that two accounts have is nobody's."""

    def twice(document: dict[str, Any]) -> None:
        text = json.dumps(resource(document, "aws_iam_role", "web"))
        copy = json.loads(text.replace("123456789012", "999999999999"))
        document["resources"].append(copy | {"name": "other"})

    inventory = read(edited(tmp_path, twice))
    reasons = {one.id: one.reason for one in inventory.skipped}

    assert reasons["aws_iam_role_policy.list"] == (
        "several accounts have a role photo-web: import from the state file, which tells whose it is"
    )
    # The account of a customer's policy is that of all it is attached to.
    assert "aws_iam_role_policy_attachment.read" not in reasons
    assert "aws_iam_role_policy_attachment.logs" in reasons


def test_state_rm_commands_are_quoted_for_the_shell() -> None:
    """Addresses with keys hold quotes and brackets."""
    lines = terraform_steps(released(read(STATE))).splitlines()

    assert "terraform state rm aws_iam_role.web" in lines
    assert """terraform state rm 'module.worker["us"].aws_iam_role.this["lambda"]'""" in lines


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("a${b}", 'aws_iam_role.many["a$${b}"]'),
        ("%{if}$", 'aws_iam_role.many["%%{if}$"]'),
        ("é𝄞", 'aws_iam_role.many["é𝄞"]'),
        ('a"b\\', 'aws_iam_role.many["a\\"b\\\\"]'),
        ("a\nb", 'aws_iam_role.many["a\\nb"]'),
        (7, "aws_iam_role.many[7]"),
    ],
)
def test_keys_are_written_as_terraform_reads_them(
    tmp_path: Path, key: str | int, written: str
) -> None:
    """`${` begins no expression, and there are no surrogates in HCL."""

    def keyed(document: dict[str, Any]) -> None:
        resource(document, "aws_iam_role", "many")["instances"][0]["index_key"] = key

    assert written in released(read(edited(tmp_path, keyed))).owners


@pytest.mark.parametrize(
    "blocks", [[{"name": "x"}, None, 7, {"name": None}, {}], {"name": "x"}, "x", None]
)
def test_odd_inline_policy_blocks_are_no_end(tmp_path: Path, blocks: object) -> None:
    """A provider writes a list of objects, some of them empty."""

    def odd(document: dict[str, Any]) -> None:
        role = resource(document, "aws_iam_role", "web")["instances"][0]
        role["attributes"]["inline_policy"] = blocks

    found = by_address(read(edited(tmp_path, odd)))

    assert ("photo-web:x" in found.values()) is isinstance(blocks, list)


def test_a_policy_without_a_name_is_unfinished(tmp_path: Path) -> None:
    """As an apply that was killed leaves it."""

    def nameless(document: dict[str, Any]) -> None:
        resource(document, "aws_iam_role_policy", "list")["instances"][0]["attributes"]["name"] = (
            None
        )

    reasons = {one.id: one.reason for one in read(edited(tmp_path, nameless)).skipped}

    assert reasons["aws_iam_role_policy.list"].startswith("it has no name: Terraform didn't finish")


ENCRYPTED = {"serial": 1, "meta": {}, "encrypted_data": "c2VjcmV0", "encryption_version": "v0"}
STUB = {"version": 3, "backend": {"type": "s3", "config": {"secret_key": "hunter2"}}}
NO_ROLES = {"version": 4, "resources": []}
NOT_STATES: dict[str, tuple[str | bytes, str]] = {
    "newer": (json.dumps({"version": 5, "resources": []}), "terraform-newer"),
    "newer show": (json.dumps({"format_version": "2.0", "values": {}}), "terraform-newer"),
    "older": (json.dumps({"version": 3, "modules": []}), "terraform-older"),
    "encrypted": (json.dumps(ENCRYPTED), "terraform-encrypted"),
    "backend stub": (json.dumps(STUB), "terraform-remote-state"),
    "truncated": (STATE.read_text(encoding="utf-8")[:9000], "terraform-truncated"),
    "empty": ("", "terraform-truncated"),
    "saved plan": (b"PK\x03\x04rest", "terraform-plan"),
    "plan as JSON": (
        json.dumps({"format_version": "1.2", "planned_values": {}, "resource_changes": []}),
        "terraform-plan",
    ),
    "text": ("hello", "terraform-not-a-state"),
    "list": ("[]", "terraform-not-a-state"),
    "binary": (b"{\xff\xfe}", "terraform-not-a-state"),
    "other JSON": (json.dumps({"name": "package"}), "terraform-not-a-state"),
    "version as text": (json.dumps({"version": "4", "resources": []}), "terraform-not-a-state"),
    "no resources": (json.dumps({"version": 4}), "terraform-not-a-state"),
    "resources as object": (
        json.dumps({"version": 4, "resources": {"a": 1}}),
        "terraform-not-a-state",
    ),
    "resource as text": (json.dumps({"version": 4, "resources": ["a"]}), "terraform-not-a-state"),
    "resource without type": (
        json.dumps({"version": 4, "resources": [{"mode": "managed", "instances": [{}]}]}),
        "terraform-not-a-state",
    ),
    "endless number": ('{"version": ' + "4" * 5000 + "}", "terraform-not-a-state"),
    "too deep": ("[" * 100_000, "terraform-not-a-state"),
    "nothing to import": (json.dumps(NO_ROLES), "terraform-nothing"),
    "empty show": (json.dumps({"format_version": "1.0"}), "terraform-nothing"),
}


@pytest.mark.parametrize("name", NOT_STATES)
def test_what_is_no_readable_state_is_refused(tmp_path: Path, name: str) -> None:
    """The finding says what it is and where; none quotes the content."""
    content, code = NOT_STATES[name]
    path = tmp_path / "terraform.tfstate"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(Problem) as raised:
        read(path)

    (finding,) = raised.value.diagnostics
    assert finding.code == code
    assert finding.source is not None
    assert finding.hint
    assert "hunter2" not in str(finding)


def test_configuration_is_told_from_state(tmp_path: Path) -> None:
    """A .tf file is what a person names by mistake."""
    path = tmp_path / "main.tf"
    path.write_text('resource "aws_iam_role" "web" {}\n', encoding="utf-8")

    with pytest.raises(Problem, match="it is configuration"):
        read(path)


REMOTE = {"version": 3, "backend": {"type": "s3", "config": {"bucket": "b"}}}
LOCAL = {"version": 3, "backend": {"type": "local", "config": {"path": "kept/my.tfstate"}}}
SPACES = {"version": 3, "backend": {"type": "local", "config": {"workspace_dir": "spaces"}}}
FOLDERS: dict[str, tuple[dict[str, str], str, str]] = {
    "nothing": ({}, "", "terraform-no-state"),
    "a backend's stub": ({".terraform/terraform.tfstate": "{}"}, "", "terraform-remote-state"),
    "a folder for each workspace": (
        {"terraform.tfstate.d/live/terraform.tfstate": "{}"},
        "",
        "terraform-workspaces",
    ),
    "stale beside a backend": (
        {"terraform.tfstate": "state", ".terraform/terraform.tfstate": json.dumps(REMOTE)},
        "",
        "terraform-remote-state",
    ),
    "emptied by a migration": (
        {"terraform.tfstate": "", ".terraform/terraform.tfstate": json.dumps(REMOTE)},
        "",
        "terraform-remote-state",
    ),
    "local backend": (
        {"kept/my.tfstate": "state", ".terraform/terraform.tfstate": json.dumps(LOCAL)},
        "",
        "",
    ),
    "selected": (
        {"terraform.tfstate": "", "terraform.tfstate.d/live/terraform.tfstate": "state",
         ".terraform/environment": "live"},
        "",
        "",
    ),
    "selected elsewhere": (
        {"spaces/live/terraform.tfstate": "state", ".terraform/environment": "live\n",
         ".terraform/terraform.tfstate": json.dumps(SPACES)},
        "",
        "",
    ),
    "selected and not made": (
        {"terraform.tfstate": "state", ".terraform/environment": "live"},
        "",
        "terraform-workspaces",
    ),
    "named": (
        {"terraform.tfstate": "", "terraform.tfstate.d/live/terraform.tfstate": "state",
         ".terraform/environment": "default"},
        "live",
        "",
    ),
    "default": (
        {"terraform.tfstate": "state", "terraform.tfstate.d/live/terraform.tfstate": "",
         ".terraform/environment": "default"},
        "",
        "",
    ),
    "pointer of garbage": (
        {"terraform.tfstate": "state", ".terraform/terraform.tfstate": "{["},
        "",
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLDERS)
def test_which_state_of_a_folder_is_read(tmp_path: Path, name: str) -> None:
    """The one that Terraform itself would take there, or none."""
    files, workspace, code = FOLDERS[name]
    for file, content in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        text = STATE.read_text(encoding="utf-8") if content == "state" else content
        (tmp_path / file).write_text(text, encoding="utf-8")

    if not code:
        assert terraform_inventory(tmp_path, kind_class, workspace).owned == read(STATE).owned
        return
    with pytest.raises(Problem) as raised:
        terraform_inventory(tmp_path, kind_class, workspace)
    assert raised.value.diagnostics[0].code == code


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    """As opposed to one that can't be read."""
    with pytest.raises(Problem, match="there is no such file"):
        read(tmp_path / "none.tfstate")
