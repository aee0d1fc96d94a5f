from __future__ import annotations

import time

import pytest

from calf.model.statement.redacting import holds_password, redact, redact_text, redact_variables


@pytest.mark.parametrize(
    "name",
    [
        "API_KEY",
        "api_key",
        "KEY",
        "GITHUB_TOKEN",
        "DB_PASSWORD",
        "PASSWD",
        "AWS_SECRET_ACCESS_KEY",
        "HTTP_AUTH",
        "DB_PASS",
    ],
)
def test_variables_that_are_called_like_a_secret(name: str) -> None:
    assert redact_variables({name: "canary"}) == {name: "(withheld)"}
    assert redact_variables({name: ""}) == {name: ""}


@pytest.mark.parametrize(
    "name", ["TZ", "PYTHONHASHSEED", "KEYBOARD", "AUTHOR", "MONKEY_COUNT", "LEVEL", "BYPASS", "N_PASSES"]
)
def test_other_variables_are_told(name: str) -> None:
    assert redact_variables({name: "7"}) == {name: "7"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/path", "s3://bucket/path"),
        ("https://me:canary@host/x", "https://(withheld)@host/x"),
        ("https://canary@host/x", "https://(withheld)@host/x"),
        ("https://h/x?X-Amz-Signature=canary&size=3", "https://h/x?X-Amz-Signature=(withheld)&size=3"),
        ("az://c?sig=canary#top", "az://c?sig=(withheld)#top"),
        ("get https://h/?token=canary now", "get https://h/?token=(withheld) now"),
        ("s3://id:cana/ry@bucket/x", "s3://(withheld)@bucket/x"),
        ("http://host:8080/a@2x.png", "http://host:8080/a@2x.png"),
        ("http://[::1]:80/a@2x.png", "http://[::1]:80/a@2x.png"),
        ("http://host:8080?to=a@b", "http://host:8080?to=a@b"),
        ("https://me:cana@ry@host/x@y", "https://(withheld)@host/x@y"),
        ("postgres://a:canary@one,b:canary@two/db", "postgres://(withheld)@two/db"),
        (f"https://me:{'canary/' * 100}@host/x", "https://(withheld)@host/x"),
        ("s3://id:123456/canary@bucket/x", "s3://(withheld)@bucket/x"),
        (r'{"url": "https:\/\/me:canary@host\/x"}', r'{"url": "https:\/\/(withheld)@host\/x"}'),
        ("https://h/x#access_token=canary", "https://h/x#access_token=(withheld)"),
        ("jdbc:x://h/db;user=me;password=can;ary;a=1", "jdbc:x://h/db;user=me;password=(withheld);a=1"),
        ("https://h/?to%6ben=canary", "https://h/?to%6ben=(withheld)"),
        ("user@example.com", "user@example.com"),
        ("a=1&token=not a url", "a=1&token=not a url"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert redact_text(url) == shown


def test_a_spec_is_redacted_wherever_it_has_one() -> None:
    spec = {
        "egress": {"URL": "s3://canary:canary@host/b"},
        "transform": {
            "cmd": ["get", "http://canary@host"],
            "env": {"API_TOKEN": "canary", "A": "http://canary@h"},
        },
        "env": ["x"],
        "tries": 3,
    }
    found = redact(spec)
    assert "canary" not in str(found)
    assert (found["tries"], found["env"]) == (3, ["x"])
    assert found["transform"]["cmd"] == ["get", "http://(withheld)@host"]


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("s3://id:se/cret@bucket/x", True),
        ("postgres://me:word@host/db", True),
        ("az://container/x?sig=word", True),
        ("postgres://me@host:5432/db", False),
        (f"https://me:{'word/' * 100}@host/db", True),
        ("https://me%3Aword@host/db", True),
        ("https://host/db;pass=word", True),
        ("s3://bucket/a:b@c", False),
        ("file:///a/b", False),
    ],
)
def test_a_url_with_a_password_is_known(url: str, holds: bool) -> None:
    assert holds_password(url) is holds


def test_a_text_of_many_beginnings_of_urls_is_read_in_little_time() -> None:
    for text in ("://a:b" * 20_000, "://?a=;b" * 20_000, "://h?" + "a;" * 50_000):
        began = time.process_time()
        assert redact_text(text) == text
        assert time.process_time() - began < 5
