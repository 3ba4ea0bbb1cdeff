"""Secrets from HashiCorp Vault through hvac (the extra `vault`), where VAULT_ADDR is set; the specification's mapping.

    quant-fund/api-keys           ALPACA_API_KEY, ALPACA_SECRET_KEY      for `sync` alone
    quant-fund/data-keys          ALPACA_DATA_KEY, ALPACA_DATA_SECRET, MASSIVE_API_KEY   for `ingest`
    quant-fund/database           POSTGRES_PASSWORD                      for `deploy` and `db`
    quant-fund/roles/fund_broker  FUND_BROKER_PASSWORD                   a path each, for a policy each
    quant-fund/alerts             TELEGRAM_BOT_TOKEN, SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL

What was read stays in this process's memory: a worker in the middle of trading does not lose its database with Vault.
`forget` drops it, for a password the database no longer takes. A path or key that is not there is None, and the next
source is asked; a Vault that does not answer is an error, never a reason to use an older secret from elsewhere.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self
from urllib.parse import urlsplit

import requests
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from runner import log
from runner.errors import ExitCode, SecretUnavailable, SettingsError, named

if TYPE_CHECKING:
    import hvac

#: Variables that are themselves secrets.
CREDENTIALS = ("VAULT_TOKEN", "VAULT_ROLE_ID", "VAULT_SECRET_ID")

#: Longest answer read, in bytes: a secret is a few lines.
ANSWER_BYTES_MAX = 1 << 20

_PLACES = {
    "ALPACA_API_KEY": "quant-fund/api-keys",
    "ALPACA_SECRET_KEY": "quant-fund/api-keys",
    "ALPACA_DATA_KEY": "quant-fund/data-keys",
    "ALPACA_DATA_SECRET": "quant-fund/data-keys",
    "MASSIVE_API_KEY": "quant-fund/data-keys",
    "POSTGRES_PASSWORD": "quant-fund/database",
    "TELEGRAM_BOT_TOKEN": "quant-fund/alerts",
    "SLACK_WEBHOOK_URL": "quant-fund/alerts",
    "DISCORD_WEBHOOK_URL": "quant-fund/alerts",
}
_ROLE = re.compile(r"(FUND_[A-Z]+)_PASSWORD")

#: What was read, by path: the keys and values of one secret, or None where there is none.
_read: dict[str, dict[str, Any] | None] = {}


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise ValueError("must look like https://vault.example:8200")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("must be https: a token sent in the clear is anybody's")
    return value.rstrip("/")


def _seconds(value: object) -> object:
    return value.removesuffix("s") if isinstance(value, str) else value


def _readable(value: Path) -> Path:
    if not os.access(value, os.R_OK):
        raise ValueError(f"{value} cannot be read")
    return value


class VaultSettings(BaseSettings):
    """How Vault is reached; the names are Vault's own where it has one.

    token, or role_id with secret_id (AppRole, mounted at approle_mount). mount: the KV engine's. timeout: seconds for a
    connection, for each silence, and for a whole answer.
    """

    model_config = SettingsConfigDict(env_prefix="vault_", env_ignore_empty=True, extra="ignore", frozen=True)

    addr: Annotated[str, AfterValidator(_address)]
    token: SecretStr | None = None
    role_id: SecretStr | None = None
    secret_id: SecretStr | None = None
    approle_mount: str = "approle"
    namespace: str | None = None
    cacert: Annotated[Path, AfterValidator(_readable)] | None = None
    kv_mount: str = "secret"
    kv_version: Annotated[int, Field(ge=1, le=2)] = 2
    client_timeout: Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=60)] = 5.0
    skip_verify: bool = False

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.skip_verify:
            raise ValueError("VAULT_SKIP_VERIFY is refused: give the CA's certificate as VAULT_CACERT")
        if self.token is None and (self.role_id is None or self.secret_id is None):
            raise ValueError("VAULT_ADDR is set but neither VAULT_TOKEN nor VAULT_ROLE_ID with VAULT_SECRET_ID")
        return self


class _Session(requests.Session):
    """One answer within `seconds` as a whole, no longer than ANSWER_BYTES_MAX, from that address and no other (I30).

    A redirect would take the token to wherever it points: requests drops Authorization there, not X-Vault-Token.
    """

    def __init__(self, seconds: float, authority: Path | None) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = str(authority) if authority else True
        self._seconds = seconds

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """The answer, its body read."""
        started = time.monotonic()
        kwargs |= {"allow_redirects": False, "stream": True, "timeout": self._seconds}
        answer = super().request(method, url, *args, **kwargs)
        body = b""
        with answer:
            for piece in answer.iter_content(1 << 14):
                body += piece
                if len(body) > ANSWER_BYTES_MAX:
                    raise requests.exceptions.ContentDecodingError("the answer is too long")
                if time.monotonic() - started > self._seconds:
                    raise requests.exceptions.ReadTimeout("the answer took too long")
        answer._content = body
        return answer


def configured() -> bool:
    """Whether secrets may come from Vault."""
    return bool(os.environ.get("VAULT_ADDR"))


def path_of(name: str) -> str | None:
    """Path of the secret that has the key `name`; None for a name that is nobody's."""
    found = _ROLE.fullmatch(name)
    return f"quant-fund/roles/{found[1].lower()}" if found else _PLACES.get(name)


