import pytest

from hephaestus_web.live.screen_html import as_html


@pytest.mark.parametrize(
    ("screen", "shown"),
    [
        ("plain <b> & text", "plain &lt;b&gt; &amp; text"),
        ("\x1b[31mred\x1b[0m not", '<span class="front-1">red</span> not'),
        ("\x1b[1;97;41mloud\x1b[49m on", None),
        ("\x1b[38;5;208morange", '<span class="front-3">orange</span>'),
        ("\x1b[38;2;250;5;5mred", '<span class="front-9">red</span>'),
        ("\x1b[48:5:236mgrey", '<span class="back-0">grey</span>'),
        ("\x1b[7minverse\x1b[27m not", '<span class="reverse">inverse</span> not'),
        # Nothing else is obeyed, and nothing of it is left in the page.
        ("a\x1b[2J\x1b]0;title\x07b\x9bc\x00", "a[2J]0;titlebc"),
        ("\x1b]8;;https://a.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[38;5mblack", '<span class="front-0">black</span>'),
        ("\x1b[999999999999;1mbold", '<span class="bold">bold</span>'),
    ],
)
def test_colours_become_classes_and_everything_else_text(screen: str, shown: str | None) -> None:
    loud = '<span class="bold front-15 back-1">loud</span><span class="bold front-15"> on</span>'
    assert as_html(screen) == (shown or loud)


def test_a_screen_without_end_is_cut_off() -> None:
    assert len(as_html("\x1b[31m<" * 200_000)) < 200_000
