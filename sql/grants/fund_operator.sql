-- fund_operator: the people's role: configuration, accounts, kill and resume.
grant usage on schema trade to fund_operator;
grant select on trade.accounts to fund_operator;
grant execute on function trade.open_account(text, text, text, text, numeric, text, date) to fund_operator;
