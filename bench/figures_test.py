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
MEASURED = {
    "seconds": 5.0, "measured_packets": 100_000, "measured_expected": 100_000, "measured_loss": 0,
    "latency_us": {"p50": 100, "p99": 200, "p999": 300}, "server_cpu_cores": 0.02, "tool_cpu_cores": 0.1,
}
STORM = LOAD | MEASURED | {
    "scenario": "storm-500",
    "late": {"participants": 500, "joined": 490, "join_ms": {"p50": 20, "p95": 50, "p99": 90}},
    "lead": MEASURED,
    "during": MEASURED | {
        "seconds": 10.0, "measured_packets": 400_000, "measured_loss": 1000, "server_cpu_cores": 0.5,
        "tool_cpu_cores": 0.6, "latency_us": {"p50": 100, "p99": 900, "p999": 5000},
    },
    "measured_packets": 200_000, "server_cpu_cores": 0.08,
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

    def test_a_metric_is_summed_over_the_workers(self):
        said = '# TYPE x gauge\nx{worker="0"} 2\nx{worker="1"} 3\nx_total{worker="0"} 9\ny 4\n'
        self.assertEqual(figures.metric(said, "x"), 5)
        self.assertEqual(figures.metric(said, "y"), 4)
        self.assertEqual(figures.metric(said, "z"), 0)

    def test_a_storm_is_judged_by_the_time_in_which_they_joined(self):
        result = figures.storm_row("Conclave", STORM, 0)
        self.assertEqual(result["latency_us"]["p99"], 900)
        self.assertEqual(result["latency_before_us"]["p99"], 200)
        self.assertEqual(result["latency_p99_worse_us"], 700)
        self.assertEqual((result["loss"], result["joined_share"]), (0.01, 0.98))
        self.assertEqual(result["join_ms"], {"p50": 20, "p99": 90})
        self.assertEqual((result["packets_per_s"], result["server_cores"], result["tool_cores"]), (40_000, 0.5, 0.6))

    def test_a_join_costs_what_the_media_of_that_time_did_not(self):
        # 1 us a packet before, 2 us after: 0.6 s of the 5 s were media.
        self.assertAlmostEqual(figures.cpu_ms_per_join(STORM), (5 - 0.6) * 1000 / 490)
        self.assertIsNone(figures.cpu_ms_per_join(STORM | {"lead": MEASURED | {"measured_packets": 0}}))
        nobody = STORM["late"] | {"joined": 0}
        self.assertIsNone(figures.cpu_ms_per_join(STORM | {"late": nobody}))

    def test_reports_cost_what_more_of_them_cost_more(self):
        few = row(server_cores=0.1, subscribers=100)
        self.assertAlmostEqual(figures.report_costs(few, {"server_cpu_cores": 0.12}, 50)["cpu_us_per_report"], 4)
        self.assertIsNone(figures.report_costs(few, {}, 50)["cpu_us_per_report"])
        self.assertIsNone(figures.report_costs(few | {"server_cores": None}, {"server_cpu_cores": 1}, 50)[
            "cpu_us_per_report"])

    def test_a_flood_tells_what_came_of_it(self):
        said = {"per_s": 200_000.0, "sent": 1000, "sources": 65_000, "replies": 0, "growth_kib": 8, "read": 900}
        result = figures.flood_row("Conclave", LOAD | MEASURED | {"measured_loss": 1000}, 0, said)
        self.assertEqual(result["loss"], 0.01)
        self.assertEqual((result["flood_read_share"], result["replies"], result["growth_kib"]), (0.9, 0, 8))
        worst = figures.median_row([result, result | {"replies": 1, "growth_kib": 64}, result])
        self.assertEqual((worst["replies"], worst["growth_kib"]), (1, 64))

    def test_growth_is_what_all_rounds_left(self):
        rounds = [LOAD | {"loss_percent": loss} for loss in (0.0, 2.0)]
        result = figures.growth_row("Conclave", rounds, [1000, 1100, 1201])
        self.assertEqual((result["scenario"], result["growth_kib"], result["loss"]), ("growth-402", 201, 0.02))
        self.assertAlmostEqual(result["growth_bytes_per_join"], 512)
        self.assertIn("growth-402", figures.table(figures.with_multiples([result])))

    def test_half_of_the_ceiling_is_exactly_half_the_packets(self):
        for videos, half in ((1, (1, 100)), (2, (1, 200)), (3, (2, 150)), (5, (3, 167))):
            self.assertEqual(figures.half_of(tried(videos, packets_per_s_per_core=1.0)), half)
        self.assertIsNone(figures.half_of(tried(1)))
        self.assertEqual(figures.half_row(row(), 2)["scenario"], "half load, 2 x video-200")

    def test_every_scenario_is_what_its_name_says(self):
        for name in (*scenarios.names(), *scenarios.QUICK):
            kind, _, count = name.partition("-")
            self.assertEqual(scenarios.kind_of(name), kind)
            if kind == "growth":
                continue
            said = tomllib.loads(scenarios.toml_of(name))
            self.assertEqual(said["name"], name)
            people = [group.get("count", 1) for group in said["group"]]
            self.assertIn(int(count), (people[-1], sum(people), said.get("rooms")))
        for name in ("video", "video-0", "video-x", "room-3", "video-5001", "audio-3", "growth-0", "growth"):
            with self.assertRaises(ValueError):
                scenarios.kind_of(name)

    def test_janus_takes_part_where_it_can(self):
        fit = [name for name in scenarios.names() if scenarios.suits_janus(name)]
        self.assertEqual(fit, ["video-10", "video-50", "video-200", "video-400", "audio-100"])

    def test_a_storm_comes_to_a_call_and_a_round_fills_small_rooms(self):
        storm = tomllib.loads(scenarios.toml_of("storm-500"))
        self.assertEqual([group.get("late", False) for group in storm["group"]], [False, False, True])
        self.assertEqual(sum(group["count"] for group in storm["group"][:2]), scenarios.CALL)
        one = tomllib.loads(scenarios.growth_round())
        self.assertEqual(one["rooms"] * sum(group.get("count", 1) for group in one["group"]), scenarios.ROUND)


if __name__ == "__main__":
    unittest.main()
