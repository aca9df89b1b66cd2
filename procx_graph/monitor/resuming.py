"""Whether a scan can be resumed here: with the same rules, on the same base."""

from procx_graph.base import CustomerBase
from procx_graph.domain.policy import Policy
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.store.scans import ScanRecord


def require_same(
    record: ScanRecord, *, base: CustomerBase, profile: Profile, policy: Policy
) -> str | None:
    """Refuse to go on with a scan under other rules or on another base.

    Args:
        record: The scan.
        base: The base at hand.
        profile: The profile at hand.
        policy: The policy at hand.

    Returns:
        What differs without being in the way: the data has changed, so that those who are left
        are judged by what is known of them now. `None` when nothing does.

    Raises:
        ConfigError: Profile, policy or base is another one, or the same seen from elsewhere.
    """
    _require("profile", record.profile_name, record.profile_hash, profile)
    _require("policy", record.policy_name, record.policy_hash, policy)
    if record.fingerprint == base.fingerprint:
        if record.as_of != base.as_of:
            raise ConfigError(
                f"the scan {record.scan_id!r} looked from {record.as_of:%Y-%m-%d %H:%M:%S} UTC, "
                f"and this base is seen from {base.as_of:%Y-%m-%d %H:%M:%S}: open it as of then"
            )
        return None
    if record.base_name != base.name:
        raise ConfigError(
            f"the scan {record.scan_id!r} was started on {record.base_name}, not on {base.name}: "
            "name the source it was started on"
        )
    return (
        f"the data of {base.name} has changed since the scan {record.scan_id!r} was started: those "
        "who are left are judged by what is known now"
    )


def _require(kind: str, name: str, hash_: str, given: Profile | Policy) -> None:
    if given.hash != hash_:
        told = f"{given.name} ({given.hash})"
        raise ConfigError(
            f"the scan was started with the {kind} {name} ({hash_}), not with {told}: resume it "
            f"with the same {kind}"
        )
