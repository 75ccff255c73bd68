-- What must always hold. Each query answers the ids of what breaks its sentence; no row means that it holds.
-- Numbers up to 27: security design, section 15; those that are missing speak of tables that do not exist yet, or are
-- held by `invariants.py`, which also holds what of a sentence needs more than SQL. From 28 on: the case
-- design. Ids are compared as hexadecimal text, for SQLite keeps them so.

-- 1: Every credential has a decision, and that decision granted that very claim.
SELECT c.id
FROM credentials AS c
LEFT JOIN decision_claims AS d
    ON d.decision_id = c.decision_id AND d.claim_id = c.claim_id AND d.outcome IN ('granted', 'granted_by_transfer')
WHERE d.claim_id IS NULL;

-- 2: Every decision was made by a person who decides on that case, by a command of their own.
SELECT d.id
FROM decisions AS d
LEFT JOIN case_parties AS p
    ON p.case_id = d.case_id AND p.person_id = d.decided_by AND p.role = d.role
LEFT JOIN commands AS k ON k.id = d.command_id AND k.case_id = d.case_id AND k.role = d.role
WHERE p.person_id IS NULL
    OR k.id IS NULL
    OR replace(k.actor, '-', '') <> replace(CAST(d.decided_by AS TEXT), '-', '');

-- 3: Nobody has two roles on one case; learner, advisor and assessors are the parties that they act as.
SELECT p.case_id
FROM case_parties AS p
GROUP BY p.case_id, p.person_id
HAVING count(*) > 1
UNION
SELECT c.id
FROM cases AS c
LEFT JOIN case_parties AS p ON p.case_id = c.id AND p.person_id = c.learner_id AND p.role = 'learner'
WHERE p.person_id IS NULL
UNION
SELECT c.id
FROM cases AS c
LEFT JOIN case_parties AS p ON p.case_id = c.id AND p.person_id = c.advisor_id AND p.role = 'advisor'
WHERE c.advisor_id IS NOT NULL AND p.person_id IS NULL
UNION
SELECT j.case_id
FROM judgements AS j
LEFT JOIN case_parties AS p ON p.case_id = j.case_id AND p.person_id = j.assessor_id AND p.role = j.role
WHERE p.person_id IS NULL
UNION
SELECT a.case_id
FROM assignments AS a
LEFT JOIN case_parties AS p
    ON p.case_id = a.case_id
    AND p.person_id = a.person_id
    AND p.role = CASE a.seat
        WHEN 'panel' THEN 'panel'
        WHEN 'appeal_1' THEN 'appeal_reviewer_1'
        WHEN 'appeal_2' THEN 'appeal_reviewer_2'
        ELSE 'assessor'
    END
WHERE a.state IN ('accepted', 'submitted', 'final') AND p.person_id IS NULL
UNION
SELECT r.case_id
FROM appeal_rulings AS r
LEFT JOIN case_parties AS p ON p.case_id = r.case_id AND p.person_id = r.ruled_by AND p.role = r.role
WHERE p.person_id IS NULL
UNION
SELECT v.case_id
FROM appeal_votes AS v
LEFT JOIN case_parties AS p ON p.case_id = v.case_id AND p.person_id = v.person_id AND p.role = v.role
WHERE p.person_id IS NULL;

-- 4: No submitted judgement comes from a seat that was never accepted, and no decision rests on one in conflict.
SELECT j.id
FROM judgements AS j
JOIN assignments AS a ON a.id = j.assignment_id
WHERE j.locked_at IS NOT NULL
    AND (a.state IN ('offered', 'declined', 'expired') OR a.person_id <> j.assessor_id OR a.case_id <> j.case_id)
UNION
SELECT j.id
FROM decision_claims AS d
JOIN judgements AS j ON j.id = d.judgement_id
JOIN assignments AS a ON a.id = j.assignment_id
JOIN decisions AS made ON made.id = d.decision_id
LEFT JOIN case_exclusions AS x
    ON x.case_id = j.case_id AND x.person_id = j.assessor_id AND x.at <= made.decided_at AND x.tie <> 'remitted'
