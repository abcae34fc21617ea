#!/usr/bin/env python3
"""What the engine benchmark says of measurements that are known."""

import tomllib
import unittest

import figures
import scenarios

LOAD = {
    "scenario": "video-200", "participants": 201, "joined": 201, "measured_packets": 1_000_000, "seconds": 10.0,
    "expected": 2000, "loss": 1, "latency_us": {"p50": 100, "p99": 200, "p999": 3000}, "server_cpu_cores": 0.2,
    "tool_cpu_cores": 0.5, "subscriptions": 200, "subscriptions_wanted": 200,
}
LIMIT = {"subscribers": 200, "packets": 1000, "cpu_us_per_packet": 0.5, "loss": 0.0, "engine": "x"}


def row(**changes) -> dict:
    return figures.row_of("Conclave", LOAD, 20_100) | changes


def tried(videos: int, **changes) -> dict:
    return row(videos=videos, packets_per_s=videos * 1000.0, loss=0.0, **changes)


class FiguresTest(unittest.TestCase):
    def test_a_row_is_cost_for_each_packet_and_memory_for_each_participant(self):
        self.assertAlmostEqual(row()["cpu_us_per_packet"], 2.0)
        self.assertEqual(row()["memory_kib_per_subscriber"], 100)
        self.assertEqual(row()["subscribers"], 200)
        self.assertEqual(row()["loss"], 0.0005)
        self.assertIsNone(row()["packets_per_s_per_core"])

    def test_nothing_is_made_up_where_nothing_was_measured(self):
        without = {key: value for key, value in LOAD.items() if key != "server_cpu_cores"}
        self.assertIsNone(figures.cpu_us(without))
        self.assertIsNone(figures.cpu_us(LOAD | {"measured_packets": 0}))
        silent = figures.row_of("other", without | {"expected": 0, "seconds": 0, "measured_packets": 0}, 0)
        self.assertIn("-", figures.table(figures.with_multiples([silent])))

    def test_medians_are_of_each_figure_and_the_worst_of_what_must_not_happen(self):
        runs = [
            row(cpu_us_per_packet=cost, loss=loss, tool_cores=tool, latency_us={"p50": cost, "p99": 0, "p999": 0})
            for cost, loss, tool in ((3.0, 0.0, 0.2), (1.0, 0.5, 0.95), (2.0, 0.1, 0.3))
        ]
        result = figures.median_row(runs)
        self.assertEqual(result["cpu_us_per_packet"], 2.0)
        self.assertEqual(result["latency_us"]["p50"], 2.0)
        self.assertEqual((result["loss"], result["tool_cores"], result["runs"]), (0.5, 0.95, 3))
        self.assertIsNone(figures.median_row([row(), row(cpu_us_per_packet=None)])["cpu_us_per_packet"])

    def test_a_server_is_a_multiple_of_the_limit_for_the_same_only(self):
        limit = figures.median_row([figures.limit_row(LIMIT)])
        rows = figures.with_multiples([row(), row(scenario="meeting-10"), limit])
        self.assertEqual([r["times_limit"] for r in rows], [4.0, None, 1.0])

    def test_the_table_says_when_it_measures_the_tool(self):
        self.assertIn("this measures the tool", figures.table(figures.with_multiples([row(tool_cores=0.91)])))
        self.assertNotIn("this measures", figures.table(figures.with_multiples([row(tool_cores=0.89)])))
        self.assertEqual(figures.remarks(row(missing=2, silent=3)), "2 did not join; nothing came of 3 subscriptions")

    def test_the_ceiling_is_doubled_and_then_halved(self):
        seen = []
        while (videos := figures.next_videos(seen, 64)) is not None:
            seen.append(tried(videos, tool_cores=1.0 if videos > 5 else 0.5))
        self.assertEqual([r["videos"] for r in seen], [1, 2, 4, 8, 6, 5])
        best = figures.ceiling_row(seen)
        self.assertEqual((best["videos"], best["packets_per_s_per_core"]), (5, 5000.0))
        self.assertEqual(best["limited_by"], "the tool's core")

    def test_a_ceiling_that_nothing_reached_says_so(self):
        whole = [tried(1), tried(2)]
        self.assertIsNone(figures.next_videos(whole, 2))
        self.assertEqual(figures.ceiling_row(whole)["limited_by"], "the search's end")
        lossy = figures.ceiling_row([tried(1) | {"loss": 0.1}])
        self.assertIsNone(lossy["packets_per_s_per_core"])
        self.assertEqual(lossy["limited_by"], "loss")

    def test_reads_what_the_system_and_the_server_say(self):
        self.assertEqual(figures.kib_of("VmPeak:\t  900 kB\nVmRSS:\t  1234 kB\n"), 1234)
        with self.assertRaises(ValueError):
            figures.kib_of("State:\tZ (zombie)\n")
        self.assertEqual(figures.engine_of('x 1\nconclave_seal_engine_info{engine="openssl"} 1\n'), "openssl")
        self.assertEqual(figures.engine_of(""), "unknown")

    def test_every_scenario_is_what_its_name_says(self):
        for name in (*scenarios.names(), *scenarios.QUICK):
            said = tomllib.loads(scenarios.toml_of(name))
            self.assertEqual(said["name"], name)
            self.assertEqual(said["group"][-1]["count"], int(name.split("-")[1]))
        for name in ("video", "video-0", "video-x", "room-3", "video-5001"):
            with self.assertRaises(ValueError):
                scenarios.toml_of(name)


if __name__ == "__main__":
    unittest.main()
