import unittest

from till.receipt import price, receipt


class TestReceipt(unittest.TestCase):
    def test_a_price_has_two_decimals(self):
        self.assertEqual(price(5), "0.05")

    def test_a_receipt_ends_with_the_total(self):
        self.assertEqual(receipt([("tea", 250), ("bun", 120)])[-1], "total: 3.70")
