"""Hand-checked cases of matching, as tables: what is asked, and what AWS's rules say.

Each table says in its heading what its columns are.
"""

from __future__ import annotations

from typing import Any

from rolewright.resources.policy.evaluator import Caller, CallerKind

A, B = "111111111111", "222222222222"
ROOT_A, ROOT_B = f"arn:aws:iam::{A}:root", f"arn:aws:iam::{B}:root"
ROLE_ARN = f"arn:aws:iam::{A}:role/app/reader"
USER_ARN = f"arn:aws:iam::{A}:user/ann"
SESSION_ARN = f"arn:aws:sts::{A}:assumed-role/reader/s1"
SAML_ARN = f"arn:aws:iam::{A}:saml-provider/corp"
OIDC_ARN = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"

ROLE = Caller(ROLE_ARN, A, CallerKind.ROLE)
USER = Caller(USER_ARN, A, CallerKind.USER)
SESSION = Caller(SESSION_ARN, A, CallerKind.SESSION)
ROOT = Caller(ROOT_A, A, CallerKind.ROOT)
LAMBDA = Caller("lambda.amazonaws.com", None, CallerKind.SERVICE)
ANYONE = Caller("*", None, CallerKind.ANONYMOUS)
SAML = Caller(SAML_ARN, A, CallerKind.FEDERATED)
OIDC = Caller(OIDC_ARN, A, CallerKind.FEDERATED)
GOOGLE = Caller("accounts.google.com", None, CallerKind.FEDERATED)
FEDERATED_USER = Caller(f"arn:aws:sts::{A}:federated-user/bob", A, CallerKind.FEDERATED)
LINKED = Caller(
    f"arn:aws:iam::{A}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    A,
    CallerKind.ROLE,
)
OTHER_ROLE = Caller(f"arn:aws:iam::{B}:role/reader", B, CallerKind.ROLE)
CANONICAL = "7" * 64

Json = Any
YES, NO = True, False

# The pattern of an Action, the action that is asked for, whether it matches.
ACTIONS: list[tuple[str, str, bool]] = [
    ("s3:GetObject", "s3:GetObject", YES),
    ("s3:getobject", "s3:GetObject", YES),
    ("S3:GetObject", "s3:GetObject", YES),
    ("s3:GetObject", "S3:GETOBJECT", YES),
    ("s3:GetObject", "s3:GetObjectAcl", NO),
    ("s3:Get*", "s3:GetObjectAcl", YES),
    ("s3:Get*", "s3:Get", YES),
    ("s3:Get*", "s3:PutObject", NO),
    ("s3:*Object", "s3:PutObject", YES),
    ("s3:*Object", "s3:PutObjectAcl", NO),
    ("s3:G*O*t", "s3:GetObject", YES),
    ("s3:?etObject", "s3:GetObject", YES),
    ("s3:?etObject", "s3:etObject", NO),
    ("s3:??tObject", "s3:PutObject", YES),
    ("s3:*", "s3:GetObject", YES),
    ("s3:*", "s3-object-lambda:GetObject", NO),
    ("s3:**", "s3:GetObject", YES),
    ("*", "ec2:RunInstances", YES),
    ("*:*", "ec2:RunInstances", YES),
    ("*:RunInstances", "ec2:RunInstances", YES),
    ("*:RunInstances", "ec2:StopInstances", NO),
    ("s3*", "s3:GetObject", NO),
    ("s3:Get[AO]*", "s3:GetObject", NO),
    ("s3:GetObject", "sqs:GetObject", NO),
]

