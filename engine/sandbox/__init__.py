"""A local AWS to try everything on: moto's server on loopback, its data gone when it stops.

Imports neither moto nor boto3; the server is a process of its own.
"""

from .control import (
    Sandbox,
    Start,
    ephemeral_sandbox,
    reset,
    running,
    sandbox_home,
    start,
    status,
    stop,
)

__all__ = [
    "Sandbox",
    "Start",
    "ephemeral_sandbox",
    "reset",
    "running",
    "sandbox_home",
    "start",
    "status",
    "stop",
]
