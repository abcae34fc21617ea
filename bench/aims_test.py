#!/usr/bin/env python3
"""What the engine benchmark says of figures that are to be reached."""

import unittest

import aims
import scenarios


def row(scenario: str, **fields) -> dict:
    return {"server": "Conclave", "scenario": scenario} | fields


def asked(aim: float | None, at_least: bool = False) -> aims.Asked:
    return aims.Asked("x", "x", "x", "ms", 1, aim, at_least)


class AimsTest(unittest.TestCase):
    def test_an_aim_is_met_or_missed_by_so_much(self):
        self.assertEqual(aims.verdict(asked(2), 2), "met")
        self.assertEqual(aims.verdict(asked(2), 2.5), "missed by 25.0 %")
        self.assertEqual(aims.verdict(asked(2), 8), "missed 4.0 times over")
        self.assertEqual(aims.verdict(asked(100, at_least=True), 100), "met")
        self.assertEqual(aims.verdict(asked(100, at_least=True), 98), "missed by 2.0 %")
        self.assertEqual(aims.verdict(asked(0), 1), "missed")
        self.assertEqual(aims.verdict(asked(0), 0), "met")
        self.assertEqual(aims.verdict(asked(None), 7), "")

    def test_each_figure_stands_beside_its_aim_in_the_shown_unit(self):
        found = aims.figures_of([row("storm-500", joined_share=0.5, join_ms={"p50": 10, "p99": 3000}, loss=0.0005)])
        said = {f["what"]: (f["value"], f["verdict"]) for f in found}
        self.assertEqual(said["storm: joined"], (50, "missed by 50.0 %"))
        self.assertEqual(said["storm: join, p99"], (3000, "missed by 100.0 %"))
        self.assertEqual(said["storm: audio loss"], (0.05, "met"))

    def test_what_was_not_measured_is_not_there(self):
        self.assertEqual(aims.figures_of([row("storm-500", joined_share=None, join_ms=None)]), [])
        self.assertEqual(aims.figures_of([row("video-2000", cpu_us_per_packet=1.0)]), [])
        self.assertEqual(aims.figures_of([row("video-200", server="limit program", cpu_us_per_packet=1.0)]), [])

    def test_others_have_no_aims(self):
        found = aims.figures_of([row("video-200", server="Janus", cpu_us_per_packet=12.0)])
        self.assertEqual([(f["value"], f["aim"], f["verdict"]) for f in found], [(12, None, "")])

    def test_the_table_shows_figure_and_aim(self):
        lines = aims.table([row("flood-100", replies=0, loss=0.02, flood_per_s=199_000.0)]).splitlines()
        self.assertEqual(len(lines), 4)
        self.assertRegex(lines[1], r"flood: sent +flood-100 +199000 +/s +>= 200000 +missed by 0.5 %$")
        self.assertRegex(lines[2], r"flood: answers +flood-100 +0 +<= 0 +met$")
        self.assertRegex(lines[3], r"flood: audio loss +flood-100 +2 +% +<= 0.5 +missed 4.0 times over$")

    def test_every_field_that_is_asked_for_has_a_scenario(self):
        kinds = {name.partition("-")[0] for name in scenarios.names()} | {"half load"}
        for each in aims.ASKED:
            self.assertIn(each.scenario.partition("-")[0], kinds)


if __name__ == "__main__":
    unittest.main()
