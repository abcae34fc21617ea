"""Who does what in the engine benchmark: files for the load tool (docs/load.md)."""

VIDEO = (10, 50, 200, 400, 800)
MEETING = (10, 25, 49)
# What can be seen in a minute.
QUICK = ("video-10", "video-200", "meeting-10")


def names() -> list[str]:
    return [f"video-{n}" for n in VIDEO] + [f"meeting-{n}" for n in MEETING]


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


def toml_of(name: str) -> str:
    kind, _, count = name.partition("-")
    if kind not in ("video", "meeting") or not count.isdecimal() or not 1 <= int(count) <= 5000:
        raise ValueError(f"{name}: video-N or meeting-N")
    return videos_to(int(count)) if kind == "video" else meeting_of(int(count))
