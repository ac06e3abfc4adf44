import { type ReadReport, type TestFailure, testName, withoutRoot } from "./report.ts"
import { readXml } from "./xml.ts"

type Case = { suites: string[]; attributes: Record<string, string>; ends: Set<string>; message: string }

/** JUnit's XML, as pytest (`xunit1`, which names the files) and node:test write it. */
export const readJunit: ReadReport = ({ text, root }) => {
  const cases = readCases(text)
  if (cases === null) return null
  const failures: TestFailure[] = []
  let passed = 0
  let skipped = 0
  for (const one of cases) {
    if (one.ends.has("skipped")) skipped += 1
    else if (one.ends.has("failure") || one.ends.has("error"))
      failures.push({ name: nameOf(one, root), message: one.message.trim() })
    else if (!isFileItself(one)) passed += 1
  }
  return { passed, failed: failures.length, skipped, failures }
}

function readCases(text: string): Case[] | null {
  const cases: Case[] = []
  const suites: string[] = []
  let whole = false
  let open: Case | null = null
  let reading = false
  for (const piece of readXml(text)) {
    if (piece.type === "text") {
      if (reading && open) open.message += piece.text
    } else if (piece.type === "close") {
      if (piece.name === "testsuite") suites.pop()
      else if (piece.name === "testcase") open = null
      else if (piece.name === "testsuites") whole = true
      reading = false
    } else if (piece.name === "testsuite" && !piece.empty) suites.push(piece.attributes.name ?? "")
    else if (piece.name === "testcase") {
      const one: Case = { suites: [...suites], attributes: piece.attributes, ends: new Set(), message: "" }
      cases.push(one)
      open = piece.empty ? null : one
    } else if (open && ["failure", "error", "skipped"].includes(piece.name)) {
      open.ends.add(piece.name)
      reading = piece.name !== "skipped" && !piece.empty
      if (piece.name !== "skipped" && piece.empty) open.message += piece.attributes.message ?? ""
    }
  }
  return whole ? cases : null
}

/** node:test nests suites; pytest has one suite of its own and says the class in `classname`, after the module. */
function nameOf({ suites, attributes }: Case, root: string): string {
  const file = withoutRoot(attributes.file ?? "", root)
  const name = attributes.name ?? ""
  if (suites[0] !== "pytest") return name === file ? name : testName(file, ...suites, name)
  const module = file.replace(/\.py$/, "").replaceAll("/", ".")
  const classname = attributes.classname ?? ""
  // A file that can't be collected is a case named after it.
  if (module !== "" && module === (classname === "" ? name : `${classname}.${name}`)) return file
  const inner =
    classname === module
      ? ""
      : classname.startsWith(`${module}.`)
        ? classname.slice(module.length + 1)
        : classname
  return testName(file, ...inner.split("."), name)
}

/** node:test reports a file without any test as one that passed. */
const isFileItself = ({ attributes: { file, name } }: Case): boolean =>
  file !== undefined && name !== undefined && (file === name || file.endsWith(`/${name}`))
