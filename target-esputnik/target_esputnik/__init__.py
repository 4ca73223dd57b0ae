"""Singer target for eSputnik (Yespo)."""
