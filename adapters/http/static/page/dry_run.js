// What the service says would become of an order now: asked at most four times a second while somebody
// types, and again each second while it stands, because the book moves.

import { useEffect, useRef, useState } from '../vendor/htm-preact/standalone.mjs';
import * as api from './api.js';

const PAUSE = 250; // milliseconds
const AGAIN = 1000;

// `order` is the body of the request, or null for none. Returns { order, run } as the service last
// answered: `run` is its answer, and may be about words that were changed meanwhile.
export function useDryRun(order) {
  const [told, setTold] = useState({ order: null, run: null, refusal: null });
  const latest = useRef(order);
  latest.current = order;
  const text = JSON.stringify(order);
  useEffect(() => {
    let timer = null;
    let isOver = false;
    const ask = async () => {
      const asked = latest.current;
      if (asked === null || document.hidden) {
        timer = setTimeout(ask, AGAIN);
        return;
      }
      const answer = await api.tryOrder(asked);
      if (isOver) return;
      if (answer.isOk) setTold({ order: asked, run: answer.body, refusal: null });
      else setTold({ order: asked, run: null, refusal: answer });
      timer = setTimeout(ask, AGAIN);
    };
    timer = setTimeout(ask, PAUSE);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [text]);
  if (order === null || told.order === null) return { run: null, refusal: null, isCurrent: false };
  return { ...told, isCurrent: JSON.stringify(told.order) === text };
}
