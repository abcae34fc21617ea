#!/usr/bin/env python3
"""What the flame graph makes of samples that are known."""

import unittest
import xml.etree.ElementTree

import flame

SAMPLES = """conclave
\tffffffff81000010 copy_from_iter+0x10 ([kernel.kallsyms])
\t00007f0000000001 __sendmmsg+0x1
\t0000000000000002 conclave::net::UdpSocket::send(conclave::TransmitQueue const&)+0x2
\t0000000000000003 conclave::server::Worker::turn()+0x3
\t0000000000000004 start_thread+0x4

conclave
\t0000000000000005 conclave::sfu::Router::route(conclave::Instant)+0x5
\t0000000000000003 conclave::server::Worker::turn()+0x3

conclave
\t0000000000000006 another_thread+0x6
"""


class FlameTest(unittest.TestCase):
    def root(self) -> flame.Node:
        return flame.tree(flame.stacks(SAMPLES.splitlines(keepends=True)))

    def test_only_the_turns_of_a_worker_count(self):
        root = self.root()
        self.assertEqual((root.name, root.samples), ("server::Worker::turn", 2))
        self.assertEqual(set(root.children), {"net::UdpSocket::send", "sfu::Router::route"})

    def test_the_shares_are_of_what_a_function_does_itself(self):
        shares = dict(flame.selves(self.root()))
        self.assertEqual(shares["sfu::Router::route"], 0.5)
        self.assertEqual(shares["net::UdpSocket::send"], 0)

    def test_the_picture_is_well_formed_and_names_what_it_shows(self):
        picture = flame.draw(self.root())
        titles = [t.text for t in xml.etree.ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}title")]
        self.assertIn("sfu::Router::route: 50.0%", titles)
        self.assertFalse([title for title in titles if "another_thread" in title])


if __name__ == "__main__":
    unittest.main()
