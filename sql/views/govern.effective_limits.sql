-- govern.effective_limits: per limit of the pinned configuration the stricter of its row and every tightened one (I20).
-- A tightened row that two people took back counts until its lift is in effect. A limit the pinned file does not have has no row
-- here: whoever asks for it refuses.
create or replace view govern.effective_limits as
with file_rows as (
    select distinct on (l.limit_name) l.*
    from govern.limits as l
    where l.source = 'file' and l.config_sha256 = govern.pinned_config()
    order by l.limit_name, l.version desc
),

candidates as (
    select f.* from file_rows as f

    union all
    select t.*
    from govern.limits as t
        inner join file_rows as f on t.limit_name = f.limit_name and t.bound = f.bound
    where t.source = 'tightened' and not exists (
        select 1
        from govern.approved_lifts as f
        where f.limit_name = t.limit_name and f.version = t.version and f.effective_from <= ops.now()
    )
),

final as (
    select distinct on (c.limit_name)
        c.limit_name, c.threshold, c.bound, c.unit, c.action, c.source, c.version, c.config_sha256, c.ruling, c.effective_from
    from candidates as c
    order by c.limit_name, case c.bound when 'upper' then c.threshold else -c.threshold end, c.version
)

select * from final;
comment on view govern.effective_limits is
'One row per limit in force: the stricter of the pinned configuration''s row and every tightened one.';
comment on column govern.effective_limits.limit_name is 'Name of the limit.';
comment on column govern.effective_limits.threshold is 'Number in force, in unit.';
comment on column govern.effective_limits.bound is 'upper: observed <= threshold passes; lower: observed >= threshold passes.';
comment on column govern.effective_limits.unit is 'Unit of the threshold.';
comment on column govern.effective_limits.action is 'What a breach does.';
comment on column govern.effective_limits.source is 'file or tightened: where the number comes from.';
comment on column govern.effective_limits.version is 'Version of the limit in force.';
comment on column govern.effective_limits.config_sha256 is 'Configuration the row was made from or tightened under.';
comment on column govern.effective_limits.ruling is 'Ruling it implements.';
comment on column govern.effective_limits.effective_from is 'Instant by ops.now() it took effect.';