P = "arn:aws:s3:::photos"
# The pattern of a Resource, the resource that is asked for, whether it matches.
RESOURCES: list[tuple[str, str, bool]] = [
    (P, P, YES),
    (P, "arn:aws:s3:::Photos", NO),
    (P, f"{P}/a.jpg", NO),
    (f"{P}/*", f"{P}/a.jpg", YES),
    (f"{P}/*", f"{P}/", YES),
    (f"{P}/*", P, NO),
    (f"{P}/*", f"{P}/a/b:c.jpg", YES),
    (f"{P}*", f"{P}/a.jpg", YES),
    (f"{P}*", f"{P}-private", YES),
    (f"{P}/*.jpg", f"{P}/a/b.jpg", YES),
    (f"{P}/*.jpg", f"{P}/a/b.png", NO),
    (f"{P}/*/2024/*.jpg", f"{P}/x/y/2024/a.jpg", YES),
    (f"{P}/*/2024/*.jpg", f"{P}/2024/a.jpg", NO),
    (f"{P}/*a*b*", f"{P}/xbxaxb", YES),
    (f"{P}/*ab*ab", f"{P}/ab", NO),
    (f"{P}/*ab*ab", f"{P}/abab", YES),
    (f"{P}/???.jpg", f"{P}/abc.jpg", YES),
    (f"{P}/???.jpg", f"{P}/ab.jpg", NO),
    ("arn:aws:s3:::p?otos", P, YES),
    ("arn:aws:s3:::*", P, YES),
    ("arn:aws:s3:::*", "arn:aws:s3:us-east-1:1:accesspoint/x", NO),
    ("*", P, YES),
    ("**", P, YES),
    ("*", "*", YES),
    ("**", "*", YES),
    ("?", "*", NO),
    ("arn:aws:s3:::*", "*", NO),
    ("arn:*", "*", NO),
    ("arn:aws:s3:*", P, YES),
    ("arn:aws:s3*", P, YES),
    ("arn:aws:*", P, YES),
    ("arn:*", P, YES),
    ("arn:aws:s3", P, NO),
    ("arn:aws:s3::", P, NO),
    ("arn:aws:sqs:*", P, NO),
    ("arn:aws:sqs:*:1:q", "arn:aws:sqs:eu-west-1:1:q", YES),
    ("arn:aws:sqs:*:1:q", "arn:aws:sqs:eu-west-1:2:q", NO),
    ("arn:aws:sqs:eu-*-1:1:q", "arn:aws:sqs:eu-west-1:1:q", YES),
    ("arn:aws:sqs:eu-*t-1:1:q", "arn:aws:sqs:eu-east-1:1:q", YES),
    ("arn:aws:sqs:eu-*x:1:q", "arn:aws:sqs:eu-west-1:1:x:1:q", NO),
    ("arn:aws:sqs:eu*:1:q", "arn:aws:sqs:eu-west-1:2:1:q", YES),
    ("arn:aws:sqs:?:1:q", "arn:aws:sqs:::1:q", NO),
    ("arn:aws:sqs:*:*:*", "arn:aws:sqs:eu-west-1:1:q", YES),
    ("arn:aws:logs:*:1:log-group:/a/*:*", "arn:aws:logs:e:1:log-group:/a/b:log-stream:c", YES),
    ("arn:aws:logs:*:1:log-group:/a/*:*", "arn:aws:logs:e:1:log-group:/a/b", NO),
    ("arn:aws:logs:e:1:log-group:?", "arn:aws:logs:e:1:log-group::", YES),
    ("arn:aws:s3:::a.b", "arn:aws:s3:::axb", NO),
    ("arn:aws:s3:::[ab]", "arn:aws:s3:::a", NO),
    ("arn:aws:s3:::[ab]", "arn:aws:s3:::[ab]", YES),
    ("arn:aws-cn:s3:::x", "arn:aws:s3:::x", NO),
    ("", P, NO),
]

