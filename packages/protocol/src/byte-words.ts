/** `0 B`, `512 B`, `1.4 KB`, `23 MB`, `1.2 GB`, in powers of 1,024. */
export const byteWords = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1_024 ** power
  const digits = power === 0 || value >= 10 ? 0 : 1
  return `${value.toFixed(digits)} ${["B", "KB", "MB", "GB", "TB"][power]}`
}
