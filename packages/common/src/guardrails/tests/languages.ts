/** How one language writes tests: patterns over text without comments. `cases` capture the case's name. */
export type TestLanguage = {
  cases: readonly RegExp[]
  assertions: RegExp
  /** Marks that keep a case from running, or others from running with it. */
  disabled: RegExp
  comments: "slash" | "hash"
}

// What these patterns read is the model's: every repetition is bounded, so that no text makes them slow.
const title = /(["'`])((?:\\.|(?!\1)[^\\]){0,300})\1/.source
const chain = String.raw`(?:\s{0,20}\.\s{0,20}\w{1,40}){0,6}`

const javascript: TestLanguage = {
  cases: [
    new RegExp(String.raw`\b(?:it|test|specify|bench)${chain}\s{0,20}\(\s{0,20}${title}`, "g"),
    // `test.each([...])("name"` and its form with a template.
    new RegExp(String.raw`[)\`]\s{0,20}\(\s{0,20}${title}\s{0,20},`, "g"),
  ],
  assertions:
    /\.to(?!(?:String|LowerCase|UpperCase|Fixed|ISOString|JSON|Locale\w{0,20}|Sorted|Reversed|Spliced|Array|Precision|Path)\b)[A-Z]\w{0,60}\s{0,20}\(|\.to\.|\.should\b|\bassert\b(?:\.\w{1,40}){0,3}\s{0,20}\(|\bt\.(?:assert\.)?(?:is|not|like|true|false|truthy|falsy|ok|equal|same|match|regex|throws|rejects|(?:not)?(?:deep|strict|deepStrict)Equal|doesNotThrow|doesNotReject|plan)\w{0,20}\s{0,20}\(/g,
  disabled: new RegExp(
    [
      String.raw`\.(?:skip|only|todo|fails|failing|skipIf|runIf|fixme)\b\s{0,20}[.(]`,
      String.raw`\b(?:xit|xtest|xdescribe|xcontext|fit|fdescribe)\s{0,20}\(`,
      String.raw`\b(?:it|test|describe|suite)\(\s{0,20}${title}\s{0,20},\s{0,20}\{[^{}]{0,200}?\b(?:skip|only|todo)\s{0,20}:`,
    ].join("|"),
    "g",
  ),
  comments: "slash",
}

const python: TestLanguage = {
  cases: [/^[ \t]*(?:async\s+)?def\s+(test\w*)/gm],
  assertions: /^[ \t]*assert\b|\bself\.assert\w+\(|\bpytest\.(?:raises|warns|approx|fail)\(/gm,
  disabled:
    /@(?:pytest\.mark\.|unittest\.|mark\.)?(?:skip\w*|xfail|expectedFailure)\b|\bpytest\.(?:skip|xfail|importorskip)\(|\bself\.skipTest\(|\bSkipTest\b|\b__test__\s*=\s*False|\bcollect_ignore\w*|\bpytest_(?:collection_modifyitems|ignore_collect)\b|\bpytestmark\b/g,
  comments: "hash",
}

const go: TestLanguage = {
  cases: [/^func\s+((?:Test|Fuzz|Example|Benchmark)\w*)\s*\(/gm, /\bt\.Run\(\s*"((?:\\.|[^"\\]){0,500})"/g],
  assertions: /\b[tbf]\.(?:Errorf?|Fatalf?|Fail(?:Now)?)\(|\b(?:assert|require|qt|is)\.\w+\(/g,
  disabled: /\b[tbf]\.Skip(?:f|Now)?\(|\btesting\.Short\(\)/g,
  comments: "slash",
}

const rust: TestLanguage = {
  cases: [
    /#\[(?:\w+::)*(?:test|rstest|test_case)\b[^\]]{0,200}\]\s{0,50}(?:#\[[^\]]{0,200}\]\s{0,50}){0,5}(?:pub\s{1,20})?(?:async\s{1,20})?fn\s{1,20}(\w{1,200})/g,
  ],
  assertions: /\b(?:debug_)?assert\w*!|\bshould_panic\b|\bpanic!/g,
  disabled: /#!?\[(?:ignore\b|cfg\((?:any\(\)|not\(test\)))/g,
  comments: "slash",
}

const jvm: TestLanguage = {
  cases: [
    /@(?:Test|ParameterizedTest|RepeatedTest|Fact|Theory)\b[^{}]{0,300}?\b(?:void|fun|Task)\s{1,20}`?([\w ]{1,200}?)`?\s{0,20}\(/g,
  ],
  assertions: /\b(?:assert\w*|verify|expect\w*|should\w*)\s*[({]|\bAssert\.\w+\(/g,
  disabled: /@(?:Disabled|Ignore)\b|\bSkip\s*=/g,
  comments: "slash",
}

const ruby: TestLanguage = {
  cases: [
    new RegExp(String.raw`^[ \t]*(?:it|test|specify|scenario)\s*\(?\s*${title}`, "gm"),
    /^[ \t]*def\s+(test_\w+)/gm,
  ],
  assertions: /\bexpect\b|\bassert\w*|\brefute\w*|\.should\b|\bmust_\w+/g,
  disabled: /^[ \t]*(?:xit|xdescribe|xcontext|fit|fdescribe|pending|skip)\b|\b(?:skip|pending|focus):/gm,
  comments: "hash",
}

const byExtension: Readonly<Record<string, TestLanguage>> = {
  js: javascript,
  cjs: javascript,
  mjs: javascript,
  jsx: javascript,
  ts: javascript,
  cts: javascript,
  mts: javascript,
  tsx: javascript,
  vue: javascript,
  svelte: javascript,
  py: python,
  go,
  rs: rust,
  java: jvm,
  kt: jvm,
  scala: jvm,
  groovy: jvm,
  cs: jvm,
  rb: ruby,
}

/** The language of a file by its name; undefined for one whose tests we can't read. */
export const languageOf = (path: string): TestLanguage | undefined => byExtension[extensionOf(path)]

const extensionOf = (path: string): string => /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ""

const testNames =
  /(?:^|\/)(?:[^/]+\.(?:test|spec|cy|e2e)\.[cm]?[jt]sx?|__tests__\/.*\.[cm]?[jt]sx?|test_[^/]*\.py|[^/]*_test\.(?:py|go|rb|rs)|[^/]*_spec\.rb|[^/]*(?:Test|Tests|IT|Spec)\.(?:java|kt|scala|groovy|cs))$/

/** Whether a runner takes this file for a test file by its name. */
export const isTestFile = (path: string): boolean => testNames.test(path)

/** Whether this file may hold tests, or what they stand on: by its name, its folder, or since its language has them inline. */
export const mayHoldTests = (path: string): boolean =>
  isTestFile(path) ||
  (/(?:^|\/)(?:tests?|specs?|__tests__|conftest\.py)(?:\/|$)/.test(path) && languageOf(path) !== undefined) ||
  path.endsWith(".rs")
