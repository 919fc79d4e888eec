"""An account made by others is imported, and is as its files say: now, and made again from them."""

from __future__ import annotations

from rolewright.engine.aws.reader import Aws
from support.moto_server import account_snapshot

from .conftest import Desk, meaning_of
from .shapes import RESERVED, SHAPES, Maker, make_account


def test_a_whole_account(desk: Desk, aws: Aws) -> None:
    """All shapes at once: the plan after the import is empty, and nothing was changed in AWS.

    Destroyed and applied from its files, the account says what it said, but for the trust in somebody
    who was deleted: AWS takes none.
    """
    make_account(aws)
    before, meaning = (
        account_snapshot(aws.again(), ids=True),
        meaning_of(account_snapshot(aws.again())),
    )

    done = desk.import_all()

    assert desk.plan()["summary"]["no_op"] > len(SHAPES)
    assert account_snapshot(aws.again(), ids=True) == before
    assert done["pending"] == []
    reasons = {one["id"]: one["reason"] for one in done["skipped"]}
    roles = {one["id"] for one in done["imported"] if one["address"].startswith("role.")}
    assert roles == before["roles"].keys() - reasons.keys()
    assert len(SHAPES) >= 60

    desk.destroy()
    gone = account_snapshot(aws.again())
    desk.apply()

    assert gone["roles"].keys() == reasons.keys()
    assert meaning_of(account_snapshot(aws.again())) == meaning
    assert "service-linked" in reasons["AWSServiceRoleForAutoScaling"]
    assert "reserved" in reasons[RESERVED]


def test_a_second_import_finds_nothing_new(desk: Desk, aws: Aws) -> None:
    Maker(aws, "one").role()
    desk.import_all()
    state = desk.state_file.read_bytes()

    done = desk.import_all()

    assert (done["imported"], done["files"]) == ([], [])
    assert done["skipped"] == [{"id": "one", "reason": "in the state already as role.one"}]
    assert desk.state_file.read_bytes() == state
