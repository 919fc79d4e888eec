"""A piece of AWS's service reference: three services, in the form in which AWS publishes them.

The form is that of the Service Authorization Reference, "Simplified AWS service information for
programmatic access". `served` puts it on loopback.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


def properties(*true: str) -> dict[str, Any]:
    """The annotations of an action; AWS writes all of them, true or not."""
    names = ("IsList", "IsPermissionManagement", "IsTaggingOnly", "IsWrite")
    return {"Properties": {name: name in true for name in names}}


def action(name: str, *true: str, keys: tuple[str, ...] = (), on: tuple[str, ...] = ()) -> Any:
    found: dict[str, Any] = {"Name": name, "Annotations": properties(*true)}
    if keys:
        found["ActionConditionKeys"] = list(keys)
    if on:
        found["Resources"] = [{"Name": type_} for type_ in on]
    supported = {"IAM Access Analyzer Policy Generation": False, "IAM Action Last Accessed": True}
    return {**found, "SupportedBy": supported}


SERVICES: Mapping[str, Any] = {
    "s3": {
        "Name": "s3",
        "Actions": [
            action("GetObject", keys=("s3:TlsVersion",), on=("object",)),
            action("ListAllMyBuckets", "IsList"),
            action("PutBucketPolicy", "IsPermissionManagement", "IsWrite", on=("bucket",)),
            action("PutObject", "IsWrite", on=("object", "object")),
            action("PutObjectTagging", "IsTaggingOnly", "IsWrite", on=("object",)),
            {"Name": "Unannotated"},
        ],
        "ConditionKeys": [{"Name": "s3:TlsVersion", "Types": ["Numeric"]}],
        "Operations": [{"Name": "GetObject", "SDK": [{"Name": "s3", "Method": "get_object"}]}],
        "Resources": [
            {"Name": "bucket", "ARNFormats": ["arn:${Partition}:s3:::${BucketName}"]},
            {
                "Name": "object",
                "ARNFormats": ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"],
                "ConditionKeys": ["s3:ExistingObjectTag/<key>", "s3:TlsVersion"],
            },
        ],
        "Version": "v1.4",
    },
    "lambda": {
        "Name": "lambda",
        "Actions": [action("CreateFunction", "IsWrite", on=("function", "role"))],
        "Resources": [
            {
                "Name": "function",
                "ARNFormats": [
                    "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}"
                ],
            }
        ],
        "Version": "v1.4",
    },
    "odd": {"Name": "odd", "Actions": [action("Do", on=("thing",))], "Resources": [
        {"Name": "thing", "ARNFormats": ["thing/${Id}"]}
    ]},
}  # fmt: skip


def index(home: str, *names: str) -> list[dict[str, str]]:
    return [{"service": name, "url": f"{home}/v1/{name}/{name}.json"} for name in names]


def pages(home: str) -> dict[str, Any]:
    """What stands at each path."""
    found: dict[str, Any] = {f"/v1/{name}/{name}.json": data for name, data in SERVICES.items()}
    return {"/": index(home, *SERVICES), **found}


@contextmanager
def served(**changes: Any) -> Iterator[str]:
    """The reference on loopback, at the address given; `changes` are pages by path, None for a 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = {**pages(home), **changes}.get(self.path)
            self.send_response(404 if page is None else 200)
            self.end_headers()
            self.wfile.write(page if isinstance(page, bytes) else json.dumps(page).encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        home = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield home
        finally:
            server.shutdown()
