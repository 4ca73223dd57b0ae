"""`probe`: the unknowns of eSputnik's API, settled on the owner's own account with a test address."""
