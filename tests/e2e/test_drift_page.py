"""The page of a drift report in a real browser, where there is one: both schemes, and a telephone's width.

Set ROLEWRIGHT_SCREENSHOTS to a folder to keep the pictures and look at them.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rolewright.engine.views.drift_html import drift_page
from support.drift_pages import ALL, ATTACHED, EARLIER, report

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "chrome-headless-shell")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
GROUND = {"light": bytes.fromhex("f6f7f9"), "dark": bytes.fromhex("0f1319")}
"""What the style sheet calls --ground."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]


class Picture:
    """The pixels of a PNG of 8 bits a channel without interlacing, as Chromium writes it."""

    def __init__(self, data: bytes) -> None:
        self.width, self.height, depth, colour, _, _, interlaced = struct.unpack(
            ">IIBBBBB", data[16:29]
        )
        assert (depth, interlaced) == (8, 0)
        self._size = {2: 3, 6: 4}[colour]
        packed, at = b"", 8
        while at < len(data):
            (length,) = struct.unpack(">I", data[at : at + 4])
            if data[at + 4 : at + 8] == b"IDAT":
                packed += data[at + 8 : at + 8 + length]
            at += length + 12
        self._rows = self._unfiltered(zlib.decompress(packed))

    def pixel(self, x: int, y: int) -> bytes:
        """Red, green and blue."""
        return bytes(self._rows[y][x * self._size : x * self._size + 3])

    def _unfiltered(self, raw: bytes) -> list[bytearray]:
        """Rows as they were before PNG's filters (PNG specification, 9.2)."""
        stride, size = self.width * self._size, self._size
        rows: list[bytearray] = []
        above = bytearray(stride)
        for y in range(self.height):
            start = y * (stride + 1)
            kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
            for i in range(stride if kind else 0):
                left = row[i - size] if i >= size else 0
                corner = above[i - size] if i >= size else 0
                row[i] = (row[i] + self._predicted(kind, left, above[i], corner)) & 0xFF
            rows.append(row)
            above = row
        return rows

    @staticmethod
    def _predicted(kind: int, left: int, up: int, corner: int) -> int:
        if kind == 4:
            guess = left + up - corner
            return min((left, up, corner), key=lambda one: abs(guess - one))
        return (0, left, up, (left + up) // 2)[kind]


Shoot = Callable[[str, str, int, int], Picture]


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    """Takes a picture of a page: its HTML, the scheme, and the width and height of the window."""

    def take(html: str, scheme: str, width: int, height: int) -> Picture:
        assert BROWSER is not None
        kept = os.environ.get("ROLEWRIGHT_SCREENSHOTS")
        page = tmp_path / "page.html"
        picture = Path(kept or tmp_path) / f"drift-{scheme}-{width}.png"
        page.write_text(html, encoding="utf-8")
        subprocess.run(
            [
                BROWSER,
                "--headless",
                "--no-sandbox",  # which root can't have
                "--disable-gpu",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--force-device-scale-factor=1",
                f"--user-data-dir={tmp_path / 'profile'}",
                f"--blink-settings=preferredColorScheme={int(scheme == 'light')}",
                f"--window-size={width},{height}",
                f"--screenshot={picture}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        return Picture(picture.read_bytes())

    return take


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_takes_the_scheme_of_the_reader(shoot: Shoot, scheme: str) -> None:
    """The ground is that of the scheme, and something is written on it."""
    found = shoot(drift_page(report(*ALL), EARLIER), scheme, 1200, 700)

    assert found.pixel(2, 2) == GROUND[scheme]
    written = {found.pixel(x, y) for x in range(0, 1200, 3) for y in range(0, 700, 3)}
    assert len(written) > 20


def test_nothing_sticks_out_on_a_telephone(shoot: Shoot) -> None:
    """Words without an end break: both margins stay empty from top to bottom."""
    endless = replace(
        ATTACHED,
        address=f"role.{'a' * 300}",
        subject="b" * 300,
        reason=f"attached by others: {'c' * 300}",
        gained=({**ATTACHED.gained[0], "role": "d" * 300, "resource": "e" * 300},),
    )
    found = shoot(drift_page(report(endless, stack="f" * 200)), "light", 390, 2400)

    margins = {found.pixel(x, y) for x in (2, 10, 380, 387) for y in range(found.height)}
    assert margins == {GROUND["light"]}
