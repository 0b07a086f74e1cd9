from __future__ import annotations

import pytest

from toolkit.sansio.exchange.cross_site import CrossSiteRequest, refuse_cross_site
from toolkit.sansio.exchange.request import Request


def request(method: str = "POST", **fields: str) -> Request:
    headers = {"Host": "shop.org:8000", **{name.replace("_", "-"): text for name, text in fields.items()}}
    return Request(method, headers=headers)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_safe_methods_pass(method: str) -> None:
    refuse_cross_site(request(method, Sec_Fetch_Site="cross-site", Origin="https://evil.org"))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://proxied.org"},
        {"Origin": "http://shop.org:8000"},
        {"Origin": "https://SHOP.org:8000"},
        {"Origin": "https://friend.org"},
        {"Origin": "https://friend.org", "Sec_Fetch_Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE", "QUERY", "post"])
def test_ours_pass(method: str, fields: dict[str, str]) -> None:
    refuse_cross_site(request(method, **fields), allow={"https://friend.org"})


@pytest.mark.parametrize(
    "fields",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Origin": "http://shop.org"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://shop.org:8000"},
        {"Sec_Fetch_Site": "same-origin, cross-site"},
        {"Sec_Fetch_Site": ""},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://shop.org"},
        {"Origin": "http://shop.org:8000.evil.org"},
        {"Origin": "https://evil.org"},
        {"Origin": "shop.org:8000"},
        {"Origin": "http://shop.org:8000, https://evil.org"},
    ],
)
def test_all_others_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(CrossSiteRequest) as caught:
        refuse_cross_site(request(**fields), allow={"https://friend.org"})
    assert caught.value.status == 403
    assert caught.value.origin == fields.get("Origin", "")
    assert (fields.get("Origin") or "unknown origin") in str(caught.value)
