"""Computes the signed bytes of documents from outside, in a process of its own that may be killed.

A document of a few kilobytes can keep canonicalisation busy for ever; a thread could not be stopped.
Reads `{"documents": [...]}` on standard input, writes `{"answers": [...]}` on standard output.
"""

import json
import resource
import sys
from typing import Any

MEMORY = 512 * 1024 * 1024
PROCESSOR_SECONDS = 5


def main() -> None:
    """Answer one request: for each document the 64 signed bytes as hex, or the code of why there are none."""
    _limit()
    from services.documents import contexts, proofs

    def answer(document: dict[str, Any]) -> dict[str, str]:
        try:
            proved = proofs.take_apart(document)
            return {"hash": proofs.hash_data(proved.unsecured, proved.options).hex()}
        except proofs.ProofInvalid as wrong:
            return {"code": wrong.code, "detail": wrong.detail[:200]}

    contexts.assert_pinned()
    request = json.load(sys.stdin)
    json.dump({"answers": [answer(document) for document in request["documents"]]}, sys.stdout)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
