// The push stream: every committed event, in order, none missed and none twice, and how things are.
// `EventSource` cannot send a token, so the stream is read from a `fetch`. A position is kept in
// memory; who comes back with it gets what was committed in between, over a restart of the service
// too. A silent connection is a lost one: the service says something at least every 15 seconds.

import { hearTime, ticks } from './clock.js';
import { authorization } from './token.js';

const PATH = '/api/v1/stream?topics=orders,fills,symbols,halt,service';
const SILENCE_MAX = 25000; // milliseconds
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 10000;

// Splits the text of a stream into events, however it was cut on its way.
export class EventReader {
  constructor(take) {
    this.take = take;
    this.rest = '';
    this.clear();
  }

  clear() {
    this.event = { type: 'message', id: null, data: [] };
  }

  read(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const line of lines) this.readLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  readLine(line) {
    if (line === '') {
      if (this.event.data.length) this.take({ ...this.event, data: this.event.data.join('\n') });
      this.clear();
      return;
    }
    const at = line.indexOf(':');
    if (at === 0) return; // a comment
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
    if (name === 'data') this.event.data.push(value);
    else if (name === 'event') this.event.type = value;
    else if (name === 'id') this.event.id = value;
  }
}

export class Stream {
  // `listener` has onUp(), onDown(), onEvent(type, data, position), onAnew(), onUnauthorized().
  constructor(listener) {
    this.listener = listener;
    this.position = null;
    this.heardAt = null;
    this.retryAt = null;
    this.pause = FIRST_PAUSE;
    this.abort = null;
    this.timer = null;
  }

  start() {
    clearTimeout(this.timer);
    this.retryAt = null;
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.follow(abort).then((isEnd) => {
      if (this.abort === abort) this.comeBack(isEnd);
    });
  }

  // Lets the connection go, until `wake`: a browser has six for one address, and all its tabs share them.
  rest() {
    clearTimeout(this.timer);
    this.retryAt = null;
    const { abort } = this;
    this.abort = null;
    abort?.abort();
    this.listener.onRest();
  }

  wake() {
    if (this.abort === null) this.start();
  }

  // Whoever asks while it is lost need not wait for the next try.
  hurry() {
    if (this.retryAt !== null) this.start();
  }

  // A connection that ended after the service had something to say is opened again at once: it
  // lasts an hour at most. Any other one is lost, and tried again after a pause.
  comeBack(isEnd) {
    if (isEnd) {
      this.start();
      return;
    }
    this.retryAt = ticks() + this.pause;
    this.timer = setTimeout(() => this.start(), this.pause);
    this.pause = Math.min(LONGEST_PAUSE, this.pause * 2);
    this.listener.onDown();
  }

  async follow(abort) {
    const watch = setInterval(() => {
      if (this.heardAt !== null && ticks() - this.heardAt > SILENCE_MAX) abort.abort();
    }, 1000);
    this.heardAt = ticks();
    try {
      return await this.readAll(abort.signal);
    } catch {
      return false;
    } finally {
      clearInterval(watch);
    }
  }

  // Returns whether the stream was served to an end.
  async readAll(signal) {
    const headers = { Accept: 'text/event-stream', ...authorization() };
    if (this.position !== null) headers['Last-Event-ID'] = this.position;
    const answer = await fetch(PATH, { headers, signal, cache: 'no-store', credentials: 'omit' });
    if (!answer.ok) {
      this.judge(answer.status);
      return false;
    }
    const reader = new EventReader((event) => this.take(event));
    const text = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const from = ticks();
    for (;;) {
      const { value, done } = await text.read();
      if (done) return ticks() - from > FIRST_PAUSE;
      this.heardAt = ticks();
      reader.read(value);
    }
  }

  judge(status) {
    if (status === 401) this.listener.onUnauthorized();
    if (status !== 409) return;
    this.position = null; // another database is there: what this page knows is not its history
    this.listener.onAnew();
  }

  take({ type, id, data }) {
    const body = JSON.parse(data);
    if (id !== null) this.position = id;
    if (type === 'heartbeat') hearTime(body.time);
    if (type === 'position') {
      this.pause = FIRST_PAUSE;
      this.listener.onUp();
    }
    this.listener.onEvent(type, body, id);
  }
}
