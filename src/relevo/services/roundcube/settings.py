"""What Roundcube and its PHP pool are made of: packages, paths, sizes."""

from __future__ import annotations

from relevo.services.base import Context

CONFIG = "/etc/roundcube/config.inc.php"
PHP_ROOT = "/etc/php"
SQL_DIRECTORY = "/usr/share/roundcube/SQL"
TIMERS = ("roundcube-gc.timer", "roundcube-cleandb.timer")  # old sessions; rows marked as deleted
LANGUAGES = {"es": "es_ES", "en": "en_US"}  # the complete ones of Roundcube's
DATE_FORMATS = {"es": "d/m/Y", "en": "Y-m-d"}  # what a new user sees first

_MB_PER_CHILD = 160  # a process has 25-40 MB of its own, and mail, filters and database need memory too
_FEWEST, _MOST = 8, 64
_BASE64 = 4 / 3  # what an attachment grows by in the message (RFC 2045, 6.8)
_LEAST_MEMORY_MB = 192


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages; php-fpm is named so that `php` does not bring Apache along."""
    php = ("php-fpm", "php-cli", "php-mysql", "php-intl", "php-mbstring", "php-xml", "php-gd", "php-zip", "php-curl")
    return ("roundcube-core", "roundcube-mysql", "roundcube-plugins", *php)


def fpm_children(memory_mb: int) -> int:
    """Return how many requests PHP works on at once, by the machine's memory in MiB."""
    return max(_FEWEST, min(_MOST, memory_mb // _MB_PER_CHILD))


def upload_mb(message_size_mb: int) -> int:
    """Return the size of the greatest attachment that still fits a message, in MiB."""
    return max(1, int(message_size_mb / _BASE64))


def php_memory_mb(message_size_mb: int) -> int:
    """Return PHP's memory limit in MiB: Roundcube holds a message and its encoded form at once when it sends."""
    return max(_LEAST_MEMORY_MB, 4 * message_size_mb)
