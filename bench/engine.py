#!/usr/bin/env python3
"""What forwarding costs, end to end: real joins and real SRTP over loopback, one core for the server, one for the tool.

    engine.py                      all scenarios, three runs each: medians in a table and in build/bench/engine.json
    engine.py --quick              a few of them, once
    engine.py --scenario video-200 --runs 5 --duration 20
    engine.py --server ws://127.0.0.1:7880 --api-key KEY --api-secret SECRET --server-pid PID --name livekit-server

Each video scenario is also given to the limit program (bench/limit.cc), and Conclave is printed as a multiple of it.
docs/benchmarks.md says what the figures mean.
"""

import argparse
import json
import os
import pathlib
import platform
import resource
import subprocess
import sys
import tempfile
import time

import figures
import scenarios
import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL_CORE = 1
CEILING_VIEWERS = 200
CEILING_VIDEOS_MAX = 64


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", action="append", metavar="NAME",
                        help="video-N or meeting-N, more than once; default: " + " ".join(scenarios.names()))
    parser.add_argument("--quick", action="store_true", help="a small part, once, and no ceiling")
    parser.add_argument("--runs", type=int, help="of each scenario (3; 1 with --quick)")
    parser.add_argument("--duration", type=int, default=10, help="seconds from the last join (10)")
    parser.add_argument("--no-ceiling", action="store_true", help="do not look for the highest rate without loss")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--json", type=pathlib.Path, default=ROOT / "build/bench/engine.json")
    other = parser.add_argument_group("another LiveKit server beside Conclave (pin it to core 0 yourself)")
    other.add_argument("--server", metavar="URL", help="ws://127.0.0.1:7880")
    other.add_argument("--api-key")
    other.add_argument("--api-secret")
    other.add_argument("--server-pid", type=int)
    other.add_argument("--name", default="other", help="in the table")
    chosen = parser.parse_args()
    if chosen.server and not (chosen.api_key and chosen.api_secret and chosen.server_pid):
        parser.error("--server also wants --api-key, --api-secret and --server-pid")
    chosen.scenario = chosen.scenario or list(scenarios.QUICK if chosen.quick else scenarios.names())
    chosen.runs = chosen.runs or (1 if chosen.quick else 3)
    for name in chosen.scenario:
        try:
            scenarios.toml_of(name)
        except ValueError as error:
            parser.error(str(error))
    return chosen


def say(text: str):
    print(text, file=sys.stderr, flush=True)


def load(build: pathlib.Path, server: servers.Running, toml: str, duration: int) -> dict:
    """One run of the load tool; the server's largest size meanwhile is that with everybody in it."""
    with tempfile.TemporaryDirectory(prefix="conclave-bench-") as folder:
        scenario, result = pathlib.Path(folder, "scenario.toml"), pathlib.Path(folder, "result.json")
        scenario.write_text(toml)
        tool = subprocess.Popen(
            [build / "src/conclave", "load", "--url", server.url, "--api-key", server.key, "--api-secret",
             server.secret, "--server-pid", str(server.pid), "--duration", str(duration), "--room",
             f"bench-{time.time_ns()}", "--json", result, "--quiet", scenario],
            stdout=subprocess.DEVNULL, preexec_fn=servers.pinned_to(TOOL_CORE),
        )
        try:
            growth = 0
            while tool.poll() is None:
                growth = max(growth, server.growth_kib())
                time.sleep(0.2)
        finally:
            tool.kill()
            tool.wait()
        if not result.exists():
            raise RuntimeError(f"conclave load ended with {tool.returncode}")
        return figures.row_of(server.name, json.loads(result.read_text())[0], growth)


def limit(build: pathlib.Path, subscribers: int, duration: int) -> dict:
    said = subprocess.run([build / "bench/engine_limit", str(subscribers), str(duration)], capture_output=True,
                          text=True, check=True).stdout
    return figures.limit_row(json.loads(said))


def measure(chosen: argparse.Namespace, other: servers.Running | None, name: str) -> list[dict]:
    """All who take part, by turns, so that a noisy minute is everybody's; Conclave is a fresh one each time."""
    toml = scenarios.toml_of(name)
    runs: dict[str, list[dict]] = {}
    for number in range(chosen.runs):
        say(f"{name}, run {number + 1} of {chosen.runs}")
        with servers.Conclave(chosen.build / "src/conclave") as conclave:
            rows = [load(chosen.build, conclave, toml, chosen.duration)]
        if name.startswith("video-"):
            rows.append(limit(chosen.build, rows[0]["subscribers"], chosen.duration))
        if other:
            rows.append(load(chosen.build, other, toml, chosen.duration))
        for row in rows:
            runs.setdefault(row["server"], []).append(row)
    return [figures.median_row(rows) for rows in runs.values()]


def ceiling(chosen: argparse.Namespace) -> dict:
    """As many videos to 200 as one core forwards, or as the tool can take."""
    tried: list[dict] = []
    while (videos := figures.next_videos(tried, CEILING_VIDEOS_MAX)) is not None:
        with servers.Conclave(chosen.build / "src/conclave") as conclave:
            row = load(chosen.build, conclave, scenarios.videos_to(CEILING_VIEWERS, videos), chosen.duration)
        tried.append(row | {"videos": videos})
        say(f"ceiling, {videos} videos to {CEILING_VIEWERS}: {figures.why_not_more(row) or 'whole'}")
    return figures.ceiling_row(tried)


def seal_engine(build: pathlib.Path) -> str:
    with servers.Conclave(build / "src/conclave") as conclave:
        return figures.engine_of(conclave.metrics())


def main() -> int:
    chosen = arguments()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # two or three files for each participant
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "seal_engine": seal_engine(chosen.build),
        "runs": chosen.runs,
        "seconds": chosen.duration,
    }
    other = (servers.Running(chosen.name, chosen.server, chosen.api_key, chosen.api_secret, chosen.server_pid)
             if chosen.server else None)
    rows = [row for name in chosen.scenario for row in measure(chosen, other, name)]
    if not chosen.quick and not chosen.no_ceiling:
        rows.append(ceiling(chosen))
    rows = figures.with_multiples(rows)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")
    print(f"{machine['cores']} cores (server on 0, tool on {TOOL_CORE}), Linux {machine['kernel']}, sealed by "
          f"{machine['seal_engine']}, medians of {chosen.runs} x {chosen.duration} s")
    print(figures.table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
