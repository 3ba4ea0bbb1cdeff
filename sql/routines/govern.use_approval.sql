-- govern.use_approval(sha256, parsed, limits, reason): the approved request for exactly this configuration, used up; NULL: none.
-- What: approved by a second person, in effect, not expired, not used, and over the numbers still in force.
-- Called by: govern.pin_config, which holds the lock `orders`. Raises: nothing.
create or replace function govern.use_approval(p_sha256 text, p_parsed jsonb, p_limits jsonb, p_reason text)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into govern.change_events (request_id, event, reason, occurred_at)
    select c.request_id, 'applied', p_reason, ops.now()
    from audit.change_requests as c
    where c.kind = 'config' and c.state = 'APPROVED' and c.effective_from <= ops.now()
        and c.base_sha256 = govern.limits_sha256() and c.content = govern.config_content(p_sha256, p_parsed, p_limits)
    order by c.request_id
    limit 1
    returning request_id
$$;
comment on function govern.use_approval(text, jsonb, jsonb, text) is
'Uses the approval of exactly this configuration up; the request''s number, NULL where there is none.';
