"""How fast a posted event reaches a browser, how many browsers one process holds, what slow ones cost (__main__.py)."""
