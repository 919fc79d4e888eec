"""AWS Lambda: a function's execution role; the role from before is remembered and put back on delete.

Sources: Lambda API reference, `UpdateFunctionConfiguration`; Lambda developer guide, "Lambda function states".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..address import Address
from ..binding import Carriers, ServiceBinding, existing, role_name, role_name_and_arn
from ..calls import Attrs, Call, Expect, Phase, Proof, Verdict, Wait
from ..diagnostics import Diagnostic
from ..kind import PRIOR, Claim, Claims, Context, Scope, Shape, Slot
from ..ports import AwsError, AwsReader, RoleView
from ..settle import LAMBDA_ROLE
from ..strays import Around, Stray, Use
from ..trust_policy import FieldPath

ABSENT = "ResourceNotFoundException"
_MANY = 10
"""So many functions are worth a list of all."""


class LambdaBinding(ServiceBinding):
    """A role carried by a Lambda function."""

    principal: ClassVar[str] = "lambda.amazonaws.com"
    shape: ClassVar[Shape] = Shape(
        replace={"service": "another service", "function": "another function"}
    )

    service: Literal["lambda"] = Field(default="lambda", description="lambda")
    role: str = Field(description="The role of this stack that the function carries.")
    function: str = Field(description="The function's name or ARN.")

    def references(self) -> Iterable[tuple[FieldPath, Address]]:
        return ((("role",), Address.parse(f"role.{self.role}")),)

    def check(self, address: Address) -> Iterable[tuple[FieldPath, Diagnostic]]:
        if self._qualifier:
            text = f'"{self.function}" names a version or an alias, and the role is the function\'s'
            yield ("function",), Diagnostic("bad-function", text, hint=f'write "{self._name}"')

    @property
    def _name(self) -> str:
        return self.function.rpartition(":function:")[2].partition(":")[0]

    @property
    def _qualifier(self) -> str:
        return self.function.rpartition(":function:")[2].partition(":")[2]

    def attributes(self, address: Address, scope: Scope) -> Attrs:
        _, arn = role_name_and_arn(self.role, scope)
        return {"service": "lambda", "function": self._name, "role_arn": arn}

    @classmethod
    def id(cls, attrs: Attrs) -> str:
        return attrs["function"]

    @classmethod
    def identities(cls, attrs: Attrs) -> tuple[str, ...]:
        return (f"function/{attrs['function']}",)

    @classmethod
    def claims(cls, attrs: Attrs) -> tuple[Claim, ...]:
        return (Claim(attrs["function"], Slot.CARRIED_ROLE, attrs["role_arn"]),)

    @classmethod
    def observe(cls, aws: AwsReader, attrs: Attrs, claims: Claims) -> Attrs | None:
        try:
            answer = aws.read(
                "lambda", "GetFunctionConfiguration", {"FunctionName": attrs["function"]}
            )
        except AwsError as error:
            if error.code == ABSENT:
                return None
            raise
        return _observed(aws, attrs, answer)

    @classmethod
    def observe_all(
        cls, aws: AwsReader, items: Sequence[Attrs], claims: Claims
    ) -> list[Attrs | AwsError | None]:
        """Where many are asked for, a list shows those that carry the role that they should.

        A list may lag behind: any other function is read by itself.
        """
        listed = _listed(aws, {attrs["function"] for attrs in items})

        def as_it_should(attrs: Attrs) -> bool:
            function = listed.get(attrs["function"])
            return function is not None and function["Role"] == attrs["role_arn"]

        singly = [attrs for attrs in items if not as_it_should(attrs)]
        read = iter(super().observe_all(aws, singly, claims))
        return [
            _observed(aws, attrs, listed[attrs["function"]]) if as_it_should(attrs) else next(read)
            for attrs in items
        ]

    @classmethod
    def users_of_roles(
        cls, aws: AwsReader, roles: Mapping[str, Address], around: Around
    ) -> Iterable[Stray]:
        for page in aws.pages("lambda", "ListFunctions", {}):
            for function in page["Functions"]:
                name, address = function["FunctionName"], roles.get(function["Role"])
                # What a function that is declared carries is told of its binding.
                if address is None or around.claims.of(name, Slot.CARRIED_ROLE):
                    continue
                yield Stray(
                    address,
                    Use.CARRIER,
                    function["FunctionArn"],
                    f'Lambda function "{name}" carries the role, and so may do what it may',
                    name,
                    fields={"service": "lambda", "role": address.local, "function": name},
                )

    @classmethod
    def carriers(cls, aws: AwsReader, roles: Sequence[RoleView]) -> Carriers:
        wanted = {role.arn for role in roles}
        return Carriers(
            tuple(
                {
                    "service": "lambda",
                    "function": function["FunctionName"],
                    "role_arn": function["Role"],
                    "arn": function["FunctionArn"],
                    "prior_role_gone": False,
                }
                for page in aws.pages("lambda", "ListFunctions", {})
                for function in page["Functions"]
                if function["Role"] in wanted
            )
        )

    @classmethod
    def missing(cls, desired: Attrs, observed: Attrs | None, context: Context) -> str:
        return f'Lambda function "{desired["function"]}"' if observed is None else ""

    @classmethod
    def prior(cls, desired: Attrs, observed: Attrs | None, earlier: Attrs | None) -> Attrs | None:
        if earlier is not None or observed is None or observed["role_arn"] == desired["role_arn"]:
            return earlier
        return {"role_arn": observed["role_arn"]}

    @classmethod
    def create(cls, desired: Attrs, observed: Attrs | None, context: Context) -> Sequence[Call]:
        observed = existing(observed)
        if observed["role_arn"] == desired["role_arn"]:
            return ()
        return (_set_role(desired["function"], desired["role_arn"], before=observed["role_arn"]),)

    @classmethod
    def update(
        cls, desired: Attrs, observed: Attrs, changed: frozenset[str], context: Context
    ) -> Sequence[Call]:
        return cls.create(desired, observed, context)

    @classmethod
    def delete(cls, observed: Attrs, prior: Attrs | None, context: Context) -> Sequence[Call]:
        before = remembered_role(prior)
        if (
            before is None
            or observed["prior_role_gone"]
            or observed["role_arn"] == before
            or context.claims.of(observed["function"], Slot.CARRIED_ROLE)
        ):
            return ()
        return (
            _set_role(
                observed["function"], before, before=observed["role_arn"], phase=Phase.REMOVE
            ),
        )


def _observed(aws: AwsReader, attrs: Attrs, function: Mapping[str, Any]) -> Attrs:
    """What is observed of a function, from its configuration as AWS shows it."""
    before = remembered_role(attrs.get(PRIOR))
    return {
        "service": "lambda",
        "function": attrs["function"],
        "role_arn": function["Role"],
        "arn": function["FunctionArn"],
        "prior_role_gone": before is not None and aws.role(role_name(before)) is None,
    }


def _listed(aws: AwsReader, names: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    """The configurations of functions, by name, as far as listing them costs less than reading each.

    A page holds 50 functions, and the account may have many more than are asked for: after half as
    many pages as there are names, the list ends.
    """
    found: dict[str, Mapping[str, Any]] = {}
    if len(names) < _MANY:
        return found
    try:
        for page in islice(aws.pages("lambda", "ListFunctions", {}), len(names) // 2):
            found |= {
                function["FunctionName"]: function
                for function in page["Functions"]
                if function["FunctionName"] in names
            }
            if len(found) == len(names):
                break
    except AwsError:
        # Whoever may not list may still read each, and what else is wrong these reads tell.
        return found
    return found


def remembered_role(prior: Attrs | None) -> str | None:
    """The role that the function carried before, where it is remembered."""
    return None if prior is None else prior["role_arn"]


def _set_role(function: str, arn: str, *, before: str, phase: Phase = Phase.MAKE) -> Call:
    """Give the function a role and wait until the function has taken it."""
    settled = Wait(
        "lambda",
        "GetFunctionConfiguration",
        {"FunctionName": function},
        "LastUpdateStatus",
        until=("Successful", None),
        failed=("Failed",),
    )
    back = Call(
        "lambda",
        "UpdateFunctionConfiguration",
        {"FunctionName": function, "Role": before},
        retry=LAMBDA_ROLE,
        wait=settled,
        permissions=("iam:PassRole",),
        possible=Proof(
            "iam",
            "GetRole",
            {"RoleName": role_name(before)},
            "Role.Arn",
            done=(before,),
            otherwise=Verdict.NOT_DONE,
            absent=("NoSuchEntity",),
        ),
    )
    return Call(
        "lambda",
        "UpdateFunctionConfiguration",
        {"FunctionName": function, "Role": arn},
        phase=phase,
        retry=LAMBDA_ROLE,
        wait=settled,
        undo=(back,),
        expect=Expect(
            "lambda", "GetFunctionConfiguration", {"FunctionName": function}, "Role", before
        ),
        permissions=("iam:PassRole",),
    )
