/** A repository's owner and name, as its address has them. */
export type RepositoryName = { owner: string; name: string }

/** The host whose repositories an API serves: `github.com` has one of its own, an Enterprise Server is its own. */
export const hostOfApi = (apiUrl: string): string => {
  const { hostname } = new URL(apiUrl)
  return hostname.replace(/^api\.(?=github\.com$|[^.]+\.ghe\.com$)/, "")
}

const scp = /^git@([^:/]+):(.+)$/
const twoNames = /^\/?([A-Za-z0-9][A-Za-z0-9-]{0,99})\/([A-Za-z0-9._-]{1,100}?)(?:\.git)?\/?$/

/** Which repository a repo's source is at the host of this API; null when it lies somewhere else. */
export const repositoryOf = (source: string, apiUrl: string): RepositoryName | null => {
  const [, scpHost, scpPath] = scp.exec(source) ?? []
  const url = scpHost === undefined && /^(?:https|ssh):/.test(source) ? URL.parse(source) : null
  const host = scpHost ?? url?.hostname
  if (host !== hostOfApi(apiUrl)) return null
  const [, owner, name] = twoNames.exec(scpPath ?? url?.pathname ?? "") ?? []
  return owner === undefined || name === undefined ? null : { owner, name }
}
