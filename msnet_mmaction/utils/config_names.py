"""Adds this package to those whose configs MMEngine finds by name."""

from pathlib import Path
from typing import Any

import mmengine.hub.hub as hub
from mmengine.config import Config

from .configs import config_path

_PREFIX = 'msnet_mmaction::'


def register_configs() -> None:
    """Make ``_base_`` and ``mmengine.hub.get_config`` accept ``msnet_mmaction::CONFIG``.

    MMEngine has a fixed list of packages, requires a ``/`` in the path of a config, and does not
    find editable installations. Names of other packages are handled as before. Calling it again has
    no effect.
    """
    if getattr(Config._get_cfg_path, 'finds_msnet_mmaction', False):
        return
    get_cfg_path, split, metainfo = (
        Config._get_cfg_path,
        hub._get_package_and_cfg_path,
        hub._get_cfg_metainfo,
    )

    def get_cfg_path_with_ours(cfg_path: str, filename: str) -> tuple[str, str | None]:
        # The scope is that of mmaction2's registries, which hold our modules.
        if cfg_path.startswith(_PREFIX):
            return config_path(cfg_path), 'mmaction'
        return get_cfg_path(cfg_path, filename)

    def split_with_ours(cfg_path: str) -> tuple[str, str]:
        if cfg_path.startswith(_PREFIX):
            return 'msnet_mmaction', config_path(cfg_path)
        return split(cfg_path)

    def metainfo_with_ours(package_path: str, cfg_path: str) -> dict[str, Any]:
        # get_config joins the path to a folder; an absolute path replaces that folder. Without
        # weights in the metainfo, get_config(..., pretrained=True) is an error.
        if Path(cfg_path).is_absolute():
            return {'Config': cfg_path}
        return metainfo(package_path, cfg_path)

    get_cfg_path_with_ours.finds_msnet_mmaction = True  # type: ignore[attr-defined]
    Config._get_cfg_path = staticmethod(get_cfg_path_with_ours)
    hub._get_package_and_cfg_path = split_with_ours
    hub._get_cfg_metainfo = metainfo_with_ours
