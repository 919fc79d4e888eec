"""CloudTrail's events as plain values: from `LookupEvents`, from log files in a folder, or in a bucket.

Session names and access keys are left out where an event is read, so that nothing later can tell them.
An event appears in CloudTrail up to 15 minutes after the call. `LookupEvents` knows 90 days and answers
twice a second; IAM's events are in one region of each partition.

Sources: CloudTrail user guide, "CloudTrail record contents", "CloudTrail userIdentity element",
"Finding your CloudTrail log files", "Viewing events with CloudTrail Event history"; CloudTrail API
reference, `LookupEvents`.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, cast

from ...resources.ports import AwsError, AwsReader
from ...state.clock import Clock
from .report import Who

HISTORY = timedelta(days=90)
GLOBAL_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where the events of IAM are, by partition."""
MOST_LOOKUPS = 40
MOST_FILES = 2_000
_PAGES = 2
_PAUSE = 0.5
_MOST_BYTES = 200_000_000
_FILE_TIME = re.compile(r"_(\d{8}T\d{4})Z_")
_KEY_ID = re.compile(r"\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}")
_SESSION = re.compile(r"(:assumed-role/[^/\s]+)/\S+")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Event:
    """A call that somebody made and AWS carried out. `texts` are all texts of its parameters and its answer."""

    name: str
    who: Who
    at: datetime
    texts: frozenset[str] = frozenset()

    def mentions(self, name: str) -> bool:
        """Whether a name stands in it: as a text, as the end of an ARN, or inside a policy document."""
        return any(
            text == name or text.endswith((f"/{name}", f":{name}")) or _inside(name, text)
            for text in self.texts
        )


def _inside(name: str, text: str) -> bool:
    return name.startswith("arn:") and text.lstrip().startswith("{") and f'"{name}"' in text


class Trail(Protocol):
    """Where events come from. `notes` tell what could not be read; both may grow with each question."""

    notes: list[str]

    def about(self, name: str, *, of_iam: bool) -> Sequence[Event]:
        """The events that a resource of this name or ARN took part in, and perhaps others."""
        ...


def event_of(record: Mapping[str, Any]) -> Event | None:
    """An event from its record; None of one that only read, was refused, or is broken."""
    if record.get("readOnly") is True or record.get("errorCode"):
        return None
    try:
        at = datetime.fromisoformat(record["eventTime"]).astimezone(UTC)
        service = str(record["eventSource"]).partition(".")[0]
        name = str(record["eventName"])
    except (KeyError, TypeError, ValueError):
        return None
    who = Who(
        actor=_actor(_map(record.get("userIdentity"))),
        time=at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        source_ip=_clean(record.get("sourceIPAddress")),
        user_agent=_clean(record.get("userAgent")),
        event_id=_clean(record.get("eventID")),
        event=f"{service}:{name}",
    )
    told = (record.get("requestParameters"), record.get("responseElements"))
    return Event(f"{service}:{name}", who, at, frozenset(_texts(told)))


def _actor(identity: Mapping[str, Any]) -> str:
    """Who it was, without what only names a session: that may be a person's address, or a secret."""
    issuer = _map(_map(identity.get("sessionContext")).get("sessionIssuer"))
    match identity.get("type"):
        case "AssumedRole" | "FederatedUser" if issuer.get("arn"):
            return _clean(issuer["arn"])
        case "AWSService":
            return _clean(identity.get("invokedBy"))
        case "AWSAccount":
            return f"account {_clean(identity.get('accountId'))}"
        case "WebIdentityUser" | "SAMLUser":
            return _clean(identity.get("identityProvider")) or "a federated user"
        case "IdentityCenterUser":
            return "a user of IAM Identity Center"
        case _:
            arn = _SESSION.sub(r"\1", _clean(identity.get("arn")))
            return arn or _clean(identity.get("invokedBy")) or "somebody unknown"


def _clean(value: object) -> str:
    """A text that others chose, fit for a report: no key ids or session names, one line, not long."""
    text = _SESSION.sub(r"\1", _KEY_ID.sub(r"\1…", value if isinstance(value, str) else ""))
    printable = "".join(char if char.isprintable() else " " for char in text)
    return printable if len(printable) <= _LONGEST else printable[: _LONGEST - 1] + "…"


