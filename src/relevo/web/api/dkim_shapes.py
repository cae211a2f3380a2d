"""What is told of DKIM keys and of DNS: the shapes of `relevo.directory.describe.dkim_key` and `seen_in_dns`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.web.api.shapes import Told


class DkimKey(Told):
    """A key that a domain's mail is, was or will be signed with; its private half is never told."""

    domain: str = Field(examples=["example.org"])
    selector: str = Field(examples=["relevo-20261128-3fa9"])
    state: Literal["new", "signing", "retired"] = Field(
        description="new: to be published, signs nothing yet. retired: stays published until `safe_from`."
    )
    needed: bool = Field(description="Whether its record must be published: false after `safe_from`.")
    record: str = Field(
        description="The name of its TXT record.", examples=["relevo-20261128-3fa9._domainkey.example.org"]
    )
    text: str = Field(description="What that record says.", examples=["v=DKIM1; k=rsa; p=MIIB…"])
    public: str = Field(description="The key alone, as it stands behind `p=`.")
    made: str = Field(examples=["2026-11-28T09:30:00+00:00"])
    seen: str | None = Field(description="Since when DNS shows a new one; null when it does not, as far as is known.")
    signing: str | None = Field(description="Since when it signs, or did.")
    retired: str | None = Field(description="When another one took its place.")
    safe_from: str | None = Field(description="From then on nobody needs the record of a retired one any more.")


class DkimKeys(Told):
    """The keys of a domain, the oldest first."""

    items: list[DkimKey]


class FoundRecord(Told):
    """A record as it should be, and what the domain's own name servers say."""

    name: str = Field(examples=["example.org"])
    type: str = Field(examples=["MX"])
    data: str = Field(description="What should be there.", examples=["10 mail.example.org."])
    found: list[str] = Field(description="What is there; of TXT records those of the same kind.")
    verdict: Literal["right", "wrong", "missing", "unknown"] = Field(description="unknown: nobody has answered.")
    trouble: str = Field(description="What is odd about the answers, for people; empty when nothing is.")
    matters: bool = Field(description="Whether mail suffers, not only the convenience of programs.")


class Dns(Told):
    """What DNS says of a domain, asked right now."""

    well: bool = Field(description="All that mail needs is as it should be.")
    trouble: str = Field(description="Why nobody could be asked; empty when somebody could.")
    records: list[FoundRecord]
