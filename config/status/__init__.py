"""The table of facts: every answer to "is it healthy?", with its thresholds, sentence and remedy.

/readyz, /metrics, `manage.py doctor`, the overview and the banners of the admin choose facts by
name from `table.FACTS` and show them in their own form. Measuring changes nothing, but for one
small file that is stored, fetched and deleted again.
"""
