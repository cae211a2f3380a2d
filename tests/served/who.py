"""Who is on the platform of the pictures, for both ends: without Django."""

from __future__ import annotations

PASSWORD = "unrelated-words-9"
GLOBAL, LOCAL, EMPTY = "rosa.quispe@sistemas.example", "luis.mamani@sistemas.example", "nueva@sistemas.example"
WITH_FACTOR, OWNER_WITH_FACTOR = "con.factor@sistemas.example", "persona.05@chocolatesparati.example"
OWNER, NEW_OWNER = "ana.gutierrez@chocolatesparati.example", "nadie@vacio.example"
FIRST, NOTHING = "chocolatesparati.example", "vacio.example"


def people() -> dict[str, tuple[str, str]]:
    """Return who can log in, with their passwords."""
    known = {"global": GLOBAL, "local": LOCAL, "empty": EMPTY, "owner": OWNER, "new-owner": NEW_OWNER}
    known |= {"with-factor": WITH_FACTOR, "owner-with-factor": OWNER_WITH_FACTOR}
    return {who: (address, PASSWORD) for who, address in known.items()}
