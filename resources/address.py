"""What a resource is called in a stack: `KIND.NAME` or `KIND.NAME["KEY"]`.

Pure vocabulary: knows nothing of files, AWS or the engine.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

_PATTERN = re.compile(
    r'^(?P<kind>[a-z_]+)\.(?P<name>[^\[\]\s"]+)(?:\[(?P<key>"(?:[^"\\]|\\.)*")\])?$'
)


@dataclass(frozen=True, slots=True)
class Address:
    """The name of one resource instance; sorts and prints as its text form."""

    kind: str
    name: str
    key: str | None = None

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `role.reader` or `role.reader["a"]`.

        Raises:
            ValueError: the text is not an address.
        """
        match = _PATTERN.match(text)
        if match is None:
            raise ValueError(f'{text!r} is not an address such as role.reader or role.reader["a"]')
        key = match["key"]
        return cls(match["kind"], match["name"], None if key is None else json.loads(key))

    @property
    def local(self) -> str:
        """The part after the kind: `reader` or `reader["a"]`, as stack files refer to it."""
        return self.name if self.key is None else f"{self.name}[{json.dumps(self.key)}]"

    @property
    def base(self) -> Address:
        """The address of the block that this instance was made from by `for_each`."""
        return Address(self.kind, self.name)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        """Let files hold an address as its text form."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(value),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    def __str__(self) -> str:
        return f"{self.kind}.{self.local}"

    def __lt__(self, other: Address) -> bool:
        return str(self) < str(other)