WHERE a.state NOT IN ('submitted', 'final') OR x.person_id IS NOT NULL;

-- 5: A learner holds each competency at most once, and a grant is active exactly while its claim is settled in favour.
SELECT min(CAST(c.id AS TEXT))
FROM claims AS c
WHERE c.grant_active
GROUP BY c.learner_id, c.competency_key
HAVING count(*) > 1
UNION
SELECT CAST(c.id AS TEXT)
FROM claims AS c
WHERE c.grant_active <> (c.state IN ('granted', 'granted_by_transfer', 'credentialed'));

-- 6: A claim has at most one active credential, only while it is settled in favour; one under review has none.
SELECT k.claim_id
FROM credentials AS k
WHERE k.state = 'active'
GROUP BY k.claim_id
HAVING count(*) > 1
UNION
SELECT k.claim_id
FROM credentials AS k
JOIN claims AS c ON c.id = k.claim_id
WHERE k.state = 'active' AND c.state NOT IN ('granted', 'granted_by_transfer', 'credentialed')
UNION
SELECT c.id
FROM claims AS c
LEFT JOIN credentials AS k ON k.claim_id = c.id AND k.state = 'active'
WHERE c.state = 'credentialed' AND k.id IS NULL
UNION
SELECT c.id
FROM claims AS c
LEFT JOIN credentials AS k ON k.claim_id = c.id AND k.state = 'suspended'
WHERE c.state = 'suspended' AND k.id IS NULL
UNION
SELECT k.claim_id
FROM credentials AS k
LEFT JOIN credentials AS later ON later.id <> k.id AND later.signed_at >= k.signed_at AND later.claim_id IN (
    SELECT other.id
    FROM claims AS c
    JOIN claims AS other ON other.case_id = c.case_id AND other.competency = c.competency
    WHERE c.id = k.claim_id
)
WHERE k.state = 'superseded' AND later.id IS NULL;

-- 7: Every published decision has its letter in both languages; nobody's case was closed without letter or warnings.
SELECT d.id
FROM decisions AS d
LEFT JOIN letters AS l ON l.decision_id = d.id AND l.state = 'released'
WHERE NOT EXISTS (SELECT 1 FROM effects AS e WHERE e.decision_id = d.id AND e.state IN ('pending', 'failed'))
GROUP BY d.id
HAVING count(DISTINCT l.language) < 2
UNION
SELECT c.id
FROM cases AS c
WHERE c.closed_as IN ('completed', 'not_eligible')
    AND NOT EXISTS (SELECT 1 FROM letters AS l
        WHERE l.case_id = c.id AND l.state = 'released' AND l.decision_id IS NOT NULL)
UNION
SELECT c.id
FROM cases AS c
WHERE c.closed_as = 'expired'
    AND c.submitted_at IS NOT NULL
    AND (SELECT count(*) FROM mails AS m WHERE m.case_id = c.id AND m.recipient = c.learner_id
        AND m.notice IN ('completion_reminder', 'eligible_idle', 'lapse_warning')) < 2;

-- 8: Every granted claim (not transfer) rests on a locked judgement that recommends it and on evidence of others.
SELECT d.claim_id
FROM decision_claims AS d
LEFT JOIN judgements AS j
    ON j.id = d.judgement_id AND j.claim_id = d.claim_id AND j.locked_at IS NOT NULL AND j.recommendation = 'met'
WHERE d.outcome = 'granted'
    AND (
        j.id IS NULL
        OR NOT EXISTS (
            SELECT 1
            FROM pointers AS p
            JOIN evidence_items AS e ON e.id = p.evidence_id
            WHERE p.claim_id = d.claim_id AND NOT e.learner_authored
            UNION ALL
            SELECT 1
            FROM appointment_claims AS held
            JOIN appointments AS a ON a.id = held.appointment_id AND a.state = 'recorded'
            WHERE held.claim_id = d.claim_id
        )
    );

