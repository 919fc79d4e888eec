"""Hand-checked cases of evaluating policies, as tables: what is asked, and what AWS's rules say.

Each table says in its heading what its columns are.
"""

from __future__ import annotations

from typing import Any

from rolewright.resources.policy.evaluator import Caller, Layer
from unit.policy.matching_cases import (
    ANYONE,
    FEDERATED_USER,
    LAMBDA,
    LINKED,
    NEW,
    OTHER_ROLE,
    ROLE,
    ROLE_ARN,
    ROOT,
    ROOT_A,
    ROOT_B,
    SAML,
    SESSION,
    SESSION_ARN,
    USER,
    USER_ARN,
    A,
    B,
)

Json = Any

IDENTITY, BOUNDARY, SESSION_POLICY = Layer.IDENTITY, Layer.BOUNDARY, Layer.SESSION
RESOURCE, SCP, RCP = Layer.RESOURCE, Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL


def says(effect: str, action: str = "s3:*", resource: str | None = "*", **more: Json) -> Json:
    """A document of one statement; Sid is the effect."""
    on = {} if resource is None else {"Resource": resource}
    return {
        "Version": NEW,
        "Statement": [{"Sid": effect, "Effect": effect, "Action": action, **on, **more}],
    }


def both(*documents: Json) -> Json:
    """The statements of several documents in one."""
    return {"Version": NEW, "Statement": [one for doc in documents for one in doc["Statement"]]}


ALLOW, DENY = says("Allow"), says("Deny")
OTHER = says("Allow", "sqs:*")
FULL = says("Allow", "*")
IF: Json = {"Condition": {"StringEquals": {"a:x": "1"}}}
ALLOW_IF, DENY_IF = says("Allow", **IF), says("Deny", **IF)


def to(principal: Json, effect: str = "Allow", action: str = "s3:*", **more: Json) -> Json:
    """A resource policy that names somebody."""
    return says(effect, action, Principal=principal, **more)


FOR_ROOT, FOR_ROLE = to({"AWS": ROOT_A}), to({"AWS": ROLE_ARN})
FOR_SESSION, FOR_USER = to({"AWS": SESSION_ARN}), to({"AWS": USER_ARN})
FOR_ANYBODY, FOR_LAMBDA = to("*"), to({"Service": "lambda.amazonaws.com"})
KEY_FOR_ROOT = to({"AWS": ROOT_A}, action="kms:*")
KEY_FOR_ROLE = to({"AWS": ROLE_ARN}, action="kms:*")
KEY_FOR_OTHER = to({"AWS": ROOT_B}, action="kms:*")
KMS = says("Allow", "kms:*")

GET, DECRYPT = "s3:GetObject", "kms:Decrypt"
ALLOWED, IMPLICIT, EXPLICIT = "allowed", "implicitly_denied", "explicitly_denied"
DEPENDS = "depends"

