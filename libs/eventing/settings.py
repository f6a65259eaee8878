"""The configuration: environment variables over one optional file, checked as a whole before all else."""

import difflib
import hmac
import os
import re
import secrets
import socket
import ssl
import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
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
            "separated by `;`. `amqps://` is TLS: the broker's certificate bears the address's host and is of an "
            "authority that the machine knows, or that `SSL_CERT_FILE` names",
            "`inproc://` (embedded)",
        ),
    ] = ""
    database_url: Annotated[
        str,
        _About(
            "DATABASE_URL",
            "postgresql+psycopg://user:password@postgresql/onething_{service}",
            "The database, with `{service}` where the service's name belongs, or `file:` and the path of a "
            "file that holds it; with `{service}` in the path, each service has a file of its own. TLS is asked for in "
            "the address: `?sslmode=verify-full&sslrootcert=/path/ca.pem`",
            "`{data_dir}/{service}.db` (embedded)",
        ),
    ] = ""
    database_role: Annotated[
        str,
        _About(
            "ONETHING_DATABASE_ROLE",
            "onething_{service}",
            "The role of PostgreSQL that services run as, where `onething prepare` runs as the owner of the tables; "
            "`{service}` is the service's name. It is granted what a service does, and no UPDATE or DELETE of the log "
            "and the ledger",
            "none: services own their tables, and triggers alone refuse",
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
        int,
        _About("ONETHING_HTTP_PORT", "8080", "Port on which the gateway listens; 0 is any that is free"),
        Meta(ge=0, le=65_535),
    ] = 8080
    http_requests_per_second: Annotated[
        float,
        _About(
            "ONETHING_HTTP_REQUESTS_PER_SECOND",
            "50",
            "Requests that one caller may make in a second, on the average of ten seconds; 0 is no limit. Each process "
            "of the gateway counts for itself",
        ),
        Meta(ge=0, le=1_000_000),
    ] = 50.0
    http_requests_per_address: Annotated[
        float,
        _About(
            "ONETHING_HTTP_REQUESTS_PER_ADDRESS",
            "500",
            "The same for one network address, behind which a whole hall may be; 0 is no limit",
        ),
        Meta(ge=0, le=1_000_000),
    ] = 500.0
    http_connections_per_address: Annotated[
        int,
        _About(
            "ONETHING_HTTP_CONNECTIONS_PER_ADDRESS",
            "2000",
            "Connections at a time from one network address (of IPv6, one /64) to a process of the gateway, unless it "
            "is a proxy's; 0 is no limit",
        ),
        Meta(ge=0, le=1_000_000),
    ] = 1000
    http_feeds_per_caller: Annotated[
        int,
        _About(
            "ONETHING_HTTP_FEEDS_PER_CALLER",
            "200",
            "Live feeds that one person or program follows at a time at a process of the gateway; 0 is no limit",
        ),
        Meta(ge=0, le=1_000_000),
    ] = 100
    http_proxies: Annotated[
        tuple[str, ...],
        _About(
            "ONETHING_HTTP_PROXIES",
            "10.0.0.0/8",
            "Networks of the proxies whose `X-Forwarded-For` is believed, separated by `,`",
        ),
    ] = ()
    http_in_hand: Annotated[
        int,
        _About(
            "ONETHING_HTTP_IN_HAND",
            "512",
            "Requests that a process of the gateway works on at a time; more are told to come again",
        ),
        Meta(ge=1, le=100_000),
    ] = 512
    http_upload_bytes: Annotated[
        int,
        _About("ONETHING_HTTP_UPLOAD_BYTES", "20971520", "Most bytes of an uploaded file"),
        Meta(ge=1, le=10_737_418_240),
    ] = 20_971_520
    http_upload_hours: Annotated[
        float,
        _About(
            "ONETHING_HTTP_UPLOAD_HOURS",
            "72",
            "Hours after which an uploaded file is removed that no fact names; at least 25, as receipts hold for 24",
        ),
        Meta(ge=25, le=100_000),
    ] = 72.0
    webhook_networks: Annotated[
        tuple[str, ...],
        _About(
            "ONETHING_WEBHOOK_NETWORKS",
            "10.20.0.0/16",
            "Networks besides the public ones to which webhooks may be sent, separated by `,`",
        ),
    ] = ()
    webhook_ca_file: Annotated[
        str,
        _About(
            "ONETHING_WEBHOOK_CA_FILE",
            "/etc/onething/county-ca.pem",
            "PEM file of certificate authorities that subscribers' servers may have besides the machine's own",
        ),
    ] = ""
    webhook_hours: Annotated[
        float,
        _About(
            "ONETHING_WEBHOOK_HOURS",
            "72",
            "Hours from its first attempt after which a delivery that still fails is parked",
        ),
        Meta(ge=0, le=10_000),
    ] = 72.0
    reading_once_minutes: Annotated[
        float,
        _About(
            "ONETHING_READING_ONCE_MINUTES",
            "5",
            "Minutes within which the same reading of personal data by the same person for the same purpose is "
            "recorded once",
        ),
        Meta(ge=0, le=1440),
    ] = 5.0
    public_url: Annotated[
        str,
        _About(
            "ONETHING_PUBLIC_URL",
            "https://onething.example.org",
            "Where people find the gateway: scheme, host and port, without a path. People can sign in only there",
            "where it listens (embedded)",
        ),
        Meta(pattern=r"^(https?://[^/?#\s]+)?$"),
    ] = ""
    oidc_issuers: Annotated[
        tuple[str, ...],
        _About(
            "OIDC_ISSUERS",
            "https://id.example.org/realms/county https://id.citizens.example.org#applicant",
            "Who says who people are (OpenID Connect issuers, found by discovery), separated by blanks; after `#` the "
            "roles that an issuer may give, separated by `,`: without it all. The names of people of a second issuer "
            "begin with its host and path",
            "none: the development issuer (embedded, fictional regions)",
        ),
    ] = ()
    oidc_client_id: Annotated[
        str,
        _About("OIDC_CLIENT_ID", "onething-pages", "As which client the pages sign people in"),
        Meta(min_length=1),
    ] = "onething-pages"
    oidc_client_secret: Annotated[
        str,
        _About(
            "OIDC_CLIENT_SECRET",
            "file:/run/secrets/onething/oidc-client",
            "That client's secret, best as `file:` and the path of a file that holds it",
            "none: a public client, with PKCE alone",
        ),
    ] = ""
    oidc_scope: Annotated[
        str,
        _About("OIDC_SCOPE", "openid profile onething", "What the pages ask the issuer for"),
        Meta(pattern=r"^openid( .+)?$"),
    ] = "openid profile"
    oidc_audience: Annotated[
        str,
        _About("OIDC_AUDIENCE", "onething", "For whom a bearer token must be (`aud`)"),
        Meta(min_length=1),
    ] = "onething"
    oidc_claims: Annotated[
        str,
        _About(
            "OIDC_CLAIMS",
            "roles=realm_access.roles org=department",
            "Which claims hold what, where it is not a claim of the same name, separated by blanks: `by` (default "
            "`sub`), `name`, `org`, `halls`, `windows` (`hall/window`, or a window of the only hall), `roles`, "
            "`identifier` (citizen identity number or unified social credit code); a dot goes into an object",
            "as named",
        ),
        Meta(pattern=r"^((by|name|org|halls|windows|roles|identifier)=\S+(\s+|$))*$"),
    ] = ""
    session_idle_minutes: Annotated[
        int,
        _About("ONETHING_SESSION_IDLE_MINUTES", "20", "Minutes without a request after which somebody is signed out"),
        Meta(ge=1, le=1440),
    ] = 30
    session_hours: Annotated[
        int,
        _About("ONETHING_SESSION_HOURS", "9", "Hours after which somebody signs in again in any case"),
        Meta(ge=1, le=72),
    ] = 12
    development_issuer: Annotated[
        Literal["on", "off", ""],
        _About(
            "ONETHING_DEVELOPMENT_ISSUER",
            "off",
            "`on`: whoever comes may be anybody of the fictional county; embedded, for fictional regions only",
            "`on` (embedded, in a fictional region, where no issuer is set), `off` (everywhere else)",
        ),
    ] = ""
    people_file: Annotated[
        str,
        _About(
            "ONETHING_PEOPLE_FILE",
            "/etc/onething/people.yaml",
            "File with the people whom the development issuer knows",
            "those of the fictional county",
        ),
    ] = ""
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
    window_silence_seconds: Annotated[
        float,
        _About(
            "ONETHING_WINDOW_SILENCE_SECONDS",
            "45",
            "Seconds without a heartbeat of its desk after which a window counts as silent",
        ),
        Meta(ge=1, le=3600),
    ] = 45.0
    screen_sample: Annotated[
        float,
        _About(
            "ONETHING_SCREEN_SAMPLE",
            "0.1",
            "Share of what is sent to screens that is kept, between 0 and 1, to tell later what a screen showed",
        ),
        Meta(ge=0, le=1),
    ] = 1.0
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
            "what is kept: blind indexes, printed codes, webhooks' secrets",
            "`{data_dir}/secret.key`, made at first use (embedded)",
        ),
    ] = ""
    signing_key_file: Annotated[
        str,
        _About(
            "ONETHING_SIGNING_KEY_FILE",
            "/run/secrets/onething/signing-key",
            "File with a key of at least 64 hexadecimal digits a line, the same for all services; the roots of the "
            "keys of what passes: who stands behind a request, sessions, forms, receipts of uploads. The first line "
            "signs, every line is believed, so that a key can be rotated",
            "the secret key",
        ),
    ] = ""
    head_key_file: Annotated[
        str,
        _About(
            "ONETHING_HEAD_KEY_FILE",
            "/run/secrets/onething/head-key",
            "File for casefile alone with a key a line: 64 hexadecimal digits sign the heads of the tree over all "
            "facts, so does the word `secret-key`, the key that there is without this file; a public key as "
            "`onething ledger key` prints it is still known. The first line is the house's key",
            "derived from the secret key",
        ),
    ] = ""
    vault_kek: Annotated[
        str,
        _About(
            "VAULT_KEK",
            "file:/run/secrets/onething/vault-kek",
            "Where vault, and nobody else, finds the key that wraps the case keys: `file:` and a path, or "
            "`env:` and the name of a variable with 64 hexadecimal digits. Of several lines the first wraps, and "
            "each unwraps (`onething rewrap`)",
            "`file:{data_dir}/vault.kek`, made at first use (embedded)",
        ),
        Meta(pattern=r"^((file|env):.+)?$"),
    ] = ""
    feed_retention_hours: Annotated[
        float,
        _About(
            "ONETHING_FEED_RETENTION_HOURS",
            "72",
            "Hours that the live feed of a hall is kept; a subscriber who was away for longer begins with a snapshot",
        ),
        Meta(gt=0, le=8784),
    ] = 72.0
    head_seconds: Annotated[
        float,
        _About(
            "ONETHING_HEAD_SECONDS",
            "60",
            "Seconds between two signed heads of the tree over all facts, while facts arrive",
        ),
        Meta(ge=0.1, le=86_400),
    ] = 60.0
    witness_file: Annotated[
        str,
        _About(
            "ONETHING_WITNESS_FILE",
            "/mnt/witness/heads.txt",
            "File to whose end casefile writes each signed head, best where others keep it",
            "none: heads are told on the exchange `onething.witness` and can be read",
        ),
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
            "development_issuer": "on"
            if embedded and self.region.startswith("99") and not self.oidc_issuers
            else "off",
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
        values = msgspec.structs.asdict(self) | ({"oidc_client_secret": "***"} if self.oidc_client_secret else {})
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
        by_service = self.database_url.startswith("file:")
        if self.database_url and not by_service and not self.database_url.startswith(databases):
            yield _error(abouts["database_url"], f"must begin with {' or '.join(databases)}")
        if self.contents_url and not self.contents_url.startswith(("file:///", "s3://")):
            yield _error(abouts["contents_url"], "must begin with file:/// or s3://")
        if self.clock == "simulated" and not self.region.startswith("99"):
            yield _error(abouts["clock"], f"region {self.region} is real, and so is its time")
        yield from self._network_contradictions(abouts)
        yield from self._identity_contradictions(abouts)
        if self.calendar_file:
            try:
                WorkingCalendar.official(Path(self.calendar_file))
            except (ValueError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not a calendar"
                yield _error(abouts["calendar_file"], f"there is no calendar to be read ({reason})")
        for directory in self.catalogue_dirs:
            if not Path(directory).is_dir():
                yield _error(abouts["catalogue_dirs"], f"there is no directory {directory!r}")
        for name in ("secret_key_file", "signing_key_file", "head_key_file"):
            path = getattr(self, name)
            if path and not Path(path).is_file() and (cluster or name != "secret_key_file"):
                yield _error(abouts[name], f"there is no file {path!r}")

    def _network_contradictions(self, abouts: dict[str, "_About"]) -> Iterator[ConfigurationError]:
        for name in ("http_proxies", "webhook_networks"):
            if wrong := [each for each in getattr(self, name) if not _is_network(each)]:
                yield _error(abouts[name], f"{wrong[0]!r} is no network")
        if self.webhook_ca_file:
            try:
                ssl.create_default_context(cafile=self.webhook_ca_file)
            except OSError as error:  # of the file, or of what is in it
                yield _error(abouts["webhook_ca_file"], f"its certificates cannot be read ({error.strerror})")

    def _identity_contradictions(self, abouts: dict[str, "_About"]) -> Iterator[ConfigurationError]:
        cluster = self.profile == "cluster"
        if self.development_issuer == "on" and (cluster or not self.region.startswith("99")):
            yield _error(abouts["development_issuer"], "only the embedded profile of a fictional region may have it")
        for issuer in self.oidc_issuers:
            if not re.match(r"https://[^/?#\s]+" if cluster else r"https?://[^/?#\s]+", issuer):
                yield _error(abouts["oidc_issuers"], f"must begin with {'https://' if cluster else 'http(s)://'}")
        if cluster and self.public_url.startswith("http://"):
            yield _error(abouts["public_url"], "must begin with https://")
        if self.people_file and not Path(self.people_file).is_file():
            yield _error(abouts["people_file"], f"there is no file {self.people_file!r}")

    def database_url_for(self, service: str) -> str:
        """The SQLAlchemy address of a service's database. Raises ConfigurationErrors when its file cannot be read."""
        address = self.database_url.replace("{service}", service)
        if not address.startswith("file:"):
            return address
        try:
            return Path(address.removeprefix("file:")).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationErrors((self._wrong("database_url", _plain(error)),)) from error

    def for_service(self, service: str) -> dict[str, Any]:
        """What nameko calls the config of a service; ``config["settings"]`` are these settings."""
        return {
            "AMQP_URI": self.amqp_uri,
            "max_workers": self.max_workers,
            "service": service,
            "settings": self,
        }

    def derived_key(self, purpose: str) -> bytes:
        """32 bytes that only this installation knows, others for every purpose; they stay for ever."""
        secret = self._secret("secret_key_file", Path(self.secret_key_file))
        if len(secret) < _KEY_BYTES:
            raise ConfigurationErrors((self._wrong("secret_key_file", "holds fewer than 32 bytes"),))
        return _derived(secret, purpose)

    def index_key(self) -> bytes:
        """The key of blind indexes (``eventing.keyring``)."""
        return self.derived_key("blind index")

    def signing_keys(self, purpose: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes for what passes: the first makes, each is believed. Keys can be rotated."""
        if not self.signing_key_file:
            return (self.derived_key(purpose),)
        roots = _keys_in(self._secret("signing_key_file", Path(self.signing_key_file)))
        if not roots or any(len(root) < _KEY_BYTES for root in roots):
            raise ConfigurationErrors((self._wrong("signing_key_file", "holds a key of fewer than 32 bytes"),))
        return tuple(_derived(root, purpose) for root in roots)

    def context_keys(self) -> tuple[bytes, ...]:
        """The keys that sign who stands behind a request (``eventing.signing``)."""
        return self.signing_keys("caller context")

    def head_keys(self) -> tuple[bytes | str, ...]:
        """Seeds of keys that sign heads of the tree over all facts, and public keys of such as did: for casefile."""
        derived = self.derived_key("tree heads")
        if not self.head_key_file:
            return (derived,)
        lines = self._secret("head_key_file", Path(self.head_key_file), raw=True).decode(errors="replace").split()
        keys = tuple(derived if line == "secret-key" else _unhexed(line) or line for line in lines)
        if not keys or any(len(key) != _KEY_BYTES if isinstance(key, bytes) else "+" not in key for key in keys):
            raise ConfigurationErrors((self._wrong("head_key_file", "has a line that is no key"),))
        return keys

    def keks(self) -> tuple[bytes, ...]:
        """The keys of 32 bytes that unwrap the case keys, the first of which wraps them; for vault alone."""
        kind, _, place = self.vault_kek.partition(":")
        text = os.environ.get(place, "").encode() if kind == "env" else b""
        if kind == "file":
            text = self._secret("vault_kek", Path(place))
        keys = _keys_in(text)
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise ConfigurationErrors((self._wrong("vault_kek", "does not lead to a key of 32 bytes"),))
        return keys

    def _secret(self, name: str, path: Path, *, raw: bool = False) -> bytes:
        """A key file's bytes (hexadecimal digits are read, unless ``raw``); the embedded profile makes it at first use.

        A file of several keys is given as it is (``_keys_in``).
        """
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
        return content if raw else _unhexed(content.decode("latin-1").strip()) or content

    def _wrong(self, name: str, problem: str) -> ConfigurationError:
        return _error(next(about for known, _, about in _fields(type(self)) if known == name), problem)


_KEY_BYTES = 32
_BY_FILE = ("amqp_uri", "database_url", "oidc_client_secret")


def _derived(root: bytes, purpose: str) -> bytes:
    return hmac.digest(root, purpose.encode(), "sha256")


def _unhexed(text: str) -> bytes:
    """The bytes of hexadecimal digits; none where it is something else."""
    return bytes.fromhex(text) if re.fullmatch(r"([0-9a-fA-F]{2})+", text) else b""


def _keys_in(content: bytes) -> tuple[bytes, ...]:
    """The keys of a file: one for each line of hexadecimal digits, or all of its bytes."""
    found = [_unhexed(line) for line in content.decode("latin-1").split()]
    return tuple(found) if all(found) else (content,)


def without_password(address: str) -> str:
    """An address that may be logged."""
    return re.sub(r"(://[^:/?#@]*):.*@", r"\1:***@", address)


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


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
    if name in _BY_FILE and isinstance(value, str) and value.startswith("file:") and "{service}" not in value:
        value = Path(value.removeprefix("file:")).read_text(encoding="utf-8").strip()
    if name == "catalogue_dirs" and isinstance(value, str):
        value = [part for part in value.split(os.pathsep) if part]
    if name in {"http_proxies", "webhook_networks"} and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if name == "oidc_issuers" and isinstance(value, str):
        value = value.split()
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
