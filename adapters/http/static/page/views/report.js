// What an order has brought so far: totals over all of its fills, fees and the gain over its limit.

import { html, useEffect, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as api from '../api.js';
import { Decimal } from '../decimal.js';
import { marketOf } from '../store.js';
import { amount, NONE, plain, whole } from '../words.js';

function Row({ name, value, about }) {
  return html`<tr><th scope="row">${name}</th><td class="right">${value}</td><td class="quiet">${about}</td></tr>`;
}

export function Report({ order }) {
  const [summary, setSummary] = useState(null);
  useEffect(() => {
    let isWanted = true;
    api.readSummary(order.id).then((answer) => {
      if (isWanted && answer.isOk) setSummary(answer.body);
    });
    return () => {
      isWanted = false;
    };
  }, [order.id, order.updated_at]);
  if (summary === null || summary.order.id !== order.id) return html`<section class="report"></section>`;
  const market = marketOf(order);
  const { totals, fees, gain } = summary;
  const isLoss = Decimal.of(gain).sign < 0;
  const feesText = fees.length ? fees.map((fee) => `${plain(fee.amount)} ${fee.asset}`).join(', ') : NONE;
  return html`<section class="report"><h3>What it brought <span class="keyline">all fills together</span></h3>
    <table><tbody>
      <${Row} name="Value" value=${plain(totals.filled_quote)} about=${`${market?.quote ?? 'quote asset'}, ${whole(summary.fill_count)} ${summary.fill_count === 1 ? 'fill' : 'fills'}`} />
      <${Row} name="Average price" value=${totals.average_price === null ? NONE : amount(totals.average_price, (market?.priceDigits ?? 8) + 2)} about=${`limit ${plain(order.price)}`} />
      <${Row} name=${isLoss ? 'Worse than the limit' : 'Better than the limit'} value=${plain(Decimal.of(gain).absolute())} about=${`${market?.quote ?? ''}${isLoss ? ', because the limit was made stricter after a fill' : ''}`} />
      <${Row} name="Fees" value=${feesText} about=${`paid at ${summary.venue}${summary.real_money ? ', real money' : ''}`} />
    </tbody></table></section>`;
}
