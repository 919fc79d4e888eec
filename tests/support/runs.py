"""Planning and applying stacks within a test: the real pipeline on the local AWS, with a clock that never waits."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from rolewright.engine.aws.reader import Aws
from rolewright.engine.cli.composition import wanted
from rolewright.engine.config.loader import load
from rolewright.engine.config.resolve import resolve
from rolewright.engine.events import Event
from rolewright.engine.outcome import ApplyOutcome
from rolewright.engine.plan import Change, Plan
from rolewright.engine.planner import Wanted
from rolewright.engine.session import OnFailure, Session
from rolewright.resources.registry import kind_class
from rolewright.state.document import State
from rolewright.state.journal import Journal
from rolewright.state.store import LocalStore


class StillClock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.slept = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


@dataclass
class Bench:
    """A folder with a stack file and its state, and an AWS to apply it to."""

    folder: Path
    connect: Callable[[], Aws]
    clock: StillClock = field(default_factory=StillClock)
    events: list[Event] = field(default_factory=list[Event])
    _names: Iterable[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def state_path(self) -> Path:
        return self.folder / ".rolewright" / "state.json"

    def state(self) -> State:
        state = LocalStore(self.state_path).load()
        assert state is not None
        return state

    def session(self, stack: str, aws: Aws | None = None) -> Session:
        return Session(
            stack=stack,
            aws=aws or self.connect(),
            store=LocalStore(self.state_path),
            journal=Journal(self.state_path),
            clock=self.clock,
            sink=self.events.append,
            kinds=kind_class,
            new_id=lambda: str(uuid.uuid4()),
            tool_version="test",
        )

    def _wanted(self, session: Session, stack: dict[str, Any]) -> Wanted:
        path = self.folder / "rolewright.yaml"
        path.write_text(yaml.safe_dump(stack, sort_keys=False))
        return wanted(resolve(load(path, environ={}), session.aws.identity))

    def planned(self, session: Session, stack: dict[str, Any], **options: Any) -> Plan:
        return session.plan(self._wanted(session, stack), "apply", **options)

    def plan(self, stack: dict[str, Any], **options: Any) -> Plan:
        return self.planned(self.session(stack["stack"]), stack, **options)

    def apply(
        self,
        stack: dict[str, Any],
        *,
        aws: Aws | None = None,
        on_failure: OnFailure = OnFailure.ROLLBACK,
        **options: Any,
    ) -> ApplyOutcome:
        session = self.session(stack["stack"], aws)
        return session.apply(self.planned(session, stack, **options), on_failure=on_failure)

    def destroy(self, stack: str, **options: Any) -> ApplyOutcome:
        session = self.session(stack)
        return session.apply(session.plan(Wanted(), "destroy", **options))


def changes(plan: Plan) -> dict[str, str]:
    """What a plan does, without no-ops: action by address."""
    return {str(change.address): change.action.value for change in plan.actions}


def change_at(plan: Plan, address: str) -> Change:
    """The change of one address."""
    return next(change for change in plan.changes if str(change.address) == address)


def operations(plan: Plan) -> list[str]:
    """All calls of a plan, in its order."""
    return [str(call) for change in plan.changes for call in change.calls]
