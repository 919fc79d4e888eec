"""A statement of a permission policy in the short form of stack files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class PolicyStatement(BaseModel):
    """A statement in short form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sid: str | None = Field(
        default=None, description="A name for the statement: letters and digits."
    )
    effect: Literal["allow", "deny", "Allow", "Deny"] = Field(
        default="allow", description="allow or deny."
    )
    actions: tuple[str, ...] = Field(
        default=(), description="Actions such as s3:GetObject; wildcards are allowed."
    )
    not_actions: tuple[str, ...] = Field(default=(), description="All actions but these.")
    resources: tuple[str, ...] = Field(
        default=(), description="Resource ARNs; wildcards are allowed."
    )
    not_resources: tuple[str, ...] = Field(default=(), description="All resources but these.")
    conditions: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict[str, Mapping[str, Any]], description="An IAM Condition block."
    )
