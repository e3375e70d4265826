"""Reading: the queue, the decisions, the people, the ledger."""
