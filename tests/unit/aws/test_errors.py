"""AWS's refusals as errors and as findings for people."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError
from rolewright.engine.aws.errors import diagnostic, hopeless, scrub, translate
from rolewright.resources.diagnostics import Diagnostic
from rolewright.resources.ports import AwsError


def refused(code: str, message: str, status: int = 400, operation: str = "CreateRole") -> Any:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r-1"},
    }
    return aws.ClientError(response, operation)


def error_of(raised: Exception, *, changing: bool = True) -> AwsError:
    return translate(raised, "iam", "CreateRole", changing=changing)


URL = "https://iam.amazonaws.com/"
LOST: list[Exception] = [
    aws.ReadTimeoutError(endpoint_url=URL),
    aws.ConnectionClosedError(endpoint_url=URL),
    aws.HTTPClientError(error="reset"),
    aws.IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ResponseParserError("junk"),
    KeyError("CreateRoleResult"),
    refused("ServiceFailure", "try again", 500),
    refused("503", "Service Unavailable", 503),
]


@pytest.mark.parametrize("raised", LOST, ids=lambda raised: type(raised).__name__)
def test_without_an_answer_a_changing_call_is_uncertain(raised: Exception) -> None:
    """No answer, a broken one and HTTP 5xx leave open whether the call was carried out."""
    assert error_of(raised).uncertain
    assert not error_of(raised, changing=False).uncertain


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (aws.NoCredentialsError(), "NoCredentials"),
        (aws.PartialCredentialsError(provider="env", cred_var="x"), "NoCredentials"),
        (aws.CredentialRetrievalError(provider="sso", error_msg="x"), "NoCredentials"),
        (aws.UnauthorizedSSOTokenError(), "ExpiredToken"),
        (aws.TokenRetrievalError(provider="sso", error_msg="x"), "ExpiredToken"),
        (refused("ExpiredTokenException", "expired", 403), "ExpiredToken"),
        (refused("RequestExpired", "expired", 400), "ExpiredToken"),
        (aws.ProfileNotFound(profile="p"), "ProfileNotFound"),
        (aws.NoRegionError(), "NoRegion"),
        (aws.ConfigParseError(path="p"), "BadConfiguration"),
        (aws.ParamValidationError(report="Missing RoleName"), "ParamValidation"),
        (aws.EndpointConnectionError(endpoint_url=URL), "Unreachable"),
        (aws.ConnectTimeoutError(endpoint_url=URL), "Unreachable"),
        (aws.ProxyConnectionError(proxy_url="http://p"), "Unreachable"),
        (aws.SSLError(endpoint_url=URL, error=OSError("CERTIFICATE_VERIFY_FAILED")), "Unreachable"),
        (refused("Throttling", "Rate exceeded", 400), "Throttling"),
        (refused("RequestLimitExceeded", "Request limit exceeded.", 503), "RequestLimitExceeded"),
        (refused("NoSuchEntity", "no role", 404), "NoSuchEntity"),
        (refused("NotImplemented", "the local AWS can't do this", 501), "NotImplemented"),
    ],
)
def test_what_was_not_carried_out_is_certain(raised: Exception, code: str) -> None:
    """Each failure has its code, and one that AWS can't have acted on is certain."""
    error = error_of(raised)

    assert (error.code, error.uncertain) == (code, False)


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (
            aws.EndpointConnectionError(
                endpoint_url=URL, error="x: [Errno 111] Connection refused"
            ),
            f"could not connect to {URL}: Connection refused",
        ),
        (
            aws.SSLError(
                endpoint_url=URL,
                error=OSError(
                    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: expired"
                ),
            ),
            f"could not connect to {URL}: certificate verify failed: expired",
        ),
        (aws.ConnectTimeoutError(endpoint_url=URL), f"could not connect to {URL}"),
        (
            aws.ProxyConnectionError(proxy_url="http://proxy:3128"),
            "could not connect to the proxy http://proxy:3128",
        ),
        (aws.ReadTimeoutError(endpoint_url=URL), f"{URL} did not answer in time"),
    ],
)
def test_what_cannot_be_reached_is_named(raised: Exception, message: str) -> None:
    """The message of a failed connection has the URL and the reason, in our own words."""
    assert error_of(raised).message == message


def test_a_refused_role_of_our_own_is_named_as_such() -> None:
    """Credentials are fetched in the midst of another call: its failure is that of AssumeRole."""
    error = error_of(refused("AccessDenied", "no", 403, operation="AssumeRole"))

    assert (error.service, error.operation, error.uncertain) == ("sts", "AssumeRole", False)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "User: arn:aws:sts::123456789012:assumed-role/Admin/jane@example.com is not authorized",
            "User: arn:aws:sts::123456789012:assumed-role/Admin/… is not authorized",
        ),
        ("The key AKIAIOSFODNN7EXAMPLE is inactive", "The key AKIA… is inactive"),
        ("x-amz-security-token:FwoGZXIvYXdz more", "x-amz-security-token: … more"),
        (
            "The role with name reader cannot be found.",
            "The role with name reader cannot be found.",
        ),
    ],
)
def test_secrets_are_taken_out_of_messages(message: str, expected: str) -> None:
    """Key ids, tokens and session names never get into an error."""
    assert scrub(message) == expected


