{#-
    How the statements of an incremental model are to be planned. An increment touches few rows by their keys, but the planner
    expects a third of a table behind `n >= first_n` and reads all of it (measured: 0.2 s a table for 500 rows). A full refresh
    joins whole tables nobody has analysed: left alone it loops over their indices (four times slower, measured), or hashes them
    through files; and it remembers every symbol's rows for a second call that never comes (122 MB, a fifth of the
    time, measured). `ordered`: every side has the key's index, and merging them is twice as fast as hashing. `set local` ends with
    the model's transaction. A pre_hook, since a header is rendered when nothing is known of the relation yet.
-#}
{% macro plan_for_keys(ordered=false) %}
    {%- if is_incremental() -%}
    set local enable_seqscan = off;
    set local enable_hashjoin = off;
    set local enable_mergejoin = off;
    {%- else -%}
    set local enable_nestloop = off;
    set local enable_memoize = off;
    set local enable_bitmapscan = off;
    set local maintenance_work_mem = '256MB';
    set local work_mem = '256MB';
    {%- if ordered %}
    set local enable_hashjoin = off;
    set local enable_sort = off;
    {%- endif %}
    {%- endif %}
{% endmacro %}
