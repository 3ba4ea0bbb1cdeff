-- Governance: the pinned configuration and the layers.

-- name: pin_config
select govern.pin_config(%(sha256)s, %(body)s, %(parsed)s::jsonb, %(limits)s::jsonb, %(reason)s)

-- name: pinned_config
select govern.pinned_config()

-- name: effective_limits
select limit_name, threshold from govern.effective_limits order by limit_name

-- name: open_gate
select layer, layer_name, verdict, reason_code, evidence, exit_code
from govern.open_gate(%(cycle_id)s, %(run)s) order by layer

-- name: check_results
select layer, layer_name, verdict, reason_code, evidence, exit_code
from govern.check_results(%(cycle_id)s, %(run)s) order by layer

-- name: conclude
select layer, layer_name, verdict, reason_code, evidence, exit_code
from govern.conclude(%(cycle_id)s, %(run)s) order by layer

-- name: limits_in_force
select e.limit_name, e.threshold, e.bound, e.unit, e.action, e.source, e.version, e.ruling, e.effective_from
from govern.effective_limits as e
order by e.limit_name

-- name: limit_history
select l.limit_name, l.version, l.threshold, l.bound, l.source, l.author, l.reason, l.effective_from, l.config_sha256
from govern.limits as l
order by l.limit_name, l.version desc

-- name: tighten_limit
select govern.tighten_limit(%(limit_name)s, %(threshold)s, %(reason)s)

-- name: propose_lift
select govern.propose_lift(%(limit_name)s, %(version)s, %(reason)s, %(effective_from)s, %(hours)s)

-- name: propose_config
select govern.propose_config(
    %(sha256)s, %(body)s, %(parsed)s::jsonb, %(limits)s::jsonb, %(reason)s, %(effective_from)s, %(hours)s
)

-- name: change_requests
select c.*
from audit.change_requests as c
where %(every)s or c.state in ('PROPOSED', 'APPROVED')
order by c.request_id

-- name: limits_sha256
select govern.limits_sha256()

-- name: approve_change
select govern.approve_change(%(request_id)s, %(reason)s)

-- name: end_change
select govern.end_change(%(request_id)s, %(event)s, %(reason)s)

-- name: config_body
-- Of a proposal: requests from before they kept their file have it under its hash.
select coalesce(r.body, v.body)
from govern.change_requests as r
    left join govern.config_versions as v on v.config_sha256 = r.content ->> 'config_sha256'
where r.request_id = %(request_id)s

-- name: pinned_values
select v.parsed from govern.config_versions as v where v.config_sha256 = govern.pinned_config()

-- name: pinned_limits
-- The rows made from the pinned file, whatever was tightened since.
select distinct on (l.limit_name) l.limit_name, l.threshold, l.bound, l.unit, l.action, l.ruling
from govern.limits as l
where l.source = 'file' and l.config_sha256 = govern.pinned_config()
order by l.limit_name, l.version desc

-- name: config_differences
-- Every value that differs from the pinned configuration's, and whether it counts as looser.
with before as (
    select s.key || '.' || k.key as parameter, k.value
    from govern.config_versions as v, jsonb_each(v.parsed) as s, jsonb_each(s.value) as k
    where v.config_sha256 = govern.pinned_config()
), after as (
    select s.key || '.' || k.key as parameter, k.value
    from audit.change_requests as c, jsonb_each(c.content -> 'parsed') as s, jsonb_each(s.value) as k
    where c.request_id = %(request_id)s
)
select
    parameter, b.value as now, a.value as then,
    parameter = any ((select c.loosened from audit.change_requests as c where c.request_id = %(request_id)s)::text[]) as looser
from before as b
    full join after as a using (parameter)
where b.value is distinct from a.value
order by parameter

-- name: lift_differences
-- The number in force, and the one that will be without the row taken back: other tightened rows still count then.
select
    l.limit_name as parameter, e.threshold as now, (
        select case l.bound when 'upper' then min(t.threshold) else max(t.threshold) end
        from govern.limits as t
        where t.limit_name = l.limit_name and t.bound = l.bound and t.version <> l.version and case t.source
            when 'file' then t.version = (
                select max(f.version) from govern.limits as f
                where f.limit_name = l.limit_name and f.source = 'file' and f.config_sha256 = govern.pinned_config()
            )
            else not exists (
                select 1 from audit.change_requests as o
                where o.kind = 'lift' and o.state in ('APPROVED', 'APPLIED') and o.effective_from <= c.effective_from
                    and o.content ->> 'limit_name' = t.limit_name and (o.content ->> 'version')::integer = t.version
            )
        end
    ) as then, l.threshold as taken_back, l.author, l.reason
from audit.change_requests as c
    join govern.limits as l
        on l.limit_name = c.content ->> 'limit_name' and l.version = (c.content ->> 'version')::integer
    left join govern.effective_limits as e on e.limit_name = l.limit_name
where c.request_id = %(request_id)s

-- name: approve_liquidation
select govern.approve_liquidation(%(account)s, %(reason)s, %(hours)s)
