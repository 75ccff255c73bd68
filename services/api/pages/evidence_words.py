"""What a piece of evidence is called on pages: its kind in plain words."""

from services.rules.evidence import EvidenceKind
from services.rules.programmes import Text

KINDS: dict[EvidenceKind, Text] = {
    EvidenceKind.WORK_PRODUCT: Text("Something I made or wrote at work", "Quelque chose que j’ai fait au travail"),
    EvidenceKind.PHOTO_OF_WORK: Text("A photo of my work", "Une photo de mon travail"),
    EvidenceKind.VIDEO_OF_WORK: Text("A video of my work", "Une vidéo de mon travail"),
    EvidenceKind.RECORDING_OF_WORK: Text("A recording made by an assessor", "Un enregistrement fait à l’évaluation"),
    EvidenceKind.TRAINING_RECORD: Text("A record of training", "Une preuve de formation"),
    EvidenceKind.LOGBOOK: Text("A logbook", "Un carnet de bord"),
    EvidenceKind.EARLIER_CREDENTIAL: Text("A diploma or certificate", "Un diplôme ou un certificat"),
    EvidenceKind.THIRD_PARTY_REPORT: Text("A report by somebody else", "Un rapport d’une autre personne"),
    EvidenceKind.EMPLOYER_LETTER: Text("A letter from an employer", "Une lettre d’employeur"),
    EvidenceKind.COMMUNITY_ATTESTATION: Text("A letter from my community", "Une lettre de ma communauté"),
    EvidenceKind.STATEMENT: Text("My own account", "Mon propre récit"),
    EvidenceKind.ORAL_STATEMENT: Text("My own account, spoken", "Mon propre récit, de vive voix"),
    EvidenceKind.RESUME: Text("My résumé", "Mon curriculum vitæ"),
    EvidenceKind.JOB_DESCRIPTION: Text("A description of my job", "Une description de mon poste"),
    EvidenceKind.REFERENCE_LETTER: Text("A letter of reference", "Une lettre de recommandation"),
}

CHOSEN = tuple(kind for kind in KINDS if kind not in {EvidenceKind.RECORDING_OF_WORK, EvidenceKind.ORAL_STATEMENT})
"""Kinds that somebody says of a file of their own; the others are made by the house."""
