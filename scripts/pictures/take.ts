import { writeFile } from "node:fs/promises"
import type { OpenPage, TestPage } from "../../apps/dashboard/test/start-page.ts"

/** A picture: where the page is, how it is looked at, and what has to be there before it is taken. */
export type Picture = {
  name: string
  path: string
  look: Parameters<TestPage["open"]>[1]
  ready: (page: OpenPage["page"]) => Promise<unknown>
}

/** Much smaller than a PNG, and not seen to be. */
const quality = 0.85

/** Takes pictures of the page one after another, and writes them as WebP. Whatever a page complains about ends it. */
export const takePictures = async (
  at: TestPage,
  pictures: readonly Picture[],
  folder: string,
): Promise<void> => {
  for (const { name, path, look, ready } of pictures) {
    const { page, errors } = await at.open(path, look)
    // What came drawn shows nothing live.
    await page.getByRole("status").getByText("Live", { exact: true }).waitFor()
    await ready(page)
    await page.evaluate("document.fonts.ready")
    const webp = await toWebp(at, await page.screenshot({ animations: "disabled", caret: "hide" }))
    await writeFile(`${folder}/${name}.webp`, webp)
    console.log(`${name}.webp: ${Math.round(webp.length / 1_024)} KB`)
    if (errors.length > 0) throw new Error(`${name}: ${errors.join("; ")}`)
    await page.context().close()
  }
}

/** The browser is here anyway, and knows how. */
const toWebp = async (at: TestPage, png: Buffer): Promise<Buffer> => {
  const page = await at.browser.newPage()
  const base64 = await page.evaluate<string>(`(async () => {
    const image = new Image()
    image.src = "data:image/png;base64,${png.toString("base64")}"
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height)
    canvas.getContext("2d").drawImage(image, 0, 0)
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: ${quality} })
    return new Promise(done => {
      const reader = new FileReader()
      reader.onload = () => done(reader.result.split(",")[1])
      reader.readAsDataURL(blob)
    })
  })()`)
  await page.close()
  return Buffer.from(base64, "base64")
}
