"""The world outside: a foreign mail server with a zone and a clock of its own, on the machine `client`.

It receives mail for visitor@outside.example and checks it as a stranger would: SPF, DKIM, DMARC (whose policy it
honours), all by the names that the platform publishes. It sends to the platform by its MX record.
"""
