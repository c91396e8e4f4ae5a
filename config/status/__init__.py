"""The table of facts: every answer to "is it healthy?", with its thresholds, sentence and remedy.

/readyz, /metrics, `manage.py doctor`, the overview and the banners of the admin choose facts by
name from `table.FACTS` and show them in their own form. What is wrong with one that is watched is
an incident (`config.incidents`). Features declare facts of their own in `monitoring`. Measuring
changes nothing, but for one small file that is stored, fetched and deleted again.
"""
