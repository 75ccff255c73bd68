"""What institutions publish: programmes, policies, letters, mails, fonts."""
