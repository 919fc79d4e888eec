"""`rolewright drift` and the commands under it."""

from __future__ import annotations

import typer

from . import drift, drift_history, drift_install
from .command import command, group

app = typer.Typer(rich_markup_mode=None)
group(app)(drift.drift)
command(app)(drift_history.history)
command(app)(drift_history.show)
command(app)(drift_history.ack)
command(app)(drift_history.unack)
command(app)(drift_install.install)
