"""Keeps people's words and addresses out of Temporal, whose histories are kept in clear and shown to operators."""

from dataclasses import replace

from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter, DefaultFailureConverter, PayloadConverter


class DiscreetFailures(DefaultFailureConverter):
    """A failure travels as its kind and where it arose, never as its text.

    The text of a mail server's or a database's error holds addresses and names.
    """

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """As the class above, for the failure and everything that caused it."""
        super().to_failure(exception, payload_converter, failure)
        if failure.HasField("application_failure_info"):
            failure.message = failure.application_failure_info.type or "failure"


CONVERTER = replace(DataConverter.default, failure_converter_class=DiscreetFailures)
"""How every client of ours speaks to the Temporal server."""