-- 9: Where a claim was to be read twice, two people had before it was decided, unless a panel or an appeal settled it.
SELECT DISTINCT s.claim_id
FROM second_readings AS s
JOIN decision_claims AS d ON d.claim_id = s.claim_id
JOIN decisions AS made ON made.id = d.decision_id AND made.kind = 'recognition' AND s.asked_at <= made.decided_at
LEFT JOIN judgements AS final ON final.id = d.judgement_id
WHERE coalesce(final.role, 'assessor') = 'assessor'
    AND (
        SELECT count(DISTINCT j.assessor_id)
        FROM judgements AS j
        JOIN assignments AS a ON a.id = j.assignment_id
        WHERE j.claim_id = s.claim_id
            AND j.locked_at <= made.decided_at
            AND a.seat IN ('first', 'second', 'third')
            AND a.state IN ('submitted', 'final')
    ) < 2;

-- 10: A case's version is the number of its applied moves, and they are numbered without a gap.
SELECT c.id
FROM cases AS c
LEFT JOIN commands AS k ON k.case_id = c.id AND k.status = 'applied' AND k.version IS NOT NULL
GROUP BY c.id, c.version
HAVING count(k.id) <> c.version OR coalesce(min(k.version), 1) <> 1 OR coalesce(max(k.version), 0) <> c.version;

-- 11: Every applied move has one line of history and one of the log, and history goes on where it stopped.
SELECT k.id
FROM commands AS k
LEFT JOIN stage_history AS h ON h.command_id = k.id AND h.case_id = k.case_id AND h.version = k.version
LEFT JOIN (
    SELECT replace(l.subject, '-', '') AS command_id, count(*) AS lines
    FROM audit AS l
    WHERE l.action = 'command_applied'
    GROUP BY replace(l.subject, '-', '')
) AS logged ON logged.command_id = replace(CAST(k.id AS TEXT), '-', '')
WHERE k.status = 'applied'
    AND k.version IS NOT NULL
    AND (h.command_id IS NULL OR coalesce(logged.lines, 0) <> 1)
UNION
SELECT h.command_id
FROM stage_history AS h
JOIN stage_history AS before ON before.case_id = h.case_id AND before.version = h.version - 1
WHERE before.to_stage <> h.from_stage
UNION
SELECT h.command_id
FROM stage_history AS h
JOIN cases AS c ON c.id = h.case_id AND c.version = h.version
WHERE c.stage <> h.to_stage;

-- 12: A refused command left nothing behind.
SELECT k.id
FROM commands AS k
WHERE k.status <> 'applied'
    AND (
        k.version IS NOT NULL
        OR k.result IS NOT NULL
        OR EXISTS (SELECT 1 FROM stage_history AS h WHERE h.command_id = k.id)
        OR EXISTS (SELECT 1 FROM judgements AS j WHERE j.command_id = k.id)
        OR EXISTS (SELECT 1 FROM decisions AS d WHERE d.command_id = k.id)
        OR EXISTS (SELECT 1 FROM portfolio_versions AS v WHERE v.command_id = k.id)
    );

-- 13: No command waits for longer than it may.
SELECT k.id
FROM commands AS k
WHERE k.status = 'pending' AND k.received_at < :oldest;

-- 14: A settled command has one answer: a result or a refusal, and a time.
SELECT k.id
FROM commands AS k
WHERE (k.status = 'applied' AND (k.result IS NULL OR k.refusal IS NOT NULL OR k.settled_at IS NULL))
    OR (k.status = 'refused' AND (k.result IS NOT NULL OR k.refusal IS NULL OR k.settled_at IS NULL))
    OR (k.role <> 'clock' AND length(k.fingerprint) <> 64);

-- 15: A file that was received has a size and a hash.
SELECT e.id
FROM evidence_items AS e
WHERE e.state <> 'receiving' AND (e.size <= 0 OR length(e.sha256) <> 64);

-- 19: Every stream of the log runs from 1 without a gap, each line pointing to the one before.
SELECT CAST(l.stream AS TEXT) || '#' || CAST(l.seq AS TEXT)
FROM audit AS l
LEFT JOIN audit AS before ON before.stream = l.stream AND before.seq = l.seq - 1
WHERE (l.seq = 1 AND l.prev <> '0000000000000000000000000000000000000000000000000000000000000000')
    OR (l.seq <> 1 AND (before.seq IS NULL OR before.hash <> l.prev));

