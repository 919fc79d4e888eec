"""The text of a file as composed nodes; a syntax error says where it is and what helps."""

from __future__ import annotations

import re
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, YAMLError
from yaml.reader import ReaderError

from ...resources.diagnostics import Diagnostic, Problem, Source
from .json_text import JsonText
from .tree import MAP, MAX_DEPTH, SEQ, STR, TooDeepError, plain_tag

if TYPE_CHECKING:
    from .slow_parser import SlowParser as _Parser
else:
    try:
        from yaml.cyaml import CParser as _Parser
    except ImportError:  # PyYAML was built without libyaml: ten times slower, but the same
        from .slow_parser import SlowParser as _Parser


def compose(text: str, file: str, *, json: bool) -> Node | None:
    """The nodes of a file's text; None for an empty one.

    Raises:
        Problem: the text is not YAML, or not JSON.
    """
    try:
        return JsonText(text).compose() if json else _Composer(text).get_single_node()
    except JSONDecodeError as error:
        raise Problem(_not_json(error, file)) from error
    except YAMLError as error:
        raise Problem(_not_yaml(error, text, file)) from error
    except TooDeepError as error:
        summary = f"nested more than {MAX_DEPTH} levels deep"
        raise Problem.of("too-large", summary, source=Source(file)) from error


class Resolver:
    """What PyYAML asks at each node: gives our own tags, and stops before the C stack overflows."""

    _depth = 0

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        if kind is ScalarNode:
            return plain_tag(value) if implicit[0] else STR
        return MAP if kind is MappingNode else SEQ

    def descend_resolver(self, current_node: Node | None, current_index: Any) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooDeepError

    def ascend_resolver(self) -> None:
        self._depth -= 1


class _Composer(Resolver, _Parser):
    pass


def _not_json(error: JSONDecodeError, file: str) -> Diagnostic:
    summary = f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
    return Diagnostic("json-syntax", summary, source=Source(file, error.lineno, error.colno))


def _not_yaml(error: YAMLError, text: str, file: str) -> Diagnostic:
    if isinstance(error, ReaderError):
        before = text[: error.position]
        source = Source(file, before.count("\n") + 1, error.position - before.rfind("\n"))
        return Diagnostic("yaml-syntax", f"not valid YAML: {error.reason}", source=source)
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return Diagnostic("yaml-syntax", f"not valid YAML: {error}", source=Source(file))
    mark, begun = error.problem_mark, error.context_mark
    context = re.sub(r"\b(block|flow) ", "", error.context or "").replace("mapping", "map")
    problem = error.problem or "it ends too early"
    if "another document" in problem:
        problem, context = "a second document begins here", ""
    elif context and begun is not None and begun.line != mark.line:
        context += f" that begins at line {begun.line + 1}"
    line = "".join(text.split("\n")[mark.line : mark.line + 1])
    return Diagnostic(
        "yaml-syntax",
        f"not valid YAML: {problem}",
        f"Found {context}." if context else "",
        _hint(f"{problem} {context}", line, mark.column),
        Source(file, mark.line + 1, mark.column + 1),
    )


_HINTS = (
    ("tab character", "indent with spaces"),
    ("second document", "keep one document a file: remove the line ---"),
    ("alias", 'put a text that begins with * in quotes: "*"'),
    ("mapping values", 'put a text that holds ": " in quotes'),
    ("cannot start any token", "put a text that begins with @, % or ` in quotes"),
)
_BARE_EXPRESSION = re.compile(r"[\[{,:]\s*\$\{[^\"']*[\]}]")


def _hint(problem: str, line: str, column: int) -> str:
    if line[column : column + 1] == "\t":
        return "indent with spaces"
    known = next((hint for words, hint in _HINTS if words in problem), "")
    if not known and _BARE_EXPRESSION.search(line):
        return 'inside [ ] and { } put expressions in quotes: "${…}"'
    return known
