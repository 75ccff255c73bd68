"""What the work behind a step is called for whoever has it tried again."""

from services.rules.programmes import Text

WORDS = {
    "reserve_issuance": Text("Reserve the credentials", "Réserver les attestations"),
    "sign_credentials": Text("Sign the credentials", "Signer les attestations"),
    "write_lapse_letter": Text("Write the letter of a lapse", "Rédiger la lettre d’expiration"),
    "render_letter": Text("Write the letter", "Rédiger la lettre"),
    "publish_decision": Text("Publish the decision", "Publier la décision"),
    "rebuild_status_list": Text("Sign the list of withdrawn credentials", "Signer la liste des attestations retirées"),
    "send_notice": Text("Send a mail", "Envoyer un courriel"),
}


def of_key(key: str) -> Text:
    """The work of an effect in words, by its key: the activity, and for a mail also what it says and to whom."""
    return said(next((part for part in key.split(":") if part in WORDS), key.rpartition(":")[2]))


def said(activity: str) -> Text:
    """The work in words; what has none is shown by its name."""
    return WORDS.get(activity, Text(activity.replace("_", " "), activity.replace("_", " ")))
