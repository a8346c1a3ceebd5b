"""The HTTP service: the same verbs with authority, the change feed, intake, chat page, accounts."""