OLD, NEW = "2008-10-17", "2012-10-17"
ANN = {"aws:username": "ann"}
HOME = f"{P}/${{aws:username}}/*"
# The version, the pattern of a Resource, the context, the resource, whether it matches.
VARIABLES: list[tuple[str, str, Json, str, bool]] = [
    (NEW, HOME, ANN, f"{P}/ann/x", YES),
    (NEW, HOME, ANN, f"{P}/bob/x", NO),
    (NEW, HOME, {"AWS:UserName": "ann"}, f"{P}/ann/x", YES),
    (NEW, f"{P}/${{AWS:USERNAME}}", ANN, f"{P}/ann", YES),
    (NEW, HOME, {"aws:username": "Ann"}, f"{P}/ann/x", NO),
    (NEW, HOME, {}, f"{P}//x", NO),
    (NEW, HOME, {}, f"{P}/${{aws:username}}/x", NO),
    (OLD, HOME, ANN, f"{P}/ann/x", NO),
    (OLD, HOME, ANN, f"{P}/${{aws:username}}/x", YES),
    (NEW, HOME, {"aws:username": ["ann"]}, f"{P}/ann/x", NO),
    (NEW, HOME, {"aws:username": ["ann", "bob"]}, f"{P}/ann/x", NO),
    (NEW, HOME, {"aws:username": "*"}, f"{P}/ann/x", NO),
    (NEW, HOME, {"aws:username": "*"}, f"{P}/*/x", YES),
    (NEW, HOME, {"aws:username": "a?n"}, f"{P}/ann/x", NO),
    (NEW, HOME, {"aws:username": "${*}"}, f"{P}/${{*}}/x", YES),
    (NEW, HOME, {"aws:username": ""}, f"{P}//x", YES),
    (NEW, f"{P}/${{aws:username, 'all'}}", {}, f"{P}/all", YES),
    (NEW, f"{P}/${{aws:username, 'all'}}", ANN, f"{P}/ann", YES),
    (NEW, f"{P}/${{aws:username, 'all'}}", ANN, f"{P}/all", NO),
    (NEW, f"{P}/${{aws:username, '*'}}", {}, f"{P}/ann", NO),
    (NEW, f"{P}/${{aws:username, '*'}}", {}, f"{P}/*", YES),
    (NEW, f"{P}/${{aws:username,''}}", {}, f"{P}/", YES),
    (NEW, f"{P}/${{aws:username, 'all'}}", {"aws:username": ["ann"]}, f"{P}/all", NO),
    (NEW, f"{P}/${{aws:username, all}}", ANN, f"{P}/ann", NO),
    (NEW, f"{P}/${{*}}", {}, f"{P}/*", YES),
    (NEW, f"{P}/${{*}}", {}, f"{P}/ann", NO),
    (NEW, f"{P}/${{?}}", {}, f"{P}/?", YES),
    (NEW, f"{P}/${{?}}", {}, f"{P}/a", NO),
    (NEW, f"{P}/${{$}}{{x}}", {}, f"{P}/${{x}}", YES),
    (OLD, f"{P}/${{*}}", {}, f"{P}/${{ann}}", YES),
    (NEW, f"{P}/${{aws:username", ANN, f"{P}/${{aws:username", YES),
    (NEW, f"{P}/${{aws:PrincipalTag/Team}}", {"aws:principaltag/team": "red"}, f"{P}/red", YES),
    (NEW, "arn:aws:sqs:${aws:RequestedRegion}:1:q", {}, "arn:aws:sqs::1:q", NO),
    (
        NEW,
        "arn:aws:sqs:${aws:RequestedRegion}:1:q",
        {"aws:RequestedRegion": "eu-west-1"},
        "arn:aws:sqs:eu-west-1:1:q",
        YES,
    ),
    (NEW, "${aws:PrincipalArn}", {"aws:PrincipalArn": USER_ARN}, USER_ARN, YES),
    (NEW, "${a:x}${a:y}", {"a:x": "arn:aws:", "a:y": "s3:::b"}, "arn:aws:s3:::b", YES),
]