def test_a_wrong_signature_does_not_tell_the_signed_request() -> None:
    """AWS repeats the signed request, token and all, when a signature is wrong: it isn't kept."""
    error = error_of(
        refused(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match. The Canonical String was\n"
            "'POST\n/\nx-amz-security-token:FwoGZXIvYXdz'",
            403,
        )
    )

    assert error.message == "The request signature we calculated does not match"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            AwsError(
                "iam",
                "CreateRole",
                "AccessDenied",
                "User: arn:aws:iam::1:user/u is not authorized to perform: iam:PassRole on "
                "resource: arn:aws:iam::1:role/r because no identity-based policy allows the "
                "iam:PassRole action",
            ),
            Diagnostic(
                "aws-access-denied",
                "AWS denies iam:PassRole",
                "iam:CreateRole failed: User: arn:aws:iam::1:user/u is not authorized to perform: "
                "iam:PassRole on resource: arn:aws:iam::1:role/r because no identity-based policy "
                "allows the iam:PassRole action",
                "allow iam:PassRole on arn:aws:iam::1:role/r to the identity that runs rolewright",
            ),
        ),
        (
            AwsError("ec2", "RunInstances", "UnauthorizedOperation", "You are not authorized."),
            Diagnostic(
                "aws-access-denied",
                "AWS denies ec2:RunInstances",
                "ec2:RunInstances failed: You are not authorized.",
                "allow ec2:RunInstances to the identity that runs rolewright",
            ),
        ),
        (
            AwsError(
                "iam",
                "CreateRole",
                "AccessDenied",
                "not authorized to perform: iam:CreateRole with an explicit deny in a service "
                "control policy",
            ),
            Diagnostic(
                "aws-access-denied",
                "AWS denies iam:CreateRole",
                "iam:CreateRole failed: not authorized to perform: iam:CreateRole with an explicit "
                "deny in a service control policy",
                "a policy that the message names denies iam:CreateRole: it must be changed there",
            ),
        ),
        (
            AwsError("sts", "GetCallerIdentity", "ExpiredToken", "expired", request_id="r-1"),
            Diagnostic(
                "aws-expired-token",
                "the AWS credentials have expired",
                "sts:GetCallerIdentity failed: expired (request r-1)",
                "log in again, for example with aws sso login, or get new credentials",
            ),
        ),
        (
            AwsError("iam", "GetRole", "Throttling", "Rate exceeded"),
            Diagnostic(
                "aws-throttled",
                "AWS still refuses iam:GetRole for being asked too often",
                "Throttling: Rate exceeded",
                "wait a little and run the command again, with a lower --parallelism",
            ),
        ),
        (
            AwsError("iam", "CreateRole", "Timeout", f"{URL} did not answer", uncertain=True),
            Diagnostic(
                "aws-timeout",
                "AWS didn't answer",
                f"iam:CreateRole failed: {URL} did not answer\n"
                "AWS may have carried the call out all the same.",
                "check the network, then run the command again",
            ),
        ),
        (
            AwsError("iam", "CreateRole", "LimitExceeded", "too many roles"),
            Diagnostic(
                "aws-error",
                "iam:CreateRole: LimitExceeded",
                "iam:CreateRole failed: too many roles",
                "",
            ),
        ),
    ],
    ids=lambda value: value.code,
)
def test_findings_say_what_to_do(error: AwsError, expected: Diagnostic) -> None:
    """A finding tells what failed, at which call, why, and what to do next."""
    assert diagnostic(error) == expected


@pytest.mark.parametrize(
    ("code", "summary"),
    [
        ("NoCredentials", "no AWS credentials"),
        ("ProfileNotFound", "the AWS profile doesn't exist"),
        ("NoRegion", "no AWS region"),
        ("BadConfiguration", "the AWS configuration can't be used"),
        ("Unreachable", "AWS can't be reached"),
        ("ParamValidation", "the call isn't one that AWS knows"),
        ("InvalidClientTokenId", "AWS doesn't know these credentials"),
        ("SignatureDoesNotMatch", "AWS refuses the signature of the call"),
    ],
)
def test_common_failures_have_a_hint(code: str, summary: str) -> None:
    """What most often goes wrong before the first call comes with what to do."""
    found = diagnostic(AwsError("sts", "GetCallerIdentity", code, "why"))

    assert found.summary == summary
    assert found.hint
    assert "why" in found.detail


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ExpiredToken", True),
        ("Unreachable", True),
        ("Throttling", True),
        ("AccessDenied", False),
        ("ParamValidation", False),
        ("ValidationError", False),
    ],
)
def test_some_failures_make_every_other_call_pointless(code: str, expected: object) -> None:
    """What concerns the connection ends a group of reads; what concerns one object doesn't."""
    assert hopeless(AwsError("iam", "GetRole", code, "why")) is expected