def place(name: str) -> str:
    """Where in Vault a secret stands, in words."""
    config = _settings()
    return f"Vault {config.addr}, {config.kv_mount}/{path_of(name)}, key {name}"


def read(name: str) -> str | None:
    """The secret, or None where Vault is not set up or has no such path or key.

    Raises: SettingsError where the set-up is wrong, SecretUnavailable where Vault cannot give it.
    """
    path = path_of(name)
    if path is None or not configured():
        return None
    if path not in _read:
        _read[path] = _fetch(_settings(), path, ExitCode.BROKER if path.endswith("api-keys") else ExitCode.DATABASE)
    value = (_read[path] or {}).get(name)
    if value is not None and not isinstance(value, str):
        raise SettingsError(f"{place(name)} is no text", "Store it as a string.")
    log.hide(value)
    return value or None


def forget(name: str) -> bool:
    """Drop what was read for `name`, so that the next `read` asks again; whether anything was there."""
    return _read.pop(path_of(name) or "", None) is not None


def health() -> str:
    """What Vault says of itself without being given a token. Raises: as `read`."""
    config = _settings()
    client = _client(config)
    status = _asked(config, "its health", lambda: client.sys.read_health_status(method="GET"), ExitCode.UNEXPECTED)
    # hvac gives the answer itself for the codes that are no plain yes: 429 standby, 501 no storage yet, 503 sealed.
    code = status.status_code if isinstance(status, requests.Response) else 200
    if code in (501, 503):
        state, remedy = _SEALED[code]
        raise SecretUnavailable(f"Vault at {config.addr} {state}", remedy, ExitCode.UNEXPECTED)
    return f"unsealed{' (standby)' if code == 429 else ''} at {config.addr}"


def _settings() -> VaultSettings:
    try:
        # The fields are the environment's to give, which the type checker cannot know.
        return VaultSettings()  # type: ignore[call-arg]
    except ValidationError as error:
        raise named(error, prefix="VAULT_") from None


def _client(config: VaultSettings) -> hvac.Client:
    try:
        import hvac
    except ImportError:
        raise SettingsError(
            "VAULT_ADDR is set, but hvac is not installed", "pip install 'mini-quant-fund[vault]', or unset VAULT_ADDR."
        ) from None
    return hvac.Client(
        url=config.addr,
        # Given in any case: hvac would take the one in a home folder's file otherwise.
        token=config.token.get_secret_value() if config.token else "",
        namespace=config.namespace,
        session=_Session(config.client_timeout, config.cacert),
    )


