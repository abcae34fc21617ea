#!/usr/bin/env python3
"""Style as a test: layering, banned words, sizes, companions, leftovers. docs/style.md says what and why.

    tidy.py              everything
    tidy.py FILE...      everything, but only what it says about these files is shown (pre-commit)

Exceptions stand in tools/tidy_exceptions.txt ("rule path"); a stale one is a problem, so the list only gets shorter.
"""

import pathlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cpp_text import code_of, functions_of, includes_of

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
BLOB_BYTES_MAX = 256 * 1024
MEDIA_LIBRARY_KNOWN_BY = tuple(
    f"web/src/core/{name}.ts" for name in ("media", "mediaPeople", "mediaPulse", "network/line"))
SEEDS_MIN = 3
# By openapi-typescript, from proto/openapi.yaml.
GENERATED = "web/src/core/api/schema.ts"

NOT_LIBRARY = re.compile(r"_(test|fuzz|bench)\.cc$")
# Headers that only tests share.
TEST_HEADER = re.compile(r"(^|/)test_\w+\.h$|_for_test\.h$")
SHELL = ("src/net/", "src/store/", "src/server/", "src/load/")

# (what, where it is at home, what to do instead). Tests may start threads and wait for them.
BANNED = [
    (r"\bstd::j?thread\b", SHELL, "threads live in the shell"),
    (r"\bstd::(recursive_|shared_)?mutex\b|\bstd::(lock_guard|unique_lock|scoped_lock|condition_variable)\b",
     ("src/net/", "src/store/", "src/server/log"), "post a value to a mailbox"),
    (r"\b(steady_clock|system_clock|high_resolution_clock)\b|\bclock_gettime\(", SHELL, "time is an argument"),
    (r"\bstd::(random_device|mt19937)|\bs?rand\(", (), "take an Rng&"),
    (r"\bgetenv\(", ("sim/hostile.h",), "configuration is a file"),
    (r"\bthrow\b", (*SHELL, "src/main.cc"), "return a Result"),
    (r"\bdynamic_cast\b|\btypeid\b", (), "a variant or an enum"),
    (r"\bstd::shared_ptr\b|\bmake_shared\b", (*SHELL, "src/base/shared_bytes.h"), "one owner, ids elsewhere"),
    (r"\bstd::regex\b|\bstd::(ranges::)?views\b", (), "write the parser"),
    (r"\bprintf\(|\bputs\(|\bstd::(cout|cerr)\b", ("src/server/", "src/load/", "src/main.cc"), "return it, count it or log it"),
    (r"\b(gets|strcpy|strcat|sprintf|strtok|alloca)\(", (), "std::string, std::span"),
]
BANNED_INCLUDES = {"<iostream>": (), "<regex>": (), "<ranges>": (), "<ctime>": SHELL}
WORD_HOMES_OF_TESTS = re.compile(r"thread|mutex|printf|mt19937")

# Who alone may include what of others (libraries differ from our modules: the linker cannot tell).
LIBRARY_HOMES = {
    "openssl/": ("crypto", "net"),
    "sodium.h": ("crypto",),
    "boost/": ("net",),
    "curl/": ("net",),
    "sqlite3.h": ("store",),
    "google/protobuf/": ("livekit",),
    "livekit.pb.h": ("livekit",),
    "livekit_data.pb.h": ("livekit",),
    "livekit_room.pb.h": ("livekit",),
    "zlib.h": ("livekit",),
    "libical/": ("calendar",),
    "nlohmann/": ("crypto", "account", "livekit", "meeting", "live", "server", "load"),
    "toml++/": ("settings",),
    "CLI/": ("server", "load"),
    "spdlog/": ("server",),
    "sys/socket.h": ("net", "server", "load"),
    "netinet/": ("net", "server", "load"),
    "pthread.h": (),
}

LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP|TBD)\b|\bdebugger;|\bconsole\.(log|debug)\(|\bstd::abort\(\); *//")
NAMES = re.compile(r"\b(class|struct) (\w*(Manager|Helper|Utils?))\b")


class Problem(NamedTuple):
    rule: str
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


class Module(NamedTuple):
    floor: int
    is_pure: bool
    deps: set[str]
    test_deps: set[str]


class Tree:
    """The files of a source tree: what git tracks or would, or whatever lies under a root without git (tests)."""

    def __init__(self, root: pathlib.Path):
        self.root = root
        self._texts: dict[str, str] = {}
        if (root / ".git").exists():
            listed = subprocess.run(
                ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                cwd=root, capture_output=True, text=True, check=True,
            ).stdout.split("\0")
            self.paths = sorted(path for path in set(listed) if path and (root / path).is_file())
        else:
            self.paths = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())

    def match(self, pattern: str) -> list[str]:
        return [path for path in self.paths if re.search(pattern, path)]

    def cpp(self) -> list[str]:
        return self.match(r"^(src|sim)/.*\.(cc|h)$")

    def text(self, path: str) -> str:
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(errors="replace")
        return self._texts[path]

    def modules(self) -> dict[str, Module]:
        """src/CMakeLists.txt: modules under a comment with their floor."""
        modules: dict[str, Module] = {}
        floor = -1
        if "src/CMakeLists.txt" not in self.paths:
            return modules
        for match in re.finditer(r"^# (\d+)$|^module\((\w+)([^)]*)\)", self.text("src/CMakeLists.txt"), re.M):
            if match.group(1):
                floor = int(match.group(1))
                continue
            lists: dict[str, set[str]] = {"DEPS": set(), "TEST_DEPS": set()}
            current = None
            for word in match.group(3).split():
                if word.isupper():
                    current = lists.get(word)
                elif current is not None:
                    current.add(word)
            modules[match.group(2)] = Module(floor, "PURE" in match.group(3).split(), lists["DEPS"], lists["TEST_DEPS"])
        return modules


def module_of(path: str) -> str:
    parts = path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else parts[0] if parts[0] == "sim" else "main"


def first_line(text: str, pattern: str | re.Pattern) -> int:
    match = re.search(pattern, text)
    return text.count("\n", 0, match.start()) + 1 if match else 0


def graph(tree: Tree) -> Iterator[Problem]:
    """Dependencies go down; floors 0-5 are pure, the others are not."""
    modules = tree.modules()
    for name, module in modules.items():
        line = first_line(tree.text("src/CMakeLists.txt"), rf"(?m)^module\({name}\b")
        if module.is_pure != (module.floor <= 5):
            yield Problem("graph", "src/CMakeLists.txt", line, f"{name}: floors 0-5, and only they, are PURE")
        for dep in sorted(module.deps | module.test_deps):
            if dep not in modules:
                yield Problem("graph", "src/CMakeLists.txt", line, f"{name}: {dep} is no module above it")
            elif modules[dep].floor >= module.floor:
                yield Problem("graph", "src/CMakeLists.txt", line, f"{name}: {dep} is not on a lower floor")


def layering(tree: Tree) -> Iterator[Problem]:
    """Every include is listed in the graph; sim/ sees the pure floors only."""
    modules = tree.modules()
    headers = {path for path in tree.cpp() if path.endswith(".h")}
    for path in tree.cpp():
        name = module_of(path)
        if name == "sim":
            allowed = {m for m, module in modules.items() if module.is_pure} | {"sim"}
        elif name == "main":
            allowed = {"server", "load"}
        elif name in modules:
            allowed = modules[name].deps | {name} | (modules[name].test_deps if NOT_LIBRARY.search(path) else set())
        else:
            yield Problem("layering", path, 1, f"{name} is no module of src/CMakeLists.txt")
            continue
        for line, include in includes_of(tree.text(path)):
            file = include[1:-1]
            target = file.split("/")[0]
            if include[0] == '"' and not file.endswith(".pb.h"):
                if "/" not in file or target not in modules and target != "sim":
                    yield Problem("layering", path, line, f"{include}: write the module: \"{name}/{file}\"")
                elif target not in allowed:
                    yield Problem("layering", path, line, f"{name} may not include {target}")
                elif f"src/{file}" not in headers and file not in headers:
                    yield Problem("layering", path, line, f"{include} does not exist")
            for prefix, homes in LIBRARY_HOMES.items():
                if file.startswith(prefix) and name not in homes and not path.endswith("_test.cc"):
                    yield Problem("layering", path, line, f"{file} is at home in {', '.join(homes) or 'no module'}")


def words(tree: Tree) -> Iterator[Problem]:
    for path in tree.cpp():
        code = code_of(tree.text(path))
        is_test = bool(NOT_LIBRARY.search(path) or TEST_HEADER.search(path))
        for pattern, homes, instead in BANNED:
            if path.startswith(tuple(homes)) or is_test and WORD_HOMES_OF_TESTS.search(pattern):
                continue
            for match in re.finditer(pattern, code):
                yield Problem("word", path, code.count("\n", 0, match.start()) + 1, f"{match.group(0)}: {instead}")
        for line, include in includes_of(tree.text(path)):
            if include in BANNED_INCLUDES and not path.startswith(tuple(BANNED_INCLUDES[include])):
                yield Problem("word", path, line, f"{include}: too heavy, or not ours to call")
        for match in NAMES.finditer(code):
            yield Problem("word", path, code.count("\n", 0, match.start()) + 1, f"{match.group(2)}: say what it is")


