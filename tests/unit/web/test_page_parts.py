"""Parts of a page, their versions, and tokens of forms that never read alike."""

from flask import Flask, request, session

from hephaestus_web.access.forms import csrf_token, is_our_form
from hephaestus_web.requests.page_parts import parts_of, versioned

PAGE = (
    '<main><section class="a" data-part="head"><section>x</section>secret</section> y'
    '<p data-part="tasks">z</p><ul data-part="events"><li data-part="inner"></li></ul></main>'
)


def test_parts_are_cut_whole_and_versions_tell_changes() -> None:
    parts = {part.name: part for part in parts_of(PAGE)}
    assert list(parts) == ["head", "tasks", "events"]
    head = parts["head"]
    assert PAGE[head.start : head.end].endswith("<section>x</section>secret</section>")
    changed = {part.name: part.version for part in parts_of(PAGE.replace(">z<", ">new<"))}
    assert [name for name in parts if parts[name].version != changed[name]] == ["tasks"]


def test_a_token_that_differs_each_time_makes_no_other_version() -> None:
    one = [part.version for part in parts_of(PAGE, less="secret")]
    other = PAGE.replace("secret", "another")
    assert [part.version for part in parts_of(other, less="another")] == one
    assert [part.version for part in parts_of(other)] != one


def test_the_page_names_the_version_of_each_part() -> None:
    parts = list(parts_of(PAGE))
    page = versioned(PAGE, parts)
    for part in parts:
        assert f'data-part="{part.name}" data-version="{part.version}"' in page


def test_a_form_is_ours_under_any_mask_and_no_two_answers_show_the_same() -> None:
    app = Flask(__name__)
    app.secret_key = "for tests"
    shown = set()
    kept: dict[str, str] = {}
    for _ in range(3):
        with app.test_request_context():
            session.update(kept)
            token = csrf_token()
            assert csrf_token() == token
            shown.add(token)
            kept = dict(session)
    assert len(shown) == 3
    for given, ours in [
        *((token, True) for token in shown),
        ("", False),
        ("ü", False),
        ("QUJD", False),
        (kept["csrf_token"], False),
    ]:
        with app.test_request_context(method="POST", data={"csrf_token": given}):
            session.update(kept)
            assert is_our_form() is ours, request.form
