"""Transactions on Galera: a change that met another one at its commit is run again; other errors become a sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from django.db import Error, IntegrityError, OperationalError, connection, transaction

from relevo.errors import DirectoryError, UnavailableError
from relevo.i18n import _

_CONFLICTS = frozenset(
    {
        1213,  # deadlock; also what Galera says when another node's commit came first
        1205,  # waited too long for a lock
        1020,  # a row has changed since the snapshot: MariaDB 11.6 and newer have innodb_snapshot_isolation on
    }
)
_ATTEMPTS = 5
_P = ParamSpec("_P")
_T = TypeVar("_T")


def changing(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Run a function in a transaction, again when it met another change (Galera certifies at the commit).

    Inside another transaction it takes part in that one, and leaves nothing behind when it raises.

    Raises:
        DirectoryError: the database refuses or can't be reached.
    """

    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        if connection.in_atomic_block:
            return _once(function, *args, **kwargs)
        with explained():
            for _attempt in range(_ATTEMPTS - 1):
                try:
                    return _once(function, *args, **kwargs)
                except OperationalError as error:
                    if not is_conflict(error):
                        raise
            return _once(function, *args, **kwargs)

    return run


def is_conflict(error: Exception) -> bool:
    """Tell whether running the transaction again can help."""
    return bool(error.args) and error.args[0] in _CONFLICTS


@contextmanager
def explained() -> Iterator[None]:
    """Turn a database's error into a sentence for the operator."""
    try:
        yield
    except IntegrityError:
        raise DirectoryError(_("somebody else has just changed the same entry: look at it and try again")) from None
    except Error as error:
        reason = error.args[1] if len(error.args) > 1 else error
        raise UnavailableError(
            _("the accounts' database does not do that now ({reason}): see `relevo status`").format(reason=reason)
        ) from error


def _once(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    with transaction.atomic():
        return function(*args, **kwargs)
