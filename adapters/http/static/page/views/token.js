// Asks for the token that the service wants.

import { html, useState } from '../../vendor/htm-preact/standalone.mjs';
import { comeBack } from '../reading.js';
import { setToken } from '../token.js';
import { closeDialog } from '../ui.js';
import { Dialog, Head } from './parts.js';

export function Token() {
  const [token, setText] = useState('');
  const use = (event) => {
    event.preventDefault();
    setToken(token.trim());
    closeDialog();
    comeBack();
  };
  return html`<${Dialog} label="Token" className="sheet"><${Head} title="This service wants a token" />
    <form onSubmit=${use}>
      <label class="field"><span>Token</span><input id="token" type="password" autocomplete="off" autofocus value=${token} onInput=${(event) => setText(event.target.value)} /></label>
      <p class="quiet">It is kept for this tab only, and is gone when you close it.</p>
      <p class="row-of"><button class="solid" type="submit" disabled=${!token.trim()}>Use it</button></p>
    </form>
  </${Dialog}>`;
}
