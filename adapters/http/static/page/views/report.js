// What an order has brought so far: the gain over its limit, fees, and its execution report.

import { html, useEffect, useRef, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as api from '../api.js';
import * as clock from '../clock.js';
import { Decimal } from '../decimal.js';
import { marketOf } from '../store.js';
import { NONE, plain, whole } from '../words.js';
import { ExecutionReport } from './execution_report.js';

function Row({ name, value, about }) {
  return html`<tr><th scope="row">${name}</th><td class="right">${value}</td><td class="quiet">${about}</td></tr>`;
}

const PAUSE = 1000; // milliseconds: an order that fills many times a second is read once in it

// What a call says of an order, read again when the order has changed.
function useAnswer(read, order) {
  const [told, setTold] = useState({ id: null, body: null });
  const isFirst = told.id !== order.id;
  const askedAt = useRef(0);
  useEffect(() => {
    let isWanted = true;
    const ask = async () => {
      askedAt.current = clock.ticks();
      const answer = await read(order.id);
      if (isWanted && answer.isOk) setTold({ id: order.id, body: answer.body });
    };
    const timer = setTimeout(ask, isFirst ? 0 : askedAt.current + PAUSE - clock.ticks());
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [order.id, order.updated_at]);
  return isFirst ? null : told.body;
}

export function Report({ order }) {
  const summary = useAnswer(api.readSummary, order);
  const report = useAnswer(api.readReport, order);
  if (summary === null) return html`<section class="report"></section>`;
  const market = marketOf(order);
  const { fees, gain } = summary;
  const isLoss = Decimal.of(gain).sign < 0;
  const feesText = fees.length ? fees.map((fee) => `${plain(fee.amount)} ${fee.asset}`).join(', ') : NONE;
  return html`<section class="report"><h3>What it brought <span class="keyline">${whole(summary.fill_count)} ${summary.fill_count === 1 ? 'fill' : 'fills'} together</span></h3>
    <table><tbody>
      <${Row} name=${isLoss ? 'Worse than the limit' : 'Better than the limit'} value=${plain(Decimal.of(gain).absolute())} about=${`${market?.quote ?? ''}${isLoss ? ', because the limit was made stricter after a fill' : ''}`} />
      <${Row} name="Fees" value=${feesText} about=${`paid at ${summary.venue}${summary.real_money ? ', real money' : ''}`} />
    </tbody></table></section>
    ${report ? html`<${ExecutionReport} report=${report} />` : null}`;
}
