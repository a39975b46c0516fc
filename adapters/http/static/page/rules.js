// The venue's rules for a symbol, checked while somebody types. The service judges in the end, with
// the same codes; this is so that nobody has to send an order to learn of a tick size.

import { Decimal } from './decimal.js';

const RULES = {
  price: { step: 'tick_size', min: 'min_price', max: 'max_price', off: 'PRICE_OFF_TICK', below: 'PRICE_BELOW_MINIMUM', above: 'PRICE_ABOVE_MAXIMUM' },
  quantity: { step: 'step_size', min: 'min_quantity', max: 'max_quantity', off: 'QUANTITY_OFF_LOT', below: 'QUANTITY_BELOW_MINIMUM', above: 'QUANTITY_ABOVE_MAXIMUM' },
};

// Returns {field, code, words}, or null.
function faultOf(field, rules, value) {
  const rule = RULES[field];
  const fault = (code, words) => ({ field, code, words });
  if (value === null || value.sign <= 0) return fault('FIELD_INVALID', 'a number above 0, such as 0.5');
  const read = (name) => Decimal.of(rules[rule[name]]);
  if (!value.isMultipleOf(read('step'))) return fault(rule.off, `must be a multiple of ${read('step')}`);
  if (value.isBelow(read('min'))) return fault(rule.below, `must be at least ${read('min')}`);
  const max = read('max');
  if (max.sign && value.isAbove(max)) return fault(rule.above, `must be at most ${max}`);
  return null;
}

export const faultOfPrice = (market, price) => faultOf('price', market.rules, price);

export function faultOfQuantity(market, quantity, filled = null) {
  const fault = faultOf('quantity', market.rules, quantity);
  if (fault) return fault;
  if (filled && !quantity.isAbove(filled)) {
    return { field: 'quantity', code: 'QUANTITY_NOT_ABOVE_FILLED', words: `must be above the ${filled} that are filled` };
  }
  return null;
}

export function faultOfValue(market, price, quantity) {
  const value = price.times(quantity);
  const least = Decimal.of(market.rules.min_notional);
  const most = Decimal.of(market.rules.max_notional);
  if (value.isBelow(least)) return { field: 'quantity', code: 'NOTIONAL_BELOW_MINIMUM', words: `${value} ${market.quote} is below ${least}` };
  if (most.sign && value.isAbove(most)) return { field: 'quantity', code: 'NOTIONAL_ABOVE_MAXIMUM', words: `${value} ${market.quote} is above ${most}` };
  return null;
}
