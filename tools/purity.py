#!/usr/bin/env python3
"""Proves that the modules below the purity line reach no socket, clock, thread, file or random function.

    purity.py build/dev

Reads what their archives leave undefined: whatever is not on the lists below fails, so a new call into the system or
a library is one reviewed line here. Wants the dev preset (sanitizers and other compilers call more).
"""

import pathlib
import re
import subprocess
import sys

# What every pure module may call. Names as the linker knows them.
GENERAL = [
    r"mem(cpy|move|set|cmp|chr)|strlen|strn?cmp|strto(d|f|ll|ull)|snprintf",
    r"(pow|sqrt|exp|log|log2|log10|floor|ceil|l?l?round|fmod)f?",
    r"abort|__assert_fail|__errno_location|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__dso_handle",
    r"__cxa_(atexit|guard_(acquire|release|abort)|pure_virtual)|__libc_single_threaded",
    r"_Zn[wa]m(St11align_val_t|RKSt9nothrow_t)?|_Zd[la]Pv(m|St11align_val_t|mSt11align_val_t)?",  # operators new and delete
    r"_ZNSt19_Sp_make_shared_tag5_S_eqERKSt9type_info",  # std::make_shared
    r"_ZSt7nothrow",  # std::stable_sort asks for room that it can do without
    r"_ZSt\d+__throw_\w+|_ZSt21__glibcxx_assert_failPKciS0_S0_",
    r"_ZSt11_Hash_bytesPKvmm|_ZNKSt8__detail20_Prime_rehash_policy\w+|_ZSt\d+_Rb_tree_\w+",
    r"_ZNK?St7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE\w+",
    r"_ZSt8to_chars\w+|_ZSt10from_chars\w+|_ZNSt8__detail(31__from_chars_alnum_to_val_table|14__to_chars)\w*",
    r"_ZNSt15__exception_ptr\w+|_ZNK?St(9exception|13runtime_error)\w+|_ZT[VI]St?N?\w+|_ZTVN10__cxxabiv1\w+",
]

_PROTOBUF = {
    r"_ZNK?6google8protobuf\w+|_ZT[VI]N6google8protobuf\w+": "protobuf; it logs a broken message to standard error",
    r"_ZNSt8ios_base4Init[CD]1Ev": "protobuf's headers include <iostream>",
}

_JSON = {
    r"localeconv": "as in crypto",
}

# What one module may call besides, and why.
OF_MODULE = {
    "base": {
        r"fprintf|stderr": "CHECK says what broke before it ends the process",
    },
    "crypto": {
        r"(ASN1|BIO|BN|CRYPTO|DTLS|ERR|EVP|HMAC|OPENSSL|OSSL_PARAM|PEM|MD5|SHA\d+|SSL|X509|i2d|d2i|BASIC_CONSTRAINTS|GENERAL_NAMES?"
        r"|EC|ECDSA|ECDSA_SIG)_\w+": "OpenSSL. Its own generator and its DTLS timer are the known impurity: handshake "
        "randoms and keys come from the library, retransmission is driven by us (crypto/dtls_engine.cc)",
        r"sodium_\w+|crypto_\w+": "libsodium's pure functions",
        r"(alloc|free|init)_mb_mgr(_auto)?": "ipsec-mb's table of functions, filled once for this processor; what it holds computes",
        r"localeconv": "the JSON library asks for the decimal point of the locale, which the server never sets",
    },
    "calendar": {
        r"ical(component|property|parameter|memory|time|timezone|triggertype)_\w+": "libical: components in memory; of "
        "its zones only UTC, which needs no file",
    },
    "account": {
        r"localeconv": "as in crypto",
    },
    "livekit": {
        **_PROTOBUF,
        r"inflate\w*|deflate\w*": "zlib, in memory",
        **_JSON,
    },
    "meeting": {**_JSON, r"utf8proc_map|free": "which names look alike: Unicode's normal forms, in memory"},
    "live": _JSON,
    "conference": _PROTOBUF,
    "sim": _PROTOBUF,
}

# Refused even where a pattern above would let them through: they reach the clock, the generator, files or sockets.
NEVER = re.compile(
    r"RAND_\w+|randombytes\w*|X509_(gmtime_adj|time_adj\w*|cmp_current_time|cmp_time)|ASN1_\w*TIME_adj|"
    r"BIO_(new_(socket|file|fd|fp|dgram|connect|accept)|s_(socket|file|fd|connect|accept|datagram)|socket\w*|get_\w*host\w*)|"
    r"(PEM|d2i|i2d)_\w+_fp|SSL_(CTX_)?(load|use)_\w*file\w*|SSL_set_(fd|rfd|wfd)|X509_load_\w+|EVP_read_pw\w*|"
    r"OPENSSL_(load_builtin|config)\w*"
)

# Above the modules: the simulator may not cheat either.
SIMULATOR = ("sim_network", "sim")


def pure_modules(root: pathlib.Path) -> list[str]:
    return re.findall(r"^module\((\w+) PURE", (root / "src" / "CMakeLists.txt").read_text(), re.M)


def symbols(archive: pathlib.Path) -> tuple[set[str], set[str]]:
    """(defined, undefined)"""
    listing = subprocess.run(["nm", "--format=posix", archive], capture_output=True, text=True, check=True).stdout
    defined, undefined = set(), set()
    for line in listing.splitlines():
        words = line.split()
        if len(words) < 2 or len(words[1]) != 1:
            continue
        # U is undefined, w and v are weak and undefined.
        (undefined if words[1] in "Uwv" else defined).add(words[0].split("@")[0])
    return defined, undefined


def forbidden(module: str, undefined: set[str]) -> list[str]:
    allowed = re.compile("|".join([*GENERAL, *OF_MODULE.get(module, {})]))
    return sorted(s for s in undefined if NEVER.fullmatch(s) or not allowed.fullmatch(s))


def demangled(symbol: str) -> str:
    return subprocess.run(["c++filt", symbol], capture_output=True, text=True, check=True).stdout.strip()


def check(archives: dict[str, pathlib.Path], helpers: list[pathlib.Path]) -> list[str]:
    """Problems of the archives (name -> file); what the helpers define is taken as known."""
    failures, of, known = [], {}, set()
    for name, archive in archives.items():
        if not archive.exists():
            failures.append(f"{name}: {archive} was not built")
            continue
        defined, of[name] = symbols(archive)
        known |= defined
    for archive in helpers:
        known |= symbols(archive)[0]
    for name, undefined in of.items():
        failures += [f"{name}: may not call {demangled(symbol)} ({symbol})" for symbol in forbidden(name, undefined - known)]
    return failures


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    build = root / (sys.argv[1] if len(sys.argv) > 1 else "build/dev")
    archives = {module: build / "src" / f"lib{module}.a" for module in pure_modules(root)}
    archives |= {name: build / "sim" / f"lib{name}.a" for name in SIMULATOR}
    failures = check(archives, [build / "src" / "liblivekit_proto.a"])
    for failure in failures:
        print(failure)
    if failures:
        print(f"purity: {len(failures)} failures in {len(archives)} archives")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
