/** Room for the largest patch that the fast lane allows, with the thinking before it. */
const sparkTokens = 8_192

/**
 * The most that a model may write in one answer, where that is to be said: the small rate buckets of Spark models count what was asked
 * for, whether it is written or not.
 */
export const outputCap = (model: string): { maxOutputTokens?: number } =>
  /spark/i.test(model) ? { maxOutputTokens: sparkTokens } : {}
