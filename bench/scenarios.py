"""Who does what in the engine benchmark: files for the load tool (docs/load.md)."""

VIDEO = (10, 50, 200, 400, 800)
MEETING = (10, 25, 49)
# What can be seen in less than two minutes.
QUICK = ("video-200", "meeting-10", "storm-500", "flood-100")

PEOPLE_MAX = 5000
# More than its core forwards of a video.
JANUS_PEOPLE_MAX = 400
# Viewers of a small room, in which nobody waits long for the others.
SMALL_ROOM = 10
# Of the storm: who is in the call before it, alone for so long, and how many of the others come in a second.
CALL = 200
LEAD_SECONDS = 5
STORM_RATE = 50
# Reports a second of a participant: as usual, and so many that their cost stands out from the media's.
REPORTS = 1
MANY_REPORTS = 50
# Growth: so many join at once, in rooms of so many, and leave; then the next.
ROUND = 1000
ROUND_ROOM = 50


def names() -> list[str]:
    return [f"video-{n}" for n in VIDEO] + [f"meeting-{n}" for n in MEETING] + [
        "rooms-100", "idle-400", "audio-100", "rtcp-100", "storm-500", "flood-100", "growth-5000"]


def videos_to(viewers: int, videos: int = 1) -> str:
    """So many who send one video of 1.5 Mbit/s each, to so many who only watch."""
    return f"""name = "video-{viewers}"
join_rate = 50
[[group]]
name = "speakers"
count = {videos}
publish = ["video"]
bitrates = [1500]
subscribe = false
[[group]]
name = "viewers"
count = {viewers}
"""


def meeting_of(people: int) -> str:
    """Everybody with audio and simulcast video, to everybody, in the qualities that tiles ask for."""
    return f"""name = "meeting-{people}"
join_rate = 10
[[group]]
name = "people"
count = {people}
publish = ["audio", "video"]
bitrates = [150, 500, 1700]
talk = 0.2
quality = {{ low = 0.6, medium = 0.3, high = 0.1 }}
"""


def small_rooms(rooms: int) -> str:
    """So many rooms at once, one video to a few in each."""
    return f"""name = "rooms-{rooms}"
rooms = {rooms}
join_rate = 100
[[group]]
name = "speakers"
publish = ["video"]
bitrates = [1500]
subscribe = false
[[group]]
name = "viewers"
count = {SMALL_ROOM}
"""


def idle(people: int) -> str:
    """People who are there, and nothing else."""
    return f"""name = "idle-{people}"
join_rate = 50
[[group]]
name = "people"
count = {people}
"""


def call_of(people: int, name: str) -> str:
    """A call in which three speak and the others listen."""
    return f"""name = "{name}"
join_rate = 50
[[group]]
name = "speakers"
count = 3
publish = ["audio"]
talk = 1
[[group]]
name = "listeners"
count = {people - 3}
"""


def storm(joins: int) -> str:
    """A call, and so many more who come to it all at once."""
    return f"""lead = {LEAD_SECONDS}
late_rate = {STORM_RATE}
{call_of(CALL, f"storm-{joins}")}[[group]]
name = "late ones"
count = {joins}
late = true
"""


def reporting(viewers: int, reports: int) -> str:
    """One small video to so many who say so often how they receive it."""
    return f"""name = "rtcp-{viewers}"
join_rate = 50
[[group]]
name = "speaker"
publish = ["video"]
bitrates = [150]
fps = 10
subscribe = false
[[group]]
name = "viewers"
count = {viewers}
reports = {reports}
"""


def growth_round() -> str:
    """Small rooms that fill and empty, one speaking in each."""
    return f"""name = "growth-{ROUND}"
rooms = {ROUND // ROUND_ROOM}
join_rate = 125
duration = 1
[[group]]
name = "speaker"
publish = ["audio"]
[[group]]
name = "listeners"
count = {ROUND_ROOM - 1}
"""


def kind_of(name: str) -> str:
    """The word of a scenario's name; ValueError, in words, when it is none."""
    kind, _, count = name.partition("-")
    if kind == "growth":
        if count.isdecimal() and int(count) >= 1:
            return kind
    elif kind in TOML and count.isdecimal() and LEAST.get(kind, 1) <= int(count) <= PEOPLE_MAX:
        return kind
    raise ValueError(f"{name}: {', '.join(f'{kind}-N' for kind in (*TOML, 'growth'))}")


def suits_janus(name: str) -> bool:
    """What the load tool can do with a Janus, and a Janus with one core."""
    return kind_of(name) in ("video", "audio") and int(name.partition("-")[2]) <= JANUS_PEOPLE_MAX


def toml_of(name: str) -> str:
    return TOML[kind_of(name)](int(name.partition("-")[2]))


TOML = {
    "video": videos_to,
    "meeting": meeting_of,
    "rooms": small_rooms,
    "idle": idle,
    "audio": lambda people: call_of(people, f"audio-{people}"),
    "rtcp": lambda viewers: reporting(viewers, REPORTS),
    "storm": storm,
    "flood": lambda people: call_of(people, f"flood-{people}"),
}
LEAST = {"audio": 4, "flood": 4}
