"""Statements, read once so that many requests can be asked of them quickly.

A document is compiled the first time that it is used; equal documents share the result.
"""

from __future__ import annotations

from functools import lru_cache

from .context import Context
from .document import Document, Statement
from .evaluate_conditions import compile_condition, conditions_hold
from .matching import Actions, Patterns, Style
from .truth import Truth, all_of, negate

_CACHED_DOCUMENTS = 4096


class CompiledStatement:
    """A statement: whether it covers a request by all its elements but the principal."""

    __slots__ = (
        "_actions",
        "_conditions",
        "_not_actions",
        "_not_resources",
        "_resources",
        "source",
    )

    def __init__(self, source: Statement, *, variables: bool) -> None:
        self.source = source
        self._actions = _actions(source.actions)
        self._not_actions = _actions(source.not_actions)
        self._resources = _resources(source.resources, variables=variables)
        self._not_resources = _resources(source.not_resources, variables=variables)
        self._conditions = tuple(
            compile_condition(condition, variables=variables) for condition in source.conditions
        )

    def covers_action(self, action: str) -> bool:
        """Whether Action or NotAction takes an action in."""
        if self._actions is not None:
            return self._actions.matches(action)
        return self._not_actions is not None and not self._not_actions.matches(action)

    def covers(self, resource: str, context: Context) -> Truth:
        """Whether Resource or NotResource takes a resource in and the conditions hold.

        A statement without a resource, as in a trust policy, applies to what it is attached to.
        """
        covered: Truth = True
        if self._resources is not None:
            covered = self._resources.matches(resource, context)
        elif self._not_resources is not None:
            covered = negate(self._not_resources.matches(resource, context))
        if covered is False:
            return False
        return all_of((covered, conditions_hold(self._conditions, context)))


def _actions(texts: tuple[str, ...] | None) -> Actions | None:
    return None if texts is None else Actions(texts)


def _resources(texts: tuple[str, ...] | None, *, variables: bool) -> Patterns | None:
    return None if texts is None else Patterns(texts, Style.RESOURCE, variables=variables)


@lru_cache(maxsize=_CACHED_DOCUMENTS)
def compile_document(document: Document) -> tuple[CompiledStatement, ...]:
    """The statements of a document in their order."""
    variables = document.has_variables
    return tuple(CompiledStatement(found, variables=variables) for found in document.statements)
