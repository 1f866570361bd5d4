"""From a config to what travels to the workers."""

from pathlib import Path

from hpsearch.config import load_config
from hpsearch.training.prepare import prepare_spec


def test_a_command_has_its_folder_and_its_bare_options(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(
        "trainable: {command: 't {a} {b} {c}', folder: src}\n"
        "parameters: {a: {values: ['', --a]}, b: {values: [x, y]}, c: --c}\n"
    )
    spec = prepare_spec(load_config(config).config)
    assert spec.folder == str(tmp_path / "src")
    assert spec.bare == ("a", "c")
