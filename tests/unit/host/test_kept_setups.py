"""The name of a kept result of a set-up."""

from hephaestus_worker.host.kept_setups import key_of


def test_the_key_changes_with_all_that_decides_a_result_and_with_nothing_else() -> None:
    read = {"a.lock": "1" * 40, "b.lock": "2" * 40}
    key = key_of("npm ci", ".", ("node_modules",), read)
    assert key == key_of("npm ci", ".", ("node_modules",), dict(reversed(read.items())))
    others = {
        key_of("npm install", ".", ("node_modules",), read),
        key_of("npm ci", "web", ("node_modules",), read),
        key_of("npm ci", ".", ("node_modules", "dist"), read),
        key_of("npm ci", ".", ("node_modules",), {**read, "b.lock": "3" * 40}),
        key_of("npm ci", ".", ("node_modules",), {"a.lock": "2" * 40, "b.lock": "1" * 40}),
    }
    assert len(others - {key}) == 5
