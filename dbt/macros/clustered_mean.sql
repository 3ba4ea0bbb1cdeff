{#-
    Mean of `value` over the rows of `relation` by `keys` and horizon, with the error a window of several sessions deserves.

    Returns over h sessions overlap, and the names of one session move together: rows are not independent. They are summed by
    blocks of h sessions (session_no / h), and the error is that of the blocks (a cluster-robust one, with c / (c - 1)): for h =
    1 a block is a session. NULL below two blocks. is_noise: fewer than 20 blocks, or the mean less than two errors away from
    `zero`.
-#}
{% macro clustered_mean(relation, keys, value, zero=0) -%}
    select
        {{ keys | join(', ') }}, horizon, n as observations, count(*)::integer as clusters, mean,
        case when count(*) > 1 then sqrt(sum(s * s order by cluster) * count(*) / (count(*) - 1)) / n end as standard_error,
        coalesce(
            count(*) < 20 or abs(mean - {{ zero }})
            < 2 * case when count(*) > 1 then sqrt(sum(s * s order by cluster) * count(*) / (count(*) - 1)) / n end, true
        ) as is_noise
    from (
            select
                {{ keys | join(', ') }}, horizon, (session_no / horizon) as cluster, n, mean,
                sum(value - mean order by session_no, symbol) as s
            from (
                    select
                        r.*, {{ value }} as value,
                        count(*) over grouped as n,
                        avg({{ value }}) over (
                            partition by {{ keys | join(', ') }}, horizon order by session_no, symbol
                            rows between unbounded preceding and unbounded following
                        ) as mean
                    from {{ relation }} as r
                    window grouped as (partition by {{ keys | join(', ') }}, horizon)
                ) as valued
            group by {{ keys | join(', ') }}, horizon, (session_no / horizon), n, mean
        ) as blocks
    group by {{ keys | join(', ') }}, horizon, n, mean
{%- endmacro %}
