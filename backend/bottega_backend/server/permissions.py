"""What a visit may do: every handler names the permissions of which it needs one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Generic, TypeVar

H = TypeVar("H", bound=Callable[..., Awaitable[None]])


class Permission(Enum):
    """ARTIST is whoever has proved an account's token, INVITED whoever has proved an invitation."""

    ARTIST = "artist"
    INVITED = "invited"


ARTISTS = frozenset({Permission.ARTIST})
INVITED = frozenset({Permission.INVITED})
EVERY_VISIT = frozenset(Permission)

INVITATION = "invitation:"
"""What the account of an invitation begins with; no artist's name may."""


def permissions_of(account: str) -> frozenset[Permission]:
    """What whoever has proved this account may do."""
    return INVITED if account.startswith(INVITATION) else ARTISTS


@dataclass(frozen=True)
class Rule(Generic[H]):
    """A handler and who may have it called: a visit that has one of `needs`.

    Raises TypeError where nothing is needed: forgetting a permission must not open a door.
    """

    needs: frozenset[Permission]
    handler: H

    def __post_init__(self) -> None:
        declared = isinstance(self.needs, frozenset) and self.needs
        if not declared or not all(isinstance(need, Permission) for need in self.needs):
            raise TypeError(f"{self.handler} declares no permission")

    def allows(self, permissions: frozenset[Permission]) -> bool:
        """Whether a visit with these permissions may."""
        return not self.needs.isdisjoint(permissions)


def table(rules: Mapping[type, Rule[H]]) -> Mapping[type, Rule[H]]:
    """A table that stays as it is; raises TypeError for an entry that is no Rule."""
    for kind, rule in rules.items():
        if not isinstance(rule, Rule):
            raise TypeError(f"{kind.__name__} has a handler without a permission")
    return MappingProxyType(dict(rules))
