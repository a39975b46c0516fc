// A uPlot chart as a view: made once, given new data when what it shows has changed.

import { useEffect, useLayoutEffect, useRef } from '../../vendor/htm-preact/standalone.mjs';
import uPlot from '../../vendor/uplot/uPlot.esm.js';
import { fontOf, ink } from '../ink.js';
import { isStale } from '../store.js';

const SMALLEST = 50; // pixels

// `make` and `feed` return options and data; it is made anew with another `key`, and fed anew when one
// of `versions` changes. Returns the place for it.
export function useChart(make, feed, key, versions) {
  const box = useRef(null);
  const chart = useRef(null);
  useLayoutEffect(() => {
    const node = box.current;
    const size = () => ({ width: Math.max(SMALLEST, node.clientWidth), height: Math.max(SMALLEST, node.clientHeight) });
    const plot = new uPlot({ ...make(), ...size() }, feed(), node);
    chart.current = plot;
    const watch = new ResizeObserver(() => node.clientWidth && plot.setSize(size()));
    watch.observe(node);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [key]);
  useEffect(() => {
    if (!isStale()) chart.current?.setData(feed());
  }, versions);
  return box;
}

export const axis = (more) => ({
  stroke: ink('--ink-3'), font: fontOf(11), grid: { stroke: ink('--grid'), width: 1 }, ticks: { show: false }, gap: 4, ...more,
});

export const BARE = {
  legend: { show: false },
  cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
};

// Draws within the plot's area, in its pixels.
export function drawIn(plot, action) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  action(ctx, bbox, devicePixelRatio || 1);
  ctx.restore();
}

export const stepped = (align) => uPlot.paths.stepped({ align });
