import type { ChangedFile } from "../changed-file.ts"
import { asRecord, packageJson } from "../manifests/package-json.ts"
import { tomlRecord } from "../manifests/toml.ts"

const testSettings =
  /(?:^|\/)(?:(?:vitest|vite|jest|playwright|cypress|karma|ava|wdio|nightwatch|stryker)\.(?:config|conf|workspace|projects)[^/]*\.\w+|\.mocharc[^/]*|\.taprc|pytest\.ini|tox\.ini|setup\.cfg|noxfile\.py|\.rspec|phpunit[^/]*\.xml)$/
const coverageSettings =
  /(?:^|\/)(?:\.nycrc[^/]*|\.c8rc[^/]*|\.coveragerc|\.?codecov\.ya?ml|\.coveralls\.yml|tarpaulin\.toml)$/
const ciSettings =
  /^(?:\.github\/(?:workflows|actions)\/.*|\.gitlab-ci\.yml|\.gitlab\/.*|\.circleci\/.*|\.travis\.yml|Jenkinsfile|azure-pipelines[^/]*\.ya?ml|bitbucket-pipelines\.yml|\.buildkite\/.*|\.drone\.ya?ml|\.woodpecker.*|cloudbuild\.ya?ml|appveyor\.yml)$/i
const hookSettings =
  /^(?:\.husky\/.*|\.githooks\/.*|lefthook\.ya?ml|\.lefthook\.ya?ml|\.pre-commit-config\.yaml|\.lintstagedrc[^/]*)$/

/** What settings of tests, coverage, CI or hooks a changed file touches, in words; null for none. */
export function changedSettings(file: ChangedFile): string | null {
  for (const path of file.from === undefined ? [file.path] : [file.path, file.from]) {
    if (ciSettings.test(path)) return "changes the settings of CI"
    if (hookSettings.test(path)) return "changes hooks"
    if (coverageSettings.test(path)) return "changes the settings of the coverage"
    if (testSettings.test(path)) return "changes the settings of the tests"
  }
  const name = file.path.slice(file.path.lastIndexOf("/") + 1)
  const pick = parts[name]
  if (!pick || file.before === null) return null
  const changed = differing(attempt(pick, file.before), attempt(pick, file.after ?? ""))
  return changed.length === 0 ? null : `changes ${changed.slice(0, 5).join(", ")}`
}

/** Of files that hold more than test settings, the parts that are such, by their name. */
const parts: Readonly<Record<string, (text: string) => Record<string, unknown>>> = {
  "package.json": text => {
    const { scripts, jest, vitest, mocha, ava, nyc, c8, tap, husky } = packageJson(text)
    const each = Object.entries(asRecord(scripts)).map(([name, line]) => [`scripts.${name}`, line])
    return { ...Object.fromEntries(each), jest, vitest, mocha, ava, nyc, c8, tap, husky }
  },
  "pyproject.toml": text => {
    const { pytest, coverage, tox, nox, hatch } = asRecord(tomlRecord(text).tool)
    return {
      "tool.pytest": pytest,
      "tool.coverage": coverage,
      "tool.tox": tox,
      "tool.nox": nox,
      "tool.hatch.envs": asRecord(hatch).envs,
    }
  },
  "Cargo.toml": text => {
    const { test, lib, profile } = tomlRecord(text)
    const { test: libTest, doctest, harness } = asRecord(lib)
    return {
      test,
      "lib.test": libTest,
      "lib.doctest": doctest,
      "lib.harness": harness,
      "profile.test": asRecord(profile).test,
    }
  },
}

function attempt(pick: (text: string) => Record<string, unknown>, text: string): Record<string, unknown> {
  try {
    return text === "" ? {} : pick(text)
  } catch {
    // A file that no longer parses has lost its settings.
    return {}
  }
}

function differing(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].filter(key => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
}
