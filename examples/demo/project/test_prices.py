import unittest

from prices import discount


class Discount(unittest.TestCase):
    def test_ten_percent_of_fifty_is_five(self) -> None:
        self.assertEqual(discount(50, 10), 45)


if __name__ == "__main__":
    unittest.main()
