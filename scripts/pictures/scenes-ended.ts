import { add, answer, patch, run, type Scene, update } from "./scene.ts"

const plan = (explanation: string, ...steps: [step: string, status: string][]) =>
  ["update_plan", { explanation, plan: steps.map(([step, status]) => ({ step, status })) }] as [
    string,
    Record<string, unknown>,
  ]

const couponHead = "export const discountOf = (coupon, total) => {"
const couponShare = (words: string) => `  const share = Math.floor(${words})`

/** Red first, green then: what the fast lane is for. */
export const mendCoupons: Scene = {
  prompt: "Coupons take far too much off: ten percent of ten euros must be one euro",
  answers: [
    answer(
      "The share is counted as if `percent` were a factor. I divide it.",
      ...patch(
        update(
          "src/coupon.js",
          ` ${couponHead}\n-${couponShare("total * coupon.percent")}\n+${couponShare("total * coupon.percent / 10")}`,
        ),
      ),
    ),
    answer(
      "Ten was one zero short, as the test says: `percent` is of a hundred.",
      ...patch(
        update(
          "src/coupon.js",
          ` ${couponHead}\n-${couponShare("total * coupon.percent / 10")}\n+${couponShare("(total * coupon.percent) / 100")}`,
        ),
      ),
    ),
    answer("Coupons take their percent off now."),
  ],
}

const cartTest = `test("a coupon is taken off the total, and never below nothing", () => {
  const lines = [{ sku: "mug", count: 2 }]
  assert.equal(totalOf({ lines, coupon: { percent: 10, most: 5_000 } }), 1_710)
  assert.equal(totalOf({ lines, coupon: { percent: 100, most: 9_000 } }), 0)
})`

/** A change of several files with a plan, a look around, commands and tests. */
export const cartCoupons: Scene = {
  prompt: "Let a cart hold a coupon: take it off the total, print it on the invoice, and test both",
  answers: [
    answer(
      "I look at how totals and invoices are made.",
      ...run("ls src test && cat src/cart.js src/invoice.js"),
    ),
    answer(
      "",
      ...plan(
        "Totals first, since the invoice prints them.",
        ["Take the coupon off in `totalOf`", "in_progress"],
        ["Print it on the invoice", "pending"],
        ["Test both", "pending"],
      ),
    ),
    answer(
      "A cart without a coupon must cost what it did, so the discount is counted only when there is one.",
      ...patch(
        update(
          "src/cart.js",
          `+import { discountOf } from "./coupon.js"
 import { priceOf } from "./prices.js"
 
-/** What a cart costs, in cents. */
-export const totalOf = cart =>
-  cart.lines.reduce((sum, { sku, count }) => sum + priceOf(sku) * count, 0)
+/** What a cart's lines cost, in cents. */
+export const sumOf = cart =>
+  cart.lines.reduce((sum, { sku, count }) => sum + priceOf(sku) * count, 0)
+
+/** What a cart costs, in cents: its lines, less its coupon. */
+export const totalOf = cart => {
+  const sum = sumOf(cart)
+  return cart.coupon === undefined ? sum : Math.max(0, sum - discountOf(cart.coupon, sum))
+}`,
        ),
        update(
          "src/coupon.js",
          ` ${couponHead}\n-${couponShare("total * coupon.percent")}\n+${couponShare("(total * coupon.percent) / 100")}`,
        ),
      ),
    ),
    answer(
      "Now the invoice, and the tests of both.",
      ...patch(
        update(
          "src/invoice.js",
          `-import { totalOf } from "./cart.js"
+import { sumOf, totalOf } from "./cart.js"
 
 /** An invoice's lines, as they are printed. */
 export const linesOf = cart => [
   ...cart.lines.map(({ sku, count }) => \`\${count} × \${sku}\`),
+  ...(cart.coupon === undefined ? [] : [\`coupon −\${sumOf(cart) - totalOf(cart)}\`]),
   \`total \${totalOf(cart)}\`,
 ]`,
        ),
        update(
          "test/cart.test.js",
          ` test("an empty cart costs nothing", () => assert.equal(totalOf({ lines: [] }), 0))\n${cartTest
            .split("\n")
            .map(line => `+${line}`)
            .join("\n")}`,
        ),
        add(
          "test/invoice-coupon.test.js",
          `import assert from "node:assert/strict"
import test from "node:test"
import { linesOf } from "../src/invoice.js"

test("a coupon has its own line above the total", () => {
  const cart = { lines: [{ sku: "poster", count: 1 }], coupon: { percent: 20, most: 500 } }
  assert.deepEqual(linesOf(cart), ["1 × poster", "coupon −380", "total 1520"])
})
`,
        ),
      ),
    ),
    answer("", ...run("node --test --test-reporter=spec")),
    answer(
      "",
      ...plan(
        "All three are done.",
        ["Take the coupon off in `totalOf`", "completed"],
        ["Print it on the invoice", "completed"],
        ["Test both", "completed"],
      ),
    ),
    answer(
      "A cart may hold a coupon now. `totalOf` takes it off and never goes below nothing; `sumOf` is what the lines cost without it, and the invoice prints the difference on a line of its own. The coupon's percent was counted as a factor: that is mended as well, since every coupon would have taken its most.",
    ),
  ],
}

/** Gives up on red. */
export const roundsWrong: Scene = {
  prompt: "Round totals to five cents for cash",
  answers: [
    answer(
      "",
      ...patch(
        update(
          "src/cart.js",
          ` export const totalOf = cart =>
-  cart.lines.reduce((sum, { sku, count }) => sum + priceOf(sku) * count, 0)
+  Math.round(cart.lines.reduce((sum, { sku, count }) => sum + priceOf(sku) * count, 0) / 500) * 500`,
        ),
      ),
    ),
    answer("Totals are rounded."),
  ],
}

/** Small ones that go well. */
export const small: readonly Scene[] = [
  {
    prompt: "Say in the error which prices there are",
    answers: [
      answer(
        "The keys of the map are the names.",
        ...patch(
          update(
            "src/prices.js",
            `-  if (price === undefined) throw new Error(\`there is no \${sku}\`)
+  if (price === undefined) throw new Error(\`there is no \${sku}; there are \${[...prices.keys()].join(", ")}\`)`,
          ),
        ),
      ),
      answer("An unknown name is answered with those that there are."),
    ],
  },
  {
    prompt: "Sell a tote bag for 14 euros",
    answers: [
      answer("", ...patch(update("src/prices.js", `   ["sticker", 250],\n+  ["tote", 1_400],`))),
      answer("There is a tote bag now."),
    ],
  },
  {
    prompt: "Why does an empty cart cost nothing?",
    answers: [
      answer("`totalOf` sums the lines from 0 on, and an empty cart has none. A test holds it to that."),
    ],
  },
]

/** Changes the rules it is judged by, which nobody may. */
export const loosens: Scene = {
  prompt: "Let the tests run without colours",
  answers: [
    answer("", ...patch(update("twolane.yaml", `-env: { FORCE_COLOR: "1" }\n+env: {}`))),
    answer("The file that sets the colours is not mine to change, so a person has to."),
  ],
}
