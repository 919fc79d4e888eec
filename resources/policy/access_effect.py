"""Whether the actions of a finding work on its resources, so that AWS grants something by it.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
"""

from __future__ import annotations

from collections.abc import Sequence

from .access_actions import Actions
from .access_cells import Finding


class Works:
    """Whether actions work on resources that a finding is about."""

    def __init__(self, finding: Finding, catalogue: Actions) -> None:
        self._finding, self._catalogue = finding, catalogue
        self._known: dict[tuple[str, tuple[str, ...]], bool] = {}

    def __call__(self, name: str) -> bool:
        """Whether an action works on one of the resources; in doubt it does."""
        finding = self._finding
        if finding.base == "*" and not finding.exceptions:
            return True
        known = self._catalogue.action(name)
        if known is None:
            return True
        if not known.resource_types:
            return finding.without_resource
        # The actions of a service on the same types have the same answer.
        key = (name.partition(":")[0], known.resource_types)
        if key not in self._known:
            self._known[key] = self._catalogue.accepts_resource(name, finding.base)
        return self._known[key]

    def witness(self, actions: Sequence[str]) -> str:
        """A resource for which the first of the actions can be asked."""
        known = self._catalogue.action(actions[0])
        if known is not None and not known.resource_types and self._finding.without_resource:
            return "*"
        return self._finding.witness
