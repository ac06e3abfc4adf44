/** What a Lua program works with: `undefined` is its nil. */
export type LuaValue = undefined | null | boolean | number | string | LuaTable | LuaFunction

/** A function takes any number of values, and gives any number. */
export type LuaFunction = (...args: LuaValue[]) => LuaValue[]

/** A table: its items from 1 on without a gap, and all other fields. */
export type LuaTable = { items: LuaValue[]; fields: Map<LuaValue, LuaValue> }

/** Whether a value is a table. */
export const isTable = (value: LuaValue): value is LuaTable => typeof value === "object" && value !== null

/** Makes a table of items, which may have gaps, and of fields. */
export const makeTable = (
  items: readonly LuaValue[] = [],
  fields: readonly (readonly [LuaValue, LuaValue])[] = [],
): LuaTable => {
  const table: LuaTable = { items: [], fields: new Map() }
  for (const [index, item] of items.entries()) setIn(table, index + 1, item)
  for (const [name, value] of fields) setIn(table, name, value)
  return table
}

/** A field of a table; nil when it has none. */
export const getFrom = ({ items, fields }: LuaTable, key: LuaValue): LuaValue =>
  typeof key === "number" && key >= 1 && key <= items.length ? items[key - 1] : fields.get(key)

/** Sets a field; nil takes it away. @throws Error when the key is nil. */
export const setIn = (table: LuaTable, key: LuaValue, value: LuaValue): void => {
  const { items, fields } = table
  if (key === undefined) throw new Error("table index is nil")
  if (typeof key !== "number" || !Number.isInteger(key) || key < 1 || key > items.length + 1)
    setField(fields, key, value)
  else if (key === items.length + 1) append(table, value)
  else if (value !== undefined) items[key - 1] = value
  else
    for (const [index, item] of items.splice(key - 1).entries()) if (index > 0) fields.set(key + index, item)
}

const setField = (fields: LuaTable["fields"], key: LuaValue, value: LuaValue): void => {
  if (value === undefined) fields.delete(key)
  else fields.set(key, value)
}

/** What stood beyond a gap joins the items when the gap is filled. */
const append = ({ items, fields }: LuaTable, value: LuaValue): void => {
  if (value === undefined) return
  items.push(value)
  if (fields.size === 0) return
  for (let next = fields.get(items.length + 1); next !== undefined; next = fields.get(items.length + 1)) {
    items.push(next)
    fields.delete(items.length)
  }
}

/** All keys that a table has now. */
export const keysOf = ({ items, fields }: LuaTable): LuaValue[] => [
  ...items.map((_, index) => index + 1),
  ...fields.keys(),
]
