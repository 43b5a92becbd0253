"""The commands as people and scripts run them, against the real server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from bottega_backend.cli.png_files import PngPicture, read_png, write_png
from bottega_backend.shelf.catalog import BUILT_INS
from bottega_client.client import Client
from bottega_client.launch import find_server

BOTTEGA = (sys.executable, "-m", "bottega_backend.cli.main")
HEAVY = ("torch", "numpy", "cv2", "rich", "diffusers", "bottega_client.client")


def test_the_server_s_command_loads_nothing_heavy() -> None:
    code = (
        "import sys, bottega_backend.cli.serve\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_help_names_every_command(bottega) -> None:
    ran = bottega("--help")
    assert ran.returncode == 0
    for name in ("serve", "demo", "doctor", "models", "plugin", "results", "run"):
        assert name in ran.stdout


def test_fill_writes_one_line_of_json_a_layer_and_a_composite(
    bottega, server, files, tmp_path
) -> None:
    out, comp = tmp_path / "layer.png", tmp_path / "comp.png"
    ran = bottega(
        *("run", "fill", "--image", files.image, "--mask", files.mask, "--prompt", "a red ball"),
        *("--seed", 7, "--steps", 2, "--sampler", "Euler a", "--data", server.data),
        *("--out", out, "--composite", comp, "--feather", 0, "--json"),
    )
    assert ran.returncode == 0, ran.stderr
    (line,) = ran.stdout.splitlines()
    told = json.loads(line)
    assert (told["seed"], told["sampler"]) == (7, "Euler a")
    assert list(told) == [
        *("job", "capability", "prompt", "seed", "model", "sampler", "steps", "painted", "read"),
        *("layers", "hints", "sent_bytes", "received_bytes", "timings"),
    ]
    assert list(told["timings"]) == [
        *("queue", "load", "encode", "denoise", "decode", "transfer", "total"),
    ]
    times = told["timings"]
    assert sum(times[part] for part in ("queue", "denoise", "transfer")) <= times["total"]
    picture, mask = read_png(files.image).samples, read_png(files.mask).samples[..., 0]
    (layer,) = told["layers"]
    assert layer["file"] == str(out)
    x, y, width, height = told["read"]
    assert (layer["x"], layer["y"], layer["width"], layer["height"]) == (x, y, width, height)
    samples = read_png(out).samples
    assert samples.shape == (height, width, 4)
    assert np.array_equal(samples[..., 3], mask[y : y + height, x : x + width])
    after = read_png(comp).samples
    assert after.shape == picture.shape
    assert np.array_equal(after[mask == 0], picture[mask == 0])
    assert np.array_equal(
        after[mask == 255], samples[..., :3][mask[y:, x:][:height, :width] == 255]
    )
    assert not np.array_equal(after[mask == 255], picture[mask == 255])


def test_what_a_prompt_leaves_open_is_told_and_clip_skip_paints_something_else(
    bottega, server, files, tmp_path
) -> None:
    layers = []
    for skip in (0, 2):
        ran = bottega(
            *("run", "fill", "--image", files.image, "--mask", files.mask, "--steps", 2),
            *("--prompt", "a {red|blue} ball", "--seed", 7, "--clip-skip", skip),
            *("--data", server.data, "--out", tmp_path / f"{skip}.png", "--json"),
        )
        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout)["prompt"] in ("a red ball", "a blue ball")
        layers.append(read_png(tmp_path / f"{skip}.png").samples)
    assert not np.array_equal(*layers)


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_a_deep_picture_keeps_its_depth_and_channels(
    bottega, server, files, tmp_path, channels: int
) -> None:
    random = np.random.default_rng(channels)
    picture = random.integers(0, 65536, (80, 96, channels), np.uint16)
    write_png(files.image, PngPicture(picture))
    out, comp = tmp_path / "layer.png", tmp_path / "comp.png"
    ran = bottega(
        *("run", "fill", "--image", files.image, "--mask", files.mask, "--steps", 1),
        *("--server", server.url, "--data", server.data, "--out", out, "--composite", comp),
    )
    assert ran.returncode == 0, ran.stderr
    mask = read_png(files.mask).samples[..., 0]
    after = read_png(comp).samples
    assert (after.shape, after.dtype) == (picture.shape, picture.dtype)
    assert np.array_equal(after[mask == 0], picture[mask == 0])
    assert not np.array_equal(after[mask == 255], picture[mask == 255])
    assert read_png(out).samples.dtype == np.uint16


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--image", "missing.png"), "missing.png can't be read"),
        (("--mask", "missing.png"), "missing.png can't be read"),
        (("--steps", "151"), "150"),
        (("--strength", "1.5"), "--strength"),
        (("--clip-skip", "13"), "--clip-skip"),
        (("--count", "9"), "--count"),
        (("--quality", "fine"), "draft, good, best"),
        (("--intent", "paint"), "fill, add, remove, replace"),
        (("--feather", "-1"), "--feather"),
        (("--prompt", "a __nobody__ ball"), "There is no wildcard __nobody__"),
        (("--sampler", "Eulr"), "There is no sampler Eulr"),
        (("--model", "dall-e"), "There is no model dall-e"),
        (("--prompt", "x" * 8001), "The prompt is 8001 characters long"),
        (("--device", "gpu"), "--device"),
    ],
)
def test_a_mistake_is_said_with_what_to_do_and_exits_2(
    bottega, server, files, change: tuple[str, str], words: str
) -> None:
    given = {"--image": files.image, "--mask": files.mask, "--data": server.data}
    given |= {change[0]: change[1]}
    ran = bottega("run", "fill", *(word for pair in given.items() for word in pair), "--json")
    assert ran.returncode == 2
    assert words in ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr


def test_results_that_nobody_could_write_are_refused_before_anything_is_painted(
    bottega, server, files, tmp_path
) -> None:
    def kept() -> int:
        return len(json.loads(bottega("results", "list", "--data", server.data, "--json").stdout))

    before = kept()
    for option in ("--out", "--composite"):
        ran = bottega(
            *("run", "fill", "--image", files.image, "--mask", files.mask, "--steps", 1),
            *("--data", server.data, option, tmp_path / "none" / "a.png"),
        )
        assert ran.returncode == 2
        assert "can't be written" in ran.stderr
    assert kept() == before


def test_no_server_at_an_address_exits_4_and_says_what_to_type(bottega, server, files) -> None:
    ran = bottega(
        *("run", "fill", "--image", files.image, "--mask", files.mask),
        *("--server", "ws://127.0.0.1:1", "--data", server.data),
    )
    assert ran.returncode == 4
    assert "No Bottega server answers at ws://127.0.0.1:1" in ran.stderr
    assert "bottega serve" in ran.stderr


def test_a_second_server_for_a_data_folder_exits_4(bottega, server) -> None:
    ran = bottega("serve", "--port", 0, "--data", server.data)
    assert ran.returncode == 4
    assert str(server.data) in ran.stderr
    assert "Traceback" not in ran.stderr


def test_ctrl_c_cancels_the_job_and_exits_130(server, files) -> None:
    words = ("run", "fill", "--image", files.image, "--mask", files.mask, "--data", server.data)
    process = subprocess.Popen(
        [*BOTTEGA, *map(str, words), "--steps", "150", "--prompt", "to be stopped"],
        stderr=subprocess.PIPE,
        text=True,
    )
    client = Client(find_server(server.data), "tests")
    client.connect()

    def state() -> str:
        jobs = [job for job in client.results() if job.prompt == "to be stopped"]
        return jobs[0].state if jobs else ""

    while state() not in ("queued", "running"):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped" in said
    assert state() == "cancelled"
    client.close()


def test_what_a_running_server_can_not_follow_is_said(bottega, server, tmp_path) -> None:
    """Models and device are for a server that is started; this one goes its own way."""
    plain = bottega("models", "list", "--data", server.data)
    asked = bottega("models", "list", "--data", server.data, "--models", tmp_path)
    assert "ignored" in asked.stderr
    assert "ignored" not in plain.stderr
    assert asked.stdout == plain.stdout


def test_without_a_server_one_is_started_and_ended_again(bottega, tmp_path) -> None:
    ran = bottega("models", "list", "--data", tmp_path, "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)[0]["name"] == "Apprentice inpaint (first draft)"
    with FileLock(tmp_path / "lock", timeout=0):
        pass  # no server holds it any more


def test_a_model_that_can_not_be_loaded_fails_its_job_and_exits_3(bottega, files, tmp_path) -> None:
    """What else is wrong in the models folder is said by the server that reads it."""
    models = tmp_path / "models"
    shutil.copytree(BUILT_INS[0].folder, models / "mine")
    config = models / "mine/unet/config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"layers_per_block": 3}))
    (models / "other").mkdir()
    ran = bottega(
        *("run", "fill", "--image", files.image, "--mask", files.mask, "--json"),
        *("--data", tmp_path / "data", "--models", models, "--model", "mine"),
        *("--out", tmp_path / "layer.png"),
    )
    assert ran.returncode == 3
    assert "mine can't be read" in ran.stderr
    assert "models: other is no diffusers folder" in ran.stderr
    assert ran.stdout == ""
    assert not (tmp_path / "layer.png").exists()


def test_commands_without_a_server_do_not_lose_their_jobs_to_each_other(files, tmp_path) -> None:
    """The one that started the server would end it while the others still paint."""
    words = ("run", "fill", "--image", files.image, "--mask", files.mask, "--data")
    running = [
        subprocess.Popen(
            [*BOTTEGA, *map(str, words), tmp_path / "data", "--steps", steps, "--out", out],
            stderr=subprocess.PIPE,
            text=True,
        )
        for steps, out in (("1", tmp_path / "one.png"), ("60", tmp_path / "two.png"))
    ]
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert (tmp_path / "one.png").exists()
    assert (tmp_path / "two.png").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("moment", ["server.json", "worker.log"])
def test_who_is_told_to_end_ends_the_server_that_he_started(files, tmp_path, moment: str) -> None:
    """A script's time limit sends SIGTERM; nobody would ever end that server."""
    data = tmp_path / "data"
    words = ("run", "fill", "--image", files.image, "--mask", files.mask, "--data", data)
    process = subprocess.Popen([*BOTTEGA, *map(str, words), "--steps", "150"])
    while not (data / moment).exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    assert process.wait(60) in (130, 143)
    with FileLock(data / "lock", timeout=0):
        pass  # no server holds it any more


