"""The dashboard (extra `dashboard`): what the fund did and was kept from doing, for people who look and change nothing.

Role fund_analyst, schemas audit and mart, on a connection that cannot write. `app` is what Streamlit runs, `serve`
starts it; a page is one file with a function `show(desk)` and one line of `app.PAGES`.
"""
