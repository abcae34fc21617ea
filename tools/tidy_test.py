#!/usr/bin/env python3
"""Each rule of tidy.py must fail on a bad sample, and say nothing about a good one."""

import pathlib
import tempfile
import unittest

import tidy
from cpp_text import functions_of

GOOD = {
    "src/CMakeLists.txt": "# 0\nmodule(base PURE)\n# 1\nmodule(wire PURE DEPS base)\nmodule(crypto PURE DEPS base)\n"
    "# 6\nmodule(net DEPS base)\n# 7\nmodule(server DEPS base net wire)\n",
    "src/base/bytes.h": "// Bytes.\n#pragma once\n\nnamespace conclave {\nint read();\n}\n",
    "src/base/bytes.cc": '#include "base/bytes.h"\n\nnamespace conclave {\nint read() { return 1; }\n}\n',
    "src/wire/stun.h": '#pragma once\n#include "base/bytes.h"\nnamespace conclave::wire {\nstruct Message {};\n}\n',
    "src/wire/stun_parse.cc": '#include "wire/stun.h"\n',
    "src/wire/stun_test.cc": '#include "wire/stun.h"\n',
    "src/wire/stun_fuzz.cc": '#include "wire/stun.h"\n',
    "src/net/loop.cc": "#include <thread>\nnamespace conclave::net {\nstd::thread worker;\n}\n",
    "src/server/serve.cc": '#include "wire/stun.h"\n',
    "src/main.cc": "int main() {}\n",
    "sim/world.cc": '#include "wire/stun.h"\nnamespace conclave::sim {}\n',
    "testdata/corpora/wire/stun_fuzz/a": "1",
    "testdata/corpora/wire/stun_fuzz/b": "2",
    "testdata/corpora/wire/stun_fuzz/c": "3",
    "README.md": "# One\n\n[there](docs/style.md)\n\n```sh\n# a comment\n```\n",
    "docs/style.md": "# Two\n",
    "web/src/core/store.ts": 'import { x } from "./x";\nexport const many = 1; // any company\n',
    "web/src/core/media.ts": 'import { Room } from "livekit-client";\n',
    "web/src/ui/Button.tsx": 'import { x } from "../core/store";\n',
    "web/src/features/Call.tsx": 'import { Button } from "../ui/Button";\n',
}