def sizes(tree: Tree) -> Iterator[Problem]:
    for path in tree.match(r"\.(cc|h|ts|tsx|css|mjs|js|py|sh|cmake)$"):
        lines = tree.text(path).count("\n")
        if lines > FILE_LINES_MAX and path != GENERATED:
            yield Problem("size", path, 1, f"{lines} lines, {FILE_LINES_MAX} are the most")
    for path in tree.cpp():
        for line, lines, name in functions_of(tree.text(path)):
            if lines > FUNCTION_LINES_MAX:
                yield Problem("size", path, line, f"{name} has {lines} lines, {FUNCTION_LINES_MAX} are the most")


def shape(tree: Tree) -> Iterator[Problem]:
    """#pragma once comes before any code; the namespace is the folder (others are only declared into)."""
    for path in tree.cpp():
        text = tree.text(path)
        if path.endswith(".h") and not code_of(text).lstrip().startswith("#pragma once\n"):
            yield Problem("shape", path, 1, "#pragma once comes before the code")
        module = module_of(path)
        home = "conclave" if module in ("base", "main") else f"conclave::{module}"
        spaces = re.findall(r"^namespace (conclave[\w:]*) \{", text, re.M)
        if spaces and home not in spaces:
            yield Problem("shape", path, first_line(text, r"(?m)^namespace conclave"), f"no namespace {home}")


def companions(tree: Tree) -> Iterator[Problem]:
    """Every format of src/wire has its test and its fuzz target, every fuzz target its seeds, every seed its target."""
    paths = set(tree.paths)
    for path in tree.match(r"^src/wire/\w+\.cc$"):
        if NOT_LIBRARY.search(path):
            continue
        # sdp_parse.cc and sdp_serialize.cc implement sdp.h: the format is what needs both.
        name = path.removesuffix(".cc")
        while "_" in name and name + ".h" not in paths:
            name = name.rsplit("_", 1)[0]
        for suffix in ("_test.cc", "_fuzz.cc"):
            if name + suffix not in paths:
                yield Problem("companion", path, 1, f"no {name}{suffix}")
    homes = set()
    for path in tree.match(r"^src/\w+/\w+_fuzz\.cc$"):
        _, module, file = path.split("/")
        home = f"testdata/corpora/{module}/{file.removesuffix('.cc')}/"
        homes.add(home)
        seeds = sum(1 for seed in tree.paths if seed.startswith(home))
        if seeds < SEEDS_MIN:
            yield Problem("companion", path, 1, f"{seeds} seeds in {home}, {SEEDS_MIN} are the least")
    for seed in tree.match(r"^testdata/corpora/"):
        if not seed.startswith(tuple(homes)):
            yield Problem("companion", seed, 1, "belongs to no fuzz target")


def dead(tree: Tree) -> Iterator[Problem]:
    """A header that only its own source and tests include is not part of the product."""
    users: dict[str, set[str]] = {}
    for path in tree.cpp():
        for _, include in includes_of(tree.text(path)):
            users.setdefault(include[1:-1], set()).add(path)
    for path in tree.cpp():
        if not path.endswith(".h"):
            continue
        stem = path.removesuffix(".h")
        of_others = {
            user for user in users.get(path.removeprefix("src/"), set())
            if TEST_HEADER.search(path) or user.startswith("sim/")
            or user != stem + ".cc" and not NOT_LIBRARY.search(user) and not TEST_HEADER.search(user)
        }
        if not of_others:
            yield Problem("dead", path, 1, "nothing of the product includes it")


def documents(tree: Tree) -> Iterator[Problem]:
    """One title each; links to our own files lead somewhere."""
    for path in tree.match(r"\.md$"):
        prose = re.sub(r"^```.*?^```", lambda m: "\n" * m.group(0).count("\n"), tree.text(path), flags=re.S | re.M)
        titles = re.findall(r"^# ", prose, re.M)
        if len(titles) != 1:
            yield Problem("document", path, 1, f"{len(titles)} titles, one it is")
        for match in re.finditer(r"\]\(([^)\s]+)\)", prose):
            target = match.group(1).split("#")[0]
            if target and "://" not in target and not target.startswith("mailto:"):
                if not (tree.root / path).parent.joinpath(target).exists():
                    yield Problem("document", path, prose.count("\n", 0, match.start()) + 1, f"{target} does not exist")


