#!/usr/bin/env python3
"""A flame graph of the media worker, as an SVG without script, from what `perf script` prints (docs/performance.md).

    perf record --call-graph dwarf,16384 -F 499 -p PID -- sleep 10
    perf script -F comm,ip,sym | flame.py docs/forwarding.svg
"""

import html
import pathlib
import re
import sys

ROOT = "conclave::server::Worker::turn"
SEALING = "aes_gcm_"
WIDTH, ROW, MARGIN = 1200, 17, 8
SHARE_MIN = 0.004  # of all samples: less is not drawn
CHAR = 6.4         # width of one, in the font below
# Of what is not ours: the kernel, and libraries.
KERNEL, LIBRARY, OURS = "#9db4c0", "#c9ada7", "#f2b880"


class Node:
    def __init__(self, name: str = ""):
        self.name, self.samples, self.children = name, 0, {}

    def child(self, name: str) -> "Node":
        return self.children.setdefault(name, Node(name))


def short(symbol: str) -> str:
    """`conclave::net::UdpSocket::send(conclave::TransmitQueue const&)` is `net::UdpSocket::send`."""
    name = re.sub(r"\+0x[0-9a-f]+$", "", symbol)
    if name.startswith("conclave::"):
        name = re.sub(r"<.*>", "", name.split("(")[0]).removeprefix("conclave::")
    return name


def stacks(lines) -> list[list[str]]:
    """Root first. A block of perf script is a header, the frames from the leaf up, an empty line."""
    found, frames = [], []
    for line in [*lines, "\n"]:
        frame = re.match(r"\s+([0-9a-f]+) (.+)$", line.rstrip())
        if frame:
            kernel = int(frame[1], 16) >> 63
            frames.append(("k:" if kernel else "") + frame[2])
        elif frames:
            found.append(frames[::-1])
            frames = []
    return found


def tree(found: list[list[str]]) -> Node:
    """Of the worker's turns only."""
    root = Node(short(ROOT))
    for stack in found:
        at = next((i for i, frame in enumerate(stack) if frame.startswith(ROOT)), None)
        node = root
        if at is None:
            # Assembler that nothing unwinds.
            if not any(frame.startswith(SEALING) for frame in stack):
                continue
            at, stack = 0, [ROOT, "ipsec-mb"]
        node.samples += 1
        for frame in stack[at + 1:]:
            name = "k:" + short(frame[2:]) if frame.startswith("k:") else short(frame)
            if name.endswith("[unknown]"):
                continue
            node = node.child(name)
            node.samples += 1
    return root


def colour(name: str, full: bool) -> str:
    if name.startswith("k:"):
        return KERNEL
    return OURS if full else LIBRARY


def draw(root: Node) -> str:
    boxes, deepest = [], 0
    total = root.samples

    def place(node: Node, x: float, depth: int) -> None:
        nonlocal deepest
        width = node.samples / total * (WIDTH - 2 * MARGIN)
        deepest = max(deepest, depth)
        boxes.append((node, x, depth, width))
        for name in sorted(node.children):
            below = node.children[name]
            if below.samples / total >= SHARE_MIN:
                place(below, x, depth + 1)
            x += below.samples / total * (WIDTH - 2 * MARGIN)

    place(root, MARGIN, 0)
    height = (deepest + 1) * ROW + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
           f'font-family="monospace" font-size="11"><title>Where the time of a media worker goes</title>'
           f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>']
    for node, x, depth, width in boxes:
        y = height - MARGIN - (depth + 1) * ROW
        name = node.name.removeprefix("k:")
        text = html.escape(name[: int((width - 6) / CHAR)]) if width > 30 else ""
        out.append(f'<g><title>{html.escape(name)}: {node.samples / total:.1%}</title>'
                   f'<rect x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.5):.1f}" height="{ROW - 1}" rx="1" '
                   f'fill="{colour(node.name, "::" in node.name)}"/>'
                   f'<text x="{x + 3:.1f}" y="{y + 12}">{text}</text></g>')
    return "\n".join(out) + "\n</svg>\n"


def selves(root: Node) -> list[tuple[str, float]]:
    """Functions by their own share, the largest first."""
    own: dict[str, int] = {}

    def visit(node: Node) -> None:
        below = sum(child.samples for child in node.children.values())
        own[node.name] = own.get(node.name, 0) + node.samples - below
        for child in node.children.values():
            visit(child)

    visit(root)
    ranked = sorted(own.items(), key=lambda entry: -entry[1])
    return [(name, samples / root.samples) for name, samples in ranked]


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    root = tree(stacks(sys.stdin))
    if root.samples == 0:
        print(f"no sample in {ROOT}", file=sys.stderr)
        return 1
    pathlib.Path(sys.argv[1]).write_text(draw(root))
    for name, share in selves(root)[:20]:
        print(f"{share:6.1%}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