-- 20: Every signature has an older intent of the same claim and decision, and every intent a decision.
SELECT k.id
FROM credentials AS k
LEFT JOIN credential_intents AS i
    ON i.id = k.id AND i.claim_id = k.claim_id AND i.decision_id = k.decision_id AND i.code = k.code
WHERE i.id IS NULL OR i.reserved_at > k.signed_at
UNION
SELECT i.id
FROM credential_intents AS i
LEFT JOIN decisions AS d ON d.id = i.decision_id AND d.case_id = i.case_id
WHERE d.id IS NULL;

-- 21: A place in a status list is used once, and a credential is withdrawn exactly where a decision with reasons says so.
SELECT min(CAST(i.id AS TEXT))
FROM credential_intents AS i
GROUP BY i.status_list_id, i.status_index
HAVING count(*) > 1
UNION
SELECT CAST(k.id AS TEXT)
FROM credentials AS k
LEFT JOIN decisions AS d
    ON d.id = k.revoked_by
    AND d.case_id = k.case_id
    AND d.reasons <> ''
    AND CASE k.state
        WHEN 'revoked' THEN d.kind = 'revocation' OR (d.kind = 'recognition' AND d.supersedes_id IS NOT NULL)
        ELSE d.kind = 'suspension'
    END
WHERE (k.state IN ('revoked', 'suspended', 'superseded')) <> (d.id IS NOT NULL AND k.revoked_at IS NOT NULL)
    OR (k.state IN ('signed', 'active') AND (k.revoked_by IS NOT NULL OR k.revoked_at IS NOT NULL));

-- 22: A claim has at most one decision in force, the end of a suspension aside; each supersedes an older one of its case.
SELECT c.claim_id
FROM decision_claims AS c
JOIN decisions AS d ON d.id = c.decision_id AND d.kind <> 'reinstatement'
WHERE NOT EXISTS (SELECT 1 FROM decisions AS later WHERE later.supersedes_id = c.decision_id)
GROUP BY c.claim_id
HAVING count(*) > 1
UNION
SELECT d.id
FROM decisions AS d
JOIN decisions AS older ON older.id = d.supersedes_id
WHERE older.case_id <> d.case_id OR older.case_version >= d.case_version;

-- 23: Nothing was signed or reserved before it was decided, and no seat is open on a decided case.
SELECT i.id
FROM credential_intents AS i
JOIN decisions AS d ON d.id = i.decision_id
LEFT JOIN credentials AS k ON k.id = i.id
WHERE i.reserved_at < d.decided_at OR k.signed_at < d.decided_at OR k.published_at < k.signed_at
UNION
SELECT a.id
FROM assignments AS a
JOIN cases AS c ON c.id = a.case_id
WHERE c.stage IN ('issuing', 'decided', 'not_eligible') AND a.state IN ('offered', 'accepted', 'submitted');

-- 27: A mail was sent for one effect, to the reader and of the kind that the effect names, and every effect done has one.
SELECT e.key
FROM effects AS e
LEFT JOIN mails AS m ON m.effect_key = e.key
LEFT JOIN attestation_requests AS r ON r.id = e.attestation_id
WHERE e.activity = 'send_notice'
    AND (
        -- Nobody is written to about what they read or did while its mail waited, or a request that ended meanwhile.
        (e.state = 'done' AND m.effect_key IS NULL AND NOT e.needless AND coalesce(r.state, 'open') = 'open')
        OR (m.effect_key IS NOT NULL AND m.recipient IS DISTINCT FROM e.recipient)
        OR (m.effect_key IS NOT NULL AND m.attestation_id IS DISTINCT FROM e.attestation_id)
        OR m.notice <> e.notice
    )
UNION
SELECT m.effect_key
FROM mails AS m
LEFT JOIN effects AS e ON e.key = m.effect_key AND e.activity = 'send_notice'
WHERE e.key IS NULL;

