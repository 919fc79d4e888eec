"""A server on loopback that answers as IAM does, and fails as it is told to."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


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


class Faulty:
    """Answers from `script` in turn: a status and a body, `hang` or `close`. Then accepts all."""

    def __init__(self) -> None:
        self.script: list[tuple[int, str] | str] = []
        self.requests = 0
        self.agents: list[str] = []
        self.done = threading.Event()
        faulty = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
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

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self.done.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
