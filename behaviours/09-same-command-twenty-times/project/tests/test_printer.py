import time
import unittest


class TestPrinter(unittest.TestCase):
    def test_a_line_takes_its_time(self):
        time.sleep(0.8)
