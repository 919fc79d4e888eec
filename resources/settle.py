"""The errors that pass by themselves while IAM catches up with itself, and no others.

Sources: IAM user guide, "Changes that I make are not always immediately visible"; the error lists of each
operation in the API reference; the messages that services answer while a new role spreads.
"""

from __future__ import annotations

from .calls import Retry

CONCURRENT = Retry("ConcurrentModification")
UNMODIFIABLE = Retry("EntityTemporarilyUnmodifiable")
NEW_PRINCIPAL = Retry("MalformedPolicyDocument", "Invalid principal in policy")
DELETE_CONFLICT = Retry("DeleteConflict")
NEW_ROLE = Retry("NoSuchEntity", "role with name")
NEW_POLICY = Retry("NoSuchEntity", "Policy arn")
NEW_PROFILE_FOR_IAM = Retry("NoSuchEntity", "Instance Profile")
NEW_PROFILE = Retry("InvalidParameterValue", "Invalid IAM Instance Profile")
PROFILE_WITHOUT_ROLE = Retry("InvalidParameterValue", "has no associated IAM Roles")

ATTACH = (CONCURRENT, UNMODIFIABLE, NEW_ROLE, NEW_POLICY)
WRITE = (CONCURRENT, UNMODIFIABLE)
LAMBDA_ROLE = (
    Retry("InvalidParameterValueException", "cannot be assumed by Lambda", seconds=300),
    Retry(
        "InvalidParameterValueException", "execution role does not have permissions", seconds=300
    ),
    Retry("InvalidParameterValueException", "throttled by EC2", seconds=840),
    Retry("InvalidParameterValueException", "KMS key is invalid for CreateGrant", seconds=300),
    Retry("ResourceConflictException", seconds=300),
)
