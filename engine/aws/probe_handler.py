"""The whole code of the probe function, as it is put into Lambda: makes calls, and tells error codes.

It runs under Python in Lambda, by itself: nothing of rolewright is there. What the calls answer is
dropped here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 3})


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Make the calls of the event; who made them, and an answer to each.

    An answer is the error code, empty for none, whether the message holds the text `explicit` of
    the event, and what the first group of its pattern `named` finds in the message.
    """
    del context  # Lambda hands it in
    session = get_session()
    clients: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in clients:
            clients[service] = session.create_client(service, config=_CONFIG)
        return clients[service]

    return {
        "caller": client("sts").get_caller_identity()["Arn"],
        "answers": [
            _answer(client, call, event["explicit"], event["named"]) for call in event["calls"]
        ],
    }


def _answer(
    client: Callable[[str], Any], call: Mapping[str, Any], explicit: str, named: str
) -> dict[str, Any]:
    try:
        getattr(client(call["service"]), xform_name(call["operation"]))(**call["parameters"])
    except ClientError as error:
        told = error.response.get("Error", {})
        message = told.get("Message") or ""
        found = re.search(named, message)
        return {
            "code": told.get("Code") or "Unknown",
            "explicit": explicit in message,
            "named": found[1] if found else "",
        }
    except (BotoCoreError, AttributeError, TypeError) as error:
        return {"code": type(error).__name__, "explicit": False, "named": ""}
    return {"code": "", "explicit": False, "named": ""}