# The caller, the action, the account of the resource (None: the caller's), the policies by their
# layer (those of service control in levels), the decision, and the layers of the statements that
# decided, or the one that blocked.
DECISIONS: list[tuple[Caller, str, str | None, Json, str, list[Layer] | Layer | None]] = [
    # Nothing is allowed by itself; the policies of an identity allow.
    (ROLE, GET, None, {}, IMPLICIT, IDENTITY),
    (ROLE, GET, None, {IDENTITY: [ALLOW]}, ALLOWED, [IDENTITY]),
    (USER, GET, None, {IDENTITY: [ALLOW]}, ALLOWED, [IDENTITY]),
    (SESSION, GET, None, {IDENTITY: [ALLOW]}, ALLOWED, [IDENTITY]),
    (FEDERATED_USER, GET, None, {IDENTITY: [ALLOW]}, ALLOWED, [IDENTITY]),
    (ROLE, GET, A, {IDENTITY: [ALLOW]}, ALLOWED, [IDENTITY]),
    (ROLE, GET, None, {IDENTITY: [OTHER]}, IMPLICIT, IDENTITY),
    (ROLE, GET, None, {IDENTITY: [OTHER, ALLOW]}, ALLOWED, [IDENTITY]),
    (ROLE, GET, None, {IDENTITY: [ALLOW, ALLOW]}, ALLOWED, [IDENTITY, IDENTITY]),
    (ROOT, GET, None, {}, ALLOWED, []),
    (ROOT, GET, None, {SCP: [[OTHER]]}, IMPLICIT, SCP),
    (ROOT, GET, None, {RESOURCE: to("*", "Deny")}, EXPLICIT, [RESOURCE]),
    # An explicit Deny wins in every layer.
    (ROLE, GET, None, {IDENTITY: [ALLOW, DENY]}, EXPLICIT, [IDENTITY]),
    (ROLE, GET, None, {IDENTITY: [DENY, ALLOW]}, EXPLICIT, [IDENTITY]),
    (ROLE, GET, None, {IDENTITY: [both(ALLOW, DENY)]}, EXPLICIT, [IDENTITY]),
    (ROLE, GET, None, {IDENTITY: [DENY]}, EXPLICIT, [IDENTITY]),
    (ROLE, GET, None, {IDENTITY: [ALLOW], BOUNDARY: both(FULL, DENY)}, EXPLICIT, [BOUNDARY]),
    (
        SESSION,
        GET,
        None,
        {IDENTITY: [ALLOW], SESSION_POLICY: [both(FULL, DENY)]},
        EXPLICIT,
        [SESSION_POLICY],
    ),
    (ROLE, GET, None, {IDENTITY: [ALLOW], RESOURCE: to("*", "Deny")}, EXPLICIT, [RESOURCE]),
    (ROLE, GET, None, {IDENTITY: [ALLOW], RESOURCE: to({"AWS": A}, "Deny")}, EXPLICIT, [RESOURCE]),
    (ROLE, GET, None, {IDENTITY: [ALLOW], RESOURCE: to({"AWS": B}, "Deny")}, ALLOWED, [IDENTITY]),
    (
        SESSION,
        GET,
        None,
        {IDENTITY: [ALLOW], RESOURCE: to({"AWS": ROLE_ARN}, "Deny")},
        EXPLICIT,
        [RESOURCE],
    ),
    (ROLE, GET, None, {IDENTITY: [ALLOW], SCP: [[both(FULL, DENY)]]}, EXPLICIT, [SCP]),
    (ROLE, GET, None, {IDENTITY: [ALLOW], RCP: [to("*", "Deny")]}, EXPLICIT, [RCP]),
    (ROLE, GET, None, {IDENTITY: [DENY], SCP: [[DENY]]}, EXPLICIT, [SCP, IDENTITY]),
    (USER, GET, None, {RESOURCE: both(FOR_USER, to("*", "Deny"))}, EXPLICIT, [RESOURCE]),
    # Service control policies: each level must allow, but not for all callers.
    (ROLE, GET, None, {IDENTITY: [ALLOW], SCP: [[FULL]]}, ALLOWED, [SCP, IDENTITY]),
    (ROLE, GET, None, {IDENTITY: [ALLOW], SCP: [[FULL], [OTHER]]}, IMPLICIT, SCP),
    (ROLE, GET, None, {IDENTITY: [ALLOW], SCP: [[OTHER], [FULL]]}, IMPLICIT, SCP),
    (ROLE, GET, None, {IDENTITY: [ALLOW], SCP: [[OTHER, FULL]]}, ALLOWED, [SCP, IDENTITY]),
    (ROLE, GET, None, {IDENTITY: [ALLOW], SCP: [[]]}, IMPLICIT, SCP),
    (ROLE, GET, None, {SCP: [[FULL]]}, IMPLICIT, IDENTITY),
    (USER, GET, None, {RESOURCE: FOR_USER, SCP: [[OTHER]]}, IMPLICIT, SCP),
    (LINKED, GET, None, {IDENTITY: [ALLOW], SCP: [[DENY]]}, ALLOWED, [IDENTITY]),
    (LAMBDA, GET, A, {RESOURCE: FOR_LAMBDA, SCP: [[DENY]]}, ALLOWED, [RESOURCE]),
    (ROLE, GET, B, {IDENTITY: [ALLOW], RESOURCE: FOR_ROLE, SCP: [[OTHER]]}, IMPLICIT, SCP),
    # Resource control policies: Deny only, for the services that they reach.
    (ROLE, GET, None, {IDENTITY: [ALLOW], RCP: [to("*", action="sqs:*")]}, ALLOWED, [IDENTITY]),
    (LAMBDA, GET, A, {RESOURCE: FOR_LAMBDA, RCP: [to("*", "Deny")]}, EXPLICIT, [RCP]),
    (LINKED, GET, None, {IDENTITY: [ALLOW], RCP: [to("*", "Deny")]}, ALLOWED, [IDENTITY]),
    (
        ROLE,
        "ec2:RunInstances",
        None,
        {IDENTITY: [FULL], RCP: [to("*", "Deny", "*")]},
        ALLOWED,
        [IDENTITY],
    ),
    # Boundary and session policies limit.
    (ROLE, GET, None, {IDENTITY: [ALLOW], BOUNDARY: ALLOW}, ALLOWED, [IDENTITY, BOUNDARY]),
    (ROLE, GET, None, {IDENTITY: [ALLOW], BOUNDARY: OTHER}, IMPLICIT, BOUNDARY),
    (ROLE, GET, None, {BOUNDARY: ALLOW}, IMPLICIT, IDENTITY),
    (SESSION, GET, None, {IDENTITY: [ALLOW], SESSION_POLICY: [OTHER]}, IMPLICIT, SESSION_POLICY),
    (
        SESSION,
        GET,
        None,
        {IDENTITY: [ALLOW], SESSION_POLICY: [OTHER, ALLOW]},
        ALLOWED,
        [IDENTITY, SESSION_POLICY],
    ),
    (SESSION, GET, None, {SESSION_POLICY: [ALLOW]}, IMPLICIT, IDENTITY),
    (
        SESSION,
        GET,
        None,
        {IDENTITY: [ALLOW], BOUNDARY: OTHER, SESSION_POLICY: [OTHER]},
        IMPLICIT,
        BOUNDARY,
    ),
    # A resource policy in the same account.
    (USER, GET, None, {RESOURCE: FOR_USER}, ALLOWED, [RESOURCE]),
    (USER, GET, None, {RESOURCE: FOR_USER, BOUNDARY: OTHER}, ALLOWED, [RESOURCE]),
    (SESSION, GET, None, {RESOURCE: FOR_SESSION, BOUNDARY: OTHER}, ALLOWED, [RESOURCE]),
    (SESSION, GET, None, {RESOURCE: FOR_SESSION, SESSION_POLICY: [OTHER]}, ALLOWED, [RESOURCE]),
    (ROLE, GET, None, {RESOURCE: FOR_ROLE}, ALLOWED, [RESOURCE]),
    (SESSION, GET, None, {RESOURCE: FOR_ROLE}, ALLOWED, [RESOURCE]),
    (SESSION, GET, None, {RESOURCE: FOR_ROLE, BOUNDARY: OTHER}, IMPLICIT, BOUNDARY),
    (SESSION, GET, None, {RESOURCE: FOR_ROLE, SESSION_POLICY: [OTHER]}, IMPLICIT, SESSION_POLICY),
    (SESSION, GET, None, {RESOURCE: FOR_ROLE, BOUNDARY: ALLOW}, ALLOWED, [RESOURCE, BOUNDARY]),
    (ROLE, GET, None, {RESOURCE: FOR_ROOT}, IMPLICIT, IDENTITY),
    (ROLE, GET, None, {RESOURCE: FOR_ROOT, IDENTITY: [ALLOW]}, ALLOWED, [IDENTITY]),
    (USER, GET, None, {RESOURCE: FOR_ANYBODY}, ALLOWED, [RESOURCE]),
    (USER, GET, None, {RESOURCE: FOR_ANYBODY, BOUNDARY: OTHER}, ALLOWED, [RESOURCE]),
    (USER, GET, None, {RESOURCE: FOR_ROLE}, IMPLICIT, IDENTITY),
    (
        USER,
        GET,
        None,
        {RESOURCE: FOR_USER, IDENTITY: [ALLOW]},
        ALLOWED,
        [RESOURCE, IDENTITY],
    ),
    (USER, GET, None, {RESOURCE: ALLOW}, IMPLICIT, IDENTITY),
    (ROOT, GET, None, {RESOURCE: FOR_ROOT}, ALLOWED, [RESOURCE]),
    # Another account: both sides must allow.
    (ROLE, GET, B, {IDENTITY: [ALLOW]}, IMPLICIT, RESOURCE),
    (ROLE, GET, B, {RESOURCE: FOR_ROLE}, IMPLICIT, IDENTITY),
    (ROLE, GET, B, {IDENTITY: [ALLOW], RESOURCE: FOR_ROLE}, ALLOWED, [RESOURCE, IDENTITY]),
    (ROLE, GET, B, {IDENTITY: [ALLOW], RESOURCE: FOR_ROOT}, ALLOWED, [RESOURCE, IDENTITY]),
    (ROLE, GET, B, {IDENTITY: [ALLOW], RESOURCE: FOR_ANYBODY}, ALLOWED, [RESOURCE, IDENTITY]),
    (ROLE, GET, B, {RESOURCE: FOR_ANYBODY}, IMPLICIT, IDENTITY),
    (USER, GET, B, {RESOURCE: FOR_USER}, IMPLICIT, IDENTITY),
    (ROLE, GET, B, {IDENTITY: [ALLOW], RESOURCE: to({"AWS": B})}, IMPLICIT, RESOURCE),
    (ROLE, GET, B, {IDENTITY: [ALLOW], RESOURCE: FOR_ROLE, BOUNDARY: OTHER}, IMPLICIT, BOUNDARY),
    (
        SESSION,
        GET,
        B,
        {IDENTITY: [ALLOW], RESOURCE: FOR_SESSION, SESSION_POLICY: [OTHER]},
        IMPLICIT,
        SESSION_POLICY,
    ),
    (ROOT, GET, B, {RESOURCE: FOR_ROOT}, ALLOWED, [RESOURCE]),
    (ROOT, GET, B, {}, IMPLICIT, RESOURCE),
    # Services, anonymous callers and federated identities: the resource policy alone.
    (LAMBDA, GET, A, {}, IMPLICIT, RESOURCE),
    (LAMBDA, GET, A, {IDENTITY: [ALLOW]}, IMPLICIT, RESOURCE),
    (LAMBDA, GET, A, {RESOURCE: FOR_LAMBDA}, ALLOWED, [RESOURCE]),
    (LAMBDA, GET, None, {RESOURCE: FOR_LAMBDA}, ALLOWED, [RESOURCE]),
    (LAMBDA, GET, A, {RESOURCE: FOR_ANYBODY}, ALLOWED, [RESOURCE]),
    (LAMBDA, GET, A, {RESOURCE: FOR_ROOT}, IMPLICIT, RESOURCE),
    (LAMBDA, GET, A, {RESOURCE: to({"Service": "ec2.amazonaws.com"})}, IMPLICIT, RESOURCE),
    (ANYONE, GET, A, {RESOURCE: FOR_ANYBODY}, ALLOWED, [RESOURCE]),
    (ANYONE, GET, A, {RESOURCE: FOR_ROOT}, IMPLICIT, RESOURCE),
    (SAML, GET, A, {RESOURCE: FOR_ROOT, IDENTITY: [ALLOW]}, IMPLICIT, RESOURCE),
    # A key policy must itself allow.
    (ROLE, DECRYPT, None, {IDENTITY: [KMS], RESOURCE: KEY_FOR_OTHER}, IMPLICIT, RESOURCE),
    (ROLE, DECRYPT, None, {IDENTITY: [KMS], RESOURCE: KEY_FOR_ROOT}, ALLOWED, [RESOURCE, IDENTITY]),
    (ROLE, DECRYPT, None, {RESOURCE: KEY_FOR_ROOT}, IMPLICIT, IDENTITY),
    (ROLE, DECRYPT, None, {RESOURCE: KEY_FOR_ROLE}, ALLOWED, [RESOURCE]),
    (ROLE, DECRYPT, None, {RESOURCE: KEY_FOR_ROLE, BOUNDARY: OTHER}, IMPLICIT, BOUNDARY),
    (ROLE, DECRYPT, None, {IDENTITY: [KMS]}, ALLOWED, [IDENTITY]),
    (ROOT, DECRYPT, None, {RESOURCE: KEY_FOR_ROOT}, ALLOWED, [RESOURCE]),
    (ROOT, DECRYPT, None, {RESOURCE: KEY_FOR_ROLE}, IMPLICIT, RESOURCE),
    (OTHER_ROLE, DECRYPT, A, {RESOURCE: KEY_FOR_OTHER}, IMPLICIT, IDENTITY),
    (
        OTHER_ROLE,
        DECRYPT,
        A,
        {RESOURCE: KEY_FOR_OTHER, IDENTITY: [KMS]},
        ALLOWED,
        [RESOURCE, IDENTITY],
    ),
    # What AWS decides by itself.
    (ROLE, "sts:GetCallerIdentity", None, {IDENTITY: [says("Deny", "*")]}, ALLOWED, []),
    (ROLE, "STS:getcalleridentity", None, {}, ALLOWED, []),
]

