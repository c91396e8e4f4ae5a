"""Read posts' state of approval for the API; see posts/features/approval."""

TIME = """to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
#: By primary key; null where no person was asked.
APPROVAL = f"""(
    SELECT json_build_object('status', a.status, 'stage', a.stage,
        'requested_at', {TIME.format(column="a.requested_at")},
        'decided_at', {TIME.format(column="a.decided_at")},
        'by', NULLIF(a.by, ''), 'comment', NULLIF(a.comment, ''))
    FROM posts_approval a WHERE a.post_id = p.id AND a.status <> 'none'
)::text"""
