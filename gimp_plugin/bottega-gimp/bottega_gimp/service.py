"""The procedure that lives as long as GIMP, and the menu entry that opens its window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .gimp import Gimp, GLib

if TYPE_CHECKING:
    from .window import BottegaWindow

SERVICE = "bottega-service"
OPEN = "bottega-window"


class Service:
    """Holds the one window, once it has been asked for: a batch run has no screen."""

    def __init__(self) -> None:
        self._window: BottegaWindow | None = None

    def run(self, procedure: Gimp.Procedure, *_: Any) -> Gimp.ValueArray:
        """Put up the menu entry and wait for clicks until GIMP ends."""
        plugin = procedure.get_plug_in()
        plugin.add_temp_procedure(self._opener(plugin))
        procedure.persistent_ready()
        plugin.persistent_enable()
        GLib.MainLoop().run()
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)

    def _opener(self, plugin: Gimp.PlugIn) -> Gimp.Procedure:
        opener = Gimp.ImageProcedure.new(plugin, OPEN, Gimp.PDBProcType.TEMPORARY, self._open, None)
        opener.set_image_types("*")
        opener.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.ALWAYS)
        opener.set_menu_label("_Bottega window")
        opener.add_menu_path("<Image>/Filters/Bottega")
        opener.set_documentation("Opens the window that stays open while you paint", None, OPEN)
        opener.set_attribution("The Bottega authors", "Apache-2.0", "2025")
        return opener

    def _open(self, procedure: Gimp.Procedure, *call: Any) -> Gimp.ValueArray:
        from .window import make_window  # noqa: PLC0415  # needs a screen

        _, image, *_ = call
        if self._window is None:
            self._window = make_window()
        self._window.open(image)
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)


def make_service(plugin: Gimp.PlugIn) -> Gimp.Procedure:
    """GIMP's own object for the procedure that it starts by itself."""
    procedure = Gimp.Procedure.new(
        plugin, SERVICE, Gimp.PDBProcType.PERSISTENT, Service().run, None
    )
    # What is placed from the window is one step of undo, and this is what GIMP calls it.
    procedure.set_menu_label("Bottega")
    procedure.set_documentation("Keeps the Bottega window", None, SERVICE)
    procedure.set_attribution("The Bottega authors", "Apache-2.0", "2025")
    return procedure
