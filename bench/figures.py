"""What the engine benchmark makes of its measurements: medians, rows, the table. Nothing here touches the system."""

import re
import statistics

# Of its core. Beyond, the tool delays and loses packets itself: the row measures the tool.
TOOL_CORES_MAX = 0.9


def kib_of(status: str) -> int:
    """The resident set of a /proc/PID/status."""
    match = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.M)
    if not match:
        raise ValueError("no VmRSS: the process has ended")
    return int(match.group(1))


def engine_of(metrics: str) -> str:
    """Who seals, from /metrics."""
    match = re.search(r'^conclave_seal_engine_info\{engine="([^"]*)"\} 1$', metrics, re.M)
    return match.group(1) if match else "unknown"


def metric(metrics: str, name: str) -> float:
    """The sum over all workers, from /metrics."""
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", metrics, re.M))


def cpu_us(load: dict) -> float | None:
    """Of the server for each media packet that the subscribers received; `load` is what the load tool wrote."""
    if "server_cpu_cores" not in load or load["measured_packets"] == 0:
        return None
    return load["server_cpu_cores"] * load["seconds"] * 1e6 / load["measured_packets"]


def cores_us_each(load: dict, people: int) -> float | None:
    """CPU of the server for each of them, in microseconds a second."""
    return load["server_cpu_cores"] * 1e6 / people if "server_cpu_cores" in load else None


def lost_share(load: dict) -> float:
    return load["measured_loss"] / load["measured_expected"] if load["measured_expected"] else 0.0


def row_of(server: str, load: dict, memory_kib: int) -> dict:
    """Of one run. `memory_kib`: by how much the server grew."""
    return {
        "server": server,
        "scenario": load["scenario"],
        "subscribers": int(load["scenario"].rpartition("-")[2]),
        "cpu_us_per_packet": cpu_us(load),
        "packets_per_s_per_core": None,  # only what was tried counts: see ceiling_row()
        "packets_per_s": load["measured_packets"] / load["seconds"] if load["seconds"] else 0.0,
        "loss": load["loss"] / load["expected"] if load["expected"] else 0.0,
        "latency_us": load["latency_us"] if load["measured_packets"] else None,
        "memory_kib_per_subscriber": memory_kib / load["participants"],
        "cpu_us_per_participant": cores_us_each(load, load["participants"]),
        "server_cores": load.get("server_cpu_cores"),
        "tool_cores": load["tool_cpu_cores"],
        "missing": load["participants"] - load["joined"],
        "silent": load["subscriptions_wanted"] - load["subscriptions"],
    }


def cpu_ms_per_join(load: dict) -> float | None:
    """Of the time of the storm less the packets of that time, which cost as much as the mean of before and after."""
    during = load["during"]
    packet_us = [cpu_us(load["lead"]), cpu_us(load)]
    if None in packet_us or not load["late"]["joined"]:
        return None
    media = statistics.mean(packet_us) * during["measured_packets"] / 1e6
    return (during["server_cpu_cores"] * during["seconds"] - media) * 1000 / load["late"]["joined"]


def storm_row(server: str, load: dict, memory_kib: int) -> dict:
    """Of the time in which the late ones joined; `latency_before_us` is of that in which they had not."""
    before, during, late = load["lead"], load["during"], load["late"]
    return row_of(server, load, memory_kib) | {
        "cpu_us_per_packet": None,  # joins are in it
        "packets_per_s": during["measured_packets"] / during["seconds"] if during["seconds"] else 0.0,
        "loss": lost_share(during),
        "latency_us": during["latency_us"],
        "latency_before_us": before["latency_us"],
        "latency_p99_worse_us": during["latency_us"]["p99"] - before["latency_us"]["p99"],
        "joined_share": late["joined"] / late["participants"],
        "join_ms": {q: late["join_ms"][q] for q in ("p50", "p99")},
        "cpu_ms_per_join": cpu_ms_per_join(load),
        "server_cores": during.get("server_cpu_cores"),
        "tool_cores": during["tool_cpu_cores"],
    }


def report_costs(row: dict, many: dict, extra: int) -> dict:
    """Of a report: what `extra` more of them a second from each of the subscribers cost."""
    if row["server_cores"] is None or "server_cpu_cores" not in many:
        return {"cpu_us_per_report": None}
    more = (many["server_cpu_cores"] - row["server_cores"]) * 1e6
    return {"cpu_us_per_report": more / (row["subscribers"] * extra)}


def flood_row(server: str, load: dict, memory_kib: int, flood: dict) -> dict:
    """`flood`: what its sender said, by how much the server grew under it, and how many datagrams it read."""
    return row_of(server, load, memory_kib) | {
        "loss": lost_share(load),
        "flood_per_s": flood["per_s"],
        "flood_sources": flood["sources"],
        "flood_read_share": flood["read"] / flood["sent"],
        "replies": flood["replies"],
        "growth_kib": flood["growth_kib"],
    }


def growth_row(server: str, rounds: list[dict], sizes_kib: list[int]) -> dict:
    """Of rounds of joins and leaves. `sizes_kib`: of the server at rest, before the first and after each."""
    people = sum(said["participants"] for said in rounds)
    joined = sum(said["joined"] for said in rounds)
    return dict.fromkeys(("cpu_us_per_packet", "packets_per_s_per_core", "latency_us", "memory_kib_per_subscriber")) | {
        "server": server,
        "scenario": f"growth-{people}",
        "subscribers": people,
        "loss": max(said["loss_percent"] / 100 for said in rounds),
        "growth_kib": sizes_kib[-1] - sizes_kib[0],
        "growth_bytes_per_join": (sizes_kib[-1] - sizes_kib[0]) * 1024 / max(joined, 1),
        "sizes_kib": sizes_kib,
        "missing": people - joined,
        "silent": sum(said["subscriptions_wanted"] - said["subscriptions"] for said in rounds),
        "tool_cores": max(said["tool_cpu_cores"] for said in rounds),
    }


