// The token that the user has typed in. It is kept for this tab only, and goes with it: a reload in
// trouble must not ask for a secret that lies elsewhere, and nothing that outlives the tab (a cookie,
// localStorage) may have it. It leaves the page in a header, never in an address.

const PLACE = 'trade-executor-token';

let token = read();

function read() {
  try {
    return sessionStorage.getItem(PLACE);
  } catch {
    return null; // the browser keeps nothing for this page
  }
}

export function setToken(value) {
  token = value || null;
  try {
    if (token) sessionStorage.setItem(PLACE, token);
    else sessionStorage.removeItem(PLACE);
  } catch {
    // It lives as long as the page.
  }
}

export const authorization = () => (token ? { Authorization: `Bearer ${token}` } : {});