def _map(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in cast("Mapping[str, object]", value).values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in cast("Sequence[object]", value):
            yield from _texts(inner)


@dataclass
class LookedUp:
    """Events asked of CloudTrail, a few names at most: `home` and `iam` read the stack's region and IAM's."""

    home: AwsReader
    iam: AwsReader
    clock: Clock
    since: datetime | None = None
    most: int = MOST_LOOKUPS
    notes: list[str] = field(default_factory=list[str])
    _known: dict[tuple[str, bool], Sequence[Event]] = field(
        default_factory=dict[tuple[str, bool], Sequence[Event]]
    )
    _requests: int = 0
    _refused: set[bool] = field(default_factory=set[bool])

    def about(self, name: str, *, of_iam: bool) -> Sequence[Event]:
        if (name, of_iam) not in self._known:
            self._known[name, of_iam] = self._ask(name, of_iam=of_iam)
        return self._known[name, of_iam]

    def _ask(self, name: str, *, of_iam: bool) -> Sequence[Event]:
        found: list[Event] = []
        token: str | None = None
        for _ in range(_PAGES):
            if of_iam in self._refused or not self._may_ask():
                break
            try:
                answer = (self.iam if of_iam else self.home).read(
                    "cloudtrail", "LookupEvents", self._question(name, token)
                )
            except AwsError as error:
                self._refused.add(of_iam)
                self.notes.append(
                    f"who did it is not known: CloudTrail could not be asked ({error.code}: "
                    f"{error.message})"
                )
                break
            found += _looked_up(answer)
            token = answer.get("NextToken")
            if not token:
                break
        return found

    def _may_ask(self) -> bool:
        if self._requests >= self.most:
            note = (
                f"who did it is not known of all: CloudTrail was asked {self.most} times, no more"
            )
            if note not in self.notes:
                self.notes.append(note)
            return False
        if self._requests:
            self.clock.sleep(_PAUSE)
        self._requests += 1
        return True

    def _question(self, name: str, token: str | None) -> dict[str, Any]:
        now = self.clock.now()
        begin = max(self.since or now - HISTORY, now - HISTORY)
        return {
            "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": name}],
            "StartTime": begin,
            "EndTime": now,
            "MaxResults": 50,
            **({"NextToken": token} if token else {}),
        }


def _looked_up(answer: Mapping[str, Any]) -> Iterator[Event]:
    for one in answer.get("Events", ()):
        try:
            record = json.loads(one.get("CloudTrailEvent") or "{}")
        except ValueError:
            continue
        event = event_of(_map(record))
        if event is not None:
            yield event


@dataclass
class LogFiles:
    """Events from log files as CloudTrail delivers them, JSON or gzipped JSON, read once and newest first."""

    files: Iterable[tuple[str, bytes]]
    since: datetime
    notes: list[str] = field(default_factory=list[str])
    _events: list[Event] | None = None

    def about(self, name: str, *, of_iam: bool) -> Sequence[Event]:
        if self._events is None:
            self._events = list(self._read())
        return self._events

    def _read(self) -> Iterator[Event]:
        broken = 0
        try:
            for _, data in self.files:
                try:
                    records: list[Any] = _unpacked(data).get("Records", [])
                except ValueError:
                    broken += 1
                    continue
                events = (event_of(_map(record)) for record in records)
                yield from (one for one in events if one is not None and one.at >= self.since)
        except AwsError as error:
            self.notes.append(f"CloudTrail's log files could not be read ({error.code})")
        except OSError as error:
            self.notes.append(f"CloudTrail's log files could not be read ({error.strerror})")
        if broken:
            self.notes.append(f"{broken} of CloudTrail's log files could not be understood")


def _unpacked(data: bytes) -> Mapping[str, Any]:
    """The content of a log file; raises ValueError where it is none."""
    if data.startswith(b"\x1f\x8b"):
        reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            data = reader.decompress(data, _MOST_BYTES)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        if reader.unconsumed_tail:
            raise ValueError("too large")
    return _map(json.loads(data))


def folder_files(folder: Path, since: datetime) -> Iterator[tuple[str, bytes]]:
    """The log files under a folder, newest first by the time in their names; raises OSError."""
    found = [path for path in folder.rglob("*.json*") if path.is_file()]
    if not folder.is_dir():
        raise FileNotFoundError(2, "there is no such folder")
    for path in _newest(found, since):
        yield str(path), Path(path).read_bytes()


def bucket_files(aws: AwsReader, url: str, since: datetime) -> Iterator[tuple[str, bytes]]:
    """The log files under `s3://bucket/prefix`, likewise; raises AwsError."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    question = {"Bucket": bucket, "Prefix": prefix}
    keys = [
        str(one["Key"])
        for page in aws.pages("s3", "ListObjectsV2", question)
        for one in page.get("Contents", ())
        if "-Digest/" not in str(one["Key"]) and ".json" in str(one["Key"])
    ]
    for key in _newest(keys, since):
        answer = aws.read("s3", "GetObject", {"Bucket": bucket, "Key": str(key)})
        yield str(key), answer["Body"].read()


def _newest(names: Iterable[str | Path], since: datetime) -> Sequence[str | Path]:
    # A file holds the events of some minutes before the time in its name.
    stamps = {name: _FILE_TIME.search(str(name)) for name in names}
    first = f"{since.astimezone(UTC):%Y%m%dT%H%M}"
    kept = [name for name, stamp in stamps.items() if stamp is None or stamp[1] >= first]

    def order(name: str | Path) -> tuple[str, str]:
        stamp = stamps[name]
        return ("" if stamp is None else stamp[1], str(name))

    return sorted(kept, key=order, reverse=True)[:MOST_FILES]
