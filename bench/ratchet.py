#!/usr/bin/env python3
"""Instructions for each forwarded packet, counted by callgrind: the same on every run, where time is not.

    ratchet.py [--build DIR]      fails when they are 3 % more than what is written down in ratchet.json
    ratchet.py --write            writes down what they are now: whoever makes them more says why in the commit
    ratchet.py --profile          also prints which functions they are in

Needs engine_forward of a release build, and valgrind. Its processor has no AVX-512: sealing takes about twice the
instructions that it takes in the field.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WRITTEN = HERE / "ratchet.json"
VIEWERS, FRAMES = 50, 20
TOLERANCE = 0.03


def count(program: pathlib.Path, profile: bool) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "callgrind.out")
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=forward", f"--callgrind-out-file={out}", program,
             str(VIEWERS), str(FRAMES)], capture_output=True, text=True, timeout=600, check=True)
        if profile:
            subprocess.run(["callgrind_annotate", out], check=True)
    return figure_of(run.stdout, run.stderr)


def figure_of(said: str, counted: str) -> dict:
    result = json.loads(said)
    instructions = re.search(r"Collected\s*:\s*(\d+)", counted)
    if not instructions or int(instructions[1]) == 0 or result["packets"] == 0:
        raise RuntimeError("nothing was counted: " + counted[-500:])
    return {"engine": result["engine"], "instructions_per_packet": round(int(instructions[1]) / result["packets"])}


def verdict(now: dict, written: dict) -> tuple[bool, str]:
    """Whether it passes, and what to say."""
    if now["engine"] != written["engine"]:
        return True, f"not compared: sealed by {now['engine']}, written down for {written['engine']}"
    new, old = now["instructions_per_packet"], written["instructions_per_packet"]
    said = f"{new} instructions a packet, {old} written down ({new / old - 1:+.1%})"
    if new > old * (1 + TOLERANCE):
        return False, said + ": make it cheaper, or run bench/ratchet.py --write and say in the commit why"
    if new < old * (1 - TOLERANCE):
        return True, said + ": write the better figure down with bench/ratchet.py --write"
    return True, said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build/release")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    now = count(chosen.build / "bench/engine_forward", chosen.profile)
    if chosen.write:
        WRITTEN.write_text(json.dumps(now) + "\n")
    passes, said = verdict(now, json.loads(WRITTEN.read_text()))
    print(said)
    return 0 if passes else 1


if __name__ == "__main__":
    sys.exit(main())
