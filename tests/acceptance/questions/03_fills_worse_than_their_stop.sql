-- Which fills were worse than their stop? Show every such order. A stop is a trigger, not a price: the gap is what it did not
-- protect against.
-- Answer: Seven, for 6,278 USD in all. The widest gap was RRC on 29 September: 711 bp under its trigger.
select trade_session, symbol, side, quantity, stop_price, round(average_price, 4) as filled_at,
    round(stop_slippage_usd, 2) as worse_by_usd, round(10000 * stop_slippage_usd / (filled_quantity * stop_price), 1) as worse_by_bp
from mart.order_lifecycle where stop_slippage_usd > 0 order by trade_session, symbol;
select count(*) as stops_filled, round(sum(stop_slippage_usd), 2) as usd from mart.order_lifecycle where stop_slippage_usd is not null;
