"""How principals are written in a trust policy.

Sources: IAM user guide, "AWS JSON policy elements: Principal" and "IAM identifiers".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .faults import Fault
from .shape import PARTITIONS, PrincipalType
from .values import JsonPath, quoted

_ACCOUNT = re.compile(r"[0-9]{12}")
_ACCOUNT_LIKE = re.compile(r"[0-9][0-9 -]*")
_DELETED = re.compile(r"A(?:ROA|IDA)[A-Z0-9]+")
_ARN = rf"arn:(?:{'|'.join(PARTITIONS)})"
_IAM = re.compile(_ARN + r":iam::[0-9]{12}:(?:root|(?:user|role)/\S(?:.*\S)?)")
_STS = re.compile(_ARN + r":sts::[0-9]{12}:(?:assumed-role/[^/\s]+/[^/\s]+|federated-user/\S+)")
_PROVIDER = re.compile(_ARN + r":iam::[0-9]{12}:(?:oidc|saml)-provider/\S+")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/\S*)?")
_SERVICE = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|amazon\.com|aws\.internal"
    r"|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
_LABEL = re.compile(r"[A-Za-z0-9-]+")
_CANONICAL_USER = re.compile(r"[0-9a-fA-F]{64}")
_INSTEAD_OF_WILDCARD: Mapping[str, str] = {
    PrincipalType.AWS: 'use {"AWS": "*"} and a Condition on aws:PrincipalArn, which takes them',
    PrincipalType.SERVICE: "name each service",
    PrincipalType.FEDERATED: "name each provider",
}
_NO_PRINCIPAL = {
    "group/": "a group is no principal: name its users, or the account",
    "instance-profile/": "an instance profile is no principal: name its role",
    "policy/": "a policy is no principal",
}


def is_deleted(principal: str) -> bool:
    """Whether an AWS principal is the unique id that is left of a deleted role or user."""
    return _DELETED.fullmatch(principal) is not None


def principal_faults(kind: str, name: str, path: JsonPath) -> Iterator[Fault]:
    """What is wrong with the name of a principal of a type."""
    if kind not in tuple(PrincipalType) or (kind == PrincipalType.AWS and name == "*"):
        return
    if "*" in name or "?" in name:
        yield Fault(
            path,
            "partial-wildcard",
            f"{quoted(name)}: a principal is named in full, without wildcards",
            _INSTEAD_OF_WILDCARD.get(kind, ""),
        )
        return
    match kind:
        case PrincipalType.AWS:
            yield from _aws(name, path)
        case PrincipalType.SERVICE:
            yield from _service(name, path)
        case PrincipalType.FEDERATED:
            yield from _federated(name, path)
        case PrincipalType.CANONICAL_USER if not _CANONICAL_USER.fullmatch(name):
            summary = f"{quoted(name)} is not a canonical user id of 64 hexadecimal digits"
            yield Fault(path, "bad-canonical-user", summary)
        case _:
            return


def _aws(name: str, path: JsonPath) -> Iterator[Fault]:
    if any(pattern.fullmatch(name) for pattern in (_ACCOUNT, _IAM, _STS)):
        return
    if is_deleted(name):
        summary = (
            f"{quoted(name)} is what is left of a deleted role or user; AWS refuses to store it"
        )
        yield Fault(path, "dangling-principal", summary, "remove it, or name the ARN")
        return
    summary = f'{quoted(name)} is not an account id, an ARN of a user, role or session, or "*"'
    yield Fault(path, "bad-principal", summary, _aws_hint(name))


def _aws_hint(name: str) -> str:
    digits = re.sub(r"[^0-9]", "", name)
    if _ACCOUNT_LIKE.fullmatch(name):
        wanted = f": {digits}" if len(digits) == 12 else ""
        return f"an account id has twelve digits and nothing else{wanted}"
    if ".amazonaws." in name and not name.startswith("arn:"):
        return 'a service stands under "Service"'
    if _PROVIDER.fullmatch(name):
        return 'an identity provider stands under "Federated"'
    resource = name.rpartition(":")[2]
    found = (hint for start, hint in _NO_PRINCIPAL.items() if resource.startswith(start))
    return next(found, "write for example arn:aws:iam::123456789012:role/NAME")


def _service(name: str, path: JsonPath) -> Iterator[Fault]:
    if _SERVICE.fullmatch(name):
        return
    hint = "write for example ec2.amazonaws.com"
    if _LABEL.fullmatch(name):
        hint = f"write {name.lower()}.amazonaws.com"
    elif _SERVICE.fullmatch(name.lower()):
        hint = f"write {name.lower()}"
    elif name.startswith("arn:") or _ACCOUNT.fullmatch(name):
        hint = 'an account, user or role stands under "AWS"'
    yield Fault(path, "bad-service", f"{quoted(name)} is not the name of a service", hint)


def _federated(name: str, path: JsonPath) -> Iterator[Fault]:
    if _PROVIDER.fullmatch(name) or (_HOST.fullmatch(name) and not name.startswith("arn:")):
        return
    hint = "write the ARN of an OIDC or SAML provider, or a host such as accounts.google.com"
    if name.startswith(("https://", "http://")):
        hint = "leave out https://"
    yield Fault(path, "bad-federated", f"{quoted(name)} is not an identity provider", hint)
