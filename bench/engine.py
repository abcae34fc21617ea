#!/usr/bin/env python3
"""What forwarding costs, end to end: real joins and real SRTP over loopback, one core for the server, one for the tool.

    engine.py                      all scenarios, three runs each: medians in a table and in build/bench/engine.json
    engine.py --quick              a few of them, once
    engine.py --scenario video-200 --runs 5 --duration 20
    engine.py --scenario growth-100000
    engine.py --server ws://127.0.0.1:7880 --api-key KEY --api-secret SECRET --server-pid PID --name livekit-server

Each video scenario is also given to the limit program (bench/limit.cc), and servers are printed as a multiple of it;
where Debian's package is installed, Janus takes part in those and in the audio call.
docs/benchmarks.md says what the figures mean.
"""

import argparse
import json
import os
import pathlib
import platform
import resource
import sys

import aims
import figures
import measure
import scenarios
import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
CEILING_VIEWERS = 200
CEILING_VIDEOS_MAX = 64


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", action="append", metavar="NAME",
                        help="more than once; default: " + " ".join(scenarios.names()))
    parser.add_argument("--quick", action="store_true", help="a small part, once, and no ceiling")
    parser.add_argument("--runs", type=int, help="of each scenario (3; 1 with --quick)")
    parser.add_argument("--duration", type=int, help="seconds from the last join (10; 4 with --quick)")
    parser.add_argument("--no-ceiling", action="store_true",
                        help="look neither for the highest rate without loss nor at half of it")
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
    chosen.duration = chosen.duration or (4 if chosen.quick else 10)
    for name in chosen.scenario:
        try:
            scenarios.kind_of(name)
        except ValueError as error:
            parser.error(str(error))
    return chosen


def say(text: str):
    print(text, file=sys.stderr, flush=True)


def medians(bench: measure.Bench, name: str, runs: int, other: servers.Running | None = None) -> list[dict]:
    """Of all who take part, by turns, so that a noisy minute is everybody's; Conclave is a fresh one each time."""
    found: dict[str, list[dict]] = {}
    for number in range(runs):
        say(f"{name}, run {number + 1} of {runs}")
        with servers.Conclave(bench.build / "src/conclave") as conclave:
            rows = [measure.once(bench, conclave, name)]
        if scenarios.kind_of(name) == "video":
            rows.append(measure.limit(bench, rows[0]["subscribers"]))
        if scenarios.suits_janus(name) and servers.Janus.is_installed():
            with servers.Janus() as janus:
                rows.append(measure.once(bench, janus, name))
        if other and scenarios.kind_of(name) != "flood":
            rows.append(measure.once(bench, other, name))
        for row in rows:
            found.setdefault(row["server"], []).append(row)
    return [figures.median_row(rows) for rows in found.values()]


def videos_row(bench: measure.Bench, videos: int, viewers: int) -> dict:
    with servers.Conclave(bench.build / "src/conclave") as conclave:
        loaded = measure.load(bench, conclave, scenarios.videos_to(viewers, videos))
        return figures.row_of(conclave.name, loaded.said, loaded.growth_kib) | {"videos": videos}


def ceiling(bench: measure.Bench) -> dict:
    """As many videos to 200 as one core forwards, or as the tool can take."""
    tried: list[dict] = []
    while (videos := figures.next_videos(tried, CEILING_VIDEOS_MAX)) is not None:
        row = videos_row(bench, videos, CEILING_VIEWERS)
        tried.append(row)
        say(f"ceiling, {videos} videos to {CEILING_VIEWERS}: {figures.why_not_more(row) or 'whole'}")
    return figures.ceiling_row(tried)


def half_load(bench: measure.Bench, best: dict, runs: int) -> list[dict]:
    """Latency at half of what came whole."""
    half = figures.half_of(best)
    if half is None:
        return []
    say(f"half load: {half[0]} videos to {half[1]}")
    row = figures.median_row([videos_row(bench, *half) for _ in range(runs)])
    return [figures.half_row(row, half[0])]


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
    bench = measure.Bench(chosen.build, chosen.duration)
    rows = []
    for name in chosen.scenario:
        # A server that grows with every join shows it in one run.
        runs = 1 if scenarios.kind_of(name) == "growth" else chosen.runs
        rows += medians(bench, name, runs, other)
    if not chosen.quick and not chosen.no_ceiling:
        best = ceiling(bench)
        rows += [best, *half_load(bench, best, chosen.runs)]
    rows = figures.with_multiples(rows)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    said = {"machine": machine, "rows": rows, "asked": aims.figures_of(rows)}
    chosen.json.write_text(json.dumps(said, indent=2) + "\n")
    print(f"{machine['cores']} cores (server on 0, tool on {measure.TOOL_CORE}), Linux {machine['kernel']}, sealed by "
          f"{machine['seal_engine']}, medians of {chosen.runs} x {chosen.duration} s")
    if not servers.Janus.is_installed():
        print("Janus is left out: its Debian package is not installed (apt-get install janus)")
    print(figures.table(rows), end="\n\n")
    print(aims.table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
