/** `-s a b "prompt"` gives the scope every word: without others, the last one is the prompt. Null: there is none. */
export const takePrompt = <Options extends { scope?: string[] | undefined }>(
  words: readonly string[],
  options: Options,
): { prompt: string | null; options: Options } => {
  const { scope = [] } = options
  if (words.length > 0 || scope.length < 2)
    return { prompt: words.length === 0 ? null : words.join(" "), options }
  return { prompt: scope.at(-1) ?? null, options: { ...options, scope: scope.slice(0, -1) } }
}
