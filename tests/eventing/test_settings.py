"""A wrong configuration is told whole, in plain words, and without its secrets."""

import os
import stat
from pathlib import Path

import pytest

from eventing.settings import ConfigurationErrors, Settings, without_password


@pytest.fixture
def cluster(tmp_path):
    """An environment in which a cluster profile starts."""
    (tmp_path / "key").write_bytes(os.urandom(32))
    return {
        "ONETHING_PROFILE": "cluster",
        "AMQP_URI": "amqp://onething:s3cret@rabbitmq:5672/onething",
        "DATABASE_URL": "postgresql+psycopg://onething:s3cret@postgresql/onething_{service}",
        "CONTENTS_URL": "s3://contents?endpoint=https://s3.example.org",
        "ONETHING_SECRET_KEY_FILE": str(tmp_path / "key"),
    }


def problems(environ):
    """What is wrong, by setting."""
    with pytest.raises(ConfigurationErrors) as failure:
        Settings.load(environ)
    return {error.setting: error for error in failure.value.errors}


class TestProfiles:
    def test_nothing_set_is_the_embedded_profile(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)

        settings = Settings.load({})

        assert settings.profile == "embedded"
        assert settings.amqp_uri == "inproc://"
        assert settings.database_url_for("intake") == f"sqlite:///{tmp_path}/.onething/intake.db"
        assert settings.contents_url == f"file://{tmp_path}/.onething/contents"
        assert settings.replica == "embedded"

    def test_a_cluster_service_has_a_database_of_its_own(self, cluster):
        settings = Settings.load(cluster)

        assert settings.database_url_for("halls").endswith("@postgresql/onething_halls")
        assert settings.log_format == "json"

    def test_replicas_have_different_names(self, cluster):
        assert str(os.getpid()) in Settings.load(cluster).replica

    def test_a_service_gets_its_part(self, cluster):
        settings = Settings.load(cluster)

        config = settings.for_service("intake")

        assert config["AMQP_URI"] == cluster["AMQP_URI"]
        assert config["settings"] is settings


class TestSources:
    @pytest.mark.parametrize(
        ("suffix", "text"),
        [
            (".toml", 'region = "110000"\nlease_seconds = 3\ncatalogue_dirs = ["/"]\n'),
            (".yaml", 'region: "110000"\nlease_seconds: 3\ncatalogue_dirs: ["/"]\n'),
        ],
    )
    def test_the_environment_goes_before_the_file(self, tmp_path, suffix, text):
        file = tmp_path / f"onething{suffix}"
        file.write_text(text)

        settings = Settings.load({"ONETHING_CONFIG": str(file), "ONETHING_LEASE_SECONDS": "9"})

        assert (settings.region, settings.lease_seconds, settings.catalogue_dirs) == ("110000", 9.0, ("/",))

    def test_directories_are_separated_as_in_paths(self, tmp_path):
        settings = Settings.load({"ONETHING_CATALOGUE_DIRS": f"/{os.pathsep}{tmp_path}"})

        assert settings.catalogue_dirs == ("/", str(tmp_path))

    def test_addresses_with_passwords_may_live_in_files(self, cluster, tmp_path):
        (tmp_path / "broker").write_text("amqp://u:p@host/v\n")

        settings = Settings.load({**cluster, "AMQP_URI": f"file:{tmp_path}/broker"})

        assert settings.amqp_uri == "amqp://u:p@host/v"

    def test_an_empty_variable_is_none(self):
        assert Settings.load({"ONETHING_REGION": ""}).region == "990102"


