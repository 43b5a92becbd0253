"""A dialog for a server that can't be found by itself: an invitation, or address and token."""

from __future__ import annotations

from bottega_client.invitation import looks_like_invitation
from bottega_client.words import INVITATION_OR_ADDRESS, TOKEN_FOR_ADDRESS, WHY_CONNECT
from bottega_krita.qt import QtWidgets

from .form import Form
from .words import Words

WIDE = 40
"""Letters of a field that are seen at once; an invitation has more."""


class AddressDialog(QtWidgets.QDialog):
    """Ask it with `exec()`; then read `typed()` and `token()`."""

    def __init__(self, parent: QtWidgets.QWidget, url: str) -> None:
        super().__init__(parent)
        self.setObjectName("bottega_connect")
        self.setWindowTitle("Connect to a server")
        why = Words("bottega_connect_why", "Explanation")
        why.say(WHY_CONNECT)
        self._url = _field("bottega_url", INVITATION_OR_ADDRESS, "bottega://…")
        self._url.setText(url)
        self._token = _field("bottega_token", TOKEN_FOR_ADDRESS, "")
        self._token.setEchoMode(QtWidgets.QLineEdit.EchoMode.Password)
        form = Form()
        form.add(INVITATION_OR_ADDRESS, self._url)
        form.add(TOKEN_FOR_ADDRESS, self._token)
        self._url.textChanged.connect(self._show_need)
        kinds = QtWidgets.QDialogButtonBox.StandardButton
        buttons = QtWidgets.QDialogButtonBox(kinds.Ok | kinds.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QtWidgets.QVBoxLayout(self)
        for part in (why, form, buttons):
            column.addWidget(part)
        self.resize(24 * self.fontMetrics().averageCharWidth() * 2, self.sizeHint().height())

    def typed(self) -> str:
        """An invitation or an address, empty for this computer's own server."""
        return str(self._url.text()).strip()

    def token(self) -> str:
        """What proves who asks."""
        return str(self._token.text()).strip()

    def _show_need(self, typed: str) -> None:
        """An invitation brings its own proof."""
        self._token.setEnabled(not looks_like_invitation(typed))


def _field(name: str, title: str, hint: str) -> QtWidgets.QLineEdit:
    field = QtWidgets.QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(title)
    field.setPlaceholderText(hint)
    field.setMinimumWidth(WIDE * field.fontMetrics().averageCharWidth())
    return field
