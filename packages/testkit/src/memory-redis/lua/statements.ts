import type {
  AssignmentStatement,
  ForGenericStatement,
  ForNumericStatement,
  Identifier,
  IfStatement,
  LocalStatement,
  Statement,
} from "luaparse"
import { isCall, writeCall, writeFunction, writeValue, writeValues } from "./expressions.ts"
import type { Scope } from "./scope.ts"

/** Some statements in a scope. @throws Error for what our scripts don't use. */
export const writeBlock = (body: readonly Statement[], scope: Scope): string =>
  body.map(statement => writeStatement(statement, scope)).join("\n")

const writeInner = (body: readonly Statement[], scope: Scope): string =>
  `{${writeBlock(body, scope.inner())}}`

const writeStatement = (node: Statement, scope: Scope): string => {
  switch (node.type) {
    case "LocalStatement":
      return writeLocal(node, scope)
    case "AssignmentStatement":
      return writeAssignment(node, scope)
    case "CallStatement":
      if (!isCall(node.expression)) throw new Error("a statement that is no call")
      return `${writeCall(node.expression, scope)};`
    case "FunctionDeclaration": {
      if (!node.isLocal || node.identifier?.type !== "Identifier")
        throw new Error("a function that is not local")
      const name = scope.declare(node.identifier.name)
      return `const ${name} = ${writeFunction(node, scope)};`
    }
    case "IfStatement":
      return writeIf(node, scope)
    case "ForNumericStatement":
      return writeFor(node, scope)
    case "ForGenericStatement":
      return writeForEach(node, scope)
    case "WhileStatement":
      return `while ($.isTrue(${writeValue(node.condition, scope)})) ${writeInner(node.body, scope)}`
    case "DoStatement":
      return writeInner(node.body, scope)
    case "ReturnStatement":
      return `return [${writeValues(node.arguments, scope)}];`
    case "BreakStatement":
      return "break;"
    default:
      throw new Error(`${node.type} is not known to the Lua of the Redis in memory`)
  }
}

// A local is known only behind its own statement: what it begins with still means what was before.
const writeLocal = ({ variables, init }: LocalStatement, scope: Scope): string => {
  const [only] = variables
  if (variables.length === 1 && init.length === 1 && only !== undefined && init[0] !== undefined) {
    const value = writeValue(init[0], scope)
    return `let ${scope.declare(only.name)} = ${value};`
  }
  const values = writeValues(init, scope)
  const names = variables.map(({ name }) => scope.declare(name))
  return `let [${names.join(", ")}] = [${values}];`
}

const writeAssignment = ({ variables, init }: AssignmentStatement, scope: Scope): string => {
  const [only] = variables
  if (variables.length === 1 && init.length === 1 && only !== undefined && init[0] !== undefined)
    return writeSet(only, writeValue(init[0], scope), scope)
  const sets = variables.map((variable, at) => writeSet(variable, `$values[${at}]`, scope))
  return `{const $values = [${writeValues(init, scope)}]; ${sets.join(" ")}}`
}

const writeSet = (target: AssignmentStatement["variables"][number], value: string, scope: Scope): string => {
  switch (target.type) {
    case "Identifier": {
      const name = scope.find(target.name)
      if (name === null) throw new Error(`script attempted to create global variable '${target.name}'`)
      return `${name} = ${value};`
    }
    case "MemberExpression":
      return `$.assign(${writeValue(target.base, scope)}, ${JSON.stringify(target.identifier.name)}, ${value});`
    case "IndexExpression":
      return `$.assign(${writeValue(target.base, scope)}, ${writeValue(target.index, scope)}, ${value});`
    default:
      throw new Error("an assignment to what is no variable")
  }
}

const writeIf = ({ clauses }: IfStatement, scope: Scope): string =>
  clauses
    .map(clause =>
      clause.type === "ElseClause"
        ? writeInner(clause.body, scope)
        : `if ($.isTrue(${writeValue(clause.condition, scope)})) ${writeInner(clause.body, scope)}`,
    )
    .join(" else ")

const writeFor = ({ variable, start, end, step, body }: ForNumericStatement, scope: Scope): string => {
  const [from, to, by] = [start, end, step].map(node => (node === null ? "1" : writeValue(node, scope)))
  const inner = scope.inner()
  const name = inner.declare(variable.name)
  return `for (const ${name} of $.count(${from}, ${to}, ${by})) {${writeBlock(body, inner)}}`
}

const writeForEach = ({ variables, iterators, body }: ForGenericStatement, scope: Scope): string => {
  const source = writeValues(iterators, scope)
  const inner = scope.inner()
  const names = variables.map(({ name }: Identifier) => inner.declare(name))
  return `for (const [${names.join(", ")}] of $.each(${source})) {${writeBlock(body, inner)}}`
}
