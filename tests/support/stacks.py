"""Stack files of any size, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

BINDINGS = ("ec2", "lambda", "ecs")
_PRINCIPALS = {
    "ec2": "ec2.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "ecs": "ecs-tasks.amazonaws.com",
}


def bundle_stack(count: int, bindings: Sequence[str] = BINDINGS) -> str:
    """The YAML of a stack of bundles: trust policy, role, permission policy and binding each.

    The services of the bindings take turns.
    """
    services = [bindings[index % len(bindings)] for index in range(count)] if bindings else []
    lines = ["stack: bundles", "region: us-east-1", "tags: {team: media}"]
    lines.append("trust_policies:")
    for index in range(count):
        service = services[index] if services else "ec2"
        lines += [f"  trust-{index}:", f"    services: [{_PRINCIPALS[service]}]"]
    lines.append("roles:")
    for index in range(count):
        lines += _role(index)
    lines.append("permission_policies:")
    for index in range(count):
        lines += _policy(index)
    if services:
        lines.append("service_bindings:")
    for index, service in enumerate(services):
        lines += _binding(index, service)
    return "\n".join(lines) + "\n"


def _role(index: int) -> Iterator[str]:
    yield f"  role-{index}:"
    yield f"    trust: trust-{index}"
    yield f"    description: Role of bundle {index}"
    yield "    tags:"
    yield f"      bundle: bundle-{index}"


def _policy(index: int) -> Iterator[str]:
    yield f"  policy-{index}:"
    yield f"    roles: [role-{index}]"
    yield "    statements:"
    yield "      - sid: Read"
    yield "        actions: [s3:GetObject, s3:ListBucket]"
    yield "        resources:"
    yield f"          - arn:${{partition}}:s3:::bucket-{index}"
    yield f"          - arn:${{partition}}:s3:::bucket-{index}/*"
    yield "      - sid: Write"
    yield "        actions: [logs:CreateLogStream, logs:PutLogEvents]"
    yield "        resources:"
    yield f"          - arn:aws:logs:${{region}}:${{account_id}}:log-group:bundle-{index}"
    yield "        conditions:"
    yield "          StringEquals: {'aws:PrincipalTag/team': '${aws:ResourceTag/team}'}"


def _binding(index: int, service: str) -> Iterator[str]:
    yield f"  binding-{index}:"
    yield f"    service: {service}"
    yield f"    role: role-{index}"
    if service == "ec2":
        yield f"    instances: [i-{index:017x}]"
    elif service == "lambda":
        yield f"    function: function-{index}"
    else:
        yield f"    task_definition: family-{index}"
