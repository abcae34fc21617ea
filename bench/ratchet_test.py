#!/usr/bin/env python3
"""When the ratchet holds."""

import unittest

import ratchet

SAID = '{"packets": 7000, "engine": "x"}'
COUNTED = "==1== Events    : Ir\n==1== Collected : 29435776\n"


def figure(instructions: int, engine: str = "x") -> dict:
    return {"engine": engine, "instructions_per_packet": instructions}


class RatchetTest(unittest.TestCase):
    def test_a_figure_is_instructions_for_each_packet(self):
        self.assertEqual(ratchet.figure_of(SAID, COUNTED), figure(4205))

    def test_nothing_counted_is_an_error(self):
        for said, counted in ((SAID, "Collected : 0"), (SAID, ""), ('{"packets": 0, "engine": "x"}', COUNTED)):
            with self.assertRaises(RuntimeError):
                ratchet.figure_of(said, counted)

    def test_three_percent_more_is_the_most(self):
        for new, passes in ((1030, True), (1031, False), (1000, True), (500, True)):
            self.assertEqual(ratchet.verdict(figure(new), figure(1000))[0], passes, new)
        self.assertIn("--write", ratchet.verdict(figure(900), figure(1000))[1])

    def test_another_way_of_sealing_is_not_compared(self):
        passes, said = ratchet.verdict(figure(9999, "y"), figure(1000))
        self.assertTrue(passes)
        self.assertIn("not compared", said)


if __name__ == "__main__":
    unittest.main()
