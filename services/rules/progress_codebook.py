"""What each figure of progress means, in words for its reader. Source: case design, section 13 (A1 to D6, F1, G2)."""

from services.rules.programmes import Text
from services.rules.progress import Measure

CODEBOOK: dict[Measure, Text] = {
    Measure.REACHED: Text(
        "Cases that were sent in the period, by how far they ever came until now; enquiries by their day, drafts by "
        "when they were begun. Assessed means that every skill was judged, issued that a credential was published.",
        "Demandes déposées dans la période, selon l’étape la plus avancée atteinte jusqu’ici ; demandes de "
        "renseignements selon leur jour, brouillons selon leur début. Évalué veut dire que toutes les compétences "
        "l’ont été, délivrée qu’une attestation est publiée.",
    ),
    Measure.LED_ON: Text(
        "Enquiries of the period that led to a case until now, as far as somebody linked them, and drafts begun in the "
        "period that were sent until now.",
        "Demandes de renseignements de la période qui ont mené à un dossier jusqu’ici, pour autant qu’on les y ait "
        "liées, et brouillons commencés dans la période et déposés jusqu’ici.",
    ),
    Measure.NEVER_PRESENTED: Text(
        "Of the cases sent in the period that became eligible: those closed without a portfolio, and those still open "
        "without one.",
        "Parmi les dossiers déposés dans la période et devenus recevables : ceux qui ont été fermés sans dossier de "
        "preuves, et ceux qui restent ouverts sans en avoir.",
    ),
    Measure.DECIDED_WITHIN: Text(
        "Cases sent in the period whose first letter could be read within so many days, of those old enough.",
        "Dossiers déposés dans la période dont la première lettre a pu être lue en autant de jours, parmi ceux qui "
        "sont assez anciens.",
    ),
    Measure.OLD_ENOUGH: Text(
        "Cases sent in the period, so many days ago or more.",
        "Dossiers déposés dans la période, il y a autant de jours ou plus.",
    ),
    Measure.LEFT_IN: Text(
        "Cases that were withdrawn or lapsed in the period, by the stage in which they were.",
        "Dossiers retirés ou expirés dans la période, selon l’étape où ils se trouvaient.",
    ),
    Measure.LEFT_BECAUSE: Text(
        "The same cases by the reason that the learner gave; a lapse has none.",
        "Les mêmes dossiers selon le motif donné par la personne candidate ; une expiration n’en a pas.",
    ),
    Measure.DAYS_TO_DECISION: Text(
        "Calendar days from sending the case to the first letter, of cases whose letter could be read in the period.",
        "Jours civils entre le dépôt de la demande et la première lettre, pour les dossiers dont la lettre a pu être "
        "lue dans la période.",
    ),
    Measure.OUR_DAYS: Text(
        "Business days in which our clock ran, of the same cases; whole, then by stage where a case was in it.",
        "Jours ouvrables où notre délai courait, pour les mêmes dossiers ; en tout, puis par étape traversée.",
    ),
    Measure.THEIR_DAYS: Text(
        "Calendar days in which a case waited for its learner, of the same cases; whole, then by stage.",
        "Jours civils où le dossier attendait la personne candidate, pour les mêmes dossiers ; en tout, puis par "
        "étape.",
    ),
    Measure.SEATS_DUE: Text(
        "Seats of readers that were due in the period, by what they are for.",
        "Évaluations à rendre dans la période, selon leur rôle.",
    ),
    Measure.SEATS_LATE: Text(
        "Those of them that were not sent in by the end of the due day.",
        "Celles qui n’ont pas été rendues à la fin du jour d’échéance.",
    ),
    Measure.CLAIMS: Text(
        "Skills that were decided on in the period by a first decision, and skills that learners took back.",
        "Compétences tranchées dans la période par une première décision, et compétences retirées.",
    ),
    Measure.CLAIMS_GRANTED: Text(
        "Granted skills by competency, transfers left out.", "Compétences accordées, sans les transferts."
    ),
    Measure.CLAIMS_NOT_YET: Text(
        "Skills not yet demonstrated, by competency.", "Compétences non encore démontrées, une à une."
    ),
    Measure.ASSESSED: Text(
        "Cases whose assessment was complete in the period, by whether more evidence had been asked for.",
        "Dossiers dont l’évaluation s’est terminée dans la période, selon que des preuves complémentaires avaient été "
        "demandées ou non.",
    ),
    Measure.OFFERS_ANSWERED: Text(
        "Offers of a seat that were answered in the period. A late conflict was declared after the seat was taken.",
        "Offres de siège auxquelles une réponse a été donnée dans la période. Un conflit tardif a été déclaré une fois "
        "le siège occupé.",
    ),
    Measure.BARRED: Text(
        "People who were barred from a case in the period: they declared a conflict, or the system found a tie.",
        "Personnes écartées d’un dossier dans la période : conflit déclaré, ou lien trouvé par le système.",
    ),
    Measure.SET_ASIDE: Text(
        "Declared conflicts of another kind that a lead set aside in writing.",
        "Conflits déclarés d’un autre ordre qu’une personne responsable a écartés par écrit.",
    ),
    Measure.CHANGED: Text(
        "Decisions of the period that correct an earlier one, withdraw, suspend or give back what was granted.",
        "Décisions de la période qui en rectifient une autre, ou qui révoquent, suspendent ou rétablissent ce qui "
        "avait été accordé.",
    ),
    Measure.RETURNED: Text(
        "Recommendations that whoever decides sent back in the period, with reasons.",
        "Recommandations renvoyées dans la période par la personne qui décide, avec motifs.",
    ),
    Measure.LETTERS_CORRECTED: Text(
        "Corrected letters: those of the period whose decision replaces an earlier one.",
        "Lettres rectifiées : celles de la période dont la décision en remplace une autre.",
    ),
    Measure.DECISIONS: Text(
        "Decisions of the period that replace no other one, by which changes and corrections are measured.",
        "Décisions de la période qui n’en remplacent aucune autre, auxquelles les changements sont rapportés.",
    ),
    Measure.VOTES: Text(
        "Claims that panels settled in the period: by a majority, or by the chair’s casting vote.",
        "Compétences tranchées par un comité dans la période : à la majorité ou par la voix prépondérante.",
    ),
    Measure.GRANTED_BY_METHOD: Text(
        "Skills granted in the period by the meetings held for them; one with several counts under each.",
        "Compétences accordées dans la période, selon les rencontres tenues à leur sujet ; chacune compte.",
    ),
    Measure.NOT_YET_BY_METHOD: Text(
        "Skills not yet demonstrated, by the same.",
        "Compétences non encore démontrées, selon la même répartition.",
    ),
    Measure.GRANTED_BY_ATTEMPT: Text(
        "Skills granted in the period, by whether it was the first attempt.",
        "Compétences accordées dans la période, selon le rang de la tentative.",
    ),
    Measure.NOT_YET_BY_ATTEMPT: Text(
        "Skills not yet demonstrated, by the same.",
        "Compétences non encore démontrées, selon la même répartition.",
    ),
    Measure.ROUNDS: Text(
        "Requests for more evidence in the cases whose assessment was complete in the period.",
        "Demandes de preuves complémentaires dans les dossiers dont l’évaluation s’est terminée dans la période.",
    ),
    Measure.POINTED: Text(
        "Granted skills by how many pieces of evidence point at them, in all and by class; transfers left out.",
        "Compétences accordées selon le nombre de preuves, en tout et par catégorie ; sans les transferts.",
    ),
    Measure.FEES: Text(
        "What was charged in the period, by service and currency, in whole units, whether or not it was waived.",
        "Frais facturés dans la période, remis ou non, par service et par devise, en unités entières.",
    ),
    Measure.FEES_WAIVED: Text(
        "What was waived in the period, of these or of earlier charges, by the same.",
        "Frais remis dans la période, facturés alors ou plus tôt, selon la même répartition.",
    ),
    Measure.MEETINGS: Text(
        "Minutes of meetings that were held and written down in the period, by method.",
        "Minutes des rencontres tenues et consignées dans la période, par méthode.",
    ),
    Measure.SEALED: Text(
        "Work that holders of seats sent in, by what the seat is for and by method. Appeals are left out.",
        "Travaux remis dans la période par les personnes qui occupent un siège, selon le rôle du siège et la méthode. "
        "Les appels n’en font pas partie.",
    ),
    Measure.MINUTES: Text(
        "Minutes that such work took, where whoever did it wished to say. It serves planning and is never used to "
        "judge a person: a quarter in which fewer than three people said so for a seat and a method is left out.",
        "Minutes que ces travaux ont demandées, lorsque la personne a bien voulu le dire. Elles servent à planifier et "
        "ne servent jamais à juger une personne : un trimestre où moins de trois personnes l’ont dit pour un rôle et "
        "une méthode est laissé de côté.",
    ),
    Measure.TIMED: Text(
        "Cases first decided in the period in which somebody held a seat, by whether everybody said how long it took.",
        "Dossiers décidés pour la première fois dans la période et où un siège était occupé, selon que tout le monde a "
        "dit ou non combien de temps son travail a pris.",
    ),
    Measure.COST: Text(
        "Cost of the seats of a case up to its first decision: minutes times the hourly rates of the programme’s "
        "newest policy, over cases in which everybody said how long it took. Nothing where a rate is not known, or "
        "where fewer than three people stand behind a quarter.",
        "Coût des sièges d’un dossier jusqu’à sa première décision : minutes multipliées par les taux horaires de la "
        "politique la plus récente du programme, pour les dossiers où tout le monde a dit combien de temps son travail "
        "a pris. Rien lorsqu’un taux n’est pas connu, ou que moins de trois personnes sont derrière un trimestre.",
    ),
    Measure.CHECKS: Text(
        "How often a credential was checked on our page in the period, by competency; of whom, nothing is kept.",
        "Vérifications d’attestations sur notre page dans la période, par compétence ; rien n’est gardé des personnes.",
    ),
    Measure.OPEN_FOR: Text(
        "Open cases on the last night of the period, by days since they were sent.",
        "Dossiers ouverts la dernière nuit de la période, selon les jours depuis le dépôt.",
    ),
    Measure.OPEN_IN: Text("The same cases by stage.", "Les mêmes dossiers par étape."),
    Measure.OPEN_WAITING: Text(
        "The same cases by whom they wait for.", "Les mêmes dossiers selon la personne dont ils attendent l’action."
    ),
}
"""What each figure means, in words for its reader."""
