"""The probe function's deployment package, and calling it.

Sources: Lambda developer guide, "Working with .zip file archives for Python Lambda functions";
Lambda API reference, `Invoke`.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from botocore.exceptions import HTTPClientError, IncompleteReadError

from ...resources.ports import AwsError, AwsReader
from .errors import translate

_EPOCH = (1980, 1, 1, 0, 0, 0)


class ProbeFunction:
    """The code of a function that makes calls and tells nothing but error codes."""

    handler = "index.handler"
    runtime = "python3.12"

    def __init__(self, aws: AwsReader) -> None:
        self._aws = aws

    @property
    def archive(self) -> bytes:
        """The deployment package: a zip file, the same each time."""
        source = files("rolewright.engine.aws").joinpath("probe_handler.py").read_text("utf-8")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            entry = zipfile.ZipInfo("index.py", _EPOCH)
            entry.external_attr = 0o644 << 16  # Lambda runs as another user than the file's owner
            archive.writestr(entry, source)
        return content.getvalue()

    def invoke(self, name: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call the function, and return what it returns.

        Raises:
            AwsError: AWS refused it; or `FunctionError`: the function failed by itself.
        """
        # A read, since the function changes nothing: an answer that was lost may be asked for again.
        answer = self._aws.read(
            "lambda", "Invoke", {"FunctionName": name, "Payload": json.dumps(event).encode()}
        )
        try:
            told = json.loads(answer["Payload"].read())
        except (HTTPClientError, IncompleteReadError, ValueError) as error:
            raise translate(error, "lambda", "Invoke") from error
        if "FunctionError" in answer:
            reason = str(told.get("errorMessage") or answer["FunctionError"])
            raise AwsError("lambda", "Invoke", "FunctionError", reason)
        return told