def half_row(row: dict, videos: int) -> dict:
    return row | {"scenario": f"half load, {videos} x video-{row['subscribers']}"}


def limit_row(said: dict) -> dict:
    """Of one run of the limit program, which has neither latency nor a session."""
    return {
        "server": "limit program",
        "scenario": f"video-{said['subscribers']}",
        "subscribers": said["subscribers"],
        "cpu_us_per_packet": said["cpu_us_per_packet"],
        "packets_per_s_per_core": None,
        "loss": said["loss"],
        "latency_us": None,
        "memory_kib_per_subscriber": None,
    }


def median(values: list):
    """Of numbers, or of dicts of numbers; None where any is missing. What is the same in all stays as it is."""
    if all(value == values[0] for value in values):
        return values[0]
    if any(value is None for value in values):
        return None
    if isinstance(values[0], dict):
        return {key: median([value[key] for value in values]) for key in values[0]}
    return statistics.median(values)


WORST = {"loss": max, "silent": max, "missing": max, "tool_cores": max, "replies": max, "growth_kib": max,
         "joined_share": min}


def median_row(rows: list[dict]) -> dict:
    """Of runs of the same. What must not happen is not averaged away: losses and missing streams are the worst."""
    row = median(rows) | {"runs": len(rows)}
    return row | {key: worst(r[key] for r in rows) for key, worst in WORST.items() if key in row}


def with_multiples(rows: list[dict]) -> list[dict]:
    """Each row of a server beside the limit program's for the same, where there is one."""
    limits = {r["scenario"]: r["cpu_us_per_packet"] for r in rows if r["server"] == "limit program"}
    return [
        row | {"times_limit": row["cpu_us_per_packet"] / limits[row["scenario"]]}
        if row["scenario"] in limits and row["cpu_us_per_packet"] is not None
        else row | {"times_limit": None}
        for row in rows
    ]


def remarks(row: dict) -> str:
    said = []
    if row.get("tool_cores", 0) > TOOL_CORES_MAX:
        said.append(f"the tool's core was full ({row['tool_cores']:.2f}): this measures the tool")
    if row.get("missing", 0) > 0:
        said.append(f"{row['missing']} did not join")
    if row.get("silent", 0) > 0:
        said.append(f"nothing came of {row['silent']} subscriptions")
    if row.get("limited_by"):
        said.append(f"limited by {row['limited_by']}")
    return "; ".join(said)


def cell(value: float | None, decimals: int) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"


def latency_cell(latency: dict | None) -> str:
    return "-" if latency is None else " / ".join(f"{latency[q] / 1000:.2f}" for q in ("p50", "p99", "p999"))


HEAD = ["server", "scenario", "us/packet", "x limit", "packets/s", "loss %", "latency ms p50/p99/p99.9", "KiB each",
        "server", "tool", ""]


def cells(row: dict) -> list[str]:
    return [
        row["server"], row["scenario"], cell(row["cpu_us_per_packet"], 2), cell(row["times_limit"], 2),
        cell(row["packets_per_s_per_core"] or row.get("packets_per_s"), 0), cell(row["loss"] * 100, 3),
        latency_cell(row["latency_us"]), cell(row["memory_kib_per_subscriber"], 0),
        cell(row.get("server_cores"), 2), cell(row.get("tool_cores"), 2), remarks(row),
    ]


def table(rows: list[dict]) -> str:
    return columns([HEAD] + [cells(row) for row in rows], left={0, 1, len(HEAD) - 1})


def columns(lines: list[list[str]], left: set[int]) -> str:
    """As wide as they have to be: words to the left, figures to the right."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(text.ljust(widths[i]) if i in left else text.rjust(widths[i]) for i, text in enumerate(line)).rstrip()
        for line in lines
    )


def why_not_more(row: dict) -> str | None:
    """What stands in the way of more than this; None: nothing yet."""
    if row["tool_cores"] > TOOL_CORES_MAX:
        return "the tool's core"
    if row["missing"] > 0 or row["silent"] > 0:
        return "the server: not everybody received"
    if row["loss"] > 0:
        return "loss"
    return None


def ceiling_row(tried: list[dict]) -> dict:
    """The most that passed whole, of rows with a `videos` each, and what stopped the next."""
    passed = [row for row in tried if why_not_more(row) is None]
    failed = [row for row in tried if why_not_more(row) is not None]
    best = max(passed, key=lambda row: row["packets_per_s"]) if passed else None
    row = dict(best or failed[0])
    after = [why_not_more(r) for r in failed if best is None or r["videos"] > best["videos"]]
    row |= {
        "scenario": f"ceiling, {row['videos']} x {row['scenario']}",
        "packets_per_s_per_core": best["packets_per_s"] if best else None,
        "limited_by": after[-1] if after else "the search's end",
    }
    return row


def half_of(best: dict) -> tuple[int, int] | None:
    """Videos and viewers of half the ceiling, of as many videos as it takes; None: there is no ceiling."""
    if best["packets_per_s_per_core"] is None:
        return None
    videos = -(-best["videos"] // 2)
    return videos, round(best["subscribers"] * best["videos"] / 2 / videos)


def next_videos(tried: list[dict], most: int) -> int | None:
    """How many videos to try next: twice as many until something gives, then the middle; None: found."""
    good = max((row["videos"] for row in tried if why_not_more(row) is None), default=0)
    bad = min((row["videos"] for row in tried if why_not_more(row) is not None), default=None)
    if bad is None:
        return min(max(2 * good, 1), most) if good < most else None
    return (good + bad) // 2 if bad - good > 1 else None
