{#-
    How the increment of a series is to be planned: joined in the order it is written, by the keys, symbol after symbol. The
    planner knows nothing of tables nobody has analysed: it expects a third of a table behind `n >= first_n` and reads all of it
    (measured: 0.2 s a table for 500 rows), begins with the other table instead of the symbols that changed (0.7 s, measured),
    hashes whole tables through files, and remembers every symbol's rows for a second call that never comes. `set local` ends
    with the model's transaction, and goes with its statement: a message less.
-#}
{% macro plan_for_keys() %}
    set local join_collapse_limit = 1;
    set local from_collapse_limit = 1;
    set local enable_seqscan = off;
    set local enable_hashjoin = off;
    set local enable_mergejoin = off;
    set local enable_bitmapscan = off;
    set local enable_memoize = off;
    set local work_mem = '256MB';
    set local maintenance_work_mem = '256MB';
{% endmacro %}
