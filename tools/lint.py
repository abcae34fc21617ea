#!/usr/bin/env python3
"""clang-tidy (.clang-tidy) over the pure modules and the simulator; what has not changed since it passed is skipped.

    lint.py build/dev          the pure modules and sim/
    lint.py build/dev --all    net, store and server too: their headers make each file take long

The build directory has to be built: its dependency log says which headers a file stands on.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_LIBRARY = re.compile(r"_(test|fuzz|bench)\.cc$")
# GCC's warnings mean nothing to clang.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option"]


def sources(everything: bool) -> list[str]:
    graph = (ROOT / "src" / "CMakeLists.txt").read_text()
    modules = re.findall(r"^module\((\w+)" if everything else r"^module\((\w+) PURE", graph, re.M)
    folders = [ROOT / "src" / module for module in modules] + [ROOT / "sim"]
    files = [str(file) for folder in folders for file in folder.glob("*.cc") if not NOT_LIBRARY.search(file.name)]
    return sorted(files)


def dependencies(build: pathlib.Path) -> dict[str, list[str]]:
    """source -> the files of ours that it includes, itself first (ninja -t deps)."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    of: dict[str, list[str]] = {}
    for block in listing.split("\n\n"):
        files = [line.strip() for line in block.splitlines()[1:]]
        if files:
            of[files[0]] = [file for file in files if file.startswith(str(ROOT))]
    return of


def stamp_of(build: pathlib.Path, source: str) -> pathlib.Path:
    return build / "lint" / (pathlib.Path(source).relative_to(ROOT).as_posix().replace("/", ".") + ".ok")


def is_fresh(stamp: pathlib.Path, files: list[str]) -> bool:
    if not stamp.exists():
        return False
    passed = stamp.stat().st_mtime
    return all(os.path.exists(file) and os.stat(file).st_mtime <= passed for file in files)


def lint(build: pathlib.Path, source: str) -> str:
    """What clang-tidy says; empty: nothing."""
    began = time.time()
    ran = subprocess.run(
        ["clang-tidy-14", "--quiet", "-p", build, *EXTRA, source], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if ran.returncode == 0:
        stamp = stamp_of(build, source)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        os.utime(stamp, (began, began))  # what changed meanwhile was not seen
        return ""
    return ran.stdout + ran.stderr


def main() -> int:
    build = ROOT / (sys.argv[1] if len(sys.argv) > 1 else "build/dev")
    everything = "--all" in sys.argv
    needs = dependencies(build)
    config = str(ROOT / ".clang-tidy")
    stale = [s for s in sources(everything) if not is_fresh(stamp_of(build, s), [s, config, *needs.get(s, [s + ".gone"])])]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda source: lint(build, source), stale):
            if said:
                failed += 1
                print(said)
    if failed:
        print(f"lint: {failed} of {len(stale)} files")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
