"""Carriers: what they hand over, and what they make of the answers."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from procx_graph.domain.message import Channel, Purpose
from procx_graph.errors import ConfigError
from procx_graph.outreach.channels import Delivered, Refused, Retry, carriers_of
from procx_graph.outreach.channels.folder import FolderCarrier
from procx_graph.outreach.channels.letter import letter, mailbox
from procx_graph.outreach.unsubscribe import Unsubscribe
from procx_graph.settings import Settings
from tests.envelopes import CARE, NOW, SECRET, an_envelope


class TestLetter:
    def test_it_has_the_text_plain_and_as_html_with_markup_made_harmless(self) -> None:
        mail = letter(an_envelope(), CARE)

        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert "<b>looking</b> into it & more." in plain.get_content()
        assert "&lt;b&gt;looking&lt;/b&gt; into it &amp; more." in html.get_content()
        assert '<html lang="en">' in html.get_content()

    def test_its_headers_say_who_writes_whose_moment_it_is_and_that_a_machine_did(self) -> None:
        mail = letter(an_envelope(), CARE)

        assert mail["From"] == "Asha from Care <care@shop.example>"
        assert mail["To"] == "Ada <ada@example.com>"
        assert mail["Reply-To"] == "answers@shop.example"
        assert mail["Date"].datetime == NOW
        assert mail["Message-ID"] == "<msg_1@shop.example>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"] is None

    def test_marketing_can_be_stopped_with_one_click(self) -> None:
        link = Unsubscribe("https://x.example/{customer}/{channel}/{token}", SecretStr("s")).link(
            "C1", Channel.EMAIL
        )
        mail = letter(an_envelope(purpose=Purpose.MARKETING, unsubscribe=link), CARE)

        assert mail["List-Unsubscribe"] == f"<{link}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_without_a_link_marketing_is_stopped_by_an_answer(self) -> None:
        mail = letter(an_envelope(purpose=Purpose.MARKETING), CARE)

        assert mail["List-Unsubscribe"] == "<mailto:answers@shop.example?subject=STOP>"
        assert mail["List-Unsubscribe-Post"] is None

    @pytest.mark.parametrize(
        "evil",
        [
            "x\r\nBcc: all@x.example",
            "x\nBcc: all@x.example",
            "x\0\rB",
            "=?utf-8?q?=0ABcc:_all@x.example?=",
            "é =?utf-8?b?DQpCY2M6IGFsbEB4LmV4YW1wbGU=?=",
        ],
    )
    def test_nothing_can_be_added_to_the_headers(self, evil: str) -> None:
        data = letter(an_envelope(subject=evil, name=evil), CARE).as_bytes()
        read = message_from_bytes(data, policy=policy.default)

        assert read["Bcc"] is None
        assert len(read.get_all("Subject", [])) == 1
        assert b"\n" not in data.replace(b"\r\n", b"")

    def test_other_scripts_arrive_as_they_are(self) -> None:
        envelope = an_envelope(subject="आपका ऑर्डर", text="प्रिय आशा,\n\nहम देख रहे हैं।", name="आशा")
        read = message_from_bytes(letter(envelope, CARE).as_bytes(), policy=policy.default)

        body = read.get_body(("plain",))
        assert body is not None
        assert read["Subject"] == "आपका ऑर्डर"
        assert body.get_content().startswith("प्रिय आशा,")

    def test_a_domain_in_other_letters_is_written_in_ascii(self) -> None:
        assert mailbox("ada@bücher.example") == "ada@xn--bcher-kva.example"

    @pytest.mark.parametrize(
        "text",
        ["", "ada", "@x.example", "a b@x.example", "a@b@x.example", "a@x..example", "a@x\r\nBcc: b",
         "<a@x.example>", "a,b@x.example", "ä@x.example", "a@-x.example", "a@" + "x" * 300],
    )  # fmt: skip
    def test_what_is_no_plain_address_is_none(self, text: str) -> None:
        assert mailbox(text) is None


class TestFolder:
    def test_a_message_is_a_file_and_the_same_again_is_the_same_file(self, tmp_path: Path) -> None:
        folder = FolderCarrier(tmp_path / "made" / "outbox", CARE)

        answers = [folder.deliver(an_envelope()), folder.deliver(an_envelope())]

        [file] = (tmp_path / "made" / "outbox").iterdir()
        assert file.name == "msg_1.eml"
        assert answers == [Delivered("msg_1.eml")] * 2
        read = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert read["To"] == "Ada <ada@example.com>"

    def test_a_text_message_says_its_number_and_its_channel(self, tmp_path: Path) -> None:
        envelope = an_envelope(channel=Channel.SMS, to="+15550100", subject=None)
        FolderCarrier(tmp_path).deliver(envelope)

        read = message_from_bytes((tmp_path / "msg_1.eml").read_bytes(), policy=policy.default)
        assert (read["X-Procx-Channel"], read["X-Procx-To"]) == ("sms", "+15550100")
        assert not read.is_multipart()

    def test_a_folder_that_cannot_be_written_is_tried_again(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")

        answer = FolderCarrier(tmp_path / "file").deliver(an_envelope())

        assert isinstance(answer, Retry)

    def test_no_file_is_written_elsewhere(self, tmp_path: Path) -> None:
        answer = FolderCarrier(tmp_path / "outbox").deliver(an_envelope(message_id="../../evil"))

        assert isinstance(answer, Refused)
        assert not list(tmp_path.rglob("*.eml"))


class TestRoutes:
    def carriers(self, **settings: Any) -> dict[Channel, Any]:
        return dict(carriers_of(Settings(**settings), show=lambda _: None))

    def test_without_settings_every_channel_is_a_folder(self) -> None:
        found = self.carriers()

        assert set(found) == set(Channel)
        assert {one.name for one in found.values()} == {"folder outbox"}

    def test_each_channel_goes_where_it_is_told(self) -> None:
        found = self.carriers(
            outbox_email="smtp://me%40shop@mail.example?starttls=off",
            outbox_sms="https://gw.example/x",
            outbox_whatsapp="console:",
            outbox_from="care@shop.example",
            smtp_password=SecretStr("hunter2"),
            gateway_secret=SECRET,
        )

        server = found[Channel.EMAIL].server
        assert (server.host, server.port, server.tls, server.user) == (
            "mail.example", 587, "off", "me@shop",
        )  # fmt: skip
        assert found[Channel.SMS].name == "gateway gw.example"
        assert found[Channel.WHATSAPP].name == "console"

    def test_encryption_is_required_unless_it_is_switched_off(self) -> None:
        plain = self.carriers(outbox_email="smtp://m.example", outbox_from="a@x.example")
        other = self.carriers(outbox_email="smtps://m.example", outbox_from="a@x.example")

        assert plain[Channel.EMAIL].server.tls == "starttls"
        assert (other[Channel.EMAIL].server.tls, other[Channel.EMAIL].server.port) == (
            "implicit", 465,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("settings", "told"),
        [
            ({"outbox_email": "smtp://m.example"}, "PROCX_OUTBOX_FROM"),
            ({"outbox_email": "smtp://m.example", "outbox_from": "nobody"}, "no e-mail address"),
            ({"outbox_email": "smtp://a@m.example", "outbox_from": "a@x.example"}, "SMTP_PASSWORD"),
            ({"outbox_email": "smtp://a:hunter2@m.example", "outbox_from": "a@x.example"}, "into"),
            ({"outbox_email": "smtp://:99999", "outbox_from": "a@x.example"}, "smtp://user@host"),
            ({"outbox_email": "smtp://m?tls=no", "outbox_from": "a@x.example"}, "starttls=off"),
            ({"outbox_sms": "smtp://m.example", "outbox_from": "a@x.example"}, "OUTBOX_SMS"),
            ({"outbox_sms": "https://gw.example"}, "PROCX_GATEWAY_SECRET"),
            ({"outbox_sms": "file:"}, "folder"),
            ({"outbox_sms": "pigeon"}, "pigeon"),
        ],
    )
    def test_what_will_not_do_is_an_error_that_names_it(
        self, settings: dict[str, str], told: str
    ) -> None:
        with pytest.raises(ConfigError, match=told) as found:
            self.carriers(**settings)

        assert "hunter2" not in str(found.value)


class TestUnsubscribe:
    links = Unsubscribe("https://x.example/?c={customer}&on={channel}&t={token}", SecretStr("s"))

    def test_a_token_is_of_one_customer_and_channel(self) -> None:
        token = self.links.token("C1", Channel.EMAIL)

        assert self.links.is_own(token, "C1", Channel.EMAIL)
        assert not self.links.is_own(token, "C2", Channel.EMAIL)
        assert not self.links.is_own(token, "C1", Channel.SMS)
        assert not self.links.is_own("ä", "C1", Channel.EMAIL)

    def test_an_id_cannot_break_out_of_the_link(self) -> None:
        link = self.links.link("a b&t=1\r\n>{token}", Channel.EMAIL)

        assert link.startswith("https://x.example/?c=a%20b%26t%3D1%0D%0A%3E%7Btoken%7D&on=email&t=")

    @pytest.mark.parametrize("template", ["", "https://x.example/", "{customer}{channel}{token}"])
    def test_a_template_without_its_slots_is_an_error(self, template: str) -> None:
        with pytest.raises(ConfigError, match="PROCX_UNSUBSCRIBE_URL"):
            Unsubscribe(template, SecretStr("s"))
