-- Which limit stopped most buys last quarter? A buy is a bid for more of a long; the quarter is the one before the last cycle's.
-- Answer: The sector cap of 15 %: 4 buys stopped outright, 9 stopped or cut. Turnover cut more of them and stopped one.
select l.limit_code, count(*) filter (where t.final_decision = 'REJECT') as stopped, count(*) as stopped_or_cut,
    count(distinct t.symbol) as symbols
from mart.decision_trail as t
    cross join lateral unnest(string_to_array(t.reason_codes, ', ')) as l (limit_code)
where l.limit_code like 'CAP\_%' and t.auction_bid > t.held_weight
    and date_trunc('quarter', t.as_of_session) = (
        select date_trunc('quarter', max(x.as_of_session)) - interval '3 months' from mart.decision_trail as x
    )
group by l.limit_code
order by stopped desc, stopped_or_cut desc, l.limit_code;
