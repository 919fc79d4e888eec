"""A server on loopback that answers as IAM does, and fails as it is told to."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs

from .loopback import Loopback, QuietHandler


def acceptance(operation: str) -> str:
    """IAM's answer to a call that it carries out, such as an empty list of roles."""
    return (
        f"<{operation}Response><{operation}Result><IsTruncated>false</IsTruncated><Roles/>"
        f"</{operation}Result><ResponseMetadata><RequestId>fine</RequestId></ResponseMetadata>"
        f"</{operation}Response>"
    )


def refusal(code: str, message: str = "no") -> str:
    """IAM's answer to a call that it refuses."""
    return (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{message}</Message></Error><RequestId>refused</RequestId></ErrorResponse>"
    )


class Faulty(Loopback):
    """Answers from `script` in turn: a status and a body, `hang` or `close`. Then accepts all."""

    def __init__(self) -> None:
        self.script: list[tuple[int, str] | str] = []
        self.requests = 0
        self.agents: list[str] = []
        self.done = threading.Event()
        faulty = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802 - named by http.server
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                operation = parse_qs(body)["Action"][0]
                faulty.requests += 1
                faulty.agents.append(self.headers["User-Agent"])
                step = faulty.script.pop(0) if faulty.script else (200, acceptance(operation))
                if step == "hang":
                    faulty.done.wait(20)
                if isinstance(step, str):
                    self.close_connection = True
                    return
                status, answer = step
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer.encode())

        super().__init__(Handler)

    def close(self) -> None:
        self.done.set()
        super().close()
