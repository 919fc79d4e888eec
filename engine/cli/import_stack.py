"""Which stack an import goes into, and how what it found is kept: files first, then the state."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from .options import Common

if TYPE_CHECKING:
    from ..config.declarations import Declarations
    from ..events import Sink
    from ..importing.importer import Result
    from ..session import Session
    from .composition import Inputs


def stack_of(options: Common, inputs: Inputs, stack: str | None) -> tuple[Declarations, str]:
    """What the stack declares, and the name of a stack that has no file yet, else an empty text.

    Raises:
        Problem: with all that is wrong in the stack file.
    """
    from ...resources.diagnostics import Problem
    from ..config.source import readable
    from .composition import declarations

    if stack is not None and not stack.strip():
        raise Problem.of("bad-option", "--stack names no stack")
    path = options.config_path
    folder = path if path.is_dir() else path.parent
    empty = path.is_dir() and not any(readable(path))
    if not empty and (path.exists() or options.config is not None):
        if stack is not None:
            raise Problem.of("bad-option", f"--stack names a new stack, and {path} is one")
        return declarations(options, inputs), ""
    _refuse_other_start(path)
    name = stack or re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-._") or "stack"
    return declarations(options, inputs, {"rolewright.yaml": f"stack: {json.dumps(name)}\n"}), name


def stack_again(options: Common, inputs: Inputs, new: str, stack: str) -> tuple[Declarations, str]:
    """The same as `stack_of` gave, unless a new stack was begun by somebody else by now.

    Raises:
        Problem: that is a stack of another name.
    """
    from ...resources.diagnostics import Problem

    declared, still_new = stack_of(options, inputs, None)
    if new and still_new:
        return stack_of(options, inputs, new)
    if declared.settings.stack != stack:
        raise Problem.of(
            "stack-changed",
            f"{options.config_path} is of the stack {declared.settings.stack} now, not {stack}",
            hint="somebody wrote it meanwhile: run the command again",
        )
    return declared, still_new


def _refuse_other_start(path: Path) -> None:
    """Begin no second stack beside one that is there under another suffix.

    Raises:
        Problem: there is one, or the new one's name is a link to nowhere.
    """
    from ...resources.diagnostics import Problem

    if path.is_dir():
        return
    others = (path.with_suffix(suffix) for suffix in (".yml", ".json"))
    other = next((one for one in others if one.exists()), None)
    if other is not None:
        raise Problem.of(
            "other-stack-file",
            f"there is no {path}, and there is {other}",
            hint=f"to import into that stack: -c {other}",
        )
    if path.is_symlink():
        raise Problem.of("no-file", f"{path} is a link to {path.readlink()}, which is not there")


def keep(options: Common, session: Session, result: Result, printed: bool) -> list[Path]:
    """Write the files, then the state; without the state the files go again.

    Raises:
        Problem: one of them can't be written.
    """
    from ..config.loader import PYTHON
    from ..importing.files import folder_of, write_files
    from ..importing.leftovers import mark_of, marked

    if not result.recorded.addresses:
        return []
    session.store.preflight()
    if result.files and options.config_path.suffix == PYTHON and not printed:
        from ...resources.diagnostics import Problem

        raise Problem.of(
            "python-stack",
            "a stack in Python can't have YAML files beside it",
            hint="import with --print, and declare what it prints in Python",
        )
    if printed or not result.files:
        session.store.save(result.state)
        return []
    folder = folder_of(options.config_path)
    with marked(mark_of(options.state_path), result.files, folder, result.state.serial):
        files = write_files(result.files, folder)
        try:
            session.store.save(result.state)
        except BaseException:
            for file in files:
                file.unlink(missing_ok=True)
            raise
    return files


def sweep(options: Common, lock_timeout: float, sink: Sink) -> None:
    """Remove what an import that was killed left beside the stack file.

    Raises:
        Problem: somebody else holds the state's lock, or a file can't be removed.
    """
    from ..importing.leftovers import mark_of

    mark = mark_of(options.state_path)
    if not mark.exists():
        return
    from ...resources.diagnostics import Problem
    from ..events import Notice
    from ..importing.leftovers import remove_leftovers
    from .composition import lock
    from .stored import store_for

    with lock(options, "import", lock_timeout, sink):
        # It may have been that of an import which was under way, and has ended by now.
        if not mark.exists():
            return
        state = store_for(options).load()
        try:
            removed = remove_leftovers(mark, 0 if state is None else state.serial)
        except (OSError, ValueError, KeyError) as error:
            raise Problem.of(
                "leftovers",
                f"what an earlier import left can't be cleared up: {error}",
                hint=f"remove the new imported files that {mark} names, and then that file",
            ) from error
    for file in removed:
        sink(Notice(f"removed {file.name}, which an import that did not come to its end had left"))
