"""What was hidden: kits, cards, the commitment, and the opening that turns a secret into conditions."""
