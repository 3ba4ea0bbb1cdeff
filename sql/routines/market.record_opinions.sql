-- market.record_opinions(opinions): stores second opinions on stored headlines, an array of {headline_sha256 (hex), scorer,
-- scorer_version, score}; returns how many are new.
-- Why: an opinion is a function of the words and the version, so the same is stored once and another by the same version is a
-- fault of whoever asks, not a fact. Nobody may leave an opinion on words that no source has sent.
-- Called by: runner/facts.py as fund_ingestor. Raises: MQ204, MQ510 for an opinion that is none, MQ511 where it contradicts a
-- stored one.
create or replace function market.record_opinions(p_opinions jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_recorded timestamptz;
    v_bad text;
    v_added integer;
begin
    perform ops.refuse_unknown_keys(p_opinions, array['headline_sha256', 'scorer', 'scorer_version', 'score']);
    v_recorded := market.next_instant();
    select o.said::text into v_bad
    from jsonb_array_elements(p_opinions) as o (said)
    where (o.said ->> 'headline_sha256' ~ '^[0-9a-f]{64}$' and o.said ->> 'scorer' <> '' and o.said ->> 'scorer_version' <> ''
        and case when jsonb_typeof(o.said -> 'score') = 'number' then (o.said ->> 'score')::numeric between -1 and 1 end
        and case when o.said ->> 'headline_sha256' ~ '^[0-9a-f]{64}$' then exists (
            select 1 from market.news as n where n.headline_sha256 = decode(o.said ->> 'headline_sha256', 'hex')
        ) end) is not true
    limit 1;
    if found then
        raise exception using errcode = 'MQ510',
            message = 'an opinion names a stored headline by its SHA-256, its scorer with a version, and a score in [-1, 1]',
            detail = 'opinion=' || left(v_bad, 300), hint = 'correct the caller';
    end if;
    with given as materialized (
        select distinct decode(o.headline_sha256, 'hex') as headline_sha256, o.scorer, o.scorer_version, o.score
        from jsonb_to_recordset(p_opinions) as o (headline_sha256 text, scorer text, scorer_version text, score double precision)
    )

    insert into market.headline_opinions (headline_sha256, scorer, scorer_version, score, recorded_at)
    select g.headline_sha256, g.scorer, g.scorer_version, g.score, v_recorded from given as g
    order by g.headline_sha256, g.scorer, g.scorer_version
    on conflict (headline_sha256, scorer, scorer_version) do nothing;
    get diagnostics v_added = row_count;
    select o.headline_sha256 || ' ' || o.scorer || ' ' || o.scorer_version into v_bad
    from jsonb_to_recordset(p_opinions) as o (headline_sha256 text, scorer text, scorer_version text, score double precision)
        join market.headline_opinions as h
            on h.headline_sha256 = decode(o.headline_sha256, 'hex') and h.scorer = o.scorer
            and h.scorer_version = o.scorer_version and h.score <> o.score
    limit 1;
    if found then
        raise exception using errcode = 'MQ511', message = 'a version of a scorer said two things of the same words',
            detail = 'opinion=' || v_bad, hint = 'a scorer that changed has another version';
    end if;
    return v_added;
end;
$$;
comment on function market.record_opinions(jsonb) is
'Stores second opinions on stored headlines; returns how many are new. Raises MQ204, MQ510, MQ511.';
