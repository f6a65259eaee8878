"""The configuration: environment variables over one optional file, checked as a whole before all else."""

import difflib
import hashlib
import hmac
import os
import re
import secrets
import socket
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, get_type_hints

import msgspec
import yaml
from msgspec import Meta
from msgspec.structs import force_setattr

from kernel.workdays import WorkingCalendar

__all__ = ["ConfigurationError", "ConfigurationErrors", "Setting", "Settings", "without_password"]

CONFIG_FILE = "ONETHING_CONFIG"
"""Names a TOML or YAML file whose keys are the settings' names."""


class ConfigurationError(msgspec.Struct, frozen=True):
    """One thing that is wrong: of which setting, what, and what would be right. Never the value itself."""

    setting: str
    problem: str
    example: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.problem}; for example {self.example}"


class ConfigurationErrors(Exception):
    """Everything that is wrong with the configuration, at once."""

    def __init__(self, errors: tuple[ConfigurationError, ...]) -> None:
        super().__init__("the configuration cannot be used\n" + "\n".join(f"  {error}" for error in errors))
        self.errors = errors


class Setting(msgspec.Struct, frozen=True):
    """A row of the reference table."""

    name: str
    variable: str
    default: str
    example: str
    description: str


class _About(NamedTuple):
    """What the reference says of a setting; ``default`` where it is not simply the value."""

    variable: str
    example: str
    description: str
    default: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How this process runs. Made by ``load``; the defaults alone are the embedded profile."""

    profile: Annotated[
        Literal["embedded", "cluster"],
        _About(
            "ONETHING_PROFILE",
            "cluster",
            "`embedded`: all services in one process with SQLite and no broker; `cluster`: each service its "
            "own processes, RabbitMQ and PostgreSQL",
        ),
    ] = "embedded"
    region: Annotated[
        str,
        _About(
            "ONETHING_REGION",
            "990102",
            "Administrative division (GB/T 2260, six digits) whose catalogue is in force; 99… is fictional",
        ),
        Meta(pattern=r"^\d{6}$"),
    ] = "990102"
    data_dir: Annotated[
        str,
        _About(
            "ONETHING_DATA_DIR",
            "/var/lib/onething",
            "Directory of everything that the embedded profile keeps",
        ),
    ] = ".onething"
    amqp_uri: Annotated[
        str,
        _About(
            "AMQP_URI",
            "amqp://user:password@rabbitmq:5672/onething",
            "The broker, or `file:` and the path of a file that holds its address; several addresses are "
            "separated by `;`",
            "`inproc://` (embedded)",
        ),
    ] = ""
    database_url: Annotated[
        str,
        _About(
            "DATABASE_URL",
            "postgresql+psycopg://user:password@postgresql/onething_{service}",
            "The database, with `{service}` where the service's name belongs, or `file:` and the path of a "
            "file that holds it",
            "`{data_dir}/{service}.db` (embedded)",
        ),
    ] = ""
    contents_url: Annotated[
        str,
        _About(
            "CONTENTS_URL",
            "s3://onething-contents?endpoint=https://s3.example.org",
            "Where the bytes of materials and documents rest: `file:///path` or `s3://bucket`",
            "`{data_dir}/contents` (embedded)",
        ),
    ] = ""
    replica: Annotated[
        str,
        _About(
            "ONETHING_REPLICA",
            "intake-7d9f-1",
            "Name of this replica, unlike any other that runs at the same time",
            "`embedded`, or host name and process id (cluster)",
        ),
    ] = ""
    lease_seconds: Annotated[
        float,
        _About(
            "ONETHING_LEASE_SECONDS",
            "6",
            "Seconds after which the work of a replica that died is taken over",
        ),
        Meta(ge=0.2, le=300),
    ] = 6.0
    max_workers: Annotated[
        int,
        _About("ONETHING_MAX_WORKERS", "32", "Requests that one service works on at a time"),
        Meta(ge=1, le=10_000),
    ] = 32
    http_host: Annotated[
        str,
        _About(
            "ONETHING_HTTP_HOST",
            "0.0.0.0",  # noqa: S104  an example, and right in a container
            "Address on which the gateway listens",
            "`127.0.0.1` (embedded), `0.0.0.0` (cluster)",
        ),
    ] = ""
    http_port: Annotated[
        int, _About("ONETHING_HTTP_PORT", "8080", "Port on which the gateway listens"), Meta(ge=0, le=65_535)
    ] = 8080
    health_port: Annotated[
        int,
        _About("ONETHING_HEALTH_PORT", "9090", "Port of health probes and metrics; 0 is none"),
        Meta(ge=0, le=65_535),
    ] = 0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        _About("ONETHING_LOG_LEVEL", "info", "The least important messages that are logged"),
    ] = "info"
    log_format: Annotated[
        Literal["json", "console", ""],
        _About(
            "ONETHING_LOG_FORMAT",
            "json",
            "`json`, one object a line, or `console`, for eyes",
            "`console` (embedded), `json` (cluster)",
        ),
    ] = ""
    rendering: Annotated[
        Literal["eager", "on-demand"],
        _About(
            "ONETHING_RENDERING",
            "on-demand",
            "When certificates are typeset: as soon as they are issued, or when somebody first asks",
        ),
    ] = "eager"
    clock: Annotated[
        Literal["system", "simulated"],
        _About(
            "ONETHING_CLOCK",
            "simulated",
            "`system`: the machine's clock; `simulated`: the same, but exercises can move it forward; fictional "
            "regions only, with one replica of each service",
        ),
    ] = "system"
    calendar_file: Annotated[
        str,
        _About(
            "ONETHING_CALENDAR_FILE",
            "/etc/onething/calendar-2027.json",
            "File with days off and make-up days over the official calendar, for a year that is newly published or a "
            "local holiday; open deadlines are derived again when it changes",
        ),
    ] = ""
    catalogue_dirs: Annotated[
        tuple[str, ...],
        _About(
            "ONETHING_CATALOGUE_DIRS",
            "/etc/onething/catalogue",
            "Directories with catalogue layers over those that are shipped, separated by `:`",
        ),
    ] = ()
    secret_key_file: Annotated[
        str,
        _About(
            "ONETHING_SECRET_KEY_FILE",
            "/run/secrets/onething/secret-key",
            "File with at least 32 bytes of randomness, the same for all services; the root of the keys of "
            "blind indexes and signed contexts",
            "`{data_dir}/secret.key`, made at first use (embedded)",
        ),
    ] = ""
    vault_kek: Annotated[
        str,
        _About(
            "VAULT_KEK",
            "file:/run/secrets/onething/vault-kek",
            "Where vault, and nobody else, finds the key that wraps the case keys: `file:` and a path, or "
            "`env:` and the name of a variable with 64 hexadecimal digits",
            "`file:{data_dir}/vault.kek`, made at first use (embedded)",
        ),
        Meta(pattern=r"^((file|env):.+)?$"),
    ] = ""
    scanner_url: Annotated[
        str,
        _About(
            "SCANNER_URL",
            "clamd://clamav:3310",
            "The malware scanner that looks at files before they are taken in: `clamd://host:port`",
            "none: copies say that they were not scanned",
        ),
        Meta(pattern=r"^(clamd://.+:\d+)?$"),
    ] = ""
    notification_sms: Annotated[
        str,
        _About(
            "NOTIFICATION_SMS",
            "https://sms-gateway.example.org/send",
            "Where text messages to applicants go: `file:///folder` (written down, addresses masked), "
            "`http(s)://…` (a gateway that takes JSON) or `smtp://host:port?from=…`",
            "`{data_dir}/notifications` (embedded and cluster)",
        ),
        Meta(pattern=r"^((file|http|https|smtp)://.+)?$"),
    ] = ""
    notification_app: Annotated[
        str,
        _About(
            "NOTIFICATION_APP",
            "https://app-gateway.example.org/push",
            "Where messages in the app to applicants go: `file:///folder` (written down, addresses masked), "
            "`http(s)://…` (a gateway that takes JSON) or `smtp://host:port?from=…`",
            "`{data_dir}/notifications` (embedded and cluster)",
        ),
        Meta(pattern=r"^((file|http|https|smtp)://.+)?$"),
    ] = ""
    notification_mail: Annotated[
        str,
        _About(
            "NOTIFICATION_MAIL",
            "smtp://mail.example.org:25?from=onething@example.org",
            "Where mails to applicants go: `file:///folder` (written down, addresses masked), "
            "`http(s)://…` (a gateway that takes JSON) or `smtp://host:port?from=…`",
            "`{data_dir}/notifications` (embedded and cluster)",
        ),
        Meta(pattern=r"^((file|http|https|smtp)://.+)?$"),
    ] = ""

    def __post_init__(self) -> None:
        data = Path(self.data_dir).expanduser().absolute()
        embedded = self.profile == "embedded"
        defaults = {
            "amqp_uri": "inproc://" if embedded else "",
            "database_url": f"sqlite:///{data}/{{service}}.db" if embedded else "",
            "contents_url": f"{data.as_uri()}/contents" if embedded else "",
            "replica": "embedded" if embedded else f"{socket.gethostname()}-{os.getpid()}",
            "http_host": "127.0.0.1" if embedded else "0.0.0.0",  # noqa: S104  in a container
            "log_format": "console" if embedded else "json",
            "secret_key_file": str(data / "secret.key") if embedded else "",
            "vault_kek": f"file:{data}/vault.kek" if embedded else "",
            "notification_sms": f"{data.as_uri()}/notifications",
            "notification_app": f"{data.as_uri()}/notifications",
            "notification_mail": f"{data.as_uri()}/notifications",
        }
        force_setattr(self, "data_dir", str(data))
        for name, value in defaults.items():
            if not getattr(self, name):
                force_setattr(self, name, value)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.shown().items())
        return f"Settings({shown})"

    def shown(self) -> dict[str, Any]:
        """All values, with passwords hidden."""
        values = msgspec.structs.asdict(self)
        return {name: without_password(v) if isinstance(v, str) else v for name, v in values.items()}

    @classmethod
    def table(cls) -> tuple[Setting, ...]:
        """Every setting with its variable, default, example and meaning, for the reference pages."""
        embedded = cls()
        return tuple(
            Setting(
                name=name,
                variable=about.variable,
                default=about.default or _shown_default(name, getattr(embedded, name)),
                example=about.example,
                description=about.description,
            )
            for name, _, about in _fields(cls)
        )

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """The settings that the environment and the file it names ask for.

        Raises:
            ConfigurationErrors: with everything that is wrong, not only the first.
        """
        errors: list[ConfigurationError] = []
        asked = _read_file(environ.get(CONFIG_FILE, ""), [name for name, _, _ in _fields(cls)], errors)
        for name, _, about in _fields(cls):
            if environ.get(about.variable):
                asked[name] = environ[about.variable]
        values: dict[str, Any] = {}
        for name, type_, about in _fields(cls):
            if name in asked:
                try:
                    values[name] = _convert(name, asked[name], type_)
                except (msgspec.ValidationError, OSError) as error:
                    errors.append(_error(about, _plain(error)))
        settings = cls(**values)
        wrong = {error.setting for error in errors}
        errors += [error for error in settings._contradictions() if error.setting not in wrong]
        if errors:
            raise ConfigurationErrors(tuple(errors))
        return settings

    def _contradictions(self) -> Iterator[ConfigurationError]:
        abouts = {name: about for name, _, about in _fields(type(self))}
        cluster = self.profile == "cluster"
        for name in ("amqp_uri", "database_url", "contents_url", "secret_key_file"):
            if not getattr(self, name):
                yield _error(abouts[name], "the cluster profile needs it")
        brokers = ("amqp://", "amqps://") if cluster else ("amqp://", "amqps://", "inproc://")
        if not all(uri.startswith(brokers) for uri in self.amqp_uri.split(";")) and self.amqp_uri:
            yield _error(abouts["amqp_uri"], f"must begin with {' or '.join(brokers)}")
        databases = ("postgresql+psycopg://",) if cluster else ("postgresql+psycopg://", "sqlite:///")
        if self.database_url and not self.database_url.startswith(databases):
            yield _error(abouts["database_url"], f"must begin with {' or '.join(databases)}")
        if self.contents_url and not self.contents_url.startswith(("file:///", "s3://")):
            yield _error(abouts["contents_url"], "must begin with file:/// or s3://")
        if self.clock == "simulated" and not self.region.startswith("99"):
            yield _error(abouts["clock"], f"region {self.region} is real, and so is its time")
        if self.calendar_file:
            try:
                WorkingCalendar.official(Path(self.calendar_file))
            except (ValueError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not a calendar"
                yield _error(abouts["calendar_file"], f"there is no calendar to be read ({reason})")
        for directory in self.catalogue_dirs:
            if not Path(directory).is_dir():
                yield _error(abouts["catalogue_dirs"], f"there is no directory {directory!r}")
        if cluster and self.secret_key_file and not Path(self.secret_key_file).is_file():
            yield _error(abouts["secret_key_file"], f"there is no file {self.secret_key_file!r}")

    def database_url_for(self, service: str) -> str:
        """The SQLAlchemy address of a service's database."""
        return self.database_url.replace("{service}", service)

    def for_service(self, service: str) -> dict[str, Any]:
        """What nameko calls the config of a service; ``config["settings"]`` are these settings."""
        return {
            "AMQP_URI": self.amqp_uri,
            "max_workers": self.max_workers,
            "service": service,
            "settings": self,
        }

    def derived_key(self, purpose: str) -> bytes:
        """32 bytes that only this installation knows, others for every purpose."""
        secret = self._secret("secret_key_file", Path(self.secret_key_file))
        if len(secret) < _KEY_BYTES:
            raise ConfigurationErrors((self._wrong("secret_key_file", "holds fewer than 32 bytes"),))
        return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()

    def index_key(self) -> bytes:
        """The key of blind indexes (``eventing.keyring``)."""
        return self.derived_key("blind index")

    def kek(self) -> bytes:
        """The 32 bytes that wrap the case keys; for vault alone."""
        kind, _, place = self.vault_kek.partition(":")
        try:
            text = os.environ.get(place, "") if kind == "env" else ""
            key = bytes.fromhex(text) if text else b""
        except ValueError:
            key = b""
        if kind == "file":
            key = self._secret("vault_kek", Path(place))
        if len(key) != _KEY_BYTES:
            raise ConfigurationErrors((self._wrong("vault_kek", "does not lead to a key of 32 bytes"),))
        return key

    def _secret(self, name: str, path: Path) -> bytes:
        """A key file's bytes (raw, or hexadecimal digits); the embedded profile makes it at first use."""
        if self.profile == "embedded" and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                pass
            else:
                with os.fdopen(made, "wb") as file:
                    file.write(secrets.token_hex(_KEY_BYTES).encode())
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigurationErrors((self._wrong(name, error.strerror or "cannot be read"),)) from error
        stripped = content.strip()
        if re.fullmatch(rb"([0-9a-fA-F]{2})+", stripped):
            return bytes.fromhex(stripped.decode())
        return content

    def _wrong(self, name: str, problem: str) -> ConfigurationError:
        return _error(next(about for known, _, about in _fields(type(self)) if known == name), problem)


