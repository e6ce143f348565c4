"""A till: bills and receipts; all amounts are whole cents."""
