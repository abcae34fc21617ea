"""The servers that the engine benchmark measures: a Conclave of its own, or one that runs already."""

import contextlib
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.request

import figures

READY_SECONDS_MAX = 20
# Niceness. What else the machine does costs a little less of the figures' worth.
PRIORITY = -15

CONFIG = """data_dir = "{folder}/data"
[http]
listen = ["127.0.0.1:{https}"]
plain_listen = "127.0.0.1:{http}"
[media]
port = {media}
workers = 1
loopback = true
[rooms]
max_participants = 5000
[limits]
participants = 10000
joins_per_minute_per_address = 100000
joins_per_minute = 100000
"""


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def preferred():
    """For preexec_fn: before what else runs, where the user may do that. Linux weighs whole sessions (autogroup) before
    the processes in them."""
    with contextlib.suppress(OSError):
        os.setsid()
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
        pathlib.Path("/proc/self/autogroup").write_text(str(PRIORITY))


def pinned_to(core: int):
    """For preexec_fn: preferred, on that core. Where there is no such core the child runs where it may."""
    def pin():
        os.sched_setaffinity(0, {core} & os.sched_getaffinity(0) or os.sched_getaffinity(0))
        preferred()
    return pin


class Running:
    """A LiveKit server that somebody else started."""

    def __init__(self, name: str, url: str, key: str, secret: str, pid: int):
        self.name, self.url, self.key, self.secret, self.pid = name, url, key, secret, pid
        self._before = self.kib()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def kib(self) -> int:
        return figures.kib_of(pathlib.Path(f"/proc/{self.pid}/status").read_text())

    def growth_kib(self) -> int:
        """Since before the first join."""
        return self.kib() - self._before


class Conclave(Running):
    """A fresh one, with one media worker and limits that nobody meets, on core 0; its folder goes with it."""

    def __init__(self, binary: pathlib.Path):
        self._folder = tempfile.TemporaryDirectory(prefix="conclave-bench-")
        config = pathlib.Path(self._folder.name, "config.toml")
        http, self.media_port = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
        config.write_text(CONFIG.format(folder=self._folder.name, http=http, https=free_port(socket.SOCK_STREAM),
                                        media=self.media_port))
        said = subprocess.run([binary, "key", "create", "bench", "--config", config], capture_output=True, text=True,
                              check=True).stdout
        key, secret = (re.search(rf"{word}:\s+(\S+)", said).group(1) for word in ("key", "secret"))
        self._log = pathlib.Path(self._folder.name, "log")
        with self._log.open("w") as log:
            self._process = subprocess.Popen([binary, "serve", "--config", config], stdout=log, stderr=log,
                                             preexec_fn=pinned_to(0))
        try:
            self._await_ready()
            super().__init__("Conclave", f"ws://127.0.0.1:{http}", key, secret, self._process.pid)
        except BaseException:
            self.__exit__()
            raise

    def _await_ready(self):
        until = time.monotonic() + READY_SECONDS_MAX
        while "Conclave is ready" not in self._log.read_text():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Conclave does not start:\n{self._log.read_text()}")
            time.sleep(0.05)

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def metrics(self) -> str:
        with urllib.request.urlopen(self.url.replace("ws", "http", 1) + "/metrics", timeout=10) as answer:
            return answer.read().decode()
