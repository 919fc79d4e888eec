"""Applies the stacks that its input names, each in a process of its own that meets faults or is killed at a call.

One JSON object a line: folder and url, the case's two stacks, the faults by number of call, how many calls at once.
Answers each with a line: the signal that ended the process, or 0. The outcome, or the error that the apply raised, is
left pickled in the file that the object names. Forking spares every run the imports and the reading of AWS's models.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from rolewright.engine.aws.session import AwsOptions, connect
from rolewright.resources.diagnostics import Problem
from rolewright.resources.ports import AwsError
from support import models
from support.faults import Case, Fault, FaultyAws, Raised, wanted_plan
from support.runs import Bench


def apply(job: dict[str, Any]) -> None:
    aws = connect(AwsOptions(sandbox_endpoint=job["url"]), sleep=lambda _: None)
    bench = Bench(Path(job["folder"]), aws.again)
    case = Case(job["before"], job["after"])
    faults = {int(number): Fault(fault) for number, fault in job["faults"].items()}
    session = bench.session(case.name, FaultyAws(aws, faults))  # type: ignore[arg-type]
    session.parallelism = job["parallelism"]
    try:
        ended: object = session.apply(wanted_plan(bench, session, case))
    except (Problem, AwsError) as error:
        ended = Raised(repr(error))
    Path(job["ended"]).write_bytes(pickle.dumps(ended))


def main() -> None:
    models.share()
    models.read(("ec2", "ecs", "iam", "lambda", "sts"))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            apply(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, flush=True)


if __name__ == "__main__":
    main()
