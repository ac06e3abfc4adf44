import type { RepoFiles } from "@twolane/testkit"

/** A small shop with tests that run in a jail without network. Its coupons are wrong in one place, and its carts know none. */
export const shopFiles: RepoFiles = {
  "package.json": '{ "name": "shop", "type": "module", "scripts": { "test": "node --test" } }\n',
  "AGENTS.md": "Prices are whole cents. Each module has its test beside the others in test/.\n",
  "twolane.yaml": `test:
  all: node --test
env: { FORCE_COLOR: "1" }
guardrails:
  deep: { newDependencies: ask }
`,
  "src/prices.js": `const prices = new Map([
  ["mug", 950],
  ["poster", 1_900],
  ["sticker", 250],
])

/** What one piece costs, in cents. */
export const priceOf = sku => {
  const price = prices.get(sku)
  if (price === undefined) throw new Error(\`there is no \${sku}\`)
  return price
}
`,
  "src/cart.js": `import { priceOf } from "./prices.js"

/** What a cart costs, in cents. */
export const totalOf = cart =>
  cart.lines.reduce((sum, { sku, count }) => sum + priceOf(sku) * count, 0)
`,
  "src/coupon.js": `/** A coupon takes a share off, and never more than its most. */
export const discountOf = (coupon, total) => {
  const share = Math.floor(total * coupon.percent)
  return Math.min(share, coupon.most)
}
`,
  "src/invoice.js": `import { totalOf } from "./cart.js"

/** An invoice's lines, as they are printed. */
export const linesOf = cart => [
  ...cart.lines.map(({ sku, count }) => \`\${count} × \${sku}\`),
  \`total \${totalOf(cart)}\`,
]
`,
  "test/cart.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { totalOf } from "../src/cart.js"

test("a cart costs what its lines cost", () => {
  assert.equal(totalOf({ lines: [{ sku: "mug", count: 2 }, { sku: "sticker", count: 1 }] }), 2_150)
})
test("an empty cart costs nothing", () => assert.equal(totalOf({ lines: [] }), 0))
`,
  "test/invoice.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { linesOf } from "../src/invoice.js"

test("the last line is the total", () => {
  assert.equal(linesOf({ lines: [{ sku: "mug", count: 1 }] }).at(-1), "total 950")
})
`,
  "test/coupon.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { discountOf } from "../src/coupon.js"

test("ten percent of ten euros is one euro", () => {
  assert.equal(discountOf({ percent: 10, most: 5_000 }, 1_000), 100)
})
test("a coupon never takes more than its most", () => {
  assert.equal(discountOf({ percent: 50, most: 300 }, 1_000), 300)
})
`,
}
