"""A dialog for a server that can't be found by itself: its address and its token."""

from __future__ import annotations

from bottega_krita.qt import QtWidgets

from .form import Form
from .words import Words

WHY = (
    "Bottega finds the server of this computer by itself. For one in a container, on another "
    "computer, or if this program runs in a sandbox, paste its address and its token: both stand "
    "in server.json in the server's data folder. "
    "Leave the address empty to look on this computer again."
)


class AddressDialog(QtWidgets.QDialog):
    """Ask it with `exec()`; then read `url()` and `token()`."""

    def __init__(self, parent: QtWidgets.QWidget, url: str) -> None:
        super().__init__(parent)
        self.setObjectName("bottega_connect")
        self.setWindowTitle("Connect to a server")
        why = Words("bottega_connect_why", "Explanation")
        why.say(WHY)
        self._url = _field("bottega_url", "Address", "ws://192.168.1.20:8765")
        self._url.setText(url)
        self._token = _field("bottega_token", "Token", "")
        self._token.setEchoMode(QtWidgets.QLineEdit.EchoMode.Password)
        form = Form()
        form.add("Address", self._url)
        form.add("Token", self._token)
        kinds = QtWidgets.QDialogButtonBox.StandardButton
        buttons = QtWidgets.QDialogButtonBox(kinds.Ok | kinds.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QtWidgets.QVBoxLayout(self)
        for part in (why, form, buttons):
            column.addWidget(part)
        self.resize(24 * self.fontMetrics().averageCharWidth() * 2, self.sizeHint().height())

    def url(self) -> str:
        """Where the server listens, empty for this computer's own."""
        return str(self._url.text()).strip()

    def token(self) -> str:
        """What proves who asks."""
        return str(self._token.text()).strip()


def _field(name: str, title: str, hint: str) -> QtWidgets.QLineEdit:
    field = QtWidgets.QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(title)
    field.setPlaceholderText(hint)
    return field
