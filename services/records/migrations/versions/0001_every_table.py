"""every table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('stream', sa.String(length=64), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=160), nullable=False),
    sa.Column('details', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('prev', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('stream', 'seq', name=op.f('pk_audit'))
    )
    op.create_index('ix_audit_newest', 'audit', ['at', 'stream', 'seq'], unique=False)
    op.create_table('course_offers',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('provider', sa.String(length=200), nullable=False),
    sa.Column('title_en', sa.String(length=200), nullable=False),
    sa.Column('title_fr', sa.String(length=200), nullable=False),
    sa.Column('way', sa.Enum('course', 'practice', 'mentoring', 'new_evidence', 'appointment', name='way', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('covers', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('cost', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.Column('mode', sa.Enum('online', 'hybrid', 'workplace', 'on_site', name='mode', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_course_offers')),
    sa.UniqueConstraint('programme', 'key', name=op.f('uq_course_offers_programme_key'))
    )
    op.create_table('enquiry_counts',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('programme', 'quarter', name=op.f('pk_enquiry_counts'))
    )
    op.create_table('equivalences',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key_a', sa.String(length=140), nullable=False),
    sa.Column('key_b', sa.String(length=140), nullable=False),
    sa.Column('source', sa.String(length=500), nullable=False),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('key_a < key_b', name=op.f('ck_equivalences_a_pair_is_kept_once')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_equivalences')),
    sa.UniqueConstraint('key_a', 'key_b', name=op.f('uq_equivalences_key_a_key_b'))
    )
    op.create_index(op.f('ix_equivalences_key_a'), 'equivalences', ['key_a'], unique=False)
    op.create_index(op.f('ix_equivalences_key_b'), 'equivalences', ['key_b'], unique=False)
    op.create_table('frameworks',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('identifier', sa.String(length=200), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('licence', sa.String(), nullable=False),
    sa.Column('package', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_frameworks')),
    sa.UniqueConstraint('identifier', name=op.f('uq_frameworks_identifier'))
    )
    op.create_table('institutions',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('name_fr', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_institutions'))
    )
    op.create_table('issuer_keys',
    sa.Column('id', sa.String(length=300), nullable=False),
    sa.Column('issuer', sa.String(length=200), nullable=False),
    sa.Column('public_key', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('active', 'retired', 'compromised', name='keystate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_issuer_keys'))
    )
    op.create_table('people',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('organisation', sa.String(length=200), nullable=True),
    sa.Column('password_hash', sa.String(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('account', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people')),
    sa.UniqueConstraint('email', name=op.f('uq_people_email'))
    )
    op.create_table('sampling_seeds',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('programme', 'quarter', name=op.f('pk_sampling_seeds'))
    )
    op.create_table('self_identification_secrets',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('secret', sa.String(length=64), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_self_identification_secrets_there_is_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_self_identification_secrets'))
    )
    op.create_table('self_identifications',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('text_version', sa.String(length=32), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_self_identifications'))
    )
    op.create_table('status_lists',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('issuer', sa.String(length=200), nullable=False),
    sa.Column('document', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('valid_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_status_lists'))
    )
    op.create_table('throttles',
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('blocked_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_throttles'))
    )
    op.create_table('agreement_figures',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('scope', sa.Enum('programme', 'competency', 'criterion', 'assessor', name='scope', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('subject', sa.String(length=140), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('pairs', sa.Integer(), nullable=False),
    sa.Column('measures', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('below', sa.Boolean(), nullable=False),
    sa.Column('drifting', sa.Boolean(), nullable=False),
    sa.Column('definition', sa.String(length=32), nullable=False),
    sa.Column('rolled_up_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(scope = 'assessor') = (person_id IS NOT NULL)", name=op.f('ck_agreement_figures_a_person_only_of_assessors')),
    sa.CheckConstraint('pairs >= 20 OR measures IS NULL', name=op.f('ck_agreement_figures_too_few_to_show')),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_agreement_figures_institution_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_agreement_figures_person_id')),
    sa.PrimaryKeyConstraint('programme', 'quarter', 'scope', 'subject', name=op.f('pk_agreement_figures'))
    )
    op.create_table('anchors',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('competency', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('material', sa.String(), nullable=False),
    sa.Column('agreed', sa.Enum('met', 'partial', 'not_yet', 'insufficient_evidence', name='recommendation', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('kept_by', sa.Uuid(), nullable=False),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_anchors_institution_id')),
    sa.ForeignKeyConstraint(['kept_by'], ['people.id'], name=op.f('fk_anchors_kept_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_anchors'))
    )
    op.create_index('ix_anchors_programme', 'anchors', ['programme', 'retired_at', 'id'], unique=False)
    op.create_table('assessor_profiles',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('languages', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('competencies', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('on_leave', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_assessor_profiles_person_id')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_assessor_profiles'))
    )
    op.create_table('calendar_editions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('document', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_calendar_editions_institution_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_editions'))
    )
    op.create_index('ix_calendar_editions_newest', 'calendar_editions', ['institution_id', 'name', 'id'], unique=False)
    op.create_table('calibration_rounds',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rated', sa.Integer(), nullable=False),
    sa.Column('agreed', sa.Integer(), nullable=False),
    sa.CheckConstraint('0 <= agreed AND agreed <= rated', name=op.f('ck_calibration_rounds_agreed_is_part_of_rated')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_calibration_rounds_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calibration_rounds'))
    )
    op.create_index('ix_calibration_rounds_person', 'calibration_rounds', ['person_id', 'programme', 'finished_at'], unique=False)
    op.create_index('uq_calibration_rounds_open', 'calibration_rounds', ['programme', 'person_id'], unique=True, sqlite_where=sa.text('finished_at IS NULL'), postgresql_where=sa.text('finished_at IS NULL'))
    op.create_table('check_answers',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('question', sa.Enum('clear', 'helped', 'known', name='question', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('answer', sa.String(length=16), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_check_answers_institution_id')),
    sa.PrimaryKeyConstraint('programme', 'quarter', 'question', 'answer', name=op.f('pk_check_answers'))
    )
    op.create_table('double_readings',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('judged', sa.Integer(), nullable=False),
    sa.Column('read_twice', sa.Integer(), nullable=False),
    sa.Column('settled', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('definition', sa.String(length=32), nullable=False),
    sa.Column('rolled_up_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('0 <= changed AND changed <= settled AND settled <= read_twice', name=op.f('ck_double_readings_parts_of_a_whole')),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_double_readings_institution_id')),
    sa.PrimaryKeyConstraint('programme', 'quarter', name=op.f('pk_double_readings'))
    )
    op.create_table('group_years',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('tables', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('definition', sa.String(length=32), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_group_years_institution_id')),
    sa.PrimaryKeyConstraint('programme', 'year', name=op.f('pk_group_years'))
    )
    op.create_table('invitations',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('spent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_invitations_person_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_invitations'))
    )
    op.create_index(op.f('ix_invitations_person_id'), 'invitations', ['person_id'], unique=False)
    op.create_table('known_people',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("name <> '' OR email <> ''", name=op.f('ck_known_people_says_who')),
    sa.ForeignKeyConstraint(['owner_id'], ['people.id'], name=op.f('fk_known_people_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_known_people'))
    )
    op.create_index(op.f('ix_known_people_owner_id'), 'known_people', ['owner_id'], unique=False)
    op.create_table('overdue_lists',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('week', sa.String(length=8), nullable=False),
    sa.Column('counts', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_overdue_lists_institution_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_overdue_lists_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_overdue_lists')),
    sa.UniqueConstraint('week', 'institution_id', 'person_id', name=op.f('uq_overdue_lists_week_institution_id_person_id'))
    )
    op.create_table('person_roles',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=True),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_person_roles_institution_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_person_roles_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_roles'))
    )
    op.create_index(op.f('ix_person_roles_person_id'), 'person_roles', ['person_id'], unique=False)
    op.create_table('programme_versions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('title_en', sa.String(), nullable=False),
    sa.Column('title_fr', sa.String(), nullable=False),
    sa.Column('document', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_programme_versions_institution_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme_versions')),
    sa.UniqueConstraint('slug', 'version', name=op.f('uq_programme_versions_slug_version'))
    )
    op.create_table('progress_counts',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('measure', sa.Enum('reached', 'led_on', 'never_presented', 'decided_within', 'old_enough', 'left_in', 'left_because', 'days_to_decision', 'our_days', 'their_days', 'seats_due', 'seats_late', 'claims', 'claims_granted', 'claims_not_yet', 'assessed', 'offers_answered', 'barred', 'conflicts_set_aside', 'decisions_changed', 'recommendations_returned', 'letters_corrected', 'first_decisions', 'panel_votes', 'granted_by_method', 'not_yet_by_method', 'granted_by_attempt', 'not_yet_by_attempt', 'rounds_of_requests', 'pointed_items', 'fees', 'fees_waived', 'minutes_of_meetings', 'seats_sealed', 'minutes_of_seats', 'cases_timed', 'cost_of_cases', 'checks_of_credentials', 'open_for', 'open_in', 'open_waiting', name='measure', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('word', sa.String(length=64), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('values', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('definition', sa.String(length=32), nullable=False),
    sa.Column('rolled_up_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_progress_counts_institution_id')),
    sa.PrimaryKeyConstraint('programme', 'quarter', 'measure', 'word', name=op.f('pk_progress_counts'))
    )
    op.create_table('public_reports',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('lines', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('published_by', sa.Uuid(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note_en', sa.String(), nullable=False),
    sa.Column('note_fr', sa.String(), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_public_reports_institution_id')),
    sa.ForeignKeyConstraint(['published_by'], ['people.id'], name=op.f('fk_public_reports_published_by')),
    sa.PrimaryKeyConstraint('programme', 'year', name=op.f('pk_public_reports'))
    )
    op.create_table('saved_comments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('en', sa.String(length=2000), nullable=False),
    sa.Column('fr', sa.String(length=2000), nullable=False),
    sa.Column('shared', sa.Boolean(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("en <> '' OR fr <> ''", name=op.f('ck_saved_comments_says_something')),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_saved_comments_institution_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['people.id'], name=op.f('fk_saved_comments_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_comments'))
    )
    op.create_index(op.f('ix_saved_comments_owner_id'), 'saved_comments', ['owner_id'], unique=False)
    op.create_index('ix_saved_comments_shared', 'saved_comments', ['institution_id', 'shared'], unique=False)
    op.create_table('saved_views',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('query', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_saved_views_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_views')),
    sa.UniqueConstraint('person_id', 'name', name=op.f('uq_saved_views_person_id_name'))
    )
    op.create_table('sessions',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('idle_minutes', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_sessions_person_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sessions'))
    )
    op.create_index(op.f('ix_sessions_person_id'), 'sessions', ['person_id'], unique=False)
    op.create_table('sponsor_agreements',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('sponsor', sa.String(length=200), nullable=False),
    sa.Column('reference', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('made_by', sa.Uuid(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_sponsor_agreements_begins_before_it_ends')),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_sponsor_agreements_institution_id')),
    sa.ForeignKeyConstraint(['made_by'], ['people.id'], name=op.f('fk_sponsor_agreements_made_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sponsor_agreements')),
    sa.UniqueConstraint('institution_id', 'reference', name=op.f('uq_sponsor_agreements_institution_id_reference'))
    )
    op.create_table('survey_counts',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('wave', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('followed', sa.Enum('recognised', 'not_yet', 'not_completed', name='followed', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('question', sa.Enum('work', 'change', 'study', 'credential', 'recommend', name='question', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('answer', sa.String(length=16), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_survey_counts_institution_id')),
    sa.PrimaryKeyConstraint('programme', 'year', 'wave', 'followed', 'question', 'answer', name=op.f('pk_survey_counts'))
    )
    op.create_table('survey_rounds',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('wave', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('followed', sa.Enum('recognised', 'not_yet', 'not_completed', name='followed', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('invited', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.CheckConstraint('0 <= answered AND answered <= invited', name=op.f('ck_survey_rounds_answers_of_those_asked')),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_survey_rounds_institution_id')),
    sa.PrimaryKeyConstraint('programme', 'year', 'wave', 'followed', 'language', name=op.f('pk_survey_rounds'))
    )
    op.create_table('tallies',
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('measure', sa.Enum('decided', 'judged', 'read_twice', 'read_twice_and_settled', 'decisions', 'appeals_lodged', 'appeal_grounds', 'appeals_ended', 'appeal_causes', 'appeal_days', name='measure', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('word', sa.String(length=40), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('values', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('definition', sa.String(length=32), nullable=False),
    sa.Column('rolled_up_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_tallies_institution_id')),
    sa.PrimaryKeyConstraint('programme', 'quarter', 'measure', 'word', name=op.f('pk_tallies'))
    )
    op.create_table('anchor_ratings',
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('anchor_id', sa.Uuid(), nullable=False),
    sa.Column('recommendation', sa.Enum('met', 'partial', 'not_yet', 'insufficient_evidence', name='recommendation', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('rated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['anchor_id'], ['anchors.id'], name=op.f('fk_anchor_ratings_anchor_id')),
    sa.ForeignKeyConstraint(['round_id'], ['calibration_rounds.id'], name=op.f('fk_anchor_ratings_round_id')),
    sa.PrimaryKeyConstraint('round_id', 'anchor_id', name=op.f('pk_anchor_ratings'))
    )
    op.create_table('cases',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('programme_version_id', sa.Uuid(), nullable=False),
    sa.Column('left_versions', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('learner_id', sa.Uuid(), nullable=False),
    sa.Column('advisor_id', sa.Uuid(), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('stage', sa.Enum('draft', 'submitted', 'eligibility_review', 'incomplete', 'not_eligible', 'eligible', 'portfolio_submitted', 'assigning', 'in_assessment', 'more_evidence', 'direct_assessment', 'second_assessment', 'moderation', 'decision_pending', 'issuing', 'decided', 'gap_training', 'under_review', 'closed', name='stage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('stage_entry', sa.Integer(), nullable=False),
    sa.Column('return_to', sa.Enum('draft', 'submitted', 'eligibility_review', 'incomplete', 'not_eligible', 'eligible', 'portfolio_submitted', 'assigning', 'in_assessment', 'more_evidence', 'direct_assessment', 'second_assessment', 'moderation', 'decision_pending', 'issuing', 'decided', 'gap_training', 'under_review', 'closed', name='return_to', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('waiting_on', sa.Enum('learner', 'advisor', 'assessor', 'third_party', 'panel', 'decision_maker', 'appeal_body', 'lead', 'none', name='waitingon', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('clock', sa.Enum('running', 'stopped', name='clock', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('informed_on', sa.Date(), nullable=True),
    sa.Column('extra_time', sa.Integer(), nullable=False),
    sa.Column('calendar_id', sa.Uuid(), nullable=True),
    sa.Column('next_calendar_id', sa.Uuid(), nullable=True),
    sa.Column('refusal_proposed', sa.Boolean(), nullable=False),
    sa.Column('rounds_used', sa.Integer(), nullable=False),
    sa.Column('rounds_allowed', sa.Integer(), nullable=False),
    sa.Column('offers_failed', sa.Integer(), nullable=False),
    sa.Column('extended', sa.Boolean(), nullable=False),
    sa.Column('paused_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('judge_on_file', sa.Boolean(), nullable=False),
    sa.Column('moderation', sa.Enum('agreed', 'confer', 'panel', name='moderation', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('closed_as', sa.Enum('completed', 'withdrawn', 'expired', 'not_eligible', 'reoriented', 'duplicate', name='closedas', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('other_route', sa.String(), nullable=True),
    sa.Column('mentor_id', sa.Uuid(), nullable=True),
    sa.Column('mentor_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.Column('intake_by_id', sa.Uuid(), nullable=True),
    sa.Column('merged_into_id', sa.Uuid(), nullable=True),
    sa.Column('outcome', sa.String(length=32), nullable=True),
    sa.Column('needs_attention', sa.String(length=200), nullable=True),
    sa.Column('answers', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('answers_version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('active_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('appeal_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['advisor_id'], ['people.id'], name=op.f('fk_cases_advisor_id')),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendar_editions.id'], name=op.f('fk_cases_calendar_id')),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_cases_institution_id')),
    sa.ForeignKeyConstraint(['intake_by_id'], ['people.id'], name=op.f('fk_cases_intake_by_id')),
    sa.ForeignKeyConstraint(['learner_id'], ['people.id'], name=op.f('fk_cases_learner_id')),
    sa.ForeignKeyConstraint(['mentor_id'], ['people.id'], name=op.f('fk_cases_mentor_id')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['cases.id'], name=op.f('fk_cases_merged_into_id')),
    sa.ForeignKeyConstraint(['next_calendar_id'], ['calendar_editions.id'], name=op.f('fk_cases_next_calendar_id')),
    sa.ForeignKeyConstraint(['programme_version_id'], ['programme_versions.id'], name=op.f('fk_cases_programme_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases')),
    sa.UniqueConstraint('number', name=op.f('uq_cases_number'))
    )
    op.create_index('ix_cases_advisor', 'cases', ['advisor_id', 'due_at', 'id'], unique=False)
    op.create_index('ix_cases_institution_queue', 'cases', ['institution_id', 'due_at', 'id'], unique=False, sqlite_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"), postgresql_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"))
    op.create_index('ix_cases_learner', 'cases', ['learner_id', 'programme'], unique=False)
    op.create_index(op.f('ix_cases_next_calendar_id'), 'cases', ['next_calendar_id'], unique=False)
    op.create_index('ix_cases_programme_queue', 'cases', ['programme', 'due_at', 'id'], unique=False, sqlite_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"), postgresql_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"))
    op.create_index('ix_cases_queue', 'cases', ['due_at', 'id'], unique=False, sqlite_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"), postgresql_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"))
    op.create_index('ix_cases_waiting', 'cases', ['institution_id', 'waiting_on', 'due_at', 'id'], unique=False, sqlite_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"), postgresql_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"))
    op.create_table('assignments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('seat', sa.Enum('first', 'second', 'third', 'interview', 'panel', 'appeal_1', 'appeal_2', name='seatkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('offered', 'declined', 'conflict', 'expired', 'cancelled', 'accepted', 'submitted', 'final', 'dismissed', name='seatstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('chair', sa.Boolean(), nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('respond_by', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('screen', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('screen_again', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_assignments_case_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_assignments_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignments'))
    )
    op.create_index(op.f('ix_assignments_case_id'), 'assignments', ['case_id'], unique=False)
    op.create_index('ix_assignments_person', 'assignments', ['person_id', 'state', 'due_at', 'id'], unique=False)
    op.create_table('case_exclusions',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('tie', sa.String(length=64), nullable=False),
    sa.Column('declared', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_exclusions_case_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_case_exclusions_person_id')),
    sa.PrimaryKeyConstraint('case_id', 'person_id', name=op.f('pk_case_exclusions'))
    )
    op.create_table('case_messages',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('thread', sa.Enum('guidance', 'mentoring', name='thread', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role IN ('learner', 'advisor', 'mentor', 'lead')", name=op.f('ck_case_messages_written_by_who_guides')),
    sa.ForeignKeyConstraint(['author_id'], ['people.id'], name=op.f('fk_case_messages_author_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_messages_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_messages')),
    sa.UniqueConstraint('author_id', 'key', name=op.f('uq_case_messages_author_id_key'))
    )
    op.create_index('ix_case_messages_thread', 'case_messages', ['case_id', 'thread', 'id'], unique=False)
    op.create_table('case_parties',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_parties_case_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_case_parties_person_id')),
    sa.PrimaryKeyConstraint('case_id', 'person_id', name=op.f('pk_case_parties')),
    sa.UniqueConstraint('case_id', 'person_id', 'role', name=op.f('uq_case_parties_case_id_person_id_role'))
    )
    op.create_index('ix_case_parties_person', 'case_parties', ['person_id', 'role', 'case_id'], unique=False)
    op.create_table('case_spans',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('stage', sa.Enum('draft', 'submitted', 'eligibility_review', 'incomplete', 'not_eligible', 'eligible', 'portfolio_submitted', 'assigning', 'in_assessment', 'more_evidence', 'direct_assessment', 'second_assessment', 'moderation', 'decision_pending', 'issuing', 'decided', 'gap_training', 'under_review', 'closed', name='stage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('waiting_on', sa.Enum('learner', 'advisor', 'assessor', 'third_party', 'panel', 'decision_maker', 'appeal_body', 'lead', 'none', name='waitingon', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('clock', sa.Enum('running', 'stopped', name='clock', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_spans_case_id')),
    sa.PrimaryKeyConstraint('case_id', 'seq', name=op.f('pk_case_spans'))
    )
    op.create_table('claims',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('learner_id', sa.Uuid(), nullable=False),
    sa.Column('competency', sa.String(length=64), nullable=False),
    sa.Column('competency_key', sa.String(length=140), nullable=False),
    sa.Column('kind', sa.Enum('assess', 'transfer', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('claimed', 'documented', 'in_assessment', 'recommended_met', 'recommended_partial', 'recommended_not_yet', 'insufficient_evidence', 'granted', 'granted_by_transfer', 'not_yet', 'withdrawn', 'credentialed', 'suspended', 'superseded', 'revoked', name='claimstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('self_assessment', sa.Enum('alone', 'with_help', 'not_yet', name='selfassessment', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('grant_active', sa.Boolean(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_claims_case_id')),
    sa.ForeignKeyConstraint(['learner_id'], ['people.id'], name=op.f('fk_claims_learner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claims')),
    sa.UniqueConstraint('case_id', 'competency', 'attempt', name=op.f('uq_claims_case_id_competency_attempt')),
    sa.UniqueConstraint('id', 'case_id', name=op.f('uq_claims_id_case_id'))
    )
    op.create_index(op.f('ix_claims_case_id'), 'claims', ['case_id'], unique=False)
    op.create_index('uq_claims_double_credit', 'claims', ['learner_id', 'competency_key'], unique=True, sqlite_where=sa.text('grant_active'), postgresql_where=sa.text('grant_active'))
    op.create_table('cohort_members',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('agreement_id', sa.Uuid(), nullable=False),
    sa.Column('learner_id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=64), nullable=False),
    sa.Column('added_by', sa.Uuid(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['added_by'], ['people.id'], name=op.f('fk_cohort_members_added_by')),
    sa.ForeignKeyConstraint(['agreement_id'], ['sponsor_agreements.id'], name=op.f('fk_cohort_members_agreement_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_cohort_members_case_id')),
    sa.ForeignKeyConstraint(['learner_id'], ['people.id'], name=op.f('fk_cohort_members_learner_id')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_cohort_members')),
    sa.UniqueConstraint('agreement_id', 'learner_id', name=op.f('uq_cohort_members_agreement_id_learner_id'))
    )
    op.create_index(op.f('ix_cohort_members_learner_id'), 'cohort_members', ['learner_id'], unique=False)
    op.create_table('commands',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=160), nullable=False),
    sa.Column('actor', sa.String(length=36), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('expected_version', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('body', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('status', sa.Enum('pending', 'applied', 'refused', name='commandstatus', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('result', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('refusal', sa.String(length=32), nullable=True),
    sa.Column('refusal_facts', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('try_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('heard', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_commands_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commands')),
    sa.UniqueConstraint('case_id', 'version', name=op.f('uq_commands_case_id_version'))
    )
    op.create_index(op.f('ix_commands_case_id'), 'commands', ['case_id'], unique=False)
    op.create_index('ix_commands_pending', 'commands', ['received_at', 'id'], unique=False, sqlite_where=sa.text("status = 'pending'"), postgresql_where=sa.text("status = 'pending'"))
    op.create_index('ix_commands_unheard', 'commands', ['settled_at'], unique=False, sqlite_where=sa.text('heard = 0'), postgresql_where=sa.text('NOT heard'))
    op.create_table('consents',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.String(length=64), nullable=False),
    sa.Column('text_version', sa.String(length=32), nullable=False),
    sa.Column('recorded_by', sa.Uuid(), nullable=True),
    sa.Column('form', sa.String(length=16), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_consents_case_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_consents_person_id')),
    sa.ForeignKeyConstraint(['recorded_by'], ['people.id'], name=op.f('fk_consents_recorded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    op.create_index(op.f('ix_consents_case_id'), 'consents', ['case_id'], unique=False)
    op.create_index('ix_consents_surveys', 'consents', ['id'], unique=False, sqlite_where=sa.text("purpose = 'survey' AND withdrawn_at IS NULL"), postgresql_where=sa.text("purpose = 'survey' AND withdrawn_at IS NULL"))
    op.create_table('conversations',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('thread', sa.Enum('guidance', 'mentoring', name='thread', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_conversations_case_id')),
    sa.PrimaryKeyConstraint('case_id', 'thread', name=op.f('pk_conversations'))
    )
    op.create_index('ix_conversations_unanswered', 'conversations', ['thread', 'case_id'], unique=False, sqlite_where=sa.text('waiting_since IS NOT NULL'), postgresql_where=sa.text('waiting_since IS NOT NULL'))
    op.create_table('employers',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('organisation', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=True),
    sa.Column('referee', sa.String(length=200), nullable=True),
    sa.Column('until', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_employers_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_employers'))
    )
    op.create_index(op.f('ix_employers_case_id'), 'employers', ['case_id'], unique=False)
    op.create_table('enquiries',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('way', sa.Enum('phone', 'visit', 'email', 'web', name='way', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('language', sa.Enum('en', 'fr', name='language', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_enquiries_case_id')),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_enquiries_institution_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enquiries'))
    )
    op.create_index(op.f('ix_enquiries_case_id'), 'enquiries', ['case_id'], unique=False)
    op.create_index(op.f('ix_enquiries_institution_id'), 'enquiries', ['institution_id'], unique=False)
    op.create_index(op.f('ix_enquiries_programme'), 'enquiries', ['programme'], unique=False)
    op.create_table('evidence_requests',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_as', sa.String(length=16), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_evidence_requests_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_requests'))
    )
    op.create_index(op.f('ix_evidence_requests_case_id'), 'evidence_requests', ['case_id'], unique=False)
    op.create_index('uq_evidence_requests_open', 'evidence_requests', ['case_id'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('limits',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('stage', sa.Enum('draft', 'submitted', 'eligibility_review', 'incomplete', 'not_eligible', 'eligible', 'portfolio_submitted', 'assigning', 'in_assessment', 'more_evidence', 'direct_assessment', 'second_assessment', 'moderation', 'decision_pending', 'issuing', 'decided', 'gap_training', 'under_review', 'closed', name='stage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('stage_entry', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('running', 'stopped', 'paused', 'over', name='limitstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('remaining', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_limits_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_limits')),
    sa.UniqueConstraint('case_id', 'stage_entry', 'key', name=op.f('uq_limits_case_id_stage_entry_key'))
    )
    op.create_index(op.f('ix_limits_case_id'), 'limits', ['case_id'], unique=False)
    op.create_index('ix_limits_due', 'limits', ['state', 'due_at'], unique=False)
    op.create_table('long_waits',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_long_waits_case_id')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_long_waits'))
    )
    op.create_index(op.f('ix_long_waits_programme'), 'long_waits', ['programme'], unique=False)
    op.create_table('look_backs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('assessor_id', sa.Uuid(), nullable=False),
    sa.Column('reader_id', sa.Uuid(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('state', sa.Enum('offered', 'declined', 'conflict', 'expired', 'cancelled', 'accepted', 'submitted', 'final', 'dismissed', name='seatstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('respond_by', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('screen', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'submitted') = (sent_at IS NOT NULL)", name=op.f('ck_look_backs_sent_in_once')),
    sa.CheckConstraint('assessor_id <> reader_id', name=op.f('ck_look_backs_read_by_somebody_else')),
    sa.ForeignKeyConstraint(['assessor_id'], ['people.id'], name=op.f('fk_look_backs_assessor_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_look_backs_case_id')),
    sa.ForeignKeyConstraint(['institution_id'], ['institutions.id'], name=op.f('fk_look_backs_institution_id')),
    sa.ForeignKeyConstraint(['reader_id'], ['people.id'], name=op.f('fk_look_backs_reader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_look_backs')),
    sa.UniqueConstraint('case_id', 'assessor_id', 'reader_id', name=op.f('uq_look_backs_case_id_assessor_id_reader_id'))
    )
    op.create_index('ix_look_backs_quarter', 'look_backs', ['programme', 'quarter', 'assessor_id'], unique=False)
    op.create_index('ix_look_backs_reader', 'look_backs', ['reader_id', 'state'], unique=False)
    op.create_table('mentor_notes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('mentor_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('spoke', sa.Boolean(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_mentor_notes_case_id')),
    sa.ForeignKeyConstraint(['mentor_id'], ['people.id'], name=op.f('fk_mentor_notes_mentor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mentor_notes'))
    )
    op.create_index('ix_mentor_notes_case', 'mentor_notes', ['case_id', 'mentor_id', 'written_at'], unique=False)
    op.create_table('missing_items',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('cannot_provide', sa.Boolean(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_missing_items_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_missing_items'))
    )
    op.create_index(op.f('ix_missing_items_case_id'), 'missing_items', ['case_id'], unique=False)
    op.create_table('remarks',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role IN ('advisor', 'lead')", name=op.f('ck_remarks_kept_by_who_leads')),
    sa.ForeignKeyConstraint(['author_id'], ['people.id'], name=op.f('fk_remarks_author_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_remarks_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_remarks'))
    )
    op.create_index('ix_remarks_case', 'remarks', ['case_id', 'id'], unique=False)
    op.create_table('survey_baselines',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('work', sa.String(length=16), nullable=False),
    sa.Column('text_version', sa.String(length=32), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_survey_baselines_case_id')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_survey_baselines'))
    )
    op.create_table('accommodations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('arrangements', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('extra_time', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('asked', 'granted', 'not_granted', 'ended', name='answered', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_by', sa.Uuid(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['answered_by'], ['people.id'], name=op.f('fk_accommodations_answered_by')),
    sa.ForeignKeyConstraint(['asked_by'], ['people.id'], name=op.f('fk_accommodations_asked_by')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_accommodations_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_accommodations_command_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accommodations')),
    sa.UniqueConstraint('command_id', name=op.f('uq_accommodations_command_id'))
    )
    op.create_index(op.f('ix_accommodations_case_id'), 'accommodations', ['case_id'], unique=False)
    op.create_table('appointments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('method', sa.Enum('portfolio', 'interview', 'challenge_test', 'observation', 'simulation', 'third_party', name='method', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('requested', 'slots_offered', 'booked', 'held', 'recorded', 'cancelled', 'no_show_excused', 'no_show_unexcused', name='appointmentstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('raters', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('bring', sa.String(), nullable=False),
    sa.Column('attending', sa.String(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('follows', sa.Uuid(), nullable=True),
    sa.Column('proposals', sa.Integer(), nullable=False),
    sa.Column('proposal_note', sa.String(), nullable=False),
    sa.Column('called_off', sa.Integer(), nullable=False),
    sa.Column('slot_id', sa.Uuid(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('mode', sa.Enum('on_site', 'online', 'phone', 'recorded_answers', name='mode', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.CheckConstraint("role IN ('assessor', 'panel')", name=op.f('ck_appointments_conducted_in_a_seat')),
    sa.CheckConstraint('(slot_id IS NULL) = (starts_at IS NULL)', name=op.f('ck_appointments_booked_with_a_date')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_appointments_assignment_id')),
    sa.ForeignKeyConstraint(['case_id', 'person_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_appointments_case_id_person_id_role')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_appointments_case_id')),
    sa.ForeignKeyConstraint(['follows'], ['appointments.id'], name=op.f('fk_appointments_follows')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointments')),
    sa.UniqueConstraint('id', 'case_id', name=op.f('uq_appointments_id_case_id'))
    )
    op.create_index(op.f('ix_appointments_assignment_id'), 'appointments', ['assignment_id'], unique=False)
    op.create_index(op.f('ix_appointments_case_id'), 'appointments', ['case_id'], unique=False)
    op.create_index('uq_appointments_open', 'appointments', ['case_id'], unique=True, sqlite_where=sa.text("state IN ('booked', 'held', 'requested', 'slots_offered')"), postgresql_where=sa.text("state IN ('booked', 'held', 'requested', 'slots_offered')"))
    op.create_table('assignment_claims',
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_assignment_claims_assignment_id')),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_assignment_claims_claim_id')),
    sa.PrimaryKeyConstraint('assignment_id', 'claim_id', name=op.f('pk_assignment_claims'))
    )
    op.create_index(op.f('ix_assignment_claims_claim_id'), 'assignment_claims', ['claim_id'], unique=False)
    op.create_table('attestation_requests',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('consent_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('organisation', sa.String(length=200), nullable=False),
    sa.Column('relation', sa.String(length=16), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'open', 'submitted', 'declined', 'unknown_person', 'undelivered', 'expired', 'cancelled', name='requeststate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('period', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('draft', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('draft_version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state <> 'open' OR email <> '' OR phone <> ''", name=op.f('ck_attestation_requests_asked_somehow')),
    sa.CheckConstraint("state = 'proposed' OR consent_id IS NOT NULL OR opened_at IS NULL", name=op.f('ck_attestation_requests_only_by_consent')),
    sa.ForeignKeyConstraint(['asked_by'], ['people.id'], name=op.f('fk_attestation_requests_asked_by')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_attestation_requests_case_id')),
    sa.ForeignKeyConstraint(['consent_id'], ['consents.id'], name=op.f('fk_attestation_requests_consent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attestation_requests')),
    sa.UniqueConstraint('id', 'case_id', name=op.f('uq_attestation_requests_id_case_id'))
    )
    op.create_index(op.f('ix_attestation_requests_case_id'), 'attestation_requests', ['case_id'], unique=False)
    op.create_index('ix_attestation_requests_open', 'attestation_requests', ['id'], unique=False, sqlite_where=sa.text("state IN ('proposed', 'open')"), postgresql_where=sa.text("state IN ('proposed', 'open')"))
    op.create_table('case_fees',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('service', sa.Enum('file', 'competencies', 'reactivation', name='service', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('charged_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_case_fees_charges_something')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_fees_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_case_fees_command_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_fees')),
    sa.UniqueConstraint('command_id', 'service', name=op.f('uq_case_fees_command_id_service'))
    )
    op.create_index(op.f('ix_case_fees_case_id'), 'case_fees', ['case_id'], unique=False)
    op.create_table('cohort_employments',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('wave', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('consent_id', sa.Uuid(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('line_hash', sa.String(length=64), nullable=False),
    sa.CheckConstraint('wave IN (3, 6)', name=op.f('ck_cohort_employments_told_at_three_or_six_months')),
    sa.ForeignKeyConstraint(['case_id'], ['cohort_members.case_id'], name=op.f('fk_cohort_employments_case_id')),
    sa.ForeignKeyConstraint(['consent_id'], ['consents.id'], name=op.f('fk_cohort_employments_consent_id')),
    sa.PrimaryKeyConstraint('case_id', 'wave', name=op.f('pk_cohort_employments'))
    )
    op.create_table('conferral_messages',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role = 'assessor'", name=op.f('ck_conferral_messages_written_by_an_assessor')),
    sa.ForeignKeyConstraint(['case_id', 'author_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_conferral_messages_case_id_author_id_role')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conferral_messages'))
    )
    op.create_index(op.f('ix_conferral_messages_case_id'), 'conferral_messages', ['case_id'], unique=False)
    op.create_table('conflict_overrides',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('declared', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('overridden_by', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_conflict_overrides_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_conflict_overrides_command_id')),
    sa.ForeignKeyConstraint(['overridden_by'], ['people.id'], name=op.f('fk_conflict_overrides_overridden_by')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_conflict_overrides_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conflict_overrides')),
    sa.UniqueConstraint('command_id', name=op.f('uq_conflict_overrides_command_id'))
    )
    op.create_index(op.f('ix_conflict_overrides_case_id'), 'conflict_overrides', ['case_id'], unique=False)
    op.create_table('deadlines',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('limit_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Enum('open', 'fired', 'collapsed', 'dropped', name='deadlinestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_deadlines_case_id')),
    sa.ForeignKeyConstraint(['limit_id'], ['limits.id'], name=op.f('fk_deadlines_limit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadlines')),
    sa.UniqueConstraint('case_id', 'key', name=op.f('uq_deadlines_case_id_key'))
    )
    op.create_index(op.f('ix_deadlines_limit_id'), 'deadlines', ['limit_id'], unique=False)
    op.create_index('ix_deadlines_open', 'deadlines', ['case_id', 'at'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.create_table('decisions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('recognition', 'eligibility_refusal', 'revocation', 'suspension', 'reinstatement', 'appeal', name='decisionkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('decided_by', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('capacity', sa.String(length=200), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('case_version', sa.Integer(), nullable=False),
    sa.Column('portfolio_version', sa.Integer(), nullable=True),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.Column('next_step', sa.String(), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('supersedes_id', sa.Uuid(), nullable=True),
    sa.Column('appeal_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role IN ('decision_maker', 'panel', 'appeal_reviewer_1', 'appeal_reviewer_2')", name=op.f('ck_decisions_made_by_who_may_decide')),
    sa.ForeignKeyConstraint(['case_id', 'decided_by', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_decisions_case_id_decided_by_role')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_decisions_command_id')),
    sa.ForeignKeyConstraint(['supersedes_id'], ['decisions.id'], name=op.f('fk_decisions_supersedes_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decisions')),
    sa.UniqueConstraint('command_id', name=op.f('uq_decisions_command_id')),
    sa.UniqueConstraint('supersedes_id', name=op.f('uq_decisions_supersedes_id'))
    )
    op.create_index(op.f('ix_decisions_case_id'), 'decisions', ['case_id'], unique=False)
    op.create_table('fee_waivers',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('service', sa.Enum('file', 'competencies', 'reactivation', name='service', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('waived_by', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_fee_waivers_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_fee_waivers_command_id')),
    sa.ForeignKeyConstraint(['waived_by'], ['people.id'], name=op.f('fk_fee_waivers_waived_by')),
    sa.PrimaryKeyConstraint('case_id', 'service', name=op.f('pk_fee_waivers')),
    sa.UniqueConstraint('command_id', name=op.f('uq_fee_waivers_command_id'))
    )
    op.create_table('gap_plans',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('made_by', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_as', sa.String(length=16), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_gap_plans_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_gap_plans_command_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gap_plans')),
    sa.UniqueConstraint('case_id', 'number', name=op.f('uq_gap_plans_case_id_number')),
    sa.UniqueConstraint('command_id', name=op.f('uq_gap_plans_command_id'))
    )
    op.create_table('judgements',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('assessor_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('portfolio_version', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('recommendation', sa.Enum('met', 'partial', 'not_yet', 'insufficient_evidence', name='recommendation', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('locked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('command_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint("role IN ('assessor', 'panel', 'appeal_reviewer_1', 'appeal_reviewer_2')", name=op.f('ck_judgements_made_in_a_seat')),
    sa.CheckConstraint('(locked_at IS NULL) = (command_id IS NULL)', name=op.f('ck_judgements_locked_by_a_command')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_judgements_assignment_id')),
    sa.ForeignKeyConstraint(['case_id', 'assessor_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_judgements_case_id_assessor_id_role')),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_judgements_claim_id_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_judgements_command_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_judgements')),
    sa.UniqueConstraint('assignment_id', 'claim_id', name=op.f('uq_judgements_assignment_id_claim_id'))
    )
    op.create_index(op.f('ix_judgements_case_id'), 'judgements', ['case_id'], unique=False)
    op.create_index(op.f('ix_judgements_claim_id'), 'judgements', ['claim_id'], unique=False)
    op.create_table('lapse_challenges',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.Column('challenged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('restored', sa.Boolean(), nullable=True),
    sa.Column('ruling', sa.String(), nullable=False),
    sa.Column('ruled_by', sa.Uuid(), nullable=True),
    sa.Column('ruled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_lapse_challenges_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_lapse_challenges_command_id')),
    sa.ForeignKeyConstraint(['ruled_by'], ['people.id'], name=op.f('fk_lapse_challenges_ruled_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lapse_challenges')),
    sa.UniqueConstraint('command_id', name=op.f('uq_lapse_challenges_command_id'))
    )
    op.create_index(op.f('ix_lapse_challenges_case_id'), 'lapse_challenges', ['case_id'], unique=False)
    op.create_index('uq_lapse_challenges_waiting', 'lapse_challenges', ['case_id'], unique=True, sqlite_where=sa.text('ruled_at IS NULL'), postgresql_where=sa.text('ruled_at IS NULL'))
    op.create_table('message_marks',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('thread', sa.Enum('guidance', 'mentoring', name='thread', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('read_to', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_message_marks_case_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_message_marks_person_id')),
    sa.ForeignKeyConstraint(['read_to'], ['case_messages.id'], name=op.f('fk_message_marks_read_to')),
    sa.PrimaryKeyConstraint('case_id', 'thread', 'person_id', name=op.f('pk_message_marks'))
    )
    op.create_table('panel_minutes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('chair_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('portfolio_version', sa.Integer(), nullable=False),
    sa.Column('members', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('material', sa.String(), nullable=False),
    sa.Column('composition', sa.String(), nullable=False),
    sa.Column('quorum', sa.Integer(), nullable=False),
    sa.Column('qualified_min', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role = 'panel'", name=op.f('ck_panel_minutes_kept_by_a_panel')),
    sa.ForeignKeyConstraint(['case_id', 'chair_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_panel_minutes_case_id_chair_id_role')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_panel_minutes_command_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_panel_minutes')),
    sa.UniqueConstraint('command_id', name=op.f('uq_panel_minutes_command_id'))
    )
    op.create_index(op.f('ix_panel_minutes_case_id'), 'panel_minutes', ['case_id'], unique=False)
    op.create_table('pauses',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Enum('illness', 'parental', 'accommodation', 'disaster', 'other', name='pausereason', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_pauses_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_pauses_command_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pauses'))
    )
    op.create_index(op.f('ix_pauses_case_id'), 'pauses', ['case_id'], unique=False)
    op.create_index('uq_pauses_running', 'pauses', ['case_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('portfolio_versions',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('manifest', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=True),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_portfolio_versions_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_portfolio_versions_command_id')),
    sa.PrimaryKeyConstraint('case_id', 'number', name=op.f('pk_portfolio_versions'))
    )
    op.create_table('seat_times',
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('programme', sa.String(length=64), nullable=False),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('minutes > 0', name=op.f('ck_seat_times_takes_time')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_seat_times_assignment_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_seat_times_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_seat_times_command_id')),
    sa.PrimaryKeyConstraint('assignment_id', 'command_id', name=op.f('pk_seat_times'))
    )
    op.create_index(op.f('ix_seat_times_case_id'), 'seat_times', ['case_id'], unique=False)
    op.create_index('ix_seat_times_programme', 'seat_times', ['programme', 'sealed_at'], unique=False)
    op.create_table('second_readings',
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('trigger', sa.Enum('readers', 'high_stakes', 'new_assessor', 'sampled', 'all_not_yet', 'full_grant', 'low_confidence', 'doubted_authorship', name='trigger', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_second_readings_claim_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_second_readings_command_id')),
    sa.PrimaryKeyConstraint('claim_id', 'trigger', name=op.f('pk_second_readings'))
    )
    op.create_table('stage_history',
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('move', sa.String(length=32), nullable=False),
    sa.Column('from_stage', sa.Enum('draft', 'submitted', 'eligibility_review', 'incomplete', 'not_eligible', 'eligible', 'portfolio_submitted', 'assigning', 'in_assessment', 'more_evidence', 'direct_assessment', 'second_assessment', 'moderation', 'decision_pending', 'issuing', 'decided', 'gap_training', 'under_review', 'closed', name='from_stage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('to_stage', sa.Enum('draft', 'submitted', 'eligibility_review', 'incomplete', 'not_eligible', 'eligible', 'portfolio_submitted', 'assigning', 'in_assessment', 'more_evidence', 'direct_assessment', 'second_assessment', 'moderation', 'decision_pending', 'issuing', 'decided', 'gap_training', 'under_review', 'closed', name='to_stage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_stage_history_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_stage_history_command_id')),
    sa.PrimaryKeyConstraint('case_id', 'version', name=op.f('pk_stage_history'))
    )
    op.create_table('survey_invitations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('consent_id', sa.Uuid(), nullable=False),
    sa.Column('wave', sa.Integer(), nullable=False),
    sa.Column('followed', sa.Enum('recognised', 'not_yet', 'not_completed', name='followed', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_survey_invitations_case_id')),
    sa.ForeignKeyConstraint(['consent_id'], ['consents.id'], name=op.f('fk_survey_invitations_consent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_invitations')),
    sa.UniqueConstraint('case_id', 'wave', name=op.f('uq_survey_invitations_case_id_wave'))
    )
    op.create_index(op.f('ix_survey_invitations_consent_id'), 'survey_invitations', ['consent_id'], unique=False)
    op.create_index('ix_survey_invitations_waiting', 'survey_invitations', ['id'], unique=False, sqlite_where=sa.text('accepted_at IS NULL AND ended_at IS NULL'), postgresql_where=sa.text('accepted_at IS NULL AND ended_at IS NULL'))
    op.create_table('appeals',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('matter', sa.Enum('recognition', 'eligibility', 'revocation', 'suspension', 'lapse', name='matter', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=True),
    sa.Column('root_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('lodged', 'admissible', 'inadmissible', 'panel_named', 'ruled', 'withdrawn', name='appealstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('grounds', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('representative', sa.String(length=200), nullable=False),
    sa.Column('late_cause', sa.String(), nullable=False),
    sa.Column('late_accepted', sa.String(), nullable=False),
    sa.Column('hearing_wished', sa.Boolean(), nullable=False),
    sa.Column('chair_id', sa.Uuid(), nullable=True),
    sa.Column('outcome', sa.Enum('dismissed', 'varied', 'remitted', 'inadmissible', name='ruling', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('return_to', sa.Enum('draft', 'submitted', 'eligibility_review', 'incomplete', 'not_eligible', 'eligible', 'portfolio_submitted', 'assigning', 'in_assessment', 'more_evidence', 'direct_assessment', 'second_assessment', 'moderation', 'decision_pending', 'issuing', 'decided', 'gap_training', 'under_review', 'closed', name='appeal_return_to', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('closed_as', sa.Enum('completed', 'withdrawn', 'expired', 'not_eligible', 'reoriented', 'duplicate', name='appeal_closed_as', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_from', sa.Enum('draft', 'submitted', 'eligibility_review', 'incomplete', 'not_eligible', 'eligible', 'portfolio_submitted', 'assigning', 'in_assessment', 'more_evidence', 'direct_assessment', 'second_assessment', 'moderation', 'decision_pending', 'issuing', 'decided', 'gap_training', 'under_review', 'closed', name='appeal_closed_from', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('lodged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('admitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('panel_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("decision_id IS NOT NULL OR matter = 'lapse'", name=op.f('ck_appeals_contests_a_decision')),
    sa.CheckConstraint('level IN (1, 2)', name=op.f('ck_appeals_one_of_two_levels')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_appeals_case_id')),
    sa.ForeignKeyConstraint(['chair_id'], ['people.id'], name=op.f('fk_appeals_chair_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_appeals_decision_id')),
    sa.ForeignKeyConstraint(['root_id'], ['decisions.id'], name=op.f('fk_appeals_root_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeals')),
    sa.UniqueConstraint('id', 'case_id', 'level', name=op.f('uq_appeals_id_case_id_level'))
    )
    op.create_index(op.f('ix_appeals_case_id'), 'appeals', ['case_id'], unique=False)
    op.create_index(op.f('ix_appeals_decision_id'), 'appeals', ['decision_id'], unique=False)
    op.create_index('uq_appeals_open', 'appeals', ['case_id'], unique=True, sqlite_where=sa.text("state IN ('lodged', 'admissible', 'panel_named')"), postgresql_where=sa.text("state IN ('lodged', 'admissible', 'panel_named')"))
    op.create_table('appointment_claims',
    sa.Column('appointment_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], name=op.f('fk_appointment_claims_appointment_id')),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_appointment_claims_claim_id')),
    sa.PrimaryKeyConstraint('appointment_id', 'claim_id', name=op.f('pk_appointment_claims'))
    )
    op.create_index(op.f('ix_appointment_claims_claim_id'), 'appointment_claims', ['claim_id'], unique=False)
    op.create_table('appointment_files',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('appointment_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('what', sa.Enum('recording', 'form', name='keptas', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('file_kind', sa.String(length=16), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('present', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('consenting', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role IN ('assessor', 'panel')", name=op.f('ck_appointment_files_kept_in_a_seat')),
    sa.ForeignKeyConstraint(['appointment_id', 'case_id'], ['appointments.id', 'appointments.case_id'], name=op.f('fk_appointment_files_appointment_id_case_id')),
    sa.ForeignKeyConstraint(['case_id', 'person_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_appointment_files_case_id_person_id_role')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment_files')),
    sa.UniqueConstraint('appointment_id', 'sha256', name=op.f('uq_appointment_files_appointment_id_sha256'))
    )
    op.create_index(op.f('ix_appointment_files_appointment_id'), 'appointment_files', ['appointment_id'], unique=False)
    op.create_index(op.f('ix_appointment_files_case_id'), 'appointment_files', ['case_id'], unique=False)
    op.create_table('appointment_records',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('appointment_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('sheet', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('supervision', sa.Enum('none', 'online', 'on_site', name='supervision', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('identification', sa.Enum('none', 'document_seen', 'live', name='identification', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("role IN ('assessor', 'panel')", name=op.f('ck_appointment_records_written_in_a_seat')),
    sa.ForeignKeyConstraint(['appointment_id', 'case_id'], ['appointments.id', 'appointments.case_id'], name=op.f('fk_appointment_records_appointment_id_case_id')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_appointment_records_assignment_id')),
    sa.ForeignKeyConstraint(['case_id', 'person_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_appointment_records_case_id_person_id_role')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_appointment_records_command_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment_records')),
    sa.UniqueConstraint('appointment_id', 'person_id', name=op.f('uq_appointment_records_appointment_id_person_id'))
    )
    op.create_index(op.f('ix_appointment_records_appointment_id'), 'appointment_records', ['appointment_id'], unique=False)
    op.create_index(op.f('ix_appointment_records_case_id'), 'appointment_records', ['case_id'], unique=False)
    op.create_table('appointment_slots',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('appointment_id', sa.Uuid(), nullable=False),
    sa.Column('proposed', sa.Boolean(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('mode', sa.Enum('on_site', 'online', 'phone', 'recorded_answers', name='mode', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], name=op.f('fk_appointment_slots_appointment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment_slots'))
    )
    op.create_index(op.f('ix_appointment_slots_appointment_id'), 'appointment_slots', ['appointment_id'], unique=False)
    op.create_table('attestation_claims',
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_attestation_claims_claim_id_case_id')),
    sa.ForeignKeyConstraint(['request_id', 'case_id'], ['attestation_requests.id', 'attestation_requests.case_id'], name=op.f('fk_attestation_claims_request_id_case_id')),
    sa.PrimaryKeyConstraint('request_id', 'claim_id', name=op.f('pk_attestation_claims'))
    )
    op.create_index(op.f('ix_attestation_claims_claim_id'), 'attestation_claims', ['claim_id'], unique=False)
    op.create_table('attestation_files',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('file_kind', sa.String(length=16), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['attestation_requests.id'], name=op.f('fk_attestation_files_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attestation_files'))
    )
    op.create_index(op.f('ix_attestation_files_request_id'), 'attestation_files', ['request_id'], unique=False)
    op.create_table('attestation_links',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['attestation_requests.id'], name=op.f('fk_attestation_links_request_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_attestation_links'))
    )
    op.create_index(op.f('ix_attestation_links_request_id'), 'attestation_links', ['request_id'], unique=False)
    op.create_table('attestation_statements',
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('same_device', sa.Boolean(), nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('recorded_by', sa.Uuid(), nullable=True),
    sa.Column('consent_version', sa.String(length=32), nullable=True),
    sa.Column('call', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(recorded_by IS NULL) = (consent_version IS NULL)', name=op.f('ck_attestation_statements_written_down_by_consent')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_attestation_statements_person_id')),
    sa.ForeignKeyConstraint(['recorded_by'], ['people.id'], name=op.f('fk_attestation_statements_recorded_by')),
    sa.ForeignKeyConstraint(['request_id', 'case_id'], ['attestation_requests.id', 'attestation_requests.case_id'], name=op.f('fk_attestation_statements_request_id_case_id')),
    sa.PrimaryKeyConstraint('request_id', name=op.f('pk_attestation_statements'))
    )
    op.create_index(op.f('ix_attestation_statements_case_id'), 'attestation_statements', ['case_id'], unique=False)
    op.create_table('conferral_choices',
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('judgement_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role = 'assessor'", name=op.f('ck_conferral_choices_signed_by_an_assessor')),
    sa.ForeignKeyConstraint(['case_id', 'person_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_conferral_choices_case_id_person_id_role')),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_conferral_choices_claim_id_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_conferral_choices_command_id')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgements.id'], name=op.f('fk_conferral_choices_judgement_id')),
    sa.PrimaryKeyConstraint('command_id', 'claim_id', name=op.f('pk_conferral_choices'))
    )
    op.create_index(op.f('ix_conferral_choices_case_id'), 'conferral_choices', ['case_id'], unique=False)
    op.create_table('decision_returns',
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('returned_by', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('judgement_id', sa.Uuid(), nullable=False),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role = 'decision_maker'", name=op.f('ck_decision_returns_returned_by_who_decides')),
    sa.ForeignKeyConstraint(['case_id', 'returned_by', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_decision_returns_case_id_returned_by_role')),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_decision_returns_claim_id_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_decision_returns_command_id')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgements.id'], name=op.f('fk_decision_returns_judgement_id')),
    sa.PrimaryKeyConstraint('command_id', 'claim_id', name=op.f('pk_decision_returns'))
    )
    op.create_index(op.f('ix_decision_returns_case_id'), 'decision_returns', ['case_id'], unique=False)
    op.create_table('effects',
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('activity', sa.String(length=32), nullable=False),
    sa.Column('lane', sa.Enum('issue', 'mail', name='lane', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=True),
    sa.Column('notice', sa.String(length=40), nullable=True),
    sa.Column('recipient', sa.Uuid(), nullable=True),
    sa.Column('attestation_id', sa.Uuid(), nullable=True),
    sa.Column('limit_id', sa.Uuid(), nullable=True),
    sa.Column('sent_with', sa.String(length=160), nullable=True),
    sa.Column('needless', sa.Boolean(), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('state', sa.Enum('pending', 'done', 'failed', name='effectstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['attestation_id'], ['attestation_requests.id'], name=op.f('fk_effects_attestation_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_effects_case_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_effects_decision_id')),
    sa.ForeignKeyConstraint(['limit_id'], ['limits.id'], name=op.f('fk_effects_limit_id')),
    sa.ForeignKeyConstraint(['recipient'], ['people.id'], name=op.f('fk_effects_recipient')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_effects'))
    )
    op.create_index('ix_effects_reminders', 'effects', ['recipient'], unique=False, sqlite_where=sa.text("state = 'pending' AND limit_id IS NOT NULL"), postgresql_where=sa.text("state = 'pending' AND limit_id IS NOT NULL"))
    op.create_index(op.f('ix_effects_sent_with'), 'effects', ['sent_with'], unique=False)
    op.create_index('ix_effects_waiting', 'effects', ['case_id', 'seq', 'step'], unique=False, sqlite_where=sa.text("state IN ('pending', 'failed')"), postgresql_where=sa.text("state IN ('pending', 'failed')"))
    op.create_table('evidence_items',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('uploaded_by', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('file_kind', sa.String(length=16), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('receiving', 'stored', 'unscanned', 'rejected', 'removed', name='evidencestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('kind', sa.Enum('work_product', 'photo_of_work', 'video_of_work', 'recording_of_work', 'training_record', 'logbook', 'earlier_credential', 'third_party_report', 'employer_letter', 'community_attestation', 'statement', 'oral_statement', 'resume', 'job_description', 'reference_letter', name='evidencekind', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('period_start', sa.Date(), nullable=True),
    sa.Column('period_end', sa.Date(), nullable=True),
    sa.Column('language', sa.String(length=16), nullable=True),
    sa.Column('author', sa.String(length=200), nullable=False),
    sa.Column('learner_authored', sa.Boolean(), nullable=False),
    sa.Column('transcript', sa.String(), server_default='', nullable=False),
    sa.Column('attestation_id', sa.Uuid(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dropped_pointers', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.ForeignKeyConstraint(['attestation_id'], ['attestation_requests.id'], name=op.f('fk_evidence_items_attestation_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_evidence_items_case_id')),
    sa.ForeignKeyConstraint(['uploaded_by'], ['people.id'], name=op.f('fk_evidence_items_uploaded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_items')),
    sa.UniqueConstraint('id', 'case_id', name=op.f('uq_evidence_items_id_case_id'))
    )
    op.create_index(op.f('ix_evidence_items_attestation_id'), 'evidence_items', ['attestation_id'], unique=False)
    op.create_index(op.f('ix_evidence_items_case_id'), 'evidence_items', ['case_id'], unique=False)
    op.create_index(op.f('ix_evidence_items_sha256'), 'evidence_items', ['sha256'], unique=False)
    op.create_table('final_readings',
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('judgement_id', sa.Uuid(), nullable=False),
    sa.Column('standing', sa.Enum('single', 'agreed', 'conferred', 'panel', 'appeal', name='standing', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_final_readings_claim_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_final_readings_command_id')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgements.id'], name=op.f('fk_final_readings_judgement_id')),
    sa.PrimaryKeyConstraint('claim_id', name=op.f('pk_final_readings')),
    sa.UniqueConstraint('judgement_id', name=op.f('uq_final_readings_judgement_id'))
    )
    op.create_table('gap_rows',
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('competency', sa.String(length=64), nullable=False),
    sa.Column('criterion', sa.String(length=64), nullable=True),
    sa.Column('way', sa.Enum('course', 'practice', 'mentoring', 'new_evidence', 'appointment', name='way', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.Column('offer', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_gap_rows_claim_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['gap_plans.id'], name=op.f('fk_gap_rows_plan_id')),
    sa.PrimaryKeyConstraint('plan_id', 'position', name=op.f('pk_gap_rows'))
    )
    op.create_index(op.f('ix_gap_rows_claim_id'), 'gap_rows', ['claim_id'], unique=False)
    op.create_table('judgement_confirmations',
    sa.Column('judgement_id', sa.Uuid(), nullable=False),
    sa.Column('portfolio_version', sa.Integer(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_judgement_confirmations_command_id')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgements.id'], name=op.f('fk_judgement_confirmations_judgement_id')),
    sa.PrimaryKeyConstraint('judgement_id', 'portfolio_version', name=op.f('pk_judgement_confirmations'))
    )
    op.create_table('judgement_returns',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('judgement_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('limit_id', sa.Uuid(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('returned_by', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['people.id'], name=op.f('fk_judgement_returns_author_id')),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_judgement_returns_claim_id_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_judgement_returns_command_id')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgements.id'], name=op.f('fk_judgement_returns_judgement_id')),
    sa.ForeignKeyConstraint(['limit_id'], ['limits.id'], name=op.f('fk_judgement_returns_limit_id')),
    sa.ForeignKeyConstraint(['returned_by'], ['people.id'], name=op.f('fk_judgement_returns_returned_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_judgement_returns')),
    sa.UniqueConstraint('command_id', name=op.f('uq_judgement_returns_command_id')),
    sa.UniqueConstraint('limit_id', name=op.f('uq_judgement_returns_limit_id'))
    )
    op.create_index(op.f('ix_judgement_returns_author_id'), 'judgement_returns', ['author_id'], unique=False)
    op.create_index(op.f('ix_judgement_returns_case_id'), 'judgement_returns', ['case_id'], unique=False)
    op.create_index(op.f('ix_judgement_returns_judgement_id'), 'judgement_returns', ['judgement_id'], unique=False)
    op.create_table('letters',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=True),
    sa.Column('command_id', sa.Uuid(), nullable=True),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('drafted', 'released', name='letterstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('drafted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(kind = 'lapse') = (command_id IS NOT NULL)", name=op.f('ck_letters_tells_of_a_lapse')),
    sa.CheckConstraint("(kind = 'lapse') = (decision_id IS NULL)", name=op.f('ck_letters_tells_of_a_decision')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_letters_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_letters_command_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_letters_decision_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letters')),
    sa.UniqueConstraint('command_id', 'language', name=op.f('uq_letters_command_id_language')),
    sa.UniqueConstraint('decision_id', 'language', name=op.f('uq_letters_decision_id_language')),
    sa.UniqueConstraint('number', name=op.f('uq_letters_number'))
    )
    op.create_index(op.f('ix_letters_case_id'), 'letters', ['case_id'], unique=False)
    op.create_table('look_back_findings',
    sa.Column('look_back_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('judgement_id', sa.Uuid(), nullable=False),
    sa.Column('recommendation', sa.Enum('met', 'partial', 'not_yet', 'insufficient_evidence', name='recommendation', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('ratings', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('rationale', sa.String(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_look_back_findings_claim_id')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgements.id'], name=op.f('fk_look_back_findings_judgement_id')),
    sa.ForeignKeyConstraint(['look_back_id'], ['look_backs.id'], name=op.f('fk_look_back_findings_look_back_id')),
    sa.PrimaryKeyConstraint('look_back_id', 'claim_id', name=op.f('pk_look_back_findings'))
    )
    op.create_index(op.f('ix_look_back_findings_judgement_id'), 'look_back_findings', ['judgement_id'], unique=False)
    op.create_table('panel_findings',
    sa.Column('minutes_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('judgement_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.Enum('met', 'partial', 'not_yet', 'insufficient_evidence', name='outcome', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('casting', sa.Enum('met', 'partial', 'not_yet', 'insufficient_evidence', name='casting', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_panel_findings_claim_id_case_id')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgements.id'], name=op.f('fk_panel_findings_judgement_id')),
    sa.ForeignKeyConstraint(['minutes_id'], ['panel_minutes.id'], name=op.f('fk_panel_findings_minutes_id')),
    sa.PrimaryKeyConstraint('minutes_id', 'claim_id', name=op.f('pk_panel_findings')),
    sa.UniqueConstraint('judgement_id', name=op.f('uq_panel_findings_judgement_id'))
    )
    op.create_index(op.f('ix_panel_findings_case_id'), 'panel_findings', ['case_id'], unique=False)
    op.create_table('panel_votes',
    sa.Column('minutes_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('vote', sa.Enum('met', 'partial', 'not_yet', 'insufficient_evidence', name='vote', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('qualified', sa.Boolean(), nullable=False),
    sa.Column('dissent', sa.String(), nullable=False),
    sa.CheckConstraint("role = 'panel'", name=op.f('ck_panel_votes_cast_by_a_panel')),
    sa.CheckConstraint("vote <> 'insufficient_evidence'", name=op.f('ck_panel_votes_settles')),
    sa.ForeignKeyConstraint(['case_id', 'person_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_panel_votes_case_id_person_id_role')),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_panel_votes_claim_id_case_id')),
    sa.ForeignKeyConstraint(['minutes_id'], ['panel_minutes.id'], name=op.f('fk_panel_votes_minutes_id')),
    sa.PrimaryKeyConstraint('minutes_id', 'claim_id', 'person_id', name=op.f('pk_panel_votes'))
    )
    op.create_index(op.f('ix_panel_votes_case_id'), 'panel_votes', ['case_id'], unique=False)
    op.create_table('request_targets',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('criterion', sa.String(length=64), nullable=False),
    sa.Column('rule', sa.String(length=16), nullable=False),
    sa.Column('missing', sa.String(), nullable=False),
    sa.Column('acceptable', sa.String(), nullable=False),
    sa.Column('other_ways', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('evidence', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('nothing_more', sa.Boolean(), nullable=False),
    sa.Column('appointment', sa.Boolean(), nullable=False),
    sa.Column('attestation_id', sa.Uuid(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_request_targets_assignment_id')),
    sa.ForeignKeyConstraint(['attestation_id'], ['attestation_requests.id'], name=op.f('fk_request_targets_attestation_id')),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_request_targets_claim_id')),
    sa.ForeignKeyConstraint(['request_id'], ['evidence_requests.id'], name=op.f('fk_request_targets_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request_targets'))
    )
    op.create_index(op.f('ix_request_targets_assignment_id'), 'request_targets', ['assignment_id'], unique=False)
    op.create_index(op.f('ix_request_targets_request_id'), 'request_targets', ['request_id'], unique=False)
    op.create_table('survey_links',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('invitation_id', sa.Uuid(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['invitation_id'], ['survey_invitations.id'], name=op.f('fk_survey_links_invitation_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_survey_links'))
    )
    op.create_index(op.f('ix_survey_links_invitation_id'), 'survey_links', ['invitation_id'], unique=False)
    op.create_table('appeal_claims',
    sa.Column('appeal_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['appeal_id'], ['appeals.id'], name=op.f('fk_appeal_claims_appeal_id')),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_appeal_claims_claim_id')),
    sa.PrimaryKeyConstraint('appeal_id', 'claim_id', name=op.f('pk_appeal_claims'))
    )
    op.create_index(op.f('ix_appeal_claims_claim_id'), 'appeal_claims', ['claim_id'], unique=False)
    op.create_table('appeal_hearings',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('appeal_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=500), nullable=False),
    sa.Column('interpreter', sa.String(length=200), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['appeal_id'], ['appeals.id'], name=op.f('fk_appeal_hearings_appeal_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_appeal_hearings_command_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal_hearings')),
    sa.UniqueConstraint('command_id', name=op.f('uq_appeal_hearings_command_id'))
    )
    op.create_index(op.f('ix_appeal_hearings_appeal_id'), 'appeal_hearings', ['appeal_id'], unique=False)
    op.create_table('appeal_rulings',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('appeal_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('ruled_by', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('outcome', sa.Enum('dismissed', 'varied', 'remitted', 'inadmissible', name='ruling', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('by_casting_vote', sa.Boolean(), nullable=False),
    sa.Column('cause', sa.Enum('procedure', 'judgement', 'conflict', 'information', 'accommodation', name='cause', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.Column('claims', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role = CASE level WHEN 1 THEN 'appeal_reviewer_1' ELSE 'appeal_reviewer_2' END", name=op.f('ck_appeal_rulings_of_its_level')),
    sa.ForeignKeyConstraint(['appeal_id', 'case_id', 'level'], ['appeals.id', 'appeals.case_id', 'appeals.level'], name=op.f('fk_appeal_rulings_appeal_id_case_id_level')),
    sa.ForeignKeyConstraint(['case_id', 'ruled_by', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_appeal_rulings_case_id_ruled_by_role')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_appeal_rulings_command_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_appeal_rulings_decision_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal_rulings')),
    sa.UniqueConstraint('appeal_id', name=op.f('uq_appeal_rulings_appeal_id')),
    sa.UniqueConstraint('command_id', name=op.f('uq_appeal_rulings_command_id')),
    sa.UniqueConstraint('decision_id', name=op.f('uq_appeal_rulings_decision_id')),
    sa.UniqueConstraint('id', 'case_id', 'role', name=op.f('uq_appeal_rulings_id_case_id_role'))
    )
    op.create_index(op.f('ix_appeal_rulings_case_id'), 'appeal_rulings', ['case_id'], unique=False)
    op.create_table('attestation_call_backs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('advisor_id', sa.Uuid(), nullable=False),
    sa.Column('answered_by', sa.String(length=200), nullable=False),
    sa.Column('number_from', sa.String(length=500), nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['advisor_id'], ['people.id'], name=op.f('fk_attestation_call_backs_advisor_id')),
    sa.ForeignKeyConstraint(['request_id'], ['attestation_statements.request_id'], name=op.f('fk_attestation_call_backs_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attestation_call_backs'))
    )
    op.create_index(op.f('ix_attestation_call_backs_request_id'), 'attestation_call_backs', ['request_id'], unique=False)
    op.create_table('evidence_grants',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('session_hash', sa.String(length=64), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=True),
    sa.Column('appointment_file_id', sa.Uuid(), nullable=True),
    sa.Column('original', sa.Boolean(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(evidence_id IS NULL) <> (appointment_file_id IS NULL)', name=op.f('ck_evidence_grants_opens_one_file')),
    sa.ForeignKeyConstraint(['appointment_file_id'], ['appointment_files.id'], name=op.f('fk_evidence_grants_appointment_file_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_evidence_grants_case_id')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence_items.id'], name=op.f('fk_evidence_grants_evidence_id')),
    sa.ForeignKeyConstraint(['session_hash'], ['sessions.token_hash'], name=op.f('fk_evidence_grants_session_hash')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_evidence_grants'))
    )
    op.create_index(op.f('ix_evidence_grants_appointment_file_id'), 'evidence_grants', ['appointment_file_id'], unique=False)
    op.create_index(op.f('ix_evidence_grants_case_id'), 'evidence_grants', ['case_id'], unique=False)
    op.create_index(op.f('ix_evidence_grants_evidence_id'), 'evidence_grants', ['evidence_id'], unique=False)
    op.create_index(op.f('ix_evidence_grants_expires_at'), 'evidence_grants', ['expires_at'], unique=False)
    op.create_index(op.f('ix_evidence_grants_session_hash'), 'evidence_grants', ['session_hash'], unique=False)
    op.create_table('judgement_clarifications',
    sa.Column('return_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('judgement_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('rationale', sa.String(), nullable=False),
    sa.Column('notes', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role IN ('assessor', 'panel')", name=op.f('ck_judgement_clarifications_said_in_a_seat')),
    sa.ForeignKeyConstraint(['case_id', 'author_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_judgement_clarifications_case_id_author_id_role')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_judgement_clarifications_command_id')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgements.id'], name=op.f('fk_judgement_clarifications_judgement_id')),
    sa.ForeignKeyConstraint(['return_id'], ['judgement_returns.id'], name=op.f('fk_judgement_clarifications_return_id')),
    sa.PrimaryKeyConstraint('return_id', name=op.f('pk_judgement_clarifications')),
    sa.UniqueConstraint('command_id', name=op.f('uq_judgement_clarifications_command_id'))
    )
    op.create_index(op.f('ix_judgement_clarifications_case_id'), 'judgement_clarifications', ['case_id'], unique=False)
    op.create_index(op.f('ix_judgement_clarifications_judgement_id'), 'judgement_clarifications', ['judgement_id'], unique=False)
    op.create_table('mails',
    sa.Column('effect_key', sa.String(length=160), nullable=False),
    sa.Column('message_id', sa.String(length=200), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('notice', sa.String(length=40), nullable=False),
    sa.Column('recipient', sa.Uuid(), nullable=True),
    sa.Column('attestation_id', sa.Uuid(), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(recipient IS NULL) <> (attestation_id IS NULL)', name=op.f('ck_mails_to_one_reader')),
    sa.ForeignKeyConstraint(['attestation_id'], ['attestation_requests.id'], name=op.f('fk_mails_attestation_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_mails_case_id')),
    sa.ForeignKeyConstraint(['effect_key'], ['effects.key'], name=op.f('fk_mails_effect_key')),
    sa.ForeignKeyConstraint(['recipient'], ['people.id'], name=op.f('fk_mails_recipient')),
    sa.PrimaryKeyConstraint('effect_key', name=op.f('pk_mails'))
    )
    op.create_index(op.f('ix_mails_case_id'), 'mails', ['case_id'], unique=False)
    op.create_index(op.f('ix_mails_message_id'), 'mails', ['message_id'], unique=False)
    op.create_table('pointers',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('criterion', sa.String(length=64), nullable=True),
    sa.Column('page', sa.Integer(), nullable=True),
    sa.Column('seconds', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_pointers_claim_id_case_id')),
    sa.ForeignKeyConstraint(['evidence_id', 'case_id'], ['evidence_items.id', 'evidence_items.case_id'], name=op.f('fk_pointers_evidence_id_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pointers'))
    )
    op.create_index(op.f('ix_pointers_case_id'), 'pointers', ['case_id'], unique=False)
    op.create_index(op.f('ix_pointers_claim_id'), 'pointers', ['claim_id'], unique=False)
    op.create_index(op.f('ix_pointers_evidence_id'), 'pointers', ['evidence_id'], unique=False)
    op.create_table('reading_notes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('assignment_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('page', sa.Integer(), nullable=True),
    sa.Column('seconds', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rect_left', sa.Float(), nullable=True),
    sa.Column('rect_top', sa.Float(), nullable=True),
    sa.Column('rect_width', sa.Float(), nullable=True),
    sa.Column('rect_height', sa.Float(), nullable=True),
    sa.CheckConstraint('(rect_left IS NULL AND rect_top IS NULL AND rect_width IS NULL AND rect_height IS NULL) OR (seconds IS NULL AND rect_left IS NOT NULL AND rect_top IS NOT NULL AND rect_width IS NOT NULL AND rect_height IS NOT NULL AND rect_left >= 0 AND rect_top >= 0 AND rect_width > 0 AND rect_height > 0 AND rect_left + rect_width < 1.001 AND rect_top + rect_height < 1.001)', name=op.f('ck_reading_notes_a_part_of_a_page')),
    sa.CheckConstraint('page IS NULL OR seconds IS NULL', name=op.f('ck_reading_notes_at_one_place')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_reading_notes_assignment_id')),
    sa.ForeignKeyConstraint(['evidence_id', 'case_id'], ['evidence_items.id', 'evidence_items.case_id'], name=op.f('fk_reading_notes_evidence_id_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading_notes'))
    )
    op.create_index(op.f('ix_reading_notes_assignment_id'), 'reading_notes', ['assignment_id'], unique=False)
    op.create_table('text_readings',
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('marks', sa.Integer(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence_items.id'], name=op.f('fk_text_readings_evidence_id')),
    sa.PrimaryKeyConstraint('evidence_id', name=op.f('pk_text_readings'))
    )
    op.create_table('transfer_checks',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('checked_by', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('issuer_holds', sa.Boolean(), nullable=False),
    sa.Column('date_holds', sa.Boolean(), nullable=False),
    sa.Column('equivalent', sa.Boolean(), nullable=False),
    sa.Column('basis', sa.Enum('document', 'verified_credential', name='basis', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('command_id', sa.Uuid(), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("role = 'advisor'", name=op.f('ck_transfer_checks_made_by_an_advisor')),
    sa.ForeignKeyConstraint(['case_id', 'checked_by', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_transfer_checks_case_id_checked_by_role')),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_transfer_checks_claim_id_case_id')),
    sa.ForeignKeyConstraint(['command_id'], ['commands.id'], name=op.f('fk_transfer_checks_command_id')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence_items.id'], name=op.f('fk_transfer_checks_evidence_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfer_checks')),
    sa.UniqueConstraint('command_id', name=op.f('uq_transfer_checks_command_id'))
    )
    op.create_index(op.f('ix_transfer_checks_case_id'), 'transfer_checks', ['case_id'], unique=False)
    op.create_index(op.f('ix_transfer_checks_claim_id'), 'transfer_checks', ['claim_id'], unique=False)
    op.create_table('transfer_statements',
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('issuer', sa.String(length=200), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('awarded_on', sa.Date(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('stated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['claim_id', 'case_id'], ['claims.id', 'claims.case_id'], name=op.f('fk_transfer_statements_claim_id_case_id')),
    sa.ForeignKeyConstraint(['evidence_id', 'case_id'], ['evidence_items.id', 'evidence_items.case_id'], name=op.f('fk_transfer_statements_evidence_id_case_id')),
    sa.PrimaryKeyConstraint('claim_id', name=op.f('pk_transfer_statements'))
    )
    op.create_index(op.f('ix_transfer_statements_case_id'), 'transfer_statements', ['case_id'], unique=False)
    op.create_table('uploads',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('file_kind', sa.String(length=16), nullable=False),
    sa.Column('length', sa.BigInteger(), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_uploads_case_id')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence_items.id'], name=op.f('fk_uploads_evidence_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_uploads_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploads'))
    )
    op.create_index(op.f('ix_uploads_case_id'), 'uploads', ['case_id'], unique=False)
    op.create_index(op.f('ix_uploads_expires_at'), 'uploads', ['expires_at'], unique=False)
    op.create_index(op.f('ix_uploads_person_id'), 'uploads', ['person_id'], unique=False)
    op.create_table('appeal_votes',
    sa.Column('ruling_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum('learner', 'advisor', 'mentor', 'assessor', 'lead', 'panel', 'decision_maker', 'appeal_reviewer_1', 'appeal_reviewer_2', 'third_party', 'programme_admin', 'auditor', 'clock', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('vote', sa.Enum('dismissed', 'varied', 'remitted', 'inadmissible', name='ruling', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['case_id', 'person_id', 'role'], ['case_parties.case_id', 'case_parties.person_id', 'case_parties.role'], name=op.f('fk_appeal_votes_case_id_person_id_role')),
    sa.ForeignKeyConstraint(['ruling_id', 'case_id', 'role'], ['appeal_rulings.id', 'appeal_rulings.case_id', 'appeal_rulings.role'], name=op.f('fk_appeal_votes_ruling_id_case_id_role')),
    sa.PrimaryKeyConstraint('ruling_id', 'person_id', name=op.f('pk_appeal_votes'))
    )
    op.create_table('decision_claims',
    sa.Column('decision_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.Enum('claimed', 'documented', 'in_assessment', 'recommended_met', 'recommended_partial', 'recommended_not_yet', 'insufficient_evidence', 'granted', 'granted_by_transfer', 'not_yet', 'withdrawn', 'credentialed', 'suspended', 'superseded', 'revoked', name='claimstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('judgement_id', sa.Uuid(), nullable=True),
    sa.Column('check_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['check_id'], ['transfer_checks.id'], name=op.f('fk_decision_claims_check_id')),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_decision_claims_claim_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_decision_claims_decision_id')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgements.id'], name=op.f('fk_decision_claims_judgement_id')),
    sa.PrimaryKeyConstraint('decision_id', 'claim_id', name=op.f('pk_decision_claims')),
    sa.UniqueConstraint('decision_id', 'claim_id', 'outcome', name=op.f('uq_decision_claims_decision_id_claim_id_outcome'))
    )
    op.create_index(op.f('ix_decision_claims_claim_id'), 'decision_claims', ['claim_id'], unique=False)
    op.create_table('text_marks',
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('mark', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['text_readings.evidence_id'], name=op.f('fk_text_marks_evidence_id')),
    sa.PrimaryKeyConstraint('evidence_id', 'mark', name=op.f('pk_text_marks'))
    )
    op.create_index(op.f('ix_text_marks_mark'), 'text_marks', ['mark'], unique=False)
    op.create_table('upload_parts',
    sa.Column('upload_id', sa.Uuid(), nullable=False),
    sa.Column('start', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['upload_id'], ['uploads.id'], name=op.f('fk_upload_parts_upload_id')),
    sa.PrimaryKeyConstraint('upload_id', 'start', name=op.f('pk_upload_parts'))
    )
    op.create_table('credential_intents',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('effect_key', sa.String(length=120), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('status_list_id', sa.Integer(), nullable=False),
    sa.Column('status_index', sa.Integer(), nullable=False),
    sa.Column('key_id', sa.String(length=300), nullable=False),
    sa.Column('document', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('options', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('hash_data', sa.String(length=128), nullable=False),
    sa.Column('reserved_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("outcome IN ('granted', 'granted_by_transfer')", name=op.f('ck_credential_intents_only_what_was_granted')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_credential_intents_case_id')),
    sa.ForeignKeyConstraint(['decision_id', 'claim_id', 'outcome'], ['decision_claims.decision_id', 'decision_claims.claim_id', 'decision_claims.outcome'], name=op.f('fk_credential_intents_decision_id_claim_id_outcome')),
    sa.ForeignKeyConstraint(['status_list_id'], ['status_lists.id'], name=op.f('fk_credential_intents_status_list_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential_intents')),
    sa.UniqueConstraint('code', name=op.f('uq_credential_intents_code')),
    sa.UniqueConstraint('effect_key', 'claim_id', name=op.f('uq_credential_intents_effect_key_claim_id')),
    sa.UniqueConstraint('status_list_id', 'status_index', name=op.f('uq_credential_intents_status_list_id_status_index'))
    )
    op.create_index(op.f('ix_credential_intents_case_id'), 'credential_intents', ['case_id'], unique=False)
    op.create_table('credentials',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('state', sa.Enum('signed', 'active', 'suspended', 'superseded', 'revoked', name='credentialstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('document', sa.String(), nullable=False),
    sa.Column('document_sha256', sa.String(length=64), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_credentials_case_id')),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_credentials_claim_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_credentials_decision_id')),
    sa.ForeignKeyConstraint(['id'], ['credential_intents.id'], name=op.f('fk_credentials_id')),
    sa.ForeignKeyConstraint(['revoked_by'], ['decisions.id'], name=op.f('fk_credentials_revoked_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credentials')),
    sa.UniqueConstraint('code', name=op.f('uq_credentials_code'))
    )
    op.create_index(op.f('ix_credentials_case_id'), 'credentials', ['case_id'], unique=False)
    op.create_index('uq_credentials_active', 'credentials', ['claim_id'], unique=True, sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'"))
    op.create_table('credential_checks',
    sa.Column('credential_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['credential_id'], ['credentials.id'], name=op.f('fk_credential_checks_credential_id')),
    sa.PrimaryKeyConstraint('credential_id', 'day', name=op.f('pk_credential_checks'))
    )
    op.create_table('credential_shares',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('credential_id', sa.Uuid(), nullable=False),
    sa.Column('part', sa.Enum('page', 'name', name='sharedpart', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('text_version', sa.String(length=32), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['credential_id'], ['credentials.id'], name=op.f('fk_credential_shares_credential_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_credential_shares_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential_shares'))
    )
    op.create_index('uq_credential_shares_running', 'credential_shares', ['credential_id', 'part'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
    op.create_index('uq_person_roles_live', 'person_roles', ['person_id', 'role', 'institution_id', sa.literal_column("coalesce(programme, '')")], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))


def downgrade() -> None:
    op.drop_index('uq_credential_shares_running', table_name='credential_shares', sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
    op.drop_table('credential_shares')
    op.drop_table('credential_checks')
    op.drop_index('uq_credentials_active', table_name='credentials', sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'"))
    op.drop_index(op.f('ix_credentials_case_id'), table_name='credentials')
    op.drop_table('credentials')
    op.drop_index(op.f('ix_credential_intents_case_id'), table_name='credential_intents')
    op.drop_table('credential_intents')
    op.drop_table('upload_parts')
    op.drop_index(op.f('ix_text_marks_mark'), table_name='text_marks')
    op.drop_table('text_marks')
    op.drop_index(op.f('ix_decision_claims_claim_id'), table_name='decision_claims')
    op.drop_table('decision_claims')
    op.drop_table('appeal_votes')
    op.drop_index(op.f('ix_uploads_person_id'), table_name='uploads')
    op.drop_index(op.f('ix_uploads_expires_at'), table_name='uploads')
    op.drop_index(op.f('ix_uploads_case_id'), table_name='uploads')
    op.drop_table('uploads')
    op.drop_index(op.f('ix_transfer_statements_case_id'), table_name='transfer_statements')
    op.drop_table('transfer_statements')
    op.drop_index(op.f('ix_transfer_checks_claim_id'), table_name='transfer_checks')
    op.drop_index(op.f('ix_transfer_checks_case_id'), table_name='transfer_checks')
    op.drop_table('transfer_checks')
    op.drop_table('text_readings')
    op.drop_index(op.f('ix_reading_notes_assignment_id'), table_name='reading_notes')
    op.drop_table('reading_notes')
    op.drop_index(op.f('ix_pointers_evidence_id'), table_name='pointers')
    op.drop_index(op.f('ix_pointers_claim_id'), table_name='pointers')
    op.drop_index(op.f('ix_pointers_case_id'), table_name='pointers')
    op.drop_table('pointers')
    op.drop_index(op.f('ix_mails_message_id'), table_name='mails')
    op.drop_index(op.f('ix_mails_case_id'), table_name='mails')
    op.drop_table('mails')
    op.drop_index(op.f('ix_judgement_clarifications_judgement_id'), table_name='judgement_clarifications')
    op.drop_index(op.f('ix_judgement_clarifications_case_id'), table_name='judgement_clarifications')
    op.drop_table('judgement_clarifications')
    op.drop_index(op.f('ix_evidence_grants_session_hash'), table_name='evidence_grants')
    op.drop_index(op.f('ix_evidence_grants_expires_at'), table_name='evidence_grants')
    op.drop_index(op.f('ix_evidence_grants_evidence_id'), table_name='evidence_grants')
    op.drop_index(op.f('ix_evidence_grants_case_id'), table_name='evidence_grants')
    op.drop_index(op.f('ix_evidence_grants_appointment_file_id'), table_name='evidence_grants')
    op.drop_table('evidence_grants')
    op.drop_index(op.f('ix_attestation_call_backs_request_id'), table_name='attestation_call_backs')
    op.drop_table('attestation_call_backs')
    op.drop_index(op.f('ix_appeal_rulings_case_id'), table_name='appeal_rulings')
    op.drop_table('appeal_rulings')
    op.drop_index(op.f('ix_appeal_hearings_appeal_id'), table_name='appeal_hearings')
    op.drop_table('appeal_hearings')
    op.drop_index(op.f('ix_appeal_claims_claim_id'), table_name='appeal_claims')
    op.drop_table('appeal_claims')
    op.drop_index(op.f('ix_survey_links_invitation_id'), table_name='survey_links')
    op.drop_table('survey_links')
    op.drop_index(op.f('ix_request_targets_request_id'), table_name='request_targets')
    op.drop_index(op.f('ix_request_targets_assignment_id'), table_name='request_targets')
    op.drop_table('request_targets')
    op.drop_index(op.f('ix_panel_votes_case_id'), table_name='panel_votes')
    op.drop_table('panel_votes')
    op.drop_index(op.f('ix_panel_findings_case_id'), table_name='panel_findings')
    op.drop_table('panel_findings')
    op.drop_index(op.f('ix_look_back_findings_judgement_id'), table_name='look_back_findings')
    op.drop_table('look_back_findings')
    op.drop_index(op.f('ix_letters_case_id'), table_name='letters')
    op.drop_table('letters')
    op.drop_index(op.f('ix_judgement_returns_judgement_id'), table_name='judgement_returns')
    op.drop_index(op.f('ix_judgement_returns_case_id'), table_name='judgement_returns')
    op.drop_index(op.f('ix_judgement_returns_author_id'), table_name='judgement_returns')
    op.drop_table('judgement_returns')
    op.drop_table('judgement_confirmations')
    op.drop_index(op.f('ix_gap_rows_claim_id'), table_name='gap_rows')
    op.drop_table('gap_rows')
    op.drop_table('final_readings')
    op.drop_index(op.f('ix_evidence_items_sha256'), table_name='evidence_items')
    op.drop_index(op.f('ix_evidence_items_case_id'), table_name='evidence_items')
    op.drop_index(op.f('ix_evidence_items_attestation_id'), table_name='evidence_items')
    op.drop_table('evidence_items')
    op.drop_index('ix_effects_waiting', table_name='effects', sqlite_where=sa.text("state IN ('pending', 'failed')"), postgresql_where=sa.text("state IN ('pending', 'failed')"))
    op.drop_index(op.f('ix_effects_sent_with'), table_name='effects')
    op.drop_index('ix_effects_reminders', table_name='effects', sqlite_where=sa.text("state = 'pending' AND limit_id IS NOT NULL"), postgresql_where=sa.text("state = 'pending' AND limit_id IS NOT NULL"))
    op.drop_table('effects')
    op.drop_index(op.f('ix_decision_returns_case_id'), table_name='decision_returns')
    op.drop_table('decision_returns')
    op.drop_index(op.f('ix_conferral_choices_case_id'), table_name='conferral_choices')
    op.drop_table('conferral_choices')
    op.drop_index(op.f('ix_attestation_statements_case_id'), table_name='attestation_statements')
    op.drop_table('attestation_statements')
    op.drop_index(op.f('ix_attestation_links_request_id'), table_name='attestation_links')
    op.drop_table('attestation_links')
    op.drop_index(op.f('ix_attestation_files_request_id'), table_name='attestation_files')
    op.drop_table('attestation_files')
    op.drop_index(op.f('ix_attestation_claims_claim_id'), table_name='attestation_claims')
    op.drop_table('attestation_claims')
    op.drop_index(op.f('ix_appointment_slots_appointment_id'), table_name='appointment_slots')
    op.drop_table('appointment_slots')
    op.drop_index(op.f('ix_appointment_records_case_id'), table_name='appointment_records')
    op.drop_index(op.f('ix_appointment_records_appointment_id'), table_name='appointment_records')
    op.drop_table('appointment_records')
    op.drop_index(op.f('ix_appointment_files_case_id'), table_name='appointment_files')
    op.drop_index(op.f('ix_appointment_files_appointment_id'), table_name='appointment_files')
    op.drop_table('appointment_files')
    op.drop_index(op.f('ix_appointment_claims_claim_id'), table_name='appointment_claims')
    op.drop_table('appointment_claims')
    op.drop_index('uq_appeals_open', table_name='appeals', sqlite_where=sa.text("state IN ('lodged', 'admissible', 'panel_named')"), postgresql_where=sa.text("state IN ('lodged', 'admissible', 'panel_named')"))
    op.drop_index(op.f('ix_appeals_decision_id'), table_name='appeals')
    op.drop_index(op.f('ix_appeals_case_id'), table_name='appeals')
    op.drop_table('appeals')
    op.drop_index('ix_survey_invitations_waiting', table_name='survey_invitations', sqlite_where=sa.text('accepted_at IS NULL AND ended_at IS NULL'), postgresql_where=sa.text('accepted_at IS NULL AND ended_at IS NULL'))
    op.drop_index(op.f('ix_survey_invitations_consent_id'), table_name='survey_invitations')
    op.drop_table('survey_invitations')
    op.drop_table('stage_history')
    op.drop_table('second_readings')
    op.drop_index('ix_seat_times_programme', table_name='seat_times')
    op.drop_index(op.f('ix_seat_times_case_id'), table_name='seat_times')
    op.drop_table('seat_times')
    op.drop_table('portfolio_versions')
    op.drop_index('uq_pauses_running', table_name='pauses', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index(op.f('ix_pauses_case_id'), table_name='pauses')
    op.drop_table('pauses')
    op.drop_index(op.f('ix_panel_minutes_case_id'), table_name='panel_minutes')
    op.drop_table('panel_minutes')
    op.drop_table('message_marks')
    op.drop_index('uq_lapse_challenges_waiting', table_name='lapse_challenges', sqlite_where=sa.text('ruled_at IS NULL'), postgresql_where=sa.text('ruled_at IS NULL'))
    op.drop_index(op.f('ix_lapse_challenges_case_id'), table_name='lapse_challenges')
    op.drop_table('lapse_challenges')
    op.drop_index(op.f('ix_judgements_claim_id'), table_name='judgements')
    op.drop_index(op.f('ix_judgements_case_id'), table_name='judgements')
    op.drop_table('judgements')
    op.drop_table('gap_plans')
    op.drop_table('fee_waivers')
    op.drop_index(op.f('ix_decisions_case_id'), table_name='decisions')
    op.drop_table('decisions')
    op.drop_index('ix_deadlines_open', table_name='deadlines', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f('ix_deadlines_limit_id'), table_name='deadlines')
    op.drop_table('deadlines')
    op.drop_index(op.f('ix_conflict_overrides_case_id'), table_name='conflict_overrides')
    op.drop_table('conflict_overrides')
    op.drop_index(op.f('ix_conferral_messages_case_id'), table_name='conferral_messages')
    op.drop_table('conferral_messages')
    op.drop_table('cohort_employments')
    op.drop_index(op.f('ix_case_fees_case_id'), table_name='case_fees')
    op.drop_table('case_fees')
    op.drop_index('ix_attestation_requests_open', table_name='attestation_requests', sqlite_where=sa.text("state IN ('proposed', 'open')"), postgresql_where=sa.text("state IN ('proposed', 'open')"))
    op.drop_index(op.f('ix_attestation_requests_case_id'), table_name='attestation_requests')
    op.drop_table('attestation_requests')
    op.drop_index(op.f('ix_assignment_claims_claim_id'), table_name='assignment_claims')
    op.drop_table('assignment_claims')
    op.drop_index('uq_appointments_open', table_name='appointments', sqlite_where=sa.text("state IN ('booked', 'held', 'requested', 'slots_offered')"), postgresql_where=sa.text("state IN ('booked', 'held', 'requested', 'slots_offered')"))
    op.drop_index(op.f('ix_appointments_case_id'), table_name='appointments')
    op.drop_index(op.f('ix_appointments_assignment_id'), table_name='appointments')
    op.drop_table('appointments')
    op.drop_index(op.f('ix_accommodations_case_id'), table_name='accommodations')
    op.drop_table('accommodations')
    op.drop_table('survey_baselines')
    op.drop_index('ix_remarks_case', table_name='remarks')
    op.drop_table('remarks')
    op.drop_index(op.f('ix_missing_items_case_id'), table_name='missing_items')
    op.drop_table('missing_items')
    op.drop_index('ix_mentor_notes_case', table_name='mentor_notes')
    op.drop_table('mentor_notes')
    op.drop_index('ix_look_backs_reader', table_name='look_backs')
    op.drop_index('ix_look_backs_quarter', table_name='look_backs')
    op.drop_table('look_backs')
    op.drop_index(op.f('ix_long_waits_programme'), table_name='long_waits')
    op.drop_table('long_waits')
    op.drop_index('ix_limits_due', table_name='limits')
    op.drop_index(op.f('ix_limits_case_id'), table_name='limits')
    op.drop_table('limits')
    op.drop_index('uq_evidence_requests_open', table_name='evidence_requests', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index(op.f('ix_evidence_requests_case_id'), table_name='evidence_requests')
    op.drop_table('evidence_requests')
    op.drop_index(op.f('ix_enquiries_programme'), table_name='enquiries')
    op.drop_index(op.f('ix_enquiries_institution_id'), table_name='enquiries')
    op.drop_index(op.f('ix_enquiries_case_id'), table_name='enquiries')
    op.drop_table('enquiries')
    op.drop_index(op.f('ix_employers_case_id'), table_name='employers')
    op.drop_table('employers')
    op.drop_index('ix_conversations_unanswered', table_name='conversations', sqlite_where=sa.text('waiting_since IS NOT NULL'), postgresql_where=sa.text('waiting_since IS NOT NULL'))
    op.drop_table('conversations')
    op.drop_index('ix_consents_surveys', table_name='consents', sqlite_where=sa.text("purpose = 'survey' AND withdrawn_at IS NULL"), postgresql_where=sa.text("purpose = 'survey' AND withdrawn_at IS NULL"))
    op.drop_index(op.f('ix_consents_case_id'), table_name='consents')
    op.drop_table('consents')
    op.drop_index('ix_commands_unheard', table_name='commands', sqlite_where=sa.text('heard = 0'), postgresql_where=sa.text('NOT heard'))
    op.drop_index('ix_commands_pending', table_name='commands', sqlite_where=sa.text("status = 'pending'"), postgresql_where=sa.text("status = 'pending'"))
    op.drop_index(op.f('ix_commands_case_id'), table_name='commands')
    op.drop_table('commands')
    op.drop_index(op.f('ix_cohort_members_learner_id'), table_name='cohort_members')
    op.drop_table('cohort_members')
    op.drop_index('uq_claims_double_credit', table_name='claims', sqlite_where=sa.text('grant_active'), postgresql_where=sa.text('grant_active'))
    op.drop_index(op.f('ix_claims_case_id'), table_name='claims')
    op.drop_table('claims')
    op.drop_table('case_spans')
    op.drop_index('ix_case_parties_person', table_name='case_parties')
    op.drop_table('case_parties')
    op.drop_index('ix_case_messages_thread', table_name='case_messages')
    op.drop_table('case_messages')
    op.drop_table('case_exclusions')
    op.drop_index('ix_assignments_person', table_name='assignments')
    op.drop_index(op.f('ix_assignments_case_id'), table_name='assignments')
    op.drop_table('assignments')
    op.drop_index('ix_cases_waiting', table_name='cases', sqlite_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"), postgresql_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"))
    op.drop_index('ix_cases_queue', table_name='cases', sqlite_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"), postgresql_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"))
    op.drop_index('ix_cases_programme_queue', table_name='cases', sqlite_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"), postgresql_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"))
    op.drop_index(op.f('ix_cases_next_calendar_id'), table_name='cases')
    op.drop_index('ix_cases_learner', table_name='cases')
    op.drop_index('ix_cases_institution_queue', table_name='cases', sqlite_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"), postgresql_where=sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')"))
    op.drop_index('ix_cases_advisor', table_name='cases')
    op.drop_table('cases')
    op.drop_table('anchor_ratings')
    op.drop_table('tallies')
    op.drop_table('survey_rounds')
    op.drop_table('survey_counts')
    op.drop_table('sponsor_agreements')
    op.drop_index(op.f('ix_sessions_person_id'), table_name='sessions')
    op.drop_table('sessions')
    op.drop_table('saved_views')
    op.drop_index('ix_saved_comments_shared', table_name='saved_comments')
    op.drop_index(op.f('ix_saved_comments_owner_id'), table_name='saved_comments')
    op.drop_table('saved_comments')
    op.drop_table('public_reports')
    op.drop_table('progress_counts')
    op.drop_table('programme_versions')
    op.drop_index(op.f('ix_person_roles_person_id'), table_name='person_roles')
    op.drop_table('person_roles')
    op.drop_table('overdue_lists')
    op.drop_index(op.f('ix_known_people_owner_id'), table_name='known_people')
    op.drop_table('known_people')
    op.drop_index(op.f('ix_invitations_person_id'), table_name='invitations')
    op.drop_table('invitations')
    op.drop_table('group_years')
    op.drop_table('double_readings')
    op.drop_table('check_answers')
    op.drop_index('uq_calibration_rounds_open', table_name='calibration_rounds', sqlite_where=sa.text('finished_at IS NULL'), postgresql_where=sa.text('finished_at IS NULL'))
    op.drop_index('ix_calibration_rounds_person', table_name='calibration_rounds')
    op.drop_table('calibration_rounds')
    op.drop_index('ix_calendar_editions_newest', table_name='calendar_editions')
    op.drop_table('calendar_editions')
    op.drop_table('assessor_profiles')
    op.drop_index('ix_anchors_programme', table_name='anchors')
    op.drop_table('anchors')
    op.drop_table('agreement_figures')
    op.drop_table('throttles')
    op.drop_table('status_lists')
    op.drop_table('self_identifications')
    op.drop_table('self_identification_secrets')
    op.drop_table('sampling_seeds')
    op.drop_table('people')
    op.drop_table('issuer_keys')
    op.drop_table('institutions')
    op.drop_table('frameworks')
    op.drop_index(op.f('ix_equivalences_key_b'), table_name='equivalences')
    op.drop_index(op.f('ix_equivalences_key_a'), table_name='equivalences')
    op.drop_table('equivalences')
    op.drop_table('enquiry_counts')
    op.drop_table('course_offers')
    op.drop_index('ix_audit_newest', table_name='audit')
    op.drop_table('audit')
