"""Alembic's environment: the connection is handed in by ``eventing.prepare``."""

from alembic import context

from eventing.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
