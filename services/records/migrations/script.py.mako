"""${message}."""
<%def name="told(steps)">${"\n    ".join(line.strip() if line.startswith("# ") else line for line in steps.split("\n    ") if not line.startswith("# ###"))}</%def>
import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${told(upgrades or "pass")}


def downgrade() -> None:
    ${told(downgrades or "pass")}