-- 28: A finished round of calibration counts no more than was answered, and no more as agreed than was.
SELECT r.id
FROM calibration_rounds AS r
LEFT JOIN anchor_ratings AS g ON g.round_id = r.id
LEFT JOIN anchors AS a ON a.id = g.anchor_id
WHERE r.finished_at IS NOT NULL
GROUP BY r.id, r.rated, r.agreed
HAVING r.rated > count(g.anchor_id) OR r.agreed > count(CASE WHEN g.recommendation = a.agreed THEN 1 END);

-- 29: Every transfer that was granted rests on an advisor's earlier check, in which issuer, date and equivalence hold.
SELECT d.claim_id
FROM decision_claims AS d
JOIN decisions AS made ON made.id = d.decision_id
JOIN claims AS c ON c.id = d.claim_id
LEFT JOIN transfer_checks AS t
    ON t.id = d.check_id AND t.claim_id = d.claim_id AND t.case_id = made.case_id AND t.checked_at <= made.decided_at
WHERE d.outcome IN ('granted', 'granted_by_transfer')
    AND (d.outcome = 'granted_by_transfer') <> (c.kind = 'transfer')
    OR d.outcome = 'granted_by_transfer'
    AND (t.id IS NULL OR NOT (t.issuer_holds AND t.date_holds AND t.equivalent));

-- 30: A statement settles its request, its author is a third party, and it lies in the evidence as it was said.
SELECT s.request_id
FROM attestation_statements AS s
JOIN attestation_requests AS r ON r.id = s.request_id
LEFT JOIN case_parties AS p ON p.case_id = s.case_id AND p.person_id = s.person_id AND p.role = 'third_party'
WHERE r.state <> 'submitted' OR (s.person_id IS NOT NULL AND p.person_id IS NULL)
UNION
SELECT r.id
FROM attestation_requests AS r
LEFT JOIN attestation_statements AS s ON s.request_id = r.id
WHERE r.state = 'submitted' AND s.request_id IS NULL
UNION
SELECT e.id
FROM evidence_items AS e
LEFT JOIN attestation_statements AS s ON s.request_id = e.attestation_id
WHERE e.attestation_id IS NOT NULL
    AND (
        s.request_id IS NULL
        OR e.learner_authored
        OR e.removed_at IS NOT NULL
        OR e.kind NOT IN ('third_party_report', 'community_attestation')
        OR (e.name = 'statement.txt' AND e.sha256 <> s.sha256)
    );

-- 31: Whoever is asked to attest is asked with the learner's consent, and about no case that is settled.
SELECT r.id
FROM attestation_requests AS r
LEFT JOIN consents AS k
    ON k.id = r.consent_id AND k.case_id = r.case_id AND k.purpose = 'third_party_contact' AND k.withdrawn_at IS NULL
JOIN cases AS c ON c.id = r.case_id
WHERE r.state = 'open'
    AND (k.id IS NULL OR c.stage IN ('issuing', 'decided', 'not_eligible', 'under_review', 'closed'))
UNION
SELECT r.id
FROM attestation_links AS l
JOIN attestation_requests AS r ON r.id = l.request_id
WHERE length(l.token_hash) <> 64 OR l.period > r.period OR r.consent_id IS NULL;

-- 32: A decision that was signed for a panel was signed by the chair of one that recorded what it found.
SELECT d.id
FROM decisions AS d
LEFT JOIN panel_minutes AS m ON m.case_id = d.case_id AND m.chair_id = d.decided_by AND m.at <= d.decided_at
WHERE d.role = 'panel' AND m.id IS NULL;

-- 33: An appointment or a request for more evidence is open only on a case that waits for it.
SELECT a.id
FROM appointments AS a
JOIN cases AS c ON c.id = a.case_id
WHERE a.state IN ('requested', 'slots_offered', 'booked', 'held') AND c.stage <> 'direct_assessment'
UNION
SELECT r.id
FROM evidence_requests AS r
JOIN cases AS c ON c.id = r.case_id
WHERE r.closed_at IS NULL AND c.stage <> 'more_evidence';