def test_a_file_in_a_folder_s_place_is_a_mistake(bottega, tmp_path) -> None:
    (tmp_path / "taken").write_text("")
    ran = bottega("plugin", "build", "krita", "--out", tmp_path / "taken")
    assert ran.returncode == 2
    assert str(tmp_path / "taken") in ran.stderr
    assert "Traceback" not in ran.stderr


def test_results_are_listed_and_fetched_again(bottega, server, files, tmp_path) -> None:
    first = tmp_path / "first.png"
    ran = bottega(
        *("run", "fill", "--image", files.image, "--mask", files.mask, "--steps", 1),
        *("--data", server.data, "--out", first, "--prompt", "kept [/faint]", "--json"),
    )
    assert ran.returncode == 0, ran.stderr
    job = json.loads(ran.stdout)["job"]
    listed = json.loads(bottega("results", "list", "--data", server.data, "--json").stdout)
    (row,) = [row for row in listed if row["job"] == job]
    assert (row["state"], row["prompt"]) == ("finished", "kept [/faint]")
    shown = bottega("results", "list", "--data", server.data)
    assert "kept [/faint]" in shown.stdout, "brackets are the artist's, no markup"
    words = ("results", "list", "--data", server.data, "--json", "--search")
    assert job in bottega(*words, "KEPT").stdout
    assert job not in bottega(*words, "never written").stdout
    again = tmp_path / "again.png"
    ran = bottega("results", "fetch", job[:12], "--data", server.data, "--out", again)
    assert ran.returncode == 0, ran.stderr
    assert np.array_equal(read_png(again).samples, read_png(first).samples)
    ran = bottega("results", "fetch", "zz", "--data", server.data)
    assert ran.returncode == 2
    assert "bottega results list" in ran.stderr


