from hephaestus_worker.terminal.escapes import last_lines, last_saying, without_escapes


def test_text_without_escapes_is_what_tmux_tells_without_colours() -> None:
    coloured = (
        "\x1b[1;31mred\x1b[0m  \n\x0elqk\x0f \x1b]8;;https://a.example\x1b\\link\x1b]8;;\x1b\\"
    )
    assert without_escapes(coloured) == "red\nlqk link"


def test_the_last_lines_begin_with_the_colours_in_force() -> None:
    screen = "\x1b[31mold\x1b[0m\n\x1b[32mgreen\n" + "line\n" * 60
    shown = last_lines(screen)
    assert shown.startswith("\x1b[0m\x1b[32mline\n")
    assert shown.count("\n") == 49
    assert last_lines("one\ntwo\n\n") == "one\ntwo"


def test_the_last_lines_are_bounded() -> None:
    assert len(last_lines("\n".join(["\x1b[31m#" * 200] * 60))) < 25_000
    assert last_lines("#" * 100_000) == ""


def test_the_last_line_that_says_something() -> None:
    assert last_saying("$ make\nBuilt 3 files\x07 now\n────\n> \n\n") == "Built 3 files  now"
    assert last_saying("──\n") is None
