"""What the tests of importing share."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.config import StackFolder


@pytest.fixture
def folder(tmp_path: Path) -> StackFolder:
    return StackFolder(tmp_path)
