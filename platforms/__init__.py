"""How each network is spoken to. Plain Python: no Django, no tables."""
