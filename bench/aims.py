"""What the engine benchmark is to show, each figure beside what it is to be. Judges nothing: the table says."""

from typing import NamedTuple

from figures import columns


class Asked(NamedTuple):
    what: str
    scenario: str  # how its name begins
    field: str  # of the row; a.b: b of a
    unit: str
    scale: float  # the field's unit in the shown one
    aim: float | None = None  # in the shown unit; None: to be known, no more
    at_least: bool = False


ASKED = (
    Asked("CPU of a packet to 200", "video-200", "cpu_us_per_packet", "us", 1, 1.3),
    Asked("the same, of the limit program's", "video-200", "times_limit", "times", 1, 1.5),
    Asked("memory of a viewer of 200", "video-200", "memory_kib_per_subscriber", "KiB", 1, 80),
    Asked("memory of a viewer of 800", "video-800", "memory_kib_per_subscriber", "KiB", 1, 80),
    Asked("latency at half load, p50", "half load", "latency_us.p50", "ms", 1e-3, 0.2),
    Asked("latency at half load, p99", "half load", "latency_us.p99", "ms", 1e-3, 1),
    Asked("latency at half load, p99.9", "half load", "latency_us.p999", "ms", 1e-3, 3),
    Asked("latency in small rooms, p50", "rooms", "latency_us.p50", "ms", 1e-3),
    Asked("latency in small rooms, p99", "rooms", "latency_us.p99", "ms", 1e-3),
    Asked("latency in small rooms, p99.9", "rooms", "latency_us.p999", "ms", 1e-3),
    Asked("storm: joined", "storm", "joined_share", "%", 100, 100, at_least=True),
    Asked("storm: join, p50", "storm", "join_ms.p50", "ms", 1),
    Asked("storm: join, p99", "storm", "join_ms.p99", "ms", 1, 1500),
    Asked("storm: latency before, p99", "storm", "latency_before_us.p99", "ms", 1e-3),
    Asked("storm: latency meanwhile, p99", "storm", "latency_us.p99", "ms", 1e-3),
    Asked("storm: so much worse", "storm", "latency_p99_worse_us", "ms", 1e-3, 10),
    Asked("storm: audio loss", "storm", "loss", "%", 100, 0.1),
    Asked("storm: CPU of a join", "storm", "cpu_ms_per_join", "ms", 1, 2),
    Asked("flood: sent", "flood", "flood_per_s", "/s", 1, 200_000, at_least=True),
    Asked("flood: read by the server", "flood", "flood_read_share", "%", 100),
    Asked("flood: answers", "flood", "replies", "", 1, 0),
    Asked("flood: growth", "flood", "growth_kib", "KiB", 1, 1024),
    Asked("flood: audio loss", "flood", "loss", "%", 100, 0.5),
    Asked("flood: latency meanwhile, p99", "flood", "latency_us.p99", "ms", 1e-3),
    Asked("growth over joins and leaves", "growth", "growth_kib", "KiB", 1, 1024),
    Asked("growth, of each", "growth", "growth_bytes_per_join", "bytes", 1),
    Asked("CPU of who is only there, a second", "idle", "cpu_us_per_participant", "us", 1),
    Asked("CPU of who is in an audio call, a second", "audio", "cpu_us_per_participant", "us", 1),
    Asked("CPU of an audio packet", "audio", "cpu_us_per_packet", "us", 1),
    Asked("CPU of a report of who receives", "rtcp", "cpu_us_per_report", "us", 1),
)


def is_of(scenario: str, beginning: str) -> bool:
    return scenario == beginning or scenario.startswith((f"{beginning}-", f"{beginning},"))


def field_of(row: dict, path: str):
    value = row
    for key in path.split("."):
        value = value.get(key) if value is not None else None
    return value


def verdict(asked: Asked, value: float) -> str:
    """Whether, and by how much of the aim it is missed."""
    if asked.aim is None:
        return ""
    if value >= asked.aim if asked.at_least else value <= asked.aim:
        return "met"
    if asked.aim == 0:
        return "missed"
    if value > 3 * asked.aim:
        return f"missed {value / asked.aim:.1f} times over"
    return f"missed by {abs(value - asked.aim) / asked.aim * 100:.1f} %"


def figures_of(rows: list[dict]) -> list[dict]:
    """Of every server what its rows tell of what was asked; what was not measured is left out. The aims are ours."""
    found = []
    for asked in ASKED:
        for row in rows:
            value = field_of(row, asked.field) if is_of(row["scenario"], asked.scenario) else None
            if value is None or row["server"] == "limit program":
                continue
            shown = value * asked.scale
            judged = asked if row["server"] == "Conclave" else asked._replace(aim=None)
            found.append({"server": row["server"], "what": asked.what, "scenario": row["scenario"], "value": shown,
                          "unit": asked.unit, "aim": judged.aim, "at_least": asked.at_least,
                          "verdict": verdict(judged, shown)})
    return found


def number(value: float) -> str:
    """Three figures, of large ones all."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def aim_text(found: dict) -> str:
    if found["aim"] is None:
        return ""
    return f"{'>=' if found['at_least'] else '<='} {number(found['aim'])}"


def table(rows: list[dict]) -> str:
    lines = [["server", "what", "scenario", "figure", "unit", "aim", ""]]
    lines += [[found["server"], found["what"], found["scenario"], number(found["value"]), found["unit"],
               aim_text(found), found["verdict"]] for found in figures_of(rows)]
    return columns(lines, left={0, 1, 2, 4, 5, 6})
