"""What Alembic runs: the revisions, on the connection and in the transaction it is handed."""

from alembic import context

from procx_graph.store.schema import VERSIONS, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSIONS,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
