"""The pages of these tests: in this process, on SQLite, as the API's own tests have it."""

from tests.api.conftest import api, waiting_api, who  # noqa: F401 - fixtures are asked for by name
from tests.records.conftest import (  # noqa: F401 - the databases of the records' tests
    readers,
    sqlite_database,
    sqlite_template,
    sqlite_url,
    template,
)
