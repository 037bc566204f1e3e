"""However an address is spelled, only the allowed ones are connected to."""

import socket

import pytest

from sessions_app.forwarding.addresses import PODS, AddressRefusedError, allowed_url, target

SPELLINGS = """
http://s2s.mparticle.com
https://s2s.mparticle.com:8443
https://s2s.mparticle.com.evil.example
https://s2s.mparticle.com@evil.example
https://evil.example@s2s.mparticle.com
https://user:pass@s2s.mparticle.com
https://s2s.mparticle.com\\@evil.example
https://s2s.mparticle.com/../admin
https://s2s.mparticle.com/v2
https://s2s.mparticle.com?x=1
https://s2s.mparticle.com#x
https://s2s.mparticle.com.
https://s2s。mparticle。com
https://ｓ2s.mparticle.com
https://s2s.mpаrticle.com
https://s2s.us3.mparticle.com
https://mparticle.com
https:s2s.mparticle.com
//s2s.mparticle.com
s2s.mparticle.com
ftp://s2s.mparticle.com
file:///etc/passwd
gopher://127.0.0.1:6379/_FLUSHALL
http://127.0.0.1
http://127.1
http://2130706433
http://0177.0.0.1
http://0x7f.0.0.1
http://0x7f000001
http://localhost
http://localhost.
http://[::1]
http://[::ffff:127.0.0.1]
http://[::ffff:7f00:1]
http://[0:0:0:0:0:0:0:1]
http://0.0.0.0
http://0
http://10.0.0.1
http://169.254.169.254/latest/meta-data
http://[fe80::1%25eth0]
http://[fd00::1]
http://100.64.0.1
https://127.0.0.1.nip.io
https://s2s.mparticle.com%00.evil.example
javascript:alert(1)
""".strip().split("\n")


@pytest.mark.parametrize("url", [*SPELLINGS, "", "https://s2s.mparticle.com\r\nHost: evil.example"])
def test_a_spelling_of_another_place_is_refused(url):
    with pytest.raises(AddressRefusedError):
        allowed_url(url)


@pytest.mark.parametrize("url", PODS)
def test_every_pod_is_accepted(url):
    assert allowed_url(url) == allowed_url(url + "/") == allowed_url(url.upper()) == url


def names(monkeypatch, *addresses):
    found = [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, 443)) for one in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "ff02::1"],
)  # fmt: skip
def test_a_pods_name_that_leads_inside_is_refused(monkeypatch, address):
    names(monkeypatch, "93.184.215.14", address)
    with pytest.raises(AddressRefusedError, match="private"):
        target(PODS[0])


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    names(monkeypatch, "93.184.215.14")
    found = target(PODS[0])
    assert found.url == "https://93.184.215.14:443"
    assert (found.host, found.server_name) == ("s2s.mparticle.com", "s2s.mparticle.com")


def test_a_private_address_is_used_when_the_settings_name_it(settings):
    settings.FORWARDING_ALLOWED_URLS = ["http://127.0.0.1:9400"]
    found = target("http://127.0.0.1:9400/")
    assert (found.url, found.host) == ("http://127.0.0.1:9400", "127.0.0.1:9400")
    with pytest.raises(AddressRefusedError):
        target("http://127.0.0.1:9401")