def test_the_demonstration_leaves_two_layers_two_composites_and_a_sheet(
    bottega, server, tmp_path
) -> None:
    ran = bottega("demo", "--data", server.data, "--out", tmp_path)
    assert ran.returncode == 0, ran.stderr
    for name in ("world-layer", "world-composite", "photograph-layer", "photograph-composite"):
        assert read_png(tmp_path / f"{name}.png").samples.size
    height, width, channels = read_png(tmp_path / "sheet.png").samples.shape
    assert width > height > 600
    assert channels == 3
    for words in ("sheet.png", "denoise", "plugin install krita", "plugin install gimp"):
        assert words in ran.stdout


def test_the_doctor_finds_the_running_server(bottega, server) -> None:
    ran = bottega("doctor", "--data", server.data)
    assert ran.returncode == 0, ran.stdout
    assert server.url in ran.stdout
    assert "torch" in ran.stdout


def test_the_doctor_says_how_to_start_a_server(bottega, tmp_path: Path) -> None:
    ran = bottega("doctor", "--data", tmp_path / "none")
    assert ran.returncode == 0, ran.stdout
    assert "bottega serve" in ran.stdout
    assert not (tmp_path / "none").exists()


def test_plugin_install_and_uninstall_use_the_editors_folders(
    bottega, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GIMP3_DIRECTORY", str(tmp_path / "gimp"))
    for editor, place in (
        ("krita", tmp_path / "share/krita/pykrita/bottega_krita.desktop"),
        ("gimp", tmp_path / "gimp/plug-ins/bottega-gimp/bottega-gimp.py"),
    ):
        ran = bottega("plugin", "install", editor)
        assert ran.returncode == 0, ran.stderr
        assert place.exists()
        assert "tart" in ran.stdout  # what is left to do by hand
        assert bottega("plugin", "install", editor).returncode == 0  # over the first
        (tmp_path / "gimp").mkdir(exist_ok=True)
        (tmp_path / "gimp/bottega-fill.json").write_text("{}")
        for _ in range(2):
            assert bottega("plugin", "uninstall", editor).returncode == 0
        assert not place.exists()
    assert [file.name for file in tmp_path.rglob("*bottega*")] == []
    assert "bottega" not in "".join(file.read_text() for file in tmp_path.rglob("kritarc"))
