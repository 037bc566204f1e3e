"""Who somebody is, without asking mParticle."""

import json

import pytest

from sessions_app.wire.batch import WireError
from sessions_app.wire.identity import answer, mpid_for, read_request
from tests.wire.samples import captured


def request(known=None, **fields):
    return read_request(json.dumps({"known_identities": known, **fields}).encode())


def test_a_known_customer_is_the_same_on_every_device_and_key():
    phone = mpid_for("w", {"customer_id": "c-1", "device_application_stamp": "phone"})
    page = mpid_for("w", {"customerid": "c-1", "device_application_stamp": "page", "email": "e@x"})
    assert phone == page
    assert mpid_for("w", {"customer_id": "c-2"}) != phone
    assert mpid_for("another workspace", {"customer_id": "c-1"}) != phone


def test_somebody_unknown_is_the_device():
    first = mpid_for("w", {"device_application_stamp": "a"})
    assert first == mpid_for("w", {"device_application_stamp": "a"}) != mpid_for("w", {"device_application_stamp": "b"})


def test_an_mpid_is_a_signed_64_bit_number_and_never_zero():
    for number in range(200):
        mpid = int(mpid_for("w", {"customer_id": str(number)}))
        assert mpid
        assert -(2**63) <= mpid < 2**63


def test_the_captured_page_is_answered_in_its_own_spelling():
    asked = [
        one for one in captured("web/cname_identity.json") if one["method"] == "POST" and "identity" in one["path"]
    ]
    identify, login = (read_request(json.dumps(one["body"]).encode()) for one in asked)
    first, second = answer("identify", identify, "w"), answer("login", login, "w")
    assert first["matched_identities"] == identify.known_identities
    assert first["is_logged_in"] is second["is_logged_in"] is True
    assert first["mpid"] != second["mpid"]
    assert type(first["mpid"]) is str


def test_after_a_logout_only_the_device_is_known():
    known = {"customerid": "c", "device_application_stamp": "d"}
    out = answer("logout", request(known), "w")
    assert (out["mpid"], out["is_logged_in"]) == (mpid_for("w", {"device_application_stamp": "d"}), False)


def test_strangers_without_anything_are_not_one_person():
    one, two = (answer("identify", request(request_id=text), "w")["mpid"] for text in ("r1", "r2"))
    assert one != two
    assert answer("identify", request(previous_mpid="-5"), "w")["mpid"] == "-5"


def test_modify_confirms_each_change():
    changes = [{"identity_type": "email", "old_value": None, "new_value": "n@x"}]
    confirmed = answer("modify", request(identity_changes=changes), "w", mpid="77")
    assert confirmed == {"change_results": [{"identity_type": "email", "modified_mpid": "77"}]}


def test_what_is_no_request_is_refused():
    with pytest.raises(WireError, match="object"):
        read_request(b"[]")
