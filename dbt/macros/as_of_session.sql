{#- The var as_of_session as a date, or null when it is not set. Anything but an ISO date is an error before any SQL runs. -#}
{% macro as_of_session() -%}
    {%- set asked = var('as_of_session') -%}
    {%- if asked is none -%}
        null::date
    {%- else -%}
        {%- if not modules.re.match('^\\d{4}-\\d{2}-\\d{2}$', asked | string) -%}
            {{ exceptions.raise_compiler_error("as_of_session must be an ISO date such as 2013-02-27, not '" ~ asked ~ "'") }}
        {%- endif -%}
        '{{ asked }}'::date
    {%- endif -%}
{%- endmacro %}
