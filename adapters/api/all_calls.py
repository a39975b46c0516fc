"""Every call of the API."""

from typing import Final

from adapters.api.audit_calls import AUDIT_CALLS
from adapters.api.evidence_calls import EVIDENCE_CALLS
from adapters.api.many_order_calls import MANY_ORDER_CALLS
from adapters.api.operator_calls import OPERATOR_CALLS
from adapters.api.order_calls import ORDER_CALLS
from adapters.api.report_calls import REPORT_CALLS
from adapters.api.service_calls import SERVICE_CALLS
from adapters.api.stream_calls import FOLLOW_EVENTS
from adapters.api.webhook_calls import LIST_WEBHOOKS


CALLS: Final = (
    *ORDER_CALLS,
    *MANY_ORDER_CALLS,
    *EVIDENCE_CALLS,
    *REPORT_CALLS,
    FOLLOW_EVENTS,
    *OPERATOR_CALLS,
    *AUDIT_CALLS,
    LIST_WEBHOOKS,
    *SERVICE_CALLS,
)
