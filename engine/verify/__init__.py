"""Proving what roles may do and must not: questions, and the ways of answering them."""

from __future__ import annotations

from .questions import (
    Answers,
    Because,
    ContextKeys,
    Expected,
    Explained,
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
    "Explained",
    "Method",
    "Producer",
    "Question",
    "Remark",
    "Result",
    "Skipped",
]