OBJECT = "arn:aws:s3:::photos/a.jpg"
TO_MANAGED = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TO_RESERVED = f"arn:aws:iam::{A}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x"
# An action and a resource that AWS protects, or does not; the caller; what everything allows.
PROTECTED: list[tuple[str, str, Caller, str]] = [
    ("iam:GetPolicy", TO_MANAGED, ROLE, ALLOWED),
    ("iam:DeletePolicy", TO_MANAGED, ROLE, IMPLICIT),
    ("iam:createpolicyversion", TO_MANAGED, ROLE, IMPLICIT),
    ("iam:DeletePolicy", f"arn:aws:iam::{A}:policy/mine", ROLE, ALLOWED),
    ("iam:GetRole", TO_RESERVED, ROLE, ALLOWED),
    ("iam:PutRolePolicy", TO_RESERVED, ROLE, IMPLICIT),
    ("iam:UpdateRole", TO_RESERVED, ROLE, IMPLICIT),
    ("iam:PutRolePolicy", ROLE_ARN, ROLE, ALLOWED),
    ("iam:UpdateAssumeRolePolicy", LINKED.arn, ROLE, IMPLICIT),
    ("iam:DeleteServiceLinkedRole", LINKED.arn, ROLE, ALLOWED),
]

# The policies of a role, and in an open context: the decision, the layers of the statements that
# are named, the layer that blocks. The condition of the policies is on the key a:x.
OPEN_DECISIONS: list[tuple[Json, str, list[Layer], Layer | None]] = [
    ({IDENTITY: [ALLOW]}, ALLOWED, [IDENTITY], None),
    ({IDENTITY: [ALLOW_IF]}, DEPENDS, [IDENTITY], None),
    ({IDENTITY: [ALLOW_IF, ALLOW]}, ALLOWED, [IDENTITY], None),
    ({IDENTITY: [DENY_IF]}, DEPENDS, [IDENTITY], IDENTITY),
    ({IDENTITY: [DENY_IF, ALLOW]}, DEPENDS, [IDENTITY], None),
    ({IDENTITY: [DENY_IF, ALLOW_IF]}, DEPENDS, [IDENTITY, IDENTITY], None),
    ({IDENTITY: [DENY_IF, DENY]}, EXPLICIT, [IDENTITY], None),
    ({IDENTITY: [ALLOW_IF, DENY]}, EXPLICIT, [IDENTITY], None),
    ({IDENTITY: [ALLOW], BOUNDARY: ALLOW_IF}, DEPENDS, [BOUNDARY], None),
    ({IDENTITY: [OTHER], BOUNDARY: ALLOW_IF}, IMPLICIT, [], IDENTITY),
    ({IDENTITY: [ALLOW_IF], BOUNDARY: OTHER}, IMPLICIT, [], BOUNDARY),
    ({IDENTITY: [ALLOW_IF], SCP: [[OTHER]]}, IMPLICIT, [], SCP),
    ({IDENTITY: [ALLOW], SCP: [[ALLOW_IF]]}, DEPENDS, [SCP], None),
    ({IDENTITY: [ALLOW], SCP: [[both(FULL, DENY_IF)]]}, DEPENDS, [SCP], None),
    ({IDENTITY: [OTHER], RESOURCE: to("*", **IF)}, DEPENDS, [RESOURCE], None),
    ({IDENTITY: [ALLOW], RESOURCE: to("*", **IF)}, ALLOWED, [IDENTITY], None),
    ({IDENTITY: [ALLOW], RESOURCE: to("*", "Deny", **IF)}, DEPENDS, [RESOURCE], None),
    ({IDENTITY: [ALLOW], RESOURCE: to({"AWS": B}, "Deny", **IF)}, ALLOWED, [IDENTITY], None),
    ({IDENTITY: [ALLOW], RCP: [to("*", "Deny", **IF)]}, DEPENDS, [RCP], None),
]
