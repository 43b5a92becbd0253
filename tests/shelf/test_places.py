"""Models are found where they lie: in folders below, in other programs' trees, in named places."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from fakes.families import MODELS, families_folder, files_folder

from bottega_backend.errors import Unreadable
from bottega_backend.shelf.catalog import BUILT_INS, Catalog
from bottega_backend.shelf.places import (
    PLACES,
    is_model_folder,
    look,
    read_places,
    write_places,
)


def put(name: str, path: Path) -> Path:
    """A checkpoint and its vocabulary, at a path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(files_folder() / f"{name}.safetensors", path)
    shutil.copytree(files_folder() / "tokenizer", path.parent / "tokenizer", dirs_exist_ok=True)
    return path


def ids(catalog: Catalog) -> list[str]:
    return [model.id for model in catalog.models[len(BUILT_INS) :]]


def test_every_tiny_model_is_offered_as_what_it_is():
    """Folders and files alike; nine channels fill, four do everything."""
    for folder, ending in ((families_folder(), ""), (files_folder(), ".safetensors")):
        catalog = Catalog(folder)
        assert {name.removesuffix(ending) for name in ids(catalog)} == set(MODELS)
        for name, kind in MODELS.items():
            model = catalog.find(name + ending)
            assert (model.name, model.family) == (name, kind.family)
            fills = ("fill",) if kind.in_channels == 9 else ("generate", "fill", "refine")
            assert model.capabilities == fills
        assert catalog.unknown == ()


def test_folders_below_are_looked_into(tmp_path):
    put("sd1", tmp_path / "photo" / "old" / "x.safetensors")
    shutil.copytree(families_folder() / "sd1", tmp_path / "photo" / "whole")
    assert ids(Catalog(tmp_path)) == ["photo/old/x.safetensors", "photo/whole"]


TREES = {
    "AUTOMATIC1111": ("models/Stable-diffusion/x.safetensors", "models/Lora/y.safetensors"),
    "ComfyUI": ("models/checkpoints/x.safetensors", "models/loras/y.safetensors"),
}


@pytest.mark.parametrize("program", TREES)
def test_other_programs_trees_are_used_in_place(tmp_path, program):
    """Only where they keep whole models; nothing is copied, nothing is written there."""
    whole, part = TREES[program]
    root = tmp_path / "webui"
    put("sd1", root / whole)
    put("sd1", root / part)
    before = sorted(root.rglob("*"))
    own = tmp_path / "models"
    write_places(own, (root,))
    catalog = Catalog(own)
    assert ids(catalog) == ["webui/x.safetensors"]
    assert catalog.find("webui/x.safetensors").folder == root / whole
    assert sorted(root.rglob("*")) == before
    assert ids(Catalog(root)) == ["x.safetensors"], "such a tree may be the models folder itself"


def test_comfyui_s_diffusers_folders_are_found_too(tmp_path):
    put("sd1", tmp_path / "models/checkpoints/x.safetensors")
    shutil.copytree(families_folder() / "sdxl", tmp_path / "models/diffusers/big")
    assert ids(Catalog(tmp_path)) == ["big", "x.safetensors"]


def test_a_place_may_be_one_file_or_one_model_folder(tmp_path):
    file = put("sd1", tmp_path / "there" / "x.safetensors")
    own = tmp_path / "models"
    write_places(own, (file, families_folder() / "sdxl", tmp_path / "gone"))
    catalog = Catalog(own)
    assert ids(catalog) == ["x.safetensors", "sdxl"]
    assert [entry.name for entry in catalog.unknown] == [str(tmp_path / "gone")]


def test_ids_are_unique_and_the_same_every_time(tmp_path):
    places = tuple(tmp_path / f"{n}" / "models" for n in range(3))
    for place in places:
        put("sd1", place / "x.safetensors")
    own = tmp_path / "own"
    write_places(own, places)
    once = ids(Catalog(own))
    assert once == ids(Catalog(own))
    assert len(set(once)) == 3
    assert once[0] == "models/x.safetensors"
    own_again = {model.id: model.folder for model in Catalog(own).models[len(BUILT_INS) :]}
    assert set(own_again.values()) == {place / "x.safetensors" for place in places}


def test_what_lies_beside_models_is_passed_over(tmp_path):
    put("sd1", tmp_path / "x.safetensors")
    (tmp_path / "previews").mkdir()
    for name in ("x.yaml", "x.png", "x.civitai.info", "Put models here.txt", ".hidden.ckpt"):
        (tmp_path / name).write_text("")
    names = [entry.name for entry in look(tmp_path)]
    assert names == ["previews", "x.safetensors"], "a folder without models may be meant as one"


def test_places_are_written_whole_and_read_again(tmp_path):
    places = (Path("/a/b"), Path("/c d/ü.safetensors"))
    write_places(tmp_path / "new", places)
    assert read_places(tmp_path / "new") == places
    assert [path.name for path in (tmp_path / "new").iterdir()] == [PLACES]
    assert read_places(tmp_path) == ()


@pytest.mark.parametrize("text", ["[]", "{", '{"places": "/a"}', '{"places": [1]}'])
def test_a_list_that_makes_no_sense_is_said_and_hides_nothing_else(tmp_path, text):
    put("sd1", tmp_path / "x.safetensors")
    (tmp_path / PLACES).write_text(text)
    with pytest.raises(Unreadable):
        read_places(tmp_path)
    catalog = Catalog(tmp_path)
    assert ids(catalog) == ["x.safetensors"]
    assert any(PLACES in entry.name for entry in catalog.unknown)


def test_relative_places_are_none(tmp_path):
    """Whoever starts the server starts it somewhere else next time."""
    (tmp_path / PLACES).write_text(json.dumps({"places": ["here", str(tmp_path)]}))
    assert read_places(tmp_path) == (tmp_path,)


def test_a_circle_of_links_ends(tmp_path):
    put("sd1", tmp_path / "a" / "x.safetensors")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert "a/x.safetensors" in ids(Catalog(tmp_path))


def test_a_place_within_another_one_lists_no_model_twice(tmp_path):
    model = put("sd1", tmp_path / "all" / "some" / "x.safetensors")
    write_places(tmp_path / "own", (tmp_path / "all", model.parent))
    assert ids(Catalog(tmp_path / "own")) == ["all/some/x.safetensors"]


@pytest.mark.skipif(sys.platform != "linux", reason="how long a path may be differs")
def test_a_folder_that_can_not_be_looked_into_hides_no_other(tmp_path):
    """Such as lost+found on a disk of its own. Too long a path is refused to root as well."""
    put("sd1", tmp_path / "x.safetensors")
    length = os.pathconf(tmp_path, "PC_PATH_MAX") - len(str(tmp_path)) - 2
    closed = tmp_path.joinpath(*["c" * 200] * (length // 201), "d" * (length % 201))
    closed.mkdir(parents=True)
    with pytest.raises(OSError, match="too long"):
        (closed / "model_index.json").stat()
    assert not is_model_folder(closed)
    assert ids(Catalog(tmp_path)) == ["x.safetensors"]
