"""`bottega models`: seen, added in place, fetched from a hub on loopback, and tried out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.hub import REPO, Hub, folder_files, serving

from bottega_backend.cli.png_files import read_png
from bottega_backend.shelf.catalog import BUILT_INS, Catalog

SOURCE = BUILT_INS[1].folder


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A webui's folder with a model, a pickle and a LoRA's name beside it."""
    checkpoints = tmp_path / "webui/models/Stable-diffusion"
    shutil.copytree(SOURCE, checkpoints / "mine")
    (checkpoints / "old.ckpt").write_bytes(b"\x80\x02pickle")
    return tmp_path / "webui"


def test_the_list_says_what_each_can_do(bottega, server) -> None:
    ran = bottega("models", "list", "--data", server.data)
    assert ran.returncode == 0, ran.stderr
    for words in ("apprentice-inpaint", "generate, fill, refine", "20 steps, guidance 4.5"):
        assert words in ran.stdout


def test_a_folder_is_added_in_place_and_removed_again(bottega, shelf, tmp_path) -> None:
    """Nothing is copied; what can't be used is said; twice is once."""
    data = tmp_path / "data"
    before = folder_files(shelf)
    for _ in range(2):
        ran = bottega("models", "add", shelf, "--data", data)
        assert ran.returncode == 0, ran.stderr
        assert "can be used: mine" in ran.stdout
        assert "left out: old.ckpt" in ran.stdout
    ids = [model.id for model in Catalog(data / "models").models]
    assert len(ids) == len(BUILT_INS) + 1
    assert json.loads((data / "models/places.json").read_text())["places"] == [str(shelf)]
    assert bottega("models", "remove", shelf, "--data", data).returncode == 0
    assert Catalog(data / "models").models == BUILT_INS
    ran = bottega("models", "remove", shelf, "--data", data)
    assert ran.returncode == 2
    assert "was not added" in ran.stderr
    assert folder_files(shelf) == before


@pytest.mark.parametrize("what", ["old.ckpt", "none", "."])
def test_what_holds_no_model_is_not_added(bottega, tmp_path, what: str) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "place/old.ckpt").write_bytes(b"\x80\x02pickle")
    ran = bottega("models", "add", tmp_path / "place" / what, "--data", tmp_path / "data")
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "data").exists()


def test_info_tells_of_a_model_by_id_and_by_path(bottega, shelf, tmp_path) -> None:
    """Without a server, and what keeps a file from being one."""
    by_id = bottega("models", "info", "apprentice", "--data", tmp_path, "--json")
    assert by_id.returncode == 0, by_id.stderr
    told = json.loads(by_id.stdout)
    assert (told["id"], told["in_channels"]) == ("apprentice", 4)
    assert told["bytes"] == sum(len(content) for content in folder_files(SOURCE).values())
    mine = shelf / "models/Stable-diffusion/mine"
    by_path = bottega("models", "info", mine)
    assert by_path.returncode == 0, by_path.stderr
    for words in ("mine", "generate, fill, refine", "licence", "not stated", str(mine)):
        assert words in by_path.stdout
    for wrong, words in ((mine.with_name("old.ckpt"), "pickle"), ("nobody", "There is no model")):
        ran = bottega("models", "info", wrong, "--data", tmp_path / "none")
        assert ran.returncode == 2
        assert words in ran.stderr


