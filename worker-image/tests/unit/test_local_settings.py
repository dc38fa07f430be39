"""local.settings.json."""

import json

import pytest

from funcapp.errors import ConfigurationError
from funcapp.model import local_settings


def parse(**sections: object) -> local_settings.LocalSettings:
    return local_settings.parse(json.dumps(sections).encode())


def test_values_connection_strings_and_host() -> None:
    found = parse(
        IsEncrypted=False,
        Values={"A": "1", "B": "", "C": None},
        ConnectionStrings={"db": "Server=x", "other": {"ConnectionString": "Server=y", "ProviderName": "p"}},
        Host={"LocalHttpPort": 7072, "CORS": "https://a.example, https://b.example/", "CORSCredentials": True},
    )
    assert found.variables == {
        "A": "1",
        "B": "",
        "ConnectionStrings:db": "Server=x",
        "ConnectionStrings:other": "Server=y",
    }
    assert found.http_port == 7072
    assert found.cors_origins == ("https://a.example", "https://b.example")
    assert found.cors_credentials


def test_comments_and_a_byte_order_mark_are_accepted() -> None:
    text = '\ufeff{"IsEncrypted": false, // plain\n "Values": {"A": "1",}}'
    assert local_settings.parse(text.encode()).variables == {"A": "1"}


@pytest.mark.parametrize("encrypted", [{}, {"IsEncrypted": True}])
def test_encrypted_values_cannot_be_read(encrypted: dict[str, bool]) -> None:
    with pytest.raises(ConfigurationError, match=r"func settings decrypt.*\"IsEncrypted\": false"):
        parse(**encrypted, Values={"A": "CfDJ8"})
    assert parse(**encrypted).variables == {}


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"Values": {"A": 1}}, r"Values\.A is 1: settings are text"),
        ({"Values": {"A": {"B": "x"}}}, r"Values\.A is .*settings are text"),
        ({"Values": ["A"]}, "Values is .*must be an object"),
        ({"Values": {"A=B": "x"}}, "Values.A=B: it cannot be an environment variable"),
        ({"Values": {"A": "x\0"}}, "Values.A: it cannot be an environment variable"),
        ({"ConnectionStrings": {"db": {"ProviderName": "p"}}}, r"ConnectionStrings\.db"),
        ({"Host": {"LocalHttpPort": "many"}}, r"Host\.LocalHttpPort is 'many'"),
        ({"Host": {"LocalHttpPort": 70000}}, "Host.LocalHttpPort .*from 0 to 65535"),
        ({"Host": {"CORS": ["*"]}}, r"Host\.CORS is .*must be text"),
        ({"Host": {"CORSCredentials": "yes"}}, r"Host\.CORSCredentials is 'yes'"),
    ],
)
def test_mistakes_are_named(sections: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"local.settings.json: {message}"):
        parse(IsEncrypted=False, **sections)


def test_broken_json_is_located() -> None:
    with pytest.raises(ConfigurationError, match="line 2, column 1"):
        local_settings.parse(b'{"Values": {}\n"x"}')
