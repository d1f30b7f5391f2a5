"""Changes of the catalog's tables, run by Alembic when a catalog is opened. A released one is never changed."""
