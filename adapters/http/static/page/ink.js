// Colours for what is drawn on a canvas, read from the style sheet: there is one palette only.

import { ui, update, keep } from './ui.js';

const probe = document.createElement('i');
probe.className = 'probe';
document.body.append(probe);

const inks = new Map();
const dark = matchMedia('(prefers-color-scheme: dark)');

export function ink(name) {
  if (!inks.has(name)) {
    probe.style.color = `var(${name})`;
    inks.set(name, getComputedStyle(probe).color);
  }
  return inks.get(name);
}

export const fontOf = (size, weight = 400) => `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;

// Charts are made anew when it changes.
export const themeKey = () => `${ui.theme}-${dark.matches}`;

function show(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  inks.clear();
}

export function setTheme(theme) {
  show(theme);
  keep({ theme });
}

export const NEXT_THEME = { auto: 'dark', dark: 'light', light: 'auto' };

show(ui.theme);
dark.addEventListener('change', () => {
  inks.clear();
  update();
});