def check(files: dict[str, str | None]) -> list[tidy.Problem]:
    """The problems of a tree of these files; None: without that one."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            if text is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
        return tidy.check(root)


class TidyTest(unittest.TestCase):
    def assert_found(self, rule: str, path: str, text: str | None, where: str | None = None, says: str = ""):
        found = check({**GOOD, path: text})
        self.assertTrue(
            any(p.rule == rule and p.path == (where or path) and says in p.message for p in found),
            f"{rule} not found in {path}: {[str(p) for p in found]}",
        )

    def assert_clean(self, path: str, text: str):
        self.assertEqual([str(p) for p in check({**GOOD, path: text})], [])

    def test_good_sample_is_clean(self):
        self.assertEqual([str(p) for p in check(GOOD)], [])

    def test_graph_goes_down(self):
        graph = GOOD["src/CMakeLists.txt"]
        for bad in (
            graph.replace("module(wire PURE DEPS base)", "module(wire PURE DEPS base net)"),
            graph.replace("module(wire PURE DEPS base)\nmodule(crypto PURE DEPS base)",
                          "module(crypto PURE DEPS base)\nmodule(wire PURE DEPS base crypto)"),  # siblings
            graph.replace("module(wire PURE DEPS base)", "module(wire PURE DEPS base nothing)"),
            graph.replace("module(wire PURE", "module(wire"),
            graph.replace("module(net DEPS", "module(net PURE DEPS"),
        ):
            self.assertNotEqual(bad, graph)
            self.assert_found("graph", "src/CMakeLists.txt", bad)

    def test_layering(self):
        self.assert_found("layering", "src/wire/x.cc", '#include "crypto/hash.h"\n', says="wire may not include crypto")
        self.assert_found("layering", "src/base/bytes.cc", '  #  include "wire/stun.h"\n')
        self.assert_found("layering", "sim/world.cc", '#include "net/loop.h"\n', says="sim may not include net")
        self.assert_found("layering", "src/main.cc", '#include "wire/stun.h"\n')
        self.assert_found("layering", "src/wire/stun_parse.cc", '#include "stun.h"\n', says="write the module")
        self.assert_found("layering", "src/wire/stun_parse.cc", '#include "wire/gone.h"\n', says="does not exist")
        self.assert_found("layering", "src/stray/x.cc", "int x;\n", says="no module")
        self.assert_found("layering", "src/wire/stun_parse.cc", "#include <openssl/ssl.h>\n", says="at home in crypto")
        self.assert_found("layering", "src/base/bytes.cc", "#include <sys/socket.h>\n")

    def test_words(self):
        for code in (
            "std::thread t;", "std::mutex m;", "std::scoped_lock l(m);", "auto t = std::chrono::steady_clock::now();",
            "int r = rand();", "std::random_device d;", 'auto e = getenv("X");', "throw 1;", "dynamic_cast<A*>(b);",
            "std::shared_ptr<int> p;", "std::regex r;", 'printf("x");', "std::cout << 1;", "strcpy(a, b);",
            "#include <iostream>", "#include <ctime>", "class PeerManager {};", "struct Helper {};",
        ):
            self.assert_found("word", "src/base/bytes.cc", code + "\n")
        # What is said in comments and literals is not done; homes may.
        self.assert_clean("src/base/bytes.cc", '// std::thread\n/* throw */ const char* t = "std::mutex \\" rand()";\n')
        self.assert_clean("src/base/bytes.cc", 'auto t = R"(throw)"; char c = \'"\'; int x = 1\'000;\n')
        self.assert_clean("src/net/loop.cc", "std::mutex m;\nvoid f() { throw 1; }\n")
        self.assert_clean("src/base/bytes_test.cc", "std::thread t;\n")

    def test_sizes(self):
        self.assert_found("size", "src/base/bytes.cc", "int x;\n" * 601)
        self.assert_found("size", "web/src/core/x.ts", "x;\n" * 601)
        self.assert_clean("web/src/core/api/schema.ts", "x;\n" * 601)  # generated
        body = "    step();\n" * 69
        self.assert_found("size", "src/base/bytes.cc", "void f() {\n" + body + "}\n", says="f has 71 lines")
        self.assert_clean("src/base/bytes.cc", "void f() {\n" + body[:-12] + "}\n")

    def test_shape(self):
        self.assert_found("shape", "src/base/bytes.h", "namespace conclave {}\n")
        self.assert_found("shape", "src/base/bytes.h", "#include <array>\n#pragma once\n")
        self.assert_found("shape", "src/net/loop.cc", "namespace conclave::wire {\n}\n")
        self.assert_clean("src/net/loop.cc", "namespace conclave::wire {\nstruct A;\n}\nnamespace conclave::net {\n}\n")

    def test_companions(self):
        self.assert_found("companion", "src/wire/stun_test.cc", None, where="src/wire/stun_parse.cc", says="stun_test.cc")
        self.assert_found("companion", "src/wire/stun_fuzz.cc", None, where="src/wire/stun_parse.cc", says="stun_fuzz.cc")
        self.assert_found("companion", "testdata/corpora/wire/stun_fuzz/c", None, where="src/wire/stun_fuzz.cc")
        self.assert_found("companion", "testdata/corpora/wire/gone_fuzz/a", "1")

    def test_dead_headers(self):
        self.assert_found("dead", "src/base/unused.h", "#pragma once\n")
        alone = {"src/base/lone.h": "#pragma once\n", "src/base/lone.cc": '#include "base/lone.h"\n',
                 "src/base/lone_test.cc": '#include "base/lone.h"\n'}
        self.assertEqual([(p.rule, p.path) for p in check({**GOOD, **alone})], [("dead", "src/base/lone.h")])
        shared = {"src/base/test_link.h": "#pragma once\n", "src/base/a_test.cc": '#include "base/test_link.h"\n'}
        self.assertEqual(check({**GOOD, **shared}), [])

    def test_documents(self):
        self.assert_found("document", "README.md", "no title\n")
        self.assert_found("document", "README.md", "# One\n# Two\n")
        self.assert_found("document", "README.md", "# One\n[x](docs/gone.md)\n")
        self.assert_clean("README.md", "# One\n[x](https://example.org) [y](docs/style.md#part) [z](#here)\n")

    def test_documents_name_tests_that_exist(self):
        self.assert_found("document", "docs/style.md", "# Two\n`Stun.IsNotThere`\n", says="no test Stun")
        self.assert_found("document", "docs/security.md", '# Two\n| "nobody tests this" |\n', says="no test")
        tests = {"src/base/a_test.cc": "TEST_F(Stun, IsThere_M1) {\n}\n", "tests/e2e/a.test.mjs": 'test("it holds", f);\n'}
        text = '# Two\n| `Stun.IsThere_M1` | "it holds" |\n'
        self.assertEqual(check({**GOOD, **tests, "docs/security.md": text}), [])

    def test_rows_of_the_attack_table_have_tests_of_their_name(self):
        tests = {"src/base/a_test.cc": "TEST_F(Stun, M1_IsThere) {\n}\nTEST(Stun, IsThere) {\n}\n"}
        row = "# Two\n| M1 what it is | `Stun.{}` |\n"
        self.assertEqual(check({**GOOD, **tests, "docs/security.md": row.format("M1_IsThere")}), [])
        found = check({**GOOD, **tests, "docs/security.md": row.format("IsThere")})
        self.assertEqual([(p.rule, p.path) for p in found], [("document", "docs/security.md")])

    def test_leftovers(self):
        for path, text in (
            ("src/base/bytes.cc", "// FIXME later\n"), ("tools/x.sh", "# TODO\n"), ("web/src/core/x.ts", "console.log(1);\n"),
            ("Makefile", "# XXX\n"),
        ):
            self.assert_found("leftover", path, text)

    def test_blobs(self):
        self.assert_found("blob", "testdata/big", "x" * (256 * 1024 + 1))

    def test_web(self):
        for path, text in (
            ("web/src/core/x.ts", 'import { B } from "../ui/Button";\n'),
            ("web/src/core/a/x.ts", 'import type {\n  A,\n} from "../../features/Call";\n'),
            ("web/src/core/x.ts", 'import { useState } from "react";\n'),
            ("web/src/core/x.ts", 'const m = await import("react-dom");\n'),
            ("web/src/ui/X.tsx", 'import { Call } from "../features/Call";\n'),
            ("web/src/features/X.tsx", 'import { Room } from "livekit-client";\n'),
            ("web/src/core/x.ts", "export default 1;\n"),
            ("web/src/core/x.ts", "let a: any;\n"),
            ("web/src/core/x.ts", "const a = b as any;\n"),
            ("web/src/core/x.ts", "let a: Array<any>;\n"),
            ("web/src/core/x.ts", "// @ts-ignore\n"),
        ):
            self.assert_found("web", path, text)

    def test_exceptions_only_shrink(self):
        long = "int x;\n" * 601
        excepted = {"src/base/bytes.cc": long, "tools/tidy_exceptions.txt": "# why\nsize src/base/bytes.cc\n"}
        self.assertEqual(check({**GOOD, **excepted}), [])
        self.assert_found("exception", "tools/tidy_exceptions.txt", "size src/base/bytes.cc\n")


class FunctionsTest(unittest.TestCase):
    def assert_functions(self, text: str, *expected: tuple[int, int, str]):
        self.assertEqual(list(functions_of(text)), list(expected))

    def test_plain_and_nested(self):
        self.assert_functions("namespace a {\n\nint f(int x) {\n    if (x) {\n    }\n    return 1;\n}\n}\n", (3, 5, "f"))

    def test_signature_over_lines_counts(self):
        self.assert_functions("Result<int> A::f(int a,\n                int b) const noexcept {\n}\n", (1, 3, "A::f"))

    def test_members_of_classes(self):
        self.assert_functions(
            "class A : public B {\n public:\n    A() : a_{1}, b_(2) {\n        c();\n    }\n    ~A() override {}\n private:\n"
            "    int a_{0};\n    B b_ = B{};\n};\n",
            (3, 3, "A"), (6, 1, "~A"),
        )

    def test_constructor_outside(self):
        self.assert_functions("A::A(Config c)\n    : a_(c), b_{x{1}, 2} {\n    go();\n}\n", (1, 4, "A::A"))

    def test_templates_operators_requires(self):
        self.assert_functions(
            "template <typename T = int, typename U = V<T>>\nbool operator==(const T& a, const U& b) {\n    return true;\n}\n",
            (1, 4, "operator=="),
        )
        self.assert_functions("template <class T>\nstruct A {\n    T f() const {\n    }\n};\n", (3, 2, "f"))

    def test_values_are_no_functions(self):
        self.assert_functions("constexpr int kA[] = {\n    1,\n    f(2),\n};\nstatic const std::map<int, int> kB{{1, 2}};\nenum class E : int { A, B };\n")

    def test_lambda_in_a_variable_is_one(self):
        self.assert_functions("constexpr auto kTable = [] {\n    return 1;\n}();\n", (1, 3, "kTable"))

    def test_tests_and_macros(self):
        self.assert_functions("#define X(a) \\\n    do { a } while (0)\nTEST(A, B) {\n    EXPECT_EQ('{', x);\n}\n", (3, 3, "TEST"))

    def test_default_argument_with_braces(self):
        self.assert_functions("int f(Config c = {}) {\n    g();\n}\nint h();\n", (1, 3, "f"))


if __name__ == "__main__":
    unittest.main()
