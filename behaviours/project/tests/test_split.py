import unittest

from till.split import split


class TestSplit(unittest.TestCase):
    def test_an_even_bill_is_split_evenly(self):
        self.assertEqual(split(90, 3), [30, 30, 30])

    def test_one_person_pays_all(self):
        self.assertEqual(split(99, 1), [99])
