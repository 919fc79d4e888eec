"""The local AWS for the faults."""

from support.moto_server import aws, connect_aws, sandbox

__all__ = ["aws", "connect_aws", "sandbox"]
