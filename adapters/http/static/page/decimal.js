// Exact decimals, for amounts of money. A value is a whole number of units (BigInt) and how many of
// its digits are behind the point. `toNumber` is for drawing only: no amount is computed from it.

const SHAPE = /^(-?)(\d*)(?:\.(\d*))?$/;

const power = (places) => 10n ** BigInt(places);

// Half away from zero, as people round.
function divideRounded(units, by) {
  const isNegative = (units < 0n) !== (by < 0n);
  const size = units < 0n ? -units : units;
  const divisor = by < 0n ? -by : by;
  const rounded = (2n * size + divisor) / (2n * divisor);
  return isNegative ? -rounded : rounded;
}

export class Decimal {
  constructor(units, places) {
    this.units = units;
    this.places = places;
  }

  // Returns null for what is no plain decimal: no exponent, no sign but "-", no separators.
  static read(text) {
    const found = SHAPE.exec(String(text).trim());
    if (!found) return null;
    const [, sign, whole, part = ''] = found;
    if (whole === '' && part === '') return null;
    const units = BigInt(whole + part);
    return new Decimal(sign ? -units : units, part.length);
  }

  // For amounts that the service wrote: anything else is a bug.
  static of(text) {
    const value = Decimal.read(text);
    if (value === null) throw new RangeError(`no decimal: ${text}`);
    return value;
  }

  unitsAt(places) {
    return this.units * power(places - this.places);
  }

  plus(other) {
    const places = Math.max(this.places, other.places);
    return new Decimal(this.unitsAt(places) + other.unitsAt(places), places);
  }

  minus(other) {
    return this.plus(other.negated());
  }

  times(other) {
    return new Decimal(this.units * other.units, this.places + other.places);
  }

  // Rounded to so many places; the divisor must not be zero.
  dividedBy(other, places) {
    const shift = places + other.places - this.places;
    const units = shift >= 0 ? this.units * power(shift) : this.units;
    const by = shift >= 0 ? other.units : other.units * power(-shift);
    return new Decimal(divideRounded(units, by), places);
  }

  rounded(places) {
    if (places >= this.places) return new Decimal(this.unitsAt(places), places);
    return new Decimal(divideRounded(this.units, power(this.places - places)), places);
  }

  negated() {
    return new Decimal(-this.units, this.places);
  }

  absolute() {
    return this.units < 0n ? this.negated() : this;
  }

  compare(other) {
    const places = Math.max(this.places, other.places);
    const difference = this.unitsAt(places) - other.unitsAt(places);
    if (difference === 0n) return 0;
    return difference < 0n ? -1 : 1;
  }

  get sign() {
    if (this.units === 0n) return 0;
    return this.units < 0n ? -1 : 1;
  }

  isAbove(other) {
    return this.compare(other) > 0;
  }

  isBelow(other) {
    return this.compare(other) < 0;
  }

  // A step of zero is a rule that is off: everything is a multiple of it.
  isMultipleOf(step) {
    if (step.sign === 0) return true;
    const places = Math.max(this.places, step.places);
    return this.unitsAt(places) % step.unitsAt(places) === 0n;
  }

  // How many places the value needs: 2 for "0.0100".
  get placesNeeded() {
    const part = this.toFixed(this.places).split('.')[1] ?? '';
    return part.replace(/0+$/, '').length;
  }

  toFixed(places) {
    const { units } = this.rounded(places);
    const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
    const cut = digits.length - places;
    const text = places ? `${digits.slice(0, cut)}.${digits.slice(cut)}` : digits;
    return units < 0n ? `-${text}` : text;
  }

  // With no more places than it needs, as the API writes it.
  toString() {
    return this.toFixed(this.placesNeeded);
  }

  // For people: "64,192.15", and "−" for a minus.
  grouped(places) {
    const [whole, part] = this.toFixed(places).replace('-', '').split('.');
    const text = whole.replace(/\B(?=(\d{3})+$)/g, ',');
    const sign = this.rounded(places).sign < 0 ? '−' : '';
    return `${sign}${text}${part ? `.${part}` : ''}`;
  }

  // For drawing: how long a bar is, where a curve goes.
  toNumber() {
    return Number(this.units) / 10 ** this.places;
  }
}

export const ZERO = new Decimal(0n, 0);
export const ONE = new Decimal(1n, 0);
const BASIS_POINTS = new Decimal(10000n, 0);

// How far `value` is above `reference`, in basis points of it; to a tenth.
export function basisPoints(value, reference) {
  return value.minus(reference).times(BASIS_POINTS).dividedBy(reference, 1);
}

export const smaller = (a, b) => (a.isBelow(b) ? a : b);
export const sum = (values) => values.reduce((total, one) => total.plus(one), ZERO);
