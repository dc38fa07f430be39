"""The host id: given, in a pod, on a laptop."""

from pathlib import Path

import pytest

from funcapp.errors import ConfigurationError
from funcapp.host.host_id import host_id

ROOT = Path("/work/app")


def in_pod(namespace: str, name: str) -> str:
    return host_id({"FUNCAPP_NAMESPACE": namespace, "FUNCAPP_NAME": name}, ROOT)


def test_the_setting_wins_in_any_case_of_its_name() -> None:
    assert host_id({"AzureFunctionsWebHost__hostid": "shop-1", "FUNCAPP_NAMESPACE": "n"}, ROOT) == "shop-1"
    assert host_id({"AZUREFUNCTIONSWEBHOST__HOSTID": "a"}, ROOT) == "a"


@pytest.mark.parametrize("value", ["Shop", "a" * 33, "-a", "a-", "a--b", "a_b", "caf\u00e9"])
def test_a_setting_that_no_host_id_can_be_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError, match="AzureFunctionsWebHost__hostid is"):
        host_id({"AzureFunctionsWebHost__hostid": value}, ROOT)


def test_in_a_pod_two_apps_never_share_one() -> None:
    assert in_pod("shop", "orders").startswith("orders-")
    assert in_pod("shop", "orders") == in_pod("shop", "orders")
    different = {in_pod("shop", "orders"), in_pod("test", "orders"), in_pod("sho", "porders"), in_pod("shop", "o" * 50)}
    assert len(different) == 4
    for name in ("orders", "o" * 50, "a-" * 25):
        made = in_pod("shop", name)
        # What is made is valid by the rule for what is given.
        assert host_id({"AzureFunctionsWebHost__hostid": made}, ROOT) == made


def test_on_a_laptop_each_folder_has_its_own() -> None:
    assert host_id({}, ROOT) == host_id({}, ROOT) != host_id({}, ROOT / "other")
    assert len(host_id({}, ROOT)) <= 32