def test_an_id_is_meant_before_a_folder_of_that_name(bottega, tmp_path, monkeypatch) -> None:
    """Whatever lies where the command is given; as a path it can be named all the same."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "apprentice").mkdir()
    asked = ("models", "info", "--data", tmp_path / "data", "--json")
    told = bottega(*asked, "apprentice")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["in_channels"] == 4
    assert bottega(*asked, "./apprentice").returncode == 2


@pytest.mark.parametrize("name", ["mine [fp16]", "mine [-bold]", "mine [yellow"])
def test_brackets_in_a_name_are_no_markup(bottega, tmp_path, name: str) -> None:
    """Names such as people give to files, and one that would end a style."""
    shutil.copytree(SOURCE, tmp_path / name)
    ran = bottega("models", "info", tmp_path / name)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count(name) == 3, "its id, its name, and where it is"


def test_a_model_is_fetched_once_its_licence_was_agreed_to(bottega, tmp_path) -> None:
    """Without an answer nothing is; with one the catalog finds it."""
    with serving(Hub(folder_files(SOURCE))) as hub:
        words = ("models", "get", REPO, "--hub", hub.url, "--data", tmp_path)
        ran = bottega(*words, stdin=subprocess.DEVNULL)
        assert ran.returncode == 2
        assert "openrail++" in ran.stdout
        assert "--yes" in ran.stderr
        assert hub.sent == 0
        ran = bottega(*words, "--yes")
    assert ran.returncode == 0, ran.stderr
    assert "bottega models verify painter" in ran.stdout
    assert folder_files(tmp_path / "models/painter") == folder_files(SOURCE)
    assert Catalog(tmp_path / "models").find("painter").capabilities


def test_what_the_hub_refuses_is_a_mistake(bottega, tmp_path) -> None:
    with serving(Hub(folder_files(SOURCE), gated=True)) as hub:
        ran = bottega("models", "get", REPO, "--hub", hub.url, "--data", tmp_path, "--yes")
    assert ran.returncode == 2
    assert "accepted its terms" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("name", [model.id for model in BUILT_INS])
def test_a_model_is_tried_out_with_a_fixed_seed(bottega, server, tmp_path, name: str) -> None:
    """The same again gives the same checksum; the picture can be looked at."""
    out = tmp_path / "tried.png"
    words = ("models", "verify", name, "--data", server.data)
    ran = bottega(*words, "--json", "--out", out)
    assert ran.returncode == 0, ran.stderr + ran.stdout
    told = json.loads(ran.stdout)
    assert (told["model"], told["faults"]) == (name, [])
    assert told["spread"] == pytest.approx(float(read_png(out).samples.std()))
    assert told["differs"] > 2
    again = bottega(*words)
    assert again.returncode == 0, again.stderr
    assert told["sha256"] in again.stdout
    assert "It paints." in again.stdout


def test_a_model_with_broken_weights_is_found_out(bottega, tmp_path) -> None:
    """A decoder that answers nothing paints one colour: exit code 3."""
    models = tmp_path / "models"
    shutil.copytree(SOURCE, models / "broken")
    weights = models / "broken/vae/diffusion_pytorch_model.safetensors"
    _silence(weights, "decoder.conv_out")
    ran = bottega("models", "verify", "broken", "--data", tmp_path / "data", "--models", models)
    assert ran.returncode == 3, ran.stderr
    assert "The picture is flat" in ran.stdout


def _silence(path: Path, prefix: str) -> None:
    """Set a layer's numbers in a safetensors file to 0."""
    content = bytearray(path.read_bytes())
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    for name, about in header.items():
        if name.startswith(prefix):
            begin, end = (8 + length + offset for offset in about["data_offsets"])
            content[begin:end] = bytes(end - begin)
    path.write_bytes(content)


def test_a_model_that_is_not_there_can_not_be_tried(bottega, server) -> None:
    ran = bottega("models", "verify", "nobody", "--data", server.data)
    assert ran.returncode == 2
    assert "There is no model nobody" in ran.stderr


def test_the_doctor_says_what_the_models_folder_holds(bottega, shelf, tmp_path) -> None:
    """And what is left out, and why; without any, how to come by some."""
    ran = bottega("doctor", "--data", tmp_path / "none")
    assert "bottega models add" in ran.stdout
    assert bottega("models", "add", shelf, "--data", tmp_path).returncode == 0
    said = " ".join(bottega("doctor", "--data", tmp_path).stdout.replace("│", " ").split())
    assert "1 of your own" in said
    assert "old.ckpt" in said


def test_the_hub_s_library_is_loaded_by_get_alone() -> None:
    """It takes half a second that nobody else has to wait."""
    assert not loaded("bottega_backend.cli.models", "huggingface_hub")
    assert loaded("bottega_backend.models.download", "huggingface_hub")
    assert not loaded("bottega_backend.models.download", "torch"), "the command line stays light"


def loaded(module: str, other: str) -> bool:
    """Whether importing one module brings another along, in a Python of its own."""
    code = f"import sys, {module}; print({other!r} in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return ran.stdout.strip() == "True"
