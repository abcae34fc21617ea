"""The servers that the engine benchmark measures: a Conclave of its own, or one that runs already."""

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


def pinned_to(core: int):
    """For preexec_fn. Where there is no such core the child runs where it may."""
    return lambda: os.sched_setaffinity(0, {core} & os.sched_getaffinity(0) or os.sched_getaffinity(0))


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
        http = free_port(socket.SOCK_STREAM)
        config.write_text(CONFIG.format(folder=self._folder.name, http=http, https=free_port(socket.SOCK_STREAM),
                                        media=free_port(socket.SOCK_DGRAM)))
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
