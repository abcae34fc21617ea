#!/usr/bin/env python3
"""Proves that the modules below the purity line call no socket, clock, thread, file or random function.

Reads the undefined symbols of their archives. What a known impurity needs is listed with its reason.
"""

import pathlib
import re
import subprocess
import sys

FORBIDDEN = re.compile(
    r"^(socket|bind|listen|accept4?|connect|send|sendto|sendmsg|sendmmsg|recv|recvfrom|recvmsg|recvmmsg|select|poll|"
    r"epoll_\w+|eventfd|open(at)?(64)?|fopen(64)?|read|write|close|stat|unlink|mmap|fork|exec\w*|system|"
    r"clock_gettime|gettimeofday|time|clock|localtime\w*|nanosleep|usleep|sleep|"
    r"rand|srand|random|getrandom|getentropy|arc4random\w*|pthread_(create|mutex\w*|cond\w*)|getenv|"
    r"RAND_bytes|_ZNSt6chrono.*clock.*3nowEv|_ZNSt13random_device.*|_ZNSt6thread.*)$"
)

# module -> {symbol: why}
ALLOWED: dict[str, dict[str, str]] = {}


def pure_modules(root: pathlib.Path) -> list[str]:
    text = (root / "src" / "CMakeLists.txt").read_text()
    return re.findall(r"^module\((\w+) PURE", text, re.M)


def undefined(archive: pathlib.Path) -> set[str]:
    out = subprocess.run(["nm", "-u", "--format=posix", archive], capture_output=True, text=True, check=True).stdout
    return {line.split()[0].split("@")[0] for line in out.splitlines() if " U" in line}


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    build = root / (sys.argv[1] if len(sys.argv) > 1 else "build/dev")
    modules = pure_modules(root)
    failures = []
    for module in modules:
        archive = build / "src" / f"lib{module}.a"
        if not archive.exists():
            failures.append(f"{module}: no archive at {archive.relative_to(root)}")
            continue
        for symbol in sorted(undefined(archive)):
            if FORBIDDEN.match(symbol) and symbol not in ALLOWED.get(module, {}):
                failures.append(f"{module}: calls {symbol}")
    for failure in failures:
        print(failure)
    print(f"purity: {len(modules)} modules, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
