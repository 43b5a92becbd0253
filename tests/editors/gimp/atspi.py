"""A hand on a running program's widgets, by their accessible names; run inside the editor's room.

`python3 atspi.py VERB APPLICATION ...` prints JSON. Every look is a new process, because libatspi
keeps half-built windows in its cache.
"""

import json
import sys
import warnings

import gi

warnings.simplefilter("ignore")
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402  # after the version

STATES = ("SENSITIVE", "SHOWING", "CHECKED", "FOCUSED", "EXPANDED")


def children(node):
    """What lies in a node; widgets come and go while we look."""
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child


def walk(node):
    try:
        inner = list(children(node))
    except GLib.Error:
        return
    yield node
    for child in inner:
        yield from walk(child)


def nodes(application):
    for app in children(Atspi.get_desktop(0)):
        if application in (app.get_name() or ""):
            yield from walk(app)


def states(node):
    held = node.get_state_set()
    return [name for name in STATES if held.contains(getattr(Atspi.StateType, name))]


def fits(node, role, name):
    """Whether a node has this role, and this as its name or description."""
    try:
        return node.get_role_name() == role and name in (node.get_name(), node.get_description())
    except GLib.Error:
        return False


def find(application, role, name):
    """One that can be seen, if there is; menu items can't before their menu is open."""
    found = [node for node in nodes(application) if fits(node, role, name)]
    return next((node for node in found if "SHOWING" in states(node)), (found or [None])[0])


def click(application, role, name):
    node = find(application, role, name)
    if node is None or "SENSITIVE" not in states(node):
        return None
    return node.get_action_iface().do_action(0)


def text(application, name, value):
    node = find(application, "text", name)
    return node and node.get_editable_text_iface().set_text_contents(value)


def value(application, name, number):
    node = find(application, "spin button", name)
    return node and node.get_value_iface().set_current_value(float(number))


def choose(application, name, option):
    combo = find(application, "combo box", name)
    for node in walk(combo) if combo else ():
        if node.get_role_name() == "menu item" and node.get_name() == option:
            return node.get_action_iface().do_action(0)
    return None


def turn(application, page):
    """Bring a page of tabs to the front; its name may begin with the words given."""
    for node in nodes(application):
        if node.get_role_name() == "page tab list":
            for index, tab in enumerate(children(node)):
                if (tab.get_name() or "").startswith(page):
                    return node.get_selection_iface().select_child(index)
    return None


def select(application, name, index):
    """Choose a line of a list."""
    node = find(application, "list box", name)
    return node and node.get_selection_iface().select_child(int(index))


def focus(application, role, name):
    node = find(application, role, name)
    return node and node.get_component_iface().grab_focus()


def focused(application):
    """The name of the widget that has the keyboard."""
    held = (node for node in nodes(application) if "FOCUSED" in states(node))
    return next((node.get_name() for node in held if node.get_role_name() != "frame"), None)


def look(application, role, name):
    """A widget's text or name, its states and its value."""
    node = find(application, role, name)
    if node is None:
        return None
    # The interfaces are the node itself, whose own methods of the same name differ.
    length = Atspi.Text.get_character_count(node) if node.get_text_iface() else 0
    return {
        "text": Atspi.Text.get_text(node, 0, length) if length else node.get_name(),
        "states": states(node),
        "value": Atspi.Value.get_current_value(node) if node.get_value_iface() else None,
    }


def names(application, role):
    return [node.get_name() for node in nodes(application) if node.get_role_name() == role]


def applications():
    return [app.get_name() for app in children(Atspi.get_desktop(0))]


def tree(application):
    """Everything, for people who look for a name."""
    return [(node.get_role_name(), node.get_name(), states(node)) for node in nodes(application)]


VERBS = {
    verb.__name__: verb
    for verb in (
        click,
        text,
        value,
        choose,
        turn,
        select,
        focus,
        focused,
        look,
        names,
        applications,
        tree,
    )
}

if __name__ == "__main__":
    Atspi.init()
    sys.stdout.write(json.dumps(VERBS[sys.argv[1]](*sys.argv[2:])) + "\n")
