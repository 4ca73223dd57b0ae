"""Plan, send, acknowledge: how what is due gets to eSputnik, and how its fate gets into the ledger."""
