import type { ProductTests } from './helpers/product-tests.ts';

/**
 * Yours: what the kit's tests cannot read from your routes. They try every route of yours as they try the kit's: who may call
 * it, with which bodies, queries and paths, and whether it answers as its document says. A resource like `items`, whose
 * things only their owner sees and which `POST /items` makes from its example, needs no line here.
 */
export const productTests: ProductTests = {
  settings: {},
  open: [],
  things: {},
  bodies: {},
  refusals: {},
  doors: [],
  rewritten: [],
  crossings: {},
};
