"""Mini-Quant-Fund's runner: everything that must be computed, fetched or started (SQL decides, dbt derives)."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("mini-quant-fund")
except PackageNotFoundError:  # run from a clone without installing it
    __version__ = "0.1.0"
