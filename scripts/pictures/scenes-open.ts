import type { Reply } from "@twolane/testkit"
import { add, answer, patch, run, type Scene, update } from "./scene.ts"

/** Goes on for as long as pictures are taken. */
const slowly = (text: string): Reply => ({ ...answer(text), tokensPerSecond: 14 })
/** Waits for a yes to its plan. */
export const splitPrices: Scene = {
  prompt: "Read the prices from a file that the buyers can edit",
  answers: [
    answer(
      '1. Move the prices to data/prices.json, as { "mug": 950 }.\n2. Load them once at start, and refuse a price that is no whole number of cents, naming the line.\n3. Test the loader with a broken file.\n\nThe shop would have to be started again after an edit. Is that all right?',
    ),
    answer("Done."),
  ],
}

/** Asks for a package, which a person decides. */
export const wantsPackage: Scene = {
  prompt: "Validate the addresses of orders",
  answers: [
    answer(
      "Addresses differ by country; there is a library that knows their forms.",
      ...patch(
        update(
          "package.json",
          `-{ "name": "shop", "type": "module", "scripts": { "test": "node --test" } }
+{
+  "name": "shop",
+  "type": "module",
+  "scripts": { "test": "node --test" },
+  "dependencies": { "i18n-postal-address": "4.2.1" }
+}`,
        ),
      ),
    ),
    answer("Then without it: I check that the fields are there."),
  ],
}

/** Still at work when the pictures are taken. */
export const moveTaxes: Scene = {
  prompt: "Show prices with and without taxes, by the country of the buyer",
  answers: [
    answer("First I look where prices are shown.", ...run("grep -rn priceOf src")),
    answer(
      "The rates are data, so they get a module of their own.",
      ...patch(
        add(
          "src/taxes.js",
          `const rates = new Map([
  ["AT", 20],
  ["DE", 19],
  ["FR", 20],
])

/** The tax in a price, in cents, rounded as the tax office does. */
export const taxOf = (price, country) => {
  const rate = rates.get(country) ?? 0
  return Math.round(price - price / (1 + rate / 100))
}
`,
        ),
        update(
          "src/cart.js",
          ` import { priceOf } from "./prices.js"
+import { taxOf } from "./taxes.js"
 
 /** What a cart costs, in cents. */
 export const totalOf = cart =>
   cart.lines.reduce((sum, { sku, count }) => sum + priceOf(sku) * count, 0)
+
+/** How much of it is tax, in the buyer's country. */
+export const taxesOf = cart => taxOf(totalOf(cart), cart.country)`,
        ),
      ),
    ),
    slowly(
      "`taxOf` says how much of a price is tax. Next, the cart has to know the buyer's country: an order carries it, a cart that nobody has ordered does not, so the price without taxes can only be shown once the country is known. Until then I leave the line out, and say so in the test. ".repeat(
        24,
      ),
    ),
  ],
}

/** Still at work as well, on the same files as another. */
export const gifts: Scene = {
  prompt: "Wrap a mug as a gift for one euro",
  answers: [
    answer(
      "A wrapped line costs a euro more a piece.",
      ...patch(
        update(
          "src/cart.js",
          `-/** What a cart costs, in cents. */
+const wrapping = 100
+
+/** What a cart costs, in cents. */
 export const totalOf = cart =>
-  cart.lines.reduce((sum, { sku, count }) => sum + priceOf(sku) * count, 0)
+  cart.lines.reduce((sum, { sku, count, wrapped }) => sum + (priceOf(sku) + (wrapped ? wrapping : 0)) * count, 0)`,
        ),
      ),
    ),
    slowly(
      "Next I look who else counts a line's price by itself: the invoice does not, and the labels do. ".repeat(
        60,
      ),
    ),
  ],
}
