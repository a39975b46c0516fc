// Small parts that several views are made of.

import { html, useEffect, useRef, useState } from '../../vendor/htm-preact/standalone.mjs';
import * as clock from '../clock.js';
import { isStale, link } from '../store.js';
import { closeDialog } from '../ui.js';
import { clockOf, GLYPH, shareOf, span } from '../words.js';

export const Side = ({ side, symbol }) => html`<span class="what">
  <span class=${`side ${side.toLowerCase()}`}><i aria-hidden="true">${GLYPH[side]}</i>${side}</span>
  ${symbol ? html`<b class="sym">${symbol}</b>` : null}
</span>`;

export const Chip = ({ level, children, title }) => html`<span class=${`chip ${level}`} title=${title}>${children}</span>`;
export const Key = ({ children }) => html`<kbd aria-hidden="true">${children}</kbd>`;

// A bar that is drawn as a picture, so that the strict CSP needs no exception.
export function Bar({ side, share, pale = 0, label = null, className = '' }) {
  const about = label === null ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label };
  return html`<svg class=${`bar ${side.toLowerCase()} ${className}`} viewBox="0 0 100 3" preserveAspectRatio="none" ...${about}>
    <rect class="track" width="100" height="3" />
    ${pale ? html`<rect class="pale" width=${pale * 100} height="3" />` : null}
    <rect class="done" width=${share * 100} height="3" />
  </svg>`;
}

export function Progress({ order }) {
  const share = shareOf(order);
  return html`<${Bar} side=${order.side} share=${share} label=${`${Math.floor(share * 100)} % filled`} />`;
}

export function Spark({ values }) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return html`<svg class="spark" viewBox="0 0 72 20" aria-hidden="true"></svg>`;
  const low = Math.min(...known);
  const room = Math.max(...known) - low || 1;
  let path = '';
  let pen = 'M';
  values.forEach((value, i) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    const x = (i / (values.length - 1)) * 72;
    const y = 18.5 - ((value - low) / room) * 17;
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  });
  return html`<svg class="spark" viewBox="0 0 72 20" preserveAspectRatio="none" aria-hidden="true"><path d=${path} /></svg>`;
}

export function Copy({ text, label = 'copy' }) {
  const [isDone, setDone] = useState(false);
  if (!navigator.clipboard) return null; // not over plain HTTP to another machine
  const copy = (event) => {
    event.stopPropagation();
    navigator.clipboard.writeText(text).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), 1200);
    }, () => {});
  };
  return html`<button class="copy" type="button" onClick=${copy}>${isDone ? 'copied' : label}</button>`;
}

// How old what is shown is, while the stream is lost.
export function Age() {
  if (!isStale() || link.heardAt === null || !clock.isKnown()) return null;
  const age = clock.ticks() - link.heardAt;
  return html`<span class="as-of">as of ${clockOf(clock.now() - age)} · ${span(age)} old</span>`;
}

const CROSS = html`<svg viewBox="0 0 16 16" aria-hidden="true"><path d="m4 4 8 8M12 4l-8 8" /></svg>`;
export const Close = ({ onClick = closeDialog }) => html`<button class="icon close" type="button" aria-label="Close (Escape)" onClick=${onClick}>${CROSS}</button>`;

export function Dialog({ label, className, children }) {
  const box = useRef(null);
  useEffect(() => {
    const node = box.current;
    if (!node.open) node.showModal();
    return () => node.open && node.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    closeDialog();
  };
  const clickBeside = (event) => event.target === box.current && closeDialog();
  return html`<dialog ref=${box} class=${className} aria-label=${label} onCancel=${cancel} onMouseDown=${clickBeside}>${children}</dialog>`;
}

export function Head({ title, children }) {
  return html`<header><h2>${title}</h2>${children}<span class="gap"></span><${Close} /></header>`;
}

// Something that is asked of the service once: 'ask', then 'sent' until the answer, then 'done'.
// A second press while it is under way does nothing, however it comes.
export function useRequest() {
  const [state, setState] = useState({ phase: 'ask', answer: null });
  const isUnderWay = useRef(false);
  const send = async (call) => {
    if (isUnderWay.current) return null;
    isUnderWay.current = true;
    setState({ phase: 'sent', answer: null });
    const answer = await call();
    isUnderWay.current = false;
    setState({ phase: answer.isOk ? 'done' : 'refused', answer });
    return answer;
  };
  return { ...state, send };
}

// Why a request was not done, in the service's words; the code is for those who look it up.
export function Refusal({ answer, effect }) {
  if (!answer.isAnswered) {
    return html`<span role="alert"><b>It is not known whether ${effect}.</b> ${answer.words} Look at the state shown, then ask again if it is needed.</span>`;
  }
  return html`<span role="alert"><code>${answer.code}</code> ${answer.words}</span>`;
}

export const WAITING = html`<p class="result" role="status">Asked. Waiting for the service…</p>`;
