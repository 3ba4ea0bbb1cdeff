"""Sources of bars. Adding one: a module here, a line in PROVIDERS, a test of the same name."""

from __future__ import annotations

from runner.errors import UsageError
from runner.providers.alpaca_data import AlpacaData
from runner.providers.base import Action, Payload, Provider, RemoteProvider, SymbolBars
from runner.providers.binance import Binance
from runner.providers.massive import Massive
from runner.providers.sample_bokeh import SampleBokeh
from runner.providers.sample_skfolio import SampleSkfolio
from runner.providers.sample_timeseries import SampleTimeseries
from runner.providers.yahoo import Yahoo

__all__ = ["PROVIDERS", "REMOTE", "Action", "Payload", "Provider", "RemoteProvider", "SymbolBars", "named"]

#: Every source, by priority. `group` joins those that are asked for together.
PROVIDERS: tuple[Provider, ...] = (
    SampleBokeh(),
    SampleTimeseries(),
    SampleSkfolio(),
)

#: Every source asked over the network, by priority.
REMOTE: tuple[RemoteProvider, ...] = (Yahoo(), Massive(), AlpacaData(), Binance())


def named(name: str) -> tuple[Provider, ...]:
    """The providers of that name or group, by priority. Raises: UsageError listing the names there are."""
    found = tuple(provider for provider in PROVIDERS if name in (provider.name, provider.group))
    if not found:
        names = sorted({word for provider in PROVIDERS for word in (provider.name, provider.group)})
        raise UsageError(f"there is no provider {name!r}", f"Choose one of: {', '.join(names)}.")
    return found
