"""The stack file that `init` writes."""

from __future__ import annotations

_HEAD = """\
# What rolewright manages in this stack. Check it with `rolewright validate`, see what it would do with
# `rolewright plan`, and do it with `rolewright apply`. `rolewright schema` gives editors its JSON Schema.
stack: {stack}
# region: us-east-1                    # else the AWS environment's
# allowed_accounts: ["123456789012"]   # any other account is refused
tags: {{managed-by: rolewright}}         # on everything that can carry tags

variables:
  bucket:
    default: my-bucket                 # also: RW_VAR_bucket, --var bucket=NAME, --var-file FILE

# Who may assume a role.
trust_policies:
  {service}:
    services: [{principal}]
    # also: accounts, roles, conditions, or document / document_file with plain IAM JSON

roles:
  {role}:
    trust: {service}
    description: Reads the bucket
    # name (default: the key), path, max_session_duration, permissions_boundary, tags
    # exclusive: false                 # leave policies alone that somebody else attached
    # lifecycle: {{prevent_destroy: true}}

# What the role may then do.
permission_policies:
  read-bucket:
    roles: [{role}]
    statements:
      - actions: [s3:GetObject, s3:ListBucket]
        resources: ["arn:aws:s3:::${{var.bucket}}", "arn:aws:s3:::${{var.bucket}}/*"]
  # logs:
  #   roles: [{role}]
  #   managed_policy: CloudWatchLogsReadOnlyAccess   # an AWS managed policy, by name or ARN

# What carries the role.
service_bindings:
  {service}:
    service: {service}
{binding}
# What `rolewright verify` proves.
expectations:
  - role: {role}
    assumed_by: {principal}
    can: [s3:GetObject]
    on: ["arn:aws:s3:::${{var.bucket}}/*"]
"""
_PRINCIPALS = {
    "ec2": "ec2.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "ecs": "ecs-tasks.amazonaws.com",
}
_BINDINGS = {
    "ec2": "    role: {role}\n    instances: [{target}]        # makes an instance profile and associates it\n",
    "lambda": "    role: {role}\n    function: {target}           # the role from before comes back on destroy\n",
    "ecs": "    task_role: {role}            # also: execution_role\n"
    "    task_definition: {target}    # gets a new revision that copies all else\n",
}


def starter(stack: str, service: str, target: str) -> str:
    """A commented stack file for one service: ec2, lambda or ecs."""
    role = "bucket-reader"
    return _HEAD.format(
        stack=stack,
        service=service,
        role=role,
        principal=_PRINCIPALS[service],
        binding=_BINDINGS[service].format(role=role, target=target),
    )