-- 34: What was recorded of an appointment was written by who conducted it, and nothing else is called recorded.
SELECT a.id
FROM appointments AS a
LEFT JOIN appointment_records AS w ON w.appointment_id = a.id
WHERE (a.state = 'recorded' AND w.id IS NULL)
    OR (w.id IS NOT NULL AND a.state NOT IN ('held', 'recorded', 'cancelled'))
    OR w.recorded_at < a.ordered_at;

-- 35: A case is under review exactly while one appeal of it is open, and an appeal that was ruled on has its ruling.
SELECT c.id
FROM cases AS c
LEFT JOIN appeals AS a ON a.case_id = c.id AND a.state IN ('lodged', 'admissible', 'panel_named')
GROUP BY c.id, c.stage
HAVING (c.stage = 'under_review') <> (count(a.id) = 1) OR count(a.id) > 1
UNION
SELECT a.case_id
FROM appeals AS a
LEFT JOIN appeal_rulings AS r ON r.appeal_id = a.id AND r.outcome = a.outcome
WHERE (a.state = 'ruled') <> (r.id IS NOT NULL);

-- 36: Every ruling has the votes that make it, the chair's among them, and nobody hears two appeals of one case.
SELECT r.case_id
FROM appeal_rulings AS r
LEFT JOIN appeal_votes AS v ON v.ruling_id = r.id
GROUP BY r.id, r.case_id, r.ruled_by, r.outcome
HAVING count(CASE WHEN v.person_id = r.ruled_by THEN 1 END) <> 1
    OR count(CASE WHEN v.vote = r.outcome THEN 1 END) = 0
UNION
SELECT v.case_id
FROM appeal_votes AS v
GROUP BY v.case_id, v.person_id
HAVING count(*) > 1;

-- 37: What a panel found rests on minutes: enough members voted, the chair and qualified ones too, and a majority did.
SELECT j.id
FROM judgements AS j
LEFT JOIN panel_findings AS f ON f.judgement_id = j.id AND f.claim_id = j.claim_id AND f.outcome = j.recommendation
LEFT JOIN panel_minutes AS m ON m.id = f.minutes_id AND m.case_id = j.case_id AND m.command_id = j.command_id
LEFT JOIN (
    SELECT
        v.minutes_id,
        v.claim_id,
        count(*) AS cast_votes,
        sum(CASE WHEN v.qualified THEN 1 ELSE 0 END) AS qualified_votes,
        sum(CASE WHEN v.vote = g.outcome THEN 1 ELSE 0 END) AS votes_for_it
    FROM panel_votes AS v
    JOIN panel_findings AS g ON g.minutes_id = v.minutes_id AND g.claim_id = v.claim_id
    GROUP BY v.minutes_id, v.claim_id
) AS b ON b.minutes_id = f.minutes_id AND b.claim_id = f.claim_id
LEFT JOIN panel_votes AS c ON c.minutes_id = f.minutes_id AND c.claim_id = f.claim_id AND c.person_id = m.chair_id
WHERE j.role = 'panel'
    AND j.locked_at IS NOT NULL
    AND (
        m.id IS NULL
        OR c.person_id IS NULL
        OR coalesce(b.cast_votes, 0) < m.quorum
        OR b.qualified_votes < m.qualified_min
        OR (f.casting IS NULL AND 2 * b.votes_for_it <= b.cast_votes)
        OR f.casting <> f.outcome
        OR m.material = ''
        OR f.reasons = ''
    );

-- 38: A reading stands as a panel's where a panel wrote it, and as agreed after talk where two signed under it.
SELECT r.claim_id
FROM final_readings AS r
JOIN judgements AS j ON j.id = r.judgement_id
WHERE (r.standing = 'panel') <> (j.role = 'panel')
    OR (
        r.standing = 'conferred'
        AND (SELECT count(DISTINCT c.person_id) FROM conferral_choices AS c
            WHERE c.claim_id = r.claim_id AND c.judgement_id = r.judgement_id) < 2
    );