_KEY_BYTES = 32
_BY_FILE = ("amqp_uri", "database_url")


def without_password(address: str) -> str:
    """An address that may be logged."""
    return re.sub(r"(://[^:/?#@]*):.*@", r"\1:***@", address)


def _fields(cls: type[Settings]) -> list[tuple[str, Any, _About]]:
    hints = get_type_hints(cls, include_extras=True)
    return [(name, hints[name], hints[name].__metadata__[0]) for name in cls.__struct_fields__]


def _shown_default(name: str, value: Any) -> str:
    if name == "data_dir":
        return "`.onething`"
    return f"`{':'.join(value) if isinstance(value, tuple) else value}`" if value != () else ""


def _error(about: _About, problem: str) -> ConfigurationError:
    return ConfigurationError(about.variable, problem, about.example)


def _plain(error: Exception) -> str:
    """msgspec's words without the value: it may be a secret."""
    if isinstance(error, OSError):
        return f"names a file that cannot be read ({error.strerror})"
    return re.sub(r"^Invalid enum value .*", "is not one of the known words", str(error))


def _convert(name: str, value: Any, type_: Any) -> Any:
    if name in _BY_FILE and isinstance(value, str) and value.startswith("file:"):
        value = Path(value.removeprefix("file:")).read_text(encoding="utf-8").strip()
    if name == "catalogue_dirs" and isinstance(value, str):
        value = [part for part in value.split(os.pathsep) if part]
    return msgspec.convert(value, type_, strict=False)


def _read_file(place: str, known: list[str], errors: list[ConfigurationError]) -> dict[str, Any]:
    example = "/etc/onething/onething.toml"
    if not place:
        return {}
    try:
        text = Path(place).read_text(encoding="utf-8")
        content = tomllib.loads(text) if place.endswith(".toml") else yaml.safe_load(text) or {}
    except OSError as error:
        errors.append(ConfigurationError(CONFIG_FILE, f"cannot be read ({error.strerror})", example))
        return {}
    except (ValueError, yaml.YAMLError):
        errors.append(ConfigurationError(CONFIG_FILE, "is neither TOML (*.toml) nor YAML", example))
        return {}
    if not isinstance(content, dict):
        errors.append(ConfigurationError(CONFIG_FILE, "does not hold names and values", example))
        return {}
    for name in content.keys() - set(known):
        near = difflib.get_close_matches(str(name), known, n=1)
        meant = near[0] if near else known[0]
        errors.append(ConfigurationError(str(name), f"there is no such setting in {place}", f"{meant}: …"))
    return {name: value for name, value in content.items() if name in known}
