"""RabbitMQ and PostgreSQL as images, made of Debian's packages, that take what the composition tells them.

They have the names of the registry's own images, and as much of their interface as the composition uses.
"""

import subprocess
from pathlib import Path

from .conftest import ROOT, Podman

ENGINES = "localhost/engines:12"
PACKAGES = ("ca-certificates", "rabbitmq-server", "postgresql")

BROKER = f"""\
FROM {ENGINES}
USER rabbitmq
ENV HOME=/var/lib/rabbitmq
ENTRYPOINT ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
"""

DATABASE = f"""\
FROM {ENGINES}
COPY entrypoint /entrypoint
RUN install -d -o postgres -g postgres /var/lib/postgresql/data /var/run/postgresql
USER postgres
VOLUME /var/lib/postgresql/data
ENTRYPOINT ["/entrypoint"]
"""

ENTRYPOINT = """\
#!/bin/sh
set -eu
data=/var/lib/postgresql/data
cd /usr/lib/postgresql/*/bin
export PGPASSWORD="$POSTGRES_PASSWORD"
if [ ! -s $data/PG_VERSION ]; then
    echo "$POSTGRES_PASSWORD" > /tmp/password
    ./initdb -D $data -U "$POSTGRES_USER" --pwfile=/tmp/password -A scram-sha-256 $POSTGRES_INITDB_ARGS
    echo "host all all all scram-sha-256" >> $data/pg_hba.conf
    ./pg_ctl -D $data -o "-c listen_addresses=''" -w start
    for each in /docker-entrypoint-initdb.d/*.sql; do
        ./psql -U "$POSTGRES_USER" -d postgres -v ON_ERROR_STOP=1 -f "$each"
    done
    ./pg_ctl -D $data -w stop
fi
shift
exec ./postgres -D $data -c 'listen_addresses=*' "$@"
"""


def build(podman: Podman, images: dict[str, str]) -> None:
    """Makes the images: engine → its name in the composition. Raises CalledProcessError where there are no packages."""
    packed = ROOT / ".tox" / "image-engines.tar"
    if not packed.exists():
        half = packed.with_suffix(".half.tar")
        subprocess.run(
            ["mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", "bookworm", half],
            check=True,
            capture_output=True,
        )
        half.rename(packed)
    podman("import", "--quiet", str(packed), ENGINES)
    for engine, recipe in {"rabbitmq": BROKER, "postgresql": DATABASE}.items():
        context = Path(podman.directory, engine)
        context.mkdir()
        (context / "Dockerfile").write_text(recipe)
        entrypoint = context / "entrypoint"
        entrypoint.write_text(ENTRYPOINT)
        entrypoint.chmod(0o755)
        podman("build", "--quiet", "--network=none", f"--tag={images[engine]}", str(context))
