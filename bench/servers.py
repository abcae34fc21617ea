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

# Of Debian's package. One event loop: with its default, a thread for each handle, it costs three times as much.
JANUS = "/usr/bin/janus"
JANUS_PLUGINS = pathlib.Path("/usr/lib/x86_64-linux-gnu/janus")
JANUS_ROOM = 1
JANUS_CONFIG = """general: {{
  plugins_folder = "{plugins}/plugins"
  transports_folder = "{plugins}/transports"
  debug_level = 2
  session_timeout = 0
  event_loops = 1
}}
nat: {{ ice_lite = true }}
plugins: {{ disable = "{other_plugins}" }}
transports: {{ disable = "{other_transports}" }}
"""
JANUS_WEBSOCKETS = """general: {{
  ws = true
  ws_port = {port}
  ws_ip = "127.0.0.1"
}}
"""
JANUS_VIDEOROOM = f"""room-{JANUS_ROOM}: {{
  description = "bench"
  publishers = 100
  bitrate = 0
  videocodec = "vp8"
  audiocodec = "opus"
}}
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

    def load_options(self) -> list[str]:
        """How the load tool gets in."""
        return ["--api-key", self.key, "--api-secret", self.secret]

    def growth_kib(self) -> int:
        """Since before the first join."""
        return self.kib() - self._before


class Fresh(Running):
    """One that we start, on core 0, with a folder that goes with it."""

    def __init__(self, name: str, command: list, folder: tempfile.TemporaryDirectory, url: str, key: str = "",
                 secret: str = ""):
        self._folder = folder
        self._log = pathlib.Path(folder.name, "log")
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=pinned_to(0))
        try:
            self._await_ready(name)
            super().__init__(name, url, key, secret, self._process.pid)
        except BaseException:
            self.__exit__()
            raise

    def is_ready(self) -> bool:
        raise NotImplementedError

    def _await_ready(self, name: str):
        until = time.monotonic() + READY_SECONDS_MAX
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{name} does not start:\n{self._log.read_text()}")
            time.sleep(0.05)

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


class Conclave(Fresh):
    """With one media worker and limits that nobody meets."""

    def __init__(self, binary: pathlib.Path):
        folder = tempfile.TemporaryDirectory(prefix="conclave-bench-")
        config = pathlib.Path(folder.name, "config.toml")
        http, self.media_port = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
        config.write_text(CONFIG.format(folder=folder.name, http=http, https=free_port(socket.SOCK_STREAM),
                                        media=self.media_port))
        said = subprocess.run([binary, "key", "create", "bench", "--config", config], capture_output=True, text=True,
                              check=True).stdout
        key, secret = (re.search(rf"{word}:\s+(\S+)", said).group(1) for word in ("key", "secret"))
        super().__init__("Conclave", [binary, "serve", "--config", config], folder, f"ws://127.0.0.1:{http}", key,
                         secret)

    def is_ready(self) -> bool:
        return "Conclave is ready" in self._log.read_text()

    def metrics(self) -> str:
        with urllib.request.urlopen(self.url.replace("ws", "http", 1) + "/metrics", timeout=10) as answer:
            return answer.read().decode()


class Janus(Fresh):
    """Debian's, with nothing but its VideoRoom and its WebSocket API."""

    def __init__(self):
        folder = tempfile.TemporaryDirectory(prefix="conclave-bench-")
        self._port = free_port(socket.SOCK_STREAM)
        main = JANUS_CONFIG.format(plugins=JANUS_PLUGINS,
                                   other_plugins=self._all_but("plugins", "libjanus_videoroom.so"),
                                   other_transports=self._all_but("transports", "libjanus_websockets.so"))
        for name, text in (("janus", main), ("janus.plugin.videoroom", JANUS_VIDEOROOM),
                           ("janus.transport.websockets", JANUS_WEBSOCKETS.format(port=self._port))):
            pathlib.Path(folder.name, f"{name}.jcfg").write_text(text)
        super().__init__("Janus", [JANUS, "-F", folder.name], folder, f"ws://127.0.0.1:{self._port}")

    @staticmethod
    def is_installed() -> bool:
        return pathlib.Path(JANUS).exists()

    @staticmethod
    def _all_but(kind: str, wanted: str) -> str:
        return ",".join(sorted(file.name for file in (JANUS_PLUGINS / kind).glob("*.so") if file.name != wanted))

    def is_ready(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def load_options(self) -> list[str]:
        return ["--janus-room", str(JANUS_ROOM)]
