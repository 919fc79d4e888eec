"""IAM statements in words: `allow s3:GetObject on arn:… if aws:SecureTransport is true`.

Pure text, in the author's order; only principals, conditions and sts:AssumeRole are said otherwise
than they are written. Sources: IAM user guide, "IAM JSON policy elements reference" and "IAM
identifiers" (the prefixes of unique ids).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .values import as_items, as_mapping, joined, text_of

_PRINCIPAL_ARN = re.compile(r"arn:[^:]*:iam::(\d{12}):(root|role/.+|user/.+)")
_ACCOUNT = re.compile(r"\d{12}")
_DELETED = {"AROA": "a deleted role", "AIDA": "a deleted user"}
_OPERATORS = {
    "stringequals": ("is", "or"),
    "stringnotequals": ("is not", "nor"),
    "stringequalsignorecase": ("is, in any case,", "or"),
    "stringnotequalsignorecase": ("is not, in any case,", "nor"),
    "stringlike": ("is like", "or"),
    "stringnotlike": ("is not like", "nor"),
    "arnequals": ("is like", "or"),
    "arnlike": ("is like", "or"),
    "arnnotequals": ("is not like", "nor"),
    "arnnotlike": ("is not like", "nor"),
    "bool": ("is", "or"),
    "ipaddress": ("is in", "or"),
    "notipaddress": ("is not in", "nor"),
    "numericequals": ("is", "or"),
    "numericnotequals": ("is not", "nor"),
    "numericlessthan": ("is less than", "or"),
    "numericlessthanequals": ("is at most", "or"),
    "numericgreaterthan": ("is more than", "or"),
    "numericgreaterthanequals": ("is at least", "or"),
    "dateequals": ("is", "or"),
    "datenotequals": ("is not", "nor"),
    "datelessthan": ("is before", "or"),
    "datelessthanequals": ("is until", "or"),
    "dategreaterthan": ("is after", "or"),
    "dategreaterthanequals": ("is from", "or"),
    "binaryequals": ("is", "or"),
}
_QUANTIFIERS = {"forallvalues": "every ", "foranyvalue": "some "}


def statements(document: Any) -> list[Mapping[str, Any]]:
    """The statements of a document, which may hold a single one without a list."""
    items = as_items(as_mapping(document).get("Statement", ()))
    return [as_mapping(item) for item in items if isinstance(item, Mapping)]


def statement_parts(statement: Mapping[str, Any]) -> tuple[str, str, str]:
    """A statement in three parts: effect and actions, `on` resources, `if` conditions."""
    effect = str(statement.get("Effect", "")).lower() or "statement"
    who = " ".join(_who(statement))
    what = _actions(statement, trust=bool(who))
    return (
        f"{effect} {who} to {what}" if who else f"{effect} {what}",
        _on(statement),
        _if(statement),
    )


def statement_text(statement: Mapping[str, Any]) -> str:
    """A statement in one line."""
    return " ".join(part for part in statement_parts(statement) if part)


def trusted(document: Any) -> str:
    """Who may assume a role by its trust policy, where that is all that it says; else empty."""
    found: list[str] = []
    for statement in statements(document):
        plain = set(statement) <= {"Sid", "Effect", "Principal", "Action"}
        if not plain or statement.get("Effect") != "Allow" or not _only_assume_role(statement):
            return ""
        found += principals(statement.get("Principal"))
    return ", ".join(found)


def principals(value: Any) -> list[str]:
    """Each principal of a Principal element in words."""
    if not isinstance(value, Mapping):
        return [_aws_principal(item) for item in as_texts(value)]
    found: list[str] = []
    for sort, names in as_mapping(value).items():
        for name in as_texts(names):
            match sort:
                case "AWS":
                    found.append(_aws_principal(name))
                case "Service":
                    found.append(name)
                case _:
                    found.append(f"{sort.lower()} {name}")
    return found


def conditions(block: Any) -> list[str]:
    """Each condition of a Condition element in words."""
    if not isinstance(block, Mapping):
        return as_texts(block)
    found: list[str] = []
    for operator, keys in as_mapping(block).items():
        if isinstance(keys, Mapping):
            pairs = as_mapping(keys).items()
            found += [condition(operator, key, values) for key, values in pairs]
        else:
            found.append(f"{operator} {text_of(keys)}")
    return found


def condition(operator: str, key: str, values: Any) -> str:
    """One condition: `aws:SourceIp is in 10.0.0.0/8 or 192.168.0.0/16`."""
    texts = as_texts(values)
    name = operator.lower()
    quantifier, _, rest = name.rpartition(":")
    subject = f"{_QUANTIFIERS.get(quantifier, '')}{key}"
    optional = ", where it is known" if rest.endswith("ifexists") else ""
    rest = rest.removesuffix("ifexists")
    if rest == "null" and [text.lower() for text in texts] in (["true"], ["false"]):
        return f"{subject} is {'absent' if texts[0].lower() == 'true' else 'present'}"
    if rest not in _OPERATORS or (quantifier and quantifier not in _QUANTIFIERS):
        return f"{operator} {key} = {', '.join(texts) or 'nothing'}"
    verb, conjunction = _OPERATORS[rest]
    return f"{subject} {verb} {joined(texts, conjunction) or 'nothing'}{optional}"


def as_texts(value: Any) -> list[str]:
    """A value or a list of values, each as text."""
    return [] if value is None else [text_of(item) for item in as_items(value)]


def _who(statement: Mapping[str, Any]) -> Iterable[str]:
    if "Principal" in statement:
        yield ", ".join(principals(statement["Principal"])) or "nobody"
    if "NotPrincipal" in statement:
        yield "anyone but " + ", ".join(principals(statement["NotPrincipal"]))


def _aws_principal(name: str) -> str:
    if name == "*":
        return "anyone"
    if _ACCOUNT.fullmatch(name):
        return f"account {name}"
    if name[:4] in _DELETED:
        return f"{_DELETED[name[:4]]} ({name})"
    if (match := _PRINCIPAL_ARN.fullmatch(name)) is None:
        return name
    account, rest = match.groups()
    if rest == "root":
        return f"account {account}"
    sort, _, path = rest.partition("/")
    return f"{sort} {path} of account {account}"


def _only_assume_role(statement: Mapping[str, Any]) -> bool:
    return [action.lower() for action in as_texts(statement.get("Action"))] == ["sts:assumerole"]


def _actions(statement: Mapping[str, Any], *, trust: bool) -> str:
    if trust and _only_assume_role(statement):
        return "assume the role"
    if "NotAction" in statement:
        return "everything but " + ", ".join(as_texts(statement["NotAction"]))
    return ", ".join(as_texts(statement.get("Action"))) or "nothing"


def _on(statement: Mapping[str, Any]) -> str:
    if "NotResource" in statement:
        return "on everything but " + ", ".join(as_texts(statement["NotResource"]))
    resources = as_texts(statement.get("Resource"))
    return "on " + ", ".join(resources) if resources else ""


def _if(statement: Mapping[str, Any]) -> str:
    found = conditions(statement.get("Condition"))
    return "if " + " and ".join(found) if found else ""
