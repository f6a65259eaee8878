"""RabbitMQ and PostgreSQL beside the lab, with the users, roles and rights that the chart `platform` declares."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import yaml

from testkit.certificates import Authority
from testkit.process import LOOPBACK, Process
from testkit.servers import PostgreSQL, RabbitMQ

from .lab import HOST, eventually

PLATFORM = Path(__file__).parents[2] / "charts" / "platform"
PASSWORD = "in-the-lab"
PODS = "10.244.0.0/16"
S3 = 9000
RIGHTS = ("login", "superuser", "createdb", "createrole", "inherit", "replication", "bypassrls")


def platform() -> list[dict[str, Any]]:
    """What the chart of the engines declares."""
    done = subprocess.run(
        ["helm", "template", "rel", PLATFORM, f"--values={PLATFORM / 'values-production.yaml'}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [each for each in platform() if each["kind"] == kind]


class Engines:
    """What `onething` is installed against. They listen on loopback; pods find them at the host's address, over TLS."""

    def __init__(self, directory: Path) -> None:
        self.authority = Authority(directory, "county")
        identity = self.authority.identity("engines", hosts=(HOST, LOOPBACK))
        self.broker, self.database = RabbitMQ(identity), PostgreSQL(identity)
        self.store = Process(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(S3)],
            directory / "moto.log",
            env=dict(os.environ),
            directory=directory,
        )

    def start(self) -> None:
        """Starts them, with everything that the platform chart declares, and lets pods in."""
        (cluster,) = of_kind("Cluster")
        roles = {each["name"]: each for each in cluster["spec"]["managed"]["roles"]}
        self.roles = list(roles)
        definitions = self.broker.directory / "definitions.json"
        definitions.write_text(json.dumps(self._definitions()))
        with (self.broker.directory / "rabbitmq.conf").open("a") as configuration:
            configuration.write(f"load_definitions = {definitions}\n")
        self.broker.start()
        self.database.start()
        for name, role in roles.items():
            rights = " ".join(f"{'' if role[right] else 'NO'}{right.upper()}" for right in RIGHTS)
            self.sql(f"CREATE ROLE {name} {rights} PASSWORD '{PASSWORD}'")
        for each in of_kind("Database"):
            spec = each["spec"]
            self.sql(f"CREATE DATABASE {spec['name']} OWNER {spec['owner']} TEMPLATE template0")
        with (self.database.data / "pg_hba.conf").open("a") as rules:
            for rule in cluster["spec"]["postgresql"]["pg_hba"]:
                rules.write(re.sub(r"\ball (scram-sha-256|reject)$", rf"{PODS} \1", rule) + "\n")
        self.sql("SELECT pg_reload_conf()")
        self.store.start()
        eventually(self._bucket, "the bucket is there")
        for port in (self.broker.tls_port, self.database.port, S3):  # the same, as policies are asked about it later
            subprocess.run(
                f"iptables -t nat -A PREROUTING -d {HOST} -p tcp --dport {port} -j DNAT --to {LOOPBACK}:{port}".split(),
                check=True,
            )

    def stop(self) -> None:
        """Ends them."""
        self.store.terminate(timeout=10)
        self.broker.stop()
        self.database.stop()

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What PostgreSQL answers its superuser."""
        program = str(self.database._programs / "psql")
        done = subprocess.run(
            [program, "-h", "127.0.0.1", "-p", str(self.database.port), "-U", "onething", "-Atc", statement, database],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _definitions(self) -> dict[str, Any]:
        """Users, virtual host and permissions, as RabbitMQ reads them."""
        users = [each["spec"]["importCredentialsSecret"]["name"].rpartition("-")[2] for each in of_kind("User")]
        (vhost,) = of_kind("Vhost")
        salt = b"salt"
        sum_ = base64.b64encode(salt + hashlib.sha256(salt + PASSWORD.encode()).digest()).decode()
        return {
            "users": [
                {"name": user, "password_hash": sum_, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}
                for user in users
            ],
            "vhosts": [{"name": vhost["spec"]["name"]}],
            "permissions": [
                {
                    "user": each["spec"]["userReference"]["name"].rpartition("-")[2],
                    "vhost": each["spec"]["vhost"],
                    **each["spec"]["permissions"],
                }
                for each in of_kind("Permission")
            ],
        }

    def _bucket(self) -> bool:
        request = urllib.request.Request(f"http://127.0.0.1:{S3}/onething", method="PUT")
        try:
            return urllib.request.urlopen(request, timeout=5).status == 200  # noqa: S310 - loopback
        except urllib.error.HTTPError as error:
            return error.code == 409
