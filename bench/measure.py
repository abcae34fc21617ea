"""One run of each scenario of the engine benchmark: what starts programs and looks at processes."""

import json
import pathlib
import subprocess
import tempfile
import time
from typing import NamedTuple

import figures
import scenarios
import servers

TOOL_CORE = 1
FLOOD_RATE = 200_000
# A call's joins, and what a fresh server takes to say who is there.
GATHER_SECONDS_MAX = 60
# Until a call has filled what it fills anyway; the flood comes then.
SETTLE_SECONDS = 2
# After the last goodbye: timers of those who left have run out, freed memory is freed.
REST_SECONDS = 3


class Bench(NamedTuple):
    build: pathlib.Path
    duration: int  # seconds from the last join


class Loaded(NamedTuple):
    said: dict  # what the load tool wrote
    growth_kib: int  # of the server, at its largest


def load(bench: Bench, server: servers.Running, toml: str, duration: int | None = None) -> Loaded:
    """One run of the load tool; the server's largest size meanwhile is that with everybody in it."""
    with Load(bench, server, toml, duration or bench.duration) as tool:
        return tool.result()


class Load:
    """The load tool at work."""

    def __init__(self, bench: Bench, server: servers.Running, toml: str, duration: int):
        self._folder = tempfile.TemporaryDirectory(prefix="conclave-bench-")
        self._server = server
        self._json = pathlib.Path(self._folder.name, "result.json")
        scenario = pathlib.Path(self._folder.name, "scenario.toml")
        scenario.write_text(toml)
        self._tool = subprocess.Popen(
            [bench.build / "src/conclave", "load", "--url", server.url, *server.load_options(), "--server-pid",
             str(server.pid), "--duration", str(duration), "--room", f"bench-{time.time_ns()}", "--json", self._json,
             "--quiet", scenario],
            stdout=subprocess.DEVNULL, preexec_fn=servers.pinned_to(TOOL_CORE),
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._tool.kill()
        self._tool.wait()
        self._folder.cleanup()

    def result(self) -> Loaded:
        growth = 0
        while self._tool.poll() is None:
            growth = max(growth, self._server.growth_kib())
            time.sleep(0.2)
        if not self._json.exists():
            raise RuntimeError(f"conclave load ended with {self._tool.returncode}")
        return Loaded(json.loads(self._json.read_text())[0], growth)


def limit(bench: Bench, subscribers: int) -> dict:
    said = subprocess.run([bench.build / "bench/engine_limit", str(subscribers), str(bench.duration)],
                          capture_output=True, text=True, check=True, preexec_fn=servers.preferred).stdout
    return figures.limit_row(json.loads(said))


def plain(bench: Bench, server: servers.Running, name: str) -> dict:
    loaded = load(bench, server, scenarios.toml_of(name))
    return figures.row_of(server.name, loaded.said, loaded.growth_kib)


def storm(bench: Bench, server: servers.Running, name: str) -> dict:
    loaded = load(bench, server, scenarios.toml_of(name), scenarios.LEAD_SECONDS)
    return figures.storm_row(server.name, loaded.said, loaded.growth_kib)


def rtcp(bench: Bench, server: servers.Running, name: str) -> dict:
    """The same twice, with few reports and with many: the difference is theirs."""
    row = plain(bench, server, name)
    many = load(bench, server, scenarios.reporting(row["subscribers"], scenarios.MANY_REPORTS)).said
    return row | figures.report_costs(row, many, scenarios.MANY_REPORTS - scenarios.REPORTS)


def await_people(server: servers.Conclave, people: int):
    until = time.monotonic() + GATHER_SECONDS_MAX
    while figures.metric(server.metrics(), "conclave_participants") < people:
        if time.monotonic() > until:
            raise RuntimeError(f"{people} people did not join within {GATHER_SECONDS_MAX} s")
        time.sleep(0.2)


def flood(bench: Bench, server: servers.Conclave, name: str) -> dict:
    """A call that goes on while garbage comes, from soon after the last join to the end."""
    received = "conclave_media_received_datagrams_total"
    with Load(bench, server, scenarios.toml_of(name), bench.duration) as tool:
        await_people(server, int(name.partition("-")[2]))
        time.sleep(SETTLE_SECONDS)
        kib, before = server.kib(), figures.metric(server.metrics(), received)
        with subprocess.Popen([bench.build / "bench/engine_flood", str(server.media_port), str(bench.duration),
                               str(FLOOD_RATE)], stdout=subprocess.PIPE, text=True,
                              preexec_fn=servers.pinned_to(TOOL_CORE)) as sender:
            try:
                said = json.loads(sender.communicate(timeout=bench.duration + GATHER_SECONDS_MAX)[0])
            finally:
                sender.kill()
        growth, read = server.kib() - kib, figures.metric(server.metrics(), received) - before
        loaded = tool.result()
    return figures.flood_row(server.name, loaded.said, loaded.growth_kib, said | {"growth_kib": growth, "read": read})


def growth(bench: Bench, server: servers.Running, name: str) -> dict:
    """Rounds of people who come and go: the first two warm up, and fill what is kept for the next."""
    rounds = -(-int(name.partition("-")[2]) // scenarios.ROUND)
    sizes, said = [], []
    for _ in range(2 + rounds):
        said.append(load(bench, server, scenarios.growth_round(), 1).said)
        time.sleep(REST_SECONDS)
        sizes.append(server.kib())
    return figures.growth_row(server.name, said[2:], sizes[1:])


ROWS = {"storm": storm, "rtcp": rtcp, "flood": flood, "growth": growth}


def once(bench: Bench, server: servers.Running, name: str) -> dict:
    return ROWS.get(scenarios.kind_of(name), plain)(bench, server, name)
