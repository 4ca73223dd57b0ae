"""Stand-ins of the Horoshop and eSputnik APIs."""