class TestErrors:
    def test_all_are_told_at_once_with_an_example_each(self, cluster):
        cluster |= {
            "ONETHING_REGION": "Beijing",
            "ONETHING_LEASE_SECONDS": "soon",
            "ONETHING_HEALTH_PORT": "70000",
            "ONETHING_LOG_LEVEL": "loud",
            "AMQP_URI": "inproc://",
        }
        del cluster["DATABASE_URL"]

        wrong = problems(cluster)

        assert set(wrong) == {
            "ONETHING_REGION",
            "ONETHING_LEASE_SECONDS",
            "ONETHING_HEALTH_PORT",
            "ONETHING_LOG_LEVEL",
            "AMQP_URI",
            "DATABASE_URL",
        }
        assert all(error.example for error in wrong.values())

    def test_only_a_fictional_region_can_move_its_clock(self, cluster):
        assert "ONETHING_CLOCK" in problems({"ONETHING_CLOCK": "simulated", "ONETHING_REGION": "330100"})
        assert Settings.load({"ONETHING_CLOCK": "simulated", "ONETHING_REGION": "990102"}).clock == "simulated"

    def test_an_example_is_itself_right(self, tmp_path):
        for setting in Settings.table():
            alone = {setting.variable: setting.example}
            try:
                Settings.load(alone)
            except ConfigurationErrors as failure:
                # alone in this place, an example may lack its file, its directory or the rest of a cluster
                for error in failure.errors:
                    assert any(
                        word in error.problem for word in ("there is no", "needs it", "must begin", "cannot be read")
                    ), error

    @pytest.mark.parametrize("variable", ["AMQP_URI", "DATABASE_URL"])
    @pytest.mark.parametrize("value", ["s3cret", "mysql://u:s3cret@host/x", "file:/no/such/file"])
    def test_secrets_are_not_repeated(self, cluster, variable, value):
        wrong = problems({**cluster, variable: value})

        assert set(wrong) == {variable}
        assert "s3cret" not in str(wrong[variable])

    @pytest.mark.parametrize("value", ["plain-key-material", "0123456789abcdef" * 4])
    def test_a_key_is_named_by_reference_only(self, value):
        wrong = problems({"VAULT_KEK": value})

        assert value not in str(wrong["VAULT_KEK"])

    def test_a_misspelt_name_in_the_file_is_told_with_the_right_one(self, tmp_path):
        file = tmp_path / "onething.toml"
        file.write_text('regoin = "110000"')

        assert problems({"ONETHING_CONFIG": str(file)})["regoin"].example.startswith("region")

    @pytest.mark.parametrize(
        ("file", "text"),
        [("broken.toml", "= nothing"), ("broken.yaml", "a: ["), ("list.yaml", "- a"), ("absent.toml", None)],
    )
    def test_a_file_that_is_no_configuration_is_told(self, tmp_path, file, text):
        if text is not None:
            (tmp_path / file).write_text(text)

        assert set(problems({"ONETHING_CONFIG": str(tmp_path / file)})) == {"ONETHING_CONFIG"}

    def test_the_environment_of_others_is_no_error(self):
        assert Settings.load({"ONETHING_GATEWAY_SERVICE_HOST": "10.0.0.1", "PATH": "/bin"}).profile == "embedded"


