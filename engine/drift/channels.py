"""Where notices go: the URLs of `notify`, through Apprise, each by itself.

The secrets in a URL are the environment's: they are put in here, last of all, and no name, message,
log line or file of ours ever holds one. What Apprise, requests and urllib3 log while a message is
sent is not let through, since it tells URLs; of it only the HTTP status is kept.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential

from ...resources.diagnostics import Problem
from ..config.notify_urls import ENV, filled
from .history import History
from .notices import Notice, known_after, notice
from .report import Drift, DriftReport, Severity

ATTEMPTS = 4
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 30.0
_LOUD = ("apprise", "oauthlib", "requests", "requests_oauthlib", "urllib3")
_STATUS = re.compile(r"\berror[=: ]+(\d{3})\b")


@dataclass(frozen=True, slots=True)
class Channel:
    """One URL as the stack file has it. `name` is what people and the history call it by."""

    name: str
    url: str


class Sender(Protocol):
    """Delivers one message. The answer is empty when it was taken, or a few words on why not, without secrets."""

    def __call__(self, url: str, message: Notice) -> str: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one channel's notice; `failure` is empty when it was taken."""

    channel: str
    failure: str = ""


def channels(urls: Sequence[str]) -> tuple[Channel, ...]:
    """The channels of a stack. A URL that is wholly the environment's is called by its variable.

    Of any other the scheme and the place in the list are the name: the rest may be a secret.
    """
    return tuple(
        Channel(url if ENV.fullmatch(url) else _named(url, number), url)
        for number, url in enumerate(urls, start=1)
    )


def _named(url: str, number: int) -> str:
    scheme = url.partition("://")[0]
    return f"{scheme if scheme.isalnum() else 'url'} (url {number})"


@dataclass(frozen=True, slots=True)
class Messenger:
    """Tells the channels of a stack what is new to them. A channel that fails is told next time."""

    channels: Sequence[Channel]
    threshold: Severity
    history: History
    send: Sender
    environ: Mapping[str, str]
    sleep: Callable[[float], None]

    def tell(
        self, report: DriftReport, loud: Sequence[Drift], *, complete: bool = True
    ) -> tuple[Delivery, ...]:
        """Tell each channel; the answer has those that there was something to tell.

        Raises:
            Problem: the history, which knows what was told, can't be used. Nothing was sent then.
        """
        known = {one.name: self.history.told(one.name) for one in self.channels}
        done: list[Delivery] = []
        for channel in self.channels:
            told = known[channel.name]
            message = notice(report, loud, told, self.threshold, complete=complete)
            if message is None:
                wanted = [one for one in loud if one.severity.rank >= self.threshold.rank]
                after = known_after(report, wanted, told, complete=complete)
                if {one.key: one for one in after} != told:
                    self.history.set_told(channel.name, after)
                continue
            failure = self._deliver(channel, message)
            if not failure:
                # At once: a process that ends before the next channel must not tell this one twice.
                self.history.set_told(channel.name, message.known)
            done.append(Delivery(channel.name, failure))
        return tuple(done)

    def _deliver(self, channel: Channel, message: Notice) -> str:
        try:
            url = filled(channel.url, self.environ)
        except KeyError as error:
            return f"the environment has no {error.args[0]}"
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
            retry=retry_if_result(bool),
            sleep=self.sleep,
            retry_error_callback=lambda state: _result(state.outcome),
        )
        return retrying(self.send, url, message)


def _result(outcome: Any) -> str:
    """The last answer, when all attempts were in vain."""
    return str(outcome.result())


class AppriseSender:
    """Delivers through Apprise, which keeps nothing on disk and loads no plugins of the user's."""

    def __init__(self) -> None:
        """Load Apprise.

        Raises:
            Problem: `no-apprise`, where it isn't installed.
        """
        try:
            import apprise
        except ImportError as error:
            raise Problem.of(
                "no-apprise",
                "notices need Apprise, which is not installed",
                hint='install it with rolewright: pip install "rolewright[notify]"',
            ) from error
        self._apprise = apprise

    def __call__(self, url: str, message: Notice) -> str:
        """Send one message."""
        asset = self._apprise.AppriseAsset(
            app_id="rolewright",
            app_desc="rolewright",
            app_url="",
            async_mode=False,
            plugin_paths=[],
            secure_logging=True,
            storage_mode="memory",
        )
        kind = "failure" if message.worst.rank >= Severity.HIGH.rank else "warning"
        with _quiet() as heard:
            try:
                target: Any = self._apprise.Apprise(asset=asset)  # typed in part only
                if not target.add(url):
                    return "Apprise does not know this sort of URL"
                taken = target.notify(
                    body=message.body, title=message.title, notify_type=kind, body_format="text"
                )
            except Exception as error:  # noqa: BLE001 - a plugin's fault must not stop the watch
                # Its message may hold the URL.
                return f"the plugin failed with {type(error).__name__}"
        return "" if taken else heard.reason()


class _Ear(logging.Handler):
    """Listens for an HTTP status, and keeps nothing else of what is said."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._status = ""

    def emit(self, record: logging.LogRecord) -> None:
        match = _STATUS.search(record.getMessage())
        self._status = match[1] if match else self._status

    def reason(self) -> str:
        return f"it answered HTTP {self._status}" if self._status else "it did not take the message"


@contextlib.contextmanager
def _quiet() -> Generator[_Ear]:
    """Nothing that the libraries log leaves them meanwhile: at debug level they tell whole URLs."""
    ear = _Ear()
    loggers = [logging.getLogger(name) for name in _LOUD]
    before = [(one.propagate, one.level, one.handlers[:]) for one in loggers]
    for one in loggers:
        one.propagate = False
        one.handlers = [ear]
        one.setLevel(logging.WARNING)
    try:
        yield ear
    finally:
        for one, (propagate, level, handlers) in zip(loggers, before, strict=True):
            one.propagate, one.handlers = propagate, handlers
            one.setLevel(level)
