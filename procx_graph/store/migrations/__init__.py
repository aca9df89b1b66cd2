"""How the tables of the store came to be; Alembic runs it from inside the package."""
