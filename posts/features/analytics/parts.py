"""Name what a post counts for: `/scheduled` for itself, `x/scheduled` for each destination on X.

The words after the slash are the post's status, and a destination's `draft`, `scheduled`,
`publishing`, `published` or `failed`: `queued` means the first two of these while the post is, and
afterwards that its turn has come.
"""

#: The parts of the posts `p` of a subquery with id, status: an array.
OF_POST = """
    ARRAY['/' || p.status] || ARRAY(
        SELECT d.platform || '/' || CASE
            WHEN p.status = 'draft' THEN 'draft'
            WHEN d.status IN ('published', 'failed') THEN d.status
            WHEN d.status = 'queued' AND p.status = 'scheduled' THEN 'scheduled'
            ELSE 'publishing' END
        FROM destinations_destination d WHERE d.post_id = p.id
    )
"""
