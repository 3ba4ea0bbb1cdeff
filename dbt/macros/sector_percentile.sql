{#-
    Mid-rank percentile of a column within the row's sector, (below + equal / 2) / names, among the rows that have the value; null
    for a sector that is not known or has fewer such rows than sector_names_min. Its own half keeps it off 0 and 1, the more the
    smaller the sector. The relation must have a column sector.
-#}
{% macro sector_percentile(column) -%}
    case
            when
                {{ column }} is not null and sector is not null
                and count({{ column }}) over (partition by sector) >= {{ var('sector_names_min') }}
                then (
                    rank() over (partition by sector order by {{ column }}) - 1
                    + count({{ column }}) over (partition by sector order by {{ column }})
                )::double precision / (2 * count({{ column }}) over (partition by sector))
        end
{%- endmacro %}


{#-
    Mid-rank percentile of <column>_now among the past values of the column, the rows that are not is_now: (below + equal / 2) /
    observations; null with fewer than own_history_min.
-#}
{% macro own_percentile(column) -%}
    case
            when {{ column }}_now is not null and count({{ column }}) filter (where not is_now) >= {{ var('own_history_min') }}
                then (
                    count(*) filter (where not is_now and {{ column }} < {{ column }}_now)
                    + count(*) filter (where not is_now and {{ column }} <= {{ column }}_now)
                )::double precision / (2 * count({{ column }}) filter (where not is_now))
        end
{%- endmacro %}