# A Principal element, the caller, how closely it names the caller (Grant) or 0.
PRINCIPALS: list[tuple[Json, Caller, int]] = [
    ("*", USER, 3),
    ("*", ROLE, 3),
    ("*", LAMBDA, 3),
    ("*", ANYONE, 3),
    ("*", SAML, 3),
    ({"AWS": "*"}, ANYONE, 3),
    ({"AWS": "*"}, OTHER_ROLE, 3),
    ({"AWS": A}, USER, 1),
    ({"AWS": ROOT_A}, USER, 1),
    ({"AWS": f"arn:aws-cn:iam::{A}:root"}, USER, 1),
    ({"AWS": ROOT_A}, ROLE, 1),
    ({"AWS": ROOT_A}, SESSION, 1),
    ({"AWS": ROOT_A}, FEDERATED_USER, 1),
    ({"AWS": ROOT_A}, ROOT, 3),
    ({"AWS": A}, OTHER_ROLE, 0),
    ({"AWS": A}, LAMBDA, 0),
    ({"AWS": A}, ANYONE, 0),
    ({"AWS": A}, SAML, 0),
    ({"AWS": USER_ARN}, USER, 3),
    ({"AWS": USER_ARN}, ROOT, 0),
    ({"AWS": f"arn:aws:iam::{A}:user/*"}, USER, 0),
    ({"AWS": f"arn:aws:iam::{A}:user/Ann"}, USER, 0),
    ({"AWS": ROLE_ARN}, ROLE, 2),
    ({"AWS": ROLE_ARN}, SESSION, 2),
    ({"AWS": f"arn:aws:iam::{A}:role/reader"}, SESSION, 2),
    ({"AWS": f"arn:aws:iam::{A}:role/app"}, SESSION, 0),
    ({"AWS": f"arn:aws:iam::{B}:role/reader"}, SESSION, 0),
    ({"AWS": SESSION_ARN}, SESSION, 3),
    ({"AWS": SESSION_ARN}, ROLE, 0),
    ({"AWS": f"arn:aws:sts::{A}:assumed-role/reader/s2"}, SESSION, 0),
    ({"AWS": f"arn:aws:sts::{A}:assumed-role/reader/*"}, SESSION, 0),
    ({"AWS": "AROAEXAMPLE"}, ROLE, 0),
    ({"AWS": [B, ROLE_ARN]}, SESSION, 2),
    ({"AWS": [ROOT_A, ROLE_ARN]}, SESSION, 2),
    ({"AWS": [ROOT_A, SESSION_ARN, ROLE_ARN]}, SESSION, 3),
    ({"Service": "lambda.amazonaws.com"}, LAMBDA, 3),
    ({"Service": "Lambda.amazonaws.com"}, LAMBDA, 0),
    ({"Service": "ec2.amazonaws.com"}, LAMBDA, 0),
    ({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}, LAMBDA, 3),
    ({"Service": "*"}, LAMBDA, 0),
    ({"AWS": "lambda.amazonaws.com"}, LAMBDA, 0),
    ({"Federated": SAML_ARN}, SAML, 3),
    ({"Federated": SAML_ARN}, OIDC, 0),
    ({"Federated": "accounts.google.com"}, GOOGLE, 3),
    ({"AWS": SAML_ARN}, SAML, 0),
    ({"Federated": ROLE_ARN}, ROLE, 0),
    ({"AWS": f"arn:aws:sts::{A}:federated-user/bob"}, FEDERATED_USER, 3),
    ({"CanonicalUser": CANONICAL}, Caller(CANONICAL, None, CallerKind.USER), 3),
    ({"CanonicalUser": CANONICAL}, USER, 0),
    ({"Service": "lambda.amazonaws.com", "AWS": A}, USER, 1),
]

# A NotPrincipal element under Deny, the caller, whether it has a boundary, whether it is denied.
NOT_PRINCIPALS: list[tuple[Json, Caller, bool, bool]] = [
    ({"AWS": [USER_ARN, ROOT_A]}, USER, NO, NO),
    ({"AWS": [USER_ARN, A]}, USER, NO, NO),
    ({"AWS": USER_ARN}, USER, NO, YES),
    ({"AWS": ROOT_A}, USER, NO, YES),
    ({"AWS": ROOT_A}, ROOT, NO, NO),
    ({"AWS": [USER_ARN, ROOT_A]}, USER, YES, YES),
    ({"AWS": "*"}, USER, NO, NO),
    ({"AWS": [ROLE_ARN, ROOT_A]}, SESSION, NO, NO),
    ({"AWS": [SESSION_ARN, ROLE_ARN, ROOT_A]}, SESSION, NO, NO),
    ({"AWS": [ROLE_ARN, ROOT_A]}, ROLE, NO, NO),
    ({"AWS": [ROLE_ARN, ROOT_A]}, ROLE, YES, YES),
    ({"AWS": [ROLE_ARN, ROOT_A]}, OTHER_ROLE, NO, YES),
    ({"AWS": [ROLE_ARN, ROOT_A]}, ANYONE, NO, YES),
    ({"Service": "lambda.amazonaws.com"}, LAMBDA, NO, NO),
    ({"Service": "ec2.amazonaws.com"}, LAMBDA, NO, YES),
    ({"Federated": SAML_ARN}, SAML, NO, NO),
]
