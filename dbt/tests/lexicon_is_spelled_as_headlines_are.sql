-- A phrase the scorer's spelling cannot produce is never found; a weight of the wrong sign would turn its kind around.
select l.phrase, l.kind, l.weight
from {{ ref('finance_lexicon') }} as l
where l.phrase <> lower(l.phrase)
    or l.phrase !~ '^[^ ]+( [^ ]+){0,4}$'
    or l.phrase ~ '[-''/()"]'
    or l.phrase ~ '[[:alpha:]][0-9]|[0-9][[:alpha:]]'
    or l.phrase ~ '[^ ][$€£%,;:.!?]|[$€£%,;:.!?][^ ]'
    or (l.kind in ('positive', 'negative', 'up', 'down', 'more', 'less') and not l.weight between 0.1 and 2)
    or (l.kind = 'metric' and (l.weight = 0 or abs(l.weight) > 2 or l.alone * l.weight < 0))
    or (l.kind in ('contrast', 'hedge', 'roundup') and not (l.weight > 0 and l.weight < 1))
    or (l.kind <> 'metric' and l.alone <> 0)
