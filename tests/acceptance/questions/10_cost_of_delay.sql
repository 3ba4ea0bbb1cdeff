-- What does it cost that we decide at the close and trade at the next opening? Delay is the move in between, of what was filled,
-- by kind of order.
-- Answer: In this fortnight it paid: entries gained 53 bp by the wait, exits 224. Stops lost 906 bp. The worst wait was for JPM,
-- 4,619 USD.
select leg, count(*) as orders, round(sum(filled_value)) as traded_usd, round(sum(delay_usd), 2) as delay_usd,
    round(10000 * sum(delay_usd) / nullif(sum(filled_value), 0), 1) as delay_bp, round(max(delay_usd), 2) as worst_usd
from mart.execution_costs where filled_quantity > 0 group by leg order by leg;
select symbol, trade_session, side, round(delay_usd, 2) as delay_usd, round(delay_bp, 1) as delay_bp
from mart.execution_costs where leg <> 'stop' order by delay_usd desc limit 5;
