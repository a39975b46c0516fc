r"""What ``--help`` says of the commands that speak to a running service.

A line ``\b`` keeps click from joining the lines below it.
"""

from typing import Final


_WHERE: Final = """
It finds the service as the service finds its address: by the options --host and
--port, by TRADE_EXECUTOR_HOST and TRADE_EXECUTOR_PORT, or by the file of --config.
"""

_EXIT_CODES: Final = """
Exit codes: 0 done, 1 refused, 2 usage, 3 not reachable or outcome unknown, 4 not
allowed.
"""

_WATCH_CODES: Final = """
Watching also ends with 5 if the order ended and not all of it was filled, and with 130
by Ctrl-C; the order goes on then.
"""

ORDER: Final = f"""
A call without an answer is repeated with the same idempotency key. If there is still
none, the exit code is 3, and the command that repeats it safely is printed: it places
nothing twice. --dry-run says what would be taken now, at which prices, what would wait,
or every reason for a refusal (exit code 1); nothing is placed. {_WHERE}
{_EXIT_CODES[:-1]}{_WATCH_CODES}
\b
Examples:
  python run.py order sell BTCUSDT 0.5 --price 61000
  python run.py order sell BTCUSDT 0.5 --price 61000 --dry-run
  python run.py order sell BTCUSDT 0.5 --price 61000 --watch
  python run.py order buy BNBUSDT 20 --price 590.5 --time-in-force IOC
  python run.py order buy BNBUSDT 20 --price 590.5 --expires-at 2031-05-01T12:00:00Z
  python run.py order sell ETHBTC 3 --price 0.05 --json | jq -r .id
"""

AUDIT: Final = f"""
Calls that place, amend or cancel orders, halt, resume, settle or release, with their
answers; those that were not let in are in the service's log. Where calls need a token,
it needs the scope admin. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py audit --limit 20
  python run.py audit --all --json | jq -r '.items[] | select(.caller == "bot") | .call'
"""

ORDERS: Final = f"""{_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py orders --status open
  python run.py orders --symbol BTCUSDT --limit 10
  python run.py orders --side sell --since 2031-05-01T00:00:00Z
  python run.py orders --all --json | jq '.items | length'
"""

SHOW: Final = f"""
With --json the order as the API has it; without, its value, gain and fees as well.
{_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py show 01M8PX15VA7FK1RV00YS9ZMDHA
  python run.py show 01M8PX15VA7FK1RV00YS9ZMDHA --json | jq -r .status
"""

FILLS: Final = f"""
With an order's ID its fills, oldest first; without, those of all orders, the latest
first. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py fills --limit 20
  python run.py fills --symbol BTCUSDT --since 2031-05-01T00:00:00Z --all --json
  python run.py fills 01M8PX15VA7FK1RV00YS9ZMDHA
  python run.py fills 01M8PX15VA7FK1RV00YS9ZMDHA --all --json | jq -r '.items[].price'
"""

EVENTS: Final = f"""
It tells why an order did, or did not, fill. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py events 01M8PX15VA7FK1RV00YS9ZMDHA
  python run.py events 01M8PX15VA7FK1RV00YS9ZMDHA --json | jq -r '.items[].kind'
"""

REPORT: Final = f"""
Each figure is in basis points (bps) of its benchmark, and beside it stands whether it
is a cost or a gain for you. docs/execution-report.md explains them. Without an ID it is
of the orders that came in the period, and added up for each symbol.
{_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py report 01M8PX15VA7FK1RV00YS9ZMDHA
  python run.py report --since 2031-05-01T00:00:00Z --until 2031-05-02T00:00:00Z
  python run.py report --symbol BTCUSDT --csv > report.csv
  python run.py report --json | jq -r '.symbols[].figures.shortfall.bps'
"""

WATCH: Final = f"""
With an order's ID until it has ended; without, all events of all orders until Ctrl-C,
which stops watching and nothing else. When the service is restarted, it goes on where
it was: no event is missed or shown twice.

With --json each event is one line. Of one order they are all its events from the first
one on, between the order as it was and the order as it ended. {_WHERE}
{_EXIT_CODES[:-1]}{_WATCH_CODES}
\b
Examples:
  python run.py watch 01M8PX15VA7FK1RV00YS9ZMDHA
  python run.py watch
  python run.py watch --json | jq -c 'select(.kind == "PART_FILLED")'
"""

AMEND: Final = f"""
What was filled counts: --quantity is the new whole. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py amend 01M8PX15VA7FK1RV00YS9ZMDHA --price 60500
  python run.py amend 01M8PX15VA7FK1RV00YS9ZMDHA --price 60500 --quantity 0.8
"""

CANCEL: Final = f"""
What was filled stays filled. Cancelling twice is no error. Before all orders are
cancelled a person is asked, and a program has to say --yes. Orders accepted
afterwards are not touched. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py cancel 01M8PX15VA7FK1RV00YS9ZMDHA
  python run.py cancel --all BTCUSDT
  python run.py cancel --all-symbols --yes --json
"""

PAUSE: Final = f"""
A child order in flight may still fill. Pausing twice is no error; IOC and FOK orders
cannot be paused. To stop all orders at once, there is halt. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py pause 01M8PX15VA7FK1RV00YS9ZMDHA
"""

UNPAUSE: Final = f"""
An order that is not paused stays as it is. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py unpause 01M8PX15VA7FK1RV00YS9ZMDHA
"""

BOOK: Final = f"""
The total is what stands at a price or better. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py book BTCUSDT
  python run.py book BTCUSDT --limit 1 --json | jq -r '.bids[0][0]'
"""

HALT: Final = f"""
Open orders stay, and new ones are taken in; they wait. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py halt
  python run.py halt --reason "odd prices"
"""

RESUME: Final = f"""{_WHERE}{_EXIT_CODES}
\b
Example:
  python run.py resume
"""

SETTLE: Final = """
For an order that is on hold because of it, or in doubt for long, when the venue does
not say. Look the child order up on the venue's own page by its client order id, CHILD.
What you state is booked, and stays in the order's history with your note; an order on
hold stays so until it is released or cancelled. Stating the same again changes nothing.

\b
Examples:
  python run.py settle 01J5ZK8Q2M-3 --quantity 0 --note "no such order, ticket 4711"
  python run.py settle 01J5ZK8Q2M-3 --quantity 1.5 --average-price 270.1 \\
                --note "as the venue's page has it"
  python run.py settle 01J5ZK8Q2M-3 --fills 1@270.1#881,0.5@270#882 \\
                --note "as the venue's page has it"
"""

RELEASE: Final = """
Settle its child order first, if the venue's answer about it cannot be true.

\b
Example:
  python run.py release 01M8PX15VA7FK1RV00YS9ZMDHA
"""

WEBHOOKS: Final = f"""
With --json also each message that was given up. {_WHERE}{_EXIT_CODES}
\b
Examples:
  python run.py webhooks
  python run.py webhooks --json | jq '.items[] | select(.problem) | .target'
"""
