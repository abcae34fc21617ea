#!/usr/bin/env python3
"""Style as a test: layering, banned words, sizes, leftovers. `--quick` skips nothing yet, it is quick.

Exceptions stand in tools/tidy_exceptions.txt ("check path"), a list that may only get shorter.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
BLOB_BYTES_MAX = 256 * 1024

# word -> (where it is at home, what to do instead)
BANNED = {
    r"\bstd::(thread|jthread)\b": (("net/", "server/", "store/"), "threads live in the shell"),
    r"\bstd::(mutex|lock_guard|condition_variable|unique_lock|scoped_lock)\b": (("net/mailbox", "net/", "store/"), "post a value to a mailbox"),
    r"\bsteady_clock\b|\bsystem_clock\b": (("net/",), "time is an argument"),
    r"\b(rand|srand)\(": ((), "take an Rng&"),
    r"\bgetenv\(": (("server/",), "configuration is a file"),
    r"\bthrow\b": (("net/", "server/", "store/"), "return a Result"),
    r"\bdynamic_cast\b": ((), "a variant or an enum"),
    r"#include <(iostream|regex|ranges)>": ((), "heavy headers"),
    r"\bstd::regex\b|\bstd::views\b": ((), "write the parser"),
}
LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def tracked(*patterns: str) -> list[pathlib.Path]:
    out = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).is_file()]


def rel(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).as_posix()


def graph() -> dict[str, set[str]]:
    """module -> modules it may include, from src/CMakeLists.txt."""
    modules: dict[str, set[str]] = {}
    text = (ROOT / "src" / "CMakeLists.txt").read_text()
    for name, body in re.findall(r"^module\((\w+)([^)]*)\)", text, re.M):
        deps: dict[str, set[str]] = {"DEPS": set(), "TEST_DEPS": set()}
        current = None
        for word in body.split():
            if word.isupper():
                current = deps.get(word)
            elif current is not None:
                current.add(word)
        modules[name] = deps["DEPS"] | {name}
        modules[name + "_test"] = deps["TEST_DEPS"]
    return modules


def strip_comments(text: str) -> str:
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)


def check_layering(path: pathlib.Path, text: str, modules: dict[str, set[str]]):
    module = rel(path).split("/")[1]
    allowed = set(modules.get(module, ()))
    if re.search(r"_(test|fuzz|bench)\.cc$", path.name):
        allowed |= modules.get(module + "_test", set())
    for target in re.findall(r'^#include "(\w+)/', text, re.M):
        if target in modules and target not in allowed:
            yield f"layering {rel(path)}: {module} may not include {target}"


def check_words(path: pathlib.Path, text: str):
    inside = rel(path)[len("src/"):]
    is_test = re.search(r"_(test|fuzz|bench)\.cc$", path.name)
    code = strip_comments(text)
    for pattern, (homes, instead) in BANNED.items():
        if inside.startswith(homes) if homes else False:
            continue
        if is_test and "thread" in pattern:
            continue
        match = re.search(pattern, code)
        if match:
            yield f"word {rel(path)}: {match.group(0)} ({instead})"
    if "shared_ptr" in code:
        for number, line in enumerate(text.splitlines(), 1):
            if "std::shared_ptr<" in line and not rel(path).startswith(("src/net", "src/server", "src/store")):
                yield f"word {rel(path)}:{number}: shared_ptr below the shell"


def check_sizes(path: pathlib.Path, text: str):
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield f"file {rel(path)}: {len(lines)} lines"
    start = None
    for number, line in enumerate(lines, 1):
        if re.match(r"^[A-Za-z_].*\)\s*(const)?\s*(noexcept)?\s*(override)?\s*\{$", line) or (
            start is None and re.match(r"^ {4,}.*\)\s*(const)?\s*\{$", line) and number > 1
            and re.match(r"^[A-Za-z_]", lines[number - 2])
        ):
            start = number
        elif line == "}" and start is not None:
            if number - start + 1 > FUNCTION_LINES_MAX and not path.name.endswith("_test.cc"):
                yield f"function {rel(path)}:{start}: {number - start + 1} lines"
            start = None


def check_companions(path: pathlib.Path):
    """Every parser of src/wire has its test and its fuzz target."""
    if path.parent.name != "wire" or path.suffix != ".cc" or re.search(r"_(test|fuzz|bench)\.cc$", path.name):
        return
    # sdp_parse.cc and sdp_serialize.cc implement sdp.h: the format is what needs both.
    name = path.stem
    while "_" in name and not path.with_name(name + ".h").exists():
        name = name.rsplit("_", 1)[0]
    for suffix in ("_test.cc", "_fuzz.cc"):
        if not path.with_name(name + suffix).exists():
            yield f"companion {rel(path)}: no {name}{suffix}"


def check_fuzz_corpus(path: pathlib.Path):
    if not path.name.endswith("_fuzz.cc"):
        return
    corpus = ROOT / "testdata" / "corpora" / path.parent.name / path.stem
    if not corpus.is_dir() or not any(corpus.iterdir()):
        yield f"corpus {rel(path)}: no seeds in {corpus.relative_to(ROOT)}"


def check_document(path: pathlib.Path, text: str):
    titles = [line for line in re.sub(r"```.*?```", "", text, flags=re.S).splitlines() if line.startswith("# ")]
    if len(titles) != 1:
        yield f"document {rel(path)}: {len(titles)} titles"


def main() -> int:
    exceptions = set()
    listed = ROOT / "tools" / "tidy_exceptions.txt"
    if listed.exists():
        exceptions = {line.strip() for line in listed.read_text().splitlines() if line and not line.startswith("#")}
    modules = graph()
    problems = []
    sources = tracked("src/*.cc", "src/*.h")
    for path in sources:
        text = path.read_text()
        problems += check_layering(path, text, modules)
        problems += check_words(path, text)
        problems += check_sizes(path, text)
        problems += check_companions(path)
        problems += check_fuzz_corpus(path)
    for path in tracked("*.md"):
        problems += check_document(path, path.read_text())
    for path in tracked():
        if path.stat().st_size > BLOB_BYTES_MAX and path.name != "package-lock.json":
            problems.append(f"blob {rel(path)}: {path.stat().st_size} bytes")
        if path.suffix in {".cc", ".h", ".ts", ".tsx", ".sh", ".py"} and path.name != "tidy.py":
            match = LEFTOVERS.search(path.read_text())
            if match:
                problems.append(f"leftover {rel(path)}: {match.group(0)}")
    used = set()
    shown = []
    for problem in problems:
        check, where = problem.split(" ", 2)[:2]
        key = f"{check} {re.sub(r':[0-9]*:?$', '', where.rstrip(':'))}"
        if key in exceptions:
            used.add(key)
        else:
            shown.append(problem)
    for stale in sorted(exceptions - used):
        shown.append(f"exception {stale}: no longer needed, remove it")
    for problem in shown:
        print(problem)
    print(f"tidy: {len(sources)} sources, {len(shown)} problems")
    return 1 if shown else 0


if __name__ == "__main__":
    sys.exit(main())
