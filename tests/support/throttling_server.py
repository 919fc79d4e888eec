"""A server on loopback that passes requests on to the local AWS, and refuses a share of them as throttled."""

from __future__ import annotations

import http.client
import json
import random
import re
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from .loopback import Loopback, QuietHandler

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
_MESSAGE = "Rate exceeded"
_IAM = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>"
    f"<Message>{_MESSAGE}</Message></Error><RequestId>throttled</RequestId></ErrorResponse>"
)
_EC2 = (
    "<Response><Errors><Error><Code>RequestLimitExceeded</Code>"
    f"<Message>{_MESSAGE}</Message></Error></Errors><RequestID>throttled</RequestID></Response>"
)
_JSON = json.dumps({"__type": "ThrottlingException", "message": _MESSAGE})
_REFUSALS = {"iam": (400, _IAM), "sts": (400, _IAM), "ec2": (503, _EC2)}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: its service, and whether it was refused."""

    service: str
    refused: bool


class Throttling(Loopback):
    """Passes requests on to `url`, but for a share of them, drawn by `chance`; `requests` are in order.

    A refused request never reaches the local AWS. Each service refuses in its own protocol and with its own code.
    """

    def __init__(self, url: str, share: float, chance: random.Random) -> None:
        self.requests: list[Request] = []
        target = urlsplit(url).netloc
        mutex = threading.Lock()
        requests = self.requests

        class Handler(QuietHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                scope = _SCOPE.search(self.headers["Authorization"])
                service = scope[1] if scope else ""
                with mutex:
                    refused = chance.random() < share
                    requests.append(Request(service, refused))
                if refused:
                    status, text = _REFUSALS.get(service, (400, _JSON))
                    self.answer(status, text.encode(), {"x-amzn-ErrorType": "ThrottlingException"})
                    return
                upstream = http.client.HTTPConnection(target, timeout=60)
                upstream.request(self.command, self.path, body, dict(self.headers))
                found = upstream.getresponse()
                kept = {
                    name: value
                    for name, value in found.getheaders()
                    if name.lower().startswith(("content-type", "x-amz"))
                }
                self.answer(found.status, found.read(), kept)
                upstream.close()

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - named by http.server

            def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        super().__init__(Handler)
