-- audit.limit_sets: the numbers runs were decided under, one row per limit; audit.cycles.limits_sha256 leads here.
create or replace view audit.limit_sets as
select
    s.limits_sha256, s.config_sha256, e.key as limit_name, (e.value ->> 'threshold')::double precision as threshold,
    e.value ->> 'bound' as bound, e.value ->> 'source' as source, (e.value ->> 'version')::integer as version, l.reason, l.author,
    l.unit, l.ruling
from govern.limit_sets as s
    cross join lateral jsonb_each(s.limits) as e
    left join govern.limits as l on l.limit_name = e.key and l.version = (e.value ->> 'version')::integer;
comment on view audit.limit_sets is 'One row per set of limits a run was decided under, and limit.';
comment on column audit.limit_sets.limits_sha256 is 'Set, as audit.cycles names it.';
comment on column audit.limit_sets.config_sha256 is 'Configuration it belongs to.';
comment on column audit.limit_sets.limit_name is 'Limit.';
comment on column audit.limit_sets.threshold is 'Number in force.';
comment on column audit.limit_sets.bound is 'upper or lower.';
comment on column audit.limit_sets.source is 'file, or tightened by an operator.';
comment on column audit.limit_sets.version is 'Version of the limit.';
comment on column audit.limit_sets.reason is 'Why this version exists.';
comment on column audit.limit_sets.author is 'Login role that made it.';
comment on column audit.limit_sets.unit is 'Unit of the threshold.';
comment on column audit.limit_sets.ruling is 'Ruling it implements.';
