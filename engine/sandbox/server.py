"""The sandbox's own process: moto behind a small HTTP server, on a socket that `control` opened.

Run by `control`, never imported. Needs the `sandbox` extra.
"""

from __future__ import annotations

import copy
import io
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any, cast
from xml.sax.saxutils import escape

from moto.backends import get_backend
from moto.iam.models import IAMBackend
from moto.moto_server.werkzeug_app import (  # pyright: ignore[reportMissingTypeStubs]
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.utilities.utils import get_partition
from werkzeug.serving import make_server

from .access import control_roles
from .control import HEALTH, WITH_PARENT
from .rules import hold_rules
from .templates import make_templates_whole

Headers = list[tuple[str, str]]
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# moto's backends are plain dictionaries: walking one fails when another thread adds to it.
# The wait is bounded because a few of moto's services call their own server.
_ONE_AT_A_TIME = threading.Lock()
_LONGEST_WAIT = 5.0


class _Handler(MotoRequestHandler):
    """Keeps connections open between requests.

    Werkzeug's own handler closes every one, because an application may leave a part of a body
    unread in front of the next request; here the body is read before the application is called.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the log is for errors."""

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        body = _body(environ)
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        if environ["PATH_INFO"] == HEALTH:
            self._answer("200 OK", [], b"ok")
            return
        waited = _ONE_AT_A_TIME.acquire(timeout=_LONGEST_WAIT)
        try:
            answer = _run(cast("App", self.server.app), environ)
        finally:
            if waited:
                _ONE_AT_A_TIME.release()
        self._answer(*answer)

    def _answer(self, status: str, headers: Headers, body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        length = str(len(body))
        for name, value in headers:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            elif name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _body(environ: dict[str, Any]) -> bytes:
    if environ.get("wsgi.input_terminated"):  # sent in chunks
        return environ["wsgi.input"].read()
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def _run(app: App, environ: dict[str, Any]) -> tuple[str, Headers, bytes]:
    begun: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, *_: object) -> None:
        begun.append((status, headers))

    try:
        body = b"".join(app(environ, start_response))
    except (NotImplementedError, ModuleNotFoundError) as error:
        return _not_implemented(environ, f"the local AWS can't do this: {error}")
    except Exception as error:  # noqa: BLE001 - whatever moto trips over, its client must get an answer
        sys.stderr.write(traceback.format_exc())
        sys.stderr.flush()
        text = f"the local AWS tripped over {type(error).__name__}: {error}"
        return "500 Internal Server Error", [("Content-Type", "text/plain")], text.encode()
    return (*begun[-1], body)


def _not_implemented(environ: dict[str, Any], message: str) -> tuple[str, Headers, bytes]:
    """A refusal in the protocol of the request, as its client can read it."""
    said = f"<Code>NotImplemented</Code><Message>{escape(message)}</Message>"
    if "/ec2/aws4_request" in environ.get("HTTP_AUTHORIZATION", ""):
        kind, text = "text/xml", f"<Response><Errors><Error>{said}</Error></Errors></Response>"
    elif "x-www-form-urlencoded" in environ.get("CONTENT_TYPE", ""):
        kind, text = "text/xml", f"<ErrorResponse><Error>{said}</Error></ErrorResponse>"
    else:
        told = {"__type": "NotImplemented", "message": message}
        kind, text = "application/x-amz-json-1.1", json.dumps(told)
    headers = [("Content-Type", kind), ("x-amzn-ErrorType", "NotImplemented")]
    return "501 Not Implemented", headers, text.encode()


def _share_managed_policies() -> None:
    """Make AWS's managed policies once.

    moto makes them anew for each of six partitions, at the first request and at every reset, in
    0.6 s each time.
    """
    name = "_init_aws_policies"
    make: Callable[[IAMBackend], list[Any]] = getattr(IAMBackend, name)
    made: list[Any] = []

    def shared(backend: IAMBackend) -> list[Any]:
        if not made:
            made.extend(make(backend))
        copies = [copy.copy(policy) for policy in made]
        for policy in copies:
            policy.partition = get_partition(backend.region_name)
        return copies

    setattr(IAMBackend, name, shared)


def _load_services() -> None:
    # Loading EC2 takes most of a second, so it begins before the first request for it.
    for service in ("sts", "ec2", "lambda", "ecs", "s3"):
        get_backend(service)


def _end_with_parent() -> None:
    # The parent holds the other end of this pipe, which closes however the parent ends.
    sys.stdin.buffer.read()
    os._exit(0)


def main(arguments: list[str]) -> None:
    """Serve on the listening socket whose file descriptor is the first argument."""
    if WITH_PARENT in arguments:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    _share_managed_policies()
    control_roles()
    make_templates_whole()
    hold_rules()
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1", 0, app, threaded=True, request_handler=_Handler, fd=int(arguments[0])
    )
    threading.Thread(target=_load_services, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