def named_tests(tree: Tree) -> Iterator[Problem]:
    """A test that a document names exists."""
    tests = {
        f"{suite}.{name}"
        for path in tree.match(r"^(src|sim)/.*_test\.cc$")
        for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", tree.text(path), re.M)
    }
    quoted = " ".join(tree.text(path) for path in tree.match(r"^tests/e2e/.*\.mjs$"))
    for path in tree.match(r"^docs/.*\.md$"):
        section = ""
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            section = line if line.startswith("#") else section
            if section == "## Limits" and line.startswith("| ") and "| beyond it |" not in line and "`" not in line.split("|")[-2]:
                yield Problem("document", path, number, "no test tries this limit")
            for name in re.findall(r"`([A-Z]\w+\.[A-Z]\w+)`", line):
                if name not in tests:
                    yield Problem("document", path, number, f"there is no test {name}")
            row = re.match(r"\| ([MA]\d+) ", line)
            if row and not re.search(rf'\.{row.group(1)}_|"{row.group(1)} ', line):
                yield Problem("document", path, number, f"no test of the row is named {row.group(1)}_...")
            if path == "docs/security.md" and line.startswith("|"):
                for sentence in re.findall(r'"([^"]+)"', line):
                    if f'test("{sentence}"' not in quoted:
                        yield Problem("document", path, number, f'there is no test "{sentence}"')


def leftovers(tree: Tree) -> Iterator[Problem]:
    for path in tree.match(r"\.(cc|h|ts|tsx|mjs|css|sh|py|cmake|proto|yaml)$|(^|/)(CMakeLists\.txt|Makefile)$"):
        if path in ("tools/tidy.py", "tools/tidy_test.py"):
            continue
        match = LEFTOVERS.search(tree.text(path))
        if match:
            yield Problem("leftover", path, first_line(tree.text(path), LEFTOVERS), match.group(0))


def blobs(tree: Tree) -> Iterator[Problem]:
    for path in tree.paths:
        size = (tree.root / path).stat().st_size
        if size > BLOB_BYTES_MAX and not path.endswith("package-lock.json"):
            yield Problem("blob", path, 1, f"{size} bytes, {BLOB_BYTES_MAX} are the most")


def web(tree: Tree) -> Iterator[Problem]:
    """ui <- features -> core; core knows no React; four files know the media library."""
    for path in tree.match(r"^web/src/.*\.tsx?$"):
        text = tree.text(path)
        part = path.split("/")[2]
        for match in re.finditer(r"""(?:\bfrom|\bimport\(?)\s*["']([^"']+)["']""", text):
            name = match.group(1)
            line = text.count("\n", 0, match.start()) + 1
            if name.startswith("."):
                target = (tree.root / path).parent.joinpath(name).resolve()
                inside = target.relative_to((tree.root / "web/src").resolve()).parts
                forbidden = {"core": {"features", "ui", "i18n", "theme"}, "ui": {"features"}, "i18n": {"features", "ui"}}
                if inside and inside[0] in forbidden.get(part, set()):
                    yield Problem("web", path, line, f"{part} may not import {inside[0]}")
            elif part == "core" and re.match(r"(react|i18next)", name):
                yield Problem("web", path, line, f"core may not import {name}")
            elif re.match(r"livekit-client|@livekit/", name) and path not in MEDIA_LIBRARY_KNOWN_BY:
                yield Problem("web", path, line, "only the files of MEDIA_LIBRARY_KNOWN_BY know the media library")
        code = re.sub(r"//[^\n]*|/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.S)
        if path == GENERATED:
            continue
        for pattern, instead in (
            (r"^export default\b", "name what is exported"),
            (r"(:|\bas|<|\|)\s*any\b(?!\w)", "unknown, and narrow it"),
            (r"@ts-ignore|@ts-nocheck", "make it type"),
        ):
            for match in re.finditer(pattern, text if "@" in pattern else code, re.M):
                line = text.count("\n", 0, match.start()) + 1 if "@" in pattern else code.count("\n", 0, match.start()) + 1
                yield Problem("web", path, line, f"{match.group(0)}: {instead}")


RULES: list[Callable[[Tree], Iterator[Problem]]] = [
    graph, layering, words, sizes, shape, companions, dead, documents, named_tests, leftovers, blobs, web,
]


def check(root: pathlib.Path) -> list[Problem]:
    tree = Tree(root)
    problems = [problem for rule in RULES for problem in rule(tree)]
    listed = root / "tools" / "tidy_exceptions.txt"
    exceptions = set()
    if listed.exists():
        exceptions = {line.strip() for line in listed.read_text().splitlines() if line.strip() and line[0] != "#"}
    stale = exceptions - {f"{p.rule} {p.path}" for p in problems}
    return [p for p in problems if f"{p.rule} {p.path}" not in exceptions] + [
        Problem("exception", "tools/tidy_exceptions.txt", 1, f"{line}: no longer needed") for line in sorted(stale)
    ]


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    wanted = set(sys.argv[1:])
    problems = [p for p in check(root) if not wanted or p.path in wanted]
    for problem in problems:
        print(problem)
    if problems:
        print(f"tidy: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
