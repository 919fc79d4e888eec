"""AWS's own policies, about 1,500 real documents, from a data file of moto's; moto itself is not used."""

from __future__ import annotations

import json
import runpy
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rolewright.resources.policy import Document, parse


@cache
def managed_documents() -> dict[str, Any]:
    """The documents as AWS stores them, by the names of their policies. Nobody may change them."""
    moto = find_spec("moto")
    assert moto is not None
    assert moto.origin is not None
    data = Path(moto.origin).parent / "iam" / "aws_managed_policies.py"
    policies = json.loads(runpy.run_path(str(data))["aws_managed_policies_data"])
    return {name: policy["Document"] for name, policy in policies.items()}


@cache
def parsed_policies() -> dict[str, Document]:
    """The same, read."""
    return {name: parse(document) for name, document in managed_documents().items()}
