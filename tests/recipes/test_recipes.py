"""The recipes in packaging/: what they start exists, and what they promise is in them."""

import configparser
import plistlib
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command

from bottega_backend.cli.main import application
from bottega_backend.server import metrics

PACKAGING = Path(__file__).parents[2] / "packaging"
UNIT = PACKAGING / "systemd" / "bottega.service"
TASK = PACKAGING / "windows" / "bottega.xml"
AGENT = PACKAGING / "macos" / "bottega.plist"
CONTAINER = PACKAGING / "container" / "Containerfile"
ALERTS = PACKAGING / "prometheus" / "bottega-alerts.yml"
AT_A_SCRAPE = {
    "bottega_jobs",
    "bottega_connections",
    "bottega_artists",
    "bottega_upload_bytes",
    "bottega_disk_free_bytes",
    "bottega_draining",
}
"""Figures of the moment (server/health.py), which only a server has."""


def service():
    """The unit's settings; of one that stands there several times the last."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT, encoding="utf-8")
    return unit["Service"]


def of_windows():
    """The arguments of the task."""
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    task = ET.parse(TASK).getroot()  # noqa: S314  # our own file
    return ["bottega", *task.findtext(".//t:Arguments", namespaces=space).split()]


def of_container():
    """What the image runs."""
    (line,) = re.findall(r"^CMD (\[.*\])$", CONTAINER.read_text(), re.MULTILINE)
    return ["bottega", *yaml.safe_load(line)]


STARTED = {
    "systemd": lambda: shlex.split(service()["ExecStart"]),
    "systemd, stop": lambda: shlex.split(service()["ExecStop"]),
    "windows": of_windows,
    "macos": lambda: plistlib.loads(AGENT.read_bytes())["ProgramArguments"],
    "container": of_container,
}


@pytest.mark.parametrize("recipe", STARTED)
def test_what_a_recipe_starts_is_a_command_of_ours(recipe):
    """With options that there are."""
    program, command, *words = STARTED[recipe]()
    assert Path(program).name == "bottega"
    parser = get_command(application([command]))
    options = {option for entry in _parameters(parser, command) for option in entry.opts}
    assert {word for word in words if word.startswith("--")} <= options


def _parameters(parser, command):
    return getattr(parser, "commands", {command: parser})[command].params


def test_the_unit_has_the_smallest_rights():
    """A user of its own, one folder to write to, no capability; time enough to drain."""
    unit = service()
    assert unit["User"] not in ("", "root")
    assert (unit["CapabilityBoundingSet"], unit["NoNewPrivileges"]) == ("", "yes")
    assert (unit["ProtectSystem"], unit["ProtectHome"], unit["UMask"]) == ("strict", "yes", "0077")
    assert unit["Environment"].endswith(f"/{unit['StateDirectory']}")
    drained = int(shlex.split(unit["ExecStop"])[-1])
    assert int(unit["TimeoutStopSec"]) > drained


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd's own checker")
def test_systemd_understands_the_unit(tmp_path):
    """Its checker has nothing to say, once the program is there."""
    program = tmp_path / "bottega"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/bottega/bin/bottega", str(program)))
    told = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_the_container_is_nobody_special():
    """No root, one volume, a port that says how it is."""
    text = CONTAINER.read_text()
    (user,) = re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE)
    assert int(user) > 1000
    assert re.findall(r"^VOLUME (.*)$", text, re.MULTILINE) == ["/data"]
    assert "/health" in text
    lines = re.findall(r"^COPY (.*)$", text, re.MULTILINE)
    copied = {word for line in lines for word in line.split()[:-1]}
    assert all((PACKAGING.parent / name).exists() for name in copied)


def known():
    """Every name that /metrics may tell."""
    families = list(text_string_to_metric_families(generate_latest(metrics.REGISTRY).decode()))
    counted = {sample.name for family in families for sample in family.samples}
    # One with labels has no sample before it has counted something.
    return counted | {f"{family.name}_total" for family in families} | AT_A_SCRAPE


def test_alerts_ask_for_what_there_is():
    """Each metric that a rule names is told by a server."""
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    named = {
        name for rule in rules for name in re.findall(r"(?:bottega|process)_\w+", rule["expr"])
    }
    assert named - known() == set()
    assert len(named) >= 9
    assert all(rule["annotations"]["summary"] for rule in rules)


def test_what_alerts_compare_has_the_same_labels():
    """Prometheus pairs two series by all their labels, and is silent where one has one more."""
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    pairs = [re.split(r"\s[<>]=?\s", rule["expr"]) for rule in rules]
    both = [pair for pair in pairs if all("bottega_jobs_ended" in side for side in pair)]
    assert both
    for pair in both:
        dropped = [re.search(r"sum without \((\w+)\)", side) for side in pair]
        assert [found and found[1] for found in dropped] == ["state", "state"]
