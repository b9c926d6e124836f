"""Types in numbers: pyright on the package, its errors counted room by room.

Ground, engine, potentials, states, observables, phase space and every face have none. The other rooms may have as many as
tests/type_errors.json says, a number that only falls: `python .ci/type_errors.py --write` stores smaller ones.
"""

import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ALLOWED = ROOT / "tests" / "type_errors.json"


def room(file: str) -> str:
    """The folder of a file below jaxwigner, «faces» for every `__init__.py`, «ground» for a file of no folder."""
    path = pathlib.Path(file).relative_to(ROOT / "jaxwigner")
    if path.name == "__init__.py":
        return "faces"
    return path.parts[0] if len(path.parts) > 1 else "ground"


def errors() -> list[dict]:
    command = [sys.executable, "-m", "pyright", "--outputjson"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stdout + run.stderr)
    found = json.loads(run.stdout)["generalDiagnostics"]
    return [one for one in found if one["severity"] == "error"]


def line(error: dict) -> str:
    where = pathlib.Path(error["file"]).relative_to(ROOT)
    first = error["message"].splitlines()[0]
    return f"{where}:{error['range']['start']['line'] + 1}: {first} ({error.get('rule', 'syntax')})"


def main() -> None:
    found = errors()
    counts = collections.Counter(room(error["file"]) for error in found)
    allowed = json.loads(ALLOWED.read_text())
    more = {name for name, count in counts.items() if count > allowed.get(name, 0)}
    for error in found:
        if room(error["file"]) in more:
            print(line(error))
    for name in sorted({*counts, *allowed}):
        print(f"{name:<13}{counts[name]:>4} of {allowed.get(name, 0)} allowed")
    if more:
        sys.exit(f"More type errors than before in {', '.join(sorted(more))}")
    fewer = {name: counts[name] for name in allowed if counts[name]}
    if "--write" in sys.argv:
        ALLOWED.write_text(json.dumps(fewer, indent=1) + "\n")
    elif fewer != allowed:
        sys.exit("Fewer type errors than before: `python .ci/type_errors.py --write` keeps it so")


if __name__ == "__main__":
    main()
