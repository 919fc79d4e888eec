"""Proving what roles may do and must not: questions, and the ways of answering them.

    questions(desired)        what a stack's expectations ask
    Producer                  a way of answering: offline, live, by a probe
"""

from __future__ import annotations

from .questions import (
    Answers,
    Because,
    ContextKeys,
    Expected,
    Method,
    Producer,
    Question,
    Remark,
    Result,
    Skipped,
)

__all__ = [
    "Answers",
    "Because",
    "ContextKeys",
    "Expected",
    "Method",
    "Producer",
    "Question",
    "Remark",
    "Result",
    "Skipped",
]
