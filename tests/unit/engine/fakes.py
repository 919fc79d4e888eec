"""A scripted AWS and a journal in memory, for the tests of what makes calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rolewright.engine.calling import Place, Run
from rolewright.engine.events import Event
from rolewright.resources.address import Address
from rolewright.resources.calls import Attrs, Phase
from rolewright.resources.ports import (
    AwsError,
    Identity,
)
from rolewright.state.entries import CallDone, CallFailed, CallIntended, Entry
from support.no_iam import NoIam
from support.runs import StillClock

T = TypeVar("T")
R = TypeVar("R")
Answer = Mapping[str, Any] | AwsError
PLACE = Place(Address("role", "reader"), Phase.MAKE, 0)


def refused(code: str, message: str = "no") -> AwsError:
    """An error that says for certain that nothing happened."""
    return AwsError("iam", "CreateRole", code, message)


def lost() -> AwsError:
    """No answer came."""
    return AwsError("iam", "CreateRole", "Timeout", "no answer", uncertain=True)


@dataclass
class FakeAws(NoIam):
    """Answers calls and reads from two scripts, the last answer of each over and over."""

    calls: Sequence[Answer] = ({},)
    reads: Sequence[Answer] = ({},)
    log: list[tuple[str, str, Attrs]] = field(default_factory=list[tuple[str, str, Attrs]])
    identity: Identity = field(default_factory=lambda: Identity("123456789012", "aws", "us-east-1"))
    _counts: dict[str, int] = field(default_factory=dict[str, int])
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def call(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        return self._answer("call", self.calls, operation, parameters)

    def read(self, service: str, operation: str, parameters: Attrs) -> Mapping[str, Any]:
        return self._answer("read", self.reads, operation, parameters)

    def _answer(
        self, sort: str, script: Sequence[Answer], operation: str, parameters: Attrs
    ) -> Mapping[str, Any]:
        with self._mutex:
            index = self._counts.get(sort, 0)
            self._counts[sort] = index + 1
            self.log.append((sort, operation, parameters))
        answer = script[min(index, len(script) - 1)]
        if isinstance(answer, AwsError):
            raise answer
        return answer

    @property
    def called(self) -> list[tuple[str, Attrs]]:
        """The changing calls, in order."""
        return [(operation, values) for sort, operation, values in self.log if sort == "call"]


@dataclass
class Bench:
    """A run on a scripted AWS; `notes` holds calls, reads and journal entries in their true order."""

    aws: FakeAws = field(default_factory=FakeAws)
    clock: StillClock = field(default_factory=StillClock)
    entries: list[Entry] = field(default_factory=list[Entry])
    events: list[Event] = field(default_factory=list[Event])
    calls_at: list[int] = field(default_factory=list[int])

    def run(self, append: Callable[[Entry], None] | None = None) -> Run:
        return Run("run-1", self.aws, self.clock, append or self._append, self.events.append)

    def _append(self, entry: Entry) -> None:
        self.calls_at.append(len(self.aws.called))
        self.entries.append(entry)

    @property
    def intended(self) -> list[CallIntended]:
        return [entry for entry in self.entries if isinstance(entry, CallIntended)]

    @property
    def done(self) -> list[CallDone]:
        return [entry for entry in self.entries if isinstance(entry, CallDone)]

    @property
    def failed(self) -> list[CallFailed]:
        return [entry for entry in self.entries if isinstance(entry, CallFailed)]
