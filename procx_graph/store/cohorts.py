"""Cohort statistics: what scoring one customer needs to know of all the others."""

from datetime import datetime

from sqlalchemy import insert, select

from procx_graph.errors import StoreError
from procx_graph.store.database import Store
from procx_graph.store.schema import cohorts


class Cohorts:
    """Statistics of bases by their version, each kept once."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def keep(
        self, version: str, as_of: datetime, profile_hash: str, fingerprint: str, payload: bytes
    ) -> None:
        """Keep the statistics of a base; keeping the same ones again changes nothing.

        Args:
            version: Hash of the payload's content.
            as_of: The moment of the base; naive is UTC.
            profile_hash: Of the profile they were made with.
            fingerprint: Of the data.
            payload: What `Cohort.to_bytes` gives.

        Raises:
            StoreError: The version is kept with another payload, or the store cannot be written.
        """
        values = {
            "version": version,
            "as_of": as_of,
            "profile_hash": profile_hash,
            "fingerprint": fingerprint,
            "payload": payload,
        }
        same = select(cohorts.c.payload).where(cohorts.c.version == version)
        with self.store.writing() as connection:
            if connection.dialect.name == "postgresql":
                from sqlalchemy.dialects.postgresql import insert as insert_or_not

                unless = insert_or_not(cohorts).on_conflict_do_nothing(index_elements=["version"])
                connection.execute(unless.values(values))
            elif connection.scalar(same) is None:
                connection.execute(insert(cohorts).values(values))
            if connection.scalar(same) != payload:
                raise StoreError(f"cohort {version!r} is kept with another content")

    def get(self, version: str) -> bytes:
        """Give the statistics of one version.

        Raises:
            StoreError: It is not kept here.
        """
        with self.store.reading() as connection:
            found = connection.scalar(select(cohorts.c.payload).where(cohorts.c.version == version))
        if found is None:
            raise StoreError(f"the store {self.store.name} has no cohort {version!r}")
        return bytes(found)

    def latest_version(self, profile_hash: str) -> str | None:
        """Give the version of the statistics that `latest` gives; None when there are none."""
        query = select(cohorts.c.version).where(cohorts.c.profile_hash == profile_hash)
        newest = query.order_by(cohorts.c.as_of.desc(), cohorts.c.id.desc()).limit(1)
        with self.store.reading() as connection:
            return connection.scalar(newest)

    def latest(self, profile_hash: str, fingerprint: str | None = None) -> bytes:
        """Give the statistics of the latest moment made with a profile.

        Args:
            profile_hash: Of the profile.
            fingerprint: Of the data; any when not given.

        Raises:
            StoreError: There are none.
        """
        query = select(cohorts.c.payload).where(cohorts.c.profile_hash == profile_hash)
        if fingerprint is not None:
            query = query.where(cohorts.c.fingerprint == fingerprint)
        newest = query.order_by(cohorts.c.as_of.desc(), cohorts.c.id.desc()).limit(1)
        with self.store.reading() as connection:
            found = connection.scalar(newest)
        if found is None:
            of_data = "" if fingerprint is None else f" of data {fingerprint}"
            raise StoreError(
                f"the store {self.store.name} has no cohort for profile {profile_hash}{of_data}: "
                "record a scan made with it, `procx score --store PLACE`"
            )
        return bytes(found)
