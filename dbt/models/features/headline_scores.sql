{#-
    The tone of a headline, from its words alone: set-based, so that forty thousand take seconds, by rule, so that `terms` says why.

    A line is spelled plainly (`spelling`), cut into words, and the lexicon's phrases are found in it, the longest where two
    overlap. Then each find is read with what stands beside it in its clause:
    1. A word with a tone of its own counts that tone.
    2. A direction counts the tone of the metric it moves: "loss narrowed" is good. A verb (up, down) has its metric before it, a
       modifier or a transitive verb (more, less) after it; one that moves nothing named counts a part of itself.
    3. Two figures about "from", "compared to", "vs" are compared: "EUR 13.1 mn from EUR 8.7 mn", of the metrics beside them.
    4. A metric nothing moves counts what it says alone: "posted an operating loss".
    A negation shortly before turns a count and weakens it, words of degree beside it scale it, "despite" and what follows to the
    comma count less, what follows "but" more. A doubt (may, whether, ?) or a round-up of many companies weakens the whole line.
    The tone is the sum s as s / sqrt(1 + s^2): -1 to 1, one full word 0.71, two 0.89.

    scorer_sha256 is the digest of the lexicon and this file. A headline is scored once under each: another digest scores all anew.
-#}
{{ config(
    materialized='incremental', unique_key='headline_sha256', unlogged=true,
    indexes=[{'columns': ['headline_sha256'], 'unique': true}], pre_hook='{{ plan_for_sets() }}'
) }}

{#- Words: how far a neighbour may stand. The rest are factors. -#}
{%- set reach = {
    'negation': 3, 'degree_before': 2, 'degree_after': 1,
    'verb_metric_before': 14, 'verb_metric_after': 4,
    'modifier_metric_after': 3, 'modifier_metric_before': 10, 'modifier_metric_far': 6,
    'figure_before': 16, 'figure_after': 8, 'figure_to': 5,
} -%}
{%- set negated = -0.7 -%}
{%- set unnamed_metric = {'verb': 0.6, 'modifier': 0.3, 'comparison': 0.5} -%}

{#- Pattern and replacement, in this order, on a line in lower case. -#}
{%- set spelling = [
    ["us\\$", "$"],
    ["\\$ *\\( *(\\d+(?:\\.\\d+)?) *\\)|\\( *\\$ *(\\d+(?:\\.\\d+)?) *\\)", " $ -\\1\\2 "],
    ["[()]", " "],
    ["n't\\M", " not"],
    ["'s\\M|'", " "],
    ["(\\d) +\\.(\\d)", "\\1.\\2"],
    ["(\\d),(?=\\d\\d\\d)", "\\1"],
    ["\\m([a-z])\\.([a-z])\\.?", "\\1\\2 "],
    ["\\m(vs|est|inc|co|corp|adj|rev|qtr|ltd|no|mr|st|approx)\\.", "\\1 "],
    ["(\\d)([mbk]?)-\\$?(\\d)", "\\1~\\3"],
    ["([[:alnum:]])-", "\\1 "],
    ["-(?!\\d|\\$\\d)|/", " "],
    ["-\\$", " $ -"],
    ["\\m(?:negative|minus) +((?:[a-z][a-z][a-z] *|[$€£] *)?)(?=\\d)", "\\1 -"],
    ["([$€£%])", " \\1 "],
    ["([[:alpha:]])(-?\\d)", "\\1 \\2"],
    ["(\\d)([[:alpha:]])", "\\1 \\2"],
    ["([;:!?,]|\\.(?!\\d))", " \\1 "],
] -%}

with lexicon as materialized (
    select
        l.phrase, l.kind, l.weight, l.alone, string_to_array(l.phrase, ' ') as words,
        cardinality(string_to_array(l.phrase, ' ')) as words_count
    from {{ ref('finance_lexicon') }} as l
),

news as (
    select * from {{ ref('stg_market__news') }}
),

scorer as materialized (
    select encode(sha256(convert_to(
        '{{ local_md5(model.raw_code) }}' || string_agg(
            concat_ws(',', l.phrase, l.kind, l.weight, l.alone), ';' order by l.phrase collate "C"
        ), 'UTF8'
    )), 'hex') as scorer_sha256
    from lexicon as l
),

headlines as materialized (
    select distinct on (n.headline_sha256) n.headline_sha256, n.headline
    from news as n
    {%- if is_incremental() %}
    where not exists (
            select from {{ this }} as t
            where t.headline_sha256 = n.headline_sha256 and t.scorer_sha256 = (select v.scorer_sha256 from scorer as v)
        )
    {%- endif %}
    order by n.headline_sha256
),

spelled as (
    select
        h.headline_sha256,
        {% for step in spelling %}regexp_replace({% endfor -%}
        lower(translate(h.headline, '’‘`´–—−"“”', '''''''''---   '))
        {%- for pattern, replacement in spelling %},
            '{{ pattern | replace("'", "''") }}', '{{ replacement }}', 'g'
        ){%- endfor %} as line
    from headlines as h
),

lines as materialized (
    select
        row_number() over (order by s.headline_sha256) as line_id, s.headline_sha256,
        array_remove(string_to_array(s.line, ' '), '') as words
    from spelled as s
),

found as materialized (
    select
        s.line_id, w.position::integer as position, w.position::integer + l.words_count - 1 as last_position,
        l.words_count, l.kind, l.weight, l.alone, l.phrase
    from lines as s
        cross join lateral unnest(s.words) with ordinality as w (word, position)
        inner join lexicon as l
            on l.words[1] = w.word
            and (l.words_count = 1 or s.words[w.position:w.position + l.words_count - 1] = l.words)
),

phrases as (
    select f.line_id, f.position, f.last_position, f.kind, f.weight, f.alone, f.phrase, null::double precision as value
    from found as f
    where f.kind <> 'neutral' and not exists (
            select from found as o
            where o.line_id = f.line_id and o.position <= f.last_position and f.position <= o.last_position
                and (o.words_count > f.words_count or (o.words_count = f.words_count and o.position < f.position))
        )
),

numbers as (
    -- A range, "0.42-0.44", is its middle.
    select
        s.line_id, w.position::integer as position, w.position::integer as last_position, 'number' as kind,
        0::double precision as weight, 0::double precision as alone, w.word as phrase,
        (split_part(w.word, '~', 1)::double precision + split_part(w.word, '~', -1)::double precision) / 2 as value
    from lines as s
        cross join lateral unnest(s.words) with ordinality as w (word, position)
    where w.word ~ '^-?\d{1,15}(\.\d{1,9})?(~\d{1,15}(\.\d{1,9})?)?$'
),

marks as (
    select * from phrases
    union all
    select * from numbers
),

-- A clause ends at a full stop, and where "despite" or "but" begins another.
clauses as (
    select
        m.*,
        count(*) filter (where m.kind in ('break', 'contrast', 'but')) over so_far as clause,
        case when lag(m.last_position) over in_line = m.position - 1 then lag(m.kind) over in_line end as kind_before,
        case when lag(m.last_position, 2) over in_line = m.position - 2 then lag(m.kind, 2) over in_line end as kind_before_that,
        case when lead(m.position) over in_line = m.last_position + 1 then lead(m.kind) over in_line end as kind_after,
        lead(m.weight) over in_line as weight_after,
        max(m.position) filter (where m.kind = 'to') over so_far as to_before,
        max(array[m.position, m.weight]) filter (where m.kind = 'contrast') over so_far as contrast_before,
        max(array[m.position, m.weight]) filter (where m.kind = 'but') over so_far as but_before,
        max(m.position) filter (where m.kind in ('comma', 'break')) over so_far as comma_before,
        max(m.position) filter (where m.kind = 'break') over so_far as break_before
    from marks as m
    window
        in_line as (partition by m.line_id order by m.position),
        so_far as (partition by m.line_id order by m.position rows unbounded preceding)
),

-- A figure is a number of something: no year, no quarter's or day's number, not the same sum again in another currency.
figures as (
    select
        c.*,
        c.kind = 'number'
        and coalesce(c.kind_before <> 'period', true)
        and coalesce(c.kind_after <> 'period', true)
        and not (
            c.phrase ~ '^(19|20)\d\d$'
            and coalesce(c.kind_before <> 'currency', true)
            and coalesce(c.kind_after <> 'multiple', true)
        )
        and not coalesce(
            c.kind_before = 'currency' and c.kind_before_that in ('multiple', 'number', 'currency'), false
        ) as is_figure,
        array[
            c.position, c.value, case when c.kind_after = 'multiple' then c.weight_after else 1 end,
            coalesce(c.kind_after = 'percent', false)::integer,
            coalesce(c.kind_before = 'currency' or c.kind_after in ('multiple', 'currency'), false)::integer
        ] as figure,
        c.to_before >= c.position - 2 as is_after_to
    from clauses as c
),

beside as (
    select
        r.*,
        max(array[r.position, r.weight]) filter (where r.kind = 'metric') over before as metric_before,
        min(array[r.position, r.weight]) filter (where r.kind = 'metric') over after as metric_after,
        min(r.position) filter (where r.kind = 'to') over after as to_after,
        max(r.last_position) filter (where r.kind = 'negation') over before as negation_before,
        max(array[r.last_position, r.weight]) filter (where r.kind = 'degree') over before as degree_before,
        min(array[r.position, r.weight]) filter (where r.kind = 'degree') over after as degree_after,
        max(r.figure) filter (where r.is_figure) over before as figure_before,
        min(r.figure) filter (where r.is_figure) over after as figure_after,
        min(r.figure) filter (where r.is_figure and r.is_after_to) over after as figure_after_to,
        bool_or(r.kind in ('up', 'down', 'more', 'less', 'comparator')) over whole as has_mover
    from figures as r
    window
        before as (partition by r.line_id, r.clause order by r.position rows between unbounded preceding and 1 preceding),
        after as (partition by r.line_id, r.clause order by r.position rows between 1 following and unbounded following),
        whole as (partition by r.line_id, r.clause)
),

-- What a direction moves; the two figures a comparator is between, the newer one first ("from 60 to 50": 50).
related as (
    select
        b.*,
        case
            when b.kind in ('up', 'down') then coalesce(
                case when b.position - b.metric_before[1] <= {{ reach.verb_metric_before }} then b.metric_before[2] end,
                case when b.metric_after[1] - b.last_position <= {{ reach.verb_metric_after }} then b.metric_after[2] end
            )
            when b.kind in ('more', 'less') then coalesce(
                case when b.metric_after[1] - b.last_position <= {{ reach.modifier_metric_after }} then b.metric_after[2] end,
                case when b.position - b.metric_before[1] <= {{ reach.modifier_metric_before }} then b.metric_before[2] end,
                case when b.metric_after[1] - b.last_position <= {{ reach.modifier_metric_far }} then b.metric_after[2] end
            )
        end as moved,
        f.newer, f.older, f.newer_metric,
        case when b.metric_after[1] < f.older[1] then b.metric_after[2] else f.newer_metric end as older_metric,
        -- "0.9 mn" against "10,000" is scaled, "82.40" against "86.00 m" is not.
        (f.newer[3] > 1 or abs(f.newer[2]) >= 10000) and (f.older[3] > 1 or abs(f.older[2]) >= 10000) as is_scaled
    from beside as b
        cross join lateral (
            select
                coalesce(b.metric_before[2], {{ unnamed_metric.comparison }}) as newer_metric,
                case when b.figure_after[1] - b.position <= {{ reach.figure_after }} then b.figure_after end as older,
                case
                    when
                        b.phrase = 'from' and b.figure_after_to[1] > b.figure_after[1]
                        and b.figure_after_to[1] - b.figure_after[1] <= {{ reach.figure_to }}
                        then b.figure_after_to
                    when b.position - b.figure_before[1] <= {{ reach.figure_before }} then b.figure_before
                end as newer
        ) as f
),

counted as (
    select
        r.*,
        case
            when r.kind = 'positive' then r.weight
            when r.kind = 'negative' then -r.weight
            -- Into a state: "slipped to a loss", "swung into profit".
            when r.kind in ('up', 'down') and r.to_after = r.last_position + 1 and r.metric_before is null and r.moved is not null
                then r.weight * r.moved
            when r.kind = 'up' then r.weight * coalesce(r.moved, {{ unnamed_metric.verb }})
            when r.kind = 'down' then -r.weight * coalesce(r.moved, {{ unnamed_metric.verb }})
            when r.kind = 'more' then r.weight * coalesce(r.moved, {{ unnamed_metric.modifier }})
            when r.kind = 'less' then -r.weight * coalesce(r.moved, {{ unnamed_metric.modifier }})
            when r.kind = 'metric' and not r.has_mover then r.alone
            -- Percent with percent only; of nothing named, amounts only.
            when r.kind = 'comparator' and r.newer[4] = r.older[4]
                and (r.metric_before is not null or r.newer[5] * r.older[5] > 0)
                then abs(r.newer_metric) * sign(
                    r.newer[2] * case when r.is_scaled then r.newer[3] else 1 end * r.newer_metric
                    - r.older[2] * case when r.is_scaled then r.older[3] else 1 end * r.older_metric
                )
        end as tone
    from related as r
),

weighed as (
    select
        c.*,
        c.tone
        * case
            when c.kind <> 'comparator' and c.position - c.negation_before <= {{ reach.negation }} then {{ negated }} else 1
        end
        * case when c.kind = 'comparator' then 1 else 1 + coalesce(
            case when c.position - c.degree_before[1] <= {{ reach.degree_before }} then c.degree_before[2] end,
            case when c.degree_after[1] - c.last_position <= {{ reach.degree_after }} then c.degree_after[2] end, 0
        ) end
        * case when c.contrast_before[1] > coalesce(c.comma_before, 0) then c.contrast_before[2] else 1 end
        * case when c.but_before[1] > coalesce(c.break_before, 0) then c.but_before[2] else 1 end as share
    from counted as c
),

summed as (
    select
        w.line_id,
        coalesce(sum(w.share order by w.position), 0)
        * coalesce(min(w.weight) filter (where w.kind = 'hedge'), 1)
        * coalesce(min(w.weight) filter (where w.kind = 'roundup'), 1) as total,
        array_agg(
            w.phrase || case
                when w.kind in ('hedge', 'roundup') then ' x' || round(w.weight::numeric, 2)
                else case when w.share > 0 then ' +' else ' ' end || round(w.share::numeric, 2)
            end
            order by w.position
        ) filter (where w.share <> 0 or w.kind in ('hedge', 'roundup')) as terms
    from weighed as w
    group by w.line_id
),

final as (
    select
        s.headline_sha256, coalesce(t.total / sqrt(1 + t.total * t.total), 0) as tone,
        coalesce(t.terms, '{}') as terms, v.scorer_sha256
    from lines as s
        left join summed as t on t.line_id = s.line_id
        cross join scorer as v
)

select * from final