def _fetch(config: VaultSettings, path: str, exit_code: ExitCode) -> dict[str, Any] | None:
    """Keys and values of one secret, as hvac gives them; None where there is no such path."""
    log.hide(*(s.get_secret_value() for s in (config.token, config.role_id, config.secret_id) if s))
    client = _client(config)
    if config.token is None and config.role_id and config.secret_id:
        role, secret = config.role_id.get_secret_value(), config.secret_id.get_secret_value()
        _asked(
            config,
            "the AppRole login",
            lambda: client.auth.approle.login(role_id=role, secret_id=secret, mount_point=config.approle_mount),
            exit_code,
        )
        log.hide(client.token)
    engine = client.secrets.kv.v1 if config.kv_version == 1 else client.secrets.kv.v2
    deleted = {} if config.kv_version == 1 else {"raise_on_deleted_version": True}
    answer = _asked(
        config,
        f"{config.kv_mount}/{path}",
        lambda: engine.read_secret(path=path, mount_point=config.kv_mount, **deleted),
        exit_code,
    )
    if answer is None:
        return None
    try:
        found = answer["data"] if config.kv_version == 1 else answer["data"]["data"]
        values = dict(found)
    except (TypeError, KeyError, ValueError):
        raise SecretUnavailable(
            f"Vault at {config.addr} answered something else than a secret at {config.kv_mount}/{path}",
            "Check VAULT_ADDR, VAULT_KV_MOUNT and VAULT_KV_VERSION (2, or 1).",
            exit_code,
        ) from None
    log.hide(*(value for value in values.values() if isinstance(value, str)))
    return values


#: Status of Vault: what it means, and the remedy.
_SEALED = {
    501: ("is not initialised", "`vault operator init`, then store the secrets."),
    503: ("is sealed or down", "`vault operator unseal`; `vault status` says more."),
}


def _asked(config: VaultSettings, what: str, call: Any, exit_code: ExitCode) -> Any:
    """The answer to a call, None for a path that is not there. The reasons given here hold no word of hvac's own: its
    errors carry the address asked and what was answered."""
    import hvac.exceptions as refused

    at, remedy = f"Vault at {config.addr}", ""
    try:
        return call()
    except refused.InvalidPath as error:
        if not error.errors:
            return None
        words = f"{at} knows no engine for {what}"
        remedy = "Check VAULT_KV_MOUNT, VAULT_KV_VERSION and VAULT_APPROLE_MOUNT."
    except (refused.Forbidden, refused.Unauthorized):
        words = f"{at} does not permit {what}"
        remedy = "Give the token's or AppRole's policy `read` on it, or renew the token."
    except refused.InvalidRequest:
        words = f"{at} refuses {what} as invalid"
        remedy = "Check VAULT_ROLE_ID, VAULT_SECRET_ID, VAULT_NAMESPACE and the mounts."
    except (refused.VaultNotInitialized, refused.VaultDown) as error:
        state, remedy = _SEALED[501 if isinstance(error, refused.VaultNotInitialized) else 503]
        words = f"{at} {state}"
    except requests.exceptions.SSLError:
        words = f"{at} shows a certificate nobody here vouches for"
        remedy = "Give the CA's certificate as VAULT_CACERT."
    except requests.exceptions.Timeout:
        words = f"{at} did not answer within {config.client_timeout:g} s"
        remedy = "Check VAULT_ADDR and the network; VAULT_CLIENT_TIMEOUT is in seconds."
    except requests.exceptions.ConnectionError:
        words = f"{at} cannot be reached"
        remedy = "Check VAULT_ADDR and the network, or set the secret in the environment."
    except (refused.VaultError, requests.exceptions.RequestException, LookupError, TypeError, ValueError) as error:
        words = f"{at} answered {what} with {type(error).__name__}"
        remedy = "`vault status` and Vault's own log say more."
    raise SecretUnavailable(words, remedy, exit_code) from None
