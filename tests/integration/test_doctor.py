"""What is set is tried for real: stores, sources, and servers on loopback."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from procx_graph.doctor import Asked, Finding, State, Subject
from procx_graph.doctor.models import look_at_models
from procx_graph.doctor.store import look_at_store
from procx_graph.settings import Settings
from procx_graph.store import Store
from procx_graph.store.schema import HEAD, VERSIONS
from procx_graph.tables.sample import write_parquet
from procx_graph.testing import ModelServer, faults
from tests.examined import forget_surroundings, found, states
from tests.langfuse_server import SECRET, LangfuseServer, langfuse_server
from tests.mailroom import Mailroom, a_closed_port, smtp_server


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_surroundings(monkeypatch)


def only(findings: list[Finding]) -> Finding:
    [one] = findings
    return one


class TestStore:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Path:
        Store.open(tmp_path / "procx.db", create=True).close()
        return tmp_path / "procx.db"

    def test_one_of_this_version_is_ok(self, store: Path) -> None:
        told = only(found(Subject.STORE, store_url=str(store)))

        assert (told.part, told.state) == ("PROCX_STORE_URL", State.OK)
        assert HEAD in told.found

    def test_one_of_an_old_revision_is_broken_and_told_how_to_mend(self, store: Path) -> None:
        at_revision(store, "0003")

        told = only(found(Subject.STORE, store_url=str(store)))

        assert told.state is State.BROKEN
        assert "revision 0003" in told.found
        assert told.todo == f"procx db upgrade --store {store}"

    def test_one_of_a_newer_version_needs_a_newer_one(self, store: Path) -> None:
        at_revision(store, "9999")

        assert (
            only(found(Subject.STORE, store_url=str(store))).todo == "install a newer procx_graph"
        )

    @pytest.mark.parametrize("begins", [b"", b"SQLite format 3\0" + b"\xff" * 4096, b"no database"])
    def test_one_without_our_tables_or_damaged_is_broken(
        self, tmp_path: Path, begins: bytes
    ) -> None:
        (tmp_path / "procx.db").write_bytes(begins)

        told = only(found(Subject.STORE, store_url=str(tmp_path / "procx.db")))

        assert told.state is State.BROKEN

    def test_one_that_is_not_there_yet_will_be_made(self, tmp_path: Path) -> None:
        assert only(found(Subject.STORE, store_url=str(tmp_path / "new.db"))).state is State.WARNING
        assert not (tmp_path / "new.db").exists()

    def test_one_in_no_folder_or_that_nobody_serves_is_broken(self, tmp_path: Path) -> None:
        url = f"postgresql+psycopg://me:hunter2@127.0.0.1:{a_closed_port()}/shop"
        for place in (str(tmp_path / "none" / "procx.db"), url, "mysql://me:hunter2@127.0.0.1/x"):
            told = only(found(Subject.STORE, store_url=place))
            assert told.state is State.BROKEN
            assert "hunter2" not in str(told)

    def test_without_a_setting_the_file_in_the_folder_counts(self, store: Path) -> None:
        there = only(list(look_at_store(Asked(Settings(), store=store))))
        nowhere = only(list(look_at_store(Asked(Settings(), store=store.with_name("x.db")))))

        assert (there.state, nowhere.state) == (State.OK, State.OFF)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
    def test_one_that_cannot_be_written_is_broken(self, store: Path) -> None:
        store.chmod(0o400)

        assert only(found(Subject.STORE, store_url=str(store))).state is State.BROKEN

    def test_looking_changes_nothing(self, store: Path) -> None:
        at_revision(store, "0003")
        before = store.read_bytes()

        found(Subject.STORE, store_url=str(store))

        assert store.read_bytes() == before


class TestSource:
    def test_without_one_the_sample_is_read(self) -> None:
        assert only(found(Subject.SOURCE)).state is State.OFF

    def test_its_tables_are_named_and_its_rows_not_read(self, tmp_path: Path) -> None:
        write_parquet(20, tmp_path / "shop", seed=2)

        told = only(found(Subject.SOURCE, source=str(tmp_path / "shop")))

        assert told.state is State.OK
        assert "customers, orders" in told.found

    def test_one_that_cannot_be_opened_is_broken_without_its_password(self, tmp_path: Path) -> None:
        (tmp_path / "broken.xlsx").write_bytes(b"PK no workbook")
        url = f"postgresql://me:hunter2@127.0.0.1:{a_closed_port()}/shop"

        told = found(Subject.SOURCE, source=str(tmp_path / "broken.xlsx"), database_url=url)

        assert states(told) == {
            "PROCX_SOURCE": State.BROKEN,
            "PROCX_DATABASE_URL": State.BROKEN,
        }
        assert "hunter2" not in str(told)

    def test_one_that_needs_a_mapping_is_pointed_out(self, tmp_path: Path) -> None:
        (tmp_path / "kunden.csv").write_text("id\n1\n")

        assert only(found(Subject.SOURCE, source=str(tmp_path))).state is State.WARNING


class TestModel:
    def ask(self, server: ModelServer, seconds: float = 10.0, **more: Any) -> Finding:
        given = {
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "sk-hidden",
            "model": "gpt-5-mini",
        }
        ticks = iter(range(100))
        asked = Asked(Settings(**given | more))
        told = only(list(look_at_models(asked, seconds=seconds, monotonic=lambda: next(ticks) / 4)))
        assert "sk-hidden" not in str(told)
        return told

    def test_one_that_answers_is_told_with_host_latency_and_tokens(self) -> None:
        with ModelServer(key="sk-hidden") as server:
            told = self.ask(server)

        assert told.state is State.OK
        assert told.found.startswith("127.0.0.1:")
        assert "250 ms" in told.found
        assert "tokens" in told.found
        assert len(server.requests) == 1

    def test_each_name_is_asked_once(self) -> None:
        with ModelServer() as server:
            told = found(
                Subject.MODEL,
                model="small",
                model_empathy="large",
                model_agents="full",
                openai_base_url=server.url,
            )

        assert states(told) == {"small": State.OK, "large": State.OK}
        assert sorted(request.model for request in server.requests) == ["large", "small"]

    @pytest.mark.parametrize(
        ("fault", "told", "todo"),
        [
            (faults.unauthorized(), "refuses the key (401)", "OPENAI_API_KEY"),
            (faults.status(403), "403", "what OPENAI_API_KEY may do"),
            (faults.out_of_quota(), "429", "account"),
            (faults.server_error(retry_after_ms=1), "status 500", "later"),
            ("I am there", "not a JSON object", "name a model"),
            ({"word": "no"}, "not as asked: word", "name a model"),
            (faults.cut_before_head(), "breaks the connection off", "OPENAI_BASE_URL"),
            (faults.broken_body(), "no model's answer", "OPENAI_BASE_URL"),
            (faults.html_page(200), "no model's answer", "OPENAI_BASE_URL"),
        ],
    )
    def test_why_one_does_not_answer_is_a_sentence(self, fault: Any, told: str, todo: str) -> None:
        with ModelServer(lambda _: fault) as server:
            finding = self.ask(server)

        assert finding.state is State.BROKEN
        assert told in finding.found
        assert todo in (finding.todo or "")

    def test_an_unknown_model_is_told(self) -> None:
        with ModelServer(models=["other"]) as server:
            told = self.ask(server)

        assert told.state is State.BROKEN
        assert "no such model" in told.found

    def test_silence_is_not_waited_for(self) -> None:
        with ModelServer(lambda _: faults.slow(20)) as server:
            told = self.ask(server, seconds=0.5)

        assert "did not answer within 0.5 s" in told.found

    def test_nobody_listening_is_told(self) -> None:
        url = f"http://127.0.0.1:{a_closed_port()}/v1"

        told = only(found(Subject.MODEL, model="m", openai_base_url=url))

        assert told.state is State.BROKEN
        assert "connection refused" in told.found

    @pytest.mark.parametrize(
        "settings",
        [
            {"model": "gpt-5-mini"},
            {"model": "gpt-5-mini", "openai_base_url": "127.0.0.1:4000"},
            {"model": "openai:", "openai_api_key": "sk-hidden"},
            {"model_agents": "nobody"},
            {"model_prices": "dear", "model": "none"},
        ],
    )
    def test_one_that_cannot_be_asked_is_broken(self, settings: dict[str, Any]) -> None:
        assert State.BROKEN in states(found(Subject.MODEL, offline=True, **settings)).values()

    def test_none_is_off_and_offline_none_is_asked(self) -> None:
        with ModelServer() as server:
            told = found(Subject.MODEL, offline=True, model="m", openai_base_url=server.url)

        assert states(told) == {"m": State.OFF}
        assert not server.requests
        assert only(found(Subject.MODEL)).state is State.OFF


class TestLangfuse:
    @pytest.fixture
    def server(self) -> Iterator[LangfuseServer]:
        with langfuse_server() as server:
            yield server

    def keys(self, server: LangfuseServer, secret: str = SECRET) -> dict[str, Any]:
        return {
            "langfuse_public_key": server.public_key,
            "langfuse_secret_key": secret,
            "langfuse_base_url": server.url,
        }

    def test_keys_that_are_taken_are_told_with_their_project(self, server: LangfuseServer) -> None:
        told = found(Subject.LANGFUSE, **self.keys(server))

        assert states(told) == {"keys": State.OK, "dropped here": State.OK}
        assert "Shop" in told[0].found
        assert "0 spans, 0 scores" in told[1].found

    def test_wrong_keys_are_broken(self, server: LangfuseServer) -> None:
        told = found(Subject.LANGFUSE, **self.keys(server, "sk-hidden"))

        assert told[0].state is State.BROKEN
        assert "401" in told[0].found
        assert "sk-hidden" not in str(told)

    def test_nobody_there_is_broken(self, server: LangfuseServer) -> None:
        nowhere = {"langfuse_base_url": f"http://127.0.0.1:{a_closed_port()}"}

        assert found(Subject.LANGFUSE, **self.keys(server) | nowhere)[0].state is State.BROKEN

    def test_one_key_alone_is_broken_and_none_is_off(self) -> None:
        alone = only(found(Subject.LANGFUSE, langfuse_public_key="pk-lf"))

        assert alone.state is State.BROKEN
        assert "LANGFUSE_SECRET_KEY" in alone.found
        assert only(found(Subject.LANGFUSE)).state is State.OFF

    def test_prompts_from_there_need_keys(self) -> None:
        told = found(Subject.LANGFUSE, prompts="langfuse")

        assert states(told) == {"prompts": State.BROKEN, "": State.OFF}

    def test_whose_prompts_are_used_is_told(self, server: LangfuseServer) -> None:
        name, settings = "retention/pattern", {"prompts": "langfuse", **self.keys(server)}
        none = found(Subject.PROMPTS, **settings)[-1]
        body = "Name it.\n\n---\n<record>\n{{ pattern.name }}\n</record>"
        server.received.prompts[name] = {"name": name, "version": 7, "prompt": body}

        one = found(Subject.PROMPTS, **settings)[-1]

        assert (none.part, none.state, one.state) == ("PROCX_PROMPTS", State.WARNING, State.OK)
        assert "from Langfuse (production): none;" in none.found
        assert f"from Langfuse (production): {name}; from files: retention/" in one.found

    def test_offline_or_without_keys_no_prompt_is_asked_for(self, server: LangfuseServer) -> None:
        settings = {"prompts": "langfuse", **self.keys(server)}

        assert found(Subject.PROMPTS, offline=True, **settings)[-1].state is State.OFF
        assert found(Subject.PROMPTS, prompts="langfuse")[-1].state is State.OFF
        assert not server.received.asked

    def test_offline_nothing_is_asked(self, server: LangfuseServer) -> None:
        told = found(Subject.LANGFUSE, offline=True, **self.keys(server))

        assert told[0].state is State.OFF
        assert not server.received.asked


class TestChannels:
    def smtp(self, room: Mailroom, **more: str) -> dict[str, Any]:
        address = f"smtp://me@127.0.0.1:{room.port}?starttls=off"
        sender = {"outbox_from": "Asha <care@shop.example>", "smtp_password": "hunter2"}
        return {"outbox_email": address} | sender | more

    def test_a_mail_server_is_greeted_and_gets_no_mail(self) -> None:
        with smtp_server(Mailroom(user=("me", "hunter2"))) as room:
            told = found(Subject.CHANNELS, **self.smtp(room))

        assert states(told)["email"] is State.OK
        assert "takes the login" in told[0].found
        assert room.logins == [("me", "hunter2")]
        assert not room.mails
        assert not room.recipients

    def test_a_wrong_password_or_no_encryption_is_broken(self) -> None:
        with smtp_server(Mailroom(user=("me", "hunter2"))) as room:
            wrong = found(Subject.CHANNELS, **self.smtp(room, smtp_password="other"))
            plain = f"smtp://me@127.0.0.1:{room.port}"
            bare = found(Subject.CHANNELS, **self.smtp(room, outbox_email=plain))

        assert wrong[0].state is bare[0].state is State.BROKEN
        assert "refused the login" in wrong[0].found
        assert "no encryption" in bare[0].found

    def test_offline_no_mail_server_is_asked(self) -> None:
        with smtp_server() as room:
            told = found(Subject.CHANNELS, offline=True, **self.smtp(room))

        assert states(told)["email"] is State.OFF
        assert not room.logins

    def test_each_channel_is_judged_by_itself(self, tmp_path: Path) -> None:
        told = found(
            Subject.CHANNELS,
            outbox_email=f"file:{tmp_path / 'new' / 'outbox'}",
            outbox_sms="smtp://host",
            outbox_whatsapp="https://gateway.example/messages",
            gateway_secret="whsec_c2VjcmV0",
            unsubscribe_url="https://shop.example/stop",
            unsubscribe_secret="s",
        )

        assert states(told) == {
            "email": State.OK,
            "sms": State.BROKEN,
            "whatsapp": State.OK,
            "unsubscribe": State.BROKEN,
        }
        assert not (tmp_path / "new").exists()

    def test_a_folder_that_cannot_be_one_is_broken(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("no folder")

        told = found(Subject.CHANNELS, outbox_email=f"file:{tmp_path / 'file' / 'outbox'}")

        assert states(told)["email"] is State.BROKEN


def test_secrets_of_webhooks_that_accept_nothing_are_broken() -> None:
    told = found(
        Subject.WEBHOOKS,
        webhook_secrets_standard="%%%",
        webhook_secrets_stripe="whsec_a,whsec_b",
        webhook_secrets_shopify=",",
    )

    assert states(told) == {
        "stripe": State.OK,
        "shopify": State.BROKEN,
        "standard": State.BROKEN,
    }
    assert "2 active secrets" in told[0].found
    assert only(found(Subject.WEBHOOKS)).state is State.OFF
    public = "whpk_" + "A" * 43 + "="
    assert only(found(Subject.WEBHOOKS, webhook_secrets_standard=public)).state is State.OK


def test_every_wrong_key_of_a_policy_is_told(tmp_path: Path) -> None:
    from procx_graph.outreach.policies import default_policy_text

    text = default_policy_text().replace("late_days = 2", "late_days = 0")
    file = tmp_path / "mine.toml"
    file.write_text(text.replace("cooldown_days", "cooldown_dais"), "utf-8")

    told = found(Subject.POLICY, policy=str(file))

    assert {one.state for one in told} == {State.BROKEN}
    assert len(told) >= 3
    assert "is 'cooldown_days' meant?" in str(told)
    missing = found(Subject.POLICY, policy="nowhere.toml")
    assert only(missing).state is State.BROKEN
    assert only(found(Subject.PROFILE, profile="nobody")).state is State.BROKEN


def at_revision(store: Path, revision: str) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute(f"UPDATE {VERSIONS} SET version_num = ?", [revision])
    connection.close()
