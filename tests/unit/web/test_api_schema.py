"""The OpenAPI document, and the API against it: schemathesis sends what fits it and what does not, as both roles."""

from __future__ import annotations

import itertools
import json

import pytest
import schemathesis
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.config._checks import (
    MISSING_REQUIRED_HEADER_EXPECTED_STATUSES,
    NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES,
    POSITIVE_DATA_ACCEPTANCE_EXPECTED_STATUSES,
)

from relevo.web.wsgi import application
from tests.unit.web.conftest import STRONG

EXAMPLES = 10
LOCAL_PARTS = ("ana", "luis", "info", "all", "new", "abuse")
OURS = [f"{name}@{domain}" for name in LOCAL_PARTS for domain in ("example.org", "second.example")]
FORMATS = {
    "own-address": [*OURS, "helper@elsewhere.example", "new@nowhere.example"],
    "address": ["ana@second.example", "luis@example.org", "x+y@else.example"],
    "address-or-empty": ["", "ana@second.example", "x@else.example"],
    "domain-name": ["example.org", "second.example", "new.example"],
    "queue-id": ["AAAAA1", "AAAAA2", "BBBBB2", "CCCCCC"],
    "selector": ["relevo", "relevo-20261128-3fa9", "none"],
    "ip-or-empty": ["", "192.0.2.7", "2001:db8::7"],
    "trace-id": ["4jcPlb5LXdz2Gm1j", "4jcPlg71jWz2Gm33", "CCCCCC"],
    "quarantine-id": ["First0000001", "Second000002", "Both00000003", "Nothing00004"],
    "post-id": ["First1-1", "Second2-2", "Nothing3-3"],
    "sender": ["shop@example.com", "casino.example"],
    "whom": ["*", "second.example", "example.org", "ana@second.example", "nobody@example.org"],
    "domain-name-or-empty": ["", "example.org", "second.example"],
    "password": [STRONG, "several unrelated words", "password123"],
}
for name, values in FORMATS.items():
    schemathesis.openapi.format(name, st.sampled_from(values))

EXPECTED = {
    # An ETag that fits the document need not be the entry's.
    "positive_data_acceptance": [*POSITIVE_DATA_ACCEPTANCE_EXPECTED_STATUSES, "412"],
    # A list that is too long can be too large before anybody counts.
    "negative_data_rejection": [*NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES, "412", "413"],
    "missing_required_header": [*MISSING_REQUIRED_HEADER_EXPECTED_STATUSES, "428"],  # RFC 6585
}
AS_NGINX = {"Host": "mail.example.org", "X-Forwarded-Proto": "https"}
schema = schemathesis.openapi.from_wsgi(
    "/api/v1/openapi.json", application, headers=AS_NGINX,
    config=SchemathesisConfig.from_dict(
        {"checks": {check: {"expected-statuses": statuses} for check, statuses in EXPECTED.items()}}
    ),
)
schema.config.update(base_url="https://mail.example.org")
places = itertools.count()  # one client for each case: who shows wrong tokens is soon asked to wait


@pytest.mark.parametrize("role", ["global", "domain"])
@pytest.mark.usefixtures("agents", "names", "traces")
@schema.parametrize()
@seed(7)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_nothing_is_found(case, secret_of, role):
    client = {"X-Real-IP": f"192.0.2.{next(places)}"}
    case.call_and_validate(headers={**AS_NGINX, **client, "Authorization": f"Bearer {secret_of(role)}"})


def test_the_document_is_valid(visit):
    document = json.loads(visit().get("/api/v1/openapi.json").content)
    OpenAPIV31SpecValidator(document).validate()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == 67
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert {"401", "403", "422", "429", "500", "503"} < operation["responses"].keys()
