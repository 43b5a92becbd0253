"""The plug-in as GIMP knows it: it lists its procedures and makes the one that is called."""

from __future__ import annotations

from collections.abc import Sequence

from .gimp import Gimp
from .procedures import PROCEDURES, make_procedure
from .service import SERVICE, make_service


class Bottega(Gimp.PlugIn):  # type: ignore[misc]  # gi has no types
    """Asked by GIMP once for what there is, then started anew for every call; one stays."""

    def do_set_i18n(self, _name: str) -> bool:
        """No translations yet."""
        return False

    def do_query_procedures(self) -> list[str]:
        """The names of what this plug-in can do."""
        return [*PROCEDURES, SERVICE]

    def do_create_procedure(self, name: str) -> Gimp.Procedure:
        """One of them, with its menu entry and its arguments."""
        if name == SERVICE:
            return make_service(self)
        return make_procedure(self, PROCEDURES[name])


def main(argv: Sequence[str]) -> None:
    """Talk to the GIMP that started this script."""
    Gimp.main(Bottega.__gtype__, list(argv))
