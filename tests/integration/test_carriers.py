"""Carriers against real servers on loopback: SMTP, and a gateway over HTTP."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from procx_graph.domain.message import Channel
from procx_graph.errors import ConfigError
from procx_graph.outreach.channels import Delivered, Refused, Retry, Unclear
from procx_graph.outreach.channels.gateway import GatewayCarrier
from procx_graph.outreach.channels.smtp import Server, SmtpCarrier
from tests.envelopes import CARE, NOW, SECRET, an_envelope
from tests.mailroom import Certificate, Gateway, Mailroom, a_closed_port, gateway, smtp_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.in_folder(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def room() -> Iterator[Mailroom]:
    with smtp_server() as room:
        yield room


def carrier(room: Mailroom, **changes: Any) -> SmtpCarrier:
    """A carrier without encryption, which only some tests are about."""
    values: dict[str, Any] = {"host": "127.0.0.1", "port": room.port, "tls": "off"}
    return SmtpCarrier(Server(**values | changes), CARE, timeout=0.3)


class TestSmtp:
    def test_a_message_is_handed_over_encrypted_and_after_a_login(
        self, certificate: Certificate
    ) -> None:
        room = Mailroom(tls=certificate.of_server(), user=("me", "hunter2"))
        with smtp_server(room):
            server = Server("127.0.0.1", room.port, user="me", password=SecretStr("hunter2"))
            sending = SmtpCarrier(server, CARE, context=certificate.for_client())
            answer = sending.deliver(an_envelope())

        assert answer == Delivered("taken as 42")
        assert room.encrypted == [True]
        assert room.logins == [("me", "hunter2")]
        [mail] = room.mails
        assert mail["Subject"] == "Your order"
        body = mail.get_body(("plain",))
        assert body is not None
        assert body.get_content().splitlines()[-2:] == [".", "Bye"]

    def test_a_server_without_encryption_gets_nothing(self, room: Mailroom) -> None:
        answer = carrier(room, tls="starttls").deliver(an_envelope())

        assert isinstance(answer, Retry)
        assert answer.reason == "no_starttls"
        assert room.raw == []

    def test_a_certificate_that_nobody_vouches_for_gets_nothing(
        self, certificate: Certificate
    ) -> None:
        room = Mailroom(tls=certificate.of_server())
        with smtp_server(room):
            answer = SmtpCarrier(Server("127.0.0.1", room.port), CARE).deliver(an_envelope())

        assert isinstance(answer, Retry)
        assert answer.reason == "bad_certificate"
        assert room.raw == []

    def test_encryption_may_begin_with_the_first_byte(self, certificate: Certificate) -> None:
        room = Mailroom(tls=certificate.of_server(), implicit=True)
        with smtp_server(room):
            server = Server("127.0.0.1", room.port, tls="implicit")
            sending = SmtpCarrier(server, CARE, context=certificate.for_client())
            answer = sending.deliver(an_envelope())

        assert isinstance(answer, Delivered)
        assert room.encrypted == [True]

    def test_a_wrong_password_is_refused_and_not_repeated(self, certificate: Certificate) -> None:
        room = Mailroom(tls=certificate.of_server(), user=("me", "right"))
        with smtp_server(room):
            server = Server("127.0.0.1", room.port, user="me", password=SecretStr("hunter2"))
            sending = SmtpCarrier(server, CARE, context=certificate.for_client())
            answer = sending.deliver(an_envelope())

        assert isinstance(answer, Refused)
        assert answer.reason == "login_refused"
        assert "hunter2" not in f"{answer} {sending.server!r}"

    @pytest.mark.parametrize(
        ("verb", "reason"),
        [("MAIL", "sender_refused"), ("RCPT", "recipient_refused"), ("DATA", "message_refused"),
         ("END", "message_refused")],
    )  # fmt: skip
    def test_what_is_refused_for_now_is_tried_again_and_for_ever_is_not(
        self, room: Mailroom, verb: str, reason: str
    ) -> None:
        room.says[verb] = "451 ada@example.com later"
        later = carrier(room).deliver(an_envelope())
        room.says[verb] = "550 ada@example.com never"
        never = carrier(room).deliver(an_envelope())

        assert isinstance(later, Retry)
        assert isinstance(never, Refused)
        assert later.reason == never.reason == reason
        assert "ada@" not in f"{later} {never}"
        assert room.raw == []

    def test_a_server_that_is_full_is_tried_again(self, room: Mailroom) -> None:
        room.says["GREETING"] = "421 too busy"

        assert isinstance(carrier(room).deliver(an_envelope()), Retry)

    @pytest.mark.parametrize("verb", ["GREETING", "EHLO", "MAIL", "RCPT"])
    def test_silence_or_a_broken_connection_before_the_text_is_tried_again(
        self, room: Mailroom, verb: str
    ) -> None:
        room.drops = {verb}
        dropped = carrier(room).deliver(an_envelope())
        room.hangs, room.drops = {verb}, set()
        silent = carrier(room).deliver(an_envelope())

        assert isinstance(dropped, Retry)
        assert isinstance(silent, Retry)

    def test_silence_or_a_broken_connection_after_the_text_is_unclear(self, room: Mailroom) -> None:
        room.drops = {"END"}
        dropped = carrier(room).deliver(an_envelope())
        room.hangs, room.drops = {"END"}, set()
        silent = carrier(room).deliver(an_envelope())

        assert isinstance(dropped, Unclear)
        assert isinstance(silent, Unclear)
        assert len(room.raw) == 2

    def test_a_connection_that_breaks_when_all_is_said_changes_nothing(
        self, room: Mailroom
    ) -> None:
        room.drops = {"QUIT"}

        assert isinstance(carrier(room).deliver(an_envelope()), Delivered)

    def test_nobody_listening_is_tried_again(self) -> None:
        answer = carrier(Mailroom(port=a_closed_port())).deliver(an_envelope())

        assert isinstance(answer, Retry)
        assert answer.reason == "no_connection"

    def test_an_address_that_is_none_is_refused_without_asking(self, room: Mailroom) -> None:
        answer = carrier(room).deliver(an_envelope(to="a@x.example\r\nRCPT TO:<b@x.example>"))

        assert isinstance(answer, Refused)
        assert room.recipients == []


class TestGateway:
    def test_a_message_is_posted_with_a_signature_that_the_receiver_can_verify(self) -> None:
        with gateway() as desk:
            answer = GatewayCarrier(desk.url, SECRET).deliver(
                an_envelope(channel=Channel.SMS, to="+15550100", subject=None, text="नमस्ते")
            )

        [(headers, body)] = desk.got
        assert answer == Delivered()
        assert headers["webhook-id"] == "msg_1"
        # verifying reads the machine's clock, signing does not
        signed = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        expected = Webhook(SECRET.get_secret_value()).sign("msg_1", signed, body.decode())
        assert headers["webhook-signature"] == expected
        assert json.loads(body) == {
            "message_id": "msg_1",
            "channel": "sms",
            "to": "+15550100",
            "subject": None,
            "text": "नमस्ते",
            "language": "en",
            "purpose": "service",
            "customer_id": "C1",
            "unsubscribe": None,
        }

    def test_the_signature_is_of_id_moment_and_body(self) -> None:
        with gateway() as desk:
            GatewayCarrier(desk.url, SECRET).deliver(an_envelope())

        [(headers, body)] = desk.got
        signed = f"msg_1.{int(NOW.timestamp())}.".encode() + body
        digest = base64.b64encode(hmac.digest(b"k" * 24, signed, hashlib.sha256)).decode()
        assert headers["webhook-signature"] == f"v1,{digest}"
        assert json.loads(body)["message_id"] == "msg_1"

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 409])
    def test_what_was_taken_now_or_before_is_delivered(self, status: int) -> None:
        with gateway(Gateway(always=(status, {"x-message-id": "gw-7"}))) as desk:
            assert GatewayCarrier(desk.url, SECRET).deliver(an_envelope()) == Delivered("gw-7")

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
    def test_what_may_pass_is_tried_again(self, status: int) -> None:
        with gateway(Gateway(always=(status, {"retry-after": "90"}))) as desk:
            answer = GatewayCarrier(desk.url, SECRET).deliver(an_envelope())

        assert isinstance(answer, Retry)
        assert (answer.reason, answer.after) == (f"http_{status}", timedelta(seconds=90))

    @pytest.mark.parametrize(
        ("told", "after"),
        [("Wed, 21 Oct 2099 07:28:00 GMT", True), ("Wed, 21 Oct 2015 07:28:00 GMT", False),
         ("soon", False), ("-5", False), ("", False)],
    )  # fmt: skip
    def test_the_wait_may_be_a_date_and_nonsense_is_none(self, told: str, after: bool) -> None:
        with gateway(Gateway(always=(503, {"retry-after": told}))) as desk:
            answer = GatewayCarrier(desk.url, SECRET).deliver(an_envelope())

        assert isinstance(answer, Retry)
        assert (answer.after is not None) == after

    @pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
    def test_what_the_gateway_does_not_want_is_refused(self, status: int) -> None:
        with gateway(Gateway(always=(status, {}))) as desk:
            answer = GatewayCarrier(desk.url, SECRET).deliver(an_envelope())

        assert isinstance(answer, Refused)
        assert answer.reason == f"http_{status}"

    def test_no_redirect_is_followed(self) -> None:
        with gateway() as other, gateway(Gateway(always=(307, {"location": other.url}))) as desk:
            answer = GatewayCarrier(desk.url, SECRET).deliver(an_envelope())

        assert isinstance(answer, Refused)
        assert answer.reason == "redirect"
        assert other.got == []

    def test_silence_and_nobody_there_are_tried_again(self) -> None:
        with gateway(Gateway(hangs=True)) as desk:
            silent = GatewayCarrier(desk.url, SECRET, timeout=0.2).deliver(an_envelope())
        away = GatewayCarrier(f"http://127.0.0.1:{a_closed_port()}/", SECRET).deliver(an_envelope())

        assert isinstance(silent, Retry)
        assert isinstance(away, Retry)
        assert (silent.reason, away.reason) == ("timeout", "no_connection")

    @pytest.mark.parametrize(
        "url",
        ["http://shop.example/x", "ftp://127.0.0.1/", "https://", "nonsense",
         "https://me:hunter2@shop.example/"],
    )  # fmt: skip
    def test_a_url_that_will_not_do_is_an_error_that_keeps_secrets(self, url: str) -> None:
        with pytest.raises(ConfigError) as found:
            GatewayCarrier(url, SECRET)

        assert "hunter2" not in str(found.value)

    @pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "ä"])
    def test_a_secret_that_is_none_is_an_error(self, secret: str) -> None:
        with pytest.raises(ConfigError, match="PROCX_GATEWAY_SECRET"):
            GatewayCarrier("https://shop.example/x", SecretStr(secret))
