"""Where posts stand with their approval, as the API shows it; see posts/approval."""

TIME = """to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
#: By primary key. Only a workspace that uses approval shows that no person was asked.
APPROVAL = f"""COALESCE((
    SELECT json_build_object('status', a.status, 'stage', a.stage,
        'requested_at', {TIME.format(column="a.requested_at")},
        'decided_at', {TIME.format(column="a.decided_at")},
        'by', NULLIF(a.by, ''), 'comment', NULLIF(a.comment, ''))
    FROM posts_approval a WHERE a.post_id = p.id
), (
    SELECT json_build_object('status', 'none', 'stage', NULL, 'requested_at', NULL,
        'decided_at', NULL, 'by', NULL, 'comment', NULL)
    FROM posts_workspace w WHERE w.id = p.workspace_id AND w.approval_mode <> 'none'
))::text"""
