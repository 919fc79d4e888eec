"""AWS's refusals and the ways of not reaching it, as AwsError and as findings for people.

Keys, tokens and session names are taken out of every message here, before anything keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from ...resources.diagnostics import Diagnostic
from ...resources.ports import AwsError

NOT_IMPLEMENTED = 501
"""The HTTP status of an endpoint that knows no such call, as of a local AWS: it did nothing."""
THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Codes that AWS answers before it has done anything, when it is asked too often."""

RAISED = (aws.BotoCoreError, aws.ClientError, ResponseParserError, LookupError, ValueError)
"""What a botocore client raises; the last two over an answer that is not AWS's."""

_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
_BAD_KEYS = frozenset(
    {"AuthFailure", "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"}
)
_BAD_SIGNATURES = frozenset(
    {
        "IncompleteSignature",
        "InvalidSignatureException",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)

_KEY_ID = re.compile(r"\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}")
_SESSION = re.compile(r"(:assumed-role/[^/\s]+/)[\w+=,.@-]+")
_TOKEN = re.compile(r"(?i)(security-token|signature|credential)\s*[:=]\s*\S+")
_CAUSE = re.compile(r"(?:\[Errno -?\d+\]|CERTIFICATE_VERIFY_FAILED\]) ([^()'\"]+)")
_ACTION = re.compile(r"perform:?\s+(?P<action>[\w-]+:\w+)(?:\s+on resource:?\s+(?P<resource>\S+))?")


def scrub(message: str) -> str:
    """A message of AWS without key ids, tokens and session names."""
    text = _SESSION.sub(r"\1…", _KEY_ID.sub(r"\1…", message))
    return _TOKEN.sub(r"\1: …", text)


def translate(
    error: Exception, service: str, operation: str, *, changing: bool = False
) -> AwsError:
    """What botocore raised, as AwsError.

    AWS's codes stay as they are, but for the names of an expired token: all become `ExpiredToken`.
    What never reached AWS gets one of our own: `NoCredentials`, `ExpiredToken`, `ProfileNotFound`,
    `NoRegion`, `BadConfiguration`, `ParamValidation`, `Unreachable`, `Timeout`. The error of a
    `changing` call is `uncertain` when AWS may have carried the call out although it didn't say so:
    no answer, a broken one, or HTTP 5xx but 501.
    """
    if isinstance(error, aws.ClientError):
        return _refusal(error, service, operation, changing=changing)
    code, unanswered, say = _kind_of(error)
    if _says_certificate(error):
        unanswered = False
    return AwsError(service, operation, code, scrub(say(error)), uncertain=changing and unanswered)


def _refusal(error: aws.ClientError, service: str, operation: str, *, changing: bool) -> AwsError:
    answer: dict[str, Any] = dict(error.response)
    told: dict[str, Any] = answer.get("Error", {})
    metadata: dict[str, Any] = answer.get("ResponseMetadata", {})
    code = str(told.get("Code") or "Unknown")
    message = str(told.get("Message") or told.get("message") or "no reason given")
    if code in _BAD_SIGNATURES:
        # What follows the first sentence is the signed request, session token and all.
        message = message.partition(". ")[0].partition("\n")[0]
    if error.operation_name != operation:
        # Credentials are fetched in the midst of another call: its refusal is STS's.
        service, operation, changing = "sts", error.operation_name, False
    status = int(metadata.get("HTTPStatusCode") or 0)
    broken = status >= 500 and status != NOT_IMPLEMENTED and code not in THROTTLED
    return AwsError(
        service,
        operation,
        "ExpiredToken" if code in _EXPIRED else code,
        scrub(message),
        uncertain=changing and broken,
        request_id=str(metadata.get("RequestId", "")),
    )


def _text(error: Exception) -> str:
    return str(error)


def _endpoint(error: Exception) -> str:
    arguments: dict[str, Any] = getattr(error, "kwargs", {})
    if "proxy_url" in arguments:
        return f"the proxy {arguments['proxy_url']}"
    return str(arguments.get("endpoint_url") or "AWS")


def _unreachable(error: Exception) -> str:
    arguments: dict[str, Any] = getattr(error, "kwargs", {})
    cause = _CAUSE.search(str(arguments.get("error") or ""))
    return f"could not connect to {_endpoint(error)}" + (f": {cause[1].strip()}" if cause else "")


def _no_answer(error: Exception) -> str:
    return f"{_endpoint(error)} did not answer in time"


def _cut_off(error: Exception) -> str:
    return f"the connection to {_endpoint(error)} broke before an answer came"


def _unreadable(_: Exception) -> str:
    return "the answer can't be read: is this the endpoint of AWS?"


# Class, our code, whether AWS may have got the request, the message. The first that fits counts.
_Kind = tuple[type[Exception], str, bool, Callable[[Exception], str]]
_KINDS: tuple[_Kind, ...] = (
    (aws.NoCredentialsError, "NoCredentials", False, _text),
    (aws.PartialCredentialsError, "NoCredentials", False, _text),
    (aws.CredentialRetrievalError, "NoCredentials", False, _text),
    (aws.MetadataRetrievalError, "NoCredentials", False, _text),
    (aws.UnknownCredentialError, "NoCredentials", False, _text),
    (aws.SSOError, "ExpiredToken", False, _text),
    (aws.TokenRetrievalError, "ExpiredToken", False, _text),
    (aws.RefreshWithMFAUnsupportedError, "ExpiredToken", False, _text),
    (aws.NoAuthTokenError, "ExpiredToken", False, _text),
    # aws login is newer than the oldest botocore that we run with.
    (getattr(aws, "LoginError", aws.SSOError), "ExpiredToken", False, _text),
    (aws.ProfileNotFound, "ProfileNotFound", False, _text),
    (aws.NoRegionError, "NoRegion", False, _text),
    (aws.InvalidRegionError, "NoRegion", False, _text),
    (aws.ConfigNotFound, "BadConfiguration", False, _text),
    (aws.ConfigParseError, "BadConfiguration", False, _text),
    (aws.InvalidConfigError, "BadConfiguration", False, _text),
    (aws.ParamValidationError, "ParamValidation", False, _text),
    (aws.EndpointConnectionError, "Unreachable", False, _unreachable),
    (aws.ConnectTimeoutError, "Unreachable", False, _unreachable),
    (aws.ProxyConnectionError, "Unreachable", False, _unreachable),
    (aws.SSLError, "Unreachable", True, _unreachable),
    (aws.ReadTimeoutError, "Timeout", True, _no_answer),
    (aws.ConnectionClosedError, "Timeout", True, _cut_off),
    (aws.HTTPClientError, "Timeout", True, _cut_off),
    (aws.IncompleteReadError, "Timeout", True, _cut_off),
)


def _kind_of(error: Exception) -> tuple[str, bool, Callable[[Exception], str]]:
    for kind, code, unanswered, say in _KINDS:
        if isinstance(error, kind):
            return code, unanswered, say
    if not isinstance(error, aws.BotoCoreError):
        return "Timeout", True, _unreadable
    # Nothing is known of it, so the request may have arrived.
    return type(error).__name__.removesuffix("Error"), True, _text


def _says_certificate(error: Exception) -> bool:
    return isinstance(error, aws.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error)


def hopeless(error: AwsError) -> bool:
    """Whether every other call would fail in the same way."""
    general = {*_EXPLANATIONS, *THROTTLED, *_BAD_KEYS, *_BAD_SIGNATURES} - {"ParamValidation"}
    return error.code in general or error.service == "sts"


def diagnostic(error: AwsError) -> Diagnostic:
    """The finding that tells a person what went wrong, at which call, why, and what to do next."""
    call = f"{error.service}:{error.operation}"
    if error.denied:
        return _denied(error, call)
    if error.code in THROTTLED:
        return Diagnostic(
            "aws-throttled",
            f"AWS still refuses {call} for being asked too often",
            f"{error.code}: {error.message}",
            "wait a little and run the command again, with a lower --parallelism",
        )
    code, summary, hint = _explanation(error)
    detail = f"{call} failed: {error.message}"
    if error.request_id:
        detail += f" (request {error.request_id})"
    if error.uncertain:
        detail += "\nAWS may have carried the call out all the same."
    return Diagnostic(code, summary, detail, hint)


_LOGIN = "log in again, for example with aws sso login, or get new credentials"
_CREDENTIALS = (
    "run aws configure or aws sso login, set AWS_PROFILE or --profile, "
    "or use --sandbox to try without an account"
)
# By code of the error: code of the finding, summary, hint.
_EXPLANATIONS: dict[str, tuple[str, str, str]] = {
    "NoCredentials": ("aws-no-credentials", "no AWS credentials", _CREDENTIALS),
    "ExpiredToken": ("aws-expired-token", "the AWS credentials have expired", _LOGIN),
    "ProfileNotFound": (
        "aws-profile-not-found",
        "the AWS profile doesn't exist",
        "aws configure list-profiles shows those that do",
    ),
    "NoRegion": (
        "aws-no-region",
        "no AWS region",
        "write region: in the stack file, set --region or AWS_REGION, or choose a profile with one",
    ),
    "BadConfiguration": (
        "aws-bad-configuration",
        "the AWS configuration can't be used",
        "look into ~/.aws/config and ~/.aws/credentials",
    ),
    "Unreachable": (
        "aws-unreachable",
        "AWS can't be reached",
        "check the network, the proxy, the region and --endpoint-url",
    ),
    "Timeout": (
        "aws-timeout",
        "AWS didn't answer",
        "check the network, then run the command again",
    ),
    "ParamValidation": (
        "aws-bad-parameter",
        "the call isn't one that AWS knows",
        "a newer boto3 may know it: pip install --upgrade boto3",
    ),
}


def _explanation(error: AwsError) -> tuple[str, str, str]:
    if error.code in _EXPLANATIONS:
        return _EXPLANATIONS[error.code]
    if error.code in _BAD_KEYS:
        return "aws-bad-credentials", "AWS doesn't know these credentials", _CREDENTIALS
    if error.code in _BAD_SIGNATURES:
        return (
            "aws-bad-signature",
            "AWS refuses the signature of the call",
            "check the secret key, and that the clock of this machine is right",
        )
    return "aws-error", f"{error.service}:{error.operation}: {error.code}", ""


def _denied(error: AwsError, call: str) -> Diagnostic:
    told = _ACTION.search(error.message)
    action = told["action"] if told else call
    resource = (told["resource"] or "").rstrip(".,") if told else ""
    target = f" on {resource}" if resource else ""
    if "explicit deny" in error.message:
        hint = f"a policy that the message names denies {action}: it must be changed there"
    else:
        hint = f"allow {action}{target} to the identity that runs rolewright"
    detail = f"{call} failed: {error.message}"
    return Diagnostic("aws-access-denied", f"AWS denies {action}", detail, hint)
