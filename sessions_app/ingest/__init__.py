"""Store once: the doors clients post to, and the writer that commits what came through them.

doors → routes, admission, body     whose request, how big, may it come in, which dialect
doors → runtime → writer            requests that arrive together share one transaction
writer → store → …                  raw batches, sessions, events, and all that follows from them
replay                              what was in quarantine, once more by the same way
"""
