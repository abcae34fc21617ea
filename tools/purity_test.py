#!/usr/bin/env python3
"""purity.py must refuse what is impure, in archives that the assembler made."""

import pathlib
import subprocess
import tempfile
import unittest

import purity


def archive(folder: pathlib.Path, name: str, calls: list[str], defines: str = "work") -> pathlib.Path:
    object_file, file = folder / f"{name}.o", folder / f"lib{name}.a"
    source = f".globl {defines}_{name}\n{defines}_{name}:\n" + "".join(f"    call {call}\n" for call in calls)
    subprocess.run(["as", "-o", object_file, "-"], input=source, text=True, check=True)
    subprocess.run(["ar", "rc", file, object_file], check=True)
    return file


class PurityTest(unittest.TestCase):
    def refused(self, module: str, *calls: str) -> set[str]:
        with tempfile.TemporaryDirectory() as folder:
            failures = purity.check({module: archive(pathlib.Path(folder), module, list(calls))}, [])
        return {failure.rsplit("(", 1)[1].rstrip(")") for failure in failures}

    def test_the_system_is_refused(self):
        calls = {
            "socket", "sendto", "recvmmsg", "epoll_wait", "eventfd", "open64", "fopen", "read", "write", "mmap", "unlink",
            "clock_gettime", "gettimeofday", "time", "nanosleep", "localtime_r", "rand", "getrandom", "arc4random",
            "getenv", "pthread_create", "pthread_mutex_lock", "fork", "system", "syscall", "dlopen", "printf", "puts",
        }
        self.assertEqual(self.refused("ice", *calls), calls)

    def test_the_library_s_way_around_is_refused(self):
        calls = {
            "_ZNSt6chrono3_V212steady_clock3nowEv", "_ZNSt6chrono3_V212system_clock3nowEv",
            "_ZNSt13random_device9_M_getvalEv", "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE",
            "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE", "_ZSt4cout",
            "_ZNSt13basic_filebufIcSt11char_traitsIcEEC1Ev", "_ZNSt10filesystem6statusERKNS_7__cxx114pathE",
            "__cxa_throw", "__cxa_begin_catch", "__dynamic_cast",
        }
        self.assertEqual(self.refused("wire", *calls), calls)

    def test_libraries_are_at_home_in_one_module(self):
        self.assertEqual(self.refused("crypto", "SSL_new", "EVP_DigestInit_ex"), set())
        self.assertEqual(self.refused("dtls", "SSL_new"), {"SSL_new"})
        self.assertEqual(self.refused("livekit", "inflate"), set())
        self.assertEqual(self.refused("peer", "inflate"), {"inflate"})

    def test_openssl_s_clock_random_and_sockets_are_refused_even_in_crypto(self):
        calls = {"RAND_bytes", "RAND_priv_bytes", "X509_gmtime_adj", "X509_cmp_current_time", "BIO_new_socket",
                 "BIO_new_file", "BIO_s_connect", "SSL_set_fd", "PEM_read_X509_fp", "randombytes_buf"}
        self.assertEqual(self.refused("crypto", *calls), calls)

    def test_the_shell_is_refused(self):
        self.assertEqual(self.refused("sfu", "_ZN8conclave3net3nowEv"), {"_ZN8conclave3net3nowEv"})

    def test_plain_code_and_own_modules_pass(self):
        self.assertEqual(self.refused("sfu", "memcpy", "_Znwm", "_ZdlPvm", "_ZSt20__throw_length_errorPKc", "powf"), set())
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            archives = {"base": archive(root, "base", []), "wire": archive(root, "wire", ["work_base", "more_proto"])}
            helper = archive(root, "proto", ["socket"], defines="more")
            self.assertEqual(purity.check(archives, [helper]), [])

    def test_a_missing_archive_is_a_failure(self):
        self.assertEqual(len(purity.check({"base": pathlib.Path("/nowhere/libbase.a")}, [])), 1)


if __name__ == "__main__":
    unittest.main()
