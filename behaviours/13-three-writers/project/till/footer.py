"""The end of a receipt."""


def tax():
    return ""


def date():
    return ""


def cashier():
    return ""


def footer():
    lines = [line for line in (tax(), date(), cashier()) if line]
    return lines
