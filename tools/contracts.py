"""An import contract that import-linter lacks: a package that may use the standard library and nothing else.

A list of forbidden libraries would go stale with the first new dependency; this asks the interpreter instead.
"""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class StandardLibraryOnly(Contract):
    """`source_modules` and what lies in them import the standard library and `allowed_modules`, nothing else."""

    # Declared as fields; import-linter puts their values in their place when it makes the contract.
    source_modules: list[str] = fields.ListField(subfield=fields.StringField())  # type: ignore[assignment] # see above
    allowed_modules: list[str] = fields.ListField(subfield=fields.StringField())  # type: ignore[assignment] # see above

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 - import-linter's signature
        """Collect every import that leaves the allowed ground."""
        output.verbose_print(verbose, f"Reading the imports of {', '.join(self.source_modules)}")
        found = [
            f"{importer} -> {imported}"
            for importer in sorted(graph.modules)
            if _within(importer, self.source_modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not self._is_allowed(imported)
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the imports that broke it, one a line."""
        for line in check.metadata["found"]:
            output.print_error(line)

    def _is_allowed(self, module: str) -> bool:
        return module.partition(".")[0] in sys.stdlib_module_names or _within(module, self.allowed_modules)


def _within(module: str, packages: list[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
