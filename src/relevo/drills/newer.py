"""A package of which there is a newer version: what a machine upgrades when it has no mirror of its distribution.

The package holds nothing. When it is upgraded it restarts what a security update of Postfix or Dovecot would restart,
and asks for a reboot.
"""

from __future__ import annotations

PACKAGE = "relevo-drill"
_FOLDER = f"/var/lib/{PACKAGE}"
_SOURCE = f"/etc/apt/sources.list.d/{PACKAGE}.list"
_OFFER = f"""
set -e
tree={_FOLDER}/tree repository={_FOLDER}/repository
rm -rf {_FOLDER}; mkdir -p $tree/DEBIAN $repository
cat > $tree/DEBIAN/postinst <<'END'
#!/bin/sh
test "$1" = configure && test -n "$2" || exit 0
systemctl try-restart postfix.service dovecot.service || :
touch /run/reboot-required
END
chmod 0755 $tree/DEBIAN/postinst
for version in 1 2; do
  printf '%s\\n' 'Package: {PACKAGE}' "Version: $version" 'Architecture: all' 'Maintainer: Relevo <root@localhost>' \
    'Description: nothing, to be upgraded by a drill' > $tree/DEBIAN/control
  dpkg-deb --build --root-owner-group $tree $repository/$version.deb
done
dpkg --install $repository/1.deb
cd $repository
{{
  dpkg-deb --field 2.deb
  printf 'Filename: ./2.deb\\nSize: %s\\nSHA256: %s\\n' "$(stat -c %s 2.deb)" "$(sha256sum 2.deb | cut -d ' ' -f 1)"
}} > Packages
echo "deb [trusted=yes] file:$repository ./" > {_SOURCE}
"""
_WITHDRAW = f"""
rm -rf {_FOLDER} {_SOURCE} /var/lib/apt/lists/*{PACKAGE}*
! dpkg --status {PACKAGE} > /dev/null 2>&1 || dpkg --purge {PACKAGE}
"""


def offer() -> list[str]:
    """Install the older version, and let apt know of the newer one."""
    return ["sh", "-c", _OFFER]


def withdraw() -> list[str]:
    """Remove both; may be repeated."""
    return ["sh", "-c", _WITHDRAW]
