import type { CallExpression, Expression, FunctionDeclaration, TableConstructorExpression } from "luaparse"
import type { Scope } from "./scope.ts"
import { writeBlock } from "./statements.ts"

// In JavaScript `$` has the operators (operators.ts) and `makeTable`, `globals` the library.

const binary: Record<string, (left: string, right: string) => string> = {
  "+": (left, right) => `($.arithmetic(${left}) + $.arithmetic(${right}))`,
  "-": (left, right) => `($.arithmetic(${left}) - $.arithmetic(${right}))`,
  "*": (left, right) => `($.arithmetic(${left}) * $.arithmetic(${right}))`,
  "/": (left, right) => `($.arithmetic(${left}) / $.arithmetic(${right}))`,
  "^": (left, right) => `($.arithmetic(${left}) ** $.arithmetic(${right}))`,
  "%": (left, right) => `$.modulo(${left}, ${right})`,
  "..": (left, right) => `$.concat(${left}, ${right})`,
  "==": (left, right) => `(${left} === ${right})`,
  "~=": (left, right) => `(${left} !== ${right})`,
  "<": (left, right) => `$.isLess(${left}, ${right})`,
  "<=": (left, right) => `$.isLessOrSame(${left}, ${right})`,
  ">": (left, right) => `$.isLess(${right}, ${left})`,
  ">=": (left, right) => `$.isLessOrSame(${right}, ${left})`,
  and: (left, right) => `$.both(${left}, () => ${right})`,
  or: (left, right) => `$.either(${left}, () => ${right})`,
}

const unary: Record<string, (value: string) => string> = {
  "#": value => `$.length(${value})`,
  "-": value => `(-$.arithmetic(${value}))`,
  not: value => `(!$.isTrue(${value}))`,
}

const notKnown = (what: string): Error => new Error(`${what} is not known to the Lua of the Redis in memory`)

/** One value. @throws Error for what our scripts don't use. */
export const writeValue = (node: Expression, scope: Scope): string => {
  switch (node.type) {
    case "StringLiteral":
    case "NumericLiteral":
    case "BooleanLiteral":
      return JSON.stringify(node.value)
    case "NilLiteral":
      return "undefined"
    case "Identifier":
      return scope.find(node.name) ?? writeGlobal(node.name)
    case "MemberExpression":
      return `$.index(${writeValue(node.base, scope)}, ${JSON.stringify(node.identifier.name)})`
    case "IndexExpression":
      return `$.index(${writeValue(node.base, scope)}, ${writeValue(node.index, scope)})`
    case "CallExpression":
    case "StringCallExpression":
    case "TableCallExpression":
      return `${writeCall(node, scope)}[0]`
    case "BinaryExpression":
    case "LogicalExpression":
      return writeBinary(node.operator, writeValue(node.left, scope), writeValue(node.right, scope))
    case "UnaryExpression":
      return writeUnary(node.operator, writeValue(node.argument, scope))
    case "TableConstructorExpression":
      return writeTable(node, scope)
    case "FunctionDeclaration":
      return writeFunction(node, scope)
    default:
      throw notKnown(node.type)
  }
}

const writeBinary = (operator: string, left: string, right: string): string => {
  const write = binary[operator]
  if (write === undefined) throw notKnown(operator)
  return write(left, right)
}

const writeUnary = (operator: string, value: string): string => {
  const write = unary[operator]
  if (write === undefined) throw notKnown(operator)
  return write(value)
}

const writeGlobal = (name: string): string => `$.global(globals, ${JSON.stringify(name)})`

/** Some values behind one another: of a call that is the last one, all that it gives. */
export const writeValues = (nodes: readonly Expression[], scope: Scope): string =>
  nodes
    .map((node, at) =>
      at === nodes.length - 1 && isCall(node) ? `...${writeCall(node, scope)}` : writeValue(node, scope),
    )
    .join(", ")

type Call = Extract<Expression, { type: "CallExpression" | "StringCallExpression" | "TableCallExpression" }>

/** Whether an expression is a call, and so may give several values. Parentheses, which would keep one, the parser does not tell. */
export const isCall = (node: Expression): node is Call =>
  node.type === "CallExpression" ||
  node.type === "StringCallExpression" ||
  node.type === "TableCallExpression"

/** A call with all that it gives, as a list. */
export const writeCall = (node: Call, scope: Scope): string => {
  const args = writeValues(argumentsOf(node), scope)
  return `$.call(${writeValue(node.base, scope)}${args === "" ? "" : `, ${args}`})`
}

const argumentsOf = (node: Call): readonly CallExpression["arguments"][number][] =>
  node.type === "CallExpression"
    ? node.arguments
    : node.type === "StringCallExpression"
      ? [node.argument]
      : [node.arguments]

const writeTable = ({ fields }: TableConstructorExpression, scope: Scope): string => {
  const items: Expression[] = []
  const named: string[] = []
  for (const field of fields) {
    if (field.type === "TableValue") items.push(field.value)
    else {
      const key =
        field.type === "TableKeyString" ? JSON.stringify(field.key.name) : writeValue(field.key, scope)
      named.push(`[${key}, ${writeValue(field.value, scope)}]`)
    }
  }
  return `$.makeTable([${writeValues(items, scope)}], [${named.join(", ")}])`
}

/** A function as JavaScript's: it gives a list of values. */
export const writeFunction = ({ parameters, body }: FunctionDeclaration, scope: Scope): string => {
  const inner = scope.inner()
  const names = parameters.map(parameter => {
    if (parameter.type !== "Identifier") throw notKnown("a function of any number of arguments")
    return inner.declare(parameter.name)
  })
  return `((${names.join(", ")}) => {${writeBlock(body, inner)} return []})`
}
