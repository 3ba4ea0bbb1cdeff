-- govern.judge_input(…): the stricter of dbt's verdict and the gate's own recount for one symbol, with every reason.
-- Why: dbt may close a symbol, never open one. Every comparison must be true to pass (I17): a missing limit refuses.
-- QUARANTINED by the gate for anything unreadable, stale or vetoed; at least DEGRADED for short history or a low score.
-- Called by: govern.copy_inputs. Raises: nothing.
create or replace function govern.judge_input(
    p_classified text, p_reasons text[], p_score double precision, p_score_min double precision, p_vetoed boolean,
    p_sessions integer, p_sessions_min double precision, p_stale integer, p_stale_max double precision,
    p_features_fault text, out state text, out reasons text[]
)
returns record
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
    with judged as (
        select
            array_remove(array[
                case when (p_sessions > 0) is not true then 'NO_BARS' end,
                case when p_sessions > 0 and (p_stale <= p_stale_max) is not true then 'STALE' end,
                case when p_classified is null then 'NOT_CLASSIFIED' end,
                case when p_score is null then 'NO_QUALITY' end,
                case when p_vetoed then 'VETOED' end,
                p_features_fault
            ], null) as closing,
            array_remove(array[
                case when p_sessions > 0 and (p_sessions >= p_sessions_min) is not true then 'HISTORY_SHORT' end,
                case when p_score is not null and (p_score >= p_score_min) is not true then 'QUALITY_LOW' end
            ], null) as degrading
    )

    select
        case
            when j.closing <> '{}' or p_classified = 'QUARANTINED' then 'QUARANTINED'
            when j.degrading <> '{}' or p_classified = 'DEGRADED' then 'DEGRADED'
            else 'ACTIVE'
        end,
        case
            when p_classified = 'ACTIVE' and j.closing = '{}' and j.degrading = '{}' then '{}'::text[]
            else array(
                select u.reason
                from unnest(
                    coalesce(p_reasons, '{}') || j.closing || j.degrading
                    || case when p_classified <> 'ACTIVE' and coalesce(p_reasons, '{}') = '{}'
                        then array['CLASSIFIED_' || p_classified] else '{}' end
                ) with ordinality as u (reason, place)
                group by u.reason
                order by min(u.place)
            )
        end
    from judged as j
$$;
comment on function govern.judge_input(
    text, text[], double precision, double precision, boolean, integer, double precision, integer, double precision, text
) is 'Governance state and reasons of one symbol: the stricter of dbt''s verdict and the gate''s recount; no reasons for ACTIVE.';
