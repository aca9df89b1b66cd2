"""A customer is found by an address however it is written, and by nobody else's."""

from hashlib import sha256

import pytest

from procx_graph.domain.contact_key import email_key, phone_key


def test_case_and_space_around_an_email_address_do_not_count() -> None:
    assert email_key(" Ana@Example.COM ") == email_key("ana@example.com")
    assert email_key("ana@example.com") == sha256(b"ana@example.com").hexdigest()


@pytest.mark.parametrize("other", ["an.a@example.com", "ana+shop@example.com", "ana@example.org"])
def test_another_email_address_is_another_key(other: str) -> None:
    assert email_key(other) != email_key("ana@example.com")


@pytest.mark.parametrize("written", ["+91 98318-82064", "919831882064", "+91 (983) 188 2064"])
def test_a_phone_number_is_its_digits(written: str) -> None:
    assert phone_key(written) == sha256(b"+919831882064").hexdigest()


@pytest.mark.parametrize("nothing", [None, "", "  ", "n/a", "+"])
def test_where_there_is_no_number_there_is_no_key(nothing: str | None) -> None:
    assert phone_key(nothing) is None


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_where_there_is_no_email_address_there_is_no_key(nothing: str | None) -> None:
    assert email_key(nothing) is None