class TestSecrets:
    def test_settings_do_not_show_passwords(self, cluster):
        settings = Settings.load(cluster)

        for shown in (repr(settings), str(settings), str(settings.shown())):
            assert "s3cret" not in shown
            assert "onething:***@rabbitmq" in shown

    @pytest.mark.parametrize(
        ("address", "shown"),
        [
            ("amqp://u:p@ss:w/rd@host:1/v", "amqp://u:***@host:1/v"),
            (
                "postgresql+psycopg://u:p@h/d?sslmode=require",
                "postgresql+psycopg://u:***@h/d?sslmode=require",
            ),
            ("amqp://guest@host//", "amqp://guest@host//"),
            ("inproc://", "inproc://"),
        ],
    )
    def test_addresses_are_shown_without_passwords(self, address, shown):
        assert without_password(address) == shown

    def test_several_brokers_are_shown_without_passwords(self):
        assert "pw" not in without_password("amqp://a:pw1@h1//;amqp://b:pw2@h2//")

    def test_the_embedded_profile_makes_its_keys_once_and_for_itself(self, tmp_path):
        first = Settings(data_dir=str(tmp_path))
        index, (kek,) = first.index_key(), first.keks()

        again = Settings(data_dir=str(tmp_path))

        assert (again.index_key(), again.keks()) == (index, (kek,))
        assert len(index) == len(kek) == 32
        for file in ("secret.key", "vault.kek"):
            assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600

    def test_purposes_have_different_keys(self, tmp_path):
        settings = Settings(data_dir=str(tmp_path))

        assert settings.derived_key("one") != settings.derived_key("other")

    def test_replicas_with_one_secret_have_one_index_key(self, cluster):
        assert Settings.load(cluster).index_key() == Settings.load(cluster).index_key()

    def test_a_cluster_makes_no_keys(self, cluster, tmp_path):
        settings = Settings.load({**cluster, "VAULT_KEK": f"file:{tmp_path}/kek"})

        with pytest.raises(ConfigurationErrors, match="VAULT_KEK"):
            settings.keks()
        assert not (tmp_path / "kek").exists()

    def test_the_vault_key_may_come_from_a_variable(self, cluster, monkeypatch):
        monkeypatch.setenv("KEK", "ab" * 32)

        assert Settings.load({**cluster, "VAULT_KEK": "env:KEK"}).keks() == (b"\xab" * 32,)

    @pytest.mark.parametrize("content", ["ab" * 16, "no key"])
    def test_a_short_key_is_refused(self, cluster, tmp_path, content):
        (tmp_path / "short").write_text(content)

        with pytest.raises(ConfigurationErrors):
            Settings.load({**cluster, "VAULT_KEK": f"file:{tmp_path}/short"}).keks()
        with pytest.raises(ConfigurationErrors):
            Settings.load({**cluster, "ONETHING_SECRET_KEY_FILE": f"{tmp_path}/short"}).index_key()

    def test_of_several_wrapping_keys_each_is_had_in_its_order(self, cluster, tmp_path):
        (tmp_path / "keks").write_text(f"{'cd' * 32}\n{'ab' * 32}\n")

        keks = Settings.load({**cluster, "VAULT_KEK": f"file:{tmp_path}/keks"}).keks()

        assert keks == (b"\xcd" * 32, b"\xab" * 32)

    def test_what_passes_is_signed_with_the_secret_key_until_there_is_another(self, cluster, tmp_path):
        root = Path(cluster["ONETHING_SECRET_KEY_FILE"]).read_bytes()
        of_old = Settings.load(cluster)
        (tmp_path / "signing").write_text(f"{'cd' * 32}\n{root.hex()}\n")
        both = Settings.load({**cluster, "ONETHING_SIGNING_KEY_FILE": f"{tmp_path}/signing"})

        new, old = both.signing_keys("session")

        assert of_old.signing_keys("session") == (old,) == (both.derived_key("session"),)
        assert new not in {old, both.context_keys()[0]}
        assert both.index_key() == of_old.index_key()  # what is kept does not change

    @pytest.mark.parametrize("content", ["", "ab" * 16, f"{'ab' * 32}\n{'ab' * 16}\n"])
    def test_a_short_signing_key_is_refused(self, cluster, tmp_path, content):
        (tmp_path / "signing").write_text(content)

        with pytest.raises(ConfigurationErrors, match="ONETHING_SIGNING_KEY_FILE"):
            Settings.load({**cluster, "ONETHING_SIGNING_KEY_FILE": f"{tmp_path}/signing"}).context_keys()

    def test_a_file_of_signing_keys_that_is_named_is_there(self, cluster, tmp_path):
        with pytest.raises(ConfigurationErrors, match="ONETHING_SIGNING_KEY_FILE"):
            Settings.load({**cluster, "ONETHING_SIGNING_KEY_FILE": f"{tmp_path}/none"})

    def test_heads_are_signed_with_seeds_and_the_key_that_there_was(self, cluster, tmp_path):
        (tmp_path / "heads").write_text(f"{'cd' * 32}\nsecret-key\nonething/990102/casefile+00+AA\n")
        settings = Settings.load({**cluster, "ONETHING_HEAD_KEY_FILE": f"{tmp_path}/heads"})

        derived = Settings.load(cluster).head_keys()

        assert settings.head_keys() == (b"\xcd" * 32, *derived, "onething/990102/casefile+00+AA")

    @pytest.mark.parametrize("content", ["", "ab" * 16, "nonsense"])
    def test_a_line_that_is_no_key_of_heads_is_refused(self, cluster, tmp_path, content):
        (tmp_path / "heads").write_text(content)

        with pytest.raises(ConfigurationErrors, match="ONETHING_HEAD_KEY_FILE"):
            Settings.load({**cluster, "ONETHING_HEAD_KEY_FILE": f"{tmp_path}/heads"}).head_keys()


def test_every_setting_is_documented():
    table = {setting.name: setting for setting in Settings.table()}

    assert list(table) == list(Settings.__struct_fields__)
    assert all(setting.description and setting.example and setting.variable for setting in table.values())
    assert len({setting.variable for setting in table.values()}) == len(table)
    assert table["lease_seconds"].default == "`6.0`"
    assert str(Path.cwd()) not in str(table)


def test_each_service_may_have_a_file_with_its_own_database(tmp_path):
    for name in ("intake", "vault"):
        (tmp_path / name).write_text(f"postgresql+psycopg://{name}@db/onething_{name}\n")
    settings = Settings.load({"DATABASE_URL": f"file:{tmp_path}/{{service}}"})

    assert settings.database_url_for("intake") == "postgresql+psycopg://intake@db/onething_intake"
    assert settings.database_url_for("vault") == "postgresql+psycopg://vault@db/onething_vault"
    with pytest.raises(ConfigurationErrors, match="cannot be read"):
        settings.database_url_for("halls")