-- 39: Who speaks with a learner as staff judges nothing of theirs, and a learner speaks in their own case alone.
SELECT m.id
FROM case_messages AS m
JOIN cases AS c ON c.id = m.case_id
LEFT JOIN case_parties AS p
    ON p.case_id = m.case_id
    AND p.person_id = m.author_id
    AND p.role IN ('assessor', 'panel', 'appeal_reviewer_1', 'appeal_reviewer_2')
WHERE p.person_id IS NOT NULL OR (m.role = 'learner') <> (m.author_id = c.learner_id);

-- 40: A name is shown on a page that is shown, and by whom the credential is about.
SELECT n.id
FROM credential_shares AS n
JOIN credentials AS c ON c.id = n.credential_id
JOIN cases AS k ON k.id = c.case_id
LEFT JOIN credential_shares AS p
    ON p.credential_id = n.credential_id AND p.part = 'page' AND p.withdrawn_at IS NULL
WHERE n.person_id <> k.learner_id
    OR (n.part = 'name' AND n.withdrawn_at IS NULL AND p.id IS NULL);

-- 41: Whoever is asked what became of them agreed before, nobody who stopped is asked, and whoever answered was asked.
SELECT i.id
FROM survey_invitations AS i
JOIN cases AS c ON c.id = i.case_id
LEFT JOIN consents AS k
    ON k.id = i.consent_id
    AND k.case_id = i.case_id
    AND k.person_id = c.learner_id
    AND k.purpose = 'survey'
    AND k.given_at <= i.made_at
WHERE k.id IS NULL
    OR (k.withdrawn_at IS NOT NULL AND i.ended_at IS NULL)
    OR (i.answered AND (i.accepted_at IS NULL OR i.ended_at IS NULL))
    OR i.wave NOT IN (0, 3, 6, 12, 24)
UNION
SELECT l.invitation_id
FROM survey_links AS l
WHERE length(l.token_hash) <> 64;

-- 42: Reasons are said anew by whoever wrote them, once they were asked to, and before anybody decides on them.
SELECT k.return_id
FROM judgement_clarifications AS k
JOIN judgement_returns AS r ON r.id = k.return_id
JOIN judgements AS j ON j.id = r.judgement_id
WHERE k.judgement_id <> r.judgement_id
    OR k.case_id <> r.case_id
    OR k.author_id <> j.assessor_id
    OR r.author_id <> j.assessor_id
    OR r.claim_id <> j.claim_id
    OR j.locked_at IS NULL
    OR k.at < r.at
    OR EXISTS (
        SELECT 1 FROM decision_claims AS d JOIN decisions AS e ON e.id = d.decision_id
        WHERE d.judgement_id = r.judgement_id AND e.decided_at < k.at
    );

-- 43: The letter of a lapse tells of a move by which the clock let that very case lapse, in both languages at once.
SELECT l.id
FROM letters AS l
LEFT JOIN stage_history AS h ON h.command_id = l.command_id AND h.case_id = l.case_id AND h.move = 'expire'
WHERE l.decision_id IS NULL
    AND (
        h.case_id IS NULL
        OR (l.state = 'released' AND (SELECT count(*) FROM letters AS o
            WHERE o.command_id = l.command_id AND o.state = 'released') < 2)
    );

-- 44: A case in a cohort is of its programme and person, and of nobody is their sponsor told without their agreement.
SELECT m.case_id
FROM cohort_members AS m
JOIN sponsor_agreements AS a ON a.id = m.agreement_id
JOIN cases AS c ON c.id = m.case_id
WHERE c.institution_id <> a.institution_id OR c.programme <> a.programme OR c.learner_id <> m.learner_id
UNION
SELECT e.case_id
FROM cohort_employments AS e
JOIN cohort_members AS m ON m.case_id = e.case_id
LEFT JOIN consents AS k
    ON k.id = e.consent_id
    AND k.case_id = e.case_id
    AND k.person_id = m.learner_id
    AND k.purpose = 'sponsor'
    AND k.given_at <= e.told_at
    AND k.withdrawn_at IS NULL
WHERE k.id IS NULL;
